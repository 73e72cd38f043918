"""Working hours of the firm between two moments. Which clock a rule uses is for the rule to say."""

from __future__ import annotations

from datetime import datetime, timedelta

OPENS, CLOSES = 9, 18  # Monday to Friday
_FORM = "%Y-%m-%d %H:%M"


def working_hours(earlier: str, later: str) -> float:
    """Give the hours from Monday to Friday, 9 to 18, that lie between two moments; 0 if the second is not later."""
    start, end = datetime.strptime(earlier, _FORM), datetime.strptime(later, _FORM)
    total = 0.0
    day = start.replace(hour=0, minute=0)
    while day < end:
        if day.weekday() < 5:
            begin, close = max(start, day.replace(hour=OPENS)), min(end, day.replace(hour=CLOSES))
            total += max(0.0, (close - begin).total_seconds() / 3600)
        day += timedelta(days=1)
    return total
