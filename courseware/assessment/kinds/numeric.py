"""Numeric: one number within a tolerance, and how learners' numbers are read. Words are short.py's business."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from courseware.assessment.questions import (
    KINDS,
    Fault,
    Fields,
    Model,
    Number,
    Question,
    Remark,
    Response,
    Score,
    example_of,
    first,
    text_in,
)
from courseware.i18n import Text

LONGEST_NUMBER = 64
CURRENCY = ("¥", "元", "人民币", "yuan", "rmb", "cny")
PERCENT = ("%", "percent", "per cent", "百分之", "个百分点")

_WORD, _DIGITS = r"[^\d.,+-]*", r"[.\d](?:[\d.,'’ ]*\d)?\.?"
_PIECES = re.compile(rf"(?P<before>{_WORD})(?P<sign>[+-]?)(?P<currency>{_WORD})(?P<number>{_DIGITS})(?P<after>\D*)", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:(?P<mark>[,'’ ])\d{3})(?:(?P=mark)\d{3})*", re.ASCII)
_DECIMAL_COMMA = re.compile(r"(?P<whole>[\d ]+),(?P<part>\d{1,2})|(?P<zero>0),(?P<rest>\d+)", re.ASCII)
_POINT = re.compile(r"\d*\.?\d*", re.ASCII)


class WrongPath(Model):
    """A number that a known mistake leads to, and what to say to who made it."""

    value: Number
    feedback: Text


def _as_text(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


class Numeric(Question):
    """One number; within the tolerance it gives all points.

    `answer` and `tolerance` (absolute) are numbers; say in the stem how to round. `unit` stands beside the field. `wrong` lists
    `{value, feedback}` for known wrong paths, each outside the tolerance; `feedback` shows how to get the number. Learners may type
    full-width digits, thousands separators, %, and the unit or a currency before or after.
    """

    least_keys: ClassVar[int] = 20

    kind: Literal["numeric"]
    rule: Literal["within-tolerance"] = "within-tolerance"
    answer: Number
    tolerance: Annotated[Number, Field(ge=0)] = 0.0
    unit: Annotated[Text | None, BeforeValidator(_as_text)] = None
    wrong: tuple[WrongPath, ...] = ()
    feedback: Text

    def clean(self, response: Response) -> str | None:
        if isinstance(response, int | float) and not isinstance(response, bool):
            return format(response, ".15g") if abs(response) < 1e15 else None
        return text_in(response)

    def judge(self, given: Response) -> Score:
        numbers = self._numbers(given)
        if any(self._is_near(number, self.answer) for number in numbers):
            return self.scored(1.0, [Remark("", self.feedback, True)])
        known = [path.feedback for path in self.wrong for number in numbers if self._is_near(number, path.value)]
        return self.scored(0.0, [Remark("", [*known, self.feedback][0], False)])

    def _numbers(self, given: str) -> list[float]:
        units = list(self.unit.values()) if self.unit else []
        number = parse_number(given, units)
        if number is None:
            return []
        # Without a unit, 12% may be meant as 12 or as .12; both are what the learner wrote.
        return [number, number / 100] if not units and "%" in unicodedata.normalize("NFKC", given) else [number]

    def _is_near(self, number: float, wanted: float) -> bool:
        return is_near(number, wanted, self.tolerance)

    def read(self, form: Fields, prefix: str) -> str | None:
        return self.clean(first(form, prefix))

    def correct(self) -> str:
        """Give the answer with as many decimals as the tolerance makes meaningful."""
        for digits in range(10):
            if abs(round(self.answer, digits) - self.answer) <= self.tolerance / 10 + 1e-12:
                return f"{self.answer:.{digits}f}"
        return f"{self.answer:.10f}"

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        for index, path in enumerate(self.wrong):
            if self._is_near(path.value, self.answer):
                yield Fault(("wrong", index, "value"), f"the wrong path {path.value:g} is within {self.tolerance:g} of the answer {self.answer:g}")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        wrong = [{"value": 95, "feedback": {"en": "That is one hour; there were eight."}}]
        stem, feedback = {"en": "8 hours at ¥95 each: what is charged?"}, {"en": "8 × 95 = 760."}
        unit = {"en": "yuan", "zh": "元"}
        return example_of("numeric", 2, stem=stem, answer=760, tolerance=0.5, unit=unit, wrong=wrong, feedback=feedback), "760", "95"


def is_near(number: float, wanted: float, tolerance: float) -> bool:
    """Whether a number is within an absolute tolerance, and a hair more: 0.1 + 0.2 must equal 0.3."""
    return abs(number - wanted) <= tolerance + 1e-9 * max(1.0, abs(wanted))


def parse_number(text: str, units: Iterable[str] = ()) -> float | None:
    """Read a number as people type it, or None. A unit that is neither given nor a currency nor % makes it another number: None.

    `1,234.5`, `1 234,5` and `1'234.5` are 1234.5; a lone comma before one or two last digits is a decimal comma, otherwise commas
    group thousands.
    """
    if len(text) > LONGEST_NUMBER or any(unicodedata.category(char) == "No" for char in text):
        return None
    pieces = _PIECES.fullmatch(_normalised(text))
    known = {_normalised(unit) for unit in units}
    if not pieces or not all(_is_unit(pieces[name].strip(), known) for name in ("before", "currency", "after")):
        return None
    number = _unsigned(pieces["number"])
    if number is None or not math.isfinite(number):
        return None
    return -number if pieces["sign"] == "-" else number


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").casefold().rstrip("。 ").split())


def _is_unit(word: str, units: Iterable[str]) -> bool:
    if not word or word in ("=", *CURRENCY, *PERCENT):
        return True
    return any(unit.startswith(word) or word == f"{unit}s" for unit in units)


def _unsigned(number: str) -> float | None:
    comma = _DECIMAL_COMMA.fullmatch(number)
    if comma:
        whole, part = (comma["whole"], comma["part"]) if comma["whole"] else (comma["zero"], comma["rest"])
        return _with_decimals(whole, part)
    whole, _, part = number.partition(".")
    return _with_decimals(whole, part)


def _with_decimals(whole: str, part: str) -> float | None:
    if _GROUPED.fullmatch(whole):
        whole = re.sub(r"\D", "", whole)
    plain = f"{whole}.{part}"
    return float(plain) if _POINT.fullmatch(plain) and plain != "." else None


KINDS.add("numeric", Numeric)
