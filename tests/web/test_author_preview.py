"""A quiz as a learner: the learner's own pages, answerable, at a chosen date, and nothing kept."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any
from zlib import compress

import pytest
from sqlalchemy import func, select

from courseware import db
from courseware.assessment.kinds import KINDS
from courseware.assessment.models import Answer, HandedIn, QuizAttempt, Receipt
from courseware.course.drafts import keep, working
from courseware.course.rewrite import dump
from courseware.grading.models import Evidence, LedgerEntry
from courseware.people.models import Assignment, Class, Person
from courseware.web.as_learner import MOST_STEPS, packed, unpacked
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.web import sitting
from tests.web.test_author import form_of

DAY = timedelta(days=1)


@pytest.fixture
def chen(browser: Any) -> Browser:
    made: Browser = browser("chen")
    return made


@pytest.fixture
def lin_id(site: Site) -> int:
    with db.session(site.school) as session:
        return session.scalars(select(Person.id).where(Person.login == "lin")).one()


def address(lin_id: int, place: str = "open", quiz: str = "m1", **more: Any) -> str:
    return f"/author/quizzes/{quiz}/as/{place}?" + "&".join(f"{name}={value}" for name, value in {"person": lin_id, "number": 1, "variant": 7, **more}.items())


def rows(site: Site) -> list[int]:
    with db.session(site.school) as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in (QuizAttempt, Answer, Receipt, HandedIn, Evidence, LedgerEntry)]


def action_of(page: str, id: str) -> str:
    found = re.search(rf'<form[^>]*id="{id}"[^>]*action="([^"]+)"', page) or re.search(rf'<form id="{id}"[^>]*action="([^"]+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_an_author_takes_the_whole_quiz_as_a_learner_and_nothing_is_kept(site: Site, chen: Browser, lin_id: int) -> None:
    before = rows(site)
    opening = chen.get(address(lin_id))
    assert "Start attempt 1" in opening.text and "Preview: nothing is kept. As Lin Xiaoyu" in opening.text
    page = chen.get(address(lin_id, "1")).text
    for place in range(1, 20):
        assert f"Question {place} of 19" in page
        fields = form_of(page, "answer")
        named = re.search(r'type="radio"[^>]*name="([^"]+)" value="([^"]+)"', page)
        answer = {named[1]: named[2]} if named else {}
        sent = chen.post(action_of(page, "answer"), {**fields, **answer, "go": "review" if place == 19 else "next"})
        page = chen.get(sent.location).text
    assert "Look over and hand in" in page
    done = chen.post(action_of(page, "hand-in"), {})
    result = chen.get(done.location)
    assert "of 30 points" in result.text or "points" in result.text
    assert "Question by question" in result.text
    assert rows(site) == before


def test_scripts_that_save_are_left_out(chen: Browser, lin_id: int) -> None:
    assert "<script" not in chen.get(address(lin_id, "1")).text


def test_the_same_variant_shows_the_same_page_and_another_one_another(chen: Browser, lin_id: int) -> None:
    def options(variant: int) -> list[str]:
        return re.findall(r'name="m1-a-01" value="(\w+)"', chen.get(address(lin_id, "1", variant=variant)).text)

    assert options(7) == options(7) and len(options(7)) == 4
    assert any(options(7) != options(other) for other in range(8, 12))


def test_the_second_attempt_gives_the_second_form(chen: Browser, lin_id: int) -> None:
    assert "m1-b-01" in chen.get(address(lin_id, "1", number=2)).text


def test_the_very_paper_of_a_learners_attempt_can_be_seen(site: Site, chen: Browser, lin: Browser, lin_id: int) -> None:
    attempt = sitting.begin(lin)
    real = re.findall(r'name="m1-a-01" value="(\w+)"', lin.get(f"/attempts/{attempt}/1").text)
    assert re.findall(r'name="m1-a-01" value="(\w+)"', chen.get(address(lin_id, "1", own=1)).text) == real
    assert lin.get(f"/attempts/{attempt}/1").status_code == 200


def test_what_is_shown_of_a_result_depends_on_the_date(site: Site, chen: Browser, lin_id: int) -> None:
    quiz = "/author/quizzes/m1"
    chen.post(quiz, {**form_of(chen.get(quiz).text), "review:choice": "exam"})
    with db.session(site.school, write=True) as session:
        group = session.scalars(select(Class).where(Class.code == "KF26-2")).one()
        session.add(Assignment(class_id=group.id, work="quiz:m1", due_at=NOW + DAY, closes_at=NOW + 2 * DAY, set_by_id=group.instructor_id, set_at=NOW))
    for on, is_shown in (("2026-03-16T12:00", False), ("2026-03-20T12:00", True)):
        opened = chen.get(address(lin_id, "review", at="2026-03-16T10:00", on=on)).text
        done = chen.post(action_of(opened, "hand-in"), {}).location
        assert ("Right answer" in chen.get(done).text) == is_shown


def test_a_date_after_the_close_shows_why_a_learner_cannot_begin(site: Site, chen: Browser, lin_id: int) -> None:
    with db.session(site.school, write=True) as session:
        group = session.scalars(select(Class).where(Class.code == "KF26-2")).one()
        session.add(Assignment(class_id=group.id, work="quiz:m1", due_at=NOW + DAY, closes_at=NOW + 2 * DAY, set_by_id=group.instructor_id, set_at=NOW))
    assert "Start attempt 1" in chen.get(address(lin_id, at="2026-03-16T10:00")).text
    shut = chen.get(address(lin_id, at="2026-04-01T10:00")).text
    assert "Start attempt 1" not in shut and "This quiz closed" in shut
    assert chen.get(address(lin_id, at="some day")).status_code == 422


def test_a_learner_who_could_not_begin_gets_the_reason(chen: Browser, lin_id: int) -> None:
    refused = chen.get(address(lin_id, "1", number=3))
    assert refused.status_code == 409 and "You have used all 2 attempts" in refused.text


def test_drafts_are_in_the_preview(chen: Browser, lin_id: int) -> None:
    write = "/author/forms/m1-a/m1-a-01"
    chen.post(write, {**form_of(chen.get(write).text), "stem.en:area": "Who is served here?"})
    assert "Who is served here?" in chen.get(address(lin_id, "1")).text


def test_only_learners_of_ones_own_classes_can_be_chosen(site: Site, chen: Browser) -> None:
    with db.session(site.school) as session:
        outsider = session.scalars(select(Person.id).where(Person.login == "outsider")).one()
    assert chen.get(address(outsider, "1")).status_code == 422
    page = chen.get("/author/quizzes/m1/as").text
    assert "Lin Xiaoyu" in page and "Qian Wei" not in page


def test_a_result_before_handing_in_is_the_page_to_look_over(chen: Browser, lin_id: int) -> None:
    assert "Look over and hand in" in chen.get(address(lin_id, "result")).text
    assert chen.get(address(lin_id, "lock")).status_code == 404
    assert chen.get(address(lin_id, "99")).status_code == 404


@pytest.mark.parametrize("place", ["open", "1"])
def test_an_attempt_far_beyond_the_last_is_refused_without_making_those_before_it(chen: Browser, lin_id: int, statements: list[str], place: str) -> None:
    """All papers before it would be drawn while everybody who writes waits."""
    answer = chen.get(address(lin_id, place, number=999_999_999))
    assert "You have used all" in answer.text
    assert len(statements) < 100


def test_a_log_that_is_none_is_no_log(chen: Browser, lin_id: int) -> None:
    for log in ("x", "eJx", "AAAA", "e30="):
        assert chen.get(address(lin_id, "1", log=log)).status_code == 200


def put(site: Site, path: str, data: Any) -> None:
    with db.session(site.school, write=True) as session:
        file = working(session, path)
        keep(session, path, dump(data).encode(), seen=file.content if file else b"", by_id=1, now=NOW)


def drafted_quiz(site: Site, questions: list[Any], **fields: Any) -> str:
    put(site, "quizzes/try-a.yaml", {"id": "try-a", "questions": questions})
    put(site, "quizzes/try.yaml", {"id": "try", "title": {"en": "Try"}, "module": "M1", "attempts": 2, "behaviour": "deferred", "forms": {"A": "try-a"}, **fields})
    return "try"


def test_every_kind_can_be_met_as_a_learner(site: Site, chen: Browser, lin_id: int) -> None:
    quiz = drafted_quiz(site, [{**KINDS[kind].example()[0], "id": f"try-a-{kind}"} for kind in sorted(KINDS)])
    before = rows(site)
    for place, kind in enumerate(sorted(KINDS), 1):
        page = chen.get(address(lin_id, str(place), quiz))
        assert page.status_code == 200 and f"Question {place} of {len(KINDS)}" in page.text, kind
        review = chen.post(action_of(page.text, "answer"), {**form_of(page.text, "answer"), "go": "review"})
        done = chen.post(action_of(chen.get(review.location).text, "hand-in"), {})
        assert chen.get(done.location).status_code == 200, kind
    assert rows(site) == before


def test_an_answer_is_checked_as_the_behaviour_says(site: Site, chen: Browser, lin_id: int) -> None:
    quiz = drafted_quiz(site, [{**KINDS["choice"].example()[0], "id": "try-a-01"}], behaviour="interactive", review="learn")
    page = chen.get(address(lin_id, "1", quiz)).text
    check = re.search(r'formaction="([^"]+)"', page)
    assert check is not None
    options = re.findall(r'name="try-a-01" value="(\w+)"', page)
    tried = chen.post(check[1].replace("&amp;", "&"), {**form_of(page, "answer"), "try-a-01": options[0]})
    assert 'id="tries"' in chen.get(tried.location).text or "This question is closed" in chen.get(tried.location).text
    empty = chen.post(check[1].replace("&amp;", "&"), {**form_of(page, "answer"), "try-a-01": ""})
    assert "Answer the question first" in empty.text


def test_there_is_no_way_back_where_a_learner_has_none(site: Site, chen: Browser, lin_id: int) -> None:
    example = KINDS["choice"].example()[0]
    quiz = drafted_quiz(site, [{**example, "id": f"try-a-0{number}"} for number in (1, 2)], navigation="sequential")
    page = chen.get(address(lin_id, "1", quiz)).text
    second = chen.post(action_of(page, "answer"), {**form_of(page, "answer"), "go": "next"}).location
    assert "Question 2 of 2" in chen.get(second).text
    assert "This question is closed: you went on" in chen.get(second.replace("/as/2?", "/as/1?")).text


def test_an_address_that_nobody_wrote_is_refused_or_passed_over(chen: Browser, lin_id: int) -> None:
    nested = urlsafe_b64encode(compress(b"[" * 100_000 + b"]" * 100_000)).decode()
    assert chen.get(address(lin_id, "1", log=nested)).status_code == 200
    assert len(unpacked(packed([["f", 1]] * (MOST_STEPS + 1)))) == MOST_STEPS, "each step is done again for the page"
    for year in ("0001-01-01 00:00", "9999-12-31 23:59"):
        assert chen.get(address(lin_id, "1", at=year)).status_code == 422
        assert chen.get(address(lin_id, "open", at=year)).status_code == 422
