"""A quiz that counts for nothing: it can be sat and read, and says nothing about mastery, in no gradebook and in no module."""

from __future__ import annotations

import random
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware.assessment import attempts
from courseware.assessment.counting import counted
from courseware.assessment.kinds import KINDS
from courseware.assessment.papers import Paper
from courseware.assessment.reader import read_quiz
from courseware.compile import Course, coverage
from courseware.grading.handing_in import hand_in_quiz
from courseware.grading.models import Evidence
from courseware.grading.verify import verify
from tests.conftest import NOW
from tests.factories import person


def test_what_counts_for_nothing_is_released_without_evidence(session: Session, course: Course) -> None:
    quiz = course.quizzes["m1"].model_copy(update={"counts": "none", "module": None})
    attempt = attempts.start(session, person_id=person(session, "lin").id, quiz=quiz, sources=course.sources_of(quiz), revision=1, due_at=None, now=NOW, rng=random.Random(1))
    hand_in_quiz(session, attempt, resolve=course.asked(Paper.from_json(attempt.paper)).__getitem__, now=NOW)
    assert attempt.status == "released"
    assert session.scalar(select(func.count()).select_from(Evidence)) == 0
    assert verify(session, lambda revision: course).faults == ()


def test_of_what_counts_for_nothing_no_attempt_counts() -> None:
    assert counted([1.0, 0.5], "none") is None


def test_its_questions_cover_no_objective(course: Course) -> None:
    quizzes = {id: quiz.model_copy(update={"counts": "none", "module": None}) for id, quiz in course.quizzes.items()}
    assert not any(covered.questions for covered in coverage(replace(course, quizzes=quizzes)).values())


def test_it_belongs_to_no_module_and_every_other_to_one() -> None:
    told: list[str] = []
    data = {"id": "x", "title": {"en": "x"}, "attempts": 1, "behaviour": "deferred", "forms": {"A": "x-a"}}
    assert read_quiz(data | {"counts": "none"}, "", lambda path, sentence: told.append(sentence))
    for broken in (data, data | {"counts": "none", "module": "M1"}):
        assert read_quiz(broken, "", lambda path, sentence: told.append(sentence)) is None
    assert told == ["a quiz belongs to a `module`; one that counts for nothing (`counts: none`) to none"] * 2


def test_the_quiz_to_try_out_has_every_kind_in_both_languages(course: Course) -> None:
    quiz = course.quizzes["every-kind"]
    asked = [source.raw for source in course.forms["every-kind-a"].questions]
    assert {raw["kind"] for raw in asked} == set(KINDS)
    assert quiz.counts == "none"
    assert "quiz:every-kind" not in course.works
    assert all(raw.get("stem", raw.get("situation"))["zh"] for raw in asked)
