"""Interactive: a hint after each wrong try, and a penalty for each try used, as in Moodle. What counts the best try instead is adaptive.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from courseware.assessment.tries import BEHAVIOURS, PENALTY, Behaviour, Tried
from courseware.i18n import Message, message


class Interactive(Behaviour):
    """Several tries, a hint after each wrong one; the last try counts, less a penalty for each try used before it.

    `tries` (default: the question's `hints` and one more) and `penalty` (default 1/3). A question is worth max(0, f − penalty × tries
    used before), f being the fraction of the last try. Kinds with parts count back: a part that is right at the end gives
    max(0, 1 − penalty × tries it was wrong in), so what was right from the first try keeps its full points, and what was right once and then
    changed to wrong gives none. Both are Moodle's numbers (interactive, interactive with countback). Handing in an answer that was not
    checked is one more try; handing in the one checked last is none.

    Example: `behaviour: {kind: interactive, tries: 3, penalty: 0.25}`: right at the third try gives 1 − 2 × .25 = .5. Three gaps, two of them right
    at once and one at the second try, give (1 + 1 + .75) / 3.
    """

    checks: ClassVar[bool] = True
    label: ClassVar[Message] = message("several tries with hints")
    kind: Literal["interactive"] = "interactive"
    tries: Annotated[int, Field(ge=1, le=20)] | None = None
    penalty: Annotated[float, Field(ge=0, le=1)] = PENALTY

    def most_tries(self, hints: int) -> int:
        return self.tries or hints + 1

    def fraction(self, tries: Sequence[Tried]) -> float:
        if not tries[-1].parts:
            return self._worth(tries[-1].fraction, len(tries) - 1)
        earned = {part.id: self._worth(part.fraction, _since(tries, part.id)) * part.points for part in tries[-1].parts}
        return sum(earned.values()) / sum(part.points for part in tries[-1].parts)

    def _worth(self, fraction: float, used: int) -> float:
        return max(0.0, fraction - self.penalty * used)

    def told(self, hints: int) -> Message:
        if self.most_tries(hints) == 1:
            return message("You have one try: checking shows the feedback and closes the question.")
        return message(
            "You have %(tries)s tries; each one used takes %(penalty)s %% of the points off what a later one gives.", tries=self.most_tries(hints), penalty=f"{100 * self.penalty:.3g}"
        )


def _since(tries: Sequence[Tried], part_id: str) -> int:
    """The place of the try, from 0, since which a part has had the fraction it has now."""
    by_try = [next((part.fraction for part in tried.parts if part.id == part_id), 0.0) for tried in tries]
    place = len(by_try) - 1
    while place and by_try[place - 1] == by_try[-1]:
        place -= 1
    return place


BEHAVIOURS.add("interactive", Interactive)
