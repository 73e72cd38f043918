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
from typing import Any

from playwright.sync_api import BrowserContext, Playwright, sync_playwright

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
                page = context.new_page()
                page.goto(f"http://127.0.0.1:{port}/attempts/{seat.attempt}/1")
                context.set_offline(True)
                page.locator("#answer input[type=text]").first.press_sequentially(text, delay=20)
                time.sleep(OLD)
                _kill(profile)
            with _opened(playwright, profile, port, seat) as context:
                lost += not _is_saved(context, port, seat, text)
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


def _is_saved(context: Any, port: int, seat: Seat, text: str) -> bool:
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/attempts/{seat.attempt}/1")
    with contextlib.suppress(Exception):
        page.locator("#receipt", has_text=re.compile(r"Saved \d\d:")).wait_for(timeout=8000)
    page.reload()
    return bool(page.locator("#answer input[type=text]").first.input_value() == text)


def _kill(profile: Path) -> None:
    """Kill the processes of the browser that has this profile open: those whose command line names it, and no other."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"--user-data-dir={profile}".encode() in (process / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)
