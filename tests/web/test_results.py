"""Handing a quiz in, by hand or by the clock, and its result."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from courseware import clock
from courseware.assessment.models import HandedIn, QuizAttempt, Receipt
from courseware.compile import Course
from courseware.grading.models import Evidence, LedgerEntry
from tests.conftest import Browser
from tests.web.sitting import answer_all, begin, form_of, option, questions_of, save, seed_of

OPEN = "/attempts/{id}/{place}"
FEEDBACK = re.compile(rb'(feedback|right|wrong): (\{en: ")')


# Handing in


def test_looking_over_names_what_is_empty(lin: Browser, course: Course, rows: Any) -> None:
    attempt = begin(lin)
    for id, source in list(questions_of(course).items())[:17]:
        save(lin, attempt, id, source.resolve(seed_of(rows)).correct())
    page = lin.get(f"/attempts/{attempt}/review").text
    assert "17 of 19 questions are answered." in page
    assert f'<a href="/attempts/{attempt}/18">question 18</a>, <a href="/attempts/{attempt}/19">question 19</a>.' in page


def test_handing_in_twice_shows_the_result_and_changes_nothing(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "a")
    first = lin.post(f"/attempts/{attempt}/hand-in")
    before = [len(rows(select(table))) for table in (HandedIn, Evidence, LedgerEntry)]
    second = lin.post(f"/attempts/{attempt}/hand-in")
    assert first.location == second.location == f"/attempts/{attempt}/result"
    assert "handed in before; nothing has been changed" in lin.get(second.location).text
    assert [len(rows(select(table))) for table in (HandedIn, Evidence, LedgerEntry)] == before == [19, 19, 1]


def test_a_closed_attempt_leads_to_its_result_from_everywhere(lin: Browser) -> None:
    attempt = begin(lin)
    lin.post(f"/attempts/{attempt}/hand-in")
    for path in ("", "/1", "/review"):
        assert lin.get(f"/attempts/{attempt}{path}").location == f"/attempts/{attempt}/result"


def test_what_arrives_after_the_hand_in_is_kept_and_shown_but_not_counted(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "b")
    lin.post(f"/attempts/{attempt}/hand-in")
    said = save(lin, attempt, "m1-a-01", "a", sequence=2).json
    assert said["late"] is True
    assert rows(select(HandedIn.response).where(HandedIn.question_id == "m1-a-01")) == ["b"]
    assert [receipt.late_response for receipt in rows(select(Receipt).order_by(Receipt.id))] == [None, "a"]
    page = lin.get(f"/attempts/{attempt}/result").text
    assert "Arrived after the end" in page
    assert "0 <small>of 45 points" in page


def test_an_attempt_whose_time_ran_out_is_handed_in_as_of_its_deadline(lin: Browser, rows: Any, at: Any, change_attempt: Any) -> None:
    attempt = begin(lin)
    deadline = clock.now() + timedelta(minutes=20)
    change_attempt(deadline_at=deadline)
    save(lin, attempt, "m1-a-01", "a")
    at(deadline + timedelta(minutes=3))
    assert lin.get(f"/attempts/{attempt}/1").location == f"/attempts/{attempt}/review"
    assert "Time is up" in lin.get(f"/attempts/{attempt}/review").text
    assert "Time is up: hand in" in lin.get("/quizzes").text
    said = save(lin, attempt, "m1-a-02", "d").json
    assert said["late"] is True
    (closed,) = rows(select(QuizAttempt))
    assert (closed.status, closed.submitted_at) == ("released", deadline)
    assert "1 <small>of 45 points" in lin.get(f"/attempts/{attempt}/result").text


def test_handing_in_when_the_time_is_up_says_so(lin: Browser, at: Any, change_attempt: Any) -> None:
    attempt = begin(lin)
    deadline = clock.now() + timedelta(minutes=20)
    change_attempt(deadline_at=deadline)
    at(deadline + timedelta(seconds=1))
    for _ in range(2):
        assert "The time was up." in lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text


def test_a_form_sent_after_the_end_loses_nothing(lin: Browser, rows: Any, at: Any, change_attempt: Any) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    deadline = clock.now() + timedelta(minutes=20)
    change_attempt(deadline_at=deadline)
    at(deadline + timedelta(minutes=3))
    answer = lin.post(f"/attempts/{attempt}/1", {**form_of(page), "m1-a-01": option(page), "go": "next"})
    assert answer.location == f"/attempts/{attempt}/result"
    shown = lin.get(answer.location).text
    assert "does not count" in shown
    assert "Arrived after the end" in shown
    assert rows(select(Receipt))[0].late_response is not None


def test_starting_again_closes_an_attempt_whose_time_ran_out(lin: Browser, rows: Any, at: Any, change_attempt: Any) -> None:
    first = begin(lin)
    deadline = clock.now() + timedelta(minutes=20)
    change_attempt(deadline_at=deadline)
    at(deadline + timedelta(minutes=3))
    assert lin.post("/quizzes/m1/start").location == "/quizzes/m1", "the page before the next attempt, with all it asks"
    assert begin(lin) != first
    assert [(one.form, one.status) for one in rows(select(QuizAttempt).order_by(QuizAttempt.id))] == [("A", "released"), ("B", "draft")]


def test_an_attempt_handed_in_after_its_due_date_counts_and_is_marked_as_late(lin: Browser, change_attempt: Any) -> None:
    attempt = begin(lin)
    change_attempt(due_at=clock.now() - timedelta(days=1))
    assert "it will be marked as late" in lin.get(f"/attempts/{attempt}/1").text
    save(lin, attempt, "m1-a-01", "a")
    page = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    assert '<span class="chip chip-bad">late</span>' in page
    assert "1 <small>of 45 points" in page


# The result


def test_a_perfect_attempt_says_so_and_moves_the_levels(lin: Browser, course: Course, rows: Any) -> None:
    attempt = begin(lin)
    answer_all(lin, course, attempt, seed_of(rows))
    page = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    assert "45 <small>of 45 points" in page
    assert "Every question is fully right." in page
    assert "not enough evidence yet → <b>secure</b>" in page
    assert "met only with a passed scenario" in page, "an ability needs practice besides"


def test_a_second_attempt_starts_from_the_level_the_first_one_left(lin: Browser, course: Course, rows: Any) -> None:
    first = begin(lin)
    lin.post(f"/attempts/{first}/hand-in")
    second = begin(lin)
    answer_all(lin, course, second, seed_of(rows), form="m1-b")
    page = lin.get(lin.post(f"/attempts/{second}/hand-in").location).text
    assert "<b>started</b>, no change" in page
    earlier = lin.get(f"/attempts/{first}/result").text
    assert "not enough evidence yet → <b>started</b>" in earlier, "what came later does not change what was said of the first"
    assert f'href="/attempts/{second}/result">attempt 2 (45 of 45)' in earlier


def test_lost_points_come_first_and_every_question_can_be_addressed(lin: Browser, course: Course) -> None:
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "a")
    page = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    places = [page.index(f'id="q-{id}"') for id in questions_of(course)]
    assert max(places) == places[0], "the one fully right question stands last"
    assert "Lost points first: 18 of 19 questions" in page


def test_who_may_see_the_learner_sees_the_result_but_never_a_draft(lin: Browser, browser: Any) -> None:
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "a")
    assert browser("chen").get(f"/attempts/{attempt}/result").status_code == 404
    lin.post(f"/attempts/{attempt}/hand-in")
    page = browser("chen").get(f"/attempts/{attempt}/result")
    assert page.status_code == 200
    assert "Lin Xiaoyu" in page.text
    assert "/start" not in page.text
    assert browser("admin").get(f"/attempts/{attempt}/result").status_code == 200
    for stranger in ("gao", "wuhao", "outsider", "zhao"):
        assert browser(stranger).get(f"/attempts/{attempt}/result").status_code == 404


def test_a_manager_reads_the_result_of_her_new_hire(browser: Any) -> None:
    hire = browser("sunjie")
    attempt = begin(hire)
    hire.post(f"/attempts/{attempt}/hand-in")
    assert browser("zhao").get(f"/attempts/{attempt}/result").status_code == 200


def test_a_foreign_attempt_is_as_missing_as_one_that_never_was(lin: Browser, browser: Any, rows: Any) -> None:
    attempt = begin(lin)
    stranger = browser("wuhao")
    for id in (attempt, 999):
        for path in ("", "/1", "/review", "/result"):
            assert stranger.get(f"/attempts/{id}{path}").status_code == 404
        for path, form in (("/1", {"sequence": 1, "key": "k"}), ("/1/check", {"sequence": 1, "key": "k"}), ("/hand-in", {})):
            assert stranger.post(f"/attempts/{id}{path}", form).status_code == 404
        assert save(stranger, id, "m1-a-01", "a").status_code == 404
    assert rows(select(QuizAttempt))[0].status == "draft"
    assert not rows(select(Receipt))


def test_a_placement_test_says_with_which_section_to_begin(lin: Browser) -> None:
    attempt = int(lin.post("/quizzes/placement/start").location.rsplit("/", 1)[1])
    page = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    assert "Begin with" in page and "Nothing to repeat here." not in page
    assert "0 of 46 sections may be skipped" in page
