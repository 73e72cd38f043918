"""Short text: a share for each field, compared as a reader would."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.assessment.kinds.short import Short, normalised
from courseware.assessment.questions import QuestionSource, parse_question

DATA = Short.example()[0]
QUESTION = parse_question(DATA)


@pytest.mark.parametrize(
    "typed", ["internal customer", "  Internal   CUSTOMER. ", "ｉｎｔｅｒｎａｌ　ｃｕｓｔｏｍｅｒ", "内部客户", "内部 客户。", "内部客户！"]
)
def test_width_case_spaces_and_closing_marks_do_not_matter(typed: str) -> None:
    assert QUESTION.score({"inside": typed}).fraction == 0.5


@pytest.mark.parametrize("typed", ["internalcustomer", "internal customers", "external customer", "内部", "x" * 1_000_000])
def test_another_word_is_another_answer(typed: str) -> None:
    assert QUESTION.score({"inside": typed}).fraction == 0


def test_each_field_is_a_part_and_the_whole_gets_one_remark() -> None:
    score = QUESTION.score({"inside": "wrong", "outside": "external customer"})
    assert [(part.id, part.fraction, part.points) for part in score.parts] == [("inside", 0, 1), ("outside", 1, 1)]
    assert [(remark.on, remark.right) for remark in score.remarks] == [("", False)]


def test_an_answer_of_spaces_is_no_answer() -> None:
    assert not QUESTION.is_answered({"inside": "  ", "outside": ""})


def test_spaces_between_latin_words_stay_and_between_chinese_ones_go() -> None:
    assert normalised("客户  关系 CRM  系统 Ａ b") == "客户关系crm系统a b"


def test_what_is_accepted_is_a_list_by_language() -> None:
    (first, *rest) = DATA["fields"]
    refused: list[Any] = [{}, {"fr": ["client"]}, {"en": []}, ["x"]]
    for accept in refused:
        assert QuestionSource({**DATA, "fields": [{**first, "accept": accept}, *rest]}, "x").check()
    assert QuestionSource({**DATA, "fields": [{**first, "accept": {"en": [" "]}}, *rest]}, "x").check() == [
        "fields.0.accept.en: an accepted answer is empty"
    ]
    assert QuestionSource({**DATA, "fields": [first, first]}, "x").check() == ["fields.1: the id 'inside' is used twice"]
