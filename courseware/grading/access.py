"""The only way to a case answer, one's own, one of a person one may see, or one that one may mark; and to an attempt whose answers one may mark."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment.models import QuizAttempt
from courseware.errors import NotFound
from courseware.grading.models import CaseAnswer
from courseware.people.access import Who, may_grade, may_see
from courseware.people.models import Person


def seen_answer(session: Session, who: Who, answer_id: int) -> CaseAnswer:
    """An answer that may be read: a draft belongs to its writer alone."""
    query = select(CaseAnswer).join(Person, Person.id == CaseAnswer.person_id).where(CaseAnswer.id == answer_id, may_see(who))
    answer = session.scalar(query)
    if answer is None or (answer.status == "draft" and answer.person_id != who.id):
        raise NotFound
    return answer


def graded_answer(session: Session, who: Who, answer_id: int) -> CaseAnswer:
    answer = session.scalar(
        select(CaseAnswer).join(Person, Person.id == CaseAnswer.person_id).where(CaseAnswer.id == answer_id, CaseAnswer.status != "draft", may_grade(who))
    )
    if answer is None:
        raise NotFound
    return answer


def graded_attempt(session: Session, who: Who, attempt_id: int) -> QuizAttempt:
    """A handed-in attempt whose answers may be marked."""
    attempt = session.scalar(
        select(QuizAttempt).join(Person, Person.id == QuizAttempt.person_id).where(QuizAttempt.id == attempt_id, QuizAttempt.status != "draft", may_grade(who))
    )
    if attempt is None:
        raise NotFound
    return attempt
