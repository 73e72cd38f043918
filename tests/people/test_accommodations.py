"""Terms as they are stored: what a class sets, what a person gets, and the record of both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.errors import Invalid, NotFound
from courseware.people import actions, queries
from courseware.people.access import Who, person_taught_by
from courseware.people.models import Class
from courseware.people.terms import Own, Terms
from tests.conftest import NOW
from tests.factories import who

DAY = timedelta(days=1)


@pytest.fixture
def chen(session: Session) -> Who:
    return who(session, "chen")


@pytest.fixture
def lin(session: Session) -> int:
    return who(session, "lin").id


@pytest.fixture
def set_for_class(session: Session, chen: Who) -> Any:
    group = session.scalars(select(Class).where(Class.code == "KF26-2")).one()

    def done(**of: Any) -> Any:
        values = {"opens_at": None, "due_at": NOW + DAY, "closes_at": None, "networks": [], **of}
        return actions.set_terms(session, class_id=group.id, work="quiz:m1", by=chen, now=NOW, **values)

    return done


def give(session: Session, chen: Who, lin: int, work: str = "", note: str = "doctor's letter of 3 March", **own: Any) -> None:
    actions.accommodate(session, person_id=lin, work=work, own=Own(**own), note=note, by=chen, now=NOW)


def test_a_class_sets_dates_networks_and_a_password(session: Session, lin: int, set_for_class: Any) -> None:
    assignment = set_for_class(opens_at=NOW, closes_at=NOW + 2 * DAY, networks=["192.0.2.0/24"])
    actions.set_password(session, assignment, password_hash="hash")
    terms = queries.terms_of(session, lin)
    assert terms["quiz:m1"] == Terms(NOW, NOW + DAY, NOW + 2 * DAY, 1.0, 0, ("hash",), ("192.0.2.0/24",))
    assert terms["quiz:m2"] == Terms()
    set_for_class()
    assert queries.terms_of(session, lin)["quiz:m1"] == Terms(due_at=NOW + DAY, password_hashes=("hash",)), "the password stays until it is taken away"
    actions.set_password(session, assignment, password_hash=None)
    assert queries.terms_of(session, lin)["quiz:m1"] == Terms(due_at=NOW + DAY)


@pytest.mark.parametrize(("dates", "field"), [({"opens_at": NOW + DAY}, "opens_at"), ({"closes_at": NOW}, "closes_at")])
def test_dates_out_of_order_are_refused_at_their_field(set_for_class: Any, dates: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        set_for_class(**dates)
    assert refused.value.field == field


def test_terms_for_all_work_hold_where_nobody_set_anything(session: Session, chen: Who, lin: int) -> None:
    give(session, chen, lin, time_factor=1.5)
    assert queries.terms_of(session, lin)["quiz:m5"] == Terms(time_factor=1.5)
    assert queries.due_dates(session, person_id=lin) == {}


def test_own_dates_go_before_those_of_the_class_and_do_so_without_one(session: Session, chen: Who, lin: int, set_for_class: Any) -> None:
    set_for_class(closes_at=NOW + 2 * DAY)
    give(session, chen, lin, time_factor=1.25)
    give(session, chen, lin, "quiz:m1", closes_at=NOW + 9 * DAY, due_at=NOW + 8 * DAY)
    give(session, chen, lin, "case:CS2", due_at=NOW + 3 * DAY)
    assert queries.terms_of(session, lin)["quiz:m1"] == Terms(None, NOW + 8 * DAY, NOW + 9 * DAY, 1.25)
    assert queries.due_dates(session, person_id=lin) == {"quiz:m1": NOW + 8 * DAY, "case:CS2": NOW + 3 * DAY}
    assert queries.terms_of(session, who(session, "wuhao").id)["quiz:m1"] == Terms(None, NOW + DAY, NOW + 2 * DAY)


def test_the_newest_counts_and_all_stay_on_record(session: Session, chen: Who, lin: int) -> None:
    give(session, chen, lin, time_factor=1.5, extra_attempts=1)
    give(session, chen, lin, time_factor=2.0, note="asked for more")
    give(session, chen, lin, "quiz:m1", extra_attempts=2)
    assert queries.terms_of(session, lin)["quiz:m2"] == Terms(time_factor=2.0), "the row replaces the one before it, field by field or not"
    lines = queries.accommodations_of(session, lin)
    assert [(line.work, line.own, line.is_newest) for line in lines] == [
        ("quiz:m1", Own(extra_attempts=2), True), ("", Own(time_factor=2.0), True), ("", Own(time_factor=1.5, extra_attempts=1), False),
    ]  # fmt: skip
    assert (lines[1].note, lines[1].by, lines[1].at) == ("asked for more", "Chen Yu 陈宇", NOW)
    give(session, chen, lin, note="no longer needed")
    assert queries.terms_of(session, lin)["quiz:m2"] == Terms()
    assert len(queries.accommodations_of(session, lin)) == 4


@pytest.mark.parametrize(
    ("own", "field"),
    [
        ({"time_factor": 0.5}, "time_factor"), ({"time_factor": 5.1}, "time_factor"), ({"time_factor": float("nan")}, "time_factor"), ({"extra_attempts": -1}, "extra_attempts"),
        ({"extra_attempts": 21}, "extra_attempts"), ({"opens_at": NOW, "closes_at": NOW}, "opens_at"), ({"note": " x "}, "note"), ({"note": "x" * 1001}, "note"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(session: Session, chen: Who, lin: int, own: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        give(session, chen, lin, **own)
    assert refused.value.field == field


def test_only_who_marks_a_persons_work_changes_her_terms(session: Session, lin: int) -> None:
    for login in ("chen", "admin"):
        assert person_taught_by(session, who(session, login), lin).id == lin
    for login in ("gao", "zhao", "wuhao", "lin"):
        with pytest.raises(NotFound):
            person_taught_by(session, who(session, login), lin)


def test_terms_take_one_statement_however_much_was_granted(session: Session, chen: Who, lin: int, set_for_class: Any, statements: list[str]) -> None:
    set_for_class()
    for number in range(5):
        give(session, chen, lin, f"quiz:m{number}", time_factor=1.5)
    statements.clear()
    queries.terms_of(session, lin)
    assert len(statements) == 1
