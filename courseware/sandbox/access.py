"""The only way to a run of the practice CRM: one's own, or one of a person whose learning may be seen."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from courseware.errors import NotFound
from courseware.people.access import Who, may_see
from courseware.people.models import Person
from courseware.sandbox.models import JournalEntry, SandboxAttempt

# Every page of the practice CRM asks this, so the statement is built once. The newest number of the journal tells whether a copy of it is still whole.
_NEWEST = select(func.max(JournalEntry.no)).where(JournalEntry.attempt_id == SandboxAttempt.id, JournalEntry.epoch == SandboxAttempt.epoch).correlate(SandboxAttempt)
_OWN = select(SandboxAttempt, _NEWEST.scalar_subquery()).where(SandboxAttempt.id == bindparam("run"), SandboxAttempt.person_id == bindparam("person"))


@dataclass(frozen=True)
class Seen:
    """A run to look at: `owner` is the name of whose it is, or None if it is one's own; `newest` the number of its last journal entry."""

    run: SandboxAttempt
    newest: int | None
    owner: str | None = None


def own_run(session: Session, who: Who, run_id: int) -> SandboxAttempt:
    """Give a run of the person asking, to work in."""
    found = session.execute(_OWN, {"run": run_id, "person": who.id}).first()
    if found is None:
        raise NotFound
    run: SandboxAttempt = found[0]
    return run


def seen_run(session: Session, who: Who, run_id: int) -> Seen:
    """Give a run to look at: one's own, or one of a person whose learning may be seen."""
    found = session.execute(_OWN, {"run": run_id, "person": who.id}).first()
    if found is not None:
        return Seen(found[0], found[1])
    theirs = select(SandboxAttempt, _NEWEST.scalar_subquery(), Person.name).join(Person, Person.id == SandboxAttempt.person_id).where(SandboxAttempt.id == run_id, may_see(who))
    seen = session.execute(theirs).first()
    if seen is None:
        raise NotFound
    return Seen(seen[0], seen[1], seen[2])
