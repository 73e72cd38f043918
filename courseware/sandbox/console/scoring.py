"""The console when an answer is scored: the same worker and rules, more patience, so that what ran for the learner runs here too."""

from __future__ import annotations

import time
from collections.abc import Sequence

from courseware.sandbox.console.pool import Pool, Result
from courseware.sandbox.state import Base, Change

POOL = Pool(size=1, waiting=1, patience=5.0, seconds=4.0)  # its process starts with the first query; with the console's own it leaves the site's threads free
TRIES, PAUSE = 4, 0.5  # seconds


def run_to_score(base: Base, changes: Sequence[Change], sql: str) -> Result:
    """Run a query over a base with changes, waiting for a free process up to some 20 s. `was_run` says whether one was found."""
    for _ in range(TRIES - 1):
        result = POOL.run(base, changes, sql, asker=object())
        if result.was_run and result.status != "limit":
            return result
        if result.was_run:  # once more in a new process: the old one may have been at its limits already
            return POOL.run(base, changes, sql, asker=object())
        time.sleep(PAUSE)
    return POOL.run(base, changes, sql, asker=object())
