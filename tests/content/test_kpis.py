"""The worked examples of the KPI cards, computed anew by hand here."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from courseware.compile import inspect
from courseware.course.kpis import Kpi
from courseware.course.revisions import read_folder
from courseware.shipped import root
from tests.test_erlang import LOAD


@pytest.fixture(scope="module")
def kpis() -> Mapping[str, Kpi]:
    course, _ = inspect(read_folder(root()), draws=1)
    assert course is not None
    return course.material.kpis


WAITING = 16.842197 * (17 - LOAD) / 240  # from the average wait of 16.8 seconds

EXPECTED: dict[str, dict[str, float]] = {
    "fcr": {"fcr": 100 * 348 / 480},
    "aht": {"aht": 240, "minutes": 4},
    "asa": {"asa": 20},
    "service-level": {"level": 74.0, "flattered": 100 * 740 / 924},
    "abandonment": {"rate": 7.6, "with_short": 100 * 96 / 1020},
    "connection-rate": {"rate": 92.4},
    "csat": {"csat": 82, "response": 25, "least": 20.5, "most": 95.5},
    "nps": {"nps": 20},
    "ces": {"mean": 5.8, "share": 80},
    "qa-score": {"score": 92, "accuracy": 95},
    "first-response": {"middle": 28, "mean": 69, "worst": 240},
    "backlog": {"share": 100 * 9 / 84, "days": 3},
    "sla-attainment": {"rate": 100 * 221 / 240, "missed": 19},
    "first-time-fix": {"rate": 78.75, "cost": 8840},
    "complaint-rate": {"rate": 1.25, "share": 85},
    "occupancy": {"occupancy": 78.375, "pause": 60 * (1 - 313.5 / 400)},
    "turnover": {"rate": 35, "total": 189_000},
    "retention": {"retention": 90, "churn": 10, "years": 10},
    "grr-nrr": {"grr": 89, "nrr": 103.5, "gap": 14.5},
    "share-of-wallet": {"share": 40, "worth": 18_000},
    "clv": {"clv": 10_666.666667, "better": 13_600},
    "cost-to-serve": {"cost": 1_302, "left_over": 2_698},
    "campaign-roi": {"roi": 15.6, "flattered": 240},
    "data-quality": {"duplicate_rate": 4.7, "completeness": 93, "valid": 84},
    "staffing": {"load": LOAD, "waiting": 100 * WAITING, "level": 100 * (1 - WAITING * math.exp(-(17 - LOAD) * 20 / 240)), "occupancy": 100 * LOAD / 17, "roster": 17 / 0.75},
}


def test_there_are_twenty_five_cards_and_each_is_recomputed_here(kpis: Mapping[str, Kpi]) -> None:
    assert len(kpis) == 25
    assert set(EXPECTED) == set(kpis)


@pytest.mark.parametrize("id", EXPECTED)
def test_the_worked_example_computes_as_told(kpis: Mapping[str, Kpi], id: str) -> None:
    found = {line.step.id: line.value for line in kpis[id].compute(kpis[id].example)}
    assert {step: found[step] for step in EXPECTED[id]} == pytest.approx(EXPECTED[id], rel=1e-6)


def test_numbers_of_cards_are_not_used_twice(kpis: Mapping[str, Kpi]) -> None:
    assert [kpi.number for kpi in kpis.values()] == list(range(1, 26))
