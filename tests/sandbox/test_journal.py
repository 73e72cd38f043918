"""The journal: folding, undo, and that undoing everything leads back to what was planted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.errors import CoursewareError, Refused
from courseware.sandbox.journal import Entry, Journal, Paper, later, net, undo_entry
from courseware.sandbox.play import FINAL, FREE, look_entry, perform
from courseware.sandbox.state import Base, Change, State


def act(state: State, paper: Paper, journal: Journal, verb: str, **arguments: Any) -> Journal:
    return journal.added(*perform(state, paper, journal, FREE, verb, arguments))


def test_the_clock_is_the_start_and_the_cost_of_every_action(state: State, paper: Paper, journal: Journal) -> None:
    journal = act(state, paper, journal, "account.assign", record=2, owner_id=1)
    journal = act(state, paper, journal, "case.create", subject="x", type="question")
    assert [entry.at for entry in journal.entries] == ["2026-03-16 09:31", "2026-03-16 09:34"]
    assert journal.clock(paper.start) == "2026-03-16 09:34"


def test_fast_forward_moves_the_clock(state: State, paper: Paper, journal: Journal) -> None:
    assert act(state, paper, journal, "time.forward", minutes="1440").clock(paper.start) == later(paper.start, 1440)


def test_an_undone_action_does_not_count_and_its_time_does(state: State, paper: Paper, journal: Journal) -> None:
    journal = act(state, paper, journal, "account.assign", record=2, owner_id=1)
    journal = journal.added(undo_entry(journal, FINAL))
    assert journal.effective() == ()
    assert net(list(journal.changes())) == {}
    assert journal.clock(paper.start) == "2026-03-16 09:31"


def test_undo_goes_back_step_by_step(state: State, paper: Paper, journal: Journal) -> None:
    journal = act(state, paper, journal, "account.assign", record=2, owner_id=1)
    journal = act(state, paper, journal, "account.set_kind", record=2, kind="supplier")
    first = undo_entry(journal, FINAL)
    second = undo_entry(journal.added(first), FINAL)
    assert (first.undoes, second.undoes) == (2, 1)
    with pytest.raises(Refused, match="nothing to undo"):
        undo_entry(journal.added(first, second), FINAL)


def test_a_look_is_passed_over_by_undo(state: State, paper: Paper, journal: Journal) -> None:
    journal = journal.added(*perform(state, paper, journal, FREE, "account.assign", {"record": 2, "owner_id": 1}))
    journal = journal.added(look_entry(journal, paper, "look.record", {"table": "accounts", "record": 2}))
    assert undo_entry(journal, FINAL).undoes == 1


def test_what_was_sent_cannot_be_undone(state: State, paper: Paper, journal: Journal) -> None:
    journal = act(state, paper, journal, "case.reply", record=1, text="On its way")
    with pytest.raises(Refused, match="cannot be undone"):
        undo_entry(journal, FINAL)


def test_the_newest_answer_counts() -> None:
    entries = tuple(Entry(no, "answer.give", {"key": "a", "value": value}, "t") for no, value in enumerate([1, 2], 1))
    assert Journal((), entries).answers() == {"a": 2}


def test_changes_of_one_row_fold_into_one() -> None:
    made = Change("t", 1, None, {"a": 1})
    assert net([made, Change("t", 1, {"a": 1}, {"a": 2, "b": 3})]) == {("t", 1): Change("t", 1, None, {"a": 2, "b": 3})}
    assert net([made, Change("t", 1, {"a": 1}, None)]) == {}
    assert net([Change("t", 1, {"a": 1}, {"a": 2}), Change("t", 1, {"a": 2}, {"a": 1})]) == {}
    assert net([Change("t", 1, {"a": 1}, {"a": 2}), Change("t", 1, {"b": 1}, {"b": 2})]) == {("t", 1): Change("t", 1, {"a": 1, "b": 1}, {"a": 2, "b": 2})}


def test_a_paper_survives_being_stored(paper: Paper) -> None:
    assert Paper.from_json(paper.to_json()) == paper


ACTIONS: list[tuple[str, dict[str, st.SearchStrategy[Any]]]] = [
    ("account.create", {"name": st.text("ab ", min_size=1, max_size=5), "kind": st.sampled_from(["customer", "dealer"]), "owner_id": st.integers(1, 4)}),
    ("account.assign", {"record": st.integers(1, 3), "owner_id": st.integers(1, 3)}),
    ("account.set_kind", {"record": st.integers(1, 2), "kind": st.sampled_from(["customer", "prospect"])}),
    ("contact.create", {"name": st.just("New"), "account_id": st.integers(1, 2), "mobile": st.sampled_from(["13800000001", "1"])}),
    ("contact.update", {"record": st.integers(1, 3), "email": st.sampled_from(["a@b.example", "no", ""]), "title": st.sampled_from(["Buyer", ""])}),
    ("contact.record_consent", {"record": st.integers(1, 3), "channel": st.sampled_from(["sms", "phone"]), "answer": st.sampled_from(["yes", "no"]), "source": st.just("call")}),
    ("contact.merge", {"record": st.integers(1, 3), "other": st.integers(1, 3), "take": st.lists(st.sampled_from(["mobile", "name", "email"]))}),
    ("order.link", {"record": st.just(1), "contact_id": st.integers(1, 3)}),
    ("asset.link", {"record": st.just(1), "account_id": st.integers(1, 2), "warranty_registered": st.booleans()}),
    ("case.assign", {"record": st.integers(1, 2), "owner_id": st.integers(1, 3)}),
    ("case.resolve", {"record": st.integers(1, 2), "remedy_given": st.just("done")}),
    ("case.close", {"record": st.integers(1, 2)}),
    ("task.create", {"kind": st.just("call"), "subject": st.just("ring back")}),
    ("agreement.save", {"provider_dept_id": st.just(2), "customer_dept_id": st.integers(1, 2), "response_h": st.integers(0, 3)}),
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_undoing_everything_leads_back_to_what_was_planted(data: st.DataObject, tiny: Base) -> None:
    state = State(tiny.tables, tiny.path.read_bytes())
    paper = Paper(1, "en", "2026-03-16 09:30", tiny.identity, names={"me": ("employees", 2)})
    planted = {table: state.rows(table) for table in state.tables}
    journal = Journal()
    with state.applied():
        for _ in range(data.draw(st.integers(1, 12))):
            verb, drawn = data.draw(st.sampled_from(ACTIONS))
            try:
                journal = act(state, paper, journal, verb, **{name: data.draw(strategy) for name, strategy in drawn.items()})
            except CoursewareError:
                continue  # a refusal writes nothing, which the end of the test shows too
        after = {table: state.rows(table) for table in state.tables}
    with state.applied(journal.changes()):
        assert {table: state.rows(table) for table in state.tables} == after
    while journal.effective():
        journal = journal.added(undo_entry(journal, FINAL))
    assert net(list(journal.changes())) == {}
    with state.applied(journal.changes()):
        assert {table: state.rows(table) for table in state.tables} == planted
