"""How a class answered: the newest answer of each, oneself included, and silence below five."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment.models import PracticeResponse
from courseware.assessment.peers import FEWEST, Peers, peers_of
from courseware.people.models import Enrolment, Person
from tests.conftest import NOW
from tests.factories import make_person


@pytest.fixture
def lin(session: Session) -> Person:
    return session.scalars(select(Person).where(Person.login == "lin")).one()


def answer(session: Session, person_id: int, fraction: float, question: str = "ix8-a") -> None:
    session.add(PracticeResponse(person_id=person_id, question_id=question, response=["x"], fraction=fraction, at=NOW))
    session.flush()


def mates(session: Session, lin: Person, count: int) -> list[int]:
    own = session.scalars(select(Enrolment.class_id).where(Enrolment.person_id == lin.id)).one()
    made = [make_person(session, NOW, f"mate{number}") for number in range(count)]
    session.add_all([Enrolment(class_id=own, person_id=one.id, at=NOW) for one in made])
    session.flush()
    return [one.id for one in made]


def test_below_five_answers_nothing_is_told(session: Session, lin: Person) -> None:
    for id in (lin.id, *mates(session, lin, FEWEST - 2)):
        answer(session, id, 1.0)
    assert peers_of(session, lin.id, "ix8-a") is None


def test_the_newest_answer_of_each_counts(session: Session, lin: Person) -> None:
    ids = mates(session, lin, 4)
    for id, fraction in zip((lin.id, *ids), (1.0, 1.0, 0.5, 0.25, 0.0), strict=True):
        answer(session, id, fraction)
    assert peers_of(session, lin.id, "ix8-a") == Peers(full=2, partly=2, none=1)
    answer(session, ids[-1], 1.0)
    assert peers_of(session, lin.id, "ix8-a") == Peers(full=3, partly=2, none=0)


def test_other_classes_and_other_questions_stay_out(session: Session, lin: Person) -> None:
    for id in (lin.id, *mates(session, lin, 4)):
        answer(session, id, 1.0)
    outsider = session.scalars(select(Person.id).where(Person.login == "outsider")).one()
    answer(session, outsider, 0.0)
    answer(session, lin.id, 0.0, "ix8-b")
    assert peers_of(session, lin.id, "ix8-a") == Peers(full=5, partly=0, none=0)
    assert peers_of(session, outsider, "ix8-a") is None
