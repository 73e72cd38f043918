"""Storage: one engine a database, one schema or file a school, and the only ways to a session. No table is declared here."""

from __future__ import annotations

import contextlib
import fcntl
import re
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import URL, DateTime, Dialect, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC. Naive times are refused on the way in; on the way out every time is aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The mother of all tables. Constraint names are fixed, so that migrations can name them on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UTCDateTime}  # noqa: RUF012 -- SQLAlchemy reads it from the class


class WriterLock:
    """A fair lock for the writers of one SQLite file: first come, first served among threads, flock among processes."""

    def __init__(self, path: Path) -> None:
        self._threads = _TicketLock()
        self._file: IO[str] = path.open("w")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        with self._threads:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


class _TicketLock:
    """Threads enter in the order of their arrival; a plain Lock lets the quickest jump the queue. Leaving wakes the next one alone."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_held = False

    def __enter__(self) -> None:
        with self._mutex:
            if not self._is_held:
                self._is_held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()  # released by whoever leaves before us; the lock stays held in between

    def __exit__(self, *failure: object) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False


@dataclass(frozen=True)
class School:
    """One school: its database and, on SQLite, the lock that its writers share."""

    name: str
    engine: Engine
    lock: WriterLock | None = field(default=None, repr=False)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"


@contextlib.contextmanager
def session(school: School, *, write: bool = False) -> Iterator[Session]:
    """Open a session. With `write` it commits at the end, or rolls back and raises; otherwise it only reads."""
    with contextlib.ExitStack() as stack:
        if write and school.lock is not None:
            stack.enter_context(school.lock.held())
        opened = stack.enter_context(Session(school.engine, expire_on_commit=False, autoflush=write))
        if school.is_sqlite:  # reads too: a page sees one state of the school, and a stray write is not kept
            opened.connection().exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
        yield opened
        if write:
            opened.commit()


@contextlib.contextmanager
def aside(school: School) -> Iterator[Session]:
    """Open a short write of its own: failed sign-ins, limits, looks, refusals. Never inside another write."""
    with session(school, write=True) as opened:
        yield opened


DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
SCHOOL_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


def connect(url: str, school: str = "main") -> School:
    """Open a database by URL: `sqlite:///path.db`, or `postgresql+psycopg://…` where the school is a schema."""
    if not SCHOOL_NAME.fullmatch(school):
        raise ValueError(f"a school's name is small letters, digits and underscores, got {school!r}")
    parsed = _parse(url)
    if parsed.drivername.startswith("sqlite"):
        engine = create_engine(parsed, connect_args={"timeout": 10, "check_same_thread": False}, pool_size=16, max_overflow=16)
        event.listen(engine, "connect", _prepare_sqlite)
        return School(school, engine, WriterLock(Path(f"{parsed.database}-writer")))
    engine = create_engine(parsed, pool_pre_ping=True, pool_size=8, max_overflow=16, connect_args={"options": f"-csearch_path={school}"})
    return School(school, engine.execution_options(schema_translate_map={None: school}))


def _parse(url: str) -> URL:
    """Read a database URL. A fault does not repeat it, for it may hold a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.drivername not in DRIVERS or parsed.database in (None, "", ":memory:"):
        raise ValueError("the database URL cannot be used: sqlite:///path.sqlite or postgresql+psycopg://user@host/database is expected")
    return parsed


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's BEGIN is left out; session() says which one it means
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}").close()


def create_schema(school: School) -> None:
    """Make the school's schema where the engine has schemas; a SQLite file is its own school."""
    if not school.is_sqlite:
        with school.engine.begin() as connection:
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{school.name}"'))


def insert(session: Session, table: Any) -> Any:
    """Begin an INSERT that knows ON CONFLICT, which both engines spell alike but SQLAlchemy offers by dialect."""
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)
