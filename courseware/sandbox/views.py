"""Which rows of a table are wanted: filters as an address and a saved view write them, replayed without any SQL of a learner. How rows look is in queries.py."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from courseware.errors import Invalid
from courseware.i18n import message
from courseware.sandbox import clocks
from courseware.sandbox.state import Row, State
from courseware.sandbox.tables import Column, Table

EMPTY, FILLED = "-", "*"  # values of a filter: nothing is written there; something is
WORDS = "q"  # the key of the words searched for, beside the filters
RANGED = frozenset({"integer", "number", "money", "minutes", "date", "datetime"})
WORDED = frozenset({"text", "long_text", "json", "ref"})
SEVERAL = frozenset({"choice", "ref", "bool"})  # a list of values, with commas, means any of them
_WHOLE = frozenset({"ref", "integer", "minutes", "bool"})
_TIME = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")


@dataclass(frozen=True)
class View:
    """What a list shows. A filter's key is a column, or a column with -from, -to (both inclusive) or -has (contains; of a record its number or name)."""

    table: str
    filters: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()  # none: those of the table
    sort: str = ""  # a leading dash turns it round
    search: str = ""


def is_filter(table: Table, key: str) -> bool:
    """Tell whether a key of an address filters this table."""
    name, dash, how = key.partition("-")
    if not table.has(name):
        return False
    kind = table.column(name).type
    return not dash or (how in ("from", "to") and kind in RANGED) or (how == "has" and kind in WORDED)


def condition(state: State, table: Table, key: str, value: str) -> tuple[str, list[Any]]:
    """Give the SQL of one filter, with its parameters. Raises Invalid naming the column for what is no filter and no value."""
    if not is_filter(table, key):
        raise Invalid(message("There is no column “%(name)s” to filter by.", name=key), key)
    name, _, how = key.partition("-")
    column = table.column(name)
    if how == "has":
        return _contains(state, column, value)
    if how:
        return f'"{name}" {">=" if how == "from" else "<="} ?', [_bound(column, value, last=how == "to")]
    if value in (EMPTY, FILLED):
        return f'"{name}" IS {"NOT " if value == FILLED else ""}NULL', []
    wanted = value.split(",") if column.type in SEVERAL else [value]
    known = [_value(column, each) for each in wanted if each != EMPTY]
    sql = f'"{name}" IN ({", ".join("?" * len(known))})' if len(known) > 1 else f'"{name}" = ?'
    return (f'({sql} OR "{name}" IS NULL)' if known else f'"{name}" IS NULL') if EMPTY in wanted else sql, known


def _contains(state: State, column: Column, value: str) -> tuple[str, list[Any]]:
    words = like(value)
    if not column.table:
        return f"\"{column.name}\" LIKE ? ESCAPE '\\'", [words]
    other = state.tables[column.table]
    names = [name for name in dict.fromkeys((other.number, other.title)) if name]
    found = " OR ".join(f"\"{name}\" LIKE ? ESCAPE '\\'" for name in names)
    return f'"{column.name}" IN (SELECT id FROM "{other.name}" WHERE {found})', [words] * len(names)


def like(words: str) -> str:
    """A pattern for LIKE that finds these words anywhere."""
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _value(column: Column, value: str) -> str | int | float:
    try:
        return int(value) if column.type in _WHOLE else float(value) if column.type in ("number", "money") else value
    except ValueError:
        raise Invalid(message("“%(value)s” is no value to filter by.", value=value), column.name) from None


def _bound(column: Column, value: str, *, last: bool) -> str | int | float:
    if column.type not in ("date", "datetime"):
        return _value(column, value)
    at = value.replace("T", " ")
    if not _TIME.fullmatch(at):
        raise Invalid(message("“%(value)s” is no value to filter by.", value=value), column.name)
    return f"{at} 23:59" if last and column.type == "datetime" and len(at) == 10 else at  # a day means all of it


def check(state: State, view: View) -> None:
    """Refuse a view that could not be listed. Raises Invalid naming the field of the saved view."""
    if view.table not in state.tables:
        raise Invalid(message("There is no table “%(name)s”.", name=view.table), "source")
    table = state.tables[view.table]
    for key, value in view.filters.items():
        try:
            condition(state, table, key, value)
        except Invalid as wrong:
            raise Invalid(wrong.message, "filters") from None
    for name in (*view.columns, view.sort.removeprefix("-")):
        if name and name != "id" and name not in columns_of(table):
            raise Invalid(message("There is no column “%(name)s” in this table.", name=name), "sort" if name == view.sort.removeprefix("-") else "columns")


def columns_of(table: Table) -> dict[str, Column]:
    """The columns a list can show, by name: those of the table, then its clocks."""
    return {column.name: column for column in (*table.columns, *clocks.columns_of(table.name))}


def view_of(row: Row) -> View:
    """Read a row of saved_views. What cannot be read is taken as not asked."""
    filters, columns = _json(row["filters"], dict), _json(row["columns"], list)
    words = str(filters.pop(WORDS, ""))
    return View(str(row["source"]), {str(key): str(value) for key, value in filters.items()}, tuple(map(str, columns)), str(row["sort"] or ""), words)


def _json(text: Any, kind: type) -> Any:
    try:
        read = json.loads(text) if text else kind()
    except ValueError:
        return kind()
    return read if isinstance(read, kind) else kind()
