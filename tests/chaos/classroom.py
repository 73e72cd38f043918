"""The people of a trial: learners who sit the quiz of forty questions, each signed in and with an attempt open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from courseware import clock, db
from courseware.assessment.models import QuizAttempt
from courseware.course.revisions import read_folder, store
from courseware.people import actions
from courseware.people.models import Role
from courseware.shipped import root
from tests.chaos.line import request
from tests.chaos.served import SECRET
from tests.forty import TYPED, with_forty

TYPING = [f"q{number:02}" for number in range(1, TYPED + 1)]
"""The questions in which any text can be typed."""


@dataclass(frozen=True)
class Seat:
    """Where a learner sits: the attempt, and what the browser sends with every request."""

    attempt: int
    cookie: str
    csrf: str


def publish(school: db.School) -> int:
    """Publish the shipped course with the quiz of forty questions; give its revision."""
    with db.session(school, write=True) as session:
        return store(session, with_forty(read_folder(root())), clock.now())


def seat(school: db.School, port: int, count: int) -> list[Seat]:
    """Let so many new learners begin the quiz at a server."""
    now = clock.now()
    with db.session(school, write=True) as session:
        people = [
            actions.add_person(session, login=f"seat{number}-{now:%H%M%S%f}", name=f"Seat {number}", role=Role.LEARNER, password_hash="!", now=now).id for number in range(count)
        ]
        tokens = [actions.begin_session(session, person_id=person, now=now) for person in people]
    signed_in = [_signed_in(token) for token in tokens]
    asyncio.run(_start(port, signed_in))
    with db.session(school) as session:
        attempts = {row.person_id: row.id for row in session.execute(select(QuizAttempt.person_id, QuizAttempt.id).where(QuizAttempt.person_id.in_(people)))}
    return [Seat(attempts[person], *visitor) for person, visitor in zip(people, signed_in, strict=True)]


def _signed_in(token: str) -> tuple[str, str]:
    """A cookie of somebody with a session, and the token against forged forms that belongs to it: signed as the server signs them."""
    app = flask.Flask("trials")
    app.secret_key = SECRET
    cookies = SecureCookieSessionInterface().get_signing_serializer(app)
    assert cookies is not None
    return f"courseware={cookies.dumps({'token': token, 'csrf_token': token[:40]})}", str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(token[:40]))


async def _start(port: int, visitors: list[tuple[str, str]]) -> None:
    for cookie, csrf in visitors:
        status, said = await request(port, "/quizzes/forty/start", {"Cookie": cookie, "X-CSRFToken": csrf}, patience=60)
        assert status == 303, (status, said[:2000])
