"""The mastery of one objective from its evidence: a pure rule (docs/mastery.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

RULE, VERSION = "beta-80", 1
LEAST_WEIGHT, WIDEST, MET, SECURE = 4.0, 0.50, 0.70, 0.90


class Level(StrEnum):
    UNKNOWN = "not enough evidence yet"
    STARTED = "started"
    MET = "met"
    SECURE = "secure"


@dataclass(frozen=True)
class Piece:
    """One scored unit: its score from 0 to 1, its weight in points, and whether it shows that the learner can do it."""

    score: float
    weight: float
    shows_ability: bool = False


@dataclass(frozen=True)
class Mastery:
    """A level and what it rests on: n points of evidence, their mean, and the 80 % interval."""

    level: Level
    n: float
    mean: float | None
    low: float
    high: float
    missing: float = 0.0  # points of evidence still needed before a level can be given
    needs_practice: bool = False  # good enough in numbers, but no passed scenario or sound rubric row yet


def mastery(pieces: Iterable[Piece], *, is_ability: bool) -> Mastery:
    """Judge an objective by design.md's rule.

    With n = Σ weight and m = Σ weight·score / n, the interval is the 80 % one of Beta(1 + n·m, 1 + n − n·m).
    n < 4 or an interval wider than .50 is not enough; m < .70 started, from .70 met, from .90 secure.
    An ability objective is met only with a passed scenario or a rubric row at level 2 besides.
    """
    known = list(pieces)
    n = math.fsum(piece.weight for piece in known)
    mean = round(math.fsum(piece.weight * min(1.0, max(0.0, piece.score)) for piece in known) / n, 9) if n else None  # .7 is .7, in whatever order it was summed
    low, high = interval(n, mean or 0.0) if n else (0.1, 0.9)
    if mean is None or n < LEAST_WEIGHT or high - low > WIDEST:
        return Mastery(Level.UNKNOWN, n, mean, low, high, missing=_missing(n, mean))
    level = Level.SECURE if mean >= SECURE else Level.MET if mean >= MET else Level.STARTED
    if is_ability and level is not Level.STARTED and not any(piece.shows_ability for piece in known):
        return Mastery(Level.STARTED, n, mean, low, high, needs_practice=True)
    return Mastery(level, n, mean, low, high)


def _missing(n: float, mean: float | None) -> float:
    """Points still needed, if further evidence came out like the evidence so far (or half right, with none)."""
    more = max(0.0, LEAST_WEIGHT - n)
    while True:
        low, high = interval(n + more, mean if mean is not None else 0.5)
        if high - low <= WIDEST:
            return math.ceil(more * 2) / 2
        more += 0.5


@lru_cache(maxsize=4096)
def interval(n: float, mean: float) -> tuple[float, float]:
    """The 10 % and 90 % points of Beta(1 + n·mean, 1 + n − n·mean)."""
    a, b = 1 + n * mean, 1 + n - n * mean
    return _quantile(a, b, 0.1), _quantile(a, b, 0.9)


def _quantile(a: float, b: float, share: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(50):  # halving: 2**-50 is finer than anything shown
        middle = (low + high) / 2
        low, high = (middle, high) if beta_cdf(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22, evaluated by Lentz's method)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny, c = 1e-300, 1.0
    d = 1 / (1 - (a + b) * x / (a + 1) or tiny)
    fraction = d
    for m in range(1, 300):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + numerator * d or tiny)
            c = 1 + numerator / c or tiny
            step = c * d
            fraction *= step
        if abs(step - 1) < 1e-14:
            break
    return front * fraction
