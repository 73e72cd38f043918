"""A run as a whole: its overview, undo and a new beginning, checking and hints, handing in and the report, the story of what was done, practice copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from courseware.assessment.review import Thing
from courseware.course.model import Objective
from courseware.errors import Invalid, NotFound
from courseware.grading.handing_in import hand_in_scenario
from courseware.i18n import Text, message
from courseware.sandbox import attempts, show
from courseware.sandbox.actions import VERBS
from courseware.sandbox.models import SandboxAttempt
from courseware.sandbox.replay import Replay, replay
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State, checkout
from courseware.sandbox.story import StoryLine, story
from courseware.web.kept import shelf_of
from courseware.web.panel import DiffShown, FindingShown, Panel, diff_shown, panel_of, shown_findings
from courseware.web.routing import Area, Context, Page, Redirect, Result, signed_in
from courseware.web.workbench import EXERCISE, FIRST, Frame, Menu, Run, back_to, frame_of, menu_of, open_run, refuse_early, work_in

area = Area("runs")


@dataclass(frozen=True)
class VerbLink:
    href: str
    label: Any


@dataclass(frozen=True)
class Count:
    name: str
    label: Text
    rows: int


@dataclass(frozen=True)
class OverviewPage:
    """The desk one begins at: the situation, the papers, the tables of the firm, the last steps."""

    frame: Frame
    panel: Panel
    menu: Menu
    verbs: tuple[VerbLink, ...]
    counts: tuple[Count, ...]
    me: str
    steps: int


@area.get("/practise/runs/<int:run_id>", policy=signed_in)
def overview(ctx: Context, run_id: int) -> Result:
    run = open_run(ctx, run_id)
    with run.state() as state:
        panel = panel_of(ctx, run, state)
        counts = _counts(state)
        me = show.title_of(state, "employees", run.paper.me) if run.paper.me else ""
    page = OverviewPage(
        frame=frame_of(ctx, run),
        panel=panel,
        menu=menu_of(run.course),
        verbs=tuple(VerbLink(f"{run.address}/do/{name}", VERBS[name].label) for name in _makers(run.scenario)) if run.is_open else (),
        counts=counts,
        me=me,
        steps=len(run.journal.effective()),
    )
    return Page("practise/overview.html", page)


def _counts(state: State) -> tuple[Count, ...]:
    """How many rows each table has; records merged away do not count."""
    return tuple(Count(name, table.label, state.count(name, "merged_into_id IS NULL" if table.has("merged_into_id") else "TRUE")) for name, table in state.tables.items())


def _makers(scenario: Scenario | None) -> list[str]:
    """The verbs that need no record to begin with: the scenario's own first, then those of every day."""
    wanted = scenario.verbs if scenario else ()
    names = [name for name, verb in VERBS.items() if verb.on is None and name not in EXERCISE and (name in wanted or verb.makes in FIRST)]
    return sorted(names, key=lambda name: (wanted.index(name) if name in wanted else len(wanted), name))


@area.post("/practise/runs/<int:run_id>/undo", policy=signed_in)
def undo(ctx: Context, run_id: int) -> Result:
    attempt, _, _ = work_in(ctx, run_id)
    entry = attempts.undo(ctx.session, attempt, now=ctx.now)
    return Redirect(back_to(ctx, run_id), message("Taken back: step %(no)s. The story still tells of it.", no=entry.undoes))


@area.post("/practise/runs/<int:run_id>/rewind", policy=signed_in)
def rewind(ctx: Context, run_id: int) -> Result:
    """Every step is a checkpoint: take back all that came after it."""
    attempt, _, _ = work_in(ctx, run_id)
    to = ctx.request.form.get("to", type=int)
    if to is None:
        raise Invalid(message("Say to which step: choose one in the story."))
    count = attempts.rewind(ctx.session, attempt, to=to, now=ctx.now)
    return Redirect(f"/practise/runs/{run_id}/story", message("Taken back: %(count)s steps. The story still tells of them.", count=count))


@dataclass(frozen=True)
class FramePage:
    frame: Frame
    panel: Panel | None
    steps: int


@area.get("/practise/runs/<int:run_id>/reset", policy=signed_in)
def reset_ask(ctx: Context, run_id: int) -> Result:
    run = open_run(ctx, run_id)
    if not run.is_open:
        raise NotFound
    return Page("practise/reset.html", FramePage(frame_of(ctx, run), None, len(run.journal.entries)))


@area.post("/practise/runs/<int:run_id>/reset", policy=signed_in)
def reset(ctx: Context, run_id: int) -> Result:
    attempt, _, _ = work_in(ctx, run_id)
    attempts.reset(ctx.session, attempt, now=ctx.now)
    return Redirect(f"/practise/runs/{run_id}", message("Everything stands as it did at the beginning. Your earlier steps and checks are kept."))


@area.post("/practise/runs/<int:run_id>/check", policy=signed_in)
def check(ctx: Context, run_id: int) -> Result:
    """Evaluate the work; the findings then stand in the panel."""
    attempt, scenario, state = _scenario_run(ctx, run_id)
    attempts.check(ctx.session, attempt, scenario=scenario, state=state, now=ctx.now)
    return Redirect(back_to(ctx, run_id, "findings"))


@area.post("/practise/runs/<int:run_id>/hints/<check_id>", policy=signed_in)
def hint(ctx: Context, run_id: int, check_id: str) -> Result:
    attempt, _, _ = _scenario_run(ctx, run_id)
    attempts.open_hint(ctx.session, attempt, check_id=check_id, now=ctx.now)
    return Redirect(back_to(ctx, run_id, f"check-{check_id}"))


@area.post("/practise/runs/<int:run_id>/hand-in", policy=signed_in)
def hand_in(ctx: Context, run_id: int) -> Result:
    """Close the run with a last check and record it. A second time the report is shown and nothing changes."""
    attempt, scenario, state = _scenario_run(ctx, run_id)
    hand_in_scenario(ctx.session, attempt, scenario=scenario, state=state, now=ctx.now)
    return Redirect(f"/practise/runs/{run_id}/report")


def _scenario_run(ctx: Context, run_id: int) -> tuple[SandboxAttempt, Scenario, State]:
    attempt, course, scenario = work_in(ctx, run_id)
    if scenario is None:
        raise NotFound
    return attempt, scenario, checkout(course.base)


# The report


@dataclass(frozen=True)
class ObjectiveLine:
    """What the run says for one objective: points of the checks that carry it."""

    objective: Objective
    points: float
    weight: float
    checks: int
    held: int


@dataclass(frozen=True)
class ReportPage:
    """The result of a run that was handed in: every finding, the whole diff, what it says for each objective."""

    frame: Frame
    panel: None
    scenario: Scenario
    findings: tuple[FindingShown, ...]
    diff: DiffShown
    objectives: tuple[ObjectiveLine, ...]
    passed: bool
    points: float
    weight: float
    checks: int
    rule: str
    at: datetime
    steps: int
    may_retry: bool

    @property
    def held(self) -> int:
        return sum(finding.passed for finding in self.findings)


@area.get("/practise/runs/<int:run_id>/report", policy=signed_in)
def report(ctx: Context, run_id: int) -> Result:
    run = open_run(ctx, run_id)
    if run.scenario is None:
        raise NotFound
    if run.attempt.is_open:
        return Redirect(run.address, message("The report is made when the run is handed in."))
    refuse_early(ctx, run, Thing.SPECIFIC)
    final = attempts.final_run(ctx.session, run.attempt)
    findings = shown_findings(run, attempts.findings_of(final), final, attempts.opened_hints(ctx.session, run.attempt))
    page = ReportPage(
        frame=frame_of(ctx, run),
        panel=None,
        scenario=run.scenario,
        findings=findings,
        diff=diff_shown(attempts.diff_of(final), run.address),
        objectives=_by_objective(run.course.objectives, run.scenario, findings),
        passed=final.passed,
        points=round(final.points, 2),
        weight=final.weight,
        checks=final.number,
        rule=final.rule,
        at=final.at,
        steps=len(run.journal.effective()),
        may_retry=run.owner is None and run.scenario.id in ctx.course.scenarios,
    )
    return Page("practise/report.html", page)


def _by_objective(objectives: Mapping[str, Objective], scenario: Scenario, findings: tuple[FindingShown, ...]) -> tuple[ObjectiveLine, ...]:
    def line(code: str) -> ObjectiveLine:
        its = [finding for finding in findings if finding.objective == code]
        points, weight = (round(sum(getattr(finding, name) for finding in its), 2) for name in ("points", "weight"))
        return ObjectiveLine(objectives[code], points, weight, len(its), sum(finding.passed for finding in its))

    return tuple(line(code) for code in scenario.objectives)


# The story


@dataclass(frozen=True)
class Branching:
    """Whether one may branch from the steps of a run, and the address of its practice copy, if it has one."""

    is_offered: bool
    copy: str | None


def _branching(ctx: Context, run: Run) -> Branching:
    if run.origin or run.attempt.part_of:  # neither a copy nor what belongs to a quiz has a copy of its own
        return Branching(False, None)
    copy = attempts.copy_of(ctx.session, run.attempt)
    return Branching(run.owner is None, f"/practise/runs/{copy.id}" if copy else None)


@area.post("/practise/runs/<int:run_id>/branch", policy=signed_in)
def branch(ctx: Context, run_id: int) -> Result:
    """Open a practice copy of one's run as it stood after a step."""
    attempt, _, _ = work_in(ctx, run_id)
    step = ctx.request.form.get("step", type=int)
    if step is None:
        raise Invalid(message("Say from which step: choose one in the story."))
    copy = attempts.branch(ctx.session, attempt, step=step, now=ctx.now)
    return Redirect(f"/practise/runs/{copy.id}")


@dataclass(frozen=True)
class Told:
    """A line of the story, with its link and, for a question, what was answered."""

    line: StoryLine
    href: str | None
    table: Text | None
    asked: Text | None = None
    answer: str = ""


@dataclass(frozen=True)
class StoryPage:
    frame: Frame
    panel: Panel | None
    lines: tuple[Told, ...]
    restarts: int
    planted: str
    newest: int
    branching: Branching
    empty: Text = show.EMPTY


@area.get("/practise/runs/<int:run_id>/story", policy=signed_in)
def story_of_run(ctx: Context, run_id: int) -> Result:
    run = open_run(ctx, run_id)
    with run.state() as state:
        panel = panel_of(ctx, run, state)
        lines = tuple(_told(run, state, line) for line in story(state, run.journal))
    return Page("practise/story.html", StoryPage(frame_of(ctx, run), panel, lines, run.attempt.epoch - 1, run.paper.start, _newest(run), _branching(ctx, run)))


def _newest(run: Run) -> int:
    """The number of the last step that counts; what came after the others can be taken back."""
    return max((entry.no for entry in run.journal.effective()), default=0)


@dataclass(frozen=True)
class ReplayPage:
    """What was done beside a path that passes."""

    frame: Frame
    panel: None
    own: tuple[Told, ...]
    replay: Replay
    branching: Branching


@area.get("/practise/runs/<int:run_id>/replay", policy=signed_in)
def replay_of_run(ctx: Context, run_id: int) -> Result:
    run = open_run(ctx, run_id)
    scenario = run.scenario
    if scenario is None:
        raise NotFound
    if run.attempt.is_open:
        return Redirect(run.address, message("A path that passes is shown when the run is handed in."))
    refuse_early(ctx, run, Thing.RIGHT)
    final = attempts.diff_of(attempts.final_run(ctx.session, run.attempt))
    laid = shelf_of(ctx.site).part(("replay", *run.mark), lambda: replay(scenario, run.paper, run.journal, final, checkout(run.course.base)))
    with run.state() as state:
        own = tuple(_told(run, state, line) for line in story(state, run.journal))
    return Page("practise/replay.html", ReplayPage(frame_of(ctx, run), None, own, laid, _branching(ctx, run)))


def _told(run: Run, state: State, line: StoryLine) -> Told:
    entry = next(entry for entry in run.journal.entries if entry.no == line.no)
    if entry.verb == "answer.give" and run.scenario:
        question = run.scenario.questions.get(str(entry.arguments["key"]))
        if question is not None:
            return Told(line, None, None, run.text(question.text), _answer(question.choices, entry.arguments.get("value"), run.paper.language))
    if line.record is None:
        return Told(line, None, None)
    href = f"{run.address}/{line.record[0]}/{line.record[1]}" if state.get(*line.record) else None
    return Told(line, href, state.tables[line.record[0]].singular)


def _answer(choices: Mapping[str, Text], value: Any, language: str) -> str:
    given = value if isinstance(value, list) else [value]
    return "; ".join(choices[each].to(language) if each in choices else str(each) for each in given)
