"""On which terms a class takes one quiz: its dates, its password, the networks it may be taken from; and its marks released before the quiz closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import flask

from courseware.assessment.reader import Quiz
from courseware.assessment.review import Phase
from courseware.errors import Invalid, NotFound
from courseware.grading.queries import unreleased_in_class
from courseware.i18n import message
from courseware.people.access import class_of
from courseware.people.actions import set_password, set_terms
from courseware.people.models import Assignment, Class
from courseware.people.passwords import hash_password
from courseware.people.queries import assignment_of
from courseware.people.terms import parse_networks
from courseware.web.moments import moment_as_typed, read_moment
from courseware.web.pages.grade import release_attempt
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor

area = Area("assignments")

DATES = ("opens_at", "due_at", "closes_at")


@dataclass(frozen=True)
class AssignmentPage:
    """The form for one quiz of a class: what is typed by field, what is wrong with one of them, and how many marked attempts wait for their release."""

    group: Class
    work: str
    quiz: Quiz
    typed: Mapping[str, str]
    has_password: bool
    address: str
    waiting: int
    problem: Invalid | None = None

    @property
    def shows_marks_at_close(self) -> bool:
        return not self.quiz.review.releases(Phase.AFTER) and not self.quiz.review.releases(Phase.LATER)


@area.get("/classes/<int:class_id>/work/<work>", policy=instructor)
def show(ctx: Context, class_id: int, work: str) -> Result:
    group = class_of(ctx.session, ctx.who, class_id)
    quiz, stored = _quiz(ctx, work), assignment_of(ctx.session, class_id=group.id, work=work)
    waiting = len(unreleased_in_class(ctx.session, group.id, quiz.id))
    return Page("assignments/show.html", AssignmentPage(group, work, quiz, _as_typed(ctx, stored), _has_password(stored), _address(ctx), waiting))


def _quiz(ctx: Context, work: str) -> Quiz:
    kind, _, id = work.partition(":")
    quiz = ctx.course.quizzes.get(id)
    if kind != "quiz" or quiz is None:
        raise NotFound
    return quiz


def _address(ctx: Context) -> str:
    return ctx.request.remote_addr or "?"


def _has_password(stored: Assignment | None) -> bool:
    return stored is not None and stored.password_hash is not None


def _as_typed(ctx: Context, stored: Assignment | None) -> dict[str, str]:
    dates: dict[str, datetime | None] = {name: getattr(stored, name, None) for name in DATES}
    return {**{name: moment_as_typed(at, ctx.site.zone) for name, at in dates.items()}, "networks": "\n".join((stored.networks if stored else None) or ())}


@area.post("/classes/<int:class_id>/work/<work>", policy=instructor)
def save(ctx: Context, class_id: int, work: str) -> Result:
    """Set the terms. What cannot be read stops all of it, and everything typed but the password stays in the form."""
    group = class_of(ctx.reader, ctx.who, class_id)
    quiz, stored = _quiz(ctx, work), assignment_of(ctx.reader, class_id=group.id, work=work)
    try:
        _store(ctx, group.id, work)
    except Invalid as problem:
        typed = {name: ctx.form.get(name, "")[:2_000] for name in (*DATES, "networks")}
        waiting = len(unreleased_in_class(ctx.reader, group.id, quiz.id))
        return Page("assignments/show.html", AssignmentPage(group, work, quiz, typed, _has_password(stored), _address(ctx), waiting, problem), problem.status)
    said = message("The terms are set. Attempts already begun keep the time they were begun with.")
    return Redirect(flask.url_for("assignments.show", class_id=group.id, work=work), said)


@area.post("/classes/<int:class_id>/work/<work>/release", policy=instructor)
def release(ctx: Context, class_id: int, work: str) -> Result:
    """Release the marks of all attempts of the class that are marked, before the quiz closes or where it never does."""
    group = class_of(ctx.session, ctx.who, class_id)
    quiz = _quiz(ctx, work)
    released = sum(release_attempt(ctx, id) for id in unreleased_in_class(ctx.session, group.id, quiz.id))
    return Redirect(flask.url_for("assignments.show", class_id=group.id, work=work), message("Released: %(count)s. Their writers see the marks now.", count=released))


def _store(ctx: Context, class_id: int, work: str) -> None:
    opens_at, due_at, closes_at = (read_moment(ctx.form.get(name, ""), ctx.site.zone, name) for name in DATES)
    if due_at is None:
        raise Invalid(message("Say when it is due: work is set for a class by its date."), "due_at")
    networks = parse_networks(ctx.form.get("networks", ""))
    password = ctx.form.get("password", "")
    hashed = hash_password(password) if password else None  # slow, so before the turn of a writer
    stored = set_terms(
        ctx.session, class_id=class_id, work=work, opens_at=opens_at, due_at=due_at, closes_at=closes_at, networks=networks, by=ctx.who, now=ctx.now
    )  # fmt: skip
    if hashed or "no_password" in ctx.form:
        set_password(ctx.session, stored, password_hash=hashed)
