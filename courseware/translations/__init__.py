"""The interface in other languages than English: one catalogue a language, read as text, and the collector of strings."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent


@cache
def strings(language: str) -> dict[str, str]:
    """English → the language, for every string that is translated. English has no catalogue and needs none."""
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file)
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string and not entry.fuzzy}
