"""Papers drawn from pools: every line gets what it asks for, nothing comes twice, and a pool that cannot fill its blueprint is told."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.assessment.blueprint import Line, draw, family_of, faults, number_of, size
from courseware.assessment.questions import QuestionSource


def source(id: str, **raw: Any) -> QuestionSource:
    return QuestionSource({"id": id, "objective": "K1.1", "difficulty": 0.5, "level": "apply", "points": 1, **raw}, "x.yaml")


def line(objective: str = "K1.1", count: int = 1, **more: Any) -> Line:
    return Line(objective=objective, count=count, **more)


def ids(sources: list[QuestionSource]) -> list[str]:
    return [one.id for one in sources]


def test_a_line_takes_its_objective_level_points_and_both_ends_of_its_difficulty() -> None:
    wanted = line(difficulty=(0.4, 0.8), level="apply", points=2)
    fitting = [source("low", difficulty=0.4, points=2), source("high", difficulty=0.8, points=2)]
    others = [source("easier", difficulty=0.81, points=2), source("other", objective="K1.2", points=2), source("level", level="remember", points=2), source("worth", points=1)]
    assert [one.id for one in [*fitting, *others] if wanted.fits(one)] == ["low", "high"]


def test_what_a_template_works_out_fits_no_line_that_asks_for_it() -> None:
    assert not line(points=1).fits(source("t", points="{{ n }}"))


def test_a_draw_takes_no_question_twice_where_lines_share_them() -> None:
    pool = [source("only"), source("both", difficulty=0.9)]
    lines = [line(difficulty=(0.8, 1.0)), line()]
    for seed in range(20):
        assert ids(draw(lines, pool, random.Random(seed))) == ["both", "only"], "the wide line leaves the narrow one its question"


def test_of_a_family_only_one_is_drawn() -> None:
    pool = [source("a", family="price"), source("b", family="price"), source("c")]
    for seed in range(20):
        assert Counter(map(family_of, draw([line(count=2)], pool, random.Random(seed)))) == {"price": 1, "question c": 1}


def test_questions_stand_line_by_line() -> None:
    pool = [source(f"{objective}-{number}", objective=objective) for objective in ("K1.2", "K1.1") for number in range(3)]
    assert [id[:4] for id in ids(draw([line("K1.1", 2), line("K1.2", 2)], pool, random.Random(3)))] == ["K1.1", "K1.1", "K1.2", "K1.2"]


def test_the_same_randomness_draws_the_same_paper_and_another_another() -> None:
    pool = [source(f"q{number}") for number in range(30)]
    drawn = {tuple(ids(draw([line(count=5)], pool, random.Random(seed)))) for seed in range(50)}
    assert len(drawn) > 45
    assert draw([line(count=5)], pool, random.Random(7)) == draw([line(count=5)], pool, random.Random(7))


def test_every_question_of_a_pool_is_drawn_about_as_often() -> None:
    pool = [source(f"q{number}") for number in range(10)]
    seen = Counter(id for seed in range(2000) for id in ids(draw([line(count=3)], pool, random.Random(seed))))
    assert all(500 < seen[one.id] < 700 for one in pool), "600 is the mean, 20 the standard deviation"


def test_a_pool_too_small_is_told_with_its_line() -> None:
    pool = [source("a"), source("b", family="f"), source("c", family="f")]
    assert list(faults([line(count=2), line("K1.2")], pool)) == [(1, "1 questions of K1.2 are to be drawn, and the pools hold 0 that fit")]
    assert list(faults([line(count=3)], pool)) == [(0, "3 questions of K1.1 are to be drawn, and the pools hold 2 that fit")]
    with pytest.raises(ValueError, match="fill 2 of the 3 places"):
        draw([line(count=3)], pool, random.Random(1))


def test_lines_that_take_each_others_questions_are_told() -> None:
    pool = [source("a"), source("b")]
    assert list(faults([line(count=1), line(count=2)], pool)) == [(None, "the lines share questions: together the pools fill 2 of 3 places")]


def test_the_points_of_a_line_must_not_depend_on_the_draw() -> None:
    pool = [source("a"), source("b", points=2), source("c", points=2)]
    ((place, sentence),) = faults([line(count=1)], pool)
    assert place == 0 and "worth 1, 2 points" in sentence and "`points`" in sentence
    assert list(faults([line(count=2, points=2)], pool)) == []


def test_the_size_of_a_paper_is_known_before_it_is_drawn() -> None:
    pool = [source("a", points=2), source("b", points=2), source("c", objective="K1.2", points=1.5)]
    assert size([line(count=2), line("K1.2")], pool) == (3, 5.5)


@st.composite
def blueprints(draw_: st.DrawFn) -> tuple[list[Line], list[QuestionSource]]:
    """A few lines over a small pool in which questions, families and lines overlap."""
    shapes = st.tuples(st.sampled_from(["K1", "K2"]), st.sampled_from([0.2, 0.5, 0.8]), st.sampled_from([None, "f", "g"]))
    pool = [
        source(f"q{number}", objective=objective, difficulty=difficulty, family=family)
        for number, (objective, difficulty, family) in enumerate(draw_(st.lists(shapes, max_size=12)))
    ]
    bounds = st.sampled_from([(0.0, 1.0), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)])
    lines = draw_(st.lists(st.builds(lambda o, d, n: line(o, n, difficulty=d), st.sampled_from(["K1", "K2"]), bounds, st.integers(1, 3)), min_size=1, max_size=4))
    return lines, pool


@settings(max_examples=200, deadline=None)
@given(blueprints(), st.integers(0, 2**32))
def test_every_draw_satisfies_its_blueprint_and_a_faultless_one_can_always_be_drawn(blueprint: tuple[list[Line], list[QuestionSource]], seed: int) -> None:
    lines, pool = blueprint
    if list(faults(lines, pool)):
        with pytest.raises(ValueError, match="of the"):
            draw(lines, pool, random.Random(seed))
        return
    drawn = draw(lines, pool, random.Random(seed))
    asked = [one for one in lines for _ in range(one.count)]
    assert len(drawn) == len(asked)
    assert all(wanted.fits(given_) for wanted, given_ in zip(asked, drawn, strict=True))
    assert len({family_of(one) for one in drawn}) == len({one.id for one in drawn}) == len(drawn)
    assert sum(number_of(one, "points") for one in drawn) == size(lines, pool)[1]
