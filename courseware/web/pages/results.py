"""The result of a quiz: marks, feedback, what came too late, and what each answer says about the objectives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment import queries
from courseware.assessment.access import seen_attempt
from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.queries import Late, Settled, Try
from courseware.assessment.questions import Question, Response, Score
from courseware.assessment.reader import Quiz
from courseware.compile import Course
from courseware.course.model import ModuleFile, Objective, SectionHead
from courseware.errors import NotFound
from courseware.grading.evidence import Standing, standing
from courseware.grading.models import Evidence
from courseware.grading.queries import LEVEL_WORDS, STATUS_WORDS
from courseware.i18n import Message
from courseware.people.models import Person
from courseware.web.routing import Area, Context, Page, Redirect, Result, signed_in

area = Area("results")


@dataclass(frozen=True)
class Scored:
    """One question of a result: the answer handed in, what the rule gave, and the score that carries the feedback."""

    place: int
    question: Question
    objective: Objective
    order: Mapping[str, list[str]]
    response: Response
    got: float
    most: float
    score: Score

    @property
    def lost(self) -> float:
        return self.most - self.got

    @property
    def is_full(self) -> bool:
        return self.lost < 1e-9

    @property
    def tone(self) -> str:
        """The word of the style sheet for the points: right, wrong, or between."""
        return "right" if self.is_full else "wrong" if self.got <= 0 else "caution"


@dataclass(frozen=True)
class ByObjective:
    """What an attempt says about one objective: its questions, and the standing just before and just after."""

    objective: Objective
    questions: tuple[Scored, ...]
    before: Standing
    after: Standing

    @property
    def got(self) -> float:
        return sum(question.got for question in self.questions)

    @property
    def most(self) -> float:
        return sum(question.most for question in self.questions)

    @property
    def share(self) -> float:
        return max(0.0, min(1.0, self.got / self.most))

    @property
    def is_moved(self) -> bool:
        return self.before.mastery.level is not self.after.mastery.level


@dataclass(frozen=True)
class LateAnswer:
    """What arrived after the end, beside its question: shown, not counted."""

    place: int
    question: Question
    order: Mapping[str, list[str]]
    response: Response
    at: datetime


@dataclass(frozen=True)
class ResultPage:
    """A handed-in attempt. `questions` and `objectives` are empty until it is released; `writer` is None for the learner's own."""

    attempt: QuizAttempt
    quiz: Quiz
    module: ModuleFile | None
    tries: Sequence[Try]
    writer: str | None
    late: tuple[LateAnswer, ...] = ()
    questions: tuple[Scored, ...] = ()
    objectives: tuple[ByObjective, ...] = ()
    weakest: SectionHead | None = None

    @property
    def words(self) -> Mapping[Any, Message]:
        return {**LEVEL_WORDS, **STATUS_WORDS}

    @property
    def got(self) -> float:
        return max(0.0, sum(question.got for question in self.questions))

    @property
    def most(self) -> float:
        return sum(question.most for question in self.questions)

    @property
    def short(self) -> list[Scored]:
        """The questions that lost points, those that lost most first."""
        return sorted((question for question in self.questions if not question.is_full), key=lambda question: (-question.lost, question.place))

    @property
    def full(self) -> list[Scored]:
        return [question for question in self.questions if question.is_full]

    @property
    def worst(self) -> ByObjective | None:
        """The objective that most of the lost points are about."""
        return max(self.objectives, key=lambda one: one.most - one.got, default=None) if self.short else None

    @property
    def is_late(self) -> bool:
        return any(one.is_late for one in self.tries if one.id == self.attempt.id)

    @property
    def left(self) -> int:
        """How many attempts the learner may still begin."""
        return max(0, self.quiz.attempts - len(self.tries))


@area.get("/attempts/<int:attempt_id>/result", policy=signed_in)
def show(ctx: Context, attempt_id: int) -> Result:
    """The result, for the learner and for whoever may see this learner's work. A draft is nobody else's business."""
    attempt = seen_attempt(ctx.session, ctx.who, attempt_id)
    is_own = attempt.person_id == ctx.who.id
    if attempt.status == "draft":
        if is_own:
            return Redirect(flask.url_for("sitting.review", attempt_id=attempt_id))
        raise NotFound
    return Page("results/show.html", _result_page(ctx, attempt, is_own))


def _result_page(ctx: Context, attempt: QuizAttempt, is_own: bool) -> ResultPage:
    paper = Paper.from_json(attempt.paper)
    course = ctx.site.revision(paper.revision)
    quiz = course.quizzes[paper.quiz]
    tries = queries.tries_of(ctx.session, attempt.person_id, attempt.quiz_id)
    writer = None if is_own else ctx.session.scalar(select(Person.name).where(Person.id == attempt.person_id))
    late = _late(course, paper, queries.late_answers(ctx.session, attempt.id))
    page = ResultPage(attempt, quiz, course.modules.get(quiz.module), tries, writer, late)
    if attempt.status != "released":
        return page
    questions = _scored(course, paper, queries.settled_answers(ctx.session, attempt.id))
    page = replace(page, questions=questions, objectives=_by_objective(ctx.session, attempt, questions))
    return replace(page, weakest=course.material.section(page.short[0].question.section, ctx.language).head) if page.short else page


def _scored(course: Course, paper: Paper, settled: Mapping[str, Settled]) -> tuple[Scored, ...]:
    found = []
    for place, asked in enumerate(paper.questions, 1):
        question, given = course.questions[asked.id].resolve(paper.seed), settled[asked.id]
        objective = course.objectives[question.objective]
        found.append(Scored(place, question, objective, asked.order, given.response, given.points, asked.points, question.score(given.response)))
    return tuple(found)


def _late(course: Course, paper: Paper, late: Iterable[Late]) -> tuple[LateAnswer, ...]:
    places = {question.id: place for place, question in enumerate(paper.questions, 1)}

    def beside(one: Late) -> LateAnswer:
        place = places[one.question_id]
        return LateAnswer(place, course.questions[one.question_id].resolve(paper.seed), paper.questions[place - 1].order, one.response, one.at)

    return tuple(beside(one) for one in late)


def _by_objective(session: Session, attempt: QuizAttempt, questions: Iterable[Scored]) -> tuple[ByObjective, ...]:
    """Group the questions by objective, each with the standing before and after this attempt, from one statement."""
    grouped: dict[str, list[Scored]] = {}
    for question in questions:
        grouped.setdefault(question.objective.code, []).append(question)
    rows = session.scalars(select(Evidence).where(Evidence.person_id == attempt.person_id, Evidence.objective.in_(grouped)).order_by(Evidence.id)).all()
    mine = [row.id for row in rows if (row.work, row.work_id) == (f"quiz:{attempt.quiz_id}", attempt.id)]
    before = [row for row in rows if mine and row.id < mine[0]]
    after = [row for row in rows if mine and row.id <= mine[-1]]

    def line(code: str) -> ByObjective:
        found = grouped[code]
        return ByObjective(found[0].objective, tuple(found), _standing(found[0].objective, before), _standing(found[0].objective, after))

    return tuple(line(code) for code in sorted(grouped, key=lambda code: (code.startswith("A"), code)))


def _standing(objective: Objective, rows: Iterable[Evidence]) -> Standing:
    """Fold rows in their order: of each source the newest counts."""
    newest = {row.source: row for row in rows if row.objective == objective.code}
    return standing(objective, list(newest.values()))
