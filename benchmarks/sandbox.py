"""What the sandbox costs, without a server: opening a run, checking every scenario, a query of the console, the room a class takes in the database."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert
from sqlalchemy.orm import Session

from courseware import clock, db, shipped, storage
from courseware.cli.content import publish
from courseware.compile import Course
from courseware.people import actions
from courseware.people.models import Role
from courseware.sandbox import attempts
from courseware.sandbox.evaluate import evaluate
from courseware.sandbox.journal import Journal
from courseware.sandbox.models import JournalEntry
from courseware.sandbox.plants import paper_of, plant
from courseware.sandbox.play import play
from courseware.sandbox.state import checkout
from courseware.web.site import Site

LEARNERS, EACH = 1_000, 100  # a year's class, and the actions each takes
GOALS = {"open, 60 actions": 2.0, "open, 1000 actions": 15.0, "check, slowest": 300.0, "1,000 learners × 100 actions (MB)": 60.0}


def milliseconds(work: Callable[[], object], times: int = 30) -> float:
    """The median of some runs after a first one has filled the caches."""
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)


def acted(session: Session, person: int, course: Course, count: int, now: datetime) -> int:
    """A free practice with so many tasks added; its attempt."""
    state = checkout(course.base)
    attempt = attempts.start(session, person_id=person, scenario=None, state=state, base_identity=course.base.identity, revision_id=course.revision, seed=1, language="en", now=now)
    attempts.act(session, attempt, scenario=None, state=state, verb="task.create", arguments={"kind": "call", "subject": "Call the customer back"}, now=now)
    first = attempts.journal_of(session, attempt).entries[0]
    copies = [
        {
            "attempt_id": attempt.id, "epoch": 1, "no": no, "verb": first.verb, "arguments": dict(first.arguments), "at": first.at,
            "changes": [replace(change, id=change.id + no).to_json() for change in first.changes], "undoes": None, "created_at": now,
        }
        for no in range(2, count + 1)
    ]  # fmt: skip
    if copies:
        session.execute(insert(JournalEntry), copies)
    return attempt.id


def opening(school: db.School, course: Course, attempt: int) -> None:
    """Read the journal and bring a copy of the firm to where the run stands."""
    with db.session(school) as session:
        journal = attempts.journal_of(session, session.get_one(attempts.SandboxAttempt, attempt))
    with checkout(course.base).applied(journal.changes()):
        pass


def checking(course: Course, id: str) -> Callable[[], object]:
    """Evaluate the reference of a scenario, as `check` does."""
    scenario, state = course.scenarios[id], checkout(course.base)
    planted = plant(scenario.start, scenario.plant, state, seed=1, language="en")
    paper = paper_of(planted, seed=1, language="en", start=scenario.start, base=course.base.identity)
    with state.applied(planted.changes):
        journal, _ = play(state, paper, Journal(planted.changes), scenario.playing, scenario.reference)

    def check() -> object:
        with state.applied(journal.changes()):
            return evaluate(scenario, paper, journal, state)

    return check


def measure(folder: Path) -> Sequence[tuple[str, float]]:
    file = folder / "school.sqlite"
    school = db.connect(f"sqlite:///{file}")
    storage.migrate(school)
    publish(school, shipped.root())
    site, now = Site(school, folder), clock.now()
    course = site.course()
    with db.session(school, write=True) as session:
        people = [actions.add_person(session, login=f"bench{number}", name="P", role=Role.LEARNER, password_hash="!", now=now).id for number in range(LEARNERS + 2)]
        short, long = (acted(session, person, course, count, now) for person, count in zip(people, (60, 1_000), strict=False))
    found = [("open, 60 actions", milliseconds(lambda: opening(school, course, short))), ("open, 1000 actions", milliseconds(lambda: opening(school, course, long)))]
    checks = {id: milliseconds(checking(course, id), 5) for id in course.scenarios}
    slowest = max(checks, key=lambda id: checks[id])
    found += [(f"check, {id}", took) for id, took in checks.items()] + [("check, slowest", checks[slowest])]
    before = _size(school, file)
    with db.session(school, write=True) as session:
        for person in people[2:]:
            acted(session, person, course, EACH, now)
    found.append(("1,000 learners × 100 actions (MB)", (_size(school, file) - before) / 1e6))
    school.engine.dispose()
    return found


def _size(school: db.School, file: Path) -> int:
    with school.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="courseware-bench-") as name:
        table = Table("what", "measured", "at most")
        for what, value in measure(Path(name)):
            table.add_row(what, f"{value:.3g}{'' if 'MB' in what else ' ms'}", f"{GOALS[what]:g}" if what in GOALS else "")
        Console().print(table)


if __name__ == "__main__":
    main()
