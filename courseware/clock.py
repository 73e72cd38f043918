"""The time: UTC inside, the school's zone on the page. Only web and cli ask for it; everyone else is told."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    return datetime.now(UTC)


def local(at: datetime, zone: str) -> datetime:
    """Give the same moment in a zone by its IANA name."""
    return at.astimezone(ZoneInfo(zone))
