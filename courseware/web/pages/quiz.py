"""The list of quizzes, the page before an attempt, and its start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import flask

from courseware import db
from courseware.assessment import attempts, queries
from courseware.assessment.access import own_attempt
from courseware.assessment.counting import RULES, Counted, counted
from courseware.assessment.models import QuizAttempt
from courseware.assessment.practice import TakeFailed
from courseware.assessment.queries import Try
from courseware.assessment.reader import DRAWN, Quiz
from courseware.compile import Course
from courseware.course.model import ModuleFile
from courseware.errors import Invalid, NotFound, Refused
from courseware.grading.queries import STATUS_WORDS
from courseware.i18n import Message, message
from courseware.people import actions, passwords
from courseware.people.models import Role
from courseware.people.queries import terms_of
from courseware.people.terms import Terms, refuse_elsewhere
from courseware.web.looking_up import make_ready
from courseware.web.routing import Area, Context, Page, Redirect, Result, learner, signed_in
from courseware.web.sittings import close

area = Area("quiz")


@dataclass(frozen=True)
class QuizLine:
    """One quiz in the list: the reader's attempts at it and the one next step. `step` is start, again, go_on, time_up, read or none."""

    quiz: Quiz
    module: ModuleFile | None
    tries: Sequence[Try]
    questions: int
    most: float
    terms: Terms
    step: str
    is_next: bool = False

    @property
    def newest(self) -> Try | None:
        return self.tries[-1] if self.tries else None

    @property
    def counted(self) -> Counted | None:
        """What counts of the attempts, by the rule of the quiz."""
        return counted([one.points / one.most if one.points is not None else None for one in self.tries], self.quiz.counts)

    @property
    def best(self) -> Try | None:
        """The attempt that what counts rests on; of a mean, the newest."""
        return self.tries[self.counted.place] if self.counted else None

    @property
    def counts(self) -> Message:
        """Which of several attempts counts."""
        return RULES[self.quiz.counts]

    @property
    def status(self) -> Message | None:
        return STATUS_WORDS[self.newest.status] if self.newest else None

    @property
    def attempts(self) -> int:
        return self.quiz.attempts + self.terms.extra_attempts

    @property
    def time(self) -> timedelta | None:
        """How long an attempt of this reader may take."""
        return attempts.time_of(self.quiz, self.terms)


@area.get("/quizzes", policy=signed_in)
def index(ctx: Context) -> Result:
    course, who = ctx.course, ctx.who
    terms = terms_of(ctx.session, who.id)
    tries: dict[str, list[Try]] = {}
    for one in queries.tries_of(ctx.session, who.id):
        tries.setdefault(one.quiz_id, []).append(one)
    lines = [_line(ctx, course, quiz, tries.get(quiz.id, ()), terms[f"quiz:{quiz.id}"]) for quiz in course.quizzes.values()]
    return Page("quiz/index.html", [replace(line, is_next=line is _first(lines)) for line in lines])


def _first(lines: Sequence[QuizLine]) -> QuizLine | None:
    """The quiz that gets the filled button: one begun, else one never tried, else one that may be tried again."""
    return next((line for step in ("time_up", "go_on", "start", "again") for line in lines if line.step == step), None)


def _line(ctx: Context, course: Course, quiz: Quiz, tries: Sequence[Try], terms: Terms) -> QuizLine:
    letters = sorted(quiz.forms) or [DRAWN]
    now_open = tries[-1] if tries and tries[-1].is_open else None
    questions, most = (now_open.questions, now_open.most) if now_open else course.paper_size(quiz, letters[len(tries) % len(letters)])
    return QuizLine(quiz, course.modules.get(quiz.module or ""), tries, questions, most, terms, _step(ctx, quiz, tries, terms))


def _step(ctx: Context, quiz: Quiz, tries: Sequence[Try], terms: Terms) -> str:
    if ctx.who.role is not Role.LEARNER:
        return "none"
    newest = tries[-1] if tries else None
    if newest is not None and newest.is_open:
        return "time_up" if newest.deadline_at and ctx.now >= newest.deadline_at else "go_on"
    if terms.is_early(ctx.now) or terms.is_closed(ctx.now):
        return "read" if newest else "shut"
    if newest is None:
        return "start"
    return "again" if len(tries) < quiz.attempts + terms.extra_attempts else "read"


# Before an attempt


@dataclass(frozen=True)
class StartPage:
    """What a learner knows before beginning. `refusal` says why no attempt can begin now; `problem` what the form lacks, in `field`."""

    line: QuizLine
    refusal: Message | None
    problem: Message | None = None
    field: str | None = None
    honoured: bool = False


@area.get("/quizzes/<quiz_id>", policy=signed_in)
def show(ctx: Context, quiz_id: str) -> Result:
    return Page("quiz/show.html", start_page(ctx, _quiz(ctx, quiz_id)))


def _quiz(ctx: Context, quiz_id: str) -> Quiz:
    quiz = ctx.course.quizzes.get(quiz_id)
    if quiz is None:
        raise NotFound
    return quiz


def start_page(ctx: Context, quiz: Quiz) -> StartPage:
    """Give what a learner reads before an attempt: rules, dates, attempts left, with her own terms."""
    terms = terms_of(ctx.reader, ctx.who.id)[f"quiz:{quiz.id}"]
    tries = queries.tries_of(ctx.reader, ctx.who.id, quiz.id)
    line = _line(ctx, ctx.course, quiz, tries, terms)
    refusal = None
    if line.step not in ("go_on", "time_up", "none"):
        try:
            attempts.refuse_start(quiz, terms, begun=len(tries), now=ctx.now)
            attempts.refuse_waiting(quiz, [one.submitted_at for one in tries], ctx.now)
            refuse_elsewhere(terms.networks, ctx.request.remote_addr)
        except Refused as refused:
            refusal = refused.message
    return StartPage(line, refusal)


@area.post("/quizzes/<quiz_id>/start", policy=learner)
def start(ctx: Context, quiz_id: str) -> Result:
    """Begin the next attempt, or go on with the open one. One whose time ran out is handed in; then the page before the next one follows."""
    quiz = _quiz(ctx, quiz_id)
    page = start_page(ctx, quiz)
    if page.line.newest and page.line.newest.is_open:
        return _go_on(ctx, quiz, page.line.newest.id)
    try:
        _admit(ctx, page)
    except Invalid as problem:
        return Page("quiz/show.html", replace(page, problem=problem.message, field=problem.field, honoured="honour" in ctx.form), problem.status)
    make_ready(ctx.course, quiz)
    return _to_attempt(_begin(ctx, quiz))


def _to_attempt(attempt: QuizAttempt) -> Redirect:
    return Redirect(flask.url_for("sitting.resume", attempt_id=attempt.id))


def _go_on(ctx: Context, quiz: Quiz, attempt_id: int) -> Redirect:
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if attempt.status == "draft" and not attempts.is_over(attempt, ctx.now):
        return _to_attempt(attempt)
    said = message("The time of your attempt had run out: it is handed in as it was saved.")
    return Redirect(flask.url_for("quiz.show", quiz_id=quiz.id), said if close(ctx, attempt) else None)


def _admit(ctx: Context, page: StartPage) -> None:
    """Raise unless the place, the password and the confirmation are as the quiz asks. Called before the turn of a writer: passwords are slow."""
    quiz, terms = page.line.quiz, page.line.terms
    refuse_elsewhere(terms.networks, ctx.request.remote_addr)
    if quiz.honour and "honour" not in ctx.form:
        raise Invalid(message("Confirm the statement first."), "honour")
    if not terms.password_hashes:
        return
    with db.aside(ctx.site.school) as session:
        guess = actions.begin_guess(session, f"quiz:{quiz.id}:{ctx.who.id}", ctx.now)  # not by address: a whole class may sit behind one
    if not any(passwords.matches(one, ctx.form.get("password", "")) for one in terms.password_hashes):
        raise Invalid(message("This is not the password of this quiz. Your instructor gives it to you when it begins; capital letters count."), "password")
    with db.aside(ctx.site.school) as session:
        actions.take_back(session, guess)


def _begin(ctx: Context, quiz: Quiz) -> QuizAttempt:
    course, person_id = ctx.course, ctx.who.id
    terms = terms_of(ctx.session, person_id)[f"quiz:{quiz.id}"]
    try:
        return attempts.start(
            ctx.session, person_id=person_id, quiz=quiz, sources=course.sources_of(quiz), revision=course.revision, due_at=terms.due_at, now=ctx.now, rng=ctx.random(), terms=terms,
            firms=lambda revision: ctx.site.revision(revision).firm(ctx.language),
        )  # fmt: skip
    except TakeFailed as failure:
        raise Refused(message("This quiz cannot begin: the data of a question could not be made (%(reason)s). Tell your instructor.", reason=failure.sentence)) from None
