"""Immediate: one check a question, and that closes it. Further tries are the business of interactive, adaptive and falling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from courseware.assessment.tries import BEHAVIOURS, Behaviour, Tried
from courseware.i18n import Message, message


class Immediate(Behaviour):
    """Each answer may be checked once. The feedback comes at once, and the question is closed.

    Example: `behaviour: immediate`. A question nobody checked is scored when the attempt is handed in.
    """

    checks: ClassVar[bool] = True
    label: ClassVar[Message] = message("checked as you go")
    kind: Literal["immediate"] = "immediate"

    def named(self, rule: str) -> str:
        return rule

    def fraction(self, tries: Sequence[Tried]) -> float:
        return tries[-1].fraction

    def told(self, hints: int) -> Message:
        return message("Checking shows the feedback at once and closes the question.")


BEHAVIOURS.add("immediate", Immediate)
