"""Writing on the web: the lists, a question and its fields, drafts that nobody's typing overwrites."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from courseware import db
from courseware.assessment.kinds import KINDS
from courseware.course.drafts import ContentDraft, keep, working
from courseware.course.faults import Faults
from courseware.course.rewrite import dump
from courseware.course.yaml import load
from courseware.web.site import Site
from tests.conftest import NOW, Browser

FIELD = re.compile(r'<(?:input|select|textarea)[^>]*?name="([^"]+)"[^>]*>', re.DOTALL)


@pytest.fixture
def chen(browser: Any) -> Browser:
    made: Browser = browser("chen")
    return made


def form_of(page: str, id: str = "write") -> dict[str, str]:
    """The fields of a form as a browser would send them."""
    body = page.split(f'id="{id}"', 1)[1].split("</form>", 1)[0]
    fields: dict[str, str] = {}
    for found in FIELD.finditer(body):
        tag, name, rest = found[0], found[1], body[found.end() :]
        if tag.startswith("<textarea"):
            fields[name] = unescape(rest.split("</textarea>", 1)[0].removeprefix("\n"))
        elif tag.startswith("<select"):
            chosen = re.search(r'<option value="([^"]*)" selected', rest.split("</select>", 1)[0])
            fields[name] = unescape(chosen[1]) if chosen else ""
        else:
            value = re.search(r'value="([^"]*)"', tag)
            fields[name] = unescape(value[1]) if value else ""
    return fields


def faulty(page: str) -> set[str]:
    """The fields that a fault stands at."""
    return set(re.findall(r'<div class="field-error" id="e-f-([^"]+)"><div>', page))


def data_of(content: bytes) -> Any:
    document = load("", content, Faults())
    assert document is not None
    return document.data


def draft_of(site: Site, path: str = "quizzes/m1-a.yaml") -> ContentDraft | None:
    with db.session(site.school) as session:
        return session.scalar(select(ContentDraft).where(ContentDraft.path == path))


def drafted(site: Site, path: str = "quizzes/m1-a.yaml") -> Any:
    draft = draft_of(site, path)
    assert draft is not None
    return data_of(draft.content)


def put(site: Site, path: str, content: bytes, by_id: int = 1) -> None:
    with db.session(site.school, write=True) as session:
        known = working(session, path)
        keep(session, path, content, seen=known.content if known else b"", by_id=by_id, now=NOW)


def question(data: Any, id: str = "m1-a-01") -> Any:
    return next(one for one in data["questions"] if one["id"] == id)


def test_the_list_finds_a_question_by_its_id(chen: Browser) -> None:
    page = chen.get("/author?q=m1-a-07").text
    assert "/author/forms/m1-a" in page and "/author/forms/m2-a" not in page
    assert "CS2" in chen.get("/author?kind=case").text


def test_the_list_is_a_csv_file_too(chen: Browser) -> None:
    assert "form,m1-a,,M1,19" in chen.get("/author?format=csv&kind=form").text


@pytest.mark.parametrize("login", ["lin", "zhao"])
def test_only_who_teaches_may_write(browser: Any, login: str) -> None:
    assert browser(login).get("/author/forms/m1-a/m1-a-01").status_code == 404


def test_every_kind_can_be_opened_and_saved_unchanged(site: Site, chen: Browser) -> None:
    """A new kind is picked up here by itself: its form is made from its model."""
    data = {"id": "try-a", "questions": [{**KINDS[kind].example()[0], "id": f"try-a-{kind}"} for kind in sorted(KINDS)]}
    put(site, "quizzes/try-a.yaml", dump(data).encode())
    for kind in sorted(KINDS):
        page = chen.get(f"/author/forms/try-a/try-a-{kind}")
        assert page.status_code == 200 and "It can be shown as soon as" not in page.text, kind
        assert chen.post(f"/author/forms/try-a/try-a-{kind}", form_of(page.text)).status_code == 303, kind
        assert drafted(site, "quizzes/try-a.yaml") == data, kind


def test_saving_unchanged_makes_no_draft(site: Site, chen: Browser) -> None:
    page = chen.get("/author/forms/m1-a/m1-a-01").text
    assert chen.post("/author/forms/m1-a/m1-a-01", form_of(page)).status_code == 303
    assert draft_of(site) is None


def test_what_is_typed_becomes_a_draft_and_the_rest_of_the_file_stays(site: Site, chen: Browser) -> None:
    page = chen.get("/author/forms/m1-a/m1-a-01").text
    chen.post("/author/forms/m1-a/m1-a-01", {**form_of(page), "stem.en:area": "Who is served?", "points:number": "2"})
    draft = draft_of(site)
    assert draft is not None
    with db.session(site.school) as session:
        before = working(session, "quizzes/m1-a.yaml").published
    assert before is not None
    changed = set(draft.content.decode().splitlines()) - set(before.decode().splitlines())
    assert changed == {'      en: "Who is served?"', "    points: 2"}
    assert question(data_of(draft.content))["points"] == 2
    assert "Chen Yu" in chen.get("/author/forms/m1-a/m1-a-01").text


def test_a_fault_stands_at_its_field_and_nothing_typed_is_lost(site: Site, chen: Browser) -> None:
    page = chen.get("/author/forms/m1-a/m1-a-01").text
    chen.post("/author/forms/m1-a/m1-a-01", {**form_of(page), "points:number": "two", "options.1.text.en:area": ""})
    again = chen.get("/author/forms/m1-a/m1-a-01").text
    assert form_of(again)["points:number"] == "two"
    assert faulty(again) == {"points", "options.1.text"}


def test_a_box_that_is_no_yaml_is_kept_as_it_was_typed(site: Site, chen: Browser) -> None:
    page = chen.get("/author/forms/m1-a/m1-a-01").text
    chen.post("/author/forms/m1-a/m1-a-01", {**form_of(page), "vary:yaml": "unit: {pick: [1, 2\nrest"})
    again = chen.get("/author/forms/m1-a/m1-a-01").text
    assert form_of(again)["vary:yaml"] == "unit: {pick: [1, 2\nrest"
    assert faulty(again) == {"vary"}


def test_a_row_is_added_moved_and_removed_without_a_script(site: Site, chen: Browser) -> None:
    address = "/author/forms/m1-a/m1-a-01"
    chen.post(address, {**form_of(chen.get(address).text), "do": "add:options:id."})
    assert [one["id"] for one in question(drafted(site))["options"]] == ["a", "b", "c", "d", "e"]
    chen.post(address, {**form_of(chen.get(address).text), "do": "up:options.4"})
    chen.post(address, {**form_of(chen.get(address).text), "do": "remove:options.0"})
    assert [one["id"] for one in question(drafted(site))["options"]] == ["b", "c", "e", "d"]


def test_two_who_write_the_same_question_are_told(site: Site, chen: Browser, browser: Any) -> None:
    address = "/author/forms/m1-a/m1-a-01"
    mine, theirs = form_of(chen.get(address).text), browser("admin")
    theirs.post(address, {**form_of(theirs.get(address).text), "stem.en:area": "Theirs?"})
    told = chen.post(address, {**mine, "stem.en:area": "Mine?"})
    assert told.status_code == 409 and "Somebody else has changed this" in told.text
    assert question(drafted(site))["stem"]["en"] == "Theirs?"
    chen.post(address, form_of(told.text))
    assert question(drafted(site))["stem"]["en"] == "Mine?"


def test_two_who_write_different_questions_of_a_form_are_not_disturbed(site: Site, chen: Browser, browser: Any) -> None:
    mine, theirs = form_of(chen.get("/author/forms/m1-a/m1-a-01").text), browser("admin")
    theirs.post("/author/forms/m1-a/m1-a-02", {**form_of(theirs.get("/author/forms/m1-a/m1-a-02").text), "stem.en:area": "Theirs?"})
    assert chen.post("/author/forms/m1-a/m1-a-01", {**mine, "stem.en:area": "Mine?"}).status_code == 303
    assert [question(drafted(site), id)["stem"]["en"] for id in ("m1-a-01", "m1-a-02")] == ["Mine?", "Theirs?"]


def test_the_script_keeps_the_draft_and_gets_the_question_as_it_looks_now(site: Site, chen: Browser) -> None:
    address = "/author/forms/m1-a/m1-a-01"
    sent = {**form_of(chen.get(address).text), "stem.en:area": "Who *waits*?", "difficulty:number": "7"}
    told = chen.post(f"{address}/live", sent).json
    assert told["errors"].keys() == {"f-difficulty"} and told["time"]
    assert question(drafted(site))["stem"]["en"] == "Who *waits*?"
    told = chen.post(f"{address}/live", {**sent, "base": told["base"], "difficulty:number": "0.7"}).json
    assert "Who <em>waits</em>?" in told["html"] and not told["errors"]


def test_a_tried_answer_is_scored_and_not_kept(site: Site, chen: Browser) -> None:
    address = "/author/forms/m1-a/m1-a-01"
    page = chen.get(address).text
    question_ = site.course().questions["m1-a-01"].resolve(1)
    tried = chen.post(f"{address}/try", {"m1-a-01": question_.token("a"), "seed": "1"}).text
    assert "1 of 1 points" in tried and "1 of 1 points" not in page
    assert draft_of(site) is None


def test_a_question_is_copied_moved_removed_and_put_back(site: Site, chen: Browser) -> None:
    address = "/author/forms/m1-a"

    def do(command: str, **more: str) -> Any:
        return chen.post(address, {**form_of(chen.get(address).text, "list"), "do": command, **more})

    do("copy:m1-a-02")
    assert [one["id"] for one in drafted(site)["questions"]][:4] == ["m1-a-01", "m1-a-02", "m1-a-20", "m1-a-03"]
    do("move:m1-a-20", **{"to-m1-a-20": "1"})
    do("remove:m1-a-02")
    assert [one["id"] for one in drafted(site)["questions"]][:3] == ["m1-a-20", "m1-a-01", "m1-a-03"]
    assert "Put m1-a-02 back" in chen.get(address).text
    do("back:m1-a-02")
    assert drafted(site)["questions"][-1]["id"] == "m1-a-02"


def test_a_button_of_an_old_list_changes_nothing(site: Site, chen: Browser) -> None:
    old = form_of(chen.get("/author/forms/m1-a").text, "list")
    chen.post("/author/forms/m1-a", {**old, "do": "remove:m1-a-02"})
    assert chen.post("/author/forms/m1-a", {**old, "do": "remove:m1-a-01"}).status_code == 409
    assert question(drafted(site))["id"] == "m1-a-01"


def test_a_new_form_begins_with_an_example_to_write_over(site: Site, chen: Browser) -> None:
    assert chen.post("/author/new", {"kind": "form", "id": "m99-a"}).location.endswith("/author/forms/m99-a")
    made = chen.post("/author/forms/m99-a", {**form_of(chen.get("/author/forms/m99-a").text, "list"), "do": "add", "kind": "ordering"})
    assert made.location.endswith("/author/forms/m99-a/m99-a-01")
    assert drafted(site, "quizzes/m99-a.yaml")["questions"][0]["kind"] == "ordering"
    assert chen.post("/author/new", {"kind": "form", "id": "m99-a"}).status_code == 422
    assert chen.post("/author/new", {"kind": "form", "id": "../x"}).status_code == 422


@pytest.mark.parametrize(("kind", "id", "field"), [("quiz", "m1-extra", "quizzes"), ("case", "CS77", "cases")])
def test_a_new_quiz_or_case_is_listed_in_its_module(site: Site, chen: Browser, kind: str, id: str, field: str) -> None:
    made = chen.post("/author/new", {"kind": kind, "id": id, "module": "M1"})
    assert chen.get(made.location).status_code == 200
    assert drafted(site, "content/modules/m1/module.yaml")[field][-1] == id
    assert id in chen.get(f"/author?q={id}").text


@pytest.mark.parametrize("raw", [{"id": "odd-01", "kind": "unheard of"}, {"id": "odd-01"}, {"id": "odd-01", "kind": "choice", "options": "none"}, {"id": "odd-01", "kind": "cloze", "text": {"en": "[_x_]"}, "gaps": [3]}])
def test_a_question_that_is_hardly_one_can_be_opened_and_saved(site: Site, chen: Browser, raw: Any) -> None:
    put(site, "quizzes/odd.yaml", dump({"id": "odd", "questions": [raw]}).encode())
    page = chen.get("/author/forms/odd/odd-01")
    assert page.status_code == 200 and "It can be shown as soon as" in page.text
    assert chen.post("/author/forms/odd/odd-01", form_of(page.text)).status_code == 303
    assert {**drafted(site, "quizzes/odd.yaml")["questions"][0], "kind": None} == {**raw, "kind": None}
    assert chen.get("/author/drafts").status_code == 200 and chen.get("/author/forms/odd").status_code == 200


def test_addresses_that_name_nothing_are_not_found(chen: Browser) -> None:
    for address in ("forms/m1", "forms/nothing", "forms/m1-a/nothing", "quizzes/m1-a", "cases/CS99", "cases/CS2/text/fr", "revisions/999", "forms/..%2Fm1-a", "files/nothing"):
        assert chen.get(f"/author/{address}").status_code == 404, address


def test_a_list_takes_a_fixed_number_of_statements(chen: Browser, statements: list[str]) -> None:
    chen.get("/author")
    statements.clear()
    chen.get("/author")
    assert len(statements) <= 6


def test_answers_that_are_not_listed_are_shown_with_their_counts(site: Site, chen: Browser, browser: Any) -> None:
    lin = browser("lin")
    attempt = int(lin.post("/quizzes/every-kind/start").location.rsplit("/", 1)[1])
    body = {"question": "every-short", "response": {"nameless": "walk-in", "known": "client"}, "sequence": 1, "key": "k"}
    assert lin.post(f"/attempts/{attempt}/answers", json=body).json["kept"] is True
    lin.post(f"/attempts/{attempt}/hand-in")
    page = chen.get("/author/forms/every-kind-a/every-short").text
    assert '<th scope="row">walk-in</th><td class="num">1</td>' in page
    assert '<th scope="row">client</th>' not in page, "it is listed"


def test_a_forged_form_is_refused_in_words_and_keeps_nothing(chen: Browser) -> None:
    page = "/author/forms/m1-a/m1-a-01"
    form = form_of(chen.get(page).text)
    for forged in ({"a." * 3000 + "x:line": "typed at length"}, {"do": "up:options." + "9" * 5000}):
        answer = chen.post(page, {**form, **forged})
        assert answer.status_code == 422
        assert "has a name that cannot be read, so nothing was changed" in answer.text
    assert chen.post(page, {**form, "do": "add"}).status_code == 303, "a button without a list does nothing"
