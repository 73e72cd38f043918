"""The plan of what is taught where is kept: facts of the source texts by sections, objectives by scenarios, exercises and criteria."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from courseware.compile import Course, coverage, inspect
from courseware.course.facts import fact_coverage
from courseware.course.model import Material
from courseware.course.revisions import read_folder
from courseware.shipped import root

FACTS = {"S000": 42, "S001": 84, "S002": 34, "S003": 77, "S004": 125}


@pytest.fixture(scope="module")
def course() -> Course:
    """The shipped course, whatever else may be wrong with it."""
    read, _ = inspect(read_folder(root()), draws=0)
    assert read is not None
    return read


@pytest.fixture
def material(course: Course) -> Material:
    return course.material


def test_the_list_of_facts_is_whole(material: Material) -> None:
    assert Counter(fact.text for fact in material.facts.values()) == FACTS
    for text, last in FACTS.items():
        assert {int(fact.code.partition("-")[2]) for fact in material.facts.values() if fact.text == text} == set(range(1, last + 1))
    assert all(fact.sections and all(re.fullmatch(r"(?:[1-9]|10)\.[1-5]", section) for section in fact.sections) for fact in material.facts.values())


@pytest.mark.parametrize("text", FACTS)
def test_every_fact_is_taught_where_the_plan_puts_it(material: Material, text: str) -> None:
    assert fact_coverage(material)[text].missing == {}


def test_both_languages_of_a_section_teach_the_same(material: Material) -> None:
    for (id, language), section in material.sections.items():
        english = material.sections[id, "en"].head
        assert (section.head.facts, section.head.objectives, section.head.minutes) == (english.facts, english.objectives, english.minutes), (id, language)
        assert len(set(section.head.facts)) == len(section.head.facts), (id, language)


def test_what_is_built_practises_the_objectives_it_was_planned_for(course: Course) -> None:
    listed = [course.material.section(id, "en") for module in course.modules.values() for id in module.sections]
    exercises = {block.id.upper() for section in listed for block in section.blocks if block.kind == "exercise"}
    built = {*course.scenarios, *exercises, *(criterion.id for case in course.cases.values() for criterion in case.criteria)}
    lacking = {
        code: late
        for code, covered in coverage(course).items()
        if (late := (set(course.objectives[code].practice) & built) - {*covered.scenarios, *covered.exercises, *covered.criteria})
    }
    assert lacking == {}


def test_every_objective_has_a_plan_of_its_practice(course: Course) -> None:
    for code, objective in course.objectives.items():
        assert objective.practice, code
        assert len(set(objective.practice)) == len(objective.practice), code
        assert all(re.fullmatch(r"SC\d\d|IX\d+|(?:CS\d|SC\d\d)-[a-d]", id) for id in objective.practice), code


@pytest.mark.parametrize("file", ["content/modules/m1/1.1.en.md", "case_studies/cs2/case.yaml", "content/scenarios/SC31/scenario.yaml"])
def test_a_fact_that_does_not_exist_is_told_at_its_place(file: str) -> None:
    tree = dict(read_folder(root()))
    lines = tree[file].decode().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "S004-3" in text or "S004-22" in text)
    lines[line - 1] = re.sub(r"S004-\d+", "S004-999", lines[line - 1], count=1)
    _, faults = inspect({**tree, file: "\n".join(lines).encode()}, draws=0)
    assert any(str(fault).startswith(f"{file}:{line}:") and fault.sentence == "there is no fact 'S004-999' in content/facts.yaml" for fault in faults)
