"""What changes an attempt: start, save, check one, hand in. Each flushes; the caller commits before anyone is told."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Table, bindparam, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courseware.assessment import queries, uploads
from courseware.assessment.behaviours import read_behaviour
from courseware.assessment.looking_up import begin_data
from courseware.assessment.models import Answer, HandedIn, PracticeResponse, QuestionScore, QuestionTry, QuizAttempt, Receipt
from courseware.assessment.papers import Paper, draw_paper, grace_of, span_of
from courseware.assessment.practice import Firm
from courseware.assessment.questions import Question, QuestionSource, Response, Score
from courseware.assessment.reader import DRAWN, Quiz
from courseware.assessment.tries import Behaviour, Tried, asks_certainty, parted, wrapped
from courseware.db import Fixed, insert
from courseware.errors import Invalid, NotFound, Refused
from courseware.i18n import message
from courseware.people.terms import USUAL, Terms

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
    session: Session, *, person_id: int, quiz: Quiz, sources: Mapping[str, Sequence[QuestionSource]], revision: int, due_at: datetime | None, now: datetime, rng: random.Random,
    terms: Terms = USUAL, firms: Callable[[int], Firm] | None = None,
) -> QuizAttempt:  # fmt: skip
    """Begin the next attempt, or give the open one. `sources` holds the questions of each form by its letter; `due_at` only marks, the `terms` bind.

    `firms` gives the practice CRM of a revision, asked only where questions are about it.
    """
    own = select(QuizAttempt).where(QuizAttempt.person_id == person_id, QuizAttempt.quiz_id == quiz.id)
    attempts = session.scalars(own).all()
    if still_open := next((attempt for attempt in attempts if attempt.status == "draft"), None):
        return still_open
    number = len(attempts) + 1
    refuse_start(quiz, terms, begun=len(attempts), now=now)
    refuse_waiting(quiz, [attempt.submitted_at for attempt in attempts], now)
    letters = sorted(quiz.forms) or [DRAWN]
    form = letters[(number - 1) % len(letters)]
    last = max(attempts, key=lambda attempt: attempt.number, default=None) if quiz.builds_on_last else None
    takes = any(source.practice for source in sources.get(last.form if last else form, ()))
    firm = firms(last.paper["revision"] if last else revision) if firms and takes else None
    if last:
        form, paper = last.form, replace(Paper.from_json(last.paper), networks=tuple(terms.networks))
    else:
        paper = draw_paper(quiz, form, sources[form], revision=revision, rng=rng, networks=terms.networks, firm=firm)
    deadline = deadline_of(quiz, terms, now)
    attempt = QuizAttempt(
        person_id=person_id, quiz_id=quiz.id, form=form, number=number, paper=paper.as_json(), status="draft", started_at=now, due_at=due_at, deadline_at=deadline
    )
    try:
        with session.begin_nested():
            session.add(attempt)
    except IntegrityError:  # a second click was quicker: PostgreSQL's unique index lets only one of them in
        return session.scalars(own.where(QuizAttempt.status == "draft")).one()
    if firm:
        begin_data(session, attempt, paper, sources.get(form, ()), firm, now)
    if last:
        _begin_with(session, attempt, last)
    return attempt


def next_start(quiz: Quiz, submitted_at: Iterable[datetime | None]) -> datetime | None:
    """From when the next attempt may begin, by the `wait` of the quiz, after those handed in so far. None if there is nothing to wait for."""
    handed_in = [at for at in submitted_at if at]
    if not quiz.wait or not handed_in:
        return None
    return max(handed_in) + timedelta(minutes=quiz.wait[min(len(handed_in), len(quiz.wait)) - 1])


def refuse_waiting(quiz: Quiz, submitted_at: Iterable[datetime | None], now: datetime) -> None:
    """Raise Refused while the wait after the last attempt runs."""
    if (from_when := next_start(quiz, submitted_at)) and now < from_when:
        raise Refused(message("The next attempt at this quiz may begin %(when)s. Use the time to read what the last one showed.", when=from_when))


def _begin_with(session: Session, attempt: QuizAttempt, last: QuizAttempt) -> None:
    """Put the answers of the last attempt into one that builds on it, as if they had been saved now."""
    wraps = asks_certainty(attempt.paper["behaviour"])
    for row in session.scalars(select(HandedIn).where(HandedIn.attempt_id == last.id)).all():
        response = wrapped(row.response, row.certainty) if wraps else row.response
        if response is not None:
            session.add(Answer(attempt_id=attempt.id, question_id=row.question_id, sequence=1, response=response, sha256=digest(response), saved_at=attempt.started_at))
    uploads.copy(session, from_id=last.id, to_id=attempt.id, now=attempt.started_at)
    session.flush()


def refuse_start(quiz: Quiz, terms: Terms, *, begun: int, now: datetime) -> None:
    """Raise Refused unless a further attempt may begin now, after so many that were begun."""
    most = quiz.attempts + terms.extra_attempts
    if begun >= most:
        raise Refused(message("You have used all %(most)s attempts at this quiz. Your marks and feedback stay open to read.", most=most))
    if terms.is_early(now):
        raise Refused(message("This quiz opens %(when)s. It cannot be begun before.", when=terms.opens_at))
    if terms.is_closed(now):
        raise Refused(message("This quiz closed %(when)s. It can no longer be begun; if that is not what you agreed on, speak to your instructor.", when=terms.closes_at))


def time_of(quiz: Quiz, terms: Terms) -> timedelta | None:
    """How long an attempt may take: the quiz's time by the person's factor, unless the time is fixed. None without a limit."""
    return timedelta(minutes=quiz.minutes * (1 if quiz.fixed_time else terms.time_factor)) if quiz.minutes else None


def deadline_of(quiz: Quiz, terms: Terms, now: datetime) -> datetime | None:
    """When an attempt begun now ends: after its time, and never after the close."""
    time = time_of(quiz, terms)
    ends = [*([now + time] if time else []), *([terms.closes_at] if terms.closes_at else [])]
    return min(ends, default=None)


def save_answer(connection: Connection, attempt_id: int, paper: Mapping[str, Any], *, question_id: str, response: Any, sequence: int, key: str, now: datetime) -> Saved:
    """Keep an answer if its sequence is higher than what is kept; give what is kept then. Two statements, four for a late or stale one.

    After the end the answer is kept with its receipt, but the answer that counts stays. Whether the attempt is open is asked in the very
    statement that stores, so what a caller read before its turn cannot be out of date.
    """
    place = next((place for place, question in enumerate(paper["questions"], 1) if question["id"] == question_id), None)
    if place is None:
        raise NotFound
    text = canonical(response)
    if len(text) > LARGEST:
        raise Invalid(message("This answer is too long to keep. Please shorten it to at most %(most)s characters.", most=LARGEST // 4))
    mark = hashlib.sha256(text).hexdigest()
    receipt = {"attempt_id": attempt_id, "question_id": question_id, "sequence": sequence, "key": key, "sha256": mark, "at": now, "late_response": None}
    values = {"attempt": attempt_id, "question": question_id, "sequence": sequence, "response": response, "sha256": mark, "now": now, "ended": now - grace_of(paper)}
    values["reached"], values["before"] = span_of(paper, place)
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
    return attempt.deadline_at is not None and now > attempt.deadline_at + grace_of(attempt.paper)


def hand_in(session: Session, attempt: QuizAttempt, *, resolve: Callable[[str], Question], now: datetime) -> bool:
    """Close the attempt and score all that a machine can. False if it was closed before: then nothing changes.

    An attempt whose time ran out is handed in as of its deadline. Afterwards it is marked, or checked where answers wait for a person.
    """
    at = min(now, attempt.deadline_at) if attempt.deadline_at else now
    closing = update(QuizAttempt).where(QuizAttempt.id == attempt.id, QuizAttempt.status == "draft").values(status="submitted", submitted_at=at)
    if session.execute(closing.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        return False
    session.refresh(attempt)
    kept = {row.question_id: row.response for row in session.execute(select(Answer.question_id, Answer.response).where(Answer.attempt_id == attempt.id))}
    done = set(session.scalars(select(HandedIn.question_id).where(HandedIn.attempt_id == attempt.id)))
    tries = queries.tries_at(session, attempt.id) if read_behaviour(attempt.paper["behaviour"]).checks else {}
    asked = [question.id for question in Paper.from_json(attempt.paper).questions if question.id not in done]
    given = [Given(resolve(id), *parted(attempt.paper["behaviour"], kept.get(id)), tries.get(id, [])) for id in asked]
    _settle(session, attempt, given, now)
    attempt.status = "checked" if any(one.waits for one in given) else "marked"
    session.flush()
    return True


def check_one(session: Session, attempt: QuizAttempt, *, question: Question, now: datetime) -> bool:
    """Score the answer that is kept as one more try, where the behaviour allows it. False if that is no new try: then nothing changes.

    The last try that the behaviour gives, or one that is fully right, closes the question with its score.
    """
    session.refresh(attempt, with_for_update=True)  # checks, saves and the hand-in come one after the other
    behaviour = read_behaviour(attempt.paper["behaviour"])
    if not behaviour.checks or question.is_marked_by_hand:
        raise Refused(message("In this quiz answers are checked when you hand in."))
    if attempt.status != "draft" or is_over(attempt, now):
        raise Refused(message("This attempt has ended, so nothing more can be checked. What was saved in time counts."))
    if session.scalar(select(HandedIn.question_id).where(HandedIn.attempt_id == attempt.id, HandedIn.question_id == question.id)):
        return False
    kept = session.scalar(select(Answer.response).where(Answer.attempt_id == attempt.id, Answer.question_id == question.id))
    given = Given(question, *parted(attempt.paper["behaviour"], kept), queries.tries_at(session, attempt.id).get(question.id, []))
    if not given.is_answered:
        raise Invalid(message("Answer the question first; then it can be checked."))
    if behaviour.is_repeat(given.tries, given.newest.response):
        return False
    session.add(_try_row(attempt.id, given, now))
    session.flush()
    if behaviour.is_closed([*given.tries, given.newest], len(question.hints)):
        _settle(session, attempt, [replace(given, tries=[*given.tries, given.newest])], now)
    return True


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


def tried(question: Question, response: Response, certainty: int | None) -> Tried:
    """Score an answer as a try."""
    score = question.score(response)
    return Tried(score.fraction, score.parts, question.clean(response), certainty)


@dataclass(frozen=True)
class Given:
    """The answer that stands at a question, and the tries made at it before."""

    question: Question
    response: Response
    certainty: int | None
    tries: Sequence[Tried]

    @cached_property
    def newest(self) -> Tried:
        """The answer that stands as a try."""
        return tried(self.question, self.response, self.certainty)

    @property
    def is_answered(self) -> bool:
        return self.newest.response is not None

    @property
    def waits(self) -> bool:
        """Whether a person has to give the score."""
        return self.question.is_marked_by_hand and self.is_answered


def _settle(session: Session, attempt: QuizAttempt, given: Sequence[Given], now: datetime) -> None:
    """Append answers as handed in, each with the score of its tries unless a person gives it, in three statements however many they are.

    An answer that differs from those tried is one more try; where it was taken back, the last one tried stands.
    """
    behaviour = read_behaviour(attempt.paper["behaviour"])
    handed_in, further, scores = [], [], []
    for one in given:
        tries = list(one.tries)
        if tries and one.is_answered and not behaviour.is_repeat(tries, one.newest.response):
            tries.append(one.newest)
            further.append(one)
        stands = tries[-1] if tries and not one.is_answered else one
        handed_in.append({"attempt_id": attempt.id, "question_id": one.question.id, "response": stands.response, "certainty": stands.certainty, "at": now})
        if not one.waits:
            scores.append(_score_row(attempt.id, one.question, behaviour, tries or [one.newest], now))
    if handed_in:
        session.execute(HANDED_IN.insert(), handed_in)
    session.add_all(_try_row(attempt.id, one, now) for one in further)
    if scores:
        session.execute(SCORE.insert(), scores)


def _try_row(attempt_id: int, given: Given, now: datetime) -> QuestionTry:
    newest = given.newest
    return QuestionTry(
        attempt_id=attempt_id, question_id=given.question.id, number=len(given.tries) + 1, response=newest.response, fraction=newest.fraction,
        parts=[asdict(part) for part in newest.parts], certainty=newest.certainty, at=now,
    )  # fmt: skip


def _score_row(attempt_id: int, question: Question, behaviour: Behaviour, tries: Sequence[Tried], now: datetime) -> dict[str, Any]:
    fraction = behaviour.fraction(tries)
    return {
        "attempt_id": attempt_id, "question_id": question.id, "fraction": fraction, "points": fraction * question.points, "rule": behaviour.named(question.rule),
        "rule_version": question.version, "at": now,
    }  # fmt: skip


_KEPT = select(ANSWER.c.sequence, ANSWER.c.sha256, ANSWER.c.saved_at).where(ANSWER.c.attempt_id == bindparam("attempt"), ANSWER.c.question_id == bindparam("question"))
_OPEN = (  # a question can be answered while its attempt is, between its locks; where answers are checked at once, until it was checked. Locked, so that no hand-in comes between
    select(ATTEMPT.c.id)
    .where(ATTEMPT.c.id == bindparam("attempt"), ATTEMPT.c.status == "draft", ATTEMPT.c.deadline_at.is_(None) | (ATTEMPT.c.deadline_at >= bindparam("ended")))
    .where(ATTEMPT.c.passed.between(bindparam("reached"), bindparam("before")))
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
