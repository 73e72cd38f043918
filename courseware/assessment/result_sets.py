"""Compare two result sets under a stated policy: what counts as the same column, row and value. What it is worth is the business of the kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from courseware.assessment.questions import Model

MOST_TRIED = 200  # orders of columns

Columns = Literal["any-order", "as-asked", "by-name"]
Row = tuple[Any, ...]


class ResultSet(Model):
    """What a query gave. One that `is_cut` had more rows than are kept, and equals no other."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    is_cut: bool = False


@dataclass(frozen=True)
class Policy:
    """How result sets are compared.

    Columns in any order whatever their names, in the order asked for, or by their names in any order; rows with or without their order, a row
    that stands twice counted twice or once; numbers after rounding to so many decimals.
    """

    columns: Columns = "any-order"
    ordered: bool = False
    distinct: bool = False
    decimals: int = 2


@dataclass(frozen=True)
class Comparison:
    """How a result set stands to the one wanted: rows that match, that are missing, that are too many; `in_order` is False where only the order of rows differs."""

    right: int
    missing: int
    extra: int
    columns: bool
    in_order: bool = True

    @property
    def is_equal(self) -> bool:
        return self.columns and not self.missing and not self.extra and self.in_order

    @property
    def is_misordered(self) -> bool:
        """Whether every row is there and none too many, in another order than was asked for."""
        return self.columns and not self.missing and not self.extra and not self.in_order

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall over rows: 2 × right ÷ (rows given + rows wanted). C. J. van Rijsbergen, 1979."""
        whole = 2 * self.right + self.missing + self.extra
        return 2 * self.right / whole if whole else float(self.columns)


def compare(given: ResultSet, wanted: ResultSet, policy: Policy) -> Comparison:
    """Compare under the policy. Of several ways to lay the columns onto each other the one with most rows right counts."""
    if len(given.columns) != len(wanted.columns):
        return Comparison(0, len(wanted.rows), len(given.rows), columns=False)
    rows = [_values(row, policy.decimals) for row in wanted.rows]
    own = [_values(row, policy.decimals) for row in given.rows]
    best = Comparison(0, len(rows), len(own), columns=False)
    for order in _orders(given, wanted, policy.columns, own, rows):
        found = _compared([tuple(row[place] for place in order) for row in own], rows, policy)
        if found.is_equal:
            return found if not given.is_cut else Comparison(found.right, found.missing, found.extra + 1, columns=True)
        best = max(best, found, key=lambda one: (one.columns, one.right, one.in_order))
    return best


def _orders(given: ResultSet, wanted: ResultSet, columns: Columns, own: Sequence[Row], rows: Sequence[Row]) -> Iterator[tuple[int, ...]]:
    """Give the orders to put the given columns into, the likeliest first."""
    straight = tuple(range(len(wanted.columns)))
    if columns == "as-asked":
        yield straight
    elif columns == "by-name":
        names = [name.strip().casefold() for name in given.columns]
        asked = [name.strip().casefold() for name in wanted.columns]
        if sorted(names) == sorted(asked) and len(set(asked)) == len(asked):
            yield tuple(names.index(name) for name in asked)
    else:
        yield from islice(_consistent([Counter(row[place] for row in own) for place in straight], [Counter(row[place] for row in rows) for place in straight]), MOST_TRIED)
        yield straight
        yield _likeliest(straight, own, rows)


def _consistent(own: Sequence[Counter[Any]], asked: Sequence[Counter[Any]], chosen: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Give every order in which each column holds exactly what the column asked for holds: no other makes equal sets."""
    if len(chosen) == len(asked):
        yield chosen
        return
    for place, held in enumerate(own):
        if place not in chosen and held == asked[len(chosen)]:
            yield from _consistent(own, asked, (*chosen, place))


def _likeliest(straight: tuple[int, ...], own: Sequence[Row], rows: Sequence[Row]) -> tuple[int, ...]:
    """Lay each column onto that which shares most values with it."""
    left, order = list(straight), []
    for place in straight:
        held = Counter(row[place] for row in rows)
        order.append(max(left, key=lambda one: ((Counter(row[one] for row in own) & held).total(), one == place)))
        left.remove(order[-1])
    return tuple(order)


def _compared(own: Sequence[Row], rows: Sequence[Row], policy: Policy) -> Comparison:
    if policy.distinct:
        own, rows = list(dict.fromkeys(own)), list(dict.fromkeys(rows))
    right = sum((Counter(own) & Counter(rows)).values())
    in_order = not policy.ordered or list(own) == list(rows)
    if policy.ordered and not in_order and right < max(len(own), len(rows)):
        right = _longest_common(own, rows)
        in_order = True  # what is out of its order counts as missing and too many
    return Comparison(right, len(rows) - right, len(own) - right, columns=True, in_order=in_order)


def _longest_common(one: Sequence[Row], other: Sequence[Row]) -> int:
    """The length of the longest common subsequence, in |one| × |other| steps."""
    above = [0] * (len(other) + 1)
    for row in one:
        line = [0]
        for place, against in enumerate(other):
            line.append(above[place] + 1 if row == against else max(above[place + 1], line[place]))
        above = line
    return above[-1]


def _values(row: Sequence[Any], decimals: int) -> Row:
    return tuple(_value(value, decimals) for value in row)


def _value(value: Any, decimals: int) -> Any:
    """Make equal what counts as the same value: 1 and 1.0, .1 + .2 and .3. NULL is like NULL alone, and a text is never a number."""
    if isinstance(value, bool | int | float):
        try:
            return ("number", round(round(float(value), decimals + 6), decimals) + 0.0)
        except OverflowError:
            return ("number", str(value))
    return ("text", str(value).rstrip()) if value is not None else None
