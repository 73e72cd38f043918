"""What questions take from the practice CRM: by seed, pinned, and every fault in a sentence with its place."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from courseware.assessment.kinds import KINDS
from courseware.assessment.kinds.case import INHERITED, Case
from courseware.assessment.practice import Firm, TakeFailed
from courseware.assessment.questions import QuestionSource
from courseware.compile import Course
from courseware.errors import Refused
from courseware.sandbox.console.pool import Pool, Result
from courseware.sandbox.console.scoring import run_to_score


@pytest.fixture(scope="module")
def firm(course: Course) -> Firm:
    return course.firm()


def source(take: dict[str, Any], scenario: str | None = None, **changes: Any) -> QuestionSource:
    sandbox = {"take": take, **({"scenario": scenario} if scenario else {})}
    data = {**KINDS["numeric"].example()[0], "wrong": [], "sandbox": sandbox, "answer": "= figure", "stem": {"en": "How many?"}, "tolerance": 0, **changes}
    return QuestionSource(data, "x")


DAYS = {"vary": {"day": {"range": [1, 28]}}}
OPENED = {"measure": {"take": "count", "value": "id", "rows": {"table": "cases", "where": {"status": "open", "opened_at": {"at_most": "2026-02-{day:02d} 23:59"}}}}}


def test_a_measure_and_a_query_take_the_same_figure(firm: Firm) -> None:
    asked = source({"figure": OPENED, "again": {"sql": "SELECT count(*) FROM cases WHERE status = 'open' AND opened_at <= '2026-02-{day:02d} 23:59'"}}, **DAYS)
    for seed in range(5):
        taken = asked.taken(seed, firm)
        assert taken["figure"] == taken["again"]
        assert asked.resolve(seed, taken).correct() == f"{taken['figure']:g}"


def test_the_data_of_a_scenario_are_those_of_the_seed(firm: Firm) -> None:
    asked = source({"figure": {"calc": "tail"}}, "SC31")
    figures = [asked.taken(seed, firm)["figure"] for seed in range(8)]
    assert len(set(figures)) > 4
    assert figures == [asked.taken(seed, firm)["figure"] for seed in range(8)]


def test_what_the_paper_pinned_counts_whatever_the_data_say_now() -> None:
    assert source({"figure": OPENED}, **DAYS).resolve(1, {"figure": 17}).correct() == "17"


def test_a_question_is_read_without_data_too() -> None:
    assert source({"figure": OPENED}, **DAYS).check() == []
    assert source({"figure": OPENED}, **DAYS).resolve(0).score("1000").fraction == 1, "with stand-ins"


@pytest.mark.parametrize(("take", "path", "said"), [
    ({"figure": {"sql": "SELECT nme FROM accounts"}}, "sandbox.take.figure", "There is no column “nme” in accounts."),
    ({"figure": {"sql": "SELECT id, name FROM accounts LIMIT 1"}}, "sandbox.take.figure", "gives 1 rows of 2 columns; one cell"),
    ({"figure": {"sql": "DELETE FROM accounts"}}, "sandbox.take.figure", "The console only reads"),
    ({"figure": {"calc": "nothing"}}, "sandbox.take.figure", "unknown name"),
    ({"figure": {"measure": {"take": "mean", "value": "effort_min", "rows": {"table": "cases", "where": {"status": "never"}}}}}, "sandbox.take.figure", "no row has what is measured"),
    ({"figure": {"measure": {"take": "count", "value": "id", "rows": {"table": "casess"}}}}, "sandbox.take.figure", "casess"),
    ({"figure": {"sql": "SELECT 5"}}, "sandbox", "1 different right answers over 25 seeds"),
])  # fmt: skip
def test_faults_that_only_the_data_show(firm: Firm, take: dict[str, Any], path: str, said: str) -> None:
    (fault,) = source(take).data_faults(firm, 25)
    assert ".".join(map(str, fault.path)) == path
    assert said in fault.sentence


def test_a_wrong_path_too_near_the_answer_is_told_with_a_seed(firm: Firm) -> None:
    wrong = [{"value": "= figure", "feedback": {"en": "x"}}]
    faults = source({"figure": OPENED}, wrong=wrong, **DAYS).data_faults(firm, 25)
    assert any(fault.path == ("wrong", 0, "value") and "(seed 0)" in fault.sentence for fault in faults)


def test_learners_differ_enough(firm: Firm) -> None:
    assert source({"figure": OPENED}, **DAYS).data_faults(firm, 25) == []


def test_a_take_is_one_of_four_ways() -> None:
    (fault,) = source({"figure": {"sql": "SELECT 1", "calc": "1"}}).check()
    assert fault == "sandbox.take.figure: what is taken is one of `measure`, `calc`, `sql`, `table`"
    assert source({"figure": {"sql": "SELECT 1"}, "typo": {"sqll": "SELECT 1"}}).check()[0].startswith("sandbox.take.typo.sqll: unknown key")


def test_an_unknown_scenario_cannot_be_taken_from(firm: Firm) -> None:
    with pytest.raises(TakeFailed, match="there is no scenario 'SC99'"):
        source({"figure": {"calc": "1"}}, "SC99").taken(1, firm)


def test_where_no_process_is_free_a_paper_is_not_drawn(course: Course) -> None:
    busy = Firm(course.base, {}, lambda *_: Result("refused", was_run=False), "en")
    with pytest.raises(Refused):
        source({"figure": {"sql": "SELECT 1"}}).taken(1, busy)


def test_a_part_of_a_case_takes_nothing() -> None:
    data = Case.example()[0]
    part = {key: value for key, value in KINDS["sql"].example()[0].items() if key not in INHERITED} | {"id": "p9", "points": 1}
    faults = QuestionSource({**data, "parts": [*data["parts"], part]}, "x").check()
    assert any("a part cannot be of kind sql" in fault for fault in faults)


def test_a_query_is_run_by_the_consoles_own_worker(course: Course) -> None:
    assert run_to_score(course.base, (), "SELECT load_extension('x')").status == "refused"
    assert run_to_score(course.base, (), "SELECT count(*) FROM departments").rows[0][0] > 3


def test_a_process_goes_from_one_base_to_another_and_lives(course: Course, tmp_path: Path) -> None:
    """Two revisions of a course may have two bases, and attempts at both are handed in at the same time."""
    pool = Pool(size=1)
    other = replace(course.base, path=Path(shutil.copy(course.base.path, tmp_path / "other.sqlite")))
    try:
        for base in (course.base, other, course.base, other):
            assert pool.run(base, (), "SELECT count(*) FROM cases", asker="x").status == "ok"
    finally:
        pool.close()
