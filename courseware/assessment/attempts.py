"""What changes an attempt: start, save, check one, hand in. Each flushes; the caller commits before anyone is told."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Table, bindparam, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courseware.assessment.models import Answer, HandedIn, PracticeResponse, QuestionScore, QuizAttempt, Receipt
from courseware.assessment.papers import Paper, draw_paper
from courseware.assessment.questions import Question, QuestionSource, Response, Score
from courseware.assessment.reader import Quiz
from courseware.db import Fixed, insert
from courseware.errors import Invalid, NotFound, Refused
from courseware.i18n import message

GRACE = timedelta(seconds=5)  # for what was on its way when the time ran out
LARGEST = 60_000  # bytes of one answer as JSON

ATTEMPT = cast(Table, QuizAttempt.__table__)
ANSWER = cast(Table, Answer.__table__)
RECEIPT = cast(Table, Receipt.__table__)
HANDED_IN = cast(Table, HandedIn.__table__)
SCORE = cast(Table, QuestionScore.__table__)


@dataclass(frozen=True)
class Saved:
    """What the server now holds for a question. It is an acknowledgement only after the commit.

    `is_kept` tells whether that is the very answer sent; it is not where a higher sequence holds another one.
    """

    question_id: str
    sequence: int
    sha256: str
    at: datetime
    is_late: bool = False
    is_kept: bool = True


def canonical(response: Any) -> bytes:
    """An answer as JSON with sorted keys and no spaces: what is hashed."""
    return json.dumps(response, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")


def digest(response: Any) -> str:
    """The hash of an answer: SHA-256 over its canonical form."""
    return hashlib.sha256(canonical(response)).hexdigest()


def start(
    session: Session, *, person_id: int, quiz: Quiz, sources: Mapping[str, Sequence[QuestionSource]], revision: int, due_at: datetime | None, now: datetime, rng: random.Random
) -> QuizAttempt:
    """Begin the next attempt, or give the open one. `sources` holds the questions of each form by its letter."""
    own = select(QuizAttempt).where(QuizAttempt.person_id == person_id, QuizAttempt.quiz_id == quiz.id)
    attempts = session.scalars(own).all()
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
    try:
        with session.begin_nested():
            session.add(attempt)
    except IntegrityError:  # a second click was quicker: PostgreSQL's unique index lets only one of them in
        return session.scalars(own.where(QuizAttempt.status == "draft")).one()
    return attempt


def save_answer(connection: Connection, attempt_id: int, paper: Mapping[str, Any], *, question_id: str, response: Any, sequence: int, key: str, now: datetime) -> Saved:
    """Keep an answer if its sequence is higher than what is kept; give what is kept then. Two statements, four for a late or stale one.

    After the end the answer is kept with its receipt, but the answer that counts stays. Whether the attempt is open is asked in the very
    statement that stores, so what a caller read before its turn cannot be out of date.
    """
    if not any(question["id"] == question_id for question in paper["questions"]):
        raise NotFound
    text = canonical(response)
    if len(text) > LARGEST:
        raise Invalid(message("This answer is too long to keep. Please shorten it to at most %(most)s characters.", most=LARGEST // 4))
    mark = hashlib.sha256(text).hexdigest()
    receipt = {"attempt_id": attempt_id, "question_id": question_id, "sequence": sequence, "key": key, "sha256": mark, "at": now, "late_response": None}
    values = {"attempt": attempt_id, "question": question_id, "sequence": sequence, "response": response, "sha256": mark, "now": now, "ended": now - GRACE}
    if _KEEP.run(connection, values).rowcount == 1:
        _RECEIVE.run(connection, receipt)
        return Saved(question_id, sequence, mark, now)
    kept = connection.execute(_KEPT, {"attempt": attempt_id, "question": question_id}).first()
    if kept and (kept.sequence, kept.sha256) == (sequence, mark):  # sent again: it is acknowledged as what it was
        _RECEIVE.run(connection, receipt)
        return Saved(question_id, sequence, mark, kept.saved_at)
    if kept is None or connection.execute(_OPEN, values).first() is None:
        _RECEIVE.run(connection, receipt | {"late_response": response})
        return Saved(question_id, sequence, mark, now, is_late=True)
    _RECEIVE.run(connection, receipt)
    return Saved(question_id, kept.sequence, kept.sha256, kept.saved_at, is_kept=kept.sha256 == mark)


def is_over(attempt: QuizAttempt, now: datetime) -> bool:
    """Whether the time of an attempt ran out, the grace included."""
    return attempt.deadline_at is not None and now > attempt.deadline_at + GRACE


def hand_in(session: Session, attempt: QuizAttempt, *, resolve: Callable[[str], Question], now: datetime) -> bool:
    """Close the attempt and score all that a machine can. False if it was closed before: then nothing changes.

    An attempt whose time ran out is handed in as of its deadline. Afterwards it is marked, or checked where answers wait for a person.
    """
    at = min(now, attempt.deadline_at) if attempt.deadline_at else now
    closing = update(QuizAttempt).where(QuizAttempt.id == attempt.id, QuizAttempt.status == "draft").values(status="submitted", submitted_at=at)
    if session.execute(closing.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        return False
    session.refresh(attempt)
    answers = {row.question_id: row.response for row in session.execute(select(Answer.question_id, Answer.response).where(Answer.attempt_id == attempt.id))}
    done = set(session.scalars(select(HandedIn.question_id).where(HandedIn.attempt_id == attempt.id)))
    open_still = [question.id for question in Paper.from_json(attempt.paper).questions if question.id not in done]
    given = [(resolve(id), answers.get(id)) for id in open_still]
    _settle(session, attempt.id, given, now)
    attempt.status = "checked" if any(_waits(question, response) for question, response in given) else "marked"
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
    return _settle(session, attempt.id, [(question, response)], now)[0]


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


def _settle(session: Session, attempt_id: int, given: Sequence[tuple[Question, Response]], now: datetime) -> list[Score]:
    """Append answers as handed in, each with its score unless a person gives it, in two statements however many they are."""
    scored = [(question, question.score(response)) for question, response in given if not _waits(question, response)]
    if given:
        session.execute(HANDED_IN.insert(), [{"attempt_id": attempt_id, "question_id": question.id, "response": response, "at": now} for question, response in given])
    if scored:
        session.execute(SCORE.insert(), [_score_row(attempt_id, question, score, now) for question, score in scored])
    return [score for _, score in scored]


def _waits(question: Question, response: Response) -> bool:
    """Whether a person has to give the score of an answer."""
    return question.is_marked_by_hand and question.is_answered(response)


def _score_row(attempt_id: int, question: Question, score: Score, now: datetime) -> dict[str, Any]:
    points = score.fraction * question.points
    return {
        "attempt_id": attempt_id, "question_id": question.id, "fraction": score.fraction, "points": points, "rule": score.rule, "rule_version": score.version, "at": now,
    }  # fmt: skip


_KEPT = select(ANSWER.c.sequence, ANSWER.c.sha256, ANSWER.c.saved_at).where(ANSWER.c.attempt_id == bindparam("attempt"), ANSWER.c.question_id == bindparam("question"))
_OPEN = (  # a question can be answered while its attempt is; where answers are checked at once, until it was checked. Locked, so that no hand-in comes between
    select(ATTEMPT.c.id)
    .where(ATTEMPT.c.id == bindparam("attempt"), ATTEMPT.c.status == "draft", ATTEMPT.c.deadline_at.is_(None) | (ATTEMPT.c.deadline_at >= bindparam("ended")))
    .where(~exists().where(HANDED_IN.c.attempt_id == bindparam("attempt"), HANDED_IN.c.question_id == bindparam("question")))
    .with_for_update()
)


def _keep(dialect: Dialect) -> Any:
    stored = {"question_id": "question", "sequence": "sequence", "response": "response", "sha256": "sha256", "saved_at": "now"}
    sent = [bindparam(name, type_=ANSWER.c[column].type) for column, name in stored.items()]
    keep = insert(dialect, ANSWER).from_select(["attempt_id", *stored], _OPEN.add_columns(*sent))
    newer = {column: keep.excluded[column] for column in ("sequence", "response", "sha256", "saved_at")}
    return keep.on_conflict_do_update(index_elements=["attempt_id", "question_id"], set_=newer, where=ANSWER.c.sequence < keep.excluded.sequence)


_KEEP = Fixed(_keep)
_RECEIVE = Fixed(
    lambda dialect: insert(dialect, RECEIPT).on_conflict_do_nothing(index_elements=["attempt_id", "key"]),
    columns=("attempt_id", "question_id", "sequence", "key", "sha256", "at", "late_response"),
)
