"""A scenario as a question: a run of its own beside the quiz, checked at hand-in, counted once and standing in no list."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.assessment.models import Answer, QuestionScore, QuizAttempt
from courseware.assessment.review import PRESETS
from courseware.grading.gradebook import load
from courseware.grading.models import Evidence, LedgerEntry
from courseware.grading.sweeping import sweep
from courseware.grading.verify import verify
from courseware.people.models import Person
from courseware.sandbox import attempts as sandboxes
from courseware.sandbox.models import SandboxAttempt, Status
from courseware.sandbox.state import checkout
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.web import practising
from tests.web.sitting import form_of, save
from tests.web.test_own_data import _published, begin

__all__ = ["_published"]


def open_crm(lin: Browser, attempt: int) -> str:
    page = lin.get(f"/attempts/{attempt}/1").text
    begun = dict(re.findall(r'name="(own-scenario)" value="(\d+)"', page))
    return str(lin.post(f"/attempts/{attempt}/1", data={**form_of(page), **begun, "go": "crm"}).location)


def work(site: Site, run: str, script: str = "reference") -> None:
    """Do what the reference of the scenario does, or its first near-miss."""
    course = site.course()
    scenario = course.scenarios["SC31"]
    steps = scenario.reference if script == "reference" else scenario.near_misses[0].script
    with db.session(site.school, write=True) as session:
        attempt = session.get_one(SandboxAttempt, int(run.rsplit("/", 1)[1]))
        sandboxes.play_script(session, attempt, scenario=scenario, state=checkout(course.base), script=steps, now=NOW)


def evidence(rows: Any) -> dict[str, Evidence]:
    return {row.source: row for row in rows(select(Evidence))}


def test_opening_the_crm_begins_the_run_and_is_the_answer(lin: Browser, rows: Any) -> None:
    attempt = begin(lin, "work")
    assert "Nothing is begun yet." in lin.get(f"/attempts/{attempt}/1").text
    run = open_crm(lin, attempt)
    assert rows(select(Answer))[0].response == run.rsplit("/", 1)[1]
    assert open_crm(lin, attempt) == run
    assert "Your work is begun." in lin.get(f"/attempts/{attempt}/1").text
    desk = lin.get(run).text
    assert f'href="/attempts/{attempt}?question=own-scenario"' in desk
    assert "Check my work" not in desk
    assert "Hand in now" not in desk
    assert lin.get(f"/attempts/{attempt}?question=own-scenario").location.endswith(f"/attempts/{attempt}/1")


def test_the_checks_give_the_points_and_each_its_evidence(lin: Browser, rows: Any, site: Site) -> None:
    attempt = begin(lin, "work")
    work(site, open_crm(lin, attempt))
    lin.post(f"/attempts/{attempt}/hand-in")
    (score,) = rows(select(QuestionScore))
    assert (score.points, score.rule) == (6, "scenario-1")
    checks = site.course().scenarios["SC31"].checks
    given = evidence(rows)
    assert {source: (row.objective, row.score, row.shows_ability) for source, row in given.items()} == {
        f"question:own-scenario/{check.id}": (check.objective, 1.0, True) for check in checks
    }
    assert sum(row.weight for row in given.values()) == pytest.approx(6)
    assert {entry.work for entry in rows(select(LedgerEntry))} == {"quiz:work"}
    assert rows(select(SandboxAttempt))[0].status == Status.RELEASED
    result = lin.get(f"/attempts/{attempt}/result").text
    assert "Open the report of this work" in result
    assert {check.objective for check in checks} == set(re.findall(r'<th scope="row"><a class="code code-[ak]" href="[^"]+">(\w+\.\d)</a>', result)), "by objective: those of the checks"
    page = lin.get(f"/progress/{checks[0].objective}").text
    assert "Somebody without a file is on the line." in page, "the evidence leads back to the question"
    assert f"/attempts/{attempt}/result#q-own-scenario" in page


def test_a_near_miss_loses_the_share_of_its_checks(lin: Browser, rows: Any, site: Site) -> None:
    attempt = begin(lin, "work")
    work(site, open_crm(lin, attempt), "near-miss")
    lin.post(f"/attempts/{attempt}/hand-in")
    scenario = site.course().scenarios["SC31"]
    (score,) = rows(select(QuestionScore))
    assert 0 < score.fraction < 1
    failed = {source.rpartition("/")[2] for source, row in evidence(rows).items() if row.score < 1}
    assert failed == scenario.near_misses[0].fails
    with db.session(site.school) as session:
        assert verify(session, site.revision).faults == ()


def test_a_scenario_never_opened_reaches_nothing(lin: Browser, rows: Any) -> None:
    attempt = begin(lin, "work")
    lin.post(f"/attempts/{attempt}/hand-in")
    assert rows(select(QuestionScore))[0].points == 0
    assert {row.score for row in evidence(rows).values()} == {0}
    assert "The CRM was not opened for this question." in lin.get(f"/attempts/{attempt}/result").text


def test_the_run_is_no_attempt_of_its_own(lin: Browser, rows: Any, site: Site) -> None:
    attempt = begin(lin, "work")
    part = open_crm(lin, attempt)
    own = practising.begin(lin, "SC31")
    assert own != part
    assert part not in lin.get("/practise/SC31").text
    for action in ("check", "hand-in", "hints/x"):
        assert lin.post(f"{part}/{action}").status_code == 409, action
    with db.session(site.school) as session:
        person = session.scalars(select(Person.id).where(Person.login == "lin")).one()
        assert [one.work_id for one in load(session, [person])[person].tries["scenario:SC31"]] == [int(own.rsplit("/", 1)[1])]
    lin.post(f"/attempts/{attempt}/hand-in")
    assert lin.get(own).status_code == 200


def test_a_run_whose_answer_was_lost_is_the_answer_again_when_it_is_opened(lin: Browser, rows: Any) -> None:
    attempt = begin(lin, "work")
    run = open_crm(lin, attempt)
    save(lin, attempt, "own-scenario", None, sequence=5)
    assert open_crm(lin, attempt) == run
    assert rows(select(Answer))[0].response == run.rsplit("/", 1)[1]


def test_a_run_of_somebody_else_is_no_answer(browser: Any, lin: Browser, rows: Any, site: Site) -> None:
    theirs = open_crm(wu := browser("wuhao"), begin(wu, "work"))
    work(site, theirs)
    attempt = begin(lin, "work")
    page = lin.get(f"/attempts/{attempt}/1").text
    lin.post(f"/attempts/{attempt}/1", data={**form_of(page), "own-scenario": theirs.rsplit("/", 1)[1]})
    lin.post(f"/attempts/{attempt}/hand-in")
    assert rows(select(QuestionScore).where(QuestionScore.attempt_id == attempt))[0].points == 0


def test_when_the_time_is_up_nothing_more_is_done_and_the_sweep_hands_in(lin: Browser, rows: Any, site: Site, at: Any, change_attempt: Any) -> None:
    attempt = begin(lin, "work")
    run = open_crm(lin, attempt)
    work(site, run)
    change_attempt(deadline_at=NOW + timedelta(minutes=20))
    at(later := NOW + timedelta(hours=1))
    assert lin.post(f"{run}/undo").status_code == 409
    swept = sweep(site.school, course_of=site.revision, now=later)
    assert (swept.handed_in, swept.failed) == ((attempt,), {})
    assert rows(select(QuestionScore))[0].points == 6
    assert rows(select(QuizAttempt))[0].status == "released"


def test_the_report_waits_for_the_marks_of_the_quiz(lin: Browser, rows: Any, site: Site, change_attempt: Any) -> None:
    attempt = begin(lin, "work")
    run = open_crm(lin, attempt)
    lin.post(f"/attempts/{attempt}/hand-in")
    assert lin.get(f"{run}/report").status_code == 200
    change_attempt(status="marked")
    assert lin.get(f"{run}/report").status_code == 409
    assert lin.get(f"{run}/replay").status_code == 409


def test_no_report_and_no_path_that_passes_before_the_quiz_shows_right_answers(lin: Browser, rows: Any, change_attempt: Any, site: Site) -> None:
    attempt = begin(lin, "work")
    run = open_crm(lin, attempt)
    paper = rows(select(QuizAttempt))[0].paper
    things = ["attempt", "marks"]
    change_attempt(paper={**paper, "review": {"during": [], "after": things, "later": things, "closed": list(paper["review"]["closed"])}})
    work(site, run)
    lin.post(f"/attempts/{attempt}/hand-in")
    assert rows(select(QuizAttempt))[0].status == "released"
    refused = [lin.get(f"{run}/{page}") for page in ("report", "replay")]
    assert [answer.status_code for answer in refused] == [409, 409]
    said = "shown once the points of the quiz are released and the quiz shows this: %s."
    assert [said % what in answer.text for what, answer in zip(("feedback on your answers", "the right answers"), refused, strict=True)] == [True, True]


@pytest.mark.parametrize("review", ["exam", "practice-exam"])
def test_no_page_of_the_run_tells_what_was_found_before_the_quiz_does(lin: Browser, rows: Any, change_attempt: Any, site: Site, review: str) -> None:
    """Handing in makes the last check, and the panel beside every page of a run shows what the last check found."""
    attempt = begin(lin, "work")
    run = open_crm(lin, attempt)
    paper = rows(select(QuizAttempt))[0].paper
    change_attempt(paper={**paper, "review": PRESETS[review].model_dump(mode="json")})
    work(site, run, "near-miss")
    lin.post(f"/attempts/{attempt}/hand-in")
    pages = [lin.get(f"{run}{page}").text for page in ("", "/story", "/contacts/1", "/do/contact.create")]
    assert not [page for page in pages if "checks pass" in page or "What you changed" in page]
    change_attempt(paper={**paper, "review": PRESETS["learn"].model_dump(mode="json")}, status="released")
    assert "checks pass" in lin.get(run).text
