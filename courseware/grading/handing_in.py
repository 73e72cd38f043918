"""Hand in and record in one act: the score of a quiz or scenario, its evidence and its ledger entry stand or fall together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from courseware.assessment import attempts as quizzes
from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.questions import Question
from courseware.grading.actions import record_quiz, record_scenario, release_quiz
from courseware.sandbox import attempts as sandboxes
from courseware.sandbox.evaluate import score
from courseware.sandbox.models import CheckRun, SandboxAttempt, Status
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State


def hand_in_quiz(session: Session, attempt: QuizAttempt, *, resolve: Callable[[str], Question], now: datetime) -> bool:
    """Close a quiz attempt, score it, record it. False if it was handed in before: then nothing changes.

    Where answers wait for a person the attempt stays checked, and is recorded when the last of them has its points.
    """
    if not quizzes.hand_in(session, attempt, resolve=resolve, now=now):
        return False
    if attempt.status == "marked":
        record_quiz(session, attempt, now)
        release_quiz(session, attempt, objectives_of(attempt, resolve), now)
    return True


def objectives_of(attempt: QuizAttempt, resolve: Callable[[str], Question]) -> dict[str, str]:
    """The objective of each question of an attempt, by question id."""
    return {question.id: resolve(question.id).objective for question in Paper.from_json(attempt.paper).questions}


def hand_in_scenario(session: Session, attempt: SandboxAttempt, *, scenario: Scenario, state: State, now: datetime) -> CheckRun:
    """Close a run with its last check and record it. A second time the first result is given."""
    session.refresh(attempt, with_for_update=True)
    was_open = attempt.status == Status.DRAFT
    run = sandboxes.hand_in(session, attempt, scenario=scenario, state=state, now=now)
    if was_open:
        hints = sandboxes.opened_hints(session, attempt)
        checks = [(finding.check, finding.objective, score(finding, hints.get(finding.check, ())), finding.weight) for finding in sandboxes.findings_of(run)]
        record_scenario(session, person_id=attempt.person_id, scenario=scenario.id, attempt_id=attempt.id, passed=run.passed, checks=checks, rule=run.rule, now=now)
    return run
