"""Careers: the jobs of a service department in a list and side by side, one job by itself, and what one's own evidence says about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from courseware.compile import Course
from courseware.course.kpis import Kpi
from courseware.course.model import Source
from courseware.course.roles import ACTIVITIES, Requirement, Role
from courseware.errors import NotFound
from courseware.grading import queries
from courseware.grading.evidence import Standing
from courseware.grading.mastery import Level
from courseware.grading.queries import LEVEL_WORDS
from courseware.i18n import Message, Text, message
from courseware.people import models as people
from courseware.sandbox.scenarios import Scenario
from courseware.web.lists import Listing, asked, csv_file, listing
from courseware.web.routing import Area, Context, Page, Result, signed_in

area = Area("careers")

MOST = 3  # roles side by side
PLAN = "SC42"  # the case in which the plan of three years is written and marked
FIT_WORDS = {"direct": message("the same occupation"), "nearest": message("the nearest occupation"), "weak": message("only loosely related")}
KEYS = {"role": lambda role: role.number, "name": lambda role: role.name["en"], "years": lambda role: (role.years, role.number)}


@dataclass(frozen=True)
class Segment:
    """One activity in the bar of a role's day, in per cent from the left."""

    activity: str
    label: Text
    start: int
    share: int


def bar(role: Role) -> list[Segment]:
    ends = list(accumulate(role.shares.values()))
    return [Segment(name, ACTIVITIES[name], end - share, share) for (name, share), end in zip(role.shares.items(), ends, strict=True) if share]


@dataclass(frozen=True)
class Index:
    rows: Listing[Role]
    compared: Sequence[Role]
    bars: Mapping[str, Sequence[Segment]]
    too_many: bool
    words: Mapping[str, Message] = field(default_factory=lambda: FIT_WORDS)
    activities: Mapping[str, Text] = field(default_factory=lambda: ACTIVITIES)


@area.get("/careers", policy=signed_in)
def index(ctx: Context) -> Result:
    roles = ctx.course.material.roles
    want = asked(ctx.request.args, sort="role")
    shown = listing([role for role in roles.values() if _fits(role, want.q.lower())], want, KEYS, size=None)
    if want.is_csv:
        return _csv(ctx, shown.rows)
    chosen = [roles[id] for id in dict.fromkeys(ctx.request.args.getlist("role")) if id in roles]
    compared = sorted(chosen[:MOST], key=lambda role: role.number)
    return Page("careers/index.html", Index(shown, compared, {role.id: bar(role) for role in compared or shown.rows}, len(chosen) > MOST))


def _fits(role: Role, wanted: str) -> bool:
    texts = (role.name, role.summary, *role.duties, *role.knowledge, *role.skills, *role.abilities)
    return wanted in role.id.lower() or any(wanted in said.lower() for text in texts for said in text.values())


def _csv(ctx: Context, roles: Sequence[Role]) -> Result:
    heads = ("role", "name", "summary", "experience from (years)", "to", "O*NET", "O*NET title", "fit", "duties", "knowledge", "skills", "abilities", "assessed by")
    said = [
        (
            role.id, role.name.to(ctx.language), role.summary.to(ctx.language), *role.years, role.onet.code, role.onet.title, role.onet.fit,
            *("; ".join(text.to(ctx.language) for text in texts) for texts in (role.duties, role.knowledge, role.skills, role.abilities)),
            "; ".join(one.text.to(ctx.language) for one in role.assessed_by),
        )
        for role in roles
    ]  # fmt: skip
    return csv_file("roles", heads, said)


@dataclass(frozen=True)
class Met:
    """A requirement and where the reader stands with each of its objectives; objectives still to be written are left out."""

    requirement: Requirement
    standings: Sequence[Standing]

    @property
    def is_shown(self) -> bool:
        """Whether own evidence shows all of it."""
        return bool(self.standings) and all(one.mastery.level in (Level.MET, Level.SECURE) for one in self.standings)


@dataclass(frozen=True)
class RolePage:
    role: Role
    segments: Sequence[Segment]
    leads_to: Sequence[Role]
    comes_from: Sequence[Role]
    kpis: Mapping[str, Kpi]
    scenarios: Sequence[Scenario]
    sources: Sequence[Source]
    met: Sequence[Met]
    has_plan: bool
    fit: Message
    words: Mapping[Level, Message] = field(default_factory=lambda: LEVEL_WORDS)

    @property
    def shown(self) -> int:
        return sum(one.is_shown for one in self.met)


@area.get("/careers/<role_id>", policy=signed_in)
def show(ctx: Context, role_id: str) -> Result:
    course, role = ctx.course, ctx.course.material.roles.get(role_id)
    if role is None:
        raise NotFound
    roles = course.material.roles
    page = RolePage(
        role=role,
        segments=bar(role),
        leads_to=[roles[id] for id in role.leads_to],
        comes_from=[other for other in roles.values() if role.id in other.leads_to],
        kpis=course.material.kpis,
        scenarios=[course.scenarios[id] for id in role.scenarios if id in course.scenarios],
        sources=[course.material.sources[id] for id in role.sources],
        met=_met(ctx, course, role) if ctx.who.role == people.Role.LEARNER else [],
        has_plan=PLAN in course.cases,
        fit=FIT_WORDS[role.onet.fit],
    )
    return Page("careers/show.html", page)


def _met(ctx: Context, course: Course, role: Role) -> list[Met]:
    own = queries.standings_of(ctx.session, [ctx.who.id], course.objectives)[ctx.who.id]
    return [Met(requirement, [own[code] for code in requirement.objectives if code in own]) for requirement in role.requirements]
