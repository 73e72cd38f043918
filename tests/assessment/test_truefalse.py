"""True or false: all or nothing."""

from __future__ import annotations

import pytest

from courseware.assessment.kinds.truefalse import TrueFalse
from courseware.assessment.questions import QuestionSource, parse_question

DATA = TrueFalse.example()[0]


@pytest.mark.parametrize("answer", [True, False])
def test_the_right_verdict_gives_all_and_each_verdict_has_its_feedback(answer: bool) -> None:
    question = parse_question({**DATA, "answer": answer})
    right, wrong = (question.score(str(verdict).lower()) for verdict in (answer, not answer))
    assert (right.fraction, wrong.fraction) == (1, 0)
    assert right.remarks[0].text["en"] == DATA["feedback"]["right"]["en"]
    assert wrong.remarks[0].text["en"] == DATA["feedback"]["wrong"]["en"]


def test_a_json_boolean_is_a_verdict_too() -> None:
    assert parse_question(DATA).score(True).fraction == 1


def test_nothing_is_shuffled() -> None:
    assert parse_question(DATA).shuffled == ()


def test_the_answer_is_no_word_and_feedback_differs() -> None:
    assert QuestionSource({**DATA, "answer": "yes"}, "x").check()[0].startswith("answer: ")
    same = {"right": {"en": "Because."}, "wrong": {"en": "Because."}}
    assert QuestionSource({**DATA, "feedback": same}, "x").check() == ["feedback: right and wrong verdicts get the same feedback"]
