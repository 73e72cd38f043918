"""The kind `text`: structured text. Word lists in both languages, numbers that must be cited, fields of a form; free sentences are not judged."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from pydantic import Field, model_validator

from courseware.i18n import Text
from courseware.sandbox import show
from courseware.sandbox.findings import CheckSpec, Conditions, Context, Miss, Outcome, Selection, check_kind
from courseware.sandbox.scope import Selected, failing, strings_in, words_of
from courseware.sandbox.state import Row
from courseware.sandbox.text import fold

_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
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
    misses = [_missing(MENTION, words_of(scope.value(group))) for group in spec.need if not any(fold(str(word)) in everything for word in words_of(scope.value(group)))]
    wanted = [float(scope.value(number)) for number in spec.numbers]
    misses += [_missing(NUMBER, [f"{number:g}"]) for number in wanted if not any(abs(number - cited) <= 0.5 for cited in numbers)]
    misses += _forbidden(spec, context, rows, words) + _form(spec, context, rows)
    short = max(0, spec.least - len(rows))
    misses += [Miss()] * short
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
            where, labels = show.same(show.title(context.scope.state.tables, table, row)), [context.scope.state.tables[table].singular]
            misses.append(Miss(table, row["id"], where, show.joined(labels), show.same(", ".join(found)), _filled(WITHOUT, found)))
    return misses


def _form(spec: TextSpec, context: Context, rows: list[tuple[str, Row]]) -> list[Miss]:
    conditions = {name: context.scope.value(condition) for name, condition in spec.form.items()}
    forms = [{**dict.fromkeys(conditions), **_opened(row[column])} for _, row in rows for column in spec.columns if column in row]
    wrong = min((failing(form, conditions) for form in forms), key=len, default=list(conditions))
    return [Miss(field=show.same(name), expected=show.same(f"{name}: {conditions[name]}")) for name in wrong]


def _opened(value: Any) -> dict[str, Any]:
    try:
        opened = json.loads(value or "{}")
    except ValueError:
        return {}
    return opened if isinstance(opened, dict) else {}


def _missing(words: Text, wanted: list[Any]) -> Miss:
    return Miss(expected=_filled(words, wanted))


def _filled(words: Text, wanted: list[Any]) -> Text:
    return Text({language: text.format(", ".join(map(str, wanted))) for language, text in words.items()})
