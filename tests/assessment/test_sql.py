"""SQL: what a query is worth by each rule, once it was run; running it is asked of pages and of `score`."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.assessment.kinds import KINDS
from courseware.assessment.kinds.sql import LONGEST_QUERY, Sql
from courseware.assessment.questions import QuestionSource, parse_question

RIGHT = {"columns": ["n"], "rows": [[1], [2], [3]]}
WRONG = {"columns": ["n"], "rows": [[7]]}


def sql(found: Any, **changes: Any) -> Sql:
    data = {**KINDS["sql"].example()[0], "wrong": [{"reference": "SELECT 7", "feedback": {"en": "Seven is the fault."}}], **changes}
    question = parse_question({**data, "pinned": {"right": RIGHT, "wrong-0": WRONG}}).with_found({"q": found})
    assert isinstance(question, Sql)
    return question


def rows(*numbers: int, **more: Any) -> dict[str, Any]:
    return {"result": {"columns": ["m"], "rows": [[number] for number in numbers], **more}}


@pytest.mark.parametrize(("found", "changes", "fraction"), [
    (rows(3, 1, 2), {}, 1), (rows(1, 2), {}, 0), (rows(3, 1, 2), {"ordered": True}, 0), (rows(3, 1, 2), {"ordered": True, "wrong_order": 0.5}, 0.5),
    (rows(1, 2, 3, 3), {}, 0), (rows(1, 2, 3, 3), {"distinct": True}, 1), (rows(1, 2, 3, is_cut=True), {}, 0),
    (rows(1, 2), {"rule": "rows-f1"}, 0.8), (rows(1, 2, 8), {"rule": "rows-f1"}, 2 / 3), (rows(), {"rule": "rows-f1"}, 0), (rows(2, 3), {"rule": "rows-f1", "ordered": True}, 0.8),
    ({"message": ["Stopped.", {}]}, {"rule": "rows-f1"}, 0),
])  # fmt: skip
def test_rules(found: Any, changes: dict[str, Any], fraction: float) -> None:
    assert sql(found, **changes).score("q").fraction == pytest.approx(fraction)


def test_a_known_mistake_gets_its_feedback_and_other_faults_the_general_one() -> None:
    assert sql(rows(7)).score("q").remarks[0].text["en"] == "Seven is the fault."
    question = sql(rows(8))
    assert question.score("q").remarks[0].text == question.feedback


def test_a_query_that_was_not_run_is_worth_nothing_unless_it_is_the_reference() -> None:
    question = sql(rows(1, 2, 3))
    assert question.score("SELECT another").fraction == 0
    assert question.score(f"  {question.reference} ; ").fraction == 1


def test_what_the_console_said_is_kept_with_the_answer() -> None:
    said = sql({"message": ["There is no table “%(name)s”.", {"name": "acounts"}]}).said("q")
    assert said is not None
    assert said.english() == "There is no table “acounts”."


def test_only_a_text_is_an_answer() -> None:
    question = sql(rows())
    assert question.clean({"sql": "q", "found": rows(1, 2, 3)}) is None
    assert len(question.clean("x" * 50_000) or "") == LONGEST_QUERY
    assert question.read({"q": ["SELECT 1\r\nFROM cases"]}, "q") == "SELECT 1\nFROM cases"


def test_faults_of_the_pinned_rows_are_found() -> None:
    data = KINDS["sql"].example()[0]
    same = parse_question({**data, "wrong": [{"reference": "SELECT 1", "feedback": {"en": "x"}}], "pinned": {"right": RIGHT, "wrong-0": RIGHT}})
    assert [str(fault) for fault in same.faults()] == ["wrong.0.reference: the wrong path gives the same rows as the reference"]
    empty = parse_question({**data, "pinned": {"right": {"columns": ["n"], "rows": []}}})
    assert [fault.path for fault in empty.faults()] == [("reference",)]
    assert QuestionSource({**data, "wrong_order": 0.5}, "x").check() == ["wrong_order: `wrong_order` is for `ordered: true`"]
