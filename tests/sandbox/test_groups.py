"""Customer groups: the rules of their verbs, and the money of SC26 by the figures of its rule."""

from __future__ import annotations

import json

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox import show
from courseware.sandbox.actions import VERBS
from courseware.sandbox.actions.groups import CELLS
from courseware.sandbox.journal import Paper
from courseware.sandbox.prove import run_script
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables
from courseware.variants import resolve
from tests.sandbox.conftest import shipped
from tests.sandbox.test_verbs import do


def test_type_pattern_and_cost_are_set_together(state: State, paper: Paper) -> None:
    do(state, paper, "group.set_relationship", record=1, relationship_type="basic", contact_pattern="one-order", pattern_cost="10")
    [group] = state.rows("customer_groups", id=1)
    assert (group["relationship_type"], group["contact_pattern"], group["pattern_cost"]) == ("basic", "one-order", 10)
    with pytest.raises(Refused, match="Nothing is different"):
        do(state, paper, "group.set_relationship", record=1, relationship_type="basic", contact_pattern="one-order", pattern_cost=10)
    with pytest.raises(Invalid, match="less than 0"):
        do(state, paper, "group.set_relationship", record=1, relationship_type="basic", contact_pattern="one-order", pattern_cost=-1)


def test_an_exception_is_explained_after_the_relationship_is_set(state: State, paper: Paper) -> None:
    with pytest.raises(Refused, match="first"):
        do(state, paper, "group.explain_exception", record=1, exception_reason="strategic")
    do(state, paper, "group.set_relationship", record=1, relationship_type="partnership", contact_pattern="partner", pattern_cost=900)
    do(state, paper, "group.explain_exception", record=1, exception_reason="strategic")
    assert state.rows("customer_groups", id=1)[0]["exception_reason"] == "strategic"


def test_the_grid_is_one_brief_that_filling_in_again_replaces(state: State, paper: Paper) -> None:
    cells = dict.fromkeys(CELLS, "reactive")
    do(state, paper, "group.fill_grid", **cells)
    do(state, paper, "group.fill_grid", **{**cells, "many_low": "basic"})
    [brief] = state.rows("briefs")
    assert json.loads(brief["fields"]) == {**cells, "many_low": "basic"}
    with pytest.raises(Refused, match="Nothing is different"):
        do(state, paper, "group.fill_grid", **{**cells, "many_low": "basic"})


def test_a_segment_by_size_is_told_in_words_and_its_form_begins_with_what_it_holds(state: State, paper: Paper) -> None:
    plan = {"coverage": "phone", "visits_year": 0, "calls_year": 4, "routes": ["phone", "web"], "wish_code": "quick-answer"}
    made = do(state, paper, "rule.save_segment", name="Small firms", field="size", sizes=["small", "medium"], **plan).made
    assert made
    held = state.get(*made)
    assert held
    told = show.value(state, "rules", "value", held["value"])
    assert (told["en"], told["zh"]) == ("small firms, medium firms", "小型单位、中型单位")
    began = VERBS["rule.change_segment"].initial(held)
    assert {name: value for name, value in began.items() if value is not None} == {"field": "size", "sizes": ["medium", "small"], "web_year": 0, **plan}


def test_the_grid_goes_one_type_closer_with_each_step_from_the_basic_corner(tables: Tables) -> None:
    order = ("basic", "reactive", "accountable", "proactive", "partnership")
    steps = {"many": 0, "medium": 1, "few": 2, "low": 0, "high": 2}
    grid = next(step.with_ for step in shipped("SC26", tables).reference if step.id == "grid")
    assert grid == {cell: order[steps[cell.split("_")[0]] + steps[cell.split("_")[1]]] for cell in CELLS}


def test_the_money_of_the_two_groups_by_hand(tables: Tables) -> None:
    expected = shipped("SC26", tables).plant.expected
    figures = {"big": 12_400, "pro": 420, "bas": 10, "part": 900, "rich": 30, "rich_margin": 20_000, "uplift": 12}
    assert resolve(expected["saving"], figures) == 12_400 * 410
    assert resolve(expected["gain"], figures) == 30 * (2_400 - 890)


def test_a_partnership_for_the_biggest_group_is_answered_with_her_own_figures(tables: Tables, firm: Base) -> None:
    """The worked figures of the rule: so many customers, so much care of each against so much margin of each."""
    scenario = shipped("SC26", tables)
    script = next(miss.script for miss in scenario.near_misses if miss.id == "partner-of-thousands")
    run = run_script(scenario, firm, checkout(firm), script, seed=4)
    teaching = next(finding.teaching for finding in run.report.findings if finding.check == "care")
    drawn = run.paper.drawn
    assert teaching is not None
    assert teaching.to("en").startswith(f"{drawn['big']:,} customers: {drawn['part']} yuan of care each against {drawn['big_margin']} yuan of margin each.")


@pytest.mark.parametrize("kind", ["proactive", "partnership"])
def test_both_types_of_a_border_group_are_accepted(kind: str, tables: Tables, firm: Base) -> None:
    scenario = shipped("SC26", tables)
    pattern, cost = ("partner", "= part") if kind == "partnership" else ("proactive", "= pro")
    step = type(scenario.reference[0])("group.set_relationship", "$chains", {"relationship_type": kind, "contact_pattern": pattern, "pattern_cost": cost})
    script = tuple(step if each.id == "chains" else each for each in scenario.reference)
    report = run_script(scenario, firm, checkout(firm), script, seed=3).report
    assert report.passed
    assert all(finding.passed for finding in report.findings)
