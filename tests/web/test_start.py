"""The page before an attempt, and what may keep a learner from beginning: dates, a password, a network, a statement to confirm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.assessment.models import QuizAttempt
from courseware.people import actions
from courseware.people.models import Class, SignInFailure
from courseware.people.passwords import hash_password
from courseware.people.terms import Own
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.web.counting import own
from tests.web.sitting import begin

HOUR = timedelta(hours=1)
PASSWORD = "oak leaf 7"
HASHED = hash_password(PASSWORD)
DRAWN = {"K1.1": 1, "K1.2": 1, "K1.3": 3, "K1.4": 1, "A1.1": 4, "A1.2": 1, "A1.3": 1}  # one question of each objective of the module, and what it is worth


@pytest.fixture
def set_terms(site: Site, who: Any) -> Callable[..., None]:
    """Set the Module 1 quiz for the class of lin."""

    def done(password: bool = False, **of: Any) -> None:
        with db.session(site.school, write=True) as session:
            group = session.scalars(select(Class).where(Class.code == "KF26-2")).one()
            values = {"opens_at": None, "due_at": NOW + 2 * HOUR, "closes_at": None, "networks": [], **of}
            assignment = actions.set_terms(session, class_id=group.id, work="quiz:m1", by=who("chen"), now=NOW, **values)
            actions.set_password(session, assignment, password_hash=HASHED if password else None)

    return done


@pytest.fixture
def accommodate(site: Site, who: Any) -> Callable[..., None]:
    def done(work: str = "", **own_terms: Any) -> None:
        with db.session(site.school, write=True) as session:
            actions.accommodate(session, person_id=who("lin").id, work=work, own=Own(**own_terms), note="doctor's letter", by=who("chen"), now=NOW)

    return done


@pytest.fixture
def timed(publish: Any) -> None:
    publish(lambda path, content: content + b"minutes: 40\n" if path == "quizzes/m1.yaml" else content)


@pytest.fixture(autouse=True)
def _now(at: Callable[[datetime], None]) -> None:
    at(NOW)


def test_the_page_says_what_comes_before_it_begins(lin: Browser) -> None:
    page = lin.get("/quizzes/m1").text
    for said in ("19 questions, 45 points", "no time limit", "0 of 2 used", "Freely back and forth", "no date set", "Start attempt 1"):
        assert said in page, said
    assert lin.get("/quizzes/m99").status_code == 404


def test_the_list_leads_to_the_page_and_the_page_into_the_attempt(lin: Browser) -> None:
    assert 'href="/quizzes/m1"' in lin.get("/quizzes").text
    attempt = begin(lin)
    page = lin.get("/quizzes/m1").text
    assert "Go on with attempt 1" in page and f'href="/attempts/{attempt}"' in page and "/start" not in page


def test_an_instructor_sees_what_learners_see_without_a_start(browser: Any) -> None:
    page = browser("chen").get("/quizzes/m1").text
    assert "19 questions" in page and "/start" not in page and "Quizzes are taken by learners" in page


@pytest.mark.usefixtures("timed")
def test_ones_own_time_is_shown_with_how_it_comes_about_and_pinned_at_the_start(lin: Browser, accommodate: Any, rows: Any) -> None:
    accommodate(time_factor=1.5, extra_attempts=1)
    page = lin.get("/quizzes/m1").text
    assert "60 minutes" in page and "40 minutes × your factor 1.5" in page and "0 of 3 used" in page and "The clock starts with this button." in page
    begin(lin)
    accommodate(time_factor=2)
    assert rows(select(QuizAttempt.deadline_at)) == [NOW + HOUR]


def test_dates_stand_in_the_zone_of_the_school_and_bind(lin: Browser, set_terms: Any, at: Any) -> None:
    set_terms(opens_at=NOW + HOUR, closes_at=NOW + 3 * HOUR)
    page = lin.get("/quizzes/m1").text
    for said in ("opens 16 Mar 2026 10:30", "in 60 min", "due 16 Mar 2026 11:30", "closes 16 Mar 2026 12:30", "Asia/Shanghai", "This quiz opens 16 Mar 2026 10:30."):
        assert said in page, said
    assert "/start" not in page and "opens 16 Mar 2026 10:30" in lin.get("/quizzes").text
    refused = lin.post("/quizzes/m1/start")
    assert refused.status_code == 409 and "It cannot be begun before." in refused.text
    at(NOW + 3 * HOUR)
    assert "This quiz closed 16 Mar 2026 12:30." in lin.get("/quizzes/m1").text
    assert lin.post("/quizzes/m1/start").status_code == 409


def test_own_dates_open_what_is_closed_for_the_class(lin: Browser, browser: Any, set_terms: Any, accommodate: Any, at: Any, rows: Any) -> None:
    set_terms(closes_at=NOW + 3 * HOUR)
    accommodate("quiz:m1", closes_at=NOW + 9 * HOUR, due_at=NOW + 8 * HOUR)
    at(NOW + 4 * HOUR)
    assert browser("wuhao").post("/quizzes/m1/start").status_code == 409
    begin(lin)
    (attempt,) = rows(select(QuizAttempt))
    assert (attempt.deadline_at, attempt.due_at) == (NOW + 9 * HOUR, NOW + 8 * HOUR), "without a time limit it ends at the close"


def test_a_password_is_asked_once_for_each_attempt(lin: Browser, set_terms: Any, rows: Any) -> None:
    set_terms(password=True)
    assert 'name="password"' in lin.get("/quizzes/m1").text
    for given in ({}, {"password": "wrong"}, {"password": PASSWORD.upper()}):
        refused = lin.post("/quizzes/m1/start", given)
        assert refused.status_code == 422 and "This is not the password of this quiz." in refused.text and "wrong" not in refused.text.split("<form", 1)[1].split("class=")[0]
    assert not rows(select(QuizAttempt))
    attempt = lin.post("/quizzes/m1/start", {"password": PASSWORD}).location
    assert lin.post("/quizzes/m1/start").location == attempt, "going on asks for none"


def test_guessing_a_password_ends_after_ten_tries_for_that_person_alone(lin: Browser, browser: Any, set_terms: Any, at: Any, rows: Any) -> None:
    set_terms(password=True)
    for _ in range(10):
        assert lin.post("/quizzes/m1/start", {"password": "guess"}).status_code == 422
    refused = lin.post("/quizzes/m1/start", {"password": PASSWORD})
    assert refused.status_code == 429 and "Too many wrong passwords" in refused.text
    assert len(rows(select(SignInFailure))) == 10
    assert browser("wuhao").post("/quizzes/m1/start", {"password": PASSWORD}).status_code == 303, "who sits beside her behind the same address may go on"
    at(NOW + timedelta(minutes=16))
    assert lin.post("/quizzes/m1/start", {"password": PASSWORD}).status_code == 303


def test_a_network_is_asked_at_the_start_and_on_each_question_page_and_what_is_saved_stays(lin: Browser, set_terms: Any, rows: Any) -> None:
    set_terms(networks=["192.0.2.0/24"])
    inside, outside = {"REMOTE_ADDR": "192.0.2.9"}, {"REMOTE_ADDR": "203.0.113.5"}
    page = lin.get("/quizzes/m1", environ_overrides=outside).text
    assert "only from these networks: 192.0.2.0/24" in page and "You come from 203.0.113.5." in page and "/start" not in page
    refused = lin.post("/quizzes/m1/start", environ_overrides=outside)
    assert refused.status_code == 409 and "You come from 203.0.113.5." in refused.text
    attempt = int(lin.post("/quizzes/m1/start", environ_overrides=inside).location.rsplit("/", 1)[1])
    assert lin.get(f"/attempts/{attempt}/1", environ_overrides=inside).status_code == 200
    assert lin.get(f"/attempts/{attempt}/1", environ_overrides=outside).status_code == 409
    forged = lin.get(f"/attempts/{attempt}/1", environ_overrides=outside, headers={"X-Forwarded-For": "192.0.2.9"})
    assert forged.status_code == 409, "what a browser claims about its address is not believed"
    body = {"question": "m1-a-01", "response": "a", "sequence": 1, "key": "k"}
    assert lin.post(f"/attempts/{attempt}/answers", json=body, environ_overrides=outside).json["kept"] is True
    set_terms(networks=["203.0.113.0/24"])
    assert lin.get(f"/attempts/{attempt}/1", environ_overrides=outside).status_code == 200, "the instructor mended it during the attempt"
    assert lin.post(f"/attempts/{attempt}/hand-in", environ_overrides=inside).status_code == 303


def test_a_statement_is_confirmed_before_each_attempt(lin: Browser, publish: Any, rows: Any) -> None:
    publish(lambda path, content: content + b'honour: {en: "I work alone."}\n' if path == "quizzes/m1.yaml" else content)
    assert "I work alone." in lin.get("/quizzes/m1").text
    refused = lin.post("/quizzes/m1/start")
    assert refused.status_code == 422 and "Confirm the statement first." in refused.text
    assert not rows(select(QuizAttempt))
    assert lin.post("/quizzes/m1/start", {"honour": "on"}).status_code == 303


def test_a_drawn_quiz_says_its_size_and_gives_each_learner_a_paper(lin: Browser, browser: Any, publish: Any, rows: Any) -> None:
    lines = "".join(f"  - {{objective: {code}, points: {points}, count: 1}}\n" for code, points in DRAWN.items())
    drawn = f"pools: [m1-a, m1-b]\nshuffle: true\ndraw:\n{lines}".encode()
    publish(lambda path, content: content.split(b"forms:")[0] + drawn if path == "quizzes/m1.yaml" else content)
    assert "7 questions, 12 points" in lin.get("/quizzes/m1").text
    for reader in (lin, browser("wuhao"), browser("outsider")):
        attempt = begin(reader)
        assert all(reader.get(f"/attempts/{attempt}/{place}").status_code == 200 for place in range(1, 8))
        assert reader.get(reader.post(f"/attempts/{attempt}/hand-in").location).status_code == 200
        assert reader.get("/quizzes").status_code == reader.get("/progress").status_code == 200
    assert all(len(attempt.paper["questions"]) == 7 and attempt.form == "" for attempt in rows(select(QuizAttempt)))


def test_the_list_and_the_page_take_a_fixed_number_of_statements(lin: Browser, set_terms: Any, accommodate: Any, statements: list[str], site: Site) -> None:
    counts = []
    for _ in range(2):
        set_terms(opens_at=NOW)
        accommodate("quiz:m1", time_factor=1.5)
        accommodate(time_factor=1.25)
        site.course()
        found = []
        for path in ("/quizzes", "/quizzes/m1"):
            statements.clear()
            lin.get(path)
            found.append(own(statements))
        counts.append(found)
        lin.post(f"/attempts/{begin(lin)}/hand-in")
    assert counts[0] == counts[1] == [5, 5]
