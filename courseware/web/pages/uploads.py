"""Files of an answer: sent with the form of its question, and given out as attachments. What a file may be is decided in assessment."""

from __future__ import annotations

from typing import Any

import flask
from werkzeug.wrappers import Response as Answer

from courseware import db
from courseware.assessment import access, uploads
from courseware.assessment.files import LARGEST, checked_file
from courseware.assessment.kinds.upload import Upload
from courseware.assessment.questions import Question, Response
from courseware.errors import Invalid, NotFound, Refused
from courseware.i18n import message
from courseware.web.pages.sitting import question_again, save_form
from courseware.web.routing import Area, Context, Json, Page, Redirect, Result, learner, signed_in

area = Area("uploads")

BODY_LIMIT = 3 * LARGEST  # a file somewhat too large is refused on the page of its question, with its name


@area.post("/attempts/<int:attempt_id>/<int:place>/files", policy=learner, body_limit=BODY_LIMIT)
def add(ctx: Context, attempt_id: int, place: int) -> Result:
    """Keep a file and put it into the answer beside those that are ticked. What is refused stands on the page of the question, or is told to the script."""
    here = flask.url_for("sitting.question", attempt_id=attempt_id, place=place)
    if access.own_attempt(ctx.reader, ctx.who, attempt_id).status != "draft":
        return Redirect(flask.url_for("results.show", attempt_id=attempt_id), message("The attempt had ended before this file arrived, so it was not taken."))
    try:
        refused = save_form(ctx, attempt_id, place, change=lambda question, response: _with_file(ctx, attempt_id, question, response))
    except (Invalid, Refused) as problem:
        if _is_script(ctx):
            raise
        return question_again(ctx, attempt_id, place, problem)
    if isinstance(refused, Page) and _is_script(ctx):  # which cannot show a page
        raise Refused(message("Another window or device has saved a newer answer to this question, so the file was not put into it. Open this page again, then choose the file once more."))
    if refused:
        return refused
    return Json({"to": here}) if _is_script(ctx) else Redirect(here)


def _is_script(ctx: Context) -> bool:
    return ctx.request.accept_mimetypes.best == "application/json"


def _with_file(ctx: Context, attempt_id: int, question: Question, response: Response) -> list[dict[str, Any]]:
    """Check and store the file that was sent, committed, and give the answer with it."""
    if not isinstance(question, Upload):
        raise NotFound
    sent = ctx.request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(message("Choose a file first, then send it."), "file")
    if len(response or ()) >= question.most:
        raise Invalid(message("An answer has at most %(most)s files here. Take the tick from one, then send the new one.", most=question.most), "file")
    file = checked_file(sent.filename, sent.stream.read(LARGEST + 1), question.types)
    by_id, now = ctx.who.id, ctx.now
    _ = file.sha256  # worked out before a writer's turn
    entry = db.together(ctx.site.school, lambda connection: uploads.store(connection, file, attempt_id=attempt_id, question_id=question.id, by_id=by_id, now=now))
    return [*(response or ()), entry]


@area.get("/attempts/<int:attempt_id>/files/<question_id>/<sha256>", policy=signed_in)
def show(ctx: Context, attempt_id: int, question_id: str, sha256: str) -> Result:
    """Give a file out, to be kept and never to be shown by the browser."""
    file = access.download(ctx.session, ctx.who, attempt_id, question_id, sha256)
    answer = Answer(file.content, content_type=file.media)
    answer.headers.set("Content-Disposition", "attachment", filename=file.shown_name)
    return answer
