"""Classes for instructors: learners and code, due dates, the gradebook and its cells, the standing with each objective."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import flask

from courseware import clock
from courseware.compile import Course
from courseware.course.model import Objective
from courseware.errors import Invalid, NotFound
from courseware.grading import queries
from courseware.grading.columns import COLUMNS
from courseware.grading.evidence import Standing
from courseware.grading.gradebook import Cell, LearnerWork, Try, load
from courseware.grading.queries import LEVEL_WORDS, RANK, Entry, Learner
from courseware.i18n import Message, Text, message
from courseware.people.access import class_of
from courseware.people.actions import clear_due, set_due
from courseware.people.models import Class
from courseware.people.queries import ClassLine, classes_taught, due_dates
from courseware.web.lists import Listing, asked, csv_file, listing
from courseware.web.moments import LONGEST, moment_as_typed, read_moment
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor

area = Area("classes")

TOTAL = "total"


@area.get("/classes", policy=instructor)
def index(ctx: Context) -> Result:
    want = asked(ctx.request.args, sort="name")
    keys: dict[str, Callable[[ClassLine], Any]] = {"name": lambda row: row.name, "learners": lambda row: row.learners, "instructor": lambda row: row.instructor}
    rows = [row for row in classes_taught(ctx.session, ctx.who) if _has(want.q, row.name, row.code, row.instructor)]
    return Page("classes/index.html", listing(rows, want, keys))


def _has(q: str, *texts: str) -> bool:
    return not q or any(q.lower() in text.lower() for text in texts)


# Learners and dates


@dataclass(frozen=True)
class DueRow:
    """The date of one piece of work: what is typed, as the form shows it, and what is wrong with it."""

    work: str
    title: Text
    typed: str
    problem: Message | None = None


@dataclass(frozen=True)
class LearnerRow:
    """A learner and how much of the class's work is handed in."""

    learner: Learner
    handed_in: int
    latest: datetime | None


@dataclass(frozen=True)
class ClassPage:
    group: Class
    learners: Listing[LearnerRow]
    works: int
    due: Sequence[DueRow]

    @property
    def has_problem(self) -> bool:
        return any(row.problem for row in self.due)


LEARNER_KEYS: dict[str, Callable[[LearnerRow], Any]] = {
    "name": lambda row: row.learner.name,
    "login": lambda row: row.learner.login,
    "joined": lambda row: row.learner.joined_at,
    "work": lambda row: row.handed_in,
    "latest": lambda row: row.latest,
}


@area.get("/classes/<int:class_id>", policy=instructor)
def show(ctx: Context, class_id: int) -> Result:
    group = class_of(ctx.session, ctx.who, class_id)
    page = _class_page(ctx, group, _due_rows(ctx, group))
    if page.learners.asked.is_csv:
        rows = [(row.learner.name, row.learner.login, _day(ctx, row.learner.joined_at), row.handed_in, page.works) for row in page.learners.rows]
        return csv_file(f"learners-{group.code}", ("name", "sign-in name", "joined", "handed in", "of"), rows)
    return Page("classes/show.html", page)


def _class_page(ctx: Context, group: Class, due: Sequence[DueRow]) -> ClassPage:
    want = asked(ctx.request.args, sort="name")
    learners, works = queries.learners_of(ctx.session, group.id), ctx.course.works
    done = load(ctx.session, [learner.id for learner in learners], ctx.course.counts)
    rows = [_learner_row(learner, done[learner.id], works) for learner in learners if _has(want.q, learner.name, learner.login)]
    return ClassPage(group, listing(rows, want, LEARNER_KEYS), len(works), due)


def _learner_row(learner: Learner, work: LearnerWork, works: Sequence[str]) -> LearnerRow:
    handed_in = [[one.at for one in work.tries.get(ref, ()) if one.status != "draft" and one.at] for ref in works]
    return LearnerRow(learner, sum(bool(times) for times in handed_in), max((at for times in handed_in for at in times), default=None))


def _day(ctx: Context, at: datetime) -> str:
    return clock.local(at, ctx.site.zone).date().isoformat()


def _due_rows(ctx: Context, group: Class) -> list[DueRow]:
    dates = due_dates(ctx.session, class_id=group.id)
    zone = ctx.site.zone
    return [DueRow(work, ctx.course.work_title(work), moment_as_typed(dates.get(work), zone)) for work in ctx.course.works]


@area.post("/classes/<int:class_id>/due", policy=instructor)
def due(ctx: Context, class_id: int) -> Result:
    """Set the dates of all works at once. One that cannot be read stops all, and everything typed stays in the form."""
    group = class_of(ctx.session, ctx.who, class_id)
    stored = {row.work: row for row in _due_rows(ctx, group)}
    rows = [_typed(row, ctx.form.get(f"due-{row.work}", row.typed), ctx.site.zone) for row in stored.values()]
    if any(row.problem for row in rows):
        return Page("classes/show.html", _class_page(ctx, group, rows), 422)
    changed = [row for row in rows if row.typed != stored[row.work].typed]
    for row in changed:
        if at := read_moment(row.typed, ctx.site.zone):
            set_due(ctx.session, class_id=group.id, work=row.work, due_at=at, by=ctx.who, now=ctx.now)
        else:
            clear_due(ctx.session, class_id=group.id, work=row.work)
    said = message("Dates changed: %(count)s. Work already begun keeps the date it was begun with; a case takes the new one.", count=len(changed))
    return Redirect(flask.url_for("classes.show", class_id=group.id) + "#due", said if changed else message("No date was changed."))


def _typed(row: DueRow, typed: str, zone: str) -> DueRow:
    typed = typed.strip()[:LONGEST]
    try:
        read_moment(typed, zone)
    except Invalid as invalid:
        return DueRow(row.work, row.title, typed, invalid.message)
    return DueRow(row.work, row.title, typed)


# Gradebook


@dataclass(frozen=True)
class BookColumn:
    """A column: the work it is about, the kind that fills it, and its title."""

    work: str
    kind: str
    id: str
    title: Text


@dataclass(frozen=True)
class BookRow:
    learner: Learner
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Book:
    """The gradebook of a class: rows by learner, columns by work, the median of each column."""

    group: Class
    columns: Sequence[BookColumn]
    rows: Listing[BookRow]
    medians: Mapping[str, float | None]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """Kinds of work in the order of the columns, each with how many columns stand under it."""
        found: list[tuple[str, int]] = []
        for column in self.columns:
            if found and found[-1][0] == column.kind:
                found[-1] = (column.kind, found[-1][1] + 1)
            else:
                found.append((column.kind, 1))
        return found

    def begins(self, column: BookColumn) -> bool:
        """Whether a column is the first of its kind: there a line is drawn."""
        place = self.columns.index(column)
        return place == 0 or self.columns[place - 1].kind != column.kind


@area.get("/classes/<int:class_id>/gradebook", policy=instructor)
def gradebook(ctx: Context, class_id: int) -> Result:
    group = class_of(ctx.session, ctx.who, class_id)
    want = asked(ctx.request.args, "all", sort="name")
    learners = _learners(ctx, group, want.q)
    works = load(ctx.session, [learner.id for learner in learners], ctx.course.counts)
    at_hand = due_dates(ctx.session, class_id=group.id).keys() | {ref for work in works.values() for ref in work.tries}
    columns = [column for column in _columns(ctx.course) if want.filters.get("all") or column.kind == TOTAL or column.work in at_hand]
    rows = [BookRow(learner, {column.work: COLUMNS[column.kind].fill(works[learner.id], column.work) for column in columns}) for learner in learners]
    keys: dict[str, Callable[[BookRow], Any]] = {"name": lambda row: row.learner.name, **{column.work: _percent_of(column.work) for column in columns}}
    book = Book(group, columns, listing(rows, want, keys, size=None), {column.work: _median(rows, column.work) for column in columns})
    return _book_csv(ctx, book) if want.is_csv else Page("classes/gradebook.html", book)


def _learners(ctx: Context, group: Class, wanted: str) -> list[Learner]:
    return [learner for learner in queries.learners_of(ctx.session, group.id) if _has(wanted, learner.name, learner.login)]


def _columns(course: Course) -> list[BookColumn]:
    works = sorted(course.works, key=lambda work: ("quiz", "scenario", "case").index(work.partition(":")[0]))
    columns = [BookColumn(work, work.partition(":")[0], work.partition(":")[2], course.work_title(work)) for work in works]
    return [*columns, BookColumn(TOTAL, TOTAL, TOTAL, Text({"en": "So far", "zh": "目前"}))]


def _percent_of(work: str) -> Callable[[BookRow], float | None]:
    return lambda row: row.cells[work].percent


def _median(rows: Sequence[BookRow], work: str) -> float | None:
    known = [percent for row in rows if (percent := row.cells[work].percent) is not None]
    return statistics.median(known) if known else None


def _book_csv(ctx: Context, book: Book) -> Result:
    heads = ("learner", "sign-in name", *(f"{column.id.upper()} {column.title.to(ctx.language)} (of 100)" for column in book.columns))
    rows = [(row.learner.name, row.learner.login, *(_csv_cell(row.cells[column.work]) for column in book.columns)) for row in book.rows.rows]
    return csv_file(f"gradebook-{book.group.code}", heads, rows)


def _csv_cell(cell: Cell) -> float | str:
    return round(cell.percent, 1) if cell.percent is not None else cell.status or ""


@dataclass(frozen=True)
class CellPage:
    """Everything one number of the gradebook was made from."""

    group: Class
    learner: Learner
    work: str
    kind: str
    title: Text
    cell: Cell
    tries: Sequence[Try]
    entries: Sequence[Entry]
    parts: Sequence[tuple[str, Text, Cell]]
    hidden: bool

    def address(self, one: Try) -> str | None:
        """Where a try can be read. What a person marks and has not released has no address here: it would tell the name."""
        if self.kind == "quiz":
            return None if one.status in ("draft", "checked", "marked") else f"/attempts/{one.work_id}/result"
        if self.kind == "scenario":
            return None if one.status == "draft" else f"/practise/runs/{one.work_id}/report"
        return flask.url_for("grade.answer", answer_id=one.work_id) if one.status == "released" else None


@area.get("/classes/<int:class_id>/gradebook/<int:person_id>/<work>", policy=instructor)
def cell(ctx: Context, class_id: int, person_id: int, work: str) -> Result:
    """Explain one cell: the sentence, every try, the ledger entries behind it."""
    group = class_of(ctx.session, ctx.who, class_id)
    column = next((column for column in _columns(ctx.course) if column.work == work), None)
    learner = queries.learner_in(ctx.session, group.id, person_id)
    if column is None or learner is None:
        raise NotFound
    done = load(ctx.session, [person_id], ctx.course.counts)[person_id]
    tries = done.tries.get(work, ())
    hidden = column.kind == "case" and any(one.status == "marked" for one in tries)
    entries = [] if hidden or column.kind == TOTAL else queries.entries_of(ctx.session, person_id, work)
    filled = COLUMNS[column.kind].fill(done, work)
    parts = [(other.work, other.title, COLUMNS[other.kind].fill(done, other.work)) for other in _columns(ctx.course) if other.kind != TOTAL] if column.kind == TOTAL else []
    return Page("classes/cell.html", CellPage(group, learner, work, column.kind, column.title, filled, tries, entries, parts, hidden))


# Objectives


@dataclass(frozen=True)
class StandingRow:
    learner: Learner
    standings: Mapping[str, Standing]


@dataclass(frozen=True)
class ObjectivesPage:
    """Learners × objectives; how many stand at which level, by objective."""

    group: Class
    objectives: Sequence[Objective]
    rows: Listing[StandingRow]
    counts: Mapping[str, Mapping[str, int]]
    words: Mapping[Any, Message] = field(default_factory=lambda: LEVEL_WORDS)


@area.get("/classes/<int:class_id>/objectives", policy=instructor)
def objectives(ctx: Context, class_id: int) -> Result:
    group = class_of(ctx.session, ctx.who, class_id)
    want = asked(ctx.request.args, "module", sort="name")
    shown = [one for one in ctx.course.objectives.values() if not one.planned and want.filters.get("module") in (None, one.module)]
    learners = _learners(ctx, group, want.q)
    found = queries.standings_of(ctx.session, [learner.id for learner in learners], ctx.course.objectives)
    rows = [StandingRow(learner, found[learner.id]) for learner in learners]
    keys: dict[str, Callable[[StandingRow], Any]] = {"name": lambda row: row.learner.name, **{one.code: _rank_of(one.code) for one in shown}}
    counts = {one.code: _counts([row.standings[one.code] for row in rows]) for one in shown}
    page = ObjectivesPage(group, shown, listing(rows, want, keys, size=None), counts)
    return _objectives_csv(page) if want.is_csv else Page("classes/objectives.html", page)


def _rank_of(code: str) -> Callable[[StandingRow], Any]:
    def key(row: StandingRow) -> tuple[int, float] | None:
        mastery = row.standings[code].mastery
        return (RANK[mastery.level], mastery.mean) if mastery.mean is not None else None

    return key


def _counts(standings: Sequence[Standing]) -> dict[str, int]:
    return {level.value: sum(one.mastery.level is level for one in standings) for level in LEVEL_WORDS}


def _objectives_csv(page: ObjectivesPage) -> Result:
    heads = ["learner", "sign-in name"]
    for one in page.objectives:
        heads += [one.code, f"{one.code} mean", f"{one.code} low", f"{one.code} high", f"{one.code} points of evidence"]
    rows = []
    for row in page.rows.rows:
        cells: list[Any] = [row.learner.name, row.learner.login]
        for one in page.objectives:
            mastery = row.standings[one.code].mastery
            known = (round(mastery.mean, 3), round(mastery.low, 3), round(mastery.high, 3)) if mastery.mean is not None else ("", "", "")
            cells += [mastery.level.value, *known, mastery.n]
        rows.append(cells)
    return csv_file(f"objectives-{page.group.code}", heads, rows)
