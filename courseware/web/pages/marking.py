"""Marking one answer of a quiz beside its rubric, then the next one to the same question. The queue and the release of several are grade.py's business."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import flask

from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.queries import Settled, settled_answers
from courseware.assessment.questions import Response
from courseware.assessment.rubrics import LEVEL_NAMES, ByRubric, language_of, length
from courseware.assessment.uploads import Kept, files_of
from courseware.errors import Invalid, NotFound, Refused
from courseware.grading import actions, queries, queue
from courseware.grading.access import graded_attempt
from courseware.grading.handing_in import releases
from courseware.grading.queries import NO_MARKS, Marks
from courseware.grading.queue import QueueLine
from courseware.i18n import Message, Text, message
from courseware.web.pages.grade import RELEASED, RELEASED_BEFORE, release_attempt
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor

area = Area("marking")


@dataclass(frozen=True)
class AnswerPage:
    """One answer of a quiz beside its rubric. `typed` and `comment` are what stands in the form: the newest marks, or what was just sent and refused."""

    attempt: QuizAttempt
    title: Text
    question: ByRubric
    line: QueueLine
    response: Response
    files: Sequence[Kept]
    marks: Marks
    typed: Mapping[str, int]
    comment: str
    before: QueueLine | None
    after: QueueLine | None
    problem: Message | None = None

    @property
    def text(self) -> str:
        return self.response if isinstance(self.response, str) else ""

    @property
    def language(self) -> str:
        return language_of(self.text)

    @property
    def size(self) -> int:
        return length(self.text, self.language)

    @property
    def asked_size(self) -> tuple[int, int] | None:
        words: Mapping[str, tuple[int, int]] = getattr(self.question, "words", {})
        return words.get(self.language)

    @property
    def level_names(self) -> tuple[Text, ...]:
        return LEVEL_NAMES

    @property
    def points(self) -> str:
        return f"{self.question.marked(self.typed).fraction * self.question.points:g}"

    @property
    def unset(self) -> int:
        return sum(criterion.id not in self.typed for criterion in self.question.criteria)


@area.get("/grade/attempts/<int:attempt_id>/<question_id>", policy=instructor)
def answer(ctx: Context, attempt_id: int, question_id: str) -> Result:
    return Page("grade/question.html", _page(ctx, graded_attempt(ctx.session, ctx.who, attempt_id), question_id))


def _question(ctx: Context, attempt: QuizAttempt, question_id: str) -> ByRubric:
    """The question as its paper asked it: its rubric is the one that stands."""
    paper = Paper.from_json(attempt.paper)
    question = None if paper.place(question_id) is None else paper.question(question_id, ctx.site.revision(paper.revision).questions)
    if not isinstance(question, ByRubric):
        raise NotFound
    return question


def _page(ctx: Context, attempt: QuizAttempt, question_id: str, typed: Mapping[str, int] | None = None, comment: str | None = None, problem: Message | None = None) -> AnswerPage:
    question = _question(ctx, attempt, question_id)
    lines, place = _place(ctx, attempt.id, question_id)
    settled: Settled = settled_answers(ctx.session, attempt.id)[question_id]
    marks = queries.answer_marks_of(ctx.session, [attempt.id]).get((attempt.id, question_id), NO_MARKS)
    return AnswerPage(
        attempt=attempt,
        title=ctx.site.revision(attempt.paper["revision"]).quizzes[attempt.quiz_id].title,
        question=question,
        line=lines[place],
        response=question.clean(settled.response),
        files=files_of(ctx.session, attempt.id, {question_id: settled.response})[question_id],
        marks=marks,
        typed=marks.levels if typed is None else typed,
        comment=marks.comment if comment is None else comment,
        before=lines[place - 1] if place else None,
        after=lines[place + 1] if place + 1 < len(lines) else None,
        problem=problem,
    )


def _place(ctx: Context, attempt_id: int, question_id: str) -> tuple[list[QueueLine], int]:
    """All answers to a question that one may mark, and the place of this one among them."""
    lines = queue.answer_queue(ctx.session, ctx.who, question_id=question_id)
    place = next((place for place, line in enumerate(lines) if line.work_id == attempt_id), None)
    if place is None:  # nothing was answered, so nobody marks it
        raise NotFound
    return lines, place


@area.post("/grade/attempts/<int:attempt_id>/<question_id>", policy=instructor)
def mark(ctx: Context, attempt_id: int, question_id: str) -> Result:
    """Keep the levels and the comment, then go on to the next answer to this question that waits. What is refused stands in the form again."""
    found = graded_attempt(ctx.session, ctx.who, attempt_id)
    question, form = _question(ctx, found, question_id), ctx.request.form
    typed = {row.id: int(value) for row in question.criteria if re.fullmatch("[0-3]", value := form.get(f"level.{row.id}", ""))}
    comment = form.get("comment", "").replace("\r\n", "\n").strip()
    try:
        actions.mark_answer(ctx.session, found, question=question, levels=typed, comment=comment, seen=form.get("seen", -1, type=int), by=ctx.who, now=ctx.now)
    except (Refused, Invalid) as problem:
        return Page("grade/question.html", _page(ctx, found, question_id, typed, comment, problem.message), problem.status)
    if found.status == "marked" and _releases_at_once(ctx, found):
        release_attempt(ctx, attempt_id)
    return _onward(ctx, found, question_id)


def _releases_at_once(ctx: Context, attempt: QuizAttempt) -> bool:
    """Whether the quiz says that the last mark releases, and its review options let the marks be seen by now."""
    return releases(ctx.session, attempt, ctx.now) and ctx.site.revision(attempt.paper["revision"]).quizzes[attempt.quiz_id].release == "when-marked"


def _onward(ctx: Context, attempt: QuizAttempt, question_id: str) -> Redirect:
    lines, place = _place(ctx, attempt.id, question_id)
    number = lines[place].number
    if lines[place].is_open:  # not every criterion has a level
        said = message("Kept. Answer %(number)s counts as marked when every criterion has a level.", number=number)
        return Redirect(flask.url_for("marking.answer", attempt_id=attempt.id, question_id=question_id), said)
    following = next((line for line in lines[place + 1 :] + lines[:place] if line.is_open), None)
    if following is None:
        return Redirect(flask.url_for("grade.index", work=question_id), message("Answer %(number)s is marked. No other answer to this question waits.", number=number))
    to = flask.url_for("marking.answer", attempt_id=following.work_id, question_id=question_id)
    return Redirect(to, message("Answer %(number)s is marked.", number=number))


@area.post("/grade/attempts/<int:attempt_id>/<question_id>/release", policy=instructor)
def release_one(ctx: Context, attempt_id: int, question_id: str) -> Result:
    """Release the attempt this answer belongs to."""
    to = flask.url_for("marking.answer", attempt_id=attempt_id, question_id=question_id)
    return Redirect(to, RELEASED if release_attempt(ctx, attempt_id) else RELEASED_BEFORE)
