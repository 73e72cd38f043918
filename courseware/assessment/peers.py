"""How one's class answered a question of the text: counts without names, and none while few have answered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware.assessment.models import PracticeResponse
from courseware.people.models import Enrolment

FEWEST = 5
"""With fewer answers a count could be read as a person's."""


@dataclass(frozen=True)
class Peers:
    """How many answered, oneself included, and how many of them fully, partly, not right."""

    full: int
    partly: int
    none: int

    @property
    def answered(self) -> int:
        return self.full + self.partly + self.none


def peers_of(session: Session, person_id: int, question_id: str) -> Peers | None:
    """The newest answer of everybody who shares a class with a person, in one statement; None below the fewest."""
    classes = select(Enrolment.class_id).where(Enrolment.person_id == person_id)
    mates = select(Enrolment.person_id).where(Enrolment.class_id.in_(classes))
    newest = (
        select(func.max(PracticeResponse.id)).where(PracticeResponse.question_id == question_id, PracticeResponse.person_id.in_(mates)).group_by(PracticeResponse.person_id)
    )
    fractions = session.scalars(select(PracticeResponse.fraction).where(PracticeResponse.id.in_(newest))).all()
    if len(fractions) < FEWEST:
        return None
    full, none = sum(fraction >= 1 for fraction in fractions), sum(fraction <= 0 for fraction in fractions)
    return Peers(full, len(fractions) - full - none, none)
