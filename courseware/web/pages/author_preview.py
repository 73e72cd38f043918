"""A quiz exactly as a given learner meets it, with a variant and at a date of the author's choice: the learner's own pages, and nothing is kept.

How an attempt is made for a page and undone again is as_learner's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import flask
from sqlalchemy import select
from werkzeug.wrappers import Response

from courseware import clock
from courseware.assessment import navigation
from courseware.assessment.questions import Question, first
from courseware.assessment.tries import asks_certainty, certainty_field, wrapped
from courseware.errors import CoursewareError, Invalid, NotFound
from courseware.grading.actions import release_quiz
from courseware.grading.handing_in import releases
from courseware.i18n import Message, message
from courseware.people.access import may_see
from courseware.people.models import Person, Role
from courseware.web.as_learner import Chosen, Made, as_learner, begun_attempt, chosen_of, course_of, fitting, set_aside, unpacked
from courseware.web.moments import read_moment
from courseware.web.pages.quiz import start_page
from courseware.web.pages.results import result_page
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor
from courseware.web.sittings import QuestionPage, question_page
from courseware.web.tokens import csrf_token
from courseware.web.views import say, words

area = Area("author_preview")

MOST_LEARNERS = 300  # in the list to choose from


# Choosing


@dataclass(frozen=True)
class ChoosePage:
    quiz_id: str
    learners: Sequence[Person]
    chosen: Chosen
    attempts: int
    problem: Message | None = None


@area.get("/author/quizzes/<quiz_id>/as", policy=instructor)
def choose(ctx: Context, quiz_id: str) -> Result:
    return _choosing(ctx, quiz_id)


def _choosing(ctx: Context, quiz_id: str, problem: CoursewareError | None = None) -> Page:
    quiz = course_of(ctx, quiz_id).quizzes[quiz_id]
    seen = select(Person).where(Person.role == Role.LEARNER, Person.is_active, may_see(ctx.who)).order_by(Person.name).limit(MOST_LEARNERS)
    learners = ctx.reader.scalars(seen).all()
    chosen = chosen_of(ctx)
    chosen = replace(chosen, at=chosen.at or clock.local(ctx.now, ctx.site.zone).strftime("%Y-%m-%dT%H:%M"))
    return Page("author/as.html", ChoosePage(quiz_id, learners, chosen, quiz.attempts, problem.message if problem else None), problem.status if problem else 200)


# One page of it


@area.get("/author/quizzes/<quiz_id>/as/<place>", policy=instructor)
def show(ctx: Context, quiz_id: str, place: str) -> Response | Result:
    """A page as the learner sees it: `open`, a number, `review`, `lock` or `result`."""
    try:
        return _shown(ctx, quiz_id, place, unpacked(ctx.request.args.get("log", "")))
    except NotFound:
        raise
    except CoursewareError as problem:
        return _choosing(ctx, quiz_id, problem)


@area.post("/author/quizzes/<quiz_id>/as/<place>", policy=instructor)
def act(ctx: Context, quiz_id: str, place: str) -> Response | Result:
    """Do what a form of a learner's page asks for, and go on to the page it leads to."""
    log = unpacked(ctx.request.args.get("log", ""))
    try:
        log, onward = _after(ctx, quiz_id, place, log)
        log = fitting(log)
        with begun_attempt(ctx, quiz_id, log):
            pass  # so that what it refuses is told on the page it was asked on
    except Invalid as problem:
        return _shown(ctx, quiz_id, place, log[:-1], problem.message)
    return Redirect(f"/author/quizzes/{quiz_id}/as/{onward}?{chosen_of(ctx).query(log)}")


def _after(ctx: Context, quiz_id: str, place: str, log: list[Any]) -> tuple[list[Any], str]:
    """What has been done once a form is sent, and where that leads."""
    go = ctx.form.get("go", "")
    if place == "open":
        return [], "1"
    if place == "review":
        return [*log, ["h"]], "result"
    if place == "lock":
        typed = ctx.form.get("place", "")
        at = int(typed) if typed.isdecimal() and len(typed) < 4 else 0
        return [*log, ["l", at]], str(at + 1)
    at = int(place) if place.isdecimal() and len(place) < 4 else 0
    with begun_attempt(ctx, quiz_id, log) as found:
        log = [*(step for step in log if step[:2] != ["s", at] or ["c", at] in log), ["s", at, _response(ctx, found, at)]]
        locks, passed, is_one_way = found.attempt.paper.get("locks", ()), found.attempt.passed, found.sitting.paper.is_one_way
    if ctx.request.args.get("do") == "check":
        return [*log, ["c", at]], place
    if go == "flag":
        return [*log, ["f", at]], place
    if go in ("review", "leave"):
        return log, "review"
    wanted = int(go) if go.isdecimal() and len(go) < 4 else at - 1 if go == "back" else at + 1 if go == "next" else at
    if at in locks and wanted == at + 1 and passed < at:
        return ([*log, ["l", at]], str(wanted)) if is_one_way else (log, "lock")
    return log, str(max(1, wanted))


def _response(ctx: Context, found: Made, at: int) -> Any:
    paper = found.sitting.paper
    if not 1 <= at <= len(paper.questions):
        raise NotFound
    question: Question = found.sitting.question(paper.questions[at - 1].id)
    fields = {name: ctx.request.form.getlist(name) for name in ctx.request.form}
    given = question.read(fields, question.id)
    return wrapped(given, first(fields, certainty_field(question.id))) if asks_certainty(found.attempt.paper["behaviour"]) else given


def _shown(ctx: Context, quiz_id: str, place: str, log: list[Any], problem: Message | None = None) -> Response:
    """Make the learner's page while the attempt stands, and render it when that is undone."""
    if place == "open":
        return _opening(ctx, quiz_id)
    on = read_moment(chosen_of(ctx).on, ctx.site.zone)
    with begun_attempt(ctx, quiz_id, log) as made:
        page = _page(made, place, on)
    if problem and isinstance(page.value, QuestionPage):
        page = replace(page, value=replace(page.value, problem=problem))
    return _rendered(ctx, made.ctx, page, quiz_id, log)


def _opening(ctx: Context, quiz_id: str) -> Response:
    with as_learner(ctx, quiz_id) as inner:
        quiz = inner.course.quizzes[quiz_id]
        set_aside(inner.session, inner.who.id, quiz, inner.course, chosen_of(ctx).number, inner.now)
        page = Page("quiz/show.html", start_page(inner, quiz))
    return _rendered(ctx, inner, page, quiz_id, [])


def _page(made: Made, place: str, on: datetime | None) -> Page:
    ctx, attempt = made.ctx, made.attempt
    if attempt.status != "draft":
        ctx.now = on or ctx.now
        if attempt.status == "marked" and releases(ctx.session, attempt, ctx.now):
            release_quiz(ctx.session, attempt, ctx.course.asked(made.sitting.paper).__getitem__, ctx.now)
        ctx.session.refresh(attempt)
        return Page("results/show.html", result_page(ctx, attempt, True))
    if place in ("review", "result"):
        return Page("sitting/review.html", made.sitting)
    if place == "lock" and made.sitting.lock is not None:
        return Page("sitting/lock.html", made.sitting)
    wanted = int(place) if place.isdecimal() and len(place) < 4 else 0
    if not 1 <= wanted <= len(made.sitting.paper.questions):
        raise NotFound
    if wanted in made.sitting.open_places:
        return Page("sitting/question.html", question_page(ctx, made.sitting, wanted))
    said = navigation.CLOSED if wanted <= attempt.passed else navigation.NOT_YET
    return Page("sitting/question.html", question_page(ctx, made.sitting, made.sitting.first, problem=said))


def _rendered(ctx: Context, inner: Context, page: Page, quiz_id: str, log: list[Any]) -> Response:
    """Render a learner's template with addresses that lead back here, and without its scripts, which save."""
    chosen = chosen_of(ctx)
    base, query = f"/author/quizzes/{quiz_id}/as", chosen.query(log)
    following = replace(chosen, number=chosen.number + 1) if page.template == "results/show.html" else chosen
    pages = {
        "sitting.review": "review", "sitting.hand_in": "review", "sitting.lock": "lock", "sitting.pass_lock": "lock", "results.show": "result", "quiz.show": "open",
        "quiz.start": "open", "sitting.resume": "1",
    }  # fmt: skip

    def url(endpoint: str, **values: Any) -> str:
        if endpoint in ("sitting.question", "sitting.save", "sitting.check"):
            return f"{base}/{values['place']}?{query}{'&do=check' if endpoint == 'sitting.check' else ''}"
        if endpoint in pages:
            return f"{base}/{pages[endpoint]}?{query if endpoint not in ('quiz.show', 'quiz.start') else following.query()}"
        if endpoint in ("quiz.index", "sitting.answers", "uploads.add"):
            return f"{base}?{chosen.query()}"
        return flask.url_for(endpoint, **values)

    language = inner.language
    told = say(
        message(
            "Preview: nothing is kept. As %(name)s, attempt %(number)s, variant %(variant)s, %(when)s.",
            name=inner.who.name, number=chosen.number, variant=chosen.variant, when=inner.now,
        ),
        ctx.language, ctx.site.zone,
    )  # fmt: skip
    text = flask.current_app.jinja_env.get_template(page.template).render(
        page=page.value, who=inner.who, here=ctx.request.path, notice=told, notice_link=(f"{base}?{query}", say(message("Choose again"), ctx.language, ctx.site.zone)),
        csrf=csrf_token, bar=lambda: "", **{**words(inner, language), "url": url},
    )  # fmt: skip
    return flask.make_response(re.sub(r"<script\b[^>]*></script>", "", text), page.status)


