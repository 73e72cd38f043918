"""Draw a paper from pools by a blueprint: so many questions of an objective, a difficulty, a level. What is frozen of them is papers.py's business."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Annotated, Literal

from pydantic import Field

from courseware.assessment.questions import Model, Points, QuestionSource

Share = Annotated[float, Field(ge=0, le=1)]
UNKNOWN = -1.0


class Line(Model):
    """One line of a blueprint: which questions of the pools it may draw, and how many. Both ends of `difficulty` belong to it."""

    objective: str
    difficulty: tuple[Share, Share] = (0.0, 1.0)
    level: Literal["remember", "understand", "apply", "analyse"] | None = None
    points: Points | None = None
    count: int = Field(ge=1, le=100)

    def fits(self, source: QuestionSource) -> bool:
        raw = source.raw
        easiest, hardest = self.difficulty
        return (
            raw.get("objective") == self.objective
            and easiest <= number_of(source, "difficulty") <= hardest
            and self.level in (None, raw.get("level"))
            and self.points in (None, number_of(source, "points"))
        )


def number_of(source: QuestionSource, key: str) -> float:
    """A number of a question as written; UNKNOWN where a template works it out, which no line then fits."""
    value = source.raw.get(key)
    return float(value) if isinstance(value, int | float) else UNKNOWN


def family_of(source: QuestionSource) -> str:
    """What only one question of a paper may belong to: twins in form A and B name the same family; a question without is a family of its own."""
    return str(source.raw.get("family") or f"question {source.id}")


def draw(lines: Sequence[Line], sources: Sequence[QuestionSource], rng: Random) -> list[QuestionSource]:
    """Draw the questions of all lines, line by line: none twice, and of each family one at most. Raises ValueError if the pools cannot fill the lines."""
    slots = [line for line in lines for _ in range(line.count)]
    drawn = _match(slots, sources, rng)
    if len(drawn) < len(slots):
        raise ValueError(f"the pools fill {len(drawn)} of the {len(slots)} places of the blueprint")
    return [drawn[place] for place in range(len(slots))]


def _match(slots: Sequence[Line], sources: Sequence[QuestionSource], rng: Random) -> dict[int, QuestionSource]:
    """Fill as many places as can be filled, in random order: a place that finds all its families taken moves another one on (augmenting paths after H. W. Kuhn, 1955)."""
    choices = [rng.sample(fitting, len(fitting)) for line in slots for fitting in [[source for source in sources if line.fits(source)]]]
    taken: dict[str, int] = {}
    drawn: dict[int, QuestionSource] = {}

    def place(slot: int, tried: set[str]) -> bool:
        for source in choices[slot]:
            family = family_of(source)
            if family not in tried:
                tried.add(family)
                if family not in taken or place(taken[family], tried):
                    taken[family], drawn[slot] = slot, source
                    return True
        return False

    for slot in rng.sample(range(len(slots)), len(slots)):
        place(slot, set())
    return drawn


def faults(lines: Sequence[Line], sources: Sequence[QuestionSource]) -> Iterator[tuple[int | None, str]]:
    """Find what keeps a blueprint from giving fair papers: as (line, or None for all of them together; sentence)."""
    found = False
    for index, line in enumerate(lines):
        fitting = [source for source in sources if line.fits(source)]
        families = {family_of(source) for source in fitting}
        if len(families) < line.count:
            found = True
            yield index, f"{line.count} questions of {line.objective} are to be drawn, and the pools hold {len(families)} that fit"
        worth = sorted({number_of(source, "points") for source in fitting})
        if len(worth) > 1:
            seen = ", ".join(f"{points:g}" for points in worth)
            yield index, f"the questions that fit are worth {seen} points; papers would differ in their sum: say with `points` which are meant"
    slots = [line for line in lines for _ in range(line.count)]
    if not found and (filled := len(_match(slots, sources, Random(0)))) < len(slots):  # how many can be filled does not depend on the order
        yield None, f"the lines share questions: together the pools fill {filled} of {len(slots)} places"


def size(lines: Sequence[Line], sources: Sequence[QuestionSource]) -> tuple[int, float]:
    """How many questions a paper of this blueprint has, and how many points: every paper has the same."""
    worth = [next((number_of(source, "points") for source in sources if line.fits(source)), 0.0) for line in lines]
    return sum(line.count for line in lines), sum(line.count * points for line, points in zip(lines, worth, strict=True))
