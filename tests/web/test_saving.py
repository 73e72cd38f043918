"""What the script of a quiz relies on: the hash of what was sent, a sequence that tells what a save builds on, and a sign-out that empties the browser."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import select

from courseware.assessment.attempts import digest
from courseware.assessment.models import Answer, Receipt
from tests.conftest import Browser
from tests.web.sitting import begin, form_of, option, save


def was(page: str) -> str:
    return page.split('name="was" value="')[1].split('"')[0]


def test_an_acknowledgement_names_the_very_bytes_that_came(lin: Browser) -> None:
    attempt = begin(lin)
    body = json.dumps({"question": "m1-a-01", "response": "b", "sequence": 1, "key": "k", "a clock": "a day wrong"}, indent=3).encode()
    said = lin.client.post(f"/attempts/{attempt}/answers", data=body, content_type="application/json", headers={"X-CSRFToken": lin.token}).json
    assert said["received"] == hashlib.sha256(body).hexdigest()
    assert said["sha256"] == digest("b")


def test_a_save_that_builds_on_an_older_answer_replaces_nothing(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    assert form_of(page)["sequence"] == "1", "one above what this page shows"
    save(lin, attempt, "m1-a-01", "b", sequence=1)
    told = save(lin, attempt, "m1-a-01", "c", sequence=1).json
    assert (told["kept"], told["sequence"], told["sha256"]) == (False, 1, digest("b"))
    assert save(lin, attempt, "m1-a-01", "c", sequence=2).json["kept"] is True, "now it builds on the one it was told of"
    assert [row.response for row in rows(select(Answer))] == ["c"]


def test_who_changed_nothing_on_a_page_passes_on_whatever_another_window_saved(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    page = lin.get(f"/attempts/{attempt}/1").text
    save(lin, attempt, "m1-a-01", "b")
    untouched = {**form_of(page), "was": was(page), "go": "next"}
    assert lin.post(f"/attempts/{attempt}/1", untouched).location == f"/attempts/{attempt}/2"
    assert [row.response for row in rows(select(Answer))] == ["b"]
    assert len(rows(select(Receipt))) == 1
    changed = {**untouched, "m1-a-01": option(page, 1)}
    told = lin.post(f"/attempts/{attempt}/1", changed)
    assert told.status_code in (303, 409), "the same answer goes on, another one is asked about"
    assert len(rows(select(Receipt))) == (1 if told.status_code == 303 else 2)


def test_an_answer_taken_back_without_the_script_is_stored(lin: Browser, rows: Any) -> None:
    attempt = begin(lin)
    save(lin, attempt, "m1-a-04", ["a"])
    page = lin.get(f"/attempts/{attempt}/4").text
    assert was(page) == digest(["a"])
    lin.post(f"/attempts/{attempt}/4", {**form_of(page), "was": was(page), "go": "next"})
    assert rows(select(Answer))[0].response is None


def test_the_page_after_a_sign_out_empties_the_browser_once(browser: Any, who: Any) -> None:
    for way in ("/sign-out", "/sign-out-everywhere"):
        lin = browser("lin")
        lin.post(way)
        page = lin.get("/sign-in").text
        assert f'data-person="{who("lin").id}"' in page
        assert "signed_out.js" in page
        assert "signed_out.js" not in lin.get("/sign-in").text
    assert "signed_out.js" not in browser().get("/sign-in").text, "who only lost the session keeps what waits"
