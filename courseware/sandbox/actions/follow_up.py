"""Verbs that turn the people of a campaign into lists somebody works through, with an owner and a date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.accounts import at_work
from courseware.sandbox.state import Row
from courseware.sandbox.verbs import Argument, Desk, verb

BLANK = "blank"
INTEREST = {"V": message("V: asked for a visit"), "P": message("P: product information"), BLANK: message("no code")}
CONSENT = {
    "yes": message("only those whose consent to mailings is yes"),
    "not-no": message("those who have not refused mailings"),
    "any": message("everybody, whatever the consent to mailings"),
}
TASKS = {"personal-list": "follow-up", "call-list": "call"}  # lists on which a colleague sees to each person, and the kind of task


@verb(
    "campaign.follow_up",
    Argument("name", "campaigns.name", label=message("Name of the list"), required=True),
    Argument("type", "campaigns.type", required=True, choices={
        "personal-list": message("personal list: a colleague sees to each person"), "call-list": message("call list: a colleague calls each person"),
        "mailing": message("mailing: one message to all"),
    }),
    Argument("interest", type="choices", label=message("Interest"), required=True, choices=INTEREST),
    Argument("consent", type="choice", label=message("Consent"), required=True, choices=CONSENT),
    Argument("owner_id", "campaigns.owner_id", required=True),
    Argument("due_at", type="datetime", label=message("Due"), required=True, help=message("A personal or call list: until when each person is seen to. A mailing: when it goes out.")),
    label=message("Make a follow-up list of its people"), minutes=4, on="campaigns", makes="campaigns",
    help=message("A new list, under Campaigns and mail jobs, of everybody on this one who fits. On a personal or call list each person gets a task of the owner, and a lead becomes the owner's."),
)  # fmt: skip
def follow_up(desk: Desk, given: Mapping[str, Any]) -> int:
    at_work(desk, given["owner_id"])
    if given["due_at"] <= desk.at:
        raise Invalid(message("That time has passed; it is %(now)s now.", now=desk.at), "due_at")
    chosen = [(member, person) for member, person in _people(desk, given["record"]) if _fits(member, person, given)]
    if not chosen:
        raise Refused(message("Nobody on this list fits."))
    is_mailing = given["type"] == "mailing"
    made = desk.state.insert("campaigns", {
        "no": desk.state.next_number("campaigns"), "name": given["name"], "type": given["type"], "purpose": "promotional" if is_mailing else "service",
        "start_on": desk.at[:10], "owner_id": given["owner_id"], "scheduled_at": given["due_at"], "job_status": "planned" if is_mailing else None,
    })  # fmt: skip
    for member, _ in chosen:
        who = {name: member[name] for name in ("contact_id", "lead_id")}
        desk.state.insert("campaign_members", {"campaign_id": made, **who, "status": "planned", "interest_code": member["interest_code"]})
        if not is_mailing:
            _task(desk, given, who)
    return made


def _people(desk: Desk, campaign: int) -> list[tuple[Row, Row]]:
    """Give the members still on a list, each with its contact or lead; one that was merged away is left out."""
    found = []
    for member in desk.state.rows("campaign_members", campaign_id=campaign):
        person = desk.state.get("contacts", member["contact_id"]) or desk.state.get("leads", member["lead_id"])
        if person is not None and member["status"] != "removed" and person["merged_into_id"] is None:
            found.append((member, person))
    return found


def _fits(member: Row, person: Row, given: Mapping[str, Any]) -> bool:
    consent = person["consent_email"] if person["email"] else person["consent_sms"]  # a mailing goes by e-mail, or else by text message
    wanted = {"yes": consent == "yes", "not-no": consent != "no", "any": True}[given["consent"]]
    return wanted and (member["interest_code"] or BLANK) in given["interest"]


def _task(desk: Desk, given: Mapping[str, Any], who: Mapping[str, int | None]) -> None:
    desk.state.insert("tasks", {
        "kind": TASKS[given["type"]], "subject": given["name"], **who, "owner_id": given["owner_id"], "due_at": given["due_at"], "status": "open", "created_at": desk.at,
    })  # fmt: skip
    if who["lead_id"] is not None:
        desk.state.update("leads", who["lead_id"], owner_id=given["owner_id"])
