"""Filters of lists, clocks, the room people have, and saved views: what an address or a saved view asks for, on rows."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.errors import Invalid, Refused
from courseware.sandbox.actions import VERBS
from courseware.sandbox.clocks import CLOCKS, lasting, reading
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.load import IN_HAND, LIMITS, loads
from courseware.sandbox.play import FREE, perform
from courseware.sandbox.queries import list_page, matching
from courseware.sandbox.state import State
from courseware.sandbox.tables import Tables
from courseware.sandbox.verbs import editor
from courseware.sandbox.views import View, is_filter, view_of

NOW = "2026-03-16 09:30"  # a Monday


def ids(state: State, table: str, **filters: str) -> list[int]:
    return matching(state, View(table, {key.replace("__", "-"): value for key, value in filters.items()}))


@pytest.mark.parametrize(
    ("table", "filters", "found"),
    [
        ("accounts", {"kind": "dealer"}, [2]),
        ("accounts", {"kind": "dealer,customer"}, [1, 2]),
        ("accounts", {"segment": "-"}, [1]),
        ("accounts", {"segment": "*"}, [2]),
        ("accounts", {"segment": "A,-"}, [1]),
        ("accounts", {"owner_id": "1"}, [1]),
        ("accounts", {"owner_id__has": "Ma L"}, [1]),
        ("accounts", {"owner_id__has": "E-001"}, [1]),
        ("accounts", {"city__has": "蓝桥"}, [1]),
        ("accounts", {"city__has": "100%"}, []),
        ("accounts", {"opened_at__from": "2024-01-02"}, [2]),
        ("accounts", {"opened_at__to": "2024-01-01"}, [1]),
        ("accounts", {"opened_at__from": "2024-01-01", "opened_at__to": "2024-02-01"}, [1, 2]),
        ("accounts", {"opened_at__from": "2024-01-01", "kind": "customer", "segment": "-"}, [1]),
        ("orders", {"total__from": "186.4"}, [1]),
        ("orders", {"total__to": "186"}, []),
        ("cases", {"status": "new,open", "type": "internal"}, [1]),
    ],
)
def test_filters_of_every_kind_are_combined(state: State, table: str, filters: dict[str, str], found: list[int]) -> None:
    assert ids(state, table, **filters) == found


@pytest.mark.parametrize("filters", [{"nothing": "1"}, {"owner_id": "x"}, {"opened_at__from": "soon"}, {"name__from": "1"}, {"kind__has": "d"}, {"total; DROP": "1"}])
def test_what_is_no_filter_and_no_value_is_refused(state: State, filters: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        ids(state, "accounts", **filters)


def test_a_filter_is_known_by_its_column_and_what_its_type_can_say(tables: Tables) -> None:
    accounts = tables["accounts"]
    assert all(is_filter(accounts, key) for key in ("kind", "opened_at-from", "opened_at-to", "name-has", "owner_id-has", "est_category_spend-to"))
    assert not any(is_filter(accounts, key) for key in ("q", "sort", "name-from", "kind-has", "kind-", "opened_at-near"))


def test_a_list_shows_the_columns_asked_for_in_their_order(state: State) -> None:
    assert [column.name for column in list_page(state, "accounts", columns=("segment", "name", "nothing")).columns] == ["segment", "name"]
    assert [column.name for column in list_page(state, "accounts", columns=("nothing",)).columns][:2] == ["no", "name"]
    assert "answer_in" not in [column.name for column in list_page(state, "cases", columns=("no", "answer_in")).columns], "no clock without a time"


# Clocks


def at_level(state: State, **case: Any) -> dict[str, Any]:
    level = state.insert("slas", {"name": "Silver", "response_h": 4.0, "resolve_h": 24.0, "calendar": case.pop("calendar", "working")})
    state.update("cases", 1, sla_id=level, **case)
    row = state.get("cases", 1)
    assert row
    return row


@pytest.mark.parametrize(
    ("case", "answer", "tone"),
    [
        ({"opened_at": "2026-03-16 09:00"}, "3 h 30 min left", ""),
        ({"opened_at": "2026-03-13 15:00"}, "soon: 0 h 30 min left", "soon"),
        ({"opened_at": "2026-03-13 13:00"}, "late by 1 h 30 min", "over"),
        ({"opened_at": "2026-03-13 13:00", "calendar": "always"}, "late by 2 d 16 h", "over"),
        ({"opened_at": "2026-03-13 13:00", "first_response_at": "2026-03-13 14:00"}, "done in time", "met"),
        ({"opened_at": "2026-03-13 09:00", "first_response_at": "2026-03-13 14:00"}, "done, 1 h 00 min late", "met"),
        ({"opened_at": "2026-03-13 09:00", "status": "closed"}, "", ""),
    ],
)
def test_a_clock_says_in_words_what_is_left_of_a_promise(state: State, case: dict[str, Any], answer: str, tone: str) -> None:
    row = at_level(state, **case)
    read = reading(CLOCKS["cases"][0], row, {row["sla_id"]: state.get("slas", row["sla_id"]) or {}}, NOW)
    assert (read.text.to("en"), read.tone) == (answer, tone)


def test_a_date_of_its_own_goes_before_the_hours_of_the_level(state: State) -> None:
    row = at_level(state, opened_at="2026-03-16 09:00", due_at="2026-03-16 10:30")
    assert reading(CLOCKS["cases"][1], row, {row["sla_id"]: state.get("slas", row["sla_id"]) or {}}, NOW).left == 1.0


def test_two_days_and_more_are_said_in_days_of_the_calendar() -> None:
    assert [lasting(18 * 60, 9)["en"], lasting(20 * 60 + 30, 9)["zh"], lasting(18 * 60, 24)["en"]] == ["2 d 0 h", "2 天 2 小时", "18 h 00 min"]


def test_a_queue_puts_the_latest_first_and_what_does_not_run_last(state: State) -> None:
    at_level(state, opened_at="2026-03-16 09:00")
    level = (state.get("cases", 1) or {})["sla_id"]
    late = state.insert("cases", {"no": "26-X1", "subject": "Late", "type": "incident", "status": "open", "opened_at": "2026-03-12 09:00", "sla_id": level})
    assert [row.id for row in list_page(state, "cases", sort="answer_in", now=NOW).rows] == [late, 1, 2]
    assert [row.id for row in list_page(state, "cases", sort="answer_in", descending=True, now=NOW).rows] == [1, late, 2]
    assert [row.id for row in list_page(state, "cases", sort="answer_in", now=NOW, size=1, page=3).rows] == [2]
    cells = {cell.column: cell.text.to("en") for cell in list_page(state, "cases", sort="answer_in", now=NOW).rows[0].cells}
    assert cells["answer_in"] == "late by 14 h 30 min"


# Who has room


def test_a_load_counts_what_is_in_hand_and_says_when_it_is_full(state: State, tables: Tables) -> None:
    state.update("employees", 1, max_accounts=1, skills='["network", "schools"]')
    assert loads(state, "accounts.owner_id")[1].words().to("en") == "1 of at most 1 in hand: full · network, schools"
    state.update("cases", 1, owner_id=2)
    state.update("cases", 2, owner_id=2)
    assert loads(state, "cases.owner_id")[2].words().to("en") == "1 in hand", "a closed case is no load"
    assert loads(state, "accounts.name") == {}
    for column in IN_HAND:
        table, _, name = column.partition(".")
        assert tables[table].column(name).table == "employees"
        loads(state, column)
    assert set(LIMITS) <= set(IN_HAND)


# Saved views


def save(state: State, paper: Paper, journal: Journal | None = None, **given: Any) -> int:
    entry = perform(state, paper, journal or Journal(), FREE, "view.save", {"name": "Dealers", "source": "accounts", **given})[0]
    assert entry.changes
    return entry.changes[0].id


def test_a_saved_view_lists_again_what_it_listed(state: State, paper: Paper) -> None:
    saved = save(state, paper, filters={"kind": "dealer", "q": "Other"}, columns=["name", "segment"], sort="-opened_at")
    view = view_of(state.get("saved_views", saved) or {})
    assert view == View("accounts", {"kind": "dealer"}, ("name", "segment"), "-opened_at", "Other")
    assert matching(state, view) == [2]


def test_saving_under_the_same_name_replaces_and_deleting_lets_it_go(state: State, paper: Paper) -> None:
    first = save(state, paper, filters={"kind": "dealer"})
    assert save(state, paper, filters={"kind": "customer"}) == first
    assert matching(state, view_of(state.get("saved_views", first) or {})) == [1]
    with pytest.raises(Refused, match="Nothing is different"):
        save(state, paper, filters={"kind": "customer"})
    perform(state, paper, Journal(), FREE, "view.delete", {"record": first})
    assert state.get("saved_views", first) is None


def test_a_view_of_somebody_else_is_not_deleted(state: State, paper: Paper) -> None:
    theirs = state.insert("saved_views", {"name": "Theirs", "source": "accounts", "owner_id": 1})
    with pytest.raises(Refused, match="somebody else"):
        perform(state, paper, Journal(), FREE, "view.delete", {"record": theirs})


@pytest.mark.parametrize(
    ("given", "field"),
    [({"source": "nothing"}, "source"), ({"filters": {"x": "1"}}, "filters"), ({"filters": {"owner_id": "x"}}, "filters"), ({"columns": ["x"]}, "columns"), ({"sort": "-x"}, "sort")],
)
def test_a_view_that_cannot_be_listed_is_not_saved(state: State, paper: Paper, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        save(state, paper, **given)
    assert refusal.value.field == field


def test_a_view_that_cannot_be_read_asks_for_everything() -> None:
    assert view_of({"source": "accounts", "filters": "[1]", "columns": "no json", "sort": None}) == View("accounts")


# What verbs declare


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.edits or verb.bulk])
def test_what_is_done_to_many_can_be_undone(name: str) -> None:
    assert VERBS[name].on
    assert not VERBS[name].final


def test_a_field_is_edited_by_the_verb_that_only_writes_it() -> None:
    assert [getattr(editor(*each), "name", None) for each in (("accounts", "name"), ("cases", "priority"), ("cases", "status_reason"), ("cases", "resolved_at"))] == [
        "account.update", "case.classify", None, None,
    ]  # fmt: skip
