"""A scenario as a question: its checks are parts, and what was not found gives nothing."""

from __future__ import annotations

import pytest

from courseware.assessment.kinds import KINDS
from courseware.assessment.kinds.scenario import ScenarioQuestion
from courseware.assessment.questions import QuestionSource, parse_question
from courseware.i18n import Text
from courseware.sandbox.findings import Finding

WEIGHTS = {"a": 6.0, "b": 3.0, "c": 3.0}


def worked(**fractions: float) -> ScenarioQuestion:
    text = Text({"en": "x"})
    findings = [Finding(id, "state", text, "A1.1", weight, fractions[id] == 1, fractions[id], text, text, None, text, text, text).to_json() for id, weight in WEIGHTS.items()]
    question = parse_question({**KINDS["scenario"].example()[0], "found": {}}).with_found({"5": {"findings": findings, "passed": False}})
    assert isinstance(question, ScenarioQuestion)
    return question


def test_nine_of_twelve_by_weight_give_three_quarters() -> None:
    score = worked(a=1, b=1, c=0).score("5")
    assert score.fraction == pytest.approx(0.75)
    assert [(part.id, part.fraction, part.points) for part in score.parts] == [("a", 1, 3), ("b", 1, 1.5), ("c", 0, 1.5)]


def test_a_check_that_holds_in_part_gives_its_part() -> None:
    assert worked(a=0.5, b=0, c=1).score("5").fraction == pytest.approx(0.5)


def test_another_run_is_worth_nothing() -> None:
    assert worked(a=1, b=1, c=1).score("6").fraction == 0
    assert worked(a=1, b=1, c=1).score("5").fraction == 1


def test_a_scenario_has_to_be_named() -> None:
    data = KINDS["scenario"].example()[0]
    assert QuestionSource({**data, "sandbox": {}}, "x").check() == ["sandbox.scenario: a scenario has to be named, as `sandbox: {scenario: SC31}`"]
