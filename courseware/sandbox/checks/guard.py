"""The kind `guard`: what must not happen. Rows that stay as they were, actions that are not taken, values that never stand anywhere."""

from __future__ import annotations

from pydantic import model_validator

from courseware.course.yaml import Strict
from courseware.i18n import Text
from courseware.sandbox import show
from courseware.sandbox.expectations import Expectation, judge
from courseware.sandbox.findings import CheckSpec, Conditions, Context, Miss, Outcome, Selection, check_kind
from courseware.sandbox.journal import net
from courseware.sandbox.patterns import Pattern, acted_on, matching
from courseware.sandbox.scope import Named, fits

UNCHANGED = Text({"en": "as it was", "zh": "保持原样"})
NOT_DONE = Text({"en": "not done at all", "zh": "不应做"})
NEEDED = Text({"en": "the work itself, before it can be said that nothing went wrong", "zh": "先完成工作，才谈得上没有出错"})


class Unchanged(Strict):
    """Rows of the base and the plant that stay as they were: all columns, or these; of all rows, or of those that fit `where`."""

    table: str
    columns: list[str] = []
    where: Conditions = {}
    except_: list[str] = []
    teach: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _except(cls, data: object) -> object:
        return {("except_" if name == "except" else name): value for name, value in data.items()} if isinstance(data, dict) else data


class GuardSpec(CheckSpec):
    """`needs`: rows that must be there before the guard can count as passed."""

    unchanged: list[Unchanged] = []
    forbidden: list[Pattern] = []
    expect: list[Expectation] = []
    needs: list[Selection] = []

    @model_validator(mode="after")
    def _guards_something(self) -> GuardSpec:
        if not (self.unchanged or self.forbidden or self.expect):
            raise ValueError("a guard needs `unchanged`, `forbidden` or `expect`")
        return self


@check_kind("guard", GuardSpec, example={"unchanged": [{"table": "accounts", "columns": ["segment"]}]})
def check(spec: GuardSpec, context: Context) -> Outcome:
    misses: list[Miss] = []
    for rule in spec.unchanged:
        misses += _touched(rule, context)
    for pattern in spec.forbidden:
        misses += _done(pattern, context)
    misses += list(judge(spec.expect, context.scope).misses)
    misses += [Miss(expected=NEEDED) for selection in spec.needs if not context.scope.select(selection).rows]
    return Outcome(not misses, int(not misses), 1, tuple(misses), len(misses))


def _touched(rule: Unchanged, context: Context) -> list[Miss]:
    scope = context.scope
    spared = {id for name in rule.except_ for named in [scope.value(name)] if isinstance(named, Named) for id in named.ids}
    where = {column: scope.value(condition) for column, condition in rule.where.items()}
    changes = net([change for entry in context.journal.entries for change in entry.changes])
    misses = []
    for (table, id), change in changes.items():
        if table != rule.table or id in spared or change.before is None:
            continue
        columns = [column for column in (change.after or change.before) if not rule.columns or column in rule.columns]
        row = scope.state.get(table, id) or {}
        if columns and (not where or (row and fits({**row, **change.before}, where))):
            misses.append(_change_miss(context, table, id, columns, dict(change.before), row, rule.teach))
    return misses


def _change_miss(context: Context, table: str, id: int, columns: list[str], before: dict[str, object], row: dict[str, object], teach: Text | None) -> Miss:
    state = context.scope.state
    labels = [show.label(state.tables, table, column) for column in columns]
    now = [show.value(state, table, column, row.get(column)) for column in columns]
    was = [show.joined([label, show.value(state, table, column, before.get(column))], ": ") for label, column in zip(labels, columns, strict=True)]
    return Miss(table, id, show.same(show.title_of(state, table, id)), show.joined(labels), show.joined(now), show.joined([*was, UNCHANGED]), teach)


def _done(pattern: Pattern, context: Context) -> list[Miss]:
    misses = []
    for entry in matching(pattern, context, by="learner"):
        record = acted_on(entry) or entry.made
        where = show.same(f"{entry.at} {show.title_of(context.scope.state, *record) if record else ''}".strip())
        table, id = record or (None, None)
        misses.append(Miss(table, id, where, show.same(entry.verb), where, NOT_DONE, pattern.teach))
    return misses
