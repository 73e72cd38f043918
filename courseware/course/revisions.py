"""Published revisions of the course's files in the school's database: stored by content hash, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import JSON, ForeignKey, LargeBinary, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from courseware.db import Base

FOLDERS = ("content", "quizzes", "case_studies")
SUFFIXES = (".md", ".yaml", ".svg")
EXPORTED = "exported-from.txt"  # stands in an exported folder and says which revision it was: number and digest


class ContentFile(Base):
    __tablename__ = "content_file"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Revision(Base):
    """One published state of the course: file path → content hash. `by_id` published it on the web; None, and it came from a folder."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]
    files: Mapped[dict[str, str]] = mapped_column(JSON)
    published_at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(default="", server_default="")


def read_folder(folder: Path) -> dict[str, bytes]:
    """Read the course files of a folder into memory, by path with forward slashes."""
    files = (path for name in FOLDERS for path in (folder / name).rglob("*") if path.is_file() and path.suffix in SUFFIXES)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(files)}


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def exported_from(folder: Path) -> tuple[int, str] | None:
    """Which revision a folder says it was exported from; None for one that says nothing."""
    path = folder / EXPORTED
    number, _, digest = path.read_text().strip().partition(" ") if path.is_file() else ("", "", "")
    return (int(number), digest) if number.isdecimal() and len(number) < 10 else None


def store(session: Session, tree: Mapping[str, bytes], now: datetime, *, by_id: int | None = None, note: str = "") -> int:
    """Store a tree and make it the newest revision; an unchanged tree keeps its number."""
    files = {path: digest_of(content) for path, content in tree.items()}
    digest = hashlib.sha256("\n".join(f"{path} {mark}" for path, mark in sorted(files.items())).encode()).hexdigest()
    newest = session.execute(select(Revision.id, Revision.digest).order_by(Revision.id.desc()).limit(1)).first()
    if newest and newest.digest == digest:
        return int(newest.id)
    known = set(session.scalars(select(ContentFile.sha256)))
    missing = {files[path]: content for path, content in tree.items() if files[path] not in known}
    session.add_all(ContentFile(sha256=mark, content=content) for mark, content in missing.items())
    revision = Revision(digest=digest, files=files, published_at=now, by_id=by_id, note=note)
    session.add(revision)
    session.flush()
    return revision.id


def newest_id(session: Session) -> int | None:
    return session.scalar(select(func.max(Revision.id)))


def tree_of(session: Session, revision_id: int) -> dict[str, bytes]:
    """Give the files of a revision back, as they were stored."""
    files = session.scalars(select(Revision.files).where(Revision.id == revision_id)).one()
    contents = {row.sha256: row.content for row in session.execute(select(ContentFile.sha256, ContentFile.content).where(ContentFile.sha256.in_(set(files.values()))))}
    return {path: contents[mark] for path, mark in files.items()}
