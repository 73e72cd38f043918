"""The only way to an attempt and its files: one's own, or those of a person whose learning may be seen, or marked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from courseware.assessment.models import HandedIn, QuizAttempt, StoredFile, UploadedFile
from courseware.assessment.uploads import Download, marks_in
from courseware.errors import NotFound
from courseware.people.access import Who, may_grade, may_see
from courseware.people.models import Person


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
