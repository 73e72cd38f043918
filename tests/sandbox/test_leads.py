"""Leads, the rules that route them, working hours, and figures taken from the learner's own rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox import show
from courseware.sandbox.actions import VERBS
from courseware.sandbox.hours import working_hours
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.measures import Measure
from courseware.sandbox.play import scope_of
from courseware.sandbox.state import State
from tests.sandbox.test_verbs import do, row

HERE, GONE = 2, 3  # employees of the tiny firm


def lead(state: State, owner: int = GONE, **more: Any) -> int:
    return state.insert("leads", {"no": "WF-1", "name": "Somebody", "source": "web", "status": "new", "owner_id": owner, "created_at": "2026-03-10 10:00", **more})


def rule(state: State, paper: Paper, **more: Any) -> int:
    made = do(state, paper, "rule.save", **{"name": "r", "field": "source", "operator": "equals", "value": "web", "then": "assign", "employee_id": HERE, **more}).made
    assert made is not None
    return int(made[1])


def test_an_answer_keeps_its_parts_stops_the_clock_and_counts_for_the_linked_case(state: State, paper: Paper) -> None:
    asked = lead(state)
    do(state, paper, "lead.link_case", record=1, lead_id=asked)
    do(state, paper, "lead.reply", record=asked, text="We are sorry.", apology="ours", person_id=HERE, by_when="2026-03-16 15:00")
    sent = state.rows("interactions", lead_id=asked)[0]
    assert json.loads(sent["form"]) == {"apology": "ours", "person_id": HERE, "by_when": "2026-03-16 15:00"}
    assert (sent["direction"], sent["case_id"]) == ("out", 1)
    assert row(state, "leads", asked)["first_response_at"] == "2026-03-16 09:35"
    assert row(state, "cases", 1)["acknowledged_at"] == row(state, "cases", 1)["first_response_at"] == "2026-03-16 09:35"


def test_the_first_answer_stays_the_first(state: State, paper: Paper) -> None:
    asked = lead(state, first_response_at="2026-03-11 09:00")
    do(state, paper, "lead.reply", record=asked, text="Once more.")
    assert row(state, "leads", asked)["first_response_at"] == "2026-03-11 09:00"


def test_a_call_is_promised_by_somebody_who_is_here_and_for_later(state: State, paper: Paper) -> None:
    asked = lead(state)
    with pytest.raises(Invalid, match="left on"):
        do(state, paper, "lead.reply", record=asked, text="x", person_id=GONE)
    with pytest.raises(Invalid, match="has passed"):
        do(state, paper, "lead.reply", record=asked, text="x", by_when="2026-03-16 09:00")


def test_one_answer_to_a_queue_leaves_out_the_closed_and_the_answered(state: State, paper: Paper) -> None:
    waiting, closed, answered = lead(state), lead(state, status="disqualified"), lead(state, first_response_at="2026-03-11 09:00")
    do(state, paper, "lead.reply_all", record=GONE, text="Sorry.")
    assert [len(state.rows("interactions", lead_id=id)) for id in (waiting, closed, answered)] == [1, 0, 0]
    with pytest.raises(Refused, match="without an answer"):
        do(state, paper, "lead.reply_all", record=GONE, text="Again.")


def test_a_queue_is_handed_over_whole_or_by_the_time_of_buying(state: State, paper: Paper) -> None:
    soon, late, unknown = lead(state, timeline_months=3), lead(state, timeline_months=4), lead(state)
    do(state, paper, "lead.reassign", record=GONE, to_id=HERE, within_months=3)
    assert [row(state, "leads", id)["owner_id"] for id in (soon, late, unknown)] == [HERE, GONE, GONE]
    do(state, paper, "lead.reassign", record=GONE, to_id=1)
    assert [row(state, "leads", id)["owner_id"] for id in (soon, late, unknown)] == [HERE, 1, 1]
    with pytest.raises(Invalid, match="left on"):
        do(state, paper, "lead.reassign", record=1, to_id=GONE)


def test_a_closed_lead_is_left_alone(state: State, paper: Paper) -> None:
    asked = lead(state)
    do(state, paper, "lead.close", record=asked, disqualify_reason="bought-elsewhere")
    for verb, more in (("lead.reply", {"text": "x"}), ("lead.assign", {"owner_id": HERE}), ("lead.close", {"disqualify_reason": "other"})):
        with pytest.raises(Refused, match="closed"):
            do(state, paper, verb, record=asked, **more)


def test_the_last_rule_that_fits_decides_who_gets_a_form(state: State, paper: Paper) -> None:
    state.insert("rules", {"name": "old", "kind": "routing", "position": 1, "field": "source", "operator": "equals", "value": "web", "employee_id": GONE, "active": True})
    assert row(state, *do(state, paper, "lead.receive", name="A").made)["owner_id"] == GONE
    rule(state, paper, field="owner_here", value="no")
    assert row(state, *do(state, paper, "lead.receive", name="B").made)["owner_id"] == HERE
    rule(state, paper, field="product_family", value="printers", employee_id=1)
    assert row(state, *do(state, paper, "lead.receive", name="C", product_family="printers").made)["owner_id"] == 1


def test_the_form_of_a_rule_begins_with_what_the_rule_says(state: State, paper: Paper) -> None:
    made = rule(state, paper, field="waiting_h", operator="at-least", value="4", then="alert")
    held = state.get("rules", made)
    assert held
    assert VERBS["rule.change"].initial(held) == {"field": "waiting_h", "operator": "at-least", "value": "4", "then": "alert", "employee_id": HERE}
    assert show.value(state, "rules", "target", held["target"])["en"] == "this colleague gets an alert"


def test_a_rule_that_is_switched_off_does_nothing(state: State, paper: Paper) -> None:
    made = rule(state, paper)
    do(state, paper, "rule.switch", record=made, active=False)
    assert row(state, *do(state, paper, "lead.receive", name="A").made)["owner_id"] is None


def test_alerts_are_raised_for_what_has_waited_so_many_working_hours(state: State, paper: Paper) -> None:
    old, new = lead(state, created_at="2026-03-13 14:30"), lead(state, created_at="2026-03-16 08:00")  # 3.5 hours on Friday and 0.5 on Monday; 0.5
    rule(state, paper, field="waiting_h", operator="at-least", value="4", then="alert")
    do(state, paper, "rule.run")
    assert [(task["lead_id"], task["owner_id"]) for task in state.rows("tasks") if task["lead_id"]] == [(old, HERE)]
    assert state.rows("tasks", lead_id=new) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"employee_id": GONE}, "left on"),
        ({"value": "internet"}, "not one of the choices"),
        ({"value": None}, "needed"),
        ({"then": "alert"}, "Waiting time raises an alert"),
        ({"field": "owner_here", "value": "gone"}, "yes or no"),
        ({"field": "waiting_h", "operator": "at-least", "value": "four", "then": "alert"}, "not a number"),
        ({"field": "waiting_h", "operator": "equals", "value": "4", "then": "alert"}, "at least"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_run_is_refused(state: State, paper: Paper, more: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        rule(state, paper, **more)


@pytest.mark.parametrize(
    ("earlier", "later", "hours"),
    [
        ("2026-03-16 09:30", "2026-03-16 13:30", 4.0),
        ("2026-03-16 07:00", "2026-03-16 10:00", 1.0),
        ("2026-03-13 17:00", "2026-03-16 10:00", 2.0),  # Friday to Monday
        ("2026-03-14 10:00", "2026-03-15 20:00", 0.0),
        ("2026-03-16 10:00", "2026-03-16 09:00", 0.0),
    ],
)  # fmt: skip
def test_working_hours_leave_out_nights_and_weekends(earlier: str, later: str, hours: float) -> None:
    assert working_hours(earlier, later) == pytest.approx(hours)


def test_a_measure_is_taken_from_the_rows_as_they_stand(state: State, paper: Paper) -> None:
    for days, answered in ((10, "2026-03-16 23:50"), (12, "2026-03-16 00:10"), (15, None)):
        lead(state, no=f"WF-{days}", created_at=f"2026-03-{days} 12:00", first_response_at=answered, score=days)
    rows = {"table": "leads", "where": {"no": {"has": "WF-"}}}

    def figure(**fields: Any) -> float | None:
        return Measure.model_validate({"rows": rows, **fields}).of(scope_of(state, paper, Journal()))

    assert figure(take="median", **{"from": "created_at", "to": "first_response_at"}) == 5
    assert figure(take="most", **{"from": "created_at", "to": "2026-03-16 09:30"}) == 6
    assert figure(take="least", unit="hours", **{"from": "created_at", "to": "first_response_at"}) == pytest.approx(84 + 1 / 6)
    assert figure(take="mean", value="score") == pytest.approx(37 / 3)
    assert figure(take="count", value="score") == 3
    assert figure(take="median", value="newsletter_opens") is None
    with pytest.raises(ValueError, match="either"):
        figure(take="median")
