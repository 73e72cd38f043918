"""The fields of a verb as a form shows them and as a request brings them back: labels, what is held, records to choose from, who has room for more work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from courseware.i18n import Message, Text, message
from courseware.sandbox import queries
from courseware.sandbox.load import loads
from courseware.sandbox.queries import Option
from courseware.sandbox.state import State
from courseware.sandbox.verbs import Field, Label, Verb
from courseware.web.routing import Context
from courseware.web.views import say

SHORT_LIST = 200  # records: so many fit into one list to choose from; longer ones are searched
NEWEST = 25  # records offered before anything is searched for


@dataclass(frozen=True)
class FieldShown:
    """A field of the form in the reader's language, with what it holds now."""

    name: str
    label: str
    type: str
    required: bool
    help: str
    value: str
    values: frozenset[str]
    options: tuple[tuple[str, str], ...]
    searched: str | None = None
    error: Message | None = None


def whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def arguments_of(ctx: Context, verb: Verb, fields: tuple[Field, ...]) -> dict[str, Any]:
    """What the form holds, as the verb takes it: lists for several choices, JSON from lines; fields that are not in the form stay out."""
    form = ctx.request.form
    read: dict[str, Any] = {}
    for field in fields:
        if field.type == "choices":
            read[field.name] = form.getlist(field.name)
        elif field.name in form:
            several = form.getlist(field.name)
            read[field.name] = several if field.type == "any" and "several" in form else _json(form[field.name]) if field.type == "json" else form[field.name]
    if verb.name == "answer.give" and "several" in form:
        read["value"] = form.getlist("value")
    return read


def _json(text: str) -> str:
    """Fields of a form written one a line, `name: value`, as JSON text; JSON stays as it is."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if not lines or text.strip()[:1] in "{[":
        return text
    return json.dumps({name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}, ensure_ascii=False)


def field_shown(ctx: Context, state: State, field: Field, typed: Mapping[str, Any], error: Message | None = None, find: str = "") -> FieldShown:
    """Make a field ready for its form. `find` names the field whose button to search was pressed."""
    held = typed.get(field.name)
    value, searched = _written(field, held), None
    options: tuple[tuple[str, str], ...] = ()
    if field.type == "ref" and field.table:
        found, searched = _options(state, field, whole(value), str(typed.get(f"find-{field.name}", "")))
        room = loads(state, field.column) if field.column else {}
        options = tuple((str(option.id), f"{option.title} · {room[option.id].words().to(ctx.language)}" if option.id in room else option.title) for option in found)
        if find == field.name and searched and len(options) == 1 and not value:
            value = options[0][0]
    elif field.type in ("choice", "choices"):
        options = tuple((key, words_of(ctx, label)) for key, label in field.choices.items())
    elif field.type == "bool":
        options = (("1", words_of(ctx, message("yes"))), ("0", words_of(ctx, message("no"))))
    help_ = field.help or (message("One field a line: name, colon, value.") if field.type == "json" else None)
    return FieldShown(
        field.name, words_of(ctx, field.label), field.type, field.required, words_of(ctx, help_) if help_ else "", value,
        frozenset(map(str, held)) if isinstance(held, list) else frozenset({value}), options, searched, error,
    )  # fmt: skip


def words_of(ctx: Context, label: Label) -> str:
    return label.to(ctx.language) if isinstance(label, Text) else say(label, ctx.language, ctx.site.zone)


def _written(field: Field, held: Any) -> str:
    """A stored or typed value as the form field holds it."""
    if held is None or isinstance(held, list):
        return ""
    if isinstance(held, float):
        return f"{held:.2f}" if field.type == "money" else f"{held:g}"
    text = str(held)
    if field.type == "datetime":
        return text.replace(" ", "T")
    if field.type == "json" and text.startswith("{"):
        try:
            return "\n".join(f"{name}: {value}" for name, value in json.loads(text).items())
        except ValueError:
            return text
    return text


def _options(state: State, field: Field, chosen: int | None, search: str) -> tuple[tuple[Option, ...], str | None]:
    """The records to choose from, and the words searched for; None where all of them are listed."""
    table = field.table or ""
    if int(state.query(f'SELECT count(*) AS n FROM "{table}"')[0]["n"]) <= SHORT_LIST:  # noqa: S608 -- the name of a declared table
        return queries.choose(state, table, include=chosen, most=SHORT_LIST), None
    return queries.choose(state, table, search, include=chosen, most=NEWEST if not search else 2 * NEWEST), search
