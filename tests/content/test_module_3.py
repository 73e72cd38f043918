"""Module 3: its sums are right in both languages, its figure and its exercise say the same, and its two forms are parallel and give nothing away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from courseware.assessment.questions import QuestionSource
from courseware.compile import Course, coverage
from courseware.shipped import root

MODULE = root() / "content/modules/m3"
PER_FORM = {  # the plan: how many questions for each objective
    "K3.1": ["matching", "matching", "choice", "choice"],
    "K3.2": ["choice", "choice", "matching"],
    "K3.3": ["multiple", "truefalse", "truefalse", "truefalse", "choice"],
    "K3.4": ["ordering", "choice", "choice"],
    "A3.1": ["case", "short"],
    "A3.2": ["matching", "case"],
    "A3.3": ["case"],
}


def forms(course: Course) -> tuple[list[QuestionSource], list[QuestionSource]]:
    of = course.sources_of(course.quizzes["m3"])
    return list(of["A"]), list(of["B"])


def text(section: str, language: str) -> str:
    return (MODULE / f"{section}.{language}.md").read_text()


# Coverage and the two forms


def test_every_objective_of_module_3_is_taught_and_assessed_as_often_as_planned(course: Course) -> None:
    covered = coverage(course)
    for code, kinds in PER_FORM.items():
        assert covered[code].sections
        assert covered[code].questions == {"A": len(kinds), "B": len(kinds)}
    for form in forms(course):
        for code, kinds in PER_FORM.items():
            of = [question.raw for question in form if question.raw["objective"] == code]
            assert [raw["kind"] for raw in of] == kinds
            assert sum(raw["points"] for raw in of) >= 4


def test_both_forms_are_parallel_and_share_no_stem(course: Course) -> None:
    a, b = forms(course)
    for one, other in zip(a, b, strict=True):
        for field in ("objective", "kind", "section", "level", "points", "difficulty"):
            assert one.raw[field] == other.raw[field], (one.id, other.id, field)
    stems = [raw[field]["en"] for raw in (question.raw for question in (*a, *b)) for field in ("stem", "situation") if field in raw]
    assert len(stems) == len(set(stems)) == 40


def choices(form: list[QuestionSource]) -> list[dict[str, Any]]:
    """The choice questions of a form and of its cases whose right option does not depend on the variant."""
    every = [part for question in form for part in (question.raw, *question.raw.get("parts", ()))]
    return [raw for raw in every if raw["kind"] == "choice" and all(option["right"] in (True, False) for option in raw["options"])]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_neither_place_nor_length_gives_the_right_option_away(course: Course, language: str) -> None:
    found = [raw for form in forms(course) for raw in choices(form)]
    places = [[option["right"] for option in raw["options"]].index(True) for raw in found]
    assert max(places.count(place) for place in range(4)) <= 0.3 * len(found)
    lengths = [([len(option["text"][language]) for option in raw["options"]], place) for raw, place in zip(found, places, strict=True)]
    assert sum(length[place] == max(length) for length, place in lengths) <= 0.3 * len(found)


def test_every_option_says_why(course: Course) -> None:
    for form in forms(course):
        for raw in choices(form):
            assert all(option["feedback"][language] for option in raw["options"] for language in ("en", "zh"))


def variants(course: Course, number: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Forty variants of one case in each form: the situation in English, and the parts by id."""
    for letter in "ab":
        for seed in range(40):
            data = course.questions[f"m3-{letter}-{number}"].data(seed)
            yield data["situation"]["en"], {part["id"]: part for part in data["parts"]}


def test_the_advantage_follows_from_the_table_that_is_shown(course: Course) -> None:
    for situation, parts in variants(course, "16"):
        rival, own = (float(line.split("|")[4].replace(",", "")) for line in situation.split("\n") if line.startswith("| 1 |"))
        assert parts["gap"]["answer"] == pytest.approx((rival - own) / rival * 100, abs=0.05)
        assert_no_wrong_path_is_right(parts["gap"])


def test_the_share_of_technology_follows_from_the_marks_that_are_told(course: Course) -> None:
    for situation, parts in variants(course, "19"):
        told = situation.split("|")[0]
        total = int(re.findall(r"(\d+) sentences", told)[0])
        idea, mechanism, technology, rest = (int(found) for found in re.findall(r"\d+", told.replace(f"{total} sentences", "")))
        assert idea + mechanism + technology + rest == total
        assert parts["share"]["answer"] == pytest.approx(technology / (total - rest) * 100, abs=0.05)
        assert_no_wrong_path_is_right(parts["share"])


def assert_no_wrong_path_is_right(numeric: Mapping[str, Any]) -> None:
    assert all(abs(wrong["value"] - numeric["answer"]) > numeric["tolerance"] for wrong in numeric["wrong"])


def test_the_question_about_a_gap_asks_for_the_layer_that_is_not_told(course: Course) -> None:
    asked_for = {"This asks for the idea": "idea", "This asks for the mechanism": "mech", "This asks for technology": "tech"}
    seen = set()
    for _, parts in variants(course, "20"):
        (right,) = (option for option in parts["gap"]["options"] if option["right"])
        (layer,) = (layer for start, layer in asked_for.items() if right["feedback"]["en"].startswith(start))
        assert {left["match"] for left in parts["place"]["left"]} == {"idea", "mech", "tech"} - {layer}
        seen.add(layer)
    assert seen == {"idea", "mech", "tech"}


# Sums of the prose


def test_the_price_advantage_of_section_3_1_and_the_lost_buyers_are_computed_right() -> None:
    assert (3000 - 2400, (3000 - 2400) / 3000) == (600, 0.2)
    assert (2100 - 2050, round((2100 - 2050) / 2100 * 100, 1)) == (50, 2.4)
    assert 6 + 5 + 29 == 40 and 29 / 40 * 100 == 72.5
    for section in ("3.1", "3.4"):
        for language in ("en", "zh"):
            assert re.search(r"20%[^%]*2\.4%", text(section, language)), (section, language)
    assert all("72.5%" in text("3.1", language) for language in ("en", "zh"))


def test_the_measures_of_section_3_3_add_up() -> None:
    for language, letters in (("en", "abcdef"), ("zh", "甲乙丙丁戊己")):
        section = text("3.3", language)
        assert "1 + 3 + 2 = 6" in section
        opens, closes = "()" if language == "en" else "（）"
        assert all(f"{opens}{letter}{closes}" in section for letter in letters)


def test_the_shares_of_the_brochure_are_computed_right() -> None:
    assert 14 + 3 + 1 + 2 == 20
    assert round(14 / 18 * 100, 1) == 77.8 and 14 / 20 == 0.7
    for language in ("en", "zh"):
        section = text("3.4", language)
        assert "14 + 3 + 1 + 2 = 20" in section and "20 − 2 = 18" in section and "77.8%" in section and "70%" in section


# The time line


def dots(language: str) -> list[bool]:
    """The dots of Figure 3.1 below its legend, from top to bottom: is it a filled one?"""
    drawn = re.findall(r'<circle class="(head|box)" cx="126"', Path(MODULE / f"figures/fig-3-1.{language}.svg").read_text())
    return [kind == "head" for kind in drawn]


def test_the_figure_says_how_many_steps_rest_on_two_sources() -> None:
    assert dots("en") == dots("zh")
    assert (sum(dots("en")), len(dots("en"))) == (7, 12)
    assert "Seven rest on two sources" in (MODULE / "figures/fig-3-1.en.svg").read_text() and "twelve steps" in text("3.1", "en")


def test_the_cards_of_the_exercise_are_marked_as_in_the_figure(course: Course) -> None:
    """All the figure's steps but the word CRM and CTI are cards."""
    marks = [left["match"] == "two" for left in course.questions["ix5-b"].raw["left"]]
    figure = dots("en")
    assert marks == [*figure[:5], figure[6], *figure[8:]]
    assert [item["id"] for item in course.questions["ix5-a"].raw["items"]] == [left["id"] for left in course.questions["ix5-b"].raw["left"]]
