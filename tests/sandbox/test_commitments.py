"""The register of commitments: who promised what, where it was said, what conflicts, what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.play import FREE, perform
from courseware.sandbox.state import Row, State

PROMISE = {"account_id": 1, "kind": "training", "text": "Two half-days", "made_by_id": 2, "source_interaction_id": 1}


def do(state: State, paper: Paper, verb: str, **arguments: Any) -> Any:
    return perform(state, paper, Journal(), FREE, verb, arguments)[-1].made


def commitment(state: State, id: int = 1) -> Row:
    found = state.get("commitments", id)
    assert found is not None
    return found


def test_a_promise_is_dated_by_the_record_it_rests_on(state: State, paper: Paper) -> None:
    _, made = do(state, paper, "commitment.record", **PROMISE)
    assert (commitment(state, made)["made_at"], commitment(state, made)["status"]) == ("2026-03-16 08:50", "open")
    with pytest.raises(Refused, match="already"):
        do(state, paper, "commitment.record", **PROMISE)


def test_who_promised_is_the_colleague_of_the_record_even_after_leaving(state: State, paper: Paper) -> None:
    state.update("interactions", 1, employee_id=3)
    _, made = do(state, paper, "commitment.record", **{**PROMISE, "made_by_id": None})
    assert commitment(state, made)["made_by_id"] == 3


def test_a_promise_rests_on_a_record_of_the_same_account(state: State, paper: Paper) -> None:
    with pytest.raises(Invalid, match="another account") as refusal:
        do(state, paper, "commitment.record", **{**PROMISE, "account_id": 2})
    assert refusal.value.field == "source_interaction_id"


def test_a_conflict_stands_on_both(state: State, paper: Paper) -> None:
    _, other = do(state, paper, "commitment.record", **PROMISE)
    do(state, paper, "commitment.mark_conflict", record=1, conflicts_with_id=other)
    assert (commitment(state)["conflicts_with_id"], commitment(state, other)["conflicts_with_id"]) == (other, 1)
    with pytest.raises(Refused, match="Nothing is different"):
        do(state, paper, "commitment.mark_conflict", record=other, conflicts_with_id=1)
    with pytest.raises(Invalid, match="same account"):
        do(state, paper, "commitment.mark_conflict", record=1, conflicts_with_id=1)


@pytest.mark.parametrize("status", ["renegotiated", "withdrawn"])
def test_what_replaces_a_promise_is_said(status: str, state: State, paper: Paper) -> None:
    with pytest.raises(Invalid) as refusal:
        do(state, paper, "commitment.decide", record=1, status=status)
    assert refusal.value.field == "note"
    do(state, paper, "commitment.decide", record=1, status=status, note="Monday instead")
    assert (commitment(state)["status"], commitment(state)["decided_by_id"], commitment(state)["decided_at"]) == (status, 2, "2026-03-16 09:31")


def test_a_promise_may_be_confirmed_and_then_kept_but_not_decided_on_afterwards(state: State, paper: Paper) -> None:
    do(state, paper, "commitment.decide", record=1, status="confirmed")
    do(state, paper, "commitment.decide", record=1, status="kept")
    with pytest.raises(Refused, match="decided on already"):
        do(state, paper, "commitment.decide", record=1, status="confirmed")


def test_nobody_opens_a_promise_again(state: State, paper: Paper) -> None:
    with pytest.raises(Invalid):
        do(state, paper, "commitment.decide", record=1, status="open")
