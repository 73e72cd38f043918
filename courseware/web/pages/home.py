"""The first page: for a learner what is next and due, for staff their classes or team; and what this site is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import flask

from courseware.grading.gradebook import LearnerWork, load
from courseware.i18n import Text
from courseware.people.models import Role
from courseware.people.queries import ClassLine, classes_joined, due_dates
from courseware.web.cookies import place_in_book
from courseware.web.routing import Area, Context, Page, Redirect, Result, anyone

area = Area("home")

KINDS = {"quiz": ("assess", "/quizzes"), "scenario": ("practice", "/practise/{id}"), "case": ("assess", "/cases/{id}")}


@dataclass(frozen=True)
class DueLine:
    """One piece of work: what, where, when, and where it stands."""

    title: Text
    id: str
    mark: str
    address: str
    due_at: datetime | None
    status: str | None


@dataclass(frozen=True)
class Home:
    classes: list[ClassLine]
    lines: list[DueLine]
    section: str
    section_title: str

    @property
    def open(self) -> list[DueLine]:
        return [line for line in self.lines if line.status in (None, "draft")]


@area.get("/", policy=anyone)
def show(ctx: Context) -> Result:
    visitor = ctx.visitor
    if visitor is None:
        return Redirect(flask.url_for("people.sign_in"))
    if visitor.role is Role.MANAGER:
        return Redirect("/team")
    if visitor.role is not Role.LEARNER:
        return Redirect("/classes")
    course = ctx.course
    due = due_dates(ctx.session, person_id=visitor.id)
    work = load(ctx.session, [visitor.id], course.counts)[visitor.id]
    first = next(id for module in course.modules.values() for id in module.sections)
    section = place_in_book(ctx.request)
    section = section if (section, "en") in course.material.sections else first
    at_hand = {name for module in course.modules.values() if section in module.sections for name in course.works_of(module)}
    lines = [_line(name, course.work_title(name), due.get(name), work) for name in course.works if name in due or name in at_hand or work.tries.get(name)]
    lines.sort(key=lambda line: (line.due_at is None, line.due_at))
    title = course.material.section(section, ctx.language).head.title
    return Page("home/show.html", Home(classes_joined(ctx.session, visitor.id), lines, section, title))


def _line(name: str, title: Text, due_at: datetime | None, work: LearnerWork) -> DueLine:
    kind, _, id = name.partition(":")
    mark, address = KINDS[kind]
    tries = work.tries.get(name, ())
    return DueLine(title, id, mark, address.format(id=id), due_at, tries[-1].status if tries else None)


@area.get("/about", policy=anyone)
def about(ctx: Context) -> Result:
    _ = ctx.visitor
    return Page("home/about.html")
