"""When the marks of a quiz are released by themselves, and that every mark is computed again from its tries."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from courseware.assessment import attempts
from courseware.assessment.behaviours import read_behaviour
from courseware.assessment.models import HandedIn, QuestionScore, QuestionTry, QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.review import PRESETS, RIGHT_AFTER, Review, Thing
from courseware.assessment.tries import wrapped
from courseware.compile import Course
from courseware.grading.gradebook import load
from courseware.grading.handing_in import hand_in_quiz, release_due
from courseware.grading.models import Evidence, LedgerEntry
from courseware.grading.verify import verify
from courseware.people.models import Assignment, Class
from tests.conftest import NOW
from tests.factories import person

CLOSES = NOW + timedelta(days=2)


@pytest.fixture
def begin(session: Session, course: Course) -> Any:
    def begun(behaviour: Any = "deferred", review: Review = PRESETS["learn"]) -> QuizAttempt:
        quiz = course.quizzes["m1"].model_copy(update={"behaviour": read_behaviour(behaviour), "review": review})
        lin = person(session, "lin").id
        return attempts.start(session, person_id=lin, quiz=quiz, sources=course.sources_of(quiz), revision=1, due_at=None, now=NOW, rng=random.Random(1))

    return begun


@pytest.fixture
def hand_in(session: Session, course: Course) -> Any:
    def handed_in(attempt: QuizAttempt, at: datetime = NOW) -> QuizAttempt:
        hand_in_quiz(session, attempt, resolve=course.asked(Paper.from_json(attempt.paper)).__getitem__, now=at)
        return attempt

    return handed_in


@pytest.fixture
def closing(session: Session) -> None:
    """The quiz closes in two days for lin's class."""
    chen = person(session, "chen")
    group = session.scalars(select(Class.id).where(Class.instructor_id == chen.id)).one()
    session.add(Assignment(class_id=group, work="quiz:m1", due_at=CLOSES, closes_at=CLOSES, set_by_id=chen.id, set_at=NOW))
    session.flush()


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_quiz_whose_marks_are_seen_right_after_is_released_at_the_hand_in(begin: Any, hand_in: Any, session: Session) -> None:
    assert hand_in(begin()).status == "released"
    assert hand_in(begin(review=PRESETS["practice-exam"])).status == "released"
    assert count(session, LedgerEntry) == 2


@pytest.mark.usefixtures("closing")
def test_an_exam_stays_marked_until_it_closes_and_is_released_once(begin: Any, hand_in: Any, session: Session, course: Course) -> None:
    attempt = hand_in(begin(review=PRESETS["exam"]))
    assert attempt.status == "marked"
    assert (count(session, LedgerEntry), count(session, Evidence)) == (1, 0), "the mark is on record, and says nothing yet"
    assert load(session, [attempt.person_id])[attempt.person_id].counted("quiz:m1") is None
    for at, released in ((CLOSES - timedelta(seconds=1), 0), (CLOSES, 1), (CLOSES, 0)):
        assert release_due(session, asked=course.asked, now=at) == released
    assert (attempt.status, count(session, Evidence), count(session, LedgerEntry)) == ("released", 19, 1)


def test_an_exam_without_a_closing_date_waits_for_a_person(begin: Any, hand_in: Any, session: Session, course: Course) -> None:
    attempt = hand_in(begin(review=PRESETS["exam"]))
    assert release_due(session, asked=course.asked, now=NOW + timedelta(days=1000)) == 0
    assert attempt.status == "marked"


def test_marks_that_are_shown_later_are_released_after_two_minutes(begin: Any, hand_in: Any, session: Session, course: Course) -> None:
    hand_in(begin(review=Review(later=(Thing.MARKS,), closed=(Thing.MARKS,))))
    assert release_due(session, asked=course.asked, now=NOW) == 0
    assert release_due(session, asked=course.asked, now=NOW + RIGHT_AFTER) == 1


def test_what_a_person_marked_is_released_by_a_person(begin: Any, hand_in: Any, session: Session, course: Course) -> None:
    attempt = hand_in(begin(review=PRESETS["exam"]))
    session.execute(update(QuestionScore).where(QuestionScore.question_id == "m1-a-01").values(by_id=person(session, "chen").id))
    attempt.paper = {**attempt.paper, "review": PRESETS["learn"].model_dump(mode="json")}
    session.flush()
    assert release_due(session, asked=course.asked, now=NOW) == 0


# Computing again


@pytest.mark.parametrize("behaviour", [{"kind": "falling"}, {"kind": "interactive", "tries": 3}, {"kind": "adaptive", "penalty": 0.1}, "certainty", "immediate", "deferred"], ids=str)
def test_every_mark_is_computed_again_from_its_tries(begin: Any, hand_in: Any, session: Session, course: Course, behaviour: Any) -> None:
    attempt = begin(behaviour)
    questions = course.asked(Paper.from_json(attempt.paper))
    wraps = behaviour == "certainty"
    checks = read_behaviour(behaviour).checks
    for place, question in enumerate(attempt.paper["questions"][:6]):
        asked = questions[question["id"]]
        wrong = next((option.id for option in getattr(asked, "options", ()) if not option.right), "1")
        for sequence, response in enumerate((wrong, asked.correct()), 1):
            stored = wrapped(asked.clean(response), 2) if wraps else asked.clean(response)
            values = {"question_id": asked.id, "response": stored, "sequence": sequence, "key": f"{place}-{sequence}", "now": NOW}
            attempts.save_answer(session.connection(), attempt.id, attempt.paper, **values)
            if checks and place < 4 and asked.is_answered(response):
                attempts.check_one(session, attempt, question=asked, now=NOW)
    hand_in(attempt)
    found = verify(session, lambda _: course)
    assert (found.faults, found.quizzes) == ((), 1)
    if behaviour == {"kind": "falling"}:
        assert count(session, QuestionTry) >= 4


def test_a_try_or_an_answer_that_was_changed_behind_the_pages_is_found(begin: Any, hand_in: Any, session: Session, course: Course) -> None:
    attempt = begin({"kind": "falling"})
    asked = course.asked(Paper.from_json(attempt.paper))["m1-a-01"]
    wrong = next(option.id for option in asked.options if not option.right)
    values = {"question_id": asked.id, "response": wrong, "sequence": 1, "key": "k", "now": NOW}
    attempts.save_answer(session.connection(), attempt.id, attempt.paper, **values)
    attempts.check_one(session, attempt, question=asked, now=NOW)
    hand_in(attempt)
    session.execute(update(QuestionTry).values(fraction=0.5))
    assert "m1-a-01, try 1: 0.5 kept, 0 computed" in verify(session, lambda _: course).faults[0]
    session.execute(update(QuestionTry).values(fraction=0, response=asked.correct()))
    session.execute(update(HandedIn).where(HandedIn.question_id == "m1-a-02").values(response=course.asked(Paper.from_json(attempt.paper))["m1-a-02"].correct()))
    faults = verify(session, lambda _: course).faults
    assert [("m1-a-01" in fault, "m1-a-02" in fault) for fault in faults[:3]] == [(True, False), (True, False), (False, True)]
    assert "in the ledger" in faults[-1]
