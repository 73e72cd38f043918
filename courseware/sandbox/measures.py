"""Figures taken from the rows of a state as it stands: what an answer from the learner's own data is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from inspect import signature
from statistics import fmean, median
from typing import Any, Literal

from pydantic import Field, model_validator

from courseware.course.yaml import Strict
from courseware.sandbox.customers import FIGURES
from courseware.sandbox.findings import Repeat, Selection
from courseware.sandbox.scope import Scope
from courseware.sandbox.state import Row

_TAKES: Mapping[str, Callable[[Sequence[float]], float]] = {"median": median, "mean": fmean, "most": max, "least": min, "sum": sum, "count": len}
_MINUTES = {"minutes": 1, "hours": 60}


class Measure(Strict):
    """A figure over rows: of the numbers in column `value`, or of the time from one moment to another; rows without it are left out.

    `from` and `to` are columns or written moments. Days are days of the calendar, whatever the hour.
    A share is the rows in per cent of the rows `among`, and needs nothing else. `repeat` selects the rows once for each element.
    A `figure` is computed by a function of customers.py, which is given what stands in `with`, instead of all this.
    """

    figure: str | None = None
    with_: dict[str, Any] = Field(default={}, alias="with")
    take: Literal["median", "mean", "most", "least", "sum", "count", "share"] | None = None
    rows: Selection | None = None
    repeat: Repeat | None = None
    among: Selection | None = None
    value: str | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    unit: Literal["days", "hours", "minutes"] = "days"

    @model_validator(mode="after")
    def _one_way(self) -> Measure:
        if self.figure is not None:
            return self._one_figure(self.figure)
        if self.take is None or self.rows is None:
            raise ValueError("a measure has `take` and `rows`, or a `figure`")
        if (self.take == "share") != (self.among is not None):
            raise ValueError("a share, and nothing else, is taken `among` rows")
        if self.take == "share" and self.value is self.from_ is self.to is None:
            return self
        if (self.value is None) == (self.from_ is None) or (self.from_ is None) != (self.to is None):
            raise ValueError("a measure has either `value` or both `from` and `to`")
        return self

    def of(self, scope: Scope) -> float | None:
        """Give the figure, or None where no row has what is measured."""
        if self.figure is not None:
            return FIGURES[self.figure](scope.state, **scope.plain(self.with_))
        if self.among is not None:
            among = len(scope.select(self.among).rows)
            return 100 * len(self._rows(scope)) / among if among else None
        numbers = [number for row in self._rows(scope) if (number := self._number(row)) is not None]
        return float(_TAKES[self.take or "count"](numbers)) if numbers or self.take == "count" else None

    def _one_figure(self, figure: str) -> Measure:
        if figure not in FIGURES:
            raise ValueError(f"unknown figure {figure!r}; known: {', '.join(sorted(FIGURES))}")
        known = list(signature(FIGURES[figure]).parameters)[1:]
        unknown = sorted(set(self.with_) - set(known))
        if unknown or self.model_fields_set - {"figure", "with_"}:
            raise ValueError(f"the figure {figure} takes nothing but `with`: {', '.join(known)}")
        return self

    def _rows(self, scope: Scope) -> list[Row]:
        scopes = scope.repeated(self.repeat.raw() if self.repeat else None)
        return [row for inner in scopes for row in inner.select(self.rows).rows]

    def _number(self, row: Row) -> float | None:
        if self.value is not None:
            return None if row[self.value] is None else float(row[self.value])
        earlier, later = _moment(row, self.from_), _moment(row, self.to)
        if earlier is None or later is None:
            return None
        if self.unit == "days":
            return float((date.fromisoformat(later[:10]) - date.fromisoformat(earlier[:10])).days)
        return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 60 / _MINUTES[self.unit]


def _moment(row: Row, name: Any) -> str | None:
    return row[name] if name in row else str(name)
