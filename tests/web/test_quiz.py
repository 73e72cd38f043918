"""Quizzes as learners and their instructors meet them: saving, coming back, handing in, the result, and what is never shown."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.assessment.models import Answer, HandedIn, QuizAttempt, Receipt
from courseware.compile import Course
from courseware.grading.models import Evidence
from courseware.people import actions
from courseware.people.models import Class
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.web.counting import own
from tests.web.sitting import begin, form_of, option, save

OPEN = "/attempts/{id}/{place}"
FEEDBACK = re.compile(rb'(feedback|right|wrong): (\{en: ")')


# The list


def test_the_list_offers_one_next_step_and_says_when_it_is_due(lin: Browser, site: Site, who: Any) -> None:
    with db.session(site.school, write=True) as session:
        group = session.scalars(select(Class).where(Class.code == "KF26-2")).one()
        actions.set_due(session, class_id=group.id, work="quiz:m1", due_at=datetime(2031, 3, 20, 10, 0, tzinfo=NOW.tzinfo), by=who("chen"), now=NOW)
    page = lin.get("/quizzes").text
    assert page.count("btn-assess") == 1
    assert "0 of 2 used" in page
    assert "20 Mar 2031 18:00" in page, "in the school's zone"


def test_the_list_goes_on_with_an_open_attempt_and_shows_the_best_of_the_closed_ones(lin: Browser, course: Course, rows: Any) -> None:
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "a")
    page = lin.get("/quizzes").text
    assert "1 of 19 answered" in page
    assert f'href="/attempts/{attempt}"' in page
    lin.post(f"/attempts/{attempt}/hand-in")
    page = lin.get("/quizzes").text
    assert "attempt 1: 1 of 45" in page
    assert "Try again" in page


def test_an_instructor_reads_the_list_without_a_start(browser: Any) -> None:
    page = browser("chen").get("/quizzes")
    assert page.status_code == 200
    assert "/start" not in page.text
    assert browser("chen").post("/quizzes/m1/start").status_code == 404


# Beginning


def test_starting_twice_goes_on_with_the_same_attempt(lin: Browser, rows: Any) -> None:
    assert begin(lin) == begin(lin)
    assert len(rows(select(QuizAttempt))) == 1


def test_the_second_attempt_gets_form_b_and_a_third_is_refused_in_a_sentence(lin: Browser, rows: Any) -> None:
    for letter in "AB":
        attempt = begin(lin)
        lin.post(f"/attempts/{attempt}/hand-in")
        assert rows(select(QuizAttempt).where(QuizAttempt.id == attempt))[0].form == letter
    refused = lin.post("/quizzes/m1/start")
    assert refused.status_code == 409
    assert "You have used all 2 attempts at this quiz." in refused.text
    page = lin.get("/quizzes").text
    assert "/quizzes/m1/start" not in page
    assert "Read the feedback" in page


def test_coming_back_leads_to_the_first_empty_question_with_the_others_as_left(lin: Browser) -> None:
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "b")
    assert lin.get(f"/attempts/{attempt}").location == f"/attempts/{attempt}/2"
    page = lin.get(f"/attempts/{attempt}/1").text
    assert page.count(" checked") == 1
    assert "Saved " in page


def test_an_unknown_quiz_and_an_unknown_place_are_not_found(lin: Browser) -> None:
    attempt = begin(lin)
    assert lin.post("/quizzes/m99/start").status_code == 404
    assert lin.get(f"/attempts/{attempt}/20").status_code == 404
    assert lin.post(f"/attempts/{attempt}/20", {"sequence": 1, "key": "k"}).status_code == 404


# Saving with the script


def test_a_save_is_acknowledged_with_its_sequence_and_hash(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    answer = save(lin, attempt, "m1-a-01", "b", sequence=3)
    said = answer.json
    assert (said["question"], said["sequence"], said["late"], said["kept"]) == ("m1-a-01", 3, False, True)
    (kept,) = rows(select(Answer))
    assert (kept.response, kept.sequence, kept.sha256) == ("b", 3, said["sha256"])
    assert datetime.fromisoformat(said["at"]) == kept.saved_at


def test_a_save_may_send_the_fields_of_the_page(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    token = option(lin.get(f"/attempts/{attempt}/1").text, 2)
    body = {"question": "m1-a-01", "fields": {"m1-a-01": [token]}, "sequence": 1, "key": "k"}
    assert lin.post(f"/attempts/{attempt}/answers", json=body).json["answered"] is True
    assert rows(select(Answer))[0].response in "abcd"
    as_form = {"question": "m1-a-01", "m1-a-01": token, "sequence": "2", "key": "l"}
    assert lin.post(f"/attempts/{attempt}/answers", as_form).json["sequence"] == 2


def test_a_save_sent_twice_counts_once(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    first, second = (save(lin, attempt, "m1-a-01", "b", key="once").json for _ in range(2))
    assert first["sha256"] == second["sha256"]
    assert second["kept"] is True
    assert len(rows(select(Receipt))) == 1


def test_an_older_save_that_arrives_late_does_not_replace_a_newer_one(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    newer = save(lin, attempt, "m1-a-01", "b", sequence=5).json
    older = save(lin, attempt, "m1-a-01", "c", sequence=4).json
    assert (older["sequence"], older["sha256"], older["kept"]) == (5, newer["sha256"], False)
    assert rows(select(Answer))[0].response == "b"
    assert len(rows(select(Receipt))) == 2


def test_an_equal_sequence_from_another_window_is_not_called_saved(lin: Browser) -> None:
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "b", sequence=1)
    assert save(lin, attempt, "m1-a-01", "c", sequence=1).json["kept"] is False


def test_an_answer_taken_back_is_empty_again(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    save(lin, attempt, "m1-a-04", ["a"])
    body = {"question": "m1-a-04", "fields": {"m1-a-04": []}, "sequence": 2, "key": "k"}
    assert lin.post(f"/attempts/{attempt}/answers", json=body).json["answered"] is False
    assert rows(select(Answer))[0].response is None
    assert lin.get(f"/attempts/{attempt}").location.endswith("/1")


@pytest.mark.parametrize(
    "change",
    [
        {"question": 4}, {"sequence": 0}, {"sequence": "1"}, {"sequence": True}, {"sequence": 2**31}, {"key": ""}, {"key": None}, {"key": "k" * 65}, {"fields": [1]},
        {"fields": {"m1-a-01": "a"}},
    ],
    ids=str,
)  # fmt: skip
def test_an_unreadable_save_is_refused_in_a_sentence(lin: Browser, change: dict[str, Any]) -> None:
    attempt = begin(lin)
    body = {"question": "m1-a-01", "response": "a", "sequence": 1, "key": "k", **change}
    refused = lin.client.post(f"/attempts/{attempt}/answers", json=body, headers={"X-CSRFToken": lin.token, "Accept": "application/json"})
    assert refused.status_code == 422
    assert "could not be read" in refused.json["error"]
    assert lin.client.post(f"/attempts/{attempt}/answers", json=[1], headers={"X-CSRFToken": lin.token}).status_code == 422


@pytest.mark.parametrize("question", ["m1-b-01", "chk-1-1-a", "no-such"])
def test_a_question_of_another_paper_is_not_found(lin: Browser, rows: Any, question: str) -> None:
    assert save(lin, begin(lin), question, "a").status_code == 404
    assert not rows(select(Answer))


def test_a_save_without_a_session_says_so_in_json(lin: Browser, app: Any) -> None:
    attempt = begin(lin)
    with lin.client.session_transaction() as cookie:
        cookie["token"] = "revoked"
    refused = lin.client.post(
        f"/attempts/{attempt}/answers", json={"question": "m1-a-01", "response": "a", "sequence": 1, "key": "k"}, headers={"X-CSRFToken": lin.token, "Accept": "application/json"}
    )
    assert refused.status_code == 401
    assert "sign in" in refused.json["error"]


# Saving without the script


def test_the_buttons_of_the_form_save_and_go_on(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/2").text
    chosen = {"m1-a-02": option(page)}
    for go, target in [("next", "/3"), ("back", "/1"), ("7", "/7"), ("review", "/review")]:
        answer = lin.post(f"/attempts/{attempt}/2", {**form_of(page), **chosen, "go": go})
        assert (answer.status_code, answer.location) == (303, f"/attempts/{attempt}{target}")
    assert lin.post(f"/attempts/{attempt}/2", {**form_of(page), **chosen, "go": "leave"}).location == "/quizzes"
    assert len(rows(select(Answer))) == 1
    assert len(rows(select(Receipt))) == 1, "what is kept already is not written again"


def test_passing_an_empty_question_writes_nothing(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    lin.post(f"/attempts/{attempt}/1", {**form_of(page), "go": "next"})
    assert not rows(select(Answer))


def test_a_form_from_another_window_keeps_what_was_typed_and_may_be_sent_again(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    lin.post(f"/attempts/{attempt}/1", {**form_of(page), "m1-a-01": option(page, 0), "go": "next"})
    before = rows(select(Answer))[0].response
    again = lin.post(f"/attempts/{attempt}/1", {**form_of(page), "m1-a-01": option(page, 1), "go": "next"})
    assert again.status_code == 409
    assert "Another window or device" in again.text
    assert re.search(rf'value="{option(page, 1)}" checked', again.text)
    assert rows(select(Answer))[0].response == before
    assert lin.post(f"/attempts/{attempt}/1", {**form_of(again.text), "m1-a-01": option(page, 1), "go": "next"}).status_code == 303
    assert rows(select(Answer))[0].response != before


# What is never shown, and what never changes


def test_no_key_and_no_feedback_leaves_before_the_release(lin: Browser, publish: Any, rows: Any) -> None:
    publish(lambda path, content: FEEDBACK.sub(rb"\1: \2CANARY ", content) if path.startswith("quizzes/m1-a") else content)
    attempt = begin(lin)
    assert rows(select(QuizAttempt))[0].paper["revision"] == 2
    seen = [lin.get(f"/attempts/{attempt}/{place}") for place in range(1, 20)]
    seen += [save(lin, attempt, f"m1-a-{place:02}", response) for place in range(1, 20) for response in ("a", ["a"], {"a": "a"})]
    seen += [lin.get(path) for path in ("/quizzes", f"/attempts/{attempt}/review", f"/attempts/{attempt}/result", "/", "/progress")]
    assert all(answer.status_code in (200, 303) for answer in seen)
    assert not [answer.request.path for answer in seen if "CANARY" in answer.text]
    page = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    assert page.count("CANARY") > 40, "the canary sings once it may"


def test_an_open_attempt_keeps_the_questions_it_began_with(lin: Browser, browser: Any, publish: Any) -> None:
    attempt = begin(lin)
    publish(lambda path, content: content.replace(b"Two colleagues argue", b"Three colleagues argue") if path == "quizzes/m1-a.yaml" else content)
    assert "Two colleagues argue" in lin.get(f"/attempts/{attempt}/1").text
    other = browser("wuhao")
    assert "Three colleagues argue" in other.get(f"/attempts/{begin(other)}/1").text
    lin.post(f"/attempts/{attempt}/hand-in")
    assert "Two colleagues argue" in lin.get(f"/attempts/{attempt}/result").text


def test_the_sources_of_the_options_differ_from_the_ids_that_authors_gave(lin: Browser) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    assert len(option(page)) == 8


# Checking at once


@pytest.fixture
def immediate(publish: Any) -> None:
    publish(lambda path, content: content.replace(b"behaviour: deferred", b"behaviour: immediate") if path == "quizzes/m1.yaml" else content)


@pytest.mark.usefixtures("immediate")
def test_checking_shows_the_feedback_of_this_question_and_closes_it(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    assert "Check this answer" in page
    chosen = {**form_of(page), "m1-a-01": option(page)}
    assert lin.post(f"/attempts/{attempt}/1/check", chosen).location == f"/attempts/{attempt}/1#tries"
    page = lin.get(f"/attempts/{attempt}/1").text
    assert "of 1 point" in page
    assert 'type="radio"' not in page
    assert "of 1 point" not in lin.get(f"/attempts/{attempt}/2").text
    kept = rows(select(HandedIn.response))
    assert lin.post(f"/attempts/{attempt}/1/check", chosen).status_code == 303, "checking twice is no fault"
    late = save(lin, attempt, "m1-a-01", "d" if kept != ["d"] else "c", sequence=9).json
    assert late["late"] is True
    assert rows(select(HandedIn.response)) == kept
    lin.post(f"/attempts/{attempt}/hand-in")
    assert len(rows(select(HandedIn))) == len(rows(select(Evidence))) == 19


@pytest.mark.usefixtures("immediate")
def test_checking_nothing_asks_for_an_answer(lin: Browser) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    refused = lin.post(f"/attempts/{attempt}/1/check", form_of(page))
    assert refused.status_code == 422
    assert "Answer the question first" in refused.text


def test_checking_is_refused_where_feedback_waits_for_the_hand_in(lin: Browser) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    refused = lin.post(f"/attempts/{attempt}/1/check", {**form_of(page), "m1-a-01": option(page)})
    assert refused.status_code == 409
    assert "checked when you hand in" in refused.text


# Statements


def test_a_save_takes_three_statements_and_a_question_three(lin: Browser, statements: list[str], site: Site) -> None:
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "a")
    site.course()
    for sequence in (2, 3):
        statements.clear()
        save(lin, attempt, "m1-a-01", "b", sequence=sequence)
        assert own(statements) == 3, statements
    statements.clear()
    lin.get(f"/attempts/{attempt}/2")
    assert len([one for one in statements if "revision" not in one]) == 3, statements


def test_the_list_and_the_result_take_a_fixed_number_of_statements(lin: Browser, course: Course, rows: Any, statements: list[str]) -> None:
    counts = []
    for _ in range(2):
        attempt = begin(lin)
        lin.post(f"/attempts/{attempt}/hand-in")
        found = []
        for path in ("/quizzes", f"/attempts/{attempt}/result"):
            statements.clear()
            lin.get(path)
            found.append(len([one for one in statements if "FROM revision" not in one]))
        counts.append(found)
    assert counts[0] == counts[1] == [5, 8]
