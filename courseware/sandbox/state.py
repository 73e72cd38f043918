"""One private in-memory copy of the practice CRM a thread: changes are applied, read or added to, and rolled back. No verb lives here."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from courseware.errors import Invalid
from courseware.i18n import message
from courseware.sandbox.tables import Column, Table, Tables, ddl, validate
from courseware.sandbox.text import digits, fold

Row = dict[str, Any]
FIRST_ID = 100_001  # ids below belong to the base


def interned(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give decoded values under shared keys: the same few names stand in every entry of every journal that a process keeps."""
    return {sys.intern(name): value for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Change:
    """One row written. `before` is None for a new row, `after` for a removed one; an update holds the changed columns only."""

    table: str
    id: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    def inverse(self) -> Change:
        return Change(self.table, self.id, self.after, self.before)

    def to_json(self) -> list[Any]:
        return [self.table, self.id, dict(self.before) if self.before is not None else None, dict(self.after) if self.after is not None else None]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Change:
        table, id, before, after = data
        return cls(sys.intern(table), id, before and interned(before), after and interned(after))


@dataclass(frozen=True, eq=False)
class Base:
    """A built base: where its read-only file is, its identity, and the tables it was made from."""

    path: Path
    identity: str
    tables: Tables


class State:
    """The rows of the practice CRM. Every write is validated and recorded; nothing outlives `applied`."""

    def __init__(self, tables: Tables, image: bytes) -> None:
        self.tables = tables
        self._changes: list[Change] = []
        self._depth = 0
        self._connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=1024)
        self._connection.deserialize(image)
        self._connection.execute("PRAGMA foreign_keys=OFF")
        self._connection.execute("PRAGMA temp_store=MEMORY")
        self._connection.create_function("digits", 1, digits, deterministic=True)
        self._connection.create_function("fold", 1, lambda value: fold(str(value)) if value is not None else None, deterministic=True)

    @contextlib.contextmanager
    def applied(self, changes: Iterable[Change] = ()) -> Iterator[State]:
        """Apply changes, hand the state over, and take everything back. May be nested: the inner one takes back only its own."""
        outer, self._changes = self._changes, []
        mark = f"mark{self._depth}"
        self._connection.execute(f"SAVEPOINT {mark}" if self._depth else "BEGIN")
        self._depth += 1
        try:
            self._apply(changes)
            yield self
        finally:
            self._depth -= 1
            self._changes = outer
            self._connection.execute(f"ROLLBACK TO {mark}" if self._depth else "ROLLBACK")
            if self._depth:
                self._connection.execute(f"RELEASE {mark}")

    @contextlib.contextmanager
    def recording(self) -> Iterator[list[Change]]:
        """Collect what is written inside. If it raises, its writes are taken back; otherwise they stay until `applied` ends."""
        outer, self._changes = self._changes, []
        mark = f"mark{self._depth}"
        self._connection.execute(f"SAVEPOINT {mark}")
        self._depth += 1
        try:
            yield self._changes
        except BaseException:
            self._connection.execute(f"ROLLBACK TO {mark}")
            self._changes = []
            raise
        finally:
            self._depth -= 1
            self._connection.execute(f"RELEASE {mark}")
            self._changes = outer + self._changes

    @property
    def changes(self) -> tuple[Change, ...]:
        """What was written since the innermost `applied` or `recording` began."""
        return tuple(self._changes)

    # Reading

    def get(self, table: str, id: int | None) -> Row | None:
        """Give a row by its id, or None."""
        self._known(table)
        found = self.query(f'SELECT * FROM "{table}" WHERE id = ?', (id,))
        return found[0] if found else None

    def rows(self, table: str, /, **equals: Any) -> list[Row]:
        """Give the rows whose columns equal the values (None: is empty), by id."""
        declared = self._known(table)
        wanted, values = ["1"], []
        for name, value in equals.items():
            if name != "id":
                declared.column(name)
            wanted.append(f'"{name}" IS ?')
            values.append(value)
        return self.query(f'SELECT * FROM "{table}" WHERE {" AND ".join(wanted)} ORDER BY id', values)

    def query(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """Run a SELECT of our own code; never text of a learner."""
        cursor = self._connection.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def count(self, table: str, where: str = "TRUE", parameters: Sequence[Any] | Mapping[str, Any] = ()) -> int:
        """Count the rows of a table, all of them or those that fit."""
        return int(self.query(f'SELECT count(*) AS n FROM "{table}" WHERE {where}', parameters)[0]["n"])

    def next_number(self, table: str) -> str | None:
        """Give the next human record number of a table, after the pattern of the last ones; None where it has none."""
        declared = self._known(table)
        if declared.number is None:
            return None
        last = self.query(f'SELECT "{declared.number}" AS no FROM "{table}" ORDER BY id DESC LIMIT 1')
        pattern = str(last[0]["no"]) if last else f"{table[:1].upper()}-1000"
        head = pattern.rstrip("0123456789")
        width = len(pattern) - len(head)
        sql = f'SELECT max(CAST(substr("{declared.number}", ?) AS INTEGER)) AS top FROM "{table}" WHERE "{declared.number}" GLOB ?'
        top = self.query(sql, (len(head) + 1, head.replace("[", "[[]") + "[0-9]*"))[0]["top"] or 0
        return f"{head}{top + 1:0{width}d}"

    # Writing

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Add a row and give its id, 100001 at least. Raises Invalid naming the column that does not fit."""
        declared = self._known(table)
        after = {name: value for name, value in self._clean(declared, row).items() if value is not None}
        for column in declared.columns:
            if column.required and column.name not in after:
                raise Invalid(message("This is needed."), column.name)
        top = self._connection.execute(f'SELECT max(id) FROM "{table}"').fetchone()[0] or 0
        change = Change(table, max(int(top) + 1, FIRST_ID), None, after)
        self._write(change)
        return change.id

    def update(self, table: str, id: int, /, **values: Any) -> bool:
        """Set columns of a row; what is equal already is left out. Tells whether anything changed."""
        declared, row = self._known(table), self.get(table, id)
        if row is None:
            raise Invalid(message("There is no such record."))
        after = {name: value for name, value in self._clean(declared, values).items() if row[name] != value}
        if after:
            self._write(Change(table, id, {name: row[name] for name in after}, after))
        return bool(after)

    def delete(self, table: str, id: int) -> None:
        """Remove a row."""
        row = self.get(table, id)
        if row is None:
            raise Invalid(message("There is no such record."))
        self._write(Change(table, id, {name: value for name, value in row.items() if name != "id" and value is not None}, None))

    def put(self, changes: Iterable[Change]) -> None:
        """Write changes that were recorded before, as they are: an inverse, for instance."""
        changes = tuple(changes)
        self._apply(changes)
        self._changes += changes

    def _known(self, table: str) -> Table:
        return self.tables[table]

    def _clean(self, table: Table, values: Mapping[str, Any]) -> Row:
        return {name: self._fitting(table.column(name), value) for name, value in values.items()}

    def _fitting(self, column: Column, value: Any) -> Any:
        value = as_stored(column, value)
        wrong = validate(column, value)
        if wrong is not None:
            raise Invalid(wrong, column.name)
        if column.table and value is not None and not self._connection.execute(f'SELECT 1 FROM "{column.table}" WHERE id = ?', (value,)).fetchone():
            raise Invalid(message("There is no such record."), column.name)
        return value

    def _write(self, change: Change) -> None:
        self._apply((change,))
        self._changes.append(change)

    def _apply(self, changes: Iterable[Change]) -> None:
        for sql, alike in groupby(map(_statement, changes), key=itemgetter(0)):  # in their order, those alike at once
            self._connection.executemany(sql, [parameters for _, parameters in alike])


def _statement(change: Change) -> tuple[str, tuple[Any, ...]]:
    after = change.after
    if after is None:
        return _delete_sql(change.table), (change.id,)
    if change.before is None:
        return _insert_sql(change.table, tuple(after)), (change.id, *after.values())
    return _update_sql(change.table, tuple(after)), (*after.values(), change.id)


def as_stored(column: Column, value: Any) -> Any:
    """Give a value in the form the database stores: no blank texts, whole numbers for yes and no, JSON as text."""
    if isinstance(value, str) and not value.strip():
        return None
    if column.type == "bool" and isinstance(value, bool):
        return int(value)
    if column.type == "json" and isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if column.type in ("number", "money") and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if column.type in ("text", "choice") and isinstance(value, str):
        return value.strip()
    return value


_here = threading.local()


def checkout(base: Base) -> State:
    """Give this thread's state of a base; made at the first call."""
    states: dict[str, State] = _here.__dict__.setdefault("states", {})
    state = states.get(base.identity)
    if state is None:
        state = states[base.identity] = State(base.tables, _indexed(base))
    return state


@lru_cache(maxsize=2)
def _indexed(base: Base) -> bytes:
    """Give the image of a base with the indexes that its file does without; made once a process, copied by each thread."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.deserialize(base.path.read_bytes())
        for table in base.tables.values():
            for index in (*ddl(table)[1:], *list_indexes(table)):
                connection.execute(index.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1))
        return connection.serialize()


def list_indexes(table: Table) -> list[str]:
    """Lists are read by time, and queues by status; the indexes for it are in memory only."""
    read: list[tuple[str, ...]] = []
    if table.time:
        read = [(table.time,), ("status", table.time)] if table.has("status") else [(table.time,)]
    return [f'CREATE INDEX "{table.name}_{columns[0]}" ON "{table.name}" (' + ", ".join(f'"{name}"' for name in columns) + ")" for columns in read]


@lru_cache(maxsize=4096)
def _insert_sql(table: str, columns: tuple[str, ...]) -> str:
    names = "".join(f', "{name}"' for name in columns)
    return f'INSERT INTO "{table}" (id{names}) VALUES (?{", ?" * len(columns)})'


@lru_cache(maxsize=4096)
def _update_sql(table: str, columns: tuple[str, ...]) -> str:
    return f'UPDATE "{table}" SET {", ".join(f"{chr(34)}{name}{chr(34)} = ?" for name in columns)} WHERE id = ?'


@lru_cache(maxsize=256)
def _delete_sql(table: str) -> str:
    return f'DELETE FROM "{table}" WHERE id = ?'
