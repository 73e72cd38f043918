"""Opting out, the suppression list, lists and their jobs: a refusal follows the person, a job asks before it writes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.journal import Paper
from courseware.sandbox.prove import run_script
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables
from tests.sandbox.conftest import shipped
from tests.sandbox.test_verbs import do, row

REFUSAL, KEPT, DOUBLE, OTHER = 1, 1, 2, 3  # the message stands under DOUBLE, which has the same mobile as KEPT


def job(state: State, *contacts: int, **more: Any) -> int:
    row = {"no": f"M-{len(state.rows('campaigns'))}", "name": "Offers", "type": "event-mail", "purpose": "promotional", "job_status": "planned"}
    campaign = state.insert("campaigns", {**row, **more})
    for contact in contacts:
        state.insert("campaign_members", {"campaign_id": campaign, "contact_id": contact, "status": "planned"})
    return campaign


def outcome(state: State, campaign: int) -> list[tuple[str, str | None]]:
    return [(member["status"], member["removal_reason"]) for member in state.rows("campaign_members", campaign_id=campaign)]


def test_an_opt_out_takes_the_time_of_the_message_and_an_earlier_one_stays(state: State, paper: Paper) -> None:
    do(state, paper, "contact.merge", record=KEPT, other=DOUBLE)
    state.update("contacts", KEPT, opted_out_at="2026-03-16 09:00")
    do(state, paper, "contact.opt_out", record=KEPT, channels=["email", "sms"], refusal=REFUSAL)
    contact = row(state, "contacts", KEPT)
    assert (contact["consent_email"], contact["consent_sms"], contact["consent_phone"]) == ("no", "no", None)
    assert contact["opted_out_at"] == "2026-03-16 08:50"
    state.update("contacts", KEPT, opted_out_at="2026-01-02 09:00")
    do(state, paper, "contact.opt_out", record=KEPT, channels=["phone"], refusal=REFUSAL)
    assert row(state, "contacts", KEPT)["opted_out_at"] == "2026-01-02 09:00"
    with pytest.raises(Refused, match="Nothing is different"):
        do(state, paper, "contact.opt_out", record=KEPT, channels=["phone"], refusal=REFUSAL)


def test_a_refusal_is_a_message_of_this_person(state: State, paper: Paper) -> None:
    with pytest.raises(Invalid, match="another contact"):
        do(state, paper, "contact.opt_out", record=OTHER, channels=["email"], refusal=REFUSAL)
    state.update("interactions", REFUSAL, direction="out")
    with pytest.raises(Invalid, match="came in"):
        do(state, paper, "contact.opt_out", record=DOUBLE, channels=["email"], refusal=REFUSAL)


def test_a_suppression_holds_each_key_of_the_person_in_one_spelling(state: State, paper: Paper) -> None:
    state.update("contacts", DOUBLE, email="Old@right.example")
    do(state, paper, "contact.merge", record=KEPT, other=DOUBLE)
    do(state, paper, "suppression.add", record=KEPT, channels=["email", "sms"], purpose="promotional", refusal=REFUSAL)
    listed = state.rows("suppressions")
    keys = [("email", "wang@right.example", "email"), ("mobile", "13800002041", "sms"), ("email", "old@right.example", "email")]
    assert [(each["key_kind"], each["normalised_key"], each["channel"]) for each in listed] == keys
    assert {(each["since"], each["source"]) for each in listed} == {("2026-03-16 08:50", "2026-03-16 08:50 Late again")}
    with pytest.raises(Refused, match="already"):
        do(state, paper, "suppression.add", record=DOUBLE, channels=["sms"], purpose="promotional", refusal=REFUSAL)
    do(state, paper, "suppression.remove", record=listed[0]["id"])
    assert len(state.rows("suppressions")) == 2


def test_a_record_that_is_not_merged_is_suppressed_alone(state: State, paper: Paper) -> None:
    with pytest.raises(Invalid, match="no address or number"):
        do(state, paper, "suppression.add", record=DOUBLE, channels=["email"], purpose="promotional", refusal=REFUSAL)
    do(state, paper, "suppression.add", record=DOUBLE, channels=["sms", "phone"], purpose="promotional", refusal=REFUSAL)
    assert [each["channel"] for each in state.rows("suppressions")] == ["sms", "phone"]


def test_a_promotional_job_leaves_out_who_refused_or_is_suppressed(state: State, paper: Paper) -> None:
    do(state, paper, "suppression.add", record=DOUBLE, channels=["sms"], purpose="promotional", refusal=REFUSAL)
    state.update("contacts", KEPT, consent_email="no")
    offers = job(state, KEPT, DOUBLE, OTHER)
    do(state, paper, "campaign.run", record=offers)
    assert outcome(state, offers) == [("removed", "no-consent"), ("removed", "opted-out"), ("sent", None)]
    [sent] = state.rows("interactions", campaign_id=offers)
    assert (sent["kind"], json.loads(sent["form"])) == ("sms", {"to": "13800002042"})
    assert row(state, "campaigns", offers)["job_status"] == "done"
    before = len(state.changes)
    do(state, paper, "campaign.run", record=offers)  # once is enough
    assert len(state.changes) == before


def test_a_recall_passes_promotion_only_suppressions_and_reaches_each_contact_once(state: State, paper: Paper) -> None:
    do(state, paper, "suppression.add", record=DOUBLE, channels=["sms"], purpose="promotional", refusal=REFUSAL)
    recall = job(state, DOUBLE, DOUBLE, purpose="safety")
    do(state, paper, "campaign.run", record=recall)
    assert outcome(state, recall) == [("sent", None), ("removed", "duplicate")]
    do(state, paper, "suppression.add", record=DOUBLE, channels=["sms"], purpose="all", refusal=REFUSAL)
    again = job(state, DOUBLE, purpose="safety")
    do(state, paper, "campaign.run", record=again)
    assert outcome(state, again) == [("removed", "opted-out")]


def test_an_export_asks_nobody_and_a_job_by_text_message_needs_a_number(state: State, paper: Paper) -> None:
    state.update("contacts", KEPT, consent_email="no")
    export = job(state, KEPT, type="partner-export")
    do(state, paper, "campaign.run", record=export)
    assert outcome(state, export) == [("sent", None)]
    assert state.rows("interactions", campaign_id=export) == []
    state.update("contacts", OTHER, mobile=None)
    texts = job(state, OTHER, channel="sms")
    do(state, paper, "campaign.run", record=texts)
    assert outcome(state, texts) == [("removed", "bad-address")]


def test_what_is_sent_stays_on_the_list_and_a_stopped_job_sends_nothing(state: State, paper: Paper) -> None:
    offers = job(state, OTHER)
    [member] = state.rows("campaign_members", campaign_id=offers)
    do(state, paper, "campaign_member.remove", record=member["id"], removal_reason="opted-out")
    with pytest.raises(Refused, match="Nothing is different"):
        do(state, paper, "campaign_member.remove", record=member["id"], removal_reason="opted-out")
    state.update("campaign_members", member["id"], status="sent")
    with pytest.raises(Refused, match="sent already"):
        do(state, paper, "campaign_member.remove", record=member["id"], removal_reason="opted-out")
    stopped = job(state, OTHER)
    do(state, paper, "campaign.stop", record=stopped)
    do(state, paper, "campaign.run", record=stopped)
    assert outcome(state, stopped) == [("planned", None)]
    with pytest.raises(Refused, match="planned can be stopped"):
        do(state, paper, "campaign.stop", record=stopped)


def test_an_import_matches_by_the_keys_it_is_told_and_makes_the_rest_anew(state: State, paper: Paper) -> None:
    offers = job(state)

    def load(*keys: str) -> list[str]:
        file = state.insert("imports", {"file": "old.csv", "match_keys": list(keys), "status": "previewed"})
        for line, raw in enumerate(({"name": "Wang", "mobile": "86 138-0000-2041"}, {"name": "New", "email": "new@old.example"}), 1):
            state.insert("import_rows", {"import_id": file, "line_no": line, "raw": raw})
        do(state, paper, "import.commit", record=file, campaign_id=offers)
        do(state, paper, "import.commit", record=file, campaign_id=offers)  # the second time nothing is left to do
        return [line["outcome"] for line in state.rows("import_rows", import_id=file)]

    assert load() == ["imported", "imported"]
    assert load("mobile", "email") == ["merged", "merged"]
    assert len(state.rows("campaign_members", campaign_id=offers, status="planned")) == 2
    assert {each["consent_email"] for each in state.rows("contacts", name="New")} == {"yes"}


def test_the_answer_to_an_opt_out_keeps_its_three_parts(state: State, paper: Paper) -> None:
    said = {"stops": ["mail-offers"], "still": ["safety"], "from_on": "2026-03-16", "text": "From today."}
    do(state, paper, "case.confirm_opt_out", record=1, **said)
    [sent] = state.rows("interactions", case_id=1)
    assert json.loads(sent["form"]) == {"stops": ["mail-offers"], "still": ["safety"], "from_on": "2026-03-16"}
    assert row(state, "cases", 1)["first_response_at"] is not None
    with pytest.raises(Invalid, match="stop and still come"):
        do(state, paper, "case.confirm_opt_out", record=1, **{**said, "still": ["mail-offers"]})
    with pytest.raises(Invalid, match="has passed"):
        do(state, paper, "case.confirm_opt_out", record=1, **{**said, "from_on": "2026-03-15"})


def test_a_deleted_contact_leaves_its_orders_without_one(state: State, paper: Paper) -> None:
    do(state, paper, "contact.delete", record=DOUBLE)
    assert state.get("contacts", DOUBLE) is None
    assert row(state, "orders", 1)["contact_id"] is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_any_of_the_three_records_may_stay(language: str, tables: Tables, firm: Base) -> None:
    scenario = shipped("SC14", tables)
    step = type(scenario.reference[0])
    merging = (
        step("contact.merge", "$record_mobile", {"other": "$record_old"}),
        step("contact.merge", "$record_mobile", {"other": "$record_new", "take": ["email"]}),
        step("contact.opt_out", "$record_mobile", {"channels": ["email", "sms"], "refusal": "$refusal"}),
        step("suppression.add", "$record_mobile", {"channels": ["email", "sms"], "purpose": "promotional", "refusal": "$refusal"}),
    )
    left = tuple(each for each in scenario.reference if each.id not in ("merge-old", "merge-mobile", "opt-out", "suppress"))
    report = run_script(scenario, firm, checkout(firm), (*merging, *left), seed=11, language=language).report
    assert [finding.check for finding in report.findings if not finding.passed] == []
    assert [field.label for line in report.diff for field in line.fields if field.label in ("harmful", "unneeded")] == []
