"""Deferred: answer all, hand in, then see. Checking while one answers is the business of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from courseware.assessment.tries import BEHAVIOURS, Behaviour, Tried
from courseware.i18n import Message, message


class Deferred(Behaviour):
    """Nothing is checked before the attempt is handed in; the answer that stands then counts as its kind scores it.

    Example: `behaviour: deferred`. With `{kind: deferred, certainty: true}` learners also say how certain they are; that is kept and shown
    to them beside the result, and changes no mark.
    """

    label: ClassVar[Message] = message("feedback after handing in")
    kind: Literal["deferred"] = "deferred"

    def named(self, rule: str) -> str:
        return rule

    def fraction(self, tries: Sequence[Tried]) -> float:
        return tries[-1].fraction

    def told(self, hints: int) -> Message:
        return message("The answer that stands when you hand in counts; you may change it until then.")


BEHAVIOURS.add("deferred", Deferred)
