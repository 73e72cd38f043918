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


# The rules


def by(rule: str, typed: str, answer: float, **more: Any) -> float:
    return fraction(typed, rule=rule, answer=answer, tolerance=0, unit=None, wrong=[], **more)


@pytest.mark.parametrize(("typed", "expected"), [("98.9", 0), ("99", 1), ("101", 1), ("101.1", 0)])
def test_a_relative_tolerance_is_a_share_of_the_answer(typed: str, expected: float) -> None:
    assert by("within-tolerance", typed, 100, relative=0.01) == expected
    assert by("within-tolerance", f"-{typed}", -100, relative=0.01) == expected


def test_both_tolerances_add_up_as_in_numpys_isclose() -> None:
    both = {"tolerance": 1, "relative": 0.02, "answer": 50, "wrong": []}
    assert [fraction(typed, **both) for typed in ("52", "52.1", "48", "47.9")] == [1, 0, 1, 0]


@pytest.mark.parametrize(  # PrairieLearn: beside the answer by less than .51 of the last figure asked for
    ("answer", "digits", "right", "wrong"),
    [
        (123.456, 2, ["120", "123", "128.5"], ["118", "128.6"]),
        (123.456, 4, ["123.5", "123.45", "123.41"], ["123.4", "123.51"]),
        (0.00123, 2, ["0.0012", "0.00125"], ["0.0013", "0.0011"]),
        (-98765, 3, ["-98800", "-98765"], ["98800", "-98600", "-98820"]),
        (0, 2, ["0", "0.05"], ["0.06"]),
        (10, 1, ["5", "15"], ["4.8", "15.2"]),
    ],
)
def test_significant_figures_are_counted_as_prairielearn_does(answer: float, digits: int, right: list[str], wrong: list[str]) -> None:
    assert [by("significant-figures", typed, answer, digits=digits) for typed in right] == [1] * len(right)
    assert [by("significant-figures", typed, answer, digits=digits) for typed in wrong] == [0] * len(wrong)


@pytest.mark.parametrize(("typed", "expected"), [("3.14", 1), ("3.1365", 1), ("3.1466", 1), ("3.1364", 0), ("3.15", 0)])
def test_decimals_are_counted_as_prairielearn_does(typed: str, expected: float) -> None:
    assert by("decimals", typed, 3.1415926, digits=2) == expected
    assert by("decimals", typed, 3.1415926) == expected


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"rule": "decimals"}, "rule"),  # with the tolerance of the example
        ({"digits": 3}, "digits"),
        ({"rule": "significant-figures", "tolerance": 0, "digits": 0}, "digits"),
        ({"relative": 1}, "relative"),
        ({"missing_unit": 0.5}, "units"),
        ({"units": [{"unit": "h"}]}, "units"),  # beside `unit`
        ({"unit": None, "units": [{"unit": "h", "factor": 2}]}, "units.0.factor"),
        ({"unit": None, "units": [{"unit": "h"}, {"unit": {"en": "min"}, "also": ["H"], "factor": 0.1}]}, "units.1"),
    ],
)
def test_settings_that_contradict_each_other_are_told(changes: dict[str, Any], path: str) -> None:
    (found,) = QuestionSource({**DATA, "wrong": [], **changes}, "x").check()
    assert found.startswith(f"{path}: ")


# Units

HOURS = [{"unit": {"en": "hours", "zh": "小时"}, "also": ["h"]}, {"unit": {"en": "minutes", "zh": "分钟"}, "also": ["min"], "factor": 1 / 60}]


def timed(typed: str, **more: Any) -> float:
    return fraction(typed, answer=1.5, tolerance=0.01, unit=None, units=HOURS, wrong=[], **more)


@pytest.mark.parametrize("typed", ["1.5 h", "1.5hours", "1.5 小时", "90 min", "90分钟", "９０ minutes", "= 1,5 H"])
def test_any_unit_of_the_list_may_be_written(typed: str) -> None:
    assert timed(typed) == 1


@pytest.mark.parametrize("typed", ["1.5", "1.5 days", "90", "90 h", "1.5 min", "1.5 %", "1.5万 h"])
def test_another_unit_or_none_gives_nothing_unless_said(typed: str) -> None:
    assert timed(typed) == 0


def test_a_wrong_and_a_missing_unit_cost_their_share_where_the_number_is_right() -> None:
    costs = {"wrong_unit": 0.75, "missing_unit": 0.5}
    assert [timed(typed, **costs) for typed in ("1.5 h", "1.5", "1.5 days", "2", "2 days", "1.5 min")] == [1, 0.5, 0.25, 0, 0, 0]
    question = parse_question({**DATA, "answer": 1.5, "tolerance": 0, "unit": None, "units": HOURS, "wrong": []})
    assert isinstance(question, Numeric)
    assert [question.fits_but_for_unit(typed) for typed in ("1.5 h", "1.5", "1.5 days", "2")] == [False, True, True, False]


def test_a_right_answer_is_shown_with_the_unit_asked_for() -> None:
    question = parse_question({**DATA, "answer": 1.5, "unit": None, "units": HOURS, "wrong": []})
    assert question.correct() == "1.5 hours"


@pytest.mark.parametrize(
    ("typed", "unit", "expected"),
    [
        ("$760", "$", 1),
        ("US$ 760", "USD", 1),
        ("760 dollars", "$", 1),
        ("€760", "EUR", 1),
        ("760 欧元", "€", 1),
        ("¥760", "$", 0),
        ("$760", "yuan", 0),
        ("€760", "$", 0),
        ("$760", None, 0),
        ("¥760", None, 1),
        ("CNY 760", {"en": "yuan", "zh": "元"}, 1),
    ],
)
def test_a_currency_is_read_where_it_is_the_unit(typed: str, unit: Any, expected: float) -> None:
    assert fraction(typed, unit=unit) == expected


@pytest.mark.parametrize(
    ("typed", "unit", "expected"),
    [
        ("3.5万", None, 1),
        ("3.5 万元", {"en": "yuan", "zh": "元"}, 1),
        ("¥3.5万", None, 1),
        ("３．５萬", None, 1),
        ("0.00035亿", None, 1),
        ("3.5", None, 0),
        ("35,000", None, 1),
        ("3.5千", None, 0),
        ("3.5万小时", None, 0),
    ],
)
def test_wan_and_yi_multiply_the_number(typed: str, unit: Any, expected: float) -> None:
    assert fraction(typed, answer=35_000, unit=unit, wrong=[]) == expected


def test_wan_may_be_part_of_the_unit() -> None:
    in_wan: dict[str, Any] = {"answer": 3.5, "tolerance": 0, "wrong": []}
    assert [fraction(typed, unit={"en": "10,000 yuan", "zh": "万元"}, **in_wan) for typed in ("3.5", "3.5万", "3.5万元", "35,000元")] == [1, 1, 1, 0]
    units = [{"unit": {"en": "10,000 yuan", "zh": "万元"}}, {"unit": {"en": "yuan", "zh": "元"}, "factor": 1e-4}]
    assert [fraction(typed, unit=None, units=units, **in_wan) for typed in ("3.5万元", "35000元", "¥35,000", "¥3.5万", "¥3.5万元", "3.5元", "3.5万")] == [1, 1, 1, 1, 1, 0, 0]


RULES: list[dict[str, Any]] = [
    {"tolerance": 0.5},
    {"tolerance": 0, "relative": 0.05},
    {"tolerance": 0, "rule": "significant-figures", "digits": 3},
    {"tolerance": 0, "rule": "decimals", "digits": 1},
    {"tolerance": 0, "unit": None, "units": HOURS, "wrong_unit": 0.3, "missing_unit": 0.2},
]


@given(st.sampled_from(RULES), st.floats(-1e9, 1e9).map(lambda number: round(number, 4)), st.text(max_size=12))
def test_no_text_leaves_the_range_and_the_right_number_gives_all(rule: dict[str, Any], answer: float, typed: str) -> None:
    question = parse_question({**DATA, "wrong": [], "answer": answer, **rule})
    assert 0 <= question.score(typed).fraction <= 1
    assert question.score(question.correct()).fraction == 1
    wide = str(question.correct()).translate({ord(char): ord(char) + 0xFEE0 for char in "0123456789."})
    assert question.score(wide).fraction == 1
