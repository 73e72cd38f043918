"""Sessions, the writer lock, times: what is committed, what is not, and that no write is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from courseware import db, storage
from courseware.people.models import Class, Person, Role, SignInFailure
from tests import factories, postgres

NOW = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)


def failures(school: db.School) -> list[str]:
    with db.session(school) as session:
        return list(session.scalars(select(SignInFailure.key).order_by(SignInFailure.id)))


# Times


def test_a_time_without_zone_is_refused(school: db.School) -> None:
    with pytest.raises(StatementError, match="a time without zone"), db.session(school, write=True) as session:  # noqa: PT012 -- it is the session's end that is tested
        session.add(SignInFailure(key="x", at=datetime(2026, 3, 16)))
        session.flush()
    assert failures(school) == []


def test_a_time_comes_back_in_utc_whatever_its_zone_was(school: db.School) -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8))) + timedelta(microseconds=123_456)
    with db.session(school, write=True) as session:
        session.add(SignInFailure(key="x", at=shanghai))
    with db.session(school) as session:
        found = session.scalars(select(SignInFailure.at)).one()
    assert found == shanghai
    assert found.tzinfo is UTC


def test_times_compare_as_moments(school: db.School) -> None:
    with db.session(school, write=True) as session:
        session.add(SignInFailure(key="x", at=NOW))
        session.flush()
        earlier_there = (NOW - timedelta(minutes=1)).astimezone(timezone(timedelta(hours=8)))
        assert session.scalar(select(func.count()).select_from(SignInFailure).where(SignInFailure.at > earlier_there)) == 1


# Sessions


def test_a_write_session_commits_at_its_end(school: db.School) -> None:
    with db.session(school, write=True) as session:
        session.add(SignInFailure(key="kept", at=NOW))
    assert failures(school) == ["kept"]


def test_a_write_session_that_fails_leaves_nothing(school: db.School) -> None:
    with pytest.raises(ZeroDivisionError), db.session(school, write=True) as session:  # noqa: PT012 -- it is the session's end that is tested
        session.add(SignInFailure(key="lost", at=NOW))
        session.flush()
        _ = 1 / 0
    assert failures(school) == []
    with db.session(school, write=True) as session:  # the lock is free again
        session.add(SignInFailure(key="next", at=NOW))
    assert failures(school) == ["next"]


def test_a_session_that_only_reads_keeps_nothing_even_if_it_writes(school: db.School) -> None:
    with db.session(school) as session:
        session.add(SignInFailure(key="stray", at=NOW))
        session.flush()
    assert failures(school) == []


def test_a_reader_sees_one_state_while_another_writes(sqlite_school: db.School) -> None:
    with db.session(sqlite_school) as reader:
        before = reader.scalar(select(func.count()).select_from(SignInFailure))
        with db.session(sqlite_school, write=True) as writer:
            writer.add(SignInFailure(key="meanwhile", at=NOW))
        assert reader.scalar(select(func.count()).select_from(SignInFailure)) == before
    assert failures(sqlite_school) == ["meanwhile"]


def test_what_is_written_aside_stays_when_the_page_fails(school: db.School) -> None:
    with pytest.raises(ZeroDivisionError), db.session(school):  # noqa: PT012 -- it is the session's end that is tested
        with db.aside(school) as aside:
            aside.add(SignInFailure(key="aside", at=NOW))
        _ = 1 / 0
    assert failures(school) == ["aside"]


def test_objects_stay_readable_after_the_commit(school: db.School) -> None:
    with db.session(school, write=True) as session:
        person = factories.make_person(session, NOW, "newcomer")
    assert person.login == "newcomer"


def test_a_row_that_points_to_nothing_is_refused_on_both_engines(school: db.School) -> None:
    with pytest.raises(IntegrityError), db.session(school, write=True) as session:
        session.add(Class(name="x", code="X", instructor_id=99_999, created_at=NOW))


def test_insert_knows_on_conflict_on_both_engines(school: db.School) -> None:
    with db.session(school, write=True) as session:
        row = {"name": "x", "code": "KF26-2", "instructor_id": session.scalars(select(Person.id).where(Person.login == "chen")).one(), "created_at": NOW}
        session.execute(db.insert(session.connection().dialect, Class).values(**row).on_conflict_do_nothing(index_elements=["code"]))
        assert session.scalars(select(Class.name).where(Class.code == "KF26-2")).one() == "Service 2026-2"


def test_a_fixed_statement_takes_and_finds_what_the_plain_one_does(school: db.School) -> None:
    values = {"key": "lin", "at": datetime(2026, 3, 16, 9, 0, tzinfo=timezone(timedelta(hours=8)))}
    add = db.Fixed(lambda dialect: db.insert(dialect, SignInFailure.__table__), columns=("key", "at"))
    count = db.Fixed(lambda _: select(func.count()).where(SignInFailure.key == "lin", SignInFailure.at <= bindparam("now")))
    with db.session(school, write=True) as session:
        assert add.run(session.connection(), values).rowcount == 1
        assert [count.run(session.connection(), {"now": values["at"] + timedelta(minutes=change)}).scalar_one() for change in (-1, 1)] == [0, 1]
        kept = session.scalars(select(SignInFailure)).one()
        assert (kept.key, kept.at) == ("lin", values["at"])


# SQLite


def test_every_sqlite_connection_is_durable_and_checks_foreign_keys(sqlite_school: db.School) -> None:
    connections = [sqlite_school.engine.connect() for _ in range(3)]
    try:
        for connection in connections:
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}
            assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    finally:
        for connection in connections:
            connection.close()


def test_a_writer_says_immediate_and_a_reader_does_not(sqlite_school: db.School) -> None:
    """A second writer that has not taken the lock is refused at its BEGIN, not half way."""
    with db.session(sqlite_school, write=True), sqlite_school.engine.connect() as other:
        other.exec_driver_sql("PRAGMA busy_timeout=0")
        with pytest.raises(Exception, match="database is locked"):
            other.exec_driver_sql("BEGIN IMMEDIATE")
        assert other.exec_driver_sql("SELECT count(*) FROM person").scalar()
        other.exec_driver_sql("PRAGMA busy_timeout=10000")


def test_eight_threads_of_writers_lose_nothing(school: db.School) -> None:
    def write(thread: int) -> None:
        for number in range(25):
            with db.session(school, write=True) as session:
                person = session.scalars(select(Person).where(Person.login == "lin").with_for_update()).one()
                person.name = str(int(person.name) + 1)
                session.add(SignInFailure(key=f"{thread}-{number}", at=NOW))

    with db.session(school, write=True) as session:
        session.scalars(select(Person).where(Person.login == "lin")).one().name = "0"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert sorted(failures(school)) == sorted(f"{thread}-{number}" for thread in range(8) for number in range(25))
    with db.session(school) as session:
        assert session.scalars(select(Person.name).where(Person.login == "lin")).one() == "200"


# Short writes together


def note(key: str) -> Callable[[Connection], str]:
    """A short write that says what it wrote."""

    def work(connection: Connection) -> str:
        connection.execute(insert(SignInFailure).values(key=key, at=NOW))
        return key

    return work


def test_short_writes_from_many_threads_are_all_kept_and_each_gets_its_own_result(school: db.School) -> None:
    keys = [f"key {number}" for number in range(120)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda key: db.together(school, note(key)), keys)) == keys
    assert sorted(failures(school)) == sorted(keys)


def test_what_waits_for_a_writer_is_committed_once(sqlite_school: db.School) -> None:
    commits: list[object] = []
    event.listen(sqlite_school.engine, "commit", commits.append)
    with ThreadPoolExecutor(5) as pool:
        with db.session(sqlite_school, write=True) as session:
            futures = [pool.submit(db.together, sqlite_school, note(f"key {number}")) for number in range(5)]
            wait_until(lambda: len(sqlite_school.shared._waiting) == 5)
            session.add(SignInFailure(key="the writer before", at=NOW))
        assert [future.result(10) for future in futures] == [f"key {number}" for number in range(5)]
    assert len(commits) == 2
    assert len(failures(sqlite_school)) == 6


def test_one_that_fails_raises_there_and_spoils_nobody_elses(sqlite_school: db.School) -> None:
    def fails(connection: Connection) -> None:
        note("half a write")(connection)
        raise ZeroDivisionError

    with ThreadPoolExecutor(5) as pool:
        with db.session(sqlite_school, write=True):
            bad = pool.submit(db.together, sqlite_school, fails)
            good = [pool.submit(db.together, sqlite_school, note(f"key {number}")) for number in range(4)]
            wait_until(lambda: len(sqlite_school.shared._waiting) == 5)
        with pytest.raises(ZeroDivisionError):
            bad.result(10)
        assert [future.result(10) for future in good] == [f"key {number}" for number in range(4)]
    assert sorted(failures(sqlite_school)) == [f"key {number}" for number in range(4)]
    assert db.together(sqlite_school, note("the next one")) == "the next one"


def test_a_short_write_that_fails_alone_is_run_once(school: db.School) -> None:
    runs: list[int] = []

    def fails(_: Connection) -> None:
        runs.append(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        db.together(school, fails)
    assert len(runs) == 1


# The writer lock


def test_threads_enter_in_the_order_of_their_arrival(tmp_path: Path) -> None:
    lock = db.WriterLock(tmp_path / "lock")
    entered: list[int] = []

    def enter(number: int) -> None:
        with lock.held():
            entered.append(number)

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(12)]
    with lock.held():
        for count, thread in enumerate(threads, 1):
            thread.start()
            wait_until(lambda count=count: len(lock._threads._waiting) == count)
    for thread in threads:
        thread.join(10)
    assert entered == list(range(12))


def wait_until(condition: Any) -> None:
    give_up = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up
        threading.Event().wait(0.001)


def test_a_failure_inside_sets_the_lock_free(tmp_path: Path) -> None:
    lock = db.WriterLock(tmp_path / "lock")
    with pytest.raises(ZeroDivisionError), lock.held():
        _ = 1 / 0
    with lock.held():
        pass


COUNT_UP = """
import sys, time
from pathlib import Path
from courseware import db
count, lock = Path(sys.argv[1]), db.WriterLock(Path(sys.argv[1] + "-lock"))
for _ in range(40):
    with lock.held():
        before = int(count.read_text())
        time.sleep(0.001)
        count.write_text(str(before + 1))
"""
WRITE_ROWS = """
import sys
from datetime import UTC, datetime
from courseware import db
from courseware.people.models import SignInFailure
school = db.connect(sys.argv[1])
for number in range(15):
    with db.session(school, write=True) as session:
        session.add(SignInFailure(key=f"{sys.argv[2]}-{number}", at=datetime.now(UTC)))
"""


def run_side_by_side(program: str, *arguments: tuple[str, ...]) -> None:
    """Run one small program several times at once; each has to end well within half a minute."""
    started = [subprocess.Popen([sys.executable, "-c", program, *each], cwd=Path(__file__).parents[1]) for each in arguments]
    assert [process.wait(30) for process in started] == [0] * len(started)


def test_processes_exclude_each_other(tmp_path: Path) -> None:
    """Each reads, waits a moment and writes one more: without a lock between processes counts are lost."""
    (tmp_path / "count").write_text("0")
    run_side_by_side(COUNT_UP, *[(str(tmp_path / "count"),)] * 2)
    assert (tmp_path / "count").read_text() == "80"


def test_processes_that_write_one_school_lose_nothing(sqlite_school: db.School) -> None:
    url = sqlite_school.engine.url.render_as_string(hide_password=False)
    run_side_by_side(WRITE_ROWS, (url, "one"), (url, "other"))
    assert sorted(failures(sqlite_school)) == sorted(f"{process}-{number}" for process in ("one", "other") for number in range(15))


# Schools


@pytest.fixture
def two_schools(postgres_url: str | None) -> Iterator[tuple[db.School, db.School]]:
    if postgres_url is None:
        pytest.skip("PostgreSQL is not installed")
    schools = [db.connect(postgres_url, postgres.fresh_school_name()) for _ in range(2)]
    for school in schools:
        storage.migrate(school)
    yield schools[0], schools[1]
    for school in schools:
        school.engine.dispose()
        postgres.drop(postgres_url, school.name)


@pytest.mark.postgresql
def test_two_schools_of_one_database_do_not_see_each_other(two_schools: tuple[db.School, db.School]) -> None:
    one, other = two_schools
    with db.session(one, write=True) as session:
        factories.make_cast(session, NOW)
    with db.session(other, write=True) as session:
        factories.make_person(session, NOW, "lin", Role.ADMINISTRATOR, "Another Lin")
    with db.session(one) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 8
        assert session.scalars(text("SELECT name FROM person WHERE login = 'lin'")).one() == "Lin Xiaoyu 林晓雨"  # plain SQL goes by search_path
    with db.session(other) as session:
        assert session.scalars(select(Person.name)).one() == session.scalars(text("SELECT name FROM person")).one() == "Another Lin"
        assert session.scalar(select(func.count()).select_from(Class)) == 0


@pytest.mark.parametrize("name", ["", "Main", "1st", "a-b", "a b", "a" * 32, 'x"; DROP SCHEMA public', "схема", "main\n"])
def test_a_schools_name_that_could_not_be_a_schema_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a school's name is small letters"):
        db.connect("sqlite:///x.sqlite", name)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite+other:///x", "mysql://u:secret@h/x", "postgresql+asyncpg://u:secret@h/x", "postgresql+psycopg://u:secret@h:port/x"]
)
def test_a_database_url_that_cannot_be_used_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///path\.sqlite or postgresql\+psycopg://") as refused:
        db.connect(url)
    assert "secret" not in str(refused.value)


def test_a_folder_that_is_missing_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        db.connect("sqlite:////gone/school.sqlite")
