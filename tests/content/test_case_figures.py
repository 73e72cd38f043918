"""The sums in the case studies: every figure that a narrative, a teaching note or a model answer states is reckoned here and looked up there."""

from __future__ import annotations

import re
from statistics import mean

import pytest

from courseware.shipped import root

BENCH = [3, 4, 4, 4, 5, 3, 4, 5, 4, 4]  # CS3: days in the workshop
OUT = [7, 8, 9, 8, 24, 7, 9, 21, 8, 9]  # CS3: days until the customer can print
PAUSED = 15 + 13
LEGS = {"in": 1.6, "workshop": 4.0, "part": 2.8, "back": 2.6}
PEOPLE = {"Fang": (60_000, 82, 0.5), "He": (200_000, 86, 0.25), "Luo": (160_000, 78, 0.25)}  # CS4: yuan, score, share that waits


def text_of(case: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((root() / "case_studies" / case).glob("*.*")))


def says(case: str, *figures: str) -> None:
    """Look a figure up in both languages' texts of a case: at least twice, once each."""
    text = text_of(case)
    for figure in figures:
        assert len(re.findall(rf"(?<![\d.,]){re.escape(figure)}(?![\d])", text)) >= 2, figure


def test_ibm_the_removal_and_the_24_hours() -> None:
    assert round(1700 / 24, 1) == 70.8
    assert 1700 / (24 / 3) == 212.5
    assert (22 / 40, 36 / 45, (22 - 2) / 40, (36 - 9) / 45) == (0.55, 0.8, 0.5, 0.6)
    assert (round(2 / 22, 2), 9 / 36) == (0.09, 0.25)
    assert (75 - 30) * 60 == 2_700
    assert 84 * 150 == 12_600
    margin = 2 * 40_000 * 30 // 100
    assert (margin, margin * (1 - 3 / 4), margin - 12_600) == (24_000, 6_000, 11_400)
    says("cs1", "70.8", "212.5", "55%", "80%", "50%", "60%", "2,700", "12,600", "24,000", "6,000", "11,400")


def test_ge_the_two_clocks() -> None:
    assert (mean(BENCH), mean(OUT), max(OUT) - min(OUT), max(BENCH)) == (4, 11, 17, 5)
    assert sum(days <= 10 for days in OUT) == 8
    assert sum(LEGS.values()) == pytest.approx(mean(OUT))
    assert (LEGS["workshop"] * 10, LEGS["part"] * 10) == (sum(BENCH), PAUSED)
    assert [round(100 * part / sum(OUT)) for part in (sum(BENCH), PAUSED, sum(OUT) - sum(BENCH) - PAUSED)] == [36, 25, 38]
    assert LEGS["in"] + LEGS["back"] == pytest.approx(4.2)
    assert round(mean(days for days in OUT if days < 20), 1) == 8.1
    says("cs3", "4.0", "11.0", "36%", "25%", "38%", "4.2", "8.1")


def test_siebel_two_plans() -> None:
    factors = {name: min(1, max(0, (score - 70) / 20)) for name, (_, score, _) in PEOPLE.items()}
    assert factors == pytest.approx({"Fang": 0.6, "He": 0.8, "Luo": 0.4})
    paid = {name: yuan * (1 - waits) + yuan * waits * factors[name] for name, (yuan, _, waits) in PEOPLE.items()}
    assert paid == pytest.approx({"Fang": 48_000, "He": 190_000, "Luo": 136_000})
    assert [yuan * waits / 20 for yuan, _, waits in PEOPLE.values()] == [1_500, 2_500, 2_000]
    assert 120_000 + 40_000 * (85 - 70) / 20 == 150_000
    assert (96_000 * 0.75, 96_000 * 0.25, 96_000 / 12 - 2_600, 72_000 / 12 - 2_600) == (72_000, 24_000, 5_400, 3_400)
    assert (24_000 / 2 / 12, 72_000 / 12 + 1_000) == (1_000, 7_000)
    assert 0.25 / 0.4 == 0.625
    says("cs4", "48,000", "190,000", "136,000", "72,000", "24,000", "1,500", "2,500", "2,000", "150,000", "3,400", "5,400", "7,000", "62.5%")


def test_citibank_and_lenovo() -> None:
    assert (6 / 24, 3 / 24, 280 / 400, 300 / 400) == (0.25, 0.125, 0.7, 0.75)
    assert (9 + 5 + 6, 4 + 5 + 3, 4 * 120 + 5 * 120 + 3 * 120, 8 * 120) == (20, 12, 1_440, 960)
    says("cs2", "25%", "12.5%", "70%", "75%")
    says("cs8", "1,440", "480", "600", "360", "960")


def test_the_mortgage_lender_today_and_anew() -> None:
    work, wait = [5, 25, 20, 20, 10, 60, 15, 45, 20, 20], [12, 22, 24, 10, 14, 36, 8, 26, 8, 4]
    assert (sum(work), sum(wait), sum(work) / 60 + sum(wait)) == (240, 164, 7 * 24)
    for language in ("en", "zh"):
        rows = re.findall(r"^\| \d+ .*\| (\d+) \| (\d+) \| \? \|$", (root() / f"case_studies/cs6/cs6.{language}.md").read_text(encoding="utf-8"), re.MULTILINE)
        assert rows == [(str(minutes), str(hours)) for minutes, hours in zip(work, wait, strict=True)]
    assert round(168 + 0.3 * 96, 1) == 196.8
    assert 4 * 45 + 0.3 * 100 + 2 * 20 == 250
    assert (round(100 * 120 / 168, 1), 190 / 250, round(50_000_000 / 190), round(15_000_000 / 8_121)) == (71.4, 0.76, 263_158, 1_847)
    path = {"wait": [3, 28, 6, 4, 3], "work": [30, 60, 45, 20, 15]}
    assert (sum(path["wait"]), sum(path["work"])) == (44, 170) and round(44 + 170 / 60, 1) == 46.8
    assert (170 + 10 + 15, 195 / 60 * 45, 146.25 + 0.04 * 100 + 0.3 * 20) == (195, 146.25, 156.25)
    says("cs6", "196.8", "250", "71.4%", "76%", "263,158", "1.75%", "1,847", "46.8", "195", "146.25", "156", "28.6%", "2.4%")


def test_nokia_and_microsoft_in_figures() -> None:
    gain = 260 * 0.03
    full = (round(180 * 0.4 * 0.03 * 2, 2), round(3 * 0.6 * 3, 1))
    assert (round(gain, 1), full, round(gain - sum(full), 2)) == (7.8, (4.32, 5.4), -1.92)
    assert (round(0.4 * gain, 2), round(0.4 * gain - 5 * 0.4, 2)) == (3.12, 1.12)
    assert (round(0.7 * gain, 2), round(0.7 * gain - 0.8 - 3.0, 2)) == (5.46, 1.66)
    assert round(0.7 * 6 - 3.8, 1) == round(0.4 * 6 - 2.0, 1) == 0.4
    says("cs7", "4.32", "5.4", "−1.92", "3.12", "1.12", "5.46", "1.66", "0.54", "7.8")
