"""The forms of the modules: each asks what the plan asks, and form B is form A with other questions."""

from __future__ import annotations

import pytest

from courseware.compile import Course, coverage
from tests.content.question_files import FORMS

PLAN = {  # the kinds of the questions for each objective, in the order of the form
    "K1.1": "choice choice choice multiple truefalse",
    "K1.2": "choice choice matching multiple",
    "K1.3": "multiple matching",
    "K1.4": "matching choice",
    "A1.1": "matching case",
    "A1.2": "multiple choice",
    "A1.3": "ordering choice",
    "K2.1": "choice choice multiple",
    "K2.2": "ordering choice choice multiple",
    "K2.3": "matching choice choice truefalse",
    "K2.4": "multiple matching",
    "A2.1": "case case choice",
    "A2.2": "case case",
    "A2.3": "numeric numeric numeric",
    "K3.1": "matching matching choice choice",
    "K3.2": "choice choice matching",
    "K3.3": "multiple truefalse truefalse truefalse choice",
    "K3.4": "ordering choice choice",
    "A3.1": "case short",
    "A3.2": "matching case",
    "A3.3": "case",
    "K4.1": "choice choice multiple",
    "K4.2": "matching matching choice",
    "K4.3": "matching multiple choice",
    "K4.4": "choice choice truefalse truefalse",
    "A4.1": "case case",
    "A4.2": "case numeric",
    "A4.3": "case ordering",
    "K5.1": "choice choice matching",
    "K5.2": "multiple multiple choice choice",
    "K5.3": "matching choice choice ordering",
    "K5.4": "matching multiple",
    "A5.1": "numeric numeric numeric case",
    "A5.2": "ordering case",
    "A5.3": "case case multiple",
    "K6.1": "ordering choice choice multiple",
    "K6.2": "choice choice multiple",
    "K6.3": "choice choice multiple",
    "A6.1": "numeric case",
    "A6.2": "numeric numeric",
    "A6.3": "case case",
    "A6.4": "numeric case",
    "K7.1": "choice choice ordering multiple",
    "K7.2": "ordering multiple choice",
    "K7.3": "choice choice matching",
    "K7.4": "choice choice multiple",
    "A7.1": "ordering case",
    "A7.2": "case case",
    "A7.3": "ordering case",
    "A7.4": "numeric case",
    "K8.1": "matching matching choice choice",
    "K8.2": "choice choice multiple",
    "K8.3": "choice choice multiple",
    "K8.4": "choice multiple",
    "A8.1": "numeric numeric numeric numeric numeric",
    "A8.2": "case numeric",
    "A8.3": "numeric numeric",
    "A8.4": "numeric numeric",
    "K9.1": "matching choice choice ordering",
    "K9.2": "matching choice choice",
    "K9.3": "choice choice numeric",
    "K9.4": "ordering multiple choice",
    "A9.1": "case case",
    "A9.2": "numeric numeric",
    "A9.3": "case",
    "K10.1": "choice choice numeric",
    "K10.2": "matching matching choice",
    "K10.3": "matching choice choice",
    "K10.4": "choice choice multiple",
    "A10.1": "case",
    "A10.2": "case",
    "A10.3": "numeric numeric case",
}
MODULES = range(1, 11)
ALIKE = ("objective", "kind", "section", "level", "points", "difficulty")
MAY_DIFFER = {1: "difficulty", 6: "section", 8: "section"}  # between a question and its twin, in these modules

forms = pytest.mark.parametrize(("module", "letter"), [(module, letter) for module in MODULES for letter in "ab"])


@forms
def test_every_objective_is_asked_as_often_and_in_the_kinds_planned(module: int, letter: str) -> None:
    asked: dict[str, list[str]] = {}
    for source in FORMS[f"m{module}-{letter}"].questions:
        asked.setdefault(source.raw["objective"], []).append(source.raw["kind"])
    assert asked == {code: kinds.split() for code, kinds in PLAN.items() if code[1:].startswith(f"{module}.")}


@forms
def test_every_objective_has_four_points_or_more(module: int, letter: str) -> None:
    points = dict.fromkeys((code for code in PLAN if code[1:].startswith(f"{module}.")), 0.0)
    for source in FORMS[f"m{module}-{letter}"].questions:
        points[source.raw["objective"]] += source.raw["points"]
    assert min(points.values()) >= 4, points


@pytest.mark.parametrize("module", MODULES)
def test_both_forms_are_parallel_question_by_question(module: int) -> None:
    for one, other in zip(FORMS[f"m{module}-a"].questions, FORMS[f"m{module}-b"].questions, strict=True):
        for field in ALIKE:
            assert one.raw[field] == other.raw[field] or field == MAY_DIFFER.get(module), (one.id, other.id, field)


def test_every_objective_is_taught_and_its_questions_count_in_both_forms(course: Course) -> None:
    covered = coverage(course)
    for code, kinds in PLAN.items():
        assert covered[code].sections, code
        assert covered[code].questions == {"A": len(kinds.split()), "B": len(kinds.split())}, code
