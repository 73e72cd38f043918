"""What a browser keeps of a case answer while the line is down, and when it lets go of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from courseware import db
from courseware.grading.models import CaseAnswer
from courseware.web.site import Site
from tests.browser.conftest import Traveller

COUNT = "new Promise(done => unsent.all('case:').then(all => done(all.length)))"
SAVED = re.compile(r"Saved \d\d:")


@pytest.fixture
def lin(travel: Any) -> Traveller:
    """Lin at the Citibank case."""
    made: Traveller = travel(1280)
    made.sign_in("lin")
    made.go("/cases/CS2")
    return made


def held(site: Site) -> str:
    with db.session(site.school) as session:
        return session.scalars(select(CaseAnswer.text)).one()


def test_text_typed_without_a_line_is_there_after_the_page_was_closed(lin: Traveller, site: Site) -> None:
    page = lin.page
    page.locator("#text").fill("Sent in time.")
    expect(page.locator("#receipt")).to_contain_text(SAVED)
    lin.lose_line()
    page.locator("[name=questions]").first.check()
    page.locator("#text").press_sequentially(" Typed without a line.")
    expect(page.locator("#receipt")).to_contain_text("Not saved yet")
    assert held(site) == "Sent in time."
    page.close(run_before_unload=False)
    again = lin.page = page.context.new_page()
    again.context.set_offline(False)
    again.goto(lin.address + "/cases/CS2")
    expect(again.locator("#text")).to_have_value(re.compile("Typed without a line"))
    expect(again.locator("[name=questions]").first).to_be_checked()
    expect(again.locator("#receipt")).to_contain_text(SAVED)
    assert "Typed without a line." in held(site)
    assert again.evaluate(COUNT) == 0
    lin.look()


def test_saved_of_an_older_text_never_stands_below_a_newer_one(lin: Traveller) -> None:
    page = lin.page
    page.locator("#text").fill("Sent in time.")
    expect(page.locator("#receipt")).to_contain_text(SAVED)
    typing = "field => { field.value += ' More.'; field.dispatchEvent(new Event('input', { bubbles: true })); return document.getElementById('receipt').textContent; }"
    assert page.locator("#text").evaluate(typing) == "Saving…"
    expect(page.locator("#receipt")).to_contain_text(SAVED)


def test_what_was_overtaken_by_another_window_stands_beside_the_newer_text(lin: Traveller, site: Site) -> None:
    page = lin.page
    lin.lose_line("**/save")
    page.locator("#text").fill("Written on the train.")
    expect(page.locator("#receipt")).to_contain_text("Not saved yet")
    page.close(run_before_unload=False)
    other = lin.page = page.context.browser.new_context(storage_state=page.context.storage_state()).new_page()
    other.goto(lin.address + "/cases/CS2")
    for text in ("Begun at home.", "Begun at home, and longer."):
        with other.expect_response("**/save"):
            other.locator("#text").fill(text)
    back = page.context.new_page()
    back.goto(lin.address + "/cases/CS2")
    expect(back.locator("#text")).to_have_value("Begun at home, and longer.")
    expect(back.get_by_label("Older text that never reached the server")).to_have_value("Written on the train.")
    other.context.close()


def test_handing_in_saves_the_last_keys_and_leaves_nothing_behind(lin: Traveller, site: Site) -> None:
    page = lin.page
    for box in page.locator("[name=questions]").all()[:2]:
        box.check()
    page.locator("#text").fill("The bank " + "sold itself to its own people first. " * 60)
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator(".status-submitted").first).to_be_visible()
    lin.go("/cases/CS3")
    assert page.evaluate(COUNT) == 0
    assert held(site).startswith("The bank")


def test_signing_out_leaves_no_text_of_a_person_in_the_browser(lin: Traveller) -> None:
    page = lin.page
    lin.lose_line("**/save")
    page.locator("#text").fill("Mine alone.")
    expect(page.locator("#receipt")).to_contain_text("Not saved yet")
    assert page.evaluate(COUNT) == 1
    page.on("dialog", lambda dialog: dialog.accept())  # "leave the page?"
    page.goto(lin.address + "/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#forgotten")).to_be_visible()  # its text stands there before the script has run
    expect(page.locator("#forgotten")).to_contain_text("removed from this browser")
    assert page.evaluate(COUNT) == 0
