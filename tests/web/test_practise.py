"""The practice CRM on the web: scenarios, lists, records."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from courseware import db
from courseware.sandbox import attempts
from courseware.sandbox.models import SandboxAttempt
from courseware.sandbox.state import checkout
from courseware.web.site import Site
from tests.conftest import Browser
from tests.web.counting import own
from tests.web.practising import FILLED, begin, count


def headings(page: Any) -> list[str]:
    """The row headings of the list on a page."""
    return [unescape(name) for name in re.findall(r'<tr><th scope="row"><a href="[^"]+">([^<]*)</a>', page.text)]


# Scenarios


def test_the_list_names_every_scenario_and_one_next_step(lin: Browser, site: Site) -> None:
    page = lin.get("/practise")
    assert all(f"/practise/{id}" in page.text for id in site.course().scenarios)
    assert page.text.count("btn-practice") == 1


def test_a_scenario_says_what_is_checked_before_it_is_begun(lin: Browser, site: Site) -> None:
    page = lin.get("/practise/SC28")
    for check in site.course().scenarios["SC28"].checks:
        assert check.title["en"] in unescape(page.text)
    assert "{" not in page.text.split("<main")[1]
    assert lin.get("/practise/SC99").status_code == 404


def test_beginning_twice_goes_on_with_the_same_run(lin: Browser, site: Site) -> None:
    assert begin(lin) == begin(lin)
    assert count(site, SandboxAttempt.scenario == "SC31") == 1
    assert f'href="{begin(lin)}"' in lin.get("/practise/SC31").text
    assert f'href="{begin(lin)}"' in lin.get("/practise").text


def test_the_desk_leads_to_papers_tables_and_questions(lin: Browser, run: str, site: Site) -> None:
    page = lin.get(run)
    assert "The call of 09:12" in page.text
    assert all(f'href="{run}/{table}"' in page.text for table in site.course().tables)
    assert f'action="{run}/do/answer.give"' in page.text
    assert f'action="{run}/check"' in page.text


def test_free_practice_has_records_and_undo_but_no_check(lin: Browser) -> None:
    free = begin(lin, "free")
    assert lin.get(f"{free}/contacts").status_code == 200
    assert lin.post(f"{free}/do/account.create", {"name": "A", "kind": "dealer"}).status_code == 303
    assert f'action="{free}/undo"' in lin.get(free).text
    assert "/check" not in lin.get(free).text
    assert [lin.post(f"{free}/{what}").status_code for what in ("check", "hand-in", "hints/x")] == [404, 404, 404]


# Lists


def test_a_list_searches_sorts_filters_and_turns_pages(lin: Browser, run: str) -> None:
    every = lin.get(f"{run}/contacts?sort=name")
    assert len(headings(every)) == 25
    assert headings(every) == sorted(headings(every))
    assert headings(lin.get(f"{run}/contacts?sort=-name"))[0] >= headings(every)[-1]
    assert headings(lin.get(f"{run}/contacts?sort=name&page=2"))[0] >= headings(every)[-1]
    found = lin.get(f"{run}/contacts?q=Zhang")
    assert headings(found)
    assert all("Zhang" in name for name in headings(found))
    refused = lin.get(f"{run}/contacts?consent_email=no")
    assert '<option value="no" selected>' in refused.text
    assert 'href="?consent_email=no&amp;page=2"' in refused.text


def test_one_search_finds_records_of_all_tables_and_keeps_what_was_typed(lin: Browser, run: str) -> None:
    first = headings(lin.get(f"{run}/contacts"))[0].split()[-1]
    page = lin.get(f"{run}/search", query_string={"q": first})
    assert f'value="{first}"' in unescape(page.text)
    assert f"{run}/contacts?q=" in page.text
    assert headings(page)
    nothing = lin.get(f"{run}/search?q=no+such+thing+anywhere").text
    assert "No record fits." in nothing
    assert "Type a name" in lin.get(f"{run}/search").text
    assert 'action="' + run + '/search"' in lin.get(run).text, "the field stands on every page of a run"


def test_a_link_narrows_a_list_to_one_record(lin: Browser, run: str) -> None:
    page = lin.get(f"{run}/orders?account_id=12")
    assert "Account: A-" in page.text
    assert '<input type="hidden" name="account_id" value="12">' in page.text


def test_a_list_follows_what_was_done(lin: Browser, run: str) -> None:
    before = lin.get(f"{run}/accounts?q=Fresh")
    assert "No record fits" in before.text
    lin.post(f"{run}/do/account.create", {"name": "Fresh Paint", "kind": "dealer"})
    assert headings(lin.get(f"{run}/accounts?q=Fresh")) == ["Fresh Paint"]
    lin.post(f"{run}/undo")
    assert "No record fits" in lin.get(f"{run}/accounts?q=Fresh").text
    lin.post(f"{run}/do/account.create", {"name": "Fresh Bread", "kind": "dealer"})
    assert headings(lin.get(f"{run}/accounts?q=Fresh")) == ["Fresh Bread"]


def test_a_list_is_a_csv_file_without_formulas(lin: Browser, run: str) -> None:
    lin.post(f"{run}/do/contact.create", {"name": "=1+1", "mobile": "+86 199 0002 1234"})
    file = lin.get(f"{run}/contacts?format=csv&q=%3D1")
    assert file.headers["Content-Type"].startswith("text/csv")
    assert "'=1+1" in file.text
    assert "'+86" in file.text
    assert lin.get(f"{run}/contacts?format=csv").text.count("\n") == 3_002


@pytest.mark.parametrize("address", ["nothing", "contacts/999999", "employees_x/1", "do/no.such", "do/contact.update?on=999999", "do/contact.update"])
def test_what_is_not_there_is_not_found(lin: Browser, run: str, address: str) -> None:
    assert lin.get(f"{run}/{address}").status_code == 404


def test_a_list_takes_few_statements(lin: Browser, run: str, site: Site, statements: list[str]) -> None:
    _sixty_actions(site, run)
    statements.clear()
    assert lin.get(f"{run}/tasks").status_code == 200
    assert own(statements) <= 5, statements
    statements.clear()
    assert lin.get(f"{run}/tasks?q=Call").status_code == 200
    assert own(statements) <= 5, statements


def _sixty_actions(site: Site, run: str) -> None:
    course = site.course()
    with db.session(site.school, write=True) as session:
        attempt = session.get_one(SandboxAttempt, int(run.rsplit("/", 1)[1]))
        for number in range(60):
            arguments = {"kind": "call", "subject": f"Call {number}"}
            attempts.act(session, attempt, scenario=course.scenarios["SC31"], state=checkout(course.base), verb="task.create", arguments=arguments, now=attempt.started_at)


# Records


def test_every_table_opens_and_so_does_a_record_of_it(lin: Browser, run: str, site: Site) -> None:
    for table in site.course().tables:
        page = lin.get(f"{run}/{table}")
        found = re.search(rf'href="({run}/{table}/\d+)"', page.text)
        assert page.status_code == 200 and bool(found) == (table in FILLED), table
        assert found is None or lin.get(found[1]).status_code == 200, table


def test_a_record_shows_facts_related_lists_verbs_and_a_time_line(lin: Browser, run: str) -> None:
    page = lin.get(f"{run}/contacts/12")
    assert '<dl class="facts' in page.text
    assert f'href="{run}/do/contact.update?on=12"' in page.text
    assert f'href="{run}/do/interaction.log?contact_id=12"' in page.text
    assert f'href="{run}/orders?contact_id=12"' in page.text
    assert '<ol class="timeline">' in page.text


def test_a_record_takes_few_statements(lin: Browser, run: str, statements: list[str]) -> None:
    lin.post(f"{run}/check")
    lin.get(run)
    statements.clear()
    lin.get(f"{run}/contacts/12")
    assert own(statements) <= 6, statements


def test_a_dossier_reads_as_a_transcript(lin: Browser, run: str) -> None:
    call = re.search(rf'href="({run}/dossiers/\d+)">The call', lin.get(run).text)
    assert call
    page = lin.get(call[1])
    assert 'class="mt-4 transcript"' in page.text
    assert page.text.count("<dt>Caller</dt>") >= 4
    assert "sensitive" not in page.text  # the marks of the lines are for the checks


def test_what_was_done_stands_in_the_time_line_once(lin: Browser, run: str) -> None:
    lin.post(f"{run}/do/contact.update", {"on": "12", "title": "Buyer of labels"})
    lin.post(f"{run}/do/interaction.log", {"kind": "note", "subject": "A word at the counter", "contact_id": "12"})
    page = lin.get(f"{run}/contacts/12").text.split('<ol class="timeline">')[1].split("</ol>")[0]
    assert page.count("Buyer of labels") == 1
    assert page.count("A word at the counter") == 1
    assert page.count('class="mine"') == 2


def test_a_member_of_a_campaign_is_headed_by_whom_it_is_about(lin: Browser) -> None:
    free = begin(lin, "free")
    rows = re.findall(r'<tr><th scope="row"><a href="([^"]+)">([^<]*)</a>', lin.get(f"{free}/campaign_members").text)
    assert len(rows) == 25
    assert all(re.match(r"[CL]-\d+ ", name) for _, name in rows)
    page = lin.get(rows[0][0]).text
    assert rows[0][1] in page.split("<h1")[1].split("</h1>")[0]
    assert re.search(rf'href="{free}/(contacts|leads)/\d+"', page)
