"""`courseware score` of questions about the practice CRM: the data of a seed, and the console's own worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from courseware.assessment.kinds import KINDS
from courseware.cli.main import main


def score(tmp_path: Path, question: Any, response: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    (tmp_path / "question.yaml").write_text(yaml.safe_dump(question, allow_unicode=True))
    (tmp_path / "response.json").write_text(json.dumps({"response": response}))
    assert main(["score", str(tmp_path / "question.yaml"), str(tmp_path / "response.json"), "--seed", "3", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_query_is_run_and_its_rows_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = {**KINDS["sql"].example()[0], "rule": "rows-f1", "reference": "SELECT id, name FROM departments WHERE id <= 4"}
    assert score(tmp_path, question, "SELECT name, id FROM departments WHERE id < 5", capsys)["fraction"] == 1
    assert score(tmp_path, question, "SELECT name, id FROM departments WHERE id < 3", capsys)["fraction"] == pytest.approx(2 * 2 / 6)


def test_what_the_console_says_is_feedback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = score(tmp_path, KINDS["sql"].example()[0], "SELECT nme FROM accounts", capsys)
    assert told["fraction"] == 0
    assert "Did you mean “name”?" in told["feedback"][-1]["text"]


def test_a_figure_from_a_scenario_is_that_of_the_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = {**KINDS["numeric"].example()[0], "wrong": [], "tolerance": 0, "sandbox": {"scenario": "SC31", "take": {"born": {"calc": "year"}}}, "answer": "= born"}
    told = score(tmp_path, {**question, "feedback": {"en": "{born}"}}, "0", capsys)
    year = int(told["feedback"][0]["text"])
    assert 1968 <= year <= 1992
    assert score(tmp_path, question, str(year), capsys)["fraction"] == 1
