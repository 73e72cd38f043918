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
ALIKE = Text({"en": "records of this kind", "zh": "同类记录"})
NONE = show.same("–")


class DiffRule(Strict):
    """A label for rows or fields: of a table or of named rows, for these columns, when the row ends so. Rows that fit rules with `together` alone stand in one line."""

    label: Literal["needed", "allowed", "unneeded", "harmful"]
    table: str | None = None
    rows: Selection | list[Selection] | None = None
    columns: list[str] = []
    has: Conditions = {}
    says: Text | None = None
    together: bool = False


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
    lines: list[RowChange] = []
    alike: dict[tuple[str, Kind, str], list[Change]] = {}
    for change in net([change for entry in journal.entries for change in entry.changes]).values():
        label = _together(change, ready, scope)
        if label is None:
            lines.append(_row_change(change, ready, scope))
        else:
            alike.setdefault((change.table, _kind(change), label), []).append(change)
    lines += [_one_line(changes, kind, label, scope) for (_, kind, label), changes in alike.items()]
    return tuple(sorted(lines, key=lambda line: (LABELS.index(line.label), line.table, line.id)))


def _together(change: Change, ready: Sequence[_Ready], scope: Scope) -> str | None:
    """Give the one label of a row that a line for many stands for; None where it has a line of its own."""
    if not any(each.rule.together for each in ready):
        return None
    row = scope.state.get(change.table, change.id) or dict(change.before or {})
    rules = [next((each.rule for each in ready if _applies(each, change, column, row)), None) for column in _columns(change)]
    labels = {rule.label if rule is not None and rule.together else None for rule in rules}
    return labels.pop() if len(labels) == 1 else None


def _one_line(changes: Sequence[Change], kind: Kind, label: str, scope: Scope) -> RowChange:
    first = changes[0]
    title = show.title_of(scope.state, first.table, first.id) + (f" … (+{len(changes) - 1})" if len(changes) > 1 else "")
    counted = FieldChange("id", ALIKE, NONE, show.same(str(len(changes))), label)
    return RowChange(first.table, first.id, title, kind, label, (counted,))


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


def _kind(change: Change) -> Kind:
    return "made" if change.before is None else "removed" if change.after is None else "changed"


def _columns(change: Change) -> set[str]:
    """Give the columns that are different."""
    before, after = change.before or {}, change.after or {}
    return {column for column in {*before, *after} if before.get(column) != after.get(column)}


def _row_change(change: Change, ready: Sequence[_Ready], scope: Scope) -> RowChange:
    kind = _kind(change)
    row = scope.state.get(change.table, change.id) or dict(change.before or {})
    fields = tuple(_field(change, column, row, ready, scope) for column in sorted(_columns(change), key=_declared_order(scope, change.table)))
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
