"""A browser that is killed while the line is down: what was typed two seconds before is there when it is opened again."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Playwright, sync_playwright

from courseware import db
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.chaos.audit import Verdict, audit
from tests.chaos.classroom import Seat
from tests.chaos.learners import Log

OLD = 2.0  # seconds that a text must have stood there


def trial(school: db.School, port: int, seats: list[Seat], folder: Path) -> tuple[Verdict, int, str]:
    """Type without a line, kill every process of the browser, open it again with the line back; give how many texts were lost."""
    lost = 0
    with sync_playwright() as playwright:
        for number, seat in enumerate(seats):
            text, profile = f"typed without a line {number}", folder / f"profile-{number}"
            with _opened(playwright, profile, port, seat) as context:
                fields = [_field(context, port, *place) for place in _places(seat)]
                context.set_offline(True)
                for field in fields:
                    field.press_sequentially(text, delay=20)
                time.sleep(OLD)
                _kill(profile)
            with _opened(playwright, profile, port, seat) as context:
                lost += sum(not _is_saved(context, port, *place, text) for place in _places(seat))
            shutil.rmtree(profile, ignore_errors=True)
    return audit(school, Log()), lost, f"{len(seats)} browsers killed {OLD:g} s after the last key; {lost} texts lost"


@contextlib.contextmanager
def _opened(playwright: Playwright, profile: Path, port: int, seat: Seat) -> Iterator[BrowserContext]:
    context = playwright.chromium.launch_persistent_context(str(profile), executable_path=CHROMIUM, args=ARGUMENTS, locale="en-GB")
    name, value = seat.cookie.split("=", 1)
    context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
    yield context
    with contextlib.suppress(Exception):  # of one that was killed
        context.close()


def _places(seat: Seat) -> list[tuple[str, str]]:
    """Where a learner types: an answer of a quiz, and a case answer."""
    return [(f"/attempts/{seat.attempt}/1", "#answer input[type=text]"), ("/cases/CS2", "#text")]


def _field(context: BrowserContext, port: int, path: str, field: str) -> Locator:
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}{path}")
    return page.locator(field).first


def _is_saved(context: BrowserContext, port: int, path: str, field: str, text: str) -> bool:
    typed = _field(context, port, path, field)
    with contextlib.suppress(Exception):
        typed.page.locator("#receipt", has_text=re.compile(r"Saved \d\d:")).wait_for(timeout=8000)
    typed.page.reload()
    return typed.input_value() == text


def _kill(profile: Path) -> None:
    """Kill the processes of the browser that has this profile open: those whose command line names it, and no other."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"--user-data-dir={profile}".encode() in (process / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)
