"""The page of an import: set up, preview with paging and filter, commit, the account that stays; without JavaScript, in both languages, and who may look."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from courseware import db
from courseware.sandbox.models import SandboxAttempt
from courseware.web.site import Site
from tests.conftest import Browser
from tests.web.test_references import fill_in, steps_of

COLUMNS = {"name": "NAME", "company": "ORG", "title": "TITLE", "mobile": "CELL", "email": "MAIL", "consent": "OPT", "interest": "INT"}
RULES = {"normalise": ["width", "spaces", "case", "phone"], "match_keys": ["mobile", "email"], "consent_rule": "refusal-stays"}


@pytest.fixture
def tray(lin: Browser, site: Site) -> str:
    """The address of the first tray of a new run of SC04."""
    run = str(lin.post("/practise/SC04/start").headers["Location"])
    with db.session(site.school) as session:
        paper = session.get_one(SandboxAttempt, int(run.rsplit("/", 1)[1])).paper
    return f"{run}/imports/{paper['names']['tray'][1]}"


def fair(page: str) -> str:
    found = re.search(r'<option value="(\d+)"[^>]*>[^<]*Spring exhibition 2026', page)
    assert found is not None
    return found[1]


def set_up(visitor: Browser, tray: str, do: str = "save-preview", **changes: Any) -> Any:
    return visitor.post(tray, {**COLUMNS, **RULES, "campaign_id": fair(visitor.get(tray).text), "do": do, **changes})


def account(page: str) -> dict[str, int]:
    table = page.split('<table class="dense account')[1].split("</table>")[0]
    return {re.sub("<[^>]+>", "", name): int(number) for name, number in re.findall(r'<th scope="row">(.*?)</th><td class="num tn">(\d+)</td>', table)}


def test_before_the_set_up_the_rows_stand_as_they_were_scanned(lin: Browser, tray: str) -> None:
    page = unescape(lin.get(tray).text)
    assert "The rows as they were scanned" in page
    assert '<option value="CELL">CELL – ' in page
    assert "Page 1 of 19" in page
    assert 'value="commit"' not in page
    for name in COLUMNS:
        assert f'<label class="form-label" for="f-{name}">' in page


def test_set_up_preview_commit_and_the_account_that_stays(lin: Browser, tray: str) -> None:
    assert set_up(lin, tray).status_code == 303
    page = unescape(lin.get(tray).text)
    assert "2 · Preview" in page
    preview = account(page)
    assert preview["on record already: merged"] == 70
    assert preview["no working channel: rejected"] == 12
    assert sum(preview.values()) == 2 * 470  # the rows of the file are the last line
    assert "cannot work and is left out" in page
    repeats = unescape(lin.get(f"{tray}?show=repeat").text)
    assert len(re.findall(r"repeat of row \d+", repeats)) == 25
    assert f"({preview['repeat of another row: merged']})" in repeats
    last = unescape(lin.get(f"{tray}?show=repeat&page=3").text)
    assert 'rel="prev" href="?show=repeat&page=2#rows"' in last
    assert lin.post(tray, {"do": "commit"}).status_code == 303
    done = unescape(lin.get(tray).text)
    assert "What became of the rows" in done
    assert account(done) == preview
    assert 'name="do"' not in done
    again = lin.post(tray, {"do": "preview"})
    assert again.status_code == 409
    assert "stays as it is" in again.text


def test_what_does_not_fit_comes_back_beside_its_field_with_what_was_chosen(lin: Browser, tray: str) -> None:
    answer = set_up(lin, tray, email="CELL", match_keys=["mobile"])
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert "fills another field already" in page.split('for="f-email"')[1].split("</select>")[0]
    assert '<option value="ORG" selected>' in page
    assert 'value="case" checked' in page
    assert "The rows as they were scanned" in page
    bare = unescape(set_up(lin, tray, do="save", match_keys=[], consent_rule="").text)
    assert bare.count("This is needed.") == 1
    assert "Commit" not in bare


def test_a_change_after_the_preview_asks_for_a_new_one(lin: Browser, tray: str) -> None:
    set_up(lin, tray)
    assert set_up(lin, tray).status_code == 409
    assert set_up(lin, tray, do="save", normalise=[]).status_code == 303
    page = unescape(lin.get(tray).text)
    assert "The preview has not been made with this set-up yet." in page
    assert "The rows as they were scanned" in page
    assert lin.post(tray, {"do": "preview"}).status_code == 303
    assert account(unescape(lin.get(tray).text))["repeat of another row: merged"] < 20


@pytest.mark.parametrize("school", ["sqlite"], indirect=True)
def test_the_reference_passes_through_the_forms_of_the_verbs_as_well(lin: Browser, site: Site) -> None:
    run = str(lin.post("/practise/SC04/start").headers["Location"])
    for step in site.course().scenarios["SC04"].reference:
        for arguments, _ in steps_of(site, run, step, {}):
            fill_in(lin, run, step, arguments)
    lin.post(f"{run}/check")
    page = lin.get(run).text
    assert "This passes." in page
    assert "(+" in page  # many rows alike stand in one line
    assert len(page) < 80_000


def test_the_page_is_whole_in_chinese(lin: Browser, tray: str) -> None:
    set_up(lin, tray)
    lin.post("/language", {"language": "zh"})
    page = unescape(lin.get(tray).text).split("<main")[1].split('<aside class="dock"')[0]
    for words in ("设置", "预览", "提交导入", "哪一列", "视为相同", "打勾"):
        assert words in page
    assert "Save and preview" not in page


def test_only_the_owner_acts_and_strangers_see_nothing(browser: Any, lin: Browser, tray: str) -> None:
    set_up(lin, tray)
    stranger, teacher = browser("outsider"), browser("chen")
    assert stranger.get(tray).status_code == 404
    assert stranger.post(tray, {"do": "commit"}).status_code == 404
    seen = teacher.get(tray)
    assert seen.status_code == 200
    assert 'name="do"' not in seen.text
    assert teacher.post(tray, {"do": "commit"}).status_code in (403, 404)
    assert lin.get(tray.rsplit("/", 1)[0] + "/999999").status_code == 404
