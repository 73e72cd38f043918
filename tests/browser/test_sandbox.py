"""Scenarios in a real browser: with the mouse, with the keyboard alone, on a phone, and the replay of what was handed in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from courseware import db
from courseware.grading.handing_in import hand_in_scenario
from courseware.people.models import Person
from courseware.sandbox import attempts
from courseware.sandbox.journal import Paper
from courseware.sandbox.models import SandboxAttempt
from courseware.sandbox.state import checkout
from courseware.web.site import Site
from tests.browser.conftest import Traveller
from tests.conftest import NOW

CHECK, HAND_IN = "form[action$='/check'] button", "form[action$='/hand-in'] button"


@dataclass(frozen=True)
class Bench:
    """A run of a scenario in somebody's browser. What the seed drew is read from its paper; every kind of page that opens is looked at, once a journey."""

    traveller: Traveller
    address: str
    paper: Paper
    seen: set[str] = field(default_factory=set)

    @property
    def page(self) -> Page:
        return self.traveller.page

    def row(self, name: str) -> str:
        """The end of the address of a row by its name in the plant: /leads/12."""
        table, id = self.paper.names[name]
        return f"/{table}/{id}"

    def id(self, name: str) -> str:
        return str(self.paper.names[name][1])

    def look(self) -> None:
        """Look at the page if it is the first of its address but for the numbers."""
        kind = re.sub(r"\d+|[?#].*", "", self.page.url)
        if kind not in self.seen:
            self.traveller.look()
        self.seen.add(kind)

    def open(self, place: str) -> None:
        self.page.goto(self.traveller.address + self.address + place)
        self.look()

    def follow(self, target: str) -> None:
        """Press what opens another page."""
        with self.page.expect_navigation():
            press(self.page.locator(target).first)
        self.look()

    def link(self, end: str) -> None:
        self.follow(f"main a[href$='{end}']")

    def find(self, words: str) -> None:
        """Narrow the list that is open."""
        self.page.locator("#find").fill(words)
        self.follow("#filters button")

    def begin(self, verb: str) -> None:
        """Open the form of a verb from the record or the list that is open."""
        self.follow(f"main a[href*='/do/{verb}']")

    def fill(self, **values: object) -> None:
        for name, value in values.items():
            control = self.page.locator(f"form.act [name='{name}']")
            if control.evaluate("control => control.tagName") == "SELECT":
                control.select_option(str(value))
            else:
                control.fill(str(value))

    def search(self, field: str, words: str) -> None:
        """Look for a record in the list of a field."""
        self.page.locator(f"form.act [name='find-{field}']").fill(words)
        self.follow(f"form.act button[name='find'][value='{field}']")

    def submit(self) -> None:
        self.follow("form.act .actions button")

    def do(self, verb: str, **values: object) -> None:
        self.begin(verb)
        self.fill(**values)
        self.submit()

    def answer(self, key: str, value: object) -> None:
        form = self.page.locator(f"#q-{key}")
        choice = form.locator(f"input[type='radio'][value='{value}']")
        if choice.count():
            press(choice)
        else:
            form.locator("[name='value']").fill(str(value))
        self.follow(f"#q-{key} .acts button")

    def check(self) -> None:
        self.follow(CHECK)
        self.traveller.look()

    def holds(self, *checks: str) -> None:
        for check in checks:
            expect(self.page.locator(f"#check-{check} > .right")).to_be_visible()

    def fails(self, *checks: str) -> None:
        for check in checks:
            expect(self.page.locator(f"#check-{check} > .wrong")).to_be_visible()


def press(target: Locator) -> None:
    """Tap where the screen takes touches, else click; what is folded away is unfolded first."""
    for fold in target.locator("xpath=ancestor::details[not(@open)]").all():
        if not target.is_visible():
            press(fold.locator("summary").first)
    if target.page.evaluate("navigator.maxTouchPoints > 0"):
        target.tap()
    else:
        target.click()


def begin(traveller: Traveller, site: Site, scenario: str) -> Bench:
    """Begin a scenario on its page, with mouse or finger."""
    traveller.go(f"/practise/{scenario}")
    with traveller.page.expect_navigation():
        press(traveller.page.locator(f"form[action='/practise/{scenario}/start'] button"))
    traveller.look()
    return bench(traveller, site)


def bench(traveller: Traveller, site: Site) -> Bench:
    """The run whose page is open."""
    found = re.search(r"/practise/runs/(\d+)", traveller.page.url)
    assert found, traveller.page.url
    with db.session(site.school) as session:
        return Bench(traveller, found[0], attempts.paper_at(session.get_one(SandboxAttempt, int(found[1]))))


@pytest.fixture(autouse=True)
def _base(site: Site) -> None:
    """The base is built now, so that no page waits for it."""
    _ = site.course().base


def test_leads_are_sorted_with_the_mouse(travel: Any, site: Site) -> None:
    lin = travel(1280)
    lin.sign_in("lin")
    run = begin(lin, site, "SC01")
    nos, drawn = run.paper.drawn["nos"], run.paper.drawn
    run.follow("main .counts a[href$='/leads']")
    run.find(nos[0])
    run.link(run.row("lead_1"))
    run.link(run.row("fair"))  # the batch is searched for duplicates on the page of its campaign
    run.begin("lead.search_batch")
    run.submit()
    run.open(run.row(f"lead_{drawn['tb']}"))
    run.begin("lead.merge")  # the search has named the other card
    expect(run.page.locator(f"form.act [name='other'][value='{run.id('twin_b')}']")).to_have_count(1)
    run.submit()
    run.open(run.row("lead_1"))
    run.begin("lead.link")
    run.search("contact_id", drawn["people"][0]["n"]["en"])
    run.fill(contact_id=run.id("known_1"))
    run.submit()
    run.open(run.row("lead_7"))
    run.do("lead.close", disqualify_reason="competitor")
    # the two directors at once, whom only their budget sets apart
    run.open("/leads?q=SF&budget_band=over-500k")
    press(run.page.locator("details.bulk summary"))
    for name in ("lead_11", "lead_12"):
        press(run.page.locator(f"input[form='bulk'][value='{run.id(name)}']"))
    run.page.locator("#bulk-verb").select_option("lead.close")
    run.follow("#bulk button")
    run.fill(disqualify_reason="no-need")
    run.submit()
    lin.look()  # the preview
    expect(run.page.locator("ul.changed > li")).to_have_count(2)
    run.follow("button[name='sure']")
    run.open(run.row(f"lead_{drawn['good'][0]}"))
    run.do("lead.convert", next_step="Call and agree a visit", next_step_on="2026-03-18")
    run.check()
    run.holds("searched", "second-record", "next-step", "kept")
    run.fails("converted", "closed", "handled")


def test_two_quotes_become_one_on_a_phone(travel: Any, site: Site) -> None:
    lin = travel(390, phone=True)
    lin.sign_in("lin")
    run = begin(lin, site, "SC11")
    drawn, account = run.paper.drawn, run.row("old")
    run.link(run.row("mail"))
    press(run.page.locator(".jumpnav a"))
    expect(run.page.locator("#scenario h2").first).to_be_in_viewport()
    run.follow(f"#scenario a[href$='{run.row('policy')}']")
    run.open("")
    run.follow("main .counts a[href$='/quotes']")
    run.find(f"Q-{drawn['stem']}12")
    run.link(run.row("quote_rule"))
    run.link(account)
    run.begin("account.merge")
    run.search("other", f"A-{drawn['stem']}88")
    run.fill(other=run.id("new"))
    run.submit()
    lin.look()  # the two, field by field
    run.submit()
    for quote in ("quote_rule", "quote_low"):
        run.link(run.row(quote))
        run.do("quote.supersede", superseded_reason="Two colleagues quoted; one quote replaces both.")
        run.link(account)
    run.begin("quote.create")
    run.fill(product_id=run.id("product"), contact_id=run.id("buyer"), qty=1, price=drawn["rule_price"], valid_until="2026-04-15")
    run.submit()
    run.do("quote.send", text="Two prices came from us; this quote counts.", apology="ours", cause="two-records", price=drawn["rule_price"], valid_until="2026-04-15")
    for name in ("rep_old", "rep_new"):
        run.open(account)
        run.do("task.create", kind="follow-up", subject="One quote counts from today", owner_id=run.id(name), due_at="2026-03-16T18:00")
    run.answer("price", drawn["rule_price"])
    run.answer("path", "offer")
    run.check()
    expect(run.page.locator(".check > .wrong")).to_have_count(0)
    press(run.page.locator("details.handin summary"))
    run.follow(HAND_IN)
    expect(run.page).to_have_url(re.compile("/report$"))
    expect(run.page.locator("main .check > .right")).to_have_count(len(site.course().scenarios["SC11"].checks))


def test_a_complaint_is_answered_with_the_keyboard_alone(travel: Any, site: Site) -> None:
    wu = travel(1280, "dark")
    page = wu.page
    wu.go("/sign-in")
    typed(page, "[name='login']", "wuhao")
    typed(page, "[name='password']", "demo-demo")
    enter(wu)
    wu.go("/practise")
    enter(wu, "a[href='/practise/SC13']")
    enter(wu, "form[action='/practise/SC13/start'] button")
    run = bench(wu, site)
    drawn = run.paper.drawn
    # links the complaint to its form
    enter(run, "main a[href$='/cases']")
    typed(page, "#find", f"26-W{drawn['stem']}1")
    enter(run)
    enter(run, f"main a[href$='{run.row('complaint')}']")
    enter(run, "main a[href*='/do/lead.link_case']")
    typed(page, "[name='find-lead_id']", "WF-100")
    enter(run)
    expect(page.locator("[name='lead_id']")).to_have_value(run.id("asked"))
    enter(run, "form.act .actions button")
    # answers it
    enter(run, f"main a[href$='{run.row('asked')}']")
    enter(run, "main a[href*='/do/lead.reply']")
    typed(page, "textarea[name='text']", "Nobody answered you. I am sorry; you will be called today.")
    for name, value in {"channel": "email", "apology": "ours", "cause": "no-owner", "next_step": "call", "person_id": run.id("warm_desk")}.items():
        chosen(page, f"select[name='{name}']", value)
    moment(page, "[name='by_when']", "2026-03-16T15:00", "160320261500", "031620261500")
    enter(run, "form.act .actions button")
    # hands over the warm forms of the colleague who has left
    enter(run, f"main a[href$='{run.row('leaver')}']")
    enter(run, "main a[href*='/do/lead.reassign']")
    chosen(page, "select[name='to_id']", run.id("warm_desk"))
    typed(page, "[name='within_months']", "3")
    enter(run)
    enter(run, CHECK)
    wu.look()
    run.holds("linked", "reply", "first", "quiet")
    run.fails("day-two", "triage")


def reach(page: Page, target: str) -> None:
    """Press Tab until the first element of this selector has the focus."""
    wanted = page.locator(target).first
    wanted.wait_for()
    for _ in range(300):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached with Tab")


def enter(who: Traveller | Bench, target: str = "") -> None:
    """Press Enter on a link or button, or where the focus is, and look at the page that opens."""
    if target:
        reach(who.page, target)
    with who.page.expect_navigation():
        who.page.keyboard.press("Enter")
    who.look()


def typed(page: Page, target: str, words: str) -> None:
    reach(page, target)
    page.keyboard.type(words)


def moment(page: Page, target: str, value: str, *orders: str) -> None:
    """Type a moment. Whether day or month comes first is the browser's own."""
    reach(page, target)
    for words in orders:
        page.locator(target).blur()
        page.locator(target).focus()
        page.keyboard.type(words)
        if page.locator(target).input_value() == value:
            return
    raise AssertionError(f"{value} cannot be typed into {target}")


def chosen(page: Page, target: str, value: str) -> None:
    """Choose an entry of a list with the arrow keys."""
    reach(page, target)
    options = page.locator(target).evaluate("list => [...list.options].map(option => option.value)")
    for _ in range(options.index(value)):
        page.keyboard.press("ArrowDown")
    expect(page.locator(target)).to_have_value(value)


def test_the_replay_leads_to_the_first_harmful_and_the_first_missing_step(travel: Any, site: Site) -> None:
    hand_in_a_near_miss(site, "lin", "SC14")
    lin = travel(390)
    page = lin.page
    lin.sign_in("lin")
    lin.go("/practise/SC14")
    for target in ("main a[href$='/report']", "main a[href$='/replay']"):
        with page.expect_navigation():
            page.locator(target).first.click()
        lin.look()
    for side, mark in (("own", ".finding-harmful"), ("path", ".finding-unneeded")):
        page.locator(f"main .notice a[href^='#{side}-']").click()
        step = page.locator(f"#{side} ~ ol > li:has({mark})").first
        assert page.url.endswith(f"#{step.get_attribute('id')}")
        expect(step).to_be_in_viewport()


def hand_in_a_near_miss(site: Site, login: str, scenario_id: str) -> None:
    """Let somebody of the cast play the first tempting path and hand it in."""
    course = site.course()
    scenario, state = course.scenarios[scenario_id], checkout(course.base)
    with db.session(site.school, write=True) as session:
        person = session.scalars(select(Person.id).where(Person.login == login)).one()
        attempt = attempts.start(
            session, person_id=person, scenario=scenario, state=state, base_identity=course.base.identity, revision_id=course.revision, seed=1, language="en", now=NOW
        )
        attempts.play_script(session, attempt, scenario=scenario, state=state, script=scenario.near_misses[0].script, now=NOW)
        hand_in_scenario(session, attempt, scenario=scenario, state=state, now=NOW)
