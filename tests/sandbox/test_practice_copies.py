"""Branching from a step of an attempt: the copy stands as the attempt did, is worked in and checked like any, counts nowhere, and leaves the attempt alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courseware.errors import Invalid, Refused
from courseware.grading.gradebook import load
from courseware.grading.handing_in import hand_in_scenario
from courseware.sandbox import attempts
from courseware.sandbox.models import CheckRun, JournalEntry, SandboxAttempt
from courseware.sandbox.runs import runs_of
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State

NOW = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)


@pytest.fixture
def begin(session: Session, lin: int, scenario: Scenario, at_work: State) -> Callable[[], SandboxAttempt]:
    def begun() -> SandboxAttempt:
        return attempts.start(session, person_id=lin, scenario=scenario, state=at_work, base_identity="base", revision_id=1, seed=3, language="en", now=NOW)

    return begun


@pytest.fixture
def call(session: Session, scenario: Scenario, at_work: State) -> Callable[..., Any]:
    """Note a call to make."""

    def called(attempt: SandboxAttempt, subject: str) -> Any:
        arguments = {"kind": "call", "subject": subject}
        return attempts.act(session, attempt, scenario=scenario, state=at_work, verb="task.create", arguments=arguments, now=NOW)

    return called


@pytest.fixture
def attempt(begin: Callable[[], SandboxAttempt], call: Callable[..., Any]) -> SandboxAttempt:
    """An attempt with three calls."""
    made = begin()
    for number in (1, 2, 3):
        call(made, f"Call {number}")
    return made


def entries(session: Session, attempt: SandboxAttempt) -> list[Any]:
    columns = (JournalEntry.epoch, JournalEntry.no, JournalEntry.verb, JournalEntry.arguments, JournalEntry.at, JournalEntry.changes, JournalEntry.undoes)
    return [tuple(row) for row in session.execute(select(*columns).where(JournalEntry.attempt_id == attempt.id).order_by(JournalEntry.epoch, JournalEntry.no))]


def subjects(session: Session, attempt: SandboxAttempt) -> list[str]:
    return [entry.arguments["subject"] for entry in attempts.journal_of(session, attempt).effective()]


def test_a_copy_stands_as_the_attempt_did_after_the_step(session: Session, attempt: SandboxAttempt) -> None:
    copy = attempts.branch(session, attempt, step=2, now=NOW)
    whole, part = attempts.journal_of(session, attempt), attempts.journal_of(session, copy)
    assert part.plant == whole.plant
    assert part.entries[1:] == whole.entries[:2]
    assert (part.branched_after, part.next_no(), part.clock("")) == (2, 3, whole.entries[1].at)
    assert (copy.paper, copy.revision_id, copy.is_open) == (attempt.paper, attempt.revision_id, True)
    assert attempts.origin_of(session, copy) is attempt
    assert attempts.copy_of(session, attempt) is copy


def test_a_copy_from_the_beginning_holds_the_plant_alone(session: Session, attempt: SandboxAttempt) -> None:
    journal = attempts.journal_of(session, attempts.branch(session, attempt, step=0, now=NOW))
    assert journal.plant == attempts.journal_of(session, attempt).plant
    assert (journal.effective(), journal.branched_after, journal.next_no()) == ((), 0, 1)


def test_working_in_a_copy_leaves_the_journal_of_the_attempt_as_it_was(
    session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt, call: Callable[..., Any]
) -> None:
    before = entries(session, attempt)
    copy = attempts.branch(session, attempt, step=2, now=NOW)
    call(copy, "Another way")
    assert subjects(session, copy) == ["Call 1", "Call 2", "Another way"]
    attempts.undo(session, copy, now=NOW)
    attempts.undo(session, copy, now=NOW)
    assert subjects(session, copy) == ["Call 1"], "what was copied can be taken back too"
    attempts.check(session, copy, scenario=scenario, state=at_work, now=NOW)
    attempts.reset(session, copy, now=NOW)
    assert subjects(session, copy) == []
    assert entries(session, attempt) == before
    assert session.scalars(select(CheckRun.attempt_id)).all() == [copy.id]
    call(attempt, "Call 4")
    assert subjects(session, attempt) == ["Call 1", "Call 2", "Call 3", "Call 4"]


def test_branching_again_begins_the_same_copy_anew_and_destroys_nothing(session: Session, attempt: SandboxAttempt, call: Callable[..., Any]) -> None:
    first = attempts.branch(session, attempt, step=1, now=NOW)
    call(first, "Another way")
    before = entries(session, first)
    second = attempts.branch(session, attempt, step=3, now=NOW)
    assert (second.id, second.epoch) == (first.id, 2)
    assert subjects(session, second) == ["Call 1", "Call 2", "Call 3"]
    assert entries(session, second)[: len(before)] == before
    assert session.scalar(select(func.count()).select_from(SandboxAttempt)) == 2


def test_the_database_itself_refuses_a_second_copy(session: Session, attempt: SandboxAttempt) -> None:
    copy = attempts.branch(session, attempt, step=1, now=NOW)
    twin = SandboxAttempt(
        person_id=copy.person_id, scenario=copy.scenario, number=copy.number, revision_id=1, paper=copy.paper, status="practice", epoch=1, started_at=NOW
    )  # fmt: skip
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(twin)


def test_a_branch_that_breaks_off_leaves_no_copy_and_the_next_makes_one(session: Session, attempt: SandboxAttempt) -> None:
    broken_off = session.begin_nested()
    attempts.branch(session, attempt, step=1, now=NOW)
    broken_off.rollback()
    assert attempts.copy_of(session, attempt) is None
    assert subjects(session, attempts.branch(session, attempt, step=1, now=NOW)) == ["Call 1"]


def test_a_copy_of_a_step_taken_back_later_still_has_it(session: Session, attempt: SandboxAttempt) -> None:
    attempts.undo(session, attempt, now=NOW)
    assert subjects(session, attempts.branch(session, attempt, step=3, now=NOW)) == ["Call 1", "Call 2", "Call 3"]
    assert subjects(session, attempts.branch(session, attempt, step=4, now=NOW)) == ["Call 1", "Call 2"]


@pytest.mark.parametrize("step", [-1, 4, 99])
def test_a_step_that_is_not_there_is_refused(session: Session, attempt: SandboxAttempt, step: int) -> None:
    with pytest.raises(Invalid):
        attempts.branch(session, attempt, step=step, now=NOW)
    assert attempts.copy_of(session, attempt) is None


def test_a_copy_has_no_copy_of_its_own(session: Session, attempt: SandboxAttempt) -> None:
    copy = attempts.branch(session, attempt, step=1, now=NOW)
    with pytest.raises(Refused, match="practice copy already"):
        attempts.branch(session, copy, step=1, now=NOW)


def test_a_copy_is_never_handed_in_and_sells_no_hints(session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    copy = attempts.branch(session, attempt, step=1, now=NOW)
    attempts.check(session, copy, scenario=scenario, state=at_work, now=NOW)
    with pytest.raises(Refused, match="not handed in"):
        hand_in_scenario(session, copy, scenario=scenario, state=at_work, now=NOW)
    with pytest.raises(Refused, match="in the attempt itself"):
        attempts.open_hint(session, copy, check_id="linked", now=NOW)
    assert copy.status == "practice"


def test_an_attempt_handed_in_can_be_branched_and_its_result_stays(session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    run = attempts.hand_in(session, attempt, scenario=scenario, state=at_work, now=NOW)
    copy = attempts.branch(session, attempt, step=0, now=NOW)
    attempts.play_script(session, copy, scenario=scenario, state=at_work, script=scenario.reference, now=NOW)
    assert attempts.check(session, copy, scenario=scenario, state=at_work, now=NOW).passed
    assert attempts.final_run(session, attempt).id == run.id
    assert not run.passed
    assert attempt.status == "released"


def test_copies_count_neither_as_attempts_nor_in_lists_nor_in_the_gradebook(
    session: Session, scenario: Scenario, at_work: State, lin: int, attempt: SandboxAttempt, begin: Callable[[], SandboxAttempt]
) -> None:
    attempts.branch(session, attempt, step=1, now=NOW)
    assert begin().id == attempt.id, "the attempt is open, not its copy"
    attempts.hand_in(session, attempt, scenario=scenario, state=at_work, now=NOW)
    assert begin().number == 2
    assert [(line.number, line.status) for line in runs_of(session, lin)] == [(1, "released"), (2, "draft")]
    assert [one.status for one in load(session, [lin])[lin].tries["scenario:SC31"]] == ["released", "draft"]
