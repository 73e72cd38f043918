"""An open attempt at a quiz: one question a page, saving as one types, looking over, handing in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import flask

from courseware import db
from courseware.assessment import attempts, queries
from courseware.assessment.access import own_attempt, own_paper
from courseware.assessment.attempts import Saved
from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import Paper, PaperQuestion
from courseware.assessment.queries import Kept
from courseware.assessment.questions import Question, Response, Score
from courseware.assessment.reader import Quiz
from courseware.compile import Course
from courseware.course.model import Objective
from courseware.errors import Invalid, NotFound
from courseware.grading.handing_in import hand_in_quiz
from courseware.i18n import Message, message
from courseware.web.kept import shelf_of
from courseware.web.routing import Area, Context, Json, Page, Redirect, Result, learner
from courseware.web.saves import Sent, read_sent, sent_form
from courseware.web.views import time_of_day

area = Area("sitting")

TOO_LATE = message("The attempt had ended before this answer arrived. It is kept with its receipt and shown below, but it does not count.")
CHECKED_BEFORE = message("This question was checked before, and that closed it. What you sent now is kept with its receipt, but it does not count.")
OTHER_WINDOW = message("Another window or device has saved a newer answer to this question. Yours stands below and is not kept yet: save again to put it in the place of the other one.")


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
    return _to("sitting.question", attempt_id, place=sitting.empty[0].place) if sitting.empty and not sitting.is_closing else _to("sitting.review", attempt_id)


@area.get("/attempts/<int:attempt_id>/<int:place>", policy=learner)
def question(ctx: Context, attempt_id: int, place: int) -> Result:
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if attempt.status != "draft":
        return _to("results.show", attempt_id)
    sitting = _sitting(ctx, attempt)
    return _to("sitting.review", attempt_id) if sitting.is_closing else Page("sitting/question.html", _question_page(ctx, sitting, place))


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
            close(ctx, attempt)
    return saved


@area.post("/attempts/<int:attempt_id>/answers", policy=learner)
def answers(ctx: Context, attempt_id: int) -> Result:
    """Save as one types. The acknowledgement leaves after the commit; `kept` says whether the answer sent is the one held."""
    paper, sent = _paper(ctx, attempt_id), read_sent(ctx)
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
        return Page("sitting/question.html", replace(page, problem=problem.message), problem.status)
    return _to("sitting.question", attempt_id, place=place)


def _save_form(ctx: Context, attempt_id: int, place: int) -> Result | None:
    """Store the form unless it says what is kept already. Something is given back where it came too late, or where another window was quicker."""
    attempt = own_attempt(ctx.reader, ctx.who, attempt_id)
    if not 1 <= place <= len(attempt.paper["questions"]):
        raise NotFound
    id = attempt.paper["questions"][place - 1]["id"]
    sent, kept = sent_form(ctx, id), queries.kept_answers(ctx.reader, attempt_id).get(id)
    response = sent.answer_to(_asked(ctx, attempt.paper, id))
    is_open = attempt.status == "draft" and not attempts.is_over(attempt, ctx.now)
    if is_open and response == (kept.response if kept else None):
        return None
    saved = _keep(ctx, attempt_id, sent, response)
    if saved.is_late:
        return _to("sitting.question", attempt_id, CHECKED_BEFORE, place=place) if is_open else _to("results.show", attempt_id, TOO_LATE)
    if saved.is_kept:
        return None
    sitting = _sitting(ctx, own_attempt(ctx.session, ctx.who, attempt_id))
    return Page("sitting/question.html", _question_page(ctx, sitting, place, response=response, problem=OTHER_WINDOW), 409)


def _onward(ctx: Context, attempt_id: int, place: int) -> Redirect:
    go = ctx.form.get("go", "next")
    if go == "leave":
        return Redirect(flask.url_for("quiz.index"))
    if go == "review":
        return _to("sitting.review", attempt_id)
    wanted = int(go) if go.isdecimal() and len(go) < 4 else place - 1 if go == "back" else place + 1
    return _to("sitting.question", attempt_id, place=max(1, wanted))


# Handing in


@area.get("/attempts/<int:attempt_id>/review", policy=learner)
def review(ctx: Context, attempt_id: int) -> Result:
    """Look over what is answered and what is empty before handing in."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    return _to("results.show", attempt_id) if attempt.status != "draft" else Page("sitting/review.html", _sitting(ctx, attempt))


@area.post("/attempts/<int:attempt_id>/hand-in", policy=learner)
def hand_in(ctx: Context, attempt_id: int) -> Result:
    """Close the attempt and score it. A second hand-in changes nothing and shows the result that is there."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if not close(ctx, attempt):
        return _to("results.show", attempt_id, message("This attempt was handed in before; nothing has been changed."))
    is_late = attempt.due_at is not None and attempt.submitted_at is not None and attempt.submitted_at > attempt.due_at
    said = message("Handed in, after the due date: it counts and is marked as late.") if is_late else message("Handed in. Every answer is scored; your result stands below.")
    return _to("results.show", attempt_id, said)


def close(ctx: Context, attempt: QuizAttempt) -> bool:
    """Hand an attempt in with its evidence and its ledger entry. False if that was done before."""
    paper = Paper.from_json(attempt.paper)
    course = ctx.site.revision(paper.revision)
    asked = {one.id: course.questions[one.id].resolve(paper.seed) for one in paper.questions}
    return hand_in_quiz(ctx.session, attempt, resolve=asked.__getitem__, now=ctx.now)
