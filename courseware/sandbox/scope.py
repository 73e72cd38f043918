"""What scenario files may refer to: values of the paper, named rows, rows of a state; selections and conditions over them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from courseware.expressions import VaryError
from courseware.i18n import LANGUAGES, Text
from courseware.sandbox.state import Row, State
from courseware.sandbox.text import digits, fold
from courseware.variants import fill, resolve

OPERATORS = frozenset({"not", "empty", "filled", "at_least", "at_most", "has", "has_any", "lacks"})
SELECTION_KEYS = frozenset({"table", "where", "made"})


class ScopeError(ValueError):
    """Something a scenario names that is not there, in a plain sentence."""


@dataclass(frozen=True)
class Named:
    """The rows that a `$name` stands for; `one` if it was planted or bound as a single row."""

    table: str
    ids: tuple[int, ...]


@dataclass(frozen=True)
class Scope:
    """Values, names and a state, as a check, a plant or a script sees them. `language` is the attempt's."""

    state: State
    values: Mapping[str, Any]
    names: Mapping[str, Named]
    language: str
    made: frozenset[tuple[str, int]] = frozenset()
    find: Mapping[str, Any] = field(default_factory=dict)

    def value(self, node: Any) -> Any:
        """Resolve a node of a file: expressions, places in texts, `$names` (to Named, or a column's value), the language."""
        try:
            return self._named(one_language(resolve(node, self.values, self.language), self.language))
        except VaryError as failure:
            raise ScopeError(failure.sentence) from None

    def text(self, text: Text, **more: Any) -> Text:
        """Fill a text for persons in every language it has."""
        try:
            return Text({language: fill(words, {**self.values, **more}, language) for language, words in text.items()})
        except VaryError as failure:
            raise ScopeError(failure.sentence) from None

    def id(self, node: Any) -> int:
        """Give the id of the one row that a `$name` stands for."""
        found = self.value(node)
        if isinstance(found, Named) and len(found.ids) == 1:
            return found.ids[0]
        if isinstance(found, int) and not isinstance(found, bool):
            return found
        raise ScopeError(f"{node} stands for {len(found.ids) if isinstance(found, Named) else found!r} rows, not for one")

    def plain(self, node: Any) -> Any:
        """Resolve a node for writing: every name becomes an id."""
        found = self.value(node)
        return _ids(found)

    def select(self, selection: Any) -> Selected:
        """Give the rows of `$name` or of `{table, where, made}`, by id."""
        if isinstance(selection, str):
            named = self.value(selection)
            if not isinstance(named, Named):
                raise ScopeError(f"{selection!r} names no rows")
            return Selected(named.table, tuple(row for id in named.ids if (row := self.state.get(named.table, id))))
        return self._selected(selection)

    def with_values(self, **more: Any) -> Scope:
        return replace(self, values={**self.values, **more})

    def with_name(self, name: str, table: str, *ids: int) -> Scope:
        return replace(self, names={**self.names, name: Named(table, ids)})

    def repeated(self, repeat: Any) -> Iterator[Scope]:
        """Give one scope for each element of a `repeat:`; this one alone if there is none."""
        if not repeat:
            yield self
            return
        try:
            elements = resolve(repeat["in"], self.values)
        except VaryError as failure:
            raise ScopeError(failure.sentence) from None
        if not isinstance(elements, list):
            raise ScopeError(f"`in` of a repeat is a list, not {elements!r}")
        for number, element in enumerate(elements, 1):
            yield self.with_values(**{repeat["each"]: element, f"{repeat['each']}_no": number})

    @cached_property
    def _found(self) -> dict[str, Named]:
        return {}

    def _named(self, node: Any) -> Any:
        if isinstance(node, str) and node.startswith("$"):
            return self._name(node[1:])
        if isinstance(node, dict):
            return {key: self._named(child) for key, child in node.items()}
        if isinstance(node, list):
            return [self._named(child) for child in node]
        return node

    def _name(self, path: str) -> Any:
        name, _, column = path.partition(".")
        named = self.names.get(name) or self._found.get(name)
        if named is None and name in self.find:
            selected = self._selected(self.find[name])
            named = self._found[name] = Named(selected.table, tuple(row["id"] for row in selected.rows))
        if named is None:
            raise ScopeError(f"unknown name ${name}; known: {', '.join(f'${known}' for known in (*self.names, *self.find)) or 'none'}")
        if not column:
            return named
        row = self.state.get(named.table, named.ids[0]) if named.ids else None
        return row[column] if row else None

    def _selected(self, selection: Mapping[str, Any]) -> Selected:
        table, where = selection["table"], selection.get("where", {})
        conditions = {column: self.value(condition) for column, condition in where.items()}
        sql, parameters = self._narrowed(table, conditions, selection.get("made"))
        rows = [row for row in self.state.query(sql, parameters) if fits(row, conditions)]
        if "made" in selection:
            rows = [row for row in rows if ((table, row["id"]) in self.made) == selection["made"]]
        return Selected(table, tuple(rows))

    def _narrowed(self, table: str, conditions: Mapping[str, Any], made: bool | None) -> tuple[str, list[Any]]:
        """Let the database leave out what cannot fit; `fits` still decides."""
        wanted: list[str] = ["1"]
        parameters: list[Any] = []
        if made:
            wanted.append("id > 100000")
        for column, condition in conditions.items():
            if isinstance(condition, Named):
                wanted.append(f'"{column}" IN ({", ".join("?" * len(condition.ids))})')
                parameters += condition.ids
            elif isinstance(condition, int) and not isinstance(condition, bool):
                wanted.append(f'"{column}" = ?')
                parameters.append(condition)
            elif isinstance(condition, str) and column.startswith("digits("):
                wanted.append(f'digits("{column[7:-1]}") = ?')
                parameters.append(digits(condition))
            elif condition in ({"empty": True}, {"filled": True}) and self.state.tables[table].has(column):
                wanted.append(f"coalesce(\"{column}\", '') {'=' if 'empty' in condition else '<>'} ''")
            elif (texts := _texts(condition)) and self.state.tables[table].has(column):
                # the key of a choice is stored as it is written; any other text may differ in width and case
                is_choice = self.state.tables[table].column(column).type == "choice"
                stored = f'"{column}"' if is_choice else f'fold("{column}")'
                wanted.append(f"{stored} IN ({', '.join('?' * len(texts))})")
                parameters += texts if is_choice else [fold(text) for text in texts]
        return f'SELECT * FROM "{table}" WHERE {" AND ".join(wanted)} ORDER BY id', parameters


def _texts(condition: Any) -> list[str]:
    """The texts that a condition accepts; none if it is of another kind."""
    listed = condition if isinstance(condition, list) else [condition]
    return listed if all(isinstance(each, str) for each in listed) else []


@dataclass(frozen=True)
class Selected:
    """Rows of one table, by id."""

    table: str
    rows: tuple[Row, ...]


def fits(row: Row, conditions: Mapping[str, Any]) -> bool:
    """Tell whether a row fulfils resolved conditions on its columns."""
    return not failing(row, conditions)


def failing(row: Row, conditions: Mapping[str, Any]) -> list[str]:
    """Give the columns of a row that break their condition."""
    return [column for column, condition in conditions.items() if not holds(_as_compared(column, condition), cell(row, column))]


def _as_compared(column: str, condition: Any) -> Any:
    """A number of a telephone is asked for as it is compared: by its digits."""
    if not column.startswith("digits("):
        return condition
    return [digits(each) for each in condition] if isinstance(condition, list) else digits(condition) if isinstance(condition, str) else condition


def cell(row: Row, column: str) -> Any:
    return digits(row[column[7:-1]]) if column.startswith("digits(") else row[column]


def column_of(name: str) -> str:
    """Give the bare column of `digits(column)`."""
    return name[7:-1] if name.startswith("digits(") else name


def holds(condition: Any, value: Any) -> bool:
    """Tell whether a value fulfils a resolved condition. Texts are folded; numbers may differ by .005."""
    if isinstance(condition, dict) and set(condition) <= OPERATORS and condition:
        return all(_holds(name, wanted, value) for name, wanted in condition.items())
    if isinstance(condition, list):
        return any(holds(each, value) for each in condition)
    if isinstance(condition, Named):
        return value in condition.ids
    return equal(condition, value)


def equal(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool):
        return bool(wanted) == bool(value) and wanted is not None and value is not None
    if isinstance(wanted, (int, float)) and isinstance(value, (int, float)):
        return abs(wanted - value) <= 0.005
    if isinstance(wanted, str) and isinstance(value, str):
        return fold(wanted) == fold(value)
    return bool(wanted == value)


def _holds(name: str, wanted: Any, value: Any) -> bool:
    empty = value is None or value == ""
    match name:
        case "not":
            return not holds(wanted, value)
        case "empty":
            return bool(empty == wanted)
        case "filled":
            return bool(empty != wanted)
        case "at_least":
            return bool(not empty and value >= wanted)
        case "at_most":
            return bool(not empty and value <= wanted)
        case "has":
            return all(fold(str(each)) in fold(str(value or "")) for each in _list(wanted))
        case "has_any":
            return any(fold(str(each)) in fold(str(value or "")) for each in _list(wanted))
        case _:  # lacks
            return not any(fold(str(each)) in fold(str(value or "")) for each in _list(wanted))


def _list(node: Any) -> list[Any]:
    if isinstance(node, dict):  # lists by language: all of them
        return [each for words in node.values() for each in _list(words)]
    return list(node) if isinstance(node, (list, tuple)) else [node]


words_of = _list


def one_language(node: Any, language: str) -> Any:
    """Put the version of one language in the place of every text; lists of words by language stay."""
    if isinstance(node, Mapping):
        if node and set(node) <= set(LANGUAGES) and all(isinstance(text, str) for text in node.values()):
            return node.get(language) or node["en"]
        return {key: one_language(child, language) for key, child in node.items()}
    return [one_language(child, language) for child in node] if isinstance(node, list) else node


def _ids(node: Any) -> Any:
    if isinstance(node, Named):
        if len(node.ids) != 1:
            raise ScopeError(f"a name stands for {len(node.ids)} rows of {node.table}, where one is needed")
        return node.ids[0]
    if isinstance(node, dict):
        return {key: _ids(child) for key, child in node.items()}
    return [_ids(child) for child in node] if isinstance(node, list) else node


def strings_in(value: Any) -> Iterator[str]:
    """Give the texts of a cell; a JSON cell is opened, field by field."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        for child in value:
            yield from strings_in(child)
    elif value is not None:
        yield str(value)
