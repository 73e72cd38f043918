"""Quizzes: the list, one question a page, saving as one types, looking over, handing in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import flask

from courseware import db
from courseware.assessment import attempts, queries
from courseware.assessment.access import own_attempt, own_paper
from courseware.assessment.attempts import Saved
from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import Paper, PaperQuestion
from courseware.assessment.queries import Kept, Try
from courseware.assessment.questions import Question, Response, Score
from courseware.assessment.reader import Quiz
from courseware.compile import Course
from courseware.course.model import ModuleFile, Objective
from courseware.errors import Invalid, NotFound
from courseware.grading.handing_in import hand_in_quiz
from courseware.grading.queries import STATUS_WORDS
from courseware.i18n import Message, message
from courseware.people.models import Role
from courseware.people.queries import due_dates
from courseware.web.kept import shelf_of
from courseware.web.routing import Area, Context, Json, Page, Redirect, Result, learner, signed_in
from courseware.web.views import time_of_day

area = Area("quiz")

LONGEST_KEY = 64
TOO_LATE = message("The attempt had ended before this answer arrived. It is kept with its receipt and shown below, but it does not count.")
CHECKED_BEFORE = message("This question was checked before, and that closed it. What you sent now is kept with its receipt, but it does not count.")
OTHER_WINDOW = message("Another window or device has saved a newer answer to this question. Yours stands below and is not kept yet: save again to put it in the place of the other one.")
UNREADABLE = message("This save could not be read. Open the page again and answer once more.")


# The list


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
        _close(ctx, attempt)
        attempt = _begin(ctx, quiz)
    return _to("quiz.resume", attempt.id)


def _begin(ctx: Context, quiz: Quiz) -> QuizAttempt:
    course, person_id = ctx.course, ctx.who.id
    due_at = due_dates(ctx.session, person_id=person_id).get(f"quiz:{quiz.id}")
    return attempts.start(
        ctx.session, person_id=person_id, quiz=quiz, sources=course.sources_of(quiz), revision=course.revision, due_at=due_at, now=ctx.now, rng=ctx.random()
    )


# An open attempt


@dataclass(frozen=True)
class Step:
    """One square of the navigator."""

    place: int
    question_id: str
    is_answered: bool
    sequence: int


@dataclass(frozen=True)
class Sitting:
    """An open attempt with what is kept of it. Questions come from the revision that its paper pinned."""

    attempt: QuizAttempt
    paper: Paper
    quiz: Quiz
    course: Course
    kept: Mapping[str, Kept]
    now: datetime

    @property
    def steps(self) -> list[Step]:
        return [_step_of(place, question, self.kept.get(question.id)) for place, question in enumerate(self.paper.questions, 1)]

    @property
    def empty(self) -> list[Step]:
        return [step for step in self.steps if not step.is_answered]

    @property
    def is_closing(self) -> bool:
        """Whether the time is up. What is on its way then still has the grace."""
        return self.attempt.deadline_at is not None and self.now >= self.attempt.deadline_at

    @property
    def is_late(self) -> bool:
        return self.attempt.due_at is not None and self.now > self.attempt.due_at

    @property
    def key(self) -> str:
        """A new idempotency key for a form."""
        return secrets.token_urlsafe(16)

    def question(self, id: str) -> Question:
        return self.course.questions[id].resolve(self.paper.seed)

    def objective(self, id: str) -> Objective:
        return self.course.objectives[self.question(id).objective]


def _step_of(place: int, question: PaperQuestion, kept: Kept | None) -> Step:
    return Step(place, question.id, kept is not None and kept.response is not None, kept.sequence if kept else 0)


@dataclass(frozen=True)
class QuestionPage:
    """One question of a sitting as the template shows it; `score` only once it was checked in a quiz that checks at once."""

    sitting: Sitting
    place: int
    question: Question
    response: Response
    sequence: int
    score: Score | None = None
    problem: Message | None = None

    @property
    def order(self) -> Mapping[str, list[str]]:
        return self.sitting.paper.questions[self.place - 1].order

    @property
    def kept(self) -> Kept | None:
        return self.sitting.kept.get(self.question.id)

    @property
    def is_last(self) -> bool:
        return self.place == len(self.sitting.paper.questions)

    @property
    def answered_besides(self) -> int:
        return sum(step.is_answered for step in self.sitting.steps if step.place != self.place)


@area.get("/attempts/<int:attempt_id>", policy=learner)
def resume(ctx: Context, attempt_id: int) -> Result:
    """Go to the first empty question, or to the look-over page if there is none."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if attempt.status != "draft":
        return _to("results.show", attempt_id)
    sitting = _sitting(ctx, attempt)
    return _to("quiz.question", attempt_id, place=sitting.empty[0].place) if sitting.empty and not sitting.is_closing else _to("quiz.review", attempt_id)


@area.get("/attempts/<int:attempt_id>/<int:place>", policy=learner)
def question(ctx: Context, attempt_id: int, place: int) -> Result:
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if attempt.status != "draft":
        return _to("results.show", attempt_id)
    sitting = _sitting(ctx, attempt)
    return _to("quiz.review", attempt_id) if sitting.is_closing else Page("quiz/question.html", _question_page(ctx, sitting, place))


def _sitting(ctx: Context, attempt: QuizAttempt) -> Sitting:
    paper = Paper.from_json(attempt.paper)
    course = ctx.site.revision(paper.revision)
    return Sitting(attempt, paper, course.quizzes[paper.quiz], course, queries.kept_answers(ctx.session, attempt.id), ctx.now)


def _question_page(ctx: Context, sitting: Sitting, place: int, **changed: Any) -> QuestionPage:
    if not 1 <= place <= len(sitting.paper.questions):
        raise NotFound
    asked = sitting.question(sitting.paper.questions[place - 1].id)
    kept = sitting.kept.get(asked.id)
    values: dict[str, Any] = {"response": kept.response if kept else None, "sequence": (kept.sequence if kept else 0) + 1, "score": None}
    if sitting.paper.behaviour == "immediate" and (settled := queries.settled_answers(ctx.session, sitting.attempt.id).get(asked.id)):
        values |= {"response": settled.response, "score": asked.score(settled.response)}
    return QuestionPage(sitting, place, asked, **{**values, **changed})


def _to(view: str, attempt_id: int, notice: Message | None = None, **values: Any) -> Redirect:
    return Redirect(flask.url_for(view, attempt_id=attempt_id, **values), notice)


# Saving


@dataclass(frozen=True)
class Sent:
    """One save as it arrived: the fields of the question, or a response in the form that kinds store."""

    question_id: str
    sequence: int
    key: str
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    response: Response = None

    def answer_to(self, question: Question) -> Response:
        return question.read(self.fields, question.id) if self.fields else question.clean(self.response)


def _sent_form(ctx: Context, question_id: str) -> Sent:
    form = ctx.request.form
    fields = {name: form.getlist(name) for name in form}
    return Sent(question_id, _sequence(form.get("sequence", type=int)), _key(form.get("key")), fields)


def _sent(ctx: Context) -> Sent:
    """Read a save of the script, as JSON or as a form. Anything else is refused as unreadable."""
    if not ctx.request.is_json:
        return _sent_form(ctx, ctx.request.form.get("question", ""))
    sent = ctx.request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("question"), str):
        raise Invalid(UNREADABLE)
    fields = sent.get("fields") or {}
    if not isinstance(fields, dict) or not all(isinstance(values, list) for values in fields.values()):
        raise Invalid(UNREADABLE)
    return Sent(sent["question"], _sequence(sent.get("sequence")), _key(sent.get("key")), fields, sent.get("response"))


def _sequence(value: Any) -> int:
    if type(value) is not int or not 0 < value < 2**31:
        raise Invalid(UNREADABLE)
    return value


def _key(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_KEY:
        raise Invalid(UNREADABLE)
    return value


def _paper(ctx: Context, attempt_id: int) -> Mapping[str, Any]:
    """The paper of one's own attempt: it never changes, so a process that has read it keeps it."""
    who = ctx.who
    return shelf_of(ctx.site).part(("paper", who.id, attempt_id), lambda: own_paper(ctx.reader, who, attempt_id))


def _asked(ctx: Context, paper: Mapping[str, Any], question_id: str) -> Question:
    """A question as a paper shows it."""
    source = ctx.site.revision(paper["revision"]).questions.get(question_id)
    if source is None:
        raise NotFound
    return source.resolve(paper["seed"])


def _keep(ctx: Context, attempt_id: int, sent: Sent, response: Response) -> Saved:
    """Store an answer, committed, and give what is held now. An attempt whose time ran out is handed in then."""
    paper, now = _paper(ctx, attempt_id), ctx.now
    saved = db.together(
        ctx.site.school,
        lambda session: attempts.save_answer(session, attempt_id, paper, question_id=sent.question_id, response=response, sequence=sent.sequence, key=sent.key, now=now),
    )
    if saved.is_late:
        attempt = own_attempt(ctx.session, ctx.who, attempt_id)
        if attempts.is_over(attempt, now):
            _close(ctx, attempt)
    return saved


@area.post("/attempts/<int:attempt_id>/answers", policy=learner)
def answers(ctx: Context, attempt_id: int) -> Result:
    """Save as one types. The acknowledgement leaves after the commit; `kept` says whether the answer sent is the one held."""
    paper, sent = _paper(ctx, attempt_id), _sent(ctx)
    response = sent.answer_to(_asked(ctx, paper, sent.question_id))
    saved = _keep(ctx, attempt_id, sent, response)
    return Json(
        {
            "question": saved.question_id,
            "sequence": saved.sequence,
            "sha256": saved.sha256,
            "at": saved.at.isoformat(),
            "late": saved.is_late,
            "kept": saved.is_kept,
            "answered": response is not None,
            "time": time_of_day(saved.at, ctx.site.zone),
        }
    )


@area.post("/attempts/<int:attempt_id>/<int:place>", policy=learner)
def save(ctx: Context, attempt_id: int, place: int) -> Result:
    """Save the form of a question and go on to where the button leads: back, next, review, leave, or a question's number."""
    return _save_form(ctx, attempt_id, place) or _onward(ctx, attempt_id, place)


@area.post("/attempts/<int:attempt_id>/<int:place>/check", policy=learner)
def check(ctx: Context, attempt_id: int, place: int) -> Result:
    """Save the form and score this one question at once, in a quiz that does so. That closes it."""
    if refused := _save_form(ctx, attempt_id, place):
        return refused
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    sitting = _sitting(ctx, attempt)
    page = _question_page(ctx, sitting, place)
    try:
        attempts.check_one(ctx.session, attempt, question=page.question, now=ctx.now)
    except Invalid as problem:
        return Page("quiz/question.html", replace(page, problem=problem.message), problem.status)
    return _to("quiz.question", attempt_id, place=place)


def _save_form(ctx: Context, attempt_id: int, place: int) -> Result | None:
    """Store the form unless it says what is kept already. Something is given back where it came too late, or where another window was quicker."""
    attempt = own_attempt(ctx.reader, ctx.who, attempt_id)
    if not 1 <= place <= len(attempt.paper["questions"]):
        raise NotFound
    id = attempt.paper["questions"][place - 1]["id"]
    sent, kept = _sent_form(ctx, id), queries.kept_answers(ctx.reader, attempt_id).get(id)
    response = sent.answer_to(_asked(ctx, attempt.paper, id))
    is_open = attempt.status == "draft" and not attempts.is_over(attempt, ctx.now)
    if is_open and response == (kept.response if kept else None):
        return None
    saved = _keep(ctx, attempt_id, sent, response)
    if saved.is_late:
        return _to("quiz.question", attempt_id, CHECKED_BEFORE, place=place) if is_open else _to("results.show", attempt_id, TOO_LATE)
    if saved.is_kept:
        return None
    sitting = _sitting(ctx, own_attempt(ctx.session, ctx.who, attempt_id))
    return Page("quiz/question.html", _question_page(ctx, sitting, place, response=response, problem=OTHER_WINDOW), 409)


def _onward(ctx: Context, attempt_id: int, place: int) -> Redirect:
    go = ctx.form.get("go", "next")
    if go == "leave":
        return Redirect(flask.url_for("quiz.index"))
    if go == "review":
        return _to("quiz.review", attempt_id)
    wanted = int(go) if go.isdecimal() and len(go) < 4 else place - 1 if go == "back" else place + 1
    return _to("quiz.question", attempt_id, place=max(1, wanted))


# Handing in


@area.get("/attempts/<int:attempt_id>/review", policy=learner)
def review(ctx: Context, attempt_id: int) -> Result:
    """Look over what is answered and what is empty before handing in."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    return _to("results.show", attempt_id) if attempt.status != "draft" else Page("quiz/review.html", _sitting(ctx, attempt))


@area.post("/attempts/<int:attempt_id>/hand-in", policy=learner)
def hand_in(ctx: Context, attempt_id: int) -> Result:
    """Close the attempt and score it. A second hand-in changes nothing and shows the result that is there."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if not _close(ctx, attempt):
        return _to("results.show", attempt_id, message("This attempt was handed in before; nothing has been changed."))
    is_late = attempt.due_at is not None and attempt.submitted_at is not None and attempt.submitted_at > attempt.due_at
    said = message("Handed in, after the due date: it counts and is marked as late.") if is_late else message("Handed in. Every answer is scored; your result stands below.")
    return _to("results.show", attempt_id, said)


def _close(ctx: Context, attempt: QuizAttempt) -> bool:
    """Hand an attempt in with its evidence and its ledger entry. False if that was done before."""
    paper = Paper.from_json(attempt.paper)
    course = ctx.site.revision(paper.revision)
    asked = {one.id: course.questions[one.id].resolve(paper.seed) for one in paper.questions}
    return hand_in_quiz(ctx.session, attempt, resolve=asked.__getitem__, now=ctx.now)
