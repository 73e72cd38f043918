"""The verbs that put repair before selling, and what SC12 accepts besides its reference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.play import FREE, Step, perform
from courseware.sandbox.prove import run_script
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import Base, Row, State, checkout
from courseware.sandbox.tables import Tables
from tests.sandbox.conftest import shipped


def do(state: State, paper: Paper, verb: str, record: int, **arguments: Any) -> None:
    perform(state, paper, Journal(), FREE, verb, {"record": record, **arguments})


def row(state: State, table: str, id: int = 1) -> Row:
    found = state.get(table, id)
    assert found is not None
    return found


def test_a_hold_lies_ahead_and_is_released_once(state: State, paper: Paper) -> None:
    with pytest.raises(Invalid, match="to come") as refusal:
        do(state, paper, "account.hold", 1, do_not_sell_until="2026-03-16")
    assert refusal.value.field == "do_not_sell_until"
    with pytest.raises(Refused, match="no hold"):
        do(state, paper, "account.release_hold", 1)
    do(state, paper, "account.hold", 1, do_not_sell_until="2026-03-30")
    do(state, paper, "account.release_hold", 1)
    assert row(state, "accounts")["do_not_sell_until"] is None


def test_a_hold_is_not_changed_by_the_way(state: State, paper: Paper) -> None:
    with pytest.raises(Invalid, match="does not know"):
        do(state, paper, "account.update", 1, do_not_sell_until="2026-03-30")


def test_a_postponed_task_keeps_its_length(state: State, paper: Paper) -> None:
    do(state, paper, "task.postpone", 1, start_at="2026-03-30 10:00")
    assert (row(state, "tasks")["start_at"], row(state, "tasks")["due_at"]) == ("2026-03-30 10:00", "2026-03-30 11:00")
    with pytest.raises(Invalid, match="later time"):
        do(state, paper, "task.postpone", 1, start_at="2026-03-29 10:00")


def test_a_task_is_turned_to_a_case_of_the_same_account(state: State, paper: Paper) -> None:
    state.update("cases", 1, account_id=2)
    with pytest.raises(Invalid, match="another account"):
        do(state, paper, "task.turn_to_service", 1, case_id=1)
    state.update("cases", 1, account_id=1)
    do(state, paper, "task.turn_to_service", 1, case_id=1)
    assert (row(state, "tasks")["case_id"], row(state, "tasks")["status"]) == (1, "open")
    do(state, paper, "task.complete", 1)
    with pytest.raises(Refused, match="not open"):
        do(state, paper, "task.turn_to_service", 1, case_id=1)


@pytest.mark.parametrize(
    ("skill", "part", "arrived", "outcome"),
    [
        ("2026-12-31", 1, "2026-03-16", "fixed"),
        ("2026-03-15", 1, "2026-03-16", "return-visit"),
        (None, 1, "2026-03-16", "return-visit"),
        ("2026-12-31", None, "2026-03-16", "return-visit"),
        ("2026-12-31", 1, "2026-03-17", "return-visit"),
    ],
)
def test_a_visit_mends_with_a_valid_certificate_and_the_part_in_stock(skill: str | None, part: int | None, arrived: str, outcome: str, state: State, paper: Paper) -> None:
    state.update("cases", 1, asset_id=1, part_id=1)
    state.insert("stock", {"part_id": 1, "depot": "north", "qty": 1, "arrived_on": arrived})
    if skill:
        state.insert("technician_skills", {"employee_id": 1, "product_family": "printers", "certificate": "P1", "valid_until": skill})
    do(state, paper, "visit.book", 1, technician_id=1, planned_start="2026-03-16 10:00", **({"part_id": part} if part else {}))
    visit = state.rows("field_visits")[0]
    with pytest.raises(Refused, match="time is over"):
        do(state, paper, "visit.carry_out", visit["id"])
    perform(state, replace(paper, start="2026-03-16 11:30"), Journal(), FREE, "visit.carry_out", {"record": visit["id"]})
    assert (state.rows("field_visits")[0]["outcome"], state.rows("field_visits")[0]["done_at"]) == (outcome, "2026-03-16 11:30")


# The scenario


@pytest.fixture(scope="module")
def scenario(tables: Tables) -> Scenario:
    return shipped("SC12", tables)


def _failed(scenario: Scenario, firm: Base, steps: tuple[Step, ...], seed: int = 1) -> set[str]:
    report = run_script(scenario, firm, checkout(firm), steps, seed=seed, language="en").report
    return {finding.check for finding in report.findings if not finding.passed}


def _with(scenario: Scenario, **steps: Step) -> tuple[Step, ...]:
    return tuple(steps.get(step.id or "", step) for step in scenario.reference)


def test_the_sales_visit_may_be_postponed_instead(scenario: Scenario, firm: Base) -> None:
    for start, fails in (("2026-03-30 10:00", set()), ("2026-03-20 10:00", {"meeting"})):
        assert _failed(scenario, firm, _with(scenario, turn=Step("task.postpone", on="$sales_visit", with_={"start_at": start}))) == fails


def test_a_hold_of_a_week_is_too_short(scenario: Scenario, firm: Base) -> None:
    assert _failed(scenario, firm, _with(scenario, hold=Step("account.hold", on="$firm", with_={"do_not_sell_until": "2026-03-23"}))) == {"hold"}


def test_who_sends_the_wrong_technician_may_still_send_the_right_one(scenario: Scenario, firm: Base) -> None:
    """The machine runs in the end, the customer confirms, and only the choice of the visit is lost."""
    wrong = Step("visit.book", on="$case", with_={"technician_id": "$t3", "planned_start": "2026-03-16 10:30", "part_id": "${machine.part}"})
    again = Step("visit.book", on="$case", with_={"technician_id": "$t1", "planned_start": "2026-03-17 13:30", "part_id": "${machine.part}"})
    wait = Step("time.forward", with_={"minutes": "10080"})
    steps: list[Step] = []
    for step in _with(scenario, book=wrong):
        steps += [step, again, wait] if step.id == "wait" else [step]
    assert _failed(scenario, firm, tuple(steps)) == {"visit"}


def test_solving_before_anybody_came_is_answered_by_the_customer(scenario: Scenario, firm: Base) -> None:
    order = {step.id: step for step in scenario.reference}
    steps = tuple(order[id] for id in ("hold", "call", "book", "turn", "list", "solve", "ask"))
    run = run_script(scenario, firm, checkout(firm), steps, seed=1, language="en")
    assert "case.reopen" in [entry.verb for entry in run.journal.entries if entry.by_event]
