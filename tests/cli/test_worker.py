"""`courseware worker` as an administrator runs it, and the thread that `serve` gives it."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courseware import clock, db
from courseware.assessment import attempts
from courseware.assessment.models import QuizAttempt
from courseware.cli import worker
from courseware.cli.main import main
from courseware.people.models import Person
from courseware.people.terms import Terms
from courseware.web.site import Site


@pytest.fixture
def instance(sqlite_school: db.School, tmp_path: Path) -> Path:
    """An instance folder whose school has an attempt that ended an hour ago, and one that goes on."""
    site = Site(sqlite_school, tmp_path)
    course, now = site.course(), clock.now()
    quiz = course.quizzes["m1"]
    with db.session(sqlite_school, write=True) as session:
        for login, hours in (("lin", -1), ("wuhao", 1)):
            person = session.scalars(select(Person.id).where(Person.login == login)).one()
            terms = Terms(closes_at=now + timedelta(hours=hours))
            begun = now - timedelta(hours=2)
            attempts.start(session, person_id=person, quiz=quiz, sources=course.sources_of(quiz), revision=1, due_at=None, now=begun, rng=random.Random(1), terms=terms)
    return tmp_path


def states(school: db.School) -> list[str]:
    with db.session(school) as session:
        return list(session.scalars(select(QuizAttempt.status).order_by(QuizAttempt.id)))


def test_one_round_hands_in_what_ran_out_of_time_and_a_second_nothing(instance: Path, sqlite_school: db.School, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker", "--once", "--instance", str(instance)]) == 0
    assert capsys.readouterr().out == "courseware worker: handed in quiz attempt 1, whose time had run out\n"
    assert states(sqlite_school) == ["released", "draft"]
    assert main(["worker", "--once", "--instance", str(instance)]) == 0
    assert capsys.readouterr().out == ""


def test_a_school_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker", "--once", "--instance", str(tmp_path / "nowhere")]) == 1
    assert "there is no school" in capsys.readouterr().err


def test_the_thread_beside_a_server_works_and_ends_with_it(instance: Path, sqlite_school: db.School, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    work_off = worker.work_off

    def noted(*given: Any, **more: Any) -> dict[int, str]:
        told = work_off(*given, **more)
        done.set()
        return told

    monkeypatch.setattr(worker, "work_off", noted)
    with worker.beside(Site(sqlite_school, instance)):
        assert done.wait(60)
    assert states(sqlite_school) == ["released", "draft"]
    assert "worker" not in {thread.name for thread in threading.enumerate()}


def test_a_failure_is_said_once_and_stops_nothing(instance: Path, sqlite_school: db.School, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    site = Site(sqlite_school, instance)
    monkeypatch.setattr(site, "revision", lambda _: 1 / 0)
    told = worker.work_off(site, {})
    assert told == {1: "ZeroDivisionError: division by zero"}
    assert worker.work_off(site, told) == told
    assert capsys.readouterr().out.count("could not be handed in") == 1
