"""Requests at the very same moment, each of a thread with its own client: nothing is doubled, nothing acknowledged is lost, nobody sees a crash."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from courseware import clock, db
from courseware.assessment.attempts import digest
from courseware.assessment.models import Answer, HandedIn, QuestionScore, QuestionTry, QuizAttempt, Receipt, UploadedFile
from courseware.assessment.uploads import MOST_SENT
from courseware.course.revisions import read_folder, store
from courseware.grading.models import Evidence, LedgerEntry
from courseware.grading.sweeping import sweep
from courseware.people.access import Who
from courseware.people.actions import set_password, set_terms
from courseware.people.models import Class, Role, SignInFailure
from courseware.people.passwords import hash_password
from courseware.sandbox.models import SandboxAttempt
from courseware.shipped import root
from courseware.web.site import Site
from tests import by_hand
from tests.assessment.sample_files import PDF
from tests.conftest import NOW, Browser
from tests.web.own_data import FILES
from tests.web.sitting import form_of, save

TIMES = 20
LATER = NOW + timedelta(days=3650)
QUIZ = b"id: again\ntitle: {en: Again, zh: Again}\nmodule: M1\nattempts: 1\nbehaviour: {kind: interactive, tries: 3}\nforms: {A: m1-a}\n"


@pytest.fixture(autouse=True)
def _published(site: Site) -> None:
    with db.session(site.school, write=True) as session:
        store(session, {**read_folder(root()), **FILES, "quizzes/again.yaml": QUIZ, "quizzes/work.yaml": FILES["quizzes/work.yaml"].replace(b"attempts: 3", b"attempts: 1")}, NOW)
    site._looked = -10.0


Window = Callable[[], Browser]


@pytest.fixture
def window(browser: Any) -> Window:
    """Open one more window of the same learner."""
    return lambda: browser("lin")


def at_once(acts: Iterable[Callable[[], Any]]) -> list[Any]:
    """Do all acts at the same moment and give their answers; none may have crashed."""
    waiting = list(acts)
    gate = threading.Barrier(len(waiting))

    def done(act: Callable[[], Any]) -> Any:
        gate.wait(20)
        return act()

    with ThreadPoolExecutor(len(waiting)) as pool:
        answers = list(pool.map(done, waiting))
    assert all(getattr(answer, "status_code", 200) < 500 for answer in answers), [answer.text for answer in answers if answer.status_code >= 500][:1]
    return answers


def begin(browser: Browser, quiz: str = "again") -> int:
    return int(browser.post(f"/quizzes/{quiz}/start").location.rsplit("/", 1)[1])


def choice(site: Site, attempt: QuizAttempt) -> tuple[int, Any, list[str]]:
    """The place of the first single choice, the question, and its wrong options."""
    course = site.revision(attempt.paper["revision"])
    asked = [course.questions[one["id"]].resolve(attempt.paper["seed"]) for one in attempt.paper["questions"]]
    place, question = next((place, one) for place, one in enumerate(asked, 1) if one.kind == "choice")
    return place, question, [id for id in question.ids("options") if id != question.correct()]


def test_the_same_check_twenty_times_at_once_is_one_try(lin: Browser, window: Window, rows: Any, site: Site) -> None:
    attempt = begin(lin)
    place, question, wrong = choice(site, rows(select(QuizAttempt))[0])
    hidden = form_of(lin.get(f"/attempts/{attempt}/{place}").text)
    windows = [window() for _ in range(TIMES)]
    answers = at_once([lambda one=one: one.post(f"/attempts/{attempt}/{place}/check", {**hidden, question.id: wrong[0]}) for one in windows])
    assert {answer.status_code for answer in answers} == {303}
    assert [(row.number, row.response) for row in rows(select(QuestionTry))] == [(1, wrong[0])]
    assert len(rows(select(Answer))) == len(rows(select(Receipt))) == 1


def test_two_answers_checked_at_once_are_each_told_what_became_of_them(lin: Browser, window: Window, rows: Any, site: Site) -> None:
    attempt = begin(lin)
    place, question, wrong = choice(site, rows(select(QuizAttempt))[0])
    windows = [window() for _ in range(TIMES)]
    page = f"/attempts/{attempt}/{place}"
    hidden = [form_of(one.get(page).text) for one in windows]
    sent = [wrong[number % 2] for number in range(TIMES)]
    acts = zip(windows, hidden, sent, strict=True)
    answers = at_once([lambda one=one, form=form, option=option: one.post(f"{page}/check", {**form, question.id: option}) for one, form, option in acts])
    assert {answer.status_code for answer in answers} <= {303, 409}
    kept = rows(select(Answer))[0].response
    assert {option for option, answer in zip(sent, answers, strict=True) if answer.status_code == 303} == {kept}
    assert [row.response for row in rows(select(QuestionTry))] == [kept]


def test_a_check_and_a_hand_in_at_once_score_each_question_once(lin: Browser, window: Window, rows: Any, site: Site) -> None:
    attempt = begin(lin)
    place, question, wrong = choice(site, rows(select(QuizAttempt))[0])
    save(lin, attempt, question.id, wrong[0])
    windows = [window() for _ in range(TIMES)]
    form = {**form_of(lin.get(f"/attempts/{attempt}/{place}").text), question.id: wrong[0]}
    acts = [lambda one=one: one.post(f"/attempts/{attempt}/{place}/check", form) for one in windows[::2]]
    acts += [lambda one=one: one.post(f"/attempts/{attempt}/hand-in") for one in windows[1::2]]
    answers = at_once(acts)
    assert {answer.status_code for answer in answers} <= {303, 409}
    assert once_recorded(rows, "again")
    assert len(rows(select(QuestionTry))) <= 1


def once_recorded(rows: Any, quiz: str) -> bool:
    """Whether every question has one score and one hand-in, and the attempt one entry."""
    scores = [row.question_id for row in rows(select(QuestionScore))]
    handed_in = [row.question_id for row in rows(select(HandedIn))]
    entries = [entry for entry in rows(select(LedgerEntry)) if entry.work == f"quiz:{quiz}"]
    sources = [row.source for row in rows(select(Evidence))]
    assert len(entries) == 1
    assert len(scores) == len(set(scores))
    assert len(sources) == len(set(sources))
    paper = rows(select(QuizAttempt))[0].paper
    return sorted(handed_in) == sorted(question["id"] for question in paper["questions"])


def test_saves_beside_the_sweeper_count_or_are_told_to_be_late(lin: Browser, window: Window, rows: Any, site: Site, change_attempt: Any) -> None:
    attempt = begin(lin)
    questions = [question["id"] for question in rows(select(QuizAttempt))[0].paper["questions"]][:TIMES]
    course = site.course()
    seed = rows(select(QuizAttempt))[0].paper["seed"]
    rights = {id: course.questions[id].resolve(seed).correct() for id in questions}
    windows = [window() for _ in questions]
    change_attempt(deadline_at=clock.now() - timedelta(seconds=4, milliseconds=900))
    acts: list[Callable[[], Any]] = [lambda one=one, id=id: save(one, attempt, id, rights[id]) for one, id in zip(windows, questions, strict=True)]
    later = clock.now() + timedelta(seconds=10)
    acts += [lambda: sweep(site.school, course_of=site.revision, now=later)] * 4
    answers = at_once(acts)
    swept = answers[len(questions) :]
    assert [one.failed for one in swept] == [{}] * 4
    assert once_recorded(rows, "again")
    counted = {row.question_id: row.response for row in rows(select(HandedIn))}
    late = {row.question_id for row in rows(select(Receipt).where(Receipt.late_response.is_not(None)))}
    for id, answer in zip(questions, answers, strict=False):
        assert answer.status_code == 200, answer.text
        told = answer.json
        assert (counted[id] is None) == told["late"] == (id in late), id


def test_twenty_starts_at_once_are_one_attempt(window: Window, rows: Any) -> None:
    windows = [window() for _ in range(TIMES)]
    answers = at_once([lambda one=one: one.post("/quizzes/again/start") for one in windows])
    assert {answer.status_code for answer in answers} == {303}
    (attempt,) = rows(select(QuizAttempt))
    assert {answer.location for answer in answers} == {f"/attempts/{attempt.id}"}


def test_twenty_starts_after_the_last_attempt_begin_none(lin: Browser, window: Window, rows: Any) -> None:
    attempt = begin(lin)
    windows = [window() for _ in range(TIMES)]
    acts = [lambda one=one: one.post("/quizzes/again/start") for one in windows[::2]] + [lambda one=one: one.post(f"/attempts/{attempt}/hand-in") for one in windows[1::2]]
    assert {answer.status_code for answer in at_once(acts)} <= {303, 409}
    assert len(rows(select(QuizAttempt))) == 1
    assert once_recorded(rows, "again")


def test_twenty_openings_of_the_crm_begin_one_run_that_is_the_answer(lin: Browser, window: Window, rows: Any) -> None:
    windows = [window() for _ in range(TIMES)]
    starts = at_once([lambda one=one: one.post("/quizzes/work/start") for one in windows])
    assert {answer.status_code for answer in starts} == {303}
    (attempt,) = rows(select(QuizAttempt))
    page = f"/attempts/{attempt.id}/1"
    forms = [form_of(one.get(page).text) for one in windows]
    was = digest(None)
    answers = at_once([lambda one=one, form=form: one.post(page, {**form, "was": was, "go": "crm"}) for one, form in zip(windows, forms, strict=True)])
    (run,) = rows(select(SandboxAttempt))
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, f"/practise/runs/{run.id}")}
    assert [row.response for row in rows(select(Answer))] == [str(run.id)]


def test_one_idempotency_key_sent_twenty_times_is_one_receipt(lin: Browser, window: Window, rows: Any, site: Site) -> None:
    attempt = begin(lin)
    _, question, wrong = choice(site, rows(select(QuizAttempt))[0])
    windows, key = [window() for _ in range(TIMES)], uuid4().hex
    answers = at_once([lambda one=one: save(one, attempt, question.id, wrong[0], key=key) for one in windows])
    assert {(answer.json["kept"], answer.json["sequence"]) for answer in answers} == {(True, 1)}
    assert len(rows(select(Receipt))) == 1


def test_of_forty_files_sent_at_once_no_more_than_thirty_are_taken(site: Site, lin: Browser, window: Window, rows: Any) -> None:
    by_hand.publish(site, attempts=3)  # another than the one that other tests share
    attempt = begin(lin, "hand")
    windows = [window() for _ in range(8)]
    hidden = form_of(lin.get(f"/attempts/{attempt}/3").text)

    def sends(one: Browser, place: int) -> None:
        for number in range(5):
            answer = one.post(f"/attempts/{attempt}/3/files", {**hidden, "file": (io.BytesIO(PDF + f"{place}.{number}".encode()), "plan.pdf")})
            assert answer.status_code in (303, 409)

    at_once([lambda one=one, place=place: sends(one, place) for place, one in enumerate(windows)])
    assert len(rows(select(UploadedFile))) == MOST_SENT


# Guessing


def answers_to_guesses(guess: Callable[[Browser], Any], windows: list[Browser]) -> Counter[int]:
    return Counter(answer.status_code for answer in at_once([lambda one=one: guess(one) for one in windows]))


def test_of_twenty_guesses_at_once_at_the_password_of_a_quiz_ten_are_looked_at(lin: Browser, window: Window, rows: Any, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        group = session.scalars(select(Class).where(Class.code == "KF26-2")).one()
        by = Who(group.instructor_id, "chen", "", Role.INSTRUCTOR, "en")
        work = set_terms(session, class_id=group.id, work="quiz:again", opens_at=None, due_at=LATER, closes_at=None, networks=[], by=by, now=NOW)
        set_password(session, work, password_hash=hash_password("open sesame"))
    assert lin.post("/quizzes/again/start", {"password": "open sesame"}).status_code == 303, "a right one takes no place"
    lin.post(f"/attempts/{rows(select(QuizAttempt))[0].id}/hand-in")
    with db.session(site.school, write=True) as session:
        session.execute(update(QuizAttempt).values(quiz_id="again~aside"))
    windows = [window() for _ in range(TIMES)]
    assert answers_to_guesses(lambda one: one.post("/quizzes/again/start", {"password": "guess"}), windows) == {422: 10, 429: 10}
    assert len(rows(select(SignInFailure))) == 10


def test_of_twenty_sign_ins_at_once_ten_are_looked_at(browser: Any, rows: Any) -> None:
    windows = [browser() for _ in range(TIMES)]
    for place, one in enumerate(windows):
        one.get("/sign-in", environ_overrides={"REMOTE_ADDR": f"192.0.2.{place}"})

    def guess(one: Browser) -> Any:
        return one.post("/sign-in", {"login": "lin", "password": "guess"}, environ_overrides={"REMOTE_ADDR": f"192.0.2.{windows.index(one)}"})

    assert answers_to_guesses(guess, windows) == {422: 10, 429: 10}
