"""What one press takes back: the last action, all of a bulk action, or all that was done to one record. Each step taken back is an entry of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from courseware.errors import Refused
from courseware.i18n import message
from courseware.sandbox.bulk import MARK
from courseware.sandbox.diff import CONSEQUENCES
from courseware.sandbox.journal import LOOKS, Entry, Journal, undo_entry
from courseware.sandbox.state import Change
from courseware.sandbox.tables import Tables

Record = tuple[str, int]


def undo_entries(journal: Journal, final: Collection[str]) -> tuple[Entry, ...]:
    """Give the entries that take back the last action; if it was one of a bulk, all of that bulk. Raises Refused."""
    taken = [undo_entry(journal, final)]
    group = next(entry.arguments.get(MARK) for entry in journal.entries if entry.no == taken[0].undoes)
    while group is not None:
        journal = journal.added(taken[-1])
        last = next((entry for entry in reversed(journal.effective()) if entry.verb not in LOOKS), None)
        if last is None or last.arguments.get(MARK) != group:
            break
        taken.append(undo_entry(journal, final))
    return tuple(taken)


def done_to(journal: Journal, record: Record) -> tuple[Entry, ...]:
    """The actions that count and changed this record, in order."""
    return tuple(entry for entry in journal.effective() if entry.undoes is None and any((change.table, change.id) == record for change in entry.changes))


def put_back_entries(journal: Journal, tables: Tables, record: Record, final: Collection[str]) -> tuple[Entry, ...]:
    """Give the entries that take back all that was done to one record, the newest first. Raises Refused where something else hangs on it."""
    done = done_to(journal, record)
    if not done:
        raise Refused(message("Nothing was done to this record in this run."))
    for entry in done:
        _by_itself(entry, record, final)
    if any(change.before is None for entry in done for change in entry.changes if (change.table, change.id) == record):
        _not_needed(journal, tables, record)
    first, at = journal.next_no(), journal.entries[-1].at
    return tuple(
        Entry(first + index, "undo", {}, at, tuple(change.inverse() for change in reversed(entry.changes)), entry.no) for index, entry in enumerate(reversed(done))
    )  # fmt: skip


def _by_itself(entry: Entry, record: Record, final: Collection[str]) -> None:
    if entry.verb in final or entry.by_event:
        raise Refused(message("Step %(no)s cannot be taken back: what was sent, told or has come to pass stays.", no=entry.no))
    if any((change.table, change.id) != record for change in _meant(entry.changes)):
        raise Refused(message("Step %(no)s changed other records too. Take it back as a whole: with Undo, or in the story.", no=entry.no))


def _not_needed(journal: Journal, tables: Tables, record: Record) -> None:
    """The record was made in this run and would vanish: nothing later may refer to it."""
    table, id = record
    refers = {(child.name, column.name) for child, column in tables.pointing_at(table)}
    for entry in journal.effective():
        for change in _meant(entry.changes):
            if (change.table, change.id) != record and any((change.table, name) in refers and value == id for name, value in (change.after or {}).items()):
                raise Refused(message("Step %(no)s builds on this record. Take that one back first.", no=entry.no))


def _meant(changes: Iterable[Change]) -> Iterable[Change]:
    """The changes of an action, without the lines that write themselves."""
    return (change for change in changes if change.table not in CONSEQUENCES)
