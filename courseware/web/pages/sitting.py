"""An open attempt at a quiz: one question a page, saving as one types, looking over, handing in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import flask

from courseware import db
from courseware.assessment import attempts, navigation, queries
from courseware.assessment.access import own_attempt, own_paper
from courseware.assessment.attempts import Saved
from courseware.assessment.papers import Paper
from courseware.assessment.questions import Question, Response, first
from courseware.assessment.tries import asks_certainty, certainty_field, parted, unwrapped, wrapped
from courseware.errors import CoursewareError, Invalid, NotFound, Refused
from courseware.i18n import Message, message
from courseware.people.queries import terms_of
from courseware.people.terms import is_late, refuse_elsewhere
from courseware.web.console import result_shown
from courseware.web.kept import shelf_of
from courseware.web.looking_up import attended, crm_address, look_ahead, tried_out
from courseware.web.routing import Area, Context, Json, Page, Redirect, Result, learner
from courseware.web.saves import Sent, read_sent, sent_form
from courseware.web.sittings import Sitting, close, question_page, sitting_of
from courseware.web.views import time_of_day

area = Area("sitting")

TOO_LATE = message("The attempt had ended before this answer arrived. It is kept with its receipt and shown below, but it does not count.")
CHECKED_BEFORE = message("This question was checked before, and that closed it. What you sent now is kept with its receipt, but it does not count.")
SAID = message("What was said stays said: this talk has gone on since you opened that page. Below it stands as it is kept.")
SAME_ANSWER = message("You have checked this answer before, so nothing was counted. Change it, then check again.")
OTHER_WINDOW = message("Another window or device has saved a newer answer to this question. Yours stands below and is not kept yet: save again to put it in the place of the other one.")


@area.get("/attempts/<int:attempt_id>", policy=learner)
def resume(ctx: Context, attempt_id: int) -> Result:
    """Go to the question asked for, else to the first empty one, or to the look-over page if there is none."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if attempt.status != "draft":
        return _to("results.show", attempt_id)
    sitting = sitting_of(ctx, attempt)
    asked = sitting.paper.place(ctx.request.args.get("question", ""))
    if asked is not None and not sitting.is_closing:
        return _to("sitting.question", attempt_id, place=asked + 1)
    has_empty = any(step.is_open for step in sitting.empty)
    return _to("sitting.question", attempt_id, place=sitting.first) if has_empty and not sitting.is_closing else _to("sitting.review", attempt_id)


@area.get("/attempts/<int:attempt_id>/<int:place>", policy=learner)
def question(ctx: Context, attempt_id: int, place: int) -> Result:
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if attempt.status != "draft":
        return _to("results.show", attempt_id)
    sitting = sitting_of(ctx, attempt)
    if sitting.is_closing:
        return _to("sitting.review", attempt_id)
    _refuse_elsewhere(ctx, sitting)
    page = question_page(ctx, sitting, place)
    if place not in sitting.open_places:
        said = navigation.CLOSED if place <= attempt.passed else navigation.NOT_YET
        return _to("sitting.question", attempt_id, said, place=sitting.first)
    if "run" in ctx.request.args and (query := page.question.query_in(page.response)):
        page = replace(page, ran=result_shown(tried_out(ctx, attempt_id, sitting.paper, page.question, query)))
    return Page("sitting/question.html", page)


def _refuse_elsewhere(ctx: Context, sitting: Sitting) -> None:
    """Refuse who sits an attempt from outside its networks. Those in force count: an instructor may mend them during an attempt."""
    if sitting.paper.networks:
        refuse_elsewhere(terms_of(ctx.session, ctx.who.id)[f"quiz:{sitting.paper.quiz}"].networks, ctx.request.remote_addr)


def _to(view: str, attempt_id: int, notice: Message | None = None, **values: Any) -> Redirect:
    return Redirect(flask.url_for(view, attempt_id=attempt_id, **values), notice)


# Saving


def _paper(ctx: Context, attempt_id: int) -> Mapping[str, Any]:
    """The paper of one's own attempt: it never changes, so a process that has read it keeps it."""
    who = ctx.who
    return shelf_of(ctx.site).part(("paper", who.id, attempt_id), lambda: own_paper(ctx.reader, who, attempt_id))


def _asked(ctx: Context, paper: Mapping[str, Any], question_id: str) -> Question:
    """A question as a paper shows it."""
    source = ctx.site.revision(paper["revision"]).questions.get(question_id)
    if source is None:
        raise NotFound
    return source.resolve(paper["seed"], next((one.get("taken") for one in paper["questions"] if one["id"] == question_id), None))


def _answer(paper: Mapping[str, Any], sent: Sent, question: Question) -> Response:
    """The answer that was sent, as it is stored: with its certainty, where the paper asks for it."""
    if not asks_certainty(paper["behaviour"]):
        return sent.answer_to(question)
    if sent.fields:
        return wrapped(sent.answer_to(question), first(sent.fields, certainty_field(question.id)))
    response, certainty = unwrapped(sent.response)
    return wrapped(question.clean(response), certainty)


def _leaves_out(ctx: Context, attempt_id: int, paper: Mapping[str, Any], asked: Question, response: Response) -> bool:
    """Whether an answer may only grow, and this one leaves out what is kept."""
    if not asked.only_grows:
        return False
    kept = queries.kept_answers(ctx.reader, attempt_id).get(asked.id)
    said = (parted(paper["behaviour"], kept.response)[0] if kept else None) or []
    return (parted(paper["behaviour"], response)[0] or [])[: len(said)] != said


def _keep(ctx: Context, attempt_id: int, sent: Sent, response: Response) -> Saved:
    """Store an answer, committed, and give what is held now. An attempt whose time ran out is handed in then."""
    paper, now = _paper(ctx, attempt_id), ctx.now
    saved = db.together(
        ctx.site.school,
        lambda session: attempts.save_answer(session, attempt_id, paper, question_id=sent.question_id, response=response, sequence=sent.sequence, key=sent.key, now=now),
    )
    if saved.is_late:
        attempt = own_attempt(ctx.session, ctx.who, attempt_id)
        if attempts.is_over(attempt, now):
            close(ctx, attempt)
    return saved


@area.post("/attempts/<int:attempt_id>/answers", policy=learner)
def answers(ctx: Context, attempt_id: int) -> Result:
    """Save as one types. The acknowledgement leaves after the commit; `kept` says whether the answer sent is the one held, `received` is the hash of the very bytes that came."""
    paper, sent = _paper(ctx, attempt_id), read_sent(ctx)
    asked = _asked(ctx, paper, sent.question_id)
    response = _answer(paper, sent, asked)
    if _leaves_out(ctx, attempt_id, paper, asked, response):
        raise Refused(SAID)
    saved = _keep(ctx, attempt_id, sent, response)
    return Json(
        {
            "question": saved.question_id,
            "sequence": saved.sequence,
            "sha256": saved.sha256,
            "received": hashlib.sha256(ctx.request.get_data()).hexdigest(),
            "at": saved.at.isoformat(),
            "late": saved.is_late,
            "kept": saved.is_kept,
            "answered": response is not None,
            "time": time_of_day(saved.at, ctx.site.zone),
        }
    )


@area.post("/attempts/<int:attempt_id>/<int:place>", policy=learner)
def save(ctx: Context, attempt_id: int, place: int) -> Result:
    """Save the form of a question and go on to where the button leads: back, next, review, leave, or a question's number."""
    if name := ctx.form.get("file"):  # without a script the browser sends only the name of a file that its own button did not send
        return question_again(ctx, attempt_id, place, Invalid(message("“%(name)s” is chosen, but not sent yet. Choose it again and press “Send this file”, or go on without it.", name=name)))
    return save_form(ctx, attempt_id, place, passes=True) or _onward(ctx, attempt_id, place)


@area.post("/attempts/<int:attempt_id>/<int:place>/check", policy=learner)
def check(ctx: Context, attempt_id: int, place: int) -> Result:
    """Save the form and score this one question as one more try, in a quiz that does so. The last try closes it."""
    if refused := save_form(ctx, attempt_id, place):
        return refused
    paper = Paper.from_json(_paper(ctx, attempt_id))
    look_ahead(ctx, attempt_id, paper, paper.questions[place - 1].id)
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    sitting = sitting_of(ctx, attempt)
    _refuse_elsewhere(ctx, sitting)
    if place not in sitting.open_places:
        return _to("sitting.question", attempt_id, place=place)
    page = question_page(ctx, sitting, place)
    if page.question.has_run:
        return _to("sitting.question", attempt_id, place=place)
    (question,) = attended(ctx, attempt, paper, {page.question.id: page.question}).values()
    try:
        is_new = attempts.check_one(ctx.session, attempt, question=question, now=ctx.now)
    except Invalid as problem:
        return Page("sitting/question.html", replace(page, problem=problem.message), problem.status)
    return _to("sitting.question", attempt_id, None if is_new or page.settled else SAME_ANSWER, place=place, _anchor="tries")


def save_form(ctx: Context, attempt_id: int, place: int, *, passes: bool = False, change: Callable[[Question, Response], Response] | None = None) -> Result | None:
    """Store the form unless it says what is kept already. Something is given back where it came too late, or where another window was quicker.

    One who only `passes` and changed nothing on this page stores nothing either, whatever another window saved meanwhile. `change` puts something
    into the answer that no field of the form holds: a file.
    """
    attempt = own_attempt(ctx.reader, ctx.who, attempt_id)
    if not 1 <= place <= len(attempt.paper["questions"]):
        raise NotFound
    id = attempt.paper["questions"][place - 1]["id"]
    sent, kept = sent_form(ctx, id), queries.kept_answers(ctx.reader, attempt_id).get(id)
    asked = _asked(ctx, attempt.paper, id)
    response = _answer(attempt.paper, sent, asked)
    if change:
        inner, certainty = parted(attempt.paper["behaviour"], response)
        changed = change(asked, inner)
        response = wrapped(changed, certainty) if asks_certainty(attempt.paper["behaviour"]) else changed
    is_open = attempt.status == "draft" and not attempts.is_over(attempt, ctx.now)
    is_untouched = passes and attempts.digest(response) == ctx.form.get("was")
    if is_open and (is_untouched or response == (kept.response if kept else None)):
        return None
    if _leaves_out(ctx, attempt_id, attempt.paper, asked, response):
        return _to("sitting.question", attempt_id, SAID, place=place)
    saved = _keep(ctx, attempt_id, sent, response)
    if saved.is_late:
        return _to("sitting.question", attempt_id, CHECKED_BEFORE, place=place) if is_open else _to("results.show", attempt_id, TOO_LATE)
    if saved.is_kept:
        return None
    sitting = sitting_of(ctx, own_attempt(ctx.session, ctx.who, attempt_id))
    _refuse_elsewhere(ctx, sitting)
    typed = dict(zip(("response", "certainty"), parted(sitting.paper.behaviour, response), strict=True))
    return Page("sitting/question.html", question_page(ctx, sitting, place, problem=OTHER_WINDOW, **typed), 409)


def question_again(ctx: Context, attempt_id: int, place: int, problem: CoursewareError) -> Result:
    """Show a question with what its form holds, and why nothing was done: if it may be seen at all, for whoever forges a form names any place."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if attempt.status != "draft":
        return _to("results.show", attempt_id)
    sitting = sitting_of(ctx, attempt)
    _refuse_elsewhere(ctx, sitting)
    page = question_page(ctx, sitting, place)
    if sitting.is_closing or place not in sitting.open_places:
        return _to("sitting.question", attempt_id, place=place)
    return Page("sitting/question.html", replace(page, response=sent_form(ctx, page.question.id).answer_to(page.question), problem=problem.message), problem.status)


def _onward(ctx: Context, attempt_id: int, place: int) -> Redirect:
    go = ctx.form.get("go", str(place))  # a button of the question itself leads nowhere: one more turn of a dialogue
    if go == "leave":
        return Redirect(flask.url_for("quiz.index"))
    if go == "review":
        return _to("sitting.review", attempt_id)
    if go == "run":
        return _to("sitting.question", attempt_id, place=place, run=1, _anchor="ran")
    if go == "crm":
        return Redirect(crm_address(ctx, attempt_id, Paper.from_json(_paper(ctx, attempt_id)), place))
    if go == "flag":
        attempt = own_attempt(ctx.session, ctx.who, attempt_id)
        navigation.turn_flag(ctx.session, attempt, attempt.paper["questions"][place - 1]["id"])
        return _to("sitting.question", attempt_id, place=place)
    wanted = int(go) if go.isdecimal() and len(go) < 4 else place - 1 if go == "back" else place + 1
    if place in _paper(ctx, attempt_id).get("locks", ()) and wanted == place + 1:
        return _to_lock(ctx, attempt_id, place)
    return _to("sitting.question", attempt_id, place=max(1, wanted))


# Locks


def _to_lock(ctx: Context, attempt_id: int, place: int) -> Redirect:
    """Go past a lock. Where every question has one the page has said so, and nothing more is asked; otherwise the learner confirms it."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if attempt.passed < place and not Paper.from_json(attempt.paper).is_one_way:
        return _to("sitting.lock", attempt_id)
    navigation.pass_lock(ctx.session, attempt, place)
    return _to("sitting.question", attempt_id, place=place + 1)


@area.get("/attempts/<int:attempt_id>/lock", policy=learner)
def lock(ctx: Context, attempt_id: int) -> Result:
    """Say what closes behind the learner who goes past the next lock."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if attempt.status != "draft":
        return _to("results.show", attempt_id)
    sitting = sitting_of(ctx, attempt)
    return _to("sitting.review", attempt_id) if sitting.is_closing or sitting.lock is None else Page("sitting/lock.html", sitting)


@area.post("/attempts/<int:attempt_id>/lock", policy=learner)
def pass_lock(ctx: Context, attempt_id: int) -> Result:
    """Close the questions up to the lock that the form names, and go on to the one behind it."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    if attempt.status != "draft":
        return _to("results.show", attempt_id)
    typed = ctx.form.get("place", "")
    place = int(typed) if typed.isdecimal() and len(typed) < 4 else 0
    navigation.pass_lock(ctx.session, attempt, place)
    return _to("sitting.question", attempt_id, place=max(place, attempt.passed) + 1)


# Handing in


@area.get("/attempts/<int:attempt_id>/review", policy=learner)
def review(ctx: Context, attempt_id: int) -> Result:
    """Look over what is answered and what is empty before handing in."""
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    return _to("results.show", attempt_id) if attempt.status != "draft" else Page("sitting/review.html", sitting_of(ctx, attempt))


@area.post("/attempts/<int:attempt_id>/hand-in", policy=learner)
def hand_in(ctx: Context, attempt_id: int) -> Result:
    """Close the attempt and score it. A second hand-in changes nothing and shows the result that is there."""
    look_ahead(ctx, attempt_id, Paper.from_json(_paper(ctx, attempt_id)))
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    is_first = close(ctx, attempt)
    if attempt.deadline_at is not None and attempt.submitted_at == attempt.deadline_at:  # by the page whose clock ran out, or a moment before it by the sweep
        return _to("results.show", attempt_id, message("The time was up. What was saved by then has been handed in; what you may see of the result stands below."))
    if not is_first:
        return _to("results.show", attempt_id, message("This attempt was handed in before; nothing has been changed."))
    late = is_late(attempt.submitted_at, attempt.due_at)
    said = message("Handed in, after the due date: it counts and is marked as late.") if late else message("Handed in. What you may see of the result now stands below.")
    if attempt.status == "checked" and not late:
        said = message("Handed in. A person marks some of your answers; the points stand here when they are released.")
    return _to("results.show", attempt_id, said)
