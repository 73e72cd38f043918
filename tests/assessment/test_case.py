"""A mini-case: parts by their own rules, weighted by their points."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from courseware.assessment.kinds import KINDS
from courseware.assessment.kinds.case import INHERITED, Case
from courseware.assessment.questions import QuestionSource, parse_question

DATA, RIGHT, _ = Case.example()
QUESTION = parse_question(DATA)


def part(kind: str, id: str, **changes: Any) -> dict[str, Any]:
    data = KINDS[kind].example()[0]
    return {key: value for key, value in data.items() if key not in INHERITED} | {"id": id, **changes}


def test_parts_count_by_their_points() -> None:
    assert QUESTION.score({"p1": RIGHT["p1"]}).fraction == pytest.approx(1 / 3)
    assert QUESTION.score({"p2": RIGHT["p2"]}).fraction == pytest.approx(2 / 3)


def test_each_part_keeps_its_rule_and_its_remarks() -> None:
    score = QUESTION.score({"p1": "a", "p2": "95"})
    assert [(scored.id, scored.rule, scored.points) for scored in score.parts] == [("p1", "all-or-nothing", 1), ("p2", "within-tolerance", 2)]
    assert [remark.on for remark in score.remarks] == ["p1.a", "p2"]
    assert [remark.on for remark in score.of("p1").remarks] == ["a"]
    assert (score.of("p2").remarks[0].on, score.of("p2").rule) == ("", "within-tolerance")


def test_a_part_that_gives_half_counts_half_of_its_points() -> None:
    question = parse_question({**DATA, "points": 5, "parts": [part("choice", "p1"), part("matching", "p2")]})
    _, _, half = KINDS["matching"].example()
    assert question.score({"p2": half}).fraction == pytest.approx(2 / 5)


def test_every_kind_but_case_may_be_a_part_where_a_machine_scores_what_it_shows() -> None:
    shows = {name for name, kind in KINDS.items() if kind.gives_evidence and not kind.is_marked_by_hand}
    kinds = sorted(name for name in shows - {"case"} if not KINDS[name].has_run and not KINDS[name].queries(KINDS[name].example()[0]))
    parts = [part(kind, f"p{n}") for n, kind in enumerate(kinds)]
    question = parse_question({**DATA, "points": sum(data["points"] for data in parts), "parts": parts})
    right = {f"p{n}": KINDS[kind].example()[1] for n, kind in enumerate(kinds)}
    assert question.score(right).fraction == 1
    assert list(question.faults()) == []
    assert "any kind but case" in QuestionSource({**DATA, "parts": [part("case", "p1")]}, "x").check()[0]
    assert "likert gives no evidence" in QuestionSource({**DATA, "parts": [part("likert", "p1")]}, "x").check()[0]


def test_the_order_of_a_parts_options_is_frozen_under_its_id() -> None:
    order = QUESTION.shuffle(Random(3))
    assert list(order) == ["p1.options"]
    assert isinstance(QUESTION, Case)
    assert QUESTION.order_of("p1", order) == {"options": order["p1.options"]}


def test_parts_take_objective_and_level_from_the_case() -> None:
    assert isinstance(QUESTION, Case)
    assert {each.objective for each in QUESTION.parts} == {"K1.1"}
    own = {**DATA, "parts": [part("choice", "p1", objective="K9.9")]}
    assert "may not have 'objective': it comes from the case" in QuestionSource(own, "x").check()[0]


def test_a_fault_in_a_part_is_told_with_its_whole_path() -> None:
    broken = part("choice", "p1")
    broken["options"] = [{"id": "a", "text": {"en": "x"}}, *broken["options"][1:]]
    assert QuestionSource({**DATA, "parts": [broken, part("numeric", "p2")]}, "x").check() == ["parts.0.options.0.feedback: 'feedback' is missing"]
    none_right = part("choice", "p1", options=[{**option, "right": False} for option in part("choice", "p1")["options"]])
    assert QuestionSource({**DATA, "parts": [none_right, part("numeric", "p2")]}, "x").check()[0].startswith("parts.0.options: 0 options are right")


def test_a_fault_of_the_case_is_told_once() -> None:
    assert QuestionSource({**DATA, "difficulty": 7, "level": "know", "objective": None}, "x").check()[0].startswith("objective")
    assert len(QuestionSource({**DATA, "difficulty": 7, "level": "know", "objective": None}, "x").check()) == 3


def test_points_add_up_and_part_ids_are_used_once() -> None:
    assert QuestionSource({**DATA, "points": 4}, "x").check() == ["points: the parts add up to 3 points, the case has 4"]
    assert "parts.1.id: the id 'p1' is used twice" in QuestionSource({**DATA, "parts": [part("choice", "p1"), part("numeric", "p1")]}, "x").check()


def test_a_template_needs_four_different_sets_of_answers() -> None:
    numeric = part("numeric", "p2", answer="= n", tolerance=0)
    template = {
        **DATA,
        "vary": {"n": {"range": [1, 3]}, "name": {"range": [1, 30]}},
        "situation": {"en": "{name}"},
        "parts": [part("choice", "p1"), numeric],
    }
    assert QuestionSource(template, "x").check() == ["vary: 3 different right answers in 400 draws; a template of this kind needs 4"]
