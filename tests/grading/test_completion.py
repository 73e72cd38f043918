"""Points for answering at all count in a quiz, and are evidence of nothing."""

from __future__ import annotations

import random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment import attempts
from courseware.assessment.kinds import KINDS
from courseware.assessment.questions import Question, QuestionSource
from courseware.assessment.reader import Quiz
from courseware.grading.evidence import evidence_of
from courseware.grading.handing_in import hand_in_quiz
from courseware.grading.models import LedgerEntry
from tests.by_hand import who
from tests.conftest import NOW

SOURCES = {kind: QuestionSource({**KINDS[kind].example()[0], "id": kind}, "form.yaml") for kind in ("likert", "dialogue")}
QUIZ: dict[str, Any] = {"id": "talk", "title": {"en": "A talk"}, "module": "M1", "attempts": 1, "behaviour": "deferred", "forms": {"A": "talk-a"}}


def resolve(id: str) -> Question:
    return SOURCES[id].resolve(0)


def test_a_completion_gives_points_and_no_evidence(session: Session) -> None:
    quiz = Quiz.model_validate(QUIZ)
    person = who(session, "lin").id
    attempt = attempts.start(session, person_id=person, quiz=quiz, sources={"A": list(SOURCES.values())}, revision=1, due_at=None, now=NOW, rng=random.Random(1))
    for id in SOURCES:
        attempts.save_answer(session.connection(), attempt.id, attempt.paper, question_id=id, response=resolve(id).correct(), sequence=1, key=id, now=NOW)
    hand_in_quiz(session, attempt, resolve=resolve, now=NOW)
    entry = session.scalars(select(LedgerEntry)).one()
    assert (entry.points, entry.most) == (7, 7)
    assert [(row.source, row.score, row.weight) for row in evidence_of(session, [person])] == [("question:dialogue", 1, 4)]
