"""The kind `answer`: a typed answer against the paper, with a tolerance, and a message for each known wrong path."""

from __future__ import annotations

from typing import Any

from courseware.course.yaml import Strict
from courseware.errors import Invalid
from courseware.i18n import Text
from courseware.sandbox import show
from courseware.sandbox.actions.exercise import read_answer
from courseware.sandbox.findings import CheckSpec, Context, Miss, Outcome, check_kind
from courseware.sandbox.text import fold
from courseware.sandbox.verbs import AskedQuestion

NO_ANSWER = Text({"en": "no answer yet", "zh": "尚未作答"})
QUESTION = Text({"en": "the questions beside the scenario", "zh": "情景旁的问题"})


class WrongAnswer(Strict):
    value: Any
    teach: Text


class AnswerSpec(CheckSpec):
    question: str
    expected: Any
    tolerance: float = 0.0
    wrong: list[WrongAnswer] = []


@check_kind("answer", AnswerSpec, example={"question": "word", "expected": "right"})
def check(spec: AnswerSpec, context: Context) -> Outcome:
    question = context.questions[spec.question]
    given = _read(question, context.journal.answers().get(spec.question))
    expected = context.scope.value(spec.expected)
    passed = given is not None and _right(question, given, expected, spec.tolerance)
    if passed:
        return Outcome(True, 1, 1, count=1, values=(_shown(question, given),))
    teach = next((wrong.teach for wrong in spec.wrong if given is not None and _right(question, given, context.scope.value(wrong.value), spec.tolerance)), None)
    shown = NO_ANSWER if given is None else _shown(question, given)
    miss = Miss(where=QUESTION, field=getattr(question, "text", show.same(question.key)), holds=shown, expected=_shown(question, expected), teach=teach)
    return Outcome(False, 0, 1, (miss,), 0 if given is None else 1)


def _read(question: AskedQuestion, value: Any) -> Any:
    try:
        return None if value is None else read_answer(question, value)
    except Invalid:
        return None


def _right(question: AskedQuestion, given: Any, expected: Any, tolerance: float) -> bool:
    if question.type == "number":
        return bool(abs(given - float(expected)) <= tolerance + 1e-9)
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
