"""The whole diff: every row the learner's actions made different, field by field, labelled by the scenario's rules. The right value is never told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from courseware.course.yaml import Strict
from courseware.i18n import Text
from courseware.sandbox import show
from courseware.sandbox.findings import Conditions, Selection
from courseware.sandbox.journal import Journal, net
from courseware.sandbox.scope import Named, Scope, fits
from courseware.sandbox.state import Change

LABELS = ("harmful", "unneeded", "needed", "allowed")  # the worst first
CONSEQUENCES = frozenset({"case_history"})  # rows that verbs write by themselves
Kind = Literal["made", "changed", "removed"]


class DiffRule(Strict):
    """A label for rows or fields: of a table or of named rows, for these columns, when the row ends so."""

    label: Literal["needed", "allowed", "unneeded", "harmful"]
    table: str | None = None
    rows: Selection | list[Selection] | None = None
    columns: list[str] = []
    has: Conditions = {}
    says: Text | None = None


@dataclass(frozen=True)
class FieldChange:
    """One column of a changed row: what it held and what it holds, and its label."""

    column: str
    name: Text
    before: Text
    after: Text
    label: str
    says: Text | None = None


@dataclass(frozen=True)
class RowChange:
    """One row that is different: made, changed or removed. Its label is the worst of its fields'."""

    table: str
    id: int
    title: str
    kind: Kind
    label: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class _Ready:
    """A rule with its names and values looked up once."""

    rule: DiffRule
    rows: frozenset[tuple[str, int]] | None
    has: Mapping[str, Any]


def diff(rules: Sequence[DiffRule], journal: Journal, scope: Scope) -> tuple[RowChange, ...]:
    """Label every net change of the learner's epoch; without a rule a change is unneeded. Harmful ones come first."""
    ready = [_Ready(rule, _rows(rule, scope), {column: scope.value(condition) for column, condition in rule.has.items()}) for rule in rules]
    changes = net([change for entry in journal.entries for change in entry.changes])
    lines = [_row_change(change, ready, scope) for change in changes.values()]
    return tuple(sorted(lines, key=lambda line: (LABELS.index(line.label), line.table, line.id)))


def _rows(rule: DiffRule, scope: Scope) -> frozenset[tuple[str, int]] | None:
    if rule.rows is None:
        return None
    selections = rule.rows if isinstance(rule.rows, list) else [rule.rows]
    found: set[tuple[str, int]] = set()
    for selection in selections:
        named = scope.value(selection) if isinstance(selection, str) else scope.select(selection)
        ids = named.ids if isinstance(named, Named) else tuple(row["id"] for row in named.rows)
        found |= {(named.table, id) for id in ids}
    return frozenset(found)


def _row_change(change: Change, ready: Sequence[_Ready], scope: Scope) -> RowChange:
    kind: Kind = "made" if change.before is None else "removed" if change.after is None else "changed"
    row = scope.state.get(change.table, change.id) or dict(change.before or {})
    columns = sorted({*(change.before or {}), *(change.after or {})}, key=_declared_order(scope, change.table))
    fields = tuple(_field(change, column, row, ready, scope) for column in columns if (change.before or {}).get(column) != (change.after or {}).get(column))
    label = min((field.label for field in fields), key=LABELS.index, default="allowed")
    if kind == "made" and label == "unneeded" and any(field.label == "needed" for field in fields):
        label = "needed"  # a new row is judged by what it was made for; its fields keep their own labels
    return RowChange(change.table, change.id, show.title_of(scope.state, change.table, change.id), kind, label, fields)


def _declared_order(scope: Scope, table: str) -> Any:
    names = [column.name for column in scope.state.tables[table].columns]
    return names.index


def _field(change: Change, column: str, row: Mapping[str, Any], ready: Sequence[_Ready], scope: Scope) -> FieldChange:
    label, says = "allowed" if change.table in CONSEQUENCES else "unneeded", None
    for each in ready:
        if _applies(each, change, column, row):
            label, says = each.rule.label, each.rule.says
            break
    before, after = ((side or {}).get(column) for side in (change.before, change.after))
    state = scope.state
    shown = (show.value(state, change.table, column, before), show.value(state, change.table, column, after))
    return FieldChange(column, show.label(state.tables, change.table, column), *shown, label, scope.text(says) if says else None)


def _applies(ready: _Ready, change: Change, column: str, row: Mapping[str, Any]) -> bool:
    rule = ready.rule
    return (
        (rule.table is None or rule.table == change.table)
        and (not rule.columns or column in rule.columns)
        and (ready.rows is None or (change.table, change.id) in ready.rows)
        and (not ready.has or ("id" in row and fits(dict(row), ready.has)))
    )
