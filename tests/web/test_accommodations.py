"""Own terms of a learner and terms of a class, as their instructor sets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from courseware.assessment.models import AddedTime, QuizAttempt
from courseware.people.models import Accommodation, Assignment, Class
from tests.conftest import NOW, Browser
from tests.web.counting import own
from tests.web.sitting import begin

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _now(at: Callable[[datetime], None]) -> None:
    at(NOW)


@pytest.fixture
def chen(browser: Any) -> Browser:
    made: Browser = browser("chen")
    made.get("/classes")
    return made


@pytest.fixture
def page(who: Any) -> str:
    return f"/people/{who('lin').id}/accommodations"


@pytest.fixture
def work(rows: Any) -> str:
    return f"/classes/{rows(select(Class.id).where(Class.code == 'KF26-2'))[0]}/work/quiz:m1"


# Of a person


def test_the_class_leads_to_the_terms_of_each_learner(chen: Browser, page: str, work: str) -> None:
    shown = chen.get(work.split("/work")[0]).text
    assert f'href="{page}"' in shown and f'href="{work}"' in shown


def test_terms_are_given_with_a_reason_that_staff_alone_read(chen: Browser, lin: Browser, page: str, rows: Any) -> None:
    chen.get(page)
    assert chen.post(page, {"work": "", "time_factor": "1,5", "extra_attempts": "1", "note": "Letter of the doctor, 3 March"}).status_code == 303
    (row,) = rows(select(Accommodation))
    assert (row.work, row.time_factor, row.extra_attempts, row.set_at) == ("", 1.5, 1, NOW)
    shown = chen.get(page).text
    assert shown.count("Letter of the doctor, 3 March") == 2, "what counts, and the record"
    assert "time × 1.5" in shown and "Chen Yu" in shown
    seen = "".join(lin.get(path).text for path in ("/", "/quizzes", "/quizzes/m1", "/progress"))
    assert "Letter" not in seen
    assert lin.get(page).status_code == 404


def test_own_dates_are_read_in_the_zone_of_the_school_and_shown_again_to_be_changed(chen: Browser, page: str, rows: Any) -> None:
    chen.get(page)
    chen.post(page, {"work": "quiz:m1", "closes_at": "2026-03-20T21:00", "due_at": "2026-03-20 20:00", "note": "ill until Friday"})
    (row,) = rows(select(Accommodation))
    assert (row.closes_at - NOW, row.due_at - NOW) == (timedelta(days=4, hours=11, minutes=30), timedelta(days=4, hours=10, minutes=30))
    shown = chen.get(f"{page}?work=quiz:m1").text
    assert 'value="2026-03-20T21:00"' in shown and '<option value="quiz:m1" selected>' in shown
    chen.post(page, {"work": "quiz:m1", "note": "well again"})
    assert "nothing any more: as the class" in chen.get(page).text
    assert len(rows(select(Accommodation))) == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"time_factor": "half"}, "“half” is not a number."),
        ({"time_factor": "9"}, "The time factor is a number from 1 to 5"),
        ({"extra_attempts": "1.5"}, "“1.5” is not a whole number."),
        ({"extra_attempts": "1_5"}, "“1_5” is not a number."),
        ({"due_at": "Friday"}, "“Friday” cannot be read as a date and time."),
        ({"due_at": "2026-03-20T21:00"}, "Dates are for one piece of work"),
        ({"work": "quiz:m99", "time_factor": "2"}, "Choose one of the works of the course"),
        ({"time_factor": "2", "note": ""}, "Say why"),
    ],
)
def test_what_cannot_be_read_is_told_and_stays_in_the_form(chen: Browser, page: str, rows: Any, typed: dict[str, str], said: str) -> None:
    chen.get(page)
    refused = chen.post(page, {"work": "", "note": "Letter of the doctor", **typed})
    assert refused.status_code == 422
    assert said in refused.text
    for value in typed.values():
        assert value == "quiz:m99" or f'value="{value}"' in refused.text or not value
    assert not rows(select(Accommodation))


def test_minutes_are_added_to_an_open_attempt_and_its_learner_sees_them(chen: Browser, lin: Browser, page: str, publish: Any, rows: Any) -> None:
    publish(lambda path, content: content + b"minutes: 40\n" if path == "quizzes/m1.yaml" else content)
    attempt = begin(lin)
    assert "Open now" in chen.get(page).text
    refused = chen.post(f"/attempts/{attempt}/minutes", {"minutes": "5", "note": ""})
    assert refused.status_code == 422
    assert chen.post(f"/attempts/{attempt}/minutes", {"minutes": "10", "note": "the fire alarm"}).location == page
    assert rows(select(QuizAttempt.deadline_at)) == [NOW + 50 * MINUTE]
    assert [row.minutes for row in rows(select(AddedTime))] == [10]
    assert "the fire alarm" in chen.get(page).text
    seen = lin.get(f"/attempts/{attempt}/1").text
    assert "Your instructor has added 10 minutes to your time." in seen and "the fire alarm" not in seen


def test_others_add_no_minutes(browser: Any, lin: Browser) -> None:
    attempt = begin(lin)
    for login in ("gao", "zhao", "lin"):
        visitor = browser(login)
        visitor.get("/")
        assert visitor.post(f"/attempts/{attempt}/minutes", {"minutes": "5", "note": "because"}).status_code == 404


def test_the_page_of_a_person_takes_a_fixed_number_of_statements(chen: Browser, page: str, statements: list[str], site: Any) -> None:
    counts = []
    for number in range(2):
        chen.get(page)
        chen.post(page, {"work": f"quiz:m{number + 1}", "time_factor": "2", "note": "Letter of the doctor"})
        site.course()
        statements.clear()
        chen.get(page)
        counts.append(own(statements))
    assert counts[0] == counts[1] == 7


# Of a class


def test_a_class_sets_when_a_quiz_opens_is_due_and_closes(chen: Browser, work: str, rows: Any) -> None:
    chen.get(work)
    typed = {"opens_at": "2026-03-17T08:00", "due_at": "2026-03-20T21:00", "closes_at": "2026-03-21T21:00", "networks": "192.0.2.0/24\n198.51.100.7"}
    assert chen.post(work, typed).status_code == 303
    (row,) = rows(select(Assignment).where(Assignment.work == "quiz:m1"))
    assert (row.opens_at, row.networks, row.password_hash) == (NOW + timedelta(hours=22, minutes=30), ["192.0.2.0/24", "198.51.100.7/32"], None)
    shown = chen.get(work).text
    assert 'value="2026-03-21T21:00"' in shown and "198.51.100.7/32" in shown


def test_a_password_is_set_changed_and_taken_away_and_never_shown(chen: Browser, work: str, rows: Any) -> None:
    chen.get(work)
    due = {"due_at": "2026-03-20T21:00"}
    hashes = []
    for more in ({"password": "oak leaf 7"}, {}, {"password": "birch leaf 8"}, {"no_password": "on"}):
        assert chen.post(work, {**due, **more}).status_code == 303
        hashes += rows(select(Assignment.password_hash).where(Assignment.work == "quiz:m1"))
        assert "leaf" not in chen.get(work).text
    assert hashes[0] == hashes[1] != hashes[2] and hashes[3] is None
    assert "leaf" not in "".join(one or "" for one in hashes)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"due_at": ""}, "Say when it is due"),
        ({"due_at": "soon"}, "“soon” cannot be read as a date and time."),
        ({"opens_at": "2026-03-20T21:00"}, "It has to open before it is due."),
        ({"closes_at": "2026-03-19T21:00"}, "It cannot close before it is due."),
        ({"networks": "room 4"}, "“room” is not a network."),
        ({"password": "short"}, "A password has 8 to 200 characters."),
    ],
)
def test_terms_that_cannot_be_are_told_and_stay_in_the_form(chen: Browser, work: str, rows: Any, typed: dict[str, str], said: str) -> None:
    chen.get(work)
    refused = chen.post(work, {"due_at": "2026-03-20T21:00", **typed})
    assert refused.status_code == 422
    assert said in refused.text and "Nothing was changed" in refused.text
    assert not rows(select(Assignment).where(Assignment.work == "quiz:m1"))


def test_only_quizzes_have_such_terms(chen: Browser, work: str) -> None:
    for other in ("quiz:m99", "case:CS2", "scenario:SC31"):
        assert chen.get(work.replace("quiz:m1", other)).status_code == 404
