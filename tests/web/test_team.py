"""The manager's page: her new hires, read-only, and the mastery behind every level."""

from __future__ import annotations

from collections.abc import Callable

from courseware import db
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.factories import make_person, person
from tests.grading.answers import handed_in, marked, released
from tests.web.counting import own

Open = Callable[..., Browser]


def test_a_manager_sees_her_new_hires_and_nobody_else(browser: Open) -> None:
    text = browser("zhao").get("/team").text
    assert "Sun Jie" in text
    assert "Lin Xiaoyu" not in text
    assert "Qian Wei" not in text


def test_work_and_levels_stand_beside_the_name_and_lead_to_the_evidence(browser: Open, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        course = site.course()
        released(session, course, marked(session, course, handed_in(session, course, "sunjie"), level=3))
        id = person(session, "sunjie").id
    zhao = browser("zhao")
    text = " ".join(zhao.get("/team").text.split())
    assert "1 of 5" in text
    assert "status-released" in text
    assert "2 secure:" in text
    assert "5 not enough evidence yet:" in text
    assert f'href="/people/{id}/progress/A1.1"' in text
    detail = zhao.get(f"/people/{id}/progress/A1.1").text
    assert "/cases/CS2/answers/" in detail
    assert "/grade/" not in detail


def test_there_is_nothing_to_change(browser: Open) -> None:
    assert 'method="post"' not in browser("zhao").get("/team").text.split("<main")[1].split("</main>")[0]


def test_an_administrator_sees_who_leads_whom(browser: Open) -> None:
    assert "led by Zhao Ming" in browser("admin").get("/team").text


def test_a_manager_without_new_hires_is_told_what_will_stand_here(browser: Open, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        person(session, "sunjie").manager_id = None
    assert "No new hire is assigned to you yet" in browser("zhao").get("/team").text


def test_everyone_else_finds_nothing(browser: Open) -> None:
    for login in ("lin", "outsider", "sunjie", "chen", "gao"):
        assert browser(login).get("/team").status_code == 404


def test_more_new_hires_do_not_cost_more_statements(browser: Open, site: Site, statements: list[str]) -> None:
    zhao = browser("zhao")
    counts = []
    for added in (0, 20):
        with db.session(site.school, write=True) as session:
            for place in range(added):
                make_person(session, NOW, f"hire{place:02}", manager_id=person(session, "zhao").id)
        statements.clear()
        zhao.get("/team")
        counts.append(own(statements))
    assert counts == [7, 7]


def test_many_new_hires_can_be_searched(browser: Open, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        for place in range(9):
            make_person(session, NOW, f"hire{place:02}", manager_id=person(session, "zhao").id)
    text = browser("zhao").get("/team?q=hire03").text
    assert "Hire03" in text
    assert "Hire04" not in text
