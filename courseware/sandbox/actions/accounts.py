"""Verbs on accounts: create, update, give an owner, say what kind of customer it is, hold sales and release them, merge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.contacts import move_children
from courseware.sandbox.verbs import Argument, Desk, verb

FIELDS = ("industry", "region", "city", "size", "segment", "parent_id", "relationship_type", "lifecycle_stage")
_ARGUMENTS = tuple(Argument(name, f"accounts.{name}") for name in FIELDS)


@verb(
    "account.create",
    Argument("name", "accounts.name", required=True), Argument("kind", "accounts.kind", required=True), Argument("owner_id", "accounts.owner_id"), *_ARGUMENTS,
    label=message("Create an account"), minutes=3, makes="accounts",
)  # fmt: skip
def create(desk: Desk, given: Mapping[str, Any]) -> int:
    at_work(desk, given.get("owner_id"))
    return desk.state.insert("accounts", {**given, "no": desk.state.next_number("accounts"), "opened_at": desk.at})


@verb("account.update", Argument("name", "accounts.name"), *_ARGUMENTS, label=message("Change the account"), minutes=1, everyday=True, on="accounts", edits=True)
def update(desk: Desk, given: Mapping[str, Any]) -> int:
    return _set(desk, given)


@verb(
    "account.assign", Argument("owner_id", "accounts.owner_id", required=True),
    label=message("Name the person who looks after it"), minutes=1, everyday=True, on="accounts", edits=True,
)  # fmt: skip
def assign(desk: Desk, given: Mapping[str, Any]) -> int:
    at_work(desk, given["owner_id"])
    return _set(desk, given)


@verb("account.set_kind", Argument("kind", "accounts.kind", required=True), label=message("Say what kind of customer it is"), minutes=1, on="accounts", edits=True)
def set_kind(desk: Desk, given: Mapping[str, Any]) -> int:
    return _set(desk, given)


@verb(
    "account.hold", Argument("do_not_sell_until", "accounts.do_not_sell_until", required=True),
    label=message("Hold sales to this account"), minutes=1, on="accounts",
    help=message("Every colleague who opens the account sees it. It is a rule for people: appointments and lists are for you to put right."),
)  # fmt: skip
def hold(desk: Desk, given: Mapping[str, Any]) -> int:
    if given["do_not_sell_until"] <= desk.at[:10]:
        raise Invalid(message("A hold ends on a day to come; today is %(today)s.", today=desk.at[:10]), "do_not_sell_until")
    return _set(desk, given)


@verb("account.release_hold", label=message("Release the hold on sales"), minutes=1, on="accounts")
def release_hold(desk: Desk, given: Mapping[str, Any]) -> int:
    if desk.record("accounts", given["record"])["do_not_sell_until"] is None:
        raise Refused(message("There is no hold on this account."))
    return _set(desk, {**given, "do_not_sell_until": None})


@verb(
    "account.merge",
    Argument("other", type="ref", table="accounts", label=message("The account to merge into this one"), required=True),
    Argument("take", label=message("Fields to take from it"), among=("accounts", ("name", "owner_id", *FIELDS, "do_not_sell_until")),
             help=message("All other fields stay as they are here. Its contacts, orders, cases and quotes move over.")),
    label=message("Merge with another account"), minutes=4, on="accounts",
)  # fmt: skip
def merge(desk: Desk, given: Mapping[str, Any]) -> int:
    kept, other = desk.record("accounts", given["record"]), desk.record("accounts", given["other"])
    if kept["id"] == other["id"]:
        raise Invalid(message("A record cannot be merged with itself."), "other")
    if kept["merged_into_id"] is not None or other["merged_into_id"] is not None:
        raise Refused(message("This account was merged into another one. Work on that one."))
    desk.state.update("accounts", other["id"], merged_into_id=kept["id"])
    values = {name: other[name] for name in given.get("take", ())}
    if values:
        desk.state.update("accounts", kept["id"], **values)
    move_children(desk.state, "accounts", other["id"], kept["id"])
    return int(kept["id"])


def _set(desk: Desk, given: Mapping[str, Any]) -> int:
    values = {name: value for name, value in given.items() if name != "record"}
    if desk.record("accounts", given["record"])["merged_into_id"] is not None:
        raise Refused(message("This account was merged into another one. Work on that one."))
    return desk.change("accounts", given["record"], **values)


def at_work(desk: Desk, employee: int | None, field: str = "owner_id") -> None:
    """Refuse to give work to somebody who has left."""
    if employee is None:
        return
    left = desk.record("employees", employee)["left_on"]
    if left is not None and left <= desk.at[:10]:
        raise Invalid(message("This colleague left on %(date)s. Choose somebody who is here.", date=left), field)
