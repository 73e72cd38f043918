"""Practice copies on the web: branching from a step, the label on every page, what a copy does not offer, where it does not appear, who may look."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from courseware import db
from courseware.grading.models import Evidence, LedgerEntry
from courseware.sandbox.models import JournalEntry, SandboxAttempt
from courseware.web.site import Site
from tests.conftest import Browser
from tests.web.counting import own
from tests.web.practising import begin, count

LABEL = "Practice copy of attempt 1, from step 2: nothing here counts."
CHECKED = "Checking costs nothing, and all hints are open."


@pytest.fixture
def worked(lin: Browser, run: str) -> str:
    """A run with three tasks."""
    for number in (1, 2, 3):
        lin.post(f"{run}/do/task.create", {"kind": "call", "subject": f"Zebra {number}"})
    return run


@pytest.fixture
def copy(lin: Browser, worked: str) -> str:
    """The address of the practice copy from step 2."""
    return branch(lin, worked, 2)


def branch(learner: Browser, run: str, step: int) -> str:
    answer = learner.post(f"{run}/branch", {"step": str(step)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def tasks(learner: Browser, run: str) -> list[str]:
    page = learner.get(f"{run}/tasks?q=Zebra").text
    return [name for name in ("Zebra 1", "Zebra 2", "Zebra 3", "Zebra 4") if name in page]


def number_of(run: str) -> int:
    return int(run.rsplit("/", 1)[1])


def journal(site: Site, run: str) -> list[Any]:
    with db.session(site.school) as session:
        wanted = select(JournalEntry.id, JournalEntry.epoch, JournalEntry.no, JournalEntry.changes).where(JournalEntry.attempt_id == number_of(run))
        return [tuple(row) for row in session.execute(wanted.order_by(JournalEntry.id))]


def test_every_step_of_ones_story_and_of_the_replay_offers_a_branch(lin: Browser, worked: str) -> None:
    for page in ("story", "replay"):
        text = lin.get(f"{worked}/{page}").text
        assert text.count(f'action="{worked}/branch"') == 4, "each step, and the beginning"
        assert "opens a practice copy" in text
        if page == "story":
            lin.post(f"{worked}/hand-in")


def test_a_branch_stands_as_the_run_did_and_leaves_the_run_alone(lin: Browser, worked: str, site: Site) -> None:
    before = journal(site, worked)
    copy = branch(lin, worked, 2)
    assert tasks(lin, copy) == ["Zebra 1", "Zebra 2"]
    lin.post(f"{copy}/do/task.create", {"kind": "call", "subject": "Zebra 4"})
    assert tasks(lin, copy) == ["Zebra 1", "Zebra 2", "Zebra 4"]
    assert lin.post(f"{copy}/check").status_code == 303
    assert lin.post(f"{copy}/undo").status_code == 303
    assert tasks(lin, copy) == ["Zebra 1", "Zebra 2"]
    assert tasks(lin, worked) == ["Zebra 1", "Zebra 2", "Zebra 3"]
    assert journal(site, worked) == before


def test_a_second_click_goes_to_the_same_copy(lin: Browser, worked: str, copy: str, site: Site) -> None:
    assert branch(lin, worked, 2) == copy
    assert branch(lin, worked, 1) == copy
    assert tasks(lin, copy) == ["Zebra 1"]
    with db.session(site.school) as session:
        assert session.scalar(select(func.count()).select_from(SandboxAttempt)) == 2
    story = lin.get(f"{worked}/story").text
    assert f'href="{copy}"' in story
    assert "Branching again begins the copy anew." in story


def test_every_page_of_a_copy_says_what_it_is_and_leads_back(lin: Browser, worked: str, copy: str) -> None:
    pages = ("", "/contacts", "/contacts/12", "/story", "/search?q=Zhang", "/console", "/reset", "/do/task.create", "/contacts/arrange", "/orders?q=1")
    for page in pages:
        text = lin.get(copy + page).text
        assert LABEL in text, page
        assert f'href="{worked}/story#step-2"' in text, page
    assert "Here the practice copy begins." in lin.get(f"{copy}/story").text
    lin.post(f"{worked}/hand-in")
    assert all(f'href="{worked}/replay#own-2"' in lin.get(copy + page).text for page in pages)
    lin.post(f"{copy}/reset")
    assert "Practice copy of attempt 1, from the beginning: nothing here counts." in lin.get(copy).text
    assert "Practice copy" not in lin.get(worked).text


def test_a_copy_has_neither_hand_in_nor_report_nor_further_copies(lin: Browser, copy: str, site: Site) -> None:
    assert f'action="{copy}/hand-in"' not in lin.get(copy).text
    refused = lin.post(f"{copy}/hand-in")
    assert refused.status_code == 409
    assert "A practice copy is not handed in: nothing in it counts." in refused.text
    assert lin.get(f"{copy}/report").headers["Location"] == copy
    assert lin.get(f"{copy}/replay").headers["Location"] == copy
    assert f'action="{copy}/branch"' not in lin.get(f"{copy}/story").text
    assert lin.post(f"{copy}/branch", {"step": "1"}).status_code == 409
    assert count(site, Evidence.work == "scenario:SC31") == count(site, LedgerEntry.work == "scenario:SC31") == 0


def test_hints_of_an_open_run_are_not_to_be_had_in_its_copy(lin: Browser, worked: str, copy: str) -> None:
    for _ in range(3):
        lin.post(f"{copy}/check")
    page = unescape(lin.get(copy).text)
    assert "Hint:" not in page
    assert "<dt>Where</dt>" not in page
    assert "Hints are opened in the attempt itself." in page
    assert lin.post(f"{copy}/hints/linked").status_code == 409
    lin.post(f"{worked}/hand-in")
    page = unescape(lin.get(copy).text)
    assert page.count("<dt>Where</dt>") == page.count("<dt>Expected</dt>") > 0
    assert CHECKED in page


def test_a_copy_appears_in_no_list_and_is_not_the_run_to_go_on_with(lin: Browser, worked: str, copy: str) -> None:
    for page in ("/", "/practise", "/practise/SC31"):
        assert f'"{copy}"' not in lin.get(page).text
    assert begin(lin) == worked
    lin.post(f"{worked}/hand-in")
    assert begin(lin) not in (worked, copy)
    assert "Go on with attempt 2" in lin.get("/practise/SC31").text


def test_free_practice_can_be_branched_too(lin: Browser) -> None:
    free = begin(lin, "free")
    lin.post(f"{free}/do/task.create", {"kind": "call", "subject": "Zebra 1"})
    copy = branch(lin, free, 0)
    assert tasks(lin, copy) == []
    assert f'href="{free}/story"' in lin.get(copy).text
    assert begin(lin, "free") == free


def test_a_step_that_is_not_there_opens_nothing(lin: Browser, worked: str, site: Site) -> None:
    for step in ("", "x", "9", "-1"):
        assert lin.post(f"{worked}/branch", {"step": step}).status_code == 422
    assert count(site, SandboxAttempt.status == "practice") == 0


def test_her_instructor_reads_a_copy_and_cannot_make_one(browser: Any, worked: str, copy: str) -> None:
    teacher = browser("chen")
    story = teacher.get(f"{worked}/story").text
    assert f'href="{copy}"' in story
    assert "/branch" not in story
    page = teacher.get(copy).text
    assert LABEL in page
    assert "You look at the work of Lin Xiaoyu" in page
    assert f'method="post" action="{copy}' not in page
    assert "Handed in" not in page
    assert teacher.post(f"{worked}/branch", {"step": "1"}).status_code == 404


def test_a_copy_is_called_so_in_the_names_of_its_files(lin: Browser, copy: str) -> None:
    assert "contacts-SC31-1-copy.csv" in lin.get(f"{copy}/contacts?format=csv").headers["Content-Disposition"]


def test_a_page_of_a_copy_takes_one_statement_more(lin: Browser, worked: str, copy: str, statements: list[str]) -> None:
    counts = []
    for address in (worked, copy):
        lin.get(f"{address}/contacts")
        statements.clear()
        lin.get(f"{address}/contacts")
        counts.append(own(statements))
    assert counts[1] == counts[0] + 1
