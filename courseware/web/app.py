"""Make the Flask application: pages, headers, tokens, errors. The one place that knows all areas."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from datetime import timedelta
from typing import Any

import flask
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response

from courseware import clock
from courseware.assessment.files import LARGEST
from courseware.errors import CoursewareError, NotFound, SignInNeeded
from courseware.i18n import Message, message
from courseware.web import pages, static_files
from courseware.web.cookies import RememberedCookies
from courseware.web.routing import Context
from courseware.web.site import Site
from courseware.web.tokens import RememberedTokens
from courseware.web.views import render, say


class Id(IntegerConverter):
    """The number of a row in an address. Larger ones than a database can hold are no address at all."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**31 - 1)


BODY_LIMIT = 512 * 1024  # bytes of a request; the longest case answer needs a tenth

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def create_app(site: Site, secret_key: str, *, https: bool = False, demo: bool = False) -> flask.Flask:
    """Make the application for a school. `https` marks the cookie Secure; `demo` offers the demo people on the sign-in page."""
    app = flask.Flask("courseware.web", static_folder=None)
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT,
        SESSION_COOKIE_NAME="__Host-courseware" if https else "courseware",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session, so a form left open overnight still works
    )
    app.url_map.converters["int"] = Id
    app.session_interface = RememberedCookies()
    app.extensions["courseware"] = site
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.auto_reload = False
    app.jinja_env.globals.update(static=static_files.address, is_demo=demo)
    app.before_request(_allow_files)  # before the tokens, which read the body
    RememberedTokens(app)
    static_files.serve(app)
    for found in pkgutil.iter_modules(pages.__path__):
        app.register_blueprint(importlib.import_module(f"{pages.__name__}.{found.name}").area.blueprint)
    app.after_request(_add_headers)
    gc.set_threshold(10_000, 20, 100)  # a request leaves few cycles behind: not after every 700 objects, and not so late that what waits makes the process larger
    app.register_error_handler(CoursewareError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crashed)
    return app


def _allow_files() -> None:
    """Let a request be as large as its route says: only a route for files says anything."""
    view = flask.current_app.view_functions.get(flask.request.endpoint or "")
    if limit := getattr(view, "body_limit", None):
        flask.request.max_content_length = limit


def _add_headers(response: Response) -> Response:
    response.headers.extend(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refused(failure: CoursewareError) -> Response:
    if isinstance(failure, SignInNeeded) and flask.request.method == "GET":
        return flask.redirect(flask.url_for("people.sign_in", next=flask.request.full_path.rstrip("?")), 303)
    return _error_page(failure.status, failure.message)


def _stale_form(_: CSRFError) -> Response:
    return _error_page(400, message("This form is too old, or it was opened before you signed in. Open the page again and send it once more; nothing has been changed."))


def _http_error(failure: HTTPException) -> Response:
    if failure.code in (301, 302, 303, 307, 308):
        return failure.get_response()
    sentences = {
        404: NotFound().message,
        405: message("This address cannot be used in that way. Go back and use the buttons on the page."),
        413: _too_large(),
    }
    code = failure.code or 500
    return _error_page(code, sentences.get(code, message("The request could not be understood. Go back and try again.")))


def _too_large() -> Message:
    limit = flask.request.max_content_length or 0
    if limit > BODY_LIMIT:
        return message("This file is too large: at most %(most)s MB are taken. Nothing was changed. Go back, the page before still holds your answer, and choose a smaller file.", most=LARGEST // 1024**2)
    return message("This is too much to send at once: at most %(most)s kB. Shorten it and send it again; the page before still holds what you typed.", most=limit // 1024)


def _crashed(failure: Exception) -> Response:
    flask.current_app.logger.exception("unexpected failure on %s", flask.request.path)
    return _error_page(500, message("Something went wrong on our side, and nothing was changed. Please try again; if it happens again, tell your instructor what you did."))


def _error_page(status: int, reason: Message) -> Response:
    """One page for all errors. What was typed in the failed form stands below, so that it can be copied."""
    ctx: Context = flask.g.get("ctx") or Context(flask.current_app.extensions["courseware"], flask.request, clock.now(), writes=False)
    typed: list[tuple[str, str]] = []
    if flask.request.method == "POST" and status != 413:
        hidden = {"csrf_token", "password"}
        typed = [(name, value) for name, value in flask.request.form.items(multi=True) if name not in hidden and len(value) > 12]
    if flask.request.accept_mimetypes.best == "application/json":
        return flask.make_response({"error": say(reason, ctx.language, ctx.site.zone)}, status)
    value: dict[str, Any] = {"status": status, "reason": reason, "typed": typed}
    return flask.make_response(render("error.html", ctx, value), status)
