"""Situational judgement: best and worst by the key of a panel."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.assessment.kinds.sjt import Judgement
from courseware.assessment.questions import QuestionSource, parse_question

DATA = Judgement.example()[0]


@pytest.mark.parametrize(
    ("response", "fraction"),
    [
        ({"best": "listen", "worst": "blame"}, 1),
        ({"best": "ask", "worst": "blame"}, 0.625),  # 0.2 of 0.8 on one half, all of the other
        ({"best": "ask"}, 0.125),
        ({"best": "blame", "worst": "listen"}, 0),
        ({"best": "listen", "worst": "listen"}, 0.5),
    ],
)
def test_a_choice_gives_its_share_of_the_panel_by_the_largest_share(response: dict[str, str], fraction: float) -> None:
    score = parse_question(DATA).score(response)
    assert score.fraction == pytest.approx(fraction)
    assert sum(part.points for part in score.parts) == DATA["points"]


def test_the_feedback_is_the_one_of_what_was_chosen() -> None:
    remarks = parse_question(DATA).score({"best": "ask", "worst": "blame"}).remarks
    assert [(remark.on, remark.text["en"], remark.right) for remark in remarks] == [("best", "Needed, but not yet.", False), ("worst", "He has one supplier, not two departments.", True)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"listen": {"best": 0.9}}, "options: the shares under 'best' come to 1.1; they must be above 0 and at most 1"),
        ({"blame": {"worst": 0}}, "options: the shares under 'worst' come to 0; they must be above 0 and at most 1"),
        ({"blame": {"worst": 0.5}, "ask": {"worst": 0.5}}, "options.1: 'ask' is called best and worst: a panel so divided gives no key"),
    ],
)
def test_a_key_that_is_none_is_told(changes: dict[str, dict[str, float]], sentence: str) -> None:
    options: list[dict[str, Any]] = [option | changes.get(option["id"], {}) for option in DATA["options"]]
    assert QuestionSource({**DATA, "options": options}, "x").check() == [sentence]
