"""A calculator as a page shows it: what stands in its fields, and each step computed from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from courseware.assessment.kinds.numeric import parse_number
from courseware.course.calculators import Calculator, Line, figure
from courseware.expressions import VaryError
from courseware.i18n import Message, message

LONGEST = 40  # characters of one figure


@dataclass(frozen=True)
class Worked:
    """A calculator filled with its worked example or with what was typed. `lines` is empty where it could not be computed."""

    calculator: Calculator
    typed: Mapping[str, str]
    wrong: frozenset[str]
    lines: Sequence[Line]
    problem: Message | None
    is_example: bool


def worked(calculator: Calculator, args: Mapping[str, str]) -> Worked:
    """Compute with the figures of an address; without any of them, with the worked example."""
    is_example = not any(asked.id in args for asked in calculator.inputs)
    typed = {asked.id: figure(asked.value) if is_example else args.get(asked.id, "").strip()[:LONGEST] for asked in calculator.inputs}
    numbers = {id: parse_number(text) for id, text in typed.items()}
    wrong = frozenset(id for id, number in numbers.items() if number is None)
    lines, problem = ([], None) if wrong else _computed(calculator, {id: number for id, number in numbers.items() if number is not None})
    return Worked(calculator, typed, wrong, lines, problem, is_example)


def _computed(calculator: Calculator, values: Mapping[str, float]) -> tuple[list[Line], Message | None]:
    try:
        return calculator.compute(values), None
    except VaryError as error:
        step = next(step for step in calculator.steps if step.id == error.path[0])
        return [], message("“%(step)s” cannot be computed with these figures. Look for a zero where something is divided, and for a share above the whole.", step=step.text)
