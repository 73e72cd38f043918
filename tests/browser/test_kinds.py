"""Kinds of question that are answered by more than a tick: by the keyboard alone, and a talk on a phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from courseware.assessment.practice import Practice, Take
from courseware.web.site import Site
from tests.browser.conftest import Traveller
from tests.browser.test_journeys import _tab_to


@pytest.fixture(autouse=True)
def _built(site: Site) -> None:
    """The practice firm is built before anybody waits for it: the quiz to try out asks about its data."""
    site.course().firm().take(Practice(take={"one": Take(sql="SELECT 1")}), {}, 1)


def begin(traveller: Traveller, kind: str) -> Page:
    """Start the quiz to try out and go to its question of this kind."""
    traveller.sign_in("lin")
    traveller.go("/quizzes/every-kind")
    page = traveller.page
    page.locator("form[action$='/start'] button").click()
    page.locator("#answer").wait_for()
    place = page.locator(f".navigator [data-question='every-{kind}']").inner_text()
    traveller.go(re.sub(r"https?://[^/]+", "", page.url).rpartition("/")[0] + f"/{place}")
    return page


def check_by_keys(traveller: Traveller) -> None:
    _tab_to(traveller.page, "^Check this answer$")
    traveller.page.keyboard.press("Enter")
    expect(traveller.page.get_by_text("This question is closed.")).to_be_visible()
    traveller.look()


def test_lines_are_put_in_order_with_the_keyboard_alone(travel: Any) -> None:
    lin = travel(1280)
    page = begin(lin, "ordering")
    steps = ["Make full-width", "Keep digits", "Take off", "Check the form", "Compare"]
    for select in page.locator("#answer select").all():
        label = page.locator(f"label[for='{select.get_attribute('id')}']").inner_text()
        select.focus()
        page.keyboard.type(str(1 + next(place for place, step in enumerate(steps) if label.startswith(step))))
    expect(page.locator("#receipt")).to_contain_text(re.compile("Saved .*answer"))
    check_by_keys(lin)
    expect(page.locator("#answer")).to_contain_text("4 of 4 points")


def test_a_place_of_a_picture_is_chosen_with_the_keyboard_alone(travel: Any) -> None:
    lin = travel(1280, "dark")
    page = begin(lin, "hotspot")
    page.locator("#answer input[type=radio]").first.focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_label("the box on the right")).to_be_checked()
    check_by_keys(lin)
    expect(page.locator("#answer")).to_contain_text("1 of 1 point")


def test_a_talk_is_held_to_its_end_on_a_phone(travel: Any) -> None:
    lin = travel(390, "dark", phone=True)
    page = begin(lin, "dialogue")
    lin.look()
    for said in ("I find three sales", "Get well soon", "Me: Lu Qing"):
        page.get_by_role("button", name=re.compile(said)).tap()
        expect(page.locator(".talk .mine").last).to_contain_text(said)
        lin.look()
    expect(page.get_by_text("The talk has ended.")).to_be_visible()
    page.reload()
    expect(page.locator(".talk .mine")).to_have_count(3)
    page.get_by_role("button", name="Check this answer").tap()
    expect(page.locator("#answer")).to_contain_text("6 of 6 points")
    lin.look()
