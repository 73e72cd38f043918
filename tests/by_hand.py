"""A quiz of three questions for tests: one that a machine scores, an essay and a file that a person marks."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from courseware import db
from courseware.assessment import attempts
from courseware.assessment.kinds import KINDS
from courseware.assessment.models import QuizAttempt
from courseware.assessment.questions import Question, QuestionSource
from courseware.assessment.reader import Quiz
from courseware.compile import Course, build
from courseware.course.revisions import read_folder, store
from courseware.grading import actions
from courseware.grading.handing_in import hand_in_quiz
from courseware.shipped import root
from courseware.web.site import Site
from tests.conftest import NOW
from tests.factories import who

TEXT = "She asked twice who rings her back, so I name a person and an hour."
ANSWERS: dict[str, Any] = {"h-choice": None, "h-essay": TEXT, "h-file": None}
QUIZ = {"id": "hand", "title": {"en": "Call sheets", "zh": "来电记录"}, "module": "M1", "attempts": 2, "behaviour": "deferred", "forms": {"A": "hand-a"}}


def raw_questions() -> list[dict[str, Any]]:
    return [{**KINDS[kind].example()[0], "id": id} for id, kind in (("h-choice", "choice"), ("h-essay", "essay"), ("h-file", "upload"))]


SOURCES = {raw["id"]: QuestionSource(raw, "hand-a.yaml") for raw in raw_questions()}


def resolve(id: str) -> Question:
    return SOURCES[id].resolve(0)


def essay() -> Any:
    return resolve("h-essay")


def begun(session: Session, login: str, answers: Mapping[str, Any] = ANSWERS) -> QuizAttempt:
    """An attempt with answers saved, not handed in."""
    quiz = Quiz.model_validate(QUIZ)
    attempt = attempts.start(session, person_id=who(session, login).id, quiz=quiz, sources={"A": list(SOURCES.values())}, revision=1, due_at=None, now=NOW, rng=random.Random(1))
    for id, response in answers.items():
        attempts.save_answer(session.connection(), attempt.id, attempt.paper, question_id=id, response=response, sequence=1, key=id, now=NOW)
    return attempt


def handed_in(session: Session, login: str, answers: Mapping[str, Any] = ANSWERS) -> QuizAttempt:
    attempt = begun(session, login, answers)
    hand_in_quiz(session, attempt, resolve=resolve, now=NOW)
    return attempt


def marked(session: Session, attempt: QuizAttempt, levels: Mapping[str, int] | None = None, comment: str = "Good.", *, by: str = "chen", question: str = "h-essay") -> QuizAttempt:
    asked: Any = resolve(question)
    newest = actions.newest_answer_mark(session, attempt.id, question)
    given = dict.fromkeys(asked.ids("criteria"), 2) if levels is None else levels
    actions.mark_answer(session, attempt, question=asked, levels=given, comment=comment, seen=newest.id if newest else 0, by=who(session, by), now=NOW)
    return attempt


_built: list[Course] = []


def publish(site: Site, **quiz: Any) -> None:
    """Publish the shipped course with this quiz in it; compiled once a test process where the quiz is as above."""
    files = {"quizzes/hand.yaml": {**QUIZ, **quiz}, "quizzes/hand-a.yaml": {"id": "hand-a", "questions": raw_questions()}}
    tree = read_folder(root()) | {path: json.dumps(data).encode() for path, data in files.items()}  # JSON is YAML
    module = "content/modules/m1/module.yaml"
    tree[module] = tree[module].replace(b"quizzes: [m1]", b"quizzes: [m1, hand]")
    with db.session(site.school, write=True) as session:
        revision = store(session, tree, NOW)
    site._looked = -10.0
    if quiz:
        return
    if not _built:
        _built.append(build(tree, revision=revision, bases=site.folder / "bases"))
    site._courses[revision] = _built[0]
