"""The demo as a stranger starts it, and `verify` over what its class has done: no fault, and every tampering found."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from courseware import db
from courseware.cli.main import main
from courseware.compile import Course
from courseware.grading.verify import verify

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("COURSEWARE_")}


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def serving(command: list[str], folder: Path, port: int, env: dict[str, str] = CLEAN) -> Iterator[subprocess.Popen[str]]:
    """Run a server until the block ends; the block begins when its home page answers."""
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
    try:
        give_up = time.monotonic() + 60
        while not answers(port):
            assert process.poll() is None and time.monotonic() < give_up, (folder / "output").read_text()
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def answers(port: int) -> bool:
    try:
        return "Courseware" in page(port, "/")
    except (urllib.error.URLError, ConnectionError):
        return False


def page(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made once for all workers of a test run."""
    shared = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    folder, made = shared / name, shared / f"{name}.made"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `courseware demo` was started from nothing, answered, and was stopped with Ctrl+C."""
    return once(tmp_path_factory, "demo", _start_and_stop)


def _start_and_stop(folder: Path) -> None:
    port = free_port()
    with serving([sys.executable, "-m", "courseware.cli.main", "demo", "--port", str(port)], folder, port, {**CLEAN, "PYTHONPATH": str(Path(__file__).parents[2])}) as process:
        signed_out = page(port, "/")
        assert "<h1>Sign in</h1>" in signed_out and "demo-demo" in signed_out
        for address in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', signed_out)):
            assert page(port, address)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) in (0, 130)


@pytest.fixture
def instance(demo: Path, tmp_path: Path) -> Path:
    """A copy of what the demo left behind."""
    shutil.copytree(demo / "instance", tmp_path / "instance")
    return tmp_path / "instance"


def test_the_demo_says_where_it_is_and_who_may_sign_in(demo: Path) -> None:
    said = (demo / "output").read_text()
    assert "The demo is at http://127.0.0.1:" in said
    assert all(f"    {login} " in said for login in ("lin", "wuhao", "chen", "zhao", "sunjie", "admin"))
    assert "password demo-demo" in said and "class code KF26-2" in said
    assert "Traceback" not in said and "Warning" not in said


def test_the_demo_keeps_everything_in_its_instance_folder(demo: Path) -> None:
    assert sorted(path.name for path in demo.iterdir()) == ["instance", "output"]
    assert (demo / "instance" / "secret-key").stat().st_mode & 0o077 == 0


def test_a_second_start_serves_the_same_people_and_makes_none(instance: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("waitress.serve", lambda *_, **__: None)
    before = rows(instance, "SELECT count(*), max(id) FROM person")
    assert main(["demo", "--instance", str(instance)]) == 0
    assert "Making the demo" not in capsys.readouterr().out
    assert rows(instance, "SELECT count(*), max(id) FROM person") == before


def test_a_taken_port_is_told_in_a_sentence(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["demo", "--instance", str(instance), "--port", str(taken.getsockname()[1])]) == 1
    assert "Address already in use" in capsys.readouterr().err


def rows(instance: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(instance / "school.sqlite")) as connection:
        return connection.execute(query).fetchall()


def tamper(instance: Path, statement: str) -> None:
    with closing(sqlite3.connect(instance / "school.sqlite")) as connection:
        assert connection.execute(statement).rowcount == 1
        connection.commit()


def test_the_class_of_the_demo_has_really_worked(demo: Path) -> None:
    for table, least in (("quiz_attempt", 10), ("sandbox_attempt", 15), ("case_answer", 6), ("evidence", 200), ("ledger_entry", 40)):
        found = rows(demo / "instance", f"SELECT count(*) FROM {table}")[0][0]
        assert isinstance(found, int) and found >= least, table


def test_the_new_hire_has_a_scenario_passed_one_not_passed_and_one_half_done(demo: Path) -> None:
    runs = rows(
        demo / "instance",
        "SELECT a.scenario, a.status, c.passed, c.is_final FROM sandbox_attempt a JOIN person p ON p.id = a.person_id JOIN sandbox_check c ON c.attempt_id = a.id "
        "WHERE p.login = 'sunjie' AND a.scenario IN ('SC11', 'SC13', 'SC14') ORDER BY a.scenario",
    )
    assert runs == [("SC11", "released", 1, 1), ("SC13", "draft", 0, 0), ("SC14", "released", 0, 1)]


def test_verify_finds_no_fault_in_what_the_class_has_done(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--instance", str(instance)]) == 0
    assert re.search(r"\d\d ledger entries, \d\d quiz attempts, \d\d scenario runs, \d case marks recomputed: 0 faults", capsys.readouterr().out)


TAMPERING: dict[str, tuple[str, str]] = {
    "a point of a question": ("UPDATE question_score SET points = points + 1 WHERE id = (SELECT max(id) FROM question_score)", "points kept"),
    "an answer handed in": ("UPDATE handed_in SET response = '\"none\"' WHERE rowid = (SELECT h.rowid FROM handed_in h JOIN question_score s USING (attempt_id, question_id) WHERE s.fraction = 1 LIMIT 1)", "computed"),
    "a point in the ledger": ("UPDATE ledger_entry SET points = points + 1 WHERE number = 5", "entry 5 was changed after it was written"),
    "a time in the ledger": ("UPDATE ledger_entry SET at = '2020-01-01 00:00:00.000000' WHERE number = 5", "entry 5 was changed after it was written"),
    "an entry of the ledger gone": ("DELETE FROM ledger_entry WHERE number = 5", "entry 5 is missing"),
    "the last entry of the ledger gone": ("DELETE FROM ledger_entry WHERE number = (SELECT max(number) FROM ledger_entry)", "the head of the chain is not its last entry"),
    "the head of the ledger": ("UPDATE ledger_head SET hash = 'x'", "the head of the chain is not its last entry"),
    "a change in a journal": ("UPDATE sandbox_journal SET changes = '[]' WHERE id = (SELECT j.id FROM sandbox_journal j JOIN sandbox_check c ON c.attempt_id = j.attempt_id AND c.is_final AND c.passed WHERE j.verb = 'contact.create' LIMIT 1)", "scenario run"),
    "the points of a scenario": ("UPDATE sandbox_check SET points = points + 1 WHERE id = (SELECT id FROM sandbox_check WHERE is_final LIMIT 1)", "points kept"),
    "a level of a rubric": ("UPDATE rubric_mark SET level = CASE level WHEN 3 THEN 2 ELSE level + 1 END WHERE id = (SELECT min(id) FROM rubric_mark)", "case answer"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERING)
def test_verify_finds_what_was_changed_afterwards(what: str, instance: Path, course: Course) -> None:
    statement, sentence = TAMPERING[what]
    tamper(instance, statement)
    school = db.connect(f"sqlite:///{instance / 'school.sqlite'}")
    with db.session(school) as session:
        found = verify(session, lambda _: course)
    school.engine.dispose()
    assert any(sentence in fault for fault in found.faults)


def test_verify_fails_when_it_finds_something(instance: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statement, sentence = TAMPERING["a point in the ledger"]
    tamper(instance, statement)
    assert main(["verify", "--instance", str(instance)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert sentence in told
    assert re.search(r": [1-9]\d* faults$", told[-1])


def test_init_makes_a_school_for_its_administrator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    init = ["init", "--instance", str(tmp_path / "new"), "--administrator", "zhou.fang"]
    monkeypatch.delenv("COURSEWARE_PASSWORD", raising=False)
    assert main(init) == 1
    assert "COURSEWARE_PASSWORD" in capsys.readouterr().err
    monkeypatch.setenv("COURSEWARE_PASSWORD", "short")
    assert main(init) == 1
    assert "A password has 8 to 200 characters" in capsys.readouterr().err
    monkeypatch.setenv("COURSEWARE_PASSWORD", "long enough")
    assert main(init) == 0
    assert rows(tmp_path / "new", "SELECT login, role FROM person") == [("zhou.fang", "administrator")]
    assert main(init) == 1
    assert "The sign-in name zhou.fang is taken" in capsys.readouterr().err


def test_serving_refuses_a_weak_secret_key(instance: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COURSEWARE_SECRET_KEY", "short")
    assert main(["serve", "--instance", str(instance)]) == 1
    assert "at least 32 characters" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["nonsense"], [], ["publish", "--port", "8000"]])
def test_what_is_no_command_is_told_with_the_usage(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(command)
    assert left.value.code == 2
    assert "usage: courseware" in capsys.readouterr().err


def test_ctrl_c_ends_a_command_quietly(monkeypatch: pytest.MonkeyPatch, instance: Path) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("waitress.serve", interrupt)
    assert main(["demo", "--instance", str(instance)]) == 130
