"""The only way to an attempt: one's own, or one of a person whose learning may be seen."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment.models import QuizAttempt
from courseware.errors import NotFound
from courseware.people.access import Who, may_see
from courseware.people.models import Person


def own_attempt(session: Session, who: Who, attempt_id: int) -> QuizAttempt:
    attempt = session.scalar(select(QuizAttempt).where(QuizAttempt.id == attempt_id, QuizAttempt.person_id == who.id))
    if attempt is None:
        raise NotFound
    return attempt


def seen_attempt(session: Session, who: Who, attempt_id: int) -> QuizAttempt:
    attempt = session.scalar(select(QuizAttempt).join(Person, Person.id == QuizAttempt.person_id).where(QuizAttempt.id == attempt_id, may_see(who)))
    if attempt is None:
        raise NotFound
    return attempt
