"""Grading: the queue of handed-in answers, one case answer beside its rubric, release. Names stay hidden until release. One answer of a quiz is marking.py's business."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import flask

from courseware.assessment.papers import Paper
from courseware.assessment.questions import Response
from courseware.assessment.rubrics import LEVEL_NAMES, ByRubric, language_of, length
from courseware.errors import Invalid, NotFound, Refused
from courseware.grading import actions, queries, queue
from courseware.grading.access import graded_answer, graded_attempt
from courseware.grading.models import CaseAnswer
from courseware.grading.queries import NO_MARKS, Marks
from courseware.grading.queue import QueueLine
from courseware.grading.rubrics import CaseQuestion, CaseStudy, points
from courseware.i18n import Message, Text, message
from courseware.web.lists import Listing, asked, csv_file, listing
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor

area = Area("grade")

OPEN = ("submitted", "marked", "released")
RELEASED = message("Released. The learner sees the marks now.")
RELEASED_BEFORE = message("This answer was released before; nothing has been changed.")
KINDS = {"case": message("Case studies"), "quiz": message("Quiz answers")}


@dataclass(frozen=True)
class Row:
    """One line of the queue, with what the page shows of it beside the line itself. `earned` is None until there are marks."""

    line: QueueLine
    title: Text
    size: int = 0
    length: Message | None = None
    earned: float | None = None
    most: float = 0.0

    @property
    def address(self) -> str:
        if self.line.kind == "case":
            return flask.url_for("grade.answer", answer_id=self.line.work_id)
        return flask.url_for("marking.answer", attempt_id=self.line.work_id, question_id=self.line.ref)


@dataclass(frozen=True)
class QueuePage:
    rows: Listing[Row]
    works: Mapping[str, Text]
    waiting: int
    marked: int

    @property
    def kinds(self) -> Mapping[str, Message]:
        return KINDS


KEYS = {
    "work": lambda row: (row.line.kind, row.line.ref, row.line.number),
    "status": lambda row: (OPEN.index(row.line.status), row.line.submitted_at),
    "when": lambda row: row.line.submitted_at,
    "late": lambda row: (not row.line.is_late, row.line.submitted_at),
}


@area.get("/grade", policy=instructor)
def index(ctx: Context) -> Result:
    want = asked(ctx.request.args, "kind", "work", "status", sort="status")
    lines = _lines(ctx, want.q)
    titles = {line.ref: title_of(ctx, line) for line in lines}
    rows = [Row(line, titles[line.ref]) for line in lines if _fits(line, titles[line.ref], want.filters, want.q)]
    shown = listing(rows, want, KEYS)
    filled = Listing(_filled(ctx, shown.rows), shown.total, shown.page, shown.pages, shown.asked)
    page = QueuePage(filled, titles, sum(line.is_open for line in lines), sum(line.status == "marked" for line in lines))
    return _csv(filled.rows) if want.is_csv else Page("grade/index.html", page)


def _lines(ctx: Context, q: str = "") -> list[QueueLine]:
    return queue.case_queue(ctx.session, ctx.who, q=q) + queue.answer_queue(ctx.session, ctx.who, q=q)


def title_of(ctx: Context, line: QueueLine) -> Text:
    """The title of the case, or of the quiz that asked the question."""
    known = ctx.course.cases.get(line.ref) if line.kind == "case" else ctx.course.quizzes.get(line.quiz_id)
    return known.title if known else Text({"en": line.ref})


def _fits(line: QueueLine, title: Text, filters: Mapping[str, str], q: str) -> bool:
    is_asked = all(filters.get(name) in (None, value) for name, value in (("kind", line.kind), ("work", line.ref), ("status", line.status)))
    return is_asked and (line.fits or any(q.lower() in text.lower() for text in (line.ref, *title.values())))


def _filled(ctx: Context, rows: Sequence[Row]) -> list[Row]:
    """The rows of one page with length and points: read for these alone."""
    of_cases = {row.line.work_id for row in rows if row.line.kind == "case"}
    of_quizzes = {row.line.work_id for row in rows if row.line.kind == "quiz"}
    texts = queue.texts_of(ctx.session, of_cases) if of_cases else {}
    case_marks = queries.marks_of(ctx.session, of_cases) if of_cases else {}
    answers = queue.answers_of(ctx.session, of_quizzes, {row.line.ref for row in rows}) if of_quizzes else {}
    answer_marks = queries.answer_marks_of(ctx.session, of_quizzes) if of_quizzes else {}
    filled = []
    for row in rows:
        key = (row.line.work_id, row.line.ref)
        if row.line.kind == "case":
            filled.append(_case_row(ctx, row, texts[row.line.work_id], case_marks.get(row.line.work_id, NO_MARKS)))
        else:
            filled.append(_quiz_row(ctx, row, answers[key], answer_marks.get(key, NO_MARKS)))
    return filled


def _case_row(ctx: Context, row: Row, written: tuple[str, str], marks: Marks) -> Row:
    case = ctx.course.cases.get(row.line.ref)
    return Row(row.line, row.title, length(*written), _length(*written), marks.points if marks.levels else None, case.points if case else 0.0)


def _quiz_row(ctx: Context, row: Row, answer: queue.Asked, marks: Marks) -> Row:
    question = answer.paper.question(row.line.ref, ctx.site.revision(answer.paper.revision).questions)
    size, shown = _measured(question.clean(answer.response))
    earned = question.marked(marks.levels).fraction * question.points if isinstance(question, ByRubric) and marks.levels else None
    return Row(row.line, row.title, size, shown, earned, question.points)


def _measured(given: Response) -> tuple[int, Message]:
    """How long an answer is: in words, in characters or in files."""
    if isinstance(given, str):
        return length(given, language_of(given)), _length(given, language_of(given))
    return len(given or ()), message("files: %(count)s", count=len(given or ()))


def _length(text: str, language: str) -> Message:
    count = length(text, language)
    return message("%(count)s characters", count=count) if language == "zh" else message("%(count)s words", count=count)


def _csv(rows: Sequence[Row]) -> Result:
    heads = ("kind", "work", "answer", "of", "learner", "status", "handed in (UTC)", "late", "length", "points", "most")
    cells = [
        (
            row.line.kind, row.line.ref, row.line.number, row.line.of, row.line.person or "", row.line.status, row.line.submitted_at.isoformat(timespec="seconds"),
            "yes" if row.line.is_late else "no", row.size, row.earned, row.most,
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
    def chosen(self) -> list[tuple[int, CaseQuestion]]:
        return [(place, question) for place, question in enumerate(self.case.questions, 1) if question.id in self.answer.questions]

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
    lines = queue.case_queue(ctx.session, ctx.who, case_id=found.case_id)
    place = next(place for place, line in enumerate(lines) if line.work_id == found.id)
    marks = queries.marks_of(ctx.session, [found.id]).get(found.id, NO_MARKS)
    return AnswerPage(
        case=_case(ctx, found),
        answer=found,
        line=lines[place],
        marks=marks,
        typed=marks.levels if typed is None else typed,
        comment=marks.comment if comment is None else comment,
        before=lines[place - 1].work_id if place else None,
        after=lines[place + 1].work_id if place + 1 < len(lines) else None,
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
    lines = queue.case_queue(ctx.session, ctx.who, case_id=found.case_id)
    place = next(place for place, line in enumerate(lines) if line.work_id == found.id)
    number = lines[place].number
    if found.status == "submitted":  # not every criterion has a level
        said = message("Kept. Answer %(number)s counts as marked when every criterion has a level.", number=number)
        return Redirect(flask.url_for("grade.answer", answer_id=found.id), said)
    following = next((line for line in lines[place + 1 :] + lines[:place] if line.is_open), None)
    if following is None:
        return Redirect(flask.url_for("grade.index", work=found.case_id), message("Answer %(number)s is marked. No other answer of this case waits.", number=number))
    return Redirect(flask.url_for("grade.answer", answer_id=following.work_id), message("Answer %(number)s is marked.", number=number))


@dataclass(frozen=True)
class ReleasePage:
    """What a release would do: which answers, how many are left out and why."""

    lines: Sequence[QueueLine]
    titles: Mapping[str, Text]
    unmarked: int
    done: int


@area.post("/grade/release", policy=instructor)
def release(ctx: Context) -> Result:
    """Release a selection of marked answers: first the page that counts them, then, confirmed, the release. An attempt at a quiz is released whole."""
    wanted = {(kind, int(id)) for kind in ("case", "quiz") for id in ctx.request.form.getlist(kind) if id.isascii() and id.isdigit()}
    lines = [line for line in _lines(ctx) if (line.kind, line.work_id) in wanted]
    ready = [line for line in lines if line.may_release]
    if not ready:
        return Redirect(flask.url_for("grade.index"), message("Nothing was released: choose answers that are marked and not yet released."))
    if "confirmed" not in ctx.request.form:
        done = sum(line.status == "released" for line in lines)
        return Page("grade/release.html", ReleasePage(ready, {line.ref: title_of(ctx, line) for line in ready}, len(lines) - len(ready) - done, done))
    works = dict.fromkeys((line.kind, line.work_id) for line in ready)
    released = sum(_release(ctx, id) if kind == "case" else release_attempt(ctx, id) for kind, id in works)
    return Redirect(flask.url_for("grade.index"), message("Released: %(count)s. Their writers see the marks now.", count=released))


@area.post("/grade/<int:answer_id>/release", policy=instructor)
def release_one(ctx: Context, answer_id: int) -> Result:
    return Redirect(flask.url_for("grade.answer", answer_id=answer_id), RELEASED if _release(ctx, answer_id) else RELEASED_BEFORE)


def _release(ctx: Context, answer_id: int) -> bool:
    found = graded_answer(ctx.session, ctx.who, answer_id)
    return actions.release_case(ctx.session, found, case=_case(ctx, found), by=ctx.who, now=ctx.now)


def release_attempt(ctx: Context, attempt_id: int) -> bool:
    """Release a marked attempt at a quiz. False if that was done before."""
    found = graded_attempt(ctx.session, ctx.who, attempt_id)
    paper = Paper.from_json(found.paper)
    questions = ctx.site.revision(paper.revision).questions

    return actions.release_quiz(ctx.session, found, lambda id: paper.question(id, questions), ctx.now, by=ctx.who)
