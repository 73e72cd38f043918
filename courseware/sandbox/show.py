"""Name rows, columns and values for persons, in every language at once. Which of them are shown is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from courseware.i18n import LANGUAGES, Text
from courseware.sandbox.scope import Named, column_of, words_of
from courseware.sandbox.state import Row, State
from courseware.sandbox.tables import Column, Tables

EMPTY = Text({"en": "empty", "zh": "空"})
_WORDS: Mapping[str, Text] = {
    "not": Text({"en": "not {0}", "zh": "不是{0}"}),
    "empty": EMPTY,
    "filled": Text({"en": "filled in", "zh": "已填写"}),
    "at_least": Text({"en": "at least {0}", "zh": "不少于{0}"}),
    "at_most": Text({"en": "at most {0}", "zh": "不超过{0}"}),
    "has": Text({"en": "contains {0}", "zh": "包含{0}"}),
    "has_any": Text({"en": "contains one of {0}", "zh": "包含其中之一：{0}"}),
    "lacks": Text({"en": "without {0}", "zh": "不含{0}"}),
}
_OR = Text({"en": " or ", "zh": "或"})


def same(words: str) -> Text:
    """Make a text that is alike in every language."""
    return Text(dict.fromkeys(LANGUAGES, words))


def joined(texts: Iterable[Text], by: Text | str = ", ") -> Text:
    listed = list(texts)
    return Text({language: (by if isinstance(by, str) else by.to(language)).join(text.to(language) for text in listed) for language in LANGUAGES})


def title(tables: Tables, table: str, row: Row) -> str:
    """Name a row: its number and its title, as far as it has them."""
    declared = tables[table]
    names = dict.fromkeys(str(row[column]) for column in (declared.number, declared.title) if column and row.get(column) is not None)
    return " ".join(names) or f"#{row['id']}"


def title_of(state: State, table: str, id: int) -> str:
    row = state.get(table, id)
    return title(state.tables, table, row) if row else f"{table} #{id}"


def label(tables: Tables, table: str, column: str) -> Text:
    bare = column_of(column)
    return tables[table].column(bare).label if bare != "id" else same("id")


def value(state: State, table: str, column: str, stored: Any) -> Text:
    """Show a stored value: the label of a choice, the title of a row, yes or no."""
    if stored is None or stored == "":
        return EMPTY
    declared = state.tables[table].column(column_of(column)) if column != "id" else None
    if declared is None:
        return same(str(stored))
    return of_column(state, declared, stored)


def of_column(state: State, column: Column, stored: Any) -> Text:
    """Show a value that is there, by its column."""
    if column.table and isinstance(stored, int):
        return same(title_of(state, column.table, stored))
    if column.type == "choice" and stored in column.choices:
        return column.choices[stored]
    if column.type == "bool":
        return Text({"en": "yes", "zh": "是"}) if stored else Text({"en": "no", "zh": "否"})
    if isinstance(stored, float):
        return same(f"{stored:,.2f}" if column.type == "money" else f"{stored:g}")
    return same(str(stored))


def condition(state: State, table: str, column: str, wanted: Any) -> Text:
    """Say what a resolved condition asks of a column."""
    if isinstance(wanted, Named):
        return joined([same(title_of(state, wanted.table, id)) for id in wanted.ids] or [Text({"en": "the new record", "zh": "新建的记录"})], _OR)
    if isinstance(wanted, list):
        return joined([condition(state, table, column, each) for each in wanted], _OR)
    if isinstance(wanted, dict):
        return joined([_operator(state, table, column, name, each) for name, each in wanted.items()])
    return value(state, table, column, wanted)


def _operator(state: State, table: str, column: str, name: str, wanted: Any) -> Text:
    if name in ("empty", "filled"):
        return _WORDS["empty" if (name == "empty") == wanted else "filled"]
    inner = joined([same(str(each)) for each in words_of(wanted)]) if name in ("has", "has_any", "lacks") else condition(state, table, column, wanted)
    return Text({language: words.format(inner.to(language)) for language, words in _WORDS[name].items()})
