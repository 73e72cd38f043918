"""After a trial: what the learners were told against what the database holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from courseware import db
from courseware.assessment.attempts import digest
from courseware.assessment.models import Answer, HandedIn, QuestionScore, QuizAttempt, Receipt
from courseware.grading.models import Evidence, LedgerEntry
from tests.chaos.learners import Acknowledged, Log


@dataclass(frozen=True)
class Verdict:
    """How many answers were acknowledged, and four counts that must be 0."""

    acknowledged: int
    lost: int
    doubled: int
    false: int
    twice_handed_in: int

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.false or self.twice_handed_in)


def audit(school: db.School, log: Log) -> Verdict:
    with db.session(school) as session:
        assert school.is_sqlite is False or session.scalar(text("PRAGMA integrity_check")) == "ok"
        receipts = Counter(tuple(row) for row in session.execute(select(Receipt.attempt_id, Receipt.question_id, Receipt.sequence, Receipt.sha256)))
        lost = sum(not receipts[one.attempt, one.question, one.sequence, one.sha256] for one in log.saved) + len(_superseded(session, log.saved))
        doubled = sum(count - 1 for count in receipts.values())
        return Verdict(len(log.saved), lost, doubled, log.false, _twice_handed_in(session))


def _superseded(session: Session, saved: Sequence[Acknowledged]) -> list[Acknowledged]:
    """Acknowledged answers in whose place something older or other stands, now or in what was handed in."""
    newest: dict[tuple[int, str], Acknowledged] = {}
    for one in saved:
        if not one.is_late and one.sequence >= (newest[one.attempt, one.question].sequence if (one.attempt, one.question) in newest else 0):
            newest[one.attempt, one.question] = one
    kept = {(attempt, question): (sequence, mark) for attempt, question, sequence, mark in session.execute(select(Answer.attempt_id, Answer.question_id, Answer.sequence, Answer.sha256))}
    given = {(attempt, question): digest(response) for attempt, question, response in session.execute(select(HandedIn.attempt_id, HandedIn.question_id, HandedIn.response))}

    def is_there(one: Acknowledged) -> bool:
        sequence, mark = kept.get((one.attempt, one.question), (0, ""))
        is_newest = sequence > one.sequence or (sequence, mark) == (one.sequence, one.sha256)
        return is_newest and given.get((one.attempt, one.question), mark) == mark

    return [one for one in newest.values() if not is_there(one)]


def _twice_handed_in(session: Session) -> int:
    """Effects of a hand-in beyond the first: scores and evidence of a question, entries of the ledger."""
    scores = Counter(tuple(row) for row in session.execute(select(QuestionScore.attempt_id, QuestionScore.question_id)))
    evidence = Counter(tuple(row) for row in session.execute(select(Evidence.work_id, Evidence.source).where(Evidence.source.like("question:%"))))
    closed = set(session.scalars(select(QuizAttempt.id).where(QuizAttempt.status != "draft")))
    entries = Counter(session.scalars(select(LedgerEntry.work_id).where(LedgerEntry.work_id.in_(closed), LedgerEntry.work == "quiz:forty")))
    unscored = [attempt for attempt in closed if not any(of == attempt for of, _ in scores) or not entries[attempt]]
    return sum(count - 1 for found in (scores, evidence, entries) for count in found.values()) + len(unscored)
