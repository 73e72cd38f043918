"""`make bench`: the product and a bare Flask application under the same gunicorn, loaded by wrk, rows interleaved three times."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import event

from benchmarks.prepare import Prepared, lua_targets, prepare
from courseware import db
from courseware.web.app import create_app
from courseware.web.site import Site

HERE = Path(__file__).parent
GUNICORN = ["-k", "gthread", "--threads", "4", "--log-level", "error", "--keep-alive", "30"]
TICKS = os.sysconf("SC_CLK_TCK")
RUNS: Counter[str] = Counter()  # of each script
LOPSIDED = 0.65  # of the CPU on one of two workers
GOALS = {"module_page": 0.25, "sandbox_list": 0.15, "save_answer": 0.15}


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]

    def cpu(self) -> dict[int, float]:
        """CPU seconds used so far, by worker."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid): sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])) / TICKS for pid in children}


@dataclass(frozen=True)
class Row:
    """One measurement of one row."""

    rps: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


@contextlib.contextmanager
def serving(application: str, port: int, folder: Path, workers: int = 2) -> Iterator[Server]:
    environment = {**os.environ, "BENCH_FOLDER": str(folder)}
    process = subprocess.Popen([sys.executable, "-m", "gunicorn", application, "-b", f"127.0.0.1:{port}", "-w", str(workers), *GUNICORN], env=environment, cwd=HERE.parent)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in" if "served" in application else f"http://127.0.0.1:{port}/", timeout=5).read()
                break
            time.sleep(0.1)
        yield Server(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def load(server: Server, script: str, path: str, seconds: int, folder: Path) -> Row:
    """Load one address with wrk; measured again where one worker did most of the work, since keep-alive pins connections."""
    lua = folder / "script.lua"
    for attempt in range(4):
        lua.write_text(script.replace("FIRST", str(RUNS[script])))  # an answer sent twice is cheaper than a new one
        RUNS[script] += 1
        before = server.cpu()
        out = subprocess.run(
            ["wrk", "-t2", "-c8", f"-d{seconds}s", "--latency", "-s", str(lua), f"http://127.0.0.1:{server.port}{path}"], capture_output=True, text=True, check=True
        ).stdout
        used = [after - before.get(pid, 0) for pid, after in server.cpu().items()]
        if max(used) <= LOPSIDED * sum(used) or attempt == 3:
            break
    if "Non-2xx" in out:
        raise SystemExit(f"{path}: {re.search(r'Non-2xx.*', out)[0]}")  # type: ignore[index]  # it was just found
    requests = int(re.search(r"(\d+) requests in", out)[1])  # type: ignore[index]  # wrk always prints it
    return Row(float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), _latency(out, "50%"), _latency(out, "99%"), 1000 * sum(used) / max(1, requests))  # type: ignore[index]


def _latency(out: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", out)
    assert found, out
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


def scripts(prepared: Prepared, folder: Path) -> dict[str, tuple[str, str]]:
    """For each row the wrk script and the path it is given."""
    cookie, csrf = prepared.reader
    read = f'wrk.headers["Cookie"] = {json.dumps(cookie)}\n'
    post = read + f'wrk.method = "POST"\nwrk.headers["X-CSRFToken"] = {json.dumps(csrf)}\nwrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\nwrk.body = ""\n'
    return {
        "bare": ("", "/"),
        "module_page": (read, "/learn/1.3"),
        "sandbox_list": (read, f"/practise/runs/{prepared.run}/tasks"),
        "save_answer": (lua_targets(folder / "saves", prepared.saves) + (HERE / "save_answer.lua").read_text(), "/"),
        "hand_in": (lua_targets(folder / "hand-ins", prepared.hand_ins) + (HERE / "hand_in.lua").read_text(), "/"),
        "check_scenario": (post, f"/practise/runs/{prepared.run}/check"),
    }


def statements(folder: Path, prepared: Prepared) -> dict[str, int]:
    """SQL statements of one request of each row, counted in this process after a first one has filled the caches."""
    site = Site(db.connect(f"sqlite:///{folder / 'school.sqlite'}"), folder)
    app = create_app(site, "the benchmark's own key, not secret at all")
    sent: list[str] = []
    event.listen(site.school.engine, "before_cursor_execute", lambda _c, _k, statement, *_: None if statement.startswith(("BEGIN", "PRAGMA")) else sent.append(statement))
    client = app.test_client(use_cookies=False)
    cookie, csrf = prepared.reader
    headers = {"Cookie": cookie, "X-CSRFToken": csrf}
    mine, waiting = prepared.saves[0], prepared.hand_ins[-1]
    body = {"question": mine["question"], "fields": {mine["question"]: ["a"]}, "sequence": 2_000_000_000}
    answers = f"/attempts/{mine['attempt']}/answers"
    calls = {
        "module_page": lambda number: client.get("/learn/1.3", headers=headers),
        "sandbox_list": lambda number: client.get(f"/practise/runs/{prepared.run}/tasks", headers=headers),
        "save_answer": lambda number: client.post(answers, json=body | {"key": f"count-{number}", "sequence": 2_000_000_000 + number}, headers=headers),
        "hand_in": lambda number: client.post(
            f"/attempts/{(waiting if number else prepared.hand_ins[-2])['attempt']}/hand-in",
            headers={"Cookie": (waiting if number else prepared.hand_ins[-2])["cookie"], "X-CSRFToken": (waiting if number else prepared.hand_ins[-2])["csrf"]},
        ),
        "check_scenario": lambda number: client.post(f"/practise/runs/{prepared.run}/check", headers=headers),
    }
    counted = {"bare": 0}
    for name, call in calls.items():
        for number in range(2):
            sent.clear()
            answer = call(number)
            assert answer.status_code < 400, (name, answer.status, answer.text[:300])
        counted[name] = len(sent)
    site.school.engine.dispose()
    return counted


def disk(folder: Path) -> dict[str, float]:
    """How fast this disk is: an fdatasync of 4 kB, and raw one-row commits of SQLite as the product commits."""
    file = os.open(folder / "sync", os.O_CREAT | os.O_WRONLY)
    times = []
    for _ in range(300):
        os.write(file, b"x" * 4096)
        began = time.perf_counter()
        os.fdatasync(file)
        times.append(time.perf_counter() - began)
    os.close(file)
    connection = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE one (id INTEGER PRIMARY KEY, text TEXT)")
    began, rows = time.perf_counter(), 0
    while time.perf_counter() - began < 2:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO one (text) VALUES ('an answer')")
        connection.execute("COMMIT")
        rows += 1
    return {"fdatasync_p50_ms": round(1000 * statistics.median(times), 3), "commits_per_s": round(rows / (time.perf_counter() - began), 1)}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    for program, package in (("wrk", "wrk"), ("gunicorn", "gunicorn")):
        if not shutil.which(program) and not (Path(sys.executable).parent / program).exists():
            print(f"{program} is missing (Debian's package {package}). Nothing was measured: a Python client would flatter every ratio.", file=sys.stderr)
            return 1
    console = Console()
    with tempfile.TemporaryDirectory(prefix="courseware-bench-") as name:
        folder = Path(name)
        console.print("preparing the school …")
        prepared = prepare(folder)
        measured: dict[str, list[Row]] = {}
        with serving("benchmarks.bare:app", 8811, folder) as bare, serving("benchmarks.served:app", 8812, folder) as product:
            for row in ("bare", "save_answer"):  # until the journal of the database has its size
                load(bare if row == "bare" else product, *scripts(prepared, folder)[row], chosen.seconds, folder)
            for round_ in range(chosen.rounds):
                for row, (script, path) in scripts(prepared, folder).items():
                    console.print(f"round {round_ + 1}: {row}")
                    seconds = 2 if row == "hand_in" else chosen.seconds  # the attempts to hand in are counted
                    measured.setdefault(row, []).append(load(bare if row == "bare" else product, script, path, seconds, folder))
        result = report(measured, statements(folder, prepared), disk(folder))
    (HERE / "latest.json").write_text(json.dumps(result, indent=1) + "\n")
    show(console, result)
    return 0


def report(measured: dict[str, list[Row]], statements_: dict[str, int], disk_: dict[str, float]) -> dict[str, dict[str, float]]:
    """The median of each row's rounds, and its ratio to bare."""
    middle = {name: Row(*(statistics.median(getattr(row, field) for row in rows) for field in ("rps", "p50_ms", "p99_ms", "cpu_ms"))) for name, rows in measured.items()}
    bare = middle["bare"]
    rows = {
        name: {
            "ratio": round(row.rps / bare.rps, 3), "rps": round(row.rps, 1), "p50_ms": round(row.p50_ms, 2), "p99_ms": round(row.p99_ms, 2),
            "cpu_ms": round(row.cpu_ms, 3), "cpu_ratio": round(bare.cpu_ms / row.cpu_ms, 3) if row.cpu_ms else 0, "statements": statements_[name],
        }
        for name, row in middle.items()
    }  # fmt: skip
    return {**rows, "disk": disk_}


def show(console: Console, result: dict[str, dict[str, float]]) -> None:
    table = Table("row", "ratio", "rps", "p50 ms", "p99 ms", "CPU ms", "CPU ratio", "statements")
    for name, row in result.items():
        if name != "disk":
            table.add_row(name, *(f"{row[key]:g}" for key in ("ratio", "rps", "p50_ms", "p99_ms", "cpu_ms", "cpu_ratio", "statements")))
    console.print(table)
    console.print(f"disk: fdatasync p50 {result['disk']['fdatasync_p50_ms']} ms, {result['disk']['commits_per_s']} one-row commits a second")
    for name, goal in GOALS.items():
        half = result["disk"]["commits_per_s"] / 2
        enough = result[name]["ratio"] >= goal or (name == "save_answer" and result[name]["rps"] >= half)
        console.print(f"{name}: {result[name]['ratio']} of bare, goal {goal}: {'reached' if enough else 'MISSED'}")
    longest = 8 * result["bare"]["p99_ms"]
    console.print(f"save_answer p99 {result['save_answer']['p99_ms']} ms, at most {longest:.1f}: {'reached' if result['save_answer']['p99_ms'] <= longest else 'MISSED'}")


if __name__ == "__main__":
    sys.exit(main())
