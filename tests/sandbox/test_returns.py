"""The report on campaigns, and the figures of SC03: by hand, and by the query a learner writes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from courseware.errors import Invalid
from courseware.sandbox.journal import Paper
from courseware.sandbox.plants import plant
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables
from courseware.variants import resolve
from tests.sandbox.conftest import shipped
from tests.sandbox.test_verbs import do

REPORT: dict[str, Any] = {"roi": 15.6, "best_id": 1, "worst_id": 2, "limit_1": "baseline", "limit_2": "open-offers"}
ANSWERED = """
    SELECT m.campaign_id FROM campaign_members m JOIN contacts c ON c.id = m.contact_id
    WHERE c.account_id = o.account_id AND m.responded_at <= o.ordered_on"""
LATEST = f"({ANSWERED} AND julianday(o.ordered_on) - julianday(m.responded_at) <= 180 ORDER BY m.responded_at DESC LIMIT 1)"
MARGIN = "SELECT sum(l.qty * (l.price - l.unit_cost)) FROM order_lines l WHERE l.order_id = o.id"
BY_CAMPAIGN = f"""
    WITH found AS (SELECT {LATEST} AS campaign, ({MARGIN}) AS margin, o.total AS revenue FROM orders o WHERE o.no LIKE 'PR-%')
    SELECT campaign, sum(margin) AS margin, sum(revenue) AS revenue, count(*) AS orders FROM found GROUP BY campaign"""
TOUCHED = f"""
    SELECT sum(({MARGIN}) * (SELECT count(DISTINCT m.campaign_id) FROM campaign_members m JOIN contacts c ON c.id = m.contact_id
        WHERE c.account_id = o.account_id AND m.responded_at IS NOT NULL)) AS margin
    FROM orders o WHERE o.no LIKE 'PR-%'"""


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [({"worst_id": 1}, "worst_id", "cannot be the worst"), ({"limit_2": "baseline"}, "limit_2", "two different"), ({"best_id": 99}, "best_id", "no such record")],
)
def test_a_report_that_cannot_be_is_refused(changed: dict[str, Any], field: str, said: str, state: State, paper: Paper) -> None:
    second = state.insert("campaigns", {"no": "M-002", "name": "Autumn offers", "type": "event-mail"})
    with pytest.raises(Invalid, match=said) as refusal:
        do(state, paper, "campaign.report", **{**REPORT, "worst_id": second, **changed})
    assert refusal.value.field == field


def test_a_report_is_one_brief_that_saving_again_replaces(state: State, paper: Paper) -> None:
    second = state.insert("campaigns", {"no": "M-002", "name": "Autumn offers", "type": "event-mail"})
    for roi in (240, 15.6):
        do(state, paper, "campaign.report", **{**REPORT, "worst_id": second, "roi": roi})
    [brief] = state.rows("briefs")
    assert json.loads(brief["fields"]) == {**REPORT, "worst_id": second}


def test_the_example_of_the_teaching_text_by_hand(tables: Tables) -> None:
    """Revenue of 68.0 million at 34 % margin against 20 million of cost: 15.6 %; with revenue it would be 240 %."""
    expected = shipped("SC03", tables).plant.expected
    figures = {"gm": [23_120_000], "rev": [68_000_000]}
    assert [round(resolve(expected[name], figures), 1) for name in ("roi", "of_revenue", "not_subtracted")] == [15.6, 240.0, 115.6]


@pytest.mark.parametrize("seed", [1, 2, 5, 8, 13])
def test_a_query_finds_what_the_paper_expects(seed: int, tables: Tables, firm: Base) -> None:
    scenario, state = shipped("SC03", tables), checkout(firm)
    planted = plant(scenario.start, scenario.plant, state, seed=seed, language="en")
    values = {**planted.drawn, **planted.expected}
    with state.applied(planted.changes):
        found = {row["campaign"]: row for row in state.query(BY_CAMPAIGN)}
        roles = [planted.names[f"camp_{number}"][1] for number in values["nums"]]
        costs = [state.get("campaigns", id)["cost_actual"] for id in roles]
        margins = [found[id]["margin"] if id in found else 0 for id in roles]
        touched = state.query(TOUCHED)[0]["margin"]
    assert sum(costs) == 20_000_000
    assert [100 * (margin - cost) / cost for margin, cost in zip(margins, costs, strict=True)] == pytest.approx(values["rois"])
    assert 100 * (sum(margins) - 20_000_000) / 20_000_000 == pytest.approx(values["roi"])
    assert (found[None]["margin"], found[None]["orders"]) == (pytest.approx(values["unclaimed"]), 4)
    assert touched == pytest.approx(values["touched"])
    assert max(roles, key=lambda id: found[id]["revenue"] if id in found else 0) == roles[1]
