"""Dialogue: a talk as a graph, scored by its best path or turn by turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.kinds.dialogue import Dialogue
from courseware.assessment.questions import QuestionSource, parse_question

# Each choice as (id, goes, points). From A three ways lead on; B is passed by two of them.
TALK: Mapping[str, list[tuple[str, str, float]]] = {
    "A": [("a1", "B", 3), ("a2", "C", 1), ("a3", "end", 0)],
    "B": [("b1", "D", 1), ("b2", "end", 2)],
    "C": [("c1", "B", 4), ("c2", "D", 0)],
    "D": [("d1", "end", 0), ("d2", "end", 0)],
}


def data(talk: Mapping[str, list[tuple[str, str, float]]] = TALK, **more: Any) -> dict[str, Any]:
    nodes = {
        node: {
            "says": {"en": f"they say {node}"},
            "choices": [{"id": id, "text": {"en": f"say {id}"}, "goes": goes, "points": points, "feedback": {"en": f"why {id}"}} for id, goes, points in choices],
        }
        for node, choices in talk.items()
    }
    return {**Dialogue.example()[0], "nodes": nodes, "start": "A", **more}


def question(**more: Any) -> Dialogue:
    read = parse_question(data(**more))
    assert isinstance(read, Dialogue)
    return read


@pytest.mark.parametrize(
    ("path", "best_path", "nodes"),  # the best path is a2, c1, b2 with 7 points
    [
        ("a2 c1 b2", 1, (1 / 3 + 1 + 1) / 3),
        ("a1 b2", 5 / 7, 1),
        ("a1 b1 d1", 4 / 7, (1 + 0.5) / 2),  # at D no choice has points
        ("a2 c2 d2", 1 / 7, (1 / 3 + 0) / 2),
        ("a3", 0, 0),
        ("a2 c1", 5 / 7, (1 / 3 + 1 + 0) / 3),  # broken off: B is still to come
        ("a2", 1 / 7, (1 / 3 + 0 + 0) / 3),  # C and B are
        ("", 0, 0),
    ],
)
def test_a_path_gives_its_points_by_the_best_ones_or_the_mean_of_its_turns(path: str, best_path: float, nodes: float) -> None:
    assert question().score(path.split()).fraction == pytest.approx(best_path)
    assert question(rule="nodes").score(path.split()).fraction == pytest.approx(nodes)


def test_each_turn_with_points_is_a_part_and_gets_its_feedback() -> None:
    score = question().score(["a1", "b1", "d1"])
    assert [(part.id, part.fraction, part.points) for part in score.parts] == [("A", 1, pytest.approx(4 * 3 / 7)), ("B", 0.5, pytest.approx(4 * 2 / 7))]
    assert [(remark.on, remark.text["en"], remark.right) for remark in score.remarks] == [("a1", "why a1", True), ("b1", "why b1", False), ("d1", "why d1", True)]


def test_the_right_answer_is_the_best_path_or_the_best_choice_at_every_turn() -> None:
    assert question().correct() == ["a2", "c1", "b2"]
    assert question(rule="nodes").correct() == ["a1", "b2"]


@pytest.mark.parametrize(
    ("response", "kept"),
    [
        (["a1", "b2"], ["a1", "b2"]),
        (["a1", "c1", "b2"], ["a1"]),  # c1 cannot be said after a1
        (["b2"], None),
        (["a3", "b2"], ["a3"]),
        (["a1", "a1", "b1"], ["a1", "b1"]),
        ([["a1"], 3, "a1"], ["a1"]),
        ("a1", None),
    ],
)
def test_what_does_not_follow_falls_out_of_the_path(response: Any, kept: list[str] | None) -> None:
    assert question().clean(response) == kept


def test_a_talk_is_answered_when_it_has_ended() -> None:
    assert [question().is_answered(path.split()) for path in ("", "a1", "a3", "a1 b2", "a1 b1")] == [False, False, True, True, False]
    last_word = question(talk={**TALK, "D": []})
    assert last_word.is_answered(["a1", "b1"])
    assert [turn.id for turn in last_word.turns(["a1", "b1"])] == ["A", "B", "D"]


def test_a_form_adds_one_choice_to_those_made_before() -> None:
    asked = question()
    first, then = asked.token("a1"), asked.token("b2")
    assert asked.read({"q.0": [first]}, "q") == ["a1"]
    assert asked.read({"q.0": [first], "q.1": [then]}, "q") == ["a1", "b2"]
    assert asked.read({"q.1": [then]}, "q") is None


def test_a_choice_is_taken_back_only_where_that_is_allowed() -> None:
    sent = {"q.0": ["a1"], "q.1": ["b2"], "q.back": ["1"]}
    assert question().read(sent, "q") == ["a1", "b2"]
    assert question(may_go_back=True).read(sent, "q") == ["a1"]
    assert question(may_go_back=True).read({"q.0": ["a1"], "q.back": ["1"]}, "q") is None


def test_choices_stand_in_the_order_of_the_paper() -> None:
    asked = question()
    (turn,) = asked.turns([])
    assert [choice.id for choice in asked.offered(turn, {"A": ["a3", "a1", "a2"]})] == ["a3", "a1", "a2"]
    assert sorted(choice.id for choice in asked.offered(turn, {})) == ["a1", "a2", "a3"]


@pytest.mark.parametrize(
    ("talk", "sentences"),
    [
        ({"B": []}, ["start: there is no node 'A'; there are B"]),
        ({"A": [("a1", "X", 1)]}, ["nodes.A.choices.0.goes: there is no node 'X'; there are end, A"]),
        ({"A": [("a1", "end", 1)], "B": []}, ["nodes.B: no path from 'A' leads to 'B'"]),
        ({"A": [("a1", "B", 1)], "B": [("b1", "A", 0)]}, ["nodes.A: a talk can come back to 'A' and need not end", "nodes.B: a talk can come back to 'B' and need not end"]),
        ({"A": [("a1", "A", 1)]}, ["nodes.A: a talk can come back to 'A' and need not end"]),
        ({"A": [("a1", "B", 1)], "B": [("a1", "end", 0)]}, ["nodes.B.choices.0.id: the id 'a1' is used at another node too"]),
        ({"A": [("a1", "end", 1), ("a1", "end", 0)]}, ["nodes.A.choices.1: the id 'a1' is used twice", "nodes.A.choices.1: two choices read the same in en: 'say a1'", "nodes.A.choices.1: two choices read the same in zh: 'say a1'"]),
        ({"A": [("a1", "end", 0)]}, ["nodes: the best path gets no points"]),
        ({"A": [("a1", "end", 1)], "end": []}, ["nodes.end: 'end' is how `goes` ends the talk; a node needs another id"]),
    ],
)
def test_a_graph_that_makes_no_sense_is_told(talk: dict[str, Any], sentences: list[str]) -> None:
    found = QuestionSource(data(talk), "x").check()
    assert [sentence for sentence in found if sentence not in sentences] == []
    assert set(sentences) <= set(found)


def test_a_circle_can_be_read_scored_and_told() -> None:
    circle = parse_question(data({"A": [("a1", "B", 1)], "B": [("b1", "A", 1)]}))
    assert circle.correct() == ["a1", "b1"]
    assert 0 <= circle.score(["a1", "b1", "a1"]).fraction <= 1


@st.composite
def talks(draw: st.DrawFn) -> dict[str, list[tuple[str, str, float]]]:
    """A graph whose choices lead on to later nodes only."""
    names = "ABCDEF"[: draw(st.integers(1, 6))]
    talk = {}
    for place, name in enumerate(names):
        ahead = [*names[place + 1 :], "end"]
        count = draw(st.integers(1, 3))
        talk[name] = [(f"{name}{number}", draw(st.sampled_from(ahead)), float(draw(st.integers(0, 4)))) for number in range(count)]
    return talk


@given(talks(), st.sampled_from(["best-path", "nodes"]), st.data())
def test_no_path_leaves_the_range_and_the_best_one_gives_all(talk: dict[str, list[tuple[str, str, float]]], rule: str, drawn: st.DataObject) -> None:
    asked = question(talk=talk, rule=rule)
    path: list[str] = []
    while not asked.has_ended(path):
        path.append(drawn.draw(st.sampled_from([choice.id for choice in asked.turns(path)[-1].node.choices])))
        score = asked.score(path)
        assert 0 <= score.fraction <= 1
        assert sum(part.fraction * part.points for part in score.parts) == pytest.approx(score.fraction * asked.points)
    if asked.best > 0:
        assert asked.score(asked.correct()).fraction == pytest.approx(1)
        assert asked.score(path).fraction <= asked.score(asked.correct()).fraction + 1e-9
