"""Reads of case answers, grades and mastery for pages, each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment.models import QuizAttempt
from courseware.course.model import Objective
from courseware.grading.evidence import Standing, evidence_of, standing, standings
from courseware.grading.gradebook import LearnerWork, load
from courseware.grading.mastery import Level
from courseware.grading.models import CaseAnswer, LedgerEntry, MarkerComment, QuestionMark, RubricMark
from courseware.grading.rubrics import points
from courseware.i18n import message
from courseware.people.access import Who
from courseware.people.models import Enrolment, Person, Role

LEVEL_WORDS = {
    Level.UNKNOWN: message("not enough evidence yet"),
    Level.STARTED: message("started"),
    Level.MET: message("met"),
    Level.SECURE: message("secure"),
}
STATUS_WORDS = {
    "draft": message("draft"),
    "submitted": message("submitted"),
    "checked": message("checked"),
    "marked": message("marked"),
    "released": message("released"),
}
RANK = {Level.UNKNOWN: 0, Level.STARTED: 1, Level.MET: 2, Level.SECURE: 3}


# Case answers, and what people gave for answers


def own_answer(session: Session, person_id: int, case_id: str) -> CaseAnswer | None:
    return session.scalar(select(CaseAnswer).where(CaseAnswer.person_id == person_id, CaseAnswer.case_id == case_id))


def own_answers(session: Session, person_id: int) -> dict[str, CaseAnswer]:
    """A person's answers by case, the text with them."""
    return {answer.case_id: answer for answer in session.scalars(select(CaseAnswer).where(CaseAnswer.person_id == person_id))}


@dataclass(frozen=True)
class Marks:
    """The newest levels and comment of an answer, of a case or a quiz. `seen` is the id of the newest mark: what a grader had before the eyes."""

    levels: Mapping[str, int]
    comment: str = ""
    seen: int = 0
    by: str = ""
    at: datetime | None = None

    @property
    def points(self) -> float:
        """Points by the rubric of a case. What a question gives is known to the question."""
        return sum(points(level) for level in self.levels.values())


NO_MARKS = Marks({})


def marks_of(session: Session, answer_ids: Iterable[int]) -> dict[int, Marks]:
    """The marks of some answers, in two statements. Answers nobody has marked are left out."""
    ids = list(answer_ids)
    given = session.execute(
        select(RubricMark.id, RubricMark.answer_id, RubricMark.criterion, RubricMark.level, RubricMark.at, Person.name)
        .join(Person, Person.id == RubricMark.by_id)
        .where(RubricMark.answer_id.in_(ids))
        .order_by(RubricMark.id)
    ).all()
    comments = session.execute(select(MarkerComment.answer_id, MarkerComment.text).where(MarkerComment.answer_id.in_(ids)).order_by(MarkerComment.id))
    texts = {row.answer_id: row.text for row in comments}
    found: dict[int, Marks] = {}
    for row in given:
        levels = {**found.get(row.answer_id, NO_MARKS).levels, row.criterion: row.level}
        found[row.answer_id] = Marks(levels, texts.get(row.answer_id, ""), row.id, row.name, row.at)
    return found


def answer_marks_of(session: Session, attempt_ids: Iterable[int]) -> dict[tuple[int, str], Marks]:
    """What people gave for answers of some quiz attempts, by attempt and question, in one statement."""
    given = (
        select(QuestionMark.id, QuestionMark.attempt_id, QuestionMark.question_id, QuestionMark.levels, QuestionMark.comment, QuestionMark.at, Person.name)
        .join(Person, Person.id == QuestionMark.by_id)
        .where(QuestionMark.attempt_id.in_(list(attempt_ids)))
        .order_by(QuestionMark.id)
    )
    return {(row.attempt_id, row.question_id): Marks(row.levels, row.comment, row.id, row.name, row.at) for row in session.execute(given)}


# Classes


@dataclass(frozen=True)
class Learner:
    """A member of a class."""

    id: int
    name: str
    login: str
    joined_at: datetime


def learners_of(session: Session, class_id: int) -> list[Learner]:
    query = select(Person.id, Person.name, Person.login, Enrolment.at).join(Enrolment, Enrolment.person_id == Person.id).where(Enrolment.class_id == class_id)
    return [Learner(*row) for row in session.execute(query.order_by(Person.name, Person.id))]


def learner_in(session: Session, class_id: int, person_id: int) -> Learner | None:
    return next((learner for learner in learners_of(session, class_id) if learner.id == person_id), None)


@dataclass(frozen=True)
class Entry:
    """A ledger entry as a page tells it. `by` is None where the machine scored."""

    number: int
    kind: str
    work_id: int
    points: float
    most: float
    rule: str
    by: str | None
    at: datetime
    note: str
    hash: str


def entries_of(session: Session, person_id: int, work: str) -> list[Entry]:
    """The ledger of one piece of work of one person, newest first."""
    query = (
        select(
            LedgerEntry.number, LedgerEntry.kind, LedgerEntry.work_id, LedgerEntry.points, LedgerEntry.most, LedgerEntry.rule, Person.name, LedgerEntry.at, LedgerEntry.note,
            LedgerEntry.hash,
        )
        .outerjoin(Person, Person.id == LedgerEntry.by_id)
        .where(LedgerEntry.person_id == person_id, LedgerEntry.work == work)
        .order_by(LedgerEntry.number.desc())
    )  # fmt: skip
    return [Entry(*tuple(row)) for row in session.execute(query)]


def works_of(session: Session, people: Sequence[Learner]) -> dict[int, LearnerWork]:
    return load(session, [person.id for person in people])


# Mastery


def standings_of(session: Session, person_ids: Sequence[int], objectives: Mapping[str, Objective]) -> dict[int, dict[str, Standing]]:
    """The standing of every person with every objective of the course that is not planned, in one statement."""
    known = {code: objective for code, objective in objectives.items() if not objective.planned}
    found = standings(evidence_of(session, person_ids), known) if person_ids else {}
    return {id: {code: found.get(id, {}).get(code) or standing(objective) for code, objective in known.items()} for id in person_ids}


@dataclass(frozen=True)
class PaperHead:
    """Which attempt a quiz answer belongs to, and the seed its question was drawn with."""

    number: int
    form: str
    seed: int
    questions: tuple[str, ...]


def papers_of(session: Session, attempt_ids: Iterable[int]) -> dict[int, PaperHead]:
    rows = session.execute(select(QuizAttempt.id, QuizAttempt.number, QuizAttempt.form, QuizAttempt.paper).where(QuizAttempt.id.in_(list(attempt_ids))))
    return {row.id: PaperHead(row.number, row.form, row.paper["seed"], tuple(question["id"] for question in row.paper["questions"])) for row in rows}


@dataclass(frozen=True)
class Hire:
    """A new hire and who leads the team."""

    id: int
    name: str
    login: str
    manager: str


def hires_seen_by(session: Session, who: Who) -> list[Hire]:
    """The new hires of a manager, or all of them for an administrator."""
    lead = select(Person.id, Person.name).subquery()
    query = select(Person.id, Person.name, Person.login, lead.c.name).join(lead, lead.c.id == Person.manager_id).order_by(Person.name, Person.id)
    if who.role is not Role.ADMINISTRATOR:
        query = query.where(Person.manager_id == who.id)
    return [Hire(*row) for row in session.execute(query)]


def unreleased_in_class(session: Session, class_id: int, quiz_id: str) -> list[int]:
    """The attempts at a quiz in a class that are marked and wait for their release, by id."""
    query = select(QuizAttempt.id).join(Enrolment, Enrolment.person_id == QuizAttempt.person_id)
    return list(session.scalars(query.where(Enrolment.class_id == class_id, QuizAttempt.quiz_id == quiz_id, QuizAttempt.status == "marked").order_by(QuizAttempt.id)))
