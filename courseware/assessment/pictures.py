"""Put the figures that questions name into them, so that a question is whole by itself and pinned with its revision. What a figure may hold is the business of course."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from courseware.expressions import Path
from courseware.i18n import LANGUAGES

FOLDERS = ("content/modules/{0}/figures/{1}", "case_studies/{0}/figures/{1}")
"""Where `m1/fig-1-2` may stand. A name without a folder stands in quizzes/figures."""


def with_pictures(data: Any, tree: Mapping[str, bytes], fault: Callable[[Path, str], None]) -> Any:
    """Give the data of a quiz file with the SVG of each language in the place of the name under `picture`. A name without a file is told."""
    if not isinstance(data, Mapping) or not isinstance(data.get("questions"), list):
        return data
    return {**data, "questions": [_question(raw, tree, fault, ("questions", index)) for index, raw in enumerate(data["questions"])]}


def _question(raw: Any, tree: Mapping[str, bytes], fault: Callable[[Path, str], None], place: Path) -> Any:
    if not isinstance(raw, Mapping):
        return raw
    if isinstance(raw.get("parts"), list):
        return {**raw, "parts": [_question(part, tree, fault, (*place, "parts", index)) for index, part in enumerate(raw["parts"])]}
    if not isinstance(raw.get("picture"), str):
        return raw
    found = {language: tree[path].decode(errors="replace") for language in LANGUAGES for path in _paths(raw["picture"], language) if path in tree}
    if "en" not in found:
        fault((*place, "picture"), f"there is no figure {raw['picture']!r}: no file {' or '.join(_paths(raw['picture'], 'en'))}")
        return raw
    return {**raw, "picture": found}


def _paths(name: str, language: str) -> Iterator[str]:
    folder, slash, stem = name.partition("/")
    names = [pattern.format(folder, stem) for pattern in FOLDERS] if slash else [f"quizzes/figures/{name}"]
    return (f"{path}.{language}.svg" for path in names)
