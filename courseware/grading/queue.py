"""The queue of a grader: every handed-in answer that a person marks, of cases and of quizzes, without names until release. What was given for them stands in queries.py."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, select, union
from sqlalchemy.orm import Session

from courseware.assessment.models import HandedIn, QuestionScore, QuizAttempt
from courseware.assessment.papers import Paper
from courseware.grading.models import CaseAnswer, QuestionMark
from courseware.people.access import Who, may_grade
from courseware.people.models import Person
from courseware.people.terms import is_late


@dataclass(frozen=True)
class QueueLine:
    """A handed-in answer as a grader sees it: a number in an order that tells nothing. The name is None until release.

    `kind` is case, or quiz for an answer to the question `ref` of one; `work_id` is the id of the case answer or of the attempt.
    `may_release` is not true for a marked answer whose attempt still holds another one that waits.
    """

    kind: str
    ref: str
    work_id: int
    number: int
    of: int
    status: str
    submitted_at: datetime
    is_late: bool
    person: str | None
    fits: bool
    may_release: bool
    quiz_id: str = ""

    @property
    def is_open(self) -> bool:
        return self.status == "submitted"


@dataclass(frozen=True)
class _Found:
    """What a statement gives for a line, before the lines of one piece of work are numbered."""

    kind: str
    ref: str
    work_id: int
    status: str
    may_release: bool
    submitted_at: datetime
    due_at: datetime | None
    name: str
    fits: bool
    quiz_id: str = ""


def case_queue(session: Session, who: Who, *, q: str = "", case_id: str | None = None) -> list[QueueLine]:
    """Every handed-in case answer that a person may mark, by case and number, in one statement. `fits` tells whether `q` stands in its text."""
    hit: ColumnElement[Any] = CaseAnswer.text.icontains(q, autoescape=True) if q else literal(True)
    query = (
        select(CaseAnswer.id, CaseAnswer.case_id, CaseAnswer.status, CaseAnswer.submitted_at, CaseAnswer.due_at, Person.name, hit.label("hit"))
        .join(Person, Person.id == CaseAnswer.person_id)
        .where(CaseAnswer.status != "draft", may_grade(who))
    )
    if case_id is not None:
        query = query.where(CaseAnswer.case_id == case_id)
    found = [_Found("case", row.case_id, row.id, row.status, row.status == "marked", row.submitted_at, row.due_at, row.name, bool(row.hit)) for row in session.execute(query)]
    return _numbered(found, q)


def answer_queue(session: Session, who: Who, *, q: str = "", question_id: str | None = None) -> list[QueueLine]:
    """Every answer of a quiz that waits for a person or got its marks from one, by question and number, in one statement."""
    is_scored = select(QuestionScore.id).where(QuestionScore.attempt_id == HandedIn.attempt_id, QuestionScore.question_id == HandedIn.question_id).exists()
    waiting = select(HandedIn.attempt_id, HandedIn.question_id).join(QuizAttempt, QuizAttempt.id == HandedIn.attempt_id).where(QuizAttempt.status == "checked", ~is_scored)
    ours = union(waiting, select(QuestionMark.attempt_id, QuestionMark.question_id)).subquery()
    query = (
        select(HandedIn.attempt_id, HandedIn.question_id, QuizAttempt.quiz_id, QuizAttempt.status, QuizAttempt.submitted_at, QuizAttempt.due_at, Person.name)
        .add_columns(is_scored.label("is_scored"), *([HandedIn.response] if q else []))  # searched here: as JSON it is kept with escapes
        .join(ours, (ours.c.attempt_id == HandedIn.attempt_id) & (ours.c.question_id == HandedIn.question_id))
        .join(QuizAttempt, QuizAttempt.id == HandedIn.attempt_id)
        .join(Person, Person.id == QuizAttempt.person_id)
        .where(may_grade(who))
    )
    if question_id is not None:
        query = query.where(HandedIn.question_id == question_id)
    found = [
        _Found(
            "quiz", row.question_id, row.attempt_id, _status(row.status, row.is_scored), row.status == "marked", row.submitted_at, row.due_at, row.name,
            not q or (isinstance(row.response, str) and q.lower() in row.response.lower()), row.quiz_id,  # never in the names of files: they may name a person
        )
        for row in session.execute(query)
    ]  # fmt: skip
    return _numbered(found, q)


def _status(attempt: str, is_scored: bool) -> str:
    """Where one answer stands, in the words that a whole piece of work has."""
    return attempt if attempt == "released" else "marked" if is_scored else "submitted"


def _numbered(found: Iterable[_Found], q: str) -> list[QueueLine]:
    """Put the answers to each piece of work in an order of their own and number them."""
    by_work: dict[tuple[str, str], list[_Found]] = {}
    for one in found:
        by_work.setdefault((one.kind, one.ref), []).append(one)
    lines = []
    for _, rows in sorted(by_work.items()):
        for number, row in enumerate(sorted(rows, key=lambda row: shuffled(row.ref, row.work_id)), 1):
            late = is_late(row.submitted_at, row.due_at)
            name = row.name if row.status == "released" else None
            fits = row.fits or bool(name and q.lower() in name.lower())
            lines.append(QueueLine(row.kind, row.ref, row.work_id, number, len(rows), row.status, row.submitted_at, late, name, fits, row.may_release, row.quiz_id))
    return lines


def shuffled(ref: str, work_id: int) -> str:
    """A sort key that is always the same and tells neither who nor when."""
    return hashlib.sha256(f"{ref}/{work_id}".encode()).hexdigest()


def texts_of(session: Session, answer_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Text and language of some case answers."""
    rows = session.execute(select(CaseAnswer.id, CaseAnswer.text, CaseAnswer.language).where(CaseAnswer.id.in_(list(answer_ids))))
    return {row.id: (row.text, row.language) for row in rows}


@dataclass(frozen=True)
class Asked:
    """A handed-in answer of a quiz, and the paper it was asked on."""

    response: Any
    paper: Paper


def answers_of(session: Session, attempt_ids: Iterable[int], question_ids: Iterable[str]) -> dict[tuple[int, str], Asked]:
    """Some handed-in answers of quizzes, by attempt and question."""
    query = (
        select(HandedIn.attempt_id, HandedIn.question_id, HandedIn.response, QuizAttempt.paper)
        .join(QuizAttempt, QuizAttempt.id == HandedIn.attempt_id)
        .where(HandedIn.attempt_id.in_(list(attempt_ids)), HandedIn.question_id.in_(list(question_ids)))
    )
    return {(row.attempt_id, row.question_id): Asked(row.response, Paper.from_json(row.paper)) for row in session.execute(query)}
