"""A journey through what people mark: an essay counted while it is written, a file sent with progress, marks by keyboard, the result."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from courseware.web.site import Site
from tests import by_hand
from tests.assessment.sample_files import GOOD


def test_an_essay_and_a_file_are_handed_in_marked_by_keyboard_and_read(travel: Any, site: Site) -> None:
    by_hand.publish(site)
    lin = travel(390)
    page = lin.page
    lin.sign_in("lin")
    lin.go("/quizzes/hand")
    page.locator("form[action='/quizzes/hand/start'] button").click()
    page.locator(".navigator button").nth(1).click()
    # writes, in either language
    page.get_by_label("Your answer").fill("她问了两次谁给她回电话。")
    expect(page.locator("[data-words]")).to_have_text("11 characters, 60 to 150 asked")
    page.get_by_label("Your answer").fill("She asked twice who rings her back.")
    expect(page.locator("[data-words]")).to_have_text("7 words, 30 to 80 asked")
    expect(page.locator("#receipt")).to_contain_text("Saved")
    page.get_by_text("How it is marked").click()
    lin.look()
    page.reload()
    expect(page.locator("[data-words]")).to_have_text("7 words, 30 to 80 asked")
    page.get_by_role("button", name="Next question").last.click()
    # sends files: what does not fit is said at once, what fits stands in the answer
    expect(page.get_by_text("Hand in your call sheet")).to_be_visible()
    lin.look()
    page.get_by_label("Your file").set_input_files({"name": "screen.pdf", "mimeType": "application/pdf", "buffer": GOOD["screen.png"]})
    expect(page.locator("[data-send] [role=status]")).to_contain_text("what is in it is none")
    lin.complaints.clear()  # the browser notes the refusal in its console
    page.get_by_label("Your file").set_input_files({"name": "来电.csv", "mimeType": "text/csv", "buffer": GOOD["list.csv"]})
    expect(page.get_by_label("来电.csv")).to_be_checked()
    lin.look()
    page.get_by_label("Another file").set_input_files({"name": "notes.pdf", "mimeType": "application/pdf", "buffer": GOOD["plan.pdf"]})
    page.get_by_label("notes.pdf").uncheck()
    expect(page.locator("#receipt")).to_contain_text(re.compile("answer 3"))
    page.reload()
    expect(page.get_by_label("notes.pdf")).to_have_count(0)
    page.locator("main").get_by_role("button", name="Look over and hand in").click()
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.get_by_text("A person marks some of your answers")).to_be_visible()
    lin.look()
    result = page.url
    # the instructor marks without a mouse
    chen = travel(1440, "dark")
    chen.sign_in("chen")
    chen.go("/grade")
    chen.page.get_by_role("link", name="h-essay").click()
    expect(chen.page.get_by_role("heading", name="Answer 1 of 1")).to_be_visible()
    chen.look()
    for key in ("a", "3", "2"):
        chen.page.keyboard.press(key)
    chen.page.keyboard.press("Control+Enter")
    expect(chen.page.get_by_text("No other answer to this question waits.")).to_be_visible()
    chen.go("/grade")
    chen.page.get_by_role("link", name="h-file").click()
    with chen.page.expect_download() as downloaded:
        chen.page.get_by_role("link", name="File 1").click()
    assert downloaded.value.suggested_filename.startswith("file-")
    chen.page.keyboard.press("a")
    chen.page.keyboard.press("2")
    chen.page.keyboard.press("Control+Enter")
    expect(chen.page.get_by_text("No other answer to this question waits.")).to_be_visible()
    chen.look()
    chen.page.get_by_role("link", name="h-file").click()
    chen.page.get_by_role("button", name="Release this attempt").click()
    expect(chen.page.get_by_text("The learner sees the marks now.")).to_be_visible()
    chen.look()
    # and the learner reads
    page.goto(result)
    expect(page.get_by_text("3 strong")).to_be_visible()
    expect(page.get_by_text("Model answer").first).to_be_visible()
    lin.look()
