"""Reading quiz files: everything that is wrong is told, with its path."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.assessment.kinds import KINDS
from courseware.assessment.reader import Form, Quiz, read_file, read_form, read_quiz

QUIZ = {
    "id": "m1",
    "title": {"en": "Module 1 quiz"},
    "module": "M1",
    "attempts": 2,
    "behaviour": "deferred",
    "minutes": 40,
    "forms": {"A": "m1-a", "B": "m1-b"},
}
FORM = {"id": "m1-a", "questions": [KINDS[name].example()[0] for name in sorted(KINDS)]}


class Faults(list[tuple[tuple[str | int, ...], str]]):
    def __call__(self, path: tuple[str | int, ...], sentence: str) -> None:
        self.append((path, sentence))


@pytest.fixture
def faults() -> Faults:
    return Faults()


def test_a_quiz_is_read_and_its_time_limit_may_be_left_out(faults: Faults) -> None:
    quiz = read_quiz(QUIZ, "quizzes/m1.yaml", faults)
    assert isinstance(quiz, Quiz)
    assert (quiz.forms, quiz.minutes, quiz.title.to("zh")) == ({"A": "m1-a", "B": "m1-b"}, 40, "Module 1 quiz")
    unlimited = read_quiz({key: value for key, value in QUIZ.items() if key != "minutes"}, "quizzes/m1.yaml", faults)
    assert unlimited is not None
    assert unlimited.minutes is None
    assert faults == []


def test_every_fault_of_a_quiz_is_told_at_once(faults: Faults) -> None:
    assert read_quiz({**QUIZ, "attempts": 0, "behaviour": "guessing", "forms": {}, "extra": 1, "title": "plain"}, "x", faults) is None
    assert {path for path, _ in faults} == {("attempts",), ("behaviour",), ("forms",), ("extra",), ("title",)}


def test_a_form_holds_its_questions_in_order(faults: Faults) -> None:
    form = read_form(FORM, "quizzes/m1-a.yaml", faults)
    assert isinstance(form, Form)
    assert [source.raw["kind"] for source in form.questions] == sorted(KINDS)
    assert {source.file for source in form.questions} == {"quizzes/m1-a.yaml"}
    assert form.question("example-case") is form.questions[0]
    assert form.question("gone") is None
    assert faults == []


def test_broken_questions_are_told_and_left_out(faults: Faults) -> None:
    broken: list[Any] = ["text", {"id": "q", "kind": "multi"}, {**KINDS["choice"].example()[0], "points": -1}]
    form = read_form({"id": "f", "questions": [*broken, *FORM["questions"][2:3]]}, "x", faults)
    assert form is not None
    assert len(form.questions) == 1
    assert [path for path, _ in faults] == [("questions", 0), ("questions", 1, "kind"), ("questions", 2, "points")]
    assert faults[1][1].startswith("question 'q': unknown kind 'multi'; known: case, categorise")


def test_a_question_stands_once_in_a_form(faults: Faults) -> None:
    twice = [dict(KINDS["choice"].example()[0]) for _ in range(2)]
    form = read_form({"id": "f", "questions": twice}, "x", faults)
    assert form is not None
    assert len(form.questions) == 1
    assert faults == [(("questions", 1, "id"), "question 'example-choice' stands twice in this form")]


def test_templates_are_drawn_as_often_as_asked(faults: Faults) -> None:
    template = {**KINDS["choice"].example()[0], "vary": {"n": {"range": [1, 3]}}, "stem": {"en": "{n}"}}
    assert read_form({"id": "f", "questions": [template]}, "x", faults, draws=1)
    assert faults == []
    read_form({"id": "f", "questions": [template]}, "x", faults)
    assert [path for path, _ in faults] == [("questions", 0, "vary")]


def test_the_file_tells_what_it_is(faults: Faults) -> None:
    assert isinstance(read_file(QUIZ, "x", faults), Quiz)
    assert isinstance(read_file(FORM, "x", faults), Form)
    assert faults == []


@pytest.mark.parametrize(
    "data", [None, [], "text", {}, {"questions": 5}, {"questions": []}, {"forms": 5}, {"id": 5, "questions": []}, {1: 2, "forms": {}}]
)
def test_what_is_no_quiz_file_is_told_and_not_raised(faults: Faults, data: Any) -> None:
    assert read_file(data, "x", faults) is None
    assert faults


def test_unknown_keys_of_a_form_are_told(faults: Faults) -> None:
    read_form({**FORM, "title": "x"}, "x", faults)
    assert faults == [(("title",), "unknown key 'title'; a form has id and questions")]
