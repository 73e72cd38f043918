"""The practice CRM on the web: scenarios, lists, records, the forms of the verbs, checking, hints, handing in, and who may look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import func, select

from courseware import db
from courseware.grading.models import Evidence, LedgerEntry
from courseware.sandbox import attempts
from courseware.sandbox.actions import VERBS
from courseware.sandbox.base import GENERATORS
from courseware.sandbox.models import CheckRun, HintOpened, JournalEntry, SandboxAttempt
from courseware.sandbox.play import LOOKS, Step, _arguments, scope_of
from courseware.sandbox.scope import Named
from courseware.sandbox.state import checkout
from courseware.web.site import Site
from tests.conftest import Browser

FILLED = {generate.__name__ for generate in GENERATORS}  # the other tables have rows in scenarios alone


def begin(learner: Browser, scenario: str = "SC31") -> str:
    """Begin a run and give its address."""
    answer = learner.post(f"/practise/{scenario}/start")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


@pytest.fixture
def lin(browser: Any) -> Browser:
    made: Browser = browser("lin")
    return made


@pytest.fixture
def run(lin: Browser) -> str:
    return begin(lin)


def headings(page: Any) -> list[str]:
    """The row headings of the list on a page."""
    return [unescape(name) for name in re.findall(r'<tr><th scope="row"><a href="[^"]+">([^<]*)</a>', page.text)]


def attempt_of(site: Site, run: str) -> SandboxAttempt:
    with db.session(site.school) as session:
        return session.get_one(SandboxAttempt, int(run.rsplit("/", 1)[1]))


def count(site: Site, *where: Any) -> int:
    with db.session(site.school) as session:
        return session.scalar(select(func.count()).where(*where)) or 0


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
    assert len(statements) <= 5, statements
    statements.clear()
    assert lin.get(f"{run}/tasks?q=Call").status_code == 200
    assert len(statements) <= 5, statements


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
    assert len(statements) <= 6, statements


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


# Verbs


@pytest.mark.parametrize("verb", sorted(name for name, verb in VERBS.items() if verb.on is None or verb.on in FILLED))
def test_the_form_of_every_verb_renders(lin: Browser, run: str, verb: str, site: Site) -> None:
    known = VERBS[verb]
    on = "?on=1" if known.on else "?key=word" if verb == "answer.give" else ""
    page = lin.get(f"{run}/do/{verb}{on}")
    assert page.status_code == 200
    asked = {field.name for field in known.fields(site.course().tables) if field.type != "choices"}
    assert all(f'name="{name}"' in page.text for name in asked)


def test_an_error_stands_beside_its_field_and_what_was_typed_stays(lin: Browser, run: str, site: Site) -> None:
    page = lin.post(f"{run}/do/contact.create", {"name": "Ma Lin", "mobile": "12", "note": "A long note about labels"})
    assert page.status_code == 422
    assert 'class="field-error" id="h-mobile"' in page.text
    assert 'aria-describedby="h-mobile" aria-invalid="true"' in page.text
    assert 'value="Ma Lin"' in page.text
    assert "A long note about labels" in page.text
    assert count(site, JournalEntry.verb == "contact.create") == 0


def test_a_refusal_is_said_above_the_form(lin: Browser, run: str) -> None:
    page = lin.post(f"{run}/do/order.link", {"on": "12", "account_id": "", "contact_id": ""})
    assert page.status_code == 422
    assert "Name an account, a contact or both." in page.text


def test_after_deleting_a_record_its_list_is_shown(lin: Browser, run: str) -> None:
    answer = lin.post(f"{run}/do/contact.delete", {"on": "1"})
    assert answer.headers["Location"] == f"{run}/contacts"
    assert lin.get(f"{run}/contacts").status_code == 200


def test_a_record_is_found_without_a_script(lin: Browser, run: str, site: Site) -> None:
    page = lin.post(f"{run}/do/contact.create", {"name": "Ma Lin", "find": "account_id", "find-account_id": "A-2012", "mobile": "19900021234"})
    assert page.status_code == 200
    assert 'value="Ma Lin"' in page.text
    assert re.search(r'<option value="\d+" selected>A-2012 ', page.text)
    assert count(site, JournalEntry.verb == "contact.create") == 0


def test_a_form_begins_with_what_the_record_holds(lin: Browser, run: str, site: Site) -> None:
    row = checkout(site.course().base).get("contacts", 12)
    assert row
    assert f'value="{row["name"]}"' in unescape(lin.get(f"{run}/do/contact.update?on=12").text)


def test_acting_undoing_and_beginning_again_keep_the_journal(lin: Browser, run: str, site: Site) -> None:
    done = lin.post(f"{run}/do/account.create", {"name": "Linying", "kind": "dealer"})
    assert done.headers["Location"] == f"{run}/accounts/100001"
    assert "Linying" in lin.get(f"{run}/accounts/100001").text
    assert lin.post(f"{run}/undo", {"back": f"{run}/accounts/12"}).headers["Location"] == f"{run}/accounts/12"
    assert lin.get(f"{run}/accounts/100001").status_code == 404
    assert "taken back" in lin.get(f"{run}/story").text
    assert lin.post(f"{run}/undo").status_code == 409
    lin.post(f"{run}/do/account.create", {"name": "Linying", "kind": "dealer"})
    assert "Nothing is destroyed" in lin.get(f"{run}/reset").text
    assert lin.post(f"{run}/reset").status_code == 303
    assert lin.get(f"{run}/accounts/100001").status_code == 404
    assert count(site, JournalEntry.verb == "account.create") == 2


def test_a_step_of_the_story_is_a_checkpoint(lin: Browser, run: str) -> None:
    for number in (1, 2, 3):
        lin.post(f"{run}/do/task.create", {"kind": "call", "subject": f"Zebra {number}"})
    page = lin.get(f"{run}/story").text
    assert page.count("take back all after this step") == 2, "not at the last one"
    assert lin.post(f"{run}/rewind", {"to": "1"}).status_code == 303
    assert "Taken back: 2 steps" in lin.get(f"{run}/story").text
    assert headings(lin.get(f"{run}/tasks?q=Zebra")) == ["Zebra 1"]
    assert lin.post(f"{run}/rewind", {"to": "x"}).status_code == 422


def test_a_button_leads_back_to_pages_of_the_run_only(lin: Browser, run: str) -> None:
    for wanted in ("https://elsewhere.example/", "//elsewhere.example", f"{run}/../../../", "/learn"):
        assert lin.post(f"{run}/check", {"back": wanted}).headers["Location"] == f"{run}#findings"


def test_a_merger_compares_field_by_field_and_then_is_done(lin: Browser, run: str) -> None:
    compare = lin.post(f"{run}/do/contact.merge", {"on": "12", "other": "13", "find": "compare"})
    assert compare.status_code == 200
    assert 'name="take" value="mobile"' in compare.text
    assert "These move over" in compare.text or "Nothing hangs" in compare.text
    assert "choose it first" in lin.post(f"{run}/do/contact.merge", {"on": "12", "other": "", "find": "compare"}).text
    done = lin.post(f"{run}/do/contact.merge", {"on": "12", "other": "13", "take": ["mobile", "name"]})
    assert done.headers["Location"] == f"{run}/contacts/12"
    assert f'href="{run}/contacts/12">Open that one' in lin.get(f"{run}/contacts/13").text


def test_a_question_keeps_its_answer_and_says_what_does_not_fit(lin: Browser, site: Site) -> None:
    run = begin(lin, "SC28")
    page = lin.post(f"{run}/do/answer.give", {"key": "charge_sal", "value": "much", "back": run})
    assert page.status_code == 422
    assert 'value="much"' in page.text
    assert "is not a number" in page.text
    done = lin.post(f"{run}/do/answer.give", {"key": "charge_sal", "value": "1,200", "back": f"{run}/cases/12"})
    assert done.headers["Location"] == f"{run}/cases/12#q-charge_sal"
    assert 'value="1,200"' in lin.get(run).text
    assert "1,200" in lin.get(f"{run}/story").text


def test_time_moves_on_and_the_story_tells_what_happened(lin: Browser) -> None:
    run = begin(lin, "SC28")
    assert f"{run}/do/time.forward" in lin.get(run).text
    before = re.search(r"Sandbox time ([^<·]+)", lin.get(run).text)
    done = lin.post(f"{run}/do/time.forward", {"minutes": "120"})
    assert done.headers["Location"].startswith(f"{run}/story#step-")
    after = re.search(r"Sandbox time ([^<·]+)", lin.get(run).text)
    assert before
    assert after
    assert before[1] != after[1]
    assert lin.post(f"{run}/undo").status_code == 409


def test_looks_are_written_down_only_if_a_check_asks_for_them(lin: Browser, run: str, site: Site) -> None:
    lin.get(f"{run}/contacts/12")
    lin.get(f"{run}/contacts?q=Zhang")
    assert count(site, JournalEntry.verb.like("look.%")) == 0
    course = site.course()
    looking = replace(course.scenarios["SC31"], looks=frozenset({"look.record", "look.search"}))
    site._courses[course.revision] = replace(course, scenarios={**course.scenarios, "SC31": looking})
    lin.get(f"{run}/contacts/12")
    lin.get(f"{run}/contacts/12")  # loading a page again is not another look
    lin.get(f"{run}/contacts?q=Zhang")
    assert count(site, JournalEntry.verb == "look.record") == 1
    assert count(site, JournalEntry.verb == "look.search") == 1


# Checking, hints, handing in


def test_a_check_shows_findings_and_the_labelled_diff(lin: Browser, run: str, site: Site) -> None:
    lin.post(f"{run}/do/contact.update", {"on": "12", "birthday": "1980-02-03"})
    assert lin.post(f"{run}/check", {"back": f"{run}/contacts/12"}).headers["Location"] == f"{run}/contacts/12#findings"
    page = unescape(lin.get(f"{run}/contacts/12").text)
    for check in site.course().scenarios["SC31"].checks:
        assert f'id="check-{check.id}"' in page
        assert check.title["en"] in page
    assert '<span class="finding finding-harmful">harmful</span>' in page
    assert "Offered, but not needed." in page
    lin.post(f"{run}/undo")
    assert "You have done something since" in lin.get(run).text


def test_hints_open_one_by_one_at_the_price_on_the_button(lin: Browser, run: str, site: Site) -> None:
    assert lin.post(f"{run}/hints/linked").status_code == 409
    lin.post(f"{run}/check")
    page = unescape(lin.get(run).text)
    assert "Hint: Show where, costs 0.2 of 2 points" in page
    assert "<dt>Where</dt>" not in page
    assert lin.post(f"{run}/hints/linked").headers["Location"] == f"{run}#check-linked"
    page = unescape(lin.get(run).text)
    assert "Hint: Show the field, costs 0.4 of 2 points" in page
    assert page.count("<dt>Where</dt>") == 1
    assert count(site, HintOpened.check_id == "linked") == 1
    lin.post(f"{run}/check")
    lin.post(f"{run}/check")
    page = unescape(lin.get(run).text)
    assert "Hint:" not in page
    assert page.count("<dt>Expected</dt>") == 9
    assert lin.post(f"{run}/hints/linked").status_code == 409


def test_handing_in_twice_counts_once(lin: Browser, run: str, site: Site) -> None:
    first = lin.post(f"{run}/hand-in")
    assert first.headers["Location"] == f"{run}/report"
    rows = count(site, Evidence.work == "scenario:SC31")
    assert rows == len(site.course().scenarios["SC31"].checks)
    assert lin.post(f"{run}/hand-in").headers["Location"] == f"{run}/report"
    assert count(site, Evidence.work == "scenario:SC31") == rows
    assert count(site, LedgerEntry.work == "scenario:SC31") == 1
    assert count(site, CheckRun.is_final) == 1


def test_a_report_has_every_finding_the_objectives_and_the_story(lin: Browser, run: str, site: Site) -> None:
    assert lin.get(f"{run}/report").headers["Location"] == run
    lin.post(f"{run}/do/account.create", {"name": "Linying", "kind": "dealer"})
    lin.post(f"{run}/hand-in")
    page = lin.get(f"{run}/report").text
    scenario = site.course().scenarios["SC31"]
    assert all(f'id="check-{check.id}"' in page for check in scenario.checks)
    assert all(f'href="/progress/{code}"' in page for code in scenario.objectives)
    assert f'href="{run}/story"' in page
    assert "Not passed yet" in page


def test_the_path_that_passes_is_shown_after_handing_in_only(lin: Browser, run: str, browser: Any) -> None:
    assert lin.get(f"{run}/replay").headers["Location"] == run
    lin.post(f"{run}/do/account.create", {"name": "Linying", "kind": "dealer"})
    lin.post(f"{run}/hand-in")
    assert f'href="{run}/replay"' in lin.get(f"{run}/report").text
    page = lin.get(f"{run}/replay").text
    assert 'href="#path-' in page
    assert 'id="own-1"' in page
    assert "missing in yours" in page
    assert "missing on the left" in browser("chen").get(f"{run}/replay").text


def test_after_handing_in_all_can_be_seen_and_nothing_changed(lin: Browser, run: str) -> None:
    lin.post(f"{run}/hand-in")
    page = lin.get(run).text
    assert f'href="{run}/report"' in page
    assert 'method="post" action="/practise' not in page
    assert lin.get(f"{run}/do/account.create").status_code == 404
    assert lin.post(f"{run}/do/account.create", {"name": "A", "kind": "dealer"}).status_code == 409
    assert [lin.post(f"{run}/{what}").status_code for what in ("undo", "reset", "check", "hints/linked")] == [409] * 4
    assert begin(lin) != run


# Who may look


@pytest.mark.parametrize("login", ["chen", "admin"])
def test_her_instructor_reads_and_cannot_change(browser: Any, lin: Browser, run: str, login: str) -> None:
    lin.post(f"{run}/check")
    teacher = browser(login)
    for address in ("", "/contacts", "/contacts/12", "/story"):
        page = teacher.get(run + address)
        assert page.status_code == 200
        assert "Lin Xiaoyu" in page.text
        assert f'method="post" action="{run}' not in page.text
        assert "/do/" not in page.text
    for address in ("check", "undo", "reset", "hand-in", "rewind", "hints/linked", "do/account.create"):
        assert teacher.post(f"{run}/{address}", {"name": "A", "kind": "dealer"}).status_code == 404
    lin.post(f"{run}/hand-in")
    report = teacher.get(f"{run}/report")
    assert report.status_code == 200
    assert "Begin another attempt" not in report.text


def test_her_manager_reads_what_a_new_hire_did(browser: Any) -> None:
    run = begin(browser("sunjie"))
    assert browser("zhao").get(run).status_code == 200


@pytest.mark.parametrize("login", ["wuhao", "outsider", "gao", "zhao", "sunjie"])
def test_outsiders_find_nothing(browser: Any, run: str, login: str) -> None:
    other = browser(login)
    for address in ("", "/contacts", "/contacts/12", "/story", "/report", "/reset", "/do/account.create"):
        assert other.get(run + address).status_code == 404


# The reference of every scenario, played through the forms as a browser would fill them in


class FormReader(HTMLParser):
    """Reads the fields of the form of a verb, with what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._inside = False
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        name = held.get("name") or ""
        if tag == "form":
            self._inside = held.get("class") == "act"
        elif not self._inside:
            return
        elif tag == "input" and name and not name.startswith("find-") and (held.get("type") not in ("checkbox", "radio") or "checked" in held):
            self.fields.setdefault(name, []).append(held.get("value") or "")
        elif tag == "select":
            self._select = name
            self.fields[name] = [""]
        elif tag == "option" and self._select and "selected" in held:
            self.fields[self._select] = [held.get("value") or ""]
        elif tag == "textarea":
            self._textarea = name
            self.fields[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None
        elif tag == "form":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea][0] += data


def fill_in(learner: Browser, run: str, step: Step, arguments: Mapping[str, Any]) -> str:
    """Open the form of a step, put the arguments into it, send it; give where it leads. A look is the page of its record."""
    if step.do in LOOKS:
        where = f"{run}/{arguments['table']}/{arguments['record']}"
        assert learner.get(where).status_code == 200
        return where
    address = f"{run}/do/{step.do}"
    values = {name: _typed(value) for name, value in arguments.items() if name != "record"}
    if step.do != "answer.give":
        page = learner.get(address + (f"?on={arguments['record']}" if "record" in arguments else ""))
        assert page.status_code == 200
        reader = FormReader()
        reader.feed(page.text)
        values = {**reader.fields, **values}
    elif isinstance(arguments["value"], list):
        values["several"] = ["1"]  # the form of a question with several choices says so
    answer = learner.post(address, values)
    assert answer.status_code == 303, (step, arguments, re.findall(r'class="field-error[^<]*<?|role="alert">[^<]*', answer.text))
    return str(answer.headers["Location"])


def _typed(value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return ["" if each is None else ("1" if each is True else "0" if each is False else str(each)) for each in given]


def steps_of(site: Site, run: str, step: Step, made: Mapping[str, Named]) -> Iterator[tuple[Mapping[str, Any], str | None]]:
    """Resolve a step of a script again and again, as it stands before each of its repetitions."""
    course, number = site.course(), 0
    while True:
        with db.session(site.school) as session:
            attempt = session.get_one(SandboxAttempt, int(run.rsplit("/", 1)[1]))
            scenario, paper, journal = course.scenarios[attempt.scenario], attempts.paper_at(attempt), attempts.journal_of(session, attempt)
        with checkout(course.base).applied(journal.changes()) as state:
            scope = scope_of(state, paper, journal, scenario.find)
            scopes = [replace(each, names={**each.names, **made}) for each in scope.repeated(step.repeat)]
            if number == len(scopes):
                return
            resolved = _arguments(scopes[number], step), scopes[number].value(step.name) if step.name else None
        yield resolved
        number += 1


@pytest.mark.parametrize("school", ["sqlite"], indirect=True)  # long, and all about forms
@pytest.mark.parametrize("id", ["SC11", "SC13", "SC14", "SC16", "SC21", "SC26", "SC28", "SC29", "SC31", "SC34"])
def test_the_reference_of_a_scenario_passes_through_the_forms(lin: Browser, site: Site, id: str) -> None:
    run = begin(lin, id)
    made: dict[str, Named] = {}
    for step in site.course().scenarios[id].reference:
        for arguments, name in steps_of(site, run, step, made):
            where = fill_in(lin, run, step, arguments)
            if name:
                table, record = where.removeprefix(f"{run}/").split("/")
                made[name] = Named(table, (int(record),))
    lin.post(f"{run}/check")
    assert "This passes." in lin.get(run).text
    page = lin.get(lin.post(f"{run}/hand-in").headers["Location"]).text
    assert "<h1>Passed</h1>" in page
    assert "12 <small>of 12 points" in page
    assert "finding-harmful" not in page
