"""Drafts of the school: what changed in each, what stands between them and being published, publishing them, throwing one away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import flask

from courseware import authoring
from courseware.authoring import Proposal
from courseware.course.changes import Change, change
from courseware.course.drafts import begin_again, discard, drafts, newest
from courseware.course.faults import Fault
from courseware.errors import CoursewareError, Invalid, NotFound
from courseware.i18n import Message, message
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor
from courseware.web.writing import Shown, data_of, file_of, form_path, names_of, shown

area = Area("author_drafts")

LONGEST_NOTE = 300


@dataclass(frozen=True)
class Waiting:
    """A draft in the list, beside what is published now."""

    path: str
    href: str
    by: str
    at: datetime
    is_stale: bool
    is_chosen: bool
    change: Change


@dataclass(frozen=True)
class DraftsPage:
    waiting: Sequence[Waiting]
    faults: Sequence[Shown]
    note: str = ""
    problem: Message | None = None

    @property
    def chosen(self) -> int:
        return sum(one.is_chosen for one in self.waiting)


@area.get("/author/drafts", policy=instructor)
def show(ctx: Context) -> Result:
    """The drafts; those that this author wrote last are chosen, all of them if there is none."""
    written = drafts(ctx.reader)
    asked = ctx.request.args.getlist("path")
    mine = asked or [path for path, draft in written.items() if draft.by_id == ctx.who.id] or list(written)
    return Page("author/drafts.html", _page(ctx, authoring.propose(ctx.reader, mine, bases=ctx.site.folder / "bases")))


def _page(ctx: Context, proposal: Proposal, note: str = "", problem: Message | None = None) -> DraftsPage:
    written, (_, files) = drafts(ctx.reader), newest(ctx.reader)
    by = names_of(ctx.reader, written)
    waiting = [
        Waiting(
            path, address(path), by[path], draft.at, draft.base != files.get(path, ""), path in proposal.chosen,
            change(path, proposal.before.get(path), draft.content),
        )
        for path, draft in written.items()
    ]  # fmt: skip
    faults = [shown(fault, proposal.after) for fault in proposal.faults] if proposal.chosen else []
    return DraftsPage(waiting, faults, note, problem)


def address(path: str) -> str:
    """Where a file is written. A form and a quiz look alike from outside; the form's page sends on to the quiz's."""
    if found := re.fullmatch(r"quizzes/([^/]+)\.yaml", path):
        return f"/author/files/{found[1]}"
    where = shown(Fault(path, 1, 1, ""), {})
    return where.href or "/author"


@area.get("/author/files/<quiz_id>", policy=instructor)
def open_file(ctx: Context, quiz_id: str) -> Result:
    """Go to the page of a quiz or of a form, whichever has this id."""
    is_form = isinstance(data_of(file_of(ctx, form_path(quiz_id))).get("questions"), list)
    return Redirect(f"/author/{'forms' if is_form else 'quizzes'}/{quiz_id}")


@area.post("/author/drafts", policy=instructor)
def publish(ctx: Context) -> Result:
    """Publish the chosen drafts with a note, or check them, or do what a draft's own button says."""
    command, _, path = ctx.form.get("do", "").partition(":")
    if command in ("discard", "mine"):
        return _settle(ctx, command, path)
    note = " ".join(ctx.form.get("note", "").split())[:LONGEST_NOTE]
    proposal = authoring.propose(ctx.reader, ctx.request.form.getlist("path"), bases=ctx.site.folder / "bases")
    try:
        if command != "publish":
            return Page("author/drafts.html", _page(ctx, proposal, note))
        revision = _publish(ctx, proposal, note)
    except CoursewareError as problem:
        return Page("author/drafts.html", _page(ctx, proposal, note, problem.message), problem.status)
    return Redirect(flask.url_for("author_revisions.show", revision_id=revision), message("Published as revision %(number)s. Learners see it within seconds; attempts already begun keep what they began with.", number=revision))


def _publish(ctx: Context, proposal: Proposal, note: str) -> int:
    if not proposal.chosen:
        raise Invalid(message("Choose at least one draft to publish."))
    if proposal.stale:
        raise Invalid(message("Of %(path)s another text was published meanwhile. Say below which one counts; nothing was changed.", path=", ".join(proposal.stale)))
    if proposal.faults:
        raise Invalid(message("Nothing was published: the faults below have to be mended first. Each leads to its field."))
    if not note:
        raise Invalid(message("Say in a few words what changed; it stands in the list of revisions."), "note")
    return authoring.publish(ctx.session, proposal, note=note, by_id=ctx.who.id, now=ctx.now)


def _settle(ctx: Context, command: str, path: str) -> Result:
    if path not in drafts(ctx.reader):
        raise NotFound
    if command == "mine":
        begin_again(ctx.session, path)
        return Redirect(flask.url_for("author_drafts.show"), message("Your draft of %(path)s counts: publishing puts it in the place of what was published meanwhile.", path=path))
    discard(ctx.session, path)
    return Redirect(flask.url_for("author_drafts.show"), message("The draft of %(path)s is thrown away; what is published stays.", path=path))
