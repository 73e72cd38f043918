"""Records: how numbers are read, and the numbers of each rule."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.assessment.kinds import KINDS
from courseware.assessment.kinds.records import Records
from courseware.assessment.questions import QuestionSource, parse_question

FOUR = ["26-C0001", "26-C0002", "26-C0003", "26-C0004"]


def records(**changes: Any) -> Records:
    question = parse_question({**KINDS["records"].example()[0], "numbers": FOUR, **changes})
    assert isinstance(question, Records)
    return question


@pytest.mark.parametrize(("rule", "named", "fraction"), [
    ("net-correct", FOUR[:3], 0.75), ("net-correct", [*FOUR[:3], "26-C0009"], 0.5), ("net-correct", ["26-C0008", "26-C0009"], 0),
    ("all-or-nothing", FOUR, 1), ("all-or-nothing", FOUR[:3], 0), ("all-or-nothing", [*FOUR, "26-C0009"], 0),
    ("coverage", FOUR[:2], 0.5), ("coverage", [*FOUR[:2], "26-C0008", "26-C0009"], 0.25), ("coverage", [*FOUR, "26-C0009"], 0.8),
    ("correct-only", FOUR[:3], 0.75), ("correct-only", [*FOUR, "26-C0009"], 0),
])  # fmt: skip
def test_rules(rule: str, named: list[str], fraction: float) -> None:
    assert records(rule=rule).score(named).fraction == pytest.approx(fraction)


@pytest.mark.parametrize("typed", ["26-C0001, 26-C0002", "26-c0002\n26-c0001", "２６－Ｃ０００１；26–C0002、26-C0001", "  26-C0002 26-C0001 "])
def test_numbers_are_read_as_people_type_them(typed: str) -> None:
    assert set(records().read({"q": [typed]}, "q") or ()) == {"26-C0001", "26-C0002"}


def test_the_order_does_not_matter_and_a_number_counts_once() -> None:
    assert records().score(FOUR[::-1] * 2).fraction == 1


def test_a_wrong_path_is_known_by_its_records() -> None:
    wrong = [{"reference": "SELECT 1", "feedback": {"en": "These are closed."}}]
    question = records(wrong=wrong, pinned={"wrong-0": {"columns": ["no"], "rows": [["26-C0008"], ["26-C0009"]]}})
    assert question.score(["26-C0009", "26-C0008"]).remarks[0].text["en"] == "These are closed."
    assert question.score(["26-C0009"]).remarks[0].text == question.feedback


def test_records_come_from_a_query_or_a_list() -> None:
    data = KINDS["records"].example()[0]
    for changes in ({"reference": "SELECT no FROM cases"}, {"numbers": []}):
        assert QuestionSource({**data, **changes}, "x").check() == ["reference: the records are given by a `reference` query, or listed as `numbers`"]
