"""The writes of the sandbox: start, branch, act, undo, reset, look, check, open a hint, hand in. They flush and never commit; who may is asked elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courseware.errors import Invalid, Refused
from courseware.i18n import Text, message
from courseware.sandbox.actions import VERBS
from courseware.sandbox.bulk import try_out
from courseware.sandbox.diff import FieldChange, RowChange
from courseware.sandbox.evaluate import RULE, Report, all_open, evaluate, next_rung
from courseware.sandbox.findings import COSTS, RUNGS, Finding
from courseware.sandbox.journal import START, Entry, Journal, Paper
from courseware.sandbox.models import CheckRun, HintOpened, JournalEntry, SandboxAttempt, Status
from courseware.sandbox.patterns import acted_on
from courseware.sandbox.plants import Planted, paper_of, plant
from courseware.sandbox.play import FINAL, FREE, LOOKS, Step, look_entry, perform, play
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import Change, State, interned
from courseware.sandbox.tables import Tables
from courseware.sandbox.taking_back import put_back_entries, undo_entries


@dataclass(frozen=True)
class Acted:
    """What an action left: its entries, the row it made or acted on, and the journal with it."""

    entries: tuple[Entry, ...]
    record: tuple[str, int] | None
    journal: Journal


def start(
    session: Session, *, person_id: int, scenario: Scenario | None, state: State, base_identity: str, revision_id: int, seed: int, language: str, now: datetime
) -> SandboxAttempt:
    """Start an attempt, or give the one that is open. Without a scenario it is free practice. The plant becomes entry 0."""
    name = scenario.id if scenario else ""
    standing = open_attempt(session, person_id, name)
    if standing is not None:
        return standing
    planted = plant(scenario.start, scenario.plant, state, seed=seed, language=language) if scenario else nothing_planted(state)
    paper = paper_of(planted, seed=seed, language=language, start=scenario.start if scenario else START, base=base_identity)
    counted = (SandboxAttempt.person_id == person_id, SandboxAttempt.scenario == name, SandboxAttempt.status != Status.PRACTICE, SandboxAttempt.part_of == "")
    number = session.scalar(select(func.count()).where(*counted)) or 0
    attempt = SandboxAttempt(person_id=person_id, scenario=name, number=number + 1, revision_id=revision_id, paper=paper.to_json(), status=Status.DRAFT, epoch=1, started_at=now)
    try:
        with session.begin_nested():
            session.add(attempt)
            session.flush()
            entry = Entry(0, "plant", {}, paper.start, planted.changes)
            session.add(_row(attempt, 0, entry, now))
    except IntegrityError:  # another request started it at the same moment
        standing = open_attempt(session, person_id, name)
        if standing is None:
            raise
        return standing
    return attempt


def nothing_planted(state: State) -> Planted:
    """Free practice: the learner plays a service agent of the firm."""
    found = state.query("SELECT id FROM employees WHERE left_on IS NULL ORDER BY role <> 'Service agent', id LIMIT 1")
    return Planted((), {}, {}, {"me": ("employees", found[0]["id"])} if found else {})


def open_attempt(session: Session, person_id: int, scenario: str) -> SandboxAttempt | None:
    """Give the person's open attempt at a scenario ("" is free practice)."""
    wanted = (SandboxAttempt.person_id == person_id, SandboxAttempt.scenario == scenario, SandboxAttempt.status == Status.DRAFT, SandboxAttempt.part_of == "")
    return session.scalar(select(SandboxAttempt).where(*wanted))


def start_part(
    session: Session, *, part_of: str, person_id: int, scenario: str, planted: Planted, paper: Paper, revision_id: int, may_act: bool, now: datetime
) -> SandboxAttempt:
    """Start the run that belongs to another piece of work, on what was planted for that; or give it if it stands already. Without `may_act` it is only to be read."""
    standing = part(session, part_of)
    if standing is not None:
        return standing
    status = Status.DRAFT if may_act else Status.READING
    attempt = SandboxAttempt(
        person_id=person_id, scenario=scenario, part_of=part_of, number=1, revision_id=revision_id, paper=paper.to_json(), status=status, epoch=1, started_at=now
    )
    try:
        with session.begin_nested():
            session.add(attempt)
            session.flush()
            session.add(_row(attempt, 0, Entry(0, "plant", {}, paper.start, planted.changes), now))
    except IntegrityError:  # another request started it at the same moment
        standing = part(session, part_of)
        if standing is None:
            raise
        return standing
    return attempt


def part(session: Session, part_of: str) -> SandboxAttempt | None:
    """Give the run that belongs to a piece of work."""
    return session.scalar(select(SandboxAttempt).where(SandboxAttempt.part_of == part_of))


def branch(session: Session, origin: SandboxAttempt, *, step: int, now: datetime) -> SandboxAttempt:
    """Open the practice copy of an attempt as that stood after one of its own steps (0: at the beginning).

    Branching again begins a new epoch of the same copy. The attempt itself is only read. Raises Invalid or Refused.
    """
    if origin.status == Status.PRACTICE:
        raise Refused(message("This is a practice copy already. To go back in it, take back what came after a step of its story."))
    if origin.part_of:
        raise Refused(message("A run that belongs to a quiz has no practice copy."))
    journal = journal_of(session, origin)
    if step != 0 and not any(entry.no == step and not entry.by_event for entry in journal.entries):
        raise Invalid(message("Say from which step: choose one in the story."))
    copy = _copy_to_write(session, origin, journal.plant, now)
    begun = Entry(0, "branch", {"step": step}, paper_at(origin).start)
    _append(session, copy, (begun, *(entry for entry in journal.entries if 0 < entry.no <= step)), now)
    return copy


def _copy_to_write(session: Session, origin: SandboxAttempt, plant: tuple[Change, ...], now: datetime) -> SandboxAttempt:
    """Give the practice copy of an attempt with an epoch that holds nothing yet; make the copy where there is none."""
    standing = copy_of(session, origin)
    if standing is None:
        copy = SandboxAttempt(
            person_id=origin.person_id, scenario=origin.scenario, number=-origin.number, revision_id=origin.revision_id, paper=origin.paper,
            status=Status.PRACTICE, epoch=1, started_at=now,
        )  # fmt: skip
        try:
            with session.begin_nested():
                session.add(copy)
                session.flush()
                session.add(_row(copy, 0, Entry(0, "plant", {}, paper_at(origin).start, plant), now))
            return copy
        except IntegrityError:  # another request made it at the same moment
            standing = copy_of(session, origin)
            if standing is None:
                raise
    _lock(session, standing)
    standing.epoch += 1
    return standing


def copy_of(session: Session, origin: SandboxAttempt) -> SandboxAttempt | None:
    """Give the practice copy of an attempt, if one was made."""
    return _numbered(session, origin, -origin.number)


def origin_of(session: Session, copy: SandboxAttempt) -> SandboxAttempt | None:
    """Give the attempt of which this is the practice copy; None where it is none."""
    return _numbered(session, copy, -copy.number) if copy.status == Status.PRACTICE else None


def _numbered(session: Session, attempt: SandboxAttempt, number: int) -> SandboxAttempt | None:
    wanted = (SandboxAttempt.person_id == attempt.person_id, SandboxAttempt.scenario == attempt.scenario, SandboxAttempt.number == number, SandboxAttempt.part_of == "")
    return session.scalar(select(SandboxAttempt).where(*wanted))


def paper_at(attempt: SandboxAttempt) -> Paper:
    return Paper.from_json(attempt.paper)


def journal_of(session: Session, attempt: SandboxAttempt, known: Journal | None = None) -> Journal:
    """Give the plant and the current epoch's entries, in one query. With a journal `known` from the same epoch, only what came since is read."""
    columns = (JournalEntry.epoch, JournalEntry.no, JournalEntry.verb, JournalEntry.arguments, JournalEntry.at, JournalEntry.changes, JournalEntry.undoes)
    wanted = (JournalEntry.attempt_id == attempt.id, JournalEntry.epoch.in_((0, attempt.epoch)), JournalEntry.no > (known.newest if known else -1))
    rows = session.execute(select(*columns).where(*wanted).order_by(JournalEntry.epoch, JournalEntry.no)).all()
    plant, entries = (known.plant, list(known.entries)) if known else ((), [])
    for epoch, no, verb, arguments, at, changes, undoes in rows:
        read = tuple([Change.from_json(change) for change in changes])
        if epoch == 0:
            plant = read
        else:
            entries.append(Entry(no, sys.intern(verb), interned(arguments), at, read, undoes))
    return Journal(plant, tuple(entries))


def act(session: Session, attempt: SandboxAttempt, *, scenario: Scenario | None, state: State, verb: str, arguments: Mapping[str, Any], now: datetime) -> Acted:
    """Do one action and append it. Raises Invalid (naming the field) or Refused; then nothing is written."""
    _lock(session, attempt)
    paper, journal = paper_at(attempt), journal_of(session, attempt)
    with state.applied(journal.changes()):
        entries = perform(state, paper, journal, scenario.playing if scenario else FREE, verb, arguments)
    _append(session, attempt, entries, now)
    return Acted(entries, _record(verb, entries), journal.added(*entries))


def _record(verb: str, entries: Sequence[Entry]) -> tuple[str, int] | None:
    """The row acted on or made; or the one that stood already and was filled in anew."""
    last = entries[-1]
    filled = ((change.table, change.id) for change in last.changes if change.table == VERBS[verb].makes and change.after)
    return acted_on(last) or last.made or next(filled, None)


def act_on_all(
    session: Session, attempt: SandboxAttempt, *, scenario: Scenario | None, state: State, verb: str, arguments: Mapping[str, Any], records: Sequence[int], now: datetime
) -> Acted:
    """Do one action to each of these records, or to none: raises Invalid or Refused if the rules refuse one of them."""
    _lock(session, attempt)
    paper, journal = paper_at(attempt), journal_of(session, attempt)
    with state.applied(journal.changes()):
        tried = try_out(state, paper, journal, scenario.playing if scenario else FREE, verb, arguments, records)
    if tried.refused:
        raise Refused(message("Something has changed meanwhile, and nothing was done. Look at the preview again."))
    _append(session, attempt, tried.entries, now)
    return Acted(tried.entries, None, journal.added(*tried.entries))


def undo(session: Session, attempt: SandboxAttempt, *, now: datetime) -> Entry:
    """Take back the last action that counts, a bulk action as a whole. Raises Refused for what is final and when nothing is left."""
    _lock(session, attempt)
    entries = undo_entries(journal_of(session, attempt), FINAL)
    _append(session, attempt, entries, now)
    return entries[-1]


def put_back(session: Session, attempt: SandboxAttempt, *, tables: Tables, record: tuple[str, int], now: datetime) -> tuple[Entry, ...]:
    """Take back all that was done to one record. Raises Refused where something else hangs on it."""
    _lock(session, attempt)
    entries = put_back_entries(journal_of(session, attempt), tables, record, FINAL)
    _append(session, attempt, entries, now)
    return entries


def rewind(session: Session, attempt: SandboxAttempt, *, to: int, now: datetime) -> int:
    """Take back every action after the step `to`, the newest first, a bulk action as a whole; give how many. Where one is final it raises Refused, and nothing is taken back."""
    _lock(session, attempt)
    journal = begun = journal_of(session, attempt)
    while any(entry.no > to for entry in journal.effective() if entry.verb not in LOOKS):
        journal = journal.added(*undo_entries(journal, FINAL))
    undone = journal.entries[len(begun.entries) :]
    if not undone:
        raise Refused(message("There is nothing to undo."))
    _append(session, attempt, undone, now)
    return len(undone)


def reset(session: Session, attempt: SandboxAttempt, *, now: datetime) -> None:
    """Begin again from what was planted: a new epoch. The old journal stays."""
    _lock(session, attempt)
    attempt.epoch += 1
    _append(session, attempt, (Entry(0, "reset", {}, paper_at(attempt).start),), now)


def look(session: Session, attempt: SandboxAttempt, *, scenario: Scenario | None, look: str, arguments: Mapping[str, Any], now: datetime) -> None:
    """Append a look (`look.record`, `look.search`) if a check of the scenario asks for it; otherwise do nothing."""
    if look not in LOOKS:
        raise Invalid(message("There is no look “%(look)s”.", look=look))
    if scenario is None or look not in scenario.looks or not attempt.is_open:
        return
    _lock(session, attempt)
    _append(session, attempt, (look_entry(journal_of(session, attempt), paper_at(attempt), look, arguments),), now)


def check(session: Session, attempt: SandboxAttempt, *, scenario: Scenario, state: State, now: datetime) -> CheckRun:
    """Evaluate the work as it stands and keep the result. What belongs to a quiz is evaluated when that is handed in."""
    _lock(session, attempt)
    if attempt.part_of:
        raise Refused(message("This run belongs to a quiz: it is checked when the quiz is handed in."))
    return _check(session, attempt, scenario=scenario, state=state, now=now, final=False)


def hand_in(session: Session, attempt: SandboxAttempt, *, scenario: Scenario, state: State, now: datetime) -> CheckRun:
    """Close the attempt with a last check. All of it is scored by machine, so the result is released at once. A second hand-in gives the first's result."""
    session.refresh(attempt, with_for_update=True)
    if attempt.status == Status.PRACTICE:
        raise Refused(message("A practice copy is not handed in: nothing in it counts."))
    if attempt.status != Status.DRAFT:
        return final_run(session, attempt)
    run = _check(session, attempt, scenario=scenario, state=state, now=now, final=True)
    attempt.status, attempt.handed_in_at = Status.RELEASED, now
    session.flush()
    return run


def open_hint(session: Session, attempt: SandboxAttempt, *, check_id: str, now: datetime) -> HintOpened:
    """Open the next rung of a check that has been found wanting. Raises Refused when there is nothing (more) to pay for."""
    _lock(session, attempt)
    if attempt.status == Status.PRACTICE:
        raise Refused(message("Hints are opened in the attempt itself, not in its practice copy."))
    run = last_run(session, attempt)
    finding = next((finding for finding in findings_of(run) if finding.check == check_id), None) if run else None
    if run is None or finding is None:
        raise Refused(message("Check your work first; hints open from what was found."))
    if finding.passed or all_open(checks=run.number, handed_in_passed=False):
        raise Refused(message("This hint is open already, at no cost."))
    rung = next_rung(opened_hints(session, attempt).get(check_id, ()))
    if rung is None:
        raise Refused(message("All hints of this check are open."))
    hint = HintOpened(attempt_id=attempt.id, check_id=check_id, rung=rung, cost=round(COSTS[rung] * finding.weight, 4), at=now)
    session.add(hint)
    session.flush()
    return hint


def last_run(session: Session, attempt: SandboxAttempt) -> CheckRun | None:
    return session.scalar(select(CheckRun).where(CheckRun.attempt_id == attempt.id).order_by(CheckRun.number.desc()).limit(1))


def final_run(session: Session, attempt: SandboxAttempt) -> CheckRun:
    return session.scalars(select(CheckRun).where(CheckRun.attempt_id == attempt.id, CheckRun.is_final)).one()


def opened_hints(session: Session, attempt: SandboxAttempt) -> dict[str, tuple[str, ...]]:
    """Give the opened rungs of every check."""
    opened: dict[str, tuple[str, ...]] = {}
    for check_id, rung in session.execute(select(HintOpened.check_id, HintOpened.rung).where(HintOpened.attempt_id == attempt.id)):
        opened[check_id] = tuple(sorted({*opened.get(check_id, ()), rung}, key=RUNGS.index))
    return opened


def findings_of(run: CheckRun) -> tuple[Finding, ...]:
    return tuple(Finding.from_json(finding) for finding in run.findings)


def diff_of(run: CheckRun) -> tuple[RowChange, ...]:
    def field(data: Mapping[str, Any]) -> FieldChange:
        says = Text(data["says"]) if data["says"] else None
        return FieldChange(data["column"], Text(data["name"]), Text(data["before"]), Text(data["after"]), data["label"], says)

    return tuple(RowChange(row["table"], row["id"], row["title"], row["kind"], row["label"], tuple(field(each) for each in row["fields"])) for row in run.diff)


def _check(session: Session, attempt: SandboxAttempt, *, scenario: Scenario, state: State, now: datetime, final: bool) -> CheckRun:
    paper, journal = paper_at(attempt), journal_of(session, attempt)
    with state.applied(journal.changes()):
        report = evaluate(scenario, paper, journal, state)
    number = session.scalar(select(func.count()).where(CheckRun.attempt_id == attempt.id)) or 0
    run = CheckRun(
        attempt_id=attempt.id, number=number + 1, epoch=attempt.epoch, journal_no=journal.next_no() - 1,
        findings=[finding.to_json() for finding in report.findings], diff=_diff_json(report),
        points=report.points(opened_hints(session, attempt)), weight=report.weight, passed=report.passed, is_final=final, rule=RULE, at=now,
    )  # fmt: skip
    session.add(run)
    session.flush()
    return run


def _diff_json(report: Report) -> list[Any]:
    def field(change: FieldChange) -> dict[str, Any]:
        says = dict(change.says) if change.says else None
        return {"column": change.column, "name": dict(change.name), "before": dict(change.before), "after": dict(change.after), "label": change.label, "says": says}

    return [
        {"table": row.table, "id": row.id, "title": row.title, "kind": row.kind, "label": row.label, "fields": [field(each) for each in row.fields]}
        for row in report.diff
    ]  # fmt: skip


def _lock(session: Session, attempt: SandboxAttempt) -> None:
    """Hold the attempt's row, so that numbers are given out in turn; refuse what is handed in."""
    session.refresh(attempt, with_for_update=True)
    if not attempt.is_open:
        raise Refused(message("This attempt is handed in; nothing can be changed any more. You may start a new one."))


def _append(session: Session, attempt: SandboxAttempt, entries: Sequence[Entry], now: datetime) -> None:
    session.add_all(_row(attempt, attempt.epoch, entry, now) for entry in entries)
    session.flush()


def _row(attempt: SandboxAttempt, epoch: int, entry: Entry, now: datetime) -> JournalEntry:
    changes = [change.to_json() for change in entry.changes]
    return JournalEntry(
        attempt_id=attempt.id, epoch=epoch, no=entry.no, verb=entry.verb, arguments=dict(entry.arguments), at=entry.at, changes=changes, undoes=entry.undoes, created_at=now
    )


def play_script(session: Session, attempt: SandboxAttempt, *, scenario: Scenario, state: State, script: Sequence[Step], now: datetime) -> None:
    """Do the steps of a script as actions of the attempt: for the demo's class, the benchmark and tests."""
    _lock(session, attempt)
    journal = journal_of(session, attempt)
    with state.applied(journal.changes()):
        played, _ = play(state, paper_at(attempt), journal, scenario.playing, script)
    _append(session, attempt, played.entries[len(journal.entries) :], now)
