"""Module 9: its sums are right in both languages, the calculator gives what exercise 7 says of four firms, and the keys of its templates follow from what is shown."""

from __future__ import annotations

import re
from collections import Counter
from math import comb

import pytest

from courseware.compile import Course
from courseware.i18n import LANGUAGES
from tests.content.sections import says, text
from tests.content.templates import cells, right, variants

BEFORE = {"work": [15, 30, 20, 10, 60, 20, 45, 25, 15], "wait": [8, 20, 48, 16, 40, 16, 8, 6, 2]}  # the lender: minutes, hours
PATH = {"work": [40, 60, 45, 25, 10], "wait": [4, 28, 6, 3, 4]}
FIRMS = {  # exercise 7: units, core %, settling, cost, extra cost %, revenue, gain %; then complexity, lost scale, gain and net
    "A": ((4, 30, 4, 200, 2, 300, 8), (7.2, 8.4, 24, 8.4)),
    "B": ((5, 90, 4, 120, 2, 300, 4), (36, 0.96, 12, -24.96)),
    "C": ((3, 20, 4, 160, 5, 260, 0.5), (2.4, 12.8, 1.3, -13.9)),
    "D": ((2, 60, 3, 90, 4, 150, 2), (1.8, 1.44, 3, -0.24)),
}


# The sums of the prose


def test_the_visit_reports_and_the_pairs_of_units() -> None:
    assert 18 / 60 == 0.3 and 60 * 12 / 60 == 12
    says("9.1", "30%", "12")
    assert (comb(5, 2), comb(9, 2), round(21 / 9, 1)) == (10, 36, 2.3)
    assert [round(23.2 * rate, 1) for rate in (0.84, 0.95)] == [19.5, 22.0]
    for language, figures in {"en": ["10 pairs", "= 36", "2.3 billion", "19.5 to 22.0"], "zh": ["10对", "36对", "23亿", "195亿到220亿"]}.items():
        assert all(figure in text("9.2", language) for figure in figures)


def test_the_lender_before_and_after() -> None:
    assert (sum(BEFORE["work"]), sum(BEFORE["wait"])) == (4 * 60, 164) and 4 + 164 == 7 * 24
    assert (sum(PATH["work"]), sum(PATH["wait"])) == (3 * 60, 45) and 3 + 45 == 48
    assert (round(100 * 4 / 168, 1), round(100 * (168 - 48) / 168, 1), (250 - 60) / 250) == (2.4, 71.4, 0.76)
    assert (180 + 10 + 20) / 60 == 3.5
    says("9.3", "240", "164", "2.4%", "166", "71.4%", "76%", "180", "3.5", "45")
    for language in LANGUAGES:
        rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text("9.3", language).splitlines() if re.match(r"\| \d ", line)]
        assert [[int(row[1]) for row in rows], [int(row[2]) for row in rows]] == [BEFORE["work"], BEFORE["wait"]]


def test_how_many_loans_make_fifty_million() -> None:
    loans, average = 50_000_000 / 190, 15_000_000 / 8_121
    assert (round(loans), round(average), round(loans / average), round(100 * loans / 15_000_000, 2)) == (263_158, 1_847, 142, 1.75)
    says("9.3", "263158", "1847", "142", "1.75%")


def test_the_goal_sheet_and_half_of_the_way() -> None:
    assert (143 / 220, 76 / 200) == (0.65, 0.38)
    assert (0.75 * 220, round(0.85 * 220), 187 - 143, (9 + 3) / 2, (38 + 20) / 2) == (165, 187, 44, 6, 29)
    assert round(100 * 16 / 18, 1) == 88.9
    says("9.4", "65%", "38%", "75%", "165", "187", "44", "29%", "88.9%")
    assert (77 * 40, 24 * 50, 380 * 6, 60 * 1) == (3_080, 1_200, 2_280, 60) and 220 - 143 == 77
    says("9.5", "3080", "1200", "2280")


# The calculator of exercise 7


@pytest.mark.parametrize("firm", FIRMS)
def test_the_calculator_gives_what_the_exercise_says(firm: str, course: Course) -> None:
    calculator = course.material.calculators["ix7-structure"]
    typed, expected = FIRMS[firm]
    values = dict(zip(("units", "core", "settle", "cost", "loss", "revenue", "fit"), typed, strict=True))
    lines = {line.step.id: line.value for line in calculator.compute(values)}
    assert [lines[id] for id in ("complexity", "scale", "gain", "net")] == pytest.approx(expected)
    assert lines["alone"] == 100 - values["core"]


def test_the_exercise_prints_the_figures_of_the_four_firms(course: Course) -> None:
    for language in LANGUAGES:
        told = [line for line in text("9.2", language).splitlines() if re.match(r"- \*\*[A-D]", line)]
        for line, (typed, _) in zip(told, FIRMS.values(), strict=True):
            numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", line)]
            rest = iter(numbers)
            assert all(value in rest for value in typed), line
    defaults = [asked.value for asked in course.material.calculators["ix7-structure"].inputs]
    assert Counter(defaults) == Counter(FIRMS["A"][0])
    assert (round(0.7 * 3, 1), round(0.7 * 3 - 0.9, 1)) == (2.1, 1.2)
    assert round(6 * 0.6 * 4, 1) == 14.4 and round(24 - 14.4 - 200 * 0.4 * 0.02 * 3, 1) == 4.8


def test_the_text_works_firm_a_out() -> None:
    complexity, scale, gain, net = FIRMS["A"][1]
    sums = ("300×8%=24", "×30%×4=7.2", "200×70%×2%×", "=8.4", f"{gain}−{complexity}−{scale}=+{net}", "100−30=70%")
    for language in LANGUAGES:
        assert all(told in text("9.2", language).replace(" ", "") for told in sums)


# The templates, each reckoned another way


def numbers(stem: str) -> list[int]:
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", stem)]


def test_savings_and_times_follow_from_the_stem() -> None:
    for stem, data in variants("m9-a-10"):
        now, before, million = numbers(stem)
        assert data["answer"] == pytest.approx(million * 1_000_000 / (before - now), abs=1)
    for stem, data in variants("m9-b-10"):
        million, before, now = numbers(stem)
        assert data["answer"] == pytest.approx(million * 1_000_000 / (before - now), abs=1)
    for stem, data in variants("m9-a-16"):
        wait, *beside, decision = numbers(stem)
        assert data["answer"] == wait + max(beside) + decision and len(beside) == 3
    for stem, data in variants("m9-b-16"):
        old, work, merged = numbers(stem)
        assert data["answer"] == work + (old - work - merged) / 2
    for stem, data in variants("m9-a-17"):
        files, before, minutes, rate, after = numbers(stem)
        assert data["answer"] == pytest.approx(files * before / 100 * minutes / 60 * rate - files * after / 100 * minutes / 60 * rate, abs=1)
    for stem, data in variants("m9-b-17"):
        today, usual, share, unusual = numbers(stem)
        assert data["answer"] == pytest.approx(100 - 100 * (usual + (unusual - usual) * share / 100) / today, abs=0.051)


@pytest.mark.parametrize("id", ["m9-a-14", "m9-b-14"])
def test_the_first_no_names_the_element(id: str) -> None:
    seen = Counter[str]()
    noes = ("marketing’s business", "is for the office", "nobody counts", "only full tables", "fails outside", "locked at six")
    for situation, parts in variants(id):
        first = next(place for place, row in enumerate(cells(situation)) if any(no in row[1] for no in noes))
        element = ("rientation", "onfiguration", "nformation")[first]
        assert element in right(parts["element"])
        seen[right(parts["first"])] += 1
    assert len(seen) == 3


@pytest.mark.parametrize("id", ["m9-a-15", "m9-b-15"])
def test_project_and_daily_work_are_judged_by_their_own_line(id: str) -> None:
    marks = {"left in the first month": "sponsor", "spoke once": "sponsor", "first time": "Users", "asked": "Users", "eleven": "Small", "moved": "stable"}
    works = {"none may decide": "structure", "in charge": "structure", "by the contract": "incentives", "calls ended": "incentives", "no figure": "metrics", "complains": "belief"}
    for situation, parts in variants(id):
        project, daily = (row[1] for row in cells(situation))
        assert next(factor for mark, factor in marks.items() if mark in project) in right(parts["factor"])
        assert next(part for mark, part in works.items() if mark in daily) in right(parts["part"])
        used, of = sorted(numbers(situation)[:2])
        assert parts["share"]["answer"] == pytest.approx(100 * used / of, abs=0.051)


def test_plans_are_judged_by_what_they_lack() -> None:
    for situation, parts in variants("m9-a-18"):
        goal = situation.partition("Goal 2")[2].partition("|")[0]
        lacking = "date" if "by 31" not in goal else "place" if "counted" not in goal else "base"
        assert lacking in right(parts["lack"])
        minutes = {row[0]: int(row[1]) * int(row[2]) for row in cells(situation)}
        assert right(parts["one"]) == max(minutes, key=lambda name: minutes[name])
        kept, asked, target = re.findall(r"from (\d+) of (\d+) \(\d+%\) in May to (\d+)%", situation)[0]
        assert parts["more"]["answer"] == int(asked) * int(target) / 100 - int(kept)
    for situation, parts in variants("m9-b-18"):
        high, low = re.findall(r"from (\d+) to (\d+) hours", situation)[0]
        assert parts["half"]["answer"] == (int(high) + int(low)) / 2
        test = "seen" if "ten tasks" in situation else "sells" if "vendor says" in situation else "no number"
        assert test in right(parts["test"])
        minutes = {row[0]: int(row[1]) * int(row[2]) for row in cells(situation)}
        assert right(parts["one"]) == max(minutes, key=lambda name: minutes[name])
