"""The account brief, the call to a former colleague, a pattern that ends at a time, and what SC17 accepts besides its reference."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.findings import Context
from courseware.sandbox.journal import Entry, Journal, Paper
from courseware.sandbox.patterns import Pattern, matching
from courseware.sandbox.play import FREE, Step, perform, scope_of
from courseware.sandbox.prove import run_script
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables
from tests.sandbox.conftest import shipped

BRIEF = {"decider": 1, "quote": 1, "changed": "terms", "approved": "nobody", "promise": "none", "last_day": "not-on-record", "opening": "Welcome."}


def do(state: State, paper: Paper, verb: str, record: int, **arguments: Any) -> Entry:
    return perform(state, paper, Journal(), FREE, verb, {"record": record, **arguments})[-1]


def test_a_brief_keeps_its_facts_and_its_account(state: State, paper: Paper) -> None:
    do(state, paper, "account.brief", 1, **BRIEF, decider_on=" 2026-03-16 08:50 ", changed_on="Q-0001", floor_pct="22", competitor="")
    (saved,) = state.rows("briefs")
    assert (saved["kind"], saved["account_id"], saved["author_id"], saved["saved_at"]) == ("account-brief", 1, 2, "2026-03-16 09:40")
    assert json.loads(saved["fields"]) == {**BRIEF, "decider": "C-3001", "quote": "Q-0001", "decider_on": "2026-03-16 08:50", "changed_on": "Q-0001", "floor_pct": 22}


def test_saving_a_brief_again_replaces_it(state: State, paper: Paper) -> None:
    do(state, paper, "account.brief", 1, **BRIEF)
    with pytest.raises(Refused, match="Nothing is different"):
        do(state, paper, "account.brief", 1, **BRIEF)
    do(state, paper, "account.brief", 1, **{**BRIEF, "changed": "price"})
    assert [json.loads(row["fields"])["changed"] for row in state.rows("briefs")] == ["price"]


def test_a_brief_cites_records_of_its_own_account(state: State, paper: Paper) -> None:
    for account, citation, said in ((1, "Q-0009", "no quote or case"), (2, "Q-0001", "merge the two")):
        with pytest.raises(Invalid, match=said) as refusal:
            do(state, paper, "account.brief", account, **BRIEF, approved_on=citation)
        assert refusal.value.field == "approved_on"
    do(state, paper, "account.merge", 2, other=1)
    do(state, paper, "account.brief", 2, **BRIEF, approved_on="Q-0001")
    with pytest.raises(Refused, match="merged"):
        do(state, paper, "account.brief", 1, **BRIEF)


def test_who_promised_may_have_left_but_must_have_been_here(state: State, paper: Paper) -> None:
    do(state, paper, "account.brief", 1, **BRIEF, promised_by="E-003")
    with pytest.raises(Invalid, match="no colleague") as refusal:
        do(state, paper, "account.brief", 1, **BRIEF, promised_by="E-300")
    assert refusal.value.field == "promised_by"


def test_only_who_has_left_is_called_as_a_former_colleague(state: State, paper: Paper) -> None:
    entry = do(state, paper, "employee.call_former", 3)
    assert (entry.at, state.rows("interactions", direction="internal")[0]["kind"]) == ("2026-03-16 09:50", "call")
    with pytest.raises(Refused, match="has not left"):
        do(state, paper, "employee.call_former", 1)


def test_a_pattern_may_end_at_a_time(state: State, paper: Paper) -> None:
    journal = Journal((), (Entry(1, "account.assign", {"record": 1}, "2026-03-16 10:00"), Entry(2, "account.assign", {"record": 1}, "2026-03-16 10:01")))
    context = Context(scope_of(state, paper, journal), journal, paper)
    assert [entry.no for entry in matching(Pattern(verb="account.assign", until="2026-03-16 10:00"), context)] == [1]


# The scenario


@pytest.fixture(scope="module")
def scenario(tables: Tables) -> Scenario:
    return shipped("SC17", tables)


def _failed(scenario: Scenario, firm: Base, steps: tuple[Step, ...], seed: int = 1) -> set[str]:
    report = run_script(scenario, firm, checkout(firm), steps, seed=seed, language="en").report
    return {finding.check for finding in report.findings if not finding.passed}


def _with(scenario: Scenario, id: str, **with_: Any) -> tuple[Step, ...]:
    return tuple(replace(step, with_={**step.with_, **with_}) if step.id == id else step for step in scenario.reference)


@pytest.mark.parametrize(("owner", "fails"), [("$r4", set()), ("$r15", set()), ("$full", {"owner"}), ("$director", {"owner"}), ("$agent", {"owner"})])
def test_the_owner_is_somebody_of_sales_with_room(owner: str, fails: set[str], scenario: Scenario, firm: Base) -> None:
    assert _failed(scenario, firm, _with(scenario, "owner", owner_id=owner)) == fails


@pytest.mark.parametrize(("field", "value", "fails"), [
    ("changed_on", "$mail_3.at", set()), ("changed_on", "$q2.no", {"deal"}), ("competitor", "Ouhua", {"trouble"}), ("floor_pct", "= floor + 4", {"redlines"}),
    ("opening", "Happy birthday!", {"opening"}), ("opening", "Welcome, {people.caller}.", set()), ("case", None, {"trouble"}),
])  # fmt: skip
def test_each_fact_is_judged_by_itself(field: str, value: Any, fails: set[str], scenario: Scenario, firm: Base) -> None:
    assert _failed(scenario, firm, _with(scenario, "brief", **{field: value})) == fails


def test_a_brief_that_is_saved_again_too_late_is_late(scenario: Scenario, firm: Base) -> None:
    brief = next(step for step in scenario.reference if step.id == "brief")
    again = replace(brief, with_={**brief.with_, "opening": "Once more."})
    late = (*scenario.reference, Step("employee.call_former", on="$gone"), again)
    assert _failed(scenario, firm, late) == {"in-time"}


def test_an_owner_who_is_named_after_ten_is_named_too_late(scenario: Scenario, firm: Base) -> None:
    owner = next(step for step in scenario.reference if step.id == "owner")
    others = tuple(step for step in scenario.reference if step.id != "owner")
    assert _failed(scenario, firm, (*others, Step("employee.call_former", on="$gone"), owner)) == {"owner-in-time"}
