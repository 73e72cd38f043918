"""Perform actions on a state: a verb with its time and entry, events that fast-forward plays, the steps of scripts. No database, no scoring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions import VERBS
from courseware.sandbox.journal import LOOKS as LOOKS
from courseware.sandbox.journal import Entry, Journal, Paper, later, undo_entry
from courseware.sandbox.scope import Named, Scope, fits
from courseware.sandbox.state import State
from courseware.sandbox.verbs import AskedQuestion, Desk, read_arguments

FINAL = frozenset(name for name, verb in VERBS.items() if verb.final)


@dataclass(frozen=True)
class Step:
    """A line of a script, as its file says it: values are resolved when it is played."""

    do: str
    on: Any = None
    with_: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    id: str | None = None
    by: Any = None
    repeat: Mapping[str, Any] | None = None
    spare: bool = False


@dataclass(frozen=True)
class Event:
    """What others do while time moves on: for each row of `rows` (once altogether without), `after` so many minutes."""

    id: str
    steps: tuple[Step, ...]
    after: int = 0
    rows: Any = None
    when: Sequence[Mapping[str, Any]] = ()
    by: Any = None
    says: Any = None


@dataclass(frozen=True)
class Rules:
    """What of a scenario bears on playing: its questions, its events, its found names."""

    questions: Mapping[str, AskedQuestion] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    find: Mapping[str, Any] = field(default_factory=dict)


FREE = Rules()


def scope_of(state: State, paper: Paper, journal: Journal, find: Mapping[str, Any] | None = None) -> Scope:
    """Give what files may refer to in an attempt as it stands."""
    names = {name: Named(table, (id,)) for name, (table, id) in paper.names.items()}
    return Scope(state, {**paper.drawn, **paper.expected}, names, paper.language, journal.made(), find or {})


def perform(
    state: State, paper: Paper, journal: Journal, rules: Rules, verb: str, arguments: Mapping[str, Any], *, by: int | None = None, event: str | None = None
) -> tuple[Entry, ...]:
    """Do one action on a state that holds the journal's changes; give the entries to append. Raises Invalid or Refused and leaves the state alone."""
    known = VERBS.get(verb)
    if known is None:
        raise Invalid(message("There is no action “%(verb)s”; there are: %(known)s.", verb=verb, known=", ".join(sorted(VERBS))))
    before = journal.clock(paper.start)
    desk = Desk(state, later(before, known.minutes if event is None else 0), by or paper.me, rules.questions)
    with state.recording() as changes:
        read = read_arguments(known, desk, arguments)
        known.action(desk, read)
    extra = {"by": by, "event": event} if event is not None else {}
    if verb == "time.forward":
        return _forward(state, paper, journal, rules, read)
    return (Entry(journal.next_no(), verb, {**read, **extra}, desk.at, tuple(changes)),)


def _forward(state: State, paper: Paper, journal: Journal, rules: Rules, read: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Move the clock; play each event whose condition holds, in the order of their times."""
    start = journal.clock(paper.start)
    until = later(start, int(read["minutes"]))
    added: tuple[Entry, ...] = ()
    for event in sorted(rules.events, key=lambda event: event.after):
        at = later(start, event.after)
        if at <= until:
            for scope in _occasions(scope_of(state, paper, journal.added(*added), rules.find), event, journal.added(*added)):
                for step in event.steps:
                    added += _event_step(scope, step, event, at, paper, journal.added(*added), rules)
    return (*added, Entry(journal.next_no() + len(added), "time.forward", dict(read), until))


def _occasions(scope: Scope, event: Event, journal: Journal) -> list[Scope]:
    if any(not _met(scope, expectation) for expectation in event.when):
        return []
    if event.rows is None:
        played = any(entry.arguments.get("event") == event.id for entry in journal.entries)
        return [] if played else [scope]
    selected = scope.select(event.rows)
    done = {entry.arguments.get("it") for entry in journal.entries if entry.arguments.get("event") == event.id}
    return [scope.with_name("it", selected.table, row["id"]) for row in selected.rows if row["id"] not in done]


def _met(scope: Scope, expectation: Mapping[str, Any]) -> bool:
    conditions = {column: scope.value(condition) for column, condition in expectation.get("has", {}).items()}
    rows = scope.select(expectation["rows"]).rows
    return bool(rows) and all(fits(row, conditions) for row in rows)


def _event_step(scope: Scope, step: Step, event: Event, at: str, paper: Paper, journal: Journal, rules: Rules) -> tuple[Entry, ...]:
    by = scope.plain(step.by or event.by) if step.by or event.by else None
    arguments = _arguments(scope, step)
    entries = perform(scope.state, _starting(paper, at), Journal(journal.plant, ()), rules, step.do, arguments, by=by, event=event.id)
    it = {"it": scope.names["it"].ids[0]} if "it" in scope.names else {}
    return tuple(Entry(journal.next_no() + index, entry.verb, {**entry.arguments, **it}, at, entry.changes) for index, entry in enumerate(entries))


def _starting(paper: Paper, at: str) -> Paper:
    return Paper(paper.seed, paper.language, at, paper.base, paper.drawn, paper.expected, paper.names)


def _arguments(scope: Scope, step: Step) -> dict[str, Any]:
    arguments = {name: scope.plain(value) for name, value in step.with_.items()}
    return arguments if step.on is None else {**arguments, "record": scope.id(step.on)}


def play(state: State, paper: Paper, journal: Journal, rules: Rules, steps: Sequence[Step], *, event: str | None = None) -> tuple[Journal, dict[str, Named]]:
    """Play a script on a state that holds the journal's changes; give the longer journal and the names of what was made."""
    made: dict[str, Named] = {}
    for step in steps:
        outer = scope_of(state, paper, journal, rules.find)
        for scope in outer.repeated(step.repeat):
            journal = _play_step(scope, step, paper, journal, rules, made, event)
    return journal, made


def _play_step(scope: Scope, step: Step, paper: Paper, journal: Journal, rules: Rules, made: dict[str, Named], event: str | None) -> Journal:
    # Found names are looked up anew at each step; what the script itself made goes first.
    scope = Scope(scope.state, scope.values, {**scope.names, **made}, scope.language, journal.made(), scope.find)
    if step.do == "undo":
        entry = undo_entry(journal, FINAL)
        _put_back(scope.state, entry)
        return journal.added(entry)
    if step.do in LOOKS:
        return journal.added(look_entry(journal, paper, step.do, _arguments(scope, step)))
    by = scope.plain(step.by) if step.by is not None else None
    entries = perform(scope.state, paper, journal, rules, step.do, _arguments(scope, step), by=by, event=event)
    if step.name and entries[0].made:
        table, id = entries[0].made
        made[scope.value(step.name)] = Named(table, (id,))
    elif step.name:
        raise Refused(message("%(verb)s made no record that could be called %(name)s.", verb=step.do, name=step.name))
    return journal.added(*entries)


def look_entry(journal: Journal, paper: Paper, look: str, arguments: Mapping[str, Any]) -> Entry:
    """Give the entry of a look: it costs no time and changes nothing."""
    return Entry(journal.next_no(), look, dict(arguments), journal.clock(paper.start))


def _put_back(state: State, entry: Entry) -> None:
    state.put(entry.changes)
