"""The textbook over HTTP: sections in both languages, questions of the text without JavaScript, glossary, and what a page costs."""

from __future__ import annotations

import re
from typing import Any

import flask
import pytest
from sqlalchemy import select

from courseware import db
from courseware.assessment.models import PracticeResponse
from courseware.compile import Course
from courseware.course import links
from courseware.web.site import Site

SECTIONS = ("1.1", "1.2", "1.3", "1.4", "1.5")
CHECK = "/learn/1.1/check/chk-1-1-a"


def practised(site: Site) -> list[tuple[str, float]]:
    with db.session(site.school) as session:
        return [(row.question_id, row.fraction) for row in session.scalars(select(PracticeResponse).order_by(PracticeResponse.id))]


@pytest.mark.parametrize("id", SECTIONS)
def test_a_section_is_read_in_english_and_in_chinese(browser: Any, course: Course, id: str) -> None:
    lin = browser("lin")
    for language, code in (("en", "en"), ("zh", "zh-CN")):
        lin.post("/language", {"language": language})
        page = lin.get(f"/learn/{id}")
        section = course.material.sections[id, language]
        assert page.status_code == 200
        assert f'<html lang="{code}">' in page.text
        assert section.head.title in page.text
        for block in section.blocks:
            assert f'id="{block.id}"' in page.text, block.id
        for objective in section.head.objectives:
            assert f'href="{links.objective(objective)}"' in page.text


@pytest.mark.parametrize("id", SECTIONS)
def test_a_section_page_costs_four_statements_and_120_kilobytes_at_most(browser: Any, statements: list[str], id: str) -> None:
    lin = browser("lin")
    lin.get(f"/learn/{id}")
    for path in (f"/learn/{id}", f"/learn/{id}"):
        statements.clear()
        page = lin.get(path)
        assert len(statements) <= 4, statements
        assert len(page.data) <= 120_000
    assert not [statement for statement in statements if not statement.startswith("SELECT")]


def test_every_address_on_the_pages_of_the_book_is_one_of_the_site(browser: Any, app: flask.Flask, course: Course) -> None:
    lin = browser("lin")
    adapter = app.url_map.bind("localhost")
    for path in ("/learn", "/glossary", *(f"/learn/{id}" for id in SECTIONS)):
        page = lin.get(path).text
        ids = set(re.findall(r' id="([^"]+)"', page))
        for tag, href in re.findall(r'<(a|form|link|script|img)\b[^>]*?(?:href|action|src)="([^"]*)"', page):
            address, _, anchor = href.partition("#")
            if address.startswith(("http://", "https://")):
                continue
            if not address or address == path:
                assert not anchor or anchor in ids, (path, href)
            elif address != "":
                assert adapter.match(address.split("?")[0], method="POST" if (tag == "form" and "check" in address) or address in ("/language", "/sign-out") else "GET"), (path, href)


def test_the_addresses_that_texts_use_are_routes_of_the_site(app: flask.Flask, course: Course) -> None:
    adapter = app.url_map.bind("localhost")
    for address in (links.section("1.1"), links.block("1.1", "x"), links.scenario("SC31"), links.case("CS2"), links.objective("K1.1"), links.glossary("client")):
        assert adapter.match(address.partition("#")[0]), address


@pytest.mark.parametrize("path", ["/learn/9.9", "/learn/CS2", "/learn/1.1%00", "/learn/../../etc/passwd", "/learn/" + "x" * 3000, "/learn/1.1/check/m1-a-01", "/learn/1.1/"])
def test_what_is_no_section_is_not_found(browser: Any, path: str) -> None:
    lin = browser("lin")
    answer = lin.get(path) if "check" not in path else lin.post(path)
    assert answer.status_code == 404
    assert "There is nothing here for you under this address" in answer.text


def test_the_contents_list_every_section_with_its_objectives(browser: Any, course: Course) -> None:
    page = browser("lin").get("/learn").text
    for id in SECTIONS:
        assert f'<a href="/learn/{id}">' in page
    assert "SC31" in page and "CS2" in page


def test_home_remembers_where_one_reads(browser: Any) -> None:
    lin = browser("lin")
    lin.get("/learn/1.4")
    assert '<a class="btn btn-learn" href="/learn/1.4">' in lin.get("/").text


# Questions of the text, as plain forms


def test_a_right_answer_is_told_at_once_and_kept_as_practice(browser: Any, site: Site) -> None:
    lin = browser("lin")
    lin.get("/learn/1.1")
    page = lin.post(CHECK, {"chk-1-1-a": option(site, "b")})
    assert page.status_code == 200
    verdict = verdict_of(page.text)
    assert "Yes: a name, detailed data and assigned people." in verdict
    assert practised(site) == [("chk-1-1-a", 1.0)]


def test_a_wrong_answer_gets_its_own_feedback_and_may_be_tried_again(browser: Any, site: Site) -> None:
    lin = browser("lin")
    lin.get("/learn/1.1")
    page = lin.post(CHECK, {"chk-1-1-a": option(site, "c")})
    assert "Spending may make him important." in verdict_of(page.text)
    assert "Check again" in page.text
    assert re.search(rf'<input[^>]*value="{option(site, "c")}"[^>]*checked', page.text)
    lin.post(CHECK, {"chk-1-1-a": option(site, "b")})
    assert practised(site) == [("chk-1-1-a", 0.0), ("chk-1-1-a", 1.0)]


@pytest.mark.parametrize("typed", [{}, {"chk-1-1-a": ""}, {"chk-1-1-a": "z"}, {"other": "b"}])
def test_without_an_answer_one_is_asked_for_and_nothing_is_kept(browser: Any, site: Site, typed: dict[str, str]) -> None:
    lin = browser("lin")
    lin.get("/learn/1.1")
    page = lin.post(CHECK, typed)
    assert page.status_code == 200
    assert "Choose an answer first." in page.text
    assert practised(site) == []


def test_before_an_answer_the_page_holds_no_feedback(browser: Any) -> None:
    page = browser("lin").get("/learn/1.1").text
    assert "Spending may make him important" not in page and "Yes: a name, detailed data" not in page


def test_a_verdict_belongs_to_its_reader_and_is_not_kept_for_the_next(browser: Any, site: Site) -> None:
    lin, wuhao = browser("lin"), browser("wuhao")
    lin.get("/learn/1.1")
    lin.post(CHECK, {"chk-1-1-a": option(site, "b")})
    page = wuhao.get("/learn/1.1").text
    assert "verdict" not in page
    assert "checked" not in " ".join(re.findall(r"<input[^>]*>", page))


def test_every_form_of_a_page_carries_the_token_of_its_reader(browser: Any) -> None:
    lin, wuhao = browser("lin"), browser("wuhao")
    pages = {name: visitor.get("/learn/1.1").text for name, visitor in (("lin", lin), ("wuhao", wuhao))}
    tokens = {name: set(re.findall(r'name="csrf_token" value="([^"]+)"', page)) for name, page in pages.items()}
    assert all(tokens.values()) and not tokens["lin"] & tokens["wuhao"]
    for page in pages.values():
        assert page.count('method="post"') == page.count('name="csrf_token"')


def test_a_matching_exercise_is_answered_without_javascript(browser: Any, site: Site) -> None:
    lin = browser("lin")
    page = lin.get("/learn/1.5").text
    form = page.split('id="q-ix1-a"')[1].split("</form>")[0]
    names = re.findall(r'<select[^>]*name="([^"]+)"', form)
    assert len(names) == 12
    question = site.course().questions["ix1-a"].resolve(0)
    right = question.correct()
    assert isinstance(right, dict)
    filled = {f"ix1-a.{question.token(left)}": question.token(match) for left, match in right.items()}
    assert set(filled) == set(names)
    answer = lin.post("/learn/1.5/check/ix1-a", filled)
    assert answer.status_code == 200
    assert practised(site) == [("ix1-a", 1.0)]


def option(site: Site, id: str) -> str:
    """What the form sends for an option of the first check of section 1.1."""
    sent: str = site.course().questions["chk-1-1-a"].resolve(0).token(id)
    return sent


def verdict_of(page: str) -> str:
    assert page.count('class="verdict"') == 1
    return page.split('class="verdict"')[1].split("</form>")[0]


# Glossary


@pytest.mark.parametrize(("wanted", "found", "missing"), [("CLIENT", "client", "chargeback"), ("内部计费", "chargeback", "rank-customer"), ("  ", "client", None)])
def test_words_are_found_in_both_languages(browser: Any, wanted: str, found: str, missing: str | None) -> None:
    page = browser("lin").get("/glossary", query_string={"q": wanted}).text
    assert f'<tr id="{found}">' in page
    assert missing is None or f'<tr id="{missing}">' not in page


def test_a_word_links_back_to_where_it_is_used(browser: Any) -> None:
    page = browser("lin").get("/glossary?q=chargeback").text
    assert '<a href="/learn/1.4">1.4</a>' in page


def test_a_search_without_result_says_so_and_shows_what_was_typed_harmlessly(browser: Any) -> None:
    page = browser("lin").get("/glossary", query_string={"q": '"><script>alert(1)</script>'})
    assert page.status_code == 200
    assert "No word fits" in page.text and "<script>alert" not in page.text


def test_home_lists_the_work_at_hand_what_is_due_and_what_was_begun(browser: Any, site: Site) -> None:
    lin = browser("lin")
    course = site.course()
    first, *others = course.modules.values()
    shown = lin.get("/").text
    assert all(f"/practise/{id}" in shown for id in first.scenarios)
    later = next(id for module in others for id in module.scenarios if id not in first.scenarios)
    assert f"/practise/{later}" not in shown
    lin.post(f"/practise/{later}/start")
    assert f"/practise/{later}" in lin.get("/").text
