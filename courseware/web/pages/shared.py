"""What learners of a class typed that belongs to the paper of another: evidence for a talk, beside no mark. The rules are in sandbox/shared.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from courseware import clock
from courseware.expressions import VaryError
from courseware.grading import queries
from courseware.grading.queries import Learner
from courseware.i18n import Message, Text
from courseware.people.access import class_of
from courseware.people.models import Class
from courseware.sandbox.actions import VERBS
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.shared import MOST_ALIKE, MOST_IN_CLASS, VARIANTS, Evidence, Quote, Sample, evidence_among, sample_of, standing_in
from courseware.sandbox.state import checkout
from courseware.variants import fill
from courseware.web.kept import shelf_of
from courseware.web.lists import Listing, asked, csv_file, listing
from courseware.web.routing import Area, Context, Page, Result, instructor
from courseware.web.views import say

area = Area("shared")


@dataclass(frozen=True)
class Item:
    """Something typed, and when: as the answer to a question, or into an action; then `place` is what the other's paper calls it."""

    text: str
    at: datetime
    question: Text | None = None
    action: Message | None = None
    place: str = ""


@dataclass(frozen=True)
class SharedRow:
    evidence: Evidence
    scenario: Scenario
    learner: Learner
    owner: Learner
    items: Sequence[Item]


@dataclass(frozen=True)
class SharedPage:
    group: Class
    rows: Listing[SharedRow]
    variants: int = VARIANTS
    alike: int = round(1 / MOST_ALIKE)
    in_class: int = round(1 / MOST_IN_CLASS)


KEYS: Mapping[str, Callable[[SharedRow], Any]] = {
    "scenario": lambda row: row.scenario.id,
    "learner": lambda row: row.learner.name,
    "owner": lambda row: row.owner.name,
    "at": lambda row: row.evidence.at,
    "chance": lambda row: row.evidence.chance.share,
}


@area.get("/classes/<int:class_id>/shared", policy=instructor)
def show(ctx: Context, class_id: int) -> Result:
    group = class_of(ctx.session, ctx.who, class_id)
    want = asked(ctx.request.args, sort="-at")
    learners = {learner.id: learner for learner in queries.learners_of(ctx.session, group.id)}
    found = evidence_among(ctx.session, learners, ctx.course.scenarios, partial(_in_firm, ctx), partial(_sample, ctx))
    rows = [row for each in found if _has(want.q, row := _row(ctx, learners, each))]
    shown = listing(rows, want, KEYS)
    return _csv(ctx, group, shown.rows) if want.is_csv else Page("shared/show.html", SharedPage(group, shown))


def _in_firm(ctx: Context, numbers: frozenset[str]) -> set[str]:
    base = ctx.course.base
    return shelf_of(ctx.site).part(("in the firm", base.identity, numbers), lambda: standing_in(checkout(base), numbers)) if numbers else set()


def _sample(ctx: Context, scenario: Scenario) -> Sample:
    """The variants drawn for comparison take up to a second, and are kept as long as the course stands."""
    return shelf_of(ctx.site).part(("variants", ctx.course.revision, scenario.id), lambda: sample_of(scenario))


def _row(ctx: Context, learners: Mapping[int, Learner], each: Evidence) -> SharedRow:
    scenario = ctx.course.scenarios[each.run.scenario]
    return SharedRow(each, scenario, learners[each.run.person_id], learners[each.owner.person_id], [_item(scenario, each, quote) for quote in each.quotes])


def _item(scenario: Scenario, each: Evidence, quote: Quote) -> Item:
    if quote.key is None:
        return Item(quote.text, quote.at, action=VERBS[quote.verb].label if quote.verb in VERBS else Message(quote.verb), place=quote.place)
    asked_for = scenario.questions[quote.key].text
    try:
        filled = Text({language: fill(words, each.run.values, language) for language, words in asked_for.items()})
    except VaryError:  # the question was worded anew since
        filled = Text({"en": quote.key})
    return Item(quote.text, quote.at, question=filled)


def _has(q: str, row: SharedRow) -> bool:
    texts = (row.learner.name, row.learner.login, row.owner.name, row.owner.login, row.scenario.id, *row.scenario.title.values(), *(item.text for item in row.items))
    return any(q.lower() in text.lower() for text in texts)


def _csv(ctx: Context, group: Class, rows: Sequence[SharedRow]) -> Result:
    heads = (
        "scenario", "title", "learner", "sign-in name", "attempt", "typed", "into", "when", "belongs to", "sign-in name", "attempt", "there called",
        "variants agree", "of comparisons",
    )  # fmt: skip
    lines = [
        (
            row.scenario.id, row.scenario.title.to(ctx.language), row.learner.name, row.learner.login, row.evidence.run.number, item.text,
            item.question.to(ctx.language) if item.question else say(item.action or Message(""), ctx.language, ctx.site.zone),
            clock.local(item.at, ctx.site.zone).strftime("%Y-%m-%d %H:%M"), row.owner.name, row.owner.login, row.evidence.owner.number, item.place or "right answer",
            row.evidence.chance.agreeing, row.evidence.chance.compared,
        )
        for row in rows
        for item in row.items
    ]  # fmt: skip
    return csv_file(f"values-of-others-{group.code}", heads, lines)
