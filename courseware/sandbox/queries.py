"""Reads for the pages of the practice CRM, as frozen values: a list, a record with what belongs to it, choices for a form. All on a State."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.errors import Invalid, NotFound
from courseware.i18n import Text, message
from courseware.sandbox import clocks, show, views
from courseware.sandbox.state import Row, State
from courseware.sandbox.tables import Column, Table

Titles = Mapping[tuple[str, int], str]
SIZE, RELATED, MOST_SIZE = 25, 10, 200
WHOLE = frozenset({"dossier_lines", "order_lines"})  # short lists that are read from top to bottom
FILTERED = frozenset({"choice", "bool"})
LISTED_TIMES = ("interactions", "cases", "orders", "case_history", "tasks")  # what a time line shows


@dataclass(frozen=True)
class Cell:
    """A value ready to show; `ref` is the record it leads to."""

    column: str
    text: Text
    value: Any = None
    ref: tuple[str, int] | None = None
    tone: str = ""  # of a clock: over, soon, met


@dataclass(frozen=True)
class ListRow:
    id: int
    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ListPage:
    """One page of a table. `filters` are those that are set, `filterable` the columns that have choices."""

    table: Table
    columns: tuple[Column, ...]
    rows: tuple[ListRow, ...]
    total: int
    page: int
    pages: int
    search: str
    filters: Mapping[str, str]
    filterable: tuple[Column, ...]
    sort: str
    descending: bool


@dataclass(frozen=True)
class Fact:
    """A filled column of a record; `parts` is what a form left in it, each with its name."""

    label: Text
    cell: Cell
    parts: tuple[tuple[Text | None, Text], ...] = ()


@dataclass(frozen=True)
class Related:
    """Rows of another table that refer to a record by one column; the first of them."""

    table: Table
    column: Column
    columns: tuple[Column, ...]
    rows: tuple[ListRow, ...]
    total: int


@dataclass(frozen=True)
class Moment:
    """A point of a time line: a row of the CRM."""

    at: str
    table: str
    id: int
    kind: Text
    title: str
    body: Text
    by: str | None = None


@dataclass(frozen=True)
class RecordPage:
    """A record: key facts, what refers to it, and what happened to it, newest first."""

    table: Table
    id: int
    title: str
    facts: tuple[Fact, ...]
    related: tuple[Related, ...]
    timeline: tuple[Moment, ...]
    merged_into: tuple[str, int] | None = None


@dataclass(frozen=True)
class Option:
    """A record to choose in a form."""

    id: int
    title: str


def list_page(
    state: State, table: str, *, search: str = "", filters: Mapping[str, str] | None = None, sort: str = "", descending: bool = False, page: int = 1, size: int = SIZE,
    refs: bool = True, columns: Sequence[str] = (), now: str = "",
) -> ListPage:  # fmt: skip
    """Give a page of a table. Records merged away are left out. With `refs` the titles of what the list refers to are searched too; with `now` it has the table's clocks.

    Raises NotFound for no table, Invalid for no column.
    """
    declared = _declared(state, table)
    set_filters = {name: value for name, value in (filters or {}).items() if value != ""}
    where, parameters = _where(state, declared, search.strip(), set_filters, refs=refs)
    total = state.count(table, where, parameters)
    size = max(1, min(size, MOST_SIZE))
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    clock = clocks.clock_of(table, sort)
    order, down = _order(declared, sort if now or not clock else "", descending)
    if clock and now:
        rows = _by_clock(state, declared, clock, where, parameters, now, down, (page - 1) * size, size)
    else:
        direction = "DESC" if down else "ASC"
        sql = f'SELECT * FROM "{table}" WHERE {where} ORDER BY "{order}" {direction}, id {direction} LIMIT ? OFFSET ?'
        rows = state.query(sql, [*parameters, size, (page - 1) * size])
    shown = columns_shown(declared, columns, now)
    filterable = tuple(column for column in declared.columns if column.type in FILTERED)
    return ListPage(declared, shown, _list_rows(state, declared, shown, rows, now), total, page, pages, search, set_filters, filterable, order, down)


def columns_shown(table: Table, names: Sequence[str], now: str) -> tuple[Column, ...]:
    """The columns asked for, in their order; without any those of the table, with its clocks instead of the moments these tell."""
    if names:
        known = views.columns_of(table)
        return tuple(known[name] for name in names if name in known and (now or known[name].type != clocks.CLOCK)) or _listed(table)
    told = {clock.due for clock in clocks.CLOCKS.get(table.name, ())} if now else set()
    return (*(column for column in _listed(table) if column.name not in told), *(clocks.columns_of(table.name) if now else ()))


def _by_clock(state: State, table: Table, clock: clocks.Clock, where: str, parameters: list[Any], now: str, down: bool, skip: int, size: int) -> list[Row]:
    """Rows whose clock runs, the most urgent first (or last), then all others, the newest first."""
    running = clocks.by_urgency(state, table.name, clock, where, parameters, now)
    wanted = (running[::-1] if down else running)[skip : skip + size]
    found = {row["id"]: row for row in state.query(f'SELECT * FROM "{table.name}" WHERE id IN ({", ".join(map(str, wanted))})')} if wanted else {}
    rows = [found[id] for id in wanted]
    if len(rows) < size:
        others = f'SELECT * FROM "{table.name}" WHERE {where} AND id NOT IN ({", ".join(map(str, running))}) ORDER BY "{table.time or "id"}" DESC, id DESC LIMIT ? OFFSET ?'
        rows += state.query(others, [*parameters, size - len(rows), max(0, skip - len(running))])
    return rows


def matching(state: State, view: views.View, most: int = 100_000) -> list[int]:
    """Give the ids of the rows that a view lists, by id: a check replays a saved view with it. Raises NotFound or Invalid."""
    where, parameters = _where(state, _declared(state, view.table), view.search.strip(), view.filters)
    return [row["id"] for row in state.query(f'SELECT id FROM "{view.table}" WHERE {where} ORDER BY id LIMIT ?', [*parameters, most])]


def rows_of(state: State, table: str, ids: Sequence[int], columns: Sequence[str] = ()) -> tuple[ListRow, ...]:
    """Give some rows of a table as a list shows them, in the order of the ids; those that are not there are left out."""
    declared = _declared(state, table)
    marks = ", ".join("?" * len(ids))
    found = {row["id"]: row for row in state.query(f'SELECT * FROM "{table}" WHERE id IN ({marks})', list(ids))}
    return _list_rows(state, declared, columns_shown(declared, columns, ""), [found[id] for id in ids if id in found])


def search_all(state: State, search: str, tables: Iterable[str], most: int = 5) -> tuple[ListPage, ...]:
    """Look into several tables at once; those where nothing is found are left out. What a record refers to is not searched: it is found itself."""
    pages = (list_page(state, table, search=search, size=most, refs=False) for table in tables)
    return tuple(page for page in pages if page.total)


def record_page(state: State, table: str, id: int) -> RecordPage:
    """Give a record with all that belongs to it. Raises NotFound."""
    declared = _declared(state, table)
    row = state.get(table, id)
    if row is None:
        raise NotFound
    titles = _titles(state, [(declared, row)])
    facts = tuple(
        Fact(column.label, _cell(state, declared, column, row, titles), show.form(state, table, column, row[column.name]))
        for column in declared.columns if row[column.name] is not None
    )  # fmt: skip
    related = tuple(found for child, column in state.tables.pointing_at(table) if (found := _related(state, child, column, id)) is not None)
    merged = row.get("merged_into_id")
    return RecordPage(declared, id, show.title(state, table, row), facts, related, _timeline(state, table, id), (table, merged) if merged else None)


def choose(state: State, table: str, search: str = "", *, include: int | None = None, most: int = 50, among: Mapping[str, str] | None = None) -> tuple[Option, ...]:
    """Give records to choose from in a form: those whose number or title contains the words, and one that must be among them. `among` are filters."""
    declared = _declared(state, table)
    where, parameters = _where(state, declared, search.strip(), among or {}, refs=False)
    gone = " AND left_on IS NULL" if declared.has("left_on") else ""
    rows = state.query(f'SELECT * FROM "{table}" WHERE {where}{gone} ORDER BY id DESC LIMIT ?', [*parameters, most])
    kept = state.get(table, include) if include is not None and all(row["id"] != include for row in rows) else None
    listed = [kept, *rows] if kept else rows
    options = [Option(row["id"], show.title(state, table, row)) for row in listed]
    return tuple(sorted(options, key=lambda option: option.title))


def _declared(state: State, table: str) -> Table:
    if table not in state.tables:
        raise NotFound
    return state.tables[table]


def _listed(table: Table) -> tuple[Column, ...]:
    return tuple(table.column(name) for name in table.list if name != "id") or table.columns[:6]


def _where(state: State, table: Table, search: str, filters: Mapping[str, str], *, refs: bool = True) -> tuple[str, list[Any]]:
    wanted: list[str] = ["merged_into_id IS NULL"] if table.has("merged_into_id") and "merged_into_id" not in filters else []
    parameters: list[Any] = []
    for key, value in filters.items():
        sql, more = views.condition(state, table, key, value)
        wanted.append(sql)
        parameters += more
    if search:
        sql, more = _search(state, table, search, refs=refs)
        wanted.append(sql)
        parameters += more
    return " AND ".join(wanted) or "1", parameters


def _search(state: State, table: Table, search: str, *, refs: bool) -> tuple[str, list[Any]]:
    """Look into the texts of a table, and into the titles of what its list refers to. A telephone number is found however it is spaced."""
    like = views.like(search)
    texts = [column.name for column in table.columns if column.type == "text" or (column.name == table.title and not column.table)]
    wanted = [f"\"{name}\" LIKE ? ESCAPE '\\'" for name in texts]
    for column in _listed(table) if refs else ():
        if column.table:
            other = state.tables[column.table]
            wanted.append(f'"{column.name}" IN (SELECT id FROM "{other.name}" WHERE "{other.title}" LIKE ? ESCAPE \'\\\')')
    parameters = [like] * len(wanted)
    if digits := _telephone(search):
        wanted += [f"replace(replace(replace(\"{name}\", ' ', ''), '-', ''), '+', '') LIKE ?" for name in texts]
        parameters += [f"%{digits}%"] * len(texts)
    return f"({' OR '.join(wanted) or '0'})", parameters


def _telephone(search: str) -> str | None:
    """The digits of what looks like a telephone number typed with spaces, dashes or China's prefix; None if it is not one."""
    if not re.fullmatch(r"[+\d][\d\s-]{6,24}", search):
        return None
    digits = re.sub(r"\D", "", search)
    return digits.removeprefix("0086").removeprefix("86") if len(digits) > 11 else digits


def _order(table: Table, sort: str, descending: bool) -> tuple[str, bool]:
    if sort:
        if sort != "id" and sort not in views.columns_of(table):
            raise Invalid(message("There is no column “%(name)s” to sort by.", name=sort), "sort")
        return sort, descending
    return (table.time, True) if table.time else ("id", False)


def _list_rows(state: State, table: Table, columns: Sequence[Column], rows: Sequence[Row], now: str = "") -> tuple[ListRow, ...]:
    stored = [column for column in columns if column.type != clocks.CLOCK]
    titles = _titles(state, [(table, row) for row in rows], stored)
    times = clocks.readings(state, table.name, rows, now) if len(stored) < len(columns) else {}

    def cell(column: Column, row: Row) -> Cell:
        if column.type != clocks.CLOCK:
            return _cell(state, table, column, row, titles)
        read = times[row["id"], column.name]
        return Cell(column.name, read.text, read.left, tone=read.tone)

    def title(row: Row) -> str:
        about = show.about_of(table, row)
        return (titles.get(about) if about else None) or show.title(state, table.name, row)

    return tuple(ListRow(row["id"], title(row), tuple(cell(column, row) for column in columns)) for row in rows)


def _titles(state: State, rows: Iterable[tuple[Table, Row]], columns: Sequence[Column] | None = None) -> Titles:
    """Give the titles of all records that these rows refer to, with one query a table."""
    wanted: dict[str, set[int]] = {}
    for table, row in rows:
        for column in columns or table.columns:
            if column.table and row.get(column.name) is not None:
                wanted.setdefault(column.table, set()).add(row[column.name])
    found: dict[tuple[str, int], str] = {}
    for name, ids in wanted.items():
        other = state.tables[name]
        shown = ", ".join(f'"{column}"' for column in dict.fromkeys(column for column in ("id", other.number, other.title) if column))
        marks = ", ".join("?" * len(ids))
        for row in state.query(f'SELECT {shown} FROM "{name}" WHERE id IN ({marks})', sorted(ids)):
            found[name, row["id"]] = show.title(state, name, row)
    return found


def _cell(state: State, table: Table, column: Column, row: Row, titles: Titles) -> Cell:
    stored = row[column.name]
    if column.table and stored is not None:
        ref = (column.table, stored)
        return Cell(column.name, show.same(titles.get(ref, f"#{stored}")), stored, ref)
    return Cell(column.name, show.same("") if stored is None else show.told(state, table.name, column, stored), stored)


def _related(state: State, child: Table, column: Column, id: int) -> Related | None:
    if column.name == "merged_into_id" or child.name == "case_history":
        return None
    where = f'"{column.name}" = ?' + (" AND merged_into_id IS NULL" if child.has("merged_into_id") else "")  # as in every list
    total = state.count(child.name, where, (id,))
    if not total:
        return None
    order = f'"{child.time}" DESC, id DESC' if child.time else "id"
    most = MOST_SIZE if child.name in WHOLE else RELATED
    rows = state.query(f'SELECT * FROM "{child.name}" WHERE {where} ORDER BY {order} LIMIT ?', (id, most))
    columns = tuple(listed for listed in _listed(child) if listed.name != column.name)
    return Related(child, column, columns, _list_rows(state, child, columns, rows), total)


def _timeline(state: State, table: str, id: int, most: int = 60) -> tuple[Moment, ...]:
    """Give what happened around a record, newest first: every row with a time that refers to it."""
    moments: dict[tuple[str, int], Moment] = {}
    for child, column in state.tables.pointing_at(table):
        if child.name in LISTED_TIMES and child.time and column.name != "merged_into_id":
            sql = f'SELECT * FROM "{child.name}" WHERE "{column.name}" = ? AND "{child.time}" IS NOT NULL ORDER BY "{child.time}" DESC, id DESC LIMIT ?'
            rows = state.query(sql, (id, most))
            titles = _titles(state, [(child, row) for row in rows])
            moments.update({(child.name, row["id"]): _moment(state, child, row, titles) for row in rows})
    return tuple(sorted(moments.values(), key=lambda moment: (moment.at, moment.table, moment.id), reverse=True)[:most])


def _moment(state: State, table: Table, row: Row, titles: Titles) -> Moment:
    by = next((titles.get(("employees", row[name])) for name in ("by_id", "employee_id", "owner_id") if row.get(name) is not None), None)
    kind = table.singular
    if table.has("kind") and row["kind"]:
        kind = show.of_column(state, table.column("kind"), row["kind"])
    title = show.title(state, table.name, row)
    body = show.same(str(row.get("body") or ""))
    if table.name == "case_history":
        title, body = "", _change(state, row)
    elif table.has("status") and row["status"] and not row.get("body"):
        body = show.of_column(state, table.column("status"), row["status"])
    return Moment(str(row[table.time or "id"]), table.name, row["id"], kind, title, body, by)


def _change(state: State, row: Row) -> Text:
    """Say what a row of the case history changed, with labels where the field is a column of cases."""
    cases = state.tables["cases"]
    if not cases.has(str(row["field"])):
        return show.same(f"{row['field']}: {row['old'] or '–'} → {row['new'] or '–'}")
    column = cases.column(str(row["field"]))
    old, new = (_old_value(state, column, row[side]) for side in ("old", "new"))
    return show.joined([show.joined([column.label, old], ": "), new], " → ")


def _old_value(state: State, column: Column, stored: str | None) -> Text:
    if stored is None:
        return show.same("–")
    return show.of_column(state, column, int(stored)) if column.table and stored.isdigit() else show.of_column(state, column, stored)
