"""What each customer bought and cost in a year, and what the segment rules in use make of that: figures for answers and checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from courseware.sandbox.load import loads
from courseware.sandbox.state import Row, State

BUYERS = "('customer', 'dealer', 'public-body')"  # the kinds of account that are customers
MANAGERS = frozenset({"Sales representative", "Regional sales lead", "Sales director"})  # who visits, and may be named for a customer
MEASURED = {"revenue_year": "revenue", "orders_year": "orders"}  # fields of a segment rule, and the figure of a customer each looks at
CHANNELS = {"call": "phone", "email": "email", "chat": "chat"}  # the contacts that the card prices, by the kind of interaction
VISIT, NOW = ("visit-cost", "sales representative"), 2  # everybody is visited so often a year, until segment rules say otherwise


def customers(state: State, day: str, *, years: int = 1, cancelled: bool = False) -> list[Row]:
    """Give every customer with orders and revenue of the year (or years) before a day, the greatest first. Who bought nothing has 0."""
    begin = _years_before(day, years)
    counted = "" if cancelled else "AND status <> 'cancelled'"
    return state.query(
        f"""SELECT a.id, a.owner_id, a.size, coalesce(o.revenue, 0) AS revenue, coalesce(o.orders, 0) AS orders FROM accounts a
        LEFT JOIN (SELECT account_id, sum(total) AS revenue, count(*) AS orders FROM orders WHERE ordered_on >= ? AND ordered_on < ? {counted} GROUP BY 1) o ON o.account_id = a.id
        WHERE a.kind IN {BUYERS} AND a.merged_into_id IS NULL ORDER BY 4 DESC, a.id""",
        (begin, day),
    )


def with_costs(state: State, day: str) -> list[Row]:
    """Give every customer with margin and cost to serve besides: what visits and contacts cost by the rate card."""
    begin = _years_before(day)
    margins = state.query(
        """SELECT o.account_id AS id, sum(l.qty * (l.price - l.unit_cost)) AS margin FROM orders o JOIN order_lines l ON l.order_id = o.id
        WHERE o.ordered_on >= ? AND o.ordered_on < ? AND o.status <> 'cancelled' AND o.account_id IS NOT NULL GROUP BY 1""",
        (begin, day),
    )
    talked = state.query(
        f"""SELECT account_id AS id, kind, count(*) AS n FROM interactions WHERE at >= ? AND at < ? AND account_id IS NOT NULL
        AND kind IN ({", ".join("?" * len(CHANNELS))}) GROUP BY 1, 2""",
        (begin, day, *CHANNELS),
    )
    margin = {row["id"]: row["margin"] for row in margins}
    price = {kind: rate(state, "channel-cost", key) for kind, key in CHANNELS.items()}
    contacts: Counter[int] = Counter()
    for row in talked:
        contacts[row["id"]] += row["n"] * price[row["kind"]]
    visits = NOW * rate(state, *VISIT)
    return [{**each, "margin": margin.get(each["id"], 0.0), "visits": visits, "cost": visits + contacts[each["id"]]} for each in customers(state, day)]


def _years_before(day: str, years: int = 1) -> str:
    return f"{int(day[:4]) - years}{day[4:]}"  # days are compared as texts: a 29 February need not exist


def rate(state: State, card: str, key: str) -> float:
    """Give a rate of the newest period."""
    found = state.rows("rate_cards", card=card, key=key)
    return float(max(found, key=lambda row: str(row["period"]))["value"])


# Shares and counts


def top_share(state: State, *, day: str, top: int, by: str = "revenue", years: int = 1, cancelled: bool = False) -> float | None:
    """What so many of the greatest bring, in per cent of what all bring: revenue, orders or margin."""
    rows = with_costs(state, day) if by == "margin" else customers(state, day, years=years, cancelled=cancelled)
    values = sorted((row[by] for row in rows), reverse=True)
    return 100 * sum(values[:top]) / sum(values) if sum(values) else None


def unprofitable(state: State, *, day: str, brings: str = "margin", costs: str = "cost", buyers_only: bool = False) -> float:
    """How many customers bring less than they cost."""
    return float(sum(row[brings] < row[costs] for row in with_costs(state, day) if row["orders"] or not buyers_only))


def of_size(state: State, *, day: str, top: int, size: str) -> float:
    """How many of the greatest have this size."""
    return float(sum(row["size"] == size for row in customers(state, day)[:top]))


def edge(state: State, *, day: str, place: int) -> float:
    """What the customer at this place bought for."""
    return float(customers(state, day)[place - 1]["revenue"])


def between(state: State, *, day: str, low: float = 0, high: float | None = None) -> float:
    """How many customers bought for so much, to below so much."""
    return float(sum(takes({"field": "revenue_year", "from_value": low, "below_value": high}, row) for row in customers(state, day)))


# Segment rules


def segment_rules(state: State) -> list[Row]:
    return [rule for rule in state.rows("rules", kind="segment") if rule["active"]]


def takes(rule: Mapping[str, Any], customer: Mapping[str, Any]) -> bool:
    """Tell whether a segment rule takes this customer: from its first value on, to below its second; sizes are listed."""
    if rule["field"] == "size":
        return customer["size"] in (rule["value"] or "").split(", ")
    value, low, high = customer[MEASURED[rule["field"]]], rule["from_value"], rule["below_value"]
    # The revenue of a year is a sum: what it is off by in the last place must not decide.
    return (low is None or value >= low - 0.005) and (high is None or value < high - 0.005)


def taken(rules: Sequence[Row], rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Give the rules that take each customer. A rule that leaves its customers without any coverage takes nobody."""
    serving = [rule for rule in rules if rule["coverage"] != "none"]
    return {row["id"]: [rule for rule in serving if takes(rule, row)] for row in rows}


def uncovered(state: State, *, day: str) -> float:
    return float(sum(not rules for rules in taken(segment_rules(state), customers(state, day)).values()))


def covered_twice(state: State, *, day: str) -> float:
    return float(sum(len(rules) > 1 for rules in taken(segment_rules(state), customers(state, day)).values()))


def held(state: State, *, day: str, coverage: str, top: int | None = None) -> float:
    """How many customers the rules with this coverage take, of all or of so many of the greatest."""
    rows = customers(state, day)[:top]
    return float(sum(bool(rules) for rules in taken([rule for rule in segment_rules(state) if rule["coverage"] == coverage], rows).values()))


def without_manager(state: State, *, day: str, coverage: str) -> float:
    """How many customers of the rules with this coverage have nobody who visits, is here and has room for them."""
    rows = customers(state, day)
    found = taken([rule for rule in segment_rules(state) if rule["coverage"] == coverage], rows)
    load = loads(state, "accounts.owner_id")
    fit = {
        row["id"] for row in state.rows("employees")
        if row["role"] in MANAGERS and (row["left_on"] is None or row["left_on"] > day) and load[row["id"]].count <= (load[row["id"]].most or 0)
    }  # fmt: skip
    return float(sum(row["owner_id"] not in fit for row in rows if found[row["id"]]))


def plan_cost(state: State, rule: Mapping[str, Any]) -> float:
    """What one customer of a segment costs in a year by the rate card."""
    contacts = {VISIT: rule["visits_year"], ("channel-cost", "phone"): rule["calls_year"], ("channel-cost", "web"): rule["web_year"]}
    return sum((number or 0) * rate(state, *card) for card, number in contacts.items())


def saving(state: State, *, day: str, gross: bool = False) -> float:
    """What a year costs less by the segment rules than two visits to everybody do; `gross` forgets what the rules cost."""
    rows, rules = customers(state, day), segment_rules(state)
    planned = sum(len(each) * plan_cost(state, rule) for rule in rules for each in [[row for row in rows if takes(rule, row)]])
    return len(rows) * NOW * rate(state, *VISIT) - (0 if gross else planned)


FIGURES: Mapping[str, Callable[..., float | None]] = {
    "top-share": top_share, "unprofitable": unprofitable, "of-size": of_size, "edge": edge, "between": between, "uncovered": uncovered, "covered-twice": covered_twice,
    "held": held, "without-manager": without_manager, "saving": saving,
}  # fmt: skip
