"""Module 6: the sums of its texts are right in both languages, the curve is the practice firm's, and templates follow their tables."""

from __future__ import annotations

import re
import sqlite3
from itertools import accumulate

import pytest

from courseware.compile import Course
from courseware.i18n import LANGUAGES
from tests.content.question_files import QUESTIONS
from tests.content.sections import drawn, says, text


@pytest.mark.parametrize(
    ("with_it", "of", "without", "others", "shown"),
    [(29, 240, 43, 360, ("12.1", "11.9")), (42, 150, 30, 450, ("28.0", "6.7")), (39, 150, 33, 450, ("26.0", "7.3")), (30, 200, 42, 400, ("15.0", "10.5"))],
)
def test_each_sign_divides_the_600_leads_of_last_year(with_it: int, of: int, without: int, others: int, shown: tuple[str, str]) -> None:
    assert (with_it + without, of + others) == (72, 600)
    assert (f"{100 * with_it / of:.1f}", f"{100 * without / others:.1f}") == shown
    says("6.1", *shown)


@pytest.mark.parametrize(("with_it", "of", "shown"), [(30, 207, ("14.5", "10.7")), (24, 197, ("12.2", "11.9"))])
def test_the_two_weakest_signs_can_be_counted_as_well(with_it: int, of: int, shown: tuple[str, str]) -> None:
    assert (f"{100 * with_it / of:.1f}", f"{100 * (72 - with_it) / (600 - of):.1f}") == shown
    says("6.1", *shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gap_of_a_sign_gives_its_points(language: str) -> None:
    rows = re.findall(r"\| (\d+\.\d)% \| (\d+\.\d)% \| (\d+) \|", text("6.1", language))
    gaps = [(round(float(with_it) - float(without), 1), int(points)) for with_it, without, points in rows]
    assert [points for _, points in gaps] == [30 if gap > 15 else 10 if gap > 4 else 5 if gap > 3 else 0 for gap, _ in gaps]
    assert (len(gaps), sum(points for _, points in gaps), gaps[0][0]) == (6, 75, 21.3)
    says("6.1", "75", "28.0% − 6.7% = 21.3")


CAMPAIGNS = {"fair": (6.0, 16.0, 6.40), "catalogue": (3.0, 12.0, 4.80), "price": (5.0, 30.0, 6.00), "seminars": (4.0, 10.0, 5.92), "clinics": (2.0, 0.0, 0.0)}


def test_the_return_of_each_campaign_and_of_all() -> None:
    cost, revenue, margin = (round(sum(column), 2) for column in zip(*CAMPAIGNS.values(), strict=True))
    assert (cost, revenue, margin) == (20.0, 68.0, 23.12)
    for spent, sold, kept in (*CAMPAIGNS.values(), (cost, revenue, margin)):
        says("6.2", f"{abs(100 * (kept - spent) / spent):.1f}%", f"{abs(100 * (sold - spent) / spent):.1f}%")
    says("6.2", f"{(margin / cost):.3f}", f"{100 * 6 / 30:.0f}%", f"{100 * 5.92 / 10:.1f}%")


def test_who_was_left_out_tells_what_the_catalogue_did() -> None:
    got, out = 160 / 4000, 30 / 1000
    says("6.2", f"{100 * got:.1f}%", f"{100 * out:.1f}%", "40", "120")
    assert round((got - out) * 4000) == 40
    assert 160 - 40 == 120
    assert got == (30 + 10) / 1000  # ten more of the thousand, and the effect is gone


def test_what_a_hundred_and_four_answers_say() -> None:
    assert (round(0.88 * 104, 1), round(0.88 * 104), 800 - 104) == (91.5, 92, 696)
    says("6.2", "91.5", "92", "696")


def test_the_valid_price_and_the_margin_of_the_other() -> None:
    assert round(10_500 * 0.9) == 9_450
    says("6.3", "9450", f"{100 * (10_500 - 8_600) / 10_500:.1f}%", f"{100 * (8_600 - 6_900) / 8_600:.1f}%", f"{(8_600 + 9_450) // 2}")


def test_three_salespeople_over_two_years() -> None:
    for part, whole in ((36, 60), (22, 40), (9, 12), (18, 36), (20, 22), (8, 9), (41, 60), (46, 48), (14, 15)):
        says("6.3", f"{100 * part / whole:.1f}%")


def test_the_curve_is_that_of_the_practice_firm(course: Course) -> None:
    with sqlite3.connect(f"file:{course.base.path}?mode=ro", uri=True) as firm:
        query = "SELECT sum(l.qty * l.price) FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.account_id IS NOT NULL AND o.status <> 'cancelled' GROUP BY o.account_id"
        revenue = sorted((row[0] for row in firm.execute(query)), reverse=True)
    together = [100 * part / sum(revenue) for part in accumulate(revenue)]
    shares = [together[round(len(revenue) * part) - 1] for part in (0.04, 0.2, 0.5)]
    assert (len(revenue), round(len(revenue) * 0.04)) == (950, 38)
    says("6.4", "950", *(f"{share:.1f}%" for share in (*shares, 100 - shares[-1])))
    for language in ("en", "zh"):
        assert all(f"{share:.1f}" in drawn("6-2", language) for share in shares)


def test_coverage_before_and_after() -> None:
    groups = {38: 6 * 260 + 12 * 18, 300: 260 + 6 * 18, 612: 2 * 18 + 10 * 2}
    after, before = sum(count * each for count, each in groups.items()), 950 * 2 * 260
    assert sum(groups) == 950
    says("6.4", *(str(count * each) for count, each in groups.items()), *map(str, groups.values()))
    says("6.4", str(after), str(before), str(before - after), f"{100 * (1 - after / before):.1f}%")


def test_a_card_goes_where_its_person_belongs() -> None:
    source = QUESTIONS["m6-a-12"]
    seen = {tuple(source.resolve(seed).correct()["cards"].values()) for seed in range(60)}
    assert len(seen) >= 6  # the key moves with the cards


def test_the_lower_price_may_be_approved_only_above_the_floor() -> None:
    source = QUESTIONS["m6-a-15"]
    for seed in range(40):
        values, key = source.values(seed), source.resolve(seed).correct()
        assert key["who"] == ("b" if (values["low"] - values["cost"]) / values["low"] * 100 >= values["floor"] else "c")
