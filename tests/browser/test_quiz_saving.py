"""What a browser keeps while the line is down, what two windows do to one answer, and when "Saved" may be read."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from courseware import db
from courseware.assessment.attempts import digest
from courseware.assessment.models import Answer, QuizAttempt, Receipt
from courseware.web.site import Site
from courseware.web.views import time_of_day
from tests.browser.conftest import Traveller

SAVED = re.compile(r"Saved \d\d:")
COUNT = "new Promise(done => unsent.all('quiz:').then(all => done(all.length)))"


@pytest.fixture
def lin(travel: Any) -> Traveller:
    """Lin at the first question of the Module 1 quiz."""
    made: Traveller = travel(1280)
    made.sign_in("lin")
    begin(made)
    return made


def begin(traveller: Traveller) -> None:
    """Start the Module 1 quiz."""
    traveller.go("/quizzes/m1")
    traveller.page.locator("form[action$='/start'] button").first.click()
    traveller.page.locator("#answer").wait_for()
    traveller.page.wait_for_load_state("load")


def choose(page: Page, place: int) -> str:
    """Choose an option; give what the page calls it."""
    option = page.locator("label.option input").nth(place)
    option.check()
    return str(option.input_value())


def held(site: Site) -> dict[str, tuple[int, str]]:
    """What the server holds of each question: sequence and hash."""
    with db.session(site.school) as session:
        return {id: (sequence, mark) for id, sequence, mark in session.execute(select(Answer.question_id, Answer.sequence, Answer.sha256))}


def meaning(site: Site, question: str, token: str) -> str:
    """The hash of an option by what the page calls it."""
    with db.session(site.school) as session:
        paper = session.scalars(select(QuizAttempt.paper)).one()
    asked = site.course().questions[question].resolve(paper["seed"])
    return digest(asked.read({question: [token]}, question))


def test_a_minute_without_a_line_and_a_closed_page_lose_nothing(lin: Traveller, site: Site) -> None:
    page = lin.page
    page.clock.install()
    choose(page, 0)
    page.clock.run_for(1000)
    expect(page.locator("#receipt")).to_contain_text(SAVED)
    lin.lose_line()
    expect(page.locator("#receipt")).to_contain_text("No connection")
    chosen = choose(page, 1)
    page.clock.run_for(1000)
    chosen = choose(page, 2)  # while the one before waits to be sent again
    page.clock.run_for(60_000)
    expect(page.locator("#receipt")).to_contain_text("Not saved yet")
    address = page.url
    page.close(run_before_unload=False)
    again = lin.page = page.context.new_page()
    again.context.set_offline(False)
    again.goto(address)
    expect(again.locator("label.option input").nth(2)).to_be_checked()
    expect(again.locator("#receipt")).to_contain_text(SAVED)
    assert held(site)["m1-a-01"] == (3, meaning(site, "m1-a-01", chosen)), "what may have arrived is sent as it was, then what came after it"
    assert again.evaluate(COUNT) == 0
    lin.look()


def test_saved_of_an_older_answer_never_stands_beside_a_newer_one(lin: Traveller) -> None:
    page = lin.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.clock.install()
    choose(page, 0)
    page.clock.run_for(1000)
    expect(page.locator("#receipt")).to_contain_text(SAVED)
    choose(page, 1)
    assert page.locator("#receipt").inner_text() == "Saving…"
    assert page.locator("#receipt").aria_snapshot() == "- status", "nothing is read aloud before it is saved"
    page.clock.run_for(1000)
    expect(page.locator("#receipt")).to_contain_text(SAVED)
    page.set_viewport_size({"width": 1280, "height": 900})  # a phone has no room for the number
    expect(page.locator("#receipt")).to_contain_text("answer 2")


def test_two_windows_never_overwrite_each_other_in_silence(lin: Traveller, site: Site) -> None:
    first = lin.page
    second = first.context.new_page()
    second.goto(first.url)
    one = choose(first, 0)
    expect(first.locator("#receipt")).to_contain_text(SAVED)
    other = choose(second, 1)
    choice = second.locator("#choice")
    expect(choice.get_by_text("Below is yours, which is not saved")).to_be_visible()
    assert held(site)["m1-a-01"][1] == meaning(site, "m1-a-01", one)
    lin.page = second
    lin.look()
    second.get_by_role("button", name="Next question").last.click()
    expect(choice.get_by_role("button", name="Keep mine")).to_be_focused()
    # the other one first, then one's own after all
    choice.get_by_role("button", name="Take the other one").click()
    expect(second.locator("label.option input").nth(0)).to_be_checked()
    expect(choice.get_by_text("Below is the answer of the other window")).to_be_visible()
    lin.look()
    choice.get_by_role("button", name="Put mine in its place").click()
    expect(second.locator("#receipt")).to_contain_text(SAVED)
    expect(choice).to_be_hidden()
    assert held(site)["m1-a-01"] == (2, meaning(site, "m1-a-01", other))
    # now the first window is the one behind
    choose(first, 2)
    expect(first.locator("#choice")).to_be_visible()
    first.locator("#choice").get_by_role("button", name="Keep mine").click()
    expect(first.locator("#receipt")).to_contain_text(SAVED)
    assert held(site)["m1-a-01"][0] == 3


def test_a_window_in_which_nothing_was_changed_passes_on_without_a_word(lin: Traveller, site: Site) -> None:
    first = lin.page
    second = first.context.new_page()
    second.goto(first.url)
    choose(first, 0)
    expect(first.locator("#receipt")).to_contain_text(SAVED)
    second.get_by_role("button", name="Next question").last.click()
    second.wait_for_url(re.compile("/2$"))
    assert held(site)["m1-a-01"][0] == 1


def test_an_answer_given_at_the_last_moment_is_saved_before_the_page_goes_on(lin: Traveller, site: Site) -> None:
    chosen = choose(lin.page, 1)
    lin.page.get_by_role("button", name="Next question").last.click()
    lin.page.wait_for_url(re.compile("/2$"))
    assert held(site)["m1-a-01"] == (1, meaning(site, "m1-a-01", chosen))
    assert lin.page.evaluate(COUNT) == 0
    with db.session(site.school) as session:
        assert len(session.scalars(select(Receipt)).all()) == 1, "the form did not save it once more"


@pytest.mark.parametrize("lie", [{"received": "0" * 64}, {"kept": False}], ids=str)
def test_saved_is_never_read_where_the_server_names_something_else(lin: Traveller, lie: dict[str, Any]) -> None:
    page = lin.page

    def tamper(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps(answer.json() | lie))

    page.route("**/answers", tamper)
    page.evaluate("new MutationObserver(() => { window.seen = (window.seen || '') + receipt.textContent }).observe(receipt, {childList: true})")
    with page.expect_response("**/answers"):
        choose(page, 0)
    expect(page.locator("#receipt")).to_contain_text("Not saved")
    assert "Saved 1" not in page.evaluate("window.seen") and "Saved 0" not in page.evaluate("window.seen")
    assert page.evaluate(COUNT) == 1
    for text in ("", "abc", "客户 😀 " * 30, "x" * 55, "x" * 56, "x" * 64, "é" * 5000):
        assert page.evaluate("sha256", text) == hashlib.sha256(text.encode()).hexdigest(), "the hash of this browser is the one of everybody"


def test_a_clock_a_day_wrong_changes_nothing(lin: Traveller, site: Site) -> None:
    page = lin.page
    with db.session(site.school, write=True) as session:
        attempt = session.scalars(select(QuizAttempt)).one()
        attempt.deadline_at = attempt.started_at + timedelta(minutes=20)
    page.clock.set_fixed_time("2031-01-01T00:00:00Z")  # a clock that stands still besides
    page.reload()
    expect(page.locator("[data-clock]")).to_have_text(re.compile(r"^(19|20):\d\d$"))
    choose(page, 1)
    expect(page.locator("#receipt")).to_contain_text(SAVED)
    with db.session(site.school) as session:
        saved = session.scalars(select(Answer.saved_at)).one()
    expect(page.locator("#receipt")).to_contain_text(f"Saved {time_of_day(saved, site.zone)}")


def test_signing_out_leaves_nothing_of_a_person_in_the_browser(lin: Traveller) -> None:
    page = lin.page
    lin.lose_line("**/answers")
    choose(page, 0)
    expect(page.locator("#receipt")).to_contain_text("Not saved yet")
    page.on("dialog", lambda dialog: dialog.accept())  # "leave the page?"
    page.goto(lin.address + "/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#forgotten")).to_be_visible()  # its text stands there before the script has run
    expect(page.locator("#forgotten")).to_contain_text("removed from this browser")
    lin.look()
    assert page.evaluate(COUNT) == 0
    page.reload()
    expect(page.locator("#forgotten")).to_have_count(0)


def test_what_waits_for_one_person_is_not_shown_to_the_next(lin: Traveller, site: Site) -> None:
    page = lin.page
    lin.lose_line("**/answers")
    choose(page, 0)
    expect(page.locator("#receipt")).to_contain_text("Not saved yet")
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.clear_cookies()  # her session ran out; she did not sign out
    lin.sign_in("wuhao")
    begin(lin)
    assert page.locator("label.option input:checked").count() == 0
    assert page.evaluate(COUNT) == 1, "hers waits until she is back"
