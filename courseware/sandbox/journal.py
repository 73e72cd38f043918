"""The journal of an attempt as plain values, and the rules that fold it: changes, clock, answers, undo. No database here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from courseware.errors import Refused
from courseware.i18n import message
from courseware.sandbox.state import Change
from courseware.sandbox.tables import MOMENT

START = "2026-03-16 09:30"
LOOKS = ("look.record", "look.search")  # journaled, but no actions: they change nothing and cannot be taken back
BEGINNINGS = ("reset", "branch")  # number 0 of an epoch: where it begins again, and where a practice copy leaves its origin


@dataclass(frozen=True)
class Paper:
    """What an attempt pinned: seed, language, start, the base's identity, drawn and expected values, names of rows, and who the learner is."""

    seed: int
    language: str
    start: str
    base: str
    drawn: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def me(self) -> int | None:
        """The employee the learner plays."""
        named = self.names.get("me")
        return named[1] if named else None

    def to_json(self) -> dict[str, Any]:
        names = {name: list(row) for name, row in self.names.items()}
        return {
            "seed": self.seed, "language": self.language, "start": self.start, "base": self.base,
            "drawn": dict(self.drawn), "expected": dict(self.expected), "names": names,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Paper:
        names = {name: (table, id) for name, (table, id) in data["names"].items()}
        return cls(data["seed"], data["language"], data["start"], data["base"], data["drawn"], data["expected"], names)


@dataclass(frozen=True, slots=True)
class Entry:
    """One action: its verb, arguments (with `record`, the row acted on; `by` and `event` if it was not the learner), sandbox time, row changes."""

    no: int
    verb: str
    arguments: Mapping[str, Any]
    at: str
    changes: tuple[Change, ...] = ()
    undoes: int | None = None

    @property
    def record(self) -> int | None:
        found = self.arguments.get("record")
        return found if isinstance(found, int) else None

    @property
    def made(self) -> tuple[str, int] | None:
        """The row the action was for, if it made one: verbs write it first."""
        first = next((change for change in self.changes if change.before is None), None)
        return (first.table, first.id) if first and self.undoes is None else None

    @property
    def by_event(self) -> bool:
        return "event" in self.arguments


@dataclass(frozen=True)
class Journal:
    """What was planted, and the entries of the current epoch in order."""

    plant: tuple[Change, ...] = ()
    entries: tuple[Entry, ...] = ()

    def changes(self) -> Iterator[Change]:
        """Give every row change, in the order in which they are applied."""
        yield from self.plant
        for entry in self.entries:
            yield from entry.changes

    def undone(self) -> frozenset[int]:
        return frozenset(entry.undoes for entry in self.entries if entry.undoes is not None)

    def effective(self) -> tuple[Entry, ...]:
        """Give the actions that count: neither undone, nor an undo, nor the beginning of an epoch."""
        undone = self.undone()
        return tuple(entry for entry in self.entries if entry.no not in undone and entry.undoes is None and entry.verb not in BEGINNINGS)

    def clock(self, start: str) -> str:
        return self.entries[-1].at if self.entries else start

    @property
    def branched_after(self) -> int:
        """The step of its origin up to which a practice copy goes; 0 is the beginning."""
        first = next(iter(self.entries), None)
        return int(first.arguments["step"]) if first and first.verb == "branch" else 0

    @property
    def newest(self) -> int:
        """The number of the last entry; 0 where there is none, or only the beginning of an epoch."""
        return self.entries[-1].no if self.entries else 0

    def next_no(self) -> int:
        return self.newest + 1

    def answers(self) -> dict[str, Any]:
        """Give the newest answer to every question."""
        return {entry.arguments["key"]: entry.arguments.get("value") for entry in self.effective() if entry.verb == "answer.give"}

    def added(self, *entries: Entry) -> Journal:
        return Journal(self.plant, (*self.entries, *entries))

    def made(self) -> frozenset[tuple[str, int]]:
        """Give the rows that the learner and events added and that are still there."""
        made: set[tuple[str, int]] = set()
        for entry in self.entries:
            for change in entry.changes:
                (made.add if change.before is None else made.discard if change.after is None else _ignore)((change.table, change.id))
        return frozenset(made)


def _ignore(row: tuple[str, int]) -> None:
    return None


def later(at: str, minutes: float) -> str:
    """Give the sandbox time so many minutes later."""
    return (datetime.strptime(at, MOMENT) + timedelta(minutes=minutes)).strftime(MOMENT)


def minutes_between(earlier: str, after: str) -> float:
    return (datetime.strptime(after, MOMENT) - datetime.strptime(earlier, MOMENT)).total_seconds() / 60


def undo_entry(journal: Journal, final: Collection[str]) -> Entry:
    """Give the entry that takes back the last action not yet undone, looks aside. Raises Refused for final verbs and when nothing is left."""
    last = next((entry for entry in reversed(journal.effective()) if entry.verb not in LOOKS), None)
    if last is None:
        raise Refused(message("There is nothing to undo."))
    if last.verb in final or last.by_event:
        raise Refused(message("The last action cannot be undone: what was sent, told or has come to pass stays. You may start again from the beginning."))
    inverse = tuple(change.inverse() for change in reversed(last.changes))
    return Entry(journal.next_no(), "undo", {}, journal.entries[-1].at, inverse, last.no)


def net(changes: Sequence[Change]) -> dict[tuple[str, int], Change]:
    """Fold changes into one a row: from what it was before the first to what it is after the last. Rows that end as they began are left out."""
    folded: dict[tuple[str, int], Change] = {}
    for change in changes:
        key = (change.table, change.id)
        folded[key] = _joined(folded[key], change) if key in folded else change
    return {key: change for key, change in folded.items() if change.before != change.after}


def _joined(first: Change, second: Change) -> Change:
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    if first.after is None:  # removed, then put back
        before, after = first.before, second.after
    elif first.before is None:  # made, then changed or removed
        before, after = None, None if second.after is None else {**first.after, **second.after}
    elif second.after is None:
        before, after = {**(second.before or {}), **first.before}, None
    else:
        before = {**(second.before or {}), **first.before}
        after = {**first.after, **second.after}
        same = {name for name in before if before[name] == after.get(name)}
        before, after = ({name: value for name, value in side.items() if name not in same} for side in (before, after))
    return Change(first.table, first.id, before, after)
