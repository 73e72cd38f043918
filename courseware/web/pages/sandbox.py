"""The lists of the practice CRM: search, filters, chosen columns, saved views, sorting, a CSV file. One record is in records.py, many at once in bulk.py."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, urlencode

import flask
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from courseware.errors import Invalid, Refused
from courseware.i18n import Message, Text, message
from courseware.sandbox import attempts, clocks, queries, show, views
from courseware.sandbox.actions import VERBS
from courseware.sandbox.bulk import MOST, verbs_for
from courseware.sandbox.queries import ListPage
from courseware.sandbox.state import State, checkout
from courseware.sandbox.tables import Column, Table
from courseware.web.cookies import columns_of_list, remember_columns
from courseware.web.kept import shelf_of
from courseware.web.lists import Asked, asked, csv_file
from courseware.web.routing import Area, Context, Page, Redirect, Result, signed_in
from courseware.web.rows import NUMBERS, RowShown, css_of, name_column, rows_shown
from courseware.web.views import fragment, translator
from courseware.web.workbench import EXERCISE, Frame, Run, declared_in, frame_of, menu_of, note_look, open_run, tabs_of, work_in

area = Area("sandbox")

CSV_ROWS = 10_000  # the most a file holds; the page says so


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
class ChipShown:
    """A filter that is set, besides the lists beside the search: what it says, and the same list without it."""

    name: str
    value: str
    words: str
    without: str


@dataclass(frozen=True)
class ViewShown:
    """A way to look at the table: everything, its queue, or a view that was saved."""

    label: str
    href: str
    is_here: bool


@dataclass(frozen=True)
class BulkShown:
    """What can be done to several records at once."""

    verbs: tuple[tuple[str, Message], ...]
    most: int


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
    chips: tuple[ChipShown, ...]
    kept: tuple[tuple[str, str], ...]
    sort: str
    links: Mapping[str, str]
    csv_rows: int
    verbs: tuple[tuple[str, Message], ...]
    views: tuple[ViewShown, ...]
    bulk: BulkShown | None
    has_clocks: bool
    is_narrowed: bool


@dataclass(frozen=True)
class SavingShown:
    """The form that keeps this list as a view: what the list asks for, the name typed and what is wrong with it; the view that is shown, if it is one."""

    view: str
    name: str
    problem: Message | None
    shown: int | None


@dataclass(frozen=True)
class TablePage:
    """One page of a table."""

    frame: Frame
    panel: None
    table: str
    label: Text
    body: Markup
    saving: SavingShown | None


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
    named = name_column(found.columns, table.title, table.number)
    others = [column for column in found.columns if column is not named]
    heads = tuple(column.label.to(language) for column in (named, *others))
    rows = rows_shown(found.rows, named, others, address, table.name, language)
    return FoundShown(table.label, f"{address}/{table.name}?{urlencode({'q': wanted})}", found.total, heads, rows)


@area.get("/practise/runs/<int:run_id>/<table>", policy=signed_in)
def table(ctx: Context, run_id: int, table: str) -> Result:
    run = open_run(ctx, run_id)
    declared = declared_in(run, table)
    want = _with_columns(ctx, f"{run.address}/{table}", wanted_of(declared, ctx.request.args))
    if want.is_csv:
        return _csv(ctx, run, declared, want)
    body = _body_of(ctx, run, declared, want)
    if want.q:
        note_look(ctx, run, "look.search", {"table": table, "search": want.q})
    return Page("practise/list.html", TablePage(frame_of(ctx, run), None, table, declared.label, body, _saving(ctx, run, declared, want)))


def wanted_of(table: Table, args: MultiDict[str, str]) -> Asked:
    """Read what an address asks of the list of a table. Values of one filter given several times are joined."""
    keys = [key for key in args if views.is_filter(table, key)]
    joined = {key: ",".join(value for value in args.getlist(key) if value) for key in keys}
    return asked({**args.to_dict(), **joined}, *keys, sort="")


def address_of(want: Asked, **changes: str) -> str:
    """The part of an address that asks for this list; a change to nothing leaves that part out."""
    asks = {"q": want.q, **want.filters, "cols": ",".join(want.columns), "sort": want.sort, **changes}
    return urlencode({name: value for name, value in asks.items() if value}, safe=",*")


def _with_columns(ctx: Context, path: str, want: Asked) -> Asked:
    """The columns of the address, else those chosen last for this list of this run. `cols=-` goes back to those of the table."""
    remembered = columns_of_list(ctx.request)
    if "cols" not in ctx.request.args:
        return replace(want, columns=tuple(remembered.split(","))) if remembered else want
    want = replace(want, columns=tuple(name for name in want.columns if name != "-"))
    chosen = ",".join(want.columns)
    if chosen != remembered:
        flask.after_this_request(lambda response: remember_columns(response, path, chosen))
    return want


def _csv(ctx: Context, run: Run, table: Table, want: Asked) -> Result:
    with run.state(*_needed(table)) as state:
        heads, rows = _all_rows(state, run, table.name, want, ctx.language)
    return csv_file(f"{table.name}-{run.file_name}", heads, rows)


def _body_of(ctx: Context, run: Run, table: Table, want: Asked) -> Markup:
    key = (*run.mark, run.course.revision, run.is_open, ctx.language, table.name, want.q, want.sort, want.page, want.columns, *want.filters.items())
    return shelf_of(ctx.site).lists.get(key, lambda: _body(ctx, run, table, want))


def _body(ctx: Context, run: Run, table: Table, want: Asked) -> Markup:
    with run.state(*_needed(table)) as state:
        found = _listed(state, run, table.name, want)
        chips = tuple(_chips(ctx, state, found, want))
        saved = state.rows("saved_views", source=table.name) if "saved_views" in state.tables else []
    return fragment("practise/records.html", ctx, ctx.language, _list_shown(ctx, run, found, want, chips, saved))


def _needed(table: Table) -> set[str]:
    """The tables that a list of a table reads: itself, those whose titles and clocks it shows, and the saved views."""
    return {table.name, "saved_views", *(column.table for column in table.columns if column.table)}


def _listed(state: State, run: Run, table: str, want: Asked, **size: Any) -> ListPage:
    name = want.sort.removeprefix("-")
    sort = name if name in views.columns_of(state.tables[table]) else ""
    return queries.list_page(
        state, table, search=want.q, filters=want.filters, sort=sort, descending=want.sort.startswith("-"), columns=want.columns, now=run.journal.clock(run.paper.start),
        **{"page": want.page, **size},
    )  # fmt: skip


def _all_rows(state: State, run: Run, table: str, want: Asked, language: str) -> tuple[list[str], Iterable[Sequence[Any]]]:
    first = _listed(state, run, table, want, page=1, size=queries.MOST_SIZE)
    last = min(first.pages, CSV_ROWS // queries.MOST_SIZE)
    others = (_listed(state, run, table, want, page=number, size=queries.MOST_SIZE) for number in range(2, last + 1))
    rows = list(chain(first.rows, *(page.rows for page in others)))
    numbers = {column.name for column in first.columns if column.type in NUMBERS}
    lines = [[cell.value if cell.column in numbers else cell.text.to(language) for cell in row.cells] for row in rows]
    return [column.label.to(language) for column in first.columns], lines


# What is asked, as words and links


def _chips(ctx: Context, state: State, found: ListPage, want: Asked) -> Iterable[ChipShown]:
    """The filters that are set, besides those that the lists beside the search can say."""
    for key, value in found.filters.items():
        name, _, how = key.partition("-")
        column = found.table.column(name)
        if how or column not in found.filterable:
            words = f"{column.label.to(ctx.language)}: {_said(ctx, state, column, how, value)}"
            yield ChipShown(key, value, words, f"?{address_of(replace(want, page=1, filters={other: kept for other, kept in want.filters.items() if other != key}))}")


def _said(ctx: Context, state: State, column: Column, how: str, value: str) -> str:
    _ = translator(ctx.language)
    if how:
        return {"from": _("from %(value)s", value=value), "to": _("up to %(value)s", value=value), "has": _("contains “%(value)s”", value=value)}[how]
    known = {views.EMPTY: _("empty"), views.FILLED: _("filled in")}
    titles = (known.get(each) or (show.title_of(state, column.table, int(each)) if column.table and each.isdigit() else each) for each in value.split(","))
    return _(" or ").join(titles)


def _list_shown(ctx: Context, run: Run, found: ListPage, want: Asked, chips: tuple[ChipShown, ...], saved: Sequence[Mapping[str, Any]]) -> ListShown:
    table, language = found.table, ctx.language
    kept = address_of(replace(want, sort=""))
    named = name_column(found.columns, table.title, table.number)
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
    whole = "&".join(part for part in (kept, sorting) if part)
    making = (verb for verb in VERBS.values() if verb.makes == table.name and verb.on is None and verb.name not in EXERCISE)
    bulk = tuple((verb.name, verb.label) for verb in _bulk_verbs(table.name)) if run.is_open else ()
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
        filters=_kept_part(ctx, run, "filters", table.name, filters, *sorted((name, found.filters[name]) for name in chosen), *want.columns),
        chips=chips,
        kept=tuple((name, value) for name, value in {**found.filters, "cols": ",".join(want.columns), "sort": want.sort}.items() if value),
        sort=want.sort,
        links={**pages, "csv": f"?{whole}{'&' if whole else ''}format=csv", "arrange": f"{table.name}/arrange{'?' if whole else ''}{whole}"},
        csv_rows=min(CSV_ROWS, found.total),
        verbs=tuple((f"{run.address}/do/{verb.name}", verb.label) for verb in making) if run.is_open else (),
        views=tuple(_views(ctx, table.name, want, saved)),
        bulk=BulkShown(bulk, MOST) if bulk and found.total else None,
        has_clocks=any(column.type == clocks.CLOCK for column in found.columns),
        is_narrowed=bool(want.q or found.filters),
    )


def _bulk_verbs(table: str) -> Iterable[Any]:
    """What the bulk form offers: the verbs for many, and mergers, which need two."""
    yield from verbs_for(table)
    yield from (verb for verb in VERBS.values() if verb.on == table and verb.name.endswith(".merge"))


def _views(ctx: Context, table: str, want: Asked, saved: Sequence[Mapping[str, Any]]) -> Iterable[ViewShown]:
    """The views of a table, if there is more than everything: its queue where clocks run, then those that were saved."""
    _ = translator(ctx.language)
    plain = replace(want, page=1)
    offered = [(_("All"), Asked("", "", 1))]
    if table in clocks.OPEN:
        offered.append((_("Open, most urgent first"), Asked("", clocks.CLOCKS[table][-1].name, 1, clocks.OPEN[table])))
    offered += [(str(row["name"]), as_asked(views.view_of(dict(row)))) for row in saved]
    if len(offered) > 1:
        yield from (ViewShown(label, f"?{address_of(each, cols=','.join(each.columns) or '-')}", each == plain) for label, each in offered)


def as_asked(view: views.View) -> Asked:
    """A saved view as an address asks for it."""
    return Asked(view.search, view.sort, 1, view.filters, False, view.columns)


def _kept_part(ctx: Context, run: Run, name: str, table: str, value: Callable[[], Any], *more: Hashable) -> Markup:
    """Give a part of a list page that is the same for everybody; it is rendered once. `more` is what it depends on besides the table."""
    key = (name, run.course.revision, ctx.language, table, *more)
    return shelf_of(ctx.site).part(key, lambda: fragment(f"practise/{name}.html", ctx, ctx.language, value()))


def _head(column: Column, found: ListPage, kept: str, language: str) -> HeadShown:
    here = found.sort == column.name
    turned = f"-{column.name}" if here and not found.descending else column.name
    return HeadShown(column.label.to(language), css_of(column), f"?{kept}{'&' if kept else ''}sort={turned}", ("descending" if found.descending else "ascending") if here else None)


def _filter(column: Column, chosen: Mapping[str, str], language: str) -> FilterShown:
    """The list of choices beside the search. What it cannot say by itself (several, or empty) is added as one more choice."""
    _ = translator(language)
    choices = {key: label.to(language) for key, label in column.choices.items()}
    if column.type == "bool":
        choices = {"1": _("yes"), "0": _("no")}
    value = chosen.get(column.name, "")
    if value and value not in choices:
        known = {**choices, views.EMPTY: _("empty"), views.FILLED: _("filled in")}
        choices[value] = _(" or ").join(known.get(each, each) for each in value.split(","))
    return FilterShown(column.name, column.label.to(language), tuple(choices.items()), value)


# Saving a list as a view


def _saving(ctx: Context, run: Run, table: Table, want: Asked, name: str = "", problem: Message | None = None) -> SavingShown | None:
    if not run.is_open or "saved_views" not in run.course.tables:
        return None
    mine = shelf_of(ctx.site).part(("views", *run.mark, table.name), lambda: _mine(run, table))
    plain = replace(want, page=1)
    shown = next((id for id, view in mine if view == plain), None)
    return SavingShown(address_of(plain), name, problem, shown)


def _mine(run: Run, table: Table) -> list[tuple[int, Asked]]:
    """The views of a table that the learner saved, by id."""
    with run.state("saved_views") as state:
        return [(row["id"], as_asked(views.view_of(row))) for row in state.rows("saved_views", source=table.name, owner_id=run.paper.me)]


@area.post("/practise/runs/<int:run_id>/<table>/views", policy=signed_in)
def save_view(ctx: Context, run_id: int, table: str) -> Result:
    """Keep what a list shows under a name; or give the list back with what is wrong."""
    attempt, course, scenario = work_in(ctx, run_id)
    run = open_run(ctx, run_id)
    declared = declared_in(run, table)
    want = wanted_of(declared, MultiDict(parse_qsl(ctx.form.get("view", ""))))
    name = ctx.form.get("name", "").strip()
    filters = {**want.filters, **({views.WORDS: want.q} if want.q else {})}
    what = {"name": name, "source": table, "filters": json.dumps(filters, ensure_ascii=False), "columns": json.dumps(want.columns), "sort": want.sort}
    try:
        attempts.act(ctx.session, attempt, scenario=scenario, state=checkout(course.base), verb="view.save", arguments=what, now=ctx.now)
    except (Invalid, Refused) as problem:
        page = TablePage(frame_of(ctx, run), None, table, declared.label, _body_of(ctx, run, declared, want), _saving(ctx, run, declared, want, name, problem.message))
        return Page("practise/list.html", page, problem.status)
    asks = address_of(want)
    return Redirect(f"{run.address}/{table}{'?' if asks else ''}{asks}", message("Saved as “%(name)s”. It stands above this list.", name=name))
