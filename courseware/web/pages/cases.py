"""Case studies for learners: the list, the narrative with the rubric and the answer box, saving, handing in, the marks after release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import flask

from courseware.assessment.rubrics import LEVEL_NAMES, length
from courseware.course.model import ModuleFile, Section, Term
from courseware.errors import Invalid, NotFound
from courseware.grading import actions, queries
from courseware.grading.access import seen_answer
from courseware.grading.models import CaseAnswer
from courseware.grading.queries import NO_MARKS, Marks
from courseware.grading.rubrics import CaseStudy, points
from courseware.i18n import Message, Text, message
from courseware.people.models import Person, Role
from courseware.people.queries import due_dates
from courseware.web.routing import Area, Context, Json, Page, Redirect, Result, learner, signed_in
from courseware.web.saves import json_of
from courseware.web.views import time_of_day

area = Area("cases")


@dataclass(frozen=True)
class CaseLine:
    """One case in the list and where the reader's answer stands."""

    case: CaseStudy
    module: ModuleFile | None
    due_at: datetime | None
    status: str | None
    is_late: bool
    marks: Marks


@area.get("/cases", policy=signed_in)
def index(ctx: Context) -> Result:
    course, who = ctx.course, ctx.who
    answers = queries.own_answers(ctx.session, who.id)
    due = due_dates(ctx.session, person_id=who.id)
    marks = queries.marks_of(ctx.session, [answer.id for answer in answers.values() if answer.status == "released"])
    lines = []
    for case in course.cases.values():
        answer = answers.get(case.id)
        given = marks.get(answer.id, NO_MARKS) if answer else NO_MARKS
        line = CaseLine(case, course.modules.get(case.module), due.get(f"case:{case.id}"), answer.status if answer else None, bool(answer and answer.is_late), given)
        lines.append(line)
    return Page("cases/index.html", lines)


@dataclass(frozen=True)
class CasePage:
    """A case as one reader may see it. Teaching note and model answer are None for whoever may not see them."""

    case: CaseStudy
    section: Section
    terms: tuple[Term, ...]
    due_at: datetime | None
    answer: CaseAnswer | None
    marks: Marks
    may_write: bool
    shows_model: bool
    shows_note: bool
    text: str = ""
    chosen: frozenset[str] = frozenset()
    sequence: int = 1
    problem: Message | None = None
    field: str | None = None
    newer: str | None = None
    writer: str | None = None

    @property
    def size(self) -> int:
        return length(self.text, self.language)

    @property
    def language(self) -> str:
        return self.answer.language if self.answer and not self.may_write else self.section.language

    @property
    def asked_size(self) -> tuple[int, int]:
        return self.case.words.get(self.language) or self.case.words["en"]

    @property
    def is_open(self) -> bool:
        return self.may_write and (self.answer is None or self.answer.status == "draft")

    @property
    def numbers(self) -> str:
        """The numbers of the questions answered, as they stand in the list."""
        return ", ".join(str(place) for place, question in enumerate(self.case.questions, 1) if question.id in self.chosen)

    @property
    def level_names(self) -> tuple[Text, ...]:
        return LEVEL_NAMES

    @property
    def level_points(self) -> tuple[str, ...]:
        return tuple(f"{points(level):g}" for level in range(len(LEVEL_NAMES)))


@area.get("/cases/<case_id>", policy=signed_in)
def show(ctx: Context, case_id: str) -> Result:
    return Page("cases/show.html", _page(ctx, case_id, queries.own_answer(ctx.session, ctx.who.id, case_id)))


@area.post("/cases/<case_id>/save", policy=learner)
def save(ctx: Context, case_id: str) -> Result:
    """Keep the draft: a form without script, JSON from the script that saves as one types."""
    if ctx.request.is_json:
        return _save_json(ctx, case_id)
    return _keep(ctx, case_id) or Redirect(flask.url_for("cases.show", case_id=case_id) + "#answer", message("Saved. It stays a draft until you hand it in."))


@area.post("/cases/<case_id>/hand-in", policy=learner)
def hand_in(ctx: Context, case_id: str) -> Result:
    """Save what the form holds, then close it. A second hand-in changes nothing and says when the first one was."""
    answer = queries.own_answer(ctx.session, ctx.who.id, case_id)
    if answer and answer.status != "draft":
        return Redirect(flask.url_for("cases.show", case_id=case_id) + "#answer", message("This answer was handed in before; nothing has been changed."))
    if refused := _keep(ctx, case_id):
        return refused
    answer, case = _open(ctx, case_id)
    try:
        actions.hand_in_case(ctx.session, answer, case=case, now=ctx.now)
    except Invalid as problem:
        return _again(ctx, answer, problem)
    said = message("Handed in, after the due date: it is taken and marked as late.") if answer.is_late else message("Handed in. Your instructor can read it now.")
    return Redirect(flask.url_for("cases.show", case_id=case_id) + "#answer", said)


@area.get("/cases/<case_id>/answers/<int:answer_id>", policy=signed_in)
def released(ctx: Context, case_id: str, answer_id: int) -> Result:
    """A released answer of somebody whose learning one may see, read-only: what a manager opens behind a mastery level."""
    answer = seen_answer(ctx.session, ctx.who, answer_id)
    if answer.case_id != case_id or answer.status != "released":
        raise NotFound
    writer = ctx.session.get(Person, answer.person_id)
    return Page("cases/show.html", replace(_page(ctx, case_id, answer), may_write=False, writer=writer.name if writer else ""))


def _page(ctx: Context, case_id: str, answer: CaseAnswer | None) -> CasePage:
    """What the reader sees; an answer begun keeps the revision it was begun with."""
    course = ctx.site.revision(answer.revision) if answer else ctx.course
    case = course.cases.get(case_id)
    if case is None:
        raise NotFound
    section = course.material.section(case_id, ctx.language)
    html = "".join(block.html for block in section.blocks)
    released = answer is not None and answer.status == "released"
    marks = queries.marks_of(ctx.session, [answer.id]).get(answer.id, NO_MARKS) if answer and released else NO_MARKS
    staff = ctx.who.role in (Role.INSTRUCTOR, Role.ADMINISTRATOR)
    return CasePage(
        case=case,
        section=section,
        terms=tuple(term for term in course.material.terms.values() if f'popovertarget="t-{term.slug}"' in html),
        due_at=due_dates(ctx.session, person_id=ctx.who.id).get(f"case:{case_id}"),
        answer=answer,
        marks=marks,
        may_write=ctx.who.role is Role.LEARNER,
        shows_model=released or staff,
        shows_note=staff,
        text=answer.text if answer else "",
        chosen=frozenset(answer.questions if answer else ()),
        sequence=(answer.sequence if answer else 0) + 1,
    )


def _open(ctx: Context, case_id: str) -> tuple[CaseAnswer, CaseStudy]:
    """The reader's own answer, begun if need be, with the case in the revision it was begun with."""
    case = ctx.course.cases.get(case_id)
    if case is None:
        answer = queries.own_answer(ctx.session, ctx.who.id, case_id)
        case = ctx.site.revision(answer.revision).cases.get(case_id) if answer else None
    if case is None:
        raise NotFound
    due_at = due_dates(ctx.session, person_id=ctx.who.id).get(f"case:{case_id}")
    revision, language = ctx.course.revision, ctx.language
    answer = actions.open_case(ctx.session, person_id=ctx.who.id, case=case, revision=revision, language=language, due_at=due_at, now=ctx.now)
    return answer, case if answer.revision == revision else ctx.site.revision(answer.revision).cases[case_id]


def _store(ctx: Context, answer: CaseAnswer, case: CaseStudy, typed: Mapping[str, Any]) -> bool:
    known = {question.id for question in case.questions}
    questions = [id for id in typed["questions"] if id in known]
    due_at = due_dates(ctx.session, person_id=ctx.who.id).get(f"case:{case.id}")
    return actions.save_case(
        ctx.session, answer, text=typed["text"], questions=questions, sequence=typed["sequence"], due_at=due_at, now=ctx.now, language=ctx.language
    )


def _typed(ctx: Context) -> dict[str, Any]:
    """What the form or the script sent, in shape: anything else is refused as unreadable."""
    sent = json_of(ctx) if ctx.request.is_json else None
    if sent is None:
        form = ctx.request.form
        sent = {"text": form.get("text", ""), "questions": form.getlist("questions"), "sequence": form.get("sequence", type=int)}
    fits = isinstance(sent, dict) and isinstance(sent.get("text"), str) and isinstance(sent.get("questions"), list) and type(sent.get("sequence")) is int
    if not fits or not 0 < sent["sequence"] < 2**31:
        raise Invalid(message("This save could not be read. Open the page again; copy your text first."))
    return {"text": sent["text"].replace("\r\n", "\n"), "questions": [id for id in sent["questions"] if isinstance(id, str)], "sequence": sent["sequence"]}


def _save_json(ctx: Context, case_id: str) -> Result:
    """Acknowledge what is now kept. The answer is sent after the commit, never before. Text that came twice, as after a lost line, is kept too."""
    typed = _typed(ctx)
    answer, case = _open(ctx, case_id)
    stored = _store(ctx, answer, case, typed) or _is_held(answer, typed)
    return Json({"sequence": answer.sequence, "stored": stored, "time": time_of_day(answer.saved_at, ctx.site.zone), "size": length(answer.text, answer.language)})


def _keep(ctx: Context, case_id: str) -> Result | None:
    """Store a form. Give the page again, with what was typed, where that is refused."""
    typed = _typed(ctx)
    answer, case = _open(ctx, case_id)
    try:
        if _store(ctx, answer, case, typed):
            return None
    except Invalid as problem:
        return _again(ctx, answer, problem, typed)
    return None if _is_held(answer, typed) else _again(ctx, answer, None, typed)


def _is_held(answer: CaseAnswer, typed: Mapping[str, Any]) -> bool:
    return answer.text == typed["text"] and set(answer.questions) == set(typed["questions"])


def _again(ctx: Context, answer: CaseAnswer, problem: Invalid | None, typed: Mapping[str, Any] | None = None) -> Page:
    page = _page(ctx, answer.case_id, answer)
    if typed:
        page = replace(page, text=typed["text"], chosen=frozenset(typed["questions"]))
    if problem:
        return Page("cases/show.html", replace(page, problem=problem.message, field=problem.field), problem.status)
    stale = message("A newer version was saved in another window on %(when)s. Both are below: take over what you need, then save again.", when=answer.saved_at)
    return Page("cases/show.html", replace(page, problem=stale, newer=answer.text), 409)
