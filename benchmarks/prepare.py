"""Make the school that is measured: learners signed in, attempts open, a sandbox run with 60 actions."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import flask
from sqlalchemy.orm import Session

from courseware import clock, db, storage
from courseware.assessment import attempts
from courseware.assessment.papers import Paper
from courseware.cli.content import publish
from courseware.compile import Course
from courseware.people import actions
from courseware.people.models import Role
from courseware.sandbox import attempts as sandboxes
from courseware.sandbox.state import checkout
from courseware.shipped import root
from courseware.web.app import create_app
from courseware.web.site import Site

SAVERS = 64  # learners whose answers are saved
HAND_INS = 2000  # attempts waiting to be handed in
ACTIONS = 60  # in the sandbox run that is listed


@dataclass(frozen=True)
class Prepared:
    """Where to send what. Each visitor is (Cookie header, CSRF token)."""

    reader: tuple[str, str]
    saves: list[dict[str, Any]]
    hand_ins: list[dict[str, Any]]
    run: int


def prepare(folder: Path) -> Prepared:
    school = db.connect(f"sqlite:///{folder / 'school.sqlite'}")
    storage.migrate(school)
    publish(school, root())
    site = Site(school, folder)
    course, now = site.course(), clock.now()
    app = create_app(site, "the benchmark's own key, not secret at all")
    with db.session(school, write=True) as session:
        people = [_person(session, f"bench{number}", now) for number in range(SAVERS + HAND_INS)]
        tokens = {person: actions.begin_session(session, person_id=person, now=now) for person in people}
        papers = {person: _attempt(session, course, person, now, answered=number >= SAVERS) for number, person in enumerate(people)}
        run = _run(session, course, people[0], now)
    visitors = {person: visitor(app, token) for person, token in tokens.items()}
    saves = [_target(visitors[person], *papers[person]) for person in people[:SAVERS]]
    hand_ins = [_target(visitors[person], *papers[person]) for person in people[SAVERS:]]
    school.engine.dispose()
    return Prepared(visitors[people[0]], saves, hand_ins, run)


def _person(session: Session, login: str, now: datetime) -> int:
    return actions.add_person(session, login=login, name=login, role=Role.LEARNER, password_hash="!", now=now).id


def _attempt(session: Session, course: Course, person: int, now: datetime, *, answered: bool) -> tuple[int, str]:
    """An open attempt, with every question answered where it is to be handed in; give it and its first question."""
    quiz, rng = course.quizzes["m1"], random.Random(person)
    attempt = attempts.start(session, person_id=person, quiz=quiz, sources=course.sources_of(quiz), revision=course.revision, due_at=None, now=now, rng=rng)
    paper = Paper.from_json(attempt.paper)
    for asked in paper.questions if answered else ():
        right = course.questions[asked.id].resolve(paper.seed).correct()
        attempts.save_answer(session.connection(), attempt.id, attempt.paper, question_id=asked.id, response=right, sequence=1, key=asked.id, now=now)
    return attempt.id, paper.questions[0].id


def _run(session: Session, course: Course, person: int, now: datetime) -> int:
    """A run of SC31 with ACTIONS actions: tasks are the plainest rows to add."""
    state, scenario = checkout(course.base), course.scenarios["SC31"]
    attempt = sandboxes.start(
        session, person_id=person, scenario=scenario, state=state, base_identity=course.base.identity, revision_id=course.revision, seed=7, language="en", now=now
    )
    for number in range(ACTIONS):
        arguments = {"kind": "call", "subject": f"Call number {number}"}
        sandboxes.act(session, attempt, scenario=scenario, state=state, verb="task.create", arguments=arguments, now=now)
    return attempt.id


def visitor(app: flask.Flask, token: str) -> tuple[str, str]:
    """A signed-in browser: its Cookie header, and the CSRF token of a form it has open."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["token"] = token
    page = client.get("/about")
    csrf = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    kept = client.get_cookie("courseware")
    assert kept is not None
    return f"courseware={kept.value}", csrf


def _target(visitor: tuple[str, str], attempt: int, question: str) -> dict[str, Any]:
    return {"cookie": visitor[0], "csrf": visitor[1], "attempt": attempt, "question": question}


def lua_targets(path: Path, targets: list[dict[str, Any]]) -> str:
    """Write the targets to a file and give the Lua that reads them: a literal table would be too large for wrk's Lua."""
    path.write_text("".join(f"{one['cookie']}\t{one['csrf']}\t{one['attempt']}\t{one['question']}\n" for one in targets))
    return f"""local targets = {{}}
for line in io.lines({json.dumps(str(path))}) do
  local cookie, csrf, attempt, question = line:match("^(.-)\t(.-)\t(.-)\t(.-)$")
  table.insert(targets, {{cookie = cookie, csrf = csrf, attempt = attempt, question = question}})
end
"""
