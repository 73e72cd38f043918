"""The grade ledger: links are chained, any change shows, an erased note does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from courseware.grading import ledger
from courseware.grading.ledger import START, Mark
from courseware.grading.models import LedgerEntry, LedgerHead
from tests.conftest import NOW
from tests.factories import person


@pytest.fixture
def chain(session: Session) -> list[LedgerEntry]:
    """Three links of lin's."""
    lin, chen = person(session, "lin").id, person(session, "chen").id
    marks = [
        Mark("score", lin, "quiz:m1", 1, 15.5, 20, "sum-of-questions/1"),
        Mark("marked", lin, "case:CS2", 1, 6.4, 8, "rubric-four-levels/1", chen, "CS2-a 2, CS2-b 2"),
        Mark("released", lin, "case:CS2", 1, 6.4, 8, "rubric-four-levels/1", chen, "CS2-a 2, CS2-b 2"),
    ]
    return [ledger.append(session, mark, NOW + timedelta(minutes=place)) for place, mark in enumerate(marks)]


def faults(session: Session) -> list[str]:
    session.expire_all()
    return list(ledger.faults(session))


def test_links_follow_each_other_from_the_start(session: Session, chain: list[LedgerEntry]) -> None:
    assert [entry.number for entry in chain] == [1, 2, 3]
    assert [entry.previous for entry in chain] == [START, chain[0].hash, chain[1].hash]
    assert faults(session) == []


def test_the_head_is_the_last_link(session: Session, chain: list[LedgerEntry]) -> None:
    head = session.get_one(LedgerHead, 1)
    assert (head.number, head.hash) == (3, chain[2].hash)


def test_an_empty_ledger_is_whole(session: Session) -> None:
    assert faults(session) == []


def test_the_head_is_locked_while_a_link_is_written(session: Session, chain: list[LedgerEntry], monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    scalar = session.scalar
    monkeypatch.setattr(session, "scalar", lambda statement, *rest, **more: (sent.append(statement), scalar(statement, *rest, **more))[1])
    ledger.append(session, Mark("score", chain[0].person_id, "quiz:m1", 2, 1, 2, "sum-of-questions/1"), NOW)
    assert any(statement._for_update_arg is not None for statement in sent)


TAMPERED = {
    "kind": "score2", "person_id": None, "work": "quiz:m2", "work_id": 7, "points": 8.0, "most": 9.0, "rule": "mine/1", "by_id": None,
    "at": NOW + timedelta(days=1), "salt": "00", "note": "CS2-a 3", "note_digest": "0" * 64, "previous": "1" * 64, "hash": "2" * 64, "number": 9,
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(TAMPERED))
def test_a_change_of_any_field_shows(session: Session, chain: list[LedgerEntry], field: str) -> None:
    value = person(session, "wuhao").id if field == "person_id" else TAMPERED[field]
    session.execute(update(LedgerEntry).where(LedgerEntry.number == 2).values({field: value}))
    assert faults(session)


def test_every_field_of_a_link_is_tried_above() -> None:
    assert {column.name for column in LedgerEntry.__table__.columns} - {"id"} == TAMPERED.keys()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_missing_link_shows_wherever_it_stood(session: Session, chain: list[LedgerEntry], number: int) -> None:
    session.execute(delete(LedgerEntry).where(LedgerEntry.number == number))
    assert faults(session)


def test_the_smallest_change_of_points_shows(session: Session, chain: list[LedgerEntry]) -> None:
    session.execute(update(LedgerEntry).where(LedgerEntry.number == 1).values(points=15.500000000000002))
    assert faults(session) == ["entry 1 was changed after it was written"]


def test_a_note_can_be_erased_with_its_salt_and_the_chain_stays_whole(session: Session, chain: list[LedgerEntry]) -> None:
    session.execute(update(LedgerEntry).where(LedgerEntry.number == 2).values(note="", salt=""))
    assert faults(session) == []


def test_a_chain_written_anew_by_hand_does_not_fit_the_head(session: Session, chain: list[LedgerEntry]) -> None:
    last = session.scalars(select(LedgerEntry).where(LedgerEntry.number == 3)).one()
    last.points = 8.0
    last.hash = ledger.link(last)
    session.flush()
    assert faults(session) == ["the head of the chain is not its last entry"]
