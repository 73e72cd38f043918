"""The journal as a story: each action with its time, the record it was about, and what it changed, for persons. Nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass

from courseware.i18n import Message, Text, message
from courseware.sandbox import show
from courseware.sandbox.actions import VERBS
from courseware.sandbox.journal import BEGINNINGS, Entry, Journal
from courseware.sandbox.patterns import acted_on
from courseware.sandbox.state import Change, State

MOST_TOLD = 12  # rows of one action whose fields are told; an action on a whole list may change hundreds
OTHERS = Text({"en": "further records changed alike", "zh": "另有同样改动的记录"})


@dataclass(frozen=True)
class FieldTold:
    """One column that an action changed."""

    name: Text
    before: Text
    after: Text


@dataclass(frozen=True)
class StoryLine:
    """One action. `undone` by a later one; `undoes` an earlier one; `by` names a colleague if an event did it."""

    no: int
    at: str
    what: Message
    record: tuple[str, int] | None
    title: str
    fields: tuple[FieldTold, ...]
    undone: bool = False
    undoes: int | None = None
    by: str | None = None


def story(state: State, journal: Journal) -> list[StoryLine]:
    """Tell the current epoch from its first action on. The state holds the journal's changes."""
    undone = journal.undone()
    return [_line(state, entry, entry.no in undone) for entry in journal.entries if entry.verb not in BEGINNINGS]


def story_of(state: State, journal: Journal, table: str, id: int) -> list[StoryLine]:
    """Tell what was done to one record."""
    touching = Journal(journal.plant, tuple(entry for entry in journal.entries if _touches(entry, table, id)))
    undone = journal.undone()
    return [_line(state, entry, entry.no in undone, (table, id)) for entry in touching.entries]


def _touches(entry: Entry, table: str, id: int) -> bool:
    return acted_on(entry) == (table, id) or any((change.table, change.id) == (table, id) for change in entry.changes)


def _line(state: State, entry: Entry, undone: bool, about: tuple[str, int] | None = None) -> StoryLine:
    """Tell one action; what it changed in the record asked about comes first."""
    record = acted_on(entry) or entry.made
    title = _title(state, record, entry)
    by = entry.arguments.get("by") if entry.by_event else None
    changes = sorted((change for change in entry.changes if change.table != "case_history"), key=lambda change: (change.table, change.id) != about)
    fields = tuple(told for change in changes[:MOST_TOLD] for told in _fields(state, change))
    if len(changes) > MOST_TOLD:
        fields += (FieldTold(OTHERS, show.EMPTY, show.same(str(len(changes) - MOST_TOLD))),)
    return StoryLine(entry.no, entry.at, _what(entry), record, title, fields, undone, entry.undoes, show.title_of(state, "employees", by) if by else None)


def _what(entry: Entry) -> Message:
    if entry.undoes is not None:
        return message("Took back step %(no)s", no=entry.undoes)
    if entry.verb == "answer.give":
        return message("Answered a question beside the scenario")
    if entry.verb in VERBS:
        return VERBS[entry.verb].label
    return show.LOOKED.get(entry.verb, show.LOOKED["look.search"])


def _title(state: State, record: tuple[str, int] | None, entry: Entry) -> str:
    if record is None:
        return ""
    if state.get(*record) is not None:
        return show.title_of(state, *record)
    made = next((change.after for change in entry.changes if (change.table, change.id) == record and change.after), None)
    return show.title(state, record[0], {"id": record[1], **(made or {})})


def _fields(state: State, change: Change) -> list[FieldTold]:
    before, after = change.before or {}, change.after or {}
    return [
        FieldTold(show.label(state.tables, change.table, name), show.value(state, change.table, name, before.get(name)), show.value(state, change.table, name, after.get(name)))
        for name in dict.fromkeys((*before, *after))
    ]  # fmt: skip
