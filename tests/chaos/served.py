"""A server that can be killed and is back at once: a process group that serves a school, forked from a launcher that has the course compiled."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import waitress

from courseware import clock, compile, db
from courseware.compile import Course
from courseware.course.revisions import read_folder
from courseware.grading.sweeping import sweep
from courseware.shipped import root
from courseware.web.app import create_app
from courseware.web.site import Site
from tests.forty import with_forty

SECRET = "the key of the trials, not secret at all"
WORKERS, THREADS = 2, 4


@dataclass
class Launcher:
    """The process that forks servers. It has no connection to any database."""

    process: subprocess.Popen[str]

    def start(self, url: str, revision: int, port: int = 0) -> tuple[int, int]:
        """Serve the school of a URL; give the process group and the port, once it listens."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps([url, revision, port]) + "\n")
        self.process.stdin.flush()
        group, port = json.loads(self.process.stdout.readline())
        return group, port


@contextmanager
def launcher(folder: Path) -> Iterator[Launcher]:
    """Run a launcher; what it has served ends with it."""
    command = [sys.executable, "-m", "tests.chaos.served", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Launcher(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


@dataclass
class Server:
    """One school being served; `kill` ends the whole process group as a power cut of the processes would, `start` is the next morning."""

    launcher: Launcher
    url: str
    revision: int
    port: int = 0
    group: int = 0

    def start(self) -> None:
        self.group, self.port = self.launcher.start(self.url, self.revision, self.port)

    def kill(self) -> None:
        os.killpg(self.group, signal.SIGKILL)


@contextmanager
def serving(launcher: Launcher, url: str, revision: int) -> Iterator[Server]:
    server = Server(launcher, url, revision)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _serve(course: Course, url: str, folder: Path, listening: socket.socket, alive: int) -> NoReturn:
    """Serve in this process and in WORKERS - 1 more of its group, as a school on two cores does."""
    for _ in range(WORKERS - 1):
        if os.fork() == 0:
            break
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests wait is what a trial is for
    site = Site(db.connect(url), folder)
    site._courses[course.revision] = course
    threading.Thread(target=_end_with_launcher, args=(alive,), daemon=True).start()
    threading.Thread(target=_sweep, args=(site,), daemon=True).start()
    waitress.create_server(create_app(site, SECRET), sockets=[listening], threads=THREADS, connection_limit=1000, asyncore_use_poll=True).run()
    os._exit(0)


def _sweep(site: Site) -> None:
    """Hand in what is overdue without a pause worth the name: several sweepers at once, and all in the way of everybody."""
    while True:
        assert not sweep(site.school, course_of=site.revision, now=clock.now()).failed
        time.sleep(0.1)


def _listen(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    while True:
        try:
            made.bind(("127.0.0.1", port))
            made.listen(1024)
            return made
        except OSError:  # a process that was killed is not gone at once
            time.sleep(0.005)


def _end_with_launcher(alive: int) -> None:
    """Kill this group when the launcher is gone, however it went: then nobody holds the other end of the pipe."""
    os.read(alive, 1)
    os.killpg(0, signal.SIGKILL)


def main(folder: Path) -> None:
    """Read what to serve, line by line, until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    course = compile.build(with_forty(read_folder(root())), revision=0, bases=folder / "bases")
    create_app(Site(db.connect(f"sqlite:///{folder / 'unused'}"), folder), SECRET)  # imports all pages, so that a server is back at once
    alive, held = os.pipe()
    for line in sys.stdin:
        url, revision, port = json.loads(line)
        listening = _listen(port)
        if (group := os.fork()) == 0:
            os.close(held)
            os.setsid()
            _serve(replace(course, revision=revision), url, folder, listening, alive)
        print(json.dumps([group, listening.getsockname()[1]]), flush=True)
        listening.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
