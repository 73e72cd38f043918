"""What the gradebook is made from: every learner's ledger and statuses, loaded in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment.counting import counted
from courseware.assessment.models import QuizAttempt
from courseware.grading.models import CaseAnswer, LedgerEntry
from courseware.i18n import Message, message
from courseware.sandbox.models import SandboxAttempt, Status


@dataclass(frozen=True)
class Try:
    """One attempt at a piece of work and where it stands. `points` are None until a rule or a person gave them."""

    work_id: int
    status: str
    at: datetime | None
    is_late: bool = False
    points: float | None = None
    most: float | None = None
    by_machine: bool = True


@dataclass(frozen=True)
class LearnerWork:
    """All tries of one learner, by work, and which of them counts (`counting.RULES`) where it is not the best."""

    person_id: int
    tries: Mapping[str, Sequence[Try]] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)

    def counted(self, work: str) -> tuple[Try, float] | None:
        """The try of a piece of work that counts, and the share of its points."""
        return counted_try(self.tries.get(work, ()), self.rule(work))

    def rule(self, work: str) -> str:
        return self.counts.get(work, "best")


@dataclass(frozen=True)
class Cell:
    """One cell: a share of 100 (None: nothing to show), the status word, and the sentence that explains it."""

    percent: float | None
    status: str | None
    why: Message
    work_id: int | None = None
    is_late: bool = False


NOTHING = Cell(None, None, message("Nothing handed in yet."))


def load(session: Session, person_ids: Iterable[int], counts: Mapping[str, str] | None = None) -> dict[int, LearnerWork]:
    """Load the work of some learners, in four statements. `counts` says by work which try counts, where it is not the best."""
    ids = list(person_ids)
    entries: dict[tuple[str, int], LedgerEntry] = {
        (entry.work, entry.work_id): entry for entry in session.scalars(select(LedgerEntry).where(LedgerEntry.person_id.in_(ids)).order_by(LedgerEntry.number))
    }
    works: dict[int, dict[str, list[Try]]] = {id: {} for id in ids}

    def add(person_id: int, work: str, work_id: int, status: str, at: datetime | None, due: datetime | None) -> None:
        entry = entries.get((work, work_id))
        late = due is not None and at is not None and at > due
        made = Try(work_id, status, at, late, entry.points if entry else None, entry.most if entry else None, entry.by_id is None if entry else True)
        works[person_id].setdefault(work, []).append(made)

    quizzes = select(QuizAttempt.id, QuizAttempt.person_id, QuizAttempt.quiz_id, QuizAttempt.status, QuizAttempt.submitted_at, QuizAttempt.due_at)
    for quiz in session.execute(quizzes.where(QuizAttempt.person_id.in_(ids)).order_by(QuizAttempt.id)):
        add(quiz.person_id, f"quiz:{quiz.quiz_id}", quiz.id, quiz.status, quiz.submitted_at, quiz.due_at)
    runs = select(SandboxAttempt.id, SandboxAttempt.person_id, SandboxAttempt.scenario, SandboxAttempt.status, SandboxAttempt.handed_in_at)
    runs = runs.where(SandboxAttempt.person_id.in_(ids), SandboxAttempt.scenario != "", SandboxAttempt.status != Status.PRACTICE, SandboxAttempt.part_of == "")
    for run in session.execute(runs.order_by(SandboxAttempt.id)):
        add(run.person_id, f"scenario:{run.scenario}", run.id, run.status, run.handed_in_at, None)
    answers = select(CaseAnswer.id, CaseAnswer.person_id, CaseAnswer.case_id, CaseAnswer.status, CaseAnswer.submitted_at, CaseAnswer.due_at)
    for answer in session.execute(answers.where(CaseAnswer.person_id.in_(ids))):
        add(answer.person_id, f"case:{answer.case_id}", answer.id, answer.status, answer.submitted_at, answer.due_at)
    return {id: LearnerWork(id, tries, counts or {}) for id, tries in works.items()}


def counted_try(tries: Sequence[Try], rule: str = "best") -> tuple[Try, float] | None:
    """The try that counts and the share of the points it gives; of a mean the newest try and the mean. A mark not yet released does not count yet."""
    shares = [(one.points or 0) / one.most if one.points is not None and one.most and one.status != "marked" else None for one in tries]
    found = counted(shares, rule)
    return (tries[found.place], found.share) if found else None


def cell_of(tries: Sequence[Try], of_one: Message, of_several: Message, none_yet: Message, rule: str = "best") -> Cell:
    """The cell for the only try (`of_one`) or what counts of several; where none has points yet, the status of the newest."""
    if not tries:
        return NOTHING
    found = counted_try(tries, rule)
    if found is None:
        return Cell(None, tries[-1].status, none_yet, tries[-1].work_id, tries[-1].is_late)
    one, share = found
    most = one.most or 1
    params = {"points": f"{round(share * most, 4):g}", "most": f"{most:g}", "count": len(tries)}
    return Cell(100 * share, one.status, Message((of_several if len(tries) > 1 else of_one).id, params), one.work_id, one.is_late)
