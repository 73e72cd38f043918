"""Name rows, columns and values for persons, in every language at once. Which of them are shown is decided elsewhere.

Such texts are made in the web otherwise. Here they are part of findings, diffs and stories, which are kept as they were shown, whatever a table is called later.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from courseware.i18n import LANGUAGES, Text, message
from courseware.sandbox.scope import Named, column_of, words_of
from courseware.sandbox.state import Row, State
from courseware.sandbox.tables import Column, Table, Tables
from courseware.sandbox.verbs import VERBS, Field, Label
from courseware.translations import strings

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
LOOKED = {"look.record": message("Opened a record"), "look.search": message("Searched")}
COMMA, _SEMICOLON, COLON = Text({"en": ", ", "zh": "、"}), Text({"en": "; ", "zh": "；"}), Text({"en": ": ", "zh": "："})


@lru_cache(maxsize=8192)
def same(words: str) -> Text:
    """Make a text that is alike in every language."""
    return Text(dict.fromkeys(LANGUAGES, words))


def joined(texts: Iterable[Text], by: Text | str = ", ") -> Text:
    listed = list(texts)
    return Text({language: (by if isinstance(by, str) else by.to(language)).join(text.to(language) for text in listed) for language in LANGUAGES})


def title(state: State, table: str, row: Row) -> str:
    """Name a row: its number and its title, as far as it has them, or the record it is about."""
    declared = state.tables[table]
    about = about_of(declared, row)
    if about is not None:
        return title_of(state, *about)
    names = dict.fromkeys(str(row[column]) for column in (declared.number, declared.title) if column and row.get(column) is not None)
    return " ".join(names) or f"#{row['id']}"


def about_of(table: Table, row: Row) -> tuple[str, int] | None:
    """Give the record that names a row of a table without titles of its own."""
    return next(((column.table, row[column.name]) for column in table.about if column.table and row.get(column.name) is not None), None)


def title_of(state: State, table: str, id: int) -> str:
    row = state.get(table, id)
    return title(state, table, row) if row else f"{table} #{id}"


def label(tables: Tables, table: str, column: str) -> Text:
    bare = column_of(column)
    return tables[table].column(bare).label if bare != "id" else same("id")


def value(state: State, table: str, column: str, stored: Any) -> Text:
    """Show a stored value: the label of a choice, the title of a row, yes or no, the parts of a form."""
    if stored is None or stored == "":
        return EMPTY
    declared = state.tables[table].column(column_of(column)) if column != "id" else None
    if declared is None:
        return same(str(stored))
    return told(state, table, declared, stored)


def told(state: State, table: str, column: Column, stored: Any) -> Text:
    """Show a value that is there; what a form left in the column is told in its words."""
    parts = form(state, table, column, stored)
    return joined((joined((name, text), COLON) if name else text for name, text in parts), _SEMICOLON) if parts else of_column(state, column, stored)


def of_column(state: State, column: Column, stored: Any) -> Text:
    """Show a value that is there, by its column alone."""
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
    return _asked(state, wanted, lambda plain: value(state, table, column, plain))


def _asked(state: State, wanted: Any, plain: Callable[[Any], Text]) -> Text:
    if isinstance(wanted, Named):
        return joined([same(title_of(state, wanted.table, id)) for id in wanted.ids] or [Text({"en": "the new record", "zh": "新建的记录"})], _OR)
    if isinstance(wanted, list):
        return joined([_asked(state, each, plain) for each in wanted], _OR)
    if isinstance(wanted, dict):
        return joined([_operator(state, name, each, plain) for name, each in wanted.items()], COMMA)
    return plain(wanted)


def _operator(state: State, name: str, wanted: Any, plain: Callable[[Any], Text]) -> Text:
    if name in ("empty", "filled"):
        return _WORDS["empty" if (name == "empty") == wanted else "filled"]
    inner = joined([plain(each) for each in words_of(wanted)], COMMA) if name in ("has", "has_any", "lacks") else _asked(state, wanted, plain)
    return Text({language: words.format(inner.to(language)) for language, words in _WORDS[name].items()})


# What verbs keep of their forms


def everywhere(label: Label) -> Text:
    """Say a label in every language at once. Labels have no places to fill."""
    return label if isinstance(label, Text) else Text({language: strings(language).get(label.id, label.id) for language in LANGUAGES})


def verb(name: str) -> Text:
    """Name what was or is to be done, as the button says it."""
    return everywhere(VERBS[name].label) if name in VERBS else everywhere(LOOKED[name]) if name in LOOKED else same(name)


def form(state: State, table: str, column: Column, stored: Any) -> tuple[tuple[Text | None, Text], ...]:
    """Open a code or the JSON that a verb wrote into a column: each part with its name, if it has one, in the words of the verb's form. Nothing for all else."""
    if column.type not in ("text", "json") or not isinstance(stored, str):
        return ()
    codes = _codes().get((table, column.name), {})
    if column.type == "text":
        listed = stored.split(", ")
        return ((None, joined((everywhere(label) for code, label in codes.items() if code in listed), COMMA)),) if set(listed) <= set(codes) else ()
    opened = _opened(stored)
    if isinstance(opened, dict):
        fields = _fields(state.tables, f"{table}.{column.name}", opened)
        return tuple((_name(fields, name), _of_field(state, fields.get(name), each)) for name, each in opened.items())
    if isinstance(opened, list):
        return ((None, joined((everywhere(codes[str(each)]) if str(each) in codes else same(str(each)) for each in opened), COMMA)),)
    return ()


def form_asked(state: State, place: str, conditions: Mapping[str, Any]) -> dict[str, tuple[Text, Text]]:
    """Say what resolved conditions ask of the parts of a form that is kept in a column ("briefs.fields"): by part, its name and what is asked."""
    fields = _fields(state.tables, place, conditions)

    def asked(name: str, wanted: Any) -> Text:
        return _asked(state, wanted, lambda plain: _of_field(state, fields.get(name), plain))

    return {name: (_name(fields, name), asked(name, wanted)) for name, wanted in conditions.items()}


@cache
def _codes() -> Mapping[tuple[str, str], Mapping[str, Label]]:
    """The choices of arguments that are kept as they are in a column of the verb's table."""
    found: dict[tuple[str, str], dict[str, Label]] = {}
    for known in VERBS.values():
        for argument in known.arguments:
            for table in {known.on, known.makes} - {None} if argument.choices and not argument.column else ():
                found.setdefault((str(table), argument.kept or argument.name), {}).update(argument.choices)
    return found


def _fields(tables: Tables, place: str, wanted: Mapping[str, Any]) -> Mapping[str, Field]:
    """Give the fields of the verb whose form this can be: the one that knows the most of its parts and of what they hold."""

    def known(field: Field | None, held: Any) -> int:
        if field is None:
            return 0
        return 2 if not field.choices else 3 if any(str(each) in field.choices for each in words_of(held)) else 1

    kept = [writer.kept(tables) for writer in VERBS.values() if writer.keeps == place]
    return max(kept, key=lambda fields: sum(known(fields.get(name), held) for name, held in wanted.items()), default={})


def _name(fields: Mapping[str, Field], name: str) -> Text:
    return everywhere(fields[name].label) if name in fields else same(name)


def _of_field(state: State, field: Field | None, held: Any) -> Text:
    """Show what a field of a form held."""
    if held is None or held == "" or held == []:
        return EMPTY
    if isinstance(held, list):
        return joined((_of_field(state, field, each) for each in held), COMMA)
    if field is None:
        return same(f"{held:g}" if isinstance(held, float) else str(held))
    label = field.choices.get(str(held))
    return everywhere(label) if label is not None else of_column(state, field.stored_in(), held)


def _opened(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
