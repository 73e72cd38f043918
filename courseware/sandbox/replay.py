"""A finished run beside a path that passes: which steps of that path the work lacks, and which of its own did harm. Values are the checks' business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from courseware.sandbox.diff import RowChange
from courseware.sandbox.journal import Entry, Journal, Paper
from courseware.sandbox.patterns import acted_on
from courseware.sandbox.play import LOOKS, play
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State
from courseware.sandbox.story import StoryLine, story

WAITING = frozenset({"time.forward", *LOOKS})  # steps that need no counterpart


@dataclass(frozen=True)
class Replay:
    """The path as a story, and by their numbers: its steps that the work lacks, the work's steps that did harm."""

    path: tuple[StoryLine, ...]
    lacks: frozenset[int]
    harms: frozenset[int]

    @property
    def first_lack(self) -> int | None:
        return min(self.lacks, default=None)

    @property
    def first_harm(self) -> int | None:
        return min(self.harms, default=None)


def replay(scenario: Scenario, paper: Paper, work: Journal, diff: Sequence[RowChange], state: State) -> Replay:
    """Play the reference on the variant of a run and lay the run's work beside it. The state holds neither plant nor work."""
    with state.applied(work.plant):
        path, _ = play(state, paper, Journal(work.plant), scenario.playing, scenario.reference)
        lines = tuple(story(state, path))
    return Replay(lines, frozenset(_lacking(path, work)), frozenset(_harming(work, diff)))


def _lacking(path: Journal, work: Journal) -> Iterable[int]:
    """Steps without a counterpart: the same verb on the same record, or on one of the same table where the run made it."""
    done = Counter(_kind(entry, work) for entry in work.effective())
    for entry in path.effective():
        kind = _kind(entry, path)
        if entry.verb not in WAITING and not entry.by_event:
            if done[kind]:
                done[kind] -= 1
            else:
                yield entry.no


def _kind(entry: Entry, journal: Journal) -> Hashable:
    if entry.verb == "answer.give":
        return entry.verb, entry.arguments["key"]
    record = acted_on(entry) or entry.made
    if record is None:
        return (entry.verb,)
    return (entry.verb, record[0]) if record in journal.made() else (entry.verb, *record)


def _harming(work: Journal, diff: Sequence[RowChange]) -> Iterable[int]:
    harmed = {(row.table, row.id, field.column) for row in diff for field in row.fields if field.label == "harmful"}
    for entry in work.effective():
        changed = {(change.table, change.id, column) for change in entry.changes for column in {**(change.before or {}), **(change.after or {})}}
        if changed & harmed:
            yield entry.no
