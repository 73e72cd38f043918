"""Evaluate a scenario: every check, the whole diff, passed or not. Pure: the state holds the journal's changes and is left as it was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from courseware.sandbox.diff import RowChange, diff
from courseware.sandbox.findings import COSTS, MUST_PASS, RUNGS, Context, Finding, find
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.play import play, scope_of
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State

RULE = "scenario-1"  # the version of this rule; a check run carries it
PASS_SHARE = 0.70
OPEN_AFTER = 3  # checks


@dataclass(frozen=True)
class Report:
    """What a check run gives: a finding a check, the labelled diff, passed, and the share of the other weight that was reached."""

    findings: tuple[Finding, ...]
    diff: tuple[RowChange, ...]
    passed: bool
    share: float

    @property
    def weight(self) -> float:
        return sum(finding.weight for finding in self.findings)

    def points(self, opened: Mapping[str, Collection[str]] | None = None) -> float:
        """Give the points of all checks, less what opened hints cost."""
        return round(sum(finding.weight * score(finding, (opened or {}).get(finding.check, ())) for finding in self.findings), 4)


def score(finding: Finding, opened: Collection[str]) -> float:
    """Give the score of a check, 0 to 1: its fraction less the cost of the hints opened for it."""
    return round(max(0.0, finding.fraction - sum(COSTS[rung] for rung in opened)), 4)


def context_of(scenario: Scenario, paper: Paper, journal: Journal, state: State) -> Context:
    """Give what the checks of a scenario see."""
    return Context(scope_of(state, paper, journal, scenario.find), journal, paper, scenario.questions)


def evaluate(scenario: Scenario, paper: Paper, journal: Journal, state: State) -> Report:
    """Run every check. Those that ask for `after` see a copy on which the second day was played."""
    now = context_of(scenario, paper, journal, state)
    before = {check.id: find(check, now) for check in scenario.checks if check.on == "before"}
    lines = diff(scenario.diff, journal, now.scope)
    after = _after(scenario, paper, journal, state) if len(before) < len(scenario.checks) else {}
    findings = tuple({**before, **after}[check.id] for check in scenario.checks)
    share = _share(findings)
    return Report(findings, lines, share >= PASS_SHARE - 1e-9 and all(finding.passed for finding in findings if finding.kind in MUST_PASS), round(share, 4))


def _after(scenario: Scenario, paper: Paper, journal: Journal, state: State) -> dict[str, Finding]:
    with state.applied():
        later, _ = play(state, paper, journal, scenario.playing, scenario.then, event="then")
        context = context_of(scenario, paper, later, state)
        return {check.id: find(check, context) for check in scenario.checks if check.on == "after"}


def _share(findings: Sequence[Finding]) -> float:
    rest = [finding for finding in findings if finding.kind not in MUST_PASS]
    weight = sum(finding.weight for finding in rest)
    return sum(finding.weight for finding in rest if finding.passed) / weight if weight else 1.0


def all_open(*, checks: int, handed_in_passed: bool) -> bool:
    """Say whether every hint is open at no cost: after a hand-in that passed, or the third check. Work that would pass still counts, and so do its hints."""
    return handed_in_passed or checks >= OPEN_AFTER


def open_rungs(finding: Finding, *, free: bool, opened: Collection[str]) -> tuple[str, ...]:
    """Give the rungs that are shown: all where hints are free, otherwise those opened."""
    return RUNGS if free or finding.passed else tuple(rung for rung in RUNGS if rung in opened)


def next_rung(opened: Collection[str]) -> str | None:
    """Give the rung that can be opened next; they are opened in order."""
    return next((rung for rung in RUNGS if rung not in opened), None)
