"""Prove a scenario: its reference passes on every seed, each near-miss fails with the message that was meant, no step can be left out. No database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from courseware.errors import CoursewareError
from courseware.i18n import LANGUAGES
from courseware.sandbox.evaluate import Report, evaluate
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.plants import Planted, PlantFailed, paper_of, plant
from courseware.sandbox.play import Step, play
from courseware.sandbox.scenarios import NearMiss, Scenario
from courseware.sandbox.scope import ScopeError
from courseware.sandbox.state import Base, State
from courseware.sandbox.text import fold


@dataclass(frozen=True)
class Run:
    """A script played to its end on one variant."""

    paper: Paper
    journal: Journal
    report: Report


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
        return Run(paper, journal, evaluate(scenario, paper, journal, state))


def prove(scenario: Scenario, base: Base, state: State, seeds: Iterable[int], progress: Callable[[int], None] = lambda seed: None) -> ProofReport:
    """Run reference and near-misses on every seed, the languages in turn; `progress` is told each seed that is done."""
    good = {"reference": 0, **{miss.id: 0 for miss in scenario.near_misses}}
    failures: list[Failure] = []
    count = 0
    for count, seed in enumerate(seeds, 1):
        language = LANGUAGES[(count - 1) % len(LANGUAGES)]
        failed = list(_prove_seed(scenario, base, state, seed, language))
        if count == 1 and not failed:
            failed = list(_unintended(scenario, base, state, seed, language))
        failures += failed
        wrong = {failure.script for failure in failed}
        for name in good:
            good[name] += name not in wrong and "plant" not in wrong
        progress(seed)
    return ProofReport(scenario.id, count, good, tuple(failures))


def _prove_seed(scenario: Scenario, base: Base, state: State, seed: int, language: str) -> Iterable[Failure]:
    try:
        planted = plant(scenario.start, scenario.plant, state, seed=seed, language=language)
    except PlantFailed as failure:
        yield Failure("plant", seed, language, f"{'.'.join(map(str, failure.path))}: {failure.sentence}")
        return
    scripts: list[tuple[str, Sequence[Step], Callable[[Report], str | None]]] = [("reference", scenario.reference, _reference_fault)]
    scripts += [(miss.id, miss.script, lambda report, miss=miss: _near_miss_fault(miss, report)) for miss in scenario.near_misses]  # type: ignore[misc]
    for name, script, fault in scripts:
        try:
            sentence = fault(_run(scenario, base, state, planted, script, seed, language).report)
        except (CoursewareError, ScopeError) as refusal:
            sentence = f"the script stopped: {refusal}"
        if sentence:
            yield Failure(name, seed, language, sentence)


def _unintended(scenario: Scenario, base: Base, state: State, seed: int, language: str) -> Iterable[Failure]:
    """Leave out each step of the reference in turn: where every check still passes, either the step is spare or a check is missing."""
    planted = plant(scenario.start, scenario.plant, state, seed=seed, language=language)
    for place, step in enumerate(scenario.reference):
        shorter = [*scenario.reference[:place], *scenario.reference[place + 1 :]]
        try:
            report = _run(scenario, base, state, planted, shorter, seed, language).report
        except (CoursewareError, ScopeError):
            continue  # what follows rests on it
        if not step.spare and all(finding.passed for finding in report.findings):
            yield Failure("reference", seed, language, f"without step {place + 1} ({step.id or step.do}) every check still passes: check for it, or mark it `spare: true`")


def _reference_fault(report: Report) -> str | None:
    failed = [finding for finding in report.findings if not finding.passed]
    if failed:
        return "; ".join(f"check {finding.check} fails: {finding.found.to('en')} ({finding.field.to('en')}: {finding.expected.to('en')})" for finding in failed)
    wrong = [f"{line.title} {field.column}: {field.label}" for line in report.diff for field in line.fields if field.label in ("harmful", "unneeded")]
    return f"the reference makes changes that no rule of the diff calls needed or allowed: {'; '.join(wrong)}" if wrong else None


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
