"""`verify`: integrity of the database, the ledger's chain, and every mark computed again."""

from __future__ import annotations

import argparse
from typing import Any

from rich.progress import track

from courseware import db
from courseware.cli.school import add_options, open_site
from courseware.grading.verify import Verification, verify


def add(commands: Any) -> None:
    command = commands.add_parser("verify", help="check the database, the ledger's chain, and every mark by computing it again")
    add_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    site = open_site(options)
    with db.session(site.school) as session:
        found: Verification = verify(session, site.revision, lambda items, what: track(items, description=what))
    for fault in found.faults:
        print(fault)
    print(f"{found.entries} ledger entries, {found.quizzes} quiz attempts, {found.scenarios} scenario runs, {found.cases} case marks recomputed: {len(found.faults)} faults")
    return 1 if found.faults else 0
