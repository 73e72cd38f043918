"""Reads of attempts and answers for pages, each in a fixed number of statements. What an answer is worth is the business of the kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware.assessment.models import Answer, HandedIn, QuestionScore, QuestionTry, QuizAttempt, Receipt
from courseware.assessment.questions import PartScore
from courseware.assessment.tries import Tried
from courseware.people.access import Who, may_grade
from courseware.people.models import Person
from courseware.people.terms import is_late


@dataclass(frozen=True)
class Kept:
    """An answer as it is kept while the attempt is open. A response of None was given and taken back."""

    response: Any
    sequence: int
    sha256: str
    saved_at: datetime
    certainty: int | None = None


def kept_answers(session: Session, attempt_id: int) -> dict[str, Kept]:
    """The answers of an attempt by question id, each as it is stored."""
    query = select(Answer.question_id, Answer.response, Answer.sequence, Answer.sha256, Answer.saved_at).where(Answer.attempt_id == attempt_id)
    return {row[0]: Kept(*row[1:]) for row in session.execute(query)}


def handed_in_to(session: Session, who: Who, question_id: str) -> list[Any]:
    """What was handed in for a question by learners whose work a person may mark; not by whom."""
    query = select(HandedIn.response).join(QuizAttempt, QuizAttempt.id == HandedIn.attempt_id).join(Person, Person.id == QuizAttempt.person_id)
    return list(session.scalars(query.where(HandedIn.question_id == question_id, may_grade(who))))


@dataclass(frozen=True)
class Settled:
    """A handed-in answer and the newest score it got. One that `waits` for a person has none, and 0 points so far."""

    response: Any
    fraction: float
    points: float
    at: datetime
    waits: bool = False
    rule: str = ""
    certainty: int | None = None


def settled_answers(session: Session, attempt_id: int) -> dict[str, Settled]:
    """The handed-in answers of an attempt by question id, in one statement. Of several scores the newest counts."""
    newest = select(func.max(QuestionScore.id)).where(QuestionScore.attempt_id == attempt_id).group_by(QuestionScore.question_id)
    query = (
        select(HandedIn.question_id, HandedIn.response, HandedIn.at, HandedIn.certainty, QuestionScore)
        .outerjoin(QuestionScore, (QuestionScore.attempt_id == HandedIn.attempt_id) & (QuestionScore.question_id == HandedIn.question_id) & QuestionScore.id.in_(newest))
        .where(HandedIn.attempt_id == attempt_id)
    )
    return {
        row.question_id: Settled(row.response, score.fraction, score.points, score.at, rule=score.rule, certainty=row.certainty)
        if (score := row[4])
        else Settled(row.response, 0.0, 0.0, row.at, waits=True, certainty=row.certainty)
        for row in session.execute(query)
    }


def tries_at(session: Session, attempt_id: int) -> dict[str, list[Tried]]:
    """The answers that were checked during an attempt, by question id, oldest first, as they were scored then."""
    query = select(QuestionTry).where(QuestionTry.attempt_id == attempt_id).order_by(QuestionTry.question_id, QuestionTry.number)
    found: dict[str, list[Tried]] = {}
    for row in session.scalars(query):
        parts = tuple(PartScore(**part) for part in row.parts)
        found.setdefault(row.question_id, []).append(Tried(row.fraction, parts, row.response, row.certainty))
    return found


@dataclass(frozen=True)
class Late:
    """An answer that arrived after the end: kept and shown, not counted."""

    question_id: str
    response: Any
    at: datetime


def late_answers(session: Session, attempt_id: int) -> list[Late]:
    """What arrived too late, oldest first."""
    query = select(Receipt.question_id, Receipt.late_response, Receipt.at).where(Receipt.attempt_id == attempt_id, Receipt.late_response.is_not(None)).order_by(Receipt.id)
    return [Late(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class Try:
    """One attempt in a list. `points` is None until it is released; `answered` counts for an open one."""

    id: int
    quiz_id: str
    number: int
    form: str
    status: str
    submitted_at: datetime | None
    due_at: datetime | None
    deadline_at: datetime | None
    questions: int
    most: float
    points: float | None
    answered: int

    @property
    def is_open(self) -> bool:
        return self.status == "draft"

    @property
    def is_late(self) -> bool:
        return is_late(self.submitted_at, self.due_at)


def tries_of(session: Session, person_id: int, quiz_id: str | None = None) -> list[Try]:
    """The attempts of a person at all quizzes or at one, in their order, in three statements."""
    query = select(QuizAttempt).where(QuizAttempt.person_id == person_id).order_by(QuizAttempt.quiz_id, QuizAttempt.number)
    if quiz_id is not None:
        query = query.where(QuizAttempt.quiz_id == quiz_id)
    attempts = session.scalars(query).all()
    points = _points(session, [attempt.id for attempt in attempts if attempt.status == "released"])
    answered = _answered(session, [attempt.id for attempt in attempts if attempt.status == "draft"])
    return [_try(attempt, points.get(attempt.id), answered.get(attempt.id, 0)) for attempt in attempts]


def _try(attempt: QuizAttempt, points: float | None, answered: int) -> Try:
    questions: Sequence[Any] = attempt.paper["questions"]
    return Try(
        attempt.id, attempt.quiz_id, attempt.number, attempt.form, attempt.status, attempt.submitted_at, attempt.due_at, attempt.deadline_at,
        questions=len(questions), most=sum(question["points"] for question in questions), points=points, answered=answered,
    )  # fmt: skip


def _points(session: Session, attempt_ids: Sequence[int]) -> dict[int, float]:
    """The points of some attempts: the sum of the newest scores, never below 0."""
    newest = select(func.max(QuestionScore.id)).where(QuestionScore.attempt_id.in_(attempt_ids)).group_by(QuestionScore.attempt_id, QuestionScore.question_id)
    query = select(QuestionScore.attempt_id, func.sum(QuestionScore.points)).where(QuestionScore.id.in_(newest)).group_by(QuestionScore.attempt_id)
    return {attempt_id: max(0.0, points) for attempt_id, points in session.execute(query)}


def _answered(session: Session, attempt_ids: Sequence[int]) -> dict[int, int]:
    """How many questions of some attempts hold an answer."""
    counts: dict[int, int] = {}
    for attempt_id, response in session.execute(select(Answer.attempt_id, Answer.response).where(Answer.attempt_id.in_(attempt_ids))):
        counts[attempt_id] = counts.get(attempt_id, 0) + (response is not None)
    return counts
