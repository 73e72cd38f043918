"""Hand in and record in one act: the score of a quiz or scenario, its evidence and its ledger entry stand or fall together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment import attempts as quizzes
from courseware.assessment.looking_up import attend
from courseware.assessment.models import QuestionScore, QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.practice import Firm
from courseware.assessment.questions import Question
from courseware.assessment.review import Phase, phase_of
from courseware.errors import Refused
from courseware.grading.actions import record_quiz, record_scenario, release_quiz
from courseware.i18n import message
from courseware.people.queries import terms_of
from courseware.sandbox import attempts as sandboxes
from courseware.sandbox.evaluate import score
from courseware.sandbox.models import CheckRun, SandboxAttempt, Status
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State


def hand_in_quiz(session: Session, attempt: QuizAttempt, *, resolve: Callable[[str], Question], now: datetime, firm: Firm | None = None) -> bool:
    """Close a quiz attempt, score it, record it. False if it was handed in before: then nothing changes.

    Where answers wait for a person the attempt stays checked, and is recorded when the last of them has its points. Where its marks are not
    to be seen yet it stays marked until they are (`release_due`). Questions about the practice CRM need the `firm` that their answers are looked up in.
    """
    if firm is not None and attempt.status == "draft":
        resolve = attend(session, attempt, {one.id: resolve(one.id) for one in Paper.from_json(attempt.paper).questions}, firm, now).__getitem__
    if not quizzes.hand_in(session, attempt, resolve=resolve, now=now):
        return False
    if attempt.status == "marked":
        record_quiz(session, attempt, now)
        if releases(session, attempt, now):
            release_quiz(session, attempt, resolve, now)
    return True


def releases(session: Session, attempt: QuizAttempt, now: datetime) -> bool:
    """Whether the review options of an attempt let its marks be seen now, by the closing date that holds for its writer."""
    review = Paper.from_json(attempt.paper).review
    if not review.changes:
        return review.releases(Phase.AFTER)
    closes_at = terms_of(session, attempt.person_id)[f"quiz:{attempt.quiz_id}"].closes_at
    return review.releases(phase_of(attempt.submitted_at, closes_at, now))


def due_for_release(session: Session, now: datetime) -> list[QuizAttempt]:
    """The attempts that only waited for their review options to show the marks, and need wait no longer. What a person marked is released by a person."""
    by_hand = select(QuestionScore.id).where(QuestionScore.attempt_id == QuizAttempt.id, QuestionScore.by_id.is_not(None)).exists()
    waiting = session.scalars(select(QuizAttempt).where(QuizAttempt.status == "marked", ~by_hand).order_by(QuizAttempt.id)).all()
    return [attempt for attempt in waiting if releases(session, attempt, now)]


def release_due(session: Session, *, asked: Callable[[Paper], Mapping[str, Question]], now: datetime) -> int:
    """Release what is due, and say how many attempts. `asked` gives the questions of a paper by id. Safe to run twice and in parallel."""
    released = 0
    for attempt in due_for_release(session, now):
        session.refresh(attempt, with_for_update=True)
        released += attempt.status == "marked" and release_quiz(session, attempt, asked(Paper.from_json(attempt.paper)).__getitem__, now)
    return released


def hand_in_scenario(session: Session, attempt: SandboxAttempt, *, scenario: Scenario, state: State, now: datetime) -> CheckRun:
    """Close a run with its last check and record it. A second time the first result is given."""
    if attempt.part_of:
        raise Refused(message("This run belongs to a quiz and is handed in with it."))
    session.refresh(attempt, with_for_update=True)
    was_open = attempt.status == Status.DRAFT
    run = sandboxes.hand_in(session, attempt, scenario=scenario, state=state, now=now)
    if was_open:
        hints = sandboxes.opened_hints(session, attempt)
        checks = [(finding.check, finding.objective, score(finding, hints.get(finding.check, ())), finding.weight) for finding in sandboxes.findings_of(run)]
        record_scenario(session, person_id=attempt.person_id, scenario=scenario.id, attempt_id=attempt.id, passed=run.passed, checks=checks, rule=run.rule, now=now)
    return run
