"""The kind `state`: expectations on the final rows."""

from __future__ import annotations

from pydantic import Field

from courseware.sandbox.expectations import Expectation, judge
from courseware.sandbox.findings import CheckSpec, Context, Outcome, check_kind


class StateSpec(CheckSpec):
    """`least`: how many of the expectations must hold; all, if left out."""

    expect: list[Expectation] = Field(min_length=1)
    least: int | None = None


@check_kind("state", StateSpec, example={"expect": [{"rows": {"table": "accounts", "where": {"name": "Right"}}, "has": {"kind": "customer"}}]})
def check(spec: StateSpec, context: Context) -> Outcome:
    judged = judge(spec.expect, context.scope)
    wanted = judged.of if spec.least is None else spec.least
    return Outcome(judged.held >= wanted, judged.held, judged.of, judged.misses, judged.found, judged.values)
