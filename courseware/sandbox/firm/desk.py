"""What several generators look up: people, equipment and orders of an account, and how often an account turns up."""

from __future__ import annotations

import bisect
import random
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from typing import Any

from courseware.sandbox.firm.draft import Draft, Row, at


class Desk:
    """Indexes over the rows made so far."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.people = _grouped(draft.rows["contacts"], "account_id")
        self.equipment = _grouped(draft.rows["assets"], "account_id")
        self.orders = _grouped(draft.rows["orders"], "account_id")
        self._days = {account: [row["ordered_on"] for row in rows] for account, rows in self.orders.items()}
        self._families = {row["id"]: row["family"] for row in draft.rows["products"]}
        self.buyers = [row for row in draft.rows["accounts"] if row["id"] in self.people and row["id"] in self.orders]
        self._until = list(accumulate(len(self.orders[row["id"]]) ** 0.7 for row in self.buyers))
        self.agents = draft.staff("Service agent", "Inside sales")

    def buyer(self, rng: random.Random) -> Row:
        """Draw a customer: who buys more turns up more often, though not in proportion."""
        return self.buyers[bisect.bisect(self._until, rng.random() * self._until[-1])]

    def contact(self, rng: random.Random, account: Row) -> Row:
        return rng.choice(self.people[account["id"]])

    def order_before(self, rng: random.Random, account: Row, moment: datetime) -> Row | None:
        """Give one of the account's last orders before the moment; orders are in the order of their days."""
        orders, past = self.orders.get(account["id"], []), bisect.bisect_left(self._days.get(account["id"], []), at(moment))
        return rng.choice(orders[max(0, past - 4) : past]) if past else None

    def equipment_before(self, rng: random.Random, account: Row, moment: datetime, families: tuple[str, ...]) -> Row | None:
        """Give equipment of these families that the account had in use at the moment."""
        before = at(moment)
        known = [row for row in self.equipment.get(account["id"], ()) if row["installed_on"] < before and self._families[row["product_id"]] in families]
        return rng.choice(known) if known else None

    def product(self, rng: random.Random, families: tuple[str, ...]) -> Row:
        return rng.choice(self._by_families(families))

    def ordered(self, rng: random.Random, order: Row | None) -> Row | None:
        """Give a product of an order."""
        return self._draft.row("products", rng.choice(self._lines[order["id"]])["product_id"]) if order else None

    @cached_property
    def articles(self) -> dict[str, list[Row]]:
        return _grouped([row for row in self._draft.rows["knowledge_articles"] if row["status"] == "published"], "reason_code")

    @cached_property
    def cases(self) -> dict[int, list[Row]]:
        return _grouped(self._draft.rows["cases"], "account_id")

    @cached_property
    def _lines(self) -> dict[int, list[Row]]:
        return _grouped(self._draft.rows["order_lines"], "order_id")

    @cached_property
    def _products(self) -> dict[tuple[str, ...], list[Row]]:
        return {}

    def _by_families(self, families: tuple[str, ...]) -> list[Row]:
        if families not in self._products:
            self._products[families] = [row for row in self._draft.rows["products"] if row["family"] in families]
        return self._products[families]


def within_hours(moment: datetime) -> datetime:
    """Move a moment of the night to the morning of its day."""
    return moment if 8 <= moment.hour < 19 else moment.replace(hour=9 + moment.minute % 9)


def _grouped(rows: list[Row], column: str) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        if row.get(column):
            found.setdefault(row[column], []).append(row)
    return found
