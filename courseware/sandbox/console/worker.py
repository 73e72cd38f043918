"""The program of a console process: reads one request a line, runs its query on a copy of the firm in memory, writes one answer a line.

It is started by pool.py with `python -I -S`, so it sees the standard library alone, an empty environment, no file of the site but the base named in the request,
and no database of the school. Whatever a query does to this process, the pool kills it and starts another.
"""

from __future__ import annotations

import json
import math
import resource
import sqlite3
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

MEMORY = 160 * 2**20  # bytes of address space, Python itself included
HEAP = 48 * 2**20  # bytes SQLite may hold, the copy of the firm included
LONGEST_VALUE = 100_000  # bytes of one value
LONGEST_QUERY = 20_000  # bytes
CPU = 3  # whole seconds of processor time a query may take, whatever the clock says
OPCODES = 1_000  # SQLite asks for the time after so many steps

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: LONGEST_QUERY,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 16,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
TOO_LARGE = ("too many columns", "too many terms", "too many arguments", "Expression tree is too large", "parser stack overflow", "LIKE or GLOB pattern too complex")

# What is not named here does not run: fts3_tokenizer() hands out pointers, load_extension() code, randomblob() and zeroblob() memory.
FUNCTIONS = frozenset(
    """
    -> ->> abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling char coalesce concat concat_ws cos cosh count cume_dist current_date current_time
    current_timestamp date datetime degrees dense_rank exp first_value floor format glob group_concat hex ifnull iif instr json json_array json_array_length
    json_extract json_group_array json_group_object json_insert json_object json_patch json_quote json_remove json_replace json_set json_type json_valid julianday
    lag last_value lead length like likelihood likely ln log log10 log2 lower ltrim max min mod nth_value ntile nullif octet_length percent_rank pi pow power printf
    quote radians random rank replace round row_number rtrim sign sin sinh soundex sqrt strftime string_agg substr substring sum tan tanh time timediff total trim
    trunc typeof unicode unixepoch unlikely upper
    """.split()  # noqa: SIM905 -- a list of words
)
TABLE_FUNCTIONS = ("json_each", "json_tree")
ACTIONS = {getattr(sqlite3, name): name.removeprefix("SQLITE_") for name in (
    "SQLITE_READ", "SQLITE_FUNCTION", "SQLITE_INSERT", "SQLITE_UPDATE", "SQLITE_DELETE", "SQLITE_PRAGMA", "SQLITE_ATTACH", "SQLITE_DETACH", "SQLITE_TRANSACTION", "SQLITE_SAVEPOINT",
)}  # fmt: skip


class Guard:
    """The authorizer: SELECT over the tables of the firm and the functions above; everything else is denied, and the first denial remembered."""

    def __init__(self, tables: frozenset[str], modules: frozenset[str]) -> None:
        self._tables, self._modules = tables, modules
        self.denied: tuple[str, str] | None = None

    def __call__(self, action: int, first: str | None, second: str | None, database: str | None, _inner: str | None) -> int:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and self._may_read(first or "", second or ""):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in FUNCTIONS:
            return sqlite3.SQLITE_OK
        if self.denied is None:
            self.denied = (ACTIONS.get(action, "OTHER"), (second if action == sqlite3.SQLITE_FUNCTION else first) or "")
        return sqlite3.SQLITE_DENY

    def _may_read(self, table: str, column: str) -> bool:
        table = table.lower()
        if table in self._tables or table in TABLE_FUNCTIONS:
            return True
        # Without a column it may be a WITH table of which none is read, as in SELECT count(*) FROM my_table.
        return not column and table not in self._modules and not table.startswith(("sqlite_", "pragma_"))


class Firm:
    """A base in memory. Each query sees it with the changes of one run, which are taken back afterwards."""

    def __init__(self, path: str) -> None:
        self.path = path
        # No cache of statements: a query spelt like one of ours would come out of it without having been authorized.
        self._connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
        with open(path, "rb") as file:
            self._connection.deserialize(file.read())
        for pragma in (f"hard_heap_limit={HEAP}", "temp_store=MEMORY", "mmap_size=0", "trusted_schema=OFF", "cell_size_check=ON", "foreign_keys=OFF"):
            self._connection.execute(f"PRAGMA {pragma}").fetchall()
        for name in TABLE_FUNCTIONS:  # SQLite sets them up at their first use with a CREATE TABLE, which the guard would deny
            self._connection.execute(f"SELECT * FROM {name}('[]')").fetchall()
        tables = frozenset(name.lower() for (name,) in self._connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"))
        self._index(tables)
        modules = frozenset(name.lower() for (name,) in self._connection.execute("SELECT name FROM pragma_module_list"))
        self._guarded = (tables, modules)
        self._connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        for limit, value in LIMITS.items():
            self._connection.setlimit(limit, value)

    def close(self) -> None:
        self._connection.close()

    def _index(self, tables: Iterable[str]) -> None:
        """Index the columns that refer to a table; the file of a base does without, to be small."""
        for table in sorted(tables):
            for (column,) in self._connection.execute("SELECT name FROM pragma_table_info(?) WHERE name LIKE '%\\_id' ESCAPE '\\'", (table,)).fetchall():
                self._connection.execute(f'CREATE INDEX IF NOT EXISTS "{table}_{column}" ON "{table}" ("{column}")')

    def answer(self, changes: Sequence[Any], sql: str, *, most_rows: int, most_bytes: int, seconds: float) -> dict[str, Any]:
        """Apply changes, run a query under guard, and take everything back."""
        connection = self._connection
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 1_000)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10**6)
        connection.execute("BEGIN")
        try:
            _apply(connection, changes)
            connection.execute("PRAGMA query_only=ON")
            connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 0)
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
            guard = Guard(*self._guarded)
            until = time.monotonic() + seconds
            connection.set_authorizer(guard)
            connection.set_progress_handler(lambda: time.monotonic() > until, OPCODES)
            try:
                return _read(connection, sql, most_rows, most_bytes)
            except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as failure:
                return _failed(failure, guard)
            except MemoryError:
                return {"status": "limit", "reason": "memory"}
        finally:
            connection.set_progress_handler(None, 0)
            connection.set_authorizer(None)
            connection.execute("PRAGMA query_only=OFF")
            if connection.in_transaction:  # SQLite ends it itself when memory runs out
                connection.execute("ROLLBACK")


def _apply(connection: sqlite3.Connection, changes: Sequence[Any]) -> None:
    """Write the changes of a run, as state.py does: [table, id, before, after]."""
    for table, id, before, after in changes:
        if after is None:
            connection.execute(f'DELETE FROM "{table}" WHERE id = ?', (id,))
        elif before is None:
            names = "".join(f', "{name}"' for name in after)
            connection.execute(f'INSERT INTO "{table}" (id{names}) VALUES (?{", ?" * len(after)})', (id, *after.values()))
        else:
            connection.execute(f'UPDATE "{table}" SET {", ".join(f"{chr(34)}{name}{chr(34)} = ?" for name in after)} WHERE id = ?', (*after.values(), id))


def _read(connection: sqlite3.Connection, sql: str, most_rows: int, most_bytes: int) -> dict[str, Any]:
    cursor = connection.execute(sql)
    if cursor.description is None:
        return {"status": "refused", "reason": "empty"}
    columns = [column[0] for column in cursor.description]
    rows: list[list[Any]] = []
    size = 0
    for found in cursor:
        row = [_cell(value) for value in found]
        size += sum(len(value) if isinstance(value, str) else 8 for value in row)
        if len(rows) == most_rows or size > most_bytes:
            if not rows:
                return {"status": "limit", "reason": "row"}
            return {"status": "ok", "columns": columns, "rows": rows, "is_cut": True}
        rows.append(row)
    return {"status": "ok", "columns": columns, "rows": rows, "is_cut": False}


def _cell(value: Any) -> Any:
    """A value that JSON can carry: bytes and numbers without end as SQLite would write them."""
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, float) and not math.isfinite(value):
        return "-Inf" if value < 0 else "Inf"
    return value


def _failed(failure: Exception, guard: Guard) -> dict[str, Any]:
    code = getattr(failure, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_INTERRUPT:
        return {"status": "timeout", "reason": "time"}
    if code == sqlite3.SQLITE_TOOBIG or isinstance(failure, sqlite3.DataError):
        return {"status": "limit", "reason": "value"}
    if code == sqlite3.SQLITE_NOMEM:
        return {"status": "limit", "reason": "memory"}
    if guard.denied is not None:
        return {"status": "refused", "reason": "denied", "what": guard.denied}
    if str(failure).startswith(TOO_LARGE):
        return {"status": "limit", "reason": "size", "what": str(failure)}
    return {"status": "refused", "reason": "error", "what": str(failure)}


def _confine() -> None:
    """Give up what no query needs: memory, files to write, further files and processes, dumps."""
    limits = [(resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, 16), (resource.RLIMIT_NPROC, 0), (resource.RLIMIT_CORE, 0)]
    for limit, value in limits:
        with suppress(ValueError, OSError):  # macOS knows no limit of memory; SQLite's own holds there
            resource.setrlimit(limit, (value, value))


def _allow_cpu() -> None:
    """Count processor time from now on; past it the system ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + CPU, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(firm: Firm, request: Mapping[str, Any]) -> dict[str, Any]:
    began = time.perf_counter()
    answer = firm.answer(request["changes"], request["sql"], most_rows=request["rows"], most_bytes=request["bytes"], seconds=request["seconds"])
    return {**answer, "ms": (time.perf_counter() - began) * 1000}


def main() -> None:
    _confine()
    firm: Firm | None = None
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        request = json.loads(line)
        _allow_cpu()
        if firm is None or firm.path != request["base"]:
            if firm is not None:
                firm.close()  # the heap is that of the process: not many copies fit into it
            firm = Firm(request["base"])
        sys.stdout.write(json.dumps(_answer(firm, request)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
