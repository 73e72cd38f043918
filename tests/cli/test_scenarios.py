"""Scenarios without a browser: list, prove, run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from courseware.cli.main import main
from courseware.shipped import root

SC31 = root() / "content/scenarios/SC31"
SHIPPED = sorted(folder.name for folder in SC31.parent.iterdir())


def test_every_scenario_is_listed_as_data_and_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "list", "--json"]) == 0
    listed = {scenario["id"]: scenario for scenario in json.loads(capsys.readouterr().out)}
    assert set(listed) == set(SHIPPED)
    for scenario in listed.values():
        assert set(scenario) == {"id", "title", "objectives", "difficulty", "minutes"}
        assert scenario["title"]["en"] and scenario["title"]["zh"] and scenario["objectives"]
    assert main(["scenario", "list"]) == 0
    assert "SC31" in capsys.readouterr().out


@pytest.mark.parametrize("id", ["SC31"])  # the others are proved below the command
def test_the_reference_passes_and_every_near_miss_fails_with_its_own_message(id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "prove", id, "--seeds", "1"]) == 0
    assert capsys.readouterr().out.startswith(f"{id}: the reference passes 1 of 1; each of ")


def test_a_proof_is_data_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "prove", "SC31", "--seeds", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"SC31": {"proved": True, "failures": []}}


def test_a_script_is_played_and_every_finding_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "run", "SC31", "--seed", "3", "--script", str(SC31 / "reference.yaml")]) == 0
    shown = capsys.readouterr().out
    assert "FAILED" not in shown
    assert shown.splitlines()[-1].startswith("passed, ")


def test_a_script_that_does_nothing_does_not_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "nothing.yaml").write_text("[]\n")
    assert main(["scenario", "run", "SC31", "--script", str(tmp_path / "nothing.yaml"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"passed", "points", "findings"}
    assert report["passed"] is False
    assert {finding["passed"] for finding in report["findings"]} >= {False}


def test_a_script_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "script.yaml"
    run = ["scenario", "run", "SC31", "--script", str(script)]
    assert main(run) == 1
    assert "script.yaml" in capsys.readouterr().err
    script.write_text("- do: [\n")
    assert main(run) == 1
    assert f"{script}:2:1: not valid YAML" in capsys.readouterr().err
    script.write_text("- {doo: contact.create}\n")
    assert main(run) == 1
    assert "doo" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["prove", "SC99"], ["run", "SC99", "--script", "x"]])
def test_an_unknown_scenario_is_told_with_the_known_ones(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", *command]) == 1
    assert capsys.readouterr().err == f"courseware: there is no scenario 'SC99'; known: {', '.join(SHIPPED)}\n"
