"""Verbs on contacts: create, update, record consent, merge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.state import Row, State
from courseware.sandbox.text import digits
from courseware.sandbox.verbs import Argument, Desk, verb

CONSENT = {"email": "consent_email", "sms": "consent_sms", "phone": "consent_phone"}
FIELDS = ("account_id", "title", "mobile", "email", "role_in_buying", "preferred_channel", "birthday", "id_no", "note")
SURVIVING = ("name", *FIELDS, "consent_email", "consent_sms", "consent_phone", "consent_source", "consent_at", "opted_out_at")
_ARGUMENTS = tuple(Argument(name, f"contacts.{name}") for name in FIELDS)


@verb("contact.create", Argument("name", "contacts.name", required=True), *_ARGUMENTS, label=message("Create a contact"), minutes=3, everyday=True, makes="contacts")
def create(desk: Desk, given: Mapping[str, Any]) -> int:
    _check(given)
    unknown = dict.fromkeys(CONSENT.values(), "unknown")
    return desk.state.insert("contacts", {**given, **unknown, "no": desk.state.next_number("contacts"), "created_at": desk.at})


@verb(
    "contact.update", Argument("name", "contacts.name"), *_ARGUMENTS, Argument("left_on", "contacts.left_on"),
    label=message("Change the contact"), minutes=1, everyday=True, on="contacts", edits=True, help=message("Each field that you change is recorded by itself."),
)  # fmt: skip
def update(desk: Desk, given: Mapping[str, Any]) -> int:
    _check(given)
    values = {name: value for name, value in given.items() if name != "record"}
    return desk.change("contacts", present(desk, given["record"])["id"], **values)


@verb(
    "contact.record_consent",
    Argument("channel", type="choice", label=message("Channel"), required=True, choices={"email": message("e-mail"), "sms": message("text message"), "phone": message("phone")}),
    Argument("answer", type="choice", label=message("Answer"), required=True, choices={"yes": message("yes, agreed"), "no": message("no, refused")}),
    Argument("source", "contacts.consent_source", required=True, help=message("Where the answer can be heard or read again.")),
    Argument("given_at", type="datetime", label=message("Time of the answer"), help=message("Left empty, it is now.")),
    label=message("Record consent or refusal"), minutes=1, everyday=True, on="contacts",
)  # fmt: skip
def record_consent(desk: Desk, given: Mapping[str, Any]) -> int:
    contact = present(desk, given["record"])
    at = given.get("given_at") or desk.at
    if at > desk.at:
        raise Invalid(message("That time is still to come; it is %(now)s now.", now=desk.at), "given_at")
    values = {CONSENT[given["channel"]]: given["answer"], "consent_source": given["source"], "consent_at": at}
    if given["answer"] == "no" and contact["opted_out_at"] is None and contact[CONSENT[given["channel"]]] == "yes":
        values["opted_out_at"] = at
    desk.state.update("contacts", contact["id"], **values)
    return int(contact["id"])


@verb(
    "contact.merge",
    Argument("other", type="ref", table="contacts", label=message("The record to merge into this one"), required=True),
    Argument("take", label=message("Fields to take from it"), among=("contacts", SURVIVING),
             help=message("All other fields stay as they are here. Its orders, cases and notes move over.")),
    label=message("Merge with another contact"), minutes=4, on="contacts",
)  # fmt: skip
def merge(desk: Desk, given: Mapping[str, Any]) -> int:
    kept, other = present(desk, given["record"]), present(desk, given["other"])
    if kept["id"] == other["id"]:
        raise Invalid(message("A record cannot be merged with itself."), "other")
    desk.state.update("contacts", other["id"], merged_into_id=kept["id"])
    values = {name: other[name] for name in given.get("take", ())}
    if values:
        desk.state.update("contacts", kept["id"], **values)
    move_children(desk.state, "contacts", other["id"], kept["id"])
    return int(kept["id"])


@verb(
    "contact.delete", label=message("Delete the contact"), minutes=1, on="contacts",
    help=message("It vanishes from the records; its orders, equipment and notes are left without a contact."),
)  # fmt: skip
def delete(desk: Desk, given: Mapping[str, Any]) -> None:
    delete_record(desk.state, "contacts", given["record"])


def present(desk: Desk, id: int) -> Row:
    """Give a contact that has not been merged away."""
    contact = desk.record("contacts", id)
    if contact["merged_into_id"] is not None:
        raise Refused(message("This contact was merged into another one. Work on that one."))
    return contact


def delete_record(state: State, table: str, id: int) -> None:
    """Delete a record; what referred to it refers to nothing."""
    for child, column in state.tables.pointing_at(table):
        for row in state.rows(child.name, **{column.name: id}):
            state.update(child.name, row["id"], **{column.name: None})
    state.delete(table, id)


def move_children(state: State, table: str, old: int, new: int) -> None:
    """Point every row that refers to the old record to the new one; the mark of a merger stays."""
    for child, column in state.tables.pointing_at(table):
        if column.name != "merged_into_id":
            for row in state.rows(child.name, **{column.name: old}):
                state.update(child.name, row["id"], **{column.name: new})


def _check(given: Mapping[str, Any]) -> None:
    mobile, email = given.get("mobile"), given.get("email")
    if mobile and len(digits(mobile)) < 7:
        raise Invalid(message("“%(value)s” is not a telephone number.", value=mobile), "mobile")
    if email and ("@" not in email.strip("@") or " " in email):
        raise Invalid(message("“%(value)s” is not an e-mail address.", value=email), "email")
