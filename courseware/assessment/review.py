"""What a learner may see of an attempt, and when: seven things in four phases. Whether the mark is there yet is the business of its status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator

from courseware.assessment.questions import Model
from courseware.i18n import message

RIGHT_AFTER = timedelta(minutes=2)  # Moodle's span


class Thing(StrEnum):
    """What can be shown. `attempt` is one's own answers; `overall` is what the attempt says about the objectives."""

    ATTEMPT = "attempt"
    CORRECTNESS = "correctness"
    MARKS = "marks"
    SPECIFIC = "specific"
    GENERAL = "general"
    RIGHT = "right"
    OVERALL = "overall"


class Phase(StrEnum):
    """When: while one answers, within two minutes of the hand-in, later while the quiz is open, after it closed."""

    DURING = "during"
    AFTER = "after"
    LATER = "later"
    CLOSED = "closed"


Things = tuple[Thing, ...]
ALL: Things = tuple(Thing)

THING_WORDS = {
    Thing.ATTEMPT: message("your answers"),
    Thing.CORRECTNESS: message("whether each is right"),
    Thing.MARKS: message("the points"),
    Thing.SPECIFIC: message("feedback on your answers"),
    Thing.GENERAL: message("explanations"),
    Thing.RIGHT: message("the right answers"),
    Thing.OVERALL: message("what it says about your objectives"),
}


@dataclass(frozen=True)
class Shown:
    """What may be seen now. Templates ask it by name."""

    attempt: bool = False
    correctness: bool = False
    marks: bool = False
    specific: bool = False
    general: bool = False
    right: bool = False
    overall: bool = False
    question: bool = True
    """Whether the question stands above the answer; not where it stands on the page anyway."""

    @classmethod
    def of(cls, things: Things) -> Shown:
        return cls(**{thing.value: True for thing in things})

    def while_open(self) -> Shown:
        """What of it may be seen of a question that still takes answers: nothing that could tell the key."""
        return Shown(self.attempt, self.correctness, self.marks, self.specific, question=False)


EVERYTHING = Shown.of(ALL)


class Review(Model):
    """What is shown in each phase. While one answers it concerns questions that were checked."""

    during: Things = ()
    after: Things = ()
    later: Things = ()
    closed: Things = ()

    def things(self, phase: Phase) -> Things:
        things: Things = getattr(self, str(phase))
        return things

    def shown(self, phase: Phase) -> Shown:
        return Shown.of(self.things(phase))

    @property
    def changes(self) -> bool:
        """Whether more or less is shown as time goes by after the hand-in."""
        return not set(self.after) == set(self.later) == set(self.closed)

    def released_by(self, phase: Phase) -> bool:
        """Whether a marked attempt has been released by itself up to this phase."""
        return any(self.releases(one) for one in list(Phase)[: list(Phase).index(phase) + 1])

    def releases(self, phase: Phase) -> bool:
        """Whether a marked attempt is released in this phase: the learner may see its points."""
        return phase != Phase.DURING and Thing.MARKS in self.things(phase)


PRESETS: Mapping[str, Review] = {
    "learn": Review(during=ALL, after=ALL, later=ALL, closed=ALL),
    "practice-exam": Review(
        after=(Thing.ATTEMPT, Thing.CORRECTNESS, Thing.MARKS, Thing.OVERALL), later=(Thing.ATTEMPT, Thing.CORRECTNESS, Thing.MARKS, Thing.OVERALL), closed=ALL
    ),
    "exam": Review(after=(Thing.ATTEMPT,), later=(Thing.ATTEMPT,), closed=ALL),
}


def read_review(data: Any) -> Any:
    """Read review options: the name of a preset, or a mapping from phase to things. Raises ValueError for an unknown name."""
    if isinstance(data, str):
        if data not in PRESETS:
            raise ValueError(f"unknown review {data!r}; known: {', '.join(PRESETS)}, or a list of things for each of {', '.join(Phase)}")
        return PRESETS[data]
    return data


AnyReview = Annotated[Review, BeforeValidator(read_review)]
"""Review options as a field of a model, written as a preset's name or as `{after: [attempt, marks], closed: [attempt, marks, right]}`."""


def phase_of(submitted_at: datetime | None, closes_at: datetime | None, now: datetime) -> Phase:
    """Give the phase of an attempt. Without a closing date a quiz stays open."""
    if submitted_at is None:
        return Phase.DURING
    if closes_at is not None and now >= closes_at:
        return Phase.CLOSED
    return Phase.AFTER if now < submitted_at + RIGHT_AFTER else Phase.LATER


@dataclass(frozen=True)
class Opening:
    """What is not shown yet, and from when on it is; `at` is None where the quiz has no closing date."""

    things: Things
    at: datetime | None


def still_to_open(review: Review, phase: Phase, submitted_at: datetime, closes_at: datetime | None) -> list[Opening]:
    """Say what the later phases will show that this one does not, each thing once, at its first moment."""
    found: list[Opening] = []
    seen = set(review.things(phase))
    for later, at in ((Phase.LATER, submitted_at + RIGHT_AFTER), (Phase.CLOSED, closes_at)):
        if later in list(Phase)[: list(Phase).index(phase) + 1]:
            continue
        if new := tuple(thing for thing in Thing if thing in review.things(later) and thing not in seen):
            found.append(Opening(new, at))
            seen |= set(new)
    return found
