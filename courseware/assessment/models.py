"""The tables of quiz attempts and answers. Receipts, handed-in answers and scores are appended, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from courseware.db import Base

OPEN = text("status = 'draft'")


class QuizAttempt(Base):
    """One try at a quiz. `paper` is frozen at the start; `deadline_at` closes it, `due_at` only marks it late."""

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        UniqueConstraint("person_id", "quiz_id", "number"),
        Index("uq_quiz_attempt_open", "person_id", "quiz_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    quiz_id: Mapped[str]
    form: Mapped[str]
    number: Mapped[int]
    paper: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(default="draft")
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]


class Answer(Base):
    """The current text of an answer, replaced only by a higher sequence while the attempt is open."""

    __tablename__ = "answer"
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    response: Mapped[Any] = mapped_column(JSON)
    sha256: Mapped[str]
    saved_at: Mapped[datetime]


class Receipt(Base):
    """A save that arrived. `late_response` keeps what came after the deadline: shown, not counted."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("attempt_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"))
    question_id: Mapped[str]
    sequence: Mapped[int]
    key: Mapped[str]
    sha256: Mapped[str]
    at: Mapped[datetime]
    late_response: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))


class HandedIn(Base):
    """An answer as it was handed in."""

    __tablename__ = "handed_in"
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(primary_key=True)
    response: Mapped[Any] = mapped_column(JSON)
    at: Mapped[datetime]


class QuestionScore(Base):
    """What a rule gave for a handed-in answer. Rescoring appends; the newest row counts."""

    __tablename__ = "question_score"
    __table_args__ = (Index(None, "attempt_id", "question_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"))
    question_id: Mapped[str]
    fraction: Mapped[float]
    points: Mapped[float]
    rule: Mapped[str]
    rule_version: Mapped[int]
    at: Mapped[datetime]


class PracticeResponse(Base):
    """An answer to an exercise or a check in the text: not graded, kept so that practice can be seen."""

    __tablename__ = "practice_response"
    __table_args__ = (Index(None, "person_id", "question_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    question_id: Mapped[str]
    response: Mapped[Any] = mapped_column(JSON)
    fraction: Mapped[float]
    at: Mapped[datetime]
