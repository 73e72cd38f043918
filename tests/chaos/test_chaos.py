"""The trials in small: a bad network, killed servers, races, wrong clocks, several windows, a class. `make chaos` runs them at length."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from courseware import db
from tests import postgres
from tests.chaos import flushes, trials
from tests.chaos.classroom import Seat, publish, seat
from tests.chaos.served import Launcher, Server, launcher, serving

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
on_sqlite = pytest.mark.parametrize("trial", ["sqlite"], indirect=True)


@dataclass
class Trial:
    """A school with the quiz of forty questions, its server, and learners who have not been disturbed yet."""

    school: db.School
    server: Server
    free: list[Seat]

    def seats(self, count: int) -> list[Seat]:
        return [self.free.pop() for _ in range(count)]


@pytest.fixture(scope="module")
def forks(bases: Path) -> Iterator[Launcher]:
    with launcher(bases.parent) as running:
        yield running


@pytest.fixture(scope="module", params=ENGINES)
def trial(request: pytest.FixtureRequest, forks: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """One school an engine for all trials of this file: each looks at its own learners only."""
    with contextlib.ExitStack() as stack:
        school = db.connect(_url(request, stack, tmp_path_factory))
        server = stack.enter_context(serving(forks, school.engine.url.render_as_string(hide_password=False), publish(school)))
        stack.callback(school.engine.dispose)
        yield Trial(school, server, seat(school, server.port, 22))


def _url(request: pytest.FixtureRequest, stack: contextlib.ExitStack, folders: pytest.TempPathFactory) -> str:
    if request.param == "postgresql":
        if (template := request.getfixturevalue("postgres_template")) is None:
            pytest.skip("PostgreSQL is not installed")
        return stack.enter_context(postgres.copied(template))
    made = folders.mktemp("chaos") / "school.sqlite"
    shutil.copy(request.getfixturevalue("sqlite_template"), made)
    return f"sqlite:///{made}"


@on_sqlite
def test_a_bad_network_loses_doubles_and_invents_nothing(trial: Trial) -> None:
    verdict, log, done = trials.hostile_network(trial.school, trial.server.port, trial.seats(4), saves=12, hold=0.2)
    assert verdict.is_clean, verdict
    assert (verdict.acknowledged, log.refused) == (48, 0)
    assert sum(done.values()) > 5, "the network was bad indeed"


def test_killed_servers_keep_every_acknowledged_answer(trial: Trial) -> None:
    verdict, log = trials.killed(trial.school, trial.server, trial.seats(4), kills=3, each=8)
    assert verdict.is_clean, verdict
    assert (log.refused, log.repeated > 0) == (0, True)


def test_of_many_hand_ins_at_once_one_counts_and_keeps_what_was_acknowledged(trial: Trial) -> None:
    verdict, log, answers = trials.races(trial.school, trial.server.port, trial.seats(2), parallel=8, saves=4)
    assert verdict.is_clean, verdict
    assert answers == {303: 16}
    assert trials.late_in_silence(trial.school, log) == 0


@on_sqlite
def test_clocks_a_day_wrong_close_nothing_early_and_nothing_late(trial: Trial) -> None:
    verdict, log, mistaken = trials.wrong_clocks(trial.school, trial.server.port, trial.seats(4), seconds=0.8)
    assert verdict.is_clean, verdict
    assert (mistaken, log.refused) == (0, 0)
    assert {one.is_late for one in log.saved} == {True, False}
    assert trials.late_in_silence(trial.school, log) == 0


def test_several_windows_on_one_attempt_never_overwrite_in_silence(trial: Trial) -> None:
    verdict, log, silent = trials.windows(trial.school, trial.server.port, trial.seats(2), each=3, saves=6)
    assert verdict.is_clean, verdict
    assert (silent, log.refused > 0) == (0, True)


@on_sqlite
def test_a_class_that_saves_at_its_pace_is_acknowledged_soon(trial: Trial) -> None:
    verdict, log, (_, p95, _) = trials.lesson(trial.school, trial.server.port, trial.seats(4), seconds=1, every=0.1)
    assert verdict.is_clean, verdict
    assert (log.refused, log.repeated) == (0, 0)
    assert p95 < 1500, "300 ms is the goal of the long trial; this one may share its machine"


@on_sqlite
def test_no_answer_is_acknowledged_before_the_disk_has_it(trial: Trial, tmp_path: Path) -> None:
    with trial.school.engine.connect() as connection:  # what SQLite was told, where system calls cannot be watched
        assert (connection.scalar(text("PRAGMA synchronous")), connection.scalar(text("PRAGMA journal_mode"))) == (2, "wal")
    if flushes.STRACE is not None:
        assert flushes.unflushed(str(trial.school.engine.url), trial.seats(1)[0].attempt, 20, tmp_path) == (20, 0)
