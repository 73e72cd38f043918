"""The base under construction: rows table by table, a random source a table, and the working calendar. No table's rules live here."""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from courseware.sandbox.firm.material import Material
from courseware.sandbox.tables import MOMENT

if TYPE_CHECKING:
    from courseware.sandbox.firm.voice import Voice

Row = dict[str, Any]
T = TypeVar("T")


class Draft:
    """Rows made so far. Generators add to it in order; a later one reads what earlier ones made."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.rows: dict[str, list[Row]] = {}
        self.told: dict[int, Voice] = {}  # how each customer's case was told, for later talks about it

    def random(self, table: str) -> random.Random:
        """Give a table's own random source, so that widening one table leaves the others as they are."""
        return random.Random(f"{self.material.firm.seed}/{table}")

    def add(self, table: str, **values: Any) -> Row:
        """Add a row with the next id of its table."""
        rows = self.rows.setdefault(table, [])
        row = {"id": len(rows) + 1, **values}
        rows.append(row)
        return row

    def row(self, table: str, id: int) -> Row:
        return self.rows[table][id - 1]

    def department(self, code: str) -> Row:
        return next(row for row in self.rows["departments"] if row["code"] == code)

    def staff(self, *roles: str) -> list[Row]:
        """Give the colleagues of these roles who are still with the firm."""
        return [row for row in self.rows["employees"] if row["role"] in roles and row["login_active"]]

    @cached_property
    def now(self) -> datetime:
        """The end of the last working day: nothing has happened after it."""
        return datetime.combine(self.calendar.end, datetime.min.time()) + timedelta(hours=18)

    @cached_property
    def calendar(self) -> Calendar:
        firm = self.material.firm
        return Calendar(firm.start, firm.end, firm.holidays, firm.seasons, firm.weekdays, firm.growth)


class Calendar:
    """The working days of the two years, heavier in season and early in the week."""

    def __init__(self, start: date, end: date, holidays: Sequence[tuple[date, date]], seasons: Mapping[int, float], weekdays: Sequence[float], growth: float) -> None:
        self.start, self.end = start, end
        days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
        self.days = [day for day in days if day.weekday() < 5 and not any(first <= day <= last for first, last in holidays)]
        weights = (seasons[day.month] * weekdays[day.weekday()] * growth ** ((day - start).days / 365) for day in self.days)
        self._until = list(itertools.accumulate(weights))

    def day(self, rng: random.Random) -> date:
        """Draw a working day, in proportion to the season."""
        return self.days[bisect.bisect(self._until, rng.random() * self._until[-1])]

    def moment(self, rng: random.Random, day: date | None = None) -> datetime:
        """Draw a moment of a working day: mornings and mid-afternoons are busy."""
        hour = rng.choices(range(8, 19), weights=(2, 8, 11, 9, 4, 6, 10, 10, 8, 5, 2))[0]
        return datetime.combine(day or self.day(rng), datetime.min.time()) + timedelta(hours=hour, minutes=rng.randrange(60))

    def later(self, day: date, working_days: int) -> date:
        """Give the day so many working days later; past the end of the calendar weekends alone are left out."""
        place = bisect.bisect_left(self.days, day) + working_days
        if place < len(self.days):
            return self.days[place]
        found, left = self.days[-1], place - len(self.days) + 1
        while left:
            found += timedelta(days=1)
            left -= found.weekday() < 5
        return found


def pick(rng: random.Random, weights: Mapping[T, float]) -> T:
    """Draw a key in proportion to its weight."""
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def at(moment: datetime) -> str:
    """Write a moment as the sandbox stores it."""
    return moment.strftime(MOMENT)
