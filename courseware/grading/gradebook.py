"""What the gradebook is made from: every learner's ledger and statuses, loaded in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment.models import QuizAttempt
from courseware.grading.models import CaseAnswer, LedgerEntry
from courseware.i18n import Message, message
from courseware.sandbox.models import SandboxAttempt


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
    """All tries of one learner, by work."""

    person_id: int
    tries: Mapping[str, Sequence[Try]] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """One cell: a share of 100 (None: nothing to show), the status word, and the sentence that explains it."""

    percent: float | None
    status: str | None
    why: Message
    work_id: int | None = None
    is_late: bool = False


NOTHING = Cell(None, None, message("Nothing handed in yet."))


def load(session: Session, person_ids: Iterable[int]) -> dict[int, LearnerWork]:
    """Load the work of some learners, in four statements."""
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
    for run in session.execute(runs.where(SandboxAttempt.person_id.in_(ids), SandboxAttempt.scenario != "").order_by(SandboxAttempt.id)):
        add(run.person_id, f"scenario:{run.scenario}", run.id, run.status, run.handed_in_at, None)
    answers = select(CaseAnswer.id, CaseAnswer.person_id, CaseAnswer.case_id, CaseAnswer.status, CaseAnswer.submitted_at, CaseAnswer.due_at)
    for answer in session.execute(answers.where(CaseAnswer.person_id.in_(ids))):
        add(answer.person_id, f"case:{answer.case_id}", answer.id, answer.status, answer.submitted_at, answer.due_at)
    return {id: LearnerWork(id, tries) for id, tries in works.items()}


def best(tries: Sequence[Try]) -> Try | None:
    """The try that counts: the one with the highest share of its points, the earlier one of equals. A mark not yet released does not count yet."""
    marked = [one for one in tries if one.points is not None and one.most and one.status != "marked"]
    return max(marked, key=lambda one: ((one.points or 0) / (one.most or 1), -one.work_id)) if marked else None


def cell_of(tries: Sequence[Try], of_one: Message, of_best: Message, none_yet: Message) -> Cell:
    """The cell for the only try (`of_one`) or the best of several (`of_best`); where none has points yet, the status of the newest."""
    if not tries:
        return NOTHING
    counted = best(tries)
    if counted is None:
        return Cell(None, tries[-1].status, none_yet, tries[-1].work_id, tries[-1].is_late)
    params = {"points": f"{counted.points:g}", "most": f"{counted.most:g}", "count": len(tries)}
    return Cell(100 * (counted.points or 0) / (counted.most or 1), counted.status, Message((of_best if len(tries) > 1 else of_one).id, params), counted.work_id, counted.is_late)
