"""One verb on many records, taking a bulk action back, and putting one record back: what happens, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.actions import VERBS
from courseware.sandbox.bulk import MOST, try_out, verbs_for
from courseware.sandbox.journal import Entry, Journal, Paper, net
from courseware.sandbox.play import FINAL, FREE, perform
from courseware.sandbox.state import State
from courseware.sandbox.taking_back import done_to, put_back_entries, undo_entries


def many(state: State, paper: Paper, journal: Journal, verb: str, records: list[int], **arguments: Any) -> Any:
    return try_out(state, paper, journal, FREE, verb, arguments, records)


def do(state: State, paper: Paper, journal: Journal, verb: str, **arguments: Any) -> Journal:
    return journal.added(*perform(state, paper, journal, FREE, verb, arguments))


def take(state: State, journal: Journal, entries: tuple[Entry, ...]) -> Journal:
    for entry in entries:
        state.put(entry.changes)
    return journal.added(*entries)


def test_each_record_gets_an_entry_of_its_own_at_the_same_time(state: State, paper: Paper, journal: Journal) -> None:
    tried = many(state, paper, journal, "account.assign", [1, 2], owner_id=2)
    assert [(entry.no, entry.record, entry.arguments["owner_id"], entry.at) for entry in tried.entries] == [(1, 1, 2, "2026-03-16 09:31"), (2, 2, 2, "2026-03-16 09:31")]
    assert not tried.refused


def test_what_the_rule_refuses_is_left_out_with_its_reason(state: State, paper: Paper, journal: Journal) -> None:
    tried = many(state, paper, journal, "case.assign", [1, 2], owner_id=2)
    assert [entry.record for entry in tried.entries] == [1]
    assert {record: reason.english() for record, reason in tried.refused.items()} == {2: "The case is closed. Nothing can be done on it any more."}


def test_a_fault_of_the_form_is_no_fault_of_the_records(state: State, paper: Paper, journal: Journal) -> None:
    with pytest.raises(Invalid, match="left on") as refusal:
        many(state, paper, journal, "account.assign", [1, 2], owner_id=3)
    assert refusal.value.field == "owner_id"
    with pytest.raises(Invalid, match="needed"):
        many(state, paper, journal, "account.assign", [1, 2])


@pytest.mark.parametrize(("verb", "records"), [("account.merge", [1, 2]), ("no.such", [1]), ("case.reply", [1])])
def test_only_verbs_that_say_so_are_done_to_many(state: State, paper: Paper, journal: Journal, verb: str, records: list[int]) -> None:
    with pytest.raises(Invalid, match="several records"):
        many(state, paper, journal, verb, records)


def test_none_and_too_many_are_refused(state: State, paper: Paper, journal: Journal) -> None:
    for records in ([], list(range(1, MOST + 2))):
        with pytest.raises(Refused, match="at least one"):
            many(state, paper, journal, "account.assign", records, owner_id=1)


def test_people_go_on_a_list_once_and_not_on_one_that_has_run(state: State, paper: Paper, journal: Journal) -> None:
    tried = many(state, paper, journal, "contact.add_to_campaign", [1, 2, 3], campaign_id=1)
    assert [entry.record for entry in tried.entries] == [1, 2]
    assert tried.refused[3].english() == "This person is on the list already."
    state.update("campaigns", 1, job_status="done")
    assert set(many(state, paper, journal, "contact.add_to_campaign", [1], campaign_id=1).refused) == {1}


def test_verbs_for_many_are_declared_not_listed_by_table() -> None:
    assert {verb.name for verb in verbs_for("contacts")} == {name for name, verb in VERBS.items() if verb.on == "contacts" and verb.bulk}


# Taking back


def test_one_undo_takes_back_a_whole_bulk_and_nothing_else(state: State, paper: Paper, journal: Journal) -> None:
    journal = do(state, paper, journal, "account.set_kind", record=1, kind="dealer")
    journal = journal.added(*many(state, paper, journal, "account.assign", [1, 2], owner_id=2).entries)
    journal = journal.added(Entry(journal.next_no(), "look.record", {"table": "accounts", "record": 1}, "2026-03-16 09:32"))
    journal = take(state, journal, undo_entries(journal, FINAL))
    assert [entry.verb for entry in journal.effective()] == ["account.set_kind", "look.record"]
    assert [(state.get("accounts", id) or {})["owner_id"] for id in (1, 2)] == [1, None]
    journal = take(state, journal, undo_entries(journal, FINAL))
    assert not net(list(journal.changes()))


def test_one_record_is_put_back_and_the_others_stay(state: State, paper: Paper, journal: Journal) -> None:
    journal = do(state, paper, journal, "case.classify", record=1, priority="P1")
    journal = do(state, paper, journal, "contact.update", record=3, title="Buyer")
    journal = do(state, paper, journal, "case.assign", record=1, owner_id=2)
    assert len(done_to(journal, ("cases", 1))) == 2
    journal = take(state, journal, put_back_entries(journal, state.tables, ("cases", 1), FINAL))
    assert set(net(list(journal.changes()))) == {("contacts", 3)}
    assert [entry.verb for entry in journal.effective()] == ["contact.update"], "what was put back does not count in order checks"
    with pytest.raises(Refused, match="Nothing was done"):
        put_back_entries(journal, state.tables, ("cases", 1), FINAL)


def test_a_record_of_a_bulk_is_put_back_and_the_rest_of_it_undone(state: State, paper: Paper, journal: Journal) -> None:
    journal = journal.added(*many(state, paper, journal, "account.assign", [1, 2], owner_id=2).entries)
    journal = take(state, journal, put_back_entries(journal, state.tables, ("accounts", 1), FINAL))
    journal = take(state, journal, undo_entries(journal, FINAL))
    assert not net(list(journal.changes()))


def test_a_new_record_stays_while_another_builds_on_it(state: State, paper: Paper, journal: Journal) -> None:
    journal = do(state, paper, journal, "account.create", name="New", kind="customer")
    made = journal.entries[-1].made
    assert made
    journal = do(state, paper, journal, "contact.create", name="Someone", account_id=made[1])
    with pytest.raises(Refused, match="Step 2 builds on this record"):
        put_back_entries(journal, state.tables, made, FINAL)
    journal = take(state, journal, undo_entries(journal, FINAL))
    journal = take(state, journal, put_back_entries(journal, state.tables, made, FINAL))
    assert state.get(*made) is None


def test_what_was_told_and_what_changed_others_stays(state: State, paper: Paper, journal: Journal) -> None:
    replied = do(state, paper, journal, "case.reply", record=1, text="Hello")
    with pytest.raises(Refused, match="Step 1 cannot be taken back"):
        put_back_entries(replied, state.tables, ("cases", 1), FINAL)
    merged = do(state, paper, journal, "contact.merge", record=1, other=2)
    with pytest.raises(Refused, match="Step 1 changed other records too"):
        put_back_entries(merged, state.tables, ("contacts", 2), FINAL)
