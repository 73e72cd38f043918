"""Calculators that explain themselves: inputs with the figures of a worked example, and steps that show each figure they use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import Field

from courseware.course.yaml import Strict
from courseware.expressions import Path, VaryError, evaluate
from courseware.i18n import Text

_NAME = re.compile(r"[a-z_]+")
_SIGNS = {"*": "×", "/": "÷", "-": "−"}


class Input(Strict):
    """A figure the calculator asks for; `value` is that of the worked example."""

    id: str = Field(pattern=r"^[a-z_]+$")
    label: Text
    value: float
    unit: Text | None = None


class Step(Strict):
    """One line of the calculation: an expression over the inputs and the steps before it."""

    id: str = Field(pattern=r"^[a-z_]+$")
    text: Text
    calc: str
    unit: Text | None = None
    digits: int = Field(default=2, ge=0, le=6)


class Calculator(Strict):
    """What is asked for, how it is computed, and one sentence that reads the result."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    inputs: tuple[Input, ...] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)
    reading: Text

    @property
    def example(self) -> dict[str, float]:
        return {asked.id: asked.value for asked in self.inputs}

    def compute(self, values: Mapping[str, float]) -> list[Line]:
        """Compute every step in order. Raises VaryError, under the id of the step that cannot be computed."""
        known: dict[str, float] = dict(values)
        lines = []
        for step in self.steps:
            try:
                known[step.id] = evaluate(step.calc, known)
            except VaryError as error:
                raise error.under(step.id) from None
            lines.append(Line(step, _filled(step.calc, known), known[step.id]))
        return lines

    def faults(self) -> Iterator[tuple[Path, str]]:
        """Find a calculator that does not work with its own worked example."""
        names = [asked.id for asked in self.inputs] + [step.id for step in self.steps]
        if len(set(names)) < len(names):
            yield ("steps",), "a name is used twice among inputs and steps"
        try:
            self.compute(self.example)
        except VaryError as error:
            yield ("steps",), f"step {error.path[0]!r}: {error.sentence}"


@dataclass(frozen=True)
class Line:
    """A computed step: the expression with its figures filled in, and the result."""

    step: Step
    filled: str
    value: float

    @property
    def shown(self) -> str:
        return figure(self.value, self.step.digits)


def figure(value: float, digits: int = 6) -> str:
    """Write a figure with thousands separators and without idle zeros."""
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _filled(calc: str, values: Mapping[str, float]) -> str:
    words = _NAME.sub(lambda name: figure(values[name[0]]) if name[0] in values else name[0], calc)
    return " ".join(_SIGNS.get(word, word) for word in words.split())
