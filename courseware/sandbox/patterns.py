"""Patterns over the journal: which actions are meant. What follows from finding one is for the checks."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from courseware.course.yaml import Strict
from courseware.i18n import Text
from courseware.sandbox.actions import VERBS
from courseware.sandbox.findings import Conditions, Context, Selection
from courseware.sandbox.journal import Entry
from courseware.sandbox.play import LOOKS
from courseware.sandbox.scope import Scope, fits, holds


class Sets(Strict):
    """An action that filled one of the columns; with `has`, writing these values into the same row."""

    table: str
    columns: list[str]
    has: Conditions = {}


class Pattern(Strict):
    """Actions of these verbs, on these records (not on those), with these arguments, that fill these columns, on records that end so, done by this time."""

    verb: str | list[str] | None = None
    on: Selection | None = None
    not_on: Selection | None = None
    with_: Conditions = {}
    by: Literal["learner", "event", "anyone"] | None = None
    sets: Sets | None = None
    rows: Conditions = {}
    until: str | None = Field(default=None, pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d$")
    teach: Text | None = None

    model_config = {"extra": "forbid", "frozen": True, "arbitrary_types_allowed": True, "populate_by_name": True}

    @model_validator(mode="before")
    @classmethod
    def _with(cls, data: Any) -> Any:
        return {("with_" if name == "with" else name): value for name, value in data.items()} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _names_verbs(self) -> Pattern:
        for verb in self.verbs():
            if verb not in VERBS and verb not in LOOKS:
                raise ValueError(f"unknown verb {verb!r}; known: {', '.join(sorted(VERBS))}, {', '.join(LOOKS)}")
        taken = {argument.name for verb in self.verbs() if verb in VERBS for argument in VERBS[verb].arguments} | {"record", "table", "search"}
        unknown = sorted(set(self.with_) - taken)
        if self.verb and unknown:
            raise ValueError(f"{unknown[0]!r} is no argument of {', '.join(self.verbs())}; known: {', '.join(sorted(taken))}")
        if not self.verb and not self.sets:
            raise ValueError("a pattern needs `verb` or `sets`")
        return self

    def verbs(self) -> tuple[str, ...]:
        return (self.verb,) if isinstance(self.verb, str) else tuple(self.verb or ())

    def looks(self) -> bool:
        return any(verb in LOOKS for verb in self.verbs())


def matching(pattern: Pattern, context: Context, *, by: str = "anyone") -> list[Entry]:
    """Give the actions that count and fit the pattern, in order."""
    meant = pattern.by or by
    entries = [entry for entry in context.journal.effective() if meant == "anyone" or entry.by_event == (meant == "event")]
    verbs = pattern.verbs()
    with_ = {name: context.scope.value(condition) for name, condition in pattern.with_.items()}
    rows = {name: context.scope.value(condition) for name, condition in pattern.rows.items()}
    entries = [entry for entry in entries if not verbs or entry.verb in verbs]
    on, not_on = (None if selection is None or not entries else _rows(selection, context.scope) for selection in (pattern.on, pattern.not_on))
    return [
        entry
        for entry in entries
        if (on is None or acted_on(entry) in on)
        and (not_on is None or acted_on(entry) not in not_on)
        and all(holds(condition, entry.arguments.get(name)) for name, condition in with_.items())
        and (pattern.sets is None or _writes(entry, pattern.sets, context.scope))
        and (not rows or _ends_so(entry, rows, context.scope))
        and (pattern.until is None or entry.at <= pattern.until)
    ]  # fmt: skip


def records(entry: Entry, pattern: Pattern) -> set[tuple[str, int]]:
    """Give the rows an action is about: the one acted on, the one made, those whose columns it filled."""
    about = {(change.table, change.id) for change in filled(entry, pattern.sets)} if pattern.sets else set()
    if entry.made:
        about.add(entry.made)
    acted = acted_on(entry)
    return about | ({acted} if acted else set())


def acted_on(entry: Entry) -> tuple[str, int] | None:
    table = entry.arguments.get("table") if entry.verb in LOOKS else VERBS[entry.verb].on if entry.verb in VERBS else None
    return (table, entry.record) if table and entry.record is not None else None


def filled(entry: Entry, sets: Sets) -> list[Any]:
    """Give the changes of an action that put something into one of the columns."""
    return [
        change for change in entry.changes
        if change.table == sets.table and change.after is not None and any(change.after.get(column) not in (None, "") for column in sets.columns)
    ]  # fmt: skip


def _writes(entry: Entry, sets: Sets, scope: Scope) -> bool:
    wanted = {column: scope.value(condition) for column, condition in sets.has.items()}
    return any(all(holds(condition, change.after.get(column)) for column, condition in wanted.items()) for change in filled(entry, sets))


def _rows(selection: Any, scope: Scope) -> set[tuple[str, int]]:
    selected = scope.select(selection)
    return {(selected.table, row["id"]) for row in selected.rows}


def _ends_so(entry: Entry, conditions: dict[str, Any], scope: Scope) -> bool:
    acted = acted_on(entry) or entry.made
    row = scope.state.get(*acted) if acted else None
    return row is not None and fits(row, conditions)
