"""The only way to an attempt: one's own, or one of a person whose learning may be seen."""

from __future__ import annotations

from typing import Any

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


def own_paper(session: Session, who: Who, attempt_id: int) -> dict[str, Any]:
    """The paper of one's own attempt, which never changes; whether the attempt is still open is another question."""
    paper: dict[str, Any] | None = session.scalar(select(QuizAttempt.paper).where(QuizAttempt.id == attempt_id, QuizAttempt.person_id == who.id))
    if paper is None:
        raise NotFound
    return paper


def seen_attempt(session: Session, who: Who, attempt_id: int) -> QuizAttempt:
    attempt = session.scalar(select(QuizAttempt).join(Person, Person.id == QuizAttempt.person_id).where(QuizAttempt.id == attempt_id, may_see(who)))
    if attempt is None:
        raise NotFound
    return attempt
