"""The sweep: what ran out of time is handed in once, whoever else hands it in meanwhile, and whatever line the process dies at."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from courseware import db
from courseware.assessment import attempts
from courseware.assessment.models import HandedIn, QuestionScore, QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.review import PRESETS
from courseware.compile import Course
from courseware.grading.handing_in import hand_in_quiz
from courseware.grading.models import Evidence, LedgerEntry
from courseware.grading.sweeping import release, sweep
from courseware.people.models import Assignment, Class, Person
from tests.conftest import NOW

END = NOW + timedelta(minutes=20)
OVER = END + timedelta(seconds=6)
QUESTIONS = 19


@pytest.fixture
def begin(school: db.School, course: Course) -> Callable[..., int]:
    """Begin the Module 1 quiz with twenty minutes for somebody, one answer given."""

    def begun(login: str = "lin", **of: Any) -> int:
        quiz = course.quizzes["m1"].model_copy(update={"minutes": 20, **of})
        with db.session(school, write=True) as session:
            person = session.scalars(select(Person.id).where(Person.login == login)).one()
            attempt = attempts.start(session, person_id=person, quiz=quiz, sources=course.sources_of(quiz), revision=1, due_at=None, now=NOW, rng=random.Random(1))
            attempts.save_answer(session.connection(), attempt.id, attempt.paper, question_id="m1-a-01", response="a", sequence=1, key="k", now=NOW)
            return attempt.id

    return begun


@pytest.fixture
def state(school: db.School) -> Callable[[int], tuple[str, list[int]]]:
    """The status of an attempt, and how many rows of each kind came of it."""

    def found(id: int) -> tuple[str, list[int]]:
        with db.session(school) as session:
            of_it = (HandedIn.attempt_id == id, QuestionScore.attempt_id == id, Evidence.work_id == id, LedgerEntry.work_id == id)
            return session.get_one(QuizAttempt, id).status, [session.scalar(select(func.count()).where(one)) or 0 for one in of_it]

    return found


WHOLE = ("released", [QUESTIONS, QUESTIONS, QUESTIONS, 1])
OPEN = ("draft", [0, 0, 0, 0])


def test_what_ran_out_of_time_is_handed_in_as_of_its_end(school: db.School, course: Course, begin: Any, state: Any) -> None:
    attempt = begin()
    assert sweep(school, course_of=lambda _: course, now=END + timedelta(seconds=5)).handed_in == (), "the grace still runs"
    assert sweep(school, course_of=lambda _: course, now=OVER).handed_in == (attempt,)
    assert state(attempt) == WHOLE
    with db.session(school) as session:
        assert session.get_one(QuizAttempt, attempt).submitted_at == END
    assert sweep(school, course_of=lambda _: course, now=OVER).handed_in == ()


def test_marks_that_wait_for_the_close_are_released_by_the_sweep_and_once(school: db.School, course: Course, begin: Any, state: Any) -> None:
    attempt = begin(review=PRESETS["exam"])
    with db.session(school, write=True) as session:
        chen, group = session.execute(select(Class.instructor_id, Class.id).where(Class.code == "KF26-2")).one()
        session.add(Assignment(class_id=group, work="quiz:m1", due_at=OVER, closes_at=OVER + timedelta(hours=1), set_by_id=chen, set_at=NOW))
    assert sweep(school, course_of=lambda _: course, now=OVER).handed_in == (attempt,)
    for minutes, released, status in ((59, 0, "marked"), (60, 1, "released"), (61, 0, "released")):
        assert release(school, course_of=lambda _: course, now=OVER + timedelta(minutes=minutes)) == released
        assert state(attempt)[0] == status


def test_what_has_no_end_or_a_longer_grace_stays_open(school: db.School, course: Course, begin: Any, state: Any) -> None:
    endless, graced = begin("lin", minutes=None), begin("wuhao", grace=600)
    assert sweep(school, course_of=lambda _: course, now=OVER).handed_in == ()
    assert sweep(school, course_of=lambda _: course, now=END + timedelta(seconds=601)).handed_in == (graced,)
    assert state(endless)[0] == "draft"


def test_one_that_cannot_be_handed_in_does_not_keep_the_others_waiting(school: db.School, course: Course, begin: Any, state: Any) -> None:
    broken, sound = begin("lin"), begin("wuhao")

    def course_of(_: int) -> Course:
        if calls.pop():
            raise LookupError("the revision is gone")
        return course

    calls = [False, True]
    swept = sweep(school, course_of=course_of, now=OVER)
    assert (swept.handed_in, dict(swept.failed)) == ((sound,), {broken: "LookupError: the revision is gone"})
    assert state(broken) == OPEN


def test_sweeps_and_hand_ins_at_once_hand_in_once(school: db.School, course: Course, begin: Any, state: Any) -> None:
    mine = [begin("lin"), begin("wuhao")]
    asked = course.asked(Paper.from_json(_paper(school, mine[0])))

    def sweeps(_: int) -> int:
        return len(sweep(school, course_of=lambda _: course, now=OVER).handed_in)

    def hands_in(_: int) -> int:
        with db.session(school, write=True) as session:
            return hand_in_quiz(session, session.get_one(QuizAttempt, mine[0]), resolve=asked.__getitem__, now=OVER)

    with ThreadPoolExecutor(6) as pool:
        done = [*[pool.submit(sweeps, number) for number in range(4)], *[pool.submit(hands_in, number) for number in range(4)]]
        assert sum(one.result() for one in done) == 2
    assert [state(id) for id in mine] == [WHOLE, WHOLE]


def test_an_attempt_that_was_given_time_meanwhile_is_left_open(school: db.School, course: Course, begin: Any, state: Any) -> None:
    attempt = begin()

    def course_of(_: int) -> Course:  # is asked between the look and the turn of the writer
        with db.session(school, write=True) as session:
            session.get_one(QuizAttempt, attempt).deadline_at = OVER + timedelta(minutes=5)
        return course

    assert sweep(school, course_of=course_of, now=OVER).handed_in == ()
    assert state(attempt) == OPEN


def test_a_kill_at_any_statement_leaves_an_attempt_open_or_whole_and_never_between(school: db.School, course: Course, begin: Any, state: Any) -> None:
    """The sweep is killed (SIGKILL) at its first statement, its second, and so on. No `submitted` without scores can be found, so nothing but open attempts is left to finish."""
    attempt = begin()
    seen = []
    for number in range(1, 60):
        if not _dies_at(school.engine.url.render_as_string(hide_password=False), number, course, OVER):
            break
        seen.append(state(attempt))
    assert len(seen) > 10, "statements of one hand-in"
    assert all(one in (OPEN, WHOLE) for one in seen)
    assert OPEN in seen
    sweep(school, course_of=lambda _: course, now=OVER)
    assert state(attempt) == WHOLE


def _dies_at(url: str, statement: int, course: Course, now: datetime) -> bool:
    """Sweep in a forked process with a connection of its own that is killed before a statement (BEGIN and COMMIT count); tell whether it came so far."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    try:  # from here on in the child, which must never come back to the tests
        school = db.connect(url)
        left = [statement]

        def count(*_: Any) -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(school.engine, "before_cursor_execute", count)
        event.listen(school.engine, "commit", count)
        sweep(school, course_of=lambda _: course, now=now)
    finally:
        os._exit(0)


def _paper(school: db.School, id: int) -> dict[str, Any]:
    with db.session(school) as session:
        return session.get_one(QuizAttempt, id).paper
