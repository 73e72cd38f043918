"""Every verb keeps the contract of its declaration, and the rules of the verbs that have some."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.errors import CoursewareError, Invalid, Refused
from courseware.sandbox.actions import VERBS
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.play import FREE, perform
from courseware.sandbox.state import Row, State
from courseware.sandbox.tables import STORED_AS, Tables


def do(state: State, paper: Paper, verb: str, **arguments: Any) -> Any:
    return perform(state, paper, Journal(), FREE, verb, arguments)[-1]


def row(state: State, table: str, id: int) -> Row:
    found = state.get(table, id)
    assert found is not None
    return found


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_says_all_that_a_form_needs(name: str, tables: Tables) -> None:
    verb = VERBS[name]
    assert verb.label.id
    assert verb.minutes >= 0
    assert verb.on is None or verb.on in tables
    assert verb.makes is None or verb.makes in tables
    assert verb.fills is None or (verb.on is None and verb.fills == verb.makes)
    if verb.keeps:
        kept_in, _, column = verb.keeps.partition(".")
        assert tables[kept_in].column(column).type == "json"
        assert {field.name for field in verb.fields(tables)} <= set(verb.kept(tables))
    fields = verb.fields(tables)
    assert len({field.name for field in fields}) == len(fields)
    for field in fields:
        assert field.type in {*STORED_AS, "choices", "any"}
        assert bool(field.choices) == (field.type in ("choice", "choices"))
        assert (field.type == "ref") == (field.table is not None)


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_refuses_what_it_does_not_know_and_writes_nothing(name: str, state: State, paper: Paper) -> None:
    with pytest.raises(Invalid, match="nonsense"):
        do(state, paper, name, record=1, nonsense=1)
    if VERBS[name].on:
        with pytest.raises(Invalid, match="no such record"):
            do(state, paper, name, record=99_999)
    assert state.changes == ()


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if any(argument.required for argument in verb.arguments)])
def test_a_verb_names_the_field_that_is_needed(name: str, state: State, paper: Paper) -> None:
    with pytest.raises(Invalid) as refusal:
        do(state, paper, name, **({"record": 1} if VERBS[name].on else {}))
    assert refusal.value.field in {argument.name for argument in VERBS[name].arguments if argument.required}


def test_an_unknown_verb_is_answered_with_those_there_are(state: State, paper: Paper) -> None:
    with pytest.raises(Invalid, match=r"account\.assign"):
        do(state, paper, "account.asign")


def test_texts_of_a_form_become_numbers_and_ids(state: State, paper: Paper) -> None:
    do(state, paper, "account.assign", record="2", owner_id="1")
    assert row(state, "accounts", 2)["owner_id"] == 1


def test_merging_moves_children_and_keeps_what_was_not_taken(state: State, paper: Paper) -> None:
    do(state, paper, "contact.merge", record=1, other=2, take=["name"])
    kept = row(state, "contacts", 1)
    assert (kept["name"], kept["mobile"]) == ("Mr Wang", "138 0000 2041")
    assert row(state, "contacts", 2)["merged_into_id"] == 1
    assert row(state, "orders", 1)["contact_id"] == 1
    assert row(state, "cases", 2)["contact_id"] == 1
    with pytest.raises(Refused, match="merged into another"):
        do(state, paper, "contact.update", record=2, title="x")


def test_consent_is_kept_with_source_and_time(state: State, paper: Paper) -> None:
    do(state, paper, "contact.record_consent", record=1, channel="email", answer="no", source="call")
    contact = row(state, "contacts", 1)
    assert (contact["consent_email"], contact["consent_source"], contact["consent_at"], contact["opted_out_at"]) == ("no", "call", "2026-03-16 09:31", "2026-03-16 09:31")
    with pytest.raises(Invalid, match="still to come"):
        do(state, paper, "contact.record_consent", record=1, channel="sms", answer="yes", source="call", given_at="2026-03-17 09:00")


def test_work_is_not_given_to_who_has_left(state: State, paper: Paper) -> None:
    for verb, record in (("account.assign", 1), ("case.assign", 1)):
        with pytest.raises(Invalid, match="left on 2025-01-31"):
            do(state, paper, verb, record=record, owner_id=3)


def test_passing_a_case_on_keeps_it_open_and_writes_its_history(state: State, paper: Paper) -> None:
    do(state, paper, "case.assign", record=1, dept_id=2)
    assert (row(state, "cases", 1)["status"], row(state, "cases", 1)["dept_id"]) == ("open", 2)
    assert {(line["field"], line["by_id"]) for line in state.rows("case_history", case_id=1)} == {("status", 2), ("dept_id", 2)}
    with pytest.raises(Refused, match="closed"):
        do(state, paper, "case.assign", record=2, dept_id=2)


def test_a_score_is_asked_for_after_the_work(state: State, paper: Paper) -> None:
    with pytest.raises(Refused, match="when the case is solved"):
        do(state, paper, "case.request_score", record=1)
    do(state, paper, "case.resolve", record=1, remedy_given="Password set anew", effort_min=10)
    do(state, paper, "case.request_score", record=1)
    assert row(state, "cases", 1)["score_requested_at"] is not None
    with pytest.raises(Refused, match="already"):
        do(state, paper, "case.request_score", record=1)


def test_an_agreement_fills_the_draft_of_the_two_departments(state: State, paper: Paper) -> None:
    made = do(state, paper, "agreement.save", provider_dept_id=2, customer_dept_id=1, response_h=2).made
    again = do(state, paper, "agreement.save", provider_dept_id=2, customer_dept_id=1, response_h=2, resolve_h=8)
    assert again.made is None
    assert row(state, *made)["resolve_h"] == 8
    with pytest.raises(Invalid, match="before the first response"):
        do(state, paper, "agreement.save", provider_dept_id=2, customer_dept_id=1, response_h=9, resolve_h=8)


def test_a_contact_and_an_account_must_belong_together(state: State, paper: Paper) -> None:
    with pytest.raises(Refused, match="belongs to another account"):
        do(state, paper, "order.link", record=1, contact_id=3, account_id=1)


@pytest.mark.parametrize("arguments", [{"mobile": "12"}, {"email": "somewhere"}])
def test_a_contact_needs_a_number_or_address_that_can_be_one(state: State, paper: Paper, arguments: dict[str, str]) -> None:
    with pytest.raises(CoursewareError):
        do(state, paper, "contact.create", name="n", **arguments)
