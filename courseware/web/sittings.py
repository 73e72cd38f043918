"""What the pages of an open attempt show: the sitting, and one question of it; and the end of the attempt. Saving and moving about are the business of the pages."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from courseware.assessment import attempts, queries
from courseware.assessment.looking_up import knowing
from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import Paper, PaperQuestion
from courseware.assessment.queries import Kept, Settled
from courseware.assessment.questions import Question, Response, Score
from courseware.assessment.reader import Quiz
from courseware.assessment.review import Phase, Shown
from courseware.assessment.tries import Behaviour, Tried, unwrapped
from courseware.compile import Course
from courseware.course.model import Objective
from courseware.errors import NotFound
from courseware.grading.handing_in import hand_in_quiz
from courseware.i18n import Message, Text
from courseware.sandbox.console.pool import ROWS
from courseware.web.console import POOL, ResultShown
from courseware.web.looking_up import firm_of
from courseware.web.routing import Context


@dataclass(frozen=True)
class Step:
    """One square of the navigator."""

    place: int
    question_id: str
    is_answered: bool
    sequence: int
    is_flagged: bool
    is_open: bool


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
        return [self._step(place, question) for place, question in enumerate(self.paper.questions, 1)]

    def _step(self, place: int, question: PaperQuestion) -> Step:
        kept = self.kept.get(question.id)
        is_answered = kept is not None and kept.response is not None
        return Step(place, question.id, is_answered, kept.sequence if kept else 0, question.id in self.attempt.flags, place in self.open_places)

    @property
    def empty(self) -> list[Step]:
        return [step for step in self.steps if not step.is_answered]

    @property
    def open_places(self) -> range:
        return self.paper.open_places(self.attempt.passed)

    @property
    def lock(self) -> int | None:
        """The place of the lock in front of the learner, if there is one."""
        return self.open_places[-1] if self.open_places[-1] in self.paper.locks else None

    @property
    def first(self) -> int:
        """Where to go on: the first empty question that is open, else the first open one."""
        return next((step.place for step in self.empty if step.is_open), self.open_places[0])

    @property
    def is_closing(self) -> bool:
        """Whether the time is up. What is on its way then still has the grace."""
        return self.attempt.deadline_at is not None and self.now >= self.attempt.deadline_at

    @property
    def is_marked_by_hand(self) -> bool:
        """Whether a person marks something of what is answered so far."""
        return any(step.is_answered and self.question(step.question_id).is_marked_by_hand for step in self.steps)

    @property
    def is_late(self) -> bool:
        return self.attempt.due_at is not None and self.now > self.attempt.due_at

    @property
    def key(self) -> str:
        """A new idempotency key for a form."""
        return secrets.token_urlsafe(16)

    def question(self, id: str) -> Question:
        return self.paper.question(id, self.course.questions)

    def objective(self, id: str) -> Objective:
        return self.course.objectives[self.question(id).objective]


@dataclass(frozen=True)
class QuestionPage:
    """One question of a sitting as the template shows it: the answer that stands, the tries made, and what came of it once it was closed."""

    sitting: Sitting
    place: int
    question: Question
    response: Response
    certainty: int | None
    sequence: int
    tries: Sequence[Tried] = ()
    settled: Settled | None = None
    problem: Message | None = None
    ran: ResultShown | None = None

    @property
    def behaviour(self) -> Behaviour:
        return self.sitting.paper.behaviour

    @property
    def may_check(self) -> bool:
        return self.behaviour.checks and self.settled is None and not self.question.is_marked_by_hand and not self.question.has_run

    @property
    def shown(self) -> Shown:
        """What may be seen of a check: of a question that still takes answers nothing that could tell the key."""
        shown = self.sitting.paper.review.shown(Phase.DURING)
        return shown if self.settled else shown.while_open()

    @property
    def score(self) -> Score:
        """What the kind's own rule says of the answer that closed the question, or else of the last try."""
        return self.question.score(self.settled.response if self.settled else self.tries[-1].response)

    @property
    def earned(self) -> float:
        """The points so far."""
        return self.settled.points if self.settled else self.behaviour.fraction(self.tries) * self.question.points

    @property
    def within_reach(self) -> float:
        """The points if the next answer is fully right."""
        return self.behaviour.within_reach(self.tries) * self.question.points

    @property
    def most_tries(self) -> int | None:
        return self.behaviour.most_tries(len(self.question.hints))

    @property
    def told(self) -> Message:
        return self.behaviour.told(len(self.question.hints))

    @property
    def hints(self) -> Sequence[Text]:
        """The hints opened so far: one for each try, while the question takes answers."""
        return self.question.hints[: len(self.tries)] if self.settled is None else ()

    @property
    def order(self) -> Mapping[str, list[str]]:
        return self.sitting.paper.questions[self.place - 1].order

    @property
    def kept(self) -> Kept | None:
        return self.sitting.kept.get(self.question.id)

    @property
    def is_flagged(self) -> bool:
        return self.question.id in self.sitting.attempt.flags

    @property
    def runs_queries(self) -> bool:
        """Whether the question is answered with a query, which can be run beside it."""
        return self.question.query_in("SELECT 1") is not None

    @property
    def most_rows(self) -> int:
        return ROWS

    @property
    def seconds(self) -> float:
        """How long a query may take."""
        return POOL.seconds

    @property
    def was(self) -> str:
        """The hash of the answer that the form holds, by which it is known later whether anything was changed on it. A closed question's form holds none."""
        return self.kept.sha256 if self.kept and not self.settled else attempts.digest(None)

    @property
    def is_last(self) -> bool:
        return self.place == len(self.sitting.paper.questions)

    @property
    def answered_besides(self) -> int:
        return sum(step.is_answered for step in self.sitting.steps if step.place != self.place)


def sitting_of(ctx: Context, attempt: QuizAttempt) -> Sitting:
    """Read what an open attempt holds, in one statement besides the attempt itself."""
    paper = Paper.from_json(attempt.paper)
    course = ctx.site.revision(paper.revision)
    kept = queries.kept_answers(ctx.session, attempt.id)
    if paper.behaviour.certainty:
        kept = {id: _without_certainty(one) for id, one in kept.items()}
    return Sitting(attempt, paper, course.quizzes[paper.quiz], course, kept, ctx.now)


def _without_certainty(kept: Kept) -> Kept:
    response, certainty = unwrapped(kept.response)
    return replace(kept, response=response, certainty=certainty)


def question_page(ctx: Context, sitting: Sitting, place: int, **changed: Any) -> QuestionPage:
    """Give one question of a sitting; `changed` puts other values in, such as what was just typed. Raises NotFound where there is no such place."""
    if not 1 <= place <= len(sitting.paper.questions):
        raise NotFound
    asked = sitting.question(sitting.paper.questions[place - 1].id)
    (asked,) = knowing(ctx.session, sitting.attempt.id, {asked.id: asked}).values()
    kept = sitting.kept.get(asked.id)
    page = QuestionPage(sitting, place, asked, kept.response if kept else None, kept.certainty if kept else None, (kept.sequence if kept else 0) + 1)
    if sitting.paper.behaviour.checks:
        tries = queries.tries_at(ctx.session, sitting.attempt.id).get(asked.id, ())
        page = replace(page, tries=tries, settled=queries.settled_answers(ctx.session, sitting.attempt.id).get(asked.id))
    return replace(page, **changed)


def close(ctx: Context, attempt: QuizAttempt) -> bool:
    """Hand an attempt in with its evidence and its ledger entry. False if that was done before."""
    paper = Paper.from_json(attempt.paper)
    course = ctx.site.revision(paper.revision)
    asked = course.asked(paper)
    return hand_in_quiz(ctx.session, attempt, resolve=asked.__getitem__, now=ctx.now, firm=firm_of(course, asked))
