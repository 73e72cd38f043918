"""Expressions over named values: Python's own grammar, a short list of its nodes, and bounds on every number and text."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from statistics import median
from typing import Any

from courseware.erlang import erlang_c

Values = Mapping[str, Any]
Path = tuple[str | int, ...]

LONGEST_EXPRESSION = 1_000
MOST_NODES = 300
DEEPEST = 40
LARGEST = 10**18
HIGHEST_POWER = 100
MOST_DIGITS = 12
LARGEST_VALUE = 5_000  # characters of a text, entries of a list


class VaryError(ValueError):
    """A variant that cannot be drawn or filled; a plain sentence, and the path to the fault inside the data."""

    def __init__(self, sentence: str, path: Path = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.path = path

    def under(self, *keys: str | int) -> VaryError:
        """Give the same fault as seen from further up in the data."""
        return VaryError(self.sentence, (*keys, *self.path))


def evaluate(expression: str, values: Values) -> Any:
    """Compute an expression over drawn values. Nothing but the listed operators and functions is known, and no result can grow without bound."""
    tree = parsed(expression)
    try:
        return _bounded(_compute(tree, values))
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        if isinstance(error, VaryError):
            raise
        raise VaryError(f"cannot compute {short(expression)}: {error}") from None


@lru_cache(maxsize=4096)
def parsed(expression: str) -> ast.expr:
    """Read an expression without computing it. Raises VaryError for what is none."""
    if len(expression) > LONGEST_EXPRESSION:
        raise VaryError(f"the expression {short(expression)} is longer than {LONGEST_EXPRESSION} characters")
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise VaryError(f"{short(expression)} is not an expression") from None
    _refuse_unknown(tree, expression)
    return tree


def _refuse_unknown(tree: ast.expr, expression: str) -> None:
    level: list[ast.AST] = [tree]
    count = depth = 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > DEEPEST or count > MOST_NODES:
            raise VaryError(f"the expression {short(expression)} is too long or nested too deeply")
        for node in level:
            if not isinstance(node, _KNOWN):
                raise VaryError(f"{short(expression)} uses {type(node).__name__}, which expressions do not know")
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
    return item(_compute(node.value, values), node.attr)


def _subscript(node: ast.Subscript, values: Values) -> Any:
    return item(_compute(node.value, values), _compute(node.slice, values))


def item(owner: Any, key: Any) -> Any:
    known = isinstance(owner, Mapping) and isinstance(key, str) and key in owner
    if known or (isinstance(owner, Sequence) and isinstance(key, int) and -len(owner) <= key < len(owner)):
        return owner[key]
    raise VaryError(f"there is no {key!r} in {short(owner)}")


def _unary(node: ast.UnaryOp, values: Values) -> Any:
    return _UNARY[type(node.op)](_compute(node.operand, values))


def _binary(node: ast.BinOp, values: Values) -> Any:
    left, right = _compute(node.left, values), _compute(node.right, values)
    joins = isinstance(node.op, ast.Add) and type(left) is type(right) and isinstance(left, str | list)
    if not joins and not (is_number(left) and is_number(right)):
        raise VaryError(f"cannot calculate with {short(left)} and {short(right)}")
    return _bounded(_BINARY[type(node.op)](left, right))


def _power(base: Any, exponent: Any) -> Any:
    if abs(exponent) > HIGHEST_POWER:
        raise VaryError(f"the exponent {short(exponent)} is above {HIGHEST_POWER}")
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
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
        raise VaryError(f"unknown function {ast.unparse(node.func)}; known: {', '.join(FUNCTIONS)}")
    return _bounded(FUNCTIONS[node.func.id](*(_compute(argument, values) for argument in node.args)))


def round_half_up(number: float, digits: int = 0) -> float:
    """Round as people do: half away from zero, looking at 12 significant digits so that binary noise does not decide."""
    if not is_number(number) or not isinstance(digits, int) or abs(digits) > MOST_DIGITS:
        raise VaryError(f"round takes a number and at most {MOST_DIGITS} digits")
    exact = Decimal(number) if isinstance(number, int) else Decimal(f"{number:.{MOST_DIGITS}g}")
    rounded = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(rounded) if digits > 0 else int(rounded)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _bounded(value: Any) -> Any:
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        raise VaryError("the result is not a finite number")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise VaryError(f"the number is beyond {LARGEST:.0e}")
    if isinstance(value, str | list) and len(value) > LARGEST_VALUE:
        raise VaryError(f"the text or list is longer than {LARGEST_VALUE}")
    return value


def short(value: Any) -> str:
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
FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "min": min, "max": max, "round": round_half_up, "sum": sum, "len": len, "median": median, "exp": math.exp, "ceil": math.ceil, "erlang_c": erlang_c}
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
