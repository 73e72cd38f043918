"""Ordering: the longest common subsequence with the nearest permitted order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.kinds.ordering import Ordering
from courseware.assessment.questions import Question, QuestionSource, parse_question


def data(items: str = "ABCDE", free: list[list[str]] | None = None) -> dict[str, Any]:
    return {**Ordering.example()[0], "items": [{"id": id, "text": {"en": f"step {id}"}} for id in items], "free": free or []}


def question(items: str = "ABCDE", *free: str) -> Question:
    return parse_question(data(items, [list(pair) for pair in free]))


def fraction(response: str, items: str = "ABCDE", *free: str) -> float:
    return question(items, *free).score(list(response)).fraction


@pytest.mark.parametrize(
    ("response", "expected"),
    [("ABCDE", 1), ("BACDE", 0.8), ("EABCD", 0.8), ("BADCE", 0.6), ("EDCBA", 0), ("DEABC", 0.6), ("AB", 0.4), ("A", 0), ("E", 0), ("", 0)],
)
def test_the_longest_run_in_order_counts_and_a_run_of_one_does_not(response: str, expected: float) -> None:
    assert fraction(response) == expected


def test_a_free_pair_may_stand_in_either_order() -> None:
    assert fraction("ACBDE", "ABCDE", "BC") == 1
    assert fraction("CABDE", "ABCDE", "BC") == 0.8


def test_three_free_pairs_make_three_items_free_of_each_other() -> None:
    assert {fraction("".join(["A", *middle, "E"]), "ABCDE", "BC", "CD", "BD") for middle in permutations("BCD")} == {1.0}


def permitted(items: str, free: set[frozenset[str]]) -> list[tuple[str, ...]]:
    """All orders that keep every pair that is not free, straight from the definition."""
    fixed = [(a, b) for i, a in enumerate(items) for b in items[i + 1 :] if frozenset((a, b)) not in free]
    return [order for order in permutations(items) if all(order.index(a) < order.index(b) for a, b in fixed)]


def lcs(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    if not one or not other:
        return 0
    if one[-1] == other[-1]:
        return 1 + lcs(one[:-1], other[:-1])
    return max(lcs(one[:-1], other), lcs(one, other[:-1]))


@given(st.permutations("ABCDE"), st.integers(0, 5), st.sets(st.sampled_from(["AB", "BC", "CD", "DE", "AC", "BD", "CE"])))
def test_the_score_is_the_lcs_with_the_nearest_permitted_order(response: list[str], length: int, free: set[str]) -> None:
    given_items = tuple(response[:length])
    longest = max(lcs(given_items, order) for order in permitted("ABCDE", {frozenset(pair) for pair in free}))
    assert fraction("".join(given_items), "ABCDE", *sorted(free)) == (longest / 5 if longest > 1 else 0)


def test_the_slowest_case_is_fast_enough() -> None:
    assert fraction("LKJIHGFEDCBA", "ABCDEFGHIJKL") == 0


def test_an_item_counts_once_wherever_it_is_repeated() -> None:
    assert fraction("AAABBBZZZCDE") == 1


def test_places_are_read_with_ties_as_on_the_page_and_blanks_left_out() -> None:
    form = {"q.D": ["2"], "q.B": ["1"], "q.A": ["2"], "q.C": [""], "q.E": ["40"]}
    assert question().read(form, "q") == ["B", "D", "A", "E"]


@pytest.mark.parametrize("place", ["1", "", "x", "²", "-1", "1e9", "9" * 5000])
def test_the_same_place_for_all_or_none_does_not_give_the_key(place: str) -> None:
    shown = "EDCBA"
    response = question().read({f"q.{id}": [place] for id in shown}, "q")
    assert question().score(response).fraction == 0


def test_free_pairs_name_different_items_and_have_an_effect() -> None:
    assert QuestionSource(data(free=[["A", "Z"]]), "x").check() == ["free.0: 'Z': a free pair needs two different items"]
    assert QuestionSource(data(free=[["A", "A"]]), "x").check() == ["free.0: 'A' and 'A': a free pair needs two different items"]
    assert QuestionSource(data(free=[["A", "C"]]), "x").check()[0].startswith("free.0: 'A' and 'C' are not free")
    assert QuestionSource(data(free=[["A", "C"], ["A", "B"]]), "x").check() == []


def test_three_to_twelve_items_are_wanted() -> None:
    assert QuestionSource(data("AB"), "x").check() == ["items: 2 items; at least 3 are needed"]
    assert "at most 12" in QuestionSource(data("ABCDEFGHIJKLM"), "x").check()[0]


# The other rules


def by(rule: str, response: str, *before: str) -> float:
    return parse_question({**data(), "rule": rule, "before": [list(pair) for pair in before]}).score(list(response)).fraction


@pytest.mark.parametrize(("response", "expected"), [("ABCDE", 1), ("BACDE", 0.6), ("EABCD", 0), ("EDCBA", 0.2), ("AB", 0.4), ("B", 0), ("A", 0.2)])
def test_absolute_counts_the_items_at_their_very_place(response: str, expected: float) -> None:
    assert by("absolute", response) == expected


@pytest.mark.parametrize(("response", "expected"), [("ABCDE", 1), ("BEACD", 1), ("ACBED", 0.8), ("DCABE", 0.6), ("A", 0)])
def test_a_graph_keeps_only_the_pairs_that_it_names_and_what_follows_from_them(response: str, expected: float) -> None:
    assert by("dag", response, "AC", "BC", "CD") == expected


@given(st.permutations("ABCDE"), st.sets(st.sampled_from(["AB", "AC", "BD", "CD", "AE"]), min_size=1))
def test_every_order_that_keeps_the_graph_gives_all_and_no_other(order: list[str], before: set[str]) -> None:
    keeps = all(order.index(a) < order.index(b) for a, b in before)
    assert (by("dag", "".join(order), *before) == 1) is keeps


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rule": "dag"}, "rule: `free` is for `rule: lcs`; `rule: dag` needs `before`, which no other rule knows"),
        ({"before": [["A", "B"]]}, "rule: `free` is for `rule: lcs`; `rule: dag` needs `before`, which no other rule knows"),
        ({"rule": "dag", "before": [["B", "A"]]}, "before.0: 'B' and 'A': two items are needed, the earlier first, as they are written under `items`"),
    ],
)
def test_a_graph_that_makes_no_sense_is_told(changes: dict[str, Any], sentence: str) -> None:
    assert QuestionSource({**data(), **changes}, "x").check() == [sentence]
