"""Every route, tried as everyone: who may not is sent to sign in (nobody) or finds nothing there (somebody)."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import flask
import pytest
from sqlalchemy import select

from courseware import db
from courseware.assessment import attempts
from courseware.cli.simulated import PARAGRAPHS
from courseware.grading import actions as grading
from courseware.people.models import Class, Person
from courseware.sandbox import attempts as sandboxes
from courseware.sandbox.state import checkout
from courseware.web.site import Site
from tests.conftest import NOW

CAST = ("lin", "wuhao", "outsider", "chen", "gao", "zhao", "sunjie", "admin")
ROLES = {"lin": "learner", "wuhao": "learner", "outsider": "learner", "sunjie": "learner", "chen": "instructor", "gao": "instructor", "zhao": "manager", "admin": "administrator"}
ANYONE = set(CAST)
# What is lin's: of the others, who may look at it. Her manager she has none.
SEES_LIN = {"lin", "chen", "admin"}


def allowed(policy: str) -> set[str]:
    """The members of the cast a policy lets in at all."""
    if policy in ("anyone", "signed_in"):
        return ANYONE
    return {login for login, role in ROLES.items() if role in policy.split("_or_")}


@pytest.fixture
def objects(site: Site) -> dict[str, Any]:
    """One of each thing that an address may name, all of them lin's or her class's."""
    course = site.course()
    with db.session(site.school, write=True) as session:
        lin = session.scalars(select(Person).where(Person.login == "lin")).one()
        quiz = course.quizzes["m1"]
        attempt = attempts.start(session, person_id=lin.id, quiz=quiz, sources=course.sources_of(quiz), revision=course.revision, due_at=None, now=NOW, rng=random.Random(1))
        scenario = course.scenarios["SC31"]
        run = sandboxes.start(
            session, person_id=lin.id, scenario=scenario, state=checkout(course.base), base_identity=course.base.identity, revision_id=course.revision, seed=1, language="en", now=NOW
        )
        case = course.cases["CS2"]
        answer = grading.open_case(session, person_id=lin.id, case=case, revision=course.revision, language="en", due_at=None, now=NOW)
        chosen = [question.id for question in case.questions[: case.choose]]
        grading.save_case(session, answer, text="\n\n".join(PARAGRAPHS), questions=chosen, sequence=1, due_at=None, now=NOW)
        grading.hand_in_case(session, answer, case=case, now=NOW + timedelta(hours=1))
        group = session.scalars(select(Class).where(Class.code == "KF26-2")).one()
        return {
            "attempt_id": attempt.id, "place": 1, "run_id": run.id, "answer_id": answer.id, "class_id": group.id, "person_id": lin.id, "case_id": "CS2",
            "quiz_id": "m1", "scenario_id": "SC31", "section_id": "1.3", "question_id": "chk-1-3-a", "code": "K1.1", "work": "quiz:m1", "table": "contacts",
            "record_id": 1, "import_id": 1, "verb": "contact.create", "name": "logo.svg", "check_id": "consent", "form_id": "m1-a", "revision_id": 1, "language": "en", "sha256": "0" * 64,
            "kpi_id": "service-level", "role_id": "R1",
        }  # fmt: skip


def rules(app: flask.Flask) -> list[Any]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def policy_of(app: flask.Flask, rule: Any) -> str:
    policy = getattr(app.view_functions[rule.endpoint], "policy", None)
    assert policy is not None, f"{rule.rule} declares no policy"
    name: str = policy.__name__
    return name


def test_every_route_declares_a_policy(app: flask.Flask) -> None:
    assert {policy_of(app, rule) for rule in rules(app)} >= {"anyone", "signed_in", "learner"}


def test_every_address_names_only_things_this_test_knows(app: flask.Flask, objects: dict[str, Any]) -> None:
    assert {argument for rule in rules(app) for argument in rule.arguments} <= objects.keys()


def test_nobody_gets_anything_but_the_pages_for_anyone(app: flask.Flask, objects: dict[str, Any], browser: Any) -> None:
    visitor = browser()
    visitor.get("/sign-in")
    for rule in rules(app):
        if policy_of(app, rule) == "anyone":
            continue
        with app.test_request_context():
            address = flask.url_for(rule.endpoint, **{name: objects[name] for name in rule.arguments})
        answer = visitor.get(address) if "GET" in rule.methods else visitor.post(address)
        assert answer.status_code in (303, 401), f"{rule.rule} answers {answer.status} to nobody"
        assert "sign-in" in answer.headers.get("Location", "sign-in")


@pytest.mark.parametrize("login", CAST)
def test_a_role_that_may_not_finds_nothing(app: flask.Flask, objects: dict[str, Any], browser: Any, login: str) -> None:
    visitor = browser(login)
    for rule in rules(app):
        policy = policy_of(app, rule)
        if login in allowed(policy):
            continue
        with app.test_request_context():
            address = flask.url_for(rule.endpoint, **{name: objects[name] for name in rule.arguments})
        answer = visitor.get(address) if "GET" in rule.methods else visitor.post(address)
        assert answer.status_code == 404, f"{rule.rule} ({policy}) answers {answer.status} to {login}"


OWNED = {"attempt_id", "run_id", "answer_id", "person_id", "class_id"}


@pytest.mark.parametrize("login", ["wuhao", "outsider", "gao", "zhao", "sunjie"])
def test_what_belongs_to_others_is_not_there(app: flask.Flask, objects: dict[str, Any], browser: Any, login: str) -> None:
    """Nobody but lin, her instructor and the administrator reaches what is lin's, nor her class."""
    visitor = browser(login)
    for rule in rules(app):
        if not OWNED & set(rule.arguments) or login not in allowed(policy_of(app, rule)):
            continue
        with app.test_request_context():
            address = flask.url_for(rule.endpoint, **{name: objects[name] for name in rule.arguments})
        answer = visitor.get(address) if "GET" in rule.methods else visitor.post(address)
        assert answer.status_code == 404, f"{rule.rule} answers {answer.status} to {login}"


@pytest.mark.parametrize("login", sorted(SEES_LIN))
def test_missing_and_foreign_look_alike(app: flask.Flask, objects: dict[str, Any], browser: Any, login: str) -> None:
    visitor = browser(login)
    for rule in rules(app):
        if not OWNED & set(rule.arguments) or login not in allowed(policy_of(app, rule)):
            continue
        with app.test_request_context():
            address = flask.url_for(rule.endpoint, **{name: 999_999 if name in OWNED else objects[name] for name in rule.arguments})
        answer = visitor.get(address) if "GET" in rule.methods else visitor.post(address)
        assert answer.status_code == 404, f"{rule.rule} answers {answer.status} to {login} for a missing thing"


def test_a_number_too_large_for_any_row_is_no_address(app: flask.Flask, browser: Any) -> None:
    assert browser("chen").get(f"/grade/{10**20}").status_code == 404
