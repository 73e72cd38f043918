"""Publishing: what is checked before, what is refused, what a folder would undo. Drafts and revisions are kept by course; pages and commands are made elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware import compile
from courseware.course import revisions
from courseware.course.drafts import Working, discard, drafts, mark_of, newest
from courseware.course.faults import Fault, Faults
from courseware.course.revisions import Revision
from courseware.course.yaml import load
from courseware.errors import Refused
from courseware.i18n import message

DRAWS = 40  # variants of each template that publishing looks at; `validate` takes its time and looks at more


def data_of(file: Working) -> Any:
    """The data of a YAML file, as a copy that a form may change; None if it cannot be read."""
    document = load(file.path, file.content, Faults())
    return deepcopy(document.data) if document else None


@dataclass(frozen=True)
class Proposal:
    """What would be published: the newest revision with some drafts in it, and its faults."""

    revision: int
    before: Mapping[str, bytes]
    chosen: Mapping[str, bytes]
    stale: tuple[str, ...]
    faults: tuple[Fault, ...]

    @property
    def after(self) -> dict[str, bytes]:
        return {**self.before, **self.chosen}

    @property
    def is_sound(self) -> bool:
        return not self.faults and not self.stale


def propose(session: Session, paths: Iterable[str], *, bases: Path) -> Proposal:
    """Check the course as it would be with these drafts. Nothing is changed, so no writer's turn is needed."""
    id, files = newest(session)
    before = revisions.tree_of(session, id) if id else {}
    written = drafts(session)
    chosen = {path: written[path].content for path in paths if path in written}
    stale = tuple(path for path in chosen if written[path].base != files.get(path, ""))
    _, faults = compile.inspect({**before, **chosen}, draws=DRAWS, bases=bases)
    return Proposal(id, before, chosen, stale, tuple(fault for fault in faults if not fault.note))


def publish(session: Session, proposal: Proposal, *, note: str, by_id: int, now: datetime) -> int:
    """Make a sound proposal the newest revision. Refused, and then nothing has changed, if anybody published or wrote since it was checked."""
    if not proposal.is_sound or not proposal.chosen:
        raise Refused(message("Only what has no fault can be published. Nothing was changed."))
    id, _ = newest(session, lock=True)
    written = drafts(session)
    moved = [path for path, content in proposal.chosen.items() if path not in written or written[path].content != content]
    if id != proposal.revision or moved:
        raise Refused(message("Somebody else published or wrote while your revision was being checked. Nothing was changed: look at it again, then publish."))
    revision = revisions.store(session, proposal.after, now, by_id=by_id, note=note)
    for path in proposal.chosen:
        discard(session, path)
    return revision


def restore(session: Session, revision_id: int, *, note: str, by_id: int, now: datetime) -> int:
    """Make an older revision current again, as a new one."""
    newest(session, lock=True)
    return revisions.store(session, revisions.tree_of(session, revision_id), now, by_id=by_id, note=note)


@dataclass(frozen=True)
class Undone:
    """A file written on the web that a folder holds in another state."""

    path: str
    revision: int
    by_id: int
    at: datetime


def undone_by(session: Session, tree: Mapping[str, bytes], *, known: tuple[int, str] | None = None) -> list[Undone]:
    """What has been written on the web and would be undone by publishing a folder.

    Looked at are the revisions since a folder was last published, or since the one that the folder itself says it was exported from (`known`: number, digest).
    """
    history = session.execute(select(Revision.id, Revision.digest, Revision.files, Revision.by_id, Revision.published_at).order_by(Revision.id)).all()
    since = max((row.id for row in history if row.by_id is None or (row.id, row.digest) == known), default=0)
    files: Mapping[str, str] = next((row.files for row in history if row.id == since), {})
    written: dict[str, Undone] = {}
    for row in (row for row in history if row.id > since):
        for path in {path for path in files.keys() | row.files.keys() if files.get(path) != row.files.get(path)}:
            written[path] = Undone(path, row.id, row.by_id, row.published_at)
        files = row.files
    return [one for path, one in sorted(written.items()) if mark_of(tree.get(path)) != files.get(path, "")]
