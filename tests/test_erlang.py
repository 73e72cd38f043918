"""Erlang C against figures known from outside, and at its edges."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.erlang import erlang_c

LOAD = 100 * 240 / 1800  # a hundred calls of 240 seconds in half an hour


@pytest.mark.parametrize(("agents", "level"), [(16, 69.0), (17, 81.0), (18, 88.8)])
def test_share_answered_within_twenty_seconds(agents: int, level: float) -> None:
    assert 100 * (1 - erlang_c(LOAD, agents) * math.exp(-(agents - LOAD) * 20 / 240)) == pytest.approx(level, abs=0.05)


def test_one_agent_is_busy_as_often_as_there_is_work() -> None:
    assert erlang_c(0.5, 1) == pytest.approx(0.5)


def test_no_more_agents_than_work_keeps_everybody_waiting() -> None:
    assert erlang_c(10, 10) == 1.0


@pytest.mark.parametrize(("load", "agents"), [(-1, 3), (1, 0), (1, 2.5), (1e9, 3)])
def test_what_cannot_be_is_refused(load: float, agents: float) -> None:
    with pytest.raises(ValueError, match="whole number of agents"):
        erlang_c(load, agents)


@given(st.floats(0, 200), st.integers(1, 300))
def test_another_agent_never_lets_more_people_wait(load: float, agents: int) -> None:
    assert 0 <= erlang_c(load, agents + 1) <= erlang_c(load, agents) <= 1
