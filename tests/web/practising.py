"""What tests of the practice CRM share: begin a run, find it, count rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from courseware import db
from courseware.sandbox.base import GENERATORS
from courseware.sandbox.models import SandboxAttempt
from courseware.web.site import Site
from tests.conftest import Browser

FILLED = {generate.__name__ for generate in GENERATORS}  # the other tables have rows in scenarios alone


def begin(learner: Browser, scenario: str = "SC31") -> str:
    """Begin a run and give its address."""
    answer = learner.post(f"/practise/{scenario}/start")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def attempt_of(site: Site, run: str) -> SandboxAttempt:
    with db.session(site.school) as session:
        return session.get_one(SandboxAttempt, int(run.rsplit("/", 1)[1]))


def count(site: Site, *where: Any) -> int:
    with db.session(site.school) as session:
        return session.scalar(select(func.count()).where(*where)) or 0
