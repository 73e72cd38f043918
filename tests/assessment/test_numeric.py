"""Numeric: tolerance, wrong paths, and numbers as people type them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.kinds.numeric import Numeric, parse_number
from courseware.assessment.questions import QuestionSource, parse_question

DATA = Numeric.example()[0]


def fraction(response: Any, **changes: Any) -> float:
    return parse_question({**DATA, **changes}).score(response).fraction


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("760", 760),
        (" ７６０ ", 760),
        ("1,234.5", 1234.5),
        ("1 234,5", 1234.5),
        ("1’234.5", 1234.5),
        ("1'234", 1234),
        ("1\u00a0234", 1234),
        ("1\u202f234\u202f567", 1234567),
        ("９９，０００", 99000),
        ("1,234", 1234),
        ("12,5", 12.5),
        ("12,50", 12.5),
        ("0,125", 0.125),
        (".5", 0.5),
        ("5.", 5),
        ("−5", -5),
        ("+5", 5),
        ("¥760", 760),
        ("￥760", 760),
        ("¥ -5", -5),
        ("-¥5", -5),
        ("760元", 760),
        ("760 元。", 760),
        ("人民币760", 760),
        ("RMB 1,200.00", 1200),
        ("760 Yuan", 760),
        ("12%", 12),
        ("12 ％", 12),
        ("8 hours", 8),
        ("8 h", 8),
        ("8小时", 8),
        ("= 8", 8),
    ],
)
def test_numbers_are_read_as_people_type_them(typed: str, number: float) -> None:
    assert parse_number(typed, ["hours", "小时"]) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1e5",
        "5 or 6",
        "8 days",
        "eight",
        "1,2345",
        "1,234,56",
        "1.2.3",
        "3 4",
        "10²",
        "½",
        "①",
        "٣",
        "--5",
        "1_000",
        "0x1F",
        ".",
        ",",
        "9" * 400,
    ],
)
def test_what_is_no_single_number_is_refused(typed: str) -> None:
    assert parse_number(typed, ["hours", "小时"]) is None


@given(st.text(max_size=80))
def test_reading_any_text_gives_a_finite_number_or_none(typed: str) -> None:
    number = parse_number(typed, ["hours"])
    assert number is None or abs(number) < float("inf")


def test_reading_hostile_texts_is_fast() -> None:
    started = time.perf_counter()
    for typed in ("¥" * 1_000_000, "1," * 30, " " * 64, "ﷺ" * 64, "a" * 63 + "1"):
        parse_number(typed, ["hours"])
    assert time.perf_counter() - started < 0.5


@given(st.integers(-(10**12), 10**12), st.integers(0, 3))
def test_a_number_written_with_separators_is_the_same_number(whole: int, digits: int) -> None:
    number = whole / 10**digits
    assert parse_number(f"{number:,.{digits}f}") == pytest.approx(number)


def test_the_tolerance_is_absolute_and_includes_its_edge() -> None:
    assert [fraction(typed) for typed in ("759.5", "760.5", "759.4", "760.6")] == [1, 1, 0, 0]
    assert fraction("0.3", answer=0.1 + 0.2, tolerance=0, wrong=[]) == 1


def test_a_number_from_json_counts_like_a_typed_one() -> None:
    assert [fraction(number) for number in (760, 760.4, float("nan"), float("inf"), True)] == [1, 1, 0, 0, 0]


def test_a_known_wrong_path_gets_its_message_and_other_errors_the_general_one() -> None:
    question = parse_question(DATA)
    known, other, right = (question.score(typed).remarks[0] for typed in ("95", "96", "760"))
    assert (known.text["en"], known.right) == ("That is one hour; there were eight.", False)
    assert (other.text["en"], other.right) == ("8 × 95 = 760.", False)
    assert right.right


def test_a_percentage_counts_as_percent_or_as_its_share_where_no_unit_says() -> None:
    assert fraction("12%", answer=12, unit={"en": "%"}, tolerance=0) == 1
    assert fraction("12%", answer=12, unit=None, tolerance=0) == 1
    assert fraction("12%", answer=0.12, unit=None, tolerance=0) == 1
    assert fraction("12%", answer=0.12, unit={"en": "%"}, tolerance=0) == 0


def test_a_unit_may_be_a_plain_word_and_another_unit_is_another_answer() -> None:
    assert fraction("760 hours", unit="hours") == 1
    assert fraction("760 minutes", unit="hours") == 0


@pytest.mark.parametrize(
    ("answer", "tolerance", "shown"), [(760, 0.5, "760"), (12.3, 0.05, "12.3"), (1 / 3, 0.005, "0.333"), (2 / 3, 0, "0.6666666667"), (-5, 0, "-5")]
)
def test_the_right_answer_is_shown_with_the_decimals_that_matter(answer: float, tolerance: float, shown: str) -> None:
    question = parse_question({**DATA, "answer": answer, "tolerance": tolerance, "wrong": []})
    assert question.correct() == shown
    assert question.score(shown).fraction == 1


def test_a_wrong_path_within_the_tolerance_is_a_fault() -> None:
    wrong = [{"value": 760.4, "feedback": {"en": "…"}}]
    assert QuestionSource({**DATA, "wrong": wrong}, "x").check() == ["wrong.0.value: the wrong path 760.4 is within 0.5 of the answer 760"]


def test_a_template_needs_twenty_different_answers() -> None:
    few = {**DATA, "vary": {"n": {"range": [1, 5]}, "word": {"range": [1, 9]}}, "stem": {"en": "{word}"}, "answer": "= n", "tolerance": 0}
    assert QuestionSource(few, "x").check() == ["vary: 5 different right answers in 400 draws; a template of this kind needs 20"]


@pytest.mark.parametrize("answer", [float("nan"), float("inf"), "= 5", None])
def test_the_answer_is_a_finite_number(answer: Any) -> None:
    assert QuestionSource({**DATA, "answer": answer}, "x").check()[0].startswith("answer: ")
