"""All filters of a list, its columns and its order, as one form that leads back to the list with a plain address. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from courseware.i18n import Text
from courseware.sandbox import queries, views
from courseware.sandbox.clocks import CLOCK
from courseware.sandbox.state import State
from courseware.sandbox.tables import Column, Table
from courseware.web.fields import SHORT_LIST
from courseware.web.lists import Asked
from courseware.web.pages.sandbox import address_of, wanted_of
from courseware.web.routing import Area, Context, Page, Redirect, Result, signed_in
from courseware.web.views import translator
from courseware.web.workbench import Frame, Run, declared_in, frame_of, open_run

area = Area("arrange")

INPUTS = {"date": "date", "datetime": "date"}  # the fields for from and to; a day of a moment means all of it


@dataclass(frozen=True)
class ColumnShown:
    """One column as the form asks for it: what it must hold, and its place in the list (empty: not shown)."""

    name: str
    label: str
    place: str
    choices: tuple[tuple[str, str], ...]
    chosen: frozenset[str]
    is_many: bool
    input: str | None
    first: str
    last: str
    has: str | None


@dataclass(frozen=True)
class ArrangePage:
    """The form. Columns that the list shows or filters by stand first."""

    frame: Frame
    panel: None
    table: str
    label: Text
    search: str
    near: tuple[ColumnShown, ...]
    others: tuple[ColumnShown, ...]
    sorts: tuple[tuple[str, str], ...]
    sort: str
    descending: bool
    back: str


@area.get("/practise/runs/<int:run_id>/<table>/arrange", policy=signed_in)
def arrange(ctx: Context, run_id: int, table: str) -> Result:
    run = open_run(ctx, run_id)
    declared = declared_in(run, table)
    want = wanted_of(declared, ctx.request.args)
    if "apply" in ctx.request.args:
        return Redirect(f"{run.address}/{table}?{_applied(ctx, declared, want)}")
    with run.state() as state:
        return Page("practise/arrange.html", _page(ctx, run, state, declared, want))


def _applied(ctx: Context, table: Table, want: Asked) -> str:
    """The address the form means: columns by their places, the order with its direction."""
    args = ctx.request.args
    placed = []
    for index, name in enumerate(views.columns_of(table)):
        place = args.get(f"place-{name}", "").strip()
        if place.isascii() and place.isdigit() and len(place) < 4:
            placed.append((int(place), index, name))
    columns = tuple(name for _, _, name in sorted(placed))
    sort = f"-{want.sort}" if want.sort and args.get("down") else want.sort
    return address_of(replace(want, sort=sort, columns=columns if columns != _usual(table) else ()), **({} if columns and columns != _usual(table) else {"cols": "-"}))


def _usual(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in queries.columns_shown(table, (), "now"))


def _page(ctx: Context, run: Run, state: State, table: Table, want: Asked) -> ArrangePage:
    placed = want.columns or _usual(table)
    near = {*placed, *(key.partition("-")[0] for key in want.filters)}
    known = views.columns_of(table)
    shown = [_column(ctx, state, column, want, placed) for column in sorted(known.values(), key=lambda column: placed.index(column.name) if column.name in placed else len(placed))]
    return ArrangePage(
        frame=frame_of(ctx, run),
        panel=None,
        table=table.name,
        label=table.label,
        search=want.q,
        near=tuple(column for column in shown if column.name in near),
        others=tuple(column for column in shown if column.name not in near),
        sorts=tuple((name, column.label.to(ctx.language)) for name, column in known.items()),
        sort=want.sort.removeprefix("-"),
        descending=want.sort.startswith("-"),
        back=f"{run.address}/{table.name}?{address_of(want)}",
    )


def _column(ctx: Context, state: State, column: Column, want: Asked, placed: Sequence[str]) -> ColumnShown:
    _ = translator(ctx.language)
    choices, is_many = _choices(ctx, state, column)
    holds = () if column.type == CLOCK else (*choices, (views.EMPTY, _("empty")), (views.FILLED, _("filled in")))
    filters = want.filters
    return ColumnShown(
        column.name, column.label.to(ctx.language), str(placed.index(column.name) + 1) if column.name in placed else "",
        holds, frozenset(filters.get(column.name, "").split(",")) - {""}, is_many,
        INPUTS.get(column.type, "text") if column.type in views.RANGED else None,
        filters.get(f"{column.name}-from", "")[:10], filters.get(f"{column.name}-to", "")[:10],
        filters.get(f"{column.name}-has", "") if column.type in views.WORDED and not choices else None,
    )  # fmt: skip


def _choices(ctx: Context, state: State, column: Column) -> tuple[tuple[tuple[str, str], ...], bool]:
    """The values to choose from, and whether several may be ticked: short lists alone. Other records are found by words."""
    _ = translator(ctx.language)
    if column.type == "choice":
        return tuple((key, label.to(ctx.language)) for key, label in column.choices.items()), True
    if column.type == "bool":
        return (("1", _("yes")), ("0", _("no"))), False
    if column.table and state.count(column.table) <= SHORT_LIST:
        return tuple((str(option.id), option.title) for option in queries.choose(state, column.table, most=SHORT_LIST)), False
    return (), False
