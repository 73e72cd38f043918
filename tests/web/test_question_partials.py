"""The partials of every kind: what a page posts is what was answered, no key leaks, and the result tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from html.parser import HTMLParser
from json import dumps
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from courseware.assessment.kinds import KINDS
from courseware.assessment.questions import Question, parse_question
from courseware.assessment.review import EVERYTHING, Shown
from courseware.i18n import Text

TEMPLATES = Path(__file__).parents[2] / "courseware" / "web" / "templates"
NAMES = sorted(KINDS)
CANARY = "canary-7f3a"
SECRET = {"feedback", "accept", "model_answer", "for_graders", "hints"}


def gettext(text: str, **values: Any) -> str:
    return text % values if values else text  # as views.translator


PAGES = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
PAGES.globals["_"] = gettext
PAGES.globals["static"] = "/static/{}".format


def render(question: Question, response: Any = None, *, folder: str = "question", lang: str = "en", order: Any = None, **more: Any) -> str:
    def text(value: Text) -> str:
        return value.to(lang)

    def markdown(value: Text) -> Markup:
        return Markup("<p>{}</p>").format(escape(value.to(lang)))

    frozen = question.shuffle(Random(5)) if order is None else order
    context = {"question": question, "response": response, "order": frozen, "prefix": "q7", "lang": lang, "disabled": False, "shown": EVERYTHING, **more}
    return PAGES.get_template(f"{folder}/{question.kind}.html").render(**context, t=text, md=markdown)


class Page(HTMLParser):
    """What a browser would post, which fields have labels, and every id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.form: dict[str, list[str]] = {}
        self.fields: list[str | None] = []
        self.labels: set[str | None] = set()
        self.ids: list[str] = []
        self.named: list[str] = []
        self._select = ""
        self._area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.named += [name for key in ("aria-labelledby", "aria-describedby") for name in (given.get(key) or "").split()]
        if tag == "label":
            self.labels.add(given.get("for"))
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.fields.append(given.get("id"))
        if tag == "button" and given.get("name"):  # says what it does by its own words
            self.fields.append(given.get("id"))
            self.labels.add(given.get("id"))
        if tag == "textarea":
            self._area = given["name"] or ""
            self.form.setdefault(self._area, []).append("")
        if tag == "select":
            self._select = given["name"] or ""
        chosen = given.get("type") in (None, "text", "hidden") or "checked" in given
        if (tag == "input" and chosen) or (tag == "option" and "selected" in given):
            self.form.setdefault(given.get("name") or self._select, []).append(given.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.form[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None


def poisoned(node: Any) -> Any:
    """Plant the canary in every feedback and every accepted answer of raw data."""
    if isinstance(node, Mapping):
        return {key: _spoilt(value) if key in SECRET else poisoned(value) for key, value in node.items()}
    return [poisoned(child) for child in node] if isinstance(node, list) else node


def _spoilt(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _spoilt(value) for key, value in node.items()}
    return [_spoilt(child) for child in node] if isinstance(node, list) else f"{node} {CANARY}"


def example(name: str, **changes: Any) -> Question:
    return parse_question({**deepcopy(KINDS[name].example()[0]), **changes})


def leaves(response: Any) -> list[str]:
    """Every text in a response."""
    if isinstance(response, Mapping | list):
        return [text for one in (response.values() if isinstance(response, Mapping) else response) for text in leaves(one)]
    return [str(response)]


@pytest.mark.parametrize("name", NAMES)
class TestEveryKind:
    def test_a_page_posts_what_was_answered(self, name: str) -> None:
        question = example(name)
        for response in (*KINDS[name].example()[1:], None):
            assert question.read(Page(render(question, response)).form, "q7") == question.clean(response)

    def test_nothing_is_preset_without_an_answer(self, name: str) -> None:
        assert "checked" not in render(example(name))
        assert "selected" not in render(example(name))

    def test_a_malformed_answer_is_shown_as_none(self, name: str) -> None:
        junks: list[Any] = [5, [5], {"p1": []}, {"leave": {}}, "<b>"]
        for junk in junks:
            page = Page(render(example(name), junk))
            assert example(name).read(page.form, "q7") == example(name).clean(junk)

    def test_every_field_has_a_label_and_every_id_is_used_once(self, name: str) -> None:
        page = Page(render(example(name)))
        assert page.fields
        assert set(page.fields) <= page.labels
        assert len(page.ids) == len(set(page.ids))
        assert set(page.named) <= set(page.ids)

    def test_the_rule_is_said_in_words_before_the_options(self, name: str) -> None:
        html = render(example(name))
        first = min(html.index(mark) for mark in ('<label class="', "<button") if mark in html)
        assert html.index("<legend") < first
        assert re.search("points|share|[Cc]ount|rubric", html[:first])

    def test_feedback_and_accepted_answers_do_not_leak(self, name: str) -> None:
        question = parse_question(poisoned(KINDS[name].example()[0]))
        for response in (*KINDS[name].example()[1:], None):
            assert CANARY not in render(question, response)

    def test_the_result_shows_the_feedback(self, name: str) -> None:
        question = parse_question(poisoned(KINDS[name].example()[0]))
        for response in (*KINDS[name].example()[1:], None):
            assert CANARY in render(question, response, folder="question/_result", score=question.score(response))

    def test_a_result_shows_no_feedback_and_no_key_where_neither_may_be_seen(self, name: str) -> None:
        question = parse_question(poisoned(KINDS[name].example()[0]))
        for response in (*KINDS[name].example()[1:], None):
            html = render(question, response, folder="question/_result", score=question.score(response), shown=Shown(attempt=True))
            assert CANARY not in html.replace(str(response), "")
            assert not [word for word in ('"right"', "<del>", '"wrong"') if word in html]

    def test_the_result_of_a_question_that_is_still_open_does_not_tell_the_key(self, name: str) -> None:
        data, _, wrong = KINDS[name].example()
        question = parse_question(poisoned(data))
        html = render(question, None, folder="question/_result", score=question.score(None), shown=EVERYTHING.while_open())
        assert CANARY not in html
        html = render(question, wrong, folder="question/_result", score=question.score(wrong), shown=EVERYTHING.while_open())
        known = dumps(data)  # an id of a piece is no key
        typed = [text for text in leaves(question.correct()) if text not in leaves(wrong) and f'"id": "{text}"' not in known]
        assert not [text for text in typed if f">{text}<" in html]

    def test_a_disabled_question_disables_its_fields(self, name: str) -> None:
        assert " disabled>" in render(example(name), disabled=True)
        assert " disabled>" not in render(example(name))

    def test_it_renders_in_chinese_and_without_an_order(self, name: str) -> None:
        assert render(example(name), lang="zh", order={})


def test_a_page_of_options_says_nothing_about_which_is_right() -> None:
    for name in ("choice", "multiple"):
        data = KINDS[name].example()[0]
        other = {**data, "options": [{**option, "right": index in ([0], [0, 3])[name == "multiple"]} for index, option in enumerate(data["options"])]}
        order = {"options": [option["id"] for option in data["options"]]}
        assert render(parse_question(data), order=order) == render(parse_question(other), order=order)


def test_a_page_of_verdicts_pairs_or_numbers_is_the_same_whatever_is_right() -> None:
    truefalse = [example("truefalse", answer=answer) for answer in (True, False)]
    numeric = [example("numeric", answer=answer, wrong=[]) for answer in (760, 5)]
    data = KINDS["matching"].example()[0]
    matching = [example("matching"), example("matching", left=[{**left, "match": "process"} for left in data["left"]])]
    for one, other in (truefalse, numeric, matching):
        assert render(one) == render(other)


def test_a_page_of_steps_depends_on_the_papers_order_and_not_on_the_key() -> None:
    data = KINDS["ordering"].example()[0]
    reversed_key = parse_question({**data, "items": data["items"][::-1], "free": []})
    order = {"items": ["solve", "thank", "close", "verify", "record"]}
    assert render(parse_question(data), order=order) == render(reversed_key, order=order)


def test_authors_ids_stay_out_of_the_page() -> None:
    data = KINDS["ordering"].example()[0]
    items = [{"id": f"step-{n}", "text": item["text"]} for n, item in enumerate(data["items"])]
    assert "step-" not in render(parse_question({**data, "items": items, "free": []}))
    matching = render(example("matching"))
    assert not any(f'"{id}"' in matching or f".{id}" in matching for id in ("leave", "books", "process", "condition"))


def test_without_a_paper_steps_are_not_shown_in_the_order_of_the_key() -> None:
    shown = []
    for n in range(20):
        question = example("ordering", id=f"q{n}")
        html = render(question, order={})
        places = [html.index(item.text["en"]) for item in question.items]
        shown.append(places == sorted(places))
    assert sum(shown) < 4


def test_what_a_learner_typed_is_escaped() -> None:
    for name, response in (("numeric", '"><script>'), ("short", {"inside": '"><script>'})):
        question = example(name)
        assert "<script>" not in render(question, response)
        assert "<script>" not in render(question, response, folder="question/_result", score=question.score(response))


def test_the_result_of_a_match_gives_points_line_by_line() -> None:
    question = example("matching")
    response = KINDS["matching"].example()[2]
    html = render(question, response, folder="question/_result", score=question.score(response))
    assert "<del>Process customer</del>" in html
    assert "<b>Function customer</b>" in html
    assert html.count('<td class="num">2</td>') == html.count('<td class="num">0</td>') == 1


def test_the_result_of_a_case_gives_points_part_by_part() -> None:
    question = example("case")
    score = question.score({"p2": "760"})
    html = render(question, {"p2": "760"}, folder="question/_result", score=score)
    assert "Part 1 of 2 · 0 of 1 points" in html
    assert "Part 2 of 2 · 2 of 2 points" in html
