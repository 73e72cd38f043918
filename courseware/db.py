"""Storage: one engine a database, one schema or file a school, and the only ways to a session. No table is declared here."""

from __future__ import annotations

import contextlib
import fcntl
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Generic, TypeVar, cast

from sqlalchemy import URL, Connection, CursorResult, DateTime, Dialect, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")


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


class Shared(Generic[T]):
    """One short write that waits to be done, by its own thread or by another one on its behalf."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.result: T | None = None
        self.failure: BaseException | None = None
        self.is_done = False
        self.turn = threading.Lock()
        self.turn.acquire()


class SharedWrites:
    """Short writes of several threads in one commit: the first to come takes the turn of a writer and works for all who wait by then."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: list[Shared[Any]] = []
        self._is_led = False

    def run(self, school: School, work: Callable[[Connection], T]) -> T:
        mine = Shared(work)
        with self._mutex:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.turn.acquire()  # released when the work is done, or when it is for us to lead
        if not mine.is_done:
            self._lead(school)
        if mine.failure is not None:
            raise mine.failure
        return cast(T, mine.result)

    def _lead(self, school: School) -> None:
        """Do all that waits and commit it once. Where one write fails all are undone, and each is done by itself."""
        batch: list[Shared[Any]] = []
        try:
            with _writing(school) as opened:
                batch = self._take()
                for write in batch:
                    write.result = write.work(opened)
        except BaseException as failure:
            batch = batch or self._take()
            for write in batch:
                self._alone(school, write, failure if len(batch) == 1 else None)
        with self._mutex:
            self._is_led = bool(self._waiting)
            following = self._waiting[:1]
        for write in batch:
            write.is_done = True
        for write in batch + following:
            write.turn.release()

    def _alone(self, school: School, write: Shared[Any], failure: BaseException | None) -> None:
        try:
            if failure is not None:
                raise failure
            with _writing(school) as opened:
                write.result = write.work(opened)
        except BaseException as own:
            write.failure = own

    def _take(self) -> list[Shared[Any]]:
        with self._mutex:
            taken, self._waiting = self._waiting, []
        return taken


@dataclass(frozen=True)
class School:
    """One school: its database and, on SQLite, the lock that its writers share."""

    name: str
    engine: Engine
    lock: WriterLock | None = field(default=None, repr=False)
    shared: SharedWrites = field(default_factory=SharedWrites, repr=False, compare=False)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"


@contextlib.contextmanager
def session(school: School, *, write: bool = False) -> Iterator[Session]:
    """Open a session. With `write` it commits at the end, or rolls back and raises; otherwise it only reads."""
    with Session(school.engine, expire_on_commit=False, autoflush=write) as opened, _transaction(school, opened, write=write):
        yield opened


@contextlib.contextmanager
def _transaction(school: School, opened: Session | Connection, *, write: bool) -> Iterator[None]:
    connection = opened.connection() if isinstance(opened, Session) else opened  # before the turn of a writer, which is kept short
    with school.lock.held() if write and school.lock else contextlib.nullcontext():
        if school.is_sqlite:  # reads too: a page sees one state of the school, and a stray write is not kept
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield
        except BaseException:
            opened.rollback()  # while it is still our turn
            raise
        if write:
            opened.commit()


@contextlib.contextmanager
def peek(school: School) -> Iterator[Connection]:
    """Open a connection for one read and nothing else."""
    with school.engine.connect() as opened:
        yield opened


@contextlib.contextmanager
def _writing(school: School) -> Iterator[Connection]:
    """As a session that writes, without the objects of the ORM."""
    with school.engine.connect() as opened, _transaction(school, opened, write=True):
        yield opened


@contextlib.contextmanager
def aside(school: School) -> Iterator[Session]:
    """Open a short write of its own: failed sign-ins, limits, looks, refusals. Never inside another write."""
    with session(school, write=True) as opened:
        yield opened


def together(school: School, work: Callable[[Connection], T]) -> T:
    """Do a short write and give its result once it is committed, on SQLite in one commit with what other threads have waiting.

    `work` may be run twice, the first time undone; it changes nothing but the database. Never inside another write. Its failure is raised here and spoils nobody else's.
    """
    if school.is_sqlite:
        return school.shared.run(school, work)
    with _writing(school) as opened:
        return work(opened)


DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
SCHOOL_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


def connect(url: str, school: str = "main") -> School:
    """Open a database by URL: `sqlite:///path.db`, or `postgresql+psycopg://…` where the school is a schema."""
    if not SCHOOL_NAME.fullmatch(school):
        raise ValueError(f"a school's name is small letters, digits and underscores, got {school!r}")
    parsed = _parse(url)
    if parsed.drivername.startswith("sqlite"):
        engine = create_engine(parsed, connect_args={"timeout": 10, "check_same_thread": False}, pool_size=16, max_overflow=16, pool_use_lifo=True)
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
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "cache_size=-16000", "wal_autocheckpoint=4000", "mmap_size=268435456"):
        connection.execute(f"PRAGMA {pragma}").close()


def create_schema(school: School) -> None:
    """Make the school's schema where the engine has schemas; a SQLite file is its own school."""
    if not school.is_sqlite:
        with school.engine.begin() as connection:
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{school.name}"'))


def insert(dialect: Dialect, table: Any) -> Any:
    """Begin an INSERT that knows ON CONFLICT, which both engines spell alike but SQLAlchemy offers by dialect."""
    return (sqlite if dialect.name == "sqlite" else postgresql).insert(table)


class Fixed:
    """A statement that hundreds of requests a second run, kept as text for the driver: finding it among SQLAlchemy's compiled ones takes longer than running it.

    `build` gives the statement for a dialect; `columns` names the values of an INSERT. Rows come as the driver gives them.
    """

    def __init__(self, build: Callable[[Dialect], Any], columns: Sequence[str] | None = None) -> None:
        self._build, self._columns = build, columns
        self._made: dict[str, _Text] = {}  # by dialect

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        text = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        given = {**text.literals, **values}
        converted = [given[name] if convert is None else convert(given[name]) for name, convert in text.values]
        return connection.exec_driver_sql(text.sql, tuple(converted) if text.is_by_place else dict(zip(text.names, converted, strict=True)))

    def _make(self, dialect: Dialect) -> _Text:
        compiled = self._build(dialect).compile(dialect=dialect, column_keys=self._columns)
        names = compiled.positiontup or tuple(compiled.params)
        values = [(name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]
        text = self._made[dialect.name] = _Text(str(compiled), dict(compiled.params), names, values, is_by_place=bool(compiled.positiontup))
        return text


@dataclass(frozen=True)
class _Text:
    sql: str
    literals: Mapping[str, Any]
    names: Sequence[str]
    values: Sequence[tuple[str, Callable[[Any], Any] | None]]  # each with what converts it for the driver
    is_by_place: bool
