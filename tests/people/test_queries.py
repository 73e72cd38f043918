"""Reads of persons and classes for pages, on both engines, in a fixed number of statements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.people import actions, queries
from courseware.people.models import Class
from tests import factories
from tests.factories import who

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)


def test_classes_are_listed_with_their_sizes_for_who_teaches_them(session: Session) -> None:
    assert [(line.code, line.instructor, line.learners) for line in queries.classes_taught(session, who(session, "chen"))] == [("KF26-2", "Chen Yu 陈宇", 2)]
    assert [(line.code, line.learners) for line in queries.classes_taught(session, who(session, "admin"))] == [("KF26-2", 2), ("KF26-3", 1)]
    assert queries.classes_taught(session, who(session, "lin")) == []


def test_lists_cost_one_statement_however_long_they_are(session: Session, statements: list[str]) -> None:
    chen = who(session, "chen")
    for number in range(12):
        group = actions.add_class(session, name=f"Class {number}", code=f"X-{number}", instructor_id=chen.id, now=NOW)
        for place in range(3):
            actions.enrol(session, class_id=group.id, person_id=factories.make_person(session, NOW, f"p{number}-{place}").id, now=NOW)
    statements.clear()
    assert len(queries.classes_taught(session, chen)) == 13
    assert len(queries.classes_joined(session, who(session, "lin").id)) == 1
    assert len([statement for statement in statements if "FROM" in statement]) == 3  # who() is the third


def test_a_persons_due_date_is_the_latest_of_the_classes_joined(session: Session) -> None:
    chen, lin = who(session, "chen"), who(session, "lin")
    first, second = session.scalars(select(Class).order_by(Class.id)).all()
    actions.enrol(session, class_id=second.id, person_id=lin.id, now=NOW)
    for group, days in ((first, 1), (second, 3)):
        actions.set_due(session, class_id=group.id, work="quiz:m1", due_at=NOW + timedelta(days=days), by=chen, now=NOW)
    actions.set_due(session, class_id=first.id, work="case:CS2", due_at=NOW, by=chen, now=NOW)
    assert queries.due_dates(session, person_id=lin.id) == {"quiz:m1": NOW + timedelta(days=3), "case:CS2": NOW}
    assert queries.due_dates(session, class_id=first.id) == {"quiz:m1": NOW + timedelta(days=1), "case:CS2": NOW}
    assert queries.due_dates(session, person_id=who(session, "sunjie").id) == {}
    assert all(at.tzinfo is UTC for at in queries.due_dates(session, person_id=lin.id).values())


@pytest.mark.parametrize("login", ["lin", " LIN "])
def test_a_password_is_found_by_login_however_it_is_typed(session: Session, login: str) -> None:
    found = queries.password_of(session, login)
    assert found is not None and found[0] == who(session, "lin").id
    assert queries.password_of(session, "nobody") is None
