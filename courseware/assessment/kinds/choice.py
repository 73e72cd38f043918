"""Single choice: one option of several. Several right options are multiple.py's business."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StrictBool

from courseware.assessment.questions import KINDS, Fault, Fields, Piece, Question, Remark, Response, Score, example_of, first, piece_faults
from courseware.i18n import Text


class Option(Piece):
    """A thing to choose: whether it is right, its share of the points under the rule `weights`, and what its choice tells about the learner. With `last` it is not shuffled away from the end."""

    right: StrictBool = False
    last: StrictBool = False
    fraction: Annotated[float, Field(ge=-1, le=1)] | None = None
    feedback: Text


class Choice(Question):
    """One option is right; choosing it gives all points, any other none.

    `options` is a list of `{id, text, right: true, feedback}`; leave `right` out of the wrong ones. Make each wrong option
    a mistake that learners really make, and let its feedback name that mistake. With `rule: weights` an option that is not
    wrong altogether says with `fraction` (0 to 1) what part of the points it gives. Options are shuffled for each paper;
    one that speaks of the others (“all of these”) stays at the end with `last: true`.
    """

    shuffled: ClassVar[tuple[str, ...]] = ("options",)

    kind: Literal["choice"]
    rule: Literal["all-or-nothing", "weights"] = "all-or-nothing"
    options: tuple[Option, ...]

    def clean(self, response: Response) -> str | None:
        return response if isinstance(response, str) and response in self.ids("options") else None

    def judge(self, given: Response) -> Score:
        chosen = next(option for option in self.options if option.id == given)
        fraction = float(chosen.right) if chosen.fraction is None or chosen.right else max(0.0, chosen.fraction)
        return self.scored(fraction, [Remark(chosen.id, chosen.feedback, chosen.right)])

    def read(self, form: Fields, prefix: str) -> str | None:
        return self.by_token("options").get(first(form, prefix))

    def correct(self) -> Response:
        return next((option.id for option in self.options if option.right), None)

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from piece_faults("options", self.options)
        right = sum(option.right for option in self.options)
        if right != 1:
            yield Fault(("options",), f"{right} options are right; a choice needs exactly one")
        for index, option in enumerate(self.options):
            if option.fraction is not None and (self.rule != "weights" or option.right or option.fraction < 0):
                yield Fault(("options", index, "fraction"), "a fraction (0 to 1) is for an option that is not right, under `rule: weights`")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        options = [
            {"id": "a", "text": {"en": "The driver"}, "feedback": {"en": "He hands on what others made."}},
            {"id": "b", "text": {"en": "Whoever receives what you make"}, "right": True, "feedback": {"en": "Yes: inside the firm or outside it."}},
            {"id": "c", "text": {"en": "Only who pays"}, "feedback": {"en": "Payment makes a buyer; colleagues are served too."}},
        ]
        return example_of("choice", 1, stem={"en": "Who is a customer?"}, options=options), "b", "c"


KINDS.add("choice", Choice)
