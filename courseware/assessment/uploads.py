"""Files handed in: each kept once by its hash in the school's database, and a row for each time one was sent. What a file may be is decided in files.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, func, literal, select
from sqlalchemy.orm import Session

from courseware.assessment.files import TYPES, File
from courseware.assessment.models import QuizAttempt, StoredFile, UploadedFile
from courseware.db import insert
from courseware.errors import Refused
from courseware.i18n import message

MOST_SENT = 30  # files for one question of an attempt, those taken out again included: a disk is not endless

ATTEMPT = cast(Table, QuizAttempt.__table__)
STORED = cast(Table, StoredFile.__table__)
UPLOAD = cast(Table, UploadedFile.__table__)


def store(connection: Connection, file: File, *, attempt_id: int, question_id: str, by_id: int, now: datetime) -> dict[str, Any]:
    """Keep a file and give its entry for the answer. The same file sent twice is kept once, under its newer name."""
    connection.execute(select(ATTEMPT.c.id).where(ATTEMPT.c.id == attempt_id).with_for_update())  # several at once are counted one after the other
    sent = select(func.count()).select_from(UPLOAD).where(UPLOAD.c.attempt_id == attempt_id, UPLOAD.c.question_id == question_id)
    if (connection.scalar(sent) or 0) >= MOST_SENT:
        raise Refused(message("You have sent %(most)s files for this question, and no more are taken. Those that are kept can still be handed in.", most=MOST_SENT))
    values = {
        "attempt_id": attempt_id, "question_id": question_id, "sha256": file.sha256, "name": file.name, "size": file.size, "type": file.type, "by_id": by_id, "at": now,
    }  # fmt: skip
    connection.execute(insert(connection.dialect, STORED).values(sha256=file.sha256, content=file.content).on_conflict_do_nothing(index_elements=["sha256"]))
    keep = insert(connection.dialect, UPLOAD).values(values)
    newer = {name: keep.excluded[name] for name in ("name", "type")}
    connection.execute(keep.on_conflict_do_update(index_elements=["attempt_id", "question_id", "sha256"], set_=newer))
    return {"sha256": file.sha256, "name": file.name, "size": file.size}


@dataclass(frozen=True)
class Kept:
    """One file of an answer as pages list it."""

    sha256: str
    name: str
    size: int
    type: str


def files_of(session: Session, attempt_id: int, responses: Mapping[str, Any]) -> dict[str, list[Kept]]:
    """The files of some answers by question id, in the order of each answer. What an answer names and nobody sent is left out."""
    rows = session.execute(select(UploadedFile).where(UploadedFile.attempt_id == attempt_id, UploadedFile.question_id.in_(responses))).scalars()
    sent = {(row.question_id, row.sha256): Kept(row.sha256, row.name, row.size, row.type) for row in rows}
    return {id: [sent[id, mark] for mark in marks_in(response) if (id, mark) in sent] for id, response in responses.items()}


def marks_in(response: Any) -> list[str]:
    """The hashes of the files an answer names."""
    entries = response if isinstance(response, list) else []
    return [entry["sha256"] for entry in entries if isinstance(entry, dict) and "sha256" in entry]


@dataclass(frozen=True)
class Download:
    """A file to be given out, always as an attachment. `is_named` tells whether this reader may see what its sender called it."""

    sha256: str
    name: str
    type: str
    content: bytes
    is_named: bool

    @property
    def media(self) -> str:
        return TYPES[self.type].media

    @property
    def shown_name(self) -> str:
        """The name it is saved under: until release a grader gets one that tells nothing."""
        return self.name if self.is_named else f"file-{self.sha256[:8]}.{self.type}"


def copy(session: Session, *, from_id: int, to_id: int, now: datetime) -> None:
    """Let the files that were sent for one attempt stand in another one of the same person too."""
    same = [UPLOAD.c[name] for name in ("question_id", "sha256", "name", "size", "type", "by_id")]
    rows = select(literal(to_id), *same, literal(now, UPLOAD.c.at.type)).where(UPLOAD.c.attempt_id == from_id)
    session.execute(UPLOAD.insert().from_select(["attempt_id", *(column.name for column in same), "at"], rows))
