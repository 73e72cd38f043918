"""Multiple answers: net-correct, and all or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.kinds.multiple import RULES, Multiple
from courseware.assessment.questions import Question, QuestionSource, parse_question


def data(right: str = "ACE", of: str = "ABCDEF", **changes: Any) -> dict[str, Any]:
    options = [{"id": id, "text": {"en": f"text {id}"}, "right": id in right, "feedback": {"en": f"why {id}"}} for id in of]
    return {**Multiple.example()[0], "stem": {"en": "Which fit?"}, "options": options, **changes}


def question(**changes: Any) -> Question:
    return parse_question(data(**changes))


@pytest.mark.parametrize(
    ("ticked", "fraction"),
    [("ACE", 1), ("AC", 2 / 3), ("A", 1 / 3), ("ACB", 1 / 3), ("AB", 0), ("B", 0), ("BDF", 0), ("ABCDEF", 0), ("ACEB", 2 / 3)],
)
def test_each_wrong_tick_takes_back_what_a_right_one_gave(ticked: str, fraction: float) -> None:
    assert question().score(list(ticked)).fraction == pytest.approx(fraction)


def test_ticking_one_right_and_one_wrong_of_two_gives_nothing_as_in_the_table_of_rules() -> None:
    assert question(right="AB", of="ABCD").score(["A", "C"]).fraction == 0


@given(st.sets(st.sampled_from("ABCDEF")), st.sets(st.sampled_from("ABCDEF"), min_size=1))
def test_net_correct_is_its_formula(ticked: set[str], right: set[str]) -> None:
    expected = max(0, (len(ticked & right) - len(ticked - right)) / len(right))
    assert question(right="".join(right)).score(sorted(ticked)).fraction == expected


def test_all_or_nothing_wants_the_exact_set() -> None:
    strict = question(rule="all-or-nothing")
    assert [strict.score(list(ticked)).fraction for ticked in ("ACE", "AC", "ACEB", "")] == [1, 0, 0, 0]
    assert strict.score(["A"]).rule == "all-or-nothing"


def test_a_tick_counts_once_and_unknown_ones_fall_out() -> None:
    assert question().score(["A", "A", "A", "Z", 5]).fraction == pytest.approx(1 / 3)


def test_remarks_are_on_what_was_ticked() -> None:
    assert [(remark.on, remark.right) for remark in question().score(["B", "A"]).remarks] == [("A", True), ("B", False)]


@pytest.mark.parametrize("right", ["", "A", "ABCDEF"])
def test_an_unfit_number_of_right_options_is_a_fault(right: str) -> None:
    assert QuestionSource(data(right), "x").check() == [f"options: {len(right)} of 6 options are right; at least two must be right and one wrong"]


def test_the_number_in_the_stem_is_the_number_of_right_options() -> None:
    assert QuestionSource(data("AB", stem={"en": "Which fit? Tick the three."}), "x").check() == [
        "options: the stem says 'Tick the three' and 2 options are right"
    ]
    assert QuestionSource(data("ABC", stem={"en": "Choose exactly 3."}), "x").check() == []
    assert QuestionSource(data("ABC", stem={"en": "Two firms chose well."}), "x").check() == []


def test_an_unknown_rule_is_refused() -> None:
    assert QuestionSource(data(rule="generous"), "x").check() == [
        "rule: Input should be 'net-correct', 'all-or-nothing', 'weights', 'every-decision', 'coverage' or 'correct-only', not 'generous'"
    ]


# The six rules of the table: A and B are right, C and D wrong.

TABLE = {  # ticked → by rule
    "AC": {"all-or-nothing": 0, "net-correct": 0, "weights": 0, "every-decision": 0.5, "coverage": 0.25, "correct-only": 0},
    "AB": dict.fromkeys(RULES, 1),
    "A": {"all-or-nothing": 0, "net-correct": 0.5, "weights": 0.5, "every-decision": 0.75, "coverage": 0.5, "correct-only": 0.5},
    "ABC": {"all-or-nothing": 0, "net-correct": 0.5, "weights": 0.5, "every-decision": 0.75, "coverage": 2 / 3, "correct-only": 0},
    "ABCD": {"all-or-nothing": 0, "net-correct": 0, "weights": 0, "every-decision": 0.5, "coverage": 0.5, "correct-only": 0},
    "CD": {"all-or-nothing": 0, "net-correct": 0, "weights": 0, "every-decision": 0, "coverage": 0, "correct-only": 0},
    "": dict.fromkeys(RULES, 0),
}


def of_four(rule: str) -> Question:
    changed = data(right="AB", of="ABCD", rule=rule)
    if rule == "weights":
        for option in changed["options"]:
            option["fraction"] = 0.5 if option["right"] else -0.5
    return parse_question(changed)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("ticked", TABLE)
def test_each_rule_gives_what_the_table_says(ticked: str, rule: str) -> None:
    score = of_four(rule).score(list(ticked))
    assert score.fraction == pytest.approx(TABLE[ticked][rule])
    assert score.rule == rule


@given(st.sampled_from(sorted(RULES)), st.sets(st.sampled_from("ABCDEF")), st.sets(st.sampled_from("ABCDEF"), min_size=2, max_size=5))
def test_no_rule_leaves_its_range_and_the_right_set_gives_all(rule: str, ticked: set[str], right: set[str]) -> None:
    asked = question(right="".join(right), rule=rule)
    assert 0 <= asked.score(sorted(ticked)).fraction <= 1
    assert asked.score(sorted(right)).fraction == pytest.approx(1)


def test_thirds_written_with_two_digits_still_give_all() -> None:
    changed = data(rule="weights")
    for option in changed["options"]:
        option |= {"fraction": 0.33} if option["right"] else {}
    assert parse_question(changed).score(list("ACE")).fraction == pytest.approx(1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"A": 0.5}, "options: the fractions of the right options come to 1.16667; they must come to 1"),
        ({"B": 0.5}, "options.1.fraction: a right option has a fraction above 0, a wrong one of 0 or below"),
    ],
)
def test_fractions_that_make_no_sense_are_told(changes: dict[str, float], sentence: str) -> None:
    changed = data(rule="weights")
    for option in changed["options"]:
        option |= {"fraction": changes[option["id"]]} if option["id"] in changes else {}
    assert QuestionSource(changed, "x").check() == [sentence]
    assert "a fraction is for `rule: weights`" in QuestionSource({**changed, "rule": "coverage"}, "x").check()[0]
