"""Expectations on rows: which rows, how many, what they hold. Checks of kind state and guard and the plant's own assertions use them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import Field, model_validator

from courseware.course.yaml import Strict
from courseware.i18n import Text
from courseware.sandbox import show
from courseware.sandbox.findings import Conditions, Miss, Repeat, Selection, nowhere
from courseware.sandbox.measures import Measure
from courseware.sandbox.scope import Scope, Selected, cell, failing, holds

NO_RECORD = Text({"en": "no record", "zh": "没有记录"})
NUMBER_OF_RECORDS = Text({"en": "number of records", "zh": "记录数"})


class Expectation(Strict):
    """Rows that must be there (`count`, at least one if left out) and must all hold what `has` says; or a measure that must fulfil `is`."""

    rows: Selection | None = None
    measure: Measure | None = None
    is_: Any = Field(default=None, alias="is")
    repeat: Repeat | None = None
    count: Any = None
    has: Conditions = {}
    teach: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Expectation:
        if (self.rows is None) == (self.measure is None) or (self.measure is None) != (self.is_ is None):
            raise ValueError("an expectation has `rows`, or a `measure` and what it `is`")
        return self


@dataclass(frozen=True)
class Judged:
    """How many expectations hold of how many (repeats counted), how many rows they found, what these hold, and the misses."""

    held: int
    of: int
    found: int
    values: tuple[Text, ...]
    misses: tuple[Miss, ...]


def judge(expectations: Iterable[Expectation], scope: Scope) -> Judged:
    """Judge every expectation, whatever the others come to."""
    held = of = found = 0
    misses: list[Miss] = []
    values: list[Text] = []
    for expectation in expectations:
        for inner in scope.repeated(expectation.repeat.raw() if expectation.repeat else None):
            if expectation.rows is None:
                missed = _wrong_figure(expectation, inner)
                held, of, misses = held + (not missed), of + 1, misses + missed
                continue
            selected = inner.select(expectation.rows)
            missed = _misses(expectation, inner, selected)
            held, of, found = held + (not missed), of + 1, found + len(selected.rows)
            misses += missed
            values += [show.value(scope.state, selected.table, column, cell(row, column)) for row in selected.rows[:3] for column in expectation.has]
    return Judged(held, of, found, tuple(values), tuple(misses))


def _wrong_figure(expectation: Expectation, scope: Scope) -> list[Miss]:
    figure = expectation.measure.of(scope) if expectation.measure else None
    wanted = scope.value(expectation.is_)
    return [] if holds(wanted, figure) else [Miss(holds=show.same("–" if figure is None else f"{figure:,.10g}"), expected=_count(wanted), teach=expectation.teach)]


def _misses(expectation: Expectation, scope: Scope, selected: Selected) -> list[Miss]:
    count = scope.value(expectation.count) if expectation.count is not None else {"at_least": 1}
    if not holds(count, len(selected.rows)):
        return [_wrong_number(expectation, scope, selected, count)]
    conditions = {column: scope.value(condition) for column, condition in expectation.has.items()}
    return [_wrong_row(expectation, scope, selected.table, row, columns, conditions) for row in selected.rows if (columns := failing(row, conditions))]


def _wrong_number(expectation: Expectation, scope: Scope, selected: Selected, count: Any) -> Miss:
    where = show.same(", ".join(show.title(scope.state, selected.table, row) for row in selected.rows)) if selected.rows else nowhere(scope.state, selected.table)
    first = selected.rows[0]["id"] if selected.rows else None
    wanted = show.joined([scope.state.tables[selected.table].label, NUMBER_OF_RECORDS, _count(count)], ": ")
    number = show.same(str(len(selected.rows))) if selected.rows else NO_RECORD
    return Miss(selected.table, first, where, NUMBER_OF_RECORDS, number, wanted, expectation.teach)


def _count(count: Any) -> Text:
    if not isinstance(count, dict):
        return show.same(str(count))
    signs = {"at_least": "≥", "at_most": "≤"}
    return show.same(" ".join(f"{signs.get(name, name)} {number}" for name, number in count.items()))


def _wrong_row(expectation: Expectation, scope: Scope, table: str, row: dict[str, Any], columns: list[str], conditions: dict[str, Any]) -> Miss:
    state = scope.state
    labels = [show.label(state.tables, table, column) for column in columns]
    holds_now = [show.value(state, table, column, cell(row, column)) for column in columns]
    wanted = [show.joined([label, show.condition(state, table, column, conditions[column])], ": ") for label, column in zip(labels, columns, strict=True)]
    where = show.same(show.title(state, table, row))
    return Miss(table, row["id"], where, show.joined(labels), show.joined(holds_now), show.joined(wanted), expectation.teach)
