"""Behaviours: the numbers of each named rule, what every rule keeps, and how they are written in a quiz file."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.behaviours import BEHAVIOURS, read_behaviour
from courseware.assessment.behaviours.falling import falling
from courseware.assessment.kinds import KINDS
from courseware.assessment.questions import PartScore, parse_question
from courseware.assessment.tries import Behaviour, Tried, asks_certainty, parted, unwrapped, wrapped

FRACTIONS = st.lists(st.integers(0, 12).map(lambda twelfths: twelfths / 12), min_size=1, max_size=8)
SETTINGS: dict[str, list[Any]] = {
    "interactive": [{"penalty": 0.0}, {"penalty": 0.25, "tries": 8}, {"penalty": 1.0}],
    "adaptive": [{"penalty": 0.1}, {"penalty": 1.0}],
    "falling": [{"shares": [1]}, {"shares": [1, 1, 1]}, {"shares": [0.5, 0.4, 0.3, 0.2, 0.1]}],
}
EVERY = [read_behaviour({"kind": kind, **more}) for kind in sorted(BEHAVIOURS) for more in ({}, *SETTINGS.get(kind, ()))]
FLOOR = {"certainty": -2.0}


def behaviour(kind: str, **settings: Any) -> Behaviour:
    return read_behaviour({"kind": kind, **settings})


def tries(*fractions: float, certainty: int | None = None) -> list[Tried]:
    return [Tried(fraction, (), f"answer {number}", certainty) for number, fraction in enumerate(fractions)]


def gaps(*by_try: str) -> list[Tried]:
    """Tries at a question of as many equal gaps as there are letters: r is right, w wrong."""
    return [Tried(one.count("r") / len(one), tuple(PartScore(str(place), float(letter == "r"), 1, "gaps") for place, letter in enumerate(one))) for one in by_try]


# Moodle's interactive


@pytest.mark.parametrize(("fractions", "worth"), [([1], 1), ([0, 1], 2 / 3), ([0, 0, 1], 1 / 3), ([0, 0, 0, 1], 0), ([0.5], 0.5), ([1 / 3, 0.5], 1 / 6), ([0], 0)])
def test_interactive_takes_a_third_off_for_each_try_used_before(fractions: list[float], worth: float) -> None:
    assert behaviour("interactive").fraction(tries(*fractions)) == pytest.approx(worth)


def test_interactive_counts_the_last_try_and_not_the_best() -> None:
    assert behaviour("interactive", penalty=0.1).fraction(tries(0.5, 0.2)) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("by_try", "worth"),
    [
        (("rrw", "rrr"), (1 + 1 + 2 / 3) / 3),  # what was right from the first try keeps all
        (("rww", "rrw", "rrr"), (1 + 2 / 3 + 1 / 3) / 3),
        (("rrw", "wrr"), (0 + 1 + 2 / 3) / 3),  # right once, then changed to wrong
        (("rww", "wrw", "rrr"), (1 / 3 + 2 / 3 + 1 / 3) / 3),  # right again counts from its last change
        (("www", "www"), 0),
        (("rrr",), 1),
    ],
)
def test_interactive_counts_back_part_by_part(by_try: tuple[str, ...], worth: float) -> None:
    assert behaviour("interactive").fraction(gaps(*by_try)) == pytest.approx(worth)


def test_interactive_weighs_parts_by_their_points() -> None:
    def scored(first: float, second: float) -> Tried:
        return Tried((first * 3 + second) / 4, (PartScore("a", first, 3, "r"), PartScore("b", second, 1, "r")))

    assert behaviour("interactive", penalty=0.5).fraction([scored(0, 1), scored(1, 1)]) == pytest.approx((3 * 0.5 + 1) / 4)


def test_interactive_gives_a_try_more_than_there_are_hints_unless_it_says_how_many() -> None:
    assert behaviour("interactive").most_tries(2) == 3
    assert behaviour("interactive").most_tries(0) == 1
    assert behaviour("interactive", tries=5).most_tries(2) == 5


# Moodle's adaptive


@pytest.mark.parametrize(("fractions", "worth"), [([0, 1], 2 / 3), ([0.5, 0, 1], 0.5), ([0.5, 0.6], 0.5), ([0, 0, 0, 1], 0), ([1], 1)])
def test_adaptive_counts_the_best_try_less_a_penalty_for_those_before(fractions: list[float], worth: float) -> None:
    assert behaviour("adaptive").fraction(tries(*fractions)) == pytest.approx(worth)


def test_adaptive_takes_no_answer_twice() -> None:
    before = tries(0, 0.5)
    assert behaviour("adaptive").is_repeat(before, "answer 0")
    assert behaviour("adaptive").is_repeat(before, "answer 1")
    assert not behaviour("adaptive").is_repeat(before, "another")
    assert behaviour("interactive").is_repeat(before, "answer 1"), "a second click is no second try"
    assert not behaviour("interactive").is_repeat(before, "answer 0")


def test_adaptive_never_runs_out_of_tries() -> None:
    assert not behaviour("adaptive").is_closed(tries(*[0] * 50), hints=0)
    assert behaviour("adaptive").is_closed(tries(0, 1), hints=0)


# PrairieLearn's points lists


@pytest.mark.parametrize(
    ("fractions", "points"),
    [([1], 10), ([0, 1], 7), ([0, 0, 1], 5), ([0, 0, 0, 1], 0), ([0.6, 1], 6 + 0.4 * 7), ([0.6, 0.3, 1], 6 + 0.4 * 5), ([0.5, 0.7, 0.9], 5 + 0.2 * 7 + 0.2 * 5), ([0.6, 0.6], 6)],
)
def test_falling_pays_each_improvement_at_the_price_of_its_try(fractions: list[float], points: float) -> None:
    assert 10 * behaviour("falling", shares=[1, 0.7, 0.5]).fraction(tries(*fractions)) == pytest.approx(points)


@given(FRACTIONS)
def test_falling_never_takes_anything_for_a_further_try(fractions: list[float]) -> None:
    worth = [falling(fractions[:count], (1, 0.7, 0.5, 0.5, 0.1)) for count in range(len(fractions) + 1)]
    assert worth == sorted(worth)


@given(FRACTIONS)
def test_an_improvement_earns_more_the_earlier_it_comes(fractions: list[float]) -> None:
    assert falling(sorted(fractions)) <= falling(sorted(fractions, reverse=True)) + 1e-12


# Certainty


@pytest.mark.parametrize(("certainty", "right", "wrong"), [(1, 1 / 3, 0), (2, 2 / 3, -2 / 3), (3, 1, -2), (None, 1 / 3, 0)])
def test_certainty_pays_and_takes_by_how_certain_one_was(certainty: int | None, right: float, wrong: float) -> None:
    rule = behaviour("certainty")
    assert rule.fraction(tries(1, certainty=certainty)) == pytest.approx(right)
    assert rule.fraction(tries(0, certainty=certainty)) == pytest.approx(wrong)
    assert rule.fraction(tries(0.5, certainty=certainty)) == pytest.approx(right / 2)
    assert rule.fraction([Tried(0.0, (), None, certainty)]) == 0, "an empty answer takes nothing"


@pytest.mark.parametrize(("probability", "best"), [(0.5, 1), (0.66, 1), (0.68, 2), (0.79, 2), (0.81, 3), (1, 3)])
def test_the_certainty_that_pays_best_is_the_honest_one(probability: float, best: int) -> None:
    rule = behaviour("certainty")
    pays = {level: probability * rule.fraction(tries(1, certainty=level)) + (1 - probability) * rule.fraction(tries(0, certainty=level)) for level in (1, 2, 3)}
    assert max(pays, key=lambda level: pays[level]) == best


def test_certainty_is_wrapped_and_unwrapped_in_one_place() -> None:
    assert unwrapped(wrapped(["a"], "2")) == (["a"], 2)
    assert unwrapped(wrapped("a", "9")) == ("a", None)
    assert wrapped(None, 3) is None
    assert unwrapped("junk") == (None, None)
    assert asks_certainty(behaviour("deferred", certainty=True).model_dump()) and asks_certainty(behaviour("certainty"))
    assert parted("deferred", {"response": "x"}) == ({"response": "x"}, None)


# What every behaviour keeps


@pytest.mark.parametrize("rule", EVERY, ids=repr)
class TestEveryBehaviour:
    @given(fractions=FRACTIONS, certainty=st.sampled_from((None, 1, 2, 3)))
    def test_no_tries_are_worth_more_than_all_or_less_than_the_floor(self, rule: Behaviour, fractions: list[float], certainty: int | None) -> None:
        worth = rule.fraction(tries(*fractions, certainty=certainty))
        assert FLOOR.get(rule.kind, 0) - 1e-12 <= worth <= max(fractions) + 1e-12

    @given(by_try=st.lists(st.text("rw", min_size=3, max_size=3), min_size=1, max_size=5))
    def test_parts_give_no_more_than_all(self, rule: Behaviour, by_try: list[str]) -> None:
        if rule.kind != "certainty":
            assert -1e-12 <= rule.fraction(gaps(*by_try)) <= 1 + 1e-12

    def test_right_at_once_is_worth_the_most_there_is(self, rule: Behaviour) -> None:
        most = rule.fraction(tries(1, certainty=3))
        assert most == pytest.approx(getattr(rule, "shares", (1,))[0])
        assert rule.is_closed(tries(1), hints=0) is rule.checks

    @given(fractions=FRACTIONS)
    def test_the_page_promises_what_a_right_answer_then_gives(self, rule: Behaviour, fractions: list[float]) -> None:
        before = tries(*fractions)
        if rule.checks:
            assert rule.within_reach(before) == pytest.approx(rule.fraction([*before, Tried(1.0, (), "right")]))

    def test_it_is_told_before_answering_and_read_back_from_a_paper(self, rule: Behaviour) -> None:
        assert rule.told(2).english() and rule.label.english()
        assert read_behaviour(rule.model_dump(mode="json")) == rule
        assert rule.named("all-or-nothing").startswith("all-or-nothing")


@pytest.mark.parametrize("name", sorted(BEHAVIOURS))
def test_every_behaviour_says_in_its_docstring_how_it_is_written(name: str) -> None:
    assert "behaviour: " in (BEHAVIOURS[name].__doc__ or "")


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_parts_of_a_kind_add_up_to_its_fraction_so_that_they_can_be_counted_back(name: str) -> None:
    data, *responses = KINDS[name].example()
    question = parse_question(data)
    for response in (*responses, None):
        score = question.score(response)
        if score.parts:
            assert sum(part.fraction * part.points for part in score.parts) / sum(part.points for part in score.parts) == pytest.approx(score.fraction)


# Writing


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("guessing", "known: adaptive, certainty, deferred, falling, immediate, interactive"),
        ({"kind": "falling", "shares": [0.5, 1]}, "must not rise"),
        ({"kind": "falling", "shares": []}, "at least 1"),
        ({"kind": "interactive", "penalty": 2}, "less than or equal to 1"),
        ({"kind": "interactive", "shares": [1]}, "unknown key 'shares'"),
        ({"kind": "certainty", "certainty": False}, "True"),
        (None, "unknown behaviour None"),
        ([], "unknown behaviour []"),
    ],
)
def test_a_behaviour_that_makes_no_sense_is_refused_with_a_sentence(written: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        read_behaviour(written)
