"""Makers with defaults, and the fixed cast: all of them invented."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from types import SimpleNamespace

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.people import actions
from courseware.people.access import Who
from courseware.people.models import Person, Role
from courseware.people.passwords import hash_password


@cache
def _hash() -> str:
    return hash_password("demo-demo")


def make_person(session: Session, now: datetime, login: str, role: Role = Role.LEARNER, name: str | None = None, **more: object) -> Person:
    return actions.add_person(session, login=login, name=name or login.title(), role=role, password_hash=_hash(), now=now, **more)


def person(session: Session, login: str) -> Person:
    """Give one of the cast."""
    return session.scalars(select(Person).where(Person.login == login)).one()


def who(session: Session, login: str) -> Who:
    """Give one of the cast as a signed-in user."""
    found = person(session, login)
    return Who(found.id, found.login, found.name, Role(found.role), found.language)


def make_cast(session: Session, now: datetime) -> SimpleNamespace:
    """One instructor, two learners of her class, a learner of another class, a manager, his new hire, an administrator."""
    chen = make_person(session, now, "chen", Role.INSTRUCTOR, "Chen Yu 陈宇")
    other = make_person(session, now, "gao", Role.INSTRUCTOR, "Gao Lin 高林")
    li = make_person(session, now, "lin", name="Lin Xiaoyu 林晓雨")
    wu = make_person(session, now, "wuhao", name="Wu Hao 吴昊")
    outsider = make_person(session, now, "outsider", name="Qian Wei 钱薇")
    manager = make_person(session, now, "zhao", Role.MANAGER, "Zhao Ming 赵明")
    hire = make_person(session, now, "sunjie", name="Sun Jie 孙洁", manager_id=manager.id)
    admin = make_person(session, now, "admin", Role.ADMINISTRATOR, "Zhou Fang 周芳")
    class_1 = actions.add_class(session, name="Service 2026-2", code="KF26-2", instructor_id=chen.id, now=now)
    class_2 = actions.add_class(session, name="Service 2026-3", code="KF26-3", instructor_id=other.id, now=now)
    for person in (li, wu):
        actions.enrol(session, class_id=class_1.id, person_id=person.id, now=now)
    actions.enrol(session, class_id=class_2.id, person_id=outsider.id, now=now)
    return SimpleNamespace(chen=chen, gao=other, lin=li, wu=wu, outsider=outsider, zhao=manager, sun=hire, admin=admin, class_1=class_1, class_2=class_2)
