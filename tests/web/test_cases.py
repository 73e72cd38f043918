"""The pages of case studies: reading, saving with and without script, handing in, and what is kept back until release."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.clock import now
from courseware.grading.models import CaseAnswer
from courseware.people.actions import set_due
from courseware.people.models import Class
from courseware.web.site import Site
from tests.conftest import Browser
from tests.factories import who
from tests.grading.answers import handed_in, marked, released
from tests.web.counting import own

TEXT = "The staff are the first market."
FORM = {"text": TEXT, "questions": ["q1", "q2"], "sequence": "1"}
Open = Callable[..., Browser]


def stored(site: Site, case_id: str = "CS2") -> CaseAnswer:
    with db.session(site.school) as session:
        return session.scalars(select(CaseAnswer).where(CaseAnswer.case_id == case_id)).one()


def secrets(site: Site) -> list[str]:
    """Sentences of the teaching note and the model answer that no learner may see before release."""
    case = site.course().cases["CS2"]
    return [text[:40] for note in (case.teaching_note, case.model_answer) for text in note.values()]


def test_the_list_tells_where_each_case_stands(browser: Open, site: Site) -> None:
    lin = browser("lin")
    assert lin.get("/cases").text.count("not begun") == len(site.course().cases)
    lin.post("/cases/CS2/save", FORM)
    assert 'class="status status-draft"' in lin.get("/cases").text


def test_the_page_has_narrative_evidence_questions_rubric_and_box(browser: Open, site: Site) -> None:
    text = browser("lin").get("/cases/CS2").text
    assert "How well this is supported" in text
    for criterion in site.course().cases["CS2"].criteria:
        assert f'id="criterion-{criterion.id}"' in text
    assert text.index("How it is marked") < text.index('<textarea class="form-control case-text" id="text"')


def test_an_unknown_case_is_not_there(browser: Open) -> None:
    lin = browser("lin")
    assert lin.get("/cases/CS99").status_code == 404
    assert lin.post("/cases/CS99/save", FORM).status_code == 404


def test_reading_a_case_writes_nothing(browser: Open, site: Site, statements: list[str]) -> None:
    lin = browser("lin")
    statements.clear()
    lin.get("/cases/CS2")
    assert not any(statement.startswith(("INSERT", "UPDATE", "DELETE")) for statement in statements)
    assert own(statements) <= 4


def test_the_form_saves_without_script(browser: Open, site: Site) -> None:
    lin = browser("lin")
    assert lin.post("/cases/CS2/save", FORM).status_code == 303
    page = lin.get("/cases/CS2").text
    assert TEXT in page
    assert 'name="sequence" value="2"' in page
    assert page.count(" checked>") == 2
    assert stored(site).revision == site.course().revision


def test_json_is_acknowledged_with_sequence_and_time(browser: Open, site: Site) -> None:
    lin = browser("lin")
    lin.get("/cases/CS2")
    answer = lin.post("/cases/CS2/save", json={"text": TEXT, "questions": ["q1"], "sequence": 1})
    assert (answer.json["sequence"], answer.json["stored"], answer.json["size"]) == (1, True, 6)
    assert len(answer.json["time"].split(":")) == 3
    assert stored(site).text == TEXT


def test_an_older_save_is_answered_with_what_is_kept(browser: Open, site: Site) -> None:
    lin = browser("lin")
    lin.get("/cases/CS2")
    lin.post("/cases/CS2/save", json={"text": "newer", "questions": [], "sequence": 7})
    answer = lin.post("/cases/CS2/save", json={"text": "older", "questions": [], "sequence": 6})
    assert (answer.json["sequence"], answer.json["stored"]) == (7, False)
    assert stored(site).text == "newer"
    again = lin.post("/cases/CS2/save", json={"text": "newer", "questions": [], "sequence": 7})
    assert again.json["stored"] is True, "what comes twice, as when the first reply was lost, is held"


@pytest.mark.parametrize("body", [{}, [], {"text": 1, "questions": [], "sequence": 1}, {"text": "a", "questions": "q1", "sequence": 1}, {"text": "a", "questions": [], "sequence": True}])
def test_an_unreadable_save_is_refused_in_words(browser: Open, body: Any) -> None:
    lin = browser("lin")
    lin.get("/cases/CS2")
    answer = lin.post("/cases/CS2/save", json=body, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "could not be read" in answer.json["error"]


def test_two_windows_do_not_overwrite_each_other_and_both_texts_stand_on_the_page(browser: Open, site: Site) -> None:
    lin = browser("lin")
    lin.post("/cases/CS2/save", FORM)
    answer = lin.post("/cases/CS2/save", {**FORM, "text": "from the other window"})
    assert answer.status_code == 409
    assert TEXT in answer.text
    assert "from the other window" in answer.text
    assert 'name="sequence" value="2"' in answer.text
    assert stored(site).text == TEXT


def test_sending_the_same_form_twice_is_harmless(browser: Open) -> None:
    lin = browser("lin")
    lin.post("/cases/CS2/save", FORM)
    assert lin.post("/cases/CS2/save", FORM).status_code == 303


def test_handing_in_saves_what_the_form_holds(browser: Open, site: Site) -> None:
    lin = browser("lin")
    assert lin.post("/cases/CS2/hand-in", FORM).status_code == 303
    assert (stored(site).status, stored(site).text) == ("submitted", TEXT)
    page = lin.get("/cases/CS2").text
    assert "<textarea" not in page
    assert "questions 1, 2" in page


def test_a_second_hand_in_changes_nothing_and_says_so(browser: Open, site: Site) -> None:
    lin = browser("lin")
    lin.post("/cases/CS2/hand-in", FORM)
    first = stored(site).submitted_at
    assert lin.post("/cases/CS2/hand-in", {**FORM, "text": "changed", "sequence": "9"}).status_code == 303
    assert "handed in before" in lin.get("/cases/CS2").text
    assert (stored(site).submitted_at, stored(site).text) == (first, TEXT)


def test_a_save_after_the_hand_in_is_refused_and_the_text_given_back(browser: Open) -> None:
    lin = browser("lin")
    lin.post("/cases/CS2/hand-in", FORM)
    answer = lin.post("/cases/CS2/save", {**FORM, "text": "one more long thought", "sequence": "9"})
    assert answer.status_code == 409
    assert "one more long thought" in answer.text


@pytest.mark.parametrize(("change", "said"), [({"questions": ["q1"]}, "Choose 2"), ({"text": " "}, "nothing to hand in"), ({"text": "x" * 20_001}, "at most 20000")])
def test_what_cannot_be_handed_in_stays_in_the_form(browser: Open, site: Site, change: dict[str, Any], said: str) -> None:
    answer = browser("lin").post("/cases/CS2/hand-in", {**FORM, **change})
    assert answer.status_code == 422
    assert said in answer.text
    assert str(change.get("text", TEXT)).strip() in answer.text
    assert stored(site).status == "draft"


def test_a_late_answer_is_taken_and_called_late(browser: Open, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        group = session.scalars(select(Class).where(Class.code == "KF26-2")).one()
        set_due(session, class_id=group.id, work="case:CS2", due_at=now().replace(year=2020), by=who(session, "chen"), now=now())
    lin = browser("lin")
    assert "will be marked as late" in lin.get("/cases/CS2").text
    lin.post("/cases/CS2/hand-in", FORM)
    assert stored(site).is_late
    assert "late: it was due" in lin.get("/cases/CS2").text


def test_no_note_and_no_model_answer_reach_a_learner_before_release(browser: Open, site: Site) -> None:
    lin = browser("lin")
    pages = [lin.get("/cases/CS2").text, lin.get("/cases").text]
    lin.post("/cases/CS2/hand-in", FORM)
    pages.append(lin.get("/cases/CS2").text)
    with db.session(site.school, write=True) as session:
        marked(session, site.course(), session.scalars(select(CaseAnswer)).one(), comment="Secret comment")
    pages.append(lin.get("/cases/CS2").text)
    for page in pages:
        assert "Secret comment" not in page
        assert not any(secret in page for secret in secrets(site))


def test_after_release_marks_comment_and_model_answer_are_there_and_the_note_is_not(browser: Open, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        released(session, site.course(), marked(session, site.course(), handed_in(session, site.course(), "lin"), level=2, comment="Now a number."))
    page = browser("lin").get("/cases/CS2").text
    assert "6.4 <small>of 8 points" in page
    assert page.count('class="level given"') == 4
    assert "Now a number." in page
    assert "Model answer" in page
    assert "Teaching note" not in page


def test_an_instructor_reads_the_note_and_has_no_box(browser: Open) -> None:
    page = browser("chen").get("/cases/CS2").text
    assert "Teaching note" in page
    assert "<textarea" not in page


def test_a_released_answer_is_read_by_those_who_may_see_the_writer_and_nobody_else(browser: Open, site: Site) -> None:
    with db.session(site.school, write=True) as session:
        answer = handed_in(session, site.course(), "sunjie")
        address = f"/cases/CS2/answers/{answer.id}"
    assert browser("zhao").get(address).status_code == 404
    with db.session(site.school, write=True) as session:
        released(session, site.course(), marked(session, site.course(), session.get_one(CaseAnswer, answer.id)))
    page = browser("zhao").get(address)
    assert page.status_code == 200
    assert "Sun Jie" in page.text
    assert "Teaching note" not in page.text
    for login in ("lin", "outsider", "chen", "gao"):
        assert browser(login).get(address).status_code == 404
    assert browser("zhao").get(address.replace("CS2", "CS8")).status_code == 404


def test_the_outsider_sees_no_answer_but_her_own(browser: Open, site: Site) -> None:
    browser("lin").post("/cases/CS2/hand-in", FORM)
    outsider = browser("outsider")
    assert TEXT not in outsider.get("/cases/CS2").text
    assert "not begun" in outsider.get("/cases").text
