"""Reads of a person's runs for pages: what was begun, how often it was checked, how it ended. What stands in a run is in queries.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from courseware.sandbox.models import CheckRun, SandboxAttempt, Status


@dataclass(frozen=True)
class RunLine:
    """One run: its number at this scenario ("" is free practice), how often it was checked, and its result once it is handed in."""

    id: int
    scenario: str
    number: int
    status: str
    started_at: datetime
    handed_in_at: datetime | None
    checks: int
    passed: bool | None
    points: float | None
    weight: float | None

    @property
    def is_open(self) -> bool:
        return self.status == Status.DRAFT


def runs_of(session: Session, person_id: int, scenario: str | None = None) -> list[RunLine]:
    """Give a person's runs, the oldest first; of one scenario if it is named. Neither practice copies nor what belongs to a quiz are among them."""
    each = aliased(CheckRun)
    checks = select(func.count(each.id)).where(each.attempt_id == SandboxAttempt.id).correlate(SandboxAttempt).scalar_subquery()
    columns = (
        SandboxAttempt.id, SandboxAttempt.scenario, SandboxAttempt.number, SandboxAttempt.status, SandboxAttempt.started_at, SandboxAttempt.handed_in_at,
        checks, CheckRun.passed, CheckRun.points, CheckRun.weight,
    )  # fmt: skip
    query = select(*columns).outerjoin(CheckRun, and_(CheckRun.attempt_id == SandboxAttempt.id, CheckRun.is_final))
    query = query.where(SandboxAttempt.person_id == person_id, SandboxAttempt.status != Status.PRACTICE, SandboxAttempt.part_of == "")
    if scenario is not None:
        query = query.where(SandboxAttempt.scenario == scenario)
    return [RunLine(*row) for row in session.execute(query.order_by(SandboxAttempt.id))]


@dataclass(frozen=True)
class CheckLine:
    """The newest check of a run without its findings, which are long."""

    id: int
    number: int
    epoch: int
    journal_no: int
    passed: bool
    is_final: bool


_LAST_CHECK = (
    select(CheckRun.id, CheckRun.number, CheckRun.epoch, CheckRun.journal_no, CheckRun.passed, CheckRun.is_final)
    .where(CheckRun.attempt_id == bindparam("run"))
    .order_by(CheckRun.number.desc())
    .limit(1)
)


def last_check(session: Session, run_id: int) -> CheckLine | None:
    row = session.execute(_LAST_CHECK, {"run": run_id}).first()
    return CheckLine(*row) if row else None
