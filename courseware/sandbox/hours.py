"""Working hours of the firm between two moments. Which clock a rule uses is for the rule to say."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

OPENS, CLOSES = 9, 18  # Monday to Friday
DAY = CLOSES - OPENS
_MONDAY = datetime(2024, 1, 1)


def working_hours(earlier: str, later: str) -> float:
    """Give the hours from Monday to Friday, 9 to 18, that lie between two moments; 0 if the second is not later."""
    return max(0, _minutes(later) - _minutes(earlier)) / 60


@lru_cache(maxsize=8192)
def _minutes(at: str) -> int:
    """The working minutes since some Monday; negative before it."""
    since = datetime.fromisoformat(at) - _MONDAY
    weeks, days = divmod(since.days, 7)
    today = min(max(since.seconds // 60 - OPENS * 60, 0), DAY * 60) if days < 5 else 0
    return (weeks * 5 + min(days, 5)) * DAY * 60 + today
