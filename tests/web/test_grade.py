"""The queue and the grading page: names hidden, marks kept, stale marks refused, release with a count before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from courseware import db
from courseware.grading import queries, queue
from courseware.grading.models import CaseAnswer, RubricMark
from courseware.people.actions import enrol
from courseware.people.models import Class
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.factories import make_person, person, who
from tests.grading.answers import handed_in, marked
from tests.web.counting import own

Open = Callable[..., Browser]
NAMES = ("Lin Xiaoyu", "林晓雨", "Wu Hao", "吴昊", "wuhao")
SOUND = {f"CS2-{letter}": "2" for letter in "abcd"}


@pytest.fixture
def two(site: Site) -> list[int]:
    """The answers of lin and wuhao to the same case, by their place in the queue."""
    with db.session(site.school, write=True) as session:
        for login in ("lin", "wuhao"):
            handed_in(session, site.course(), login)
        lines = queue.case_queue(session, who(session, "chen"))
    return [line.work_id for line in lines]


def status(site: Site, answer_id: int) -> str:
    with db.session(site.school) as session:
        return session.get_one(CaseAnswer, answer_id).status


def mark(chen: Browser, answer_id: int, seen: str = "0", **change: str) -> Any:
    return chen.post(f"/grade/{answer_id}", {**SOUND, "comment": "Well seen.", "seen": seen, **change})


def test_an_empty_queue_says_what_will_be_here(browser: Open) -> None:
    assert "No answer that a person marks has been handed in yet" in browser("chen").get("/grade").text


def test_no_name_stands_in_the_queue_or_on_the_grading_page(browser: Open, two: list[int]) -> None:
    chen = browser("chen")
    for address in ("/grade", "/grade?format=csv", *(f"/grade/{id}" for id in two)):
        text = chen.get(address).text
        assert not any(name in text for name in NAMES), address
    assert "Answer 1 of 2" in chen.get(f"/grade/{two[0]}").text


def test_the_name_stands_there_after_release(browser: Open, two: list[int], site: Site) -> None:
    chen = browser("chen")
    mark(chen, two[0])
    assert not any(name in chen.get("/grade").text for name in NAMES)
    chen.post(f"/grade/{two[0]}/release")
    assert sum(name in chen.get("/grade").text for name in ("Lin Xiaoyu", "Wu Hao")) == 1
    assert sum(name in chen.get(f"/grade/{two[0]}").text for name in ("Lin Xiaoyu", "Wu Hao")) == 1


def test_the_queue_is_filtered_searched_and_sorted(browser: Open, two: list[int]) -> None:
    chen = browser("chen")
    mark(chen, two[0])

    def shown(query: str) -> list[int]:
        text = chen.get(f"/grade?{query}").text
        return (
            sorted(two, key=lambda id: text.find(f'href="/grade/{id}"'))
            if all(f'href="/grade/{id}"' in text for id in two)
            else [id for id in two if f'href="/grade/{id}"' in text]
        )

    assert shown("status=marked") == [two[0]]
    assert shown("status=submitted") == [two[1]]
    assert shown("work=CS8") == []
    assert shown("q=FIRST+market") != []
    assert shown("q=nowhere+to+be+found") == []
    assert shown("q=Xiaoyu") == []
    assert shown("sort=work") == two
    assert shown("sort=-work") == two[::-1]
    assert shown("sort=nonsense&page=zero") == two


def test_the_queue_is_paged_and_the_statements_stay_the_same(browser: Open, site: Site, statements: list[str], two: list[int]) -> None:
    chen = browser("chen")
    statements.clear()
    chen.get("/grade")
    few = own(statements)
    with db.session(site.school, write=True) as session:
        enrol_many(session, 30)
        for place in range(30):
            handed_in(session, site.course(), f"pupil{place:02}")
    statements.clear()
    first = chen.get("/grade?sort=work").text
    assert (few, own(statements)) == (6, 6)
    second = chen.get("/grade?sort=work&page=2").text
    assert first.count('href="/grade/') == 25
    assert "Page 2 of 2, 32 in all" in second
    statements.clear()
    chen.get(f"/grade/{two[0]}")
    assert own(statements) == 5


def enrol_many(session: Any, count: int) -> None:
    group = session.scalars(select(Class).where(Class.code == "KF26-2")).one()
    for place in range(count):
        enrol(session, class_id=group.id, person_id=make_person(session, NOW, f"pupil{place:02}").id, now=NOW)


def test_marking_leads_on_to_the_next_answer_that_waits(browser: Open, two: list[int], site: Site) -> None:
    chen = browser("chen")
    assert mark(chen, two[0]).headers["Location"] == f"/grade/{two[1]}"
    last = mark(chen, two[1])
    assert last.headers["Location"] == "/grade?work=CS2"
    assert [status(site, id) for id in two] == ["marked", "marked"]


def test_marking_the_last_answer_wraps_to_an_earlier_one(browser: Open, two: list[int]) -> None:
    assert mark(browser("chen"), two[1]).headers["Location"] == f"/grade/{two[0]}"


def test_half_a_rubric_is_kept_and_stays_open(browser: Open, two: list[int], site: Site) -> None:
    chen = browser("chen")
    answer = chen.post(f"/grade/{two[0]}", {"CS2-a": "3", "comment": "", "seen": "0"})
    assert answer.headers["Location"] == f"/grade/{two[0]}"
    page = chen.get(f"/grade/{two[0]}").text
    assert "3 criteria open" in page
    assert status(site, two[0]) == "submitted"


def test_a_stale_mark_is_refused_and_what_was_typed_stands_in_the_form(browser: Open, two: list[int], site: Site) -> None:
    mark(browser("admin"), two[0])
    answer = mark(browser("chen"), two[0], **{"CS2-a": "0", "comment": "My own long comment"})
    assert answer.status_code == 409
    assert "Somebody else has marked" in answer.text
    assert "My own long comment" in answer.text
    assert "Now kept, by Zhou Fang 周芳: a 2, b 2" in " ".join(answer.text.split())
    with db.session(site.school) as session:
        assert session.scalar(select(func.max(RubricMark.level)).where(RubricMark.answer_id == two[0])) == 2
        assert session.scalar(select(func.count(RubricMark.id)).where(RubricMark.answer_id == two[0])) == 4


def test_sending_the_form_again_after_a_refusal_overwrites_knowingly(browser: Open, two: list[int], site: Site) -> None:
    mark(browser("admin"), two[0])
    chen = browser("chen")
    refused = mark(chen, two[0], **{"CS2-a": "0"})
    seen = refused.text.split('name="seen" value="')[1].split('"')[0]
    assert mark(chen, two[0], seen, **{"CS2-a": "0"}).status_code == 303
    with db.session(site.school) as session:
        assert queries.marks_of(session, [two[0]])[two[0]].levels["CS2-a"] == 0


@pytest.mark.parametrize("change", [{"seen": "x"}, {"CS2-a": "7", "CS2-b": "", "CS2-c": "", "CS2-d": ""}])
def test_a_broken_form_marks_nothing(browser: Open, two: list[int], site: Site, change: dict[str, str]) -> None:
    assert browser("chen").post(f"/grade/{two[0]}", {**SOUND, "comment": "", "seen": "0", **change}).status_code in (409, 422)
    assert status(site, two[0]) == "submitted"


def test_a_release_is_counted_before_it_happens(browser: Open, two: list[int], site: Site) -> None:
    chen = browser("chen")
    mark(chen, two[0])
    page = chen.post("/grade/release", {"case": [str(id) for id in two]})
    assert "Release 1 answer?" in page.text
    assert "1 chosen answers are left out" in page.text
    assert status(site, two[0]) == "marked"
    assert chen.post("/grade/release", {"case": [str(two[0])], "confirmed": "yes"}).status_code == 303
    assert status(site, two[0]) == "released"
    assert "Released: 1." in chen.get("/grade").text


def test_releasing_nothing_or_again_is_harmless(browser: Open, two: list[int], site: Site) -> None:
    chen = browser("chen")
    chen.post("/grade/release", {"case": ["nonsense", "999999"], "confirmed": "yes"})
    assert "Nothing was released" in chen.get("/grade").text
    mark(chen, two[0])
    chen.post(f"/grade/{two[0]}/release")
    chen.post(f"/grade/{two[0]}/release")
    assert "released before" in chen.get(f"/grade/{two[0]}").text


def test_an_unmarked_answer_cannot_be_released_alone(browser: Open, two: list[int], site: Site) -> None:
    assert browser("chen").post(f"/grade/{two[0]}/release").status_code == 409
    assert status(site, two[0]) == "submitted"


def test_another_instructor_finds_nothing_to_mark_or_release(browser: Open, two: list[int], site: Site) -> None:
    with db.session(site.school, write=True) as session:
        marked(session, site.course(), session.get_one(CaseAnswer, two[0]))
    gao = browser("gao")
    assert "No answer that a person marks" in gao.get("/grade").text
    assert gao.get(f"/grade/{two[0]}").status_code == 404
    assert mark(gao, two[0]).status_code == 404
    assert gao.post(f"/grade/{two[0]}/release").status_code == 404
    gao.post("/grade/release", {"case": [str(two[0])], "confirmed": "yes"})
    assert status(site, two[0]) == "marked"


@pytest.mark.parametrize("login", ["lin", "outsider", "zhao", "sunjie"])
def test_who_does_not_grade_finds_nothing(browser: Open, two: list[int], login: str) -> None:
    visitor = browser(login)
    assert visitor.get("/grade").status_code == 404
    assert visitor.get(f"/grade/{two[0]}").status_code == 404


def test_the_csv_names_nobody_before_release_and_runs_no_formula_after(browser: Open, two: list[int], site: Site) -> None:
    with db.session(site.school, write=True) as session:
        for login in ("lin", "wuhao"):
            person(session, login).name = "=HYPERLINK(1)"
    chen = browser("chen")
    assert "HYPERLINK" not in chen.get("/grade?format=csv").text
    mark(chen, two[0])
    chen.post(f"/grade/{two[0]}/release")
    answer = chen.get("/grade?format=csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "'=HYPERLINK(1)" in answer.text
    assert ",=HYPERLINK" not in answer.text


def test_the_rubric_of_the_pinned_revision_stands_on_the_page(browser: Open, two: list[int], site: Site) -> None:
    page = browser("chen").get(f"/grade/{two[0]}").text
    for criterion in site.course().cases["CS2"].criteria:
        assert f'id="criterion-{criterion.id}"' in page
    assert page.count('type="radio"') == 16
    assert "The questions and the note for markers" in page
