"""Values of others: what is evidence of a shared answer, what never is, and that learners who work alone leave none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.i18n import Text
from courseware.people.models import Person
from courseware.sandbox import attempts
from courseware.sandbox.checks.answer import AnswerSpec
from courseware.sandbox.plants import Plant, PlantStep
from courseware.sandbox.scenario_files import Question
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.shared import Run, Typed, evidence_among, figures, right_answers, sample_of, shared_answers, shared_values, standing_in, variant_of
from courseware.sandbox.state import Base, State
from courseware.sandbox.tables import Tables
from courseware.variants import parse_vary
from tests.conftest import NOW
from tests.sandbox.conftest import shipped

LATER = NOW + timedelta(hours=1)
ANY = Text({"en": "any", "zh": "任意"})
VARY = {"price": {"range": [100_000, 999_999]}, "n": {"range": [1, 20]}, "tail": {"range": [1000, 8999]}, "mobile": {"pick": ["1990003{tail}"]}, "fax": {"pick": ["1990004{tail}"]}}
EXPECTED = {"total": "= price", "half": "= price / 2", "many": "= n", "more": "= tail % 20", "rate": "= tail / 100"}


def check(key: str, **more: Any) -> AnswerSpec:
    common = {"id": key, "kind": "answer", "weight": 1, "objective": "A1.1", "title": ANY, "area": ANY, "found": ANY, "teaching": ANY}
    return AnswerSpec.model_validate({**common, "question": key, "expected": f"= {key}", **more})


@pytest.fixture
def scenario(tables: Tables) -> Scenario:
    """Five questions: a long sum that differs in every variant, two small counts, a rate, and a count in the learner's own rows."""
    checks = (
        check("total", tolerance=1, wrong=[{"value": "= price * 3", "teach": ANY}]), check("many"), check("more"), check("rate", percent=1),
        check("own", expected=None, measure={"take": "count", "rows": {"table": "orders"}, "value": "id"}),
    )  # fmt: skip
    questions = {each.question: Question(key=each.question, type="number", text=ANY) for each in checks}
    return replace(shipped("SC28", tables), id="SC99", plant=Plant(parse_vary(VARY, []), {}, (), EXPECTED, ()), checks=checks, questions=questions)


def run(person: int, *, id: int = 0, started_at: Any = NOW, **values: Any) -> Run:
    """A run of a person with the values of a paper; the first person is the owner, whose values the second may have."""
    drawn = {"price": 123_457 + 1000 * person, "n": 7 + person, "tail": 4000 + 11 * person, "mobile": f"1990003{4000 + 11 * person}", **values}
    return Run(id or person, person, "SC99", 1, started_at, {**drawn, "total": drawn["price"], "many": drawn["n"], "more": drawn["tail"] % 20, "rate": drawn["tail"] / 100})


def given(run_id: int, key: str, value: Any, at: Any = LATER) -> Typed:
    return Typed(run_id, "answer.give", {"key": key, "value": value}, at)


OWNER, OTHER = run(1), run(2)


def found(scenario: Scenario, *typed: Typed, runs: Sequence[Run] = (OWNER, OTHER)) -> list[tuple[int, int, tuple[str, ...]]]:
    """Who typed, whose it is, and what."""
    sample = cache(partial(sample_of, scenario))
    each = shared_answers(scenario, runs, typed, sample) + shared_values(runs, typed, sample)
    return [(one.run.id, one.owner.id, tuple(quote.text for quote in one.quotes)) for one in each]


# Numbers


@pytest.mark.parametrize(
    ("value", "long"),
    [
        (10_856, {"10856"}), (-10_856.0, {"10856"}), (12, set()), (20_000, set()), (14_600, set()), ("14,600 yuan", set()), (True, set()), (None, set()), (1e300, set()),
        (38.654545, {"38.655", "38.6545"}), ("about 12,345.60 a year", {"12345.6"}), ("1,280, 2,150 and 860", set()), ("共１２，３４５元", {"12345"}),
        ("+86 199 0002 4200", {"19900024200"}), ("8619900024200", {"19900024200"}), ("199-0002-4200", {"19900024200"}), ("2026-03-16 09:30", set()), ("LP-20-14321", {"14321"}),
    ],
)  # fmt: skip
def test_only_long_numbers_can_be_told_apart(value: Any, long: set[str]) -> None:
    assert figures(value) == long


# Answers


def test_a_wrong_answer_that_is_right_for_another_is_evidence(scenario: Scenario) -> None:
    assert found(scenario, given(2, "total", "124,457")) == [(2, 1, ("124,457",))]


def test_an_answer_as_it_was_rounded_is_the_same(scenario: Scenario) -> None:
    owner = run(1, price=124_457.2857)
    assert found(scenario, given(2, "total", "124457.29"), runs=(owner, OTHER)) == [(2, 1, ("124457.29",))]
    assert found(scenario, given(2, "total", "124457.28"), runs=(owner, OTHER)) == []


def test_an_answer_with_a_reason_of_its_own_is_none(scenario: Scenario) -> None:
    owner = run(1, price=OTHER.values["price"] + 1)
    assert found(scenario, given(2, "total", str(owner.values["price"])), runs=(owner, OTHER)) == [], "right within the tolerance"
    owner = run(1, price=OTHER.values["price"] * 3)
    assert found(scenario, given(2, "total", str(owner.values["price"])), runs=(owner, OTHER)) == [], "a known wrong path"
    owner = run(1, price=OTHER.values["price"] // 2)
    other = run(2, half=OTHER.values["price"] // 2)
    assert found(scenario, given(2, "total", str(owner.values["price"])), runs=(owner, other)) == [], "another value of the own paper"
    earlier = run(2, id=3, price=OWNER.values["price"])
    assert found(scenario, given(2, "total", str(OWNER.values["price"])), runs=(OWNER, OTHER, earlier)) == [], "an earlier attempt of the same person"


def test_small_counts_are_none_alone_and_never_make_a_line(scenario: Scenario) -> None:
    assert found(scenario, given(2, "many", "8")) == []
    assert found(scenario, given(2, "many", "8"), given(2, "more", "11")) == []


def test_answers_that_are_rare_only_together_make_one_line(scenario: Scenario) -> None:
    answers, runs = [given(2, "rate", "40"), given(2, "many", "8"), given(2, "more", "11")], (OWNER, run(2, tail=5555))
    assert [found(scenario, answer, runs=runs) for answer in answers] == [[], [], []]
    assert found(scenario, *answers, runs=runs) == [(2, 1, ("8", "11", "40"))]


def test_what_was_typed_before_the_other_began_is_none(scenario: Scenario) -> None:
    assert found(scenario, given(2, "total", "124457"), runs=(run(1, started_at=LATER), OTHER)) == []


def test_what_is_measured_in_ones_own_rows_belongs_to_nobody_else(scenario: Scenario) -> None:
    assert "own" not in right_answers(scenario, OWNER.values)
    assert found(scenario, given(2, "own", "124457")) == []


@pytest.mark.parametrize("value", ["", "about 124457", "nan", "inf", "1e400", None])
def test_what_is_no_number_is_passed_over(scenario: Scenario, value: Any) -> None:
    assert found(scenario, given(2, "total", value), given(2, "gone", "124457")) == []


# Values in actions


def typed(verb: str = "contact.create", **arguments: Any) -> Typed:
    return Typed(2, verb, arguments, LATER)


def test_a_long_number_of_another_typed_into_an_action_is_evidence(scenario: Scenario) -> None:
    assert found(scenario, typed(name="Ma Lin", mobile="+86 199 0003 4011")) == [(2, 1, ("19900034011",))]
    assert found(scenario, typed("interaction.log", body="She agreed to 124,457 yuan.")) == [(2, 1, ("124457",))]
    assert found(scenario, typed(form={"lines": [{"says": "124457"}]})) == [(2, 1, ("124457",))]


def test_what_two_others_have_is_nobodys_own(scenario: Scenario) -> None:
    both = (OWNER, OTHER, run(3, price=OWNER.values["price"]))
    assert found(scenario, typed(body="124457"), runs=both) == []
    assert found(scenario, typed(body="124457"), runs=(OWNER, OTHER, run(1, id=4))) == [(2, 1, ("124457",)), (2, 4, ("124457",))], "two attempts of one person"


def test_the_same_number_twice_is_one_line(scenario: Scenario) -> None:
    assert len(found(scenario, typed(mobile="19900034011"), typed("contact.update", mobile="19900034011"))) == 1


def test_values_of_ones_own_short_ones_and_what_nobody_typed_are_none(scenario: Scenario) -> None:
    assert found(scenario, typed(mobile=OTHER.values["mobile"], note=str(OTHER.values["price"]))) == []
    assert found(scenario, typed(note="4011, 11 and 8")) == []
    assert found(scenario, typed(record=124_457)) == []
    assert found(scenario, typed(note="124457", event="answers", by=3)) == []


def test_a_value_unknown_to_the_scenario_of_today_is_none(scenario: Scenario) -> None:
    assert found(scenario, typed(note="77777"), runs=(run(1, gone=77_777), OTHER)) == []


def test_what_stands_in_the_firm_is_found_in_every_column(tiny: Base, state: State) -> None:
    assert standing_in(state, {"26-0001", "0000 2042", "13800002042", "70000001"}) == {"26-0001", "13800002042"}
    assert standing_in(state, set()) == set()


# Among persons


@pytest.fixture
def state(tiny: Base) -> State:
    return State(tiny.tables, tiny.path.read_bytes())


def test_evidence_is_found_in_what_is_stored_and_what_stands_in_the_firm_or_in_ones_own_rows_is_left_out(session: Session, scenario: Scenario, tiny: Base, state: State) -> None:
    lin_id, wu_id, chen_id = (session.scalars(select(Person.id).where(Person.login == login)).one() for login in ("lin", "wuhao", "chen"))
    lin = _begun(session, lin_id, scenario, tiny, state, 1)
    hers = lin.paper["drawn"]
    planted = PlantStep.model_validate({"insert": "contacts", "row": {"no": "C-9001", "name": "Known to him", "mobile": hers["fax"]}})
    wu = _begun(session, wu_id, replace(scenario, plant=replace(scenario.plant, steps=(planted,))), tiny, state, 2)
    for arguments in ({"key": "total", "value": str(hers["price"])}, {"key": "many", "value": "3"}):
        attempts.act(session, wu, scenario=scenario, state=state, verb="answer.give", arguments=arguments, now=LATER)
    attempts.act(session, wu, scenario=scenario, state=state, verb="interaction.log", arguments={"kind": "note", "subject": hers["fax"], "body": hers["mobile"]}, now=LATER)
    attempts.reset(session, wu, now=LATER)
    sample = sample_of(scenario)

    def found(*persons: int) -> list[tuple[int, int, str]]:
        return [(each.run.id, each.owner.id, each.quotes[0].text) for each in evidence_among(session, persons, {"SC99": scenario}, partial(standing_in, state), lambda _: sample)]

    assert found(lin_id, wu_id, chen_id) == [(wu.id, lin.id, str(hers["price"])), (wu.id, lin.id, hers["mobile"])]
    assert found(wu_id) == []
    with state.applied():
        state.insert("contacts", {"no": "C-9002", "name": "Known to all", "mobile": hers["mobile"]})
        assert found(lin_id, wu_id) == [(wu.id, lin.id, str(hers["price"]))]


def _begun(session: Session, person_id: int, scenario: Scenario, base: Base, state: State, seed: int) -> Any:
    return attempts.start(session, person_id=person_id, scenario=scenario, state=state, base_identity=base.identity, revision_id=1, seed=seed, language="en", now=NOW)


# Learners who work alone


@pytest.mark.parametrize("id", ["SC28", "SC29"])
def test_learners_who_work_alone_and_err_leave_no_evidence(tables: Tables, id: str) -> None:
    """Forty learners, each with slips of their own: a digit changed, two turned round, a tenth too much, rounded too soon, the wrong line."""
    scenario, rng = shipped(id, tables), Random(7)
    runs, answers = [], []
    for person in range(40):
        values = variant_of(scenario, person)
        runs.append(Run(person, person, id, 1, NOW, values))
        right = right_answers(scenario, values)
        for key, number in right.items():
            slips = [number * 1.1, number / 60, number + rng.choice([-10, -1, 1, 10]), rng.choice(list(right.values())), round(number, -1), number * rng.uniform(0.5, 2)]
            answers += [given(person, key, f"{rng.choice(slips):.{rng.randint(0, 2)}f}") for _ in range(2)]
    assert shared_answers(scenario, runs, answers, cache(partial(sample_of, scenario))) == []
