"""The only way to a run of the practice CRM: one's own, or one of a person whose learning may be seen."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from courseware.errors import NotFound
from courseware.people.access import Who, may_see
from courseware.people.models import Person
from courseware.sandbox.models import SandboxAttempt

# Every page of the practice CRM asks this, so the statement is built once.
_OWN = select(SandboxAttempt).where(SandboxAttempt.id == bindparam("run"), SandboxAttempt.person_id == bindparam("person"))


def own_run(session: Session, who: Who, run_id: int) -> SandboxAttempt:
    """Give a run of the person asking, to work in."""
    run = session.scalar(_OWN, {"run": run_id, "person": who.id})
    if run is None:
        raise NotFound
    return run


def seen_run(session: Session, who: Who, run_id: int) -> tuple[SandboxAttempt, str | None]:
    """Give a run to look at, with the name of whose it is, or None if it is one's own."""
    run = session.scalar(_OWN, {"run": run_id, "person": who.id})
    if run is not None:
        return run, None
    found = session.execute(select(SandboxAttempt, Person.name).join(Person, Person.id == SandboxAttempt.person_id).where(SandboxAttempt.id == run_id, may_see(who))).first()
    if found is None:
        raise NotFound
    return found[0], found[1]
