"""A real server on loopback and a real Chromium. Every page a journey visits is looked over by axe."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask
import pytest
import waitress.server
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from waitress import wasyncore

from courseware import db

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the journeys; they stand in one file, so that one worker opens one browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@contextmanager
def listening(app: flask.Flask) -> Iterator[str]:
    """Serve an application on a free port; give its address."""
    channels: dict[int, Any] = {}
    server = waitress.server.create_server(app, map=channels, host="127.0.0.1", port=0, threads=6)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown()  # what a page left on its way is answered first
    server.trigger.pull_trigger(lambda: wasyncore.close_all(channels))  # by the thread that waits on them, which then ends
    thread.join(5)
    assert not thread.is_alive(), "the server did not stop"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def school(sqlite_school: db.School) -> db.School:
    """The journeys look at pages; what the engines do differently shows below them."""
    return sqlite_school


@pytest.fixture
def address(app: flask.Flask) -> Iterator[str]:
    """The application, served on a free port."""
    with listening(app) as served:
        yield served


@dataclass
class Traveller:
    """A person at a browser. `look` lets axe judge the page as it stands and collects what the console complained of."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    lost_line: bool = False

    def lose_line(self, addresses: str = "") -> None:
        """Let nothing through to such addresses, or nothing at all. From here on the console may say that requests fail: a retry comes when it likes."""
        self.lost_line = True
        if addresses:
            self.page.route(addresses, lambda route: route.abort())
        else:
            self.page.context.set_offline(True)

    def hear(self, complaint: str) -> None:
        if not (self.lost_line and "net::ERR_" in complaint):
            self.complaints.append(complaint)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.look()

    def sign_in(self, login: str) -> None:
        self.go("/sign-in")
        self.page.get_by_label("Sign-in name").fill(login)
        self.page.get_by_label("Password").fill("demo-demo")
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name="Sign out").wait_for()
        self.look()

    def look(self) -> None:
        found = Axe().run(self.page).response["violations"]
        told = [f"{self.page.url}: {violation['id']}: {node['html'][:200]}" for violation in found for node in violation["nodes"]]
        assert not told, "\n".join(told)
        assert not self.complaints, self.complaints
        width = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], f"{self.page.url} is wider than the screen: {width}"


@pytest.fixture
def travel(chromium: Browser, address: str) -> Iterator[object]:
    """Begin a journey: `travel(width)` gives a Traveller with a browser profile of their own; with `phone` the screen is that of one and takes touches."""
    contexts = []

    def begin(width: int = 1280, scheme: str = "light", phone: bool = False) -> Traveller:
        size = {"width": width, "height": 844 if phone else 900}
        context = chromium.new_context(viewport=size, color_scheme=scheme, locale="en-GB", has_touch=phone, is_mobile=phone)
        contexts.append(context)
        page = context.new_page()
        traveller = Traveller(page, address)
        page.on("console", lambda message: traveller.hear(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: traveller.hear(str(error)))
        page.set_default_timeout(15_000)
        return traveller

    yield begin
    for context in contexts:
        context.close()
