"""Multiple answers: tick all that fit, by a named rule. Exactly one right option is choice.py's business."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from courseware.assessment.kinds.choice import Option
from courseware.assessment.questions import KINDS, Fault, Fields, Question, Remark, Response, Score, example_of, ids_in, piece_faults

_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_ASKED = re.compile(r"\b(?:tick|choose|select|pick|mark)\s+(?:the\s+|exactly\s+)*(" + "|".join(_NUMBERS) + r"|\d)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Ticks:
    """What a rule looks at: how many ticks are right and wrong, of how many right options and options in all, and the sum of their fractions."""

    right: int
    wrong: int
    expected: int
    options: int
    fractions: float


RULES: Mapping[str, Callable[[Ticks], float]] = {
    "net-correct": lambda ticks: max(0.0, (ticks.right - ticks.wrong) / ticks.expected),
    "all-or-nothing": lambda ticks: float(ticks.right == ticks.expected and not ticks.wrong),
    "weights": lambda ticks: min(1.0, max(0.0, ticks.fractions)),
    "every-decision": lambda ticks: (ticks.right + ticks.options - ticks.expected - ticks.wrong) / ticks.options,
    "coverage": lambda ticks: (ticks.right / ticks.expected) * (ticks.right / (ticks.right + ticks.wrong)),
    "correct-only": lambda ticks: 0.0 if ticks.wrong else ticks.right / ticks.expected,
}
"""The rules in public use, by name: net-correct is Canvas's and H5P's, weights Moodle's, every-decision PrairieLearn's `each-answer`
and RELATE's `proportional`, coverage PrairieLearn's, correct-only RELATE's `proportional_correct`."""


class Multiple(Question):
    """Several options are right; the learner is told how many, and the rule.

    `options` as in `choice`, with at least two right and one wrong; they are shuffled for each paper. `rule` is one of six, each in use
    elsewhere: r right ticks, w wrong ticks, c right options, N options. “Here” is what one right and one wrong tick give, of four
    options with two right ones.

    | `rule` | fraction | here | as in |
    |---|---|---|---|
    | `net-correct` (default) | max(0, (r − w) / c) | 0 | Canvas, H5P |
    | `all-or-nothing` | 1 for exactly the right set | 0 | PrairieLearn `off`, RELATE `exact` |
    | `weights` | sum of the `fraction` (−1 to 1) of each ticked option, within 0 and 1; right ones share 1 alike where they say none | 0.5 − 0.5 = 0 | Moodle |
    | `every-decision` | (r + wrong options left blank) / N | 0.5 | PrairieLearn `each-answer`, RELATE `proportional` |
    | `coverage` | r / c × r / (r + w) | 0.25 | PrairieLearn |
    | `correct-only` | r / c, or 0 once w > 0 | 0 | RELATE `proportional_correct` |

    Nothing ticked is no answer and gives 0 by every rule.
    """

    shuffled: ClassVar[tuple[str, ...]] = ("options",)

    kind: Literal["multiple"]
    rule: Literal["net-correct", "all-or-nothing", "weights", "every-decision", "coverage", "correct-only"] = "net-correct"
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
        right = sum(option.right for option in ticked)
        ticks = Ticks(right, len(ticked) - right, self.expected, len(self.options), sum(map(self._fraction, ticked)) / (self._whole() or 1))
        fraction = RULES[self.rule](ticks) if self.expected else 0.0
        return self.scored(fraction, [Remark(option.id, option.feedback, option.right) for option in ticked])

    def _fraction(self, option: Option) -> float:
        if option.fraction is not None:
            return option.fraction
        return 1 / self.expected if option.right else 0.0

    def _whole(self) -> float:
        """What the right options come to: 1, but for the rounding of thirds and sixths."""
        return sum(self._fraction(option) for option in self.options if option.right)

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
        yield from self._fraction_faults()
        asked = _ASKED.search(self.stem["en"])
        if asked and _NUMBERS.get(asked[1].lower(), asked[1]) not in (self.expected, str(self.expected)):
            yield Fault(("options",), f"the stem says {asked[0]!r} and {self.expected} options are right")

    def _fraction_faults(self) -> Iterator[Fault]:
        for index, option in enumerate(self.options):
            if option.fraction is not None and self.rule != "weights":
                yield Fault(("options", index, "fraction"), "a fraction is for `rule: weights`")
            elif option.fraction is not None and (option.fraction > 0) != option.right:
                yield Fault(("options", index, "fraction"), "a right option has a fraction above 0, a wrong one of 0 or below")
        if self.expected and abs(self._whole() - 1) > 0.01:
            yield Fault(("options",), f"the fractions of the right options come to {self._whole():g}; they must come to 1")

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
