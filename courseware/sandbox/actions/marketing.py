"""Verbs on who is written to: opt a person out, suppress an address, plan a job, fill and clean its list, stop it, tell the person; run jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.cases import set_fields, unclosed, write_in_case
from courseware.sandbox.actions.contacts import CONSENT, present
from courseware.sandbox.audience import FILTERS, MOST, dry_run, fitting, hindrance, normalised, person_of, way
from courseware.sandbox.state import Row
from courseware.sandbox.verbs import Argument, Desk, verb

CHANNELS = {"email": message("e-mail"), "sms": message("text message"), "phone": message("phone")}
KEYS = {"email": ("email",), "mobile": ("sms", "phone")}  # the channels that each kind of key serves
STOPS = {
    "mail-offers": message("offers by e-mail"),
    "sms-offers": message("offers by text message"),
    "calls": message("calls about orders"),
    "service": message("messages about orders and warranty"),
    "safety": message("safety notices and recalls"),
}
DOUBTS = {
    "do-not-sell": message("their firm asked not to be sold to now"),
    "already-sent": message("they get other promotion within seven days"),
    "no-consent": message("they never said yes to this channel"),
}
_CHANNELS = Argument("channels", type="choices", label=message("Channels"), required=True, choices=CHANNELS)
_REFUSAL = Argument(
    "refusal", type="ref", table="interactions", label=message("Message in which the person refused"), required=True,
    help=message("Its time is the time of the refusal."),
)  # fmt: skip


@verb(
    "contact.opt_out", _CHANNELS, _REFUSAL,
    label=message("Record the opt-out of this person"), minutes=2, on="contacts",
    help=message("Consent to these channels becomes no. An earlier time of opting out stays; a later one gives way."),
)  # fmt: skip
def opt_out(desk: Desk, given: Mapping[str, Any]) -> int:
    contact, refusal = present(desk, given["record"]), _refusal(desk, given)
    since = min(filter(None, (contact["opted_out_at"], refusal["at"])))
    return desk.change("contacts", contact["id"], opted_out_at=since, **{CONSENT[channel]: "no" for channel in given["channels"]})


@verb(
    "suppression.add", _CHANNELS, Argument("purpose", "suppressions.purpose", required=True), _REFUSAL,
    label=message("Put this person on the suppression list"), minutes=1, on="contacts", makes="suppressions",
    help=message("Every address and number of this record and of those merged into it, for the channels you name. The list outlives merging, deletion and re-import."),
)  # fmt: skip
def suppress(desk: Desk, given: Mapping[str, Any]) -> int:
    refusal, records = _refusal(desk, given), _records_of(desk, given["record"])
    keys = dict.fromkeys((kind, normalised(kind, each)) for each in records for kind in KEYS if each[kind])
    wanted = [(kind, key, channel) for kind, key in keys for channel in KEYS[kind] if channel in given["channels"]]
    if not wanted:
        raise Invalid(message("This record has no address or number for these channels."), "channels")
    rows = [{"key_kind": kind, "normalised_key": key, "channel": channel, "purpose": given["purpose"]} for kind, key, channel in wanted]
    new = [row for row in rows if not desk.state.rows("suppressions", **row)]
    if not new:
        raise Refused(message("It stands on the suppression list already."))
    source = f"{refusal['at']} {refusal['subject']}"[:400]
    made = [desk.state.insert("suppressions", {**row, "since": refusal["at"], "source": source}) for row in new]
    return made[0]


@verb("suppression.remove", label=message("Take it off the suppression list"), minutes=1, on="suppressions")
def unsuppress(desk: Desk, given: Mapping[str, Any]) -> None:
    desk.state.delete("suppressions", given["record"])


@verb(
    "campaign_member.remove", Argument("removal_reason", "campaign_members.removal_reason", required=True),
    label=message("Take off this list, with a reason"), minutes=1, on="campaign_members", bulk=True,
)  # fmt: skip
def remove_member(desk: Desk, given: Mapping[str, Any]) -> int:
    member = desk.record("campaign_members", given["record"])
    if member["status"] == "sent":
        raise Refused(message("It has been sent already; what is sent cannot be taken back."))
    return desk.change("campaign_members", member["id"], status="removed", removal_reason=given["removal_reason"])


@verb(
    "campaign.create",
    Argument("name", "campaigns.name", required=True), Argument("purpose", "campaigns.purpose", required=True),
    Argument("channel", "campaigns.channel", required=True, choices={name: CHANNELS[name] for name in ("email", "sms")}),
    Argument("scheduled_at", "campaigns.scheduled_at", required=True), Argument("material_code", "campaigns.material_code"),
    label=message("Plan a mail job"), minutes=3, makes="campaigns", help=message("With an empty list; nothing goes out before the job runs."),
)  # fmt: skip
def create(desk: Desk, given: Mapping[str, Any]) -> int:
    if given["scheduled_at"] <= desk.at:
        raise Invalid(message("That time has passed; it is %(now)s now.", now=desk.at), "scheduled_at")
    job = {"no": desk.state.next_number("campaigns"), "type": "event-mail", "owner_id": desk.by, "start_on": given["scheduled_at"][:10], "job_status": "planned"}
    return desk.state.insert("campaigns", {**given, **job})


@verb(
    "campaign.fill", *(Argument(name, f"{'accounts' if where == 'a' else 'contacts'}.{name}") for name, where in FILTERS.items()),
    label=message("Put everybody on the list who fits a filter"), minutes=3, everyday=True, on="campaigns",
    help=message("All fields that are filled in must fit. Nothing goes out: the page of the campaign then shows who would get it, who would not, and why."),
)  # fmt: skip
def fill(desk: Desk, given: Mapping[str, Any]) -> int:
    campaign = _planned(desk, given)
    there = {row["contact_id"] for row in desk.state.rows("campaign_members", campaign_id=campaign["id"])}
    new = [id for id in fitting(desk.state, given) if id not in there]
    if not new:
        raise Refused(message("Nobody fits who is not on the list already."))
    if len(new) > MOST:
        raise Refused(message("%(count)s people fit; at most %(most)s go on a list at once. Narrow the filter.", count=len(new), most=MOST))
    for id in new:
        desk.state.insert("campaign_members", {"campaign_id": campaign["id"], "contact_id": id, "status": "planned"})
    return int(campaign["id"])


@verb(
    "campaign.screen", Argument("reasons", type="choices", label=message("Take off the list"), required=True, choices=DOUBTS),
    label=message("Take off whom the dry run doubts"), minutes=2, everyday=True, on="campaigns",
    help=message("Each with the reason on record. Whom the job leaves out by itself need not be taken off."),
)  # fmt: skip
def screen(desk: Desk, given: Mapping[str, Any]) -> int:
    campaign = _planned(desk, given)
    doubted = [each for each in dry_run(desk.state, campaign, desk.at) if each.doubt in given["reasons"]]
    if not doubted:
        raise Refused(message("The dry run doubts nobody for these reasons."))
    for each in doubted:
        desk.state.update("campaign_members", each.member["id"], status="removed", removal_reason=each.doubt)
    return int(campaign["id"])


@verb("campaign.stop", label=message("Stop the whole job"), minutes=1, everyday=True, on="campaigns", help=message("Nobody on the list gets anything, whoever it is."))
def stop(desk: Desk, given: Mapping[str, Any]) -> int:
    campaign = desk.record("campaigns", given["record"])
    if campaign["job_status"] != "planned":
        raise Refused(message("Only a job that is planned can be stopped."))
    return desk.change("campaigns", campaign["id"], job_status="stopped")


@verb(
    "case.confirm_opt_out",
    Argument("stops", type="choices", label=message("What stops"), required=True, choices=STOPS),
    Argument("still", type="choices", label=message("What still comes"), choices=STOPS),
    Argument("from_on", type="date", label=message("From when"), required=True),
    Argument("text", type="long_text", label=message("Words to the customer"), required=True),
    label=message("Answer: what stops, what still comes, from when"), minutes=4, keeps="interactions.form", on="cases", final=True,
)  # fmt: skip
def confirm(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    both = sorted(set(given["stops"]) & set(given.get("still") or ()))
    if both:
        raise Invalid(message("The same thing cannot stop and still come."), "still")
    if given["from_on"] < desk.at[:10]:
        raise Invalid(message("That day has passed; today is %(today)s.", today=desk.at[:10]), "from_on")
    form = {name: given[name] for name in ("stops", "still", "from_on") if given.get(name)}
    write_in_case(desk, case, kind="email", direction="out", subject=f"Re: {case['subject']}"[:400], body=given["text"], purpose="service", form=form)
    set_fields(desk, case, acknowledged_at=case["acknowledged_at"] or desk.at, first_response_at=case["first_response_at"] or desk.at, status="waiting")
    return int(case["id"])


@verb(
    "campaign.run", label=message("Run the job"), minutes=0, on="campaigns", final=True,
    help=message("For the system, which does so at the planned time; in a scenario it happens on the second day. A job that is not planned any more does nothing."),
)  # fmt: skip
def run(desk: Desk, given: Mapping[str, Any]) -> int:
    """Write to each person on the list once, contacts and leads alike. An export hands every row over as it stands: it asks neither consent nor the suppression list."""
    campaign = desk.record("campaigns", given["record"])
    if campaign["job_status"] != "planned":
        return int(campaign["id"])
    reached: set[tuple[str, int]] = set()
    for member in desk.state.rows("campaign_members", campaign_id=campaign["id"], status="planned"):
        table, person = person_of(desk.state, member)
        if person is None:
            continue
        reason = None if campaign["type"] == "partner-export" else hindrance(desk.state, campaign, table, person, reached)
        if reason:
            desk.state.update("campaign_members", member["id"], status="removed", removal_reason=reason)
            continue
        reached.add((table, person["id"]))
        desk.state.update("campaign_members", member["id"], status="sent", sent_at=desk.at)
        if campaign["type"] != "partner-export":
            _send(desk, campaign, table, person)
    desk.state.update("campaigns", campaign["id"], job_status="done")
    return int(campaign["id"])


def _planned(desk: Desk, given: Mapping[str, Any]) -> Row:
    campaign = desk.record("campaigns", given["record"])
    if campaign["job_status"] != "planned":
        raise Refused(message("This is no job that is still planned; its list stays as it is."))
    return campaign


def _refusal(desk: Desk, given: Mapping[str, Any]) -> Row:
    """Give the message, which must have come in from this person, under whichever of the person's records."""
    came = desk.record("interactions", given["refusal"])
    if came["direction"] != "in":
        raise Invalid(message("Choose a message that came in from the person."), "refusal")
    if came["contact_id"] is None or _survivor(desk, came["contact_id"]) != _survivor(desk, given["record"]):
        raise Invalid(message("This message stands under another contact. If it is the same person, merge the records first."), "refusal")
    return came


def _survivor(desk: Desk, id: int) -> int:
    contact = desk.record("contacts", id)
    return _survivor(desk, contact["merged_into_id"]) if contact["merged_into_id"] is not None else id


def _records_of(desk: Desk, id: int) -> list[Row]:
    """Give a contact and the records that were merged into it, at whatever remove."""
    merged = [each for child in desk.state.rows("contacts", merged_into_id=id) for each in _records_of(desk, child["id"])]
    return [desk.record("contacts", id), *merged]


def _send(desk: Desk, campaign: Row, table: str, person: Row) -> None:
    found = way(campaign, person)
    whom = {"contact_id": person["id"]} if table == "contacts" else {"lead_id": person["id"], "contact_id": person["contact_id"]}
    if found is not None:
        desk.state.insert("interactions", {
            "at": desk.at, "kind": found[1], "direction": "out", "subject": campaign["name"], "account_id": person["account_id"], **whom,
            "campaign_id": campaign["id"], "employee_id": campaign["owner_id"], "purpose": campaign["purpose"], "form": {"to": normalised(found[0], person)},
        })  # fmt: skip
