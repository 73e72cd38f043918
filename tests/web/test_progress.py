"""Progress: levels with their evidence, each row leading to the very thing it rests on, for those who may see it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from courseware import db
from courseware.assessment import attempts
from courseware.grading.actions import record_scenario
from courseware.grading.handing_in import hand_in_quiz
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.factories import person
from tests.grading.answers import handed_in, marked, released
from tests.web.counting import own

Open = Callable[..., Browser]


@pytest.fixture
def worked(site: Site) -> dict[str, int]:
    """lin has a quiz with nothing right, a passed scenario and a released case answer. Gives the ids."""
    course = site.course()
    with db.session(site.school, write=True) as session:
        lin = person(session, "lin").id
        quiz = course.quizzes["m1"]
        attempt = attempts.start(session, person_id=lin, quiz=quiz, sources=course.sources_of(quiz), revision=course.revision, due_at=None, now=NOW, rng=random.Random(1))
        hand_in_quiz(session, attempt, resolve=lambda id: course.questions[id].resolve(attempt.paper["seed"]), now=NOW + timedelta(minutes=20))
        checks = [(check.id, check.objective, 1.0, check.weight) for check in course.scenarios["SC31"].checks]
        record_scenario(session, person_id=lin, scenario="SC31", attempt_id=77, passed=True, checks=checks, rule="checks/1", now=NOW)
        answer = handed_in(session, course, "lin")
        released(session, course, marked(session, course, answer, level=2))
        return {"lin": lin, "outsider": person(session, "outsider").id, "sunjie": person(session, "sunjie").id, "attempt": attempt.id, "answer": answer.id}


def test_every_objective_that_is_not_planned_is_listed_and_the_others_are_counted(browser: Open, site: Site) -> None:
    text = browser("lin").get("/progress").text
    objectives = site.course().objectives
    for code, objective in objectives.items():
        assert (f'href="/progress/{code}"' in text) is not objective.planned
    assert f"{sum(one.planned for one in objectives.values())} more objectives are planned" in text
    assert "not enough evidence yet" in text


def test_levels_means_and_intervals_stand_as_text_beside_the_drawing(browser: Open, worked: dict[str, int]) -> None:
    text = browser("lin").get("/progress").text
    row = text.split('href="/progress/A1.2"')[1].split("</tr>")[0]
    assert 'class="spark"' in row
    assert " to 0." in row


def test_each_piece_of_evidence_leads_to_the_single_thing(browser: Open, site: Site, worked: dict[str, int]) -> None:
    lin = browser("lin")
    course = site.course()
    question = next(source for source in course.forms["m1-a"].questions if source.raw["objective"] == "K1.4")
    text = lin.get("/progress/K1.4").text
    assert f'href="/attempts/{worked["attempt"]}/result#q-{question.id}"' in text
    assert 'href="/cases/CS2#criterion-CS2-a"' in text
    check = next(check for check in course.scenarios["SC31"].checks if check.objective == "A1.2")
    assert f'href="/practise/runs/77/report#check-{check.id}"' in lin.get("/progress/A1.2").text


def test_for_an_instructor_a_rubric_row_leads_to_the_grading_page(browser: Open, worked: dict[str, int]) -> None:
    text = browser("chen").get(f"/people/{worked['lin']}/progress/K1.4").text
    assert f'href="/grade/{worked["answer"]}#criterion-CS2-a"' in text
    assert "Lin Xiaoyu" in text


def test_the_addresses_of_rubric_rows_are_there(browser: Open, worked: dict[str, int]) -> None:
    assert 'id="criterion-CS2-a"' in browser("lin").get("/cases/CS2").text
    assert 'id="criterion-CS2-a"' in browser("chen").get(f"/grade/{worked['answer']}").text


def test_the_level_word_the_numbers_and_how_they_are_made_are_told(browser: Open, worked: dict[str, int]) -> None:
    text = browser("lin").get("/progress/A1.2").text
    assert '<span class="level-word">Started.</span>' in text
    assert 'role="img"' in text
    assert "How the number is made" in text
    assert "Beta(1 + " in text


def test_without_evidence_the_page_says_what_is_missing_and_where_to_begin(browser: Open) -> None:
    text = browser("sunjie").get("/progress/A1.2").text
    assert "Not enough evidence yet." in text
    assert "Nothing has been scored for it so far" in text
    assert 'href="/practise/SC31"' in text
    assert 'href="/quizzes"' in text


def test_what_was_done_is_not_offered_again_as_a_way_to_raise_it(browser: Open, worked: dict[str, int]) -> None:
    raise_it = browser("lin").get("/progress/A1.2").text.split('id="raise"')[1].split("</aside>")[0]
    assert 'href="/practise/SC31"' not in raise_it


def test_an_ability_good_in_numbers_alone_asks_for_the_deed_first(browser: Open, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        checks = [(check.id, check.objective, 1.0, 10 * check.weight) for check in site.course().scenarios["SC31"].checks]
        record_scenario(session, person_id=person(session, "lin").id, scenario="SC31", attempt_id=77, passed=False, checks=checks, rule="checks/1", now=NOW)
    lin = browser("lin")
    text = lin.get("/progress/A1.2").text
    assert "a passed scenario, or a rubric row at level 2" in text
    assert text.split('id="raise"')[1].split("<li")[1].count('href="/practise/') == 1
    assert "deed missing" in lin.get("/progress").text


def test_a_planned_objective_says_so_and_an_unknown_one_is_not_there(browser: Open, site: Site) -> None:
    lin = browser("lin")
    planned = next(code for code, objective in site.course().objectives.items() if objective.planned)
    assert "still being written" in lin.get(f"/progress/{planned}").text
    assert lin.get("/progress/K99.1").status_code == 404


def test_the_progress_of_others_is_there_for_those_who_may_see_it(browser: Open, worked: dict[str, int]) -> None:
    allowed = {"lin": {"lin", "chen", "admin"}, "sunjie": {"sunjie", "zhao", "admin"}, "outsider": {"outsider", "gao", "admin"}}
    for login in ("lin", "wuhao", "outsider", "chen", "gao", "zhao", "sunjie", "admin"):
        visitor = browser(login)
        for whose, may in allowed.items():
            for page in ("", "/K1.4"):
                assert visitor.get(f"/people/{worked[whose]}/progress{page}").status_code == (200 if login in may else 404), (login, whose)


def test_the_statements_are_few_and_the_same_with_and_without_evidence(browser: Open, worked: dict[str, int], statements: list[str]) -> None:
    def count(login: str, address: str) -> int:
        visitor = browser(login)
        statements.clear()
        assert visitor.get(address).status_code == 200
        return own(statements)

    for login in ("lin", "wuhao"):
        assert count(login, "/progress") == 2
        assert count(login, "/progress/K1.4") == 3
    assert count("chen", f"/people/{worked['lin']}/progress") == 3
    assert count("chen", f"/people/{worked['lin']}/progress/K1.4") == 4


def test_every_row_of_every_objective_can_be_shown_in_both_languages(browser: Open, site: Site, worked: dict[str, int]) -> None:
    lin = browser("lin")
    for language in ("en", "zh"):
        lin.post("/language", {"language": language})
        for code, objective in site.course().objectives.items():
            if not objective.planned:
                assert lin.get(f"/progress/{code}").status_code == 200
