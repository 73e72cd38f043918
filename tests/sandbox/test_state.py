"""The state: what is applied is taken back, what is written is recorded and fits its table."""

from __future__ import annotations

import time

import pytest

from courseware.errors import Invalid
from courseware.sandbox.state import FIRST_ID, Base, Change, State, checkout


def rows_of(state: State) -> dict[str, list[dict[str, object]]]:
    return {table: state.rows(table) for table in state.tables}


def test_what_is_applied_is_gone_afterwards(tiny: Base) -> None:
    state = State(tiny.tables, tiny.path.read_bytes())
    before = rows_of(state)
    with state.applied([Change("accounts", 1, {"name": "Right"}, {"name": "Changed"})]):
        assert state.get("accounts", 1)["name"] == "Changed"
        state.insert("tasks", {"kind": "call", "subject": "x", "status": "open"})
    assert rows_of(state) == before
    assert state.changes == ()


def test_an_inner_copy_takes_back_only_its_own(state: State) -> None:
    id = state.insert("tasks", {"kind": "call", "subject": "outer", "status": "open"})
    with state.applied():
        state.update("tasks", id, subject="inner")
        assert len(state.changes) == 1
    assert state.get("tasks", id)["subject"] == "outer"
    assert [change.table for change in state.changes] == ["tasks"]


def test_a_failed_recording_leaves_nothing(state: State) -> None:
    before = state.rows("tasks")
    with pytest.raises(Invalid):
        _write_two_of_which_one_is_wrong(state)
    assert state.rows("tasks") == before
    assert state.changes == ()


def _write_two_of_which_one_is_wrong(state: State) -> None:
    with state.recording():
        state.insert("tasks", {"kind": "call", "subject": "x", "status": "open"})
        state.insert("tasks", {"kind": "nothing", "subject": "x", "status": "open"})


def test_new_rows_get_ids_above_those_of_the_base(state: State) -> None:
    first = state.insert("accounts", {"no": "A-1", "name": "n", "kind": "customer"})
    assert (first, state.insert("accounts", {"no": "A-2", "name": "n", "kind": "customer"})) == (FIRST_ID, FIRST_ID + 1)


def test_an_update_records_only_what_differs(state: State) -> None:
    assert state.update("accounts", 1, name="Right", city="Elsewhere")
    assert state.changes == (Change("accounts", 1, {"city": "Lanqiao 蓝桥"}, {"city": "Elsewhere"}),)
    assert not state.update("accounts", 1, city="Elsewhere")


def test_the_inverse_puts_a_removed_row_back(state: State) -> None:
    before = state.get("orders", 1)
    state.delete("orders", 1)
    assert state.get("orders", 1) is None
    state.put([state.changes[-1].inverse()])
    assert state.get("orders", 1) == before


@pytest.mark.parametrize(
    ("table", "row", "field"),
    [
        ("accounts", {"no": "A-1", "kind": "customer"}, "name"),
        ("accounts", {"no": "A-1", "name": "n", "kind": "friend"}, "kind"),
        ("accounts", {"no": "A-1", "name": "n", "kind": "customer", "owner_id": 99}, "owner_id"),
        ("orders", {"no": "1", "ordered_on": "16.3.2026"}, "ordered_on"),
        ("accounts", {"no": "A-1", "name": "   ", "kind": "customer"}, "name"),
    ],
)
def test_a_row_that_does_not_fit_names_its_column(state: State, table: str, row: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        state.insert(table, row)
    assert refusal.value.field == field


def test_numbers_go_on_where_the_table_stopped(state: State) -> None:
    assert state.next_number("accounts") == "A-2003"
    assert state.next_number("cases") == "26-C0003"
    state.insert("accounts", {"no": "A-2999", "name": "n", "kind": "customer"})
    assert state.next_number("accounts") == "A-3000"


def test_a_thread_has_one_state_of_a_base(tiny: Base) -> None:
    assert checkout(tiny) is checkout(tiny)


def test_sixty_changes_take_about_a_millisecond(tiny: Base) -> None:
    state = checkout(tiny)
    changes = [Change("tasks", FIRST_ID + n, None, {"kind": "call", "subject": f"task {n}", "status": "open"}) for n in range(60)]
    best = min(_seconds(state, changes) for _ in range(20))
    assert best < 0.004  # 0.3 ms on an idle machine


def _seconds(state: State, changes: list[Change]) -> float:
    start = time.perf_counter()
    with state.applied(changes):
        pass
    return time.perf_counter() - start


def test_a_queue_is_counted_by_its_status_without_reading_every_row(tiny: Base) -> None:
    plan = checkout(tiny).query("EXPLAIN QUERY PLAN SELECT count(*) FROM cases WHERE status IN ('new', 'open')")
    assert "cases_status" in plan[0]["detail"]
