"""The page of values of others: who sees it, what it says, that it is searched, sorted and exported, that learners are told, and that no mark knows of it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.grading.models import LedgerEntry
from courseware.people.actions import enrol
from courseware.people.models import Class, Person
from courseware.sandbox import attempts
from courseware.sandbox.models import SandboxAttempt
from courseware.sandbox.state import checkout
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.factories import make_person
from tests.web.counting import own

Open = Callable[..., Browser]
LATER = NOW + timedelta(hours=1)
CHARGES = ("charge_sal", "charge_fin", "charge_hr", "charge_pro")


@pytest.fixture
def begin(site: Site) -> Callable[..., int]:
    """Begin a run of somebody."""

    def begun(login: str, scenario: str, seed: int) -> int:
        course = site.course()
        with db.session(site.school, write=True) as session:
            person_id = session.scalars(select(Person.id).where(Person.login == login)).one()
            run = attempts.start(
                session, person_id=person_id, scenario=course.scenarios[scenario], state=checkout(course.base), base_identity=course.base.identity,
                revision_id=course.revision, seed=seed, language="en", now=NOW,
            )  # fmt: skip
            return run.id

    return begun


@pytest.fixture
def act(site: Site) -> Callable[..., None]:
    def acted(run: int, verb: str, **arguments: Any) -> None:
        course = site.course()
        with db.session(site.school, write=True) as session:
            attempt = session.get_one(SandboxAttempt, run)
            attempts.act(session, attempt, scenario=course.scenarios[attempt.scenario], state=checkout(course.base), verb=verb, arguments=arguments, now=LATER)

    return acted


@pytest.fixture
def shared(site: Site, begin: Callable[..., int], act: Callable[..., None]) -> dict[str, Any]:
    """wuhao gives lin's charges for his, and enters the mobile of her caller. Gives the runs and what he typed."""
    hers, his = begin("lin", "SC28", 1), begin("wuhao", "SC28", 2)
    calls, called = begin("lin", "SC31", 1), begin("wuhao", "SC31", 2)
    with db.session(site.school) as session:
        charges = {key: f"{session.get_one(SandboxAttempt, hers).paper['expected'][key]:.2f}" for key in CHARGES}
        mobile = session.get_one(SandboxAttempt, calls).paper["drawn"]["mobile"]
    for key, charge in charges.items():
        act(his, "answer.give", key=key, value=charge)
    act(called, "contact.create", name="The caller", mobile=mobile)
    return {"hers": hers, "his": his, "charges": charges, "mobile": mobile}


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(answer.text.removeprefix("\ufeff").splitlines()))


def test_a_class_without_shared_values_says_so(browser: Open, group: int, begin: Callable[..., int], act: Callable[..., None]) -> None:
    begin("lin", "SC28", 1)
    act(begin("wuhao", "SC28", 2), "answer.give", key="charge_sal", value="1000")
    assert "Nothing of the kind in this class." in browser("chen").get(f"/classes/{group}/shared").text


def test_the_page_tells_who_typed_what_and_whose_it_is(browser: Open, group: int, shared: dict[str, Any]) -> None:
    text = browser("chen").get(f"/classes/{group}/shared").text
    assert f'href="/practise/runs/{shared["his"]}/story">Wu Hao' in text
    assert f'href="/practise/runs/{shared["hers"]}/story">Lin Xiaoyu' in text
    assert all(f">{charge}<" in text for charge in shared["charges"].values())
    assert "What does IT charge sales for this month?" in text
    assert f">{shared['mobile']}<" in text
    assert "<code>" not in text.split("<table")[0]
    assert "no proof" in text


def test_what_is_typed_into_a_practice_copy_is_no_evidence(browser: Open, site: Site, group: int, begin: Callable[..., int], act: Callable[..., None]) -> None:
    calls, called = begin("lin", "SC31", 1), begin("wuhao", "SC31", 2)
    with db.session(site.school, write=True) as session:
        mobile = session.get_one(SandboxAttempt, calls).paper["drawn"]["mobile"]
        copy = attempts.branch(session, session.get_one(SandboxAttempt, called), step=0, now=LATER).id
    act(copy, "contact.create", name="The caller", mobile=mobile)
    assert "Nothing of the kind in this class." in browser("chen").get(f"/classes/{group}/shared").text
    act(called, "contact.create", name="The caller", mobile=mobile)
    assert f">{mobile}<" in browser("chen").get(f"/classes/{group}/shared").text


def test_it_reads_in_chinese(browser: Open, group: int, shared: dict[str, Any]) -> None:
    chen = browser("chen")
    chen.post("/language", {"language": "zh"})
    text = chen.get(f"/classes/{group}/shared").text
    assert "他人数值" in text
    assert "信息部本月向销售部结算" in text


def test_it_is_searched_sorted_and_exported(browser: Open, group: int, shared: dict[str, Any]) -> None:
    chen, address = browser("chen"), f"/classes/{group}/shared"
    assert [row[0] for row in table(chen.get(f"{address}?format=csv&sort=scenario"))] == ["scenario", *["SC28"] * 4, "SC31"]
    assert [row[0] for row in table(chen.get(f"{address}?format=csv&sort=-scenario"))] == ["scenario", "SC31", *["SC28"] * 4]
    found = table(chen.get(f"{address}?format=csv&q={shared['mobile']}"))[1:]
    assert [(row[3], row[5], row[9], row[11]) for row in found] == [("wuhao", shared["mobile"], "lin", "mobile")]
    assert "Nothing here fits" in chen.get(f"{address}?q=nobody").text


def test_only_learners_of_the_same_class_are_compared(browser: Open, site: Site, begin: Callable[..., int], act: Callable[..., None], shared: dict[str, Any]) -> None:
    elsewhere = begin("outsider", "SC28", 3)
    for key, charge in shared["charges"].items():
        act(elsewhere, "answer.give", key=key, value=charge)
    with db.session(site.school) as session:
        other = session.scalars(select(Class.id).where(Class.code == "KF26-3")).one()
    assert "Nothing of the kind" in browser("gao").get(f"/classes/{other}/shared").text
    assert browser("gao").get(f"/classes/{other - 1}/shared").status_code == 404


def test_a_class_of_any_size_takes_the_same_statements(
    browser: Open, site: Site, group: int, shared: dict[str, Any], begin: Callable[..., int], act: Callable[..., None], statements: list[str]
) -> None:
    chen, address = browser("chen"), f"/classes/{group}/shared"
    chen.get(address)
    statements.clear()
    chen.get(address)
    few = own(statements)
    with db.session(site.school, write=True) as session:
        for place in range(4):
            enrol(session, class_id=group, person_id=make_person(session, NOW, f"more{place}").id, now=NOW)
    for place in range(4):
        act(begin(f"more{place}", "SC31", 10 + place), "contact.create", name="The caller", mobile=shared["mobile"])
    statements.clear()
    assert "more" in chen.get(f"{address}?format=csv").text
    assert own(statements) == few <= 7


def test_learners_are_told_and_their_marks_stay(browser: Open, site: Site, group: int, shared: dict[str, Any]) -> None:
    assert "values of another learner" in browser("wuhao").get("/practise/SC28").text
    assert "never changes a mark" in browser().get("/about").text
    for login in ("wuhao", "lin"):
        assert browser(login).get(f"/classes/{group}/shared").status_code == 404
    browser("chen").get(f"/classes/{group}/shared")
    with db.session(site.school) as session:
        assert session.scalars(select(LedgerEntry)).all() == []


def test_a_scenario_that_is_gone_or_changed_leaves_the_page_standing(browser: Open, site: Site, group: int, shared: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    course = site.course()
    asked = {key: question.model_copy(update={"text": type(question.text)({"en": "How much is {gone}?"})}) for key, question in course.scenarios["SC28"].questions.items()}
    scenarios = {"SC28": replace(course.scenarios["SC28"], questions=asked)}
    monkeypatch.setattr(type(site), "course", lambda _: replace(course, scenarios=scenarios))
    text = browser("chen").get(f"/classes/{group}/shared").text
    assert "charge_sal" in text
    assert shared["mobile"] not in text
