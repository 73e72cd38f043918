"""Review options: what may be seen in each phase, when the rest opens, and which attempt counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.counting import RULES, counted
from courseware.assessment.reader import read_quiz
from courseware.assessment.review import ALL, EVERYTHING, PRESETS, RIGHT_AFTER, Opening, Phase, Review, Shown, Thing, phase_of, read_review, still_to_open
from tests.conftest import NOW

HOUR = timedelta(hours=1)
QUIZ: dict[str, Any] = {"id": "m1", "title": {"en": "Quiz"}, "module": "M1", "attempts": 2, "behaviour": "deferred", "forms": {"A": "m1-a"}}


def test_the_phase_follows_the_hand_in_and_the_close() -> None:
    assert phase_of(None, NOW, NOW) is Phase.DURING
    assert phase_of(NOW, None, NOW) is Phase.AFTER
    assert phase_of(NOW, None, NOW + RIGHT_AFTER) is Phase.LATER
    assert phase_of(NOW, NOW + HOUR, NOW + HOUR) is Phase.CLOSED
    assert phase_of(NOW, NOW, NOW) is Phase.CLOSED
    assert phase_of(NOW, None, NOW + 1000 * HOUR) is Phase.LATER, "without a closing date a quiz stays open"


def test_an_exam_shows_nothing_but_the_attempt_until_it_closes() -> None:
    exam = PRESETS["exam"]
    assert exam.shown(Phase.DURING) == Shown()
    assert exam.shown(Phase.AFTER) == exam.shown(Phase.LATER) == Shown(attempt=True)
    assert exam.shown(Phase.CLOSED) == EVERYTHING
    assert [exam.releases(phase) for phase in Phase] == [False, False, False, True]


def test_a_practice_exam_shows_the_points_at_once_and_the_answers_after_the_close() -> None:
    practice = PRESETS["practice-exam"]
    assert practice.shown(Phase.AFTER) == Shown(attempt=True, correctness=True, marks=True, overall=True)
    assert practice.releases(Phase.AFTER)
    assert practice.shown(Phase.CLOSED).right


def test_learning_shows_everything_right_after() -> None:
    assert PRESETS["learn"].things(Phase.AFTER) == ALL
    assert not PRESETS["learn"].changes


def test_what_opens_later_is_named_once_at_its_first_moment() -> None:
    review = Review(after=(Thing.ATTEMPT,), later=(Thing.ATTEMPT, Thing.MARKS), closed=(Thing.ATTEMPT, Thing.MARKS, Thing.RIGHT))
    closes = NOW + HOUR
    assert still_to_open(review, Phase.AFTER, NOW, closes) == [Opening((Thing.MARKS,), NOW + RIGHT_AFTER), Opening((Thing.RIGHT,), closes)]
    assert still_to_open(review, Phase.LATER, NOW, None) == [Opening((Thing.RIGHT,), None)]
    assert still_to_open(review, Phase.CLOSED, NOW, closes) == []


@given(st.lists(st.sampled_from(list(Thing)), unique=True))
def test_of_a_question_that_takes_answers_nothing_that_tells_the_key_is_shown(things: list[Thing]) -> None:
    shown = Shown.of(tuple(things)).while_open()
    assert not (shown.right or shown.general or shown.overall)
    assert shown.correctness == (Thing.CORRECTNESS in things)


def test_review_options_are_written_as_a_name_or_a_list_for_each_phase() -> None:
    faults: list[Any] = []
    custom = read_quiz({**QUIZ, "review": {"after": ["attempt"], "closed": ["attempt", "right"]}}, "x", lambda *fault: faults.append(fault))
    named = read_quiz({**QUIZ, "review": "exam"}, "x", lambda *fault: faults.append(fault))
    plain = read_quiz(QUIZ, "x", lambda *fault: faults.append(fault))
    assert faults == []
    assert custom and named and plain
    assert custom.review.things(Phase.CLOSED) == (Thing.ATTEMPT, Thing.RIGHT)
    assert named.review == PRESETS["exam"]
    assert plain.review == PRESETS["learn"]
    assert read_review(custom.review.model_dump(mode="json")) == custom.review.model_dump(mode="json")


@pytest.mark.parametrize(
    ("more", "path", "said"),
    [
        ({"review": "open-book"}, ("review",), "known: learn, practice-exam, exam"),
        ({"review": {"after": ["key"]}}, ("review", "after", 0), "'attempt', 'correctness'"),
        ({"review": "exam", "behaviour": "immediate"}, (), "`behaviour: immediate` checks answers during the attempt"),
        ({"builds_on_last": True, "forms": {"A": "m1-a", "B": "m1-b"}}, (), "name one"),
        ({"wait": [-1]}, ("wait", 0), "greater than or equal to 0"),
        ({"counts": "median"}, ("counts",), "'best'"),
    ],
)
def test_options_that_contradict_each_other_are_told_with_their_place(more: Any, path: Any, said: str) -> None:
    faults: list[Any] = []
    assert read_quiz({**QUIZ, **more}, "x", lambda *fault: faults.append(fault)) is None
    ((place, sentence),) = faults
    assert place == path
    assert said in sentence


# Which attempt counts


@pytest.mark.parametrize(("rule", "share", "place"), [("best", 0.9, 1), ("first", 0.4, 0), ("last", 0.5, 3), ("mean", 0.675, 3)])
def test_each_rule_counts_its_attempt(rule: str, share: float, place: int) -> None:
    found = counted([0.4, 0.9, 0.9, 0.5], rule)
    assert found is not None
    assert (found.share, found.place) == (pytest.approx(share), place)


def test_an_attempt_without_a_released_mark_does_not_count_yet() -> None:
    assert counted([None, 0.5], "first") is None
    assert counted([0.4, None], "last") is not None
    for rule in RULES:
        assert counted([], rule) is None
        assert counted([None], rule) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.sampled_from(sorted(RULES.keys() - {"none"})))
def test_what_counts_lies_between_the_worst_and_the_best(shares: list[float], rule: str) -> None:
    found = counted(shares, rule)
    assert found is not None
    assert min(shares) - 1e-9 <= found.share <= max(shares) + 1e-9
