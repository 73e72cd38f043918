"""Grading: the queue of handed-in case answers, one answer beside its rubric, release. Names stay hidden until release."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import flask
from sqlalchemy.orm import Session

from courseware.errors import Invalid, NotFound, Refused
from courseware.grading import actions, queries
from courseware.grading.access import graded_answer
from courseware.grading.models import CaseAnswer
from courseware.grading.queries import NO_MARKS, Marks, QueueLine
from courseware.grading.rubrics import LEVEL_NAMES, CaseQuestion, CaseStudy, length, points
from courseware.i18n import Message, Text, message
from courseware.web.lists import Listing, asked, csv_file, listing
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor

area = Area("grade")

OPEN = ("submitted", "marked", "released")


@dataclass(frozen=True)
class Row:
    """One line of the queue, with what the page shows of it beside the line itself."""

    line: QueueLine
    title: Text
    most: float
    size: int = 0
    language: str = "en"
    marks: Marks = NO_MARKS


@dataclass(frozen=True)
class QueuePage:
    rows: Listing[Row]
    cases: Mapping[str, Text]
    waiting: int
    marked: int


KEYS = {
    "case": lambda row: (row.line.case_id, row.line.number),
    "status": lambda row: (OPEN.index(row.line.status), row.line.submitted_at),
    "when": lambda row: row.line.submitted_at,
    "late": lambda row: (not row.line.is_late, row.line.submitted_at),
}


@area.get("/grade", policy=instructor)
def index(ctx: Context) -> Result:
    want = asked(ctx.request.args, "case", "status", sort="status")
    lines = queries.queue(ctx.session, ctx.who, q=want.q)
    titles = {line.case_id: _title(ctx, line.case_id) for line in lines}
    cases = ctx.course.cases
    rows = [Row(line, titles[line.case_id], cases[line.case_id].points if line.case_id in cases else 0.0) for line in lines if _fits(line, titles, want.filters, want.q)]
    shown = listing(rows, want, KEYS)
    page = QueuePage(_filled(ctx.session, shown), titles, sum(line.status == "submitted" for line in lines), sum(line.status == "marked" for line in lines))
    return _csv(ctx, page.rows.rows) if want.is_csv else Page("grade/index.html", page)


def _title(ctx: Context, case_id: str) -> Text:
    return ctx.course.cases[case_id].title if case_id in ctx.course.cases else Text({"en": case_id})


def _fits(line: QueueLine, titles: Mapping[str, Text], filters: Mapping[str, str], q: str) -> bool:
    right_case = filters.get("case") in (None, line.case_id)
    right_status = filters.get("status") in (None, line.status)
    return right_case and right_status and (line.fits or any(q.lower() in title.lower() for title in (line.case_id, *titles[line.case_id].values())))


def _filled(session: Session, shown: Listing[Row]) -> Listing[Row]:
    """The rows of one page with length and marks: read for these alone."""
    ids = [row.line.answer_id for row in shown.rows]
    texts, marks = queries.texts_of(session, ids), queries.marks_of(session, ids)
    rows = [
        Row(row.line, row.title, row.most, length(*texts[row.line.answer_id]), texts[row.line.answer_id][1], marks.get(row.line.answer_id, NO_MARKS)) for row in shown.rows
    ]
    return Listing(rows, shown.total, shown.page, shown.pages, shown.asked)


def _csv(ctx: Context, rows: Sequence[Row]) -> Result:
    heads = ("case", "answer", "of", "learner", "status", "handed in (UTC)", "late", "length", "points", "most")
    cells = [
        (
            row.line.case_id, row.line.number, row.line.of, row.line.person or "", row.line.status, row.line.submitted_at.isoformat(timespec="seconds"),
            "yes" if row.line.is_late else "no", row.size, row.marks.points if row.marks.levels else "", row.most,
        )
        for row in rows
    ]  # fmt: skip
    return csv_file("answers", heads, cells)


@dataclass(frozen=True)
class AnswerPage:
    """One answer beside its rubric. `typed` and `comment` are what stands in the form: the newest marks, or what was just sent and refused."""

    case: CaseStudy
    answer: CaseAnswer
    line: QueueLine
    marks: Marks
    typed: Mapping[str, int]
    comment: str
    before: int | None
    after: int | None
    waiting: int
    problem: Message | None = None

    @property
    def size(self) -> int:
        return length(self.answer.text, self.answer.language)

    @property
    def asked_size(self) -> tuple[int, int]:
        return self.case.words.get(self.answer.language) or self.case.words["en"]

    @property
    def paragraphs(self) -> list[str]:
        return [line for line in self.answer.text.split("\n") if line.strip()]

    @property
    def chosen(self) -> list[tuple[int, CaseQuestion]]:
        return [(place, question) for place, question in enumerate(self.case.questions, 1) if question.id in self.answer.questions]

    @property
    def letters(self) -> str:
        return "abcdefghij"[: len(self.case.criteria)]

    @property
    def level_names(self) -> tuple[Text, ...]:
        return LEVEL_NAMES

    @property
    def points(self) -> str:
        return f"{sum(points(level) for level in self.typed.values()):g}"

    @property
    def unset(self) -> int:
        return sum(criterion.id not in self.typed for criterion in self.case.criteria)


@area.get("/grade/<int:answer_id>", policy=instructor)
def answer(ctx: Context, answer_id: int) -> Result:
    found = graded_answer(ctx.session, ctx.who, answer_id)
    return Page("grade/answer.html", _page(ctx, found))


def _case(ctx: Context, found: CaseAnswer) -> CaseStudy:
    """The case in the revision the answer was begun with: its rubric is the one that stands."""
    case = ctx.site.revision(found.revision).cases.get(found.case_id)
    if case is None:
        raise NotFound
    return case


def _page(ctx: Context, found: CaseAnswer, typed: Mapping[str, int] | None = None, comment: str | None = None, problem: Message | None = None) -> AnswerPage:
    lines = queries.queue(ctx.session, ctx.who, case_id=found.case_id)
    place = next(place for place, line in enumerate(lines) if line.answer_id == found.id)
    marks = queries.marks_of(ctx.session, [found.id]).get(found.id, NO_MARKS)
    return AnswerPage(
        case=_case(ctx, found),
        answer=found,
        line=lines[place],
        marks=marks,
        typed=marks.levels if typed is None else typed,
        comment=marks.comment if comment is None else comment,
        before=lines[place - 1].answer_id if place else None,
        after=lines[place + 1].answer_id if place + 1 < len(lines) else None,
        waiting=sum(line.is_open for line in lines),
        problem=problem,
    )


@area.post("/grade/<int:answer_id>", policy=instructor)
def mark(ctx: Context, answer_id: int) -> Result:
    """Keep the levels and the comment, then go on to the next answer that waits. What is refused stands in the form again."""
    found = graded_answer(ctx.session, ctx.who, answer_id)
    case, form = _case(ctx, found), ctx.request.form
    typed = {criterion.id: int(value) for criterion in case.criteria if re.fullmatch("[0-3]", value := form.get(criterion.id, ""))}
    comment = form.get("comment", "").replace("\r\n", "\n").strip()
    try:
        actions.mark_case(ctx.session, found, case=case, levels=typed, comment=comment, seen=form.get("seen", -1, type=int), by=ctx.who, now=ctx.now)
    except (Refused, Invalid) as problem:
        return Page("grade/answer.html", _page(ctx, found, typed, comment, problem.message), problem.status)
    return _onward(ctx, found)


def _onward(ctx: Context, found: CaseAnswer) -> Redirect:
    lines = queries.queue(ctx.session, ctx.who, case_id=found.case_id)
    place = next(place for place, line in enumerate(lines) if line.answer_id == found.id)
    number = lines[place].number
    if found.status == "submitted":  # not every criterion has a level
        said = message("Kept. Answer %(number)s counts as marked when every criterion has a level.", number=number)
        return Redirect(flask.url_for("grade.answer", answer_id=found.id), said)
    following = next((line for line in lines[place + 1 :] + lines[:place] if line.is_open), None)
    if following is None:
        return Redirect(flask.url_for("grade.index", case=found.case_id), message("Answer %(number)s is marked. No other answer of this case waits.", number=number))
    return Redirect(flask.url_for("grade.answer", answer_id=following.answer_id), message("Answer %(number)s is marked.", number=number))


@dataclass(frozen=True)
class ReleasePage:
    """What a release would do: which answers, how many are left out and why."""

    lines: Sequence[QueueLine]
    titles: Mapping[str, Text]
    unmarked: int
    done: int


@area.post("/grade/release", policy=instructor)
def release(ctx: Context) -> Result:
    """Release a selection of marked answers: first the page that counts them, then, confirmed, the release."""
    wanted = {int(id) for id in ctx.request.form.getlist("answer") if id.isascii() and id.isdigit()}
    lines = [line for line in queries.queue(ctx.session, ctx.who) if line.answer_id in wanted]
    ready = [line for line in lines if line.status == "marked"]
    if not ready:
        return Redirect(flask.url_for("grade.index"), message("Nothing was released: choose answers that are marked and not yet released."))
    if "confirmed" not in ctx.request.form:
        unmarked, done = (sum(line.status == status for line in lines) for status in ("submitted", "released"))
        return Page("grade/release.html", ReleasePage(ready, {line.case_id: _title(ctx, line.case_id) for line in ready}, unmarked, done))
    released = sum(_release(ctx, line.answer_id) for line in ready)
    return Redirect(flask.url_for("grade.index"), message("Released: %(count)s. Their writers see the marks now.", count=released))


@area.post("/grade/<int:answer_id>/release", policy=instructor)
def release_one(ctx: Context, answer_id: int) -> Result:
    said = message("Released. The learner sees the marks now.") if _release(ctx, answer_id) else message("This answer was released before; nothing has been changed.")
    return Redirect(flask.url_for("grade.answer", answer_id=answer_id), said)


def _release(ctx: Context, answer_id: int) -> bool:
    found = graded_answer(ctx.session, ctx.who, answer_id)
    return actions.release_case(ctx.session, found, case=_case(ctx, found), by=ctx.who, now=ctx.now)
