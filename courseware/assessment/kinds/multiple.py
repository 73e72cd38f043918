"""Multiple answers: tick all that fit, by a named rule. Exactly one right option is choice.py's business."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from courseware.assessment.kinds.choice import Option
from courseware.assessment.questions import KINDS, Fault, Fields, Question, Remark, Response, Score, example_of, ids_in, piece_faults

_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_ASKED = re.compile(r"\b(?:tick|choose|select|pick|mark)\s+(?:the\s+|exactly\s+)*(" + "|".join(_NUMBERS) + r"|\d)\b", re.IGNORECASE)


class Multiple(Question):
    """Several options are right; the learner is told how many.

    `options` as in `choice`, with at least two right and one wrong. `rule` is `net-correct` (right ticks less wrong ticks, by the
    number right, not below 0: the default) or `all-or-nothing` (exactly the right set). Options are shuffled for each paper.
    """

    shuffled: ClassVar[tuple[str, ...]] = ("options",)

    kind: Literal["multiple"]
    rule: Literal["net-correct", "all-or-nothing"] = "net-correct"
    options: tuple[Option, ...]

    @property
    def expected(self) -> int:
        """How many options are right: learners are told."""
        return sum(option.right for option in self.options)

    def clean(self, response: Response) -> list[str] | None:
        ticked = ids_in(response, self.ids("options"))
        return [id for id in self.ids("options") if id in ticked] or None

    def judge(self, given: Response) -> Score:
        ticked = [option for option in self.options if option.id in given]
        fraction = self._fraction(sum(option.right for option in ticked), sum(not option.right for option in ticked))
        return self.scored(fraction, [Remark(option.id, option.feedback, option.right) for option in ticked])

    def _fraction(self, right: int, wrong: int) -> float:
        if self.rule == "all-or-nothing":
            return float(right == self.expected and not wrong)
        return max(0.0, (right - wrong) / self.expected) if self.expected else 0.0

    def read(self, form: Fields, prefix: str) -> list[str] | None:
        known = self.by_token("options")
        return self.clean([known.get(value) for value in form.get(prefix) or ()])

    def correct(self) -> list[str]:
        return [option.id for option in self.options if option.right]

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from piece_faults("options", self.options, at_least=3)
        if not 2 <= self.expected < len(self.options):
            yield Fault(("options",), f"{self.expected} of {len(self.options)} options are right; at least two must be right and one wrong")
        asked = _ASKED.search(self.stem["en"])
        if asked and _NUMBERS.get(asked[1].lower(), asked[1]) not in (self.expected, str(self.expected)):
            yield Fault(("options",), f"the stem says {asked[0]!r} and {self.expected} options are right")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        options = [
            {"id": "a", "text": {"en": "The archive's cleaner"}, "feedback": {"en": "Works for the house, unseen by customers."}},
            {"id": "b", "text": {"en": "The night cashier"}, "right": True, "feedback": {"en": "Face to face."}},
            {"id": "c", "text": {"en": "The switchboard operator"}, "right": True, "feedback": {"en": "Voice to voice."}},
            {"id": "d", "text": {"en": "The app's programmer"}, "feedback": {"en": "Makes the tool, meets nobody."}},
        ]
        return example_of("multiple", 3, stem={"en": "Who meets customers? Choose two."}, options=options), ["b", "c"], ["b", "a"]


KINDS.add("multiple", Multiple)
