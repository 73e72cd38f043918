"""Read the declared tables of the practice CRM and make DDL and value checks from them. Rows and verbs live elsewhere."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from courseware.i18n import Message, Text, message

Path = tuple[str | int, ...]
Fault = Callable[[Path, str], None]

STORED_AS: Mapping[str, str] = MappingProxyType(
    {
        "integer": "INTEGER",
        "number": "REAL",
        "money": "REAL",
        "minutes": "INTEGER",
        "text": "TEXT",
        "long_text": "TEXT",
        "date": "TEXT",
        "datetime": "TEXT",
        "bool": "INTEGER",
        "choice": "TEXT",
        "ref": "INTEGER",
        "json": "TEXT",
    }
)
AREAS = ("customers", "marketing", "sales", "service", "quality", "firm")  # where the menu shows a table
MOMENT = "%Y-%m-%d %H:%M"  # how every table of the firm writes a moment, in its own time
LONGEST = MappingProxyType({"text": 400, "long_text": 20_000})

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TABLE_KEYS = frozenset({"name", "area", "label", "singular", "title", "number", "time", "list", "columns"})
_COLUMN_KEYS = frozenset({"name", "type", "label", "required", "choices", "table"})


@dataclass(frozen=True)
class Column:
    """One column: its type, its label, and the choices or the table it refers to."""

    name: str
    type: str
    label: Text
    required: bool = False
    choices: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))
    table: str | None = None


@dataclass(frozen=True)
class Table:
    """One table. Besides its columns it always has `id`. `title`, `number` and `time` name columns."""

    name: str
    label: Text
    singular: Text
    title: str
    columns: tuple[Column, ...]
    number: str | None = None
    time: str | None = None
    list: tuple[str, ...] = ()
    area: str = "firm"

    def column(self, name: str) -> Column:
        """Give a column by name, or raise KeyError naming those there are."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name!r} has no column {name!r}; it has: {', '.join(c.name for c in self.columns)}")

    def has(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)

    @cached_property
    def about(self) -> tuple[Column, ...]:
        """The references that name a row without a title of its own: that of `title`, and where it is empty those after it (a lead where there is no contact)."""
        names = [column.name for column in self.refs]
        return self.refs[names.index(self.title) :] if self.title in names else ()

    @cached_property
    def refs(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.table)


class Tables(Mapping[str, Table]):
    """All tables by name, in the order in which they were declared."""

    def __init__(self, tables: Sequence[Table] = ()) -> None:
        self._by_name = {table.name: table for table in tables}

    def __getitem__(self, name: str) -> Table:
        try:
            return self._by_name[name]
        except KeyError:
            raise KeyError(f"unknown table {name!r}; known: {', '.join(self._by_name)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def pointing_at(self, name: str) -> tuple[tuple[Table, Column], ...]:
        """Give every (table, column) that refers to the named table: the related lists of its record page."""
        return tuple((table, column) for table in self.values() for column in table.refs if column.table == name)


def read_tables(data: object, fault: Fault) -> Tables:
    """Read the list of tables.yaml. Each fault goes to `fault(path, sentence)`; what is sound is read all the same."""
    if not isinstance(data, list):
        fault((), "expected a list of tables")
        return Tables()
    tables: list[Table] = []
    for index, entry in enumerate(data):
        table = _read_table(entry, (index,), fault)
        if table is None:
            continue
        if any(table.name == other.name for other in tables):
            fault((index, "name"), f"table {table.name!r} is declared twice")
            continue
        tables.append(table)
    _check_refs(data, {table.name for table in tables}, fault)
    return Tables(tables)


def ddl(table: Table) -> list[str]:
    """Give the statements that create the table and an index on each of its ref columns."""
    columns = ["id INTEGER PRIMARY KEY", *(column_ddl(column) for column in table.columns)]
    create = f'CREATE TABLE "{table.name}" ({", ".join(columns)}) STRICT'
    return [create, *(f'CREATE INDEX "{table.name}_{ref.name}" ON "{table.name}" ("{ref.name}")' for ref in table.refs)]


def validate(column: Column, value: object) -> Message | None:
    """Say what is wrong with a value for a column, or None. Whether a ref's record exists is for the state to say."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return message("This is needed.") if column.required else None
    return _CHECKS[column.type](column, value)


def column_ddl(column: Column) -> str:
    """Give how a statement declares the column."""
    words = [f'"{column.name}"', STORED_AS[column.type]]
    if column.required:
        words.append("NOT NULL")
    if column.table:
        words.append(f'REFERENCES "{column.table}" (id)')
    return " ".join(words)


# Reading


def _read_table(entry: object, at: Path, fault: Fault) -> Table | None:
    if not isinstance(entry, dict):
        fault(at, "expected a table with name, label, singular, title and columns")
        return None
    _unknown_keys(entry, _TABLE_KEYS, at, fault)
    name = _read_name(entry, at, fault, "table")
    columns = _read_columns(entry.get("columns"), (*at, "columns"), fault)
    known = {column.name for column in columns}
    for key in ("title", "number", "time"):
        if entry.get(key) is not None and entry[key] not in known | {"id"}:
            fault((*at, key), f"unknown column {entry[key]!r}; known: {', '.join(sorted(known))}")
    if entry.get("title") is None:
        fault(at, "a table needs `title`: the column that names a record to a person")
    shown = _read_list(entry.get("list", []), known, (*at, "list"), fault)
    area = entry.get("area", "firm")
    if area not in AREAS:
        fault((*at, "area"), f"unknown area {area!r}; known: {', '.join(AREAS)}")
    label = _read_text(entry, "label", at, fault)
    singular = _read_text(entry, "singular", at, fault)
    if name is None:
        return None
    return Table(name, label, singular, str(entry.get("title", "id")), columns, _name_or_none(entry, "number"), _name_or_none(entry, "time"), shown, area)


def _read_columns(entries: object, at: Path, fault: Fault) -> tuple[Column, ...]:
    if not isinstance(entries, list) or not entries:
        fault(at, "expected a list of columns")
        return ()
    columns: list[Column] = []
    for index, entry in enumerate(entries):
        column = _read_column(entry, (*at, index), fault)
        if column is None:
            continue
        if any(column.name == other.name for other in columns):
            fault((*at, index, "name"), f"column {column.name!r} is declared twice")
            continue
        columns.append(column)
    return tuple(columns)


def _read_column(entry: object, at: Path, fault: Fault) -> Column | None:
    if not isinstance(entry, dict):
        fault(at, "expected a column with name, type and label")
        return None
    _unknown_keys(entry, _COLUMN_KEYS, at, fault)
    name = _read_name(entry, at, fault, "column")
    kind = entry.get("type")
    if name == "id":
        fault((*at, "name"), "every table has the column `id` already; do not declare it")
        return None
    if not isinstance(kind, str) or kind not in STORED_AS:
        fault((*at, "type"), f"unknown type {kind!r}; known: {', '.join(sorted(STORED_AS))}")
        return None
    choices = _read_choices(entry, kind, at, fault)
    target = entry.get("table")
    if (kind == "ref") != isinstance(target, str):
        fault((*at, "type"), "a column of type ref, and no other, names its `table`")
        return None
    required = entry.get("required", False)
    if not isinstance(required, bool):
        fault((*at, "required"), "expected true or false")
    label = _read_text(entry, "label", at, fault)
    return None if name is None else Column(name, kind, label, required is True, choices, target if isinstance(target, str) else None)


def _read_choices(entry: Mapping[str, Any], kind: str, at: Path, fault: Fault) -> Mapping[str, Text]:
    choices = entry.get("choices")
    if kind != "choice":
        if choices is not None:
            fault((*at, "choices"), "only a column of type choice has choices")
        return MappingProxyType({})
    if not isinstance(choices, dict) or not choices:
        fault(at, "a column of type choice needs `choices`")
        return MappingProxyType({})
    for key in choices:
        if not isinstance(key, str):
            fault((*at, "choices"), f"the choice {key!r} is not a text; quote words such as yes and no")
    return MappingProxyType({str(key): _read_text(choices, key, (*at, "choices"), fault) for key in choices})


def _read_list(entries: object, known: set[str], at: Path, fault: Fault) -> tuple[str, ...]:
    if not isinstance(entries, list):
        fault(at, "expected a list of columns")
        return ()
    for index, name in enumerate(entries):
        if name not in known | {"id"}:
            fault((*at, index), f"unknown column {name!r}; known: {', '.join(sorted(known))}")
    return tuple(name for name in entries if name in known | {"id"})


def _read_name(entry: Mapping[str, Any], at: Path, fault: Fault, what: str) -> str | None:
    name = entry.get("name")
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    fault((*at, "name"), f'{name!r} is no name for a {what}: lower-case letters, digits and _ (quote "no", which YAML reads as false)')
    return None


def _read_text(entry: Mapping[Any, Any], key: Any, at: Path, fault: Fault) -> Text:
    try:
        return Text(entry[key])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = "is missing" if isinstance(error, KeyError) else str(error)
        fault((*at, key), f"{key}: {reason}; expected {{en: …, zh: …}}")
        return Text({"en": str(key)})


def _unknown_keys(entry: Mapping[Any, Any], known: frozenset[str], at: Path, fault: Fault) -> None:
    for key in entry:
        if key not in known:
            fault((*at, str(key)), f"unknown key {key!r}; known: {', '.join(sorted(known))}")


def _name_or_none(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return value if isinstance(value, str) else None


def _check_refs(data: Sequence[object], known: set[str], fault: Fault) -> None:
    for index, entry in enumerate(data):
        columns = entry.get("columns") if isinstance(entry, dict) else None
        for place, column in enumerate(columns if isinstance(columns, list) else ()):
            target = column.get("table") if isinstance(column, dict) else None
            if isinstance(target, str) and target not in known:
                fault((index, "columns", place, "table"), f"unknown table {target!r}; known: {', '.join(sorted(known))}")


# Values


def _whole(column: Column, value: object) -> Message | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    return message("“%(value)s” is not a whole number.", value=value)


def _minutes(column: Column, value: object) -> Message | None:
    wrong = _whole(column, value)
    return wrong if wrong or (isinstance(value, int) and value >= 0) else message("Minutes cannot be less than 0.")


def _number(column: Column, value: object) -> Message | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return None
    return message("“%(value)s” is not a number.", value=value)


def _money(column: Column, value: object) -> Message | None:
    wrong = _number(column, value)
    if wrong or not isinstance(value, (int, float)) or abs(round(value, 2) - value) < 1e-6:
        return wrong
    return message("An amount has at most two places after the point; this is %(value)s.", value=value)


def _text(column: Column, value: object) -> Message | None:
    if not isinstance(value, str):
        return message("“%(value)s” is not a text.", value=value)
    most = LONGEST[column.type]
    if len(value) > most:
        return message("This is too long: %(length)s characters, at most %(most)s.", length=len(value), most=most)
    return message("This text must stay on one line.") if column.type == "text" and "\n" in value else None


def _date(column: Column, value: object) -> Message | None:
    try:
        ok = isinstance(value, str) and len(value) == 10 and date.fromisoformat(value).isoformat() == value
    except ValueError:
        ok = False
    return None if ok else message("“%(value)s” is not a date like 2026-03-16.", value=value)


def _datetime(column: Column, value: object) -> Message | None:
    try:
        ok = isinstance(value, str) and datetime.strptime(value, MOMENT).strftime(MOMENT) == value
    except ValueError:
        ok = False
    return None if ok else message("“%(value)s” is not a time like 2026-03-16 09:30.", value=value)


def _bool(column: Column, value: object) -> Message | None:
    return None if value in (0, 1) and isinstance(value, int) else message("“%(value)s” is neither yes nor no.", value=value)


def _choice(column: Column, value: object) -> Message | None:
    if isinstance(value, str) and value in column.choices:
        return None
    return message("“%(value)s” is not one of the choices: %(choices)s.", value=value, choices=", ".join(column.choices))


def _ref(column: Column, value: object) -> Message | None:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return None
    return message("“%(value)s” is not the id of a record.", value=value)


def _json(column: Column, value: object) -> Message | None:
    try:
        json.loads(value)  # type: ignore[arg-type]  # a wrong type is answered like a wrong text
    except (TypeError, ValueError):
        return message("“%(value)s” is not JSON text.", value=value)
    return None


_CHECKS: Mapping[str, Callable[[Column, object], Message | None]] = MappingProxyType(
    {
        "integer": _whole,
        "number": _number,
        "money": _money,
        "minutes": _minutes,
        "text": _text,
        "long_text": _text,
        "date": _date,
        "datetime": _datetime,
        "bool": _bool,
        "choice": _choice,
        "ref": _ref,
        "json": _json,
    }
)
