"""What one serving process and its workers for learners' SQL hold while 40 learners work in the sandbox, sampled every thousand requests."""

from __future__ import annotations

import http.client
import itertools
import random
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.prepare import visitor
from benchmarks.run import Server, serving
from courseware import clock, db, shipped, storage
from courseware.cli.content import publish
from courseware.people import actions
from courseware.people.models import Role
from courseware.sandbox import attempts
from courseware.sandbox.state import checkout
from courseware.web.app import create_app
from courseware.web.site import Site

LEARNERS, REQUESTS, STEP = 40, 20_000, 1_000
MOST, GROWTH = 160.0, 3.0  # MB; MB over the second half of the requests, when what is kept of every run is there
PAGES = ("", "/accounts", "/accounts?q=a", "/contacts?page={n}", "/contacts/{n}", "/cases?status=new", "/cases/{n}", "/orders/{n}", "/story", "/search?q={n}", "/tasks", "/do/task.create")
QUERY = "/console?sql=SELECT+account_id,+count(*)+FROM+interactions+GROUP+BY+1+ORDER+BY+2+DESC"


def prepare(folder: Path) -> list[tuple[str, str, int]]:
    """A school whose learners have begun every scenario in turn; each with her Cookie header, CSRF token and run."""
    school = db.connect(f"sqlite:///{folder / 'school.sqlite'}")
    storage.migrate(school)
    publish(school, shipped.root())
    site, now = Site(school, folder), clock.now()
    course = site.course()
    app = create_app(site, "the benchmark's own key, not secret at all")
    state, scenarios = checkout(course.base), itertools.cycle(course.scenarios.values())
    begun = []
    with db.session(school, write=True) as session:
        for number, scenario in zip(range(LEARNERS), scenarios, strict=False):
            person = actions.add_person(session, login=f"bench{number}", name="P", role=Role.LEARNER, password_hash="!", now=now)
            run = attempts.start(
                session, person_id=person.id, scenario=scenario, state=state, base_identity=course.base.identity, revision_id=course.revision, seed=number, language="en", now=now
            )
            begun.append((actions.begin_session(session, person_id=person.id, now=now), run.id))
    visitors = [(*visitor(app, token), run) for token, run in begun]
    school.engine.dispose()
    return visitors


def work(port: int, visitors: list[tuple[str, str, int]], seed: int, requests: int) -> None:
    """One client on one connection: nine pages read for each task added; every hundred requests a query, and a run that begins again: as many tasks as a scenario asks for lie between."""
    rng, connection = random.Random(seed), http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for number in range(requests):
        cookie, token, run = rng.choice(visitors)
        headers, address = {"Cookie": cookie, "X-CSRFToken": token, "Origin": f"http://127.0.0.1:{port}"}, f"/practise/runs/{run}"
        if number % 100 == 99:
            connection.request("GET", address + QUERY, headers=headers)
        elif number % 10:
            connection.request("GET", address + rng.choice(PAGES).format(n=rng.randrange(1, 100)), headers=headers)
        else:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            verb, fields = ("/reset", "") if number % 100 == 50 else ("/do/task.create", "kind=call&subject=Call+the+customer")
            connection.request("POST", address + verb, fields, headers | form)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{address}: {answer.status}")
    connection.close()


def children(pid: int) -> list[int]:
    """The processes that a process started, from any of its threads."""
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]


def memory(pid: int, kind: str = "VmRSS") -> float:
    """The resident memory of a process in MB, as the system counts it, shared pages included; of kind `RssAnon` only what it allocated."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status[kind].split()[0]) * 1024 / 1e6


def sample(server: Server) -> tuple[float, float, float]:
    """The memory of the serving process, what of it it allocated, and the memory of the largest of its workers for SQL."""
    [web] = children(server.process.pid)
    return memory(web), memory(web, "RssAnon"), max(map(memory, children(web)), default=0.0)


def measure(folder: Path) -> Iterator[tuple[int, tuple[float, float, float]]]:
    visitors = prepare(folder)
    with serving("benchmarks.served:app", 8813, folder, workers=1) as server, ThreadPoolExecutor(4) as clients:
        yield 0, sample(server)
        for done in range(STEP, REQUESTS + 1, STEP):
            list(clients.map(lambda client, done=done: work(server.port, visitors, done + client, STEP // 4), range(4)))
            yield done, sample(server)


def main() -> None:
    table = Table("requests", "web process (MB)", "allocated by it", "worker for SQL (MB)")
    with tempfile.TemporaryDirectory(prefix="courseware-bench-") as name:
        found = dict(measure(Path(name)))
    for requests, sizes in found.items():
        table.add_row(f"{requests:,}", *(f"{size:.1f}" for size in sizes))
    # Pages of the database that the system maps in and drops again are no growth.
    grown = found[REQUESTS][1] - found[REQUESTS // 2][1]
    table.add_row("growth over the second half", "", f"{grown:.1f}, at most {GROWTH:g}", f"at most {MOST:g} in all")
    Console().print(table)


if __name__ == "__main__":
    main()
