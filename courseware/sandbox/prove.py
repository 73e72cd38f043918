"""Prove a scenario: its reference passes on every seed, each near-miss fails with the message that was meant, no step can be left out, every check can fail, and what is asked differs between seeds. No database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.errors import CoursewareError
from courseware.i18n import LANGUAGES
from courseware.sandbox.evaluate import Report, context_of, evaluate
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.plants import Planted, PlantFailed, paper_of, plant
from courseware.sandbox.play import Step, play
from courseware.sandbox.scenarios import NearMiss, Scenario
from courseware.sandbox.scope import ScopeError
from courseware.sandbox.state import Base, State
from courseware.sandbox.text import fold

ENOUGH_SEEDS = 10  # to tell a value that never varies from one that was the same a few times


@dataclass(frozen=True)
class Run:
    """A script played to its end on one variant."""

    paper: Paper
    journal: Journal
    report: Report
    drawn: Mapping[str, Any]  # what each check wants that should differ between variants
    doubts: tuple[str, ...]  # why a check cannot tell right from wrong here


@dataclass(frozen=True)
class Failure:
    """Something the proof found: which script (`reference`, a near-miss or `plant`), seed and language, and what is wrong."""

    script: str
    seed: int
    language: str
    sentence: str


@dataclass(frozen=True)
class ProofReport:
    """How often each script did what was meant, and every time it did not."""

    scenario: str
    seeds: int
    good: dict[str, int]
    failures: tuple[Failure, ...]

    @property
    def proved(self) -> bool:
        return not self.failures


def run_script(scenario: Scenario, base: Base, state: State, script: Sequence[Step], *, seed: int, language: str = "en") -> Run:
    """Plant a variant, play a script on it, evaluate it. Raises PlantFailed, ScopeError or a refusal of a verb."""
    planted = plant(scenario.start, scenario.plant, state, seed=seed, language=language)
    return _run(scenario, base, state, planted, script, seed, language)


def _run(scenario: Scenario, base: Base, state: State, planted: Planted, script: Sequence[Step], seed: int, language: str) -> Run:
    paper = paper_of(planted, seed=seed, language=language, start=scenario.start, base=base.identity)
    with state.applied(planted.changes):
        journal, _ = play(state, paper, Journal(planted.changes), scenario.playing, script)
        context = context_of(scenario, paper, journal, state)
        drawn = {check.id: value for check in scenario.checks if (value := check.drawn(context)) is not None}
        doubts = tuple(doubt for check in scenario.checks for doubt in check.doubts(context))
        return Run(paper, journal, evaluate(scenario, paper, journal, state), drawn, doubts)


def prove(scenario: Scenario, base: Base, state: State, seeds: Iterable[int], progress: Callable[[int], None] = lambda seed: None) -> ProofReport:
    """Run reference and near-misses on every seed, the languages in turn; `progress` is told each seed that is done."""
    good = {"reference": 0, **{miss.id: 0 for miss in scenario.near_misses}}
    failures: list[Failure] = []
    drawn: dict[str, list[Any]] = {}  # by check, seed for seed
    count = seed = 0
    for count, seed in enumerate(seeds, 1):
        language = LANGUAGES[(count - 1) % len(LANGUAGES)]
        failed = list(_prove_seed(scenario, base, state, seed, language, drawn))
        if count == 1 and not failed:
            failed = list(_unintended(scenario, base, state, seed, language))
        failures += failed
        wrong = {failure.script for failure in failed}
        for name in good:
            good[name] += name not in wrong and "plant" not in wrong
        progress(seed)
    failures += [Failure("reference", seed, "en", f"check {check} wants {values[0]!r} on every one of {count} seeds: let it vary") for check, values in drawn.items() if _same(values)]
    return ProofReport(scenario.id, count, good, tuple(failures))


def _same(values: Sequence[Any]) -> bool:
    return len(values) >= ENOUGH_SEEDS and all(value == values[0] for value in values)


def _prove_seed(scenario: Scenario, base: Base, state: State, seed: int, language: str, drawn: dict[str, list[Any]]) -> Iterable[Failure]:
    try:
        planted = plant(scenario.start, scenario.plant, state, seed=seed, language=language)
    except PlantFailed as failure:
        yield Failure("plant", seed, language, f"{'.'.join(map(str, failure.path))}: {failure.sentence}")
        return
    scripts: list[tuple[str, Sequence[Step], Callable[[Run], str | None]]] = [("reference", scenario.reference, _reference_fault)]
    scripts += [(miss.id, miss.script, lambda run, miss=miss: _near_miss_fault(miss, run.report)) for miss in scenario.near_misses]  # type: ignore[misc]
    for name, script, fault in scripts:
        try:
            run = _run(scenario, base, state, planted, script, seed, language)
        except (CoursewareError, ScopeError) as refusal:
            yield Failure(name, seed, language, f"the script stopped: {refusal}")
            continue
        if sentence := fault(run):
            yield Failure(name, seed, language, sentence)
        if name == "reference":
            for check, value in run.drawn.items():
                drawn.setdefault(check, []).append(value)


def _unintended(scenario: Scenario, base: Base, state: State, seed: int, language: str) -> Iterable[Failure]:
    """Leave out each step of the reference in turn, and exchange each with the next one.

    Where a step is left out and every check still passes, it is spare or a check is missing. A check that fails in none of all
    these paths and in no near-miss cannot fail at all.
    """
    planted = plant(scenario.start, scenario.plant, state, seed=seed, language=language)
    steps = scenario.reference
    able = {check for miss in scenario.near_misses for check in miss.fails}

    def failed(script: Sequence[Step]) -> set[str] | None:
        try:
            report = _run(scenario, base, state, planted, script, seed, language).report
        except (CoursewareError, ScopeError):
            return None  # what follows rests on the step that is missing or late
        return {finding.check for finding in report.findings if not finding.passed}

    for place, step in enumerate(steps):
        missed = failed([*steps[:place], *steps[place + 1 :]])
        if missed is not None and not missed and not step.spare:
            yield Failure("reference", seed, language, f"without step {place + 1} ({step.id or step.do}) every check still passes: check for it, or mark it `spare: true`")
        able |= missed or set()
    for place in range(len(steps) - 1):
        able |= failed([*steps[:place], steps[place + 1], steps[place], *steps[place + 2 :]]) or set()
    for check in scenario.checks:
        if check.id not in able:
            yield Failure("reference", seed, language, f"check {check.id} fails in no near-miss, with no step left out and no two steps exchanged: add a near-miss that it catches")


def _reference_fault(run: Run) -> str | None:
    report = run.report
    failed = [finding for finding in report.findings if not finding.passed]
    if failed:
        return "; ".join(f"check {finding.check} fails: {finding.found.to('en')} ({finding.field.to('en')}: {finding.expected.to('en')})" for finding in failed)
    wrong = [f"{line.title} {field.column}: {field.label}" for line in report.diff for field in line.fields if field.label in ("harmful", "unneeded")]
    if wrong:
        return f"the reference makes changes that no rule of the diff calls needed or allowed: {'; '.join(wrong)}"
    return "; ".join(run.doubts) or None


def _near_miss_fault(miss: NearMiss, report: Report) -> str | None:
    failed = {finding.check for finding in report.findings if not finding.passed}
    if failed != miss.fails:
        return f"meant to fail: {_listed(miss.fails)}; failed: {_listed(failed)}"
    if report.passed:
        return f"the scenario is passed all the same ({report.share:.0%} of the weight, no order or guard check fails)"
    for language, words in miss.says.items():
        said = " ".join(f"{finding.found.to(language)} {finding.teaching.to(language) if finding.teaching else ''}" for finding in report.findings if finding.check in miss.fails)
        if fold(words) not in fold(said):
            return f"nothing it is told contains “{words}” ({language}): {said}"
    return None


def _listed(checks: Iterable[str]) -> str:
    return ", ".join(sorted(checks)) or "nothing"
