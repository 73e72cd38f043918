"""`scenario list`, `scenario prove` and `scenario run`: scenarios without a browser."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from courseware import shipped
from courseware.cli.content import read, read_file
from courseware.compile import Course
from courseware.course.faults import ContentRefused
from courseware.sandbox.prove import ProofReport, prove, run_script
from courseware.sandbox.scenarios import Scenario, read_script
from courseware.sandbox.state import checkout


def add(commands: Any) -> None:
    scenario = commands.add_parser("scenario", help="list, prove or run the scenarios of the sandbox").add_subparsers(metavar="VERB", required=True)
    list_ = scenario.add_parser("list", help="every scenario of a course folder")
    list_.set_defaults(run=run_list)
    prove_ = scenario.add_parser("prove", help="the reference must pass on every seed, every near-miss fail with its own message")
    prove_.add_argument("ids", nargs="*", metavar="ID")
    prove_.add_argument("--seeds", type=int, default=25)
    prove_.set_defaults(run=run_prove)
    run = scenario.add_parser("run", help="play one script of verbs and show every finding")
    run.add_argument("id", metavar="ID")
    run.add_argument("--seed", type=int, default=1)
    run.add_argument("--script", type=Path, required=True)
    run.set_defaults(run=run_run)
    for command in (list_, prove_, run):
        command.add_argument("--folder", type=Path, default=shipped.root())
        command.add_argument("--json", action="store_true")


def _course(options: argparse.Namespace) -> Course:
    course, faults = read(options.folder, draws=1)
    if faults or course is None:
        raise ContentRefused(faults)
    return course


def _scenario(course: Course, id: str) -> Scenario:
    if id not in course.scenarios:
        raise ValueError(f"there is no scenario {id!r}; known: {', '.join(sorted(course.scenarios))}")
    return course.scenarios[id]


def run_list(options: argparse.Namespace) -> int:
    scenarios = _course(options).scenarios.values()
    if options.json:
        print(json.dumps([{"id": s.id, "title": dict(s.title), "objectives": s.objectives, "difficulty": s.difficulty, "minutes": s.minutes} for s in scenarios], ensure_ascii=False, indent=1))
        return 0
    table = Table("id", "title", "difficulty", "minutes", "objectives", "checks", "near-misses")
    for s in scenarios:
        table.add_row(s.id, s.title["en"], f"{s.difficulty}/4", str(s.minutes), " ".join(s.objectives), str(len(s.checks)), str(len(s.near_misses)))
    Console().print(table)
    return 0


def run_prove(options: argparse.Namespace) -> int:
    course = _course(options)
    scenarios = [_scenario(course, id) for id in options.ids] or list(course.scenarios.values())
    reports: dict[str, ProofReport] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        for scenario in scenarios:
            task = bar.add_task(scenario.id, total=options.seeds)
            reports[scenario.id] = prove(scenario, course.base, checkout(course.base), range(1, options.seeds + 1), lambda _, task=task: bar.advance(task))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    if options.json:
        print(json.dumps({id: {"proved": report.proved, "failures": [asdict(failure) for failure in report.failures]} for id, report in reports.items()}, ensure_ascii=False, indent=1))
    else:
        for scenario in scenarios:
            _tell(scenario, reports[scenario.id], options.seeds)
    return 0 if all(report.proved for report in reports.values()) else 1


def _tell(scenario: Scenario, report: ProofReport, seeds: int) -> None:
    for failure in report.failures:
        print(f"{scenario.id}, seed {failure.seed}, {failure.language}, {failure.script}: {failure.sentence}")
    if report.proved:
        print(f"{scenario.id}: the reference passes {seeds} of {seeds}; each of {len(scenario.near_misses)} near-misses fails {seeds} of {seeds} with its own message")


def run_run(options: argparse.Namespace) -> int:
    course = _course(options)
    scenario = _scenario(course, options.id)
    report = run_script(scenario, course.base, checkout(course.base), read_script(read_file(options.script)), seed=options.seed).report
    if options.json:
        print(json.dumps({"passed": report.passed, "points": report.points(), "findings": [finding.to_json() for finding in report.findings]}, ensure_ascii=False, indent=1))
        return 0
    for finding in report.findings:
        print(f"{'passed' if finding.passed else 'FAILED'}  {finding.title['en']}: {finding.found['en']}")
    print(f"{'passed' if report.passed else 'not passed'}, {report.points():g} of {report.weight:g} points")
    return 0
