"""Module 3: its sums are right in both languages, its figure and its exercise say the same, and the keys of its templates follow from what is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.content.question_files import QUESTIONS
from tests.content.sections import drawn, text
from tests.content.templates import variants

# The templates, each reckoned another way


def test_the_advantage_follows_from_the_table_that_is_shown() -> None:
    for situation, parts in variants("m3-a-16", "m3-b-16"):
        rival, own = (float(line.split("|")[4].replace(",", "")) for line in situation.split("\n") if line.startswith("| 1 |"))
        assert parts["gap"]["answer"] == pytest.approx((rival - own) / rival * 100, abs=0.05)
        assert_no_wrong_path_is_right(parts["gap"])


def test_the_share_of_technology_follows_from_the_marks_that_are_told() -> None:
    for situation, parts in variants("m3-a-19", "m3-b-19"):
        told = situation.split("|")[0]
        total = int(re.findall(r"(\d+) sentences", told)[0])
        idea, mechanism, technology, rest = (int(found) for found in re.findall(r"\d+", told.replace(f"{total} sentences", "")))
        assert idea + mechanism + technology + rest == total
        assert parts["share"]["answer"] == pytest.approx(technology / (total - rest) * 100, abs=0.05)
        assert_no_wrong_path_is_right(parts["share"])


def assert_no_wrong_path_is_right(numeric: Mapping[str, Any]) -> None:
    assert all(abs(wrong["value"] - numeric["answer"]) > numeric["tolerance"] for wrong in numeric["wrong"])


def test_the_question_about_a_gap_asks_for_the_layer_that_is_not_told() -> None:
    asked_for = {"This asks for the idea": "idea", "This asks for the mechanism": "mech", "This asks for technology": "tech"}
    seen = set()
    for _, parts in variants("m3-a-20", "m3-b-20"):
        (key,) = (option for option in parts["gap"]["options"] if option["right"])
        (layer,) = (layer for start, layer in asked_for.items() if key["feedback"]["en"].startswith(start))
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
    return [kind == "head" for kind in re.findall(r'<circle class="(head|box)" cx="126"', drawn("3-1", language))]


def test_the_figure_says_how_many_steps_rest_on_two_sources() -> None:
    assert dots("en") == dots("zh")
    assert (sum(dots("en")), len(dots("en"))) == (7, 12)
    assert "Seven rest on two sources" in drawn("3-1", "en") and "twelve steps" in text("3.1", "en")


def test_the_cards_of_the_exercise_are_marked_as_in_the_figure() -> None:
    """All the figure's steps but the word CRM and CTI are cards."""
    marks = [left["match"] == "two" for left in QUESTIONS["ix5-b"].raw["left"]]
    figure = dots("en")
    assert marks == [*figure[:5], figure[6], *figure[8:]]
    assert [item["id"] for item in QUESTIONS["ix5-a"].raw["items"]] == [left["id"] for left in QUESTIONS["ix5-b"].raw["left"]]
