"""A demo that is served for as long as its pictures are taken."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from courseware import db, storage
from courseware.cli import simulated
from courseware.cli.content import publish
from courseware.web.app import create_app
from courseware.web.site import Site
from tests.browser.conftest import ARGUMENTS, CHROMIUM, listening


@contextmanager
def served(course: Path) -> Iterator[tuple[Browser, str]]:
    """Give a browser, and the address of a school with this course and the demo's people."""
    with tempfile.TemporaryDirectory(prefix="courseware-pictures-") as name:
        school = db.connect(f"sqlite:///{Path(name) / 'school.sqlite'}")
        storage.migrate(school)
        publish(school, course)
        site = Site(school, Path(name))
        simulated.make(site)
        app = create_app(site, "the key of a school that lives for a minute", demo=True)
        with listening(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            yield browser, address
            browser.close()


def sign_in(page: Page, address: str, login: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("Sign-in name").fill(login)
    page.get_by_label("Password").fill(simulated.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
