"""What a verb is: the only kind of writer of the practice CRM, with its declared arguments. The verbs themselves are in actions/."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from courseware.errors import Invalid, Refused
from courseware.i18n import Message, Text, message
from courseware.registry import Registry
from courseware.sandbox.state import Row, State, as_stored
from courseware.sandbox.tables import Column, Tables, validate

Label = Text | Message  # what content names is a Text, what code names is a Message


class AskedQuestion(Protocol):
    """A typed answer the scenario asks for, as far as answer.give must know it."""

    @property
    def key(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def choices(self) -> Mapping[str, Text]: ...


@dataclass(frozen=True)
class Desk:
    """What a verb works with: the state, the sandbox time when it is done, who acts (an employee), and the scenario's questions."""

    state: State
    at: str
    by: int | None = None
    questions: Mapping[str, AskedQuestion] = field(default_factory=dict)

    def record(self, table: str, id: int) -> Row:
        """Give a row that must be there."""
        row = self.state.get(table, id)
        if row is None:
            raise Invalid(message("There is no such record."), "record")
        return row

    def change(self, table: str, id: int, /, **values: Any) -> int:
        """Set columns of a row and give its id. Raises Refused where nothing is different."""
        return done(id, self.state.update(table, id, **values))


def done(id: int, changed: bool) -> int:
    """Give the id of what a verb was to change. Raises Refused where nothing is different."""
    if not changed:
        raise Refused(message("Nothing is different from before."))
    return id


@dataclass(frozen=True)
class Argument:
    """An argument of a verb. With `column` ("contacts.mobile") its type, label, choices and table are those of the column;

    with `among` (a table and columns of it) it is a choice of several of these columns. Choices of its own are kept in the column that it is called after, or in `kept`.
    """

    name: str
    column: str | None = None
    type: str = "text"
    label: Message | None = None
    required: bool = False
    help: Message | None = None
    choices: Mapping[str, Message] = field(default_factory=dict)
    table: str | None = None
    among: tuple[str, tuple[str, ...]] | None = None
    kept: str | None = None

    def chosen(self, stored: Any) -> Any:
        """Give the choices of its own that a stored value stands for: one, or a list where several may be chosen; None where it is none of them."""
        if self.type != "choices":
            return stored if stored in self.choices else None
        listed = parts_of(stored)
        return listed if listed and set(listed) <= set(self.choices) else None


@dataclass(frozen=True)
class Field:
    """An argument made ready for a form: everything about it is said. `choices` (several) is a type besides those of columns."""

    name: str
    type: str
    label: Label
    required: bool
    help: Message | None = None
    choices: Mapping[str, Label] = field(default_factory=dict)
    table: str | None = None
    column: str | None = None

    def stored_in(self) -> Column:
        """Give a column that holds such a value, for the checks that columns have."""
        return Column(self.name, self.type, Text({"en": self.name}), False, {key: Text({"en": key}) for key in self.choices}, self.table)


Action = Callable[[Desk, Mapping[str, Any]], int | None]


@dataclass(frozen=True)
class Verb:
    """A verb. `on` is the table of the record it acts on (argument `record`), `minutes` its cost in sandbox time; what is `final` cannot be undone.

    `edits` writes the fields it is given and asks for nothing else: it is offered beside each of them. `bulk` makes sense for many records with the same
    arguments, as everything that edits does. `everyday` is offered first, the others are folded where there are many. `fills` is the table whose rows a
    making verb also fills in: it is offered on their pages. `keeps` is the column ("briefs.fields") that holds its arguments as JSON, `counts` the columns
    whose choices it counts into it.
    """

    name: str
    label: Message
    minutes: int
    on: str | None
    final: bool
    arguments: tuple[Argument, ...]
    action: Action
    makes: str | None = None
    help: Message | None = None
    edits: bool = False
    bulk: bool = False
    everyday: bool = False
    fills: str | None = None
    keeps: str | None = None
    counts: tuple[str, ...] = ()

    def fields(self, tables: Tables) -> tuple[Field, ...]:
        """Give the arguments as form fields, without `record`."""
        return tuple(_field(argument, tables) for argument in self.arguments)

    def initial(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Give what a form on this row starts with: the present values of its own columns, and of those that an argument with choices of its own is called after."""
        prefix = f"{self.on or self.fills}."
        columns = {argument.name: argument.column.removeprefix(prefix) for argument in self.arguments if argument.column and argument.column.startswith(prefix)}
        own = {argument.name: argument.chosen(row.get(argument.kept or argument.name)) for argument in self.arguments if argument.choices}
        return {name: row[column] for name, column in columns.items()} | {name: value for name, value in own.items() if value is not None}

    def kept(self, tables: Tables) -> dict[str, Field]:
        """Give the fields by the names under which `keeps` holds them."""
        columns = [tables[table].column(name) for table, _, name in (each.partition(".") for each in self.counts)]
        counted = {key: Field(key, "integer", label, False) for column in columns for key, label in column.choices.items()}
        return {**counted, **{field.name: field for field in self.fields(tables)}}


VERBS: Registry[Verb] = Registry("verb")


def parts_of(stored: Any) -> list[str]:
    """Give the parts of what was kept of several choices: a JSON list, or texts with commas between them."""
    if not isinstance(stored, str):
        return []
    try:
        read = json.loads(stored)
    except ValueError:
        read = None
    return [str(each) for each in read] if isinstance(read, list) else stored.split(", ")


def editor(table: str, column: str) -> Verb | None:
    """Give the verb that edits one column of a record, or None where the column is not edited by itself."""
    wanted = f"{table}.{column}"
    return next((verb for verb in VERBS.values() if verb.on == table and verb.edits and any(argument.column == wanted for argument in verb.arguments)), None)


def verb(
    name: str, *arguments: Argument, label: Message, minutes: int, on: str | None = None, final: bool = False, makes: str | None = None, help: Message | None = None,
    edits: bool = False, bulk: bool = False, everyday: bool = False, fills: str | None = None, keeps: str | None = None, counts: tuple[str, ...] = (),
) -> Callable[[Action], Action]:  # fmt: skip
    """Register a function as a verb. It gives the id of the row it made or changed."""

    def register(action: Action) -> Action:
        VERBS.add(name, Verb(name, label, minutes, on, final, arguments, action, makes, help, edits, bulk or edits, everyday, fills, keeps, counts))
        return action

    return register


def _field(argument: Argument, tables: Tables) -> Field:
    label: Label = argument.label or message(argument.name)
    if argument.among is not None:
        table, names = argument.among
        return Field(argument.name, "choices", label, argument.required, argument.help, {name: tables[table].column(name).label for name in names})
    if argument.column is None:
        return Field(argument.name, argument.type, label, argument.required, argument.help, dict(argument.choices), argument.table)
    table, _, name = argument.column.partition(".")
    column = tables[table].column(name)
    shown: Label = argument.label or column.label
    choices: Mapping[str, Label] = {key: argument.choices.get(key, label) for key, label in column.choices.items()}
    if argument.choices:
        choices = {key: label for key, label in choices.items() if key in argument.choices}
    return Field(argument.name, column.type, shown, argument.required, argument.help, choices, column.table, argument.column)


def read_arguments(verb: Verb, desk: Desk, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Give validated arguments. Texts of a form are turned into numbers and ids; what is left out stays out; blanks are None. Raises Invalid."""
    fields = {each.name: each for each in verb.fields(desk.state.tables)}
    unknown = set(raw) - set(fields) - {"record"}
    if unknown:
        raise Invalid(message("%(verb)s does not know “%(name)s”; it takes: %(known)s.", verb=verb.name, name=sorted(unknown)[0], known=", ".join(fields) or "–"))
    record = {"record": _record(verb.on, raw.get("record"), desk.state)} if verb.on else {}
    read = {name: _read(fields[name], value, desk.state) for name, value in raw.items() if name in fields}
    for each in fields.values():
        if each.required and read.get(each.name) in (None, []):
            raise Invalid(message("This is needed."), each.name)
    return {**read, **record}


def _record(table: str, raw: Any, state: State) -> int:
    record = _whole(raw)
    if not isinstance(record, int) or isinstance(record, bool) or state.get(table, record) is None:
        raise Invalid(message("There is no such record."), "record")
    return record


def _read(field: Field, value: Any, state: State) -> Any:
    if field.type == "choices":
        return _several(field, value)
    if isinstance(value, str):
        value = _typed(field.type, value.strip() if field.type != "long_text" else value)
    column = field.stored_in()
    if field.type != "any":
        value = as_stored(column, value)
        wrong = validate(column, value)
        if wrong is not None:
            raise Invalid(wrong, field.name)
    if field.table and value is not None and state.get(field.table, value) is None:
        raise Invalid(message("There is no such record."), field.name)
    return value


def _several(field: Field, value: Any) -> list[str]:
    chosen = [value] if isinstance(value, str) and value else list(value or [])
    for each in chosen:
        if each not in field.choices:
            raise Invalid(message("“%(value)s” is not one of the choices: %(choices)s.", value=each, choices=", ".join(field.choices)), field.name)
    return sorted(set(chosen))


def _typed(kind: str, text: str) -> Any:
    if kind in ("integer", "minutes", "ref"):
        return _whole(text)
    if kind in ("number", "money"):
        return _number(text)
    if kind == "bool":
        return {"": None, "1": 1, "true": 1, "yes": 1, "on": 1, "0": 0, "false": 0, "no": 0}.get(text.casefold(), text)
    if kind == "datetime":
        return text.replace("T", " ")[:16]
    return text


def _whole(value: Any) -> Any:
    try:
        return (int(value) if value.strip() else None) if isinstance(value, str) else value
    except ValueError:
        return value


def _number(text: str) -> Any:
    try:
        return float(text.replace(",", "").replace("¥", "").strip()) if text else None
    except ValueError:
        return text
