"""The kind `answer`: a typed answer against the paper, with a tolerance, and a message for each known wrong path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import model_validator

from courseware.course.yaml import Strict
from courseware.errors import Invalid
from courseware.i18n import Text
from courseware.sandbox import show
from courseware.sandbox.actions.exercise import read_answer
from courseware.sandbox.findings import NOTHING, CheckSpec, Context, Miss, Outcome, check_kind
from courseware.sandbox.measures import Measure
from courseware.sandbox.text import fold
from courseware.sandbox.verbs import AskedQuestion

NO_ANSWER = Text({"en": "no answer yet", "zh": "尚未作答"})
QUESTION = Text({"en": "the questions beside the scenario", "zh": "情景旁的问题"})


class WrongAnswer(Strict):
    value: Any = None
    measure: Measure | None = None
    teach: Text


class AnswerSpec(CheckSpec):
    """A number may differ from what is expected by `tolerance`, or by `percent` of it, whichever allows more.

    With `measure` the expected number is taken from the rows as they stand: the learner's own data.
    """

    question: str
    expected: Any = None
    measure: Measure | None = None
    tolerance: float = 0.0
    percent: float = 0.0
    wrong: list[WrongAnswer] = []

    @model_validator(mode="after")
    def _expects_something(self) -> AnswerSpec:
        if (self.expected is None) == (self.measure is None):
            raise ValueError("an answer needs `expected` or `measure`")
        return self

    def drawn(self, context: Context) -> Any:
        """A number, for learners may talk; what is chosen from a list is the same for all where the list is."""
        return _wanted(self, context) if context.questions[self.question].type == "number" else None

    def doubts(self, context: Context) -> Iterator[str]:
        question, expected = context.questions[self.question], _wanted(self, context)
        for wrong in self.wrong:
            value = _wanted(wrong, context)
            if None not in (value, expected) and is_right(question, value, expected, self):
                yield f"check {self.id} takes {value!r} of the wrong path “{wrong.teach['en']}” for right: {expected!r} is too near"


@check_kind("answer", AnswerSpec, example={"question": "word", "expected": "right"})
def check(spec: AnswerSpec, context: Context) -> Outcome:
    question = context.questions[spec.question]
    given = _read(question, context.journal.answers().get(spec.question))
    expected = _wanted(spec, context)
    passed = given is not None and expected is not None and is_right(question, given, expected, spec)
    if passed:
        return Outcome(True, 1, 1, count=1, values=(_shown(question, given),))
    teach = next((wrong.teach for wrong in spec.wrong if given is not None and _is_wrong(question, given, wrong, spec, context)), None)
    shown = NO_ANSWER if given is None else _shown(question, given)
    right = NOTHING if expected is None else _shown(question, expected)
    miss = Miss(where=QUESTION, field=getattr(question, "text", show.same(question.key)), holds=shown, expected=right, teach=teach)
    return Outcome(False, 0, 1, (miss,), 0 if given is None else 1)


def _wanted(answer: AnswerSpec | WrongAnswer, context: Context) -> Any:
    return answer.measure.of(context.scope) if answer.measure else context.scope.value(answer.expected if isinstance(answer, AnswerSpec) else answer.value)


def _is_wrong(question: AskedQuestion, given: Any, wrong: WrongAnswer, spec: AnswerSpec, context: Context) -> bool:
    value = _wanted(wrong, context)
    return value is not None and is_right(question, given, value, spec)


def _read(question: AskedQuestion, value: Any) -> Any:
    try:
        return None if value is None else read_answer(question, value)
    except Invalid:
        return None


def is_right(question: AskedQuestion, given: Any, expected: Any, spec: AnswerSpec) -> bool:
    if question.type == "number":
        allowed = max(spec.tolerance, abs(float(expected)) * spec.percent / 100)
        return bool(abs(given - float(expected)) <= allowed + 1e-9)
    if question.type == "choices":
        return bool(sorted(map(str, given)) == sorted(map(str, expected)))
    accepted = expected if isinstance(expected, list) else [expected]
    return any(fold(str(given)) == fold(str(each)) for each in accepted)


def _shown(question: AskedQuestion, value: Any) -> Text:
    if isinstance(value, list):
        return show.joined([_shown(question, each) for each in value])
    if question.type == "number":
        return show.same(f"{float(value):,.10g}")
    return question.choices.get(str(value)) or show.same(str(value))
