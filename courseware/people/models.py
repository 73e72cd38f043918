"""The tables of persons and classes. No rule about them stands here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from courseware.db import Base


class Role(StrEnum):
    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class Person(Base):
    """Somebody with an account. `manager_id` names the team leader of a new hire."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    language: Mapped[str] = mapped_column(default="en")
    password_hash: Mapped[str]
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Class(Base):
    """A group of learners with one instructor. Whoever knows the code may join."""

    __tablename__ = "class"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    instructor_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]


class Enrolment(Base):
    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("class_id", "person_id"), Index(None, "person_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("class.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Assignment(Base):
    """Work set for a class. `work` is `quiz:m1`, `scenario:SC31` or `case:CS2`; it may be begun from `opens_at` and sat until `closes_at`."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("class_id", "work"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("class.id"))
    work: Mapped[str]
    opens_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    password_hash: Mapped[str | None]
    networks: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]


class Accommodation(Base):
    """What one person gets otherwise than the class, for all work (`work` is empty) or for one piece. Appended: of one person and work the newest row counts."""

    __tablename__ = "accommodation"
    __table_args__ = (Index(None, "person_id", "work"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    work: Mapped[str]
    time_factor: Mapped[float | None]
    extra_attempts: Mapped[int | None]
    opens_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    note: Mapped[str]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]


class LoginSession(Base):
    """A signed-in browser. Only the hash of its token is kept; revoking it ends it at once."""

    __tablename__ = "login_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInFailure(Base):
    """A wrong password, counted by login and by address to slow guessing down."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index(None, "key", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime]
