"""The fixed cast, a published course, and a school of its own for every test: SQLite always, PostgreSQL where it is found."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from courseware import clock, db, storage
from courseware.compile import Course
from courseware.course.revisions import read_folder, store
from courseware.people import actions
from courseware.people.access import Who
from courseware.shipped import root
from courseware.web.app import create_app
from courseware.web.site import Site
from tests import factories, postgres

NOW = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bases")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str | None]:
    """A private PostgreSQL server on a socket in a temporary folder, or None where its programs are not installed."""
    yield from postgres.server()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated school with the cast and the shipped course, copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    school = db.connect(f"sqlite:///{folder / 'school.sqlite'}")
    storage.migrate(school)
    _fill(school)
    with school.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    school.engine.dispose()
    return folder / "school.sqlite"


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str | None) -> str | None:
    """The same as a database of PostgreSQL, copied for each test as well."""
    if postgres_url is None:
        return None
    url = postgres.add_database(postgres_url, "template_school")
    school = db.connect(url)
    storage.migrate(school)
    _fill(school)
    school.engine.dispose()
    return url


def _fill(school: db.School) -> None:
    with db.session(school, write=True) as session:
        factories.make_cast(session, NOW)
        store(session, read_folder(root()), NOW)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def school(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[db.School]:
    """A school with the cast and the course. Tests that take it run on both engines."""
    if request.param == "sqlite":
        yield from _sqlite(request, tmp_path)
        return
    template = request.getfixturevalue("postgres_template")
    if template is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.copied(template) as url:
        made = db.connect(url)
        yield made
        made.engine.dispose()


def _sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[db.School]:
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "school.sqlite")
    made = db.connect(f"sqlite:///{tmp_path / 'school.sqlite'}")
    yield made
    made.engine.dispose()


@pytest.fixture
def sqlite_school(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[db.School]:
    """The same on SQLite alone, for what only SQLite has."""
    yield from _sqlite(request, tmp_path)


@pytest.fixture
def session(school: db.School) -> Iterator[Session]:
    """A write session, rolled back at the end."""
    with db.session(school, write=True) as opened:
        yield opened
        opened.rollback()


@pytest.fixture(scope="session")
def course(bases: Path) -> Course:
    """The shipped course."""
    from courseware import compile

    return compile.build(read_folder(root()), revision=1, bases=bases)


_compiled: OrderedDict[tuple[int, int], Course] = OrderedDict()


class KeptSite(Site):
    """A site that compiles the same files once a test process: many tests publish the same change."""

    def _compiled(self, id: int, tree: Mapping[str, bytes]) -> Course:
        mark = (id, hash(frozenset(tree.items())))
        if mark not in _compiled:
            _compiled[mark] = super()._compiled(id, tree)
        _compiled.move_to_end(mark)
        while len(_compiled) > 8:
            _compiled.popitem(last=False)
        return _compiled[mark]


@pytest.fixture
def site(school: db.School, bases: Path) -> Site:
    made = KeptSite(school, bases.parent)
    made.course()
    return made


_apps: list[flask.Flask] = []


@pytest.fixture
def app(site: Site) -> flask.Flask:
    """The application, made once a test process, serving the school of this test."""
    if not _apps:
        _apps.append(create_app(site, "a secret key for tests, long enough to be one"))
    _apps[0].testing = False  # errors become pages, as in production
    _apps[0].extensions["courseware"] = site
    return _apps[0]


@dataclass
class Browser:
    """A Flask client that reads the token of the form it sends, as a browser would."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, **options: Any) -> Any:
        answer = self.client.get(path, **options)
        self._remember(answer)
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        if "json" in options:
            options.setdefault("headers", {})["X-CSRFToken"] = self.token
        else:
            data = {"csrf_token": self.token, **(data or {})}
        answer = self.client.post(path, data=data, **options)
        self._remember(answer)
        return answer

    def signed_in(self, token: str) -> Browser:
        with self.client.session_transaction() as kept:
            kept["token"] = token
        self.get("/account")
        return self

    def _remember(self, answer: Any) -> None:
        if "html" in (answer.content_type or "") and 'name="csrf_token" value="' in answer.text:
            self.token = answer.text.split('name="csrf_token" value="')[1].split('"')[0]


@pytest.fixture
def browser(app: flask.Flask, school: db.School) -> Any:
    """Open a browser for a login of the cast (`browser("li")`), with a session begun for it, or for nobody (`browser()`)."""

    def opened(login: str | None = None) -> Browser:
        made = Browser(app.test_client())
        if login is None:
            return made
        with db.session(school, write=True) as session:
            token = actions.begin_session(session, person_id=factories.person(session, login).id, now=clock.now())
        return made.signed_in(token)

    return opened


@pytest.fixture
def who(school: db.School) -> Any:
    """Give the Who of a login of the cast."""

    def found(login: str) -> Who:
        with db.session(school) as session:
            return factories.who(session, login)

    return found


@pytest.fixture
def statements(school: db.School) -> Iterator[list[str]]:
    """The SQL statements sent while the test runs; clear it before what is counted."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            sent.append(statement)

    event.listen(school.engine, "before_cursor_execute", note)
    yield sent
    event.remove(school.engine, "before_cursor_execute", note)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgresql: needs PostgreSQL's programs")
    config.addinivalue_line("markers", "browser: needs a Chromium")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what was left out, and why."""
    left_out: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = (report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)).removeprefix("Skipped: ")
        left_out[reason] = left_out.get(reason, 0) + 1
    for reason, count in left_out.items():
        terminalreporter.write_line(f"LEFT OUT: {count} tests: {reason}", red=True, bold=True)
    if not left_out:
        terminalreporter.write_line("Nothing was left out.", green=True)
