"""Verbs that sort a batch of leads: duplicates, mergers, links, conversion, what is reported back; and the hard places of SC01."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.journal import Paper
from courseware.sandbox.play import Step
from courseware.sandbox.prove import run_script
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables
from tests.sandbox.conftest import shipped
from tests.sandbox.test_verbs import do, row

FAIR, WANG = 1, 1  # a campaign and a contact of the tiny firm


def lead(state: State, no: str = "SF-1", **more: Any) -> int:
    return state.insert("leads", {"no": no, "name": "Somebody", "source": "fair", "status": "new", "campaign_id": FAIR, "owner_id": 2, "created_at": "2026-03-13 10:00", **more})


def test_the_search_finds_one_mobile_in_several_spellings_and_an_address_whatever_its_case(state: State, paper: Paper) -> None:
    first = lead(state, mobile="+86 199 0002 4101", email="A@x.example")
    second = lead(state, "SF-2", mobile="19900024101")
    third = lead(state, "SF-3", mobile="19900024102", email="a@X.example")
    alone = lead(state, "SF-4", mobile="19900024103")
    do(state, paper, "lead.search_batch", record=FAIR)
    found = {id: (row(state, "leads", id)["duplicate_search"], row(state, "leads", id)["like_lead_id"]) for id in (first, second, third, alone)}
    assert found == {first: ("lead", second), second: ("lead", first), third: ("lead", first), alone: ("clear", None)}


def test_the_search_tells_customers_from_other_leads(state: State, paper: Paper) -> None:
    customer, both, twin = lead(state, email="WANG@right.example"), lead(state, "SF-2", mobile="138 0000 2042"), lead(state, "SF-3", mobile="+8613800002042")
    for id in (customer, both):
        do(state, paper, "lead.search_duplicates", record=id)
    assert (row(state, "leads", customer)["duplicate_search"], row(state, "leads", customer)["like_contact_id"]) == ("contact", WANG)
    assert (row(state, "leads", both)["duplicate_search"], row(state, "leads", both)["like_lead_id"], row(state, "leads", both)["like_contact_id"]) == ("both", twin, 3)
    assert row(state, "leads", twin)["duplicate_search"] is None
    with pytest.raises(Refused, match="Nothing is different"):
        do(state, paper, "lead.search_duplicates", record=both)


def test_a_lead_without_mobile_and_address_is_like_nobody(state: State, paper: Paper) -> None:
    one, _ = lead(state), lead(state, "SF-2")
    do(state, paper, "lead.search_duplicates", record=one)
    assert row(state, "leads", one)["duplicate_search"] == "clear"


def test_a_merger_keeps_the_first_takes_what_is_ticked_and_moves_the_notes(state: State, paper: Paper) -> None:
    kept, other = lead(state, mobile="19900024101", need="labels"), lead(state, "SF-2", mobile="199 0002 4101", need="printers", timeline_months=3)
    note = state.insert("interactions", {"at": "2026-03-13 10:00", "kind": "note", "subject": "Talk", "lead_id": other})
    do(state, paper, "lead.search_batch", record=FAIR)
    do(state, paper, "lead.merge", record=kept, other=other, take=["timeline_months"])
    found = row(state, "leads", kept)
    assert (found["need"], found["timeline_months"], found["like_lead_id"]) == ("labels", 3, None)
    assert (row(state, "leads", other)["merged_into_id"], row(state, "interactions", note)["lead_id"]) == (kept, kept)
    with pytest.raises(Invalid, match="with itself"):
        do(state, paper, "lead.merge", record=kept, other=kept)
    with pytest.raises(Refused, match="merged into another"):
        do(state, paper, "lead.convert", record=other)


def test_a_linked_lead_has_the_account_of_its_contact_and_is_not_converted(state: State, paper: Paper) -> None:
    known = lead(state)
    do(state, paper, "lead.link", record=known, contact_id=WANG)
    assert (row(state, "leads", known)["status"], row(state, "leads", known)["account_id"]) == ("linked", 1)
    with pytest.raises(Refused, match="has an account already"):
        do(state, paper, "lead.convert", record=known)


def test_a_conversion_makes_account_contact_and_opportunity_and_takes_the_consent_along(state: State, paper: Paper) -> None:
    good = lead(state, company="New Ltd", mobile="19900024101", need="labels", decision_role="buyer", consent_email="yes", product_family="printers")
    do(state, paper, "lead.convert", record=good, next_step="Call", next_step_on="2026-03-16")
    done = row(state, "leads", good)
    account, opportunity = row(state, "accounts", done["converted_account_id"]), row(state, "opportunities", done["converted_opportunity_id"])
    [contact] = state.rows("contacts", account_id=account["id"])
    assert (done["status"], account["name"], account["kind"], account["owner_id"]) == ("converted", "New Ltd", "prospect", 2)
    assert (contact["role_in_buying"], contact["consent_email"], contact["consent_sms"], contact["consent_source"]) == ("buyer", "yes", "unknown", "fair")
    assert (opportunity["name"], opportunity["stage"], opportunity["contact_id"], opportunity["campaign_id"], opportunity["next_step_on"]) == (
        "labels", "qualify", contact["id"], FAIR, "2026-03-16",
    )  # fmt: skip
    do(state, paper, "opportunity.plan", record=opportunity["id"], next_step="Visit", next_step_on="2026-03-20")
    assert row(state, "opportunities", opportunity["id"])["next_step"] == "Visit"


def test_a_lead_without_a_firm_or_with_a_step_in_the_past_is_not_converted(state: State, paper: Paper) -> None:
    nameless, good = lead(state), lead(state, "SF-2", company="New Ltd")
    with pytest.raises(Invalid) as refusal:
        do(state, paper, "lead.convert", record=nameless)
    assert refusal.value.field == "company"
    with pytest.raises(Invalid, match="has passed"):
        do(state, paper, "lead.convert", record=good, next_step="Call", next_step_on="2026-03-13")
    do(state, paper, "lead.convert", record=nameless, company="Nameless & Son")


def test_a_deleted_lead_is_gone_and_what_hung_on_it_stays(state: State, paper: Paper) -> None:
    bad = lead(state)
    note = state.insert("interactions", {"at": "2026-03-13 10:00", "kind": "note", "subject": "Talk", "lead_id": bad})
    do(state, paper, "lead.delete", record=bad)
    assert (state.get("leads", bad), row(state, "interactions", note)["lead_id"]) == (None, None)


def test_what_is_reported_back_is_counted_and_a_merged_card_counts_once(state: State, paper: Paper) -> None:
    kept = lead(state)
    for no, more in (("SF-2", {"merged_into_id": kept}), ("SF-3", {"status": "nurture"}), ("SF-4", {"status": "disqualified", "disqualify_reason": "student"})):
        lead(state, no, **more)
    with pytest.raises(Invalid, match="two different"):
        do(state, paper, "lead.report_back", record=FAIR, change_1="prize", change_2="prize")
    for changes in (("prize", "delete"), ("ask-four", "search-first")):
        do(state, paper, "lead.report_back", record=FAIR, change_1=changes[0], change_2=changes[1])
    [brief] = state.rows("briefs")
    fields = json.loads(brief["fields"])
    assert {name: fields[name] for name in ("new", "merged", "nurture", "disqualified", "student", "linked")} == {
        "new": 1, "merged": 1, "nurture": 1, "disqualified": 1, "student": 1, "linked": 0,
    }  # fmt: skip
    assert fields["change_2"] == "search-first"


def test_the_other_card_of_a_pair_may_be_the_one_that_stays(tables: Tables, firm: Base) -> None:
    scenario, state = shipped("SC01", tables), checkout(firm)
    drawn = run_script(scenario, firm, state, (), seed=3).paper.drawn
    stays = {drawn[f"t{letter}"]: f"$twin_{letter}" for letter in "abcde"}
    script = [turned for step in scenario.reference for turned in _turned(step, stays, drawn)]
    report = run_script(scenario, firm, state, script, seed=3).report
    assert [finding.check for finding in report.findings if not finding.passed] == []


def _turned(step: Step, stays: dict[int, str], drawn: Any) -> list[Step]:
    """Let the second card stay in a merger, and do with it what the reference does with the first."""
    if step.do == "lead.merge":
        return [replace(step, on=step.with_["other"], with_={"other": step.on, "take": ["timeline_months"]})]
    if not step.repeat:
        return [step]
    people = step.repeat["in"] if isinstance(step.repeat["in"], list) else drawn[step.repeat["in"].removeprefix("= ")]
    return [replace(step, on=stays.get(p, f"$lead_{p}"), repeat={"each": "p", "in": [p]}) for p in people]
