"""Files of an answer: sent with or without a script, refused in clear words, given out as attachments to the right people alone."""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from courseware import db
from courseware.assessment.files import LARGEST
from courseware.assessment.models import Answer, QuizAttempt, StoredFile, UploadedFile
from courseware.assessment.uploads import MOST_SENT
from courseware.web.pages.uploads import BODY_LIMIT
from courseware.web.site import Site
from tests import by_hand
from tests.assessment.sample_files import GOOD, PDF
from tests.conftest import Browser
from tests.web.sitting import save

PLACE = 3  # of the question for files


@pytest.fixture
def attempt(site: Site, lin: Browser) -> int:
    by_hand.publish(site)
    return int(lin.post("/quizzes/hand/start").location.rsplit("/", 1)[1])


def send(browser: Browser, attempt: int, content: bytes = PDF, name: str = "plan.pdf", *, place: int = PLACE, script: bool = False, **form: Any) -> Any:
    page = browser.get(f"/attempts/{attempt}/{place}").text
    hidden = {field: found.group(1) for field in ("sequence", "key", "was") if (found := re.search(rf'name="{field}" value="([^"]*)"', page))}
    ticked = [value.replace("&#34;", '"') for value in re.findall(r"name=\"h-file\" value='([^']+)' checked", page)]
    data = {**hidden, "h-file": ticked, "file": (io.BytesIO(content), name), **form}
    return browser.post(f"/attempts/{attempt}/{place}/files", data, headers={"Accept": "application/json"} if script else {})


def kept(rows: Any) -> list[dict[str, Any]]:
    found = rows(select(Answer.response).where(Answer.question_id == "h-file"))
    return found[0] or [] if found else []


def address(attempt: int, file: dict[str, Any]) -> str:
    return f"/attempts/{attempt}/files/h-file/{file['sha256']}"


def test_a_file_is_kept_put_into_the_answer_and_listed(lin: Browser, attempt: int, rows: Any) -> None:
    assert send(lin, attempt, name="客户 回访.pdf").location == f"/attempts/{attempt}/{PLACE}"
    (entry,) = kept(rows)
    assert (entry["name"], entry["size"]) == ("客户 回访.pdf", len(PDF))
    page = lin.get(f"/attempts/{attempt}/{PLACE}").text
    assert "客户 回访.pdf" in page
    assert page.count("checked") == 1
    assert "Saved" in page


def test_a_script_is_told_where_to_go_on_or_why_not(lin: Browser, attempt: int) -> None:
    assert send(lin, attempt, script=True).json == {"to": f"/attempts/{attempt}/{PLACE}"}
    refused = send(lin, attempt, b"<html>", "screen.pdf", script=True)
    assert (refused.status_code, "what is in it is none" in refused.json["error"]) == (422, True)


def test_a_script_is_told_of_another_window_in_words(lin: Browser, attempt: int) -> None:
    hidden = re.findall(r'name="(sequence|key|was)" value="([^"]*)"', lin.get(f"/attempts/{attempt}/{PLACE}").text)
    send(lin, attempt, GOOD["list.csv"], "list.csv")
    refused = send(lin, attempt, script=True, **dict(hidden))
    assert (refused.status_code, "Another window or device has saved a newer answer" in refused.json["error"]) == (409, True)


def test_further_files_stand_beside_the_first_and_the_tick_takes_one_out(lin: Browser, attempt: int, rows: Any) -> None:
    send(lin, attempt)
    send(lin, attempt, GOOD["list.csv"], "list.csv")
    assert [entry["name"] for entry in kept(rows)] == ["plan.pdf", "list.csv"]
    save(lin, attempt, "h-file", kept(rows)[1:], sequence=9)
    assert [entry["name"] for entry in kept(rows)] == ["list.csv"]
    assert "plan.pdf" not in lin.get(f"/attempts/{attempt}/{PLACE}").text


def test_the_same_content_is_stored_once(lin: Browser, attempt: int, rows: Any, browser: Any) -> None:
    send(lin, attempt)
    send(lin, attempt, name="again.pdf")
    wu = browser("wuhao")
    send(wu, int(wu.post("/quizzes/hand/start").location.rsplit("/", 1)[1]))
    assert rows(select(func.count()).select_from(StoredFile)) == [1]
    assert sorted(rows(select(UploadedFile.name))) == ["again.pdf", "plan.pdf"]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "plan.pdf", "0 bytes"),
        (b"<script>alert(1)</script>", "plan.pdf", "what is in it is none"),
        (PDF, "plan.pdf.exe", "is not of a type asked for here: xlsx, csv, pdf"),
        (GOOD["screen.png"], "screen.png", "is not of a type asked for here"),
        (b"x" * (LARGEST + 1), "list.csv", "at most 10 MB"),
    ],
)
def test_what_is_refused_leaves_the_answer_and_says_why_on_its_page(lin: Browser, attempt: int, rows: Any, content: bytes, name: str, sentence: str) -> None:
    send(lin, attempt)
    answer = send(lin, attempt, content, name)
    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#39;", "'")
    assert "plan.pdf" in answer.text.split("<form")[1]
    assert [entry["name"] for entry in kept(rows)] == ["plan.pdf"]


def test_nothing_chosen_is_said_so(lin: Browser, attempt: int) -> None:
    answer = send(lin, attempt, b"", "")
    assert "Choose a file first" in answer.text


def test_a_fourth_file_is_refused_until_one_is_taken_out(lin: Browser, attempt: int, rows: Any) -> None:
    for number in range(3):
        send(lin, attempt, f"a,{number}".encode(), f"{number}.csv")
    assert 'type="file"' not in lin.get(f"/attempts/{attempt}/{PLACE}").text
    assert "at most 3 files" in send(lin, attempt).text
    assert len(kept(rows)) == 3


def test_sending_without_end_is_stopped(lin: Browser, attempt: int, site: Site, rows: Any) -> None:
    send(lin, attempt)
    with db.session(site.school, write=True) as session:
        (first,) = session.scalars(select(UploadedFile)).all()
        for number in range(MOST_SENT - 1):
            session.add(StoredFile(sha256=f"{number:064x}", content=b"x"))
            session.flush()
            session.add(UploadedFile(attempt_id=attempt, question_id="h-file", sha256=f"{number:064x}", name="x.csv", size=1, type="csv", by_id=first.by_id, at=first.at))
    assert "no more are taken" in send(lin, attempt, b"one,more", "more.csv").text


def test_only_the_route_for_files_takes_a_large_body_and_says_its_limit(lin: Browser, attempt: int) -> None:
    too_much = send(lin, attempt, b"x" * (BODY_LIMIT + 1), "list.csv")
    assert too_much.status_code == 413
    assert "at most 10 MB are taken" in too_much.text
    assert "at most 10 MB" in send(lin, attempt, b"x" * (BODY_LIMIT + 1), "list.csv", script=True).json["error"]
    elsewhere = lin.post(f"/attempts/{attempt}/{PLACE}", {"sequence": 5, "key": "k", "x": "x" * 600_000})
    assert elsewhere.status_code == 413
    assert "at most 512 kB" in elsewhere.text


def test_a_file_chosen_and_not_sent_is_not_forgotten_without_a_script(lin: Browser, attempt: int) -> None:
    page = lin.get(f"/attempts/{attempt}/{PLACE}").text
    form = {field: re.search(rf'name="{field}" value="([^"]*)"', page).group(1) for field in ("sequence", "key")}
    answer = lin.post(f"/attempts/{attempt}/{PLACE}", {**form, "file": "plan.pdf", "go": "review"})
    assert "is chosen, but not sent yet" in answer.text


def test_other_questions_take_no_file(lin: Browser, attempt: int, rows: Any) -> None:
    assert send(lin, attempt, place=2).status_code == 404
    assert send(lin, attempt, place=9).status_code == 404
    assert rows(select(StoredFile)) == []


def test_after_the_hand_in_nothing_is_taken(lin: Browser, attempt: int, rows: Any) -> None:
    page = lin.get(f"/attempts/{attempt}/{PLACE}").text
    form = {field: re.search(rf'name="{field}" value="([^"]*)"', page).group(1) for field in ("sequence", "key")}
    lin.post(f"/attempts/{attempt}/hand-in")
    answer = lin.post(f"/attempts/{attempt}/{PLACE}/files", {**form, "file": (io.BytesIO(PDF), "late.pdf")})
    assert "it was not taken" in lin.get(answer.location).text
    assert rows(select(StoredFile)) == []


# Giving out


@pytest.mark.parametrize("name", ["客户 回访.pdf", "plan (1) 100%.pdf", "it's.pdf"])
def test_a_file_is_an_attachment_of_a_fixed_type_under_its_own_name(lin: Browser, attempt: int, rows: Any, name: str) -> None:
    send(lin, attempt, name=name)
    (entry,) = kept(rows)
    answer = lin.get(address(attempt, entry))
    assert (answer.status_code, answer.data, answer.content_type) == (200, PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert quote(entry["name"].encode(), safe="") in answer.headers["Content-Disposition"] or entry["name"] in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_file_is_its_senders_until_handed_in_and_then_the_graders_too(lin: Browser, attempt: int, rows: Any, browser: Any) -> None:
    send(lin, attempt)
    file = address(attempt, kept(rows)[0])
    for login in ("chen", "admin", "wuhao", "outsider", "gao", "zhao"):
        assert browser(login).get(file).status_code == 404, login
    lin.post(f"/attempts/{attempt}/hand-in")
    assert [browser(login).get(file).status_code for login in ("lin", "chen", "admin", "wuhao", "outsider", "gao", "zhao", "sunjie")] == [200] * 3 + [404] * 5
    assert browser().get(file).status_code == 303
    assert "plan.pdf" in lin.get(f"/attempts/{attempt}/result").text


def test_a_manager_opens_a_file_of_a_new_hire_once_the_marks_are_released(browser: Any, site: Site, rows: Any, change_attempt: Any) -> None:
    by_hand.publish(site)
    hire, manager = browser("sunjie"), browser("zhao")
    attempt = int(hire.post("/quizzes/hand/start").location.rsplit("/", 1)[1])
    send(hire, attempt)
    hire.post(f"/attempts/{attempt}/hand-in")
    file = address(attempt, kept(rows)[0])
    assert manager.get(file).status_code == 404
    change_attempt(status="released")
    assert manager.get(file).status_code == 200


def test_a_file_that_was_taken_out_is_nobody_elses_business(lin: Browser, attempt: int, rows: Any, browser: Any) -> None:
    send(lin, attempt, name="draft.pdf")
    send(lin, attempt, b"a,b", "list.csv")
    draft, final = kept(rows)
    save(lin, attempt, "h-file", [final], sequence=9)
    lin.post(f"/attempts/{attempt}/hand-in")
    assert browser("chen").get(address(attempt, draft)).status_code == 404
    assert browser("chen").get(address(attempt, final)).status_code == 200


def test_a_hash_in_an_answer_opens_no_file_of_others(lin: Browser, attempt: int, rows: Any, browser: Any) -> None:
    send(lin, attempt)
    (entry,) = kept(rows)
    wu = browser("wuhao")
    own = int(wu.post("/quizzes/hand/start").location.rsplit("/", 1)[1])
    save(wu, own, "h-file", [entry])
    wu.post(f"/attempts/{own}/hand-in")
    assert wu.get(address(own, entry)).status_code == 404
    assert browser("chen").get(address(own, entry)).status_code == 404
    assert "were never sent" in browser("chen").get(f"/grade/attempts/{own}/h-file").text


def test_the_name_of_a_file_is_hidden_from_graders_until_release(lin: Browser, attempt: int, rows: Any, browser: Any, change_attempt: Any) -> None:
    send(lin, attempt, name="Lin Xiaoyu.pdf")
    file = address(attempt, kept(rows)[0])
    lin.post(f"/attempts/{attempt}/hand-in")
    chen = browser("chen")
    page = chen.get(f"/grade/attempts/{attempt}/h-file").text
    assert "Lin Xiaoyu" not in page
    assert "File 1" in page
    assert "Xiaoyu" not in chen.get(file).headers["Content-Disposition"]
    change_attempt(status="released")
    assert "Xiaoyu" in chen.get(file).headers["Content-Disposition"]
    assert rows(select(QuizAttempt.status)) == ["released"]
