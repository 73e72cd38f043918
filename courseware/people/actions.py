"""What changes persons, classes and sessions. Passwords arrive here already hashed."""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courseware.errors import Invalid, TooMany
from courseware.i18n import message
from courseware.people.access import Who
from courseware.people.models import Accommodation, Assignment, Class, Enrolment, LoginSession, Person, Role, SignInFailure
from courseware.people.terms import LEAST_FACTOR, MOST_EXTRA, MOST_FACTOR, Own

SESSION_LENGTH = timedelta(days=14)
WINDOW, MOST_FAILURES = timedelta(minutes=15), 10
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


def add_person(session: Session, *, login: str, name: str, role: Role, password_hash: str, now: datetime, language: str = "en", manager_id: int | None = None) -> Person:
    login, name = login.strip().lower(), " ".join(name.split())
    if not LOGIN.fullmatch(login):
        raise Invalid(message("A sign-in name has 3 to 40 small letters, digits, dots, dashes or underscores, such as lin.xiaoyu."), "login")
    if not 1 <= len(name) <= 80:
        raise Invalid(message("Please give your name, in at most 80 characters."), "name")
    person = Person(login=login, name=name, role=role, password_hash=password_hash, created_at=now, language=language, manager_id=manager_id)
    try:
        with session.begin_nested():
            session.add(person)
    except IntegrityError:
        raise Invalid(message("The sign-in name %(login)s is taken. Please choose another.", login=login), "login") from None
    return person


def add_class(session: Session, *, name: str, code: str, instructor_id: int, now: datetime) -> Class:
    added = Class(name=name, code=code.upper(), instructor_id=instructor_id, created_at=now)
    session.add(added)
    session.flush()
    return added


def class_with_code(session: Session, code: str) -> Class:
    found = session.scalar(select(Class).where(Class.code == code.strip().upper()))
    if found is None:
        raise Invalid(message("No class has the code %(code)s. Ask your instructor to read it to you again.", code=code.strip()[:40]), "code")
    return found


def enrol(session: Session, *, class_id: int, person_id: int, now: datetime) -> None:
    known = session.scalar(select(Enrolment.id).where(Enrolment.class_id == class_id, Enrolment.person_id == person_id))
    if known is None:
        session.add(Enrolment(class_id=class_id, person_id=person_id, at=now))
        session.flush()


def register(session: Session, *, code: str, login: str, name: str, password_hash: str, language: str, now: datetime) -> Person:
    """Make an account by a class code and enrol it in that class."""
    joined = class_with_code(session, code)
    person = add_person(session, login=login, name=name, role=Role.LEARNER, password_hash=password_hash, now=now, language=language)
    enrol(session, class_id=joined.id, person_id=person.id, now=now)
    return person


def set_due(session: Session, *, class_id: int, work: str, due_at: datetime, by: Who, now: datetime) -> Assignment:
    """Set work for a class, or move its date. Attempts already begun keep the date they were begun with."""
    assignment = session.scalar(select(Assignment).where(Assignment.class_id == class_id, Assignment.work == work))
    if assignment is None:
        assignment = Assignment(class_id=class_id, work=work, due_at=due_at, set_by_id=by.id, set_at=now)
        session.add(assignment)
    assignment.due_at, assignment.set_by_id, assignment.set_at = due_at, by.id, now
    session.flush()
    return assignment


def set_terms(
    session: Session, *, class_id: int, work: str, opens_at: datetime | None, due_at: datetime, closes_at: datetime | None, networks: list[str], by: Who, now: datetime
) -> Assignment:
    """Set work for a class with all its dates and the networks it may be done in (none: anywhere). Attempts already begun keep the dates they were begun with."""
    if opens_at and opens_at >= due_at:
        raise Invalid(message("It has to open before it is due."), "opens_at")
    if closes_at and closes_at < due_at:
        raise Invalid(message("It cannot close before it is due."), "closes_at")
    assignment = set_due(session, class_id=class_id, work=work, due_at=due_at, by=by, now=now)
    assignment.opens_at, assignment.closes_at, assignment.networks = opens_at, closes_at, networks or None
    session.flush()
    return assignment


def set_password(session: Session, assignment: Assignment, *, password_hash: str | None) -> None:
    """Ask for a password before the work can be begun, or no longer."""
    assignment.password_hash = password_hash
    session.flush()


def the_reason(note: str) -> str:
    """Give a reason as it is kept. Raises Invalid if there is none."""
    note = note.strip()
    if not 3 <= len(note) <= 1_000:
        raise Invalid(message("Say why, in 3 to 1,000 characters. Only staff read it."), "note")
    return note


def accommodate(session: Session, *, person_id: int, work: str, own: Own, note: str, by: Who, now: datetime) -> Accommodation:
    """Give a person terms of her own, for one work or with an empty `work` for all. They replace those given before; an empty Own takes them away.

    Every change stays on record with its reason. Attempts already begun keep the terms they were begun with.
    """
    reason = the_reason(note)
    if own.time_factor is not None and not LEAST_FACTOR <= own.time_factor <= MOST_FACTOR:
        raise Invalid(message("The time factor is a number from %(least)s to %(most)s: 1.5 is half as much again.", least="1", most="5"), "time_factor")
    if own.extra_attempts is not None and not 0 <= own.extra_attempts <= MOST_EXTRA:
        raise Invalid(message("Extra attempts are a whole number from 0 to %(most)s.", most=MOST_EXTRA), "extra_attempts")
    if own.opens_at and own.closes_at and own.opens_at >= own.closes_at:
        raise Invalid(message("It has to open before it closes."), "opens_at")
    added = Accommodation(person_id=person_id, work=work, note=reason, set_by_id=by.id, set_at=now, **vars(own))
    session.add(added)
    session.flush()
    return added


def clear_due(session: Session, *, class_id: int, work: str) -> None:
    """Take the date of a piece of work away. Attempts already begun keep the date they were begun with."""
    session.execute(delete(Assignment).where(Assignment.class_id == class_id, Assignment.work == work))


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def begin_session(session: Session, *, person_id: int, now: datetime) -> str:
    """Begin a session and give its token, which is shown to the browser once and kept only as a hash."""
    token = secrets.token_urlsafe(32)
    session.add(LoginSession(token_hash=token_hash(token), person_id=person_id, created_at=now, expires_at=now + SESSION_LENGTH))
    session.flush()
    return token


def end_session(session: Session, *, token: str, now: datetime) -> None:
    session.execute(update(LoginSession).where(LoginSession.token_hash == token_hash(token)).values(revoked_at=now))


def end_all_sessions(session: Session, *, person_id: int, now: datetime) -> None:
    """Sign somebody out everywhere."""
    session.execute(update(LoginSession).where(LoginSession.person_id == person_id, LoginSession.revoked_at.is_(None)).values(revoked_at=now))


def note_failure(session: Session, keys: list[str], now: datetime) -> None:
    session.add_all(SignInFailure(key=key, at=now) for key in keys)
    session.flush()


def begin_guess(session: Session, key: str, now: datetime) -> int:
    """Count a guess as wrong before the password is looked at, for that takes time, and so twenty guesses at once are no more than ten. Raise TooMany after those.

    Give its number for `take_back`. The caller commits first, and then looks.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite's writers come one after the other anyway
        session.execute(select(func.pg_advisory_xact_lock(zlib.crc32(key.encode()))))
    refuse_guessing(session, [key], now)
    guess = SignInFailure(key=key, at=now)
    session.add(guess)
    session.flush()
    return guess.id


def take_back(session: Session, guess: int) -> None:
    """Count a guess no longer: it was right."""
    session.execute(delete(SignInFailure).where(SignInFailure.id == guess))


def refuse_guessing(session: Session, keys: list[str], now: datetime) -> None:
    """Raise TooMany when a login or an address failed too often of late."""
    since = now - WINDOW
    worst = session.scalar(
        select(func.count()).where(SignInFailure.key.in_(keys), SignInFailure.at > since).group_by(SignInFailure.key).order_by(func.count().desc()).limit(1)
    )
    if (worst or 0) >= MOST_FAILURES:
        raise TooMany(message("Too many wrong passwords. Please wait %(minutes)s minutes, then try again.", minutes=int(WINDOW.total_seconds() // 60)))
