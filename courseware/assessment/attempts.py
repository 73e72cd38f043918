"""What changes an attempt: start, save, check one, hand in. Each flushes; the caller commits before anyone is told."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from courseware.assessment.models import Answer, HandedIn, PracticeResponse, QuestionScore, QuizAttempt, Receipt
from courseware.assessment.papers import Paper, draw_paper
from courseware.assessment.questions import Question, QuestionSource, Score
from courseware.assessment.reader import Quiz
from courseware.db import insert
from courseware.errors import Invalid, NotFound, Refused
from courseware.i18n import message

GRACE = timedelta(seconds=5)  # for what was on its way when the time ran out
LARGEST = 60_000  # bytes of one answer as JSON


@dataclass(frozen=True)
class Saved:
    """What the server now holds for a question. It is an acknowledgement only after the commit."""

    question_id: str
    sequence: int
    sha256: str
    at: datetime
    is_late: bool = False


def digest(response: Any) -> str:
    """The hash of an answer: SHA-256 over its JSON with sorted keys and no spaces."""
    return hashlib.sha256(json.dumps(response, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def start(
    session: Session, *, person_id: int, quiz: Quiz, sources: Mapping[str, Sequence[QuestionSource]], revision: int, due_at: datetime | None, now: datetime, rng: random.Random
) -> QuizAttempt:
    """Begin the next attempt, or give the open one. `sources` holds the questions of each form by its letter."""
    attempts = session.scalars(select(QuizAttempt).where(QuizAttempt.person_id == person_id, QuizAttempt.quiz_id == quiz.id)).all()
    if still_open := next((attempt for attempt in attempts if attempt.status == "draft"), None):
        return still_open
    number = len(attempts) + 1
    if number > quiz.attempts:
        raise Refused(message("You have used all %(most)s attempts at this quiz. Your marks and feedback stay open to read.", most=quiz.attempts))
    letters = sorted(quiz.forms)
    form = letters[(number - 1) % len(letters)]
    paper = draw_paper(quiz.id, form, sources[form], revision=revision, behaviour=quiz.behaviour, rng=rng)
    deadline = now + timedelta(minutes=quiz.minutes) if quiz.minutes else None
    attempt = QuizAttempt(
        person_id=person_id, quiz_id=quiz.id, form=form, number=number, paper=paper.as_json(), status="draft", started_at=now, due_at=due_at, deadline_at=deadline
    )
    session.add(attempt)
    session.flush()
    return attempt


def save_answer(session: Session, attempt: QuizAttempt, *, question_id: str, response: Any, sequence: int, key: str, now: datetime) -> Saved:
    """Keep an answer if its sequence is higher than what is kept; give what is kept then.

    After the deadline the answer is kept with its receipt, but the answer that counts stays.
    """
    if Paper.from_json(attempt.paper).place(question_id) is None:
        raise NotFound
    if len(json.dumps(response)) > LARGEST:
        raise Invalid(message("This answer is too long to keep. Please shorten it to at most %(most)s characters.", most=LARGEST // 4))
    mark = digest(response)
    if is_over(attempt, now) or attempt.status != "draft":
        _receipt(session, attempt, question_id, sequence, key, mark, now, late_response=response)
        return Saved(question_id, sequence, mark, now, is_late=True)
    values = {"attempt_id": attempt.id, "question_id": question_id, "sequence": sequence, "response": response, "sha256": mark, "saved_at": now}
    statement = insert(session, Answer).values(values)
    newer = {name: statement.excluded[name] for name in ("sequence", "response", "sha256", "saved_at")}
    statement = statement.on_conflict_do_update(index_elements=["attempt_id", "question_id"], set_=newer, where=Answer.sequence < statement.excluded.sequence)
    session.execute(statement)
    _receipt(session, attempt, question_id, sequence, key, mark, now)
    kept = session.execute(select(Answer.sequence, Answer.sha256, Answer.saved_at).where(Answer.attempt_id == attempt.id, Answer.question_id == question_id)).one()
    return Saved(question_id, kept.sequence, kept.sha256, kept.saved_at)


def is_over(attempt: QuizAttempt, now: datetime) -> bool:
    return attempt.deadline_at is not None and now > attempt.deadline_at + GRACE


def hand_in(session: Session, attempt: QuizAttempt, *, resolve: Callable[[str], Question], now: datetime) -> bool:
    """Close the attempt and score every answer. False if it was closed before: then nothing changes.

    An attempt whose time ran out is handed in as of its deadline.
    """
    at = min(now, attempt.deadline_at) if attempt.deadline_at else now
    closing = update(QuizAttempt).where(QuizAttempt.id == attempt.id, QuizAttempt.status == "draft").values(status="submitted", submitted_at=at)
    if session.execute(closing.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        return False
    session.refresh(attempt)
    answers = {row.question_id: row.response for row in session.execute(select(Answer.question_id, Answer.response).where(Answer.attempt_id == attempt.id))}
    done = set(session.scalars(select(HandedIn.question_id).where(HandedIn.attempt_id == attempt.id)))
    for question in Paper.from_json(attempt.paper).questions:
        if question.id not in done:
            _settle(session, attempt, resolve(question.id), answers.get(question.id), now)
    attempt.status = "released"  # every kind so far is scored by machine, and these quizzes show their feedback at once
    session.flush()
    return True


def check_one(session: Session, attempt: QuizAttempt, *, question: Question, now: datetime) -> Score:
    """Score one answer at once and close it: the behaviour `immediate`."""
    if attempt.paper["behaviour"] != "immediate" or attempt.status != "draft":
        raise Refused(message("In this quiz answers are checked when you hand in."))
    kept = session.scalar(select(HandedIn.response).where(HandedIn.attempt_id == attempt.id, HandedIn.question_id == question.id))
    if kept is not None:
        return question.score(kept)
    response = session.scalar(select(Answer.response).where(Answer.attempt_id == attempt.id, Answer.question_id == question.id))
    if not question.is_answered(response):
        raise Invalid(message("Answer the question first; then it can be checked."))
    return _settle(session, attempt, question, response, now)


def practise(session: Session, *, person_id: int, question: Question, response: Any, now: datetime) -> Score:
    """Score an answer to a question in the text and keep it as practice."""
    score = question.score(response)
    session.add(PracticeResponse(person_id=person_id, question_id=question.id, response=response, fraction=score.fraction, at=now))
    session.flush()
    return score


def total(session: Session, attempt_id: int) -> float:
    """The points of an attempt: its newest score for each question, none below 0."""
    newest = select(func.max(QuestionScore.id)).where(QuestionScore.attempt_id == attempt_id).group_by(QuestionScore.question_id)
    points = session.scalars(select(QuestionScore.points).where(QuestionScore.id.in_(newest))).all()
    return max(0.0, sum(points))


def _settle(session: Session, attempt: QuizAttempt, question: Question, response: Any, now: datetime) -> Score:
    score = question.score(response)
    session.add(HandedIn(attempt_id=attempt.id, question_id=question.id, response=response, at=now))
    session.add(
        QuestionScore(
            attempt_id=attempt.id, question_id=question.id, fraction=score.fraction, points=score.fraction * question.points, rule=score.rule, rule_version=score.version, at=now
        )
    )
    session.flush()
    return score


def _receipt(session: Session, attempt: QuizAttempt, question_id: str, sequence: int, key: str, mark: str, now: datetime, late_response: Any = None) -> None:
    values = {"attempt_id": attempt.id, "question_id": question_id, "sequence": sequence, "key": key, "sha256": mark, "at": now, "late_response": late_response}
    session.execute(insert(session, Receipt).values(values).on_conflict_do_nothing(index_elements=["attempt_id", "key"]))
