"""A private PostgreSQL server for tests, in a temporary folder, reached by its socket only."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

_numbers = itertools.count(1)


def programs() -> Path | None:
    """The folder with initdb and pg_ctl, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).parent if on_path else None


def server() -> Iterator[str | None]:
    """Start a server, give its URL, stop it at the end. Its folder is not pytest's: each pytest that starts closes that to others."""
    bin_ = programs()
    if bin_ is None:
        yield None
        return
    memory = Path("/dev/shm")  # each test copies a database of 11 MB: in memory where there is enough
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**31
    with tempfile.TemporaryDirectory(prefix="courseware-postgres-", dir=memory if roomy else None) as folder:
        yield from _running(bin_, Path(folder))


def _running(bin_: Path, folder: Path) -> Iterator[str]:
    """It refuses to run as root, so root starts it as nobody."""
    folder.chmod(0o777)
    as_user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    data = folder / "data"
    # fsync stays on for durability tests elsewhere; here speed counts and the data is thrown away
    subprocess.run([*as_user, bin_ / "initdb", "-D", data, "-U", "school", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    options = f"-c listen_addresses='' -k {folder} -c fsync=off -c max_wal_size=256MB -c max_connections=60"
    subprocess.run([*as_user, bin_ / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    try:
        yield f"postgresql+psycopg://school@/postgres?host={folder}"
    finally:
        subprocess.run([*as_user, bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd=folder)


def fresh_school_name() -> str:
    return f"school_{os.getpid()}_{next(_numbers)}"


def add_database(url: str, name: str, template: str = "template0") -> str:
    """Make a database on the server of a URL, empty or as a copy of one that nobody is connected to; give its URL."""
    _administer(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')  # three times as quick as the usual way
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@contextlib.contextmanager
def copied(template: str) -> Iterator[str]:
    """A copy of a database for one test."""
    name = fresh_school_name()
    yield add_database(template, name, str(make_url(template).database))
    _administer(template, f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(url: str, statement: str) -> None:
    engine = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


def drop(url: str, name: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f'DROP SCHEMA "{name}" CASCADE'))
    engine.dispose()
