"""The sums in Module 2: every figure that its sections state is reckoned here and looked up in both languages."""

from __future__ import annotations

import re

import pytest

from tests.content.sections import drawn, says

MARGIN, KEPT, DISCOUNT = 4_000, 0.80, 0.10
TYPES = ["basic", "reactive", "accountable", "proactive", "partnership"]


def lifetime_value(margin: float, retention: float, discount: float = DISCOUNT) -> float:
    return margin * retention / (1 + discount - retention)


def test_three_accounts_in_one_year() -> None:
    clinic, beiyuan, xiaoman = 6 * 150, 52 * 400 + 60 * 150 + 150_000 * 6 // 100, 3 * 150
    assert (clinic, beiyuan, xiaoman) == (900, 38_800, 450)
    assert (4_000 - clinic, 36_000 - beiyuan, 300 - xiaoman) == (3_100, -2_800, -150)
    assert -2_800 + 60 * 150 == 6_200
    assert 4 * 600 - 150 == 2_250
    says("2.3", "900", "38800", "450", "3100", "−2800", "−150", "6200", "2400", "2250")
    says("2.5", "2800", "9000", "150", "2250")


def test_lifetime_value_of_the_clinic() -> None:
    years = [MARGIN * (KEPT / (1 + DISCOUNT)) ** year for year in range(1, 400)]
    assert [round(year) for year in years[:3]] == [2_909, 2_116, 1_539]
    assert round(sum(years[:3])) == pytest.approx(6_564, abs=1)
    assert lifetime_value(MARGIN, KEPT) == pytest.approx(sum(years)) == pytest.approx(10_666.67, abs=0.01)
    assert lifetime_value(MARGIN - 900, KEPT) == pytest.approx(8_266.67, abs=0.01)
    assert lifetime_value(MARGIN, 0.50) == pytest.approx(3_333.33, abs=0.01)
    assert round(lifetime_value(MARGIN, KEPT) - lifetime_value(MARGIN, 0.50)) == 7_333
    assert lifetime_value(MARGIN, KEPT, discount=0) == pytest.approx(16_000)
    says("2.3", "2909", "2116", "1539", "6564", "10666.67", "10667", "8266.67", "8267", "3333.33", "7333", "16000")
    says("2.5", "7333")


def test_stages_of_four_accounts() -> None:
    assert (26_000 - 20_000) / 20_000 == 0.30
    assert (8_400 - 8_000) / 8_000 == 0.05
    assert 2 * 6_000 == 12_000  # two quarters of the clinic
    says("2.2", "30%", "5%", "12000")


def test_calls_about_label_paper() -> None:
    shops, margin = 9_600, 85
    assert margin - 12 * 40 == -395
    assert (margin - 12 * 40) * shops == -3_792_000
    assert ((margin - 40) * shops, margin * shops, 40 * shops) == (432_000, 816_000, 384_000)
    assert margin * shops - shops // 10 * 15 == 801_600
    assert (14 * 9_000, 14 * 60_000) == (126_000, 840_000)
    says("2.4", "−395", "−3792000", "432000", "816000", "384000", "14400", "801600", "126000", "840000")


def test_each_step_in_the_choice_grid_is_one_type() -> None:
    cells = [cell.lower() for cell in re.findall(r">(\w+)</text>", drawn("2-3", "en")) if cell.lower() in TYPES]
    assert cells == [TYPES[4 - row - column] for row in range(3) for column in range(3)]
