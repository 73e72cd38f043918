"""Who brings how much, what each costs, and what segment rules make of it: the figures by hand on a tiny firm, and SC22 on the shipped one."""

from __future__ import annotations

import sqlite3

import pytest
from pydantic import ValidationError

from courseware.errors import Invalid, Refused
from courseware.sandbox import customers
from courseware.sandbox.expectations import Expectation, judge
from courseware.sandbox.journal import Paper
from courseware.sandbox.measures import Measure
from courseware.sandbox.plants import plant
from courseware.sandbox.scope import Scope
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables
from tests.sandbox.conftest import shipped
from tests.sandbox.test_verbs import do

DAY = "2026-03-16"
SEGMENT = {
    "name": "Great", "field": "revenue_year", "coverage": "visits", "visits_year": 12, "calls_year": 6, "web_year": 0, "routes": ["manager"], "wish_code": "one-contact",
}  # fmt: skip
PLAN = {name: value for name, value in SEGMENT.items() if name != "name"}


@pytest.fixture
def market(state: State) -> State:
    """Three customers: one bought for 1,000, one for 300 (another 500 were cancelled), one for nothing. A prospect is none."""
    for account, ordered_on, total, status in [
        (1, "2025-06-02", 813.6, "received"),
        (2, "2025-06-02", 300, "open"),
        (2, "2025-06-03", 500, "cancelled"),
        (2, "2025-03-15", 900, "received"),
    ]:
        order = state.insert("orders", {"no": f"25-{ordered_on[-2:]}", "account_id": account, "ordered_on": ordered_on, "total": total, "status": status})
        state.insert("order_lines", {"order_id": order, "line_no": 1, "product_id": 1, "qty": 1, "price": total, "unit_cost": total / 2})
    state.update("orders", 1, status="received")
    state.insert("interactions", {"at": "2025-12-01 10:00", "kind": "email", "direction": "in", "subject": "When does it come?", "account_id": 1})
    state.insert("accounts", {"no": "A-2003", "name": "Silent", "kind": "public-body", "size": "small"})
    state.insert("accounts", {"no": "A-2004", "name": "Perhaps", "kind": "prospect"})
    for card, key, value in [
        ("visit-cost", "sales representative", 100),
        ("channel-cost", "phone", 10),
        ("channel-cost", "email", 5),
        ("channel-cost", "chat", 4),
        ("channel-cost", "web", 1),
    ]:
        state.insert("rate_cards", {"card": card, "key": key, "period": "2026", "value": value, "unit": "yuan"})
    return state


def test_revenue_is_of_the_year_without_what_was_cancelled(market: State) -> None:
    assert [(row["id"], row["revenue"]) for row in customers.customers(market, DAY)][:2] == [(1, pytest.approx(1000)), (2, 300)]
    assert customers.top_share(market, day=DAY, top=1) == pytest.approx(100 * 1000 / 1300)
    assert customers.top_share(market, day=DAY, top=1, cancelled=True) == pytest.approx(100 * 1000 / 1800)
    assert customers.top_share(market, day=DAY, top=1, years=2) == pytest.approx(100 * 1200 / 2200)


def test_whoever_bought_nothing_costs_two_visits_all_the_same(market: State) -> None:
    cost = {row["id"]: (row["margin"], row["cost"]) for row in customers.with_costs(market, DAY)}
    assert cost[1] == (pytest.approx(406.8), 205)  # one mail; the first order of the tiny firm has no lines
    assert cost[2] == (150, 200)
    assert customers.unprofitable(market, day=DAY) == 2
    assert customers.unprofitable(market, day=DAY, buyers_only=True) == 1
    assert customers.unprofitable(market, day=DAY, brings="revenue") == 1


def test_segments_take_from_one_limit_to_below_the_next(market: State, paper: Paper) -> None:
    do(market, paper, "rule.save_segment", **SEGMENT, from_value=1000)
    do(market, paper, "rule.save_segment", **{**SEGMENT, "coverage": "web", "visits_year": 0, "calls_year": 0, "web_year": 6}, below_value=1000)
    assert (customers.uncovered(market, day=DAY), customers.covered_twice(market, day=DAY)) == (0, 0)
    assert (customers.held(market, day=DAY, coverage="visits"), customers.held(market, day=DAY, coverage="web")) == (1, 2)
    assert customers.saving(market, day=DAY) == 3 * 200 - (12 * 100 + 6 * 10) - 2 * 6 * 1
    assert customers.saving(market, day=DAY, gross=True) == 600
    last = market.rows("rules", kind="segment")[-1]
    do(market, paper, "rule.change_segment", record=last["id"], **{**PLAN, "coverage": "none"})
    assert customers.uncovered(market, day=DAY) == 2, "a rule that serves nobody covers nobody"


def test_a_manager_visits_is_here_and_has_room(market: State, paper: Paper) -> None:
    do(market, paper, "rule.save_segment", **SEGMENT, from_value=1000)
    assert customers.without_manager(market, day=DAY, coverage="visits") == 1, "a service agent does not visit"
    market.update("employees", 1, role="Sales representative", max_accounts=1)
    assert customers.without_manager(market, day=DAY, coverage="visits") == 0
    market.update("accounts", 2, owner_id=1)
    assert customers.without_manager(market, day=DAY, coverage="visits") == 1, "two accounts are more than one"
    market.update("employees", 1, max_accounts=2, left_on="2026-03-01")
    assert customers.without_manager(market, day=DAY, coverage="visits") == 1


@pytest.mark.parametrize(("change", "field"), [
    ({"sizes": ["large"]}, "sizes"), ({"field": "size"}, "sizes"), ({"field": "size", "sizes": ["large"], "from_value": 5}, "from_value"),
    ({"from_value": 5, "below_value": 5}, "below_value"), ({"calls_year": -1}, "calls_year"),
])  # fmt: skip
def test_a_segment_that_cannot_run_is_refused_beside_the_field(change: dict[str, object], field: str, state: State, paper: Paper) -> None:
    with pytest.raises(Invalid) as refused:
        do(state, paper, "rule.save_segment", **{**SEGMENT, **change})
    assert refused.value.field == field


def test_only_segments_are_changed_as_segments(state: State, paper: Paper) -> None:
    with pytest.raises(Refused, match="no rule that makes a segment"):
        do(state, paper, "rule.change_segment", record=1, **PLAN)


def test_an_expectation_may_be_on_a_measure(market: State) -> None:
    scope = Scope(market, {"most": 2}, {}, "en")
    losing = {"figure": "unprofitable", "with": {"day": DAY}}
    assert not judge([Expectation.model_validate({"measure": losing, "is": {"at_most": "= most"}})], scope).misses
    [miss] = judge([Expectation.model_validate({"measure": losing, "is": 0})], scope).misses
    assert miss.holds is not None and miss.holds.to("en") == "2"
    with pytest.raises(ValidationError, match="what it `is`"):
        Expectation.model_validate({"measure": losing})


def test_a_figure_is_known_and_so_is_what_it_takes() -> None:
    with pytest.raises(ValidationError, match="unknown figure 'luck'"):
        Measure.model_validate({"figure": "luck"})
    with pytest.raises(ValidationError, match="takes nothing but"):
        Measure.model_validate({"figure": "uncovered", "with": {"days": DAY}})


def test_the_figures_of_sc22_are_those_that_sql_gives(tables: Tables, firm: Base) -> None:
    """The statements a learner may write, against the figures kept in the paper."""
    scenario, state = shipped("SC22", tables), checkout(firm)
    answers = set()
    for seed in range(1, 7):
        planted = plant(scenario.start, scenario.plant, state, seed=seed, language="en")
        with state.applied(planted.changes):
            revenue = "SELECT sum(total) AS r FROM orders WHERE account_id IS NOT NULL AND status <> 'cancelled' AND ordered_on >= '2025-03-16' GROUP BY account_id ORDER BY r DESC"
            share = state.query(f"SELECT 100.0 * (SELECT sum(r) FROM ({revenue} LIMIT 38)) / (SELECT sum(r) FROM ({revenue})) AS share")[0]["share"]
        assert planted.expected["share"] == pytest.approx(share)
        answers.add((round(share, 1), planted.expected["losing"], planted.expected["before"]))
    assert len(answers) == 6, "two seeds have the same answers"


def test_the_four_per_cent_of_the_base_are_38_of_962(firm: Base) -> None:
    with sqlite3.connect(f"file:{firm.path}?mode=ro", uri=True) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM accounts WHERE kind IN ('customer', 'dealer', 'public-body')")
    assert (count, round(count * 0.04)) == (962, 38)
