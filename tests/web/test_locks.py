"""An open attempt whose questions close: one way, lock points, and flags that every device shows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from courseware.assessment.models import Answer, QuizAttempt, Receipt
from tests.conftest import Browser
from tests.web.sitting import begin, form_of, option, save


@pytest.fixture
def ruled(publish: Any) -> Any:
    return lambda line: publish(lambda path, content: content + line + b"\n" if path == "quizzes/m1.yaml" else content)


def send(browser: Browser, attempt: int, place: int, go: str, **fields: str) -> Any:
    page = browser.get(f"/attempts/{attempt}/{place}").text
    return browser.post(f"/attempts/{attempt}/{place}", {**form_of(page), **fields, "go": go})


def squares(page: str) -> list[str]:
    return re.findall(r'<button form="answer" name="go" value="\d+"[^>]*>', page)


def test_one_way_goes_on_and_never_back(lin: Browser, ruled: Any, rows: Any) -> None:
    ruled(b"navigation: sequential")
    assert "there is no way back" in lin.get("/quizzes/m1").text
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    assert "There is no way back in this quiz" in page
    assert 'value="back"' not in page and 'value="flag"' not in page
    assert ["disabled" in square for square in squares(page)] == [False] + [True] * 18
    assert lin.get(f"/attempts/{attempt}/2").location == f"/attempts/{attempt}/1", "the second opens when the first is passed"
    chosen = option(page)
    answer = lin.post(f"/attempts/{attempt}/1", {**form_of(page), "m1-a-01": chosen, "go": "next"})
    assert answer.location == f"/attempts/{attempt}/2"
    assert lin.get(f"/attempts/{attempt}/2").status_code == 200
    back = lin.get(f"/attempts/{attempt}/1")
    assert back.location == f"/attempts/{attempt}/2"
    assert "This question is closed" in lin.get(back.location).text
    assert lin.get(f"/attempts/{attempt}").location == f"/attempts/{attempt}/2"


def test_a_save_to_a_closed_question_is_kept_with_its_receipt_and_does_not_count(lin: Browser, ruled: Any, rows: Any) -> None:
    ruled(b"navigation: sequential")
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    lin.post(f"/attempts/{attempt}/1", {**form_of(page), "m1-a-01": option(page, 0), "go": "next"})
    before = rows(select(Answer))[0].response
    assert save(lin, attempt, "m1-a-01", "b" if before != "b" else "c", sequence=9).json["late"] is True
    assert save(lin, attempt, "m1-a-07", "a").json["late"] is True, "not open yet"
    lin.post(f"/attempts/{attempt}/1", {**form_of(page), "m1-a-01": option(page, 1), "sequence": "8", "key": "another", "go": "next"})
    assert [(row.question_id, row.response) for row in rows(select(Answer))] == [("m1-a-01", before)]
    assert sum(row.late_response is not None for row in rows(select(Receipt))) == 3


def test_leaving_and_looking_over_pass_nothing(lin: Browser, ruled: Any, rows: Any) -> None:
    ruled(b"navigation: sequential")
    attempt = begin(lin)
    for go in ("leave", "review", "7", "back"):
        send(lin, attempt, 1, go)
    assert rows(select(QuizAttempt))[0].passed == 0
    assert lin.get(f"/attempts/{attempt}/1").status_code == 200
    review = lin.get(f"/attempts/{attempt}/review").text
    assert f'href="/attempts/{attempt}/1"' in review and f'href="/attempts/{attempt}/2"' not in review


def test_a_lock_asks_before_it_closes_what_lies_behind(lin: Browser, ruled: Any, rows: Any) -> None:
    ruled(b"locks: [2, 4]")
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    assert ["disabled" in square for square in squares(page)] == [False] * 2 + [True] * 17
    send(lin, attempt, 1, "flag")
    asked = send(lin, attempt, 2, "next")
    assert asked.location == f"/attempts/{attempt}/lock"
    page = lin.get(asked.location).text
    assert "Questions 1 to 2 close when you go on." in page and "Still empty:" in page and "Flagged:" in page
    assert lin.get(f"/attempts/{attempt}/1").status_code == 200, "nothing has closed yet"
    assert lin.get(f"/attempts/{attempt}/3").location == f"/attempts/{attempt}/1"
    assert lin.post(f"/attempts/{attempt}/lock", {"place": "4"}).status_code == 409, "not the one in front of her"
    assert lin.post(f"/attempts/{attempt}/lock", {"place": "x"}).status_code == 303
    assert rows(select(QuizAttempt))[0].passed == 0
    assert lin.post(f"/attempts/{attempt}/lock", {"place": "2"}).location == f"/attempts/{attempt}/3"
    assert lin.post(f"/attempts/{attempt}/lock", {"place": "2"}).location == f"/attempts/{attempt}/3", "sent twice"
    assert lin.get(f"/attempts/{attempt}/2").location == f"/attempts/{attempt}/3"
    assert lin.get(f"/attempts/{attempt}/4").status_code == 200
    assert send(lin, attempt, 4, "3").location == f"/attempts/{attempt}/3"


def test_behind_the_last_lock_there_is_nothing_to_pass(lin: Browser, ruled: Any) -> None:
    ruled(b"locks: [2]")
    attempt = begin(lin)
    lin.post(f"/attempts/{attempt}/lock", {"place": "2"})
    assert lin.get(f"/attempts/{attempt}/lock").location == f"/attempts/{attempt}/review"
    lin.post(f"/attempts/{attempt}/hand-in")
    assert lin.get(f"/attempts/{attempt}/lock").location == lin.post(f"/attempts/{attempt}/lock", {"place": "2"}).location == f"/attempts/{attempt}/result"


def test_a_flag_is_on_every_device_and_saves_the_answer_too(lin: Browser, browser: Any, rows: Any) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/2").text
    answer = lin.post(f"/attempts/{attempt}/2", {**form_of(page), "m1-a-02": option(page), "go": "flag"})
    assert answer.location == f"/attempts/{attempt}/2"
    assert len(rows(select(Answer))) == 1
    other = browser("lin")
    page = other.get(f"/attempts/{attempt}/2").text
    assert "Take the flag away" in page
    assert ["has-flag" in square for square in squares(page)][:3] == [False, True, False]
    assert "Question 2, answered, flagged" in page
    assert ">flagged<" in other.get(f"/attempts/{attempt}/review").text
    send(other, attempt, 2, "flag")
    assert rows(select(QuizAttempt))[0].flags == []


def test_a_question_page_costs_no_statement_more_for_flags_and_locks(lin: Browser, ruled: Any, statements: list[str]) -> None:
    ruled(b"locks: [2]")
    attempt = begin(lin)
    send(lin, attempt, 1, "flag")
    lin.get(f"/attempts/{attempt}/1")
    statements.clear()
    lin.get(f"/attempts/{attempt}/1")
    assert len([one for one in statements if "revision" not in one]) == 3, statements
