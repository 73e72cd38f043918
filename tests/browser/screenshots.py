"""Take the pictures of README and docs from a fresh demo: `make screenshots`. Each page at two widths, light and dark."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from courseware import shipped
from tests.browser.conftest import CHROMIUM
from tests.browser.demo import served, sign_in

PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
KEPT = ("section-light-1440", "record-light-1440", "report-light-1440", "quiz-dark-390", "mastery-light-1440", "grading-light-1440", "gradebook-light-1440")


def section(page: Page, address: str) -> None:
    page.goto(f"{address}/learn/1.3")


def record(page: Page, address: str) -> None:
    """SC31 begun, the call's transcript beside the panel."""
    page.goto(f"{address}/practise/SC31")
    start = page.locator("form[action$='/start'] button")
    if start.count():
        start.first.click()
    else:
        page.locator("a[href^='/practise/runs/']").first.click()
    page.locator("a[href*='/dossiers/'], a[href*='/contacts/']").first.click()


def report(page: Page, address: str) -> None:
    page.goto(f"{address}/practise/SC31")
    page.locator("a[href$='/report']").first.click()


def quiz(page: Page, address: str) -> None:
    page.goto(f"{address}/quizzes/m1")
    page.locator("form[action$='/start'] button, a[href^='/attempts/']").first.click()


def mastery(page: Page, address: str) -> None:
    page.goto(f"{address}/progress/K1.2")


def grading(page: Page, address: str) -> None:
    page.goto(f"{address}/grade")
    page.locator("a[href^='/grade/']").first.click()


def gradebook(page: Page, address: str) -> None:
    page.goto(f"{address}/classes/1/gradebook")


# Who takes which picture, in this order: the quiz is begun by someone who has not.
SCENES: dict[str, tuple[str, Callable[[Page, str], None]]] = {
    "section": ("lin", section), "report": ("bailu", report), "record": ("wuhao", record), "quiz": ("wuhao", quiz),
    "mastery": ("lin", mastery), "grading": ("chen", grading), "gradebook": ("chen", gradebook),
}  # fmt: skip


def take(browser: Browser, address: str, folder: Path, *, all_: bool) -> None:
    for name, (login, scene) in SCENES.items():
        for scheme in ("light", "dark"):
            for width in (1440, 390):
                picture = f"{name}-{scheme}-{width}"
                if not all_ and picture not in KEPT:
                    continue
                context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB")
                page = context.new_page()
                sign_in(page, address, login)
                scene(page, address)
                page.screenshot(path=folder / f"{picture}.png", full_page=all_)
                print(picture)
                context.close()


def main() -> int:
    """With a folder as argument all pictures go there, whole pages; without, the kept ones go to docs/pictures."""
    if CHROMIUM is None:
        print("no Chromium is installed", file=sys.stderr)
        return 1
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with served(shipped.root()) as (browser, address):
        take(browser, address, folder, all_=len(sys.argv) > 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
