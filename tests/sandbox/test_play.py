"""Events that fast-forward plays, scripts, and the second day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from courseware.errors import Refused
from courseware.sandbox.checks import CHECKS
from courseware.sandbox.findings import CheckSpec
from courseware.sandbox.journal import Journal, Paper, undo_entry
from courseware.sandbox.play import FINAL, Event, Rules, Step, perform, play
from courseware.sandbox.prove import run_script
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables
from tests.sandbox.conftest import shipped

ASKED = {"table": "cases", "where": {"score_requested_at": {"filled": True}, "requester_score": {"empty": True}}}
SCORES = Event("scores", (Step("case.score", "$it", {"score": "4"}),), after=60, rows=ASKED, by="$it.requester_employee_id")


def worked(state: State, paper: Paper, *actions: tuple[str, dict[str, Any]], rules: Rules) -> Journal:
    journal = Journal()
    for verb, arguments in actions:
        journal = journal.added(*perform(state, paper, journal, rules, verb, arguments))
    return journal


SOLVE_AND_ASK = (("case.resolve", {"record": 1, "remedy_given": "done"}), ("case.request_score", {"record": 1}))


def test_others_act_when_time_moves_on_and_only_once(state: State, paper: Paper) -> None:
    rules = Rules(events=(SCORES,))
    journal = worked(state, paper, *SOLVE_AND_ASK, ("time.forward", {"minutes": "120"}), ("time.forward", {"minutes": "120"}), rules=rules)
    assert [(entry.verb, entry.at) for entry in journal.entries[2:]] == [
        ("case.score", "2026-03-16 10:34"), ("time.forward", "2026-03-16 11:34"), ("time.forward", "2026-03-16 13:34"),
    ]  # fmt: skip
    case = state.get("cases", 1)
    assert case is not None
    assert (case["requester_score"], case["scored_by_id"]) == (4, 1)
    with pytest.raises(Refused):
        undo_entry(journal, FINAL)


def test_an_event_waits_for_its_condition_and_its_time(state: State, paper: Paper) -> None:
    journal = worked(state, paper, ("time.forward", {"minutes": "480"}), rules=Rules(events=(SCORES,)))
    assert [entry.verb for entry in journal.entries] == ["time.forward"]
    journal = worked(state, paper, *SOLVE_AND_ASK, ("time.forward", {"minutes": "30"}), rules=Rules(events=(SCORES,)))
    assert "case.score" not in [entry.verb for entry in journal.entries]


def test_an_event_without_rows_plays_once(state: State, paper: Paper) -> None:
    event = Event("boss", (Step("task.create", None, {"kind": "call", "subject": "from the boss"}),), by=1)
    worked(state, paper, ("time.forward", {"minutes": "30"}), rules=Rules(events=(event,)))
    journal = worked(state, paper, ("time.forward", {"minutes": "30"}), ("time.forward", {"minutes": "30"}), rules=Rules(events=(event,)))
    assert [entry.verb for entry in journal.entries].count("task.create") == 1


def test_a_script_names_what_it_makes_and_takes_steps_back(state: State, paper: Paper) -> None:
    steps = (
        Step("account.create", None, {"name": "{shop}", "kind": "customer"}, name="firm"),
        Step("contact.create", None, {"name": "n", "account_id": "$firm"}),
        Step("account.set_kind", "$firm", {"kind": "dealer"}),
        Step("undo"),
    )
    given = replace(paper, drawn={"shop": {"en": "Tea Room", "zh": "茶室"}}, language="zh")
    journal, made = play(state, given, Journal(), Rules(), steps)
    firm = state.get("accounts", made["firm"].ids[0])
    assert firm is not None
    assert (firm["name"], firm["kind"]) == ("茶室", "customer")
    assert [entry.no for entry in journal.effective()] == [1, 2]


def test_the_second_day_is_played_on_a_copy(tables: Tables, firm: Base) -> None:
    scenario = shipped("SC31", tables)
    spec: CheckSpec = CHECKS["state"].spec.model_validate(
        {
            "id": "tonight", "kind": "state", "weight": 1, "objective": "A1.2", "title": {"en": "t"}, "area": {"en": "a"}, "found": {"en": "{held}"}, "teaching": {"en": "x"},
            "on": "after", "expect": [{"rows": "$order_other", "has": {"account_id": 1}}],
        }
    )  # fmt: skip
    tonight = replace(scenario, checks=(*scenario.checks, spec), then=(Step("order.link", "$order_other", {"account_id": 1}),))
    findings = {finding.check: finding for finding in run_script(tonight, firm, checkout(firm), scenario.reference, seed=1).report.findings}
    assert findings["tonight"].passed
    assert findings["linked"].passed  # which looks at the state before
