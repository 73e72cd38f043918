"""What the page of a record shows besides its facts and what refers to it: for each table that has such a part, what it reads and its template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.i18n import Message, Text
from courseware.sandbox import show
from courseware.sandbox.actions.marketing import DOUBTS
from courseware.sandbox.audience import FILTERS, Verdict, dry_run, fitting
from courseware.sandbox.customers import customers, segment_rules, taken
from courseware.sandbox.prices import LinePrice, approvers, line_prices, waits_for
from courseware.sandbox.state import Row, State
from courseware.web.routing import Context
from courseware.web.workbench import Run

FIRST = 12  # people of a group that are named; all stand in the list below


@dataclass(frozen=True)
class Part:
    """`read` is given the state, the record, the sandbox time and what the address asks, and gives the value of the template; None where the record has no such part."""

    template: str
    read: Callable[[State, Row, str, Mapping[str, str]], Any]


@dataclass(frozen=True)
class PartShown:
    """A part ready to print: its template finds the value under `part`."""

    template: str
    value: Any


@dataclass(frozen=True)
class SegmentShown:
    """Whom a segment rule takes: how many of the customers, how many of them another rule in use takes too, and how many no rule takes."""

    customers: int
    takes: int
    shared: int
    left: int
    is_active: bool


def _segment(state: State, rule: Row, now: str, asked: Mapping[str, str]) -> SegmentShown | None:
    if rule["kind"] != "segment":
        return None
    everybody, rules = customers(state, now[:10]), segment_rules(state)
    own = taken([rule], everybody)
    others = taken([each for each in rules if each["id"] != rule["id"]], everybody)
    mine = [id for id, found in own.items() if found]
    left = sum(not found for found in taken(rules, everybody).values())
    return SegmentShown(len(everybody), len(mine), sum(bool(others[id]) for id in mine), left, bool(rule["active"]))


@dataclass(frozen=True)
class PriceShown:
    """A line of a quote under its price rule: figures ready to print, why it needs approval, and who may give it. Without reasons it needs none."""

    line: int
    product: str
    qty: int
    price: str
    discount: str
    margin: str
    rule: Row | None
    reasons: tuple[Message, ...]
    role: str | None
    approvers: tuple[str, ...]


@dataclass(frozen=True)
class PricesShown:
    lines: tuple[PriceShown, ...]
    is_draft: bool
    waits: bool
    approved_by: str | None


def _prices(state: State, quote: Row, now: str, asked: Mapping[str, str]) -> PricesShown | None:
    lines = tuple(_price(state, each, now) for each in line_prices(state, quote))
    approver = state.get("employees", quote["approved_by_id"])
    waits = waits_for(state, quote, quote["approved_by_id"]) is not None
    return PricesShown(lines, quote["status"] == "draft", waits, str(approver["name"]) if approver else None) if lines else None


def _price(state: State, each: LinePrice, now: str) -> PriceShown:
    product = f"{each.product['sku']} {each.product['name']}" if each.product else ""
    names = tuple(str(row["name"]) for row in approvers(state, each.approver_role, now))
    figures = (f"{each.line['price']:,.2f}", f"{each.discount:.1f}", f"{each.margin:.1f}")
    return PriceShown(each.line["line_no"], product, each.line["qty"], *figures, each.rule, each.reasons, each.approver_role, names)


@dataclass(frozen=True)
class FilterShown:
    """A filter on the audience: its choices, and the one that is set."""

    name: str
    label: Text
    choices: Mapping[str, Text]
    chosen: str


@dataclass(frozen=True)
class PeopleShown:
    """People on the list whom one thing befalls: the reason (none: they get it), how many, and the first of them with the channel."""

    reason: Text | Message | None
    count: int
    first: tuple[tuple[str, int, str, Text], ...]


@dataclass(frozen=True)
class AudienceShown:
    """A job that has not run: the filter with how many fit and how many of these are new, and what a run would do with everybody on the list."""

    campaign: int
    filters: tuple[FilterShown, ...]
    is_asked: bool
    fit: int
    new: int
    on_list: int
    reached: tuple[PeopleShown, ...]
    doubted: tuple[PeopleShown, ...]
    left_out: tuple[PeopleShown, ...]


def _audience(state: State, campaign: Row, now: str, asked: Mapping[str, str]) -> AudienceShown | None:
    if campaign["job_status"] != "planned":
        return None
    columns = {name: state.tables["accounts" if where == "a" else "contacts"].column(name) for name, where in FILTERS.items()}
    filters = {name: asked.get(name, "") for name in FILTERS if asked.get(name) in columns[name].choices}
    fit = fitting(state, filters) if filters else []
    there = {row["contact_id"] for row in state.rows("campaign_members", campaign_id=campaign["id"])}
    shown = tuple(FilterShown(name, column.label, column.choices, filters.get(name, "")) for name, column in columns.items())
    run = dry_run(state, campaign, now)
    return AudienceShown(
        campaign["id"], shown, bool(filters), len(fit), sum(id not in there for id in fit), len(run),
        _people(state, run, lambda each: "reached" if each.left_out is None and each.doubt is None else None, {}),
        _people(state, run, lambda each: each.doubt, DOUBTS),
        _people(state, run, lambda each: each.left_out, state.tables["campaign_members"].column("removal_reason").choices),
    )  # fmt: skip


def _people(state: State, run: Sequence[Verdict], kind: Callable[[Verdict], str | None], reasons: Mapping[str, Text | Message]) -> tuple[PeopleShown, ...]:
    """Group those of a kind by it, the most first."""
    groups: dict[str, list[Verdict]] = {}
    for each in run:
        if (found := kind(each)) is not None:
            groups.setdefault(found, []).append(each)
    ways = state.tables["campaigns"].column("channel").choices
    told = [
        PeopleShown(
            reasons.get(name), len(people), tuple((each.table, each.person["id"], each.person["name"], ways[each.channel] if each.channel else show.same("–")) for each in people[:FIRST])
        )
        for name, people in groups.items()
    ]
    return tuple(sorted(told, key=lambda people: -people.count))


PARTS: Mapping[str, Part] = {
    "rules": Part("practise/segment.html", _segment),
    "quotes": Part("practise/prices.html", _prices),
    "campaigns": Part("practise/audience.html", _audience),
}


def part_of(ctx: Context, run: Run, state: State, table: str, row: Row) -> PartShown | None:
    """Give the part of a record's page that its table has; most have none."""
    part = PARTS.get(table)
    value = part.read(state, row, run.journal.clock(run.paper.start), ctx.request.args) if part else None
    return PartShown(part.template, value) if part and value is not None else None
