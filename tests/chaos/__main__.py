"""`make chaos`: every trial at length, on SQLite and where it is installed on PostgreSQL, as a table. Ends with 1 if anything was lost, doubled or said falsely."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from courseware import db, storage
from tests import postgres
from tests.chaos import flushes, killed_browser, trials
from tests.chaos.audit import Verdict
from tests.chaos.classroom import Seat, publish, seat
from tests.chaos.served import Launcher, Server, launcher, serving


@dataclass
class Trials:
    """The long trials on one engine, each with fresh learners. A trial gives its verdict, what else has to be 0, and a remark."""

    school: db.School
    server: Server
    share: float  # of the full counts
    url: str
    folder: Path

    def seats(self, count: int) -> list[Seat]:
        return seat(self.school, self.server.port, max(2, round(count * self.share)))

    def times(self, count: float) -> int:
        return max(2, round(count * self.share))

    def bad_network(self) -> tuple[Verdict, int, str]:
        verdict, log, done = trials.hostile_network(self.school, self.server.port, self.seats(50), saves=self.times(200))
        return verdict, log.refused, ", ".join(f"{count} {what}" for what, count in sorted(done.items())) + f"; {log.repeated} sent again"

    def killed(self) -> tuple[Verdict, int, str]:
        kills = self.times(40)
        verdict, log = trials.killed(self.school, self.server, self.seats(50), kills=kills, each=200)
        return verdict, log.refused, f"{kills} kills; {log.repeated} sent again; longest wait {max(log.waits):.1f} s"

    def races(self) -> tuple[Verdict, int, str]:
        seats = self.seats(200)
        verdict, log, answers = trials.races(self.school, self.server.port, seats, parallel=50)
        silent = trials.late_in_silence(self.school, log)
        return verdict, silent + sum(count for status, count in answers.items() if status != 303), f"{len(seats)} attempts × 50 hand-ins; {sum(one.is_late for one in log.saved)} answers kept as late"

    def wrong_clocks(self) -> tuple[Verdict, int, str]:
        verdict, log, mistaken = trials.wrong_clocks(self.school, self.server.port, self.seats(20), seconds=max(2.0, 12 * self.share))
        return verdict, mistaken + log.refused + trials.late_in_silence(self.school, log), f"±1 day; {sum(one.is_late for one in log.saved)} answers kept as late"

    def windows(self) -> tuple[Verdict, int, str]:
        verdict, log, silent = trials.windows(self.school, self.server.port, self.seats(50), each=4, saves=self.times(20))
        return verdict, silent, f"{log.refused} times told of another window"

    def lesson(self) -> tuple[Verdict, int, str]:
        seats, seconds = self.seats(200), max(6.0, 60 * self.share)
        verdict, log, (p50, p95, p99) = trials.lesson(self.school, self.server.port, seats, seconds=seconds)
        return verdict, log.refused, f"{len(seats)} learners every 5 s: p50 {p50:g}, p95 {p95:g}, p99 {p99:g} ms"

    def flushes(self) -> tuple[Verdict, int, str]:
        """The trial by system calls, on SQLite."""
        count, without = flushes.unflushed(self.url, seat(self.school, self.server.port, 1)[0].attempt, self.times(1000), self.folder)
        return Verdict(count, 0, 0, 0, 0), without, f"{without} acknowledged without an fdatasync before"

    def killed_browser(self) -> tuple[Verdict, int, str]:
        return killed_browser.trial(self.school, self.server.port, seat(self.school, self.server.port, self.times(10)), self.folder)


@contextlib.contextmanager
def school_at(url: str, forks: Launcher) -> Iterator[tuple[db.School, Server]]:
    school = db.connect(url)
    storage.migrate(school)
    try:
        with serving(forks, url, publish(school)) as server:
            yield school, server
    finally:
        school.engine.dispose()


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    options.add_argument("--share", type=float, default=1.0, help="of the full counts")
    options.add_argument("--only", default="", help="trials whose name holds this")
    chosen = options.parse_args()
    table, failed = Table("trial", "engine", "acknowledged", "lost", "doubled", "false", "handed in twice", "other faults", "seconds", "remarks"), False

    def row(name: str, engine: str, trial: Callable[[], tuple[Verdict, int, str]]) -> None:
        nonlocal failed
        if chosen.only not in name:
            return
        began = time.monotonic()
        verdict, faults, remark = trial()
        failed = failed or not verdict.is_clean or faults > 0
        counts = (verdict.acknowledged, verdict.lost, verdict.doubled, verdict.false, verdict.twice_handed_in, faults)
        table.add_row(name, engine, *(f"{count:,}" for count in counts), f"{time.monotonic() - began:.0f}", remark)
        print(f"{name}, {engine}: {verdict}, {faults} other faults; {remark}", flush=True)

    with tempfile.TemporaryDirectory(prefix="courseware-chaos-") as name, launcher(Path(name)) as forks:
        folder = Path(name)
        for engine, url in _engines(folder):
            with school_at(url, forks) as (school, server):
                long = Trials(school, server, chosen.share, url, folder)
                for trial in (long.bad_network, long.killed, long.races, long.wrong_clocks, long.windows, long.lesson):
                    row(trial.__name__.replace("_", " "), engine, trial)
                if engine == "SQLite" and flushes.STRACE:
                    row("flushes", engine, long.flushes)
                if engine == "SQLite" and killed_browser.CHROMIUM:
                    row("killed browser", engine, long.killed_browser)
    Console(width=200).print(table)
    return int(failed)


def _engines(folder: Path) -> Iterator[tuple[str, str]]:
    yield "SQLite", f"sqlite:///{folder / 'school.sqlite'}"
    for url in postgres.server():
        if url is not None:
            yield "PostgreSQL", postgres.add_database(url, "chaos")


if __name__ == "__main__":
    sys.exit(main())
