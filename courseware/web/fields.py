"""The fields of a verb as a form shows them and as a request brings them back: labels, what is held, records to choose from, who has room for more work."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.i18n import Message, Text, message
from courseware.sandbox import queries, show
from courseware.sandbox.load import loads
from courseware.sandbox.queries import Option
from courseware.sandbox.state import Row, State
from courseware.sandbox.verbs import Field, Label, Verb
from courseware.web.routing import Context
from courseware.web.views import say

SHORT_LIST = 200  # records: so many fit into one list to choose from; longer ones are searched
NEWEST = 25  # records offered before anything is searched for


@dataclass(frozen=True)
class FieldShown:
    """A field of the form in the reader's language, with what it holds now. `near` are the choices that belong to `near_to`, the record at hand; `options` the others.

    `room` tells what each colleague to choose from has in hand, and skills.
    """

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
    near: tuple[tuple[str, str], ...] = ()
    near_to: str = ""
    room: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Near:
    """The account at hand, or the contact where there is no account: what belongs to it is offered first."""

    column: str
    table: str
    id: int


NEAR = (("account_id", "accounts"), ("contact_id", "contacts"))


def near_to(state: State, table: str | None, row: Row | None) -> Near | None:
    """Give what a record belongs to: the account, or else the contact."""
    if row is None:
        return None
    for column, owner in NEAR:
        id = row["id"] if table == owner else row.get(column)
        if id is not None and state.get(owner, id) is not None:
            return Near(column, owner, int(id))
    return None


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


def sought(ctx: Context, fields: Sequence[Field]) -> str:
    """The field whose search words have been typed and not searched for yet: Enter among them presses the button that acts, and a search is meant."""
    form = ctx.request.form
    return next((field.name for field in fields if f"was-{field.name}" in form and form.get(f"find-{field.name}", "") != form[f"was-{field.name}"]), "")


def _json(text: str) -> str:
    """Fields of a form written one a line, `name: value`, as JSON text; JSON stays as it is."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if not lines or text.strip()[:1] in "{[":
        return text
    return json.dumps({name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}, ensure_ascii=False)


def field_shown(ctx: Context, state: State, field: Field, typed: Mapping[str, Any], error: Message | None = None, find: str = "", near: Near | None = None) -> FieldShown:
    """Make a field ready for its form. `find` names the field whose button to search was pressed; what belongs to `near` is offered first."""
    held = typed.get(field.name)
    value, searched = _written(field, held), None
    options: tuple[tuple[str, str], ...] = ()
    first: tuple[tuple[str, str], ...] = ()
    room: tuple[tuple[str, str], ...] = ()
    if field.type == "ref" and field.table:
        found, searched = _options(state, field, whole(value), str(typed.get(f"find-{field.name}", "")))
        load = loads(state, field.column) if field.column else {}
        options = tuple((str(option.id), f"{option.title} · {load[option.id].short().to(ctx.language)}" if option.id in load else option.title) for option in found)
        room = tuple((option.title, load[option.id].words().to(ctx.language)) for option in found if option.id in load)
        first = tuple((str(option.id), option.title) for option in _near(state, field.table, near, searched or ""))
        options = tuple(option for option in options if option[0] not in dict(first))
        if find == field.name and searched and len(first + options) == 1 and not value:
            value = (first + options)[0][0]
    elif field.type in ("choice", "choices"):
        options = tuple((key, words_of(ctx, label)) for key, label in field.choices.items())
    elif field.type == "bool":
        options = (("1", words_of(ctx, message("yes"))), ("0", words_of(ctx, message("no"))))
    help_ = field.help or (message("One field a line: name, colon, value.") if field.type == "json" else None)
    return FieldShown(
        field.name, words_of(ctx, field.label), field.type, field.required, words_of(ctx, help_) if help_ else "", value,
        frozenset(map(str, held)) if isinstance(held, list) else frozenset({value}), options, searched, error,
        first, show.title_of(state, near.table, near.id) if near and first else "", room,
    )  # fmt: skip


def _near(state: State, table: str, near: Near | None, search: str) -> tuple[Option, ...]:
    """The records to choose from that belong to what is at hand."""
    if near is None:
        return ()
    if table == near.table:
        return (Option(near.id, show.title_of(state, table, near.id)),)
    return queries.choose(state, table, search, among={near.column: str(near.id)}) if state.tables[table].has(near.column) else ()


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
    if state.count(table) <= SHORT_LIST:
        return queries.choose(state, table, include=chosen, most=SHORT_LIST), None
    return queries.choose(state, table, search, include=chosen, most=NEWEST if not search else 2 * NEWEST), search
