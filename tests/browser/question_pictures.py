"""Take the pictures of docs/questions.md: the example of each kind, as a learner meets it on a phone. `make questions`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml
from playwright.sync_api import Browser

from courseware import shipped
from courseware.assessment.kinds import KINDS
from tests.browser.conftest import CHROMIUM
from tests.browser.demo import served, sign_in
from tests.questions_page import PICTURES, example_of

QUIZ = {"id": "examples", "title": {"en": "Examples", "zh": "示例"}, "attempts": 1, "behaviour": "deferred", "counts": "none", "forms": {"A": "examples-a"}}


def write(folder: Path, kinds: Sequence[str]) -> None:
    """Write the shipped course with one quiz more: the example of each kind."""
    for name in ("content", "quizzes", "case_studies"):
        shutil.copytree(shipped.folder(name), folder / name)
    form = {"id": "examples-a", "questions": [example_of(kind) for kind in kinds]}
    for file in (QUIZ, form):
        (folder / "quizzes" / f"{file['id']}.yaml").write_text(yaml.safe_dump(file, allow_unicode=True, sort_keys=False), encoding="utf-8")


def take(browser: Browser, address: str, kinds: Sequence[str]) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900}, color_scheme="light", locale="en-GB", has_touch=True, is_mobile=True)
    page = context.new_page()
    sign_in(page, address, "wuhao")
    page.goto(f"{address}/quizzes/{QUIZ['id']}")
    page.locator("form[action$='/start'] button").click()
    first = page.url.rpartition("/")[0]
    for place, kind in enumerate(kinds, 1):
        page.goto(f"{first}/{place}")
        top, bottom = (page.locator(part).bounding_box() for part in ("#answer", "#answer > .actions"))
        assert top and bottom
        page.screenshot(path=PICTURES / f"{kind}.png", full_page=True, clip={"x": 0, "y": top["y"] - 8, "width": 390, "height": bottom["y"] - top["y"]})
        print(kind)
    context.close()


def main() -> int:
    if CHROMIUM is None:
        print("no Chromium is installed", file=sys.stderr)
        return 1
    kinds = sys.argv[1:] or sorted(KINDS)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="courseware-pictures-") as name:
        folder = Path(name) / "course"
        write(folder, kinds)
        with served(folder) as (browser, address):
            take(browser, address, kinds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
