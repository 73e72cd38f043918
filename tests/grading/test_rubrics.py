"""Rubrics: what a level is worth, how long an answer is, and what a case file may not say."""

from __future__ import annotations

import pytest

from courseware.assessment.rubrics import CRITERION_POINTS, LEVEL_NAMES, SOUND, WORTH, length
from courseware.compile import Course
from courseware.course.faults import Faults
from courseware.course.yaml import load
from courseware.grading.mastery import MET, Piece, mastery
from courseware.grading.rubrics import CaseStudy, points, read_case

CASE = """
id: CS9
title: {en: A case}
module: M1
objectives: [K1.1]
facts: []
evidence: {en: reported}
words: {en: [250, 400]}
questions:
  - {id: q1, text: {en: Why?}}
  - {id: q2, text: {en: How?}}
choose: 1
teaching_note: {en: For instructors.}
model_answer: {en: Like this.}
criteria:
  - {id: CS9-a, title: {en: Reason}, objective: K1.1, levels: [{en: none}, {en: some}, {en: sound}, {en: strong}]}
"""


def read(source: str) -> tuple[CaseStudy | None, list[str]]:
    faults = Faults()
    document = load("case_studies/cs9/case.yaml", source.encode(), faults)
    assert document is not None
    return read_case(document), [str(fault) for fault in faults]


def test_the_four_levels_are_worth_nothing_two_four_and_all_fifths() -> None:
    assert WORTH == (0.0, 0.4, 0.8, 1.0)
    assert [points(level) for level in range(4)] == [0, 0.8, 1.6, 2]
    assert len(LEVEL_NAMES) == len(WORTH)


def test_a_sound_answer_throughout_is_met_and_a_partial_one_is_not() -> None:
    rows = {level: [Piece(WORTH[level], CRITERION_POINTS, level >= SOUND)] * 2 for level in (1, 2)}
    assert mastery(rows[2], is_ability=True).mean == pytest.approx(0.8)
    assert WORTH[1] < MET <= WORTH[2]


def test_a_good_file_is_read() -> None:
    case, faults = read(CASE)
    assert faults == []
    assert case is not None
    assert case.points == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: CS9-a", "id: CS8-a", "should begin with CS9-"),
        ("choose: 1", "choose: 3", "choose between 1 and 2"),
        (", {en: strong}]", "]", "levels"),
        ("choose: 1", "choose: 1\nmarks: 5", "marks"),
        ("  - {id: q2, text: {en: How?}}\n", "", "questions"),
    ],
)
def test_a_fault_is_told_with_its_line(old: str, new: str, said: str) -> None:
    _, faults = read(CASE.replace(old, new))
    assert any(said in fault and fault.startswith("case_studies/cs9/case.yaml:") for fault in faults), faults


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [("", "en", 0), ("  two   words\n", "en", 2), ("客户是谁？是接受者。", "zh", 8), ("CRM 客户", "zh", 5), ("客户 是谁", "en", 2)],
)
def test_english_is_counted_in_words_and_chinese_in_characters(text: str, language: str, count: int) -> None:
    assert length(text, language) == count


def test_the_shipped_cases_have_four_criteria_on_their_own_objectives(course: Course) -> None:
    for case in course.cases.values():
        assert len(case.criteria) == 4
        assert {criterion.objective for criterion in case.criteria} == set(case.objectives)


def test_a_case_that_a_module_lists_shows_something_that_is_taught(course: Course) -> None:
    """A case may stand before its module, and may reach further than it; its rows on planned objectives count when these are taught."""
    for module in course.modules.values():
        for id in module.cases:
            assert any(not course.objectives[criterion.objective].planned for criterion in course.cases[id].criteria), id


def test_the_model_answers_of_the_shipped_cases_keep_to_the_length_they_ask(course: Course) -> None:
    for case in course.cases.values():
        for language, (least, most) in case.words.items():
            assert least <= length(case.model_answer[language], language) <= most, (case.id, language)
