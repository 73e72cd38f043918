"""The grade ledger: a chain of hashes over every mark, so that a change of one byte shows."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.db import insert
from courseware.grading.models import LedgerEntry, LedgerHead

START = "0" * 64


@dataclass(frozen=True)
class Mark:
    """What is written: the points of a piece of work by a rule, by a person or (by_id None) by the machine."""

    kind: str  # score, marked, released
    person_id: int
    work: str
    work_id: int
    points: float
    most: float
    rule: str
    by_id: int | None = None
    note: str = ""


def append(session: Session, mark: Mark, now: datetime) -> LedgerEntry:
    """Write the next link. The head row is locked until the transaction ends, so links never fork."""
    head = locked_head(session)
    salt = secrets.token_hex(16)
    entry = LedgerEntry(
        number=head.number + 1, kind=mark.kind, person_id=mark.person_id, work=mark.work, work_id=mark.work_id, points=mark.points, most=mark.most,
        rule=mark.rule, by_id=mark.by_id, at=now, salt=salt, note=mark.note, note_digest=note_digest(salt, mark.note), previous=head.hash, hash="",
    )  # fmt: skip
    entry.hash = link(entry)
    head.number, head.hash = entry.number, entry.hash
    session.add(entry)
    session.flush()
    return entry


def locked_head(session: Session) -> LedgerHead:
    """The last link, held until the transaction ends. Two first writers at once cannot both make it."""
    newest = select(LedgerHead).where(LedgerHead.id == 1).with_for_update().execution_options(populate_existing=True)
    head = session.scalar(newest)
    if head is None:
        session.execute(insert(session.connection().dialect, LedgerHead).values(id=1, number=0, hash=START).on_conflict_do_nothing())
        head = session.scalars(newest).one()
    return head


def note_digest(salt: str, note: str) -> str:
    return hashlib.sha256(f"{salt}\n{note}".encode()).hexdigest()


def link(entry: LedgerEntry) -> str:
    """The hash of a link, over all that may never change."""
    covered = [
        entry.number, entry.kind, entry.person_id, entry.work, entry.work_id, repr(float(entry.points)), repr(float(entry.most)), entry.rule, entry.by_id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.note_digest, entry.previous,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(covered, ensure_ascii=False).encode()).hexdigest()


def faults(session: Session) -> Iterator[str]:
    """Walk the chain and tell every broken link. An erased note (with its salt) is no fault."""
    previous, number = START, 0
    for entry in session.scalars(select(LedgerEntry).order_by(LedgerEntry.number)):
        number += 1
        if entry.number != number:
            yield f"entry {number} is missing; {entry.number} follows"
            number = entry.number
        if entry.previous != previous:
            yield f"entry {entry.number} does not follow the one before it"
        if entry.hash != link(entry):
            yield f"entry {entry.number} was changed after it was written"
        if (entry.salt or entry.note) and entry.note_digest != note_digest(entry.salt, entry.note):
            yield f"the note of entry {entry.number} was changed after it was written"
        previous = entry.hash
    head = session.get(LedgerHead, 1)
    if (head.number, head.hash) != (number, previous) if head else number:
        yield "the head of the chain is not its last entry"
