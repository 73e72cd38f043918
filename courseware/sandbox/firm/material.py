"""The raw material under content/sandbox/, read and typed. What is made of it lives in the generators."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from courseware.course.faults import Faults
from courseware.course.yaml import load

Pair = tuple[str, str]


class Part(BaseModel):
    """A piece of raw material: frozen, and without keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class City(Part):
    zh: str
    en: str


class Department(Part):
    code: str
    name: str
    kind: str
    rate: float
    rate_before: float


class Post(Part):
    """So many people of one department with one role."""

    dept: str
    role: str
    count: int
    skills: tuple[str, ...]
    head: bool = False
    lead: bool = False
    over: tuple[str, ...] = ()
    discount: float | None = None
    accounts: int | None = None


class Level(Part):
    name: str
    response_h: float
    resolve_h: float
    calendar: str


class Agreement(Part):
    provider: str
    customer: str
    response_h: float
    resolve_h: float
    hours: str
    agreed: str
    review: date


class Rate(Part):
    card: str
    key: str
    value: float
    unit: str
    role: str | None = None


class PriceRule(Part):
    name: str
    family: str | None = None
    segment: str | None = None
    qty: int = 1
    discount: float
    approver: str
    floor: float


class Sizes(Part):
    accounts: Mapping[str, int]
    private_persons: int
    contacts: int
    orders: int
    cases: int
    internal_cases: int
    interactions: int
    tasks: int
    leads: int
    opportunities: int
    contracts: int
    surveys: int
    commitments: int
    web_visits: int


class Tail(Part):
    frequency: float
    volume: float


class Firm(Part):
    """How much of everything, when, and who works where."""

    seed: str
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    domain: str
    mobile_prefix: str
    mobiles_for_base: int
    sizes: Sizes
    seasons: Mapping[int, float]
    weekdays: tuple[float, ...]
    growth: float
    holidays: tuple[tuple[date, date], ...]
    tail: Tail
    regions: Mapping[str, tuple[City, ...]]
    region_weights: Mapping[str, int]
    departments: tuple[Department, ...]
    staff: tuple[Post, ...]
    leavers: int
    desk_clear_from: str
    slas: tuple[Level, ...]
    agreements: tuple[Agreement, ...]
    rates: tuple[Rate, ...]
    price_rules_from: date
    price_rules: tuple[PriceRule, ...]


class Names(Part):
    surnames: tuple[tuple[str, str, int], ...]
    given: tuple[Pair, ...]
    foreign_first: tuple[str, ...]
    foreign_last: tuple[str, ...]
    foreign_share: float
    never: frozenset[str]


class Industry(Part):
    weight: int
    lines: tuple[Pair, ...]
    buys: Mapping[str, int]


class Market(Part):
    stems: tuple[Pair, ...]
    industries: Mapping[str, Industry]
    public_lines: tuple[Pair, ...]
    public_buys: Mapping[str, int]
    dealer_lines: tuple[Pair, ...]
    dealer_buys: Mapping[str, int]
    supplier_lines: tuple[Pair, ...]
    suffixes: tuple[Pair, ...]
    titles: Mapping[str, tuple[str, ...]]


class Product(Part):
    sku: str
    name: str
    family: str
    price: float
    cost: float
    warranty: int
    share: int
    pack: tuple[int, int]
    fits: tuple[str, ...] = ()


class Story(Part):
    """One thing that happens to customers: how it is headed, told and settled. Any of each goes with any other."""

    subjects: tuple[str, ...]
    bodies: tuple[str, ...]
    remedies: tuple[str, ...]
    types: Mapping[str, int]
    families: tuple[str, ...]
    about_order: bool = False


class CaseTexts(Part):
    weight: int
    stories: tuple[Story, ...]


class TalkStory(Part):
    """One occasion to talk: any heading, sentence and further sentence go together. Of a case it may ask for reasons and a stage, of an order for a day."""

    kinds: Mapping[str, int]
    subjects: tuple[str, ...]
    bodies: tuple[str, ...]
    more: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    stage: Literal["open", "done"] | None = None
    around: str | None = None


class Talk(Part):
    purpose: str
    direction: str
    stories: tuple[TalkStory, ...]


class InternalStory(Part):
    subjects: tuple[str, ...]
    bodies: tuple[str, ...]
    remedies: tuple[str, ...]


class InternalTexts(Part):
    """What colleagues ask of a department."""

    weight: int
    stories: tuple[InternalStory, ...]


class TaskText(Part):
    kind: str
    subject: str
    purpose: str


class ArticleText(Part):
    reason: str
    family: str
    title: str
    body: str


class ReasonText(Part):
    code: str
    text: str
    tier: int
    group: str


class CampaignText(Part):
    name: str
    type: str
    purpose: str
    channel: str
    start: date
    days: int
    members: int
    cost: float
    response: float
    family: str | None = None
    material: str | None = None


class DealTexts(Part):
    """What is said of leads, opportunities and quotes."""

    needs: tuple[str, ...]
    steps: tuple[str, ...]
    terms: tuple[str, ...]


class PromiseText(Part):
    """What a talk promised, known by words that were noted of it; `within` so many days."""

    heard: str
    kind: str
    text: str
    within: int | None = None
    value: float | None = None
    unit: str | None = None


class EventText(Part):
    title: str
    held: date
    city: str
    capacity: int
    registered: int


class WebTexts(Part):
    """Pages of the web site that show no product, and the families that have pages of their own."""

    pages: tuple[str, ...]
    families: tuple[str, ...]


class SurveyTexts(Part):
    """Comments of surveys by the direction of the score, then by theme."""

    good: Mapping[str, tuple[str, ...]]
    poor: Mapping[str, tuple[str, ...]]


class Texts(Part):
    words: Mapping[str, tuple[str, ...]]
    cases: Mapping[str, CaseTexts]
    interactions: Mapping[str, Talk]
    internal: Mapping[str, InternalTexts]
    tasks: tuple[TaskText, ...]
    articles: tuple[ArticleText, ...]
    reasons: tuple[ReasonText, ...]
    campaigns: tuple[CampaignText, ...]
    deals: DealTexts
    promises: tuple[PromiseText, ...]
    changed: Mapping[str, tuple[str, ...]]
    refusals: Mapping[str, tuple[str, ...]]
    events: tuple[EventText, ...]
    web: WebTexts
    surveys: SurveyTexts


class FormItem(Part):
    item: str
    definition: str
    critical: str
    weight: float


class Form(Part):
    name: str
    items: tuple[FormItem, ...]


class Measure(Part):
    """A measure with the firm's own target; `owner` is a role."""

    name: str
    formula: str
    source: str
    owner: str
    target: float
    unit: str
    kind: str
    need_line: str | None = None


class SavedView(Part):
    name: str
    source: str
    filters: Mapping[str, str]
    columns: tuple[str, ...]
    sort: str
    owner: str


class Quality(Part):
    """The library beyond the articles that talks cite, the form for marking talks, measures, and views."""

    library: tuple[ArticleText, ...]
    form: Form
    measures: tuple[Measure, ...]
    views: tuple[SavedView, ...]


class Material(Part):
    """All raw material of the firm."""

    firm: Firm
    names: Names
    market: Market
    products: tuple[Product, ...]
    texts: Texts
    quality: Quality


def read_material(content: Mapping[str, bytes]) -> Material:
    """Read the files under content/sandbox/ (relative path to bytes). Raises ValueError naming every fault with its place."""
    faults = Faults()
    parts = {name: _read(content, name, annotation, faults) for name, annotation in _FILES.items()}
    if faults:
        raise ValueError("\n".join(map(str, faults)))
    return Material.model_validate(parts)


_FILES: Mapping[str, Any] = {name: field.annotation for name, field in Material.model_fields.items()}


def _read(content: Mapping[str, bytes], name: str, model: Any, faults: Faults) -> Any:
    file = f"content/sandbox/{name}.yaml"
    if f"{name}.yaml" not in content:
        faults.add(file, 1, 1, "the file is missing")
        return None
    document = load(file, content[f"{name}.yaml"], faults)
    return document.read(model) if document else None
