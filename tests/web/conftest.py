"""What tests of pages share: a learner, her class, a run of hers, the clock, rows of the school, and changes behind the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from courseware import clock, db
from courseware.assessment.models import QuizAttempt
from courseware.course.revisions import read_folder, store
from courseware.people.models import Class
from courseware.shipped import root
from courseware.web.site import Site
from tests.conftest import NOW, Browser
from tests.web import practising


@pytest.fixture
def lin(browser: Any) -> Browser:
    made: Browser = browser("lin")
    return made


@pytest.fixture
def group(site: Site) -> int:
    """The class that lin is in."""
    with db.session(site.school) as session:
        return session.scalars(select(Class.id).where(Class.code == "KF26-2")).one()


@pytest.fixture
def run(lin: Browser) -> str:
    """The address of a run of SC31, just begun."""
    return practising.begin(lin)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the server's clock."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def rows(site: Site) -> Callable[[Any], list[Any]]:
    def found(query: Any) -> list[Any]:
        with db.session(site.school) as session:
            return list(session.scalars(query).all())

    return found


@pytest.fixture
def publish(site: Site) -> Callable[..., None]:
    """Publish the shipped course with one of its files changed."""

    def published(change: Callable[[str, bytes], bytes]) -> None:
        tree = {path: change(path, content) for path, content in read_folder(root()).items()}
        with db.session(site.school, write=True) as session:
            store(session, tree, NOW)
        site._looked = -10.0

    return published


@pytest.fixture
def change_attempt(site: Site) -> Callable[..., None]:
    def changed(**values: Any) -> None:
        with db.session(site.school, write=True) as session:
            session.execute(update(QuizAttempt).values(**values))

    return changed
