"""`worker`: what a school needs done without anybody asking, every few seconds. `serve` and `demo` do it in a thread of their own."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import threading
from collections.abc import Iterator
from typing import Any

from courseware import clock
from courseware.cli.school import add_options, open_site
from courseware.grading.sweeping import release, sweep
from courseware.web.site import Site

EVERY = 5.0  # seconds
ROUNDS_TO_RELEASE = 12  # marks wait for a date, and need not come within seconds of it


def add(commands: Any) -> None:
    worker = commands.add_parser("worker", help="hand in quiz attempts whose time ran out and release marks whose date has come, again and again; for `serve --no-worker`")
    add_options(worker)
    worker.add_argument("--every", type=float, default=EVERY, metavar="SECONDS", help=f"pause between two rounds (default {EVERY:g})")
    worker.add_argument("--once", action="store_true", help="one round, then end")
    worker.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    site = open_site(options)
    if options.once:
        work_off(site, {})
        return 0
    print(f"Working for the school {options.school!r} every {options.every:g} seconds", flush=True)
    _go_on(site, options.every, threading.Event())
    return 0


@contextlib.contextmanager
def beside(site: Site) -> Iterator[None]:
    """Do the same in a thread until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=_go_on, args=(site, EVERY, stop), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def _go_on(site: Site, every: float, stop: threading.Event) -> None:
    told: dict[int, str] = {}
    for number in itertools.count():
        if stop.is_set():
            return
        try:
            told = work_off(site, told, releases=number % ROUNDS_TO_RELEASE == 0)
        except Exception as failure:  # the database may be away for a while: the next round finds the same work
            print(f"courseware worker: {type(failure).__name__}: {failure}", flush=True)
        stop.wait(every)


def work_off(site: Site, told: dict[int, str], *, releases: bool = True) -> dict[int, str]:
    """Do one round. A failure is said once, not every few seconds: `told` are those said before; those of now are given back."""
    swept = sweep(site.school, course_of=site.revision, now=clock.now())
    for id in swept.handed_in:
        print(f"courseware worker: handed in quiz attempt {id}, whose time had run out", flush=True)
    if releases and (released := release(site.school, course_of=site.revision, now=clock.now())):
        print(f"courseware worker: released the marks of {released} quiz attempts", flush=True)
    for id, reason in swept.failed.items():
        if told.get(id) != reason:
            print(f"courseware worker: quiz attempt {id} could not be handed in: {reason}", flush=True)
    return dict(swept.failed)
