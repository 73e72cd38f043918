"""What the console says about a query that gave no rows, or not all: a sentence a beginner can act on. No query is run here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from courseware.i18n import Message, message
from courseware.sandbox.console import worker
from courseware.sandbox.tables import Tables

ONLY_READS = message("The console only reads: a query begins with SELECT, WITH or VALUES. Records are changed on their pages.")


def of(answer: Mapping[str, Any], sql: str, tables: Tables, *, rows: int, seconds: float) -> Message | None:
    """Say what became of a query, from the answer of its process."""
    if answer["status"] == "ok":
        return message("There are more; the first %(rows)s rows are shown. Narrow the query with WHERE, or count with count(*).", rows=rows) if answer["is_cut"] else None
    reason = answer["reason"]
    if reason == "denied":
        action, name = answer["what"]
        return _denied(action, name, sql)
    if reason == "error":
        return _error(answer["what"], sql, tables)
    if reason == "size":
        return message("The query is larger than the console takes. SQLite says: %(reason)s", reason=answer["what"])
    return {
        "empty": message("Type a query first, for example SELECT name FROM contacts."),
        "time": message("Stopped after %(seconds)s s: the query asks for too much work. Narrow it with WHERE, join on an id, or end a recursion.", seconds=f"{seconds:g}"),
        "memory": message("Stopped: the query needs too much memory. Narrow it with WHERE, or sort and group fewer rows."),
        "value": message("Stopped: one value grew beyond %(most)s bytes.", most=worker.LONGEST_VALUE),
        "row": message("Stopped: one row is too long to be shown. Name fewer columns."),
        "broken": message("Stopped: the query broke the process it ran in. Ask more simply."),
    }[reason]


def _denied(action: str, name: str, sql: str) -> Message:
    if action == "FUNCTION":
        return message("The function %(name)s() cannot be used here.", name=name)
    if action == "READ" or (action == "OTHER" and sql.lstrip().lower().startswith("select")):  # a table that SQLite makes up while it reads
        return message("“%(name)s” cannot be read. The tables that can are listed on the page of the console.", name=name)
    if action == "PRAGMA":
        return message("PRAGMA cannot be used here. The tables and their columns are listed on the page of the console.")
    return ONLY_READS


def _error(reason: str, sql: str, tables: Tables) -> Message:
    for pattern, say in _ERRORS:
        found = re.fullmatch(pattern, reason, re.DOTALL | re.IGNORECASE)
        if found:
            return say(found.groupdict().get("what", ""), sql, tables)
    return message("The query cannot be run. SQLite says: %(reason)s", reason=reason)


def _no_table(name: str, _sql: str, tables: Tables) -> Message:
    like = get_close_matches(name.lower(), tables, 1)
    if like:
        return message("There is no table “%(name)s”. Did you mean “%(like)s”?", name=name, like=like[0])
    return message("There is no table “%(name)s”.", name=name)


def _no_column(name: str, sql: str, tables: Tables) -> Message:
    words = set(re.findall(r"\w+", sql.lower()))
    named = [table for table in tables if table in words]
    like = get_close_matches(name.rpartition(".")[2].lower(), _columns(named, tables), 1)
    if like and len(named) == 1:
        return message("There is no column “%(name)s” in %(table)s. Did you mean “%(like)s”?", name=name, table=named[0], like=like[0])
    if like:
        return message("There is no column “%(name)s”. Did you mean “%(like)s”?", name=name, like=like[0])
    if len(named) == 1:
        return message("There is no column “%(name)s” in %(table)s.", name=name, table=named[0])
    return message("There is no column “%(name)s” in the tables named. Texts stand between 'single quotes'.", name=name)


def _columns(named: Iterable[str], tables: Tables) -> list[str]:
    return ["id", *(column.name for table in named for column in tables[table].columns)]


def _no_function(name: str, _sql: str, _tables: Tables) -> Message:
    like = get_close_matches(name.lower(), worker.FUNCTIONS, 1, 0.75)
    if like:
        return message("There is no function %(name)s(). Did you mean %(like)s()?", name=name, like=like[0])
    return message("There is no function %(name)s().", name=name)


_ERRORS: tuple[tuple[str, Callable[[str, str, Tables], Message]], ...] = (
    (r"no such table: (main\.)?(?P<what>.*)", _no_table),
    (r"no such column: (?P<what>.*)", _no_column),
    (r"no such function: (?P<what>.*)", _no_function),
    (r"ambiguous column name: (?P<what>.*)", lambda name, _s, _t: message("More than one table has a column “%(name)s”: write the table before it, as in contacts.name.", name=name)),
    (r'near "(?P<what>.*)": syntax error', lambda near, _s, _t: message("The query cannot be understood at “%(near)s”. Look at that place and the word before it.", near=near)),
    (r"incomplete input", lambda _w, _s, _t: message("The query ends too early: something is missing, perhaps a closing bracket.")),
    (r"unrecognized token: (?P<what>.*)", lambda near, _s, _t: message("The query cannot be understood at %(near)s. Is a quotation mark left open?", near=near)),
    (r"you can only execute one statement at a time\.?", lambda _w, _s, _t: message("One query at a time: what stands after the semicolon is a second one.")),
    (r"(too many SQL variables|variable number must be.*|incorrect number of bindings.*)", lambda _w, _s, _t: message("Write the values into the query: a place such as ? or :name has no value here.")),
    (r"cannot VACUUM.*", lambda _w, _s, _t: ONLY_READS),
    (r".*(null character|surrogates not allowed|embedded null).*", lambda _w, _s, _t: message("The query contains a character that cannot be read. Type that place anew.")),
    (r"misuse of (aggregate|window).*", lambda _w, _s, _t: message("A sum, a count or a rank cannot stand there. After grouping use HAVING; a rank is filtered in a query round it.")),
)
