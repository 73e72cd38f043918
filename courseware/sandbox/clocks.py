"""Clocks of service levels: how much of the promised time is left at a moment of sandbox time. A paused or stopped case is for the rows to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from courseware.i18n import Text
from courseware.sandbox.hours import DAY, working_hours
from courseware.sandbox.state import Row, State
from courseware.sandbox.tables import Column

SOON = 0.2  # of the promised time left: from here on it is pressing
CLOCK = "clock"  # the type of these columns: reckoned, never stored


@dataclass(frozen=True)
class Clock:
    """A promise on the rows of a table: so many hours (a column of slas) from `start`, or the moment in `due`, until `stop` is filled in."""

    name: str
    label: Text
    start: str
    stop: str
    hours: str
    due: str | None = None


CLOCKS: Mapping[str, tuple[Clock, ...]] = {
    "cases": (
        Clock("answer_in", Text({"en": "Answer due in", "zh": "响应剩余"}), "opened_at", "first_response_at", "response_h"),
        Clock("solve_in", Text({"en": "Solve due in", "zh": "解决剩余"}), "opened_at", "resolved_at", "resolve_h", due="due_at"),
    )
}
OPEN: Mapping[str, Mapping[str, str]] = {"cases": {"status": "new,open,waiting"}}  # the filter of a queue: what still runs
_DONE = frozenset({"resolved", "closed"})


@dataclass(frozen=True)
class Reading:
    """What a clock shows: the hours left (negative: over), or None where none runs; a word for it, and how pressing it is."""

    left: float | None
    text: Text
    tone: str = ""  # over, soon, met


NONE = Reading(None, Text({"en": "", "zh": ""}))


def columns_of(table: str) -> tuple[Column, ...]:
    """The clocks of a table as columns of a list."""
    return tuple(Column(clock.name, CLOCK, clock.label) for clock in CLOCKS.get(table, ()))


def clock_of(table: str, name: str) -> Clock | None:
    return next((clock for clock in CLOCKS.get(table, ()) if clock.name == name), None)


def levels(state: State) -> dict[int, Row]:
    """The service levels by id: read once a list."""
    return {row["id"]: row for row in state.query("SELECT id, response_h, resolve_h, calendar FROM slas")}


def reading(clock: Clock, row: Mapping[str, Any], levels: Mapping[int, Row], now: str) -> Reading:
    """Read a clock of a row. A row without a service level has none."""
    level = levels.get(row["sla_id"])
    if level is None or row[clock.start] is None:
        return NONE
    is_working = level["calendar"] != "always"
    stopped = row[clock.stop]
    if stopped is None and row["status"] in _DONE:
        return NONE  # done without this step: nothing runs any more
    left = _left(clock, row, level, stopped or now, is_working)
    minutes, day = round(left * 60), DAY if is_working else 24
    if stopped is not None:
        return _told("late" if minutes < 0 else "met", minutes, day)
    return _told("over" if left < 0 else "soon" if left <= SOON * float(level[clock.hours]) else "left", minutes, day)


_WORDS: Mapping[str, Text] = {
    "over": Text({"en": "late by {}", "zh": "已超时 {}"}),
    "soon": Text({"en": "soon: {} left", "zh": "将到期：剩 {}"}),
    "left": Text({"en": "{} left", "zh": "剩 {}"}),
    "met": Text({"en": "done in time", "zh": "按时完成"}),
    "late": Text({"en": "done, {} late", "zh": "已完成，迟 {}"}),
}
_TONES = {"over": "over", "soon": "soon", "left": "", "met": "met", "late": "met"}


@lru_cache(maxsize=4096)
def _told(how: str, minutes: int, day: int) -> Reading:
    length = lasting(abs(minutes), day)
    text = Text({language: words.format(length[language]) for language, words in _WORDS[how].items()})
    return Reading(None if how in ("met", "late") else minutes / 60, text, _TONES[how])


def _left(clock: Clock, row: Mapping[str, Any], level: Row, at: str, is_working: bool) -> float:
    """The hours until the promise ends, reckoned in its calendar; a date of its own goes before the hours of the level."""
    due = row[clock.due] if clock.due else None
    if due is None:
        return float(level[clock.hours]) - _hours(row[clock.start], at, is_working)
    return _hours(at, due, is_working) if at <= due else -_hours(due, at, is_working)


def _hours(earlier: str, later: str, is_working: bool) -> float:
    if is_working:
        return working_hours(earlier, later)
    return max(0.0, (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 3600)


def lasting(minutes: int, day: int) -> Mapping[str, str]:
    """Say how long, in days of so many hours from two days on, else in hours and minutes."""
    whole, rest = divmod(minutes, day * 60)
    if whole >= 2:
        return {"en": f"{whole} d {rest // 60} h", "zh": f"{whole} 天 {rest // 60} 小时"}
    return {"en": f"{minutes // 60} h {minutes % 60:02} min", "zh": f"{minutes // 60} 小时 {minutes % 60:02} 分"}


def by_urgency(state: State, table: str, clock: Clock, where: str, parameters: list[Any], now: str) -> list[int]:
    """Give the ids of the rows whose clock runs, the latest first. All others have none to be sorted by."""
    columns = ", ".join(f'"{name}"' for name in dict.fromkeys(("id", "sla_id", "status", clock.start, clock.stop, clock.due or "id")))
    rows = state.query(f'SELECT {columns} FROM "{table}" WHERE {where} AND "{clock.stop}" IS NULL AND status NOT IN (\'resolved\', \'closed\')', parameters)
    known = levels(state)
    timed = (
        (_left(clock, row, known[row["sla_id"]], now, known[row["sla_id"]]["calendar"] != "always"), row["id"]) for row in rows if row["sla_id"] in known and row[clock.start]
    )  # fmt: skip
    return [id for _, id in sorted(timed)]


def readings(state: State, table: str, rows: Iterable[Row], now: str) -> dict[tuple[int, str], Reading]:
    """Read the clocks of rows, by row and clock."""
    known = levels(state)
    return {(row["id"], clock.name): reading(clock, row, known, now) for row in rows for clock in CLOCKS.get(table, ())}
