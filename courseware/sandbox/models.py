"""The tables of the sandbox in the main database: attempts, their journal, check runs, opened hints. Only the attempt's row ever changes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from courseware.db import Base


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    MARKED = "marked"
    RELEASED = "released"
    PRACTICE = "practice"  # a practice copy: open for good, and never handed in
    READING = "reading"  # the data of quiz questions: to be read, never written to


class SandboxAttempt(Base):
    """A person's work on a scenario, or free practice where `scenario` is empty. At most one of each is open.

    A practice copy of attempt 2 has the number -2, so each attempt has one at most. It counts nowhere.
    `part_of` is empty for work of its own; otherwise it names the piece of work that the run belongs to, as `attempt:12/m5-a-07`, and counts with.
    """

    __tablename__ = "sandbox_attempt"
    __table_args__ = (
        UniqueConstraint("person_id", "scenario", "number", "part_of"),
        Index(
            "ix_sandbox_attempt_open", "person_id", "scenario", "part_of", unique=True,
            sqlite_where=text("status = 'draft'"), postgresql_where=text("status = 'draft'"),
        ),
        CheckConstraint("status IN ('draft', 'submitted', 'checked', 'marked', 'released', 'practice', 'reading')", name="status"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    scenario: Mapped[str]
    part_of: Mapped[str] = mapped_column(default="")
    number: Mapped[int]
    revision_id: Mapped[int]
    paper: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(default=Status.DRAFT)
    epoch: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime]
    handed_in_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """Whether its owner may go on working in it."""
        return self.status in (Status.DRAFT, Status.PRACTICE)


class JournalEntry(Base):
    """One action, appended. Epoch 0, number 0 is the plant; a reset begins the next epoch with number 0."""

    __tablename__ = "sandbox_journal"
    __table_args__ = (UniqueConstraint("attempt_id", "epoch", "no"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("sandbox_attempt.id"))
    epoch: Mapped[int]
    no: Mapped[int]
    verb: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[str]
    changes: Mapped[list[Any]] = mapped_column(JSON)
    undoes: Mapped[int | None]
    created_at: Mapped[datetime]


class CheckRun(Base):
    """One check of the work, appended: the findings and the diff as they were shown, the points after hints, the rule's version."""

    __tablename__ = "sandbox_check"
    __table_args__ = (UniqueConstraint("attempt_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("sandbox_attempt.id"))
    number: Mapped[int]
    epoch: Mapped[int]
    journal_no: Mapped[int]
    findings: Mapped[list[Any]] = mapped_column(JSON)
    diff: Mapped[list[Any]] = mapped_column(JSON)
    points: Mapped[float]
    weight: Mapped[float]
    passed: Mapped[bool]
    is_final: Mapped[bool]
    rule: Mapped[str]
    at: Mapped[datetime]


class HintOpened(Base):
    """A rung of a check's hint ladder that was opened, with what it cost."""

    __tablename__ = "sandbox_hint"
    __table_args__ = (UniqueConstraint("attempt_id", "check_id", "rung"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("sandbox_attempt.id"))
    check_id: Mapped[str]
    rung: Mapped[str]
    cost: Mapped[float]
    at: Mapped[datetime]
