"""Verbs that turn a batch of leads into what each one is: find duplicates, merge, link to a customer, set aside, convert, report back. Closing is in leads.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.contacts import delete_record, move_children, present
from courseware.sandbox.actions.leads import open_lead
from courseware.sandbox.actions.work import save_brief
from courseware.sandbox.state import Row
from courseware.sandbox.text import digits, fold
from courseware.sandbox.verbs import Argument, Desk, done, verb

SURVIVING = (
    "name", "title", "mobile", "email", "company", "need", "budget_band", "timeline_months", "decision_role", "product_family",
    "consent_email", "consent_sms", "consent_phone",
)  # fmt: skip
CONSENT_SOURCES = {"fair": "fair", "web": "web", "call": "call"}
CHANGES = {
    "ask-four": message("At the stand, ask for need, budget, date and who decides"),
    "search-first": message("Look for duplicates and customers before leads are handed over"),
    "more-cards": message("Collect more cards"),
    "titles": message("Hand over directors and general managers only"),
    "prize": message("Draw a bigger prize at the stand"),
    "delete": message("Delete bad leads before they are handed over"),
}


@verb(
    "lead.search_duplicates", label=message("Look for duplicates of this lead"), minutes=1, on="leads",
    help=message("Compares mobile and e-mail with all other leads and contacts. What it finds stands on the lead; whether it is the same person is yours to say."),
)  # fmt: skip
def search_duplicates(desk: Desk, given: Mapping[str, Any]) -> int:
    lead = open_lead(desk, given["record"])
    return done(lead["id"], _compare(desk, [lead]))


@verb(
    "lead.search_batch", label=message("Look for duplicates among the leads of this campaign"), minutes=3, on="campaigns",
    help=message("The same search for every open lead of the campaign. In the list of leads, “More filters” has “Duplicate search”."),
)  # fmt: skip
def search_batch(desk: Desk, given: Mapping[str, Any]) -> int:
    campaign = desk.record("campaigns", given["record"])
    batch = [lead for lead in desk.state.rows("leads", campaign_id=campaign["id"], merged_into_id=None) if lead["status"] in ("new", "nurture", "linked")]
    return done(campaign["id"], _compare(desk, batch))


@verb(
    "lead.merge",
    Argument("other", "leads.like_lead_id", label=message("The lead to merge into this one"), required=True),
    Argument("take", label=message("Fields to take from it"), among=("leads", SURVIVING), help=message("All other fields stay as they are here. Its notes and tasks move over.")),
    label=message("Merge with another lead"), minutes=2, on="leads",
)  # fmt: skip
def merge(desk: Desk, given: Mapping[str, Any]) -> int:
    kept, other = open_lead(desk, given["record"]), open_lead(desk, given["other"])
    if kept["id"] == other["id"]:
        raise Invalid(message("A record cannot be merged with itself."), "other")
    desk.state.update("leads", other["id"], merged_into_id=kept["id"])
    move_children(desk.state, "leads", other["id"], kept["id"])
    values = {name: other[name] for name in given.get("take", ())}
    desk.state.update("leads", kept["id"], **values, like_lead_id=None if kept["like_lead_id"] == other["id"] else kept["like_lead_id"])
    return int(kept["id"])


@verb(
    "lead.link", Argument("contact_id", "leads.like_contact_id", label=message("The contact who this is"), required=True, help=message("Search for the name or the number.")),
    label=message("Link the lead to a customer"), minutes=1, everyday=True, on="leads", help=message("For somebody who is on record already. The lead counts as handled; no new account is made."),
)  # fmt: skip
def link(desk: Desk, given: Mapping[str, Any]) -> int:
    lead, contact = open_lead(desk, given["record"]), present(desk, given["contact_id"])
    return desk.change("leads", lead["id"], status="linked", contact_id=contact["id"], account_id=contact["account_id"])


@verb(
    "lead.nurture", label=message("Set the lead aside for later"), minutes=1, on="leads", bulk=True, help=message("For a real need whose time has not come. The lead stays open.")
)
def nurture(desk: Desk, given: Mapping[str, Any]) -> int:
    lead = open_lead(desk, given["record"])
    return desk.change("leads", lead["id"], status="nurture")


@verb(
    "lead.convert",
    Argument("company", "leads.company", label=message("Name of the new account"), help=message("Left as it is, the firm that the lead names.")),
    Argument("next_step", "opportunities.next_step"),
    Argument("next_step_on", "opportunities.next_step_on"),
    label=message("Convert the lead"), minutes=3, everyday=True, on="leads", help=message("Makes a new account, a contact and an opportunity from it."),
)  # fmt: skip
def convert(desk: Desk, given: Mapping[str, Any]) -> int:
    lead = open_lead(desk, given["record"])
    if lead["status"] == "linked":
        raise Refused(message("This lead is linked to a customer, who has an account already."))
    _ahead(desk, given.get("next_step_on"))
    firm = given.get("company") or lead["company"]
    if not firm:
        raise Invalid(message("This is needed."), "company")
    owner, about = lead["owner_id"] or desk.by, {name: lead[name] for name in ("industry", "region", "city", "size")}
    account = desk.state.insert("accounts", {
        "no": desk.state.next_number("accounts"), "name": firm, "kind": "prospect", "owner_id": owner, "opened_at": desk.at, **about,
    })  # fmt: skip
    contact = desk.state.insert("contacts", {"no": desk.state.next_number("contacts"), "account_id": account, "created_at": desk.at, **_person(lead)})
    opportunity = desk.state.insert("opportunities", {
        "no": desk.state.next_number("opportunities"), "name": lead["need"] or firm, "account_id": account, "contact_id": contact, "campaign_id": lead["campaign_id"],
        "stage": "qualify", "product_family": lead["product_family"], "owner_id": owner, "created_at": desk.at,
        "next_step": given.get("next_step"), "next_step_on": given.get("next_step_on"),
    })  # fmt: skip
    desk.state.update("leads", lead["id"], status="converted", converted_at=desk.at, converted_account_id=account, converted_opportunity_id=opportunity)
    return int(lead["id"])


@verb(
    "opportunity.plan",
    Argument("next_step", "opportunities.next_step", required=True), Argument("next_step_on", "opportunities.next_step_on", required=True),
    label=message("Set the next step"), minutes=1, on="opportunities",
)  # fmt: skip
def plan(desk: Desk, given: Mapping[str, Any]) -> int:
    opportunity = desk.record("opportunities", given["record"])
    if opportunity["stage"] in ("won", "lost"):
        raise Refused(message("This opportunity is closed."))
    _ahead(desk, given["next_step_on"])
    return desk.change("opportunities", opportunity["id"], next_step=given["next_step"], next_step_on=given["next_step_on"])


@verb(
    "lead.delete", label=message("Delete the lead"), minutes=1, on="leads",
    help=message("It vanishes from the records, and from every count; its notes and tasks are left without a lead."),
)  # fmt: skip
def delete(desk: Desk, given: Mapping[str, Any]) -> None:
    delete_record(desk.state, "leads", given["record"])


@verb(
    "lead.report_back",
    Argument("change_1", type="choice", label=message("First thing to change"), required=True, choices=CHANGES),
    Argument("change_2", type="choice", label=message("Second thing to change"), required=True, choices=CHANGES),
    label=message("Report back to marketing on the leads of this campaign"), minutes=5, keeps="briefs.fields", counts=("leads.status", "leads.disqualify_reason"), on="campaigns", makes="briefs",
    help=message("What became of the leads, and for which reasons, is counted from the records as they stand now. Saving it again replaces what stood there."),
)  # fmt: skip
def report_back(desk: Desk, given: Mapping[str, Any]) -> int:
    campaign, first, second = desk.record("campaigns", given["record"]), given["change_1"], given["change_2"]
    if first == second:
        raise Invalid(message("Choose two different things."), "change_2")
    fields = {**_counted(desk.state.rows("leads", campaign_id=campaign["id"])), "change_1": first, "change_2": second}
    return save_brief(desk, "feedback", f"Leads 线索 {campaign['no']}", fields)


def _compare(desk: Desk, batch: Iterable[Row]) -> bool:
    """Write onto each lead what is like it; tell whether anything is new."""
    leads = _by_key(desk.state.rows("leads", merged_into_id=None))
    contacts = _by_key(desk.state.rows("contacts", merged_into_id=None))
    changed = [desk.state.update("leads", lead["id"], **_alike(lead, leads, contacts)) for lead in batch]
    return any(changed)


def _alike(lead: Row, leads: Mapping[str, list[int]], contacts: Mapping[str, list[int]]) -> dict[str, Any]:
    other = next((id for key in _keys(lead) for id in leads[key] if id != lead["id"]), None)
    contact = next((id for key in _keys(lead) for id in contacts.get(key, ())), None)
    found = "both" if other and contact else "lead" if other else "contact" if contact else "clear"
    return {"duplicate_search": found, "like_lead_id": other, "like_contact_id": contact}


def _by_key(rows: Iterable[Row]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        for key in _keys(row):
            found[key].append(int(row["id"]))
    return found


def _keys(row: Row) -> list[str]:
    return [key for key in (digits(row["mobile"]), fold(row["email"] or "")) if key]


def _person(lead: Row) -> dict[str, Any]:
    """Give the contact that a lead becomes; a consent given goes over with where it was given."""
    consents = {name: lead[name] or "unknown" for name in ("consent_email", "consent_sms", "consent_phone")}
    given = {"consent_source": CONSENT_SOURCES.get(lead["source"] or ""), "consent_at": lead["created_at"]} if "yes" in consents.values() else {}
    role = lead["decision_role"] if lead["decision_role"] != "none" else None
    return {**{name: lead[name] for name in ("name", "title", "mobile", "email")}, "role_in_buying": role, **consents, **given}


def _ahead(desk: Desk, day: str | None) -> None:
    if day is not None and day < desk.at[:10]:
        raise Invalid(message("That day has passed; today is %(today)s.", today=desk.at[:10]), "next_step_on")


def _counted(leads: Iterable[Row]) -> dict[str, int]:
    """Count what became of the leads; a merged one counts as merged only."""
    counts: dict[str, int] = dict.fromkeys(("new", "merged", "linked", "nurture", "converted", "disqualified"), 0)
    for lead in leads:
        keys = ["merged"] if lead["merged_into_id"] else [lead["status"], *([lead["disqualify_reason"]] if lead["disqualify_reason"] else [])]
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    return counts
