"""Certainty-based marking: what an answer is worth depends on how certain one was. Asking without scoring is an option of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from courseware.assessment.tries import BEHAVIOURS, Behaviour, Tried
from courseware.i18n import Message, message

RIGHT = {1: 1 / 3, 2: 2 / 3, 3: 1.0}
WRONG = {1: 0.0, 2: -2 / 3, 3: -2.0}
DEFAULT = 1


class Certainty(Behaviour):
    """Learners say with each answer how certain they are, C1 to C3 (C1 if they say nothing); scored when handed in.

    | certainty | right | wrong | pays from |
    |---|---|---|---|
    | C1 | 1/3 | 0 | always |
    | C2 | 2/3 | −2/3 | two in three right |
    | C3 | 1 | −2 | four in five right |

    An answer that is partly right gets its fraction of the right column. An empty answer gives 0. A question may take points away; the mark
    of the attempt is never below 0. The table is Moodle's (certainty-based marking, after Gardner-Medwin) as parts of the question's points.

    Example: `behaviour: certainty`: half right with C2 gives .5 × 2/3; wrong with C3 gives −2.
    """

    label: ClassVar[Message] = message("marked by certainty")
    kind: Literal["certainty"] = "certainty"
    certainty: Literal[True] = True

    def fraction(self, tries: Sequence[Tried]) -> float:
        last = tries[-1]
        if last.response is None:
            return 0.0
        level = last.certainty or DEFAULT
        return RIGHT[level] * last.fraction if last.fraction > 1e-9 else WRONG[level]

    def told(self, hints: int) -> Message:
        return message(
            "Say how certain you are. Right gives a third of the points with C1, two thirds with C2, all with C3; wrong takes nothing with C1, two thirds with C2, twice the points with C3."
        )


BEHAVIOURS.add("certainty", Certainty)
