"""Categorise and matrix: one of several things beside each of many. What they share with matching is tested there too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.kinds.categorise import Categorise
from courseware.assessment.kinds.matrix import Matrix
from courseware.assessment.questions import QuestionSource, parse_question

CATEGORISE, RIGHT, WRONG = Categorise.example()
MATRIX = Matrix.example()[0]


def test_every_placement_gives_its_share_and_its_own_feedback() -> None:
    score = parse_question(CATEGORISE).score(WRONG)
    assert score.fraction == pytest.approx(2 / 3)
    assert [(part.id, part.fraction, part.points) for part in score.parts] == [("payroll", 1, 1), ("school", 1, 1), ("packing", 0, 1)]
    assert [(remark.on, remark.right) for remark in score.remarks] == [("payroll", True), ("school", True), ("packing", False)]


@given(st.dictionaries(st.sampled_from(["payroll", "school", "packing", "nobody"]), st.sampled_from(["inside", "outside", "nowhere"])))
def test_placements_are_counted_one_by_one(response: dict[str, str]) -> None:
    assert parse_question(CATEGORISE).score(response).fraction == pytest.approx(sum(response.get(id) == key for id, key in RIGHT.items()) / 3)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"category": "nowhere"}, "items.0.category: 'nowhere' is no category; there are inside, outside"),
        ({"category": "outside"}, None),
    ],
)
def test_an_unknown_group_is_told(change: dict[str, Any], sentence: str | None) -> None:
    items = [CATEGORISE["items"][0] | change, *CATEGORISE["items"][1:]]
    assert QuestionSource({**CATEGORISE, "items": items}, "x").check() == ([sentence] if sentence else [])


def test_one_group_for_all_is_a_fault() -> None:
    items = [item | {"category": "inside"} for item in CATEGORISE["items"]]
    assert QuestionSource({**CATEGORISE, "items": items}, "x").check() == ["items: all items belong to one category: then one answer fits all"]


def test_rows_of_a_matrix_give_their_shares_and_an_unknown_column_is_told() -> None:
    assert parse_question(MATRIX).score({"answer": "keep"}).fraction == 0.5
    rows = [MATRIX["rows"][0] | {"column": "maybe"}, MATRIX["rows"][1]]
    assert QuestionSource({**MATRIX, "rows": rows}, "x").check() == ["rows.0.column: 'maybe' is no column; there are keep, broken"]
