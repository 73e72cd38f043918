"""One verb on many records of a list: choose its values, look at what would happen to each, then one press. The list itself is in sandbox.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from courseware.errors import Invalid, NotFound, Refused
from courseware.i18n import Message, Text, message
from courseware.sandbox import attempts, queries, show, views
from courseware.sandbox.actions import VERBS
from courseware.sandbox.bulk import MOST, Tried, try_out
from courseware.sandbox.play import FREE
from courseware.sandbox.state import State, checkout
from courseware.sandbox.tables import Table
from courseware.sandbox.verbs import Verb
from courseware.web.fields import FieldShown, arguments_of, field_shown, sought, whole
from courseware.web.lists import Asked
from courseware.web.pages.sandbox import address_of, wanted_of
from courseware.web.routing import Area, Context, Page, Redirect, Result, signed_in
from courseware.web.workbench import Frame, Run, declared_in, frame_of, open_run, work_in

area = Area("bulk")

FIRST = 10  # records shown of each kind


@dataclass(frozen=True)
class RecordLine:
    """A record with what would become of it: the fields that change, or why it is left out."""

    href: str
    title: str
    fields: tuple[tuple[Text, Text, Text], ...] = ()
    reason: Message | None = None


@dataclass(frozen=True)
class TriedShown:
    """The preview: how many would be changed, and which; how many are left out, and why."""

    ids: tuple[int, ...]
    changed: tuple[RecordLine, ...]
    refused: int
    left_out: tuple[RecordLine, ...]


@dataclass(frozen=True)
class BulkPage:
    """The form of a verb for many records, and its preview once its values are there."""

    frame: Frame
    panel: None
    table: str
    label: Text
    verb: Verb
    view: str
    ids: tuple[int, ...]
    records: tuple[RecordLine, ...]
    fields: tuple[FieldShown, ...]
    kept: tuple[tuple[str, str], ...]
    problem: Message | None
    tried: TriedShown | None

    @property
    def error_count(self) -> int:
        return sum(field.error is not None for field in self.fields)


@area.get("/practise/runs/<int:run_id>/<table>/bulk", policy=signed_in)
def choose(ctx: Context, run_id: int, table: str) -> Result:
    """The records chosen in a list, and the fields of the verb. Two records and a merger lead to its comparison."""
    run = open_run(ctx, run_id)
    declared = declared_in(run, table)
    verb = _verb(table, ctx.request.args.get("verb", ""))
    if not run.is_open:
        raise NotFound
    want = wanted_of(declared, ctx.request.args)
    with run.state() as state:
        ids = _chosen(state, declared, want, ctx.request.args)
        if not verb.bulk:
            if len(ids) != 2:
                return _back(run, table, want, message("Tick exactly two records to merge them; you ticked %(count)s.", count=len(ids)))
            return Redirect(f"{run.address}/do/{verb.name}?on={ids[0]}&other={ids[1]}")
        if not ids:
            return _back(run, table, want, message("Tick the records first, or choose all that match."))
        if len(ids) > MOST:
            return _back(run, table, want, message("These are more than %(most)s records. Filter the list first.", most=MOST))
        tried = None if verb.arguments else _try(run, state, verb, {}, ids)
        return Page("practise/bulk.html", _page(ctx, run, state, declared, verb, want, ids, {}, tried=tried))


@area.post("/practise/runs/<int:run_id>/<table>/bulk", policy=signed_in)
def act(ctx: Context, run_id: int, table: str) -> Result:
    """Show what would happen; with `sure`, do it to the records of that preview: to all of them, or to none."""
    attempt, course, scenario = work_in(ctx, run_id)
    run = open_run(ctx, run_id)
    declared = declared_in(run, table)
    verb = _verb(table, ctx.form.get("verb", ""))
    if not verb.bulk or not run.is_open:
        raise NotFound
    want = wanted_of(declared, MultiDict(parse_qsl(ctx.form.get("view", ""))))
    ids = _rows(ctx.request.form)
    typed: dict[str, Any] = {name: values if len(values) > 1 else values[0] for name, values in ctx.request.form.lists()}
    arguments = {name: value for name, value in arguments_of(ctx, verb, verb.fields(course.tables)).items() if value not in ("", [])}
    find = ctx.form.get("find") or sought(ctx, verb.fields(course.tables))
    problem: Invalid | Refused | None = None
    tried = None
    if "sure" in ctx.form:
        try:
            done = attempts.act_on_all(ctx.session, attempt, scenario=scenario, state=checkout(course.base), verb=verb.name, arguments=arguments, records=ids, now=ctx.now)
        except (Invalid, Refused) as refusal:
            problem = refusal
        else:
            return _back(run, table, want, message("Done to %(count)s records. One undo takes all of it back.", count=len({entry.record for entry in done.entries})))
    with run.state() as state:
        if not find:
            try:
                tried = _try(run, state, verb, arguments, ids)
            except (Invalid, Refused) as refusal:
                problem = refusal
        page = _page(ctx, run, state, declared, verb, want, ids, typed, tried=tried, problem=problem, find=find)
    return Page("practise/bulk.html", page, problem.status if problem else 200)


def _verb(table: str, name: str) -> Verb:
    verb = VERBS.get(name)
    if verb is None or verb.on != table:
        raise NotFound
    return verb


def _back(run: Run, table: str, want: Asked, notice: Message) -> Redirect:
    asks = address_of(want)
    return Redirect(f"{run.address}/{table}{'?' if asks else ''}{asks}", notice)


def _chosen(state: State, table: Table, want: Asked, args: MultiDict[str, str]) -> tuple[int, ...]:
    """The ticked records, or all that match what the list asked for; one more than may be, if there are more."""
    if args.get("which") == "all":
        return tuple(queries.matching(state, views.View(table.name, want.filters, search=want.q), most=MOST + 1))
    return tuple(id for id in _rows(args) if state.get(table.name, id) is not None)


def _rows(args: MultiDict[str, str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(id for id in map(whole, args.getlist("row")) if id is not None))


def _try(run: Run, state: State, verb: Verb, arguments: Mapping[str, Any], ids: Sequence[int]) -> Tried:
    with state.applied():
        return try_out(state, run.paper, run.journal, run.scenario.playing if run.scenario else FREE, verb.name, arguments, ids)


def _page(
    ctx: Context, run: Run, state: State, table: Table, verb: Verb, want: Asked, ids: Sequence[int], typed: Mapping[str, Any], *,
    tried: Tried | None = None, problem: Invalid | Refused | None = None, find: str = "",
) -> BulkPage:  # fmt: skip
    fields = verb.fields(state.tables)
    wrong = {problem.field: problem.message} if isinstance(problem, Invalid) and problem.field in {field.name for field in fields} else {}
    names = {field.name for field in fields}
    return BulkPage(
        frame=frame_of(ctx, run),
        panel=None,
        table=table.name,
        label=table.label,
        verb=verb,
        view=address_of(want),
        ids=tuple(ids),
        records=tuple(_line(run, state, table.name, id) for id in ids[:FIRST]),
        fields=tuple(field_shown(ctx, state, field, typed, wrong.get(field.name), find) for field in fields),
        kept=tuple((name, each) for name, value in typed.items() if name in names for each in (value if isinstance(value, list) else [value])),
        problem=problem.message if problem and not wrong else None,
        tried=_tried(run, state, table.name, tried) if tried else None,
    )


def _line(run: Run, state: State, table: str, id: int, reason: Message | None = None) -> RecordLine:
    return RecordLine(f"{run.address}/{table}/{id}", show.title_of(state, table, id), reason=reason)


def _tried(run: Run, state: State, table: str, tried: Tried) -> TriedShown:
    ids = tuple(dict.fromkeys(entry.record for entry in tried.entries if entry.record is not None))
    changes = {change.id: change for entry in tried.entries[: 2 * FIRST] for change in entry.changes if change.table == table and change.before is not None}
    changed = []
    for id in ids[:FIRST]:
        change = changes.get(id)
        before, after = (change.before or {}, change.after or {}) if change else ({}, {})
        told = tuple((show.label(state.tables, table, name), show.value(state, table, name, before.get(name)), show.value(state, table, name, after.get(name))) for name in after)
        changed.append(RecordLine(f"{run.address}/{table}/{id}", show.title_of(state, table, id), told))
    left_out = tuple(_line(run, state, table, id, reason) for id, reason in list(tried.refused.items())[: 2 * FIRST])
    return TriedShown(ids, tuple(changed), len(tried.refused), left_out)
