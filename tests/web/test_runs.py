"""A run of a scenario on the web: the forms of the verbs, time, checking, hints, handing in, and who may look."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from courseware import db
from courseware.grading.models import Evidence, LedgerEntry
from courseware.sandbox import attempts
from courseware.sandbox.actions import VERBS
from courseware.sandbox.models import CheckRun, HintOpened, JournalEntry, SandboxAttempt
from courseware.sandbox.state import checkout
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.web.practising import FILLED, begin, count


def headings(page: Any) -> list[str]:
    """The row headings of the list on a page."""
    return [unescape(name) for name in re.findall(r'<tr><th scope="row"><a href="[^"]+">([^<]*)</a>', page.text)]


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


def test_the_one_account_found_is_chosen_to_be_merged(lin: Browser, run: str) -> None:
    page = lin.post(f"{run}/do/account.merge", {"on": "12", "find": "other", "find-other": "A-2020"})
    assert re.search(r'<option value="\d+" selected>A-2020 ', page.text)
    assert "<optgroup" not in page.text


def test_enter_among_words_not_searched_for_yet_searches_instead_of_acting(lin: Browser, run: str, site: Site) -> None:
    typed = {"name": "Ma Lin", "account_id": "12", "find-account_id": "A-2012"}
    page = lin.post(f"{run}/do/contact.create", {**typed, "was-account_id": ""})
    assert page.status_code == 200 and 'name="was-account_id" value="A-2012"' in page.text
    assert count(site, JournalEntry.verb == "contact.create") == 0
    assert lin.post(f"{run}/do/contact.create", {**typed, "was-account_id": "A-2012"}).status_code == 303


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
    assert done.headers["Location"] == f"{run}/story"
    story = lin.get(f"{run}/story").text
    told = re.search(r'role="status">Time has moved on to Mon 16 Mar 2026, \d\d:30\. [^<]*<a href="#(step-\d+)">To the new steps</a>', story)
    assert told
    assert f'id="{told[1]}"' in story
    assert "To the new steps" not in lin.get(f"{run}/story").text
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


def test_hints_of_work_that_would_pass_have_their_price_until_it_is_handed_in(lin: Browser, run: str, site: Site) -> None:
    course = site.course()
    scenario = course.scenarios["SC31"]
    with db.session(site.school, write=True) as session:
        attempt = session.get_one(SandboxAttempt, int(run.rsplit("/", 1)[1]))
        attempts.play_script(session, attempt, scenario=scenario, state=checkout(course.base), script=scenario.reference[:-1], now=NOW)
    lin.post(f"{run}/check")
    page = unescape(lin.get(run).text)
    assert "This passes. You may still make it better, or hand it in." in page
    assert page.count("Hint: Show where, costs") == 1
    assert "<dt>Expected</dt>" not in page
    lin.post(f"{run}/hand-in")
    assert lin.get(f"{run}/report").text.count("<dt>Expected</dt>") == 1


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
