"""Draw the values of a variant by seed and fill them into course data. What the data mean (a question, a scenario) is the business of its room."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from random import Random
from statistics import median
from typing import Any, Protocol

from courseware.i18n import LANGUAGES

Values = Mapping[str, Any]
Path = tuple[str | int, ...]

LONGEST_EXPRESSION = 1_000
MOST_NODES = 300
DEEPEST = 40
LARGEST = 10**18
HIGHEST_POWER = 100
MOST_DIGITS = 12
LONGEST_TEXT = 50_000
LARGEST_VALUE = 5_000
MOST_NAMES = 100
MOST_REDRAWS = 200


class VaryError(ValueError):
    """A variant that cannot be drawn or filled; a plain sentence, and the path to the fault inside the data."""

    def __init__(self, sentence: str, path: Path = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.path = path

    def under(self, *keys: str | int) -> VaryError:
        """Give the same fault as seen from further up in the data."""
        return VaryError(self.sentence, (*keys, *self.path))


# Expressions: Python's own grammar, a short list of its nodes, and bounds on every number and text.


def evaluate(expression: str, values: Values) -> Any:
    """Compute an expression over drawn values. Nothing but the listed operators and functions is known, and no result can grow without bound."""
    tree = _parsed(expression)
    try:
        return _bounded(_compute(tree, values))
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        if isinstance(error, VaryError):
            raise
        raise VaryError(f"cannot compute {_short(expression)}: {error}") from None


@lru_cache(maxsize=4096)
def _parsed(expression: str) -> ast.expr:
    if len(expression) > LONGEST_EXPRESSION:
        raise VaryError(f"the expression {_short(expression)} is longer than {LONGEST_EXPRESSION} characters")
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise VaryError(f"{_short(expression)} is not an expression") from None
    _refuse_unknown(tree, expression)
    return tree


def _refuse_unknown(tree: ast.expr, expression: str) -> None:
    level: list[ast.AST] = [tree]
    count = depth = 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > DEEPEST or count > MOST_NODES:
            raise VaryError(f"the expression {_short(expression)} is too long or nested too deeply")
        for node in level:
            if not isinstance(node, _KNOWN):
                raise VaryError(f"{_short(expression)} uses {type(node).__name__}, which expressions do not know")
        level = [child for node in level for child in ast.iter_child_nodes(node)]


def _compute(node: ast.AST, values: Values) -> Any:
    return _READERS[type(node)](node, values)


def _constant(node: ast.Constant, values: Values) -> Any:
    if node.value is not None and not isinstance(node.value, bool | int | float | str):
        raise VaryError(f"{node.value!r} is neither a number nor a text")
    return _bounded(node.value)


def _name(node: ast.Name, values: Values) -> Any:
    if node.id not in values:
        raise VaryError(f"unknown name {node.id!r}; known: {', '.join(values) or 'none'}")
    return values[node.id]


def _attribute(node: ast.Attribute, values: Values) -> Any:
    return _item(_compute(node.value, values), node.attr)


def _subscript(node: ast.Subscript, values: Values) -> Any:
    return _item(_compute(node.value, values), _compute(node.slice, values))


def _item(owner: Any, key: Any) -> Any:
    known = isinstance(owner, Mapping) and isinstance(key, str) and key in owner
    if known or (isinstance(owner, Sequence) and isinstance(key, int) and -len(owner) <= key < len(owner)):
        return owner[key]
    raise VaryError(f"there is no {key!r} in {_short(owner)}")


def _unary(node: ast.UnaryOp, values: Values) -> Any:
    return _UNARY[type(node.op)](_compute(node.operand, values))


def _binary(node: ast.BinOp, values: Values) -> Any:
    left, right = _compute(node.left, values), _compute(node.right, values)
    joins = isinstance(node.op, ast.Add) and type(left) is type(right) and isinstance(left, str | list)
    if not joins and not (_is_number(left) and _is_number(right)):
        raise VaryError(f"cannot calculate with {_short(left)} and {_short(right)}")
    return _bounded(_BINARY[type(node.op)](left, right))


def _power(base: Any, exponent: Any) -> Any:
    if abs(exponent) > HIGHEST_POWER:
        raise VaryError(f"the exponent {_short(exponent)} is above {HIGHEST_POWER}")
    return base**exponent


def _boolean(node: ast.BoolOp, values: Values) -> Any:
    result: Any = None
    for operand in node.values:
        result = _compute(operand, values)
        if bool(result) is isinstance(node.op, ast.Or):
            break
    return result


def _compare(node: ast.Compare, values: Values) -> bool:
    left = _compute(node.left, values)
    for op, comparator in zip(node.ops, node.comparators, strict=True):
        right = _compute(comparator, values)
        if not _COMPARISONS[type(op)](left, right):
            return False
        left = right
    return True


def _choice(node: ast.IfExp, values: Values) -> Any:
    return _compute(node.body if _compute(node.test, values) else node.orelse, values)


def _list(node: ast.List | ast.Tuple, values: Values) -> list[Any]:
    return [_compute(element, values) for element in node.elts]


def _call(node: ast.Call, values: Values) -> Any:
    if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS or node.keywords:
        raise VaryError(f"unknown function {ast.unparse(node.func)}; known: {', '.join(_FUNCTIONS)}")
    return _bounded(_FUNCTIONS[node.func.id](*(_compute(argument, values) for argument in node.args)))


def round_half_up(number: float, digits: int = 0) -> float:
    """Round as people do: half away from zero, looking at 12 significant digits so that binary noise does not decide."""
    if not _is_number(number) or not isinstance(digits, int) or abs(digits) > MOST_DIGITS:
        raise VaryError(f"round takes a number and at most {MOST_DIGITS} digits")
    exact = Decimal(number) if isinstance(number, int) else Decimal(f"{number:.{MOST_DIGITS}g}")
    rounded = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(rounded) if digits > 0 else int(rounded)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _bounded(value: Any) -> Any:
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        raise VaryError("the result is not a finite number")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise VaryError(f"the number is beyond {LARGEST:.0e}")
    if isinstance(value, str | list) and len(value) > LARGEST_VALUE:
        raise VaryError(f"the text or list is longer than {LARGEST_VALUE}")
    return value


def _short(value: Any) -> str:
    if isinstance(value, int) and abs(value) > LARGEST:
        return "a huge number"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


_UNARY: dict[type[ast.AST], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_}
_BINARY: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_COMPARISONS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, group: item in group,
    ast.NotIn: lambda item, group: item not in group,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "min": min, "max": max, "round": round_half_up, "sum": sum, "len": len, "median": median}
_READERS: dict[type[ast.AST], Callable[[Any, Values], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.List: _list,
    ast.Tuple: _list,
    ast.Call: _call,
}
_KNOWN = (*_READERS, *_UNARY, *_BINARY, *_COMPARISONS, ast.And, ast.Or, ast.Load)


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
            raise VaryError(f"the text {_short(text)} grows beyond {LONGEST_TEXT} characters")
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
        value = _item(value, int(index) if index else field)
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
    raise VaryError(f"{place} is {_short(value)}, neither a number nor a text: name one of its fields")


def _formatted(value: Any, spec: str, place: str) -> str:
    known = _SPEC.fullmatch(spec)
    if not known or not _is_number(value):
        raise VaryError(f"{place} cannot format {_short(value)}: formats are for numbers, such as ',.2f', 'd' or '.1%'")
    if known["type"] in ("f", "%"):
        digits = int(known["digits"] if known["digits"] else 6)
        value = round_half_up(value, digits + (2 if known["type"] == "%" else 0))
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return format(value, spec)
    except ValueError:
        raise VaryError(f"{place} cannot format {_short(value)}") from None


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
            _parsed(condition)
        except VaryError as error:
            raise error.under("require", index) from None
    return Vary(draws, tuple(require))


def _draw(name: Any, spec: Any) -> Draw:
    try:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) or name in _FUNCTIONS:
            raise VaryError("this is not a name for a value; use letters, digits and _, and no function's name")
        if not isinstance(spec, Mapping) or len(spec) != 1 or next(iter(spec)) not in _DRAWS:
            raise VaryError(f"expected one of {', '.join(_DRAWS)}, not {_short(spec)}")
        [(way, what)] = spec.items()
        return _DRAWS[way](what)
    except VaryError as error:
        raise VaryError(f"{name}: {error.sentence}", ("vary", name)) from None


def _pick(what: Any) -> Draw:
    if not isinstance(what, list | tuple) or not what:
        raise VaryError(f"pick needs a list of one or more things, not {_short(what)}")
    return Pick(tuple(what))


def _range(what: Any) -> Draw:
    whole = isinstance(what, list | tuple) and len(what) in (2, 3) and all(type(number) is int and abs(number) <= LARGEST for number in what)
    if not whole or what[0] > what[1] or (len(what) == 3 and what[2] < 1):
        raise VaryError(f"range needs two whole numbers, the smaller first, and perhaps a step above 0, not {_short(what)}")
    return Range(what[0], what[1], what[2] if len(what) == 3 else 1)


def _calc(what: Any) -> Draw:
    if not isinstance(what, str):
        raise VaryError(f"calc needs an expression, not {_short(what)}")
    _parsed(what)
    return Calc(what)


def _sample(what: Any) -> Draw:
    pair = isinstance(what, list | tuple) and len(what) == 2 and isinstance(what[0], list | tuple) and type(what[1]) is int
    if not pair or not 1 <= what[1] <= len(what[0]):
        raise VaryError(f"sample needs a list and how many to take of it, not {_short(what)}")
    return Sample(tuple(what[0]), what[1])


_DRAWS: dict[str, Callable[[Any], Draw]] = {"pick": _pick, "range": _range, "calc": _calc, "sample": _sample}
