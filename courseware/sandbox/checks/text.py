"""The kind `text`: structured text. Word lists in both languages, numbers that must be cited, fields of a form; free sentences are not judged."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from typing import Any

from pydantic import Field, model_validator

from courseware.i18n import Text
from courseware.sandbox import show
from courseware.sandbox.findings import CheckSpec, Conditions, Context, Miss, Outcome, Selection, check_kind
from courseware.sandbox.scope import Selected, failing, strings_in, words_of
from courseware.sandbox.state import Row
from courseware.sandbox.text import fold

_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
MOST_NAMED = 3  # rows that the rung "where" names; of more it gives the number
UNWRITTEN = Text({"en": "nothing of the kind has been written yet ({0})", "zh": "还没有写过这样的内容（{0}）"})
ENOUGH = Text({"en": "at least {0} of them", "zh": "至少 {0} 条"})
SEVERAL = Text({"en": "{0}: {1} of them", "zh": "{0}，共 {1} 条"})
MENTION = Text({"en": "one of: {0}", "zh": "提到其中之一：{0}"})
WITHOUT = Text({"en": "without: {0}", "zh": "不出现：{0}"})
NUMBER = Text({"en": "the number {0}", "zh": "数字 {0}"})


class TextSpec(CheckSpec):
    """All rows of `of` are read together; each wanted thing must stand somewhere, each forbidden word nowhere."""

    of: list[Selection] = Field(min_length=1)
    columns: list[str] = Field(min_length=1)
    least: int = 1
    forbid: Any = None
    need: list[Any] = []
    numbers: list[Any] = []
    form: Conditions = {}

    @model_validator(mode="after")
    def _asks_something(self) -> TextSpec:
        if not (self.forbid or self.need or self.numbers or self.form):
            raise ValueError("a text check needs `forbid`, `need`, `numbers` or `form`")
        return self


@check_kind("text", TextSpec, example={"of": [{"table": "accounts", "where": {"name": "Right"}}], "columns": ["city"], "need": [{"en": ["Lanqiao"], "zh": ["蓝桥"]}]})
def check(spec: TextSpec, context: Context) -> Outcome:
    scope = context.scope
    read = [scope.select(selection) for selection in spec.of]
    rows = [(selected.table, row) for selected in read for row in selected.rows]
    words = {(table, row["id"]): " ".join(_words(spec, read, table, row)) for table, row in rows}
    everything = fold(" ".join(words.values()))
    numbers = {float(found.replace(",", "")) for found in _NUMBER.findall(unicodedata.normalize("NFKC", " ".join(words.values())))}
    at = _place(spec, context, read)
    misses = [_missing(at, MENTION, words_of(scope.value(group))) for group in spec.need if not any(fold(str(word)) in everything for word in words_of(scope.value(group)))]
    wanted = [float(scope.value(number)) for number in spec.numbers]
    misses += [_missing(at, NUMBER, [f"{number:g}"]) for number in wanted if not any(abs(number - cited) <= 0.5 for cited in numbers)]
    misses += _forbidden(spec, context, rows, words) + _form(spec, context, read, at)
    short = max(0, spec.least - len(rows))
    misses += [replace(at, expected=_filled(ENOUGH, spec.least))] * short
    of = len(spec.need) + len(wanted) + len(spec.form) + bool(spec.forbid) + short
    return Outcome(not misses, max(0, of - len(misses)), of, tuple(misses), len(rows))


def _words(spec: TextSpec, read: list[Selected], table: str, row: Row) -> list[str]:
    return [text for column in spec.columns if column in row for text in strings_in(row[column])]


def _forbidden(spec: TextSpec, context: Context, rows: list[tuple[str, Row]], words: dict[tuple[str, int], str]) -> list[Miss]:
    misses = []
    unwanted = [str(word) for word in words_of(context.scope.value(spec.forbid))] if spec.forbid else []
    for table, row in rows:
        found = [word for word in unwanted if fold(word) in fold(words[table, row["id"]])]
        if found:
            where, labels = show.same(show.title(context.scope.state, table, row)), [context.scope.state.tables[table].singular]
            misses.append(Miss(table, row["id"], where, show.joined(labels), show.same(", ".join(found)), _filled(WITHOUT, _listed(found))))
    return misses


def _form(spec: TextSpec, context: Context, read: list[Selected], at: Miss) -> list[Miss]:
    conditions = {name: context.scope.value(condition) for name, condition in spec.form.items()}
    forms = [{**dict.fromkeys(conditions), **_opened(row[column])} for selected in read for row in selected.rows for column in spec.columns if column in row]
    wrong = min((failing(form, conditions) for form in forms), key=len, default=list(conditions))
    asked = show.form_asked(context.scope.state, f"{read[0].table}.{spec.columns[0]}", conditions) if wrong else {}
    return [replace(at, field=asked[name][0], expected=show.joined(asked[name], show.COLON)) for name in wrong]


def _place(spec: TextSpec, context: Context, read: list[Selected]) -> Miss:
    """Where such a text stands, or would stand, and in which columns: what every miss of a text says that does not know better."""
    tables, rows = context.scope.state.tables, [(selected.table, row) for selected in read for row in selected.rows]
    kinds = show.joined(dict.fromkeys(tables[selected.table].label for selected in read))
    columns = show.joined(dict.fromkeys(tables[each.table].column(name).label for each in read for name in spec.columns if tables[each.table].has(name)))
    if not rows:
        return Miss(where=_filled(UNWRITTEN, kinds), field=columns)
    if len(rows) > MOST_NAMED:
        return Miss(where=_filled(SEVERAL, kinds, len(rows)), field=columns)
    table, row = rows[0]
    return Miss(table, row["id"], show.joined(show.same(show.title(context.scope.state, name, each)) for name, each in rows), columns)


def _opened(value: Any) -> dict[str, Any]:
    try:
        opened = json.loads(value or "{}")
    except ValueError:
        return {}
    return opened if isinstance(opened, dict) else {}


def _missing(at: Miss, words: Text, wanted: list[Any]) -> Miss:
    return replace(at, expected=_filled(words, _listed(wanted)))


def _listed(words: list[Any]) -> Text:
    return show.joined((show.same(str(word)) for word in words), show.COMMA)


def _filled(words: Text, *values: Text | int) -> Text:
    return Text({language: text.format(*(value.to(language) if isinstance(value, Text) else value for value in values)) for language, text in words.items()})
