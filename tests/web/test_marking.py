"""Marking answers of quizzes: the queue beside the cases, one answer and its rubric, the next to the same question, release, and what the learner sees."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from courseware import db
from courseware.assessment.models import QuizAttempt
from courseware.grading.models import Evidence, QuestionMark
from courseware.web.site import Site
from tests import by_hand
from tests.conftest import Browser
from tests.grading.answers import handed_in as case_handed_in
from tests.web.counting import own
from tests.web.sitting import save

SOUND = {"level.reason": "2", "level.next": "2"}
NAMES = ("Lin Xiaoyu", "林晓雨", "Wu Hao", "吴昊", "wuhao")


TEXT = "I would ask who rings her back, and name an hour."
MODEL = "so I name a person and an hour"


def written(browser: Browser, text: str | None = TEXT) -> int:
    """Write an essay and hand it in."""
    attempt = int(browser.post("/quizzes/hand/start").location.rsplit("/", 1)[1])
    save(browser, attempt, "h-essay", text)
    browser.post(f"/attempts/{attempt}/hand-in")
    return attempt


@pytest.fixture
def two(site: Site, browser: Any) -> list[int]:
    """The attempts of lin and wuhao, by the place of their essay in the queue."""
    by_hand.publish(site)
    made = {written(browser(login)) for login in ("lin", "wuhao")}
    page = browser("chen").get("/grade?sort=work").text
    return sorted(made, key=lambda id: page.index(f"/grade/attempts/{id}/h-essay"))


def page(attempt: int) -> str:
    return f"/grade/attempts/{attempt}/h-essay"


def mark(chen: Browser, attempt: int, seen: str = "0", **change: str) -> Any:
    return chen.post(page(attempt), {**SOUND, "comment": "Well seen.", "seen": seen, **change})


# The learner's side


def test_writing_is_counted_saved_and_waits_after_handing_in(site: Site, lin: Browser) -> None:
    by_hand.publish(site)
    attempt = int(lin.post("/quizzes/hand/start").location.rsplit("/", 1)[1])
    save(lin, attempt, "h-essay", "她问了两次谁给她回电话。")
    shown = lin.get(f"/attempts/{attempt}/2").text
    assert "她问了两次谁给她回电话。</textarea>" in shown
    assert "11 characters" in shown
    assert "A reason taken from this customer" in shown, "the rubric stands there before one answers"
    assert "Naming a person is enough" not in shown
    assert MODEL not in shown, "the model answer comes with the marks"
    result = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    assert "A person marks some of your answers" in result
    assert "waits for" in result
    assert MODEL not in result


def test_the_learner_sees_levels_comment_and_model_answer_after_release_alone(two: list[int], browser: Any, lin: Browser) -> None:
    chen, attempt = browser("chen"), lins(two, browser)
    mark(chen, attempt, **{"level.next": "1"})
    before = lin.get(f"/attempts/{attempt}/result").text
    for secret in ("Well seen.", MODEL, "2 sound", "2.4 of 4"):
        assert secret not in before, secret
    chen.post(f"{page(attempt)}/release")
    after = lin.get(f"/attempts/{attempt}/result").text
    for shown in ("Well seen.", MODEL, "2 sound", "1 partial", "2.4 of 4", "A reason taken from this customer"):
        assert shown in after.replace("&#39;", "'"), shown
    assert "Naming a person is enough" not in after, "what is for graders stays with them"
    assert "h-essay" in lin.get("/progress/A1.1").text


def lins(two: list[int], browser: Any) -> int:
    """Which of the two attempts is lin's."""
    return next(id for id in two if browser("lin").get(f"/attempts/{id}/result").status_code == 200)


def test_the_instructor_reads_the_result_without_a_name_until_release(two: list[int], browser: Any) -> None:
    chen = browser("chen")
    for attempt in two:
        assert not any(name in chen.get(f"/attempts/{attempt}/result").text for name in NAMES)
        mark(chen, attempt)
        assert not any(name in chen.get(f"/attempts/{attempt}/result").text for name in NAMES)
        chen.post(f"{page(attempt)}/release")
        assert any(name in chen.get(f"/attempts/{attempt}/result").text for name in NAMES)


# The queue


def test_answers_of_quizzes_stand_beside_cases_without_names(two: list[int], browser: Any, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        case = case_handed_in(session, site.course(), "lin").id
    chen = browser("chen")
    shown = {query: chen.get(f"/grade?{query}").text for query in ("", "kind=quiz", "kind=case", "work=h-essay", "work=CS2", "q=rings+HER+back", "status=marked", "format=csv")}
    for query, text in shown.items():
        assert not any(name in text for name in NAMES), query
    assert all(f"/grade/attempts/{id}/h-essay" in shown[query] for id in two for query in ("", "kind=quiz", "work=h-essay", "q=rings+HER+back"))
    assert all(f'href="/grade/{case}"' in shown[query] for query in ("", "kind=case", "work=CS2"))
    assert not any("/grade/attempts/" in shown[query] for query in ("kind=case", "work=CS2", "status=marked"))
    assert "11 words" in shown[""]
    assert shown["format=csv"].count("quiz,h-essay,") == 2


def test_the_statements_of_the_queue_stay_the_same(two: list[int], browser: Any, statements: list[str]) -> None:
    chen = browser("chen")
    statements.clear()
    chen.get("/grade")
    assert own(statements) == 5
    statements.clear()
    chen.get(page(two[0]))
    assert own(statements) == 6


# Marking


def test_the_page_holds_answer_rubric_count_and_note_and_no_name(two: list[int], browser: Any) -> None:
    text = browser("chen").get(page(two[0])).text.replace("&#39;", "'")
    for part in (TEXT, "Naming a person is enough", "A reason taken from this customer's words.", "11 words, 30 to 80 asked", "name hidden", "Answer 1 of 2"):
        assert part in text, part
    assert text.count('type="radio"') == 8
    assert not any(name in text for name in NAMES)


def test_marking_leads_through_all_answers_to_one_question(two: list[int], browser: Any, rows: Any) -> None:
    chen = browser("chen")
    assert mark(chen, two[0]).location == page(two[1])
    assert mark(chen, two[1]).location == "/grade?work=h-essay"
    assert rows(select(QuizAttempt.status)) == ["marked", "marked"]
    assert rows(select(func.count()).select_from(Evidence)) == [0]
    assert "3.2 of 4" in chen.get("/grade").text


def test_half_a_rubric_is_kept_and_stays_open(two: list[int], browser: Any) -> None:
    chen = browser("chen")
    answer = chen.post(page(two[0]), {"level.reason": "3", "comment": "", "seen": "0"})
    assert answer.location == page(two[0])
    assert "one criterion open" in chen.get(page(two[0])).text


def test_a_stale_mark_is_refused_and_what_was_typed_stands_in_the_form(two: list[int], browser: Any, rows: Any) -> None:
    mark(browser("admin"), two[0])
    answer = mark(browser("chen"), two[0], comment="My own long comment", **{"level.reason": "0"})
    assert answer.status_code == 409
    assert "Somebody else has marked" in answer.text
    assert "My own long comment" in answer.text
    assert "Now kept, by Zhou Fang 周芳: a 2, b 2" in " ".join(answer.text.split())
    assert rows(select(func.count()).select_from(QuestionMark)) == [1]
    seen = answer.text.split('name="seen" value="')[1].split('"')[0]
    assert mark(browser("chen"), two[0], seen, **{"level.reason": "0"}).status_code == 303


@pytest.mark.parametrize("change", [{"seen": "x"}, {"level.reason": "7", "level.next": ""}])
def test_a_broken_form_marks_nothing(two: list[int], browser: Any, rows: Any, change: dict[str, str]) -> None:
    assert browser("chen").post(page(two[0]), {**SOUND, "comment": "", "seen": "0", **change}).status_code in (409, 422)
    assert rows(select(QuestionMark)) == []


def test_ticked_answers_are_counted_then_released_with_their_attempt(two: list[int], browser: Any, rows: Any) -> None:
    chen = browser("chen")
    mark(chen, two[0])
    asked = chen.post("/grade/release", {"quiz": [str(id) for id in two]}).text
    assert "Release 1 answer?" in asked
    assert "released whole" in asked
    assert rows(select(QuizAttempt.status).order_by(QuizAttempt.status)) == ["checked", "marked"]
    chen.post("/grade/release", {"quiz": [str(two[0])], "confirmed": "yes"})
    assert rows(select(QuizAttempt.status).order_by(QuizAttempt.status)) == ["checked", "released"]


def test_a_quiz_may_release_what_is_fully_marked_by_itself(site: Site, browser: Any, rows: Any) -> None:
    by_hand.publish(site, release="when-marked")
    attempt = written(browser("lin"))
    mark(browser("chen"), attempt)
    assert rows(select(QuizAttempt.status)) == ["released"]
    assert browser("lin").get(f"/attempts/{attempt}/result").text.count("Well seen.") == 1


def test_a_correction_after_release_is_seen_at_once(two: list[int], browser: Any) -> None:
    chen, attempt = browser("chen"), lins(two, browser)
    mark(chen, attempt)
    chen.post(f"{page(attempt)}/release")
    seen = chen.get(page(attempt)).text.split('name="seen" value="')[1].split('"')[0]
    mark(chen, attempt, seen, comment="Better than I thought.", **{"level.reason": "3", "level.next": "3"})
    after = browser("lin").get(f"/attempts/{attempt}/result").text
    assert "Better than I thought." in after
    assert "4 of 4" in after


@pytest.mark.parametrize("login", ["gao", "lin", "wuhao", "outsider", "zhao", "sunjie"])
def test_who_does_not_grade_this_class_finds_nothing(two: list[int], browser: Any, login: str, rows: Any) -> None:
    visitor = browser(login)
    for attempt in two:
        assert visitor.get(page(attempt)).status_code == 404
        assert mark(visitor, attempt).status_code == 404
        assert visitor.post(f"{page(attempt)}/release").status_code == 404
    visitor.post("/grade/release", {"quiz": [str(id) for id in two], "confirmed": "yes"})
    assert rows(select(QuestionMark)) == []
    assert set(rows(select(QuizAttempt.status))) == {"checked"}


def test_what_nobody_marks_has_no_page(two: list[int], browser: Any) -> None:
    chen = browser("chen")
    for question in ("h-choice", "h-file", "nothing"):
        assert chen.get(f"/grade/attempts/{two[0]}/{question}").status_code == 404
    assert chen.get("/grade/attempts/999/h-essay").status_code == 404


def test_the_gradebook_says_what_waits_and_leads_nowhere_before_release(two: list[int], browser: Any, site: Site) -> None:
    chen = browser("chen")
    group = chen.get("/classes").text.split('href="/classes/')[1].split('"')[0].split("/")[0]
    cells = [address for address in chen.get(f"/classes/{group}/gradebook").text.split('href="') if "quiz:hand" in address.split('"')[0]]
    cell = chen.get(cells[0].split('"')[0]).text
    assert "wait to be marked by a person" in cell
    assert "/result" not in cell
