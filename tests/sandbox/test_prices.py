"""Price rules: which holds for a line, when approval is needed, who may give it, and what the verbs refuse."""

from __future__ import annotations

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.journal import Paper
from courseware.sandbox.prices import approvers, line_prices
from courseware.sandbox.state import State
from tests.sandbox.test_quotes import draft
from tests.sandbox.test_verbs import do, row


def rule(state: State, **values: object) -> int:
    return state.insert("price_rules", {"name": "General", "max_discount_pct": 3, "margin_floor_pct": 12, "approver_role": "Sales lead", "stops_send": True, **values})


def test_the_rule_that_says_more_about_a_line_holds(state: State, paper: Paper) -> None:
    quote = row(state, "quotes", draft(state, paper))
    assert line_prices(state, quote)[0].rule is None
    for name, values in {
        "general": {}, "others": {"family": "computers"}, "by segment": {"segment": "A"}, "by quantity": {"min_qty": 2}, "family": {"family": "printers"},
        "family from 3": {"family": "printers", "min_qty": 3}, "over": {"product_id": 1, "valid_until": "2026-03-15"}, "to come": {"product_id": 1, "valid_from": "2026-03-17"},
    }.items():  # fmt: skip
        rule(state, name=name, **values)
    assert [each["name"] for each in [line_prices(state, quote)[0].rule] if each] == ["family"]
    state.update("accounts", 1, segment="A")
    rule(state, name="family and segment", family="printers", segment="A")
    rule(state, name="product", product_id=1)
    assert [each["name"] for each in [line_prices(state, quote)[0].rule] if each] == ["product"]


def test_discount_and_margin_each_ask_for_approval(state: State, paper: Paper) -> None:
    quote = row(state, "quotes", draft(state, paper, price=900))
    rule(state, max_discount_pct=10, margin_floor_pct=22)
    [line] = line_prices(state, quote)
    assert (round(line.discount, 6), round(line.margin, 2), line.reasons) == (10, 22.22, ())
    state.update("price_rules", line.rule["id"] if line.rule else 0, max_discount_pct=9, margin_floor_pct=23)
    [line] = line_prices(state, quote)
    assert [reason.english() for reason in line.reasons] == ["its discount of 10.0 % is above the 9 % allowed", "its margin of 22.2 % is below the floor of 23 %"]


def test_a_quote_that_breaks_the_rule_waits_for_the_right_approver(state: State, paper: Paper) -> None:
    lead = state.insert("employees", {"no": "E-100", "name": "Lead", "dept_id": 1, "role": "Sales lead", "max_discount_pct": 12})
    rule(state)
    quote = draft(state, paper)
    with pytest.raises(Refused, match="Line 1 needs approval before it goes out: the price rule “General” leaves it to the Sales lead"):
        do(state, paper, "quote.send", record=quote, text="Here it is.")
    with pytest.raises(Invalid, match="leaves this to the Sales lead") as refused:
        do(state, paper, "quote.ask_approval", record=quote, approval_asked_of_id=1)
    assert refused.value.field == "approval_asked_of_id"
    do(state, paper, "quote.ask_approval", record=quote, approval_asked_of_id=lead)
    with pytest.raises(Refused, match="needs approval"):
        do(state, paper, "quote.send", record=quote, text="Nobody has answered yet.")
    state.update("quotes", quote, approved_by_id=lead, approval_answer="yes")
    do(state, paper, "quote.send", record=quote, text="Here it is.")
    assert row(state, "quotes", quote)["status"] == "sent"


def test_a_rule_that_does_not_stop_is_for_people_to_keep(state: State, paper: Paper) -> None:
    rule(state, stops_send=False)
    quote = draft(state, paper)
    assert line_prices(state, row(state, "quotes", quote))[0].approver_role == "Sales lead"
    do(state, paper, "quote.send", record=quote, text="Here it is.")


def test_who_may_give_more_discount_may_approve_too(state: State) -> None:
    for no, role, most, left in [("E-100", "Sales lead", 12, None), ("E-101", "Sales lead", 12, "2026-01-31"), ("E-102", "Director", 20, None), ("E-103", "Rep", 8, None)]:
        state.insert("employees", {"no": no, "name": no, "dept_id": 1, "role": role, "max_discount_pct": most, "left_on": left})
    assert [each["no"] for each in approvers(state, "Sales lead", "2026-03-16 09:30")] == ["E-100", "E-102"]
    assert approvers(state, "Nobody", "2026-03-16 09:30") == approvers(state, None, "2026-03-16 09:30") == []
