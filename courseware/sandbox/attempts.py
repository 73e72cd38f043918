"""The writes of the sandbox: start, act, undo, reset, look, check, open a hint, hand in. They flush and never commit; who may is asked elsewhere."""

from __future__ import annotations

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
from courseware.sandbox.evaluate import OPEN_AFTER, RULE, Report, evaluate, next_rung
from courseware.sandbox.findings import COSTS, RUNGS, Finding
from courseware.sandbox.journal import START, Entry, Journal, Paper
from courseware.sandbox.models import CheckRun, HintOpened, JournalEntry, SandboxAttempt, Status
from courseware.sandbox.patterns import acted_on
from courseware.sandbox.plants import Planted, paper_of, plant
from courseware.sandbox.play import FINAL, FREE, LOOKS, Step, look_entry, perform, play
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import Change, State
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
    planted = plant(scenario.start, scenario.plant, state, seed=seed, language=language) if scenario else _nothing_planted(state)
    paper = paper_of(planted, seed=seed, language=language, start=scenario.start if scenario else START, base=base_identity)
    number = session.scalar(select(func.count()).where(SandboxAttempt.person_id == person_id, SandboxAttempt.scenario == name)) or 0
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


def _nothing_planted(state: State) -> Planted:
    """Free practice: the learner plays a service agent of the firm."""
    found = state.query("SELECT id FROM employees WHERE left_on IS NULL ORDER BY role <> 'Service agent', id LIMIT 1")
    return Planted((), {}, {}, {"me": ("employees", found[0]["id"])} if found else {})


def open_attempt(session: Session, person_id: int, scenario: str) -> SandboxAttempt | None:
    """Give the person's open attempt at a scenario ("" is free practice)."""
    wanted = (SandboxAttempt.person_id == person_id, SandboxAttempt.scenario == scenario, SandboxAttempt.status == Status.DRAFT)
    return session.scalar(select(SandboxAttempt).where(*wanted))


def paper_at(attempt: SandboxAttempt) -> Paper:
    return Paper.from_json(attempt.paper)


def journal_of(session: Session, attempt: SandboxAttempt) -> Journal:
    """Give the plant and the current epoch's entries, in one query."""
    columns = (JournalEntry.epoch, JournalEntry.no, JournalEntry.verb, JournalEntry.arguments, JournalEntry.at, JournalEntry.changes, JournalEntry.undoes)
    wanted = (JournalEntry.attempt_id == attempt.id, JournalEntry.epoch.in_((0, attempt.epoch)))
    rows = session.execute(select(*columns).where(*wanted).order_by(JournalEntry.epoch, JournalEntry.no)).all()
    plant: tuple[Change, ...] = ()
    entries = []
    for epoch, no, verb, arguments, at, changes, undoes in rows:
        read = tuple([Change.from_json(change) for change in changes])
        if epoch == 0:
            plant = read
        else:
            entries.append(Entry(no, verb, arguments, at, read, undoes))
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
    if scenario is None or look not in scenario.looks or attempt.status != Status.DRAFT:
        return
    _lock(session, attempt)
    _append(session, attempt, (look_entry(journal_of(session, attempt), paper_at(attempt), look, arguments),), now)


def check(session: Session, attempt: SandboxAttempt, *, scenario: Scenario, state: State, now: datetime) -> CheckRun:
    """Evaluate the work as it stands and keep the result."""
    _lock(session, attempt)
    return _check(session, attempt, scenario=scenario, state=state, now=now, final=False)


def hand_in(session: Session, attempt: SandboxAttempt, *, scenario: Scenario, state: State, now: datetime) -> CheckRun:
    """Close the attempt with a last check. All of it is scored by machine, so the result is released at once. A second hand-in gives the first's result."""
    session.refresh(attempt, with_for_update=True)
    if attempt.status != Status.DRAFT:
        return final_run(session, attempt)
    run = _check(session, attempt, scenario=scenario, state=state, now=now, final=True)
    attempt.status, attempt.handed_in_at = Status.RELEASED, now
    session.flush()
    return run


def open_hint(session: Session, attempt: SandboxAttempt, *, check_id: str, now: datetime) -> HintOpened:
    """Open the next rung of a check that has been found wanting. Raises Refused when there is nothing (more) to pay for."""
    _lock(session, attempt)
    run = last_run(session, attempt)
    finding = next((finding for finding in findings_of(run) if finding.check == check_id), None) if run else None
    if run is None or finding is None:
        raise Refused(message("Check your work first; hints open from what was found."))
    if finding.passed or run.passed or run.number >= OPEN_AFTER:
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
    if attempt.status != Status.DRAFT:
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
