"""Questions about the practice CRM in a quiz: what a paper pins, the CRM beside it, queries run and scored, hostile ones contained."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.assessment.models import Answer, LookedUp, QuestionScore, QuizAttempt
from courseware.assessment.papers import Paper
from courseware.course.revisions import read_folder, store
from courseware.grading.verify import verify
from courseware.sandbox.models import SandboxAttempt, Status
from courseware.shipped import root
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.web.own_data import FILES
from tests.web.sitting import form_of, save

RIGHT = "SELECT name, id FROM departments ORDER BY name DESC"


@pytest.fixture(autouse=True)
def _published(site: Site) -> None:
    with db.session(site.school, write=True) as session:
        store(session, {**read_folder(root()), **FILES}, NOW)
    site._looked = -10.0


def begin(browser: Browser, quiz: str = "own") -> int:
    answer = browser.post(f"/quizzes/{quiz}/start")
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def paper_of(rows: Any, attempt: int) -> Paper:
    return Paper.from_json(rows(select(QuizAttempt).where(QuizAttempt.id == attempt))[0].paper)


def points_of(rows: Any, attempt: int) -> dict[str, float]:
    return {row.question_id: row.points for row in rows(select(QuestionScore).where(QuestionScore.attempt_id == attempt).order_by(QuestionScore.id))}


def run_of(rows: Any) -> SandboxAttempt:
    (run,) = rows(select(SandboxAttempt))
    assert isinstance(run, SandboxAttempt)
    return run


def test_a_paper_pins_what_its_questions_took(lin: Browser, rows: Any, site: Site) -> None:
    paper = paper_of(rows, begin(lin))
    count, query, records = paper.questions
    assert count.taken["every"] > count.taken["late"] > 0
    assert len(query.taken["right"]["rows"]) > 5
    assert len(records.taken["right"]["rows"]) == 2
    shown = site.course().asked(paper)
    assert shown["own-count"].correct() == f"{count.taken['late']:g}"
    assert shown["own-count"].sandbox == ""


def test_learners_have_different_answers(site: Site) -> None:
    course = site.course()
    source = course.questions["own-count"]
    assert len({source.taken(seed, course.firm())["late"] for seed in range(25)}) >= 5
    assert source.taken(3, course.firm()) == source.taken(3, course.firm())


def test_the_crm_of_a_question_is_opened_to_be_read_only(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    assert "Open the CRM of this question" in page
    answer = lin.post(f"/attempts/{attempt}/1", data={**form_of(page), "own-count": "5", "go": "crm"})
    run = run_of(rows)
    assert answer.location == f"/practise/runs/{run.id}"
    assert (run.status, run.part_of) == (Status.READING, f"attempt:{attempt}/data:")
    assert rows(select(Answer))[0].response == "5", "what was typed is saved first"
    desk = lin.get(answer.location).text
    assert "These are the data of your quiz" in desk
    assert f'href="/attempts/{attempt}"' in desk
    assert lin.get(f"{answer.location}/cases").status_code == 200
    assert lin.post(f"{answer.location}/reset").status_code == 409
    assert lin.get(f"{answer.location}/report").status_code == 404


def test_the_runs_of_a_quiz_are_neither_listed_nor_in_the_way(lin: Browser, rows: Any) -> None:
    begin(lin)
    assert lin.post("/practise/free/start").status_code in (303, 404)
    assert "data of your quiz" not in lin.get("/practise").text


def test_a_query_is_run_beside_its_question_and_is_kept(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/2").text
    answer = lin.post(f"/attempts/{attempt}/2", data={**form_of(page), "own-query": "SELECT count(*) AS departments FROM departments", "go": "run"})
    shown = lin.get(answer.location).text
    assert '<th scope="col" class="num">departments</th>' in shown
    assert "SELECT count(*) AS departments FROM departments</textarea>" in shown
    assert rows(select(LookedUp)) == [], "trying out is no answer yet"


@pytest.mark.parametrize(("sql", "said"), [("SELECT nme FROM accounts", "Did you mean “name”?"), ("DELETE FROM accounts", "The console only reads"), ("", None)])
def test_what_the_console_says_stands_beside_the_question(lin: Browser, sql: str, said: str | None) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/2").text
    answer = lin.post(f"/attempts/{attempt}/2", data={**form_of(page), "own-query": sql, "go": "run"})
    shown = lin.get(answer.location)
    assert shown.status_code == 200
    assert said is None or said in shown.text


def test_handing_in_runs_the_query_once_and_scores_its_rows(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    taken = {one.id: one.taken for one in paper_of(rows, attempt).questions}
    save(lin, attempt, "own-count", f"{taken['own-count']['late']:g}")
    save(lin, attempt, "own-query", RIGHT)
    save(lin, attempt, "own-records", [row[0] for row in taken["own-records"]["right"]["rows"]])
    lin.post(f"/attempts/{attempt}/hand-in")
    assert points_of(rows, attempt) == {"own-count": 3, "own-query": 4, "own-records": 3}
    (looked,) = rows(select(LookedUp))
    assert looked.query == RIGHT
    assert len(looked.found["result"]["rows"]) == len(taken["own-query"]["right"]["rows"])
    assert "Every row asked for, and no other." in lin.get(f"/attempts/{attempt}/result").text


def test_half_of_the_rows_give_the_f1_of_rows_and_the_feedback_of_the_mistake(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    wanted = len(paper_of(rows, attempt).questions[1].taken["right"]["rows"])
    save(lin, attempt, "own-query", "SELECT id, name FROM departments WHERE id < 5")
    lin.post(f"/attempts/{attempt}/hand-in")
    assert points_of(rows, attempt)["own-query"] == pytest.approx(4 * 2 * 4 / (4 + wanted))
    result = lin.get(f"/attempts/{attempt}/result").text
    assert f"Rows right: 4, missing: {wanted - 4}, too many: 0." in result
    assert "Not only the first ones." in result


def test_a_wrong_path_of_the_own_data_gets_its_feedback(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    save(lin, attempt, "own-count", f"{paper_of(rows, attempt).questions[0].taken['every']:g}")
    lin.post(f"/attempts/{attempt}/hand-in")
    assert points_of(rows, attempt)["own-count"] == 0
    assert "These are all cases; filter by status." in lin.get(f"/attempts/{attempt}/result").text


def test_a_quiz_that_checks_at_once_runs_the_query_then(lin: Browser, rows: Any) -> None:
    attempt = begin(lin, "own-now")
    page = lin.get(f"/attempts/{attempt}/2").text
    lin.post(f"/attempts/{attempt}/2/check", data={**form_of(page), "own-query": RIGHT})
    assert points_of(rows, attempt) == {"own-query": 4}
    assert "Every row asked for, and no other." in lin.get(f"/attempts/{attempt}/2").text
    lin.post(f"/attempts/{attempt}/hand-in")
    assert len(rows(select(LookedUp))) == 1


HOSTILE = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "SELECT * FROM accounts, contacts, cases, orders",
    "ATTACH '/etc/passwd' AS p",
    "SELECT load_extension('x')",
    "SELECT name FROM departments; DROP TABLE departments",
    "SELECT sql FROM sqlite_schema",
    "SELECT '\ud83d' || char(0)",
)


@pytest.mark.parametrize("sql", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_query_is_contained_and_worth_nothing(lin: Browser, rows: Any, sql: str) -> None:
    attempt = begin(lin)
    save(lin, attempt, "own-query", sql.encode(errors="replace").decode())
    save(lin, attempt, "own-records", ["x"])
    assert lin.post(f"/attempts/{attempt}/hand-in").status_code == 303
    assert points_of(rows, attempt)["own-query"] == 0
    assert lin.get(f"/attempts/{attempt}/result").status_code == 200


def test_what_was_found_is_enough_to_compute_every_mark_again(lin: Browser, rows: Any, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = begin(lin)
    save(lin, attempt, "own-query", RIGHT)
    lin.post(f"/attempts/{attempt}/hand-in")
    monkeypatch.setattr("courseware.sandbox.console.scoring.POOL.run", None)
    with db.session(site.school) as session:
        assert verify(session, site.revision).faults == ()


def test_a_client_cannot_send_what_only_a_run_may_say(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    forged = {"sql": RIGHT, "found": {"result": {"columns": ["id", "name"], "rows": []}}}
    save(lin, attempt, "own-query", forged)
    assert rows(select(Answer))[0].response is None
