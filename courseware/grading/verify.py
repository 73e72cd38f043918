"""Compute every mark again from what was handed in, with the revision it was pinned to, and compare. Writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from courseware.assessment import attempts, queries
from courseware.assessment.looking_up import knowing
from courseware.assessment.models import HandedIn, QuestionScore, QuizAttempt, StoredFile
from courseware.assessment.papers import Paper
from courseware.assessment.questions import Question, QuestionSource
from courseware.assessment.rubrics import ByRubric
from courseware.assessment.tries import Tried
from courseware.grading import ledger
from courseware.grading.actions import newest_answer_levels, newest_levels
from courseware.grading.models import CaseAnswer, LedgerEntry
from courseware.grading.rubrics import CaseStudy, points
from courseware.sandbox import attempts as sandboxes
from courseware.sandbox.evaluate import evaluate
from courseware.sandbox.models import SandboxAttempt, Status
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import Base, checkout

Item = TypeVar("Item")
Progress = Callable[[Sequence[Any], str], Iterable[Any]]


class Pinned(Protocol):
    """What is needed of a course: its questions, scenarios, cases and base."""

    @property
    def questions(self) -> Mapping[str, QuestionSource]: ...
    @property
    def scenarios(self) -> Mapping[str, Scenario]: ...
    @property
    def cases(self) -> Mapping[str, CaseStudy]: ...
    @property
    def base(self) -> Base: ...


@dataclass(frozen=True)
class Verification:
    """How much was computed again, and what did not match."""

    entries: int
    quizzes: int
    scenarios: int
    cases: int
    faults: tuple[str, ...]


def verify(session: Session, revision: Callable[[int], Pinned], progress: Progress = lambda items, what: items) -> Verification:
    """Check the chain and recompute all marks. `revision` gives the course of a revision."""
    faults = [*_database(session), *_files(session), *ledger.faults(session)]
    quizzes = session.scalars(select(QuizAttempt).where(QuizAttempt.status.in_(("marked", "released"))).order_by(QuizAttempt.id)).all()
    runs = session.scalars(select(SandboxAttempt).where(SandboxAttempt.status == Status.RELEASED).order_by(SandboxAttempt.id)).all()
    answers = session.scalars(select(CaseAnswer).where(CaseAnswer.status.in_(("marked", "released"))).order_by(CaseAnswer.id)).all()
    for attempt in progress(quizzes, "quizzes"):
        faults += _quiz(session, attempt, revision(attempt.paper["revision"]))
    for run in progress(runs, "scenarios"):
        faults += _scenario(session, run, revision(run.revision_id))
    for answer in progress(answers, "cases"):
        faults += _case(session, answer)
    entries = session.scalar(select(func.count()).select_from(LedgerEntry)) or 0
    return Verification(entries, len(quizzes), len(runs), len(answers), tuple(faults))


def _database(session: Session) -> Iterator[str]:
    if session.get_bind().dialect.name == "sqlite":
        for (answer,) in session.execute(text("PRAGMA integrity_check")):
            if answer != "ok":
                yield f"database: {answer}"


def _files(session: Session) -> Iterator[str]:
    """Files that learners handed in and that are no longer what their hash says, one in memory at a time."""
    for mark in session.scalars(select(StoredFile.sha256).order_by(StoredFile.sha256)).all():
        content = session.scalars(select(StoredFile.content).where(StoredFile.sha256 == mark)).one()
        if hashlib.sha256(content).hexdigest() != mark:
            yield f"the handed-in file {mark[:12]} was changed after it was stored"


def _entered(session: Session, work: str, work_id: int) -> float | None:
    """The points of the newest ledger entry for a piece of work."""
    query = select(LedgerEntry.points).where(LedgerEntry.work == work, LedgerEntry.work_id == work_id).order_by(LedgerEntry.number.desc()).limit(1)
    return session.scalar(query)


def _differs(one: float | None, other: float | None) -> bool:
    return one is None or other is None or abs(one - other) > 1e-6


def _quiz(session: Session, attempt: QuizAttempt, course: Pinned) -> Iterator[str]:
    paper = Paper.from_json(attempt.paper)
    handed_in = {row.question_id: row for row in session.scalars(select(HandedIn).where(HandedIn.attempt_id == attempt.id))}
    tries = queries.tries_at(session, attempt.id)
    kept = {row.question_id: row.points for row in session.scalars(select(QuestionScore).where(QuestionScore.attempt_id == attempt.id).order_by(QuestionScore.id))}
    levels = newest_answer_levels(session, attempt.id)
    questions = knowing(session, attempt.id, {asked.id: paper.question(asked.id, course.questions) for asked in paper.questions})
    sum_ = 0.0
    for asked in paper.questions:
        question = questions[asked.id]
        if isinstance(question, ByRubric) and asked.id in levels:
            again = question.marked(levels[asked.id]).fraction * asked.points
        else:
            scored = _tried(question, tries.get(asked.id), handed_in.get(asked.id))
            again = paper.behaviour.fraction(scored) * asked.points
            for number, (one, was) in enumerate(zip(scored, tries.get(asked.id, ()), strict=False), 1):
                if _differs(one.fraction, was.fraction):
                    yield f"quiz attempt {attempt.id}, question {asked.id}, try {number}: {was.fraction:g} kept, {one.fraction:g} computed"
        sum_ += again
        if _differs(again, kept.get(asked.id)):
            yield f"quiz attempt {attempt.id}, question {asked.id}: {kept.get(asked.id)} points kept, {again:g} computed"
    if _differs(max(0.0, sum_), entered := _entered(session, f"quiz:{attempt.quiz_id}", attempt.id)):
        yield f"quiz attempt {attempt.id}: {entered} points in the ledger, {sum_:g} computed"


def _tried(question: Question, tries: Sequence[Tried] | None, handed_in: HandedIn | None) -> list[Tried]:
    """The tries at a question, scored again from their answers; the answer handed in where none was checked."""
    given = tries or [Tried(0.0, (), handed_in.response, handed_in.certainty) if handed_in else Tried(0.0)]
    return [attempts.tried(question, one.response, one.certainty) for one in given]


def _scenario(session: Session, attempt: SandboxAttempt, course: Pinned) -> Iterator[str]:
    if not attempt.scenario:
        return
    final = sandboxes.final_run(session, attempt)
    journal = sandboxes.journal_of(session, attempt)
    state = checkout(course.base)
    with state.applied(journal.changes()):
        report = evaluate(course.scenarios[attempt.scenario], sandboxes.paper_at(attempt), journal, state)
    again = report.points(sandboxes.opened_hints(session, attempt))
    if _differs(again, final.points) or report.passed != final.passed:
        yield f"scenario run {attempt.id}: {final.points:g} points kept, {again:g} computed"
    if attempt.part_of:  # its points are those of a quiz question
        return
    if _differs(again, entered := _entered(session, f"scenario:{attempt.scenario}", attempt.id)):
        yield f"scenario run {attempt.id}: {entered} points in the ledger, {again:g} computed"


def _case(session: Session, answer: CaseAnswer) -> Iterator[str]:
    again = sum(points(level) for level in newest_levels(session, answer.id).values())
    if _differs(again, entered := _entered(session, f"case:{answer.case_id}", answer.id)):
        yield f"case answer {answer.id}: {entered} points in the ledger, {again:g} computed"
