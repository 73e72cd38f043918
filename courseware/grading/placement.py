"""What a placement test says of each section: it may be skipped, or is to be read, and why. It gives no evidence and no mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FEWEST = 2
"""Questions right that let a section be skipped: one alone is too easily guessed."""


@dataclass(frozen=True)
class Asked:
    """How many questions about an objective were put, and how many of them were answered fully right."""

    objective: str
    right: int
    questions: int

    @property
    def is_full(self) -> bool:
        return self.right == self.questions


@dataclass(frozen=True)
class Advice:
    """The advice for one section, and the objectives of it that were asked about."""

    section: str
    may_skip: bool
    asked: tuple[Asked, ...]


def advise(sections: Mapping[str, Iterable[str]], answers: Iterable[tuple[str, bool]]) -> list[Advice]:
    """Give the advice for every section that was asked about, in their order.

    `sections` maps each section to its objectives; `answers` are objective and whether the answer was fully right. A section may be
    skipped where every question about its objectives was fully right, and there were at least two.
    """
    given: dict[str, list[bool]] = {}
    for objective, is_right in answers:
        given.setdefault(objective, []).append(is_right)
    found = []
    for section, objectives in sections.items():
        asked = tuple(Asked(code, sum(given[code]), len(given[code])) for code in objectives if code in given)
        if asked:
            found.append(Advice(section, all(one.is_full for one in asked) and sum(one.questions for one in asked) >= FEWEST, asked))
    return found
