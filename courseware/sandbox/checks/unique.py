"""The kind `unique`: no number or address of a row the learner added stands in a second row, however either is written."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from courseware.i18n import Text
from courseware.sandbox import show
from courseware.sandbox.findings import CheckSpec, Context, Miss, Outcome, Selection, check_kind, nowhere
from courseware.sandbox.imports import KEYS, STEPS, normalised
from courseware.sandbox.state import Row

ONCE = Text({"en": "in one record only", "zh": "只出现在一条记录中"})


class UniqueSpec(CheckSpec):
    """`of`: the rows that stand for one person each; without a row added among them the check fails. Compared are the columns `mobile` and `email`."""

    of: list[Selection] = Field(min_length=1)


@check_kind("unique", UniqueSpec, example={"of": [{"table": "contacts", "where": {"merged_into_id": {"empty": True}}}]})
def check(spec: UniqueSpec, context: Context) -> Outcome:
    seen: dict[tuple[str, str], list[tuple[str, Row, str]]] = {}
    added = 0
    for table, row in _rows(spec, context):
        added += (table, row["id"]) in context.scope.made
        for kind in KEYS:
            if row.get(kind):
                seen.setdefault((kind, normalised(kind, row[kind], STEPS)), []).append((table, row, kind))
    shared = [rows for rows in seen.values() if len(rows) > 1 and any((table, row["id"]) in context.scope.made for table, row, _ in rows)]
    misses = tuple(_miss(rows, context) for rows in shared)
    if not added:
        misses = (Miss(where=nowhere(context.scope.state, *(context.scope.select(selection).table for selection in spec.of))),)
    return Outcome(not misses, len(seen) - len(shared), len(seen), misses, len(shared))


def _rows(spec: UniqueSpec, context: Context) -> Iterator[tuple[str, Row]]:
    for selection in spec.of:
        selected = context.scope.select(selection)
        yield from ((selected.table, row) for row in selected.rows)


def _miss(rows: list[tuple[str, Row, str]], context: Context) -> Miss:
    tables = context.scope.state.tables
    table, first, kind = rows[0]
    titles = ", ".join(show.title(context.scope.state, table, row) for table, row, _ in rows[:2])
    writings = " / ".join(f"“{row[kind]}”" for _, row, kind in rows[:2])
    return Miss(table, first["id"], show.same(titles), show.label(tables, table, kind), show.same(writings), ONCE)
