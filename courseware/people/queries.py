"""Reads of persons and classes for pages, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import Session

from courseware.db import Fixed
from courseware.people.access import Who
from courseware.people.actions import token_hash
from courseware.people.models import Assignment, Class, Enrolment, LoginSession, Person, Role

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
    """Due date by work, for a class, or for a person: the latest of all classes joined."""
    query = select(Assignment.work, func.max(Assignment.due_at, type_=Assignment.due_at.type)).group_by(Assignment.work)
    if class_id is not None:
        query = query.where(Assignment.class_id == class_id)
    if person_id is not None:
        query = query.join(Enrolment, Enrolment.class_id == Assignment.class_id).where(Enrolment.person_id == person_id)
    return {row.work: row[1] for row in session.execute(query)}
