"""A journey through writing: type and see, mend a fault where it stands, publish, look as a learner; then every page of authors on a phone in the dark."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from courseware.web.site import Site

QUESTION = "/author/forms/m1-a/m1-a-01"


def test_an_instructor_writes_a_question_publishes_it_and_takes_the_quiz_as_a_learner(travel: Any, site: Site) -> None:
    chen = travel(1440)
    page = chen.page
    chen.sign_in("chen")
    page.get_by_role("link", name="Author").click()
    chen.look()
    page.get_by_role("link", name="m1-a", exact=True).click()
    chen.look()
    page.get_by_role("link", name="m1-a-01").click()
    chen.look()
    # typing is kept, and the question beside it follows
    stem = page.locator("[name='stem.en:area']")
    stem.fill("Who is *served* here?")
    expect(page.locator("#preview em")).to_have_text("served")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    typing = "field => { field.value += ' Say it.'; field.dispatchEvent(new Event('input', { bubbles: true })); return document.getElementById('saved').textContent; }"
    assert stem.evaluate(typing) == "", "what was just typed is not saved yet"
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    # a fault stands at its field while one types, and goes again
    points = page.get_by_label("Points", exact=True)
    points.fill("many")
    expect(page.locator("#e-f-points")).to_contain_text("many")
    chen.look()
    points.fill("1")
    expect(page.locator("#e-f-points")).to_be_hidden()
    # the question can be answered
    page.locator("#try input[type=radio]").first.check()
    page.get_by_role("button", name="Check this answer").click()
    expect(page.locator(".verdict")).to_contain_text("of 1 points")
    chen.look()
    # a row more, with what was just typed in it
    stem.fill("Who is *served* here, and by whom?")
    page.get_by_role("button", name="+ Add a row (Options)").click()
    expect(page.locator("[name='options.4.id:line']")).to_have_value("e")
    expect(stem).to_have_value("Who is *served* here, and by whom?")
    page.get_by_role("button", name="Remove (Options 5)").click()
    expect(page.locator("[name='options.4.id:line']")).to_have_count(0)
    # publish
    page.get_by_role("link", name="Look over and publish").click()
    chen.look()
    page.get_by_label("What changed, in a few words").fill("Shorter")
    page.get_by_role("button", name="Publish the chosen drafts").click()
    expect(page.get_by_role("status")).to_contain_text("Published as revision")
    chen.look()
    # as a learner
    site._looked = -10.0
    chen.go("/author/quizzes/m1/as")
    page.get_by_label("Learner", exact=True).select_option(label="Lin Xiaoyu 林晓雨 (lin)")
    page.get_by_role("button", name="Show the quiz").click()
    chen.look()
    page.get_by_role("button", name="Start attempt 1").click()
    expect(page.locator(".stem")).to_contain_text("and by whom?")
    chen.look()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_page_of_authors_fits_a_phone(travel: Any, scheme: str) -> None:
    chen = travel(390, scheme=scheme, phone=True)
    chen.sign_in("chen")
    for path in ("", "/forms/m1-a", "/forms/m1-a/m1-a-15", "/quizzes/m1", "/quizzes/m1/as", "/cases/CS2", "/cases/CS2/text/zh", "/drafts", "/revisions", "/revisions/1"):
        chen.go(f"/author{path}")
