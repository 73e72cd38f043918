"""Module 8: its sums are right in both languages, its figures draw the numbers that the text tells, and its templates give what a second reckoning gives."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from math import ceil, sqrt
from statistics import mean
from typing import Any

import pytest

from courseware.compile import Course
from courseware.i18n import LANGUAGES
from tests.content.sections import drawn, says, text
from tests.content.templates import variants

# The sums of the prose


def percent(part: float, whole: float, digits: int = 1) -> str:
    return f"{100 * part / whole:.{digits}f}%"


def test_one_morning_has_two_service_levels() -> None:
    offered, answered, within = 500, 462, 370
    assert offered - answered == 38 and 0.80 * offered - within == 30 and round(100 * (80 - 74) / 80, 1) == 7.5
    says("8.1", percent(within, offered), percent(within, answered), percent(38, offered))
    says("8.1", percent(within, answered - 40), f"{38 + 40} ÷ 500 = {percent(78, offered)}", "7.5")
    assert answered - within == 92  # what the calculator is to be given
    says("8.1", "92")


def test_the_quick_group_is_the_slow_one() -> None:
    assert [round(seconds / share) for seconds, share in ((210, 0.55), (300, 0.82))] == [382, 366]
    says("8.1", f"1 ÷ 0.55 = {1 / 0.55:.2f}", f"1 ÷ 0.82 = {1 / 0.82:.2f}", "210 ÷ 0.55 = 382", "300 ÷ 0.82 = 366")


def test_three_scores_from_the_same_number_of_answers() -> None:
    assert 126 + 108 + 66 == 300
    says("8.1", "246 ÷ 300 = 82%", "126 ÷ 300 = 42%", "66 ÷ 300 = 22%", "42% − 22% = 20", "240 ÷ 300 = 80%", "66%")
    assert (246 / 300, 240 / 300, 126 / 300, 66 / 300) == (0.82, 0.8, 0.42, 0.22) and round(100 * 126 / (126 + 66)) == 66


def test_what_the_text_tells_of_staffing_is_what_the_card_reckons(course: Course) -> None:
    card = course.material.kpis["staffing"]
    for agents, level in ((17, "81.0%"), (16, "69.0%")):
        lines = dict(zip((step.id for step in card.steps), card.compute(card.example | {"agents": agents}), strict=True))
        assert f"{lines['level'].value:.1f}%" == level
        says("8.1", level)


def test_customers_kept_lost_and_split() -> None:
    start, end, new = 400, 420, 60
    assert (end - new, start - (end - new), 100 * (end - new) / start) == (360, 40, 90)
    left = 100 * 0.97**12
    says("8.2", "360 ÷ 400 = 90%", f"{left:.1f}%", f"{100 - left:.1f}%")
    assert (60 / 100, 40 / 100, 54 / 360) == (0.6, 0.4, 0.15) and round((60 - 40) / 60, 3) == round(1 / 3, 3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_line_of_the_churn_table_splits_the_same_customers(language: str) -> None:
    rows = re.findall(r"(\d+) ?(?:of|/) ?(\d+) = ([\d.]+)% \| (\d+) ?(?:of|/) ?(\d+) = ([\d.]+)% \| ([\d.]+)", text("8.2", language))
    assert len(rows) == 3
    for row in rows:
        hit, had, share, rest, others, other_share, difference = map(float, row)
        assert (hit + rest, had + others) == (40, 400)
        assert (share, other_share) == (round(100 * hit / had, 1), round(100 * rest / others, 1))
        assert difference == pytest.approx(share - other_share)


def test_the_worth_of_a_clinic() -> None:
    def lifetime(margin: float, retention: float) -> float:
        return margin * retention / (1 + 0.10 - retention)

    cost = 24 * 18 + 10 * 9 + 3 * 260
    left = lifetime(4000 - cost, 0.80)
    assert cost == 1302 and lifetime(4000 - cost, 0.85) - left == pytest.approx(1978.53, abs=0.01)  # "almost 2,000"
    says("8.2", "1302", "2698", f"{lifetime(4000, 0.80):.2f}", f"{left:.2f}", f"{left - 5000:.2f}")
    says("8.2", f"{lifetime(4000, 0.80) - 5000:.2f}", f"{lifetime(2698, 0.85):.2f}")


def test_service_earns_and_a_raw_gap_shrinks_inside_sizes() -> None:
    assert 180_000 + 95_000 - 240_000 == 35_000
    large, small = ((180, 200), (40, 50)), ((35, 50), (120, 200))
    raw = [(large[n][0] + small[n][0], large[n][1] + small[n][1]) for n in (0, 1)]
    assert raw == [(215, 250), (160, 250)] and 86 - 64 == 22
    assert [100 * kept / of for kept, of in (*raw, *large, *small)] == [86, 64, 90, 80, 70, 60]
    says("8.2", "86%", "64%", "90%", "80%", "70%", "60%", "22")


def test_one_repair_on_two_clocks() -> None:
    fails, booked, waits, there, shipped, works = 2, 5, 7, 15, 17, 21
    assert (shipped - booked - (there - waits), works - fails, there - waits) == (4, 19, 8)
    says("8.3", "19", "8", "20000")
    assert (100 - 98) * 1_000_000 / 100 == 20_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_mean_and_span_of_the_two_depots(language: str) -> None:
    lists = [[int(number) for number in re.findall(r"\d+", found)] for found in re.findall(r"(?:North: |South: |北点：|南点：)((?:\d+(?:, |、)?){20})", text("8.3", language))]
    spans = []
    for days in lists:
        assert len(days) == 20 and days == sorted(days) and mean(days) == 8
        spans.append((days[ceil(0.95 * 20) - 1], days[ceil(0.05 * 20) - 1]))
    assert spans == [(9, 6), (19, 3)] and [sum(day <= 10 for day in days) for days in lists] == [20, 16] and sum(day <= 6 for day in lists[1]) > 10
    both = sorted(lists[0] + lists[1])
    assert (both[ceil(0.95 * 40) - 1], both[ceil(0.05 * 40) - 1], sum(day <= 10 for day in both)) == (16, 3, 36)
    assert 16 - 3 == 13 and 36 / 40 == 0.9
    says("8.3", "16 − 3 = 13")
    circles = Counter(re.findall(r'cx="([\d.]+)"', drawn("8-2", language)))
    assert sorted(circles.values()) == sorted((Counter(lists[0]) + Counter(lists[1])).values())


def test_what_the_survey_says_and_does_not_say() -> None:
    asked, answers, satisfied = (1050, 300, 150), (60, 70, 50), (42, 63, 48)
    assert (sum(asked), sum(answers), sum(satisfied), 153 / 180) == (1500, 180, 153, 0.85)
    says("8.4", "153 ÷ 180 = 85%")
    shares = [100 * yes / of for yes, of in zip(satisfied, answers, strict=True)]
    weighted = sum(share * size / 1500 for share, size in zip(shares, asked, strict=True))
    says("8.4", *(f"{share:.1f}%" for share in shares), f"{weighted:.1f}%", percent(153, 1500), percent(153 + 1320, 1500))
    estimate = 0.12 * 85 + 0.88 * 58
    assert (29 / 50, 180 / 1500) == (0.58, 0.12) and round(0.88 * (85 - 58), 6) == round(85 - estimate, 6)
    margin = round(100 * 2 * sqrt(0.58 * 0.42 / 50))
    edges = [10.2 + 0.88 * (58 + sign * margin) for sign in (-1, 1)]
    says("8.4", f"{estimate:.1f}%", f"{85 - estimate:.1f}", *(f"{edge:.1f}" for edge in edges), str(margin))
    says("8.4", *(f"{round(edge)}" for edge in edges))
    assert round(100 * 2 * sqrt(0.85 * 0.15 / 180)) == 5  # had they been drawn by lot
    assert (150 / 50, 1050 / 60, 1050 - 60) == (3, 17.5, 990)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bars_are_as_long_as_their_shares(language: str) -> None:
    figure = drawn("8-3", language)
    widths = [float(width) / 3 for width in re.findall(r'width="([\d.]+)" height="19"', figure)]
    assert widths == pytest.approx([70, 100 / 3, 20, 700 / 18, 10, 500 / 18], abs=0.05)
    for share in widths:
        assert f"{share:.1f}%" in figure and f"{share:.1f}%" in text("8.4", language)


def factor(score: float) -> float:
    return min(1.0, max(0.0, (score - 70) / 20))


def test_pay_under_two_plans() -> None:
    assert [factor(score) for score in (84, 76, 95, 62)] == [0.7, 0.3, 1, 0]
    assert (120_000 * 0.75 + 30_000 * 0.7, 25_000 + 25_000 * 0.3, 30_000 / 20) == (111_000, 32_500, 1500)
    says("8.5", "111000", "32500", "1500", "84000")
    quick, careful = (20, 10), (16, 14)
    assert [[800 * signed + 1200 * renewed for signed, renewed in (quick, careful)], [1600 * signed for signed, _ in (quick, careful)]] == [[28_000, 29_600], [32_000, 25_600]]
    says("8.5", "28000", "29600", "32000", "25600")


def test_the_last_page_repeats_what_the_sections_found() -> None:
    for language in LANGUAGES:
        page = text("8.5", language).rpartition("\n## ")[2]
        assert all(figure in page for figure in ("74.0%", "500", "38", "40", "90%", "54", "98%", "90%", "13", "85%", "180", "61%", "49", "74%"))


# The templates, each reckoned another way


def reckoned(id: str) -> Iterator[tuple[list[float], Mapping[str, Any]]]:
    """Give variants of a template with the numbers of its English text in their order, instead of the text."""
    for told, data in variants(id):
        yield [float(number.replace(",", "")) for number in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", told.replace("m × r", ""))], data


def check(id: str, reckon: Any, tolerance: float = 0.051) -> None:
    for found, data in reckoned(id):
        assert data["answer"] == pytest.approx(reckon(*found), abs=tolerance), (id, found)


def test_the_numbers_of_the_telephone() -> None:
    check("m8-a-13", lambda within, _seconds, late, gone: 100 * within / (within + late + gone))
    check("m8-a-17", lambda target, _s, offered, _answered, within: target / 100 * offered - within, 0.001)
    check("m8-b-13", lambda offered, gone, short, _s: 100 * (gone - short) / (offered - short))
    check("m8-b-17", lambda quick, gone: (100 - gone) * quick / 100)
    check("m8-b-15", lambda seconds, solved: sum(seconds * (1 - solved / 100) ** again for again in range(200)), 0.51)


def test_the_numbers_of_customers_and_their_worth() -> None:
    check("m8-a-14", lambda start, end, new: 100 - 100 * (end - new) / start)
    check("m8-a-15", lambda _0, _10, nines, *rest: 100 * (nines - rest[5]) / (nines + rest[2] + rest[5]))
    check("m8-b-14", lambda all_, late, lost, others: 100 * (lost / late - others / (all_ - late)))

    def worth(margin: float, retention: float, discount: float) -> float:
        return sum(margin * retention**year / (1 + discount) ** year for year in range(1, 400))

    check("m8-a-16", lambda margin, cost, r, d, *_: worth(margin - cost, r, d), 0.6)
    check("m8-b-16", lambda price, _revenue, margin, r, d, *_: worth(margin, r, d) - price, 0.6)


def test_the_two_clocks_of_the_cases() -> None:
    seen = Counter[str]()
    for (fails, booked, waits, shipped, works), parts in reckoned("m8-a-18"):
        assert (parts["inside"]["answer"], parts["outside"]["answer"]) == (shipped - booked - waits, works - fails)
        stretches = [booked - fails, waits, works - shipped]
        right = [option["right"] for option in parts["where"]["options"]]
        assert right == [stretch == max(stretches) for stretch in stretches] and sum(right) == 1 and works <= 31
        seen.update(option["id"] for option in parts["where"]["options"] if option["right"])
    assert len(seen) == 3
    seen.clear()
    for (harbour, harbour_in, harbour_out, hill, hill_in, hill_out), parts in reckoned("m8-b-18"):
        assert parts["harbour"]["answer"] == pytest.approx(100 * harbour_out / harbour, abs=0.051)
        assert parts["gap"]["answer"] == pytest.approx(100 * (hill_in - hill_out) / hill, abs=0.051)
        leads = (harbour_in / harbour > hill_in / hill, harbour_out / harbour > hill_out / hill)
        assert [option["right"] for option in parts["rank"]["options"]] == [leads == which for which in ((True, False), (False, True), (True, True), (False, False))]
        seen.update(str(leads))
    check("m8-b-19", lambda all_, handed, late, saved: 100 * (handed - late + saved) / all_)


def test_spans_by_the_nearest_rank() -> None:
    for found, data in reckoned("m8-a-19"):
        days = found[:20]
        assert days == sorted(days) and data["answer"] == days[ceil(0.95 * 20) - 1] - days[ceil(0.05 * 20) - 1]
    for found, data in reckoned("chk-8-3-b"):
        minutes = found[:10]
        assert minutes == sorted(minutes) and data["answer"] == minutes[8] - minutes[0]


def test_corrected_satisfaction() -> None:
    check("m8-a-20", lambda private, business, one, other, _answers: (private * one + business * other) / 100)
    check("m8-a-21", lambda asked, rate, score, yes, called: 100 * (asked * rate / 100 * score / 100 + asked * (1 - rate / 100) * yes / called) / asked)
    check("m8-b-20", lambda asked, answered, content: 100 - 100 * (answered - content) / asked)
    check("m8-b-21", lambda asked, answered, content, silent: 100 * content / answered - (100 * content + (asked - answered) * silent) / asked)


def test_pay_and_ways_of_working() -> None:
    check("m8-a-22", lambda pay, *rest: 0.75 * pay + 0.25 * pay * factor(rest[-1]), 0.51)
    check("m8-a-23", lambda first, second, q, qr, c, cr: c * first + cr * second - (q * first + qr * second), 0.001)
    check("m8-b-22", lambda bonus, *rest: bonus / 2 * (factor(rest[-1]) - factor(rest[-2])), 0.51)
    check("m8-b-23", lambda a, first, second, signed, renewed: signed * first + renewed * second - signed * a, 0.001)
    check("ix24-a", lambda signed, renewed, a, first, second: signed * first + renewed * second - signed * a, 0.001)
