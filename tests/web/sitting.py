"""What tests of quizzes share: begin an attempt, save an answer, read the form of a question."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from courseware.assessment.models import QuizAttempt
from courseware.compile import Course
from tests.conftest import Browser


def begin(browser: Browser) -> int:
    """Start the Module 1 quiz and give the attempt's id."""
    return int(browser.post("/quizzes/m1/start").location.rsplit("/", 1)[1])


def save(browser: Browser, attempt: int, question: str, response: Any, sequence: int = 1, key: str | None = None) -> Any:
    body = {"question": question, "response": response, "sequence": sequence, "key": key or uuid4().hex}
    return browser.post(f"/attempts/{attempt}/answers", json=body)


def form_of(page: str) -> dict[str, Any]:
    """The hidden fields of the question's form."""
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page).group(1) for name in ("sequence", "key")}


def option(page: str, place: int = 0) -> str:
    """What the page calls one of its options."""
    return re.findall(r'name="m1-[ab]-\d\d" value="(\w+)"', page)[place]


def questions_of(course: Course, form: str = "m1-a") -> dict[str, Any]:
    return {source.id: source for source in course.forms[form].questions}


def answer_all(browser: Browser, course: Course, attempt: int, seed: int, *, right: bool = True, form: str = "m1-a") -> None:
    for id, source in questions_of(course, form).items():
        answer = save(browser, attempt, id, source.resolve(seed).correct() if right else None)
        assert answer.status_code == 200, answer.text


def seed_of(rows: Any) -> int:
    return int(rows(select(QuizAttempt).order_by(QuizAttempt.id.desc()))[0].paper["seed"])
