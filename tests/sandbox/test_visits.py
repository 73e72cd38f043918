"""The verbs of the dispatcher, a measure repeated over a list, and what SC16 accepts besides its reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.measures import Measure
from courseware.sandbox.play import FREE, Step, perform, scope_of
from courseware.sandbox.prove import run_script
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import Base, Row, State, checkout
from courseware.sandbox.tables import Tables
from tests.sandbox.conftest import shipped

START = "2026-03-16 11:00"


def do(state: State, paper: Paper, verb: str, record: int, **arguments: Any) -> Any:
    return perform(state, paper, Journal(), FREE, verb, {"record": record, **arguments})[-1]


def row(state: State, table: str, id: int) -> Row:
    found = state.get(table, id)
    assert found is not None
    return found


def test_a_visit_keeps_where_it_goes_and_how_long_it_lasts(state: State, paper: Paper) -> None:
    state.update("accounts", 1, zone="Z2")
    state.insert("rate_cards", {"card": "travel-minutes", "key": "Z2", "period": "2026", "value": 35, "unit": "minutes"})
    state.update("cases", 1, account_id=1, asset_id=1, status="waiting", status_reason="part")
    made = do(state, paper, "visit.book", 1, technician_id=1, planned_start=START).made
    visit = row(state, *made)
    assert (visit["planned_end"], visit["zone"], visit["travel_min"], visit["product_family"], visit["outcome"]) == ("2026-03-16 12:30", "Z2", 35, "printers", "planned")
    assert (row(state, "cases", 1)["status"], row(state, "cases", 1)["status_reason"]) == ("open", None)


def test_a_case_has_one_planned_visit_until_it_is_called_off(state: State, paper: Paper) -> None:
    _, visit = do(state, paper, "visit.book", 1, technician_id=1, planned_start=START).made
    with pytest.raises(Refused, match="Call it off first"):
        do(state, paper, "visit.book", 1, technician_id=2, planned_start="2026-03-17 11:00")
    do(state, paper, "visit.cancel", visit)
    with pytest.raises(Refused, match="Only a planned visit"):
        do(state, paper, "visit.cancel", visit)
    do(state, paper, "visit.book", 1, technician_id=1, planned_start=START)


def test_nobody_is_at_two_places_at_once(state: State, paper: Paper) -> None:
    other = state.insert("cases", {"no": "26-C0009", "subject": "Other", "type": "incident", "status": "new", "opened_at": START})
    do(state, paper, "visit.book", 1, technician_id=1, planned_start=START)
    with pytest.raises(Invalid, match="another visit from 2026-03-16 11:00") as refusal:
        do(state, paper, "visit.book", other, technician_id=1, planned_start="2026-03-16 12:29")
    assert refusal.value.field == "planned_start"
    do(state, paper, "visit.book", other, technician_id=1, planned_start="2026-03-16 12:30")


@pytest.mark.parametrize(("kind", "said"), [("leave", "on leave"), ("busy", "is busy")])
def test_who_is_away_or_busy_is_not_booked(kind: str, said: str, state: State, paper: Paper) -> None:
    state.insert("calendar_slots", {"employee_id": 1, "start_at": "2026-03-16 12:00", "end_at": "2026-03-16 18:00", "kind": kind})
    with pytest.raises(Invalid, match=said):
        do(state, paper, "visit.book", 1, technician_id=1, planned_start=START)
    do(state, paper, "visit.book", 1, technician_id=1, planned_start="2026-03-16 10:30")


def test_a_visit_lies_ahead_with_somebody_who_is_still_here_on_an_open_case(state: State, paper: Paper) -> None:
    with pytest.raises(Invalid, match="has passed"):
        do(state, paper, "visit.book", 1, technician_id=1, planned_start="2026-03-16 09:00")
    with pytest.raises(Invalid, match="left on") as refusal:
        do(state, paper, "visit.book", 1, technician_id=3, planned_start=START)
    assert refusal.value.field == "technician_id"
    with pytest.raises(Refused, match="closed"):
        do(state, paper, "visit.book", 2, technician_id=1, planned_start=START)


def test_why_a_case_stood_still_goes_into_its_history(state: State, paper: Paper) -> None:
    do(state, paper, "case.set_cause", 1, cause="arrival-unnoticed")
    assert state.rows("case_history", case_id=1)[-1]["new"] == "arrival-unnoticed"
    with pytest.raises(Refused, match="Nothing is different"):
        do(state, paper, "case.set_cause", 1, cause="arrival-unnoticed")


def test_a_share_may_select_its_rows_once_for_each_element(state: State, paper: Paper) -> None:
    measure = Measure.model_validate({
        "take": "share", "repeat": {"each": "status", "in": ["new", "open"]}, "rows": {"table": "cases", "where": {"status": "{status}"}}, "among": {"table": "cases"},
    })  # fmt: skip
    assert measure.of(scope_of(state, paper, Journal())) == 50


# The scenario


@pytest.fixture(scope="module")
def scenario(tables: Tables) -> Scenario:
    return shipped("SC16", tables)


def _failed(scenario: Scenario, firm: Base, seed: int, **steps: Step) -> set[str]:
    script = tuple(steps.get(step.id or "", step) for step in scenario.reference)
    report = run_script(scenario, firm, checkout(firm), script, seed=seed, language="en").report
    return {finding.check for finding in report.findings if not finding.passed}


def _changed(scenario: Scenario, id: str, **with_: Any) -> Step:
    step = next(step for step in scenario.reference if step.id == id)
    return replace(step, with_={**step.with_, **with_})


def _seed(scenario: Scenario, firm: Base, danger: bool) -> int:
    return next(seed for seed in range(1, 40) if run_script(scenario, firm, checkout(firm), (), seed=seed).paper.drawn["danger"] is danger)


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_accepted_hours_are_those_of_the_calendar_and_the_way(seed: int, scenario: Scenario, firm: Base) -> None:
    drawn = run_script(scenario, firm, checkout(firm), (), seed=seed).paper.drawn
    minutes = {zone["key"]: timedelta(minutes=zone["minutes"]) for zone in drawn["zones"]}
    work = timedelta(minutes=90)
    for hours in drawn["day"]["hours"]:
        way, wanted = minutes[hours["zone"]], []
        for slot in drawn["day"]["slots"]:
            begin, until = datetime.fromisoformat(slot["begin"]), datetime.fromisoformat(slot["until"])
            assert until - begin < 2 * (work + min(minutes.values()))  # two visits never fit into one free time
            if slot["who"] == hours["who"] and begin + way <= until - work - way:
                wanted.append({"at_least": f"{begin + way:%Y-%m-%d %H:%M}", "at_most": f"{until - work - way:%Y-%m-%d %H:%M}"})
        assert hours["fits"] == wanted


def test_a_danger_may_go_before_the_longest_wait_and_nothing_else_may(scenario: Scenario, firm: Base) -> None:
    for danger, reason, fails in ((True, "safety", set()), (True, None, {"first"}), (True, "severity-1", {"first"}), (False, "safety", {"first"})):
        steps = {
            "first": _changed(scenario, "first", planned_start="= day.at.s2", reason=reason),
            "rival": _changed(scenario, "rival", planned_start="= day.at.s1"),
        }
        assert _failed(scenario, firm, _seed(scenario, firm, danger), **steps) == fails


def test_the_share_is_that_of_the_learners_own_plan(scenario: Scenario, firm: Base) -> None:
    steps = {"parcel": _changed(scenario, "parcel", planned_start="= day.at.s2"), "rival": _changed(scenario, "rival", planned_start="= day.at.s3")}
    assert _failed(scenario, firm, 1, **steps) == {"due", "part", "share"}
    assert _failed(scenario, firm, 1, **steps, share=_changed(scenario, "share", value=33.3)) == {"due", "part"}


def test_a_technician_whose_free_time_is_too_short_for_the_way_is_found(scenario: Scenario, firm: Base) -> None:
    assert _failed(scenario, firm, 1, far=_changed(scenario, "far", technician_id="$t3", planned_start="= day.at.near")) == {"hours"}
