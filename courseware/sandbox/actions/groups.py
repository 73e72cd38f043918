"""Verbs on groups of customers: which relationship the firm keeps with each, the grid of types, and the rules that segment customers and say who serves them."""

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
    label=message("Fill in the grid of relationship types"), minutes=5, keeps="briefs.fields", makes="briefs",
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


SIZES = {"one": message("one person"), "small": message("small firms"), "medium": message("medium firms"), "large": message("large firms")}
ROUTES = {"manager": message("their account manager, by name"), "phone": message("the telephone team"), "web": message("web shop and self-service")}
_SEGMENT = (
    Argument("field", type="choice", label=message("Customers by"), required=True, choices={
        "revenue_year": message("revenue of the last 12 months, yuan"), "orders_year": message("number of orders in the last 12 months"), "size": message("size of the firm"),
    }),
    Argument("from_value", "rules.from_value", help=message("Left empty: from nothing on.")),
    Argument("below_value", "rules.below_value", help=message("Who has exactly this falls into the next group. Left empty: without limit.")),
    Argument("sizes", type="choices", label=message("Sizes"), choices=SIZES, kept="value", help=message("Only where customers are taken by size.")),
    Argument("coverage", "rules.coverage", required=True),
    Argument("visits_year", "rules.visits_year", required=True), Argument("calls_year", "rules.calls_year", required=True), Argument("web_year", "rules.web_year"),
    Argument("routes", type="choices", label=message("Ways they can reach us"), required=True, choices=ROUTES),
    Argument("wish_code", "rules.wish_code", required=True),
)  # fmt: skip


@verb(
    "rule.save_segment", Argument("name", "rules.name", required=True), *_SEGMENT,
    label=message("Save a segment and who serves it"), minutes=5, makes="rules",
    help=message("The rule takes every customer (customers, dealers, public bodies) that fits, today and in time to come. A customer may fit several rules, or none: see to it that it is one."),
)  # fmt: skip
def save_segment(desk: Desk, given: Mapping[str, Any]) -> int:
    return desk.state.insert("rules", {"name": given["name"], "kind": "segment", **_segment(given), "active": True, "created_at": desk.at})


@verb("rule.change_segment", *_SEGMENT, label=message("Change the segment and who serves it"), minutes=3, on="rules")
def change_segment(desk: Desk, given: Mapping[str, Any]) -> int:
    if desk.record("rules", given["record"])["kind"] != "segment":
        raise Refused(message("This is no rule that makes a segment."))
    return desk.change("rules", given["record"], **_segment(given))


def _segment(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the columns of a segment rule that can run."""
    field, low, high, sizes = given["field"], given.get("from_value"), given.get("below_value"), given.get("sizes") or ()
    if (field == "size") != bool(sizes):
        raise Invalid(message("Choose the sizes where customers are taken by size, and only there."), "sizes")
    if field == "size" and (low is not None or high is not None):
        raise Invalid(message("A size has no limits in numbers."), "from_value")
    if low is not None and high is not None and low >= high:
        raise Invalid(message("Nobody lies between these limits: the second must be greater."), "below_value")
    planned = {name: given.get(name) or 0 for name in ("visits_year", "calls_year", "web_year")}
    for name, number in planned.items():
        if number < 0:
            raise Invalid(message("This cannot be less than 0."), name)
    reach = {"operator": "in" if field == "size" else "at-least", "value": ", ".join(sizes) or None, "from_value": low, "below_value": high}
    return {"field": field, **reach, "coverage": given["coverage"], **planned, "routes": list(given["routes"]), "wish_code": given["wish_code"]}


def _set(desk: Desk, given: Mapping[str, Any]) -> int:
    values = {name: value for name, value in given.items() if name != "record"}
    return desk.change("customer_groups", given["record"], **values)
