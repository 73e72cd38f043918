"""Products, orders with their lines, and the equipment in use. Who buys is in market.py, what goes wrong in service.py."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import accumulate

from courseware.sandbox.firm.draft import Draft, Row, pick
from courseware.sandbox.firm.material import Product

_SOURCES = {"sales": 52, "web": 26, "service": 10, "dealer": 4, "counter": 8}
_LINES = {1: 19, 2: 27, 3: 26, 4: 15, 5: 8, 6: 5}
_SIZE_RANK = {"large": 0.0, "medium": 1.2, "small": 2.1, "one": 3.2}
_GUEST_SHARE, _GUESTS = 0.05, 280
_INSTALLED = frozenset({"computers", "printers", "network", "diagnostics"})
_DATES = tuple(f"{step}_on" for step in ("ordered", "needed", "first_promised", "promised", "shipped", "received", "in_service", "invoice_due", "paid"))
_DEPOTS = {"north": "north", "east": "east", "south": "south", "west": "east"}


def products(draft: Draft) -> None:
    for entry in draft.material.products:
        draft.add("products", sku=entry.sku, name=entry.name, family=entry.family, list_price=entry.price,
                  unit_cost=entry.cost, warranty_months=entry.warranty, active=1)  # fmt: skip


def orders(draft: Draft) -> None:
    """Add orders in the order of their days: a few accounts buy often, many seldom, some buyers leave only a mobile."""
    rng = draft.random("orders")
    firm = draft.material.firm
    buyers = ranked_buyers(draft)
    until = list(accumulate(rank**-firm.tail.frequency for rank in range(1, len(buyers) + 1)))
    guests = [f"{firm.mobile_prefix}{number:04d}" for number in rng.sample(range(firm.mobiles_for_base), _GUESTS)]
    people = _people_by_account(draft)
    numbers: dict[int, int] = {}
    for day in sorted(draft.calendar.day(rng) for _ in range(firm.sizes.orders)):
        numbers[day.year] = numbers.get(day.year, 0) + 1
        guest = rng.random() < _GUEST_SHARE
        buyer = None if guest else rng.choices(buyers, cum_weights=until)[0]
        _order(draft, rng, numbers[day.year], day, buyer, rng.choice(guests) if guest else None, people)


def order_lines(draft: Draft) -> None:
    """Fill each order with what its industry buys, set its total, then mark the accounts that bring most."""
    rng = draft.random("order_lines")
    tail = draft.material.firm.tail.volume
    rank = {row["id"]: place for place, row in enumerate(ranked_buyers(draft), 1)}
    by_family = {family: {p: p.share for p in draft.material.products if p.family == family} for family in _families(draft)}
    ids = {row["sku"]: row["id"] for row in draft.rows["products"]}
    for order in draft.rows["orders"]:
        account = draft.row("accounts", order["account_id"]) if order["account_id"] else None
        volume = 2.2 * rank[account["id"]] ** -tail if account else 0.2
        total, installs = 0.0, False
        for line_no, product in enumerate(_basket(draft, rng, account, by_family), 1):
            qty = max(1, round(rng.triangular(product.pack[0], product.pack[1], product.pack[0]) * volume))
            price = round(product.price * (1 - _discount(rng, account, qty)), 2)
            total += qty * price
            installs = installs or product.family in _INSTALLED
            draft.add("order_lines", order_id=order["id"], line_no=line_no, product_id=ids[product.sku], qty=qty, price=price, unit_cost=product.cost)
        order["total"] = round(total, 2)
        if not installs:  # paper and parts are never put into service
            order["in_service_on"] = None
    _mark_segments(draft)


def assets(draft: Draft) -> None:
    """Register part of the equipment that arrived; the rest was bought and never registered, as in life."""
    rng = draft.random("assets")
    levels = {row["name"].split()[-1]: row["id"] for row in draft.rows["slas"]}
    for line in draft.rows["order_lines"]:
        order, product = draft.row("orders", line["order_id"]), draft.row("products", line["product_id"])
        if product["family"] in _INSTALLED and order["account_id"] and order["in_service_on"] and rng.random() < 0.18:
            for _ in range(min(line["qty"], 2)):
                _asset(draft, rng, order, product, levels)


def ranked_buyers(draft: Draft) -> list[Row]:
    """Give the accounts that buy, the greatest buyer first; size counts, and so does luck."""
    rng = draft.random("buyers")
    buyers = [row for row in draft.rows["accounts"] if row["kind"] in ("customer", "dealer", "public-body")]
    place = {row["id"]: _SIZE_RANK[row["size"]] + rng.gauss(0, 0.7) - 0.8 * (row["kind"] == "dealer") for row in buyers}
    return sorted(buyers, key=lambda row: (place[row["id"]], row["id"]))


def _order(draft: Draft, rng: random.Random, number: int, day: date, buyer: Row | None, mobile: str | None, people: dict[int, list[Row]]) -> None:
    source = "counter" if buyer is None else "dealer" if buyer["kind"] == "dealer" else pick(rng, _SOURCES)
    seller = draft.row("employees", buyer["owner_id"]) if buyer else rng.choice(draft.staff("Inside sales"))
    contact = rng.choice(people[buyer["id"]]) if buyer and buyer["id"] in people else None
    draft.add(
        "orders",
        no=f"{day.year % 100}-{number:04d}",
        account_id=buyer["id"] if buyer else None,
        contact_id=contact["id"] if contact else None,
        guest_mobile=mobile,
        source=source,
        depot=_DEPOTS[buyer["region"]] if buyer else rng.choice(("north", "east", "south")),
        employee_id=seller["id"] if source in ("sales", "counter", "dealer") else None,
        **_course(draft, rng, day, over_counter=buyer is None),
        total=0.0,
    )


def _course(draft: Draft, rng: random.Random, day: date, over_counter: bool) -> Row:
    """Give an order's dates and status as of the last day of the base."""
    end, later = draft.calendar.end, draft.calendar.later
    if over_counter:
        return {"status": "received", **dict.fromkeys(_DATES), **dict.fromkeys(("ordered_on", "shipped_on", "received_on", "paid_on"), day.isoformat())}
    first = later(day, rng.choice((2, 3, 3, 4, 5, 5, 7, 10)))
    promised = later(first, rng.choice((2, 3, 5, 8))) if rng.random() < 0.16 else first
    shipped = later(promised, rng.choices((-2, -1, 0, 1, 2, 4), weights=(6, 22, 52, 10, 6, 4))[0])
    shipped = max(shipped, later(day, 1))
    received = later(shipped, rng.choice((1, 1, 2, 2, 3)))
    in_service = later(received, rng.choice((0, 1, 2, 4, 9)))
    due = shipped + timedelta(days=30)
    paid = due + timedelta(days=round(rng.triangular(-25, 40, -2)))
    cancelled = rng.random() < 0.025
    status = "cancelled" if cancelled else "open" if shipped > end else "shipped" if received > end else "received"
    happened = {"shipped_on": shipped, "received_on": received, "in_service_on": in_service, "invoice_due_on": due, "paid_on": max(paid, shipped)}
    known = {name: None if cancelled or (when > end and name != "invoice_due_on") else when.isoformat() for name, when in happened.items()}
    if shipped > end:
        known["invoice_due_on"] = None
    needed = later(first, rng.choice((0, 0, 1, 3, 8)))
    return {"status": status, "ordered_on": day.isoformat(), "needed_on": needed.isoformat() if rng.random() < 0.6 else None, "first_promised_on": first.isoformat(),
            "promised_on": promised.isoformat(), **known}  # fmt: skip


def _basket(draft: Draft, rng: random.Random, account: Row | None, by_family: dict[str, dict[Product, int]]) -> list[Product]:
    market = draft.material.market
    fixed = {"dealer": market.dealer_buys, "public-body": market.public_buys}
    home = {"computers": 2, "printers": 4, "supplies": 6, "parts": 1}
    if account is None or account["industry"] == "private":
        buys = home
    else:
        buys = dict(fixed[account["kind"]] if account["kind"] in fixed else market.industries[account["industry"]].buys)
    chosen: list[Product] = []
    for _ in range(pick(rng, _LINES) if account else 1):
        product = pick(rng, by_family[pick(rng, buys)])
        if product not in chosen:
            chosen.append(product)
    return chosen


def _discount(rng: random.Random, account: Row | None, qty: int) -> float:
    if account is None:
        return 0.0
    base = 0.2 if account["kind"] == "dealer" else {"large": 0.06, "medium": 0.03}.get(account["size"], 0.0)
    return min(0.25, base + (0.03 if qty >= 10 else 0.0) + rng.choice((0.0, 0.0, 0.0, 0.01, 0.02)))


def _mark_segments(draft: Draft) -> None:
    """Segment A brings most of the revenue, then B, then C; the top 4 % of the buyers are key customers."""
    revenue: dict[int, float] = {}
    for order in draft.rows["orders"]:
        if order["account_id"] and order["status"] != "cancelled":
            revenue[order["account_id"]] = revenue.get(order["account_id"], 0.0) + order["total"]
    best = sorted(revenue, key=lambda account: (-revenue[account], account))
    for place, account_id in enumerate(best):
        account = draft.row("accounts", account_id)
        account["key_customer"] = int(place < round(len(best) * 0.04))
        account["segment"] = "A" if place < len(best) * 0.08 else "B" if place < len(best) * 0.3 else "C"


def _asset(draft: Draft, rng: random.Random, order: Row, product: Row, levels: dict[str, int]) -> None:
    installed = date.fromisoformat(order["in_service_on"])
    number = len(draft.rows.get("assets", ())) + 1
    until = date(installed.year + product["warranty_months"] // 12, installed.month, min(installed.day, 28))
    draft.add(
        "assets",
        serial=f"{product['sku']}-{installed.year % 100}{40_000 + number}",
        product_id=product["id"],
        account_id=order["account_id"],
        contact_id=order["contact_id"],
        order_id=order["id"],
        installed_on=installed.isoformat(),
        warranty_until=until.isoformat(),
        warranty_registered=int(rng.random() < 0.7),
        sla_id=levels[pick(rng, {"Standard": 70, "Silver": 20, "Gold": 10})],
    )


def _people_by_account(draft: Draft) -> dict[int, list[Row]]:
    people: dict[int, list[Row]] = {}
    for row in draft.rows["contacts"]:
        people.setdefault(row["account_id"], []).append(row)
    return people


def _families(draft: Draft) -> list[str]:
    return list(dict.fromkeys(entry.family for entry in draft.material.products))
