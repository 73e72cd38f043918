"""The list of quizzes, and the start of an attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import flask

from courseware.assessment import attempts, queries
from courseware.assessment.models import QuizAttempt
from courseware.assessment.queries import Try
from courseware.assessment.reader import Quiz
from courseware.compile import Course
from courseware.course.model import ModuleFile
from courseware.errors import NotFound
from courseware.grading.queries import STATUS_WORDS
from courseware.i18n import Message
from courseware.people.models import Role
from courseware.people.queries import due_dates
from courseware.web.pages.sitting import close
from courseware.web.routing import Area, Context, Page, Redirect, Result, learner, signed_in

area = Area("quiz")


@dataclass(frozen=True)
class QuizLine:
    """One quiz in the list: the reader's attempts at it and the one next step. `step` is start, again, go_on, time_up, read or none."""

    quiz: Quiz
    module: ModuleFile | None
    tries: Sequence[Try]
    questions: int
    most: float
    due_at: datetime | None
    step: str
    is_next: bool = False

    @property
    def newest(self) -> Try | None:
        return self.tries[-1] if self.tries else None

    @property
    def best(self) -> Try | None:
        """The attempt that counts: the one with the highest share of its points, the earlier one of equals."""
        marked = [one for one in self.tries if one.points is not None]
        return max(marked, key=lambda one: ((one.points or 0) / one.most, -one.number)) if marked else None

    @property
    def status(self) -> Message | None:
        return STATUS_WORDS[self.newest.status] if self.newest else None


@area.get("/quizzes", policy=signed_in)
def index(ctx: Context) -> Result:
    course, who = ctx.course, ctx.who
    due = due_dates(ctx.session, person_id=who.id)
    tries: dict[str, list[Try]] = {}
    for one in queries.tries_of(ctx.session, who.id):
        tries.setdefault(one.quiz_id, []).append(one)
    lines = [_line(ctx, course, quiz, tries.get(quiz.id, ()), due.get(f"quiz:{quiz.id}")) for quiz in course.quizzes.values()]
    return Page("quiz/index.html", [replace(line, is_next=line is _first(lines)) for line in lines])


def _first(lines: Sequence[QuizLine]) -> QuizLine | None:
    """The quiz that gets the filled button: one begun, else one never tried, else one that may be tried again."""
    return next((line for step in ("time_up", "go_on", "start", "again") for line in lines if line.step == step), None)


def _line(ctx: Context, course: Course, quiz: Quiz, tries: Sequence[Try], due_at: datetime | None) -> QuizLine:
    letters = sorted(quiz.forms)
    sources = course.forms[quiz.forms[letters[len(tries) % len(letters)]]].questions
    most = sum(float(source.raw["points"]) for source in sources)
    return QuizLine(quiz, course.modules.get(quiz.module), tries, len(sources), most, due_at, _step(ctx, quiz, tries))


def _step(ctx: Context, quiz: Quiz, tries: Sequence[Try]) -> str:
    if ctx.who.role is not Role.LEARNER:
        return "none"
    newest = tries[-1] if tries else None
    if newest is None:
        return "start"
    if newest.is_open:
        return "time_up" if newest.deadline_at and ctx.now >= newest.deadline_at else "go_on"
    return "again" if len(tries) < quiz.attempts else "read"


@area.post("/quizzes/<quiz_id>/start", policy=learner)
def start(ctx: Context, quiz_id: str) -> Result:
    """Begin the next attempt, or go on with the open one. One whose time ran out is handed in first."""
    quiz = ctx.course.quizzes.get(quiz_id)
    if quiz is None:
        raise NotFound
    attempt = _begin(ctx, quiz)
    if attempts.is_over(attempt, ctx.now):
        close(ctx, attempt)
        attempt = _begin(ctx, quiz)
    return Redirect(flask.url_for("sitting.resume", attempt_id=attempt.id))


def _begin(ctx: Context, quiz: Quiz) -> QuizAttempt:
    course, person_id = ctx.course, ctx.who.id
    due_at = due_dates(ctx.session, person_id=person_id).get(f"quiz:{quiz.id}")
    return attempts.start(
        ctx.session, person_id=person_id, quiz=quiz, sources=course.sources_of(quiz), revision=course.revision, due_at=due_at, now=ctx.now, rng=ctx.random()
    )
