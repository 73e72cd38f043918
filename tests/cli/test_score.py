"""`courseware score`: a question file and a response, without a school."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from courseware.assessment.kinds import KINDS
from courseware.cli.main import main
from courseware.shipped import root


def score(tmp_path: Path, question: Any, response: Any, *more: str) -> int:
    (tmp_path / "question.yaml").write_text(json.dumps(question))  # JSON is YAML
    (tmp_path / "response.json").write_text(json.dumps({"response": response}))
    return main(["score", str(tmp_path / "question.yaml"), str(tmp_path / "response.json"), *more])


@pytest.mark.parametrize("kind", sorted(kind for kind in KINDS if KINDS[kind].is_marked_by_hand))
def test_what_a_person_marks_is_said_to_wait(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question, right, _ = KINDS[kind].example()
    assert score(tmp_path, question, right, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["fraction"], told["rule"]) == (None, "rubric-four-levels")
    assert {part["fraction"] for part in told["parts"]} == {None}
    assert "waits for a person" in told["feedback"][0]["text"]
    assert score(tmp_path, question, right) == 0
    assert "waits for a person" in capsys.readouterr().out
    assert score(tmp_path, question, None, "--json") == 0
    assert json.loads(capsys.readouterr().out)["fraction"] == 0, "an empty answer waits for nobody"


@pytest.mark.parametrize("kind", sorted(kind for kind in KINDS if not KINDS[kind].is_marked_by_hand))
def test_the_example_of_every_kind_is_scored(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question, right, wrong = KINDS[kind].example()
    assert score(tmp_path, question, right, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"fraction", "rule", "parts", "feedback"}
    assert told["fraction"] == 1
    assert score(tmp_path, question, wrong, "--json") == 0
    assert json.loads(capsys.readouterr().out)["fraction"] < 1
    assert score(tmp_path, question, wrong) == 0
    assert f"rule {told['rule']}" in capsys.readouterr().out


def test_what_only_a_course_needs_may_be_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = {"kind": "truefalse", "stem": {"en": "A customer is who receives."}, "answer": True, "feedback": {"right": {"en": "Yes."}, "wrong": {"en": "No."}}}
    assert score(tmp_path, question, True, "--json") == 0
    assert json.loads(capsys.readouterr().out)["fraction"] == 1


def test_a_question_of_a_form_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "response.json").write_text('{"response": null}')
    form = [str(root() / "quizzes/m1-a.yaml"), str(tmp_path / "response.json")]
    assert main(["score", *form]) == 1
    assert "name it with --question: m1-a-01" in capsys.readouterr().err
    assert main(["score", *form, "--question", "m1-a-01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fraction"] == 0


@pytest.mark.parametrize(("response", "sentence"), [("no json", "not JSON"), ('{"answer": 1}', "is needed, and nothing beside it")])
def test_a_response_that_cannot_be_read_is_told(response: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "response.json").write_text(response)
    (tmp_path / "question.yaml").write_text(json.dumps(KINDS["choice"].example()[0]))
    assert main(["score", str(tmp_path / "question.yaml"), str(tmp_path / "response.json")]) == 1
    assert sentence in capsys.readouterr().err


def test_a_faulty_question_is_told_with_its_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question, right, _ = KINDS["choice"].example()
    assert score(tmp_path, {**question, "options": question["options"][:1]}, right) == 1
    assert "0 options are right" in capsys.readouterr().err
