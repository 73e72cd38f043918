"""How often the disk is told to keep what was written: once before each acknowledgement, or more. A crash of the process cannot show that; the system calls do."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from courseware import clock, db
from courseware.assessment.attempts import save_answer
from courseware.assessment.models import QuizAttempt

STRACE = shutil.which("strace")
SAID = "acknowledged"


def unflushed(url: str, attempt: int, saves: int, folder: Path) -> tuple[int, int]:
    """Save one answer after the other under strace; give how many were acknowledged, and how many of them without a flush since the one before."""
    trace = folder / "trace"
    command = [str(STRACE), "-f", "-qq", "-e", "trace=fdatasync,fsync,write", "-e", "signal=none", "-o", str(trace), sys.executable, "-m", "tests.chaos.flushes", url, str(attempt), str(saves)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    flushed, acknowledged, without = 0, 0, 0
    for line in trace.read_text(errors="replace").splitlines():
        flushed += bool(re.search(r"\b(fdatasync|fsync)\(", line))
        if SAID in line:
            acknowledged, without, flushed = acknowledged + 1, without + (flushed == 0), 0
    return acknowledged, without


def main(url: str, attempt_id: int, saves: int) -> None:
    school = db.connect(url)
    with db.session(school) as session:
        paper = session.scalars(select(QuizAttempt.paper).where(QuizAttempt.id == attempt_id)).one()
    question = paper["questions"][0]["id"]
    for number in range(1, saves + 1):
        db.together(
            school,
            lambda connection, number=number: save_answer(
                connection, attempt_id, paper, question_id=question, response=f"text {number}", sequence=number, key=f"flush-{number}", now=clock.now()
            ),
        )
        sys.stdout.write(f"{SAID} {number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
