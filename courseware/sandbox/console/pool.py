"""A few processes that run learners' SQL: lent to one query at a time, ended by the clock, replaced. The rules inside a process are in worker.py."""

from __future__ import annotations

import atexit
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from courseware.errors import Refused
from courseware.i18n import Message, message
from courseware.sandbox.console import wording, worker
from courseware.sandbox.state import Base, Change

Status = Literal["ok", "refused", "timeout", "limit"]

ROWS = 500
BYTES = 1_000_000  # characters of all cells together
START = 10.0  # seconds a new process may take until it is ready
GRACE = 0.5  # seconds after which a query that does not stop by itself is stopped with its process


@dataclass(frozen=True)
class Result:
    """What a query gave. `message` says why there are no rows, or, beside rows, that there are more; `was_run` is False where no process was free for it."""

    status: Status
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    message: Message | None = None
    ms: float = 0.0
    was_run: bool = True


class Pool:
    """Up to `size` processes, started when needed. `waiting` queries may wait for one, each `patience` seconds; one asker has one query at a time.

    Who runs or waits holds a thread of the site, so `size` + `waiting` stays below its threads (8): answers are saved whatever is asked here.
    """

    def __init__(self, *, size: int = 2, waiting: int = 4, patience: float = 2.0, seconds: float = 2.0) -> None:
        self.seconds = seconds  # that a query may take
        self._most_waiting, self._patience = waiting, patience
        self._idle = [_Process() for _ in range(size)]
        self._processes = tuple(self._idle)
        self._askers: set[Hashable] = set()
        self._waiting = 0
        self._changed = threading.Condition()
        atexit.register(self.close)

    def run(self, base: Base, changes: Sequence[Change], sql: str, *, asker: Hashable) -> Result:
        """Run a query over a base with the changes of a run. Never raises for what was typed."""
        if len(sql.encode(errors="replace")) > worker.LONGEST_QUERY:
            return Result("limit", message=message("The query is too long: at most %(most)s bytes.", most=worker.LONGEST_QUERY))
        path = str(base.path.absolute())
        request = {"base": path, "changes": [change.to_json() for change in changes], "sql": sql, "rows": ROWS, "bytes": BYTES, "seconds": self.seconds}
        try:
            with self._turn(asker, path) as process:
                answer = process.ask(request, self.seconds + GRACE)
        except Refused as refused:
            return Result("refused", message=refused.message, was_run=False)
        said = wording.of(answer, sql, base.tables, rows=len(answer.get("rows", ())), seconds=self.seconds)
        return Result(answer["status"], tuple(answer.get("columns", ())), tuple(map(tuple, answer.get("rows", ()))), said, round(answer["ms"], 1))

    @contextmanager
    def _turn(self, asker: Hashable, base: str) -> Iterator[_Process]:
        process = self._take(asker, base)
        try:
            yield process
        finally:
            with self._changed:
                self._askers.discard(asker)
                self._idle.append(process)
                self._changed.notify()

    def _take(self, asker: Hashable, base: str) -> _Process:
        with self._changed:
            if asker in self._askers:
                raise Refused(message("Your last query is still running. Wait until it has ended."))
            if not self._idle and self._waiting >= self._most_waiting:
                raise Refused(message("Many queries are running just now. Try again in a moment."))
            self._askers.add(asker)
            self._waiting += 1
            came = self._changed.wait_for(lambda: self._idle, self._patience)
            self._waiting -= 1
            if not came:
                self._askers.discard(asker)
                raise Refused(message("Many queries are running just now. Try again in a moment."))
            chosen = next((process for process in reversed(self._idle) if process.base == base), self._idle[-1])
            self._idle.remove(chosen)
            return chosen

    def close(self) -> None:
        """End every process. A query that comes later starts one again."""
        for process in self._processes:
            process.end()
        atexit.unregister(self.close)


class _Process:
    """One place in the pool with the process that fills it, if there is one just now."""

    def __init__(self) -> None:
        self.base: str | None = None  # the firm it holds in memory
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and give the answer. A process that is late, breaks, or reached a limit is ended; the next request starts another."""
        child = self._started()
        began = time.monotonic()
        answer = _parsed(self._exchange(child, json.dumps(request).encode() + b"\n", began + seconds))
        self.base = request["base"]
        if answer is None:
            is_late = time.monotonic() >= began + seconds
            answer = {"status": "timeout" if is_late else "limit", "reason": "time" if is_late else "broken", "ms": (time.monotonic() - began) * 1000}
        if answer["status"] in ("timeout", "limit"):
            self.end()
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.end()
            # An empty environment and no file of ours: nothing of the site is there to be read. A session of its own: Ctrl-C is for the site.
            command = [sys.executable, "-I", "-S", "-X", "utf8", str(Path(worker.__file__))]
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/", start_new_session=True)  # noqa: S603 -- our own program
            if _line(self._child, time.monotonic() + START) is None:
                self.end()
                raise Refused(message("The console cannot be started just now. Try again in a moment."))
        return self._child

    @staticmethod
    def _exchange(child: subprocess.Popen[bytes], request: bytes, until: float) -> bytes | None:
        assert child.stdin is not None
        try:
            child.stdin.write(request)
            child.stdin.flush()
        except OSError:
            return None
        return _line(child, until)

    def end(self) -> None:
        child, self._child, self.base = self._child, None, None
        if child is not None:
            child.kill()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    with suppress(OSError):  # what was not sent any more
                        stream.close()
            child.wait()


def _parsed(line: bytes | None) -> dict[str, Any] | None:
    """Read an answer; None if there is none, or if a process that a query has broken says something else."""
    try:
        answer = json.loads(line) if line else None
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and {"status", "ms"} <= answer.keys() else None


def _line(child: subprocess.Popen[bytes], until: float) -> bytes | None:
    """Read one line by a moment of the monotonic clock; None if it does not come, or is longer than any answer."""
    assert child.stdout is not None
    read = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while len(read) < 8 * BYTES:
            if not selector.select(max(0.0, until - time.monotonic())):
                return None
            part = os.read(child.stdout.fileno(), 2**16)
            read += part
            if not part:
                return None
            if read.endswith(b"\n"):
                return read
    return None
