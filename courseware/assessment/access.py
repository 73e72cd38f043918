"""The only way to an attempt and its files: one's own, or those of a person whose learning may be seen, or marked; and what of an attempt may be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from courseware.assessment.models import HandedIn, QuizAttempt, StoredFile, UploadedFile
from courseware.assessment.papers import Paper
from courseware.assessment.review import EVERYTHING, Opening, Phase, Shown, phase_of, still_to_open
from courseware.assessment.uploads import Download, marks_in
from courseware.errors import NotFound
from courseware.people.access import Who, may_grade, may_see
from courseware.people.models import Person
from courseware.people.queries import terms_of


def own_attempt(session: Session, who: Who, attempt_id: int) -> QuizAttempt:
    attempt = session.scalar(select(QuizAttempt).where(QuizAttempt.id == attempt_id, QuizAttempt.person_id == who.id))
    if attempt is None:
        raise NotFound
    return attempt


def own_paper(session: Session, who: Who, attempt_id: int) -> dict[str, Any]:
    """The paper of one's own attempt, which never changes; whether the attempt is still open is another question."""
    paper: dict[str, Any] | None = session.scalar(select(QuizAttempt.paper).where(QuizAttempt.id == attempt_id, QuizAttempt.person_id == who.id))
    if paper is None:
        raise NotFound
    return paper


def seen_attempt(session: Session, who: Who, attempt_id: int) -> QuizAttempt:
    attempt = session.scalar(select(QuizAttempt).join(Person, Person.id == QuizAttempt.person_id).where(QuizAttempt.id == attempt_id, may_see(who)))
    if attempt is None:
        raise NotFound
    return attempt


def visible(session: Session, attempt: QuizAttempt, paper: Paper, *, is_own: bool, now: datetime) -> tuple[Shown, Sequence[Opening]]:
    """What of an attempt may be seen now, and what opens later. Points and levels are seen once it is released; staff see the rest at any time."""
    is_released = attempt.status == "released"
    has_marks = is_released or (attempt.status == "marked" and not is_own)
    review, submitted_at = paper.review, attempt.submitted_at or now
    closes_at = terms_of(session, attempt.person_id)[f"quiz:{attempt.quiz_id}"].closes_at if review.changes else None
    phase = phase_of(submitted_at, closes_at, now)
    if not is_own or (is_released and not review.released_by(phase)):  # a person released it before its time
        phase = Phase.CLOSED
    shown = review.shown(phase) if is_own else EVERYTHING
    seen = replace(shown, marks=shown.marks and has_marks, overall=shown.overall and is_released)
    return seen, still_to_open(review, phase, submitted_at, closes_at)


def download(session: Session, who: Who, attempt_id: int, question_id: str, sha256: str) -> Download:
    """A file for whoever sent it; if it was handed in also for that person's graders, and after release for whoever may see their learning."""
    row = session.execute(
        select(UploadedFile, StoredFile.content, QuizAttempt.status, QuizAttempt.person_id, HandedIn.response)
        .join(StoredFile, StoredFile.sha256 == UploadedFile.sha256)
        .join(QuizAttempt, QuizAttempt.id == UploadedFile.attempt_id)
        .join(Person, Person.id == QuizAttempt.person_id)
        .outerjoin(HandedIn, (HandedIn.attempt_id == UploadedFile.attempt_id) & (HandedIn.question_id == UploadedFile.question_id))
        .where(UploadedFile.attempt_id == attempt_id, UploadedFile.question_id == question_id, UploadedFile.sha256 == sha256)
        .where(or_(QuizAttempt.person_id == who.id, may_grade(who) & (QuizAttempt.status != "draft"), may_see(who) & (QuizAttempt.status == "released")))
    ).first()
    if row is None:
        raise NotFound
    sent, is_own = row[0], row.person_id == who.id
    if not is_own and sent.sha256 not in marks_in(row.response):
        raise NotFound
    return Download(sent.sha256, sent.name, sent.type, row.content, is_named=is_own or row.status == "released")


def taught_attempt(session: Session, who: Who, attempt_id: int) -> QuizAttempt:
    """An attempt of a person whose work may be marked, so whose time may be changed."""
    attempt = session.scalar(select(QuizAttempt).join(Person, Person.id == QuizAttempt.person_id).where(QuizAttempt.id == attempt_id, may_grade(who)))
    if attempt is None:
        raise NotFound
    return attempt
