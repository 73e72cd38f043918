"""Forged requests, as no page of ours sends them: they are refused in words or made harmless, and never break a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.assessment.models import Answer
from courseware.grading.models import CaseAnswer
from courseware.people.access import Who
from courseware.people.actions import set_terms
from courseware.people.models import Class, Role
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.web.sitting import begin, form_of, save

WORDS = b"questions:\n  - {id: z-words, kind: short, objective: K1.1, section: '1.1', level: remember, difficulty: 0.5, points: 1, stem: {en: W}, fields: [{id: w, label: {en: W}, accept: {en: [x]}}], feedback: {en: F}}\n"
SENT = {"question": "m1-a-01", "response": "a", "sequence": 1, "key": "k"}


def send(browser: Browser, attempt: int, body: bytes) -> Any:
    headers = {"X-CSRFToken": browser.token, "Content-Type": "application/json"}
    return browser.client.post(f"/attempts/{attempt}/answers", data=body, headers=headers)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(SENT)[:-1].encode() + b', "more": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        json.dumps({**SENT, "key": "k\x00"}).encode("utf-16"),
        json.dumps({**SENT, "fields": {"m1-a-01": [["a"]]}}).encode(),
        json.dumps({**SENT, "fields": {"m1-a-01": [None]}}).encode(),
        json.dumps({**SENT, "sequence": -1}).encode(),
        json.dumps({**SENT, "sequence": 1.0}).encode(),
        json.dumps({**SENT, "sequence": True}).encode(),
        json.dumps({**SENT, "sequence": 2**31}).encode(),
    ],
    ids=["nested", "nul-in-utf-16", "a list in a field", "nothing in a field", "negative", "float", "true", "huge"],
)
def test_a_save_that_no_page_sends_is_refused_and_nothing_is_kept(lin: Browser, rows: Any, body: bytes) -> None:
    attempt = begin(lin)
    assert send(lin, attempt, body).status_code == 422
    assert rows(select(Answer)) == []


def test_half_a_character_is_kept_as_a_question_mark_and_breaks_no_page(lin: Browser, rows: Any, publish: Callable[..., None]) -> None:
    """A text cut between the two halves of a character comes like this from a browser too."""
    publish(lambda path, content: content.replace(b"questions:\n", WORDS, 1) if path == "quizzes/m1-a.yaml" else content)
    attempt = begin(lin)
    assert lin.get(f"/attempts/{attempt}/1").status_code == 200
    answer = save(lin, attempt, "z-words", {"w": "cut \ud83d"}, key="k\ud83d")
    assert (answer.status_code, answer.json["kept"]) == (200, True)
    assert save(lin, attempt, "z-words", {"w": "whole \U0001f600"}, sequence=2).status_code == 200
    assert rows(select(Answer))[0].response == {"w": "whole \U0001f600"}
    save(lin, attempt, "z-words", {"w": "cut \ud83d"}, sequence=3)
    assert rows(select(Answer))[0].response == {"w": "cut ?"}
    assert "cut ?" in lin.get(f"/attempts/{attempt}/1").text


@pytest.mark.parametrize(("text", "status"), [("SELECT '\\u0000'", 200), ("a\\\\u0000", 200), ("a\x00", 422), ("a\\\x00", 422)])
def test_who_writes_about_nul_may_and_who_sends_one_may_not(lin: Browser, rows: Any, publish: Callable[..., None], text: str, status: int) -> None:
    """In JSON the six characters that stand for a NUL come behind one more backslash."""
    publish(lambda path, content: content.replace(b"questions:\n", WORDS, 1) if path == "quizzes/m1-a.yaml" else content)
    attempt = begin(lin)
    assert save(lin, attempt, "z-words", {"w": text}).status_code == status
    assert [row.response for row in rows(select(Answer))] == ([{"w": text}] if status == 200 else [])


def test_half_a_character_in_a_case_answer_is_kept_as_a_question_mark(lin: Browser, rows: Any) -> None:
    lin.get("/cases/CS2")
    sent = {"text": "cut \ud83d", "questions": [], "sequence": 1}
    assert lin.post("/cases/CS2/save", json=sent).status_code == 200
    assert [row.text for row in rows(select(CaseAnswer))] == ["cut ?"]


# The page of a question comes back when its form is refused: only where it may be seen


@pytest.fixture
def refused(lin: Browser) -> Callable[..., Any]:
    """Begin the quiz and send a form for question 5 that is refused with its page; `before` is done in between."""

    def sent(before: Callable[[int], object] = lambda _: None, **options: Any) -> Any:
        attempt = int(lin.post("/quizzes/m1/start", **options).location.rsplit("/", 1)[1])
        hidden = form_of(lin.get(f"/attempts/{attempt}/1", **options).text)
        before(attempt)
        return lin.post(f"/attempts/{attempt}/5", {**hidden, "file": "plan.pdf"})

    return sent


def test_a_refused_form_shows_its_question_again(refused: Any) -> None:
    assert "Question 5" in refused().text


def test_it_shows_no_question_that_is_not_open_yet(refused: Any, publish: Callable[..., None]) -> None:
    publish(lambda path, content: content + b"navigation: sequential\n" if path == "quizzes/m1.yaml" else content)
    assert refused().status_code == 303


def test_it_shows_no_question_of_an_attempt_handed_in(refused: Any, lin: Browser) -> None:
    assert refused(lambda attempt: lin.post(f"/attempts/{attempt}/hand-in")).location.endswith("/result")


def test_it_shows_no_question_when_the_time_is_up(refused: Any, change_attempt: Any) -> None:
    assert refused(lambda _: change_attempt(deadline_at=NOW - timedelta(days=1))).status_code == 303


def test_it_shows_no_question_outside_the_networks_of_the_quiz(refused: Any, rows: Any, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        group = session.scalars(select(Class).where(Class.code == "KF26-2")).one()
        by = Who(group.instructor_id, "chen", "", Role.INSTRUCTOR, "en")
        set_terms(session, class_id=group.id, work="quiz:m1", opens_at=None, due_at=NOW, closes_at=None, networks=["192.0.2.0/24"], by=by, now=NOW)
    answer = refused(environ_overrides={"REMOTE_ADDR": "192.0.2.9"})
    assert answer.status_code == 409
    assert "Question 5" not in answer.text


def test_an_address_with_a_nul_leads_nowhere(lin: Browser) -> None:
    assert lin.get(f"/attempts/{begin(lin)}/files/a%00b/x").status_code == 404
