"""A static look over scenario files for names, tables and columns that are not there. What cannot be seen without planting is left to the proof."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.sandbox.scope import column_of
from courseware.sandbox.tables import Table, Tables

Path = tuple[str | int, ...]
Fault = Callable[[Path, str], None]
_NAME = re.compile(r"^\$([A-Za-z_][\w{}.-]*)$")


@dataclass(frozen=True)
class References:
    """The static look over a file: names, tables and columns that are not there."""

    tables: Tables
    known: Mapping[str, str | None]

    def knows(self, name: str) -> bool:
        bare = name.split(".")[0]
        return "{" in name or bare in self.known or any("{" in pattern and re.fullmatch(_as_pattern(pattern), bare) for pattern in self.known)

    def walk(self, node: Any, path: Path, fault: Fault, extra: frozenset[str]) -> None:
        """Go through the whole data of a file."""
        if isinstance(node, list):
            made = frozenset(str(step["as"]) for step in node if isinstance(step, dict) and "as" in step)
            for index, child in enumerate(node):
                self.walk(child, (*path, index), fault, extra | made)
        elif isinstance(node, dict):
            self._table(node, path, fault)
            if "script" in node or "change" in node:
                extra |= frozenset(str(name) for name in values_of(node, "as"))
            for key, child in node.items():
                self.walk(child, (*path, key), fault, extra)
        elif isinstance(node, str) and (found := _NAME.match(node)):
            name = found[1]
            if not self.knows(name) and name.split(".")[0] not in extra and not any("{" in each for each in extra):
                fault(path, f"unknown name ${name}; known: {', '.join(f'${each}' for each in sorted({*self.known, *extra} - {'it'}))}")

    def _table(self, node: Mapping[str, Any], path: Path, fault: Fault) -> None:
        name, rows = node.get("table"), node.get("rows")
        if isinstance(name, str) and (set(node) & {"where", "made", "columns", "label", "has"} or len(node) == 1):
            if name not in self.tables:
                fault((*path, "table"), f"unknown table {name!r}; known: {', '.join(self.tables)}")
                return
            self._columns(self.tables[name], node, ("where", "columns", "has"), path, fault)
        table = rows.get("table") if isinstance(rows, dict) else self.known.get(rows[1:]) if isinstance(rows, str) else None
        if isinstance(table, str) and table in self.tables:
            self._columns(self.tables[table], node, ("has", "columns"), path, fault)

    def _columns(self, table: Table, node: Mapping[str, Any], keys: Sequence[str], path: Path, fault: Fault) -> None:
        for key in keys:
            named = node.get(key)
            for column in named if isinstance(named, (list, dict)) else ():
                bare = column_of(str(column))
                if bare != "id" and not table.has(bare):
                    fault((*path, key), f"table {table.name!r} has no column {bare!r}; it has: {', '.join(each.name for each in table.columns)}")


def values_of(node: Any, key: str) -> Iterator[Any]:
    """Give every value under a key, however deep it stands."""
    if isinstance(node, dict):
        for name, child in node.items():
            if name == key:
                yield child
            yield from values_of(child, key)
    elif isinstance(node, list):
        for child in node:
            yield from values_of(child, key)


def _as_pattern(name: str) -> str:
    return ".+".join(re.escape(part) for part in re.split(r"\{[^{}]*\}", name))
