"""Numeric: one number by a rule of nearness, with or without a unit, and how learners' numbers are read. Words are short.py's business."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from courseware.assessment.questions import (
    KINDS,
    Fault,
    Fields,
    Model,
    Number,
    Points,
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
CURRENCIES = (
    frozenset({"¥", "元", "人民币", "yuan", "rmb", "cny"}),
    frozenset({"$", "us$", "usd", "dollar", "dollars", "美元"}),
    frozenset({"€", "eur", "euro", "euros", "欧元"}),
    frozenset({"£", "gbp", "pound", "pounds", "英镑"}),
)
HOME = CURRENCIES[0]  # may be written beside any number whose unit is not another currency
PERCENT = ("%", "percent", "per cent", "百分之", "个百分点")
MULTIPLIERS = {"万亿": 1e12, "亿": 1e8, "億": 1e8, "万": 1e4, "萬": 1e4}
HALF = 0.51  # of the last digit asked for, as in PrairieLearn: a half, and a hair for who rounds a rounded number

_WORD, _DIGITS = r"[^\d.,+-]*", r"[.\d](?:[\d.,'’ ]*\d)?\.?"
_PIECES = re.compile(rf"(?P<before>{_WORD})(?P<sign>[+-]?)(?P<currency>{_WORD})(?P<number>{_DIGITS})(?P<after>\D*)", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:(?P<mark>[,'’ ])\d{3})(?:(?P=mark)\d{3})*", re.ASCII)
_DECIMAL_COMMA = re.compile(r"(?P<whole>[\d ]+),(?P<part>\d{1,2})|(?P<zero>0),(?P<rest>\d+)", re.ASCII)
_POINT = re.compile(r"\d*\.?\d*", re.ASCII)

Share = Annotated[float, Field(ge=0, le=1)]


class WrongPath(Model):
    """A number that a known mistake leads to, and what to say to who made it."""

    value: Number
    feedback: Text


def _as_text(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


class Unit(Model):
    """A unit a learner may write: its name, other spellings, and how much of the answer's own unit one of it is."""

    unit: Annotated[Text, BeforeValidator(_as_text)]
    also: tuple[str, ...] = ()
    factor: Points = 1.0

    def is_called(self, word: str) -> bool:
        """Whether a normalised word is a name of this unit; one sign of a currency stands for all of its own."""
        names = {_normalised(name) for name in (*self.unit.values(), *self.also)}
        return word in names or word.removesuffix("s") in names or any(word in signs and names & signs for signs in CURRENCIES)


class Numeric(Question):
    """One number, right within what the rule allows, with or without a unit.

    `answer` is a number; `feedback` shows how to get it; `wrong` lists `{value, feedback}` for known wrong paths, none of which may count
    as right. Say in the stem how to round. `rule` says what is right, with x typed and a the answer:

    - `within-tolerance` (the default): |x − a| ≤ `tolerance` + `relative` × |a|, both 0 unless given (`relative: 0.01` is one per cent).
    - `significant-figures`: |x − a| < 0.51 × 10^(f + 1 − `digits`), where 10^f is the place of the first figure of a (f is 2 for 760).
    - `decimals`: |x − a| < 0.51 × 10^−`digits`. In both `digits` is 2 unless given.

    The last two are PrairieLearn's `sigfig` and `decdig`, the first its `relabs` and NumPy's `isclose`.

    `unit` stands beside the field and need not be typed; another unit makes it another number. `units` instead asks for the unit: a list of
    `{unit, also, factor}`, the first the answer's own; `also` lists other spellings, `factor` says how much of the first one of it is
    (minutes for an answer in hours: 0.01667, or an expression in a template). `wrong_unit` and `missing_unit` say which share of the points
    an unknown unit or none costs where the number is right (1, all, unless given). Learners are told both, and the rule, before they answer.

    Numbers are read as people type them: full-width digits, signs before or after, `%`, 万 and 亿 (3.5万 is 35,000), and ¥, 元, RMB or CNY
    before or after any number whose unit is not another currency; $, € and £ where they are its unit. `1,234.5`, `1 234,5` and `1'234.5`
    are 1234.5. A lone comma before one or two last digits, or after a single 0, is a decimal comma; otherwise commas group thousands and
    must stand before every three digits. What fits neither reading (`1,2345`, `1.2.3`, `1e5`, `½`) is no number and gives nothing.

    Example: `answer: 1.5, relative: 0.02, units: [{unit: {en: hours, zh: 小时}, also: [h]}, {unit: {en: min, zh: 分钟}, factor: 0.0166667}]`
    with `missing_unit: 0.5` gives all for "1.5 h" and "90 min", half for "1.5".
    """

    version: ClassVar[int] = 2  # 万 and 亿 are read since 2
    least_keys: ClassVar[int] = 20

    kind: Literal["numeric"]
    rule: Literal["within-tolerance", "significant-figures", "decimals"] = "within-tolerance"
    answer: Number
    tolerance: Annotated[Number, Field(ge=0)] = 0.0
    relative: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    digits: Annotated[int, Field(ge=0, le=12)] = 2
    unit: Annotated[Text | None, BeforeValidator(_as_text)] = None
    units: tuple[Unit, ...] = ()
    wrong_unit: Share = 1.0
    missing_unit: Share = 1.0
    wrong: tuple[WrongPath, ...] = ()
    feedback: Text

    def clean(self, response: Response) -> str | None:
        if isinstance(response, int | float) and not isinstance(response, bool):
            return format(response, ".15g") if abs(response) < 1e15 else None
        return text_in(response)

    def judge(self, given: Response) -> Score:
        worth = self._worth(given)
        right = max((share for number, share in worth if self._is_near(number, self.answer)), default=0.0)
        known = [path.feedback for path in self.wrong for number, _ in worth if self._is_near(number, path.value)]
        return self.scored(right, [Remark("", self.feedback if right else [*known, self.feedback][0], right == 1)])

    def _worth(self, given: str) -> list[tuple[float, float]]:
        """Give the numbers that a text may mean, each with the share of the points that its unit leaves."""
        read = _read(given)
        if read is None:
            return []
        number, words = read
        if self.units:
            return [self._with_unit(number, words)]
        units = list(self.unit.values()) if self.unit else []
        known = _known(number, words, units)
        if known is None:
            return []
        # Without a unit, 12% may be meant as 12 or as .12; both are what the learner wrote.
        return [(known, 1.0), (known / 100, 1.0)] if not units and "%" in words else [(known, 1.0)]

    def _with_unit(self, number: float, words: list[str]) -> tuple[float, float]:
        for multiplier, names in _readings(words):
            for unit in self.units:
                if names and all(unit.is_called(name) for name in names):
                    return number * multiplier * unit.factor, 1.0
        multiplier, names = _readings(words)[-1]
        return number * multiplier, 1 - (self.wrong_unit if names else self.missing_unit)

    def fits_but_for_unit(self, given: str) -> bool:
        """Whether the number is right and only its unit costs points."""
        return any(share < 1 and self._is_near(number, self.answer) for number, share in self._worth(given))

    def _is_near(self, number: float, wanted: float) -> bool:
        if self.rule == "within-tolerance":
            return is_near(number, wanted, self.margin(wanted))
        return abs(number - wanted) < self.margin(wanted)

    def margin(self, wanted: float) -> float:
        """Give how far from a number still counts as it."""
        if self.rule == "within-tolerance":
            return self.tolerance + self.relative * abs(wanted)
        first = math.floor(math.log10(abs(wanted))) if self.rule == "significant-figures" and wanted else 0
        places = self.digits if self.rule == "decimals" else self.digits - 1 - first
        return float(HALF * 10.0**-places)

    def read(self, form: Fields, prefix: str) -> str | None:
        return self.clean(first(form, prefix))

    def correct(self) -> str:
        return f"{self.shown} {self.units[0].unit['en']}" if self.units else self.shown

    @property
    def shown(self) -> str:
        """The answer with as many decimals as the rule makes meaningful."""
        margin = self.margin(self.answer)
        digits = next((digits for digits in range(10) if abs(round(self.answer, digits) - self.answer) <= margin / 10 + 1e-12), 10)
        return f"{self.answer:.{digits}f}"

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        for index, path in enumerate(self.wrong):
            if self._is_near(path.value, self.answer):
                yield Fault(("wrong", index, "value"), f"the wrong path {path.value:g} is within {self.margin(self.answer):g} of the answer {self.answer:g}")
        if (self.tolerance or self.relative) and self.rule != "within-tolerance":
            yield Fault(("rule",), "`tolerance` and `relative` are for `rule: within-tolerance`")
        if "digits" in self.model_fields_set and self.rule == "within-tolerance":
            yield Fault(("digits",), "`digits` is for `rule: significant-figures` and `rule: decimals`")
        if self.rule == "significant-figures" and not self.digits:
            yield Fault(("digits",), "at least one significant figure is needed")
        yield from self._unit_faults()

    def _unit_faults(self) -> Iterator[Fault]:
        if self.unit and self.units:
            yield Fault(("units",), "`unit` stands beside the field, `units` asks for it: one of them is enough")
        if self.units and self.units[0].factor != 1:
            yield Fault(("units", 0, "factor"), "the first unit is the answer's own: its factor is 1")
        if not self.units and self.model_fields_set & {"wrong_unit", "missing_unit"}:
            yield Fault(("units",), "`wrong_unit` and `missing_unit` need `units`")
        for index, unit in enumerate(self.units):
            for name in (*unit.unit.values(), *unit.also):
                if not name.strip() or any(earlier.is_called(_normalised(name)) for earlier in self.units[:index]):
                    yield Fault(("units", index), f"{name!r} is empty or names an earlier unit too")

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
    """Read a number as people type it, or None. A unit that is neither given nor the home currency nor % makes it another number: None.

    `1,234.5`, `1 234,5` and `1'234.5` are 1234.5; a lone comma before one or two last digits is a decimal comma, otherwise commas
    group thousands.
    """
    read = _read(text)
    return _known(*read, list(units)) if read else None


def _read(text: str) -> tuple[float, list[str]] | None:
    """Read a number and the words beside it, normalised: none, or one or two of sign, unit, multiplier."""
    if len(text) > LONGEST_NUMBER or any(unicodedata.category(char) == "No" for char in text):
        return None
    pieces = _PIECES.fullmatch(_normalised(text))
    number = _unsigned(pieces["number"]) if pieces else None
    if pieces is None or number is None or not math.isfinite(number):
        return None
    words = [word for name in ("before", "currency", "after") if (word := pieces[name].strip()) and word != "="]
    return (-number if pieces["sign"] == "-" else number), words


def _known(number: float, words: list[str], units: list[str]) -> float | None:
    """Give the number if every word beside it is a known unit or multiplies it."""
    known = {_normalised(unit) for unit in units}
    for word in words:
        if not _is_unit(word, known):
            multiplier = next((sign for sign in MULTIPLIERS if word.startswith(sign)), None)
            if multiplier is None or not _is_unit(word.removeprefix(multiplier).strip(), known):
                return None
            number *= MULTIPLIERS[multiplier]
    return number


def _readings(words: list[str]) -> list[tuple[float, list[str]]]:
    """Give what the words beside a number may mean: all of them a unit (万元 may be one), or 万 a multiplier and the rest the unit."""
    readings = [(1.0, words)]
    for index, word in enumerate(words):
        for sign, multiplier in MULTIPLIERS.items():
            if word.startswith(sign) and len(readings) == 1:
                rest = word.removeprefix(sign).strip()
                readings.append((multiplier, [*words[:index], *([rest] if rest else []), *words[index + 1 :]]))
    return readings


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").casefold().rstrip("。 ").split())


def _is_unit(word: str, units: Collection[str]) -> bool:
    if not word or word in PERCENT:
        return True
    own = [signs for signs in CURRENCIES if signs & set(units)] or [HOME]
    return any(word in signs for signs in own) or any(unit.startswith(word) or word == f"{unit}s" for unit in units)


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
