"""The history of the course: its revisions, what differs between two, an older one made current again, the files as a zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import flask
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from courseware import authoring, compile
from courseware.course.changes import Change, changes
from courseware.course.revisions import EXPORTED, Revision, newest_id, tree_of
from courseware.errors import Invalid, NotFound
from courseware.i18n import Message, message
from courseware.people.models import Person
from courseware.web.lists import PAGE, Asked, Listing, asked
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor

area = Area("author_revisions")


@dataclass(frozen=True)
class Line:
    """A revision. `by` is empty for one that came from a folder; `changed` counts the files that differ from the revision before."""

    id: int
    at: datetime
    by: str
    note: str
    changed: int | None
    is_current: bool


@area.get("/author/revisions", policy=instructor)
def index(ctx: Context) -> Result:
    want = asked(ctx.request.args, sort="-id")
    total = ctx.reader.scalar(select(func.count()).select_from(Revision)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, want.page), pages)
    lines = _lines(ctx, (page - 1) * PAGE)
    return Page("author/revisions.html", Listing(lines, total, page, pages, Asked("", want.sort, page)))


def _lines(ctx: Context, skipped: int) -> list[Line]:
    query = select(Revision, Person.name).outerjoin(Person, Person.id == Revision.by_id).order_by(Revision.id.desc()).offset(skipped).limit(PAGE + 1)
    found = [(row.Revision, row.name or "") for row in ctx.reader.execute(query)]
    before = [revision.files for revision, _ in found[1:]] + [None]
    return [
        Line(revision.id, revision.published_at, by, revision.note, None if old is None else _differ(revision.files, old), skipped == 0 and place == 0)
        for place, ((revision, by), old) in enumerate(zip(found, before, strict=True))
    ][:PAGE]


def _differ(files: dict[str, str], before: dict[str, str]) -> int:
    return sum(files.get(path) != before.get(path) for path in files.keys() | before.keys())


@dataclass(frozen=True)
class RevisionPage:
    """A revision beside another one: by default the one before it."""

    id: int
    at: datetime
    by: str
    note: str
    is_current: bool
    against: int | None
    others: Sequence[int]
    changes: Sequence[Change]
    problem: Message | None = None
    faults: Sequence[str] = ()


@area.get("/author/revisions/<int:revision_id>", policy=instructor)
def show(ctx: Context, revision_id: int) -> Result:
    return Page("author/revision.html", _page(ctx, revision_id))


def _page(ctx: Context, revision_id: int, problem: Message | None = None, faults: Sequence[str] = ()) -> RevisionPage:
    revision = ctx.reader.get(Revision, revision_id)
    if revision is None:
        raise NotFound
    ids = list(ctx.reader.scalars(select(Revision.id).order_by(Revision.id.desc())))
    before = next((id for id in ids if id < revision_id), None)
    typed = ctx.request.args.get("against", type=int)
    against = typed if typed in ids else before
    old = tree_of(ctx.reader, against) if against else {}
    found = changes(old, tree_of(ctx.reader, revision_id)) if against else []
    by = ctx.reader.scalar(select(Person.name).where(Person.id == revision.by_id)) or "" if revision.by_id else ""
    return RevisionPage(revision_id, revision.published_at, by, revision.note, revision_id == ids[0], against, ids, found, problem, faults)


@area.post("/author/revisions/<int:revision_id>", policy=instructor)
def restore(ctx: Context, revision_id: int) -> Result:
    """Make an older revision current again, as a new one: nothing in the list is ever changed."""
    if ctx.reader.get(Revision, revision_id) is None:
        raise NotFound
    seen = ctx.form.get("current", "")
    _, faults = compile.inspect(tree_of(ctx.reader, revision_id), draws=authoring.DRAWS, bases=ctx.site.folder / "bases")
    if faults:
        problem = Invalid(message("This revision cannot be made current: the rules for course files have changed since. Its faults stand below."))
        return Page("author/revision.html", _page(ctx, revision_id, problem.message, [str(fault) for fault in faults if not fault.note]), problem.status)
    if str(newest_id(ctx.session)) != seen:
        problem = Invalid(message("Somebody published since you opened this page. Nothing was changed: look at the newest revision first."))
        return Page("author/revision.html", _page(ctx, revision_id, problem.message), 409)
    note = " ".join(ctx.form.get("note", "").split())[:300] or f"Revision {revision_id} again"
    made = authoring.restore(ctx.session, revision_id, note=note, by_id=ctx.who.id, now=ctx.now)
    return Redirect(flask.url_for("author_revisions.show", revision_id=made), message("Revision %(old)s is current again, as revision %(new)s.", old=revision_id, new=made))


@area.get("/author/revisions/<int:revision_id>/export", policy=instructor)
def export(ctx: Context, revision_id: int) -> Response:
    """The files of a revision, with a line that says which one it is: so `publish` knows what the folder has seen."""
    revision = ctx.reader.get(Revision, revision_id)
    if revision is None:
        raise NotFound
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {EXPORTED: f"{revision.id} {revision.digest}\n".encode(), **tree_of(ctx.reader, revision_id)}.items():
            archive.writestr(zipfile.ZipInfo(path, revision.published_at.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    response = flask.make_response(packed.getvalue())
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="course-{revision_id}.zip"'
    return response
