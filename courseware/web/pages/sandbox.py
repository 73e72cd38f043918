"""The records of the practice CRM: lists with search, filters, sorting and a CSV file, and the page of one record. Writing is in verbs.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode

from markupsafe import Markup

from courseware.errors import NotFound
from courseware.i18n import Message, Text
from courseware.sandbox import queries, show
from courseware.sandbox.actions import VERBS
from courseware.sandbox.queries import Cell, ListPage, ListRow, Moment, RecordPage, Related
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State
from courseware.sandbox.story import FieldTold, StoryLine, story_of
from courseware.sandbox.tables import Column, Table, Tables
from courseware.web.kept import shelf_of
from courseware.web.lists import Asked, asked, csv_file
from courseware.web.routing import Area, Context, Page, Result, signed_in
from courseware.web.views import fragment, translator
from courseware.web.workbench import EXERCISE, Frame, Panel, Run, frame_of, menu_of, note_look, open_run, panel_of, tabs_of

area = Area("sandbox")

NUMBERS = frozenset({"integer", "number", "money", "minutes"})
LONG = frozenset({"long_text", "json"})
_TAG = Markup('<td class="{}" data-l="{}">')
PAPERS = "dossiers"  # shown as what they are: a transcript, a rule card
FREE_TEXT = 300  # characters of a long text that a list shows


class RowShown(NamedTuple):
    """A row of a list: its heading, which leads to the record, then each cell as (the tag that opens it, its text, where it leads)."""

    href: str
    name: str
    cells: list[tuple[Markup, str, str | None]]


@dataclass(frozen=True)
class HeadShown:
    label: str
    css: str
    href: str
    sorted: str | None


@dataclass(frozen=True)
class FilterShown:
    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True)
class ListShown:
    """The inner part of a list page: nothing is looked up any more."""

    address: str
    scenario: str
    title: Text
    table: str
    label: Text
    name_head: HeadShown
    heads: tuple[HeadShown, ...]
    rows: tuple[RowShown, ...]
    total: int
    page: int
    pages: int
    search: str
    tabs: Markup
    filters: Markup
    narrowed: tuple[tuple[str, str, str], ...]
    sort: str
    links: Mapping[str, str]
    verbs: tuple[tuple[str, Message], ...]


@dataclass(frozen=True)
class TablePage:
    """One page of a table."""

    frame: Frame
    panel: None
    label: Text
    body: Markup


@dataclass(frozen=True)
class FoundShown:
    """What a search found in one table; `all` leads to the rest of it."""

    label: Text
    all: str
    total: int
    heads: tuple[str, ...]
    rows: tuple[RowShown, ...]


@dataclass(frozen=True)
class SearchPage:
    """One search through everything the firm has on record."""

    frame: Frame
    panel: None
    search: str
    tables: tuple[FoundShown, ...]

    @property
    def total(self) -> int:
        return sum(found.total for found in self.tables)


@area.get("/practise/runs/<int:run_id>/search", policy=signed_in)
def search(ctx: Context, run_id: int) -> Result:
    run = open_run(ctx, run_id)
    wanted = ctx.request.args.get("q", "").strip()[:100]
    tables: tuple[FoundShown, ...] = ()
    if wanted:
        with run.state() as state:
            found = queries.search_all(state, wanted, [name for name, _ in tabs_of(run.course)])
        tables = tuple(_found_shown(each, wanted, run.address, ctx.language) for each in found)
        note_look(ctx, run, "look.search", {"table": "", "search": wanted})
    return Page("practise/search.html", SearchPage(frame_of(ctx, run), None, wanted, tables))


def _found_shown(found: ListPage, wanted: str, address: str, language: str) -> FoundShown:
    table = found.table
    named = _name_column(table.name, found.columns, table.title, table.number)
    others = [column for column in found.columns if column is not named]
    heads = tuple(column.label.to(language) for column in (named, *others))
    rows = rows_shown(found.rows, named, others, address, table.name, language)
    return FoundShown(table.label, f"{address}/{table.name}?{urlencode({'q': wanted})}", found.total, heads, rows)


@area.get("/practise/runs/<int:run_id>/<table>", policy=signed_in)
def table(ctx: Context, run_id: int, table: str) -> Result:
    run = open_run(ctx, run_id)
    declared = _declared(run, table)
    want = asked(ctx.request.args, *(column.name for column in declared.columns), sort="")
    if want.is_csv:
        return _csv(ctx, run, declared, want)
    key = (*run.mark, run.course.revision, run.is_open, ctx.language, table, want.q, want.sort, want.page, *want.filters.items())
    body = shelf_of(ctx.site).lists.get(key, lambda: _body(ctx, run, declared, want))
    if want.q:
        note_look(ctx, run, "look.search", {"table": table, "search": want.q})
    return Page("practise/list.html", TablePage(frame_of(ctx, run), None, declared.label, body))


def _csv(ctx: Context, run: Run, table: Table, want: Asked) -> Result:
    with run.state(*_needed(table)) as state:
        heads, rows = _all_rows(state, table.name, want, ctx.language)
    return csv_file(f"{table.name}-{run.attempt.scenario or 'practice'}-{run.attempt.number}", heads, rows)


def _body(ctx: Context, run: Run, table: Table, want: Asked) -> Markup:
    with run.state(*_needed(table)) as state:
        found = _listed(state, table.name, want)
        narrowed = tuple(_narrowed(state, found, want))
    return fragment("practise/records.html", ctx, ctx.language, _list_shown(ctx, run, found, want, narrowed))


def _needed(table: Table) -> set[str]:
    """The tables that a list of a table reads: itself, and those whose titles it shows."""
    return {table.name, *(column.table for column in table.columns if column.table)}


def _declared(run: Run, name: str) -> Table:
    if name not in run.course.tables:
        raise NotFound
    return run.course.tables[name]


def _listed(state: State, table: str, want: Asked, **size: Any) -> ListPage:
    name = want.sort.removeprefix("-")
    sort = name if state.tables[table].has(name) else ""
    return queries.list_page(state, table, search=want.q, filters=want.filters, sort=sort, descending=want.sort.startswith("-"), **{"page": want.page, **size})


def _all_rows(state: State, table: str, want: Asked, language: str) -> tuple[list[str], Iterable[Sequence[Any]]]:
    first = _listed(state, table, want, page=1, size=queries.MOST_SIZE)
    others = (_listed(state, table, want, page=number, size=queries.MOST_SIZE) for number in range(2, first.pages + 1))
    rows = list(chain(first.rows, *(page.rows for page in others)))
    numbers = {column.name for column in first.columns if column.type in NUMBERS}
    lines = [[cell.value if cell.column in numbers else cell.text.to(language) for cell in row.cells] for row in rows]
    return [column.label.to(language) for column in first.columns], lines


def _narrowed(state: State, found: ListPage, want: Asked) -> Iterable[tuple[str, str, str]]:
    """What a link narrowed the list to, besides the filters of the form: column, its label's key, the record's title."""
    offered = {column.name for column in found.filterable}
    for name, value in found.filters.items():
        column = found.table.column(name)
        if name not in offered:
            title = show.title_of(state, column.table, int(value)) if column.table and value.isdigit() else value
            yield name, value, title


def _list_shown(ctx: Context, run: Run, found: ListPage, want: Asked, narrowed: tuple[tuple[str, str, str], ...]) -> ListShown:
    table, language = found.table, ctx.language
    kept = urlencode({name: value for name, value in {"q": want.q, **found.filters}.items() if value})
    named = _name_column(table.name, found.columns, table.title, table.number)
    others = [column for column in found.columns if column is not named]
    heads = {column.name: _head(column, found, kept, language) for column in found.columns}
    chosen = {column.name for column in found.filterable} & set(found.filters)

    def filters() -> tuple[list[FilterShown], list[FilterShown]]:
        near = {column.name for column in found.columns} | chosen
        shown = [_filter(column, found.filters, language) for column in found.filterable]
        return [each for each in shown if each.name in near], [each for each in shown if each.name not in near]

    sorting = f"sort={'-' if found.descending else ''}{found.sort}" if want.sort else ""
    pages = {
        way: "?" + "&".join(part for part in (kept, sorting, f"page={number}" if number > 1 else "") if part)
        for way, number in (("before", found.page - 1), ("after", found.page + 1))
    }
    return ListShown(
        address=run.address,
        scenario=run.attempt.scenario,
        title=run.title,
        table=table.name,
        label=table.label,
        name_head=heads[named.name],
        heads=tuple(heads[column.name] for column in others),
        rows=rows_shown(found.rows, named, others, run.address, table.name, language),
        total=found.total,
        page=found.page,
        pages=found.pages,
        search=found.search,
        tabs=_kept_part(ctx, run, "tabs", table.name, lambda: (menu_of(run.course), table.name)),
        filters=fragment("practise/filters.html", ctx, ctx.language, filters()) if chosen else _kept_part(ctx, run, "filters", table.name, filters),
        narrowed=tuple((name, value, f"{table.column(name).label.to(language)}: {title}") for name, value, title in narrowed),
        sort=want.sort,
        links={**pages, "csv": "?" + "&".join(part for part in (kept, sorting, "format=csv") if part)},
        verbs=tuple((f"{run.address}/do/{name}", verb.label) for name, verb in VERBS.items() if verb.makes == table.name and verb.on is None and name not in EXERCISE) if run.is_open else (),
    )


def _kept_part(ctx: Context, run: Run, name: str, table: str, value: Callable[[], Any]) -> Markup:
    """Give a part of a list page that is the same for everybody; it is rendered once."""
    key = (name, run.course.revision, ctx.language, table)
    return shelf_of(ctx.site).part(key, lambda: fragment(f"practise/{name}.html", ctx, ctx.language, value()))


@lru_cache(maxsize=512)
def _named(columns: tuple[str, ...], title: str, number: str | None) -> int:
    """Which column heads a row: the title, else the number, else the first."""
    return next((columns.index(name) for name in (title, number) if name in columns), 0)


def _name_column(table: str, columns: Sequence[Column], title: str, number: str | None) -> Column:
    return columns[_named(tuple(column.name for column in columns), title, number)]


def _head(column: Column, found: ListPage, kept: str, language: str) -> HeadShown:
    here = found.sort == column.name
    turned = f"-{column.name}" if here and not found.descending else column.name
    return HeadShown(column.label.to(language), _css(column), f"?{kept}{'&' if kept else ''}sort={turned}", ("descending" if found.descending else "ascending") if here else None)


def _filter(column: Column, chosen: Mapping[str, str], language: str) -> FilterShown:
    choices = [(key, label.to(language)) for key, label in column.choices.items()]
    if column.type == "bool":
        choices = [("1", translator(language)("yes")), ("0", translator(language)("no"))]
    return FilterShown(column.name, column.label.to(language), tuple(choices), chosen.get(column.name, ""))


def _css(column: Column) -> str:
    return "num" if column.type in NUMBERS else "tn nowrap" if column.type in ("date", "datetime") or column.name == "no" else ""


def rows_shown(rows: Iterable[ListRow], named: Column, others: Sequence[Column], address: str, table: str, language: str) -> tuple[RowShown, ...]:
    """Make the rows of a list ready to print."""
    tags = {column.name: _TAG.format(_css(column), column.label.to(language)) for column in others}
    long = {column.name for column in (named, *others) if column.type in LONG}
    shown = []
    for row in rows:
        name, cells = "", []
        for cell in row.cells:
            text = cell.text.to(language)
            if cell.column in long:
                text = text[:FREE_TEXT]
            if cell.column == named.name:
                name = text
            elif cell.column in tags:
                cells.append((tags[cell.column], text, f"{address}/{cell.ref[0]}/{cell.ref[1]}" if cell.ref else None))
        shown.append(RowShown(f"{address}/{table}/{row.id}", name or row.title, cells))
    return tuple(shown)


# One record


@dataclass(frozen=True)
class FactShown:
    label: str
    text: str
    href: str | None
    is_long: bool


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
    verbs: tuple[tuple[str, Message], ...]
    more_verbs: tuple[tuple[str, Message], ...]
    lines: tuple[LineShown, ...]
    related: tuple[RelatedShown, ...]
    timeline: tuple[MomentShown, ...]
    content_language: str


@area.get("/practise/runs/<int:run_id>/<table>/<int:record_id>", policy=signed_in)
def record(ctx: Context, run_id: int, table: str, record_id: int) -> Result:
    run = open_run(ctx, run_id)
    declared = _declared(run, table)
    with run.state() as state:
        found = queries.record_page(state, table, record_id)
        row = state.get(table, record_id) or {}
        told = story_of(state, run.journal, table, record_id)
        lines = _lines(state, record_id) if table == PAPERS else ()
        panel = panel_of(ctx, run, state)
    here = f"{run.address}/{table}/{record_id}"
    title = str(row.get(declared.title) or found.title)
    page = RecordShown(
        frame=frame_of(ctx, run, here),
        panel=panel,
        table=table,
        label=declared.label,
        singular=declared.singular,
        id=record_id,
        title=title[:FREE_TEXT],
        number=str(row[declared.number]) if declared.number and row.get(declared.number) and row[declared.number] != title else "",
        merged_into=f"{run.address}/{found.merged_into[0]}/{found.merged_into[1]}" if found.merged_into else None,
        facts=_facts(declared, found, run.address, ctx.language),
        verbs=tuple(_verbs_on(run, table, record_id)) if run.is_open else (),
        more_verbs=tuple(_verbs_about(ctx, run, table, record_id)) if run.is_open else (),
        lines=lines,
        related=tuple(_related(each, record_id, run.address, ctx.language) for each in found.related if not (lines and each.table.name == "dossier_lines")),
        timeline=_timeline(run, found.timeline, told, ctx.language),
        content_language="zh-CN" if run.paper.language == "zh" else "en",
    )
    note_look(ctx, run, "look.record", {"table": table, "record": record_id})
    return Page("practise/record.html", page)


def _lines(state: State, dossier: int) -> tuple[LineShown, ...]:
    rows = sorted(state.rows("dossier_lines", dossier_id=dossier), key=lambda row: row["line_no"])
    return tuple(LineShown(str(row["speaker"] or ""), str(row["text"])) for row in rows)


def _facts(table: Table, found: RecordPage, address: str, language: str) -> tuple[FactShown, ...]:
    skipped = {table.number, table.title}
    long = {column.name for column in table.columns if column.type in LONG}
    shown = [fact for fact in found.facts if fact.cell.column not in skipped]
    return tuple(FactShown(fact.label.to(language), fact.cell.text.to(language), _href(fact.cell, address), fact.cell.column in long) for fact in shown)


def _href(cell: Cell, address: str) -> str | None:
    return f"{address}/{cell.ref[0]}/{cell.ref[1]}" if cell.ref else None


def _related(found: Related, record: int, address: str, language: str) -> RelatedShown:
    named = _name_column(found.table.name, found.columns, found.table.title, found.table.number)
    filled = {cell.column for row in found.rows for cell in row.cells if cell.value is not None}
    others = [column for column in found.columns if column is not named and column.name in filled]
    return RelatedShown(
        f"{found.table.name}-{found.column.name}", found.table.label.to(language), found.column.label.to(language), named.label.to(language),
        tuple((column.label.to(language), _css(column)) for column in others),
        rows_shown(found.rows, named, others, address, found.table.name, language), found.total, f"{address}/{found.table.name}?{found.column.name}={record}",
    )  # fmt: skip


def _wanted_first(scenario: Scenario | None, names: Iterable[str]) -> list[str]:
    wanted = scenario.verbs if scenario else ()
    return sorted(names, key=lambda name: wanted.index(name) if name in wanted else len(wanted))


def _verbs_on(run: Run, table: str, id: int) -> Iterable[tuple[str, Message]]:
    """The verbs that act on this record, those of the scenario first."""
    for name in _wanted_first(run.scenario, (name for name, verb in VERBS.items() if verb.on == table)):
        yield f"{run.address}/do/{name}?on={id}", VERBS[name].label


def _verbs_about(ctx: Context, run: Run, table: str, id: int) -> Iterable[tuple[str, Message]]:
    """The verbs that make something which may refer to this record."""
    arguments = shelf_of(ctx.site).part(("about", run.course.revision, table), lambda: _referring(run.course.tables, table))
    for name in _wanted_first(run.scenario, arguments):
        yield f"{run.address}/do/{name}?{quote_plus(arguments[name])}={id}", VERBS[name].label


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
