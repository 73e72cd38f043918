"""Essays: what is an answer, how long it is, and what a rubric may not say."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.assessment.kinds.essay import LONGEST, Essay
from courseware.assessment.questions import QuestionSource, parse_question
from courseware.assessment.rubrics import language_of

DATA = Essay.example()[0]
QUESTION: Any = parse_question(DATA)


def faults(**changes: Any) -> list[str]:
    return QuestionSource({**DATA, **changes}, "x").check()


def test_line_ends_of_a_form_and_of_a_script_give_the_same_answer() -> None:
    assert QUESTION.read({"q": ["one\r\n\r\ntwo "]}, "q") == QUESTION.clean("one\n\ntwo") == "one\n\ntwo"


@pytest.mark.parametrize("typed", ["", "  \n ", None, 5, ["text"]])
def test_spaces_are_no_answer_and_wait_for_nobody(typed: Any) -> None:
    assert not QUESTION.is_answered(typed)


def test_a_long_answer_is_never_cut() -> None:
    assert len(QUESTION.clean("客" * (LONGEST + 500))) == LONGEST + 500, "what is too long is refused with a sentence, not shortened in silence"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("She rang three times.", (4, "en")),
        ("她打了三次电话。", (7, "zh")),
        ("在 CRM 系统里 (SLA) 记下来，24 小时内回电。", (20, "zh")),
        ("She said 谢谢 and rang off.", (6, "en")),
        ("", (0, "en")),
    ],
)
def test_words_are_counted_in_english_and_characters_in_chinese(text: str, size: tuple[int, str]) -> None:
    assert QUESTION.size(text) == size


def test_a_few_foreign_words_do_not_change_the_language() -> None:
    assert language_of("客户说 SLA 太长，要求 refund") == "zh"
    assert language_of("The customer (客户) wants a refund (退款) now, not later") == "en"


def test_the_points_of_the_criteria_are_those_of_the_question() -> None:
    assert faults(points=5) == ["points: the criteria add up to 4 points, the question has 5"]
    first, second = DATA["criteria"]
    assert faults(points=5, criteria=[{**first, "points": 3}, second]) == []
    score = parse_question({**DATA, "points": 5, "criteria": [{**first, "points": 3}, second]}).marked({"reason": 1, "next": 3})
    assert score.fraction * 5 == pytest.approx(0.4 * 3 + 2)
    assert [(part.id, part.fraction, part.points) for part in score.parts] == [("reason", 0.4, 3), ("next", 1, 2)]


def test_a_criterion_has_four_levels_or_the_words_of_the_house() -> None:
    first, second = DATA["criteria"]
    assert "levels" not in second
    assert faults(criteria=[{**first, "levels": first["levels"][:3]}, second])[0].startswith("criteria.0.levels")


def test_a_criterion_stands_once() -> None:
    first, _ = DATA["criteria"]
    assert faults(criteria=[first, first]) == ["criteria.1.id: the id 'reason' is used twice"]


def test_a_length_has_a_known_language_and_the_smaller_number_first() -> None:
    assert faults(words={"fr": [1, 2]}) == ["words.fr: the length is keyed by en and zh"]
    assert faults(words={"en": [80, 30]}) == ["words.en: from 80 to 30 is no length: the smaller number comes first"]


def test_it_is_no_part_of_a_case() -> None:
    case = {
        "id": "c", "kind": "case", "objective": "K1.1", "section": "1.1", "level": "apply", "difficulty": 0.5, "points": 4, "situation": {"en": "A clinic rings."},
        "parts": [{key: value for key, value in DATA.items() if key not in ("objective", "section", "level", "difficulty")}],
    }  # fmt: skip
    assert "marked by a person" in QuestionSource(case, "x").check()[0]
