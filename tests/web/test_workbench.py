"""The practice CRM as a workbench: combined filters, columns, saved views, many records at once, editing in place, clocks, who has room, putting back."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.sandbox.models import JournalEntry
from courseware.sandbox.state import checkout
from courseware.web.site import Site
from tests.conftest import Browser
from tests.web.counting import own
from tests.web.practising import begin


@pytest.fixture
def run(lin: Browser) -> str:
    return begin(lin, "free")


def headings(page: Any) -> list[str]:
    return [unescape(name) for name in re.findall(r'<tr><th scope="row"><a href="[^"]+">([^<]*)</a>', page.text)]


def heads(page: Any) -> list[str]:
    return [unescape(name) for name in re.findall(r'class="sorter"[^>]*>([^<]*)', page.text)]


def ticks(page: Any) -> list[str]:
    return re.findall(r'name="row" value="(\d+)"', page.text)


def total(page: Any) -> int:
    found = re.search(r'<span class="meta tn">(\d+) records', page.text)
    return int(found[1]) if found else 0


def journal(site: Site) -> list[JournalEntry]:
    with db.session(site.school) as session:
        return list(session.scalars(select(JournalEntry).where(JournalEntry.epoch > 0).order_by(JournalEntry.no)))


# Filters, columns, views


def test_filters_of_an_address_are_combined_and_said(lin: Browser, run: str, site: Site) -> None:
    query = "kind=customer,dealer&opened_at-from=2025-01-01&owner_id-has=E-0&segment=A"
    page = lin.get(f"{run}/accounts?{query}")
    wanted = "kind IN ('customer', 'dealer') AND opened_at >= '2025-01-01' AND owner_id IS NOT NULL AND segment = 'A' AND merged_into_id IS NULL"
    assert total(page) == len(checkout(site.course().base).query(f"SELECT id FROM accounts WHERE {wanted}")) > 0
    text = unescape(page.text)
    assert "Opened: from 2025-01-01" in text
    assert "Owner: contains “E-0”" in text
    assert "customer or dealer" in text
    without = re.search(r'Opened: from 2025-01-01 <a href="([^"]+)"', text)
    assert without
    assert "opened_at" not in without[1]
    assert "segment=A" in without[1]
    assert '<input type="hidden" name="opened_at-from" value="2025-01-01">' in page.text, "a search keeps the filters"


def test_a_form_asks_for_every_filter_and_gives_a_plain_address(lin: Browser, run: str) -> None:
    page = lin.get(f"{run}/cases/arrange?status=new,open&opened_at-from=2026-03-01")
    assert 'value="new" checked' in page.text
    assert 'name="opened_at-from" value="2026-03-01"' in page.text
    assert 'name="account_id-has"' in page.text
    answer = lin.get(
        f"{run}/cases/arrange?apply=1&q=&status=new&status=open&priority=&opened_at-from=2026-03-01&opened_at-to=&place-status=2&place-subject=1&place-no=&sort=opened_at&down=1"
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{run}/cases?status=new,open&opened_at-from=2026-03-01&cols=subject,status&sort=-opened_at"
    listed = lin.get(answer.headers["Location"])
    assert heads(listed) == ["Subject", "Status"]
    assert total(listed) > 0


def test_columns_are_remembered_for_this_list_of_this_run(lin: Browser, run: str) -> None:
    usual = heads(lin.get(f"{run}/accounts"))
    lin.get(f"{run}/accounts?cols=name,city")
    assert heads(lin.get(f"{run}/accounts")) == ["Name", "City"]
    assert len(heads(lin.get(f"{run}/contacts"))) > 2
    assert "Stadt" not in lin.get(f"{run}/accounts?format=csv").text
    assert lin.get(f"{run}/accounts?format=csv&q=A-2001").text.splitlines()[0].strip("\ufeff") == "Name,City"
    assert heads(lin.get(f"{run}/accounts?cols=-")) == usual
    assert heads(lin.get(f"{run}/accounts")) == usual


@pytest.mark.parametrize("query", ["opened_at-from=soon", "owner_id=x", "cols=nothing", "sort=nothing", "place-x=1", "cols=,,", "opened_at-near=1"])
def test_an_address_that_means_nothing_breaks_nothing(lin: Browser, run: str, query: str) -> None:
    assert lin.get(f"{run}/accounts?{query}").status_code in (200, 422)
    assert lin.get(f"{run}/accounts/arrange?{query}").status_code in (200, 422)


def test_a_list_is_saved_as_a_view_and_found_again(lin: Browser, run: str, site: Site) -> None:
    query = "kind=dealer&cols=name,segment&sort=-name"
    assert 'id="view-name"' in lin.get(f"{run}/accounts?{query}").text
    refused = lin.post(f"{run}/accounts/views", {"view": query, "name": " "})
    assert refused.status_code == 422
    assert "This is needed." in refused.text
    saved = lin.post(f"{run}/accounts/views", {"view": query, "name": "Dealers"})
    assert saved.headers["Location"] == f"{run}/accounts?{query}"
    page = lin.get(saved.headers["Location"])
    assert re.search(r'<a href="\?kind=dealer&amp;cols=name,segment&amp;sort=-name" aria-current="page">Dealers</a>', page.text)
    kept = next(change for entry in journal(site) if entry.verb == "view.save" for change in entry.changes)[3]
    assert (json.loads(kept["filters"]), json.loads(kept["columns"]), kept["sort"]) == ({"kind": "dealer"}, ["name", "segment"], "-name")
    assert lin.get(f"{run}/do/view.delete?on=100001").status_code == 200
    lin.post(f"{run}/do/view.delete", {"on": "100001"})
    assert "Dealers</a>" not in lin.get(f"{run}/accounts").text


def test_a_file_of_a_list_says_when_it_is_not_whole(lin: Browser, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courseware.web.pages.sandbox.CSV_ROWS", 400)
    assert "The first 400 of 3000 as CSV" in lin.get(f"{run}/contacts").text
    assert lin.get(f"{run}/contacts?format=csv").text.count("\n") == 401


# Many at once


def test_a_bulk_action_is_previewed_done_and_undone_as_one(lin: Browser, run: str, site: Site) -> None:
    listed = lin.get(f"{run}/cases?status=new,closed&sort=status")
    chosen = [*ticks(lin.get(f"{run}/cases?status=new"))[:2], ticks(lin.get(f"{run}/cases?status=closed"))[0]]
    assert '<option value="case.assign">' in listed.text
    form = lin.get(f"{run}/cases/bulk", query_string={"verb": "case.assign", "which": "ticked", "row": chosen, "status": "new,closed"})
    assert "3 records chosen" in form.text
    fields = {"verb": "case.assign", "view": "status=new,closed", "row": chosen}
    missing = lin.post(f"{run}/cases/bulk", fields)
    assert missing.status_code == 422
    assert "Name a colleague, a department or both." in missing.text
    preview = lin.post(f"{run}/cases/bulk", {**fields, "owner_id": "20"})
    assert preview.status_code == 200
    assert "Changed: 2" in preview.text
    assert "Left out: 1" in preview.text
    assert "The case is closed." in preview.text
    assert not journal(site)
    accepted = ticks(preview.text.split('id="preview"')[1] and preview)[-2:]
    done = lin.post(f"{run}/cases/bulk", {**fields, "row": accepted, "owner_id": "20", "sure": "1"})
    assert done.headers["Location"] == f"{run}/cases?status=new,closed"
    assert "Done to 2 records." in lin.get(done.headers["Location"]).text
    assert [(entry.verb, str(entry.arguments["record"])) for entry in journal(site)] == [("case.assign", id) for id in accepted]
    assert lin.post(f"{run}/undo").status_code == 303
    assert len(journal(site)) == 4
    assert lin.post(f"{run}/undo").status_code == 409


def test_nothing_is_done_if_one_of_the_preview_is_refused_meanwhile(lin: Browser, run: str, site: Site) -> None:
    chosen = ticks(lin.get(f"{run}/cases?status=new"))[:2]
    lin.post(f"{run}/do/case.close", {"on": chosen[0]})
    late = lin.post(f"{run}/cases/bulk", {"verb": "case.assign", "row": chosen, "owner_id": "20", "sure": "1"})
    assert late.status_code == 409
    assert "nothing was done" in late.text
    assert "Left out: 1" in late.text
    assert [entry.verb for entry in journal(site)] == ["case.close"]


def test_all_that_match_are_chosen_if_they_are_not_too_many(lin: Browser, run: str) -> None:
    new = total(lin.get(f"{run}/cases?status=new"))
    page = lin.get(f"{run}/cases/bulk?verb=case.close&which=all&status=new")
    assert f"{new} records chosen" in page.text
    assert lin.get(f"{run}/cases/bulk?verb=case.close&which=all").status_code == 303
    assert "more than 200 records" in lin.get(f"{run}/cases").text
    lin.get(f"{run}/cases/bulk?verb=case.close&which=ticked")
    assert "Tick the records first" in lin.get(f"{run}/cases").text


def test_a_verb_without_fields_is_previewed_at_once(lin: Browser, run: str) -> None:
    open_ = ticks(lin.get(f"{run}/tasks?status=open"))[:3]
    assert "Changed: 3" in lin.get(f"{run}/tasks/bulk", query_string={"verb": "task.complete", "row": open_}).text


def test_two_records_and_a_merger_lead_to_the_comparison(lin: Browser, run: str) -> None:
    answer = lin.get(f"{run}/contacts/bulk?verb=contact.merge&row=12&row=13")
    assert answer.headers["Location"] == f"{run}/do/contact.merge?on=12&other=13"
    assert 'name="take" value="mobile"' in lin.get(answer.headers["Location"]).text
    lin.get(f"{run}/contacts/bulk?verb=contact.merge&row=12")
    assert "exactly two" in lin.get(f"{run}/contacts").text


@pytest.mark.parametrize("address", ["cases/bulk?verb=no.such&row=1", "cases/bulk?verb=account.assign&row=1", "nothing/bulk", "nothing/arrange", "cases/bulk"])
def test_what_is_no_bulk_action_is_not_there(lin: Browser, run: str, address: str) -> None:
    assert lin.get(f"{run}/{address}").status_code == 404


# One field, one record


def test_a_field_is_edited_where_it_stands(lin: Browser, run: str, site: Site) -> None:
    page = lin.get(f"{run}/contacts/12")
    assert f'href="{run}/contacts/12?edit=mobile#fact-mobile"' in page.text
    assert 'name="column"' not in page.text
    form = lin.get(f"{run}/contacts/12?edit=email")
    assert '<input type="hidden" name="column" value="email">' in form.text
    refused = lin.post(f"{run}/contacts/12", {"column": "email", "email": "no address at all"})
    assert refused.status_code == 422
    assert 'value="no address at all"' in refused.text
    assert re.search(r'class="field-error" id="h-email" role="alert">[^<]*is not an e-mail address', unescape(refused.text))
    done = lin.post(f"{run}/contacts/12", {"column": "email", "email": "new@right.example"})
    assert done.headers["Location"] == f"{run}/contacts/12#fact-email"
    assert "new@right.example" in lin.get(f"{run}/contacts/12").text
    assert [(entry.verb, entry.arguments) for entry in journal(site)] == [("contact.update", {"record": 12, "email": "new@right.example"})]


def test_an_empty_field_is_filled_in_and_a_long_list_is_searched(lin: Browser, run: str) -> None:
    assert f'href="{run}/accounts/12?edit=parent_id#fact-parent_id"' in lin.get(f"{run}/accounts/12").text
    found = lin.post(f"{run}/accounts/12", {"column": "parent_id", "parent_id": "", "find-parent_id": "A-2001", "find": "parent_id"})
    assert found.status_code == 200
    assert 'value="A-2001"' in found.text


def test_what_no_verb_edits_by_itself_is_not_edited(lin: Browser, run: str) -> None:
    assert lin.post(f"{run}/cases/12", {"column": "resolved_at", "resolved_at": "2026-03-16 10:00"}).status_code == 404
    assert lin.post(f"{run}/cases/12", {"column": "status_reason", "status_reason": "x"}).status_code == 404, "closing is no edit"
    assert lin.post(f"{run}/nothing/12", {"column": "name"}).status_code == 404


def test_a_record_is_put_back_or_says_what_hangs_on_it(lin: Browser, run: str) -> None:
    assert "put-back" not in lin.get(f"{run}/contacts/12").text
    lin.post(f"{run}/contacts/12", {"column": "title", "title": "Buyer of paper"})
    lin.post(f"{run}/contacts/13", {"column": "title", "title": "Seller of paper"})
    assert f'action="{run}/contacts/12/put-back"' in lin.get(f"{run}/contacts/12").text
    assert lin.post(f"{run}/contacts/12/put-back").headers["Location"] == f"{run}/contacts/12"
    assert "Buyer of paper" not in re.sub(r"<ol.*</ol>", "", lin.get(f"{run}/contacts/12").text, flags=re.DOTALL)
    assert "Seller of paper" in lin.get(f"{run}/contacts/13").text
    lin.post(f"{run}/do/account.create", {"name": "New", "kind": "dealer"})
    lin.post(f"{run}/do/contact.create", {"name": "Someone", "account_id": "100001"})
    refused = lin.post(f"{run}/accounts/100001/put-back")
    assert refused.status_code == 409
    assert "builds on this record" in refused.text
    lin.post(f"{run}/undo")
    assert lin.post(f"{run}/accounts/100001/put-back").headers["Location"] == f"{run}/accounts"


# Clocks and room


def test_the_queue_of_cases_shows_clocks_with_words_the_latest_first(lin: Browser, run: str) -> None:
    page = lin.get(f"{run}/cases?status=new,open,waiting&sort=solve_in")
    assert {"Answer due in", "Solve due in"} <= set(heads(page))
    assert 'aria-sort="ascending"' in page.text
    solve = re.findall(r'<td class="(sla[^"]*)" data-l="Solve due in">([^<]*)</td>', page.text)
    assert len(solve) == 25
    assert all(css == "sla sla-over" and words.startswith("late by") for css, words in solve)
    assert re.search(r'<a href="\?status=new,open,waiting&amp;sort=solve_in&amp;cols=-" aria-current="page">|aria-current="page">Open, most urgent first', page.text)


def test_a_clock_moves_with_the_sandbox_time(lin: Browser, run: str) -> None:
    before = lin.get(f"{run}/cases?status=new&sort=answer_in").text
    lin.post(f"{run}/do/account.create", {"name": "New", "kind": "dealer"})
    assert re.findall(r'data-l="Answer due in">[^<]*', lin.get(f"{run}/cases?status=new&sort=answer_in").text) != re.findall(r'data-l="Answer due in">[^<]*', before)


def test_who_is_chosen_as_owner_is_shown_with_room_and_skills(lin: Browser, run: str) -> None:
    page = lin.get(f"{run}/do/account.assign?on=12").text
    assert re.search(r"<option value=\"\d+\"[^>]*>E-0\d+ [^<]*· \d+/\d+ in hand</option>", page), "short enough for a phone"
    assert re.search(r"<b>E-0\d+ [^<]*</b> \d+ of at most \d+ in hand[^<]*· [^<]+</li>", page)
    assert re.search(r"<option value=\"\d+\">E-0\d+ [^<]*· \d+ in hand", lin.get(f"{run}/do/case.assign?on=12").text)


def open_verbs(page: str) -> tuple[str, str]:
    """The verbs of a record's page: those that stand open, and those that are folded."""
    first, _, rest = page.partition('<details class="folded">')
    return first, rest.partition("</details>")[0]


def test_the_verbs_of_every_day_and_of_the_scenario_stand_open_the_others_are_folded(lin: Browser, run: str) -> None:
    first, folded = open_verbs(lin.get(f"{run}/cases/12").text)
    assert "do/case.reply?on=12" in first
    assert "do/interaction.log?case_id=12" in first
    assert "do/case.record_route?on=12" in folded
    scenario = str(lin.post("/practise/SC21/start").headers["Location"])
    first, folded = open_verbs(lin.get(f"{scenario}/cases/12").text)
    assert "do/case.promise_interim?on=12" in first, "the scenario names it"
    assert "do/case.record_route?on=12" in folded
    assert open_verbs(lin.get(f"{run}/tasks/1").text)[1] == "", "three verbs need no folding"


def test_a_verb_that_fills_in_is_offered_on_the_page_and_begins_with_what_stands_there(lin: Browser) -> None:
    run = str(lin.post("/practise/SC28/start").headers["Location"])
    found = re.search(rf'href="({run}/internal_agreements/(\d+))"', lin.get(f"{run}/internal_agreements").text)
    assert found
    assert f"{run}/do/agreement.save?on={found[2]}" in lin.get(found[1]).text
    form = lin.get(f"{run}/do/agreement.save?on={found[2]}").text
    chosen = dict(re.findall(r'<select[^>]*name="(\w+_dept_id)".*?<option value="(\d+)" selected', form))
    assert set(chosen) == {"provider_dept_id", "customer_dept_id"}
    done = lin.post(f"{run}/do/agreement.save", {"on": found[2], **chosen, "response_h": "3", "resolve_h": "9"})
    assert done.headers["Location"] == found[1], "the one that stood already was filled in"


def test_what_a_form_left_is_told_in_its_words(lin: Browser, run: str) -> None:
    cells = re.findall(r'<select[^>]*name="(\w+)"', lin.get(f"{run}/do/group.fill_grid").text)
    brief = lin.post(f"{run}/do/group.fill_grid", dict.fromkeys(cells, "reactive")).headers["Location"]
    assert "<dt>Few customers, high margin each</dt><dd>reactive</dd>" in lin.get(brief).text
    asked = {"name": "n", "field": "revenue_year", "coverage": "visits", "visits_year": "1", "calls_year": "1", "routes": ["manager", "web"], "wish_code": "one-person"}
    form = lin.get(f"{run}/do/rule.save_segment").text
    asked["wish_code"] = re.findall(r'<option value="([^"]+)"', form.partition('name="wish_code"')[2])[0]
    rule = unescape(lin.get(lin.post(f"{run}/do/rule.save_segment", asked).headers["Location"]).text)
    assert "revenue of the last 12 months, yuan" in rule
    assert "their account manager, by name, web shop and self-service" in rule
    for code in ("revenue_year", '"manager"', "few_high", '{"'):
        assert code not in rule
        assert code not in unescape(lin.get(f"{run}/story").text)
    lin.post("/language", {"language": "zh"})
    assert "revenue of the last" not in lin.get(f"{run}/rules").text


def test_choices_begin_with_what_belongs_to_the_record_at_hand(lin: Browser, run: str, site: Site) -> None:
    contact = checkout(site.course().base).query("SELECT id, account_id FROM contacts WHERE account_id IS NOT NULL AND merged_into_id IS NULL ORDER BY id LIMIT 1")[0]
    for address in (f"do/interaction.log?account_id={contact['account_id']}", f"do/interaction.log?contact_id={contact['id']}"):
        select = lin.get(f"{run}/{address}").text.partition('id="f-contact_id"')[2].partition("</select>")[0]
        first, others = select.split("<optgroup")[1:]
        assert f'<option value="{contact["id"]}"' in first
        assert 'label="Others"' in others
        assert f'<option value="{contact["id"]}"' not in others
    assert "<optgroup" not in lin.get(f"{run}/do/interaction.log").text


def test_records_merged_away_are_not_listed_and_what_moves_is_named(lin: Browser) -> None:
    run = str(lin.post("/practise/SC01/start").headers["Location"])
    one, other = re.findall(rf'<tr><th scope="row"><a href="{run}/leads/(\d+)"', lin.get(f"{run}/leads?status=new").text)[:2]
    campaign = re.search(rf"{run}/campaigns/\d+", lin.get(f"{run}/leads/{other}").text)
    assert campaign
    lin.post(f"{run}/do/lead.reply", {"on": other, "text": "We call you on Tuesday."})
    compare = lin.post(f"{run}/do/lead.merge", {"on": one, "other": other, "find": "compare"}).text.partition("These move over")[2]
    assert re.search(rf'<b>Interactions <span class="tn">\d+</span></b> <a href="{run}/interactions/\d+">', compare)
    before = re.search(r"all (\d+)<span class=\"visually-hidden\"> Leads", lin.get(campaign[0]).text)
    lin.post(f"{run}/do/lead.merge", {"on": one, "other": other})
    after = re.search(r"all (\d+)<span class=\"visually-hidden\"> Leads", lin.get(campaign[0]).text)
    assert before
    assert after
    assert int(after[1]) == int(before[1]) - 1


# Who, and how fast


def test_her_instructor_filters_and_changes_nothing(browser: Any, lin: Browser, run: str) -> None:
    teacher = browser("chen")
    for address in ("accounts?kind=dealer&cols=name", "accounts/arrange", "accounts/12?edit=name"):
        page = teacher.get(f"{run}/{address}")
        assert page.status_code == 200
        assert f'method="post" action="{run}' not in page.text
        assert 'name="row"' not in page.text
    assert teacher.get(f"{run}/cases/bulk?verb=case.close&row=1").status_code == 404
    for address, what in (("accounts/12", {"column": "name"}), ("accounts/12/put-back", {}), ("accounts/views", {"name": "x"}), ("cases/bulk", {"verb": "case.close"})):
        assert teacher.post(f"{run}/{address}", what).status_code == 404


@pytest.mark.parametrize("address", ["tasks", "accounts?kind=dealer&cols=name,segment&sort=-name", "cases?status=new,open,waiting&sort=solve_in", "cases/arrange"])
def test_lists_take_two_statements(lin: Browser, run: str, statements: list[str], address: str) -> None:
    statements.clear()
    assert lin.get(f"{run}/{address}").status_code == 200
    assert own(statements) <= 3, statements  # the first time the journal is read besides
    statements.clear()
    lin.get(f"{run}/{address}")
    assert own(statements) == 2, statements


@pytest.mark.parametrize("address", ["cases?status=new&sort=solve_in", "accounts/arrange", "contacts/12?edit=email", "cases/bulk?verb=case.assign&which=all&status=new"])
def test_the_workbench_speaks_chinese(lin: Browser, run: str, address: str) -> None:
    lin.post("/language", {"language": "zh"})
    page = lin.get(f"{run}/{address}")
    assert page.status_code == 200
    for words in ("Which records", "Place", "Save", "due in", "left", "late", "edit<", "chosen", "empty", "any<"):
        assert f">{words}" not in page.text
