"""The process pool for learners' SQL, and what a query gave, ready to print: for the console of a run, and for questions that are answered with a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from courseware.i18n import Message
from courseware.sandbox.console.pool import Pool, Result

POOL = Pool()  # its processes start with the first query


@dataclass(frozen=True)
class ResultShown:
    """What a query gave, ready to print: a heading is (name, css); `message` stands alone, or above rows of which there are more."""

    is_ok: bool
    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    message: Message | None
    ms: float
    csv: str


def result_shown(found: Result, csv: str = "") -> ResultShown:
    """Make what a query gave ready to print, with the address of its file, if there is one."""
    heads = tuple((name, "num" if _is_number(found.rows, place) else "") for place, name in enumerate(found.columns))
    return ResultShown(found.status == "ok", heads, found.rows, found.message, found.ms, csv)


def _is_number(rows: tuple[tuple[Any, ...], ...], place: int) -> bool:
    values = [row[place] for row in rows if row[place] is not None]
    return bool(values) and all(isinstance(value, int | float) for value in values)
