"""Short text: a share for each field, compared as a reader would."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.accepting import fits_wildcard, normalised, slips
from courseware.assessment.kinds.short import Short
from courseware.assessment.questions import Question, QuestionSource, parse_question

DATA = Short.example()[0]
QUESTION = parse_question(DATA)


def data(accept: list[Any], chinese: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    """One field that accepts this."""
    lists = {"en": accept} if chinese is None else {"en": accept, "zh": chinese}
    return {**DATA, "fields": [{"id": "a", "label": {"en": "A word"}, "accept": lists, **more}]}


def fraction(typed: str, accept: list[Any], chinese: list[Any] | None = None, **more: Any) -> float:
    return parse_question(data(accept, chinese, **more)).score({"a": typed}).fraction


def faults(*accept: Any) -> list[str]:
    return QuestionSource(data([*accept]), "x").check()


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
        "fields.0.accept.en.0: an accepted answer is empty"
    ]
    assert QuestionSource({**DATA, "fields": [first, first]}, "x").check() == ["fields.1: the id 'inside' is used twice"]


# Fractions and their order

TRIED = ["churn rate", {"match": "churn", "fraction": 0.5, "feedback": {"en": "Churn of what?"}}, {"match": "*rate", "as": "wildcard", "fraction": 0.25}, {"match": "*", "as": "wildcard", "fraction": 0}]


@pytest.mark.parametrize(("typed", "expected"), [("churn rate", 1), ("Churn", 0.5), ("loss rate", 0.25), ("rate", 0.25), ("loss", 0)])
def test_the_first_accepted_answer_that_fits_gives_its_fraction(typed: str, expected: float) -> None:
    assert fraction(typed, TRIED) == expected


def test_a_pattern_that_catches_all_shadows_what_stands_behind_it() -> None:
    assert fraction("churn rate", [TRIED[3], TRIED[0]]) == 0


def test_of_two_languages_the_better_one_counts() -> None:
    assert fraction("流失率", TRIED, ["流失率"]) == 1
    assert fraction("churn rate", TRIED, [{"match": "*", "as": "wildcard", "fraction": 0.1}, "流失率"]) == 1


def test_the_feedback_of_the_answer_given_comes_before_that_of_the_question() -> None:
    score = parse_question(data(TRIED)).score({"a": "churn"})
    assert [(remark.on, remark.text["en"], remark.right) for remark in score.remarks] == [("a", "Churn of what?", False), ("", DATA["feedback"]["en"], False)]


def test_a_field_shows_its_right_answers_in_plain_words() -> None:
    assert parse_question(data(TRIED)).correct() == {"a": "churn rate"}
    assert faults({"match": "churn*", "as": "wildcard"}) == ["fields.0.accept: one accepted answer is needed that gives all and is written in plain words: it is shown as the right one"]
    assert "fraction" in faults("churn", {"match": "x", "fraction": 1.5})[0]


# Wildcards


@pytest.mark.parametrize(
    ("pattern", "typed", "fits"),
    [
        ("*", "", True),
        ("c*m", "crm", True),
        ("c*m", "cm", True),
        ("c*m", "c", False),
        ("ab*ba", "aba", False),
        ("*客户", "内部客户", True),
        ("*a*b*", "xaxbx", True),
        ("*a*b*", "xbxax", False),
        ("customer *", "customer", False),
        ("customer *", "customer care", True),
        (r"5\*", "5*", True),
        (r"5\*", "55", False),
    ],
)
def test_a_star_stands_for_any_characters_or_none(pattern: str, typed: str, fits: bool) -> None:
    assert (fraction(typed, ["the key", {"match": pattern, "as": "wildcard"}]) == 1 if typed else fits_wildcard(pattern, typed)) is fits


def test_among_words_a_star_is_a_star() -> None:
    assert fraction("five stars", ["*stars"]) == 0
    assert fraction("*stars", ["*stars"]) == 1
    assert r"`\*` is for `as: wildcard`" in faults(r"\*")[0]


@given(st.text("ab", max_size=8), st.lists(st.text("ab", max_size=3), min_size=2, max_size=4))
def test_a_wildcard_is_the_expression_it_stands_for(typed: str, pieces: list[str]) -> None:
    assert fits_wildcard("*".join(pieces), typed) is (re.fullmatch(".*".join(pieces), typed) is not None)


def test_many_stars_are_fast() -> None:
    started = time.perf_counter()
    fits_wildcard("*a" * 200 + "b", "a" * 1000)
    assert time.perf_counter() - started < 0.1


# Regular expressions


@pytest.mark.parametrize(("typed", "expected"), [("in-house customer", 1), ("IN HOUSE CUSTOMER", 1), ("an in-house customer", 0), ("in-house customers", 0)])
def test_a_regular_expression_fits_the_whole_answer(typed: str, expected: float) -> None:
    assert fraction(typed, ["internal customer", {"match": "in.?house customer", "as": "regex"}]) == expected


@pytest.mark.parametrize("pattern", ["(", "(?=x)y", r"(x)\1", "a{100000}", "((a{1000}){1000}){1000}", "(?R)", "[客-户]{900}" * 40])
def test_a_pattern_that_is_none_or_too_large_is_refused_when_read(pattern: str) -> None:
    started = time.perf_counter()
    fault, *_ = faults("x", {"match": pattern, "as": "regex"})
    assert fault.startswith("fields.0.accept.en.1: not a regular expression that can be used here: ")
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("pattern", ["(a|aa)+d", "a{1000000000}", "(a+)+d", "(a*)*(a*)*d", "(.*a){20}d", "(a|b|ab)*c"])
def test_no_pattern_is_slow(pattern: str) -> None:
    question = parse_question(data(["x", {"match": pattern, "as": "regex"}]))
    started = time.perf_counter()
    assert question.score({"a": "a" * 1000}).fraction == 0
    assert time.perf_counter() - started < 0.5


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_a_pattern_or_refused_and_never_raises(pattern: str, typed: str) -> None:
    raw = data(["x", {"match": pattern, "as": "regex"}])
    if not QuestionSource(raw, "x").check():
        assert parse_question(raw).score({"a": typed}).fraction in (0, 1)


# Case and slips


def test_case_counts_where_the_field_says_so() -> None:
    assert [fraction(typed, ["CRM"], case=True) for typed in ("CRM", "ＣＲＭ", "crm")] == [1, 1, 0]
    assert [fraction(typed, ["x", {"match": "C.M", "as": "regex"}], case=True) for typed in ("CRM", "crm")] == [1, 0]
    assert [fraction(typed, ["x", {"match": "C*", "as": "wildcard"}], case=True) for typed in ("CRM", "crm")] == [1, 0]


@pytest.mark.parametrize(
    ("one", "other", "count"), [("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("abc", "ca", 3), ("custmer", "customer", 1), ("cutsomer", "customer", 1), ("kitten", "sitting", 3)]
)
def test_slips_are_counted_as_damerau_did_in_the_restricted_form(one: str, other: str, count: int) -> None:
    assert slips(one, other) == slips(other, one) == count


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_slips_are_none_only_between_equals_and_at_most_the_longer_text(one: str, other: str, third: str) -> None:
    assert (slips(one, other) == 0) is (one == other)
    assert abs(len(one) - len(other)) <= slips(one, other) <= max(len(one), len(other))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("retention", 1), ("retenton", 1), ("retnetion", 1), ("retenton.", 1), ("retntn", 0), ("detenton", 0)],  # nine letters: one slip
)
def test_one_slip_is_forgiven_for_every_six_characters(typed: str, expected: float) -> None:
    assert fraction(typed, ["retention"], typos=True) == expected
    assert fraction("retenton", ["retention"]) == 0
    assert [fraction(word, ["churn"], typos=True) for word in ("churn", "chrun")] == [1, 0]  # five letters: none
    assert fraction("internel custmer", ["internal customer"], typos=True) == 1  # seventeen: two


def test_a_listed_wrong_answer_is_not_taken_for_a_slip() -> None:
    listed = ["affecting", {"match": "effecting", "fraction": 0}]
    assert [fraction(typed, listed, typos=True) for typed in ("affecting", "effecting", "affectin")] == [1, 0, 1]


# Keywords

IDEAS = [
    {"any": {"en": ["apologise", "sorry"], "zh": ["道歉", "抱歉"]}, "weight": 2},
    {"any": {"en": ["by noon"], "zh": ["中午前"]}},
    {"any": {"en": ["ring back"], "zh": ["回电"]}},
]


def idea(**more: Any) -> dict[str, Any]:
    return {**DATA, "rule": "keywords", "fields": [{"id": "a", "label": {"en": "Your reply"}, "keywords": IDEAS, **more}]}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("We are SORRY and shall ring back by noon.", 1),
        ("Sorry, sorry, we apologise", 0.5),
        ("We ring  back.", 0.25),
        ("unsorry, string back", 0),
        ("我们向您道歉，中午前给您回电。", 1),
        ("非常抱歉sorry", 0.5),
        ("请用sorry这个词", 0.5),
        ("nothing of it", 0),
    ],
)
def test_the_weight_of_the_ideas_named_by_that_of_all(typed: str, expected: float) -> None:
    score = parse_question(idea()).score({"a": typed})
    assert (score.fraction, score.rule, score.parts[0].rule) == (expected, "keywords", "keywords")


@given(st.text(max_size=60), st.permutations(["sorry", "by noon", "ring back", "and"]))
def test_ideas_count_in_any_order_and_within_the_range(text: str, words: list[str]) -> None:
    question = parse_question(idea())
    assert question.score({"a": "; ".join(words)}).fraction == 1
    assert 0 <= question.score({"a": text}).fraction <= 1


def test_a_field_has_what_its_rule_looks_for() -> None:
    sentence = "fields.0: a field has `accept`, or with `rule: keywords` it has `keywords`"
    refused = [{**idea(), "rule": "right-fields"}, {**data(["x"]), "rule": "keywords"}, idea(accept={"en": ["x"]}), idea(keywords=[])]
    assert [QuestionSource(wrong, "x").check() for wrong in refused] == [[sentence]] * 4
    assert QuestionSource(idea(), "x").check() == []
    assert QuestionSource(idea(keywords=[{"any": {"en": [" "]}}]), "x").check() == ["fields.0.keywords: a word of an idea is empty"]


@given(st.text(max_size=30), st.booleans(), st.booleans())
def test_no_text_leaves_the_range_and_a_right_one_gives_all_in_any_width(typed: str, case: bool, typos: bool) -> None:
    question: Question = parse_question(data(TRIED, ["流失率"], case=case, typos=typos))
    assert 0 <= question.score({"a": typed}).fraction <= 1
    assert question.score({"a": "ｃｈｕｒｎ　ｒａｔｅ"}).fraction == question.score(question.correct()).fraction == 1


def test_answers_that_nothing_listed_fits_are_counted_by_field() -> None:
    question = parse_question({**DATA, "fields": [{**field, "typos": True} for field in DATA["fields"]]})
    assert isinstance(question, Short)
    typed = ["colleague", "Internal custmer", "the  Colleague.", "内部客户", "boss"]
    given = [*({"inside": one} for one in typed), {"outside": "external customer"}, None, "nonsense"]
    assert question.unlisted(given) == {"inside": [("colleague", 1), ("the colleague", 1), ("boss", 1)]}
    assert question.unlisted([{"inside": " BOSS"}, {"inside": "boss"}]) == {"inside": [("boss", 2)]}
