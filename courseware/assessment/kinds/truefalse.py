"""True or false: one statement. Its two answers are never shuffled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import StrictBool

from courseware.assessment.questions import KINDS, Fault, Fields, Model, Question, Remark, Response, Score, example_of, first
from courseware.i18n import Text


class Verdicts(Model):
    """What is said to who judged rightly, and to who did not."""

    right: Text
    wrong: Text


class TrueFalse(Question):
    """A statement that is wholly true or wholly false; the right verdict gives all points.

    `answer` is `true` or `false`; `feedback` is `{right: …, wrong: …}`, said to who answers rightly and wrongly.
    """

    kind: Literal["truefalse"]
    rule: Literal["all-or-nothing"] = "all-or-nothing"
    answer: StrictBool
    feedback: Verdicts

    def clean(self, response: Response) -> str | None:
        if isinstance(response, bool):
            return str(response).lower()
        return response if isinstance(response, str) and response in ("true", "false") else None

    def judge(self, given: Response) -> Score:
        right = given == self.correct()
        return self.scored(float(right), [Remark("", self.feedback.right if right else self.feedback.wrong, right)])

    def read(self, form: Fields, prefix: str) -> str | None:
        return self.clean(first(form, prefix))

    def correct(self) -> str:
        return "true" if self.answer else "false"

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.feedback.right == self.feedback.wrong:
            yield Fault(("feedback",), "right and wrong verdicts get the same feedback")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        feedback = {"right": {"en": "Yes: a client is advised."}, "wrong": {"en": "A client is advised, a customer buys."}}
        return example_of("truefalse", 1, stem={"en": "Every client is advised."}, answer=True, feedback=feedback), "true", "false"


KINDS.add("truefalse", TrueFalse)
