"""Quotes from draft to superseded, approval by somebody else, and the merger of two accounts."""

from __future__ import annotations

import json

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.play import FREE, Step, perform
from courseware.sandbox.prove import run_script
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables
from tests.sandbox.conftest import shipped
from tests.sandbox.test_verbs import do, row

PRINTER = 1  # the product of the tiny firm


def draft(state: State, paper: Paper, price: float = 900.0) -> int:
    state.update("products", PRINTER, list_price=1000.0, unit_cost=700.0)
    made = do(state, paper, "quote.create", account_id=1, product_id=PRINTER, qty=2, price=price, valid_until="2026-04-15").made
    assert made is not None
    return int(made[1])


def test_a_quote_is_a_draft_with_its_discount_until_it_is_sent(state: State, paper: Paper) -> None:
    quote = draft(state, paper)
    held = row(state, "quotes", quote)
    assert (held["status"], held["discount_pct"], held["total"], held["version"], held["owner_id"]) == ("draft", 10.0, 1800.0, 2, 2)
    assert [(line["qty"], line["price"], line["unit_cost"]) for line in state.rows("quote_lines", quote_id=quote)] == [(2, 900.0, 700.0)]
    do(state, paper, "quote.send", record=quote, text="This one counts.", apology="ours", price=900, valid_until="2026-04-15")
    assert (row(state, "quotes", quote)["status"], row(state, "quotes", quote)["sent_at"]) == ("sent", "2026-03-16 09:35")
    letter = state.rows("interactions", subject=held["no"])[0]
    assert json.loads(letter["form"]) == {"apology": "ours", "price": 900.0, "valid_until": "2026-04-15"}
    with pytest.raises(Refused, match="draft"):
        do(state, paper, "quote.send", record=quote, text="Again.")


def test_a_quote_that_is_already_over_or_for_nothing_is_refused(state: State, paper: Paper) -> None:
    for more, said in (({"valid_until": "2026-03-15"}, "has passed"), ({"qty": 0}, "more than 0"), ({"price": 0}, "more than 0")):
        with pytest.raises(Invalid, match=said):
            do(state, paper, "quote.create", **{"account_id": 1, "product_id": PRINTER, "qty": 1, "price": 5, "valid_until": "2026-04-15", **more})


def test_only_the_person_who_was_asked_approves(state: State, paper: Paper) -> None:
    quote = draft(state, paper)
    with pytest.raises(Invalid, match="of their own"):
        do(state, paper, "quote.ask_approval", record=quote, approval_asked_of_id=2)
    do(state, paper, "quote.ask_approval", record=quote, approval_asked_of_id=1)
    with pytest.raises(Refused, match="already"):
        do(state, paper, "quote.ask_approval", record=quote, approval_asked_of_id=1)
    with pytest.raises(Refused, match="who was asked"):
        do(state, paper, "quote.answer_approval", record=quote, approval_answer="yes")
    perform(state, paper, Journal(), FREE, "quote.answer_approval", {"record": quote, "approval_answer": "yes"}, by=1)
    assert (row(state, "quotes", quote)["approved_by_id"], row(state, "quotes", quote)["approval_answer"]) == (1, "yes")


def test_a_refusal_approves_nothing(state: State, paper: Paper) -> None:
    quote = draft(state, paper)
    do(state, paper, "quote.ask_approval", record=quote, approval_asked_of_id=1)
    perform(state, paper, Journal(), FREE, "quote.answer_approval", {"record": quote, "approval_answer": "no"}, by=1)
    assert (row(state, "quotes", quote)["approved_by_id"], row(state, "quotes", quote)["approved_at"]) == (None, None)


def test_a_sent_quote_is_superseded_and_a_deleted_one_takes_its_lines_along(state: State, paper: Paper) -> None:
    do(state, paper, "quote.supersede", record=1, superseded_reason="Two prices")
    assert (row(state, "quotes", 1)["status"], row(state, "quotes", 1)["superseded_reason"]) == ("superseded", "Two prices")
    quote = draft(state, paper)
    with pytest.raises(Refused, match="sent"):
        do(state, paper, "quote.supersede", record=quote, superseded_reason="x")
    do(state, paper, "quote.delete", record=quote)
    assert state.get("quotes", quote) is None
    assert state.rows("quote_lines", quote_id=quote) == []


def test_a_merged_account_hands_over_what_hangs_on_it(state: State, paper: Paper) -> None:
    do(state, paper, "account.merge", record=2, other=1, take=["owner_id"])
    assert (row(state, "accounts", 1)["merged_into_id"], row(state, "accounts", 2)["owner_id"]) == (2, 1)
    assert {row(state, table, 1)["account_id"] for table in ("contacts", "orders", "quotes")} == {2}
    with pytest.raises(Refused, match="merged into another"):
        do(state, paper, "account.merge", record=1, other=2)
    with pytest.raises(Invalid, match="with itself"):
        do(state, paper, "account.merge", record=2, other=2)
    with pytest.raises(Invalid, match="merged into another"):
        do(state, paper, "quote.create", account_id=1, product_id=PRINTER, qty=1, price=5, valid_until="2026-04-15")


def test_the_lower_price_may_go_out_only_after_the_approver_said_yes(tables: Tables, firm: Base) -> None:
    scenario = shipped("SC11", tables)
    low = {"account_id": "$old", "contact_id": "$buyer", "product_id": "$product", "qty": 1, "price": "= low_price", "valid_until": "2026-04-15"}
    asked = [
        Step("quote.create", None, low, "final"),
        Step("quote.ask_approval", "$final", {"approval_asked_of_id": "= approver.asked"}),
        Step("time.forward", None, {"minutes": "120"}),
    ]
    steps = [each for step in scenario.reference for each in (asked if step.id == "write" else [step])]
    answers = {}
    for seed in range(1, 12):
        run = run_script(scenario, firm, checkout(firm), steps, seed=seed)
        answers[run.paper.drawn["answer"]] = (run.report.passed, [finding.check for finding in run.report.findings if not finding.passed])
    assert answers == {"yes": (True, []), "no": (False, ["authority"])}
