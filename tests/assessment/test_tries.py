"""Tries at a question on both engines: what a check appends, what the hand-in adds, and what an attempt that builds on the last begins with."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware import db
from courseware.assessment import attempts, queries, uploads
from courseware.assessment.behaviours import read_behaviour
from courseware.assessment.files import File
from courseware.assessment.models import Answer, HandedIn, QuestionScore, QuestionTry, QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.reader import Quiz
from courseware.assessment.tries import wrapped
from courseware.compile import Course
from courseware.errors import Invalid, Refused
from courseware.people.models import Person
from tests.conftest import NOW

CHOICE, CLOZE = "m1-a-01", "m1-a-19"
KEYS = (f"key-{number}" for number in itertools.count())
MINUTE = timedelta(minutes=1)


@pytest.fixture
def learner(session: Session) -> int:
    return session.scalars(select(Person.id).where(Person.login == "lin")).one()


@pytest.fixture
def begin(session: Session, learner: int, course: Course) -> Any:
    """Start the Module 1 quiz for lin with a behaviour."""

    def begun(behaviour: Any, now: Any = NOW, **of: Any) -> QuizAttempt:
        quiz: Quiz = course.quizzes["m1"].model_copy(update={"behaviour": read_behaviour(behaviour), "attempts": 3, **of})
        return attempts.start(session, person_id=learner, quiz=quiz, sources=course.sources_of(quiz), revision=1, due_at=None, now=now, rng=random.Random(1))

    return begun


@pytest.fixture
def resolve(course: Course) -> Any:
    return lambda id: course.questions[id].resolve(0)


@pytest.fixture
def check(session: Session, resolve: Any) -> Any:
    """Save an answer and check it."""

    def checked(attempt: QuizAttempt, response: Any, question: str = CHOICE, at: Any = NOW) -> bool:
        save(session, attempt, response, question)
        return attempts.check_one(session, attempt, question=resolve(question), now=at)

    return checked


def save(session: Session, attempt: QuizAttempt, response: Any, question: str = CHOICE) -> attempts.Saved:
    kept = queries.kept_answers(session, attempt.id).get(question)
    sequence = kept.sequence + 1 if kept else 1
    return attempts.save_answer(session.connection(), attempt.id, attempt.paper, question_id=question, response=response, sequence=sequence, key=next(KEYS), now=NOW)


def wrong(resolve: Any, place: int = 0) -> str:
    """The id of a wrong option of the choice question."""
    return str([option.id for option in resolve(CHOICE).options if not option.right][place])


def score_of(session: Session, attempt: QuizAttempt, question: str = CHOICE) -> QuestionScore:
    return session.scalars(select(QuestionScore).where(QuestionScore.attempt_id == attempt.id, QuestionScore.question_id == question)).one()


def test_each_check_appends_a_try_and_the_last_closes_the_question(begin: Any, check: Any, session: Session, resolve: Any) -> None:
    attempt = begin({"kind": "falling", "shares": [1, 0.7]})
    assert check(attempt, wrong(resolve)) is True
    assert session.scalars(select(HandedIn)).all() == []
    assert check(attempt, resolve(CHOICE).correct()) is True
    assert [(row.number, row.fraction) for row in session.scalars(select(QuestionTry).order_by(QuestionTry.number))] == [(1, 0), (2, 1)]
    score = score_of(session, attempt)
    assert (score.fraction, score.rule) == (0.7, "all-or-nothing + falling/1")
    assert save(session, attempt, wrong(resolve)).is_late, "the question is closed"
    assert check(attempt, wrong(resolve)) is False


def test_tries_that_are_used_up_close_the_question_too(begin: Any, check: Any, session: Session, resolve: Any) -> None:
    attempt = begin({"kind": "interactive", "tries": 2})
    check(attempt, wrong(resolve))
    check(attempt, wrong(resolve, 1))
    assert score_of(session, attempt).fraction == 0


def test_the_same_answer_is_no_further_try(begin: Any, check: Any, session: Session, resolve: Any) -> None:
    attempt = begin({"kind": "interactive", "tries": 3})
    assert check(attempt, wrong(resolve)) is True
    assert attempts.check_one(session, attempt, question=resolve(CHOICE), now=NOW) is False
    assert len(queries.tries_at(session, attempt.id)[CHOICE]) == 1


def test_an_answer_handed_in_without_a_check_is_one_more_try(begin: Any, check: Any, session: Session, resolve: Any) -> None:
    attempt = begin({"kind": "interactive", "tries": 3})
    check(attempt, wrong(resolve))
    save(session, attempt, resolve(CHOICE).correct())
    attempts.hand_in(session, attempt, resolve=resolve, now=NOW)
    assert score_of(session, attempt).fraction == pytest.approx(2 / 3)
    assert [tried.fraction for tried in queries.tries_at(session, attempt.id)[CHOICE]] == [0, 1]
    assert attempt.status == "marked"


def test_an_answer_that_was_checked_and_not_changed_is_no_further_try_at_the_hand_in(begin: Any, check: Any, session: Session, resolve: Any) -> None:
    attempt = begin({"kind": "adaptive"})
    check(attempt, wrong(resolve))
    attempts.hand_in(session, attempt, resolve=resolve, now=NOW)
    assert len(queries.tries_at(session, attempt.id)[CHOICE]) == 1
    assert session.scalars(select(HandedIn.response).where(HandedIn.question_id == CHOICE)).one() == wrong(resolve)


def test_an_answer_taken_back_leaves_what_was_tried(begin: Any, check: Any, session: Session, resolve: Any) -> None:
    attempt = begin({"kind": "adaptive"})
    check(attempt, wrong(resolve))
    save(session, attempt, None)
    attempts.hand_in(session, attempt, resolve=resolve, now=NOW)
    assert session.scalars(select(HandedIn.response).where(HandedIn.question_id == CHOICE)).one() == wrong(resolve)


def test_a_question_nobody_checked_counts_as_it_stands_and_names_its_behaviour(begin: Any, session: Session, resolve: Any) -> None:
    attempt = begin({"kind": "interactive", "tries": 3})
    save(session, attempt, resolve(CHOICE).correct())
    attempts.hand_in(session, attempt, resolve=resolve, now=NOW)
    assert (score_of(session, attempt).fraction, score_of(session, attempt).rule) == (1, "all-or-nothing + interactive/1")
    assert queries.tries_at(session, attempt.id) == {}


def test_parts_right_at_the_first_try_keep_their_points(begin: Any, check: Any, session: Session, course: Course, resolve: Any) -> None:
    id = next(source.id for source in course.forms["m1-a"].questions if source.raw["kind"] == "matching")
    question, attempt = resolve(id), begin({"kind": "interactive", "tries": 3})
    right = question.correct()
    first = {**right, next(iter(right)): next(piece.id for piece in question.right if piece.id != right[next(iter(right))])}
    check(attempt, first, id)
    check(attempt, right, id)
    assert score_of(session, attempt, id).fraction == pytest.approx((len(right) - 1 + 2 / 3) / len(right))


def test_certainty_is_stored_beside_the_answer_and_scores_it(begin: Any, session: Session, resolve: Any) -> None:
    attempt = begin("certainty")
    save(session, attempt, wrapped(wrong(resolve), 3))
    save(session, attempt, wrapped(resolve("m1-a-02").correct(), 2), "m1-a-02")
    save(session, attempt, None, "m1-a-03")
    attempts.hand_in(session, attempt, resolve=resolve, now=NOW)
    rows = {row.question_id: row for row in session.scalars(select(HandedIn))}
    assert (rows[CHOICE].response, rows[CHOICE].certainty) == (wrong(resolve), 3)
    assert (score_of(session, attempt).fraction, score_of(session, attempt).rule) == (-2, "all-or-nothing + certainty/1")
    assert score_of(session, attempt, "m1-a-02").fraction == pytest.approx(2 / 3)
    assert score_of(session, attempt, "m1-a-03").fraction == 0
    assert attempts.total(session, attempt.id) == 0, "a mark is never below 0"


def test_certainty_that_is_only_asked_changes_no_points(begin: Any, session: Session, resolve: Any) -> None:
    attempt = begin({"kind": "deferred", "certainty": True})
    save(session, attempt, wrapped(resolve(CHOICE).correct(), 1))
    attempts.hand_in(session, attempt, resolve=resolve, now=NOW)
    assert score_of(session, attempt).fraction == 1
    assert session.scalars(select(HandedIn.certainty).where(HandedIn.question_id == CHOICE)).one() == 1


def test_a_paper_keeps_the_settings_it_began_with_and_an_old_one_names_only_the_behaviour(begin: Any) -> None:
    attempt = begin({"kind": "interactive", "tries": 4, "penalty": 0.1})
    assert attempt.paper["behaviour"] == {"kind": "interactive", "certainty": False, "tries": 4, "penalty": 0.1}
    old = Paper.from_json({**attempt.paper, "behaviour": "immediate"})
    assert old.behaviour == read_behaviour("immediate")
    assert Paper.from_json(attempt.paper).as_json() == attempt.paper


def test_nothing_is_checked_after_the_end(begin: Any, check: Any, session: Session, resolve: Any) -> None:
    attempt = begin("immediate", minutes=20)
    save(session, attempt, wrong(resolve))
    with pytest.raises(Refused):
        attempts.check_one(session, attempt, question=resolve(CHOICE), now=NOW + timedelta(hours=1))
    with pytest.raises(Invalid):
        attempts.check_one(session, attempt, question=resolve("m1-a-02"), now=NOW)


def test_two_checks_at_once_are_one_try(school: db.School, course: Course, resolve: Any) -> None:
    quiz = course.quizzes["m1"].model_copy(update={"behaviour": read_behaviour({"kind": "interactive", "tries": 3})})
    with db.session(school, write=True) as session:
        person = session.scalars(select(Person.id).where(Person.login == "lin")).one()
        attempt = attempts.start(session, person_id=person, quiz=quiz, sources=course.sources_of(quiz), revision=1, due_at=None, now=NOW, rng=random.Random(1))
        save(session, attempt, wrong(resolve))

    def checks(_: int) -> bool:
        with db.session(school, write=True) as session:
            return attempts.check_one(session, session.get_one(QuizAttempt, attempt.id), question=resolve(CHOICE), now=NOW)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(checks, range(6))) == [False] * 5 + [True]
    with db.session(school) as session:
        assert len(session.scalars(select(QuestionTry)).all()) == 1


# Waiting, and building on the last attempt


def test_a_quiz_makes_wait_before_the_next_attempt(begin: Any, session: Session, resolve: Any) -> None:
    waits = {"wait": (30, 120)}
    for number, minutes in ((1, 30), (2, 120)):
        attempt = begin("deferred", NOW + timedelta(days=number), **waits)
        attempts.hand_in(session, attempt, resolve=resolve, now=NOW + timedelta(days=number))
        with pytest.raises(Refused) as refused:
            begin("deferred", NOW + timedelta(days=number, minutes=minutes - 1), **waits)
        assert refused.value.message.params["when"] == NOW + timedelta(days=number, minutes=minutes)
    assert begin("deferred", NOW + timedelta(days=2, minutes=120), **waits).number == 3


def test_the_last_wait_holds_for_all_further_attempts(course: Course) -> None:
    quiz = course.quizzes["m1"].model_copy(update={"wait": (5,)})
    assert attempts.next_start(quiz, [NOW, NOW + MINUTE, None]) == NOW + 6 * MINUTE
    assert attempts.next_start(quiz, [None]) is None
    assert attempts.next_start(course.quizzes["m1"], [NOW]) is None


@pytest.mark.parametrize("behaviour", ["deferred", "certainty"])
def test_an_attempt_builds_on_the_last_one(begin: Any, session: Session, resolve: Any, behaviour: str) -> None:
    kept = wrapped("a", 2) if behaviour == "certainty" else "a"
    first = begin(behaviour, builds_on_last=True)
    save(session, first, kept)
    attempts.hand_in(session, first, resolve=resolve, now=NOW)
    second = begin(behaviour, NOW + MINUTE, builds_on_last=True)
    assert (second.number, second.form, second.paper["questions"], second.paper["seed"]) == (2, "A", first.paper["questions"], first.paper["seed"])
    rows = session.scalars(select(Answer).where(Answer.attempt_id == second.id)).all()
    assert [(row.question_id, row.response, row.sequence, row.sha256) for row in rows] == [(CHOICE, kept, 1, attempts.digest(kept))]
    assert save(session, second, kept).is_kept


def test_files_sent_for_the_last_attempt_stand_in_the_one_that_builds_on_it(begin: Any, session: Session, resolve: Any, learner: int) -> None:
    first = begin("deferred", builds_on_last=True)
    file = File("calls.csv", "csv", b"who,when")
    entry = uploads.store(session.connection(), file, attempt_id=first.id, question_id=CHOICE, by_id=learner, now=NOW)
    attempts.hand_in(session, first, resolve=resolve, now=NOW)
    second = begin("deferred", NOW + MINUTE, builds_on_last=True)
    (kept,) = uploads.files_of(session, second.id, {CHOICE: [entry]})[CHOICE]
    assert (kept.name, kept.sha256) == ("calls.csv", file.sha256)
