"""Verbs on customer groups: which relationship the firm keeps with each, why one stands outside the grid, and the grid itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.work import save_brief
from courseware.sandbox.verbs import Argument, Desk, verb

GRID = "Relationship grid 关系类型矩阵"  # the subject of the brief that holds it, alike in every language
CELLS = {
    "few_high": message("Few customers, high margin each"),
    "few_medium": message("Few customers, medium margin each"),
    "few_low": message("Few customers, low margin each"),
    "medium_high": message("A medium number of customers, high margin each"),
    "medium_medium": message("A medium number of customers, medium margin each"),
    "medium_low": message("A medium number of customers, low margin each"),
    "many_high": message("Many customers, high margin each"),
    "many_medium": message("Many customers, medium margin each"),
    "many_low": message("Many customers, low margin each"),
}


@verb(
    "group.fill_grid",
    *(Argument(cell, "customer_groups.relationship_type", label=label, required=True) for cell, label in CELLS.items()),
    label=message("Fill in the grid of relationship types"), minutes=5, makes="briefs",
    help=message("One type for each cell. Filling it in again replaces what stood there."),
)  # fmt: skip
def fill_grid(desk: Desk, given: Mapping[str, Any]) -> int:
    return save_brief(desk, "diagnosis", GRID, {cell: given[cell] for cell in CELLS})


@verb(
    "group.set_relationship",
    Argument("relationship_type", "customer_groups.relationship_type", required=True),
    Argument("contact_pattern", "customer_groups.contact_pattern", required=True, help=message("What the firm does from now on, as the type means it.")),
    Argument("pattern_cost", "customer_groups.pattern_cost", label=message("Care for one customer, yuan a year"), required=True),
    label=message("Set the relationship with this group"), minutes=2, on="customer_groups",
)  # fmt: skip
def set_relationship(desk: Desk, given: Mapping[str, Any]) -> int:
    if given["pattern_cost"] < 0:
        raise Invalid(message("A cost cannot be less than 0."), "pattern_cost")
    return _set(desk, given)


@verb(
    "group.explain_exception",
    Argument("exception_reason", "customer_groups.exception_reason", required=True),
    label=message("Explain why this group is an exception"), minutes=2, on="customer_groups",
    help=message("For a group that gets another type than its cell. Whoever reads the list next year must see why."),
)  # fmt: skip
def explain_exception(desk: Desk, given: Mapping[str, Any]) -> int:
    if desk.record("customer_groups", given["record"])["relationship_type"] is None:
        raise Refused(message("Set the relationship with this group first; then explain why it is an exception."))
    return _set(desk, given)


def _set(desk: Desk, given: Mapping[str, Any]) -> int:
    values = {name: value for name, value in given.items() if name != "record"}
    if not desk.state.update("customer_groups", given["record"], **values):
        raise Refused(message("Nothing is different from before."))
    return int(given["record"])
