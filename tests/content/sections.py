"""What the tests of single modules share: the text of a section and of a figure, and looking figures up in a section."""

from __future__ import annotations

import re

from courseware.i18n import LANGUAGES
from courseware.shipped import root

MODULES = root() / "content/modules"


def text(section: str, language: str) -> str:
    module = section.partition(".")[0]
    return (MODULES / f"m{module}/{section}.{language}.md").read_text(encoding="utf-8")


def drawn(figure: str, language: str) -> str:
    """Give the drawing of a figure ("5-1") as it is written."""
    module = figure.partition("-")[0]
    return (MODULES / f"m{module}/figures/fig-{figure}.{language}.svg").read_text(encoding="utf-8")


def says(section: str, *figures: str) -> None:
    """Look figures up in a section, in both languages; commas between thousands do not count, ÷ is as good as /."""
    for language in LANGUAGES:
        written = text(section, language).replace(",", "").replace("÷", "/")
        for figure in (figure.replace("÷", "/") for figure in figures):
            assert re.search(rf"(?<![\d.]){re.escape(figure)}(?!\d)", written), (section, language, figure)
