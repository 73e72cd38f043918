"""Draw the values of a variant by seed and fill them into course data. What the data mean (a question, a scenario) is the business of its room."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from courseware.expressions import FUNCTIONS, LARGEST, LARGEST_VALUE, Values, VaryError, evaluate, is_number, item, parsed, round_half_up, short
from courseware.i18n import LANGUAGES

LONGEST_TEXT = 50_000
MOST_NAMES = 100
MOST_REDRAWS = 200


# Filling.

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.\w+|\[\d{1,4}\])*", re.ASCII)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]", re.ASCII)
_SPEC = re.compile(r"\+?(?:0[1-9])?,?(?:\.(?P<digits>\d)(?=[f%]))?(?P<type>[df%]?)", re.ASCII)


def fill(text: str, values: Values, language: str = "en") -> str:
    """Put values into `{name}`, `{name.field}`, `{name[0]}` and `{name:,.2f}`; `{{` and `}}` stand for braces.

    A value keyed by language gives that language.
    """
    pieces: list[str] = []
    length = end = 0
    for place in _PLACE.finditer(text):
        pieces += [text[end : place.start()], _filled(place, values, language)]
        length, end = length + len(pieces[-1]), place.end()
        if length > LONGEST_TEXT:
            raise VaryError(f"the text {short(text)} grows beyond {LONGEST_TEXT} characters")
    return "".join([*pieces, text[end:]])


def _filled(place: re.Match[str], values: Values, language: str) -> str:
    if place[0] in ("{{", "}}"):
        return place[0][0]
    path, _, spec = (place[1] or "").partition(":")
    if not _PATH.fullmatch(path):
        raise VaryError(f"{place[0]!r} is not a place for a value; write {{{{ and }}}} for braces that stay")
    value = _in_language(_at(path, values), language)
    return _formatted(value, spec, place[0]) if spec else _plain(value, place[0])


def _at(path: str, values: Values) -> Any:
    name = re.split(r"[.\[]", path, maxsplit=1)[0]
    if name not in values:
        raise VaryError(f"unknown name {name!r}; known: {', '.join(values) or 'none'}")
    value = values[name]
    for field, index in _STEP.findall(path[len(name) :]):
        value = item(value, int(index) if index else field)
    return value


def _in_language(value: Any, language: str | None) -> Any:
    return (value.get(language) or value.get("en", "")) if language and _is_text(value) else value


def _is_text(value: Any) -> bool:
    return isinstance(value, dict | Mapping) and bool(value) and all(key in LANGUAGES for key in value)


def _plain(value: Any, place: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    if isinstance(value, int | str):
        return str(value)
    raise VaryError(f"{place} is {short(value)}, neither a number nor a text: name one of its fields")


def _formatted(value: Any, spec: str, place: str) -> str:
    known = _SPEC.fullmatch(spec)
    if not known or not is_number(value):
        raise VaryError(f"{place} cannot format {short(value)}: formats are for numbers, such as ',.2f', 'd' or '.1%'")
    if known["type"] in ("f", "%"):
        digits = int(known["digits"] if known["digits"] else 6)
        value = round_half_up(value, digits + (2 if known["type"] == "%" else 0))
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return format(value, spec)
    except ValueError:
        raise VaryError(f"{place} cannot format {short(value)}") from None


def resolve(node: Any, values: Values, language: str | None = None) -> Any:
    """Copy course data with every `= expression` computed and every text filled, each language of a text in that language."""
    if isinstance(node, str):
        return _resolved_text(node, values, language)
    if isinstance(node, dict | Mapping):
        texts = _is_text(node)
        return {key: _resolved_under(key, child, values, key if texts else language) for key, child in node.items()}
    if isinstance(node, list | tuple):
        return [_resolved_under(index, child, values, language) for index, child in enumerate(node)]
    return node


def _resolved_under(key: Any, child: Any, values: Values, language: str | None) -> Any:
    try:
        return resolve(child, values, language)
    except VaryError as error:
        raise error.under(key) from None


def _resolved_text(text: str, values: Values, language: str | None) -> Any:
    if text.startswith("= "):
        return _copy(_in_language(evaluate(text[2:], values), language))
    return fill(text, values, language or "en") if "{" in text or "}" in text else text


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(child) for key, child in value.items()}
    return [_copy(child) for child in value] if isinstance(value, list | tuple) else value


# Drawing.


class Draw(Protocol):
    """One way to draw a value, given what was drawn before it."""

    def draw(self, rng: Random, values: Values) -> Any: ...


@dataclass(frozen=True)
class Pick:
    """One of the listed things."""

    items: tuple[Any, ...]

    def draw(self, rng: Random, values: Values) -> Any:
        return resolve(rng.choice(self.items), values)


@dataclass(frozen=True)
class Range:
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int
    step: int

    def draw(self, rng: Random, values: Values) -> Any:
        return self.low + self.step * rng.randrange((self.high - self.low) // self.step + 1)


@dataclass(frozen=True)
class Calc:
    """A value computed from those before it."""

    expression: str

    def draw(self, rng: Random, values: Values) -> Any:
        return evaluate(self.expression, values)


@dataclass(frozen=True)
class Sample:
    """Several different ones of the listed things, in random order."""

    items: tuple[Any, ...]
    size: int

    def draw(self, rng: Random, values: Values) -> Any:
        return [resolve(item, values) for item in rng.sample(self.items, self.size)]


@dataclass(frozen=True)
class Vary:
    """What varies: named draws in the order written, and what must hold between them."""

    draws: tuple[tuple[str, Draw], ...]
    require: tuple[str, ...] = ()

    def draw(self, rng: Random) -> dict[str, Any]:
        """Draw all values; draw again, up to 200 times, until all that is required holds."""
        for _ in range(MOST_REDRAWS):
            values = self._drawn(rng)
            if self._holds(values):
                return values
        raise VaryError(f"{MOST_REDRAWS} draws did not meet what is required: {'; '.join(self.require)}", ("require",))

    def _drawn(self, rng: Random) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, draw in self.draws:
            try:
                values[name] = draw.draw(rng, values)
                _refuse_large(values[name])
            except VaryError as error:
                raise VaryError(f"{name}: {error.sentence}", ("vary", name)) from None
        return values

    def _holds(self, values: Values) -> bool:
        for index, condition in enumerate(self.require):
            try:
                if not evaluate(condition, values):
                    return False
            except VaryError as error:
                raise error.under("require", index) from None
        return True


def _refuse_large(value: Any) -> None:
    # A value may name earlier ones many times: without this bound, forty lines of YAML fill the memory.
    size = 0
    for length in _lengths(value):
        size += length
        if size > LARGEST_VALUE:
            raise VaryError(f"the value is larger than {LARGEST_VALUE} characters and entries")


def _lengths(value: Any) -> Iterator[int]:
    yield len(value) if isinstance(value, str) else 1
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for child in value:
            yield from _lengths(child)


def parse_vary(raw: Mapping[str, Any], require: Sequence[str] = ()) -> Vary:
    """Read a `vary:` mapping and its sibling `require:`. Raises VaryError naming the key."""
    if not isinstance(raw, Mapping) or not raw or len(raw) > MOST_NAMES:
        raise VaryError(f"vary needs 1 to {MOST_NAMES} names, each with a way to draw it", ("vary",))
    if isinstance(require, str) or not isinstance(require, Sequence) or not all(isinstance(condition, str) for condition in require):
        raise VaryError("require needs a list of expressions", ("require",))
    draws = tuple((name, _draw(name, spec)) for name, spec in raw.items())
    for index, condition in enumerate(require):
        try:
            parsed(condition)
        except VaryError as error:
            raise error.under("require", index) from None
    return Vary(draws, tuple(require))


def _draw(name: Any, spec: Any) -> Draw:
    try:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) or name in FUNCTIONS:
            raise VaryError("this is not a name for a value; use letters, digits and _, and no function's name")
        if not isinstance(spec, Mapping) or len(spec) != 1 or next(iter(spec)) not in _DRAWS:
            raise VaryError(f"expected one of {', '.join(_DRAWS)}, not {short(spec)}")
        [(way, what)] = spec.items()
        return _DRAWS[way](what)
    except VaryError as error:
        raise VaryError(f"{name}: {error.sentence}", ("vary", name)) from None


def _pick(what: Any) -> Draw:
    if not isinstance(what, list | tuple) or not what:
        raise VaryError(f"pick needs a list of one or more things, not {short(what)}")
    return Pick(tuple(what))


def _range(what: Any) -> Draw:
    whole = isinstance(what, list | tuple) and len(what) in (2, 3) and all(type(number) is int and abs(number) <= LARGEST for number in what)
    if not whole or what[0] > what[1] or (len(what) == 3 and what[2] < 1):
        raise VaryError(f"range needs two whole numbers, the smaller first, and perhaps a step above 0, not {short(what)}")
    return Range(what[0], what[1], what[2] if len(what) == 3 else 1)


def _calc(what: Any) -> Draw:
    if not isinstance(what, str):
        raise VaryError(f"calc needs an expression, not {short(what)}")
    parsed(what)
    return Calc(what)


def _sample(what: Any) -> Draw:
    pair = isinstance(what, list | tuple) and len(what) == 2 and isinstance(what[0], list | tuple) and type(what[1]) is int
    if not pair or not 1 <= what[1] <= len(what[0]):
        raise VaryError(f"sample needs a list and how many to take of it, not {short(what)}")
    return Sample(tuple(what[0]), what[1])


_DRAWS: dict[str, Callable[[Any], Draw]] = {"pick": _pick, "range": _range, "calc": _calc, "sample": _sample}
