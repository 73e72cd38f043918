"""Verbs on orders and on the equipment sold: link them to the customer they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.verbs import Argument, Desk, verb


@verb(
    "order.link", Argument("account_id", "orders.account_id"), Argument("contact_id", "orders.contact_id"),
    label=message("Link the order to a customer"), minutes=1, on="orders", edits=True,
)  # fmt: skip
def link_order(desk: Desk, given: Mapping[str, Any]) -> int:
    return _link(desk, "orders", given)


@verb(
    "asset.link", Argument("account_id", "assets.account_id"), Argument("contact_id", "assets.contact_id"), Argument("warranty_registered", "assets.warranty_registered"),
    label=message("Link the equipment to a customer"), minutes=1, on="assets", edits=True,
)  # fmt: skip
def link_asset(desk: Desk, given: Mapping[str, Any]) -> int:
    return _link(desk, "assets", given)


def _link(desk: Desk, table: str, given: Mapping[str, Any]) -> int:
    values = {name: value for name, value in given.items() if name != "record" and value is not None}
    if not values:
        raise Invalid(message("Name an account, a contact or both."), "account_id")
    contact = desk.state.get("contacts", values.get("contact_id"))
    account = values.get("account_id")
    if contact and account and contact["account_id"] not in (None, account):
        raise Refused(message("This contact belongs to another account. Choose the two that belong together."))
    if not desk.state.update(table, given["record"], **values):
        raise Refused(message("It is linked so already."))
    return int(given["record"])
