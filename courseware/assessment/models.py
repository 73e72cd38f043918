"""The tables of quiz attempts and answers. Receipts, handed-in answers and scores are appended, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from courseware.db import Base

OPEN = text("status = 'draft'")


class QuizAttempt(Base):
    """One try at a quiz. `paper` is frozen at the start; `deadline_at` closes it, `due_at` only marks it late.

    Questions up to the place `passed` are closed: a lock point was passed. `added_minutes` are in the deadline already.
    `flags` are ids of questions to look at again, a note to oneself.
    """

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        UniqueConstraint("person_id", "quiz_id", "number"),
        Index("uq_quiz_attempt_open", "person_id", "quiz_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index(None, "status", "deadline_at"),  # what ran out of time, what waits to be released: looked for every few seconds
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
    passed: Mapped[int] = mapped_column(default=0, server_default="0")
    added_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    flags: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")


class AddedTime(Base):
    """Minutes that staff added to an open attempt, and why. The reason is for staff."""

    __tablename__ = "added_time"
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"), index=True)
    minutes: Mapped[int]
    note: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


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
    """An answer as it was handed in, and how certain the learner was (1 to 3) where that was asked."""

    __tablename__ = "handed_in"
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(primary_key=True)
    response: Mapped[Any] = mapped_column(JSON)
    certainty: Mapped[int | None]
    at: Mapped[datetime]


class QuestionTry(Base):
    """An answer that was checked while its attempt was open, and what the kind's own rule gave for it. `parts` are those of the score."""

    __tablename__ = "question_try"
    __table_args__ = (UniqueConstraint("attempt_id", "question_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"))
    question_id: Mapped[str]
    number: Mapped[int]
    response: Mapped[Any] = mapped_column(JSON)
    fraction: Mapped[float]
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    certainty: Mapped[int | None]
    at: Mapped[datetime]


class QuestionScore(Base):
    """What a rule gave for a handed-in answer; `by_id` is the person who gave it, None for the machine. Rescoring appends; the newest row counts."""

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
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class LookedUp(Base):
    """What an answer was found to give in the practice CRM when it was checked or handed in: the rows of its query, or, where the answer is a run (`query` is its id), what its checks found."""

    __tablename__ = "looked_up"
    __table_args__ = (UniqueConstraint("attempt_id", "question_id", "sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"))
    question_id: Mapped[str]
    sha256: Mapped[str]
    query: Mapped[str]
    found: Mapped[dict[str, Any]] = mapped_column(JSON)
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


class StoredFile(Base):
    """The bytes of files handed in, each once, by their hash."""

    __tablename__ = "stored_file"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class UploadedFile(Base):
    """A file that was sent for a question of an attempt. Which of them are handed in says the answer. `type` is a key of files.TYPES."""

    __tablename__ = "upload"
    __table_args__ = (UniqueConstraint("attempt_id", "question_id", "sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"))
    question_id: Mapped[str]
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))
    name: Mapped[str]
    size: Mapped[int]
    type: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
