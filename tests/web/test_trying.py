"""Quizzes with several tries, certainty and review options, as learners and staff see them; and that no key leaves before its time, whatever the kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from courseware import clock, db
from courseware.assessment.kinds import KINDS
from courseware.assessment.models import HandedIn, QuestionScore, QuestionTry, QuizAttempt
from courseware.assessment.review import RIGHT_AFTER
from courseware.grading.sweeping import release
from courseware.people.models import Assignment, Class, Person
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.web.sitting import answer_all, begin, form_of, save, seed_of

WRONG_TEXT, RIGHT_TEXT = "Whoever has signed, or may sign", "Whoever receives, or may receive"
SAID_OF_WRONG, SAID_OF_RIGHT = "A contract is one way of becoming a receiver", "Receiving is the mark, not paying"


@pytest.fixture
def quiz(publish: Any) -> Callable[..., None]:
    """Publish the Module 1 quiz with other settings, and its first question with two hints."""

    def changed(**settings: Any) -> None:
        def change(path: str, content: bytes) -> bytes:
            if path == "quizzes/m1.yaml":
                return yaml.safe_dump({**yaml.safe_load(content), **settings}, allow_unicode=True).encode()
            if path == "quizzes/m1-a.yaml":
                return content.replace(b"    points: 1\n", b"    points: 1\n    hints: [{en: HINT-ONE}, {en: HINT-TWO}]\n", 1)
            return content

        publish(change)

    return changed


def pick(page: str, text: str) -> str:
    """What the page calls the option with this text."""
    return re.search(rf'value="(\w+)"[^>]*><span>{text}', page).group(1)


def check(browser: Browser, attempt: int, text: str, **more: str) -> str:
    """Choose an option of the first question, check it, and give the page that follows."""
    page = browser.get(f"/attempts/{attempt}/1").text
    answer = browser.post(f"/attempts/{attempt}/1/check", {**form_of(page), "m1-a-01": pick(page, text), **more})
    assert answer.status_code == 303, answer.text
    return str(browser.get(answer.location).text)


def shut(site: Site, at: Any) -> None:
    """Let the quiz close for lin's class."""
    with db.session(site.school, write=True) as session:
        chen = session.scalars(select(Person.id).where(Person.login == "chen")).one()
        group = session.scalars(select(Class.id).where(Class.instructor_id == chen)).one()
        session.add(Assignment(class_id=group, work="quiz:m1", due_at=at, closes_at=at, set_by_id=chen, set_at=NOW))


# Tries


def test_a_wrong_try_shows_its_feedback_and_a_hint_and_never_the_key(lin: Browser, quiz: Any) -> None:
    quiz(behaviour="interactive")
    attempt = begin(lin)
    before = lin.get(f"/attempts/{attempt}/1").text
    assert "You have 3 tries; each one used takes 33.3 % of the points off" in before
    assert "HINT-ONE" not in before
    page = check(lin, attempt, WRONG_TEXT)
    assert "Try 1 of 3</b>: not right yet" in page
    assert "fully right at the next try makes it 0.67" in page
    assert "HINT-ONE" in page and "HINT-TWO" not in page
    assert SAID_OF_WRONG in page and SAID_OF_RIGHT not in page
    assert f'value="{pick(page, WRONG_TEXT)}" checked' in page, "the last answer stands, to be changed"
    page = check(lin, attempt, RIGHT_TEXT)
    assert "0.67 <small>of 1 point" in page
    assert "This question is closed." in page and "2 tries" in page
    assert SAID_OF_RIGHT in page


def test_checking_the_same_answer_twice_costs_nothing_and_says_so(lin: Browser, quiz: Any, rows: Any) -> None:
    quiz(behaviour={"kind": "falling", "shares": [1, 0.5]})
    attempt = begin(lin)
    assert "2 tries, worth 100 % · 50 %" in lin.get(f"/attempts/{attempt}/1").text
    check(lin, attempt, WRONG_TEXT)
    page = check(lin, attempt, WRONG_TEXT)
    assert "nothing was counted" in page
    assert "Try 1 of 2" in page
    assert len(rows(select(QuestionTry))) == 1


def test_the_result_explains_the_points_by_the_tries(lin: Browser, quiz: Any, rows: Any) -> None:
    quiz(behaviour="falling")
    attempt = begin(lin)
    check(lin, attempt, WRONG_TEXT)
    check(lin, attempt, RIGHT_TEXT)
    page = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    assert "Your tries: not right, fully right." in page
    assert "0.7 of 1 by the rule all-or-nothing + falling/1" in page
    assert "0.7 <small>of 45 points" in page


def test_one_goes_on_from_a_closed_question_and_may_flag_it(lin: Browser, quiz: Any) -> None:
    quiz(behaviour="immediate")
    attempt = begin(lin)
    page = check(lin, attempt, WRONG_TEXT)
    form = {**form_of(page), "was": re.search(r'name="was" value="(\w+)"', page).group(1)}
    assert lin.post(f"/attempts/{attempt}/1", {**form, "go": "next"}).location.endswith(f"/attempts/{attempt}/2")
    lin.post(f"/attempts/{attempt}/1", {**form, "go": "flag"})
    assert "Take the flag away" in lin.get(f"/attempts/{attempt}/1").text


def test_a_behaviour_may_hide_the_points_while_one_answers(lin: Browser, quiz: Any) -> None:
    quiz(behaviour="adaptive", review={"during": ["correctness"], "after": ["attempt"], "later": ["attempt"], "closed": ["attempt", "marks"]})
    attempt = begin(lin)
    page = check(lin, attempt, WRONG_TEXT)
    assert "not right yet" in page
    assert "Points so far" not in page and SAID_OF_WRONG not in page
    page = check(lin, attempt, RIGHT_TEXT)
    assert "of 1 point" not in page and SAID_OF_RIGHT not in page


def test_a_question_before_a_lock_that_was_passed_cannot_be_checked(lin: Browser, quiz: Any, rows: Any, change_attempt: Any) -> None:
    quiz(behaviour="immediate", locks=[1])
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    chosen = {**form_of(page), "m1-a-01": pick(page, WRONG_TEXT)}
    lin.post(f"/attempts/{attempt}/1", chosen)
    change_attempt(passed=1)
    lin.post(f"/attempts/{attempt}/1/check", {**chosen, "sequence": "9", "key": "another"})
    assert rows(select(QuestionTry)) == []


# Certainty


def test_certainty_is_asked_kept_and_told_in_the_result(lin: Browser, quiz: Any, rows: Any) -> None:
    quiz(behaviour="certainty")
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    assert "How certain are you of this answer?" in page and "twice the points with C3" in page
    lin.post(f"/attempts/{attempt}/1", {**form_of(page), "m1-a-01": pick(page, WRONG_TEXT), "m1-a-01.-certainty": "3"})
    page = lin.get(f"/attempts/{attempt}/1").text
    assert 'name="m1-a-01.-certainty" value="3" checked' in page
    assert f'value="{pick(page, WRONG_TEXT)}" checked' in page
    assert save(lin, attempt, "m1-a-02", {"response": "a", "certainty": 2}).json["answered"] is True
    fields = {"m1-a-03": ["b"], "m1-a-03.-certainty": ["1"]}
    assert lin.post(f"/attempts/{attempt}/answers", json={"question": "m1-a-03", "fields": fields, "sequence": 1, "key": "k"}).json["answered"] is True
    assert "3 of 19 questions are answered" in lin.get(f"/attempts/{attempt}/review").text
    page = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    assert [row.certainty for row in rows(select(HandedIn).order_by(HandedIn.question_id))][:4] == [3, 2, 1, None]
    assert rows(select(QuestionScore).where(QuestionScore.question_id == "m1-a-01"))[0].points == -2
    assert "-2 of 1" in page and "You said C3: very certain." in page
    assert "How certain, how right" in page


def test_an_answer_from_another_window_comes_back_with_its_certainty(lin: Browser, quiz: Any) -> None:
    quiz(behaviour={"kind": "deferred", "certainty": True})
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    save(lin, attempt, "m1-a-01", {"response": "a", "certainty": 1}, sequence=5)
    kept = lin.post(f"/attempts/{attempt}/1", {**form_of(page), "m1-a-01": pick(page, WRONG_TEXT), "m1-a-01.-certainty": "2"})
    assert kept.status_code == 409
    assert 'name="m1-a-01.-certainty" value="2" checked' in kept.text
    assert "It changes no points" in kept.text


# Review options


def test_an_exam_shows_the_answers_without_a_word_on_them_until_it_closes(lin: Browser, quiz: Any, rows: Any, at: Any, site: Site, course: Any) -> None:
    quiz(review="exam")
    start = clock.now()
    shut(site, start + timedelta(hours=3))
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "b")
    page = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    assert WRONG_TEXT in page
    assert "Not shown yet" in page and "the right answers" in page and "It opens" in page
    for secret in (SAID_OF_WRONG, RIGHT_TEXT, "of 45 points", 'class="wrong', 'class="right', "not this"):
        assert secret not in page, secret
    assert rows(select(QuizAttempt))[0].status == "marked"
    assert "of 45" not in lin.get("/quizzes").text.replace("45 points", "")
    at(start + timedelta(hours=3))
    assert release(site.school, course_of=site.revision, now=clock.now()) == 1
    page = lin.get(f"/attempts/{attempt}/result").text
    assert "0 <small>of 45 points" in page
    assert SAID_OF_WRONG in page and RIGHT_TEXT in page and "Not shown yet" not in page


def test_an_exam_without_a_closing_date_waits_for_its_instructor(lin: Browser, browser: Any, quiz: Any, rows: Any) -> None:
    quiz(review="exam")
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "b")
    lin.post(f"/attempts/{attempt}/hand-in")
    assert "It opens when the quiz closes or your instructor releases it; no closing date is set yet." in lin.get(f"/attempts/{attempt}/result").text
    work = f"/classes/{rows(select(Class.id).where(Class.code == 'KF26-2'))[0]}/work/quiz:m1"
    chen = browser("chen")
    page = chen.get(work).text
    assert "No closing date is set, so they wait" in page and "Release 1 attempt" in page
    chen.post(work + "/release")
    page = lin.get(f"/attempts/{attempt}/result").text
    assert "0 <small>of 45 points" in page and RIGHT_TEXT in page and "Not shown yet" not in page
    assert "No marked attempt waits now." in chen.get(work).text


def test_a_practice_exam_gives_the_points_at_once_and_keeps_the_key(lin: Browser, quiz: Any, course: Any) -> None:
    quiz(review="practice-exam")
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "b")
    page = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    assert "0 <small>of 45 points" in page and "By objective" in page
    assert "not this" in page
    assert SAID_OF_WRONG not in page and RIGHT_TEXT not in page
    assert "It opens when the quiz closes; no closing date is set yet." in page


def test_what_opens_after_two_minutes_says_so(lin: Browser, quiz: Any, at: Any, site: Site) -> None:
    quiz(review={"after": [], "later": ["attempt", "marks"], "closed": ["attempt", "marks"]})
    attempt = begin(lin)
    handed_in = clock.now()
    at(handed_in)
    page = lin.get(lin.post(f"/attempts/{attempt}/hand-in").location).text
    assert "Not shown yet: your answers, the points." in page and WRONG_TEXT not in page
    at(handed_in + RIGHT_AFTER)
    release(site.school, course_of=site.revision, now=clock.now())
    assert "of 45 points" in lin.get(f"/attempts/{attempt}/result").text


def test_an_instructor_sees_an_exam_before_its_learner_does(lin: Browser, browser: Any, quiz: Any) -> None:
    quiz(review="exam")
    attempt = begin(lin)
    save(lin, attempt, "m1-a-01", "b")
    lin.post(f"/attempts/{attempt}/hand-in")
    page = browser("chen").get(f"/attempts/{attempt}/result").text
    assert SAID_OF_WRONG in page and RIGHT_TEXT in page and "0 <small>of 45 points" in page


# Which attempt counts, and the wait


@pytest.mark.parametrize(("rule", "counts"), [("best", "45"), ("first", "0"), ("last", "45"), ("mean", "22.5")])
def test_the_list_names_the_attempt_that_counts(lin: Browser, quiz: Any, rows: Any, course: Any, rule: str, counts: str) -> None:
    quiz(counts=rule, forms={"A": "m1-a"})
    lin.post(f"/attempts/{begin(lin)}/hand-in")
    second = begin(lin)
    answer_all(lin, course, second, seed_of(rows))
    lin.post(f"/attempts/{second}/hand-in")
    page = lin.get("/quizzes").text
    assert f"<b>{counts}</b> of 45" in page
    said = {"best": "The best attempt counts.", "first": "The first attempt counts", "last": "The last attempt counts", "mean": "The mean of all"}[rule]
    assert (said in page) == (rule != "best"), "the usual rule stands above the list"
    assert said in lin.get("/quizzes/m1").text
    assert said in lin.get(f"/attempts/{second}/result").text


def test_the_page_says_from_when_the_next_attempt_may_begin(lin: Browser, quiz: Any, at: Any) -> None:
    quiz(wait=[60])
    attempt = begin(lin)
    handed_in = clock.now()
    at(handed_in)
    lin.post(f"/attempts/{attempt}/hand-in")
    assert "may begin" in lin.get("/quizzes/m1").text
    assert lin.post("/quizzes/m1/start").status_code == 409
    at(handed_in + timedelta(hours=1))
    assert begin(lin) != attempt


def test_an_attempt_that_builds_on_the_last_one_begins_with_its_answers(lin: Browser, quiz: Any) -> None:
    quiz(builds_on_last=True, forms={"A": "m1-a"})
    first = begin(lin)
    save(lin, first, "m1-a-01", "b")
    lin.post(f"/attempts/{first}/hand-in")
    second = begin(lin)
    page = lin.get(f"/attempts/{second}/1").text
    assert f'value="{pick(page, WRONG_TEXT)}" checked' in page


# No key before its time, for every kind

CANARY = "canary-7f3a"
SECRET = {"feedback", "accept", "hints", "model_answer", "for_graders"}
OUTSIDE = {"scenario", "sql", "records"}  # need data or a run; their pages have tests of their own


def spoilt(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: spoilt(value) for key, value in node.items()}
    return [spoilt(child) for child in node] if isinstance(node, list) else f"{node} {CANARY}"


def poisoned(node: Any) -> Any:
    """Plant the canary in whatever only a result may show."""
    if isinstance(node, Mapping):
        return {key: spoilt(value) if key in SECRET else poisoned(value) for key, value in node.items()}
    return [poisoned(child) for child in node] if isinstance(node, list) else node


@pytest.fixture
def every_kind(publish: Any) -> Callable[..., list[str]]:
    """Publish a Module 1 quiz with one question of every kind, all their secrets poisoned, and give the ids."""
    questions = [poisoned(KINDS[kind].example()[0]) for kind in sorted(KINDS) if kind not in OUTSIDE]
    for question in questions:
        question["hints"] = [{"en": f"hint {CANARY}"}]

    def published(**settings: Any) -> list[str]:
        def change(path: str, content: bytes) -> bytes:
            if path == "quizzes/m1.yaml":
                return yaml.safe_dump({**yaml.safe_load(content), **settings}, allow_unicode=True).encode()
            if path == "quizzes/m1-a.yaml":
                return yaml.safe_dump({"id": "m1-a", "questions": questions}, allow_unicode=True).encode()
            if path in ("quizzes/placement.yaml", "quizzes/exam.yaml"):  # they draw from Module 1 as well
                return re.sub(rb"(?m)^  - \{objective: [KA]1\..*\n", b"", content).replace(b"m1-a, m1-b, ", b"")
            return content

        publish(change)
        return [question["id"] for question in questions]

    return published


@pytest.mark.parametrize("review", ["learn", "exam"])
def test_no_key_of_any_kind_leaves_before_its_time(lin: Browser, every_kind: Any, rows: Any, review: str) -> None:
    ids = every_kind(review=review)
    attempt = begin(lin)
    seen = [lin.get(f"/attempts/{attempt}/{place}") for place in range(1, len(ids) + 1)]
    for id in ids:
        right, wrong = KINDS[id.removeprefix("example-")].example()[1:]
        seen += [save(lin, attempt, id, response, sequence) for sequence, response in ((1, right), (2, wrong), (3, "junk"), (4, wrong))]
    seen += [lin.get(f"/attempts/{attempt}/{place}") for place in range(1, len(ids) + 1)]
    seen += [lin.get(path) for path in ("/quizzes", "/quizzes/m1", f"/attempts/{attempt}/review", f"/attempts/{attempt}/result", "/", "/progress")]
    handed_in = lin.post(f"/attempts/{attempt}/hand-in")
    after = [handed_in, lin.get(handed_in.location), lin.get("/quizzes"), lin.get("/progress"), save(lin, attempt, ids[0], "a", 9)]
    if review == "exam":
        seen += after
    assert not [(answer.request.path, answer.status_code) for answer in seen if answer.status_code not in (200, 303, 409)]
    assert not [answer.request.path for answer in seen if CANARY in answer.text]
    assert review == "exam" or after[1].text.count(CANARY) > 10, "the canary sings once it may"


@pytest.mark.parametrize("behaviour", ["interactive", "adaptive", "falling"])
def test_no_key_of_any_kind_leaves_between_two_tries(lin: Browser, every_kind: Any, rows: Any, behaviour: str) -> None:
    ids = every_kind(behaviour={"kind": behaviour, **({"tries": 3} if behaviour == "interactive" else {})}, review={"during": ["correctness", "marks"], "closed": []})
    attempt = begin(lin)
    for place, id in enumerate(ids, 1):
        kind = KINDS[id.removeprefix("example-")]
        page = lin.get(f"/attempts/{attempt}/{place}").text
        save(lin, attempt, id, kind.example()[2])
        if not kind.is_marked_by_hand:
            assert lin.post(f"/attempts/{attempt}/{place}/check", {**form_of(page), "sequence": "1"}).status_code in (200, 303, 409, 422), id
        page = lin.get(f"/attempts/{attempt}/{place}").text.replace(f"hint {CANARY}", "hint")
        assert CANARY not in page, id
