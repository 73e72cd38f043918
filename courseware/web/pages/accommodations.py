"""What one person gets otherwise than the class: time, attempts, dates, and minutes added to an attempt that is open now. For staff alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import flask

from courseware.assessment.access import taught_attempt
from courseware.assessment.extra_time import Added, add_minutes, added_to
from courseware.assessment.queries import Try, tries_of
from courseware.errors import Invalid
from courseware.i18n import Text, message
from courseware.people.access import person_taught_by
from courseware.people.actions import accommodate
from courseware.people.models import Person
from courseware.people.queries import ALL_WORK, AccommodationLine, accommodations_of, terms_of
from courseware.people.terms import Own
from courseware.web.moments import moment_as_typed, read_moment
from courseware.web.pages.assignments import DATES
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor

area = Area("accommodations")


@dataclass(frozen=True)
class AccommodationsPage:
    """What counts for a person today, the form to change it, the attempts open now, and the whole record."""

    person: Person
    work: str
    works: Sequence[tuple[str, Text]]
    typed: Mapping[str, str]
    lines: Sequence[AccommodationLine]
    added: Sequence[Added]
    open_tries: Sequence[Try]
    problem: Invalid | None = None

    @property
    def in_force(self) -> list[AccommodationLine]:
        """What counts today, the one for all work first."""
        return sorted((line for line in self.lines if line.is_newest and not line.own.is_empty), key=lambda line: line.work)

    def title_of(self, work: str) -> Text | None:
        return dict(self.works).get(work)


@area.get("/people/<int:person_id>/accommodations", policy=instructor)
def show(ctx: Context, person_id: int) -> Result:
    return Page("accommodations/show.html", _page(ctx, person_id, ctx.request.args.get("work", ALL_WORK)))


def _page(ctx: Context, person_id: int, work: str, typed: Mapping[str, str] | None = None, problem: Invalid | None = None) -> AccommodationsPage:
    person = person_taught_by(ctx.session, ctx.who, person_id)
    works = [(ref, ctx.course.work_title(ref)) for ref in ctx.course.works]
    lines = accommodations_of(ctx.session, person.id)
    known = next((line.own for line in lines if line.work == work and line.is_newest), Own())
    open_tries = [one for one in tries_of(ctx.session, person.id) if one.is_open and one.deadline_at]
    return AccommodationsPage(
        person, work if work in dict(works) else ALL_WORK, works, _as_typed(ctx, known) if typed is None else typed, lines, added_to(ctx.session, person.id), open_tries, problem
    )


def _as_typed(ctx: Context, own: Own) -> dict[str, str]:
    return {
        "time_factor": f"{own.time_factor:g}" if own.time_factor is not None else "",
        "extra_attempts": str(own.extra_attempts) if own.extra_attempts is not None else "",
        **{name: moment_as_typed(getattr(own, name), ctx.site.zone) for name in DATES},
        "note": "",
    }


@area.post("/people/<int:person_id>/accommodations", policy=instructor)
def save(ctx: Context, person_id: int) -> Result:
    """Put new terms in the place of those for the same work. What cannot be read stops all of it, and everything typed stays in the form."""
    person, work = person_taught_by(ctx.session, ctx.who, person_id), ctx.form.get("work", ALL_WORK)
    try:
        accommodate(ctx.session, person_id=person.id, work=work, own=_read(ctx, work), note=ctx.form.get("note", ""), by=ctx.who, now=ctx.now)
    except Invalid as problem:
        typed = {name: ctx.form.get(name, "")[:1_000] for name in ("time_factor", "extra_attempts", *DATES, "note")}
        return Page("accommodations/show.html", _page(ctx, person_id, work, typed, problem), problem.status)
    return Redirect(flask.url_for("accommodations.show", person_id=person.id), message("On record. It counts for every attempt begun from now on."))


def _read(ctx: Context, work: str) -> Own:
    dates = [read_moment(ctx.form.get(name, ""), ctx.site.zone, name) for name in DATES]
    if work not in (ALL_WORK, *ctx.course.works):
        raise Invalid(message("Choose one of the works of the course, or all work."), "work")
    if work == ALL_WORK and any(dates):
        raise Invalid(message("Dates are for one piece of work: choose which one, or leave them empty."), "work")
    return Own(_number(ctx, "time_factor"), _whole(ctx, "extra_attempts"), *dates)


def _number(ctx: Context, name: str) -> float | None:
    typed = ctx.form.get(name, "").strip().replace(",", ".")[:20]
    try:
        return float(typed.replace("_", "?")) if typed else None  # 1_5 would be read as fifteen
    except ValueError:
        raise Invalid(message("“%(typed)s” is not a number.", typed=typed), name) from None


def _whole(ctx: Context, name: str) -> int | None:
    number = _number(ctx, name)
    if number is None or number.is_integer():
        return None if number is None else int(number)
    raise Invalid(message("“%(value)s” is not a whole number.", value=ctx.form.get(name, "")[:20]), name)


@area.post("/attempts/<int:attempt_id>/minutes", policy=instructor)
def minutes(ctx: Context, attempt_id: int) -> Result:
    """Add minutes to an attempt that is open now; its learner sees them at the next page."""
    attempt = taught_attempt(ctx.session, ctx.who, attempt_id)
    terms = terms_of(ctx.session, attempt.person_id)[f"quiz:{attempt.quiz_id}"]
    add_minutes(ctx.session, attempt, minutes=_whole(ctx, "minutes") or 0, terms=terms, note=ctx.form.get("note", ""), by_id=ctx.who.id, now=ctx.now)
    said = message("The attempt now ends %(when)s.", when=attempt.deadline_at)
    return Redirect(flask.url_for("accommodations.show", person_id=attempt.person_id), said)
