"""Falling points: each try adds what it does better, at a falling price, as in PrairieLearn's exams. Penalties belong to interactive and adaptive."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from courseware.assessment.tries import BEHAVIOURS, Behaviour, Share, Tried
from courseware.i18n import Message, message

SHARES = (1.0, 0.7, 0.5)


class Falling(Behaviour):
    """As many tries as there are shares; try k adds (its fraction − the best so far) × share k, if it is better.

    `shares` (default [1, .7, .5]) are parts of the question's points and never rise: PrairieLearn's list [10, 7, 5] is [1, .7, .5]. Nobody loses
    by trying again, an improvement always earns something, and a later one always less.

    Example: `behaviour: {kind: falling, shares: [1, .7, .5]}`: 60 % right, then all right gives .6 × 1 + .4 × .7 = .88.
    """

    checks: ClassVar[bool] = True
    label: ClassVar[Message] = message("several tries at falling points")
    kind: Literal["falling"] = "falling"
    shares: tuple[Share, ...] = Field(default=SHARES, min_length=1, max_length=20)

    @field_validator("shares")
    @classmethod
    def _never_rise(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        if any(later > earlier for earlier, later in pairwise(shares)):
            raise ValueError("shares must not rise from one try to the next, such as [1, .7, .5]")
        return shares

    def most_tries(self, hints: int) -> int:
        return len(self.shares)

    def fraction(self, tries: Sequence[Tried]) -> float:
        return falling([tried.fraction for tried in tries], self.shares)

    def told(self, hints: int) -> Message:
        listed = " · ".join(f"{100 * share:.3g} %" for share in self.shares)
        return message("You have %(tries)s tries, worth %(shares)s. Trying again never takes anything away: each try adds what it does better.", tries=len(self.shares), shares=listed)


def falling(fractions: Sequence[float], shares: Sequence[float] = SHARES) -> float:
    """Give what tries with these fractions, oldest first, are worth; tries beyond the shares add nothing."""
    earned = best = 0.0
    for fraction, share in zip(fractions, shares, strict=False):
        earned += max(0.0, fraction - best) * share
        best = max(best, fraction)
    return earned


BEHAVIOURS.add("falling", Falling)
