"""A moment of the school's zone as people type it, and as a field for date and time holds it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from courseware import clock
from courseware.errors import Invalid
from courseware.i18n import message

EARLIEST, LATEST = 2000, 2100  # years that are no slip of the finger
LONGEST = 60
PATTERNS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")


def moment_as_typed(at: datetime | None, zone: str) -> str:
    return clock.local(at, zone).strftime("%Y-%m-%dT%H:%M") if at else ""


def read_moment(typed: str, zone: str, field: str | None = None) -> datetime | None:
    """Read a date and time; None if nothing is typed. Raises Invalid, naming the field, with what was typed."""
    typed = typed.strip()[:LONGEST]
    if not typed:
        return None
    for pattern in PATTERNS:
        try:
            at = datetime.strptime(typed, pattern).replace(tzinfo=ZoneInfo(zone))
        except ValueError:
            continue
        if not EARLIEST <= at.year <= LATEST:
            raise Invalid(message("The year %(year)s is not meant, surely. Write a year from %(earliest)s to %(latest)s.", year=at.year, earliest=EARLIEST, latest=LATEST), field)
        return at.astimezone(UTC)
    raise Invalid(message("“%(typed)s” cannot be read as a date and time. Write it like 2026-03-20 21:00.", typed=typed), field)
