"""Which price rule holds for a line of a quote, what the line keeps of it, and whose approval it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from courseware.i18n import Message, message
from courseware.sandbox.state import Row, State


@dataclass(frozen=True)
class LinePrice:
    """A line of a quote with its discount and margin in per cent, the rule that holds for it, and why the line needs approval by that rule."""

    line: Row
    product: Row
    rule: Row | None
    discount: float
    margin: float
    reasons: tuple[Message, ...]

    @property
    def approver_role(self) -> str | None:
        return self.rule["approver_role"] if self.rule and self.reasons else None


def line_prices(state: State, quote: Mapping[str, Any]) -> list[LinePrice]:
    """Judge every line of a quote by the rules of the day it was written."""
    segment = (state.get("accounts", quote["account_id"]) or {}).get("segment")
    day = str(quote["created_at"] or "")[:10]
    rules = [rule for rule in state.rows("price_rules") if (rule["valid_from"] or day) <= day <= (rule["valid_until"] or day)]
    return [_judged(state, line, segment, rules) for line in state.rows("quote_lines", quote_id=quote["id"])]


def waits_for(state: State, quote: Mapping[str, Any], approver: int | None) -> LinePrice | None:
    """Give the first line that must not go out with this colleague's approval (or nobody's): its rule stops the send and leaves it to others."""
    return next((each for each in line_prices(state, quote) if each.reasons and each.rule and each.rule["stops_send"] and approver not in _ids(state, each.approver_role)), None)


def approvers(state: State, role: str | None, now: str) -> list[Row]:
    """Give the colleagues who are here and may approve what is left to a role: those who have it, and those who may give more discount than any of them."""
    alike = state.rows("employees", role=role) if role else []
    most = max((row["max_discount_pct"] or 0 for row in alike), default=None)
    more = [row for row in state.rows("employees") if most is not None and (row["max_discount_pct"] or 0) > most]
    return [row for row in (*alike, *more) if row["left_on"] is None or row["left_on"] > now[:10]]


def _ids(state: State, role: str | None) -> set[int]:
    return {row["id"] for row in approvers(state, role, "")}


def _judged(state: State, line: Row, segment: str | None, rules: list[Row]) -> LinePrice:
    product = state.get("products", line["product_id"]) or {}
    fitting = [rule for rule in rules if _fits(rule, line, product, segment)]
    rule = max(fitting, key=_closeness, default=None)
    discount = 100 * (1 - line["price"] / product["list_price"]) if product.get("list_price") else 0.0
    margin = 100 * (1 - line["unit_cost"] / line["price"]) if line["price"] and line["unit_cost"] is not None else 100.0
    return LinePrice(line, product, rule, discount, margin, tuple(_reasons(rule, discount, margin)) if rule else ())


def _fits(rule: Row, line: Row, product: Mapping[str, Any], segment: str | None) -> bool:
    wanted = {"product_id": product.get("id"), "family": product.get("family"), "segment": segment}
    return all(rule[name] in (None, value) for name, value in wanted.items()) and line["qty"] >= (rule["min_qty"] or 1)


def _closeness(rule: Row) -> tuple[bool, bool, bool, int, int]:
    """The rule that says more about the line holds: product before family before segment before quantity; of two alike the younger."""
    return (rule["product_id"] is not None, rule["family"] is not None, rule["segment"] is not None, rule["min_qty"] or 1, rule["id"])


def _reasons(rule: Row, discount: float, margin: float) -> list[Message]:
    reasons = []
    most, floor = rule["max_discount_pct"], rule["margin_floor_pct"]
    if most is not None and discount > most + 0.005:
        reasons.append(message("its discount of %(discount)s %% is above the %(most)s %% allowed", discount=f"{discount:.1f}", most=f"{most:g}"))
    if floor is not None and margin < floor - 0.005:
        reasons.append(message("its margin of %(margin)s %% is below the floor of %(floor)s %%", margin=f"{margin:.1f}", floor=f"{floor:g}"))
    return reasons
