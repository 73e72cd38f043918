"""Comparing result sets: what counts as the same, and the numbers of each rule."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.assessment.result_sets import Comparison, Policy, ResultSet, compare

CELLS = st.none() | st.integers(-3, 3) | st.sampled_from([0.5, 1.25, 2.0, "a", "b", "1", "客户"])
ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8))


def table(rows: Any, columns: str = "abcd") -> ResultSet:
    return ResultSet(columns=tuple(columns[: len(rows[0])] if rows else columns), rows=tuple(map(tuple, rows)))


PEOPLE = table([["Lin", 3], ["Wu", 5], ["Qian", 5]])


def same(given: ResultSet, wanted: ResultSet = PEOPLE, **policy: Any) -> bool:
    return compare(given, wanted, Policy(**policy)).is_equal


class TestPolicy:
    def test_the_order_of_rows_and_columns_and_the_names_do_not_matter_unless_asked_for(self) -> None:
        other = table([[5, "Qian"], [3, "Lin"], [5, "Wu"]], "xy")
        assert same(other)
        assert not same(other, columns="as-asked")
        assert not same(other, columns="by-name")
        assert not same(other, ordered=True)

    def test_by_name_takes_columns_in_any_order_and_any_capitals(self) -> None:
        wanted = table([["Lin", 3]], "nc")
        assert same(ResultSet(columns=("C", "N"), rows=((3, "Lin"),)), wanted, columns="by-name")
        assert not same(ResultSet(columns=("n", "d"), rows=(("Lin", 3),)), wanted, columns="by-name")

    def test_duplicates_count_unless_they_do_not(self) -> None:
        twice = table([["Lin", 3], ["Lin", 3], ["Wu", 5], ["Qian", 5]])
        assert not same(twice)
        assert same(twice, distinct=True)

    @pytest.mark.parametrize(("one", "other", "decimals", "equal"), [
        (1, 1.0, 2, True), (0.1 + 0.2, 0.3, 9, True), (2.674, 2.67, 2, True), (2.676, 2.67, 2, False), (2.5, 2, 0, True), (3.5, 4, 0, True),
        (True, 1, 2, True), ("1", 1, 2, False), (None, None, 2, True), (None, "", 2, False), (None, 0, 2, False), ("a ", "a", 2, True), ("A", "a", 2, False), (-0.001, 0, 2, True),
        (10**400, 10**400, 2, True),
    ])  # fmt: skip
    def test_values(self, one: Any, other: Any, decimals: int, equal: bool) -> None:
        assert same(table([[one]]), table([[other]]), decimals=decimals) is equal

    def test_as_many_columns_as_asked_for(self) -> None:
        assert compare(table([["Lin"], ["Wu"]]), PEOPLE, Policy()) == Comparison(0, 3, 2, columns=False)

    def test_what_was_cut_off_equals_nothing(self) -> None:
        assert not same(PEOPLE.model_copy(update={"is_cut": True}))

    def test_columns_that_hold_the_same_values_are_told_apart_by_their_rows(self) -> None:
        wanted = table([[1, 0, "x"], [0, 1, "y"]])
        assert same(table([["y", 1, 0], ["x", 0, 1]]), wanted)
        assert not same(table([["y", 1, 1], ["x", 0, 0]]), wanted)


class TestF1:
    def test_six_of_seven_rows_and_two_others(self) -> None:
        wanted = table([[n] for n in range(7)])
        found = compare(table([[n] for n in (0, 1, 2, 3, 4, 5, 8, 9)]), wanted, Policy())
        assert (found.right, found.missing, found.extra) == (6, 1, 2)
        assert found.f1 == 12 / 15

    def test_with_an_order_the_longest_common_subsequence_is_right(self) -> None:
        wanted = table([["a"], ["b"], ["c"], ["d"]])
        found = compare(table([["a"], ["c"], ["b"]]), wanted, Policy(ordered=True))
        assert (found.right, found.missing, found.extra) == (2, 2, 1)
        assert found.f1 == 4 / 7

    def test_all_rows_in_another_order_are_named_as_such(self) -> None:
        found = compare(table([["b"], ["a"]]), table([["a"], ["b"]]), Policy(ordered=True))
        assert found.is_misordered
        assert not found.is_equal

    def test_other_columns_give_nothing(self) -> None:
        assert compare(table([["Lin", 3, 1]]), PEOPLE, Policy()).f1 == 0


@settings(deadline=None)
@given(rows=ROWS, seed=st.integers(0, 1000))
def test_shuffled_rows_and_columns_are_the_same_set_where_order_is_not_asked_for(rows: list[list[Any]], seed: int) -> None:
    rng = Random(seed)
    order = rng.sample(range(len(rows[0])), len(rows[0]))
    shuffled = table([[row[place] for place in order] for row in rng.sample(rows, len(rows))])
    found = compare(shuffled, table(rows), Policy())
    assert found.is_equal
    assert found.f1 == 1


@settings(deadline=None)
@given(own=ROWS, rows=ROWS, ordered=st.booleans(), distinct=st.booleans(), columns=st.sampled_from(["any-order", "as-asked", "by-name"]))
def test_f1_stays_within_its_range_and_is_1_for_equal_sets_alone(own: Any, rows: Any, ordered: bool, distinct: bool, columns: Any) -> None:
    found = compare(table(own), table(rows), Policy(columns, ordered, distinct))
    assert 0 <= found.f1 <= 1
    assert found.right + found.missing <= len(rows)
    assert (found.f1 == 1) == (found.is_equal or found.is_misordered)


@settings(deadline=None)
@given(rows=ROWS)
def test_a_row_taken_away_or_put_to_it_is_noticed(rows: list[list[Any]]) -> None:
    fewer = ResultSet(columns=tuple("abcd"[: len(rows[0])]), rows=tuple(map(tuple, rows[1:])))
    assert not same(fewer, table(rows))
    assert not same(table([*rows, rows[0]]), table(rows))
