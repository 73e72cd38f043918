"""The scenarios of the course: the list with one clear next step, a scenario before it is begun, and the beginning of a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from courseware.course.model import ModuleFile
from courseware.errors import NotFound
from courseware.i18n import Text
from courseware.people.queries import due_dates
from courseware.sandbox.attempts import start as start_run
from courseware.sandbox.runs import RunLine, runs_of
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import checkout
from courseware.web.routing import Area, Context, Page, Redirect, Result, signed_in

area = Area("practise")


@dataclass(frozen=True)
class ScenarioLine:
    """A scenario in the list, and where one stands with it."""

    scenario: Scenario
    due_at: datetime | None
    runs: tuple[RunLine, ...]

    @property
    def open(self) -> RunLine | None:
        return next((run for run in self.runs if run.is_open), None)

    @property
    def last(self) -> RunLine | None:
        """The newest run that was handed in."""
        return next((run for run in reversed(self.runs) if not run.is_open), None)

    @property
    def is_passed(self) -> bool:
        return any(run.passed for run in self.runs)


@dataclass(frozen=True)
class ModuleLines:
    module: ModuleFile | None
    lines: tuple[ScenarioLine, ...]


@dataclass(frozen=True)
class IndexPage:
    """All scenarios by module, the one to do next, and free practice."""

    modules: tuple[ModuleLines, ...]
    next: ScenarioLine | None
    free: RunLine | None

    @property
    def count(self) -> int:
        return sum(len(group.lines) for group in self.modules)

    @property
    def passed(self) -> int:
        return sum(line.is_passed for group in self.modules for line in group.lines)


@area.get("/practise", policy=signed_in)
def index(ctx: Context) -> Result:
    course = ctx.course
    runs = runs_of(ctx.session, ctx.who.id)
    due = due_dates(ctx.session, person_id=ctx.who.id)
    lines = {id: ScenarioLine(scenario, due.get(f"scenario:{id}"), tuple(run for run in runs if run.scenario == id)) for id, scenario in course.scenarios.items()}
    groups = [ModuleLines(module, tuple(lines.pop(id) for id in module.scenarios if id in lines)) for module in course.modules.values()]
    groups.append(ModuleLines(None, tuple(lines.values())))
    groups = [group for group in groups if group.lines]
    ordered = [line for group in groups for line in group.lines]
    following = next((line for line in ordered if line.open), None) or next((line for line in ordered if not line.is_passed), None)
    return Page("practise/index.html", IndexPage(tuple(groups), following, next((run for run in runs if not run.scenario and run.is_open), None)))


@dataclass(frozen=True)
class ScenarioPage:
    """A scenario before it is begun: what it asks, by which rules, what is checked, and one's earlier runs."""

    scenario: Scenario
    situation: Text
    tasks: tuple[Text, ...]
    rules: tuple[Text, ...]
    checks: tuple[tuple[Text, str, float], ...]
    module: ModuleFile | None
    sections: Mapping[str, str]
    due_at: datetime | None
    runs: tuple[RunLine, ...]

    @property
    def open(self) -> RunLine | None:
        return next((run for run in self.runs if run.is_open), None)


@area.get("/practise/<scenario_id>", policy=signed_in)
def show(ctx: Context, scenario_id: str) -> Result:
    course = ctx.course
    scenario = course.scenarios.get(scenario_id)
    if scenario is None:
        raise NotFound
    page = ScenarioPage(
        scenario=scenario,
        situation=_undrawn(scenario.situation),
        tasks=tuple(_undrawn(task) for task in scenario.tasks),
        rules=tuple(_undrawn(rule) for rule in scenario.rules),
        checks=tuple((_undrawn(check.title), check.objective, check.weight) for check in scenario.checks),
        module=course.modules.get(scenario.module),
        sections=_taught_in(ctx, scenario),
        due_at=due_dates(ctx.session, person_id=ctx.who.id).get(f"scenario:{scenario_id}"),
        runs=tuple(runs_of(ctx.session, ctx.who.id, scenario_id)),
    )
    return Page("practise/scenario.html", page)


def _undrawn(text: Text) -> Text:
    """A text whose names and numbers are drawn at the start only: until then dots stand for them."""
    return Text({language: re.sub(r"\{[^{}]*\}", "…", words) for language, words in text.items()})


def _taught_in(ctx: Context, scenario: Scenario) -> dict[str, str]:
    """The sections that teach what the scenario practises, with their titles."""
    module = ctx.course.modules.get(scenario.module)
    heads = [ctx.course.material.section(id, ctx.language).head for id in (module.sections if module else ())]
    return {id: head.title for id, head in zip(module.sections if module else (), heads, strict=True) if set(head.objectives) & set(scenario.objectives)}


@area.post("/practise/<scenario_id>/start", policy=signed_in)
def start(ctx: Context, scenario_id: str) -> Result:
    """Begin a run, or go on with the one that is open. `free` is practice without a scenario."""
    course = ctx.course
    scenario = course.scenarios.get(scenario_id)
    if scenario is None and scenario_id != "free":
        raise NotFound
    base = course.base
    run = start_run(
        ctx.session, person_id=ctx.who.id, scenario=scenario, state=checkout(base), base_identity=base.identity, revision_id=course.revision,
        seed=ctx.random().getrandbits(32), language=ctx.language, now=ctx.now,
    )  # fmt: skip
    return Redirect(f"/practise/runs/{run.id}")
