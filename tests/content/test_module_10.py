"""Module 10: its posts, staffing and quality figures are right in both languages and in the drawings, and so are its templates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from math import ceil, exp, factorial
from typing import Any

import pytest

from courseware.compile import Course, coverage
from courseware.i18n import LANGUAGES
from courseware.shipped import root
from tests.content.sections import says, text

MODULE = root() / "content/modules/m10"
PER_FORM = {  # the plan: how many questions for each objective
    "K10.1": {"choice": 2, "numeric": 1},
    "K10.2": {"matching": 2, "choice": 1},
    "K10.3": {"matching": 1, "choice": 2},
    "K10.4": {"choice": 2, "multiple": 1},
    "A10.1": {"case": 1},
    "A10.2": {"case": 1},
    "A10.3": {"numeric": 2, "case": 1},
}
RATIOS = {"leaders": (8, 15), "quality": (20, 30), "trainers": (30, 40)}  # the guideline: agents to a post
SEEDS = range(40)


def test_both_forms_ask_what_the_plan_asks(course: Course) -> None:
    covered, forms = coverage(course), course.sources_of(course.quizzes["m10"])
    for code, kinds in PER_FORM.items():
        assert covered[code].sections and covered[code].questions == {"A": sum(kinds.values()), "B": sum(kinds.values())}
        for form in forms.values():
            of = [question.raw for question in form if question.raw["objective"] == code]
            assert Counter(raw["kind"] for raw in of) == kinds and sum(raw["points"] for raw in of) >= 4
    for one, other in zip(forms["A"], forms["B"], strict=True):
        assert all(one.raw[field] == other.raw[field] for field in ("objective", "kind", "section", "level", "points", "difficulty")), (one.id, other.id)


# The sums of the prose


def test_sixty_agents_need_so_many_posts() -> None:
    assert [(ceil(60 / most), ceil(60 / least)) for least, most in RATIOS.values()] == [(4, 8), (2, 3), (2, 2)]
    says("10.1", "7.5", "1.5", "4", "8")
    posts = {seats: sum(ceil(seats / per) for per in (12, 25, 35)) for seats in (60, 120, 240)}
    assert posts == {60: 10, 120: 19, 240: 37}
    assert [round(seats / of, 1) for seats, of in posts.items()] == [6.0, 6.3, 6.5]


def test_the_exercise_expects_these_posts(course: Course) -> None:
    assert [course.questions[f"ix4-{id}"].raw["answer"] for id in "abc"] == [10, 19, 37]


def test_chairs_are_not_people() -> None:
    assert (60 / (1 - 0.25), 60 * 1.25, int(75 * 0.75)) == (80, 75, 56)
    assert (round(80 / 12, 1), ceil(80 / 12), ceil(60 / 12)) == (6.7, 7, 5)
    says("10.1", "80", "75", "56", "6.7")


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
    says("10.3", "13.33", "69.0%", "81.0%", "88.8%", "289", "16.8", "78.4%", "22.7")
    says("10.3", *(f"{share:.0f}%" for share in levels.values()))
    for language in LANGUAGES:
        drawn = (MODULE / f"figures/fig-10-3.{language}.svg").read_text(encoding="utf-8")
        assert re.findall(r'">(\d+)%</text>', drawn)[-len(levels) :] == [f"{share:.0f}" for share in levels.values()]


def test_quality_and_shift_figures() -> None:
    assert (100 * 37 / 40, round(40 / 3), 100 * 16 / 20) == (92.5, 13, 80)
    assert (round(100 * 310 / 420, 1), round(100 * 40 / 420, 1), round(100 * 310 / 380, 1), 420 - 40) == (73.8, 9.5, 81.6, 380)
    says("10.3", "92.5%", "80%", "73.8%", "9.5%", "81.6%")


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


def variants(course: Course, id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Some variants of a template: its English text, and itself, or of a case its parts by id."""
    for seed in SEEDS:
        data = course.questions[id].data(seed)
        yield (data["situation"]["en"], {part["id"]: part for part in data["parts"]}) if "parts" in data else (data["stem"]["en"], data)


def numbers(stem: str) -> list[int]:
    return [int(found) for found in re.findall(r"(?<![\d:–.])\d+(?![\d:–])", stem.replace(",", ""))]


def cells(situation: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in situation.splitlines() if line.startswith("|")][2:]


def test_posts_are_rounded_up(course: Course) -> None:
    for stem, data in variants(course, "m10-a-03"):
        (agents,) = re.findall(r"for (\d+) agents", stem)
        assert data["answer"] == sum(ceil(int(agents) / most) for _, most in RATIOS.values())
    for stem, data in variants(course, "m10-b-03"):
        chairs, away, group = numbers(stem)
        assert data["answer"] == ceil(ceil(round(chairs / (1 - away / 100), 6)) / group)


def test_load_occupancy_roster_and_critical_errors(course: Course) -> None:
    for stem, data in variants(course, "m10-a-15"):
        calls, seconds = numbers(stem)
        assert data["answer"] == pytest.approx(calls * seconds / 1800, abs=0.006)
    for stem, data in variants(course, "m10-a-16"):
        chairs, away = numbers(stem)
        assert data["answer"] == ceil(round(chairs / (1 - away / 100), 6))
    for stem, data in variants(course, "m10-b-15"):
        agents, calls, seconds = numbers(stem)
        assert data["answer"] == pytest.approx(100 * calls * seconds / 1800 / agents, abs=0.051)
    for stem, data in variants(course, "m10-b-16"):
        scored, critical, _ = numbers(stem)
        assert data["answer"] == pytest.approx(100 * (1 - critical / scored), abs=0.051)


def test_the_months_that_are_missing(course: Course) -> None:
    for situation, parts in variants(course, "m10-a-13"):
        (had,) = re.findall(r"for (\d+) months", situation)
        assert parts["gap"]["answer"] == 12 - int(had) > 0
    for situation, parts in variants(course, "m10-b-13"):
        agent, shop = (int(found) for found in re.findall(r"(\d+) months", situation))
        assert parts["over"]["answer"] == agent + shop - 12
    for id, years in (("m10-a-14", 5), ("m10-b-14", 2)):
        for situation, parts in variants(course, id):
            (had,) = re.findall(r"for (\d+) months", situation)
            assert parts["months"]["answer"] == 12 * years - int(had)


def test_milestones_are_judged_by_what_they_say(course: Course) -> None:
    signs = {
        "date": r"^(?:soon|some day|when there is time|later)",
        "early": r"manager; contract|specialist; contract",
        "proof": r"feeling|I shall know",
        "fig": r"become|be a good|be helpful|being good",
    }
    seen = Counter[str]()
    for id in ("m10-a-14", "m10-b-14"):
        for situation, parts in variants(course, id):
            for (_, written), left in zip(cells(situation), parts["rows"]["left"], strict=True):
                found = [kind for kind, sign in signs.items() if re.search(sign, written)]
                assert [left["match"]] == (found or ["ok"]), written
                seen.update([left["match"]])
    assert set(seen) == {*signs, "ok"}


def test_the_shift_report_divides_by_the_calls_offered(course: Course) -> None:
    for situation, parts in variants(course, "m10-a-17"):
        offered, answered, quick, gone = (int(row[1]) for row in cells(situation))
        assert answered == offered - gone and quick < answered
        assert parts["level"]["answer"] == pytest.approx(100 * quick / offered, abs=0.051) and parts["level"]["answer"] < 80
        assert parts["gone"]["answer"] == pytest.approx(100 * gone / offered, abs=0.051)


def test_scorers_agree_line_by_line_and_the_critical_line_decides(course: Course) -> None:
    verdicts = Counter[bool]()
    for situation, parts in variants(course, "m10-b-17"):
        rows = cells(situation)
        (each,) = re.findall(r"brings (\d+) points", situation)
        assert parts["agree"]["answer"] == 20 * sum(one == other for _, one, other in rows)
        assert parts["points"]["answer"] == int(each) * sum(one == "yes" for _, one, _ in rows)
        failed = rows[2][1] == "no"
        assert [option["id"] for option in parts["verdict"]["options"] if option["right"]] == ["b" if failed else "a"]
        verdicts[failed] += 1
    assert len(verdicts) == 2
