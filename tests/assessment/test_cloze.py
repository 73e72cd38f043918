"""Cloze: gaps for words, numbers and menus, each with its weight."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.kinds.cloze import Cloze
from courseware.assessment.questions import Question, QuestionSource, parse_question

DATA = Cloze.example()[0]


def question(**changes: Any) -> Question:
    return parse_question({**DATA, **changes})


@pytest.mark.parametrize(
    ("response", "fraction"),
    [
        ({"who": "owner", "hours": "24", "last": "confirms"}, 1),
        ({"who": "owner"}, 0.5),  # its weight is 2 of 4
        ({"hours": "２４"}, 0.25),
        ({"hours": "24.5"}, 0),
        ({"last": " Has  CONFIRMED. "}, 0.25),
        ({"last": "确认"}, 0.25),
        ({"who": "somebody"}, 0),
    ],
)
def test_each_gap_gives_its_weight(response: dict[str, str], fraction: float) -> None:
    score = question().score(response)
    assert score.fraction == pytest.approx(fraction)
    assert [part.points for part in score.parts] == [2, 1, 1]


def test_a_number_is_right_within_its_tolerance() -> None:
    gaps = [gap | {"tolerance": 0.5} if gap["id"] == "hours" else gap for gap in DATA["gaps"]]
    assert question(gaps=gaps).score({"hours": "24.5"}).fraction == 0.25
    assert question(gaps=gaps).score({"hours": "24.6"}).fraction == 0


def test_what_is_not_in_the_menu_falls_out_and_what_was_typed_is_kept() -> None:
    assert question().clean({"who": "somebody", "hours": " a day "}) == {"hours": "a day"}


def test_remarks_are_on_the_gaps_that_were_filled() -> None:
    remarks = question().score({"who": "queue", "hours": "24"}).remarks
    assert [(remark.on, remark.right, remark.text["en"]) for remark in remarks] == [("who", False, "A queue answers for nothing."), ("hours", True, "From Monday 9:00 to Tuesday 9:00.")]


def test_the_text_is_cut_at_its_gaps() -> None:
    first, second = question().paragraphs("en")
    assert [(text, gap and gap.id) for text, gap in first] == [
        ("A ticket gets ", "who"),
        (". It came on Monday at 9:00 and is due a day later, within ", "hours"),
        (" hours.", None),
    ]
    assert [gap and gap.id for _, gap in second] == ["last", None]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": {"en": "Only [_who_] and [_hours_]."}}, "text.en: the text holds the gaps who, hours; every gap must stand in it once: who, hours, last"),
        ({"text": {"en": "No gap."}}, "text.en: the text holds the gaps none; every gap must stand in it once: who, hours, last"),
        ({"gaps": [{**DATA["gaps"][0], "options": DATA["gaps"][0]["options"][1:] * 2}, *DATA["gaps"][1:]]}, "gaps.0.options: 0 options are right; a menu needs exactly one"),
        ({"gaps": [*DATA["gaps"], DATA["gaps"][2]]}, "gaps.3: the id 'last' is used twice"),
    ],
)
def test_a_text_and_gaps_that_do_not_fit_are_told(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in QuestionSource({**DATA, **changes}, "x").check()


@given(st.dictionaries(st.sampled_from(["who", "hours", "last"]), st.text(max_size=12)))
def test_no_typing_leaves_the_range(response: dict[str, str]) -> None:
    assert 0 <= question().score(response).fraction <= 1
