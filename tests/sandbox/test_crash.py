"""A process that dies in the middle of acting leaves a whole journal: numbered without gaps, and every entry complete."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from courseware import db
from courseware.people.models import Person
from courseware.sandbox import attempts
from courseware.sandbox.models import JournalEntry, SandboxAttempt
from courseware.sandbox.state import Base, checkout

NOW = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)

# One task a step, without end; each commit is said, so that what was acknowledged is known.
ACTING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from courseware import db
from courseware.sandbox import attempts
from courseware.sandbox.models import SandboxAttempt
from courseware.sandbox.state import Base, checkout
from courseware.course.faults import Faults
from courseware.course.yaml import load
from courseware.sandbox.tables import read_tables

url, firm, identity, tables_file, attempt = sys.argv[1:]
document = load("tables.yaml", Path(tables_file).read_bytes(), Faults())
state = checkout(Base(Path(firm), identity, read_tables(document.data, document.fault)))
school = db.connect(url)
now = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
number = 0
while True:
    number += 1
    with db.session(school, write=True) as session:
        run = session.get_one(SandboxAttempt, int(attempt))
        attempts.act(session, run, scenario=None, state=state, verb="task.create", arguments={"kind": "call", "subject": f"Call {number}"}, now=now)
    print(number, flush=True)
"""


def test_a_killed_process_leaves_every_acknowledged_step_and_none_by_half(sqlite_school: db.School, firm: Base) -> None:
    with db.session(sqlite_school, write=True) as session:
        person = session.scalars(select(Person.id).where(Person.login == "lin")).one()
        attempt = attempts.start(session, person_id=person, scenario=None, state=checkout(firm), base_identity=firm.identity, revision_id=1, seed=1, language="en", now=NOW).id
    tables = Path(__file__).parents[2] / "content/sandbox/tables.yaml"
    arguments = [str(sqlite_school.engine.url), str(firm.path), firm.identity, str(tables), str(attempt)]
    acknowledged = 0
    for _ in range(2):  # the second process goes on from what the first one left
        with subprocess.Popen([sys.executable, "-c", ACTING, *arguments], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline(), "it has begun to act"
            time.sleep(0.25)
            process.kill()
            acknowledged += 1 + len(process.stdout.read().split())
        with db.session(sqlite_school) as session:
            numbers = list(session.scalars(select(JournalEntry.no).where(JournalEntry.attempt_id == attempt).order_by(JournalEntry.no)))
            journal = attempts.journal_of(session, session.get_one(SandboxAttempt, attempt))
        assert numbers == list(range(len(numbers))), "from the plant, entry 0, without a gap"
        assert len(journal.entries) >= acknowledged
        with checkout(firm).applied(journal.changes()) as state:
            made = [change for entry in journal.entries for change in entry.changes]
            assert len(made) == len(journal.entries)
            assert all(state.get(change.table, change.id) for change in made)
