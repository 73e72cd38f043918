"""What a quiz of forty questions costs, on one core and without a server: handing it in, the size of its pages, and scoring by itself."""

from __future__ import annotations

import gzip
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import flask
from rich.console import Console
from rich.table import Table

from benchmarks.prepare import visitor
from courseware import clock, db, shipped, storage
from courseware.assessment.kinds import KINDS
from courseware.assessment.questions import parse_question
from courseware.course.revisions import read_folder, store
from courseware.people import actions
from courseware.people.models import Role
from courseware.web.app import create_app
from courseware.web.site import Site
from tests.forty import SIZE, with_forty

HAND_INS = 40
RESPONSES = 40_000
GOALS = {"hand_in_ms": 60, "responses": 20_000, "page_kb": 60}


@dataclass(frozen=True)
class Learner:
    """A learner at the quiz, as a browser sends requests."""

    client: Any
    headers: dict[str, str]
    attempt: int

    def get(self, page: str) -> Any:
        return self.client.get(f"/attempts/{self.attempt}/{page}", headers=self.headers)

    def post(self, page: str, **more: Any) -> Any:
        answer = self.client.post(f"/attempts/{self.attempt}/{page}", headers=self.headers, **more)
        assert answer.status_code < 400, (page, answer.status, answer.text[:500])
        return answer


def learners(school: db.School, app: flask.Flask, count: int) -> Iterator[Learner]:
    """Let learners begin the quiz and answer every question."""
    course = app.extensions["courseware"].course()
    right = {source.id: source.resolve(0).correct() for source in course.forms["forty-a"].questions}
    client = app.test_client(use_cookies=False)
    for number in range(count):
        with db.session(school, write=True) as session:
            person = actions.add_person(session, login=f"bench{number}", name="B", role=Role.LEARNER, password_hash="!", now=clock.now())
            token = actions.begin_session(session, person_id=person.id, now=clock.now())
        cookie, csrf = visitor(app, token)
        headers = {"Cookie": cookie, "X-CSRFToken": csrf}
        begun = client.post("/quizzes/forty/start", headers=headers)
        learner = Learner(client, headers, int(begun.location.rsplit("/", 1)[1]))
        for question, response in right.items():
            learner.post("answers", json={"question": question, "response": response, "sequence": 1, "key": question})
        yield learner


def cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def kb(answer: Any) -> float:
    assert answer.status_code == 200, answer.status
    return len(gzip.compress(answer.data, 6)) / 1000


def pages(learner: Learner) -> dict[str, float]:
    """The compressed size of the largest question's page and of the page before the hand-in, in kB."""
    return {"the largest question": max(kb(learner.get(str(place))) for place in range(1, SIZE + 1)), "looking over": kb(learner.get("review"))}


def scored_a_second() -> float:
    """Single-choice responses scored in a second: right, wrong and none in turn."""
    data, right, wrong = KINDS["choice"].example()
    question, given = parse_question(data), (right, wrong, None)
    began = time.perf_counter()
    for number in range(RESPONSES):
        question.score(given[number % 3])
    return RESPONSES / (time.perf_counter() - began)


def measure(folder: Path) -> tuple[float, dict[str, float]]:
    """Give the median milliseconds of CPU that handing in takes, and the sizes of the pages."""
    school = db.connect(f"sqlite:///{folder / 'school.sqlite'}")
    storage.migrate(school)
    with db.session(school, write=True) as session:
        store(session, with_forty(read_folder(shipped.root())), clock.now())
    app = create_app(Site(school, folder), "the benchmark's own key, not secret at all")
    taken, sizes = [], {}
    for learner in learners(school, app, HAND_INS):
        sizes = sizes or pages(learner)
        taken.append(cpu_ms(partial(learner.post, "hand-in")))
        sizes.setdefault("the result", kb(learner.get("result")))
    school.engine.dispose()
    return statistics.median(taken[1:]), sizes


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    with tempfile.TemporaryDirectory(prefix="courseware-bench-") as name:
        hand_in, sizes = measure(Path(name))
    table = Table("what", "measured", "goal")
    table.add_row(f"handing in {SIZE} questions, CPU", f"{hand_in:.1f} ms", f"at most {GOALS['hand_in_ms']} ms")
    table.add_row("single-choice responses scored a second", f"{max(scored_a_second() for _ in range(3)):,.0f}", f"at least {GOALS['responses']:,}")
    for page, size in sizes.items():
        table.add_row(f"page of a quiz of {SIZE} questions, compressed: {page}", f"{size:.1f} kB", f"at most {GOALS['page_kb']} kB")
    Console().print(table)


if __name__ == "__main__":
    main()
