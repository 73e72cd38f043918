"""Single choice: one right option, all or nothing."""

from __future__ import annotations

from typing import Any

from courseware.assessment.kinds.choice import Choice
from courseware.assessment.questions import QuestionSource, parse_question

DATA = Choice.example()[0]
QUESTION = parse_question(DATA)


def faults(*options: dict[str, Any]) -> list[str]:
    return QuestionSource({**DATA, "options": list(options)}, "x").check()


def option(id: str, right: bool = False, text: str = "") -> dict[str, Any]:
    return {"id": id, "text": {"en": text or f"option {id}"}, "right": right, "feedback": {"en": f"why {id}"}}


def test_the_chosen_options_own_feedback_is_given_and_no_other() -> None:
    (remark,) = QUESTION.score("c").remarks
    assert (remark.on, remark.right) == ("c", False)
    assert remark.text["en"].startswith("Payment makes a buyer")
    assert QUESTION.score("b").remarks[0].right


def test_an_unknown_option_is_no_answer() -> None:
    assert not QUESTION.is_answered("z")
    assert not QUESTION.is_answered(["b"])


def test_exactly_one_option_is_right() -> None:
    assert faults(option("a"), option("b")) == ["options: 0 options are right; a choice needs exactly one"]
    assert faults(option("a", True), option("b", True)) == ["options: 2 options are right; a choice needs exactly one"]


def test_ids_and_texts_are_used_once() -> None:
    assert faults(option("a", True), option("b"), option("b", text="other")) == ["options.2: the id 'b' is used twice"]
    assert faults(option("a", True, "Same  text"), option("b", text="same text"))[0] == "options.1: two options read the same in en: 'same text'"


def test_every_option_needs_feedback() -> None:
    assert faults(option("a", True), {"id": "b", "text": {"en": "b"}}) == ["options.1.feedback: 'feedback' is missing"]


def test_right_is_true_or_false_and_not_a_word() -> None:
    assert faults(option("a", True), {**option("b"), "right": "yes"}) == ["options.1.right: Input should be a valid boolean, not 'yes'"]


def test_an_option_may_give_a_part_of_the_points() -> None:
    data = {**DATA, "rule": "weights", "options": [option("a") | {"fraction": 0.4}, option("b", right=True), option("c")]}
    assert [parse_question(data).score(id).fraction for id in "abc"] == [0.4, 1, 0]


def test_a_fraction_belongs_to_a_wrong_option_under_the_rule_of_weights() -> None:
    sentence = "a fraction (0 to 1) is for an option that is not right, under `rule: weights`"
    assert faults(option("a") | {"fraction": 0.4}, option("b", right=True)) == [f"options.0.fraction: {sentence}"]
    data = {**DATA, "rule": "weights", "options": [option("a"), option("b", right=True) | {"fraction": 0.9}]}
    assert QuestionSource(data, "x").check() == [f"options.1.fraction: {sentence}"]
