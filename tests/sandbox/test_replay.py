"""A run beside a path that passes: what is missing, what did harm."""

from __future__ import annotations

from collections.abc import Sequence

from courseware.sandbox.play import Step
from courseware.sandbox.prove import run_script
from courseware.sandbox.replay import Replay, replay
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import Base, checkout


def beside(scenario: Scenario, firm: Base, script: Sequence[Step]) -> Replay:
    run = run_script(scenario, firm, checkout(firm), script, seed=3)
    return replay(scenario, run.paper, run.journal, run.report.diff, checkout(firm))


def miss(scenario: Scenario, id: str) -> tuple[Step, ...]:
    return tuple(next(miss.script for miss in scenario.near_misses if miss.id == id))


def test_the_path_itself_lacks_nothing_and_does_no_harm(scenario: Scenario, firm: Base) -> None:
    laid = beside(scenario, firm, scenario.reference)
    assert (laid.lacks, laid.harms, laid.first_lack, laid.first_harm) == (frozenset(), frozenset(), None, None)


def test_without_any_work_every_step_is_missing(scenario: Scenario, firm: Base) -> None:
    laid = beside(scenario, firm, ())
    assert laid.lacks == {line.no for line in laid.path}
    assert laid.first_lack == 1


def test_a_step_left_out_is_the_one_that_is_missing(scenario: Scenario, firm: Base) -> None:
    laid = beside(scenario, firm, miss(scenario, "two-orders"))
    missing = [line for line in laid.path if line.no in laid.lacks]
    assert [line.record[0] for line in missing if line.record] == ["orders", "assets"], "the third order and the unit sold with it"


def test_a_step_that_did_harm_is_marked_as_the_learner_took_it(scenario: Scenario, firm: Base) -> None:
    run = run_script(scenario, firm, checkout(firm), miss(scenario, "hears-everything"), seed=3)
    laid = replay(scenario, run.paper, run.journal, run.report.diff, checkout(firm))
    assert laid.first_harm in {entry.no for entry in run.journal.effective()}
    harmed = next(entry for entry in run.journal.entries if entry.no == laid.first_harm)
    assert any((row.table, row.id) == (change.table, change.id) for row in run.report.diff if row.label == "harmful" for change in harmed.changes)
