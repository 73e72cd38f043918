"""The scenario beside the work: what to do, the questions, what the last check found with its hints, the whole diff. The run and the frame are workbench's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from courseware.assessment.review import Thing
from courseware.errors import Refused
from courseware.i18n import Message, Text, message
from courseware.sandbox import attempts, show
from courseware.sandbox.actions import VERBS
from courseware.sandbox.diff import CONSEQUENCES, LABELS, FieldChange, RowChange
from courseware.sandbox.evaluate import all_open, next_rung, open_rungs, score
from courseware.sandbox.findings import COSTS, Finding
from courseware.sandbox.journal import LOOKS, Entry, undo_entry
from courseware.sandbox.models import CheckRun
from courseware.sandbox.play import FINAL
from courseware.sandbox.runs import CheckLine, last_check
from courseware.sandbox.scenario_files import Question
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State
from courseware.web.kept import shelf_of
from courseware.web.routing import Context
from courseware.web.views import fragment
from courseware.web.workbench import Run, is_early

RUNG_WORDS: Mapping[str, Message] = {"where": message("Where"), "field": message("Field"), "expected": message("Expected")}
ASKS: Mapping[str, Message] = {"where": message("Show where"), "field": message("Show the field"), "expected": message("Show what is expected")}
LABEL_WORDS: Mapping[str, Message] = {
    "harmful": message("harmful"),
    "unneeded": message("unneeded"),
    "needed": message("needed"),
    "allowed": message("allowed"),
}


# Findings and diff, as panel and report show them


@dataclass(frozen=True)
class FindingShown:
    """A finding with the rungs that are open, and the price of the next one, if there is one to buy."""

    check: str
    kind: str
    title: Text
    passed: bool
    objective: str
    area: Text
    found: Text
    teaching: Text | None
    weight: float
    points: float
    rungs: tuple[tuple[Message, Text], ...]
    record: str | None
    next_rung: str | None
    ask: Message | None
    cost: float


def finding_shown(finding: Finding, *, free: bool, opened: Sequence[str], may_buy: bool, address: str) -> FindingShown:
    rungs = () if finding.passed else open_rungs(finding, free=free, opened=opened)
    following = None if free or finding.passed or not may_buy else next_rung(opened)
    record = f"{address}/{finding.record[0]}/{finding.record[1]}" if finding.record and "where" in rungs else None
    return FindingShown(
        finding.check, finding.kind, finding.title, finding.passed, finding.objective, finding.area, finding.found, finding.teaching, finding.weight,
        round(finding.weight * score(finding, opened), 2), tuple((RUNG_WORDS[rung], getattr(finding, rung)) for rung in rungs), record, following,
        ASKS[following] if following else None,
        round(COSTS[following] * finding.weight, 2) if following else 0.0,
    )  # fmt: skip


@dataclass(frozen=True)
class DiffLine:
    """One changed row as far as its fields have one label."""

    label: str
    title: str
    kind: str
    fields: tuple[FieldChange, ...]
    href: str | None

    @property
    def word(self) -> Message:
        return LABEL_WORDS[self.label]


@dataclass(frozen=True)
class DiffShown:
    """The whole diff, worst label first; the lines that verbs write by themselves are only counted."""

    lines: tuple[DiffLine, ...]
    consequences: int
    counts: Mapping[str, int]

    @property
    def allowed(self) -> Message:
        return LABEL_WORDS["allowed"]

    @property
    def counted(self) -> list[tuple[Message, int]]:
        return [(LABEL_WORDS[label], count) for label, count in self.counts.items() if count]

    @property
    def is_bad(self) -> bool:
        return bool(self.counts["harmful"] or self.counts["unneeded"])


def diff_shown(rows: Sequence[RowChange], address: str) -> DiffShown:
    lines = [line for row in rows if row.table not in CONSEQUENCES for line in _lines(row, address)]
    lines.sort(key=lambda line: LABELS.index(line.label))
    counts = {label: sum(line.label == label for line in lines) for label in LABELS}
    return DiffShown(tuple(lines), sum(row.table in CONSEQUENCES for row in rows), counts)


def _lines(row: RowChange, address: str) -> Iterator[DiffLine]:
    href = None if row.kind == "removed" else f"{address}/{row.table}/{row.id}"
    for label in LABELS:
        fields = tuple(field for field in row.fields if field.label == label)
        if fields:
            yield DiffLine(label, row.title, row.kind, fields, href)


# The panel


@dataclass(frozen=True)
class AskedShown:
    """A question beside the scenario, with the answer given last."""

    question: Question
    text: Text
    answer: Any

    @property
    def written(self) -> str:
        """The answer as a field for numbers holds it."""
        return "" if self.answer is None else f"{self.answer:g}" if isinstance(self.answer, float) else str(self.answer)


@dataclass(frozen=True)
class Record:
    """A record the scenario begins with: a transcript, a rule card, a ticket."""

    href: str
    title: str
    kind: Text


@dataclass(frozen=True)
class Brief:
    """What the scenario says, filled with what was drawn for the run."""

    situation: Text
    tasks: tuple[Text, ...]
    rules: tuple[Text, ...]
    questions: Mapping[str, Text]


@dataclass(frozen=True)
class Checked:
    """A check run as it was kept: its findings, and its diff ready to print."""

    findings: tuple[Finding, ...]
    diff: Markup


@dataclass(frozen=True)
class Panel:
    """The scenario beside the work: what to do, the questions, what the last check found, what may be undone. Free practice has no brief."""

    brief: Brief | None
    role: Text | None
    papers: tuple[Record, ...]
    questions: tuple[AskedShown, ...]
    findings: tuple[FindingShown, ...]
    diff: Markup
    checks: int
    passed: bool
    is_stale: bool
    last: Message | None
    undo: Message | None

    @property
    def held(self) -> int:
        return sum(finding.passed for finding in self.findings)

    @property
    def first(self) -> str | None:
        """The first check that fails: its teaching stands open."""
        return next((finding.check for finding in self.findings if not finding.passed), None)


def panel_of(ctx: Context, run: Run, state: State) -> Panel:
    """Make the panel; it takes two statements, a third the first time a check is shown, and none in free practice.

    The last check of a run that belongs to a quiz is made when the quiz is handed in: what it found stays out until the quiz shows it.
    """
    last, undo = last_step(run)
    scenario = run.scenario
    if scenario is None:
        return Panel(None, None, (), (), (), Markup(), 0, False, False, last, undo)
    brief = shelf_of(ctx.site).part(("brief", *run.pinned), lambda: _brief(run, scenario))
    line = last_check(ctx.session, run.attempt.id)
    if line is not None and is_early(ctx, run, Thing.SPECIFIC):
        line = None
    answers = run.journal.answers()
    findings: tuple[FindingShown, ...] = ()
    diff = Markup()
    if line is not None:
        checked = shelf_of(ctx.site).part(("checked", *run.pinned, line.id, ctx.language), lambda: _checked(ctx, run, line.id))
        findings, diff = shown_findings(run, checked.findings, line, attempts.opened_hints(ctx.session, run.attempt)), checked.diff
    return Panel(
        brief=brief,
        role=scenario.role,
        papers=tuple(_paper(run, state, name) for name in scenario.open),
        questions=tuple(AskedShown(question, brief.questions[key], answers.get(key)) for key, question in scenario.questions.items()),
        findings=findings,
        diff=diff,
        checks=line.number if line else 0,
        passed=bool(line and line.passed),
        is_stale=bool(line and not line.is_final and (line.epoch, line.journal_no) != (run.attempt.epoch, run.journal.next_no() - 1)),
        last=last,
        undo=undo,
    )


def _brief(run: Run, scenario: Scenario) -> Brief:
    tasks, rules = (tuple(run.text(text) for text in texts) for texts in (scenario.tasks, scenario.rules))
    return Brief(run.text(scenario.situation), tasks, rules, {key: run.text(question.text) for key, question in scenario.questions.items()})


def _checked(ctx: Context, run: Run, check_id: int) -> Checked:
    kept = ctx.session.get_one(CheckRun, check_id)
    diff = diff_shown(attempts.diff_of(kept), run.address)
    return Checked(attempts.findings_of(kept), fragment("practise/changes.html", ctx, ctx.language, diff) if diff.lines else Markup())


def _paper(run: Run, state: State, name: str) -> Record:
    table, id = run.paper.names[name.removeprefix("$")]
    row, declared = state.get(table, id) or {"id": id}, state.tables[table]
    kind = show.of_column(state, declared.column("kind"), row["kind"]) if declared.has("kind") and row.get("kind") else declared.singular
    return Record(f"{run.address}/{table}/{id}", str(row.get(declared.title) or show.title(state, table, row)), kind)


def shown_findings(run: Run, findings: Sequence[Finding], check: CheckLine | CheckRun, opened: Mapping[str, Sequence[str]]) -> tuple[FindingShown, ...]:
    """Show the findings of a check. In a practice copy hints are open once its origin is handed in: nothing counts there, and its origin's are not to be had for nothing."""
    free = not run.origin.is_open if run.origin else all_open(checks=check.number, handed_in_passed=check.is_final and check.passed)
    may_buy = run.is_open and run.origin is None
    return tuple(finding_shown(finding, free=free, opened=opened.get(finding.check, ()), may_buy=may_buy, address=run.address) for finding in findings)


def last_step(run: Run) -> tuple[Message | None, Message | None]:
    """Give the name of the last action that counts, and the same again if it can be undone."""
    effective = [entry for entry in run.journal.effective() if entry.verb not in LOOKS]
    last = _name(effective[-1]) if effective else None
    if not run.is_open:
        return last, None
    try:
        undo_entry(run.journal, FINAL)
    except Refused:
        return last, None
    return last, last


def _name(entry: Entry) -> Message | None:
    return VERBS[entry.verb].label if entry.verb in VERBS else None
