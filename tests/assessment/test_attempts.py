"""Attempts on both engines: what is kept, in which order, until when, and what the database itself refuses."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courseware import db
from courseware.assessment import attempts, queries
from courseware.assessment.access import own_paper
from courseware.assessment.attempts import digest, save_answer
from courseware.assessment.behaviours import read_behaviour
from courseware.assessment.models import Answer, HandedIn, QuestionScore, QuizAttempt, Receipt
from courseware.assessment.papers import GRACE, Paper
from courseware.assessment.reader import Quiz
from courseware.compile import Course
from courseware.errors import Invalid, NotFound, Refused
from courseware.people.access import Who
from courseware.people.models import Person, Role
from tests.conftest import NOW

SECOND = timedelta(seconds=1)
KEYS = (f"key-{number}" for number in itertools.count())
WHOLE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def who(person: int) -> Who:
    return Who(person, "lin", "Lin", Role.LEARNER, "en")


@pytest.fixture
def learner(session: Session) -> int:
    return session.scalars(select(Person.id).where(Person.login == "lin")).one()


@pytest.fixture
def begin(session: Session, learner: int, course: Course) -> Any:
    """Start the Module 1 quiz for lin; `of` changes the quiz."""

    def begun(now: datetime = NOW, due_at: datetime | None = None, **of: Any) -> QuizAttempt:
        quiz: Quiz = course.quizzes["m1"].model_copy(update=of)
        return attempts.start(session, person_id=learner, quiz=quiz, sources=course.sources_of(quiz), revision=1, due_at=due_at, now=now, rng=random.Random(1))

    return begun


@pytest.fixture
def resolve(course: Course) -> Any:
    return lambda id: course.questions[id].resolve(0)


def save(session: Session, attempt: Any, response: Any = "a", sequence: int = 1, key: str | None = None, now: datetime = NOW, question: str = "m1-a-01") -> attempts.Saved:
    return save_answer(session.connection(), attempt.id, attempt.paper, question_id=question, response=response, sequence=sequence, key=key or next(KEYS), now=now)


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


# Starting


def test_a_paper_is_frozen_at_the_start(begin: Any, session: Session) -> None:
    attempt = begin(due_at=NOW + timedelta(days=2))
    paper = Paper.from_json(attempt.paper)
    assert (paper.form, paper.revision, len(paper.questions), paper.points) == ("A", 1, 19, 45)
    assert (attempt.number, attempt.status, attempt.due_at, attempt.deadline_at) == (1, "draft", NOW + timedelta(days=2), None)
    assert begin() is attempt


def test_a_time_limit_is_counted_from_the_start(begin: Any) -> None:
    assert begin(minutes=20).deadline_at == NOW + timedelta(minutes=20)


def test_forms_take_turns_and_attempts_run_out(begin: Any, session: Session, resolve: Any) -> None:
    forms = []
    for _ in range(3):
        attempt = begin(attempts=3)
        forms.append(attempt.form)
        attempts.hand_in(session, attempt, resolve=resolve, now=NOW)
    assert forms == ["A", "B", "A"]
    with pytest.raises(Refused) as refused:
        begin(attempts=3)
    assert refused.value.message.params == {"most": 3}


def test_the_database_allows_one_open_attempt(begin: Any, session: Session) -> None:
    attempt = begin()
    copy = {"person_id": attempt.person_id, "quiz_id": "m1", "form": "B", "number": 2, "paper": attempt.paper, "status": "draft", "started_at": NOW}
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(QuizAttempt).values(copy))
    session.execute(insert(QuizAttempt).values({**copy, "status": "released"}))


def test_a_start_that_comes_second_gets_the_attempt_of_the_first(begin: Any, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL two starts may both see no attempt; the unique index lets one of them in."""
    first = begin()
    real, calls = session.scalars, []

    def blind_at_first(statement: Any, *more: Any, **options: Any) -> Any:
        calls.append(statement)
        return SimpleNamespace(all=list) if len(calls) == 1 else real(statement, *more, **options)

    monkeypatch.setattr(session, "scalars", blind_at_first)
    assert begin().id == first.id
    assert len(calls) == 2


# Saving


def test_a_save_tells_what_is_held(begin: Any, session: Session) -> None:
    saved = save(session, begin(), {"x": "客户", "a": 1}, sequence=7)
    assert (saved.sequence, saved.sha256, saved.at, saved.is_late, saved.is_kept) == (7, digest({"a": 1, "x": "客户"}), NOW, False, True)


def test_a_higher_sequence_wins_and_a_lower_or_equal_one_does_not(begin: Any, session: Session) -> None:
    attempt = begin()
    save(session, attempt, "a", 2)
    for sequence in (1, 2):
        stale = save(session, attempt, "b", sequence)
        assert (stale.sequence, stale.sha256, stale.is_kept) == (2, digest("a"), False)
    assert save(session, attempt, "b", 3).is_kept
    assert session.scalars(select(Answer.response)).all() == ["b"]


def test_every_save_leaves_one_receipt_by_its_key(begin: Any, session: Session) -> None:
    attempt = begin()
    for key in ("k1", "k1", "k2"):
        save(session, attempt, "a", 1, key)
    assert session.scalars(select(Receipt.key).order_by(Receipt.id)).all() == ["k1", "k2"]


def test_the_database_refuses_a_second_receipt_with_a_key(begin: Any, session: Session) -> None:
    attempt = begin()
    save(session, attempt, key="k")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(Receipt(attempt_id=attempt.id, question_id="m1-a-01", sequence=2, key="k", sha256="", at=NOW))


def test_a_question_that_is_not_on_the_paper_is_not_found(begin: Any, session: Session) -> None:
    with pytest.raises(NotFound):
        save(session, begin(), question="m1-b-01")


def test_an_endless_answer_is_refused(begin: Any, session: Session) -> None:
    with pytest.raises(Invalid):
        save(session, begin(), "long" * 20_000)
    assert count(session, Receipt) == 0


def test_an_answer_taken_back_is_kept_as_empty(begin: Any, session: Session) -> None:
    attempt = begin()
    save(session, attempt, "a", 1)
    save(session, attempt, None, 2)
    kept = queries.kept_answers(session, attempt.id)["m1-a-01"]
    assert (kept.response, kept.sequence) == (None, 2)
    (line,) = queries.tries_of(session, attempt.person_id)
    assert line.answered == 0


def test_a_paper_is_shown_to_its_owner_alone(begin: Any, session: Session, learner: int) -> None:
    attempt = begin()
    assert own_paper(session, who(learner), attempt.id) == attempt.paper
    with pytest.raises(NotFound):
        own_paper(session, who(learner + 1), attempt.id)


def test_an_attempt_closed_since_it_was_read_takes_no_answer(begin: Any, session: Session) -> None:
    attempt = begin()
    session.execute(update(QuizAttempt).where(QuizAttempt.id == attempt.id).values(status="submitted").execution_options(synchronize_session=False))
    assert attempt.status == "draft", "what was read before is out of date now"
    assert save(session, attempt).is_late
    assert queries.kept_answers(session, attempt.id) == {}


@WHOLE
@given(data=st.data(), number=st.integers(1, 7))
def test_in_whatever_order_saves_arrive_and_however_often_the_highest_sequence_stays(begin: Any, session: Session, data: st.DataObject, number: int) -> None:
    edits = [(sequence, f"text {sequence}", f"key-{sequence}") for sequence in range(1, number + 1)]
    order = data.draw(st.permutations(edits + data.draw(st.lists(st.sampled_from(edits), max_size=8))))
    attempt = begin(id=f"h{next(KEYS)}")
    highest = 0
    for sequence, text, key in order:
        saved = save(session, attempt, text, sequence, key)
        highest = max(highest, sequence)
        assert saved.sequence == highest, "an acknowledgement names what is held"
        assert saved.is_kept == (sequence == highest)
        assert saved.sha256 == digest(f"text {highest}")
    (kept,) = queries.kept_answers(session, attempt.id).values()
    assert (kept.sequence, kept.response) == (number, f"text {number}")
    assert sorted(session.scalars(select(Receipt.key).where(Receipt.attempt_id == attempt.id))) == sorted(key for _, _, key in edits)


# Time


def test_until_the_grace_ends_an_answer_counts(begin: Any, session: Session) -> None:
    attempt = begin(minutes=20)
    assert not save(session, attempt, "a", 1, now=attempt.deadline_at + GRACE).is_late
    late = save(session, attempt, "b", 2, now=attempt.deadline_at + GRACE + SECOND)
    assert (late.is_late, late.sha256) == (True, digest("b"))
    assert session.scalars(select(Answer.response)).all() == ["a"]
    (kept,) = queries.late_answers(session, attempt.id)
    assert (kept.response, kept.at) == ("b", attempt.deadline_at + GRACE + SECOND)


def test_an_answer_saved_in_time_and_only_sent_again_is_no_late_one(begin: Any, session: Session) -> None:
    attempt = begin(minutes=20)
    first = save(session, attempt, "a", 1, "k")
    assert save(session, attempt, "a", 1, "k", now=NOW + timedelta(hours=1)) == first
    assert not queries.late_answers(session, attempt.id)


def test_without_a_limit_a_due_date_does_not_close_an_attempt(begin: Any, session: Session) -> None:
    attempt = begin(due_at=NOW)
    assert not save(session, attempt, now=NOW + timedelta(days=30)).is_late


# Handing in


def test_handing_in_scores_every_question_once(begin: Any, session: Session, resolve: Any) -> None:
    attempt = begin()
    save(session, attempt, resolve("m1-a-01").correct())
    assert attempts.hand_in(session, attempt, resolve=resolve, now=NOW) is True
    assert attempts.hand_in(session, attempt, resolve=resolve, now=NOW + SECOND) is False
    assert (attempt.status, attempt.submitted_at) == ("marked", NOW)
    assert count(session, HandedIn) == count(session, QuestionScore) == 19
    assert attempts.total(session, attempt.id) == 1
    settled = queries.settled_answers(session, attempt.id)
    assert (settled["m1-a-01"].points, settled["m1-a-02"].points, settled["m1-a-02"].response) == (1, 0, None)


def test_an_attempt_handed_in_after_its_time_was_handed_in_at_its_deadline(begin: Any, session: Session, resolve: Any) -> None:
    attempt = begin(minutes=20)
    attempts.hand_in(session, attempt, resolve=resolve, now=NOW + timedelta(days=1))
    assert attempt.submitted_at == NOW + timedelta(minutes=20)


def test_after_the_hand_in_an_answer_is_kept_but_does_not_count(begin: Any, session: Session, resolve: Any) -> None:
    attempt = begin()
    attempts.hand_in(session, attempt, resolve=resolve, now=NOW)
    assert save(session, attempt, "a").is_late
    assert count(session, Answer) == 0
    assert count(session, Receipt) == 1
    assert attempts.total(session, attempt.id) == 0


def test_of_several_scores_the_newest_counts(begin: Any, session: Session, resolve: Any) -> None:
    attempt = begin()
    attempts.hand_in(session, attempt, resolve=resolve, now=NOW)
    session.add(QuestionScore(attempt_id=attempt.id, question_id="m1-a-01", fraction=1, points=1, rule="all-or-nothing", rule_version=2, at=NOW + SECOND))
    session.flush()
    assert attempts.total(session, attempt.id) == 1
    assert queries.settled_answers(session, attempt.id)["m1-a-01"].points == 1
    assert queries.tries_of(session, attempt.person_id)[0].points is None  # marked, not released: not for the learner yet
    attempt.status = "released"
    session.flush()
    assert queries.tries_of(session, attempt.person_id)[0].points == 1


# Checking at once


def test_a_checked_question_is_closed_and_keeps_its_score(begin: Any, session: Session, resolve: Any) -> None:
    attempt, question = begin(behaviour=read_behaviour("immediate")), resolve("m1-a-01")
    save(session, attempt, question.correct())
    assert attempts.check_one(session, attempt, question=question, now=NOW) is True
    assert save(session, attempt, "b", 2).is_late
    assert attempts.check_one(session, attempt, question=question, now=NOW) is False
    attempts.hand_in(session, attempt, resolve=resolve, now=NOW)
    assert count(session, QuestionScore) == 19
    assert attempts.total(session, attempt.id) == 1


def test_an_empty_question_cannot_be_checked(begin: Any, session: Session, resolve: Any) -> None:
    with pytest.raises(Invalid):
        attempts.check_one(session, begin(behaviour=read_behaviour("immediate")), question=resolve("m1-a-01"), now=NOW)


def test_where_feedback_waits_nothing_is_checked(begin: Any, session: Session, resolve: Any) -> None:
    attempt = begin()
    save(session, attempt)
    with pytest.raises(Refused):
        attempts.check_one(session, attempt, question=resolve("m1-a-01"), now=NOW)


# Two at once


def test_a_save_is_there_for_others_once_it_was_committed(school: db.School, course: Course) -> None:
    quiz = course.quizzes["m1"]
    with db.session(school, write=True) as session:
        person = session.scalars(select(Person.id).where(Person.login == "lin")).one()
        attempt = attempts.start(session, person_id=person, quiz=quiz, sources=course.sources_of(quiz), revision=1, due_at=None, now=NOW, rng=random.Random(1))
    with db.session(school, write=True) as session:
        saved = save(session, attempt)
        with db.session(school) as other:
            assert queries.kept_answers(other, attempt.id) == {}
    with db.session(school) as other:
        assert queries.kept_answers(other, attempt.id)["m1-a-01"].sha256 == saved.sha256


def test_what_was_acknowledged_before_a_hand_in_that_came_between_is_handed_in(school: db.School, course: Course, resolve: Any) -> None:
    quiz = course.quizzes["m1"]
    with db.session(school, write=True) as session:
        person = session.scalars(select(Person.id).where(Person.login == "lin")).one()
        attempt = attempts.start(session, person_id=person, quiz=quiz, sources=course.sources_of(quiz), revision=1, due_at=None, now=NOW, rng=random.Random(1))
    questions = [question["id"] for question in attempt.paper["questions"]][:8]

    def saves(question: str) -> attempts.Saved:
        with db.session(school, write=True) as session:
            return save(session, attempt, f"answer to {question}", question=question)

    def hands_in(_: str) -> bool:
        with db.session(school, write=True) as session:
            return attempts.hand_in(session, session.get_one(QuizAttempt, attempt.id), resolve=resolve, now=NOW)

    with ThreadPoolExecutor(10) as pool:
        saved = [pool.submit(saves, question) for question in questions[:4]]
        closed = [pool.submit(hands_in, "") for _ in range(2)]
        saved += [pool.submit(saves, question) for question in questions[4:]]
        assert sorted(one.result() for one in closed) == [False, True]
        acknowledged = {one.result().question_id: one.result() for one in saved}
    with db.session(school) as session:
        rows = session.execute(select(HandedIn.question_id, HandedIn.response).where(HandedIn.attempt_id == attempt.id))
        handed_in = {row.question_id: row.response for row in rows}
        late = {one.question_id for one in queries.late_answers(session, attempt.id)}
    for question, acknowledgement in acknowledged.items():
        assert (handed_in[question] is None) == acknowledgement.is_late == (question in late)
        assert acknowledgement.is_late or digest(handed_in[question]) == acknowledgement.sha256
