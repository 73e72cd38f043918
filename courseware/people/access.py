"""The only way to a person, a class or what belongs to them: the thing is given, or NotFound is raised."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, false, or_, select, true
from sqlalchemy.orm import Session

from courseware.errors import NotFound
from courseware.people.models import Class, Enrolment, Person, Role


@dataclass(frozen=True)
class Who:
    """The person asking."""

    id: int
    login: str
    name: str
    role: Role
    language: str

    @property
    def is_staff(self) -> bool:
        return self.role is not Role.LEARNER


def may_see(who: Who) -> ColumnElement[bool]:
    """The persons whose learning `who` may look at: oneself, one's class, one's new hires; an administrator all."""
    if who.role is Role.ADMINISTRATOR:
        return true()
    allowed: list[ColumnElement[bool]] = [Person.id == who.id]
    if who.role is Role.INSTRUCTOR:
        taught = exists().where(Enrolment.person_id == Person.id, Enrolment.class_id == Class.id, Class.instructor_id == who.id)
        allowed.append(taught)
    if who.role is Role.MANAGER:
        allowed.append(Person.manager_id == who.id)
    return or_(*allowed)


def may_grade(who: Who) -> ColumnElement[bool]:
    """The persons whose work `who` may mark: a manager looks, but does not mark."""
    if who.role is Role.ADMINISTRATOR:
        return true()
    if who.role is not Role.INSTRUCTOR:
        return false()
    return exists().where(Enrolment.person_id == Person.id, Enrolment.class_id == Class.id, Class.instructor_id == who.id)


def person_seen_by(session: Session, who: Who, person_id: int) -> Person:
    person = session.scalar(select(Person).where(Person.id == person_id, may_see(who)))
    if person is None:
        raise NotFound
    return person


def person_taught_by(session: Session, who: Who, person_id: int) -> Person:
    """A person whose work `who` may mark, so whose terms `who` may change."""
    person = session.scalar(select(Person).where(Person.id == person_id, may_grade(who)))
    if person is None:
        raise NotFound
    return person


def class_of(session: Session, who: Who, class_id: int) -> Class:
    """A class for whoever teaches it, or for an administrator."""
    query = select(Class).where(Class.id == class_id)
    if who.role is not Role.ADMINISTRATOR:
        query = query.where(Class.instructor_id == who.id)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found
