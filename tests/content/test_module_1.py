"""The sums in Module 1: every figure that its sections state is reckoned here and looked up in both languages."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from tests.content.sections import says, text


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
        counted = text("1.5", language).partition(seven)[0].rpartition("\n## ")[2]
        assert re.findall(r"^(\d)\. ", counted, re.MULTILINE) == list("1234567")
