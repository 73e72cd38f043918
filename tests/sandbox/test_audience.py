"""The audience of a mail job: the filter, the dry run against the run itself, and what is taken off before."""

from __future__ import annotations

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.audience import dry_run, fitting
from courseware.sandbox.journal import Paper
from courseware.sandbox.state import State
from tests.sandbox.test_verbs import do, row

NOW = "2026-03-16 09:30"


@pytest.fixture
def job(state: State, paper: Paper) -> int:
    """A planned job by e-mail, and people whom each thing befalls."""
    made = do(state, paper, "campaign.create", name="Spring", purpose="promotional", channel="email", scheduled_at="2026-03-16 20:00").made
    assert made is not None
    held = state.insert("accounts", {"no": "A-2003", "name": "Held", "kind": "customer", "segment": "A", "do_not_sell_until": "2026-06-30"})
    for number, (account, values) in enumerate([
        (2, {"consent_email": "yes"}), (2, {"consent_email": "no"}), (2, {"consent_email": "unknown"}), (2, {"consent_email": "yes", "email": "Off@x.example"}),
        (held, {"consent_email": "yes"}), (2, {"consent_email": "yes"}), (2, {"consent_email": "yes", "left_on": "2026-01-01"}),
    ]):  # fmt: skip
        state.insert("contacts", {"no": f"C-90{number}", "name": f"P{number}", "account_id": account, "email": f"p{number}@x.example", **values})
    state.insert("suppressions", {"key_kind": "email", "normalised_key": "off@x.example", "channel": "email", "purpose": "promotional"})
    other = state.insert("campaigns", {"no": "M-900", "name": "Other", "type": "event-mail", "purpose": "promotional", "job_status": "planned", "scheduled_at": "2026-03-18 08:00"})
    state.insert("campaign_members", {"campaign_id": other, "contact_id": state.rows("contacts", name="P5")[0]["id"], "status": "planned"})
    return int(made[1])


def told(state: State, job: int) -> dict[str, str | None]:
    return {each.person["name"]: each.left_out or each.doubt for each in dry_run(state, row(state, "campaigns", job), NOW)}


def test_a_filter_finds_who_is_here_and_fits_all_of_it(state: State, job: int) -> None:
    names = {row(state, "contacts", id)["name"] for id in fitting(state, {"segment": "B", "kind": "dealer", "size": ""})}
    assert names == {"Someone Else", "P0", "P1", "P2", "P3", "P5"}, "P6 has left; the others are of another account"


def test_the_dry_run_tells_what_the_run_then_does(state: State, paper: Paper, job: int) -> None:
    do(state, paper, "campaign.fill", record=job, segment="B")
    do(state, paper, "campaign.fill", record=job, segment="A")
    with pytest.raises(Refused, match="Nobody fits"):
        do(state, paper, "campaign.fill", record=job, segment="A")
    foreseen = told(state, job)
    assert foreseen == {"Someone Else": "bad-address", "P0": None, "P1": "no-consent", "P2": "no-consent", "P3": "opted-out", "P4": "do-not-sell", "P5": "already-sent"}
    assert not state.rows("interactions", campaign_id=job), "nothing was sent"
    left_out = {each.person["name"] for each in dry_run(state, row(state, "campaigns", job), NOW) if each.left_out}
    do(state, paper, "campaign.run", record=job)
    removed = {row(state, "contacts", member["contact_id"])["name"] for member in state.rows("campaign_members", campaign_id=job, status="removed")}
    assert removed == left_out == {"Someone Else", "P1", "P3"}


def test_whom_the_dry_run_doubts_is_taken_off_with_the_reason(state: State, paper: Paper, job: int) -> None:
    do(state, paper, "campaign.fill", record=job, segment="B")
    do(state, paper, "campaign.screen", record=job, reasons=["already-sent", "no-consent"])
    removed = {row(state, "contacts", each["contact_id"])["name"]: each["removal_reason"] for each in state.rows("campaign_members", campaign_id=job, status="removed")}
    assert removed == {"P5": "already-sent", "P2": "no-consent"}
    with pytest.raises(Refused, match="doubts nobody"):
        do(state, paper, "campaign.screen", record=job, reasons=["do-not-sell"])


def test_a_message_about_service_asks_for_no_consent(state: State, paper: Paper, job: int) -> None:
    state.update("campaigns", job, purpose="service")
    do(state, paper, "campaign.fill", record=job, segment="A")
    do(state, paper, "campaign.fill", record=job, segment="B")
    assert {name for name, reason in told(state, job).items() if reason} == {"Someone Else"}


def test_a_job_is_planned_ahead_and_its_list_is_closed_once_it_ran(state: State, paper: Paper, job: int) -> None:
    with pytest.raises(Invalid, match="has passed"):
        do(state, paper, "campaign.create", name="Late", purpose="service", channel="sms", scheduled_at="2026-03-16 08:00")
    do(state, paper, "campaign.run", record=job)
    with pytest.raises(Refused, match="no job that is still planned"):
        do(state, paper, "campaign.fill", record=job, segment="A")


def test_leads_on_a_list_are_asked_and_written_to_like_contacts(state: State, paper: Paper, job: int) -> None:
    leads = {}
    for name, values in {
        "L0": {"consent_email": "yes", "account_id": 2}, "L1": {"consent_email": "no"}, "L2": {"consent_email": "unknown"}, "L3": {"consent_email": "yes", "email": "off@x.example"},
        "L4": {"consent_email": "yes", "email": None},
    }.items():  # fmt: skip
        leads[name] = state.insert("leads", {"no": f"L-90{len(leads)}", "name": name, "email": f"{name}@l.example", "status": "nurture", **values})
        state.insert("campaign_members", {"campaign_id": job, "lead_id": leads[name], "status": "planned"})
    state.insert("campaign_members", {"campaign_id": job, "lead_id": leads["L0"], "status": "planned"})
    foreseen = [each.left_out or each.doubt for each in dry_run(state, row(state, "campaigns", job), NOW)]
    assert foreseen == [None, "no-consent", "no-consent", "opted-out", "bad-address", "duplicate"]
    do(state, paper, "campaign.run", record=job)
    outcome = [(member["status"], member["removal_reason"]) for member in state.rows("campaign_members", campaign_id=job)]
    removed = [("removed", reason) for reason in ("opted-out", "bad-address", "duplicate")]
    assert outcome == [("sent", None), ("removed", "no-consent"), ("sent", None), *removed]
    sent = state.rows("interactions", campaign_id=job)
    assert [(each["lead_id"], each["contact_id"], each["account_id"]) for each in sent] == [(leads["L0"], None, 2), (leads["L2"], None, None)]
