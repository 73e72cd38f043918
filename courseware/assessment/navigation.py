"""What a learner does to the order of an open attempt: pass a lock, flag a question. Which places are open is the paper's business."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import Paper
from courseware.errors import NotFound, Refused
from courseware.i18n import message

CLOSED = message("This question is closed: you went on past the point after which there is no way back. What you answered there counts as it stood.")
NOT_YET = message("This question opens when you have gone on past the one before it.")


def pass_lock(session: Session, attempt: QuizAttempt, place: int) -> None:
    """Close all questions up to a lock of the paper. A second time nothing changes; locks are passed one after the other."""
    open_places = Paper.from_json(attempt.paper).open_places(attempt.passed)
    if place <= attempt.passed:
        return
    if place != open_places[-1] or place not in attempt.paper["locks"]:
        raise Refused(NOT_YET)
    passing = update(QuizAttempt).where(QuizAttempt.id == attempt.id, QuizAttempt.status == "draft", QuizAttempt.passed < place).values(passed=place)
    session.execute(passing.execution_options(synchronize_session=False))
    session.refresh(attempt)


def turn_flag(session: Session, attempt: QuizAttempt, question_id: str) -> None:
    """Flag a question, or take its flag away."""
    if Paper.from_json(attempt.paper).place(question_id) is None:
        raise NotFound
    session.refresh(attempt, with_for_update=True)
    others = [id for id in attempt.flags if id != question_id]
    attempt.flags = others if question_id in attempt.flags else [*others, question_id]
    session.flush()
