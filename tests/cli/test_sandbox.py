"""The base and the console from a terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from courseware.cli.main import main


def test_the_base_is_built_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "build", "--json", "--output", str(tmp_path / "base.sqlite")]) == 0
    built = json.loads(capsys.readouterr().out)
    assert built["bytes"] == (tmp_path / "base.sqlite").stat().st_size
    assert built["rows"] == sum(built["tables"].values()) > 10_000
    assert len(built["identity"]) == 64


def test_a_query_gives_data_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "sql", "WITH c AS (SELECT id FROM contacts) SELECT count(*) > 100 AS many FROM c", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said.pop("ms") >= 0
    assert said == {"status": "ok", "columns": ["many"], "rows": [[1]], "message": None}


def test_a_query_is_read_from_standard_input_over_a_planted_scenario(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "SELECT count(*) FROM orders WHERE id > 100000"
    monkeypatch.setattr("sys.stdin", io.StringIO(sql))
    assert main(["sandbox", "sql", "-", "--scenario", "SC31", "--seed", "7", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0][0] > 0
    assert main(["sandbox", "sql", sql]) == 0
    assert "rows: 1," in capsys.readouterr().out


def test_what_is_refused_ends_with_1_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "sql", "DROP TABLE contacts", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["status"] == "refused"
    assert "only reads" in said["message"]
    assert main(["sandbox", "sql", "SELECT nme FROM contacts"]) == 1
    assert "Did you mean “name”?" in capsys.readouterr().err
    assert main(["sandbox", "sql", "SELECT 1", "--scenario", "SC00"]) == 1
    assert "SC00" in capsys.readouterr().err
