"""Adaptive: as many tries as one likes, the best one counts less a penalty for those before, as in Moodle. Hints belong to interactive.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from courseware.assessment.questions import Response
from courseware.assessment.tries import BEHAVIOURS, PENALTY, Behaviour, Tried
from courseware.i18n import Message, message


class Adaptive(Behaviour):
    """Any number of tries; the best counts, each less a penalty for the different answers tried before it.

    `penalty` (default 1/3). A question is worth the largest of f − penalty × answers tried before, over all tries, and never less than 0.
    The same answer again is no try: it is not scored and costs nothing. These are Moodle's numbers (adaptive mode).

    Example: `behaviour: {kind: adaptive, penalty: 0.2}`: half right, wrong, right gives max(.5, 0 − .2, 1 − .4) = .6.
    """

    checks: ClassVar[bool] = True
    label: ClassVar[Message] = message("tries as you like, each at a cost")
    kind: Literal["adaptive"] = "adaptive"
    penalty: Annotated[float, Field(ge=0, le=1)] = PENALTY

    def most_tries(self, hints: int) -> None:
        return None

    def is_repeat(self, tries: Sequence[Tried], response: Response) -> bool:
        return any(tried.response == response for tried in tries)

    def fraction(self, tries: Sequence[Tried]) -> float:
        return max(0.0, *(tried.fraction - self.penalty * used for used, tried in enumerate(tries)))

    def told(self, hints: int) -> Message:
        return message(
            "Check as often as you like. The best try counts; each different answer takes %(penalty)s %% of the points off those after it.", penalty=f"{100 * self.penalty:.3g}"
        )


BEHAVIOURS.add("adaptive", Adaptive)
