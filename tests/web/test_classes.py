"""Classes: learners, dates, the gradebook with its cells, the objectives; all in a fixed number of statements."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.grading.models import CaseAnswer, LedgerEntry
from courseware.people.actions import enrol
from courseware.people.models import Assignment, Class
from courseware.web.lists import plain
from courseware.web.moments import read_moment
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.factories import make_person, person
from tests.grading.answers import handed_in, marked, released
from tests.web.counting import own

Open = Callable[..., Browser]


@pytest.fixture
def worked(site: Site) -> dict[str, int]:
    """lin has a released case answer, wuhao a marked one. Gives the ids of both persons."""
    with db.session(site.school, write=True) as session:
        course = site.course()
        released(session, course, marked(session, course, handed_in(session, course, "lin"), level=2))
        marked(session, course, handed_in(session, course, "wuhao"), level=3)
        return {login: person(session, login).id for login in ("lin", "wuhao", "outsider")}


def more_learners(site: Site, group: int, count: int) -> None:
    with db.session(site.school, write=True) as session:
        for place in range(count):
            added = make_person(session, NOW, f"more{place:02}")
            enrol(session, class_id=group, person_id=added.id, now=NOW)
            handed_in(session, site.course(), added.login)


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(answer.text.removeprefix("\ufeff").splitlines()))


# Learners and dates


def test_an_instructor_sees_her_own_classes_and_an_administrator_all(browser: Open) -> None:
    text = browser("chen").get("/classes").text
    assert "KF26-2" in text
    assert "KF26-3" not in text
    text = browser("admin").get("/classes").text
    assert "KF26-2" in text
    assert "KF26-3" in text


def test_the_class_page_has_code_learners_and_a_date_field_for_every_work(browser: Open, site: Site, group: int) -> None:
    text = browser("chen").get(f"/classes/{group}").text
    assert "KF26-2" in text
    assert "Lin Xiaoyu" in text
    assert "Qian Wei" not in text
    for work in site.course().works:
        assert f'name="due-{work}"' in text


def test_learners_are_searched_sorted_and_exported(browser: Open, group: int) -> None:
    chen = browser("chen")
    assert "Wu Hao" not in chen.get(f"/classes/{group}?q=xiaoyu").text
    assert "Nobody here is called" in chen.get(f"/classes/{group}?q=nobody").text
    for way, expected in (("login", ["lin", "wuhao"]), ("-login", ["wuhao", "lin"])):
        rows = table(chen.get(f"/classes/{group}?format=csv&sort={way}"))
        assert [row[1] for row in rows[1:]] == expected


def due(site: Site, group: int) -> dict[str, datetime]:
    with db.session(site.school) as session:
        return {row.work: row.due_at for row in session.scalars(select(Assignment).where(Assignment.class_id == group))}


def test_dates_are_read_in_the_schools_zone_shown_again_and_taken_away(browser: Open, site: Site, group: int) -> None:
    chen = browser("chen")
    assert chen.post(f"/classes/{group}/due", {"due-quiz:m1": "2026-04-01T21:00", "due-case:CS2": "2026-04-02 09:30"}).status_code == 303
    assert due(site, group) == {"quiz:m1": datetime(2026, 4, 1, 13, 0, tzinfo=UTC), "case:CS2": datetime(2026, 4, 2, 1, 30, tzinfo=UTC)}
    assert 'value="2026-04-01T21:00"' in chen.get(f"/classes/{group}").text
    chen.post(f"/classes/{group}/due", {"due-quiz:m1": ""})
    assert set(due(site, group)) == {"case:CS2"}


@pytest.mark.parametrize("typed", ["31.12. at noon", "2026-02-30T10:00", "2026-04-01", "tomorrow", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_date_that_cannot_be_meant_stops_all_and_stays_in_the_form(browser: Open, site: Site, group: int, typed: str) -> None:
    answer = browser("chen").post(f"/classes/{group}/due", {"due-quiz:m1": typed, "due-case:CS2": "2026-04-02T09:30"})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert 'value="2026-04-02T09:30"' in answer.text
    assert "No date was changed" in answer.text
    assert due(site, group) == {}


def test_a_time_is_read_to_utc() -> None:
    assert read_moment("2026-03-16T09:30", "Asia/Shanghai") == NOW


# Gradebook


def test_the_gradebook_shows_points_when_released_and_the_status_before(browser: Open, group: int, worked: dict[str, int]) -> None:
    rows = {login: row for row in browser("chen").get(f"/classes/{group}/gradebook").text.split("<tr>") for login, id in worked.items() if f"/people/{id}/progress" in row}
    assert "</span>80</a>" in rows["lin"]
    assert "status-marked" in rows["wuhao"]
    assert "</span>100</a>" not in rows["wuhao"]


def test_every_cell_opens_what_it_was_made_from(browser: Open, site: Site, group: int, worked: dict[str, int]) -> None:
    chen = browser("chen")
    text = chen.get(f"/classes/{group}/gradebook?all=1").text
    for work in (*site.course().works, "total"):
        address = f"/classes/{group}/gradebook/{worked['lin']}/{work}"
        assert f'href="{address}"' in text
        assert chen.get(address).status_code == 200


def test_a_cell_tells_sentence_tries_and_ledger_entries(browser: Open, site: Site, group: int, worked: dict[str, int]) -> None:
    text = browser("chen").get(f"/classes/{group}/gradebook/{worked['lin']}/case:CS2").text
    with db.session(site.school) as session:
        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.person_id == worked["lin"])).all()
        answer = session.scalars(select(CaseAnswer).where(CaseAnswer.person_id == worked["lin"])).one()
    assert "6.4 of 8 points by the rubric." in text
    assert f'href="/grade/{answer.id}"' in text
    assert len(entries) == 2
    for entry in entries:
        assert f"No. {entry.number}" in text
        assert entry.hash[:12] in text


def test_a_marked_answer_is_not_told_apart_by_its_cell_before_release(browser: Open, group: int, worked: dict[str, int]) -> None:
    text = browser("chen").get(f"/classes/{group}/gradebook/{worked['wuhao']}/case:CS2").text
    assert "/grade/" not in text.replace('href="/grade"', "")
    assert "No. " not in text
    assert "8 of 8" not in text


def test_a_cell_of_somebody_else_or_of_no_work_is_not_there(browser: Open, group: int, worked: dict[str, int]) -> None:
    chen = browser("chen")
    assert chen.get(f"/classes/{group}/gradebook/{worked['outsider']}/case:CS2").status_code == 404
    assert chen.get(f"/classes/{group}/gradebook/{worked['lin']}/case:CS99").status_code == 404


def test_the_gradebook_is_sorted_by_any_column_with_empty_cells_last(browser: Open, group: int, worked: dict[str, int]) -> None:
    chen = browser("chen")
    for way in ("case:CS2", "-case:CS2"):
        rows = table(chen.get(f"/classes/{group}/gradebook?format=csv&sort={way}"))
        assert [row[1] for row in rows[1:]] == ["lin", "wuhao"]
    assert [row[1] for row in table(chen.get(f"/classes/{group}/gradebook?format=csv&sort=-name"))[1:]] == ["wuhao", "lin"]
    assert len(table(chen.get(f"/classes/{group}/gradebook?format=csv&q=xiaoyu"))) == 2


def test_the_gradebook_has_columns_for_what_is_due_or_begun_and_for_all_when_asked(browser: Open, group: int, worked: dict[str, int]) -> None:
    chen = browser("chen")

    def columns(way: str) -> list[str]:
        return [name.split()[0] for name in table(chen.get(f"/classes/{group}/gradebook?format=csv{way}"))[0][2:]]

    assert "CS2" in columns("")
    assert len(columns("")) < len(columns("&all=1"))
    assert {"M1", "SC31", "SC34", "CS4"} <= set(columns("&all=1"))
    assert "SC34" not in columns("")


# Objectives


def test_the_objectives_show_level_and_mean_and_link_to_the_evidence(browser: Open, group: int, worked: dict[str, int]) -> None:
    text = browser("chen").get(f"/classes/{group}/objectives").text
    cell = text.split(f'href="/people/{worked["lin"]}/progress/A1.1"')[1].split("</td>")[0]
    assert "met" in cell
    assert "0.80" in cell
    assert "not enough evidence yet" in text.split(f'href="/people/{worked["lin"]}/progress/A1.2"')[1].split("</td>")[0]
    assert "A10.3" not in text


def test_the_objectives_are_searched_sorted_and_exported(browser: Open, group: int, worked: dict[str, int]) -> None:
    chen = browser("chen")
    rows = table(chen.get(f"/classes/{group}/objectives?format=csv&sort=A1.1"))
    place = rows[0].index("A1.1")
    assert rows[1][1:2] + rows[1][place : place + 2] == ["lin", "met", "0.8"]
    assert rows[2][place] == "not enough evidence yet"
    assert "Wu Hao" not in chen.get(f"/classes/{group}/objectives?q=xiaoyu").text


# All of them


PAGES = {"": 7, "/gradebook": 7, "/objectives": 4}


@pytest.mark.parametrize("page", PAGES)
def test_more_learners_do_not_cost_more_statements(browser: Open, site: Site, statements: list[str], group: int, page: str) -> None:
    chen = browser("chen")
    counts = []
    for added in (0, 30):
        more_learners(site, group, added)
        statements.clear()
        assert chen.get(f"/classes/{group}{page}").status_code == 200
        counts.append(own(statements))
    assert counts[0] == counts[1]
    assert counts[1] <= PAGES[page] + 1


def test_no_cell_of_an_export_is_run_as_a_formula(browser: Open, site: Site, group: int) -> None:
    with db.session(site.school, write=True) as session:
        person(session, "lin").name = '=cmd|"/C calc"!A0'
        person(session, "wuhao").name = "@SUM(A1)"
    chen = browser("chen")
    for page in PAGES:
        names = [row[0] for row in table(chen.get(f"/classes/{group}{page}?format=csv"))[1:]]
        assert sorted(names) == sorted(["'=cmd|\"/C calc\"!A0", "'@SUM(A1)"])


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\tx", "\r=1", " =1", "＝1"])
def test_a_text_that_begins_like_a_formula_is_quoted(value: str) -> None:
    assert plain(value) == f"'{value}"


@pytest.mark.parametrize("value", ["Lin", "1-2", "", -1.5, 0])
def test_other_cells_stay_as_they_are(value: str | float) -> None:
    assert plain(value) == value


@pytest.mark.parametrize("login", ["gao", "lin", "outsider", "zhao"])
def test_others_find_no_class_there(browser: Open, group: int, login: str, worked: dict[str, int]) -> None:
    visitor = browser(login)
    for page in ("", "/gradebook", "/objectives", f"/gradebook/{worked['lin']}/total"):
        assert visitor.get(f"/classes/{group}{page}").status_code == 404
    assert visitor.post(f"/classes/{group}/due", {"due-quiz:m1": "2026-04-01T21:00"}).status_code == 404


def test_an_empty_class_says_how_learners_join(browser: Open, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        session.add(empty := Class(name="Empty", code="EMPTY-1", instructor_id=person(session, "chen").id, created_at=NOW))
        session.flush()
        id = empty.id
    chen = browser("chen")
    for page in PAGES:
        assert "EMPTY-1" in chen.get(f"/classes/{id}{page}").text
