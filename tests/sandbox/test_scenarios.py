"""Reading scenarios: all faults at once, each at its place; and the proof of every shipped scenario."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from courseware.course.faults import Faults
from courseware.course.yaml import load
from courseware.i18n import LANGUAGES
from courseware.sandbox.evaluate import all_open, evaluate, next_rung, open_rungs, score
from courseware.sandbox.findings import COSTS, RUNGS
from courseware.sandbox.journal import Journal
from courseware.sandbox.plants import PlantFailed, paper_of, plant
from courseware.sandbox.prove import prove, run_script
from courseware.sandbox.scenarios import FILES, read_scenario
from courseware.sandbox.state import Base, checkout
from courseware.sandbox.tables import Tables
from tests.sandbox.conftest import CONTENT, shipped

IDS = sorted(folder.name for folder in (CONTENT / "scenarios").iterdir() if (folder / "scenario.yaml").exists())


def faults_of(tables: Tables, replaced: dict[str, tuple[str, str]], id: str = "SC31") -> list[str]:
    """Give the faults after one text of each named file was replaced."""
    faults = Faults()
    documents = {}
    for name in FILES:
        content = (CONTENT / "scenarios" / id / name).read_text()
        old, new = replaced.get(name, ("", ""))
        assert old in content
        documents[name] = load(name, content.replace(old, new, 1).encode(), faults)
    read = {name: document for name, document in documents.items() if document is not None}
    scenario = read_scenario({name: each.data for name, each in read.items()}, {name: each.fault for name, each in read.items()}, tables, ["A1.2", "K1.1", "A5.3", "A1.1"])
    assert (scenario is None) == bool(faults)
    return [str(fault) for fault in faults]


def test_the_shipped_scenario_has_no_fault(tables: Tables) -> None:
    assert faults_of(tables, {}) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("scenario.yaml", "    weight: 1\n", "    weight: 2\n", "the weights sum to 13; they must sum to 12"),
        ("scenario.yaml", "objectives: [A1.2, K1.1, A5.3, A1.1]", "objectives: [A1.1, K1.1, A5.3, A1.2]", "the first objective, A1.1, has weight 1; it needs at least 4"),
        ("scenario.yaml", "objectives: [A1.2, K1.1, A5.3, A1.1]", "objectives: [A1.2, K1.1, A5.3, A1.1, K9.9]", "unknown objective 'K9.9'"),
        ("scenario.yaml", "    objective: A1.1\n", "    objective: A7.7\n", "objective 'A7.7' is not in the header"),
        ("scenario.yaml", "    kind: order\n", "    kind: wish\n", "unknown kind 'wish' of check; known: answer, guard, order, state, text"),
        ("scenario.yaml", "question: word", "question: worm", "unknown question 'worm'; known: word"),
        ("scenario.yaml", "rows: $order_1, has", "rows: $ordre, has", "unknown name $ordre"),
        ("scenario.yaml", "has: {kind: \"= who.kind\"}", "has: {kynd: \"= who.kind\"}", "has no column 'kynd'"),
        ("scenario.yaml", "{table: interactions, made: true}", "{table: interaction, made: true}", "unknown table 'interaction'"),
        ("scenario.yaml", "birthday: {empty: true}", "birthday: {void: true}", "a condition has one or more of"),
        ("scenario.yaml", "verb: contact.record_consent", "verb: contact.ask", "unknown verb 'contact.ask'"),
        ("scenario.yaml", "difficulty: 1", "difficulty: 5", "less than or equal to 4"),
        ("scenario.yaml", "minutes: 15", "minuts: 15", "unknown key 'minuts'"),
        ("plant.yaml", "insert: assets", "insert: asset", "unknown table 'asset'"),
        ("plant.yaml", "      serial:", "      seriel:", "has no column 'seriel'"),
        ("plant.yaml", "  tail: {range: [1101, 8998]}", "  tail: {range: [8998, 1101]}", "range needs two whole numbers"),
        ("plant.yaml", "  me: {table", "  you: {table", "`me` is missing"),
        ("reference.yaml", "do: account.create", "do: account.make", "unknown verb 'account.make'"),
        ("reference.yaml", "answer: \"= answers.phone\"", "reply: \"= answers.phone\"", "contact.record_consent does not know 'reply'"),
        ("reference.yaml", "on: \"$order_{n}\", ", "", "order.link needs `on`"),
        ("near_misses.yaml", "fails: [least]", "fails: [lest]", "unknown check 'lest'"),
        ("near_misses.yaml", "      optional:\n", "      optionel:\n", "the reference has no step 'optionel'"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(tables: Tables, file: str, old: str, new: str, said: str) -> None:
    found = faults_of(tables, {file: (old, new)})
    assert any(said in fault for fault in found), found
    assert all(fault.startswith(f"{file}:") for fault in found if said in fault)


def test_all_faults_are_told_at_once(tables: Tables) -> None:
    found = faults_of(tables, {"scenario.yaml": ("kind: order", "kind: wish"), "plant.yaml": ("insert: assets", "insert: asset"), "reference.yaml": ("account.create", "x")})
    assert len(found) >= 3


@pytest.mark.parametrize("id", IDS)
def test_the_reference_passes(id: str, tables: Tables, firm: Base) -> None:
    scenario = shipped(id, tables)
    assert run_script(scenario, firm, checkout(firm), scenario.reference, seed=1).report.passed


@pytest.mark.parametrize("id", ["SC28", "SC31"])
def test_a_proof_runs_reference_and_near_misses(id: str, tables: Tables, firm: Base) -> None:
    report = prove(shipped(id, tables), firm, checkout(firm), [1])  # `make check` proves every scenario with three seeds, `make prove` with fifty
    assert report.proved, "\n".join(f"{failure.script} {failure.seed} {failure.language}: {failure.sentence}" for failure in report.failures[:10])
    assert set(report.good.values()) == {1}


def test_a_step_that_nothing_checks_is_found(tables: Tables, firm: Base) -> None:
    scenario = shipped("SC31", tables)
    unmarked = replace(scenario, reference=tuple(replace(step, spare=False) for step in scenario.reference))
    report = prove(unmarked, firm, checkout(firm), [1])
    assert [failure.sentence.split(" every")[0] for failure in report.failures] == ["without step 5 (optional)", "without step 8 (note)"]


@pytest.mark.parametrize("id", IDS)
def test_a_plant_is_the_same_for_the_same_seed_and_another_for_another(id: str, tables: Tables, firm: Base) -> None:
    scenario, state = shipped(id, tables), checkout(firm)
    once, again, other = (plant(scenario.start, scenario.plant, state, seed=seed, language="zh") for seed in (5, 5, 6))
    assert once == again
    assert once != other
    assert len(once.changes) < 1_000


@pytest.mark.parametrize("id", IDS)
def test_an_untouched_attempt_is_not_passed_and_gives_no_share(id: str, tables: Tables, firm: Base) -> None:
    report = run_script(shipped(id, tables), firm, checkout(firm), (), seed=1).report
    assert not report.passed
    assert report.diff == ()
    assert report.share < 0.3


@pytest.mark.parametrize("id", IDS)
def test_every_text_of_a_finding_is_there_in_every_language(id: str, tables: Tables, firm: Base) -> None:
    scenario = shipped(id, tables)
    for check in scenario.checks:
        for text in (check.title, check.area, check.found, check.teaching):
            assert set(text) == set(LANGUAGES)
    for miss in scenario.near_misses:
        assert set(miss.says) == set(LANGUAGES)


def test_what_a_finding_says_freely_does_not_give_the_answer_away(tables: Tables, firm: Base) -> None:
    """Of a wrong owner the finding shows who is named, not who should be."""
    scenario, state = shipped("SC31", tables), checkout(firm)
    run = run_script(scenario, firm, state, [step for step in scenario.reference if step.id in ("firm", "client")], seed=2)
    right = next(finding for finding in run.report.findings if finding.check == "linked").expected
    assert all(right.to("en") not in finding.found.to("en") for finding in run.report.findings if not finding.passed)


def test_a_plant_that_breaks_its_teaching_point_is_refused(tables: Tables, firm: Base) -> None:
    scenario, state = shipped("SC31", tables), checkout(firm)
    broken = type(scenario.plant)(scenario.plant.vary, scenario.plant.names, scenario.plant.steps[3:4], {}, scenario.plant.asserts)
    with pytest.raises(PlantFailed, match="teaching point") as failure:
        plant(scenario.start, broken, state, seed=1, language="en")
    assert failure.value.path[0] == "assert"
    assert state.changes == ()


def test_evaluation_leaves_the_state_as_it_was(tables: Tables, firm: Base) -> None:
    scenario, state = shipped("SC31", tables), checkout(firm)
    planted = plant(scenario.start, scenario.plant, state, seed=1, language="en")
    paper = paper_of(planted, seed=1, language="en", start=scenario.start, base=firm.identity)
    with state.applied(planted.changes):
        before = {table: state.rows(table) for table in ("contacts", "orders", "interactions")}
        evaluate(scenario, paper, Journal(planted.changes), state)
        assert {table: state.rows(table) for table in before} == before


def test_hints_cost_what_was_said_and_never_more_than_the_check_gave(tables: Tables, firm: Base) -> None:
    finding = run_script(shipped("SC31", tables), firm, checkout(firm), shipped("SC31", tables).reference, seed=1).report.findings[0]
    assert score(finding, ()) == 1
    assert score(finding, RUNGS) == pytest.approx(1 - sum(COSTS.values()))
    assert next_rung(()) == "where"
    assert next_rung(("where", "field")) == "expected"
    assert next_rung(RUNGS) is None


def test_all_rungs_are_open_after_a_passed_hand_in_or_the_third_check(tables: Tables, firm: Base) -> None:
    failed = run_script(shipped("SC31", tables), firm, checkout(firm), (), seed=1).report.findings[0]
    assert open_rungs(failed, free=False, opened=("where",)) == ("where",)
    assert open_rungs(failed, free=True, opened=()) == RUNGS
    assert not all_open(checks=2, handed_in_passed=False)
    assert all_open(checks=3, handed_in_passed=False)
    assert all_open(checks=1, handed_in_passed=True)


def test_the_diff_labels_every_change_and_puts_the_harmful_first(tables: Tables, firm: Base) -> None:
    scenario = shipped("SC31", tables)
    script = next(miss.script for miss in scenario.near_misses if miss.id == "hears-everything")
    lines = run_script(scenario, firm, checkout(firm), script, seed=1).report.diff
    assert lines[0].label == "harmful"
    labels = {field.column: field.label for field in lines[0].fields}
    assert (labels["birthday"], labels["id_no"], labels["name"], labels["email"]) == ("harmful", "harmful", "needed", "allowed")


def test_a_change_nobody_asked_for_is_unneeded(tables: Tables, firm: Base) -> None:
    scenario, state = shipped("SC31", tables), checkout(firm)
    step = type(scenario.reference[0])("account.update", 1, {"city": "Elsewhere"})
    report = run_script(scenario, firm, state, (*scenario.reference, step), seed=1).report
    assert [(line.table, line.label) for line in report.diff if line.label == "unneeded"] == [("accounts", "unneeded")]
    assert report.passed


def test_documentation_names_every_verb_argument_kind_and_key() -> None:
    from courseware.sandbox.checks import CHECKS  # the registries are read when the test runs

    text = (Path(__file__).parents[2] / "docs/sandbox.md").read_text()
    for kind in CHECKS:
        assert f"**{kind}**" in text
    for spec in {kind.spec for kind in CHECKS.values()}:
        for name, known in spec.model_fields.items():
            assert (known.alias or name).rstrip("_") in text, name
