"""Write docs/course.md, the plan of the whole course as it stands: what teaches, practises and assesses each objective: `make course`."""

from __future__ import annotations

import sys
from pathlib import Path

from courseware.compile import Course, Coverage, coverage, inspect
from courseware.course.revisions import read_folder
from courseware.shipped import root

PAGE = Path(__file__).parent.parent / "docs" / "course.md"
HEAD = "| objective | | sections | form A | form B | scenarios, exercises | criteria |\n|---|---|---|---|---|---|---|"


def row(course: Course, code: str, covered: Coverage) -> str:
    objective = course.objectives[code]
    name = f"{code} *(planned)*" if objective.planned else code
    practised = [*covered.scenarios, *covered.exercises]
    return f"| {name} | {objective.text['en']} | {_list(covered.sections)} | {covered.questions.get('A', 0)} | {covered.questions.get('B', 0)} | {_list(practised)} | {_list(covered.criteria)} |"


def _list(names: tuple[str, ...] | list[str]) -> str:
    return " ".join(names) or "–"


def text(course: Course) -> str:
    """Give the page: a table a module, then the sums."""
    found = coverage(course)
    parts = [
        "# The course, objective by objective\n\nThis page is made from the course files by `make course`; change those, not this. "
        "A planned objective still lacks something: practice, or for an ability a scenario check or a rubric criterion. "
        "Quiz questions are counted a form; the placement test and the final examination draw from both."
    ]
    for module in course.modules.values():
        rows = [row(course, code, covered) for code, covered in found.items() if course.objectives[code].module == module.id]
        parts.append(f"## {module.id} {module.title['en']}\n\n{HEAD}\n" + "\n".join(rows))
    sums = [sum(covered.questions.get(letter, 0) for covered in found.values()) for letter in "AB"]
    planned = sum(objective.planned for objective in course.objectives.values())
    parts.append(f"Together: {len(found)} objectives, {planned} of them planned; {sums[0]} questions in form A, {sums[1]} in form B; {len(course.scenarios)} scenarios, {len(course.cases)} cases.")
    return "\n\n".join(parts) + "\n"


def shipped() -> Course:
    course, faults = inspect(read_folder(root()), draws=0)
    assert course is not None, list(faults)
    return course


if __name__ == "__main__":
    PAGE.write_text(text(shipped()), encoding="utf-8")
    print(PAGE)
    sys.exit(0)
