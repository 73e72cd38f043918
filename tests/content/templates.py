"""What the tests of templates share: variants of a question, and reading what they tell a learner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.content.question_files import QUESTIONS

SEEDS = range(60)


def variants(*ids: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give sixty variants of each template: its English text, and itself, or of a case its parts by id."""
    for data in (QUESTIONS[id].data(seed) for id in ids for seed in SEEDS):
        yield (data["situation"]["en"], {part["id"]: part for part in data["parts"]}) if "parts" in data else (data["stem"]["en"], data)


def cells(written: str) -> list[list[str]]:
    """Give the rows of the tables in a text, without the head of the first."""
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in written.splitlines() if line.startswith("|")][2:]


def right(part: Mapping[str, Any]) -> str:
    """Give the text of the one right option."""
    (option,) = (option for option in part["options"] if option.get("right"))
    return str(option["text"]["en"])
