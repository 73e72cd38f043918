"""The interface in other languages: all of it said, every value in its place, nothing left over."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from courseware.i18n import LANGUAGES
from courseware.translations import FOLDER, strings
from courseware.translations.collect import collected, update

PLACE = re.compile(r"%\(\w+\)[a-z]")
LETTER = re.compile(r"[A-Za-z]")
ALIKE: frozenset[str] = frozenset()  # names that are written as in English


@pytest.fixture(params=LANGUAGES[1:])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def entries(language: str, folder: Path = FOLDER) -> list[Message]:
    with (folder / f"{language}.po").open("rb") as file:
        return [entry for entry in read_po(file, locale=language) if entry.id]


def told(language: str, folder: Path = FOLDER) -> dict[str, tuple[str, list[str], bool]]:
    """English → translation, the files it stands in, and whether it is marked as doubtful."""
    return {str(entry.id): (str(entry.string), sorted({file for file, _ in entry.locations}), entry.fuzzy) for entry in entries(language, folder)}


def places(text: str) -> list[str]:
    return sorted(PLACE.findall(text))


def test_every_collected_string_is_translated(language: str) -> None:
    assert sorted({text for _, _, text in collected()} - set(strings(language))) == []


def test_a_translation_has_the_places_of_its_english(language: str) -> None:
    assert {english: translated for english, translated in strings(language).items() if places(english) != places(translated)} == {}


def test_a_per_cent_sign_is_doubled_only_beside_places(language: str) -> None:
    for english, translated in strings(language).items():
        signs = set(re.findall("%+", PLACE.sub("", translated)))
        assert signs <= ({"%%"} if places(english) else {"%"}), translated


def test_nothing_with_words_is_left_in_english(language: str) -> None:
    same = {english for english, translated in strings(language).items() if english == translated}
    assert {english for english in same if LETTER.search(PLACE.sub("", english))} == ALIKE


def test_a_fresh_collection_changes_nothing_but_the_order(language: str, tmp_path: Path) -> None:
    shutil.copy(FOLDER / f"{language}.po", tmp_path)
    update(language, tmp_path / f"{language}.po")
    assert told(language, tmp_path) == told(language), "run `make translations` and fill in what is new"
