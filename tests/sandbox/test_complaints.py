"""The verbs of complaint handling, an order check with a chain, and what SC34 accepts besides its reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
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

ANSWER = {"apology": "Sorry for the trouble", "finding": "It was late", "remedy": "repair", "agreed_on": "2026-03-18", "contact": 1, "further_route": "The mediation office"}


def do(state: State, paper: Paper, verb: str, record: int, **arguments: Any) -> None:
    perform(state, paper, Journal(), FREE, verb, {"record": record, **arguments})


def registered(state: State, paper: Paper) -> Row:
    """Register the e-mail of the tiny firm and give its case."""
    do(state, paper, "case.register", 1, subject="Late again", remedy_sought="all my money")
    return state.rows("cases", type="complaint")[0]


def now(state: State, case: Row) -> Row:
    found = state.get("cases", case["id"])
    assert found is not None
    return found


def test_registering_makes_a_case_of_what_came_in_with_its_own_clock(state: State, paper: Paper) -> None:
    case = registered(state, paper)
    assert (case["no"], case["account_id"], case["contact_id"], case["channel"], case["opened_at"]) == ("26-C0003", 1, 2, "email", "2026-03-16 08:50")
    assert (case["remedy_sought"], case["body"], case["owner_id"]) == ("all my money", "I want my money back", paper.me)
    assert state.rows("interactions")[0]["case_id"] == case["id"]
    with pytest.raises(Refused, match="26-C0003"):
        do(state, paper, "case.register", 1, subject="Once more")


def test_receipt_is_acknowledged_once(state: State, paper: Paper) -> None:
    case = registered(state, paper)
    do(state, paper, "case.acknowledge", case["id"])
    assert now(state, case)["acknowledged_at"] == now(state, case)["first_response_at"] == "2026-03-16 09:31"
    with pytest.raises(Refused, match="already"):
        do(state, paper, "case.acknowledge", case["id"])
    with pytest.raises(Refused, match="from outside"):
        do(state, paper, "case.register", state.rows("interactions", direction="out")[0]["id"], subject="Ours")


def test_a_refund_has_an_amount_and_nothing_else_has(state: State, paper: Paper) -> None:
    case = registered(state, paper)
    for remedy, amount, said in (("part-refund", None, "above 0"), ("part-refund", -5, "above 0"), ("repair", 80, "Only a refund")):
        with pytest.raises(Invalid, match=said) as refusal:
            do(state, paper, "case.decide_remedy", case["id"], remedy=remedy, remedy_value=amount, remedy_given="…")
        assert refusal.value.field == "remedy_value"
    do(state, paper, "case.decide_remedy", case["id"], remedy="part-refund", remedy_value=80, remedy_given="80 back")
    do(state, paper, "case.decide_remedy", case["id"], remedy="repair", remedy_given="We mend it", agreed_on="2026-03-18")
    assert (now(state, case)["remedy"], now(state, case)["remedy_value"], now(state, case)["decided_at"]) == ("repair", None, "2026-03-16 09:33")
    with pytest.raises(Invalid, match="has passed"):
        do(state, paper, "case.decide_remedy", case["id"], remedy="repair", remedy_given="We mend it", agreed_on="2026-03-15")


def test_an_answer_keeps_its_parts_and_says_them(state: State, paper: Paper) -> None:
    case = registered(state, paper)
    with pytest.raises(Invalid, match="empty"):
        do(state, paper, "case.answer", case["id"])
    with pytest.raises(Invalid, match="left on"):
        do(state, paper, "case.answer", case["id"], **{**ANSWER, "contact": 3})
    do(state, paper, "case.answer", case["id"], **ANSWER)
    sent = state.rows("interactions", direction="out")[0]
    assert "Sorry for the trouble" in sent["body"] and "Ma Li" in sent["body"] and "The mediation office" in sent["body"]
    assert '"remedy": "repair"' in sent["form"]
    assert now(state, case)["status"] == "waiting"
    assert now(state, case)["further_route"] is None  # recorded when the customer refuses


def test_a_finding_names_a_document(state: State, paper: Paper) -> None:
    with pytest.raises(Invalid, match="Name a document") as refusal:
        do(state, paper, "case.record_finding", registered(state, paper)["id"], text="It was late")
    assert refusal.value.field == "against_us"


def test_escalating_tells_somebody_else_and_raises_the_priority(state: State, paper: Paper) -> None:
    case = registered(state, paper)
    with pytest.raises(Invalid, match="somebody else"):
        do(state, paper, "case.escalate", case["id"], to=2, reason="Smoke")
    do(state, paper, "case.escalate", case["id"], to=1, reason="Smoke", purpose="safety")
    assert now(state, case)["priority"] == "P1"
    assert state.rows("interactions", purpose="safety")[0]["direction"] == "internal"


def test_what_is_not_solved_after_all_is_reopened_and_counted(state: State, paper: Paper) -> None:
    case = registered(state, paper)
    with pytest.raises(Refused, match="solved or closed"):
        do(state, paper, "case.reopen", case["id"], status_reason="Not so")
    do(state, paper, "case.resolve", case["id"], remedy_given="Mended")
    do(state, paper, "case.reopen", case["id"], status_reason="Still broken")
    reopened = now(state, case)
    assert (reopened["status"], reopened["reopened_count"], reopened["resolved_at"], reopened["status_reason"]) == ("open", 1, None, "Still broken")


def test_a_route_is_for_who_does_not_accept(state: State, paper: Paper) -> None:
    case = registered(state, paper)
    do(state, paper, "case.resolve", case["id"], remedy_given="Mended")
    do(state, paper, "case.confirm", case["id"])
    with pytest.raises(Refused, match="has accepted"):
        do(state, paper, "case.record_route", case["id"], further_route="The mediation office")


def test_a_bridge_names_remedy_date_and_owner_and_tells_the_customer(state: State, paper: Paper) -> None:
    case = registered(state, paper)
    do(state, paper, "case.promise_interim", case["id"], interim_remedy="A machine on loan", agreed_on="2026-03-22", owner_id=1)
    assert (now(state, case)["interim_remedy"], now(state, case)["agreed_on"], now(state, case)["owner_id"]) == ("A machine on loan", "2026-03-22", 1)
    assert "A machine on loan" in state.rows("interactions", direction="out")[0]["body"]


# SC34


def deciding(scenario: Scenario, remedy: str, value: str | None) -> list[Step]:
    """The reference with another remedy, in the case and in the answer."""
    changed = {"remedy": remedy} | ({"remedy_value": value} if value else {})
    return [replace(step, with_={**step.with_, **changed}) if step.id in ("decide", "answer") else step for step in scenario.reference]


@pytest.fixture(scope="module")
def sc34(tables: Tables) -> Scenario:
    return shipped("SC34", tables)


@pytest.mark.parametrize("seed", range(1, 13))
def test_either_of_the_accepted_remedies_passes_and_the_third_does_not(seed: int, sc34: Scenario, firm: Base) -> None:
    state = checkout(firm)
    paper = run_script(sc34, firm, state, (), seed=seed).paper
    for remedy in ("repair", "replacement", "part-refund"):
        report = run_script(sc34, firm, state, deciding(sc34, remedy, "= limit" if remedy == "part-refund" else None), seed=seed).report
        failed = {finding.check for finding in report.findings if not finding.passed}
        assert ("remedy" in failed) == (remedy not in paper.expected["accepted"])
        assert not failed or remedy not in paper.expected["accepted"]


def test_a_part_refund_above_the_card_is_beyond_the_authority_and_below_the_policy_too_little(sc34: Scenario, firm: Base) -> None:
    state = checkout(firm)
    seed = next(seed for seed in range(1, 40) if "part-refund" in run_script(sc34, firm, state, (), seed=seed).paper.expected["accepted"])
    for value, wanted in (("= limit + 1", {"authority"}), ("= low - 1", {"remedy"}), ("= low", set())):
        report = run_script(sc34, firm, state, deciding(sc34, "part-refund", value), seed=seed).report
        assert {finding.check for finding in report.findings if not finding.passed} == wanted


def test_an_answer_that_promises_another_remedy_or_blames_is_found(sc34: Scenario, firm: Base) -> None:
    def answering(**changed: str) -> set[str]:
        script = [replace(step, with_={**step.with_, **changed}) if step.id == "answer" else step for step in sc34.reference]
        return {finding.check for finding in run_script(sc34, firm, checkout(firm), script, seed=2).report.findings if not finding.passed}

    assert answering(remedy="visit") == {"parts"}
    assert answering(agreed_on="2026-03-17") == {"parts"}
    assert answering(apology="") == {"parts"}
    assert answering(finding="You should have looked. 您早该看一看。") == {"blame"}


# SC21


@pytest.fixture(scope="module")
def sc21(tables: Tables) -> Scenario:
    return shipped("SC21", tables)


def failing(scenario: Scenario, firm: Base, script: list[Step], seed: int = 3) -> set[str]:
    return {finding.check for finding in run_script(scenario, firm, checkout(firm), script, seed=seed).report.findings if not finding.passed}


@pytest.mark.parametrize("seed", range(1, 7))
def test_the_reference_keeps_twenty_minutes_clear_of_the_tightest_limit(seed: int, sc21: Scenario, firm: Base) -> None:
    run = run_script(sc21, firm, checkout(firm), sc21.reference, seed=seed)
    started, ended = (datetime.fromisoformat(at) for at in (sc21.start, run.journal.clock(run.paper.start)))
    assert ended - started <= timedelta(minutes=1440 - run.paper.drawn["oldest"] - 20)


def test_the_rate_is_taken_from_the_learners_own_cases(sc21: Scenario, firm: Base) -> None:
    """Whoever leaves two open that could be solved has two of nine less, and may say so."""
    script = [step for step in sc21.reference if step.id not in ("ask", "decide-visit", "decide-part", "solve-two", "close")]
    assert failing(sc21, firm, script) == {"confirmed", "rate"}
    said = [replace(step, with_={"key": "rate", "value": "= (len(solvable) - 2) * 100 / 9"}) if step.id == "rate" else step for step in script]
    assert failing(sc21, firm, said) == {"confirmed"}


def test_a_customer_who_confirms_after_the_clock_has_run_out_is_not_in_time(sc21: Scenario, firm: Base) -> None:
    late = [each for step in sc21.reference for each in ((Step("time.forward", with_={"minutes": "480"}), step) if step.id == "solve" else (step,))]
    assert "confirmed" in failing(sc21, firm, late)


def test_the_clock_of_a_case_cannot_be_moved(sc21: Scenario, firm: Base) -> None:
    moved = [*sc21.reference, Step("case.set_due", on="$c_8", with_={"due_at": "2026-03-22 10:00"})]
    assert failing(sc21, firm, moved) == {"promise"}
