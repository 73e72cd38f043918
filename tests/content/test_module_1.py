"""The sums in Module 1, looked up in both languages, and its two forms: as many questions of each kind as planned."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta

import pytest

from courseware.i18n import LANGUAGES
from courseware.shipped import root
from tests.content.question_files import FORMS

PER_FORM = {  # the plan: how many questions for each objective
    "K1.1": {"choice": 3, "multiple": 1, "truefalse": 1},
    "K1.2": {"choice": 2, "matching": 1, "multiple": 1},
    "K1.3": {"multiple": 1, "matching": 1},
    "K1.4": {"matching": 1, "choice": 1},
    "A1.1": {"matching": 1, "case": 1},
    "A1.2": {"multiple": 1, "choice": 1},
    "A1.3": {"ordering": 1, "choice": 1},
}


def says(section: str, *figures: str) -> None:
    """Look figures up in a section of both languages."""
    for language in LANGUAGES:
        text = (root() / "content/modules/m1" / f"{section}.{language}.md").read_text(encoding="utf-8")
        for figure in figures:
            assert re.search(rf"(?<![\d.]){re.escape(figure)}(?!\d)", text), (section, language, figure)


@pytest.mark.parametrize("form", ["m1-a", "m1-b"])
def test_a_form_asks_of_each_objective_as_often_and_in_the_kinds_planned(form: str) -> None:
    asked = {code: Counter(source.raw["kind"] for source in FORMS[form].questions if source.raw["objective"] == code) for code in PER_FORM}
    assert asked == PER_FORM
    assert len(FORMS[form].questions) == 19


def test_the_map_of_the_workshop() -> None:
    devices, through_dealers = 46, 12
    assert devices - through_dealers == 34
    assert through_dealers / devices == pytest.approx(0.25, abs=0.02)  # "about a quarter"
    says("1.2", "46 − 12 = 34")


def test_the_internal_service_agreement() -> None:
    friday = datetime(2026, 3, 20, 16, 0)
    left = datetime(2026, 3, 20, 17, 30) - friday
    resolve = timedelta(hours=8)
    monday = datetime(2026, 3, 23, 8, 30)
    assert friday + timedelta(hours=1) == datetime(2026, 3, 20, 17, 0)
    assert (left, resolve - left) == (timedelta(hours=1.5), timedelta(hours=6.5))
    assert monday + (resolve - left) == datetime(2026, 3, 23, 15, 0)
    sales, hr, rate = 45 + 90 + 30, 60 + 15, 120
    assert (sales, hr) == (165, 75)
    assert (sales / 60 * rate, hr / 60 * rate) == (330, 150)
    assert (sales + hr) / 60 * rate == 480 == 330 + 150
    says("1.4", "17:00", "1.5", "6.5", "15:00", "165", "2.75", "75", "1.25", "330", "150", "480")


def test_the_customers_of_the_call_are_counted_to_seven() -> None:
    for language, seven in (("en", "Seven, then"), ("zh", "一共七位")):
        counted = (root() / "content/modules/m1" / f"1.5.{language}.md").read_text(encoding="utf-8").partition(seven)[0].rpartition("\n## ")[2]
        assert re.findall(r"^(\d)\. ", counted, re.MULTILINE) == list("1234567")
