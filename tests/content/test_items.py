"""The rules of writing items, over every question file of the course: where keys stand, how long they are, that forms are parallel and nothing is repeated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import combinations
from math import ceil
from statistics import mean
from typing import Any

import pytest

from courseware.assessment.kinds.case import Case
from courseware.assessment.kinds.choice import Choice
from courseware.assessment.questions import Question
from courseware.i18n import LANGUAGES
from tests.content.question_files import FORMS, QUIZZES, papers

forms = pytest.mark.parametrize("form", sorted(FORMS))
quizzes = pytest.mark.parametrize("quiz", sorted(QUIZZES))
SUMMARY = re.compile(r"\bof the above\b|^(?:all|none|both|neither) of (?:these|them)\W*$|\bboth a and b\b|以上(?:都|皆|全|均|各项)|^(?:[二两三]者)?都不?[对是]。?$|^[AB]和[BC]", re.IGNORECASE)
NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?")


def choices(paper: list[Question]) -> list[Choice]:
    return [question for question in paper if isinstance(question, Choice)]


def few(of: int) -> int:
    """Give 30 in a hundred, rounded up to a whole item."""
    return ceil(of * 0.3)


@forms
def test_the_key_stands_in_no_place_too_often(form: str) -> None:
    sheets = [[question for question in choices(paper) if len(question.options) == 4] for paper in papers(FORMS[form])]
    places = Counter(next(place for place, option in enumerate(question.options) if option.right) for sheet in sheets for question in sheet)
    assert all(count <= few(len(sheets[0])) * len(sheets) for count in places.values()), {place: count / len(sheets) for place, count in places.items()}


@forms
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_is_seldom_the_longest_option(form: str, language: str) -> None:
    sheets = [choices(paper) for paper in papers(FORMS[form])]
    longest = Counter(question.id for sheet in sheets for question in sheet if _is_longest(question, language))
    assert longest.total() <= few(len(sheets[0])) * len(sheets), longest


def _is_longest(question: Choice, language: str) -> bool:
    right = next(option for option in question.options if option.right)
    return all(len(right.text.to(language)) > len(option.text.to(language)) for option in question.options if option is not right)


@forms
def test_no_option_sums_up_the_others(form: str) -> None:
    for paper in papers(FORMS[form]):
        for question in paper:
            for option in getattr(question, "options", ()):
                assert not any(SUMMARY.search(option.text.to(language)) for language in LANGUAGES), (question.id, option.text)


@forms
def test_every_option_says_in_both_languages_why(form: str) -> None:
    for source in FORMS[form].questions:
        for text in _feedback(source.raw):
            assert all(text.get(language, "").strip() for language in LANGUAGES), (source.id, text)


def _feedback(data: Any) -> Iterator[Mapping[str, str]]:
    """Find every text that stands as feedback, however deep; `{right, wrong}` counts as two."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "feedback":
                yield from value.values() if "right" in value else [value]
            else:
                yield from _feedback(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _feedback(value)


@forms
def test_numbers_to_choose_from_ascend(form: str) -> None:
    for paper in papers(FORMS[form]):
        for question in paper:
            found = [NUMBER.findall(option.text["en"]) for option in getattr(question, "options", ())]
            rests = {NUMBER.sub("", option.text["en"]) for option in getattr(question, "options", ())}
            if len(rests) == 1 and all(len(numbers) == 1 for numbers in found):
                values = [float(numbers[0].replace(",", "").replace("−", "-")) for numbers in found]
                assert values == sorted(values), question.id


@quizzes
def test_forms_are_parallel(quiz: str) -> None:
    papers_ = [FORMS[form].questions for form in QUIZZES[quiz].forms.values() if form in FORMS]
    for one, other in combinations(papers_, 2):
        asked = [Counter((source.raw["objective"], source.raw["kind"], source.raw["points"]) for source in form) for form in (one, other)]
        assert asked[0] == asked[1], asked[0] - asked[1] + (asked[1] - asked[0])
        assert mean(source.raw["difficulty"] for source in one) == pytest.approx(mean(source.raw["difficulty"] for source in other), abs=0.02)
        for objective in {source.raw["objective"] for source in one}:
            hard = [mean(source.raw["difficulty"] for source in form if source.raw["objective"] == objective) for form in (one, other)]
            assert hard[0] == pytest.approx(hard[1], abs=0.051), objective


def test_no_two_questions_ask_the_same() -> None:
    stems = [(source.id, _plain(_asked(source.resolve(0)))) for form in FORMS.values() for source in form.questions]
    for (one, stem), (other, second) in combinations(stems, 2):
        if abs(len(stem) - len(second)) < 20:
            assert SequenceMatcher(None, stem, second, autojunk=False).quick_ratio() < 0.9 or SequenceMatcher(None, stem, second, autojunk=False).ratio() < 0.85, (one, other)


def _asked(question: Question) -> str:
    return question.situation["en"] if isinstance(question, Case) else question.stem["en"]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
