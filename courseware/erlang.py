"""Erlang C: how many callers wait when calls come at random and nobody hangs up. Forecasts, rosters and shrinkage are not its business."""

from __future__ import annotations

LARGEST_LOAD = 10_000  # erlangs, far above any floor of agents


def erlang_c(load: float, agents: int) -> float:
    """Give the share of callers who wait, 0–1, for a load in erlangs (calls × handling time / length of the interval).

    With no more agents than erlangs the queue grows without end: then everybody waits. Computed by the recursion of Erlang B,
    B(n) = load·B(n−1) / (n + load·B(n−1)), and C = B / (1 − (load/agents)·(1 − B)). Raises ValueError for a load or a number of agents that cannot be.
    """
    if not 0 <= load <= LARGEST_LOAD or agents != int(agents) or not 0 < agents <= LARGEST_LOAD:
        raise ValueError(f"a load from 0 to {LARGEST_LOAD} erlangs and a whole number of agents are needed")
    if load >= agents:
        return 1.0
    blocked = 1.0
    for count in range(1, int(agents) + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked / (1 - load / agents * (1 - blocked))
