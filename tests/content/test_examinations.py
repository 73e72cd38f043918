"""The placement test and the final examination: every objective is asked, no trick helps, and a simulated class is told apart by them."""

from __future__ import annotations

from random import Random
from statistics import correlation, mean, pvariance

import pytest

from courseware.assessment.blueprint import draw
from courseware.assessment.questions import Question
from courseware.compile import Course
from tests.content.test_guesser import ALLOWED, TRICKS, expected

SEEDS = range(6)


def papers(course: Course, quiz: str) -> list[list[Question]]:
    """Six papers drawn from the pools of a quiz, each with variants of its own."""
    asked = course.quizzes[quiz]
    pool = [source for form in asked.pools for source in course.forms[form].questions]
    return [[source.resolve(seed) for source in draw(asked.draw, pool, Random(seed))] for seed in SEEDS]


def test_the_examination_asks_about_every_objective_that_is_taught(course: Course) -> None:
    taught = {code for code, objective in course.objectives.items() if not objective.planned}
    for paper in papers(course, "exam"):
        assert taught <= {question.objective for question in paper}


def test_the_placement_test_asks_twice_about_all_knowledge(course: Course) -> None:
    knowledge = {code for code, objective in course.objectives.items() if not objective.planned and not objective.is_ability}
    for paper in papers(course, "placement"):
        asked = [question.objective for question in paper]
        assert {code: asked.count(code) for code in knowledge} == dict.fromkeys(knowledge, 2)


@pytest.mark.parametrize("quiz", ["exam", "placement"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_trick_is_worth_more_than_five_points(course: Course, quiz: str, language: str) -> None:
    sheets = papers(course, quiz)
    points = mean(sum(question.points for question in sheet) for sheet in sheets)
    for trick in TRICKS:
        above = mean(sum(expected(question, trick, language) - expected(question, None, language) for question in sheet) for sheet in sheets)
        assert 100 * above / points <= ALLOWED, trick


def test_a_simulated_class_is_told_apart(course: Course) -> None:
    """Two hundred invented learners, each right with the item's expected share, more or less by ability: the answers are scored by the real rules."""
    paper, rng = papers(course, "exam")[0], Random("class")
    full = [question.score(question.correct()).fraction for question in paper]
    assert full == [1.0] * len(paper)
    rows = []
    for _ in range(200):
        ability = rng.gauss(0, 0.2)
        rows.append([question.points * (rng.random() < min(0.97, max(0.05, question.difficulty + ability))) for question in paper])
    totals = [sum(row) for row in rows]
    most = sum(question.points for question in paper)
    assert 0.5 <= mean(totals) / most <= 0.8  # neither a gift nor a wall
    items = list(zip(*rows, strict=True))
    alpha = len(items) / (len(items) - 1) * (1 - sum(pvariance(item) for item in items) / pvariance(totals))  # L. J. Cronbach, 1951
    assert alpha >= 0.8
    rests = [correlation(item, [total - got for total, got in zip(totals, item, strict=True)]) for item in items]
    assert mean(rests) >= 0.15 and sum(rest < 0 for rest in rests) <= 3


def test_the_quizzes_stand_as_the_modules_name_them_and_the_examination_after_all(course: Course) -> None:
    assert list(course.quizzes) == [*(f"m{number}" for number in range(1, 11)), "exam", "every-kind", "placement"]
