"""Likert and reflection: points for answering, whatever is answered."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.kinds import KINDS
from courseware.assessment.kinds.likert import Likert
from courseware.assessment.questions import QuestionSource, parse_question

DATA = Likert.example()[0]
QUESTION = parse_question(DATA)


@pytest.mark.parametrize(
    ("response", "fraction"),
    [
        ({"calm": 4, "notes": 1, "next": "Listen."}, 1),
        ({"calm": "4", "notes": "1"}, 2 / 3),
        ({"next": "Listen."}, 1 / 3),
        ({"calm": 6, "notes": 0, "next": "  "}, 0),
        ({"calm": True, "notes": 2.0, "next": 3}, 0),
    ],
)
def test_each_line_that_is_answered_gives_the_same_share(response: dict[str, Any], fraction: float) -> None:
    score = QUESTION.score(response)
    assert score.fraction == pytest.approx(fraction)
    assert score.rule == "completion"
    assert [part.points for part in score.parts] == [1, 1, 1]


def test_no_step_of_the_scale_is_better_than_another() -> None:
    assert {QUESTION.score({"calm": one, "notes": other, "next": "x"}).fraction for one, other in product(range(1, 6), repeat=2)} == {1.0}


def test_it_gives_no_evidence_and_is_the_only_kind_that_gives_none() -> None:
    assert [name for name in KINDS if not KINDS[name].gives_evidence] == ["likert"]


def test_a_reflection_keeps_its_lines() -> None:
    assert QUESTION.clean({"next": "One.\r\nTwo."}) == {"next": "One.\nTwo."}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"statements": [], "prompts": []}, "statements: nothing is asked: `statements`, `prompts` or both are needed"),
        ({"prompts": [{"id": "calm", "text": {"en": "Why?"}}]}, "prompts.0: the id 'calm' is also that of a statement"),
        ({"scale": {"steps": 9}}, "scale.steps: Input should be less than or equal to 7, not 9"),
    ],
)
def test_a_question_that_asks_nothing_or_twice_is_told(changes: dict[str, Any], sentence: str) -> None:
    assert QuestionSource({**DATA, **changes}, "x").check() == [sentence]


@given(st.dictionaries(st.sampled_from(["calm", "notes", "next"]), st.integers(-2, 9) | st.text(max_size=5)))
def test_no_answer_leaves_the_range_and_a_complete_one_gives_all(response: dict[str, Any]) -> None:
    assert 0 <= QUESTION.score(response).fraction <= 1
    assert QUESTION.score({**QUESTION.correct(), **{key: value for key, value in response.items() if QUESTION.clean({key: value})}}).fraction == 1
