"""Matching: right pairs by pairs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.kinds.matching import Matching
from courseware.assessment.questions import QuestionSource, parse_question


def data(pairs: dict[str, str], right: str) -> dict[str, Any]:
    left = [{"id": id, "text": {"en": f"left {id}"}, "match": match, "feedback": {"en": f"why {id}"}} for id, match in pairs.items()]
    return {**Matching.example()[0], "left": left, "right": [{"id": id, "text": {"en": f"right {id}"}} for id in right]}


FOUR = data({"a": "P", "b": "Q", "c": "R", "d": "Q"}, "PQRST")


@pytest.mark.parametrize(
    ("response", "fraction"),
    [
        ({"a": "P", "b": "Q", "c": "R", "d": "Q"}, 1),
        ({"a": "P", "b": "P", "c": "R"}, 0.5),
        ({"d": "Q"}, 0.25),
        ({"a": "S", "b": "S", "c": "S", "d": "S"}, 0),
        ({"a": "P", "z": "P", "b": ["Q"], "c": "nothing"}, 0.25),
    ],
)
def test_every_right_pair_gives_the_same_share(response: dict[str, Any], fraction: float) -> None:
    assert parse_question(FOUR).score(response).fraction == fraction


def test_each_pair_is_a_part_with_its_points_and_feedback() -> None:
    score = parse_question(FOUR).score({"a": "P", "b": "S"})
    assert [(part.id, part.fraction, part.points) for part in score.parts] == [("a", 1, 1), ("b", 0, 1), ("c", 0, 1), ("d", 0, 1)]
    assert [(remark.on, remark.text["en"], remark.right) for remark in score.remarks] == [("a", "why a", True), ("b", "why b", False)]


def test_a_partner_that_does_not_exist_is_a_fault() -> None:
    faults = QuestionSource(data({"a": "P", "b": "X"}, "PQR"), "x").check()
    assert faults == ["left.1.match: 'X' is no right side; there are P, Q, R"]


def test_two_right_sides_must_stay_over() -> None:
    assert QuestionSource(data({"a": "P", "b": "Q"}, "PQR"), "x").check() == ["right: 1 right sides stay over; at least 2 are needed"]
    assert QuestionSource(data({"a": "P", "b": "P"}, "PQR"), "x").check() == []


def test_ids_are_used_once_on_a_side() -> None:
    assert "right.4: the id 'P' is used twice" in QuestionSource(data({"a": "P", "b": "Q"}, "PQRSP"), "x").check()


@given(st.dictionaries(st.sampled_from("abcdz"), st.sampled_from("PQRSTX")), st.permutations("abcd"))
def test_no_response_leaves_the_range_and_the_pairs_count_in_any_order(response: dict[str, str], order: list[str]) -> None:
    question = parse_question(FOUR)
    assert 0 <= question.score(response).fraction <= 1
    assert question.score(dict(reversed(response.items()))) == question.score(response)
    assert question.score({id: question.correct()[id] for id in order}).fraction == 1
