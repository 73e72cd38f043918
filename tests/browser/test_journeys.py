"""Three journeys through the whole product, as a learner, as an instructor, and with the keyboard alone."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import select

from courseware import db
from courseware.cli.simulated import PARAGRAPHS
from courseware.grading import actions as grading
from courseware.people.models import Person
from courseware.web.site import Site
from tests.conftest import NOW


def hand_in_a_case(site: Site, login: str) -> None:
    """Let somebody of the cast hand in an answer to the Citibank case."""
    course = site.course()
    case = course.cases["CS2"]
    with db.session(site.school, write=True) as session:
        person = session.scalars(select(Person).where(Person.login == login)).one()
        answer = grading.open_case(session, person_id=person.id, case=case, revision=course.revision, language="en", due_at=None, now=NOW)
        chosen = [question.id for question in case.questions[: case.choose]]
        grading.save_case(session, answer, text="\n\n".join(PARAGRAPHS), questions=chosen, sequence=1, due_at=None, now=NOW)
        grading.hand_in_case(session, answer, case=case, now=NOW)


def test_a_learner_reads_practises_answers_and_sees_why(travel: Any) -> None:
    lin = travel(390)
    page = lin.page
    lin.sign_in("lin")
    # reads, and checks herself
    page.get_by_role("link", name="Go on reading").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Customer, client and the face without a name")
    lin.look()
    check = page.locator("form.intext").first
    check.locator("input[type=radio]").first.check()
    check.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict").first).to_be_visible()
    lin.look()
    page.get_by_role("button", name=re.compile("face without a name|client|customer")).first.click()
    expect(page.locator(".pop:popover-open")).to_be_visible()
    # takes the quiz, loses the line once, and goes on
    lin.go("/quizzes")
    page.get_by_role("link", name=re.compile("^Start")).first.click()
    lin.look()
    page.get_by_role("button", name="Start attempt 1").click()
    page.locator("label.option").first.click()
    expect(page.locator("#receipt")).to_contain_text("Saved")
    lin.look()
    lin.lose_line()
    page.locator("label.option").nth(1).click()
    expect(page.locator("#receipt")).to_contain_text("Not saved yet")
    page.context.set_offline(False)
    expect(page.locator("#receipt")).to_contain_text("Saved", timeout=20_000)
    page.reload()
    expect(page.locator("label.option input").nth(1)).to_be_checked()
    for _ in range(18):
        page.get_by_role("button", name="Next question").last.click()
    lin.look()
    page.locator("main").get_by_role("button", name="Look over and hand in").click()
    lin.look()
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.get_by_role("heading", name="By objective")).to_be_visible()
    lin.look()
    # writes the case
    lin.go("/cases/CS2")
    page.locator("#text").fill("\n\n".join(PARAGRAPHS))
    expect(page.locator("#receipt")).to_contain_text("Saved")
    for box in page.locator("[name=questions]").all()[:2]:
        box.check()
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator(".status-submitted").first).to_be_visible()
    lin.look()
    # sees what it rests on
    lin.go("/progress")
    page.get_by_role("link", name="K1.1").first.click()
    lin.look()
    page.get_by_role("link", name=re.compile("^Open")).first.click()
    expect(page.locator("article.answer").first).to_be_visible()


def test_a_learner_makes_a_client_of_a_face_and_is_told_what_was_missing(travel: Any) -> None:
    lin = travel(1280)
    page = lin.page
    lin.sign_in("lin")
    lin.go("/practise")
    page.get_by_role("link", name=re.compile("From a face without a name")).first.click()
    page.get_by_role("button", name="Begin").click()
    lin.look()
    run = re.sub(r"(/runs/\d+).*", r"\1", page.url)
    page.get_by_role("link", name=re.compile("The call of")).first.click()
    lin.look()
    for table in ("contacts", "orders", "cases"):
        page.goto(f"{run}/{table}")
        lin.look()
    page.locator("main table a").first.click()
    lin.look()
    page.goto(f"{run}/do/contact.create")
    page.get_by_label(re.compile("^Name")).fill("Ma Lin")
    lin.look()
    page.locator("main").get_by_role("button", name="Create a contact").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ma Lin")
    lin.look()
    page.get_by_role("button", name="Check my work").click()
    lin.look()
    expect(page.locator(".finding").first).to_be_visible()
    page.goto(f"{run}/story")
    lin.look()
    page.goto(run)
    page.get_by_text("Hand in …").first.click()
    page.get_by_role("button", name=re.compile("^Hand in")).first.click()
    page.wait_for_url(re.compile("/report"))
    lin.look()


def test_an_instructor_sets_a_date_marks_and_releases(travel: Any, site: Site) -> None:
    hand_in_a_case(site, "lin")
    chen = travel(1440)
    page = chen.page
    chen.sign_in("chen")
    page.get_by_role("link", name="Service 2026-2").first.click()
    chen.look()
    page.locator("form input[type=datetime-local]").first.fill("2027-01-15T18:00")
    page.get_by_role("button", name="Save the dates").click()
    expect(page.locator("form input[type=datetime-local]").first).to_have_value("2027-01-15T18:00")
    chen.go("/grade")
    page.get_by_role("link", name=re.compile(r"Answer 1 of 1")).first.click()
    chen.look()
    expect(page.locator("body")).not_to_contain_text("Lin Xiaoyu")
    page.locator("body").press("a")
    for level in "2321":
        page.keyboard.press(level)
        page.keyboard.press({"2": "b", "3": "c"}.get(level, "d"))
    for criterion in page.locator("fieldset.criterion").all():
        if not criterion.locator("input:checked").count():
            criterion.locator("input").nth(2).check()
    page.locator("#comment").fill("The measure needs a unit and a date.")
    page.get_by_role("button", name="Mark, next answer").click()
    chen.go("/grade")
    page.get_by_role("link", name=re.compile(r"Answer 1 of 1")).first.click()
    page.get_by_role("button", name=re.compile("Release")).first.click()
    chen.look()
    chen.go("/classes/1/gradebook")
    page.get_by_role("link", name=re.compile(r"^Lin Xiaoyu .*: \d+$")).first.click()
    chen.look()
    chen.go("/classes/1/objectives")
    lin = travel(390, "dark")
    lin.sign_in("lin")
    lin.go("/cases/CS2")
    expect(lin.page.locator("body")).to_contain_text("The measure needs a unit and a date.")


def test_a_quiz_can_be_taken_with_the_keyboard_alone(travel: Any) -> None:
    wu = travel(1280, "dark")
    page = wu.page
    wu.go("/sign-in")
    page.keyboard.press("Tab")  # the skip link comes first
    expect(page.locator("a.skip")).to_be_focused()
    page.get_by_label("Sign-in name").focus()
    page.keyboard.type("wuhao")
    page.keyboard.press("Tab")
    page.keyboard.type("demo-demo")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").wait_for()
    wu.go("/quizzes")
    _tab_to(page, "^Start")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/quizzes/m1$"))
    _tab_to(page, "^Start attempt 1$")
    page.keyboard.press("Enter")
    page.locator("#answer").wait_for()
    for place in range(1, 20):
        _answer_by_keys(page)
        _tab_to(page, "Next question" if place < 19 else "Look over and hand in")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"/{place + 1}$" if place < 19 else "/review"))
    wu.look()
    _tab_to(page, "^Hand in")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="By objective")).to_be_visible()
    wu.look()


def _answer_by_keys(page: Any) -> None:
    """Give some answer with Tab, arrows, Space and letters: the first choice, or a number, or each list's second entry."""
    kinds = page.evaluate("[...document.querySelectorAll('#answer fieldset input, #answer fieldset select, #answer input[type=text]')].map(e => e.type)")
    page.locator("#answer fieldset input, #answer fieldset select, #answer input[type=text]").first.focus()
    if kinds[0] == "radio" or kinds[0] == "checkbox":
        page.keyboard.press("Space")
    elif kinds[0] == "text":
        page.keyboard.type("12")
    else:
        for _ in kinds:
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Tab")


def _tab_to(page: Any, name: str) -> None:
    """Press Tab until something of that name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        text = page.evaluate("document.activeElement.tabIndex >= 0 ? document.activeElement.innerText || '' : ''")
        if re.search(name, text.strip()):
            return
    raise AssertionError(f"{name!r} cannot be reached with Tab")
