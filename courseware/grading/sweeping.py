"""Hand in every quiz attempt whose time ran out while nobody looked, and release what only waited for its date. When that is done again is the caller's business."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select

from courseware import db
from courseware.assessment import attempts, looking_up
from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.practice import Firm
from courseware.assessment.questions import Question
from courseware.grading.handing_in import due_for_release, hand_in_quiz, release_due


class Taught(Protocol):
    """What a sweep needs of a course: the questions of a paper as it shows them, and the practice CRM that some of them are about."""

    def asked(self, paper: Paper) -> Mapping[str, Question]: ...
    def firm(self) -> Firm: ...


CourseOf = Callable[[int], Taught]
"""Gives the course of a revision."""


@dataclass(frozen=True)
class Swept:
    """What one sweep did: the ids of the attempts it handed in, and why others could not be."""

    handed_in: tuple[int, ...]
    failed: Mapping[int, str]


def sweep(school: db.School, *, course_of: CourseOf, now: datetime) -> Swept:
    """Hand in what is overdue, the grace included. Safe to run twice and in parallel.

    Each attempt is closed, scored and recorded in one transaction of its own: it fails alone, and a kill at any line leaves it open for the next sweep.
    """
    handed_in, failed = [], {}
    for id, paper in _overdue(school, now):
        try:
            if _close(school, id, paper, course_of(paper.revision), now):
                handed_in.append(id)
        except Exception as failure:  # of this attempt; the others are not to wait for it
            failed[id] = f"{type(failure).__name__}: {failure}"
    return Swept(tuple(handed_in), failed)


def _overdue(school: db.School, now: datetime) -> list[tuple[int, Paper]]:
    with db.session(school) as session:
        ended = select(QuizAttempt).where(QuizAttempt.status == "draft", QuizAttempt.deadline_at < now).order_by(QuizAttempt.deadline_at)
        return [(attempt.id, Paper.from_json(attempt.paper)) for attempt in session.scalars(ended) if attempts.is_over(attempt, now)]


def _close(school: db.School, id: int, paper: Paper, course: Taught, now: datetime) -> bool:
    """Hand one attempt in, unless it was given more time or somebody was quicker."""
    questions = course.asked(paper)
    firm = course.firm() if any(question.sandbox is not None for question in questions.values()) else None
    if firm is not None:
        looking_up.ahead(school, id, questions, firm, now)  # learners' queries run before the turn of a writer
    with db.session(school, write=True) as session:
        attempt = session.get_one(QuizAttempt, id, with_for_update=True)
        if attempt.status != "draft" or not attempts.is_over(attempt, now):
            return False
        return hand_in_quiz(session, attempt, resolve=questions.__getitem__, now=now, firm=firm)


def release(school: db.School, *, course_of: CourseOf, now: datetime) -> int:
    """Release the marks that only waited for their date, and say how many."""
    with db.session(school) as session:
        if not due_for_release(session, now):  # so as to take no writer's turn for nothing
            return 0
    with db.session(school, write=True) as session:
        return release_due(session, asked=lambda paper: course_of(paper.revision).asked(paper), now=now)
