"""What the book costs, on one core and without a server: compiling the course, then every page of it in every language, and how large they are."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from courseware import clock, compile, db, shipped, storage
from courseware.cli.content import publish
from courseware.compile import Course
from courseware.course import links
from courseware.course.revisions import read_folder
from courseware.i18n import LANGUAGES
from courseware.people import actions, passwords
from courseware.people.models import Role
from courseware.web.app import create_app
from courseware.web.site import Site

PASSWORD = "the-benchmark"
GOAL_SECONDS, GOAL_KB = 10, 120


def paths(course: Course) -> list[str]:
    """Every page of the book."""
    sections = [links.section(id) for module in course.modules.values() for id in module.sections]
    return ["/learn", "/glossary", *sections, *(links.case(id) for id in course.cases)]


def measure(content: Path, folder: Path) -> tuple[float, float, dict[str, int]]:
    """Give the seconds that compiling and that all pages take, and each page's bytes."""
    tree = read_folder(content)
    began = time.perf_counter()
    compile.build(tree, revision=1, bases=folder)
    compiled = time.perf_counter() - began
    school = db.connect(f"sqlite:///{folder / 'school.sqlite'}")
    storage.migrate(school)
    publish(school, content)
    with db.session(school, write=True) as session:
        actions.add_person(session, login="bench", name="B", role=Role.LEARNER, password_hash=passwords.hash_password(PASSWORD), now=clock.now())
    site = Site(school, folder)
    course = site.course()
    client = create_app(site, "the benchmark's own key, not secret at all").test_client()

    def post(path: str, **fields: str) -> None:
        token = client.get("/sign-in" if path == "/sign-in" else "/learn").text.split('name="csrf_token" value="')[1].split('"')[0]
        client.post(path, data={"csrf_token": token, **fields})

    post("/sign-in", login="bench", password=PASSWORD)
    sizes: dict[str, int] = {}
    rendered = 0.0
    for language in LANGUAGES:
        post("/language", language=language)
        began = time.perf_counter()
        for path in paths(course):
            answer = client.get(path)
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status}")
            sizes[f"{path} {language}"] = len(answer.data)
        rendered += time.perf_counter() - began
    school.engine.dispose()
    return compiled, rendered, sizes


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    content = Path(sys.argv[1]) if len(sys.argv) > 1 else shipped.root()
    with tempfile.TemporaryDirectory(prefix="courseware-bench-") as name:
        compiled, rendered, sizes = measure(content, Path(name))
    largest = max(sizes, key=lambda page: sizes[page])
    table = Table("what", "measured", "at most")
    table.add_row("compiling the course, all Markdown rendered", f"{compiled:.2f} s", "")
    table.add_row(f"{len(sizes)} pages, each for the first time", f"{rendered:.2f} s", "")
    table.add_row("the whole course", f"{compiled + rendered:.2f} s", f"{GOAL_SECONDS} s")
    table.add_row(f"the largest page, {largest}", f"{sizes[largest] / 1000:.0f} kB", f"{GOAL_KB} kB")
    Console().print(table)


if __name__ == "__main__":
    main()
