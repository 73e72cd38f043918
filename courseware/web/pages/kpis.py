"""KPI cards: the list, and each card with a calculator that explains every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from courseware.course.kpis import GROUPS, Kpi
from courseware.course.model import Source
from courseware.course.render import WORDS
from courseware.course.roles import Role
from courseware.errors import NotFound
from courseware.i18n import Message, Text, message
from courseware.web.calculators import Worked, worked
from courseware.web.lists import Listing, asked, csv_file, listing
from courseware.web.routing import Area, Context, Page, Result, signed_in

area = Area("kpis")

GROUP_WORDS = {
    "speed": message("speed and access"),
    "quality": message("quality"),
    "work": message("time and workload"),
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
    kpi: Kpi
    worked: Worked
    group: Message
    evidence: Text
    roles: Sequence[Role]
    sources: Sequence[Source]
    fields: Sequence[tuple[Text, Text]]


@area.get("/kpis/<kpi_id>", policy=signed_in)
def show(ctx: Context, kpi_id: str) -> Result:
    kpi = ctx.course.material.kpis.get(kpi_id)
    if kpi is None:
        raise NotFound
    sources = [ctx.course.material.sources[id] for id in kpi.target.sources]
    return Page("kpis/show.html", Card(kpi, worked(kpi, ctx.request.args), GROUP_WORDS[kpi.group], WORDS[kpi.target.evidence], _judged_by(ctx, kpi), sources, _fields(ctx, kpi)))


def _fields(ctx: Context, kpi: Kpi) -> list[tuple[Text, Text]]:
    """The labels of table and column of each source field in the practice CRM."""
    tables = ctx.course.tables
    named = [name.partition(".") for name in kpi.fields]
    return [(tables[table].label, next(known.label for known in tables[table].columns if known.name == column)) for table, _, column in named]
