"""One record of the practice CRM: its facts, each edited where it stands, what can be done with it, what refers to it, its time line; and putting it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus

from courseware.errors import Invalid, NotFound, Refused
from courseware.i18n import Message, Text, message
from courseware.sandbox import attempts, queries
from courseware.sandbox.actions import VERBS
from courseware.sandbox.queries import Cell, Moment, RecordPage, Related
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import Row, State, checkout
from courseware.sandbox.story import FieldTold, StoryLine, story_of
from courseware.sandbox.tables import Table, Tables
from courseware.sandbox.taking_back import done_to
from courseware.sandbox.verbs import editor
from courseware.web.fields import FieldShown, arguments_of, field_shown, near_to, sought
from courseware.web.kept import shelf_of
from courseware.web.panel import Panel, panel_of
from courseware.web.record_parts import PartShown, part_of
from courseware.web.routing import Area, Context, Page, Redirect, Result, signed_in
from courseware.web.rows import FREE_TEXT, RowShown, css_of, name_column, rows_shown
from courseware.web.workbench import EXERCISE, Frame, Run, declared_in, frame_of, note_look, open_run, work_in

area = Area("records")

PAPERS = "dossiers"  # shown as what they are: a transcript, a rule card
FEW = 6  # verbs that all stand open; of more, those of every day and of the scenario do, and the others are folded


@dataclass(frozen=True)
class FactShown:
    """A fact of a record, in parts where a form left several. `edit` leads to its small form where a verb edits it by itself; `form` is that form, open."""

    column: str
    label: str
    text: str
    href: str | None
    is_long: bool
    edit: str | None
    form: FieldShown | None
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class VerbShown:
    """Something that can be done here; `is_about` what makes another record that refers to this one."""

    href: str
    label: Message
    is_about: bool


@dataclass(frozen=True)
class RelatedShown:
    """Rows that refer to the record; `all` leads to the whole list where it is longer."""

    id: str
    label: str
    by: str
    name: str
    heads: tuple[tuple[str, str], ...]
    rows: tuple[RowShown, ...]
    total: int
    all: str


@dataclass(frozen=True)
class LineShown:
    """A line of a dossier: who speaks, and what."""

    speaker: str
    text: str


@dataclass(frozen=True)
class MomentShown:
    """A point of the time line: a row of the CRM, or what was done in this run."""

    at: str
    what: str | Message
    title: str
    href: str | None
    body: str
    by: str | None
    is_mine: bool
    is_undone: bool = False
    fields: tuple[FieldTold, ...] = ()


@dataclass(frozen=True)
class RecordShown:
    """A record: its facts, what can be done with it, what refers to it, and one time line of everything."""

    frame: Frame
    panel: Panel | None
    table: str
    label: Text
    singular: Text
    id: int
    title: str
    number: str
    merged_into: str | None
    facts: tuple[FactShown, ...]
    unfilled: tuple[tuple[str, str], ...]
    problem: Message | None
    steps: int
    verbs: tuple[VerbShown, ...]
    more_verbs: tuple[VerbShown, ...]
    part: PartShown | None
    lines: tuple[LineShown, ...]
    related: tuple[RelatedShown, ...]
    timeline: tuple[MomentShown, ...]
    content_language: str


@area.get("/practise/runs/<int:run_id>/<table>/<int:record_id>", policy=signed_in)
def record(ctx: Context, run_id: int, table: str, record_id: int) -> Result:
    run = open_run(ctx, run_id)
    page = _page(ctx, run, table, record_id, Edited(ctx.request.args.get("edit", "")))
    note_look(ctx, run, "look.record", {"table": table, "record": record_id})
    return Page("practise/record.html", page)


@area.post("/practise/runs/<int:run_id>/<table>/<int:record_id>", policy=signed_in)
def edit(ctx: Context, run_id: int, table: str, record_id: int) -> Result:
    """Write one field with the verb that edits it; or give the page back, with what was typed and what is wrong beside the field."""
    attempt, course, scenario = work_in(ctx, run_id)
    column = ctx.form.get("column", "")
    verb = editor(table, column)
    if verb is None or table not in course.tables:
        raise NotFound
    fields = tuple(field for field in verb.fields(course.tables) if field.column == f"{table}.{column}")
    typed = {name: ctx.form[name] for name in ctx.request.form}
    if "find" in typed or sought(ctx, fields):
        return Page("practise/record.html", _page(ctx, open_run(ctx, run_id), table, record_id, Edited(column, typed, find=fields[0].name)))
    try:
        arguments = {**arguments_of(ctx, verb, fields), "record": record_id}
        attempts.act(ctx.session, attempt, scenario=scenario, state=checkout(course.base), verb=verb.name, arguments=arguments, now=ctx.now)
    except (Invalid, Refused) as problem:
        return Page("practise/record.html", _page(ctx, open_run(ctx, run_id), table, record_id, Edited(column, typed, problem.message)), problem.status)
    return Redirect(f"/practise/runs/{run_id}/{table}/{record_id}#fact-{column}", message("Changed: %(field)s.", field=course.tables[table].column(column).label.to(ctx.language)))


@area.post("/practise/runs/<int:run_id>/<table>/<int:record_id>/put-back", policy=signed_in)
def put_back(ctx: Context, run_id: int, table: str, record_id: int) -> Result:
    """Take back all that was done to this record in the run, if nothing else hangs on it."""
    attempt, course, _ = work_in(ctx, run_id)
    here = f"/practise/runs/{run_id}/{table}"
    try:
        entries = attempts.put_back(ctx.session, attempt, tables=course.tables, record=(table, record_id), now=ctx.now)
    except Refused as problem:
        return Page("practise/record.html", _page(ctx, open_run(ctx, run_id), table, record_id, Edited(problem=problem.message)), problem.status)
    is_gone = any((change.table, change.id, change.after) == (table, record_id, None) for entry in entries for change in entry.changes)
    return Redirect(here if is_gone else f"{here}/{record_id}", message("The record is as it was at the beginning. Taken back: %(count)s steps.", count=len(entries)))


@dataclass(frozen=True)
class Edited:
    """The field that is being edited, what was typed into it, and what is wrong; without a field the problem is the record's."""

    column: str = ""
    typed: Mapping[str, Any] | None = None
    problem: Message | None = None
    find: str = ""


def _page(ctx: Context, run: Run, table: str, record_id: int, edited: Edited) -> RecordShown:
    declared = declared_in(run, table)
    with run.state() as state:
        found = queries.record_page(state, table, record_id)
        row = state.get(table, record_id) or {}
        told = story_of(state, run.journal, table, record_id)
        lines = _lines(state, record_id) if table == PAPERS else ()
        panel = panel_of(ctx, run, state)
        form = _form(ctx, state, declared, row, edited) if run.is_open else None
        part = part_of(ctx, run, state, table, row)
    here = f"{run.address}/{table}/{record_id}"
    title = found.title if declared.about else str(row.get(declared.title) or found.title)
    facts = _facts(declared, found, run, here, ctx.language, edited.column if form else "", form)
    verbs, more_verbs = _verbs(ctx, run, table, record_id) if run.is_open else ((), ())
    return RecordShown(
        frame=frame_of(ctx, run, here),
        panel=panel,
        table=table,
        label=declared.label,
        singular=declared.singular,
        id=record_id,
        title=title[:FREE_TEXT],
        number=str(row[declared.number]) if declared.number and row.get(declared.number) and row[declared.number] != title else "",
        merged_into=f"{run.address}/{found.merged_into[0]}/{found.merged_into[1]}" if found.merged_into else None,
        facts=facts,
        unfilled=tuple(_unfilled(declared, row, here, ctx.language, edited.column)) if run.is_open else (),
        problem=None if edited.column else edited.problem,
        steps=len(done_to(run.journal, (table, record_id))) if run.is_open else 0,
        verbs=verbs,
        more_verbs=more_verbs,
        part=part,
        lines=lines,
        related=tuple(_related(each, record_id, run.address, ctx.language) for each in found.related if not (lines and each.table.name == "dossier_lines")),
        timeline=_timeline(run, found.timeline, told, ctx.language),
        content_language="zh-CN" if run.paper.language == "zh" else "en",
    )


def _form(ctx: Context, state: State, table: Table, row: Row, edited: Edited) -> FieldShown | None:
    """The open form of a field: what the row holds, or what was typed."""
    verb = editor(table.name, edited.column)
    if verb is None:
        return None
    field = next(field for field in verb.fields(state.tables) if field.column == f"{table.name}.{edited.column}")
    typed = edited.typed if edited.typed is not None else {field.name: row[edited.column]}
    return field_shown(ctx, state, field, typed, edited.problem, edited.find, near_to(state, table.name, row))


def _lines(state: State, dossier: int) -> tuple[LineShown, ...]:
    rows = sorted(state.rows("dossier_lines", dossier_id=dossier), key=lambda row: row["line_no"])
    return tuple(LineShown(str(row["speaker"] or ""), str(row["text"])) for row in rows)


def _facts(table: Table, found: RecordPage, run: Run, here: str, language: str, editing: str, form: FieldShown | None) -> tuple[FactShown, ...]:
    """The facts that are filled in, and the one that is being edited."""
    skipped = {name for name in (table.number, None if table.about else table.title) if name and not (run.is_open and editor(table.name, name))}
    told = {fact.cell.column: fact for fact in found.facts if fact.cell.column not in skipped}
    shown = []
    for column in table.columns:
        fact = told.get(column.name)
        if fact is not None or column.name == editing:
            edit = f"{here}?edit={column.name}#fact-{column.name}" if run.is_open and editor(table.name, column.name) else None
            text, href = (fact.cell.text.to(language), _href(fact.cell, run.address)) if fact else ("", None)
            parts = tuple((name.to(language), words.to(language)) for name, words in fact.parts if name) if fact else ()
            is_long = column.type == "long_text" or bool(parts)
            shown.append(FactShown(column.name, column.label.to(language), text, href, is_long, edit, form if column.name == editing else None, parts))
    return tuple(shown)


def _unfilled(table: Table, row: Row, here: str, language: str, editing: str) -> Iterable[tuple[str, str]]:
    """The fields that hold nothing yet and can be filled in, each with the address of its form."""
    for column in table.columns:
        if row.get(column.name) is None and column.name != editing and editor(table.name, column.name):
            yield f"{here}?edit={column.name}#fact-{column.name}", column.label.to(language)


def _href(cell: Cell, address: str) -> str | None:
    return f"{address}/{cell.ref[0]}/{cell.ref[1]}" if cell.ref else None


def _related(found: Related, record: int, address: str, language: str) -> RelatedShown:
    named = name_column(found.columns, found.table.title, found.table.number)
    filled = {cell.column for row in found.rows for cell in row.cells if cell.value is not None}
    others = [column for column in found.columns if column is not named and column.name in filled]
    return RelatedShown(
        f"{found.table.name}-{found.column.name}", found.table.label.to(language), found.column.label.to(language), named.label.to(language),
        tuple((column.label.to(language), css_of(column)) for column in others),
        rows_shown(found.rows, named, others, address, found.table.name, language), found.total, f"{address}/{found.table.name}?{found.column.name}={record}",
    )  # fmt: skip


def _wanted_first(scenario: Scenario | None, names: Iterable[str]) -> list[str]:
    wanted = scenario.verbs if scenario else ()
    return sorted(names, key=lambda name: wanted.index(name) if name in wanted else len(wanted))


def _verbs(ctx: Context, run: Run, table: str, id: int) -> tuple[tuple[VerbShown, ...], tuple[VerbShown, ...]]:
    """What can be done with this record, and then what makes something that may refer to it: those that stand open, and those that are folded."""
    arguments = shelf_of(ctx.site).part(("about", run.course.revision, table), lambda: _referring(run.course.tables, table))
    wanted = run.scenario.verbs if run.scenario else ()
    on = _wanted_first(run.scenario, (name for name, verb in VERBS.items() if table in (verb.on, verb.fills)))
    links = {name: VerbShown(f"{run.address}/do/{name}?on={id}", VERBS[name].label, is_about=False) for name in on}
    for name in _wanted_first(run.scenario, arguments):
        links[name] = VerbShown(f"{run.address}/do/{name}?{quote_plus(arguments[name])}={id}", VERBS[name].label, is_about=True)
    if len(links) <= FEW:
        return tuple(links.values()), ()
    first = {name for name in links if VERBS[name].everyday or name in wanted}
    return tuple(link for name, link in links.items() if name in first), tuple(link for name, link in links.items() if name not in first)


def _referring(tables: Tables, table: str) -> dict[str, str]:
    """The making verbs that take a record of a table, with the argument that means it: the one called after the table, if there is one."""
    found: dict[str, str] = {}
    for name, verb in VERBS.items():
        if verb.on is None and name not in EXERCISE:
            taking = [field.name for field in verb.fields(tables) if field.table == table and field.name == f"{table.rstrip('s')}_id"]
            if taking:
                found[name] = taking[0]
    return found


def _timeline(run: Run, moments: Sequence[Moment], told: Sequence[StoryLine], language: str) -> tuple[MomentShown, ...]:
    """Join the rows that refer to the record with what was done to it in this run; what rows show already is not said twice."""
    made = run.journal.made()
    seen = {(moment.table, moment.id) for moment in moments}
    rows_of = {entry.no: {(change.table, change.id) for change in entry.changes if change.before is None} for entry in run.journal.entries}
    shown: list[MomentShown] = []
    for moment in moments:
        body, is_history = moment.body.to(language)[:FREE_TEXT], moment.table == "case_history"
        is_mine = (moment.table, moment.id) in made
        before = shown[-1] if shown else None
        if is_history and before is not None and (before.at, before.by, before.is_mine, before.href, before.title) == (moment.at, moment.by, is_mine, None, ""):
            shown[-1] = replace(before, body=f"{body} · {before.body}")  # what one action changed stands in one line
            continue
        href = None if is_history else f"{run.address}/{moment.table}/{moment.id}"
        shown.append(MomentShown(moment.at, moment.kind.to(language), moment.title, href, body, moment.by, is_mine))
    shown += [
        MomentShown(line.at, line.what, "", None, "", line.by, line.by is None, line.undone, line.fields)
        for line in reversed(told) if not rows_of[line.no] & seen
    ]  # fmt: skip
    return tuple(sorted(shown, key=lambda moment: moment.at, reverse=True))
