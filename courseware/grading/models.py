"""The tables of case answers, rubric marks, evidence and the grade ledger. All but the draft of an answer is append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from courseware.db import Base
from courseware.people.terms import is_late


class CaseAnswer(Base):
    """One person's answer to a case. `text` may change while the status is draft, and never after."""

    __tablename__ = "case_answer"
    __table_args__ = (UniqueConstraint("person_id", "case_id"), Index(None, "status"))
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    case_id: Mapped[str]
    revision: Mapped[int]
    language: Mapped[str]
    questions: Mapped[list[str]] = mapped_column(JSON)
    text: Mapped[str]
    sequence: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default="draft")
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]

    @property
    def is_late(self) -> bool:
        return is_late(self.submitted_at, self.due_at)


class RubricMark(Base):
    """The level an instructor gave for a criterion. The newest row counts."""

    __tablename__ = "rubric_mark"
    __table_args__ = (Index(None, "answer_id", "criterion"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("case_answer.id"))
    criterion: Mapped[str]
    level: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class MarkerComment(Base):
    """What the learner will read beside the rubric. The newest row counts."""

    __tablename__ = "marker_comment"
    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("case_answer.id"), index=True)
    text: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class QuestionMark(Base):
    """What a person gave for one handed-in answer of a quiz: levels by criterion, and what the learner will read. The newest row counts."""

    __tablename__ = "question_mark"
    __table_args__ = (Index(None, "attempt_id", "question_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"))
    question_id: Mapped[str]
    levels: Mapped[dict[str, int]] = mapped_column(JSON)
    comment: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Evidence(Base):
    """One scored unit for an objective. Of one `source` the newest row counts.

    `source` is `question:m1-a-03`, `check:SC31/consent`, `criterion:CS2-a` or, of a question marked by a person,
    `criterion:m1-a-20/reason`; `work_id` is the id of the quiz attempt, sandbox attempt or case answer it rests on.
    """

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "person_id", "objective"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    objective: Mapped[str]
    source: Mapped[str]
    work: Mapped[str]
    work_id: Mapped[int]
    score: Mapped[float]
    weight: Mapped[float]
    shows_ability: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class LedgerEntry(Base):
    """One link of the grade chain. `salt` and `note` may be erased with a person; the hash covers only their digest."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("number"), Index(None, "person_id", "work"))
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    kind: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    work: Mapped[str]
    work_id: Mapped[int]
    points: Mapped[float]
    most: Mapped[float]
    rule: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    salt: Mapped[str]
    note: Mapped[str]
    note_digest: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]


class LedgerHead(Base):
    """The last link: one row a school, locked by whoever writes the next."""

    __tablename__ = "ledger_head"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    hash: Mapped[str]


