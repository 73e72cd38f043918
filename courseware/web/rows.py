"""Rows of the practice CRM ready to print: which column heads them, how a cell is set, where it leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from courseware.sandbox.clocks import CLOCK
from courseware.sandbox.queries import ListRow
from courseware.sandbox.tables import Column

NUMBERS = frozenset({"integer", "number", "money", "minutes"})
LONG = frozenset({"long_text", "json"})
FREE_TEXT = 300  # characters of a long text that a list shows
TONES = ("", "over", "soon", "met")  # of a clock; its words say the same
_TAG = Markup('<td class="{}" data-l="{}">')


class RowShown(NamedTuple):
    """A row of a list: its id, its heading, which leads to the record, then each cell as (the tag that opens it, its text, where it leads)."""

    id: int
    href: str
    name: str
    cells: list[tuple[Markup, str, str | None]]


@lru_cache(maxsize=512)
def _named(columns: tuple[str, ...], title: str, number: str | None) -> int:
    """Which column heads a row: the title, else the number, else the first."""
    return next((columns.index(name) for name in (title, number) if name in columns), 0)


def name_column(columns: Sequence[Column], title: str, number: str | None) -> Column:
    return columns[_named(tuple(column.name for column in columns), title, number)]


def css_of(column: Column) -> str:
    if column.type == CLOCK:
        return "sla"
    return "num" if column.type in NUMBERS else "tn nowrap" if column.type in ("date", "datetime") or column.name == "no" else ""


def _toned(column: Column, tone: str) -> str:
    return f"{css_of(column)} sla-{tone}" if tone else css_of(column)


def rows_shown(rows: Iterable[ListRow], named: Column, others: Sequence[Column], address: str, table: str, language: str) -> tuple[RowShown, ...]:
    """Make the rows of a list ready to print."""
    tags = {(column.name, tone): _TAG.format(_toned(column, tone), column.label.to(language)) for column in others for tone in (TONES if column.type == CLOCK else ("",))}
    long = {column.name for column in (named, *others) if column.type in LONG}
    shown = []
    for row in rows:
        name, cells = "", []
        for cell in row.cells:
            text = cell.text.to(language)
            if cell.column in long:
                text = text[:FREE_TEXT]
            if cell.column == named.name:
                name = text
            elif (cell.column, cell.tone) in tags:
                cells.append((tags[cell.column, cell.tone], text, f"{address}/{cell.ref[0]}/{cell.ref[1]}" if cell.ref else None))
        shown.append(RowShown(row.id, f"{address}/{table}/{row.id}", name or row.title, cells))
    return tuple(shown)
