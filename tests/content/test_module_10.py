"""Module 10: its posts, staffing and quality figures are right in both languages and in the drawings, and so are its templates."""

from __future__ import annotations

import re
from collections import Counter
from math import ceil, exp, factorial

import pytest

from courseware.compile import Course
from courseware.i18n import LANGUAGES
from tests.content.question_files import QUESTIONS
from tests.content.sections import drawn, says, text
from tests.content.templates import cells, variants

RATIOS = {"leaders": (8, 15), "quality": (20, 30), "trainers": (30, 40)}  # the guideline: agents to a post
# The sums of the prose


def test_sixty_agents_need_so_many_posts() -> None:
    assert [(ceil(60 / most), ceil(60 / least)) for least, most in RATIOS.values()] == [(4, 8), (2, 3), (2, 2)]
    says("10.1", "7.5", "1.5", "4", "8")
    posts = {seats: sum(ceil(seats / per) for per in (12, 25, 35)) for seats in (60, 120, 240)}
    assert posts == {60: 10, 120: 19, 240: 37}
    assert [round(seats / of, 1) for seats, of in posts.items()] == [6.0, 6.3, 6.5]


def test_the_exercise_expects_these_posts() -> None:
    assert [QUESTIONS[f"ix4-{id}"].raw["answer"] for id in "abc"] == [10, 19, 37]


def test_chairs_are_not_people() -> None:
    assert (60 / (1 - 0.25), 60 * 1.25, 75 * 0.75, int(75 * 0.75)) == (80, 75, 56.25, 56)
    assert (round(80 / 12, 1), ceil(80 / 12), ceil(60 / 12)) == (6.7, 7, 5)
    assert (7 * 24, 168 / 40) == (168, 4.2)
    says("10.1", "80", "75", "56.25", "6.7", "168", "4.2")


def waits(load: float, agents: int) -> float:
    """The share of callers who wait, by Erlang C."""
    last = load**agents / factorial(agents) * agents / (agents - load)
    return last / (sum(load**busy / factorial(busy) for busy in range(agents)) + last)


def level(load: float, agents: int) -> float:
    return 100 * (1 - waits(load, agents) * exp(-(agents - load) * 20 / 240))


def test_the_staffing_example_and_its_curve() -> None:
    load = 100 * 240 / 1800
    levels = {agents: level(load, agents) for agents in range(14, 21)}
    assert [round(levels[agents], 1) for agents in (16, 17, 18)] == [69.0, 81.0, 88.8]
    assert round(waits(load, 14) * 240 / (14 - load)) == 289
    assert (round(waits(load, 17) * 240 / (17 - load), 1), round(100 * load / 17, 1), round(17 / 0.75, 1)) == (16.8, 78.4, 22.7)
    assert (round(100 * waits(load, 17), 1), round(100 - level(load, 17), 1), round(level(load, 19), 1), round(level(load, 20), 1)) == (25.7, 19.0, 93.6, 96.4)
    says("10.3", "13.33", "69.0%", "81.0%", "88.8%", "289", "25.7%", "19.0%", "16.8", "78.4%", "22.7", "93.6%", "96.4%")
    says("10.3", *(f"{share:.0f}%" for share in levels.values()))
    for language in LANGUAGES:
        assert re.findall(r'">(\d+)%</text>', drawn("10-3", language))[-len(levels) :] == [f"{share:.0f}" for share in levels.values()]


def test_quality_and_shift_figures() -> None:
    assert (100 * 37 / 40, 100 * 3 / 40, round(40 / 3), 100 * 16 / 20) == (92.5, 7.5, 13, 80)
    assert (round(100 * 310 / 420, 1), round(100 * 40 / 420, 1), round(100 * 310 / 380, 1), 420 - 40) == (73.8, 9.5, 81.6, 380)
    says("10.3", "92.5%", "7.5%", "80%", "73.8%", "9.5%", "81.6%")


def test_the_table_of_jobs_gives_the_years_of_the_cards(course: Course) -> None:
    for language in LANGUAGES:
        rows = re.findall(r"^\| \[R\d+\]\(ref:(R\d+)\) .*\| (\d+)[–—](\d+) \|$", text("10.2", language), re.MULTILINE)
        assert {id: (int(first), int(last)) for id, first, last in rows} == {id: tuple(role.years) for id, role in course.material.roles.items()}


def test_the_plan_that_serves_as_a_model_keeps_to_the_years_of_its_cards(course: Course) -> None:
    target, fallback = course.material.roles["R7"], course.material.roles["R8"]
    model = course.cases["SC42"].model_answer.to("en")
    assert "two to four years" in model and tuple(target.years) == (2, 4)
    assert "one to three years" in model and tuple(fallback.years) == (1, 3)
    assert f"{12 * target.years[0] - 3:.0f} months at least" in model


# The templates, each reckoned another way


def numbers(stem: str) -> list[int]:
    return [int(found) for found in re.findall(r"(?<![\d:–.])\d+(?![\d:–])", stem.replace(",", ""))]


def test_posts_are_rounded_up() -> None:
    for stem, data in variants("m10-a-03"):
        (agents,) = re.findall(r"for (\d+) agents", stem)
        assert data["answer"] == sum(ceil(int(agents) / most) for _, most in RATIOS.values())
    for stem, data in variants("m10-b-03"):
        chairs, away, group = numbers(stem)
        assert data["answer"] == ceil(ceil(round(chairs / (1 - away / 100), 6)) / group)


def test_load_occupancy_roster_and_critical_errors() -> None:
    for stem, data in variants("m10-a-15"):
        calls, seconds = numbers(stem)
        assert data["answer"] == pytest.approx(calls * seconds / 1800, abs=0.006)
    for stem, data in variants("m10-a-16"):
        chairs, away = numbers(stem)
        assert data["answer"] == ceil(round(chairs / (1 - away / 100), 6))
    for stem, data in variants("m10-b-15"):
        agents, calls, seconds = numbers(stem)
        assert data["answer"] == pytest.approx(100 * calls * seconds / 1800 / agents, abs=0.051)
    for stem, data in variants("m10-b-16"):
        scored, critical, _ = numbers(stem)
        assert data["answer"] == pytest.approx(100 * (1 - critical / scored), abs=0.051)


def test_the_months_that_are_missing() -> None:
    for situation, parts in variants("m10-a-13"):
        (had,) = re.findall(r"for (\d+) months", situation)
        assert parts["gap"]["answer"] == 12 - int(had) > 0
    for situation, parts in variants("m10-b-13"):
        agent, shop = (int(found) for found in re.findall(r"(\d+) months", situation))
        assert parts["over"]["answer"] == agent + shop - 12
    for id, years in (("m10-a-14", 5), ("m10-b-14", 2)):
        for situation, parts in variants(id):
            (had,) = re.findall(r"for (\d+) months", situation)
            assert parts["months"]["answer"] == 12 * years - int(had)


def test_milestones_are_judged_by_what_they_say() -> None:
    signs = {
        "date": r"^(?:soon|some day|when there is time|later)",
        "early": r"manager; contract|specialist; contract",
        "proof": r"feeling|I shall know",
        "fig": r"become|be a good|be helpful|being good",
    }
    seen = Counter[str]()
    for situation, parts in variants("m10-a-14", "m10-b-14"):
        for (_, written), left in zip(cells(situation), parts["rows"]["left"], strict=True):
            found = [kind for kind, sign in signs.items() if re.search(sign, written)]
            assert [left["match"]] == (found or ["ok"]), written
            seen.update([left["match"]])
    assert set(seen) == {*signs, "ok"}


def test_the_shift_report_divides_by_the_calls_offered() -> None:
    for situation, parts in variants("m10-a-17"):
        offered, answered, quick, gone = (int(row[1]) for row in cells(situation))
        assert answered == offered - gone and quick < answered
        assert parts["level"]["answer"] == pytest.approx(100 * quick / offered, abs=0.051) and parts["level"]["answer"] < 80
        assert parts["gone"]["answer"] == pytest.approx(100 * gone / offered, abs=0.051)


def test_scorers_agree_line_by_line_and_the_critical_line_decides() -> None:
    verdicts = Counter[bool]()
    for situation, parts in variants("m10-b-17"):
        rows = cells(situation)
        (each,) = re.findall(r"brings (\d+) points", situation)
        assert parts["agree"]["answer"] == 20 * sum(one == other for _, one, other in rows)
        assert parts["points"]["answer"] == int(each) * sum(one == "yes" for _, one, _ in rows)
        failed = rows[2][1] == "no"
        assert [option["id"] for option in parts["verdict"]["options"] if option["right"]] == ["b" if failed else "a"]
        verdicts[failed] += 1
    assert len(verdicts) == 2
