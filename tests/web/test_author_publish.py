"""Publishing from the web: the list of drafts, faults that lead to their fields, the history, the zip, and attempts that keep what they began with."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.course.drafts import drafts, newest
from courseware.course.revisions import EXPORTED, Revision, exported_from, read_folder, store, tree_of
from courseware.shipped import root
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.web import sitting
from tests.web.test_author import form_of

PATH = "quizzes/m1-a.yaml"
QUESTION = "/author/forms/m1-a/m1-a-01"


@pytest.fixture
def chen(browser: Any) -> Browser:
    made: Browser = browser("chen")
    return made


def write(browser: Browser, address: str = QUESTION, **changes: str) -> None:
    fields = {name.replace("__", "."): value for name, value in changes.items()}
    sent = {**form_of(browser.get(address).text), **{f"{name}:area" if "." in name else f"{name}:choice": value for name, value in fields.items()}}
    assert browser.post(address, sent).status_code == 303


def publish(browser: Browser, *paths: str, note: str = "Clearer words") -> Any:
    browser.get("/author/drafts")
    return browser.post("/author/drafts", {"do": "publish", "path": list(paths) or [PATH], "note": note})


def current(site: Site) -> int:
    with db.session(site.school) as session:
        return newest(session)[0]


def waiting(site: Site) -> list[str]:
    with db.session(site.school) as session:
        return list(drafts(session))


def test_a_draft_is_shown_published_and_seen_by_learners(site: Site, chen: Browser, lin: Browser) -> None:
    write(chen, stem__en="Who is served here?")
    page = chen.get("/author/drafts").text
    assert "m1-a-01" in page and "changed: stem" in page and "no fault" in page
    before = current(site)
    assert publish(chen).location.endswith(f"/author/revisions/{before + 1}")
    site._looked = -10.0
    attempt = sitting.begin(lin)
    assert "Who is served here?" in lin.get(f"/attempts/{attempt}/1").text
    history = chen.get("/author/revisions").text
    assert "Clearer words" in history and "Chen Yu" in history and "from a folder" in history


def test_an_attempt_keeps_the_revision_it_began_with(site: Site, chen: Browser, lin: Browser) -> None:
    attempt = sitting.begin(lin)
    before = lin.get(f"/attempts/{attempt}/1").text
    write(chen, stem__en="Who is served here?")
    publish(chen)
    site._looked = -10.0
    after = lin.get(f"/attempts/{attempt}/1").text
    assert "Who is served here?" not in after and "customer" in before


def test_a_fault_refuses_to_publish_and_leads_to_its_field(site: Site, chen: Browser) -> None:
    write(chen, section="")
    before = current(site)
    told = publish(chen)
    assert told.status_code == 422
    assert f'href="{QUESTION}' in told.text and "m1-a.yaml:" in told.text
    assert current(site) == before and waiting(site) == [PATH]


def test_a_fault_inside_a_field_leads_to_it(chen: Browser) -> None:
    address = "/author/forms/m1-a/m1-a-02"
    chen.post(address, {**form_of(chen.get(address).text), "difficulty:number": "7"})
    assert f'href="{address}#f-difficulty"' in chen.get("/author/drafts").text


def test_without_a_note_nothing_is_published(site: Site, chen: Browser) -> None:
    write(chen, stem__en="Who is served here?")
    assert publish(chen, note=" ").status_code == 422
    assert waiting(site) == [PATH]


def test_what_was_published_meanwhile_is_shown_and_one_says_which_counts(site: Site, chen: Browser) -> None:
    write(chen, stem__en="Mine?")
    with db.session(site.school, write=True) as session:
        tree = tree_of(session, newest(session)[0])
        store(session, {**tree, PATH: tree[PATH].replace(b"points: 1", b"points: 2", 1)}, NOW)
    assert publish(chen).status_code == 422
    assert "published after this draft was begun" in chen.get(QUESTION).text
    chen.post("/author/drafts", {"do": f"mine:{PATH}"})
    assert publish(chen).status_code == 303


def test_a_draft_is_thrown_away(site: Site, chen: Browser) -> None:
    write(chen, stem__en="Mine?")
    chen.get("/author/drafts")
    chen.post("/author/drafts", {"do": f"discard:{PATH}"})
    assert waiting(site) == []


def test_two_revisions_are_compared_and_an_older_one_is_made_current(site: Site, chen: Browser) -> None:
    first = current(site)
    write(chen, stem__en="Who is served here?")
    publish(chen)
    page = chen.get(f"/author/revisions/{first + 1}?against={first}").text
    assert "m1-a-01" in page and "+" in page and "Who is served here?" in page
    chen.get(f"/author/revisions/{first}")
    assert chen.post(f"/author/revisions/{first}", {"current": str(first), "note": "back"}).status_code == 409
    assert chen.post(f"/author/revisions/{first}", {"current": str(first + 1), "note": "back"}).status_code == 303
    with db.session(site.school) as session:
        assert tree_of(session, first + 2) == tree_of(session, first)
        assert session.scalars(select(Revision.note).where(Revision.id == first + 2)).one() == "back"


def test_the_zip_holds_the_files_and_says_which_revision_they_are(site: Site, chen: Browser, tmp_path: Any) -> None:
    answer = chen.get(f"/author/revisions/{current(site)}/export")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert EXPORTED in archive.namelist()
        archive.extractall(tmp_path)
    assert read_folder(tmp_path) == read_folder(root())
    assert exported_from(tmp_path) is not None


def test_a_case_and_its_narrative_are_written_and_published(site: Site, chen: Browser) -> None:
    write(chen, "/author/cases/CS2", questions__0__text__en="Why do they do it?")
    page = chen.get("/author/cases/CS2/text/en").text
    fields = form_of(page)
    assert chen.post("/author/cases/CS2/text/en", fields).status_code == 303 and waiting(site) == ["case_studies/cs2/case.yaml"]
    told = chen.post("/author/cases/CS2/text/en/live", {**fields, "body": fields["body"] + "\nOne *more* sentence.\n"}).json
    assert "One <em>more</em> sentence." in told["html"] and told["time"]
    assert publish(chen, "case_studies/cs2/case.yaml", "case_studies/cs2/cs2.en.md").status_code == 422  # the Chinese twin lacks the new paragraph
    assert "/author/cases/CS2/text/zh" in chen.get("/author/drafts").text
    assert publish(chen, "case_studies/cs2/case.yaml").status_code == 303


def test_every_field_of_a_quiz_can_be_written(site: Site, chen: Browser) -> None:
    address = "/author/quizzes/m1"
    fields = form_of(chen.get(address).text)
    assert chen.post(address, fields).status_code == 303 and waiting(site) == []
    assert chen.post(address, {**fields, "attempts:number": "3", "counts:choice": "last"}).status_code == 303
    publish(chen, "quizzes/m1.yaml")
    site._looked = -10.0
    assert site.course().quizzes["m1"].attempts == 3


def test_nobody_else_sees_drafts(site: Site, lin: Browser) -> None:
    for address in ("/author/drafts", "/author/revisions", "/author/revisions/1", "/author/revisions/1/export", "/author/cases/CS2"):
        assert lin.get(address).status_code == 404
