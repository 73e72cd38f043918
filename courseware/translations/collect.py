"""Collect every interface string from code and templates into the catalogues: `make translations`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from courseware.i18n import LANGUAGES
from courseware.translations import FOLDER

METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"_": None, "message": None, "translate": None}


def collected() -> Iterator[tuple[str, int, str]]:
    """Every string with the file and line it stands in."""
    found = extract_from_dir(FOLDER.parent, method_map=METHODS, options_map={"**.html": {"trimmed": "true"}}, keywords=KEYWORDS, directory_filter=lambda _: True)  # also folders that begin with _
    for file, line, text, _, _ in found:
        if isinstance(text, str) and text:
            yield file, line, text


def update(language: str, path: Path) -> tuple[int, int]:
    """Bring a catalogue up to date, dropping what is no longer said; give how many strings there are, and how many lack a translation."""
    template = Catalog(project="courseware")
    for file, _, text in sorted(collected()):
        template.add(text, locations=[(file, 0)])
    catalogue = Catalog(locale=language, project="courseware", charset="utf-8")
    if path.exists():
        with path.open("rb") as file_:
            catalogue = read_po(file_, locale=language)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)  # a date would change with every run
    catalogue.obsolete.clear()
    with path.open("wb") as file_:
        write_po(file_, catalogue, width=120, omit_header=False, sort_output=True, include_lineno=False)
    entries = [entry for entry in catalogue if entry.id]
    return len(entries), sum(not entry.string for entry in entries)


def main() -> int:
    for language in LANGUAGES[1:]:
        count, missing = update(language, FOLDER / f"{language}.po")
        print(f"{language}: {count} strings, {missing} without a translation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
