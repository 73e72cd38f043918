"""Minutes added to an open attempt by staff, and the record of them. What a person gets for every attempt is an accommodation: people's business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment.attempts import is_over
from courseware.assessment.models import AddedTime, QuizAttempt
from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.people.actions import the_reason
from courseware.people.models import Person
from courseware.people.terms import Terms

MOST_MINUTES = 240


def add_minutes(session: Session, attempt: QuizAttempt, *, minutes: int, terms: Terms, note: str, by_id: int, now: datetime) -> None:
    """Put minutes to an open attempt, on record with the reason. Never past the close: that is moved first, for the class or for this person."""
    session.refresh(attempt, with_for_update=True)
    if attempt.status != "draft" or is_over(attempt, now):
        raise Refused(message("This attempt has ended; its time cannot be changed any more. An extra attempt can be given instead."))
    if attempt.deadline_at is None:
        raise Refused(message("This attempt has no time limit, so there is nothing to add to."))
    if not 1 <= minutes <= MOST_MINUTES:
        raise Invalid(message("Add a whole number of minutes, from 1 to %(most)s.", most=MOST_MINUTES), "minutes")
    reason = the_reason(note)
    later = attempt.deadline_at + timedelta(minutes=minutes)
    if terms.closes_at and later > terms.closes_at:
        raise Refused(message("The quiz closes %(when)s, before the added time would be over. Move the close first, for the class or for this person alone.", when=terms.closes_at))
    attempt.deadline_at = later
    attempt.added_minutes += minutes
    session.add(AddedTime(attempt_id=attempt.id, minutes=minutes, note=reason, by_id=by_id, at=now))
    session.flush()


@dataclass(frozen=True)
class Added:
    """One entry of the record."""

    quiz_id: str
    number: int
    minutes: int
    note: str
    by: str
    at: datetime


def added_to(session: Session, person_id: int) -> list[Added]:
    """All minutes ever added to attempts of a person, newest first."""
    query = (
        select(QuizAttempt.quiz_id, QuizAttempt.number, AddedTime.minutes, AddedTime.note, Person.name, AddedTime.at)
        .join(QuizAttempt, QuizAttempt.id == AddedTime.attempt_id)
        .join(Person, Person.id == AddedTime.by_id)
        .where(QuizAttempt.person_id == person_id)
        .order_by(AddedTime.id.desc())
    )
    return [Added(*row) for row in session.execute(query)]
