"""Verbs on the exercise itself: answer a question of the scenario, move time on. They write no row of the CRM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid
from courseware.i18n import message
from courseware.sandbox.verbs import Argument, AskedQuestion, Desk, verb

FORWARD = {
    "30": message("half an hour"),
    "120": message("two hours"),
    "480": message("a working day of eight hours"),
    "1440": message("until this time tomorrow"),
    "10080": message("a week"),
}


@verb(
    "answer.give",
    Argument("key", type="text", label=message("Question"), required=True), Argument("value", type="any", label=message("Answer"), required=True),
    label=message("Answer a question"), minutes=0,
)  # fmt: skip
def give_answer(desk: Desk, given: Mapping[str, Any]) -> None:
    question = desk.questions.get(given["key"])
    if question is None:
        raise Invalid(message("There is no question “%(key)s” here.", key=given["key"]), "key")
    read_answer(question, given["value"])


def read_answer(question: AskedQuestion, value: Any) -> Any:
    """Give the answer as number, choice id, sorted list of ids or text. Raises Invalid where it is none of these."""
    if question.type == "number":
        try:
            return float(str(value).replace(",", "").replace("¥", "").strip())
        except ValueError:
            raise Invalid(message("“%(value)s” is not a number.", value=value), question.key) from None
    chosen = [value] if isinstance(value, str) else list(value) if isinstance(value, (list, tuple)) else [str(value)]
    unknown = [each for each in chosen if each not in question.choices]
    if question.type in ("choice", "choices") and (unknown or (question.type == "choice" and len(chosen) != 1)):
        raise Invalid(message("“%(value)s” is not one of the choices.", value=", ".join(map(str, unknown or chosen))), question.key)
    return sorted(set(chosen)) if question.type == "choices" else str(chosen[0])


@verb(
    "time.forward",
    Argument("minutes", type="choice", label=message("How far"), required=True, choices=FORWARD),
    label=message("Move time on"), minutes=0, final=True, help=message("What others do in the meantime happens then. Time cannot be turned back."),
)  # fmt: skip
def forward(desk: Desk, given: Mapping[str, Any]) -> None:
    """Nothing to write: the engine moves the clock and plays the events."""
