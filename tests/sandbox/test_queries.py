"""Reads for the pages: lists, records, the story of the journal."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.errors import Invalid, NotFound
from courseware.sandbox import show
from courseware.sandbox.journal import Journal, Paper, undo_entry
from courseware.sandbox.play import FINAL, FREE, perform
from courseware.sandbox.queries import choose, list_page, record_page, search_all
from courseware.sandbox.state import Change, State
from courseware.sandbox.story import story, story_of


@pytest.fixture
def asked(state: State, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SELECTs that are sent."""
    sent: list[str] = []
    query = state.query

    def noted(sql: str, parameters: Any = ()) -> Any:
        sent.append(sql)
        return query(sql, parameters)

    monkeypatch.setattr(state, "query", noted)
    return sent


def test_a_list_shows_titles_of_what_it_refers_to_with_one_query_a_table(state: State, asked: list[str]) -> None:
    page = list_page(state, "contacts")
    assert {cell.text.to("en") for row in page.rows for cell in row.cells if cell.column == "account_id"} == {"A-2001 Right", "A-2002 Other"}
    assert len(asked) == 3


def test_a_list_is_searched_in_its_texts_and_in_the_titles_it_shows(state: State) -> None:
    assert [row.title for row in list_page(state, "contacts", search="wang").rows] == ["C-3002 Mr Wang", "C-3001 Wang Jianhua"]
    assert [row.title for row in list_page(state, "contacts", search="Other").rows] == ["C-3003 Someone Else"]
    assert list_page(state, "accounts", search="蓝桥").total == 1
    assert list_page(state, "accounts", search="100%_").total == 0


def test_a_search_through_all_tables_gives_each_record_once_where_it_lives(state: State) -> None:
    found = search_all(state, "wang", ["accounts", "contacts", "cases"])
    assert [(one.table.name, one.total, [row.title for row in one.rows]) for one in found] == [("contacts", 2, ["C-3002 Mr Wang", "C-3001 Wang Jianhua"])]
    assert [len(one.rows) for one in search_all(state, "wang", ["contacts"], most=1)] == [1]
    assert search_all(state, "100%_", ["accounts", "contacts"]) == ()


@pytest.mark.parametrize("typed", ["19900020001", "199 0002 0001", "+86 199-0002-0001", "0086 19900020001"])
def test_a_telephone_number_is_found_however_it_is_typed(state: State, typed: str) -> None:
    row = list_page(state, "contacts", sort="id").rows[0]
    before = {"mobile": (state.get("contacts", row.id) or {})["mobile"]}
    with state.applied([Change("contacts", row.id, before, {"mobile": "199 0002 0001"})]):
        assert [found.id for found in list_page(state, "contacts", search=typed).rows] == [row.id]


def test_a_list_is_filtered_sorted_and_paged(state: State) -> None:
    assert list_page(state, "accounts", filters={"kind": "dealer"}).total == 1
    assert [row.id for row in list_page(state, "accounts", filters={"owner_id": "-"}).rows] == [2]
    assert [row.id for row in list_page(state, "accounts", sort="name").rows] == [2, 1]
    second = list_page(state, "contacts", sort="no", page=2, size=2)
    assert ([row.id for row in second.rows], second.pages, second.total) == ([3], 2, 3)
    assert list_page(state, "contacts", page=99, size=2).page == 2
    assert list_page(state, "tasks").pages == 1


@pytest.mark.parametrize("asked_for", [{"sort": "id; DROP"}, {"filters": {"nothing": "1"}}, {"filters": {"owner_id": "x"}}])
def test_a_list_refuses_columns_and_values_that_are_none(state: State, asked_for: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        list_page(state, "accounts", **asked_for)


def test_what_is_not_there_is_not_found(state: State) -> None:
    for page in (lambda: list_page(state, "sqlite_schema"), lambda: record_page(state, "accounts", 99), lambda: record_page(state, "nothing", 1)):
        with pytest.raises(NotFound):
            page()


def test_records_merged_away_leave_the_list(state: State) -> None:
    state.update("contacts", 2, merged_into_id=1)
    assert 2 not in [row.id for row in list_page(state, "contacts").rows]
    assert record_page(state, "contacts", 2).merged_into == ("contacts", 1)


def test_a_record_has_its_facts_what_belongs_to_it_and_its_time_line(state: State) -> None:
    page = record_page(state, "contacts", 2)
    assert page.title == "C-3002 Mr Wang"
    assert [related.table.name for related in page.related] == ["cases", "interactions", "orders"]
    assert [(moment.at, moment.table) for moment in page.timeline] == [("2026-03-16 08:50", "interactions"), ("2026-02-01 08:10", "cases"), ("2026-01-05", "orders")]
    assert next(fact.cell.ref for fact in page.facts if fact.cell.column == "account_id") == ("accounts", 1)


def test_a_form_offers_who_is_still_there_and_what_is_set_already(state: State) -> None:
    assert [option.title for option in choose(state, "employees")] == ["E-001 Ma Li", "E-002 Xu Wei"]
    assert [option.id for option in choose(state, "employees", "xu", include=3)] == [2, 3]


def test_the_journal_is_told_with_what_was_undone(state: State, paper: Paper, journal: Journal) -> None:
    journal = journal.added(*perform(state, paper, journal, FREE, "account.assign", {"record": 2, "owner_id": 1}))
    undo = undo_entry(journal, FINAL)
    state.put(undo.changes)
    journal = journal.added(undo)
    journal = journal.added(*perform(state, paper, journal, FREE, "contact.update", {"record": 3, "title": "Buyer"}))
    told = story(state, journal)
    assert [(line.what.english(), line.title, line.undone) for line in told] == [
        ("Name the person who looks after it", "A-2002 Other", True),
        ("Took back step 1", "", False),
        ("Change the contact", "C-3003 Someone Else", False),
    ]
    assert told[0].fields[0].after.to("en") == "E-001 Ma Li"
    assert [line.no for line in story_of(state, journal, "contacts", 3)] == [3]


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ('{"apology": "ours", "new": 3}', "Apology: We did not answer. That is our fault, and we are sorry.; new: 3"),
        ('{"a": {"b": [1]}}', "a: {'b': [1]}"),
        ('[{"a": 1}, 2]', "{'a': 1}, 2"),
        ("{}", "{}"),
    ],
)
def test_what_a_form_left_is_told_whatever_it_is(state: State, stored: str, told: str) -> None:
    state.update("interactions", 1, form=stored)
    facts = {fact.cell.column: fact.cell.text for fact in record_page(state, "interactions", 1).facts}
    assert facts["form"].to("en") == told


def test_a_member_of_a_list_is_titled_by_whom_it_is_about(state: State) -> None:
    lead = state.insert("campaign_members", {"campaign_id": 1, "lead_id": 1, "status": "planned"})
    assert [row.title for row in list_page(state, "campaign_members", sort="id").rows] == ["C-3003 Someone Else", "L-0001 Yan Ming"]
    assert record_page(state, "campaign_members", lead).title == show.title_of(state, "campaign_members", lead) == "L-0001 Yan Ming"
    assert list_page(state, "campaign_members", search="Someone").total == 1
    assert list_page(state, "campaign_members", search="3").total == 0, "the number of a record is not searched as a text"
    assert list_page(state, "stock", search="3", refs=False).total == 0, "a table without texts has nothing to be searched"
