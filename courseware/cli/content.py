"""`validate`, `publish`, `outline` and `preview`: what an author of course files needs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from courseware import authoring, clock, compile, db, shipped
from courseware.cli.school import add_options, open_school
from courseware.compile import Course
from courseware.course.drafts import drafts, newest
from courseware.course.facts import fact_coverage
from courseware.course.faults import ContentRefused, Faults
from courseware.course.model import Objective
from courseware.course.revisions import exported_from, read_folder, store
from courseware.course.yaml import load


def add(commands: Any) -> None:
    validate = commands.add_parser("validate", help="read a course folder and print every fault with file, line and column")
    validate.add_argument("--json", action="store_true")
    validate.add_argument("--draws", type=int, default=400, metavar="N", help="variants of each template that are looked at: 400, or fewer for a quick look")
    publish = commands.add_parser("publish", help="store a course folder as the newest revision of a school")
    add_options(publish)
    publish.add_argument("--replace", action="store_true", help="publish even what would undo changes made on the web")
    outline = commands.add_parser("outline", help="what covers each objective, and counts")
    outline.add_argument("--json", action="store_true")
    for command, run in ((validate, run_validate), (publish, run_publish), (outline, run_outline)):
        command.add_argument("folder", nargs="?", type=Path, default=shipped.root(), metavar="DIR", help="the folder with content/, quizzes/, case_studies/")
        command.set_defaults(run=run)


def read(folder: Path, draws: int = 400) -> tuple[Course | None, Faults]:
    """Read and check a folder. Raises FileNotFoundError if it holds no course."""
    tree = read_folder(folder)
    if not tree:
        raise FileNotFoundError(f"{folder} has no course files: content/, quizzes/ and case_studies/ are looked for")
    return compile.inspect(tree, draws=draws)


def read_file(path: Path) -> Any:
    """Give the data of one YAML file, read as the course's own are: `no` and `12:30` are texts. Raises ContentRefused."""
    faults = Faults()
    document = load(str(path), path.read_bytes(), faults)
    if document is None or faults:
        raise ContentRefused(faults)
    return document.data


def run_validate(options: argparse.Namespace) -> int:
    course, faults = read(options.folder, draws=options.draws)
    if options.json:
        print(json.dumps([fault.__dict__ for fault in faults], ensure_ascii=False, indent=1))
    else:
        for fault in faults:
            print(fault)
        if course and not faults:
            print(f"{counts(course)['sections']} sections, {counts(course)['questions']} questions, {len(course.scenarios)} scenarios: no fault")
        elif faults:
            print(f"{len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


def run_publish(options: argparse.Namespace) -> int:
    school = open_school(options, create=True)
    print(f"published as revision {publish(school, options.folder, replace=options.replace)}")
    with db.session(school) as session:
        waiting = drafts(session)
    if waiting:
        print(f"Drafts that wait on the web to be published: {', '.join(waiting)}")
    return 0


def publish(school: db.School, folder: Path, *, replace: bool = False) -> int:
    """Check a folder and store it as the newest revision. Raises ContentRefused with its faults, or ValueError if it would undo what was written
    on the web and `replace` does not say that this is meant; then nothing has changed.
    """
    course, faults = read(folder, draws=authoring.DRAWS)
    if faults or course is None:
        raise ContentRefused(faults)
    tree = read_folder(folder)
    with db.session(school, write=True) as session:
        newest(session, lock=True)
        undone = [] if replace else authoring.undone_by(session, tree, known=exported_from(folder))
        if undone:
            raise ValueError(_undone(folder, undone))
        return store(session, tree, clock.now())


def _undone(folder: Path, undone: Sequence[authoring.Undone]) -> str:
    listed = "\n".join(f"  {one.path}: revision {one.revision}, {one.at:%Y-%m-%d %H:%M} UTC" for one in undone)
    return (
        f"{folder} would undo what was written on the web:\n{listed}\n"
        "Nothing was changed. Fetch the newest files (Author > Revisions > Export) and put your changes into them, or publish with --replace if these may go."
    )


def counts(course: Course) -> dict[str, int]:
    languages = Counter(language for _, language in course.material.sections)
    return {
        "modules": len(course.modules), "sections": languages["en"], "translated": languages["zh"], "questions": len(course.questions),
        "scenarios": len(course.scenarios), "cases": len(course.cases), "terms": len(course.material.terms), "objectives": len(course.objectives),
    }  # fmt: skip


def outline(course: Course) -> dict[str, Any]:
    """The outline as data: every objective with what covers it and what is still planned, every fact taught, the facts text by text, and counts."""
    objectives = {
        code: {
            "sections": list(of.sections), "questions": dict(sorted(of.questions.items())), "scenarios": list(of.scenarios), "exercises": list(of.exercises),
            "criteria": list(of.criteria), "planned": _planned(course.objectives[code], of),
        }
        for code, of in compile.coverage(course).items()
    }  # fmt: skip
    texts = {text: dataclasses.asdict(of) for text, of in fact_coverage(course.material).items()}
    return {
        "objectives": objectives, "facts": sorted(fact for of in texts.values() for fact in of["taught"]), "texts": texts,
        "counts": counts(course) | {"planned": sum(objective.planned for objective in course.objectives.values())},
    }  # fmt: skip


def _planned(objective: Objective, covered: compile.Coverage) -> list[str]:
    """What an objective still waits for: its practice as far as nobody has built it, and of a planned objective whatever kind it lacks altogether."""
    awaited = [id for id in objective.practice if id not in (*covered.scenarios, *covered.exercises, *covered.criteria)]
    return [*awaited, *(covered.lacks if objective.planned else ())]


def run_outline(options: argparse.Namespace) -> int:
    course, faults = read(options.folder, draws=1)
    if faults or course is None:
        raise ContentRefused(faults)
    data = outline(course)
    if options.json:
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return 0
    table = Table("objective", "sections", "questions", "scenarios", "exercises", "criteria", "planned")
    for code, of in data["objectives"].items():
        if not course.objectives[code].planned:
            questions = " ".join(f"{form} {count}" for form, count in of["questions"].items())
            table.add_row(code, " ".join(of["sections"]), questions, " ".join(of["scenarios"]), " ".join(of["exercises"]), " ".join(of["criteria"]), " ".join(of["planned"]))
    Console().print(table)
    facts = Table("text", "taught", "planned", "missing")
    for text, of in data["texts"].items():
        facts.add_row(text, str(len(of["taught"])), str(len(of["planned"])), "; ".join(f"{fact} in {' '.join(sections)}" for fact, sections in of["missing"].items()))
    Console().print(facts)
    print(", ".join(f"{count} {name}" for name, count in data["counts"].items()), f"and {len(data['facts'])} facts taught")
    return 0
