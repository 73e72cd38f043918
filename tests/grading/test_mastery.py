"""The rule of mastery: its quantiles against known values, its thresholds, its laws, and the example printed in docs/mastery.md."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.grading.mastery import LEAST_WEIGHT, WIDEST, Level, Mastery, Piece, beta_cdf, interval, mastery

DOCUMENT = Path(__file__).parents[2] / "docs" / "mastery.md"
WEIGHTS = st.sampled_from([0.5, 1.0, 2.0, 3.0, 4.0])
PIECES = st.lists(st.builds(Piece, st.sampled_from([0.0, 0.25, 0.4, 0.5, 0.8, 1.0]), WEIGHTS, st.booleans()), min_size=1, max_size=20)


def judge(*scores: float, weight: float = 1.0, is_ability: bool = False, shows_ability: bool = False) -> Mastery:
    return mastery([Piece(score, weight, shows_ability) for score in scores], is_ability=is_ability)


# Quantiles


@pytest.mark.parametrize(
    ("n", "mean", "low", "high"),
    [
        (0, 0.5, 0.1, 0.9),  # Beta(1, 1) is even
        (4, 1.0, 0.1 ** (1 / 5), 0.9 ** (1 / 5)),  # Beta(5, 1): the share below x is x to the fifth
        (4, 0.0, 1 - 0.9 ** (1 / 5), 1 - 0.1 ** (1 / 5)),  # its mirror
        (2, 0.5, 0.19580010565903, 0.80419989434097),  # Beta(2, 2): the roots of 3x² − 2x³ = .1 and .9
    ],
)
def test_interval_has_the_known_values(n: float, mean: float, low: float, high: float) -> None:
    assert interval(n, mean) == pytest.approx((low, high), abs=1e-9)


@settings(deadline=None)  # a busy machine is no fault of the rule
@given(a=st.integers(1, 12), b=st.integers(1, 12), x=st.floats(0.01, 0.99))
def test_the_beta_function_is_a_sum_of_binomials_for_whole_numbers(a: int, b: int, x: float) -> None:
    n = a + b - 1
    exact = sum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
    assert beta_cdf(x, a, b) == pytest.approx(exact, abs=1e-10)


@settings(deadline=None)
@given(n=st.floats(0, 200), mean=st.floats(0, 1))
def test_interval_is_ordered_within_bounds_and_symmetric(n: float, mean: float) -> None:
    low, high = interval(n, mean)
    assert 0 < low < high < 1
    assert interval(n, 1 - mean) == pytest.approx((1 - high, 1 - low), abs=1e-7)


@settings(deadline=None)
@given(n=st.floats(0, 200), mean=st.floats(0, 1))
def test_interval_contains_the_mean_of_its_distribution(n: float, mean: float) -> None:
    low, high = interval(n, mean)
    assert low < (1 + n * mean) / (2 + n) < high


@settings(deadline=None)
@given(n=st.floats(1, 100), mean=st.floats(0, 0.9), more=st.floats(0.01, 0.1))
def test_a_better_mean_moves_both_ends_up(n: float, mean: float, more: float) -> None:
    assert interval(n, mean)[0] < interval(n, mean + more)[0]
    assert interval(n, mean)[1] < interval(n, mean + more)[1]


@settings(deadline=None)
@given(n=st.floats(1, 100))
def test_more_evidence_narrows_the_interval(n: float) -> None:
    low, high = interval(n, 0.5)
    narrower = interval(2 * n, 0.5)
    assert narrower[1] - narrower[0] < high - low


# Thresholds


def test_below_four_points_there_is_no_level() -> None:
    found = judge(1, 1, 1)
    assert (found.level, found.n, found.missing) == (Level.UNKNOWN, 3, 1)


def test_four_right_points_are_enough_to_be_secure() -> None:
    assert judge(1, 1, 1, 1).level is Level.SECURE


def test_four_points_half_right_are_too_uncertain() -> None:
    found = judge(1, 1, 0, 0)
    assert found.high - found.low > WIDEST
    assert (found.level, found.missing) == (Level.UNKNOWN, 0.5)


def test_nothing_at_all_is_no_level_with_the_widest_interval() -> None:
    found = mastery([], is_ability=False)
    assert (found.level, found.mean, found.n) == (Level.UNKNOWN, None, 0)
    assert (found.low, found.high) == (0.1, 0.9)
    assert found.missing >= LEAST_WEIGHT


@pytest.mark.parametrize(
    ("right", "level"),
    [(6.9, Level.STARTED), (7.0, Level.MET), (8.9, Level.MET), (9.0, Level.SECURE), (10.0, Level.SECURE), (0.0, Level.STARTED)],
)
def test_the_mean_alone_draws_the_lines(right: float, level: Level) -> None:
    assert mastery([Piece(right / 10, 10)], is_ability=False).level is level


def test_seven_tenths_summed_from_rubric_rows_are_met_in_any_order() -> None:
    """.4 + .8 + .8 + .8 is 2.8000000000000003 or 2.8 by the order of summing."""
    assert {judge(*order).level for order in ((0.4, 0.8, 0.8, 0.8), (0.8, 0.4, 0.8, 0.8), (0.8, 0.8, 0.8, 0.4))} == {Level.MET}


def test_an_ability_in_numbers_alone_is_only_started_and_says_what_is_missing() -> None:
    found = judge(1, 1, 1, 1, is_ability=True)
    assert (found.level, found.needs_practice) == (Level.STARTED, True)


def test_an_ability_that_was_shown_is_judged_by_its_mean() -> None:
    found = judge(1, 1, 1, 1, is_ability=True, shows_ability=True)
    assert (found.level, found.needs_practice) == (Level.SECURE, False)


def test_knowledge_needs_no_deed() -> None:
    assert judge(1, 1, 1, 1).needs_practice is False


def test_scores_outside_zero_and_one_are_clamped() -> None:
    assert judge(2, 2, -1, -1, weight=4).mean == 0.5


# Laws


@settings(deadline=None)
@given(pieces=PIECES)
def test_the_order_of_evidence_does_not_matter(pieces: list[Piece]) -> None:
    assert mastery(pieces, is_ability=True) == mastery(list(reversed(pieces)), is_ability=True)


@settings(deadline=None)
@given(pieces=PIECES, weight=WEIGHTS)
def test_one_more_right_answer_never_lowers_the_mean_nor_the_lower_end(pieces: list[Piece], weight: float) -> None:
    before, after = mastery(pieces, is_ability=False), mastery([*pieces, Piece(1, weight)], is_ability=False)
    assert before.mean is not None
    assert after.mean is not None
    assert after.mean >= before.mean - 1e-9
    assert after.low >= before.low - 1e-9


@settings(deadline=None)
@given(pieces=PIECES)
def test_what_is_said_to_be_missing_is_enough(pieces: list[Piece]) -> None:
    found = mastery(pieces, is_ability=False)
    if found.level is Level.UNKNOWN:
        assert found.missing > 0
        assert mastery([*pieces, Piece(found.mean or 0, found.missing)], is_ability=False).level is not Level.UNKNOWN
    else:
        assert found.missing == 0


def test_the_names_of_the_levels_are_the_ones_of_the_design() -> None:
    assert [level.value for level in Level] == ["not enough evidence yet", "started", "met", "secure"]


# The document


def test_the_worked_example_in_the_document_is_what_the_rule_gives() -> None:
    pieces = [Piece(1, 1), Piece(0.5, 2), Piece(1, 1), Piece(1, 0.5, True), Piece(0.8, 2, True)]
    found = mastery(pieces, is_ability=True)
    text = DOCUMENT.read_text(encoding="utf-8")
    right = found.n * (found.mean or 0)
    for line in (
        f"n = 1 + 2 + 1 + 0.5 + 2 = {found.n:g}",
        f"n·m = 1·1 + 2·0.5 + 1·1 + 0.5·1 + 2·0.8 = {right:g}",
        f"m = {right:g} ÷ {found.n:g} = {found.mean:.3f}",
        f"Beta(1 + {right:g}, 1 + {found.n - right:g})",
        f"from {found.low:.3f} to {found.high:.3f}, {found.high - found.low:.3f} wide",
        f"**{found.level.value}**",
    ):
        assert line in text, line
    without = mastery([Piece(piece.score, piece.weight) for piece in pieces], is_ability=True)
    assert (without.level, without.needs_practice) == (Level.STARTED, True)


def test_the_table_of_intervals_in_the_document_is_what_the_rule_gives() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for n in (4, 6, 10, 20):
        cells = [f"{low:.2f}–{high:.2f}".replace("0.", ".") for low, high in (interval(n, mean) for mean in (0.5, 0.7, 0.9, 1.0))]
        assert f"| {n} | {' | '.join(cells)} |" in text
