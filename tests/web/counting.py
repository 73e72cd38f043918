"""Counting a page's statements: its own, without the look for a newer revision, which comes with the clock and not with the page."""

from __future__ import annotations

import re
from collections.abc import Iterable


def own(statements: Iterable[str]) -> int:
    return sum(not re.search(r"FROM (\w+\.)?revision\b", statement) for statement in statements)  # PostgreSQL names the schema
