"""Kinds that need more of a page than fields: a dialogue goes on turn by turn, a hotspot has its picture."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from courseware.assessment.kinds import KINDS
from courseware.assessment.models import Answer
from courseware.assessment.questions import parse_question
from tests.conftest import Browser
from tests.web.sitting import begin, form_of, save

TALK = {**KINDS["dialogue"].example()[0], "id": "z-talk", "objective": "K1.1", "section": "1.1"}
PICTURE = {**KINDS["hotspot"].example()[0], "id": "z-spot", "objective": "K1.1", "section": "1.1", "picture": "m1/fig-1-1"}
PICTURE.pop("view")


@pytest.fixture
def ask(publish: Callable[..., None], lin: Browser) -> Callable[[dict[str, Any]], int]:
    """Publish the Module 1 quiz with this question before all others, and begin it."""

    def asked(question: dict[str, Any]) -> int:
        first = f"questions:\n  - {json.dumps(question)}\n".encode()
        publish(lambda path, content: content.replace(b"questions:\n", first, 1) if path == "quizzes/m1-a.yaml" else content)
        return begin(lin)

    return asked


def say(lin: Browser, attempt: int, *choices: str, **more: str) -> Any:
    """Send these choices by the ids of their author, which a form may hold as well as tokens."""
    said = {f"z-talk.{number}": choice for number, choice in enumerate(choices)}
    return lin.post(f"/attempts/{attempt}/1", {**form_of(lin.get(f"/attempts/{attempt}/1").text), **said, **more})


def kept(rows: Any) -> Any:
    return [row.response for row in rows(select(Answer).where(Answer.question_id == "z-talk"))]


def test_each_choice_is_saved_and_shows_the_next_turn_on_the_same_page(lin: Browser, rows: Any, ask: Any) -> None:
    attempt = ask(TALK)
    page = lin.get(f"/attempts/{attempt}/1").text
    assert "This is the third time I ring" in page
    assert "A technician on Monday" not in page
    button = re.search(r'name="z-talk.0" value="(\w{8})">I am sorry', page)
    assert button
    assert lin.post(f"/attempts/{attempt}/1", {**form_of(page), "z-talk.0": button[1]}).location == f"/attempts/{attempt}/1"
    assert "A technician on Monday" in lin.get(f"/attempts/{attempt}/1").text
    say(lin, attempt, "listen", "soon")
    page = lin.get(f"/attempts/{attempt}/1").text
    assert "The talk has ended." in page
    assert 'class="say"' not in page
    assert kept(rows) == [["listen", "soon"]]


def test_what_was_said_stays_said(lin: Browser, rows: Any, ask: Any) -> None:
    attempt = ask(TALK)
    say(lin, attempt, "refuse")
    assert say(lin, attempt, "listen").location == f"/attempts/{attempt}/1"
    assert "What was said stays said" in lin.get(f"/attempts/{attempt}/1").text
    assert save(lin, attempt, "z-talk", ["listen"], sequence=9).status_code == 409
    assert kept(rows) == [["refuse"]]


def test_where_it_is_allowed_the_last_choice_is_taken_back(lin: Browser, rows: Any, ask: Any) -> None:
    attempt = ask({**TALK, "may_go_back": True})
    say(lin, attempt, "refuse")
    say(lin, attempt, "refuse", **{"z-talk.back": "1"})
    assert kept(rows) == [None]
    say(lin, attempt, "listen", "date")
    assert kept(rows) == [["listen", "date"]]


def test_the_result_tells_the_talk_its_reasons_and_the_best_one(lin: Browser, ask: Any) -> None:
    attempt = ask(TALK)
    say(lin, attempt, "listen")
    lin.post(f"/attempts/{attempt}/hand-in")
    page = lin.get(f"/attempts/{attempt}/result").text
    assert "You broke the talk off here." in page
    assert "He is heard first, and you learn the facts." in page
    assert "One promise, with a time, that you can keep." in page


def test_a_picture_stands_in_the_page_with_its_regions_and_its_list(lin: Browser, ask: Any) -> None:
    attempt = ask(PICTURE)
    page = lin.get(f"/attempts/{attempt}/1").text
    assert "The broad customer map" in page
    assert page.count("data-for=") == page.count('type="radio"') == 3
    assert "js/hotspot.js" in page


def test_in_the_text_a_talk_goes_on_and_its_verdict_waits_for_the_end(lin: Browser, publish: Callable[..., None]) -> None:
    first = f"questions:\n  - {json.dumps(TALK)}\n  - {json.dumps(PICTURE)}\n".encode()

    def change(path: str, content: bytes) -> bytes:
        if path.startswith("content/modules/m1/1.1."):
            return content.replace(b"questions: [chk-1-1-a", b"questions: [z-talk, z-spot, chk-1-1-a")
        return content.replace(b"questions:\n", first, 1) if path == "quizzes/m1-practice.yaml" else content

    publish(change)
    talk = parse_question(TALK)
    assert lin.get("/learn/1.1").text.count("js/hotspot.js") == 1
    page = lin.post("/learn/1.1/check/z-talk", {"z-talk.0": talk.token("listen")}).text
    assert "A technician on Monday" in page
    assert "verdict" not in page
    page = lin.post("/learn/1.1/check/z-talk", {"z-talk.0": talk.token("listen"), "z-talk.1": talk.token("soon")}).text
    assert "This is what he was told on Monday." in page
    assert "verdict" in page
