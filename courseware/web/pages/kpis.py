"""KPI cards: the list, and each card with a calculator that explains every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from courseware.assessment.kinds.numeric import parse_number
from courseware.course.kpis import GROUPS, Kpi, Line, figure
from courseware.course.model import Source
from courseware.course.roles import Role
from courseware.errors import NotFound
from courseware.expressions import VaryError
from courseware.i18n import Message, Text, message
from courseware.web.lists import Listing, asked, csv_file, listing
from courseware.web.routing import Area, Context, Page, Result, signed_in

area = Area("kpis")

GROUP_WORDS = {
    "speed": message("speed and access"),
    "quality": message("quality"),
    "work": message("work in hand"),
    "people": message("people and staffing"),
    "value": message("customers and value"),
    "data": message("data"),
}
KEYS = {"name": lambda kpi: kpi.name["en"], "group": lambda kpi: (GROUPS.index(kpi.group), kpi.number), "number": lambda kpi: kpi.number}


@dataclass(frozen=True)
class Index:
    rows: Listing[Kpi]
    roles: Mapping[str, Sequence[Role]]
    words: Mapping[str, Message] = field(default_factory=lambda: GROUP_WORDS)


@area.get("/kpis", policy=signed_in)
def index(ctx: Context) -> Result:
    want = asked(ctx.request.args, "group", sort="number")
    cards = [kpi for kpi in ctx.course.material.kpis.values() if want.filters.get("group") in (None, kpi.group) and _fits(kpi, want.q.lower())]
    shown = listing(cards, want, KEYS, size=None)
    if want.is_csv:
        lines = [(kpi.short, *(text.to(ctx.language) for text in (kpi.name, kpi.formula, kpi.unit, kpi.target.text, kpi.target.caution, kpi.improves, kpi.gamed))) for kpi in shown.rows]
        return csv_file("kpis", ("short", "name", "formula", "unit", "typical target", "caution", "what improves it", "how it is gamed"), lines)
    return Page("kpis/index.html", Index(shown, {kpi.id: _judged_by(ctx, kpi) for kpi in shown.rows}))


def _fits(kpi: Kpi, wanted: str) -> bool:
    return any(wanted in text.lower() for text in (kpi.short, *kpi.name.values(), *kpi.formula.values()))


def _judged_by(ctx: Context, kpi: Kpi) -> list[Role]:
    """The roles that are assessed by a figure."""
    return [role for role in ctx.course.material.roles.values() if any(one.kpi == kpi.id for one in role.assessed_by)]


@dataclass(frozen=True)
class Card:
    """A card with what stands in its calculator: the worked example, or what was typed. `lines` is empty where it could not be computed."""

    kpi: Kpi
    group: Message
    roles: Sequence[Role]
    sources: Sequence[Source]
    fields: Sequence[tuple[Text, Text]]
    typed: Mapping[str, str]
    wrong: frozenset[str]
    lines: Sequence[Line]
    problem: Message | None
    is_example: bool


@area.get("/kpis/<kpi_id>", policy=signed_in)
def show(ctx: Context, kpi_id: str) -> Result:
    kpi = ctx.course.material.kpis.get(kpi_id)
    if kpi is None:
        raise NotFound
    args = ctx.request.args
    is_example = not any(asked.id in args for asked in kpi.inputs)
    typed = {asked.id: figure(asked.value) if is_example else args.get(asked.id, "").strip()[:40] for asked in kpi.inputs}
    numbers = {id: parse_number(text) for id, text in typed.items()}
    wrong = frozenset(id for id, number in numbers.items() if number is None)
    lines, problem = _computed(kpi, {id: number for id, number in numbers.items() if number is not None}) if not wrong else ([], None)
    sources = [ctx.course.material.sources[id] for id in kpi.target.sources]
    return Page("kpis/show.html", Card(kpi, GROUP_WORDS[kpi.group], _judged_by(ctx, kpi), sources, _fields(ctx, kpi), typed, wrong, lines, problem, is_example))


def _computed(kpi: Kpi, values: Mapping[str, float]) -> tuple[list[Line], Message | None]:
    try:
        return kpi.compute(values), None
    except VaryError as error:
        step = next(step for step in kpi.steps if step.id == error.path[0])
        return [], message("“%(step)s” cannot be computed with these figures. Look for a zero where something is divided, and for a share above the whole.", step=step.text)


def _fields(ctx: Context, kpi: Kpi) -> list[tuple[Text, Text]]:
    """The labels of table and column of each source field in the practice CRM."""
    tables = ctx.course.tables
    named = [name.partition(".") for name in kpi.fields]
    return [(tables[table].label, next(known.label for known in tables[table].columns if known.name == column)) for table, _, column in named]
