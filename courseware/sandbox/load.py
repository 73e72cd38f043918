"""Who has room for more work: what a colleague has in hand of a kind, what may be the most, what they can do. Who should get it is for the learner to say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from courseware.i18n import Text
from courseware.sandbox.state import State

# What is still in hand, by the column that says whose it is.
IN_HAND: Mapping[str, str] = {
    "accounts.owner_id": "merged_into_id IS NULL",
    "cases.owner_id": "status NOT IN ('resolved', 'closed')",
    "contracts.owner_id": "status = 'active'",
    "leads.owner_id": "status NOT IN ('converted', 'disqualified')",
    "opportunities.owner_id": "stage NOT IN ('won', 'lost')",
    "tasks.owner_id": "status = 'open'",
    "field_visits.technician_id": "outcome = 'planned'",
}
LIMITS: Mapping[str, str] = {"accounts.owner_id": "max_accounts"}  # the column of employees that says how many are the most
_WORDS = Text({"en": "{} in hand", "zh": "在手 {}"})
_OF = Text({"en": "{} of at most {} in hand", "zh": "在手 {}（上限 {}）"})
_SHORT_OF = Text({"en": "{}/{} in hand", "zh": "在手 {}/{}"})
_FULL = Text({"en": "{} of at most {} in hand: full", "zh": "在手 {}（上限 {}）：已满"})


@dataclass(frozen=True)
class Load:
    """What one colleague has in hand, the most that may be, and skills."""

    count: int
    most: int | None
    skills: tuple[str, ...]

    def short(self) -> Text:
        """Only the numbers, for a list that has to fit a phone."""
        form = _WORDS if self.most is None else _SHORT_OF
        return Text({language: words.format(self.count, self.most) for language, words in form.items()})

    def words(self) -> Text:
        form = _WORDS if self.most is None else _FULL if self.count >= self.most else _OF
        skills = f" · {', '.join(self.skills)}" if self.skills else ""
        return Text({language: words.format(self.count, self.most) + skills for language, words in form.items()})


def loads(state: State, column: str) -> dict[int, Load]:
    """Give the load of every colleague for a column that names one ("cases.owner_id"); none where no work is counted by it."""
    if column not in IN_HAND:
        return {}
    table, _, name = column.partition(".")
    counted = f'SELECT "{name}" AS id, count(*) AS n FROM "{table}" WHERE {IN_HAND[column]} GROUP BY 1'
    counts = {row["id"]: row["n"] for row in state.query(counted)}
    limit = LIMITS.get(column)
    return {row["id"]: Load(counts.get(row["id"], 0), row[limit] if limit else None, _skills(row["skills"])) for row in state.rows("employees")}


def _skills(stored: str | None) -> tuple[str, ...]:
    read = json.loads(stored) if stored else []
    return tuple(map(str, read)) if isinstance(read, list) else ()
