"""Who may see whom, and who may mark whom: the whole cast against the whole cast."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.errors import NotFound
from courseware.people.access import Who, class_of, may_grade, may_see, person_seen_by
from courseware.people.models import Class, Person, Role
from tests.conftest import NOW
from tests.factories import who

EVERYONE = {"chen", "gao", "lin", "wuhao", "outsider", "zhao", "sunjie", "admin"}
SEES = {
    "chen": {"chen", "lin", "wuhao"},
    "gao": {"gao", "outsider"},
    "lin": {"lin"},
    "wuhao": {"wuhao"},
    "outsider": {"outsider"},
    "zhao": {"zhao", "sunjie"},
    "sunjie": {"sunjie"},
    "admin": EVERYONE,
}
NOBODY: dict[str, set[str]] = {login: set() for login in EVERYONE}
GRADES = {**NOBODY, "chen": {"lin", "wuhao"}, "gao": {"outsider"}, "admin": EVERYONE}
TEACHES = {**NOBODY, "chen": {"KF26-2"}, "gao": {"KF26-3"}, "admin": {"KF26-2", "KF26-3"}}


@pytest.mark.parametrize("login", sorted(EVERYONE))
def test_everyone_sees_and_marks_only_whom_the_table_says(session: Session, login: str) -> None:
    asking = who(session, login)
    people = {person.login: person.id for person in session.scalars(select(Person))}
    assert set(people) == EVERYONE
    assert set(session.scalars(select(Person.login).where(may_see(asking)))) == SEES[login]
    assert set(session.scalars(select(Person.login).where(may_grade(asking)))) == GRADES[login]
    for name, id in people.items():
        if name in SEES[login]:
            assert person_seen_by(session, asking, id).login == name
        else:
            with pytest.raises(NotFound):
                person_seen_by(session, asking, id)


@pytest.mark.parametrize("login", sorted(EVERYONE))
def test_a_class_is_given_to_whoever_teaches_it(session: Session, login: str) -> None:
    asking = who(session, login)
    for group in session.scalars(select(Class)):
        if group.code in TEACHES[login]:
            assert class_of(session, asking, group.id) is group
        else:
            with pytest.raises(NotFound):
                class_of(session, asking, group.id)


@pytest.mark.parametrize("login", ["chen", "admin", "lin"])
def test_a_foreign_id_and_a_missing_one_are_refused_alike(session: Session, login: str) -> None:
    asking = who(session, login)
    sentences = set()
    for give in (person_seen_by, class_of):
        for id in (99_999, 0, -1):
            with pytest.raises(NotFound) as refused:
                give(session, asking, id)
            sentences.add(str(refused.value))
    with pytest.raises(NotFound) as foreign:
        person_seen_by(session, who(session, "lin"), who(session, "chen").id)
    assert sentences == {str(foreign.value)}


def test_a_role_alone_opens_nothing(session: Session) -> None:
    """A new instructor without a class and a new manager without a team see themselves."""
    for role in (Role.INSTRUCTOR, Role.MANAGER):
        person = Person(login=f"new-{role}", name="New", role=role, password_hash="x", created_at=NOW)
        session.add(person)
        session.flush()
        asking = Who(person.id, person.login, person.name, role, "en")
        assert session.scalars(select(Person.id).where(may_see(asking))).all() == [person.id]
        assert session.scalars(select(Person.id).where(may_grade(asking))).all() == []


def test_a_manager_who_is_only_a_learner_now_sees_nobody_else(session: Session) -> None:
    """Rights come from the role of today, not from old ties."""
    zhao = who(session, "zhao")
    asking = Who(zhao.id, zhao.login, zhao.name, Role.LEARNER, "en")
    assert session.scalars(select(Person.login).where(may_see(asking))).all() == ["zhao"]


@pytest.mark.parametrize(("role", "staff"), [(Role.LEARNER, False), (Role.INSTRUCTOR, True), (Role.MANAGER, True), (Role.ADMINISTRATOR, True)])
def test_all_but_learners_are_staff(role: Role, staff: bool) -> None:
    assert Who(1, "x", "X", role, "en").is_staff is staff
