"""What changes persons, classes and sessions: taken names, wrong codes, sessions that end, guessing that is slowed down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.errors import Invalid, TooMany
from courseware.people import actions, queries
from courseware.people.access import Who
from courseware.people.models import Class, Enrolment, LoginSession, Person, Role
from tests import factories

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def cast(session: Session) -> SimpleNamespace:
    people = {person.login: person for person in session.scalars(select(Person))}
    classes = session.scalars(select(Class).order_by(Class.id)).all()
    return SimpleNamespace(**people, class_1=classes[0], class_2=classes[1])


def as_who(person: Person) -> Who:
    return Who(person.id, person.login, person.name, Role(person.role), person.language)


# Accounts


def test_a_name_and_a_login_are_tidied(session: Session) -> None:
    person = factories.make_person(session, NOW, "  New.Learner ", name="  Ma   Li\t马丽 ")
    assert (person.login, person.name, person.role, person.language) == ("new.learner", "Ma Li 马丽", "learner", "en")


@pytest.mark.parametrize("login", ["ab", "a" * 41, "has space", "-dash", "林", "a@b.c", "x\x00yz", "", "<b>x</b>"])
def test_a_login_of_another_form_is_refused(session: Session, login: str) -> None:
    with pytest.raises(Invalid, match="3 to 40 small letters") as refused:
        factories.make_person(session, NOW, login, name="X")
    assert refused.value.field == "login"


@pytest.mark.parametrize("name", ["   ", "x" * 81])
def test_a_name_is_needed_and_has_an_end(session: Session, name: str) -> None:
    with pytest.raises(Invalid, match="at most 80 characters") as refused:
        factories.make_person(session, NOW, "newcomer", name=name)
    assert refused.value.field == "name"


def test_a_taken_login_is_refused_and_the_transaction_goes_on(session: Session) -> None:
    before = factories.make_person(session, NOW, "before")
    with pytest.raises(Invalid, match="The sign-in name lin is taken") as refused:
        factories.make_person(session, NOW, "LIN")
    assert refused.value.field == "login"
    after = factories.make_person(session, NOW, "after")
    assert set(session.scalars(select(Person.login).where(Person.id.in_([before.id, after.id])))) == {"before", "after"}


# Classes


def test_whoever_knows_the_code_joins_the_class(session: Session, cast: SimpleNamespace) -> None:
    person = actions.register(session, code=" kf26-2 ", login="newcomer", name="New", password_hash="x", language="zh", now=NOW)
    assert [line.id for line in queries.classes_joined(session, person.id)] == [cast.class_1.id]
    assert (person.role, person.language) == ("learner", "zh")


def test_a_wrong_code_is_told_and_makes_no_account(session: Session) -> None:
    with pytest.raises(Invalid, match="No class has the code KF99") as refused:
        actions.register(session, code="KF99", login="newcomer", name="New", password_hash="x", language="en", now=NOW)
    assert refused.value.field == "code"
    assert session.scalar(select(Person).where(Person.login == "newcomer")) is None


def test_a_long_wrong_code_is_repeated_only_in_part(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        actions.class_with_code(session, "x" * 5000)
    assert len(str(refused.value)) < 150


def test_enrolling_twice_is_enrolling_once(session: Session, cast: SimpleNamespace) -> None:
    for _ in range(2):
        actions.enrol(session, class_id=cast.class_2.id, person_id=cast.lin.id, now=NOW)
    rows = session.scalars(select(Enrolment).where(Enrolment.person_id == cast.lin.id)).all()
    assert sorted(row.class_id for row in rows) == sorted([cast.class_1.id, cast.class_2.id])


def test_a_due_date_is_set_and_moved(session: Session, cast: SimpleNamespace) -> None:
    chen, admin = as_who(cast.chen), as_who(cast.admin)
    first = actions.set_due(session, class_id=cast.class_1.id, work="quiz:m1", due_at=NOW + timedelta(days=1), by=chen, now=NOW)
    moved = actions.set_due(session, class_id=cast.class_1.id, work="quiz:m1", due_at=NOW + timedelta(days=2), by=admin, now=NOW + timedelta(hours=1))
    assert moved.id == first.id
    assert (moved.due_at, moved.set_by_id, moved.set_at) == (NOW + timedelta(days=2), admin.id, NOW + timedelta(hours=1))


# Sessions


def test_a_session_leads_to_its_person_until_it_is_ended(session: Session, cast: SimpleNamespace) -> None:
    token = actions.begin_session(session, person_id=cast.lin.id, now=NOW)
    assert queries.who_has(session.connection(), token, NOW) == as_who(cast.lin)
    actions.end_session(session, token=token, now=NOW)
    assert queries.who_has(session.connection(), token, NOW) is None


def test_only_the_hash_of_a_token_is_kept(session: Session, cast: SimpleNamespace) -> None:
    token = actions.begin_session(session, person_id=cast.lin.id, now=NOW)
    kept = session.scalars(select(LoginSession.token_hash).where(LoginSession.person_id == cast.lin.id)).one()
    assert kept == actions.token_hash(token) != token
    assert queries.who_has(session.connection(), kept, NOW) is None


def test_tokens_never_repeat(session: Session, cast: SimpleNamespace) -> None:
    tokens = {actions.begin_session(session, person_id=cast.lin.id, now=NOW) for _ in range(20)}
    assert len(tokens) == 20 and min(map(len, tokens)) >= 43


def test_a_session_ends_by_itself_after_its_length(session: Session, cast: SimpleNamespace) -> None:
    token = actions.begin_session(session, person_id=cast.lin.id, now=NOW)
    assert queries.who_has(session.connection(), token, NOW + actions.SESSION_LENGTH - timedelta(seconds=1)) is not None
    assert queries.who_has(session.connection(), token, NOW + actions.SESSION_LENGTH) is None


def test_signing_out_everywhere_ends_ones_own_sessions_only(session: Session, cast: SimpleNamespace) -> None:
    mine = [actions.begin_session(session, person_id=cast.lin.id, now=NOW) for _ in range(2)]
    hers = actions.begin_session(session, person_id=cast.wuhao.id, now=NOW)
    actions.end_all_sessions(session, person_id=cast.lin.id, now=NOW)
    assert [queries.who_has(session.connection(), token, NOW) for token in mine] == [None, None]
    assert queries.who_has(session.connection(), hers, NOW) is not None


def test_someone_made_inactive_is_out_at_once_and_cannot_come_back(session: Session, cast: SimpleNamespace) -> None:
    token = actions.begin_session(session, person_id=cast.lin.id, now=NOW)
    cast.lin.is_active = False
    session.flush()
    assert queries.who_has(session.connection(), token, NOW) is None
    assert queries.password_of(session, "lin") is None


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000, "林", "' OR 1=1 --"])
def test_a_token_that_was_never_given_leads_to_nobody(session: Session, token: str) -> None:
    assert queries.who_has(session.connection(), token, NOW) is None


# Guessing


def test_ten_failures_of_a_login_or_an_address_are_enough(session: Session) -> None:
    for number in range(actions.MOST_FAILURES):
        actions.refuse_guessing(session, ["login:lin", f"address:{number}"], NOW)
        actions.note_failure(session, ["login:lin", f"address:{number}"], NOW)
    for keys in (["login:lin", "address:other"], ["login:lin"]):
        with pytest.raises(TooMany, match="wait 15 minutes"):
            actions.refuse_guessing(session, keys, NOW)
    actions.refuse_guessing(session, ["login:wuhao", "address:3"], NOW)  # one failure at this address is no reason


def test_failures_of_different_keys_are_not_added_up(session: Session) -> None:
    for _ in range(actions.MOST_FAILURES - 1):
        actions.note_failure(session, ["login:lin", "address:here"], NOW)
    actions.refuse_guessing(session, ["login:lin", "address:here"], NOW)


def test_after_a_quarter_of_an_hour_one_may_try_again(session: Session) -> None:
    for _ in range(actions.MOST_FAILURES):
        actions.note_failure(session, ["login:lin"], NOW)
    with pytest.raises(TooMany):
        actions.refuse_guessing(session, ["login:lin"], NOW + actions.WINDOW - timedelta(seconds=1))
    actions.refuse_guessing(session, ["login:lin"], NOW + actions.WINDOW)
