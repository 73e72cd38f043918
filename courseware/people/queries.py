"""Reads of persons and classes for pages, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from courseware.db import Fixed
from courseware.people.access import Who
from courseware.people.actions import token_hash
from courseware.people.models import Accommodation, Assignment, Class, Enrolment, LoginSession, Person, Role
from courseware.people.terms import USUAL, Own, Terms, for_person, of_classes

_person, _login = Person.__table__.c, LoginSession.__table__.c
_WHO_HAS = Fixed(  # every request asks this
    lambda _: select(_person.id, _person.login, _person.name, _person.role, _person.language)
    .join_from(Person.__table__, LoginSession.__table__, _login.person_id == _person.id)
    .where(_login.token_hash == bindparam("token"), _login.revoked_at.is_(None), _login.expires_at > bindparam("now"), _person.is_active)
)


def who_has(connection: Connection, token: str, now: datetime) -> Who | None:
    """The active person behind a session token, if the session still runs."""
    row = _WHO_HAS.run(connection, {"token": token_hash(token), "now": now}).first()
    return Who(row.id, row.login, row.name, Role(row.role), row.language) if row else None


def password_of(session: Session, login: str) -> tuple[int, str] | None:
    row = session.execute(select(Person.id, Person.password_hash).where(Person.login == login.strip().lower(), Person.is_active)).first()
    return (row.id, row.password_hash) if row else None


@dataclass(frozen=True)
class ClassLine:
    id: int
    name: str
    code: str
    instructor: str
    learners: int


def classes_taught(session: Session, who: Who) -> list[ClassLine]:
    """The classes of an instructor, or all of them for an administrator, with their sizes."""
    count = select(func.count()).where(Enrolment.class_id == Class.id).scalar_subquery()
    query = select(Class.id, Class.name, Class.code, Person.name.label("instructor"), count.label("learners")).join(Person, Person.id == Class.instructor_id).order_by(Class.name)
    if who.role is not Role.ADMINISTRATOR:
        query = query.where(Class.instructor_id == who.id)
    return [ClassLine(*row) for row in session.execute(query)]


def classes_joined(session: Session, person_id: int) -> list[ClassLine]:
    query = (
        select(Class.id, Class.name, Class.code, Person.name)
        .join(Enrolment, Enrolment.class_id == Class.id)
        .join(Person, Person.id == Class.instructor_id)
        .where(Enrolment.person_id == person_id)
    )
    return [ClassLine(*row, learners=0) for row in session.execute(query)]


def due_dates(session: Session, *, class_id: int | None = None, person_id: int | None = None) -> dict[str, datetime]:
    """Due date by work, for a class, or for a person: her own, else the latest of all classes joined."""
    if person_id is not None:
        return {work: terms.due_at for work, terms in terms_of(session, person_id).items() if terms.due_at}
    query = select(Assignment.work, Assignment.due_at).where(Assignment.class_id == class_id)
    return {row.work: row.due_at for row in session.execute(query)}


ALL_WORK = ""
"""The `work` of an accommodation for everything a person does."""


class TermsByWork(dict[str, Terms]):
    """Terms by work. A work nobody set is done on the terms for all work."""

    general: Terms = USUAL

    def __missing__(self, work: str) -> Terms:
        return self.general


def terms_of(session: Session, person_id: int) -> TermsByWork:
    """The terms of a person at every work that was set, or for which the person has terms of her own, in one statement."""
    dates = ("opens_at", "due_at", "closes_at")
    of_class = select(
        Assignment.work, literal(0).label("id"), *(getattr(Assignment, name) for name in dates), Assignment.password_hash, Assignment.networks,
        null().label("time_factor"), null().label("extra_attempts"),
    ).join(Enrolment, Enrolment.class_id == Assignment.class_id)  # fmt: skip
    own = select(
        Accommodation.work, Accommodation.id, *(getattr(Accommodation, name) for name in dates), null(), null(), Accommodation.time_factor, Accommodation.extra_attempts
    )
    classes: dict[str, list[Terms]] = {}
    newest: dict[str, Own] = {}
    rows = session.execute(union_all(of_class.where(Enrolment.person_id == person_id), own.where(Accommodation.person_id == person_id)))
    for row in sorted(rows, key=lambda row: row.id):
        if row.id:
            newest[row.work] = Own(row.time_factor, row.extra_attempts, row.opens_at, row.due_at, row.closes_at)
        else:
            set_hashes = (row.password_hash,) if row.password_hash else ()
            classes.setdefault(row.work, []).append(Terms(row.opens_at, row.due_at, row.closes_at, 1.0, 0, set_hashes, tuple(row.networks or ())))
    found = TermsByWork()
    general = newest.pop(ALL_WORK, Own())
    found.general = for_person(USUAL, [general])
    for work in {**classes, **newest}:
        found[work] = for_person(of_classes(classes.get(work, ())), [general, newest.get(work, Own())])
    return found


@dataclass(frozen=True)
class AccommodationLine:
    """One entry of a person's accommodations: what was given, why, by whom. `is_newest` tells whether it counts today."""

    id: int
    work: str
    own: Own
    note: str
    by: str
    at: datetime
    is_newest: bool


def accommodations_of(session: Session, person_id: int) -> list[AccommodationLine]:
    """All that was ever granted to a person, newest first."""
    query = select(Accommodation, Person.name).join(Person, Person.id == Accommodation.set_by_id).where(Accommodation.person_id == person_id).order_by(Accommodation.id.desc())
    lines: list[AccommodationLine] = []
    for row, by in session.execute(query):
        own = Own(row.time_factor, row.extra_attempts, row.opens_at, row.due_at, row.closes_at)
        lines.append(AccommodationLine(row.id, row.work, own, row.note, by, row.set_at, all(one.work != row.work for one in lines)))
    return lines


def assignment_of(session: Session, *, class_id: int, work: str) -> Assignment | None:
    return session.scalar(select(Assignment).where(Assignment.class_id == class_id, Assignment.work == work))
