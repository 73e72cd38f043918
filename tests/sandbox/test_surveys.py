"""Surveys: the rules of their verbs, and the six figures of SC29 worked by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.journal import Paper
from courseware.sandbox.prove import run_script
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables
from courseware.variants import resolve
from tests.sandbox.conftest import shipped
from tests.sandbox.test_verbs import do

SENTENCE: dict[str, Any] = {"method": "estimate", "figure": 58.3, "sent": 1000, "answered": 100, "doubt": "chosen", "fix_1": "by-lot", "fix_2": "neutral"}
BOUNDS: dict[str, Any] = {**SENTENCE, "method": "bounds", "figure": None, "low": 8.8, "high": 98.8}


def test_a_doubt_is_noted_once(state: State, paper: Paper) -> None:
    do(state, paper, "survey.flag", record=1, flag="chosen")
    assert state.rows("surveys", id=1)[0]["flag"] == "chosen"
    with pytest.raises(Refused, match="Nothing is different"):
        do(state, paper, "survey.flag", record=1, flag="chosen")


def test_a_sentence_is_one_brief_that_saving_again_replaces(state: State, paper: Paper) -> None:
    do(state, paper, "survey.report", **SENTENCE)
    do(state, paper, "survey.report", **BOUNDS)
    [brief] = state.rows("briefs")
    assert json.loads(brief["fields"]) == {name: value for name, value in BOUNDS.items() if value is not None}


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"figure": None}, "figure", "needs this figure"),
        ({"low": 8.8}, "low", "does not give this figure"),
        ({"method": "bounds"}, "figure", "does not give this figure"),
        ({"method": "bounds", "figure": None, "low": 8.8}, "high", "needs this figure"),
        ({"method": "bounds", "figure": None, "low": 98.8, "high": 8.8}, "low", "cannot be above"),
        ({"figure": 583}, "figure", "between 0 and 100"),
        ({"answered": 1001}, "answered", "No more can have answered"),
        ({"fix_2": "by-lot"}, "fix_2", "two different"),
    ],
)
def test_a_sentence_that_cannot_be_is_refused(changed: dict[str, Any], field: str, said: str, state: State, paper: Paper) -> None:
    with pytest.raises(Invalid, match=said) as refusal:
        do(state, paper, "survey.report", **{**SENTENCE, **changed})
    assert refusal.value.field == field
    assert state.changes == ()


def test_the_six_figures_by_hand(tables: Tables) -> None:
    """1,000 asked (700, 200, 100); 28, 41 and 31 answered, of whom 22, 37 and 29 are satisfied; of sixty called, 33."""
    expected = shipped("SC29", tables).plant.expected
    figures = {
        "sent_small": 700, "sent_medium": 200, "sent_large": 100, "answers": 100, "satisfied": 88,
        "sat_small": 22 / 28, "sat_medium": 37 / 41, "sat_large": 29 / 31, "sat_called": 33 / 60,
    }  # fmt: skip
    worked = {name: round(resolve(expected[name], figures), 1) for name in ("rate", "raw", "weighted", "lower", "upper", "estimate")}
    assert worked == {"rate": 10.0, "raw": 88.0, "weighted": 82.4, "lower": 8.8, "upper": 98.8, "estimate": 58.3}


@pytest.mark.parametrize("doubt", ["chosen", "polite"])
@pytest.mark.parametrize("method", ["estimate", "bounds"])
def test_bounds_or_estimate_and_either_planted_doubt_make_a_sentence(method: str, doubt: str, tables: Tables, firm: Base) -> None:
    scenario = shipped("SC29", tables)
    given = {"method": method, "sent": 1000, "answered": "= answers", "doubt": doubt, "fix_1": "neutral", "fix_2": "by-segment"}
    given |= {"figure": "= estimate"} if method == "estimate" else {"low": "= lower", "high": "= upper"}
    step = type(scenario.reference[0])("survey.report", None, given)
    script = tuple(step if each.id == "sentence" else each for each in scenario.reference)
    report = run_script(scenario, firm, checkout(firm), script, seed=3).report
    assert all(finding.passed for finding in report.findings)


@pytest.mark.parametrize(("method", "figure"), [("raw", "= raw"), ("weighted", "= weighted"), ("estimate", "= called")])
def test_a_figure_without_the_silent_makes_no_sentence(method: str, figure: str, tables: Tables, firm: Base) -> None:
    scenario = shipped("SC29", tables)
    given = {"method": method, "figure": figure, "sent": 1000, "answered": "= answers", "doubt": "chosen", "fix_1": "neutral", "fix_2": "by-lot"}
    step = type(scenario.reference[0])("survey.report", None, given)
    script = tuple(step if each.id == "sentence" else each for each in scenario.reference)
    report = run_script(scenario, firm, checkout(firm), script, seed=3).report
    assert [finding.check for finding in report.findings if not finding.passed] == ["sentence"]
