"""Drafts: files of the course as they are being written on the web, kept until they are published or thrown away. Whether they are sound is known higher up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from courseware.course.revisions import ContentFile, Revision, digest_of
from courseware.db import Base
from courseware.errors import Refused
from courseware.i18n import message


class ContentDraft(Base):
    """The whole text of one file as it shall be. `base` is the hash of the published file it began from, empty for a new one; `by_id` wrote last."""

    __tablename__ = "content_draft"
    path: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    base: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    @property
    def digest(self) -> str:
        return digest_of(self.content)


@dataclass(frozen=True)
class Working:
    """A file as it is being written: the draft if there is one, else what is published. `published` is None while it is new."""

    path: str
    published: bytes | None
    draft: ContentDraft | None

    @property
    def content(self) -> bytes:
        return self.draft.content if self.draft else self.published or b""

    @property
    def is_stale(self) -> bool:
        """Whether another text was published since the draft was begun."""
        return self.draft is not None and self.draft.base != mark_of(self.published)


def mark_of(published: bytes | None) -> str:
    return "" if published is None else digest_of(published)


def newest(session: Session, *, lock: bool = False) -> tuple[int, Mapping[str, str]]:
    """The newest revision and its files: path → hash. With `lock` everybody else who writes drafts or publishes waits, so that what is read here stays true."""
    query = select(Revision.id, Revision.files).order_by(Revision.id.desc()).limit(1)
    if lock:  # and then asked anew: who had to wait would be given what was newest before
        session.execute(select(Revision.id).order_by(Revision.id).limit(1).with_for_update())
    found = session.execute(query).first()
    return (found.id, found.files) if found else (0, {})


def working(session: Session, path: str, *, lock: bool = False) -> Working | None:
    """A file as it is being written, in three statements; None if there is none."""
    _, files = newest(session, lock=lock)
    draft = session.get(ContentDraft, path, populate_existing=True)
    published = session.scalar(select(ContentFile.content).where(ContentFile.sha256 == files[path])) if path in files else None
    return Working(path, published, draft) if draft or path in files else None


def drafts(session: Session) -> dict[str, ContentDraft]:
    """Every draft of the school by path."""
    return {draft.path: draft for draft in session.scalars(select(ContentDraft).order_by(ContentDraft.path))}


def keep(session: Session, path: str, content: bytes, *, seen: bytes, by_id: int, now: datetime) -> None:
    """Keep a file as a draft. One that says what is published again is none any more. Refused if the file is no longer as the writer has `seen` it."""
    known = working(session, path, lock=True)
    draft, published = (known.draft, known.published) if known else (None, None)
    if (known.content if known else b"") != seen:
        raise Refused(message("Somebody else wrote in this file at the same moment. Nothing of theirs was replaced: open the page again and send yours once more."))
    if content == published:
        discard(session, path)
    elif draft is None:
        session.add(ContentDraft(path=path, content=content, base=mark_of(published), by_id=by_id, at=now))
    elif draft.content != content:
        draft.content, draft.by_id, draft.at = content, by_id, now
    session.flush()


def begin_again(session: Session, path: str) -> None:
    """Say that a draft is meant to replace what was published since it began."""
    known = working(session, path, lock=True)
    if known and known.draft:
        known.draft.base = mark_of(known.published)
        session.flush()


def discard(session: Session, path: str) -> None:
    session.execute(delete(ContentDraft).where(ContentDraft.path == path))
    session.expire_all()
