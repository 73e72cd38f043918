"""The columns of the gradebook, and what is loaded for them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from courseware.compile import Course
from courseware.grading.columns import COLUMNS
from courseware.grading.gradebook import Cell, LearnerWork, Try, counted_try, load
from tests.conftest import NOW
from tests.factories import person
from tests.grading.answers import draft, handed_in, marked, released


def tries(*given: tuple[str, float | None, float | None]) -> list[Try]:
    return [Try(number, status, NOW, False, points, most) for number, (status, points, most) in enumerate(given, 1)]


def fill(name: str, work: str, *given: tuple[str, float | None, float | None]) -> Cell:
    return COLUMNS[name].fill(LearnerWork(1, {work: tries(*given)}), work)


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_every_column_explains_an_empty_cell(name: str) -> None:
    cell = COLUMNS[name].fill(LearnerWork(1), "quiz:m1")
    assert cell.percent is None
    assert cell.why.english()


@pytest.mark.parametrize("name", sorted(set(COLUMNS) - {"total"}))
def test_every_column_of_a_kind_of_work_gives_the_best_try_and_says_so(name: str) -> None:
    cell = fill(name, f"{name}:x", ("released", 5, 10), ("released", 8, 10), ("released", 6, 10))
    assert (cell.percent, cell.work_id) == (80, 2)
    assert "8 of 10" in cell.why.english()


def test_a_single_attempt_is_not_called_the_best_of_several() -> None:
    assert fill("quiz", "quiz:m1", ("released", 15.5, 20)).why.english() == "15.5 of 20 points in the only attempt so far; scored by machine."


def test_of_equal_tries_the_earlier_one_counts() -> None:
    counted = counted_try(tries(("released", 5, 10), ("released", 10, 20)))
    assert counted is not None
    assert counted[0].work_id == 1


@pytest.mark.parametrize(("rule", "percent", "words"), [("first", 50, "the first of 3"), ("last", 60, "the last of 3"), ("mean", 190 / 3, "the mean of 3"), ("best", 80, "the best of 3")])
def test_the_gradebook_counts_the_attempt_that_the_quiz_names(rule: str, percent: float, words: str) -> None:
    work = LearnerWork(1, {"quiz:x": tries(("released", 5, 10), ("released", 8, 10), ("released", 6, 10))}, {"quiz:x": rule})
    cell = COLUMNS["quiz"].fill(work, "quiz:x")
    assert cell.percent == pytest.approx(percent)
    assert words in cell.why.english()
    assert COLUMNS["total"].fill(work, "").percent == cell.percent


def test_an_open_second_attempt_does_not_hide_the_first() -> None:
    assert fill("quiz", "quiz:m1", ("released", 5, 10), ("draft", None, None)).percent == 50


def test_work_without_points_shows_where_it_stands() -> None:
    assert fill("quiz", "quiz:m1", ("draft", None, None)).status == "draft"


def test_a_case_that_is_marked_and_not_released_shows_no_points() -> None:
    cell = fill("case", "case:CS2", ("marked", 6, 8))
    assert (cell.percent, cell.status) == (None, "marked")


def test_so_far_is_the_mean_of_what_counts_each_alike() -> None:
    work = LearnerWork(1, {"quiz:m1": tries(("released", 18, 20)), "scenario:SC31": tries(("released", 1, 2)), "case:CS2": tries(("marked", 8, 8)), "case:CS8": tries(("draft", None, None))})
    cell = COLUMNS["total"].fill(work, "total")
    assert (cell.percent, cell.why.params["count"]) == (70, 2)


def test_what_is_loaded_is_every_try_with_its_newest_points(session: Session, course: Course) -> None:
    late = handed_in(session, course, "lin", due_at=NOW + timedelta(minutes=5))
    released(session, course, marked(session, course, late, level=1))
    marked(session, course, late, level=3)
    draft(session, course, "wuhao")
    lin, wu = person(session, "lin").id, person(session, "wuhao").id
    works = load(session, [lin, wu])
    (one,) = works[lin].tries["case:CS2"]
    assert (one.status, one.points, one.most, one.is_late, one.by_machine) == ("released", 8, 8, True, False)
    assert [attempt.status for attempt in works[wu].tries["case:CS2"]] == ["draft"]


def test_four_statements_load_any_number_of_learners(session: Session, statements: list[str]) -> None:
    ids = [person(session, login).id for login in ("lin", "wuhao", "outsider", "sunjie")]
    for count in (1, 4):
        statements.clear()
        load(session, ids[:count])
        assert len(statements) == 4
