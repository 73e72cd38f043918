"""Case answers for tests, made through the real actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from courseware.compile import Course
from courseware.grading import actions
from courseware.grading.models import CaseAnswer
from tests.conftest import NOW
from tests.factories import person, who

TEXT = "The staff are the first market, because a teller who doubts the product cannot sell it."
SOUND = 2


def draft(session: Session, course: Course, login: str, *, case_id: str = "CS2", text: str = TEXT, due_at: datetime | None = None) -> CaseAnswer:
    case = course.cases[case_id]
    answer = actions.open_case(session, person_id=person(session, login).id, case=case, revision=course.revision, language="en", due_at=due_at, now=NOW)
    chosen = [question.id for question in case.questions[: case.choose]]
    actions.save_case(session, answer, text=text, questions=chosen, sequence=answer.sequence + 1, due_at=due_at, now=NOW)
    return answer


def handed_in(session: Session, course: Course, login: str, *, at: datetime = NOW + timedelta(hours=1), **more: object) -> CaseAnswer:
    answer = draft(session, course, login, **more)
    actions.hand_in_case(session, answer, case=course.cases[answer.case_id], now=at)
    return answer


def marked(session: Session, course: Course, answer: CaseAnswer, *, level: int = SOUND, levels: Mapping[str, int] | None = None, comment: str = "Good.") -> CaseAnswer:
    case = course.cases[answer.case_id]
    given = levels or {criterion.id: level for criterion in case.criteria}
    seen = actions.newest_mark(session, answer.id)
    actions.mark_case(session, answer, case=case, levels=given, comment=comment, seen=seen, by=who(session, "chen"), now=NOW + timedelta(hours=2))
    return answer


def released(session: Session, course: Course, answer: CaseAnswer) -> CaseAnswer:
    actions.release_case(session, answer, case=course.cases[answer.case_id], by=who(session, "chen"), now=NOW + timedelta(hours=3))
    return answer
