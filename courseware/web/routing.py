"""From an address to a page: who may ask, one session, one commit, then the template. No page is written here."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import flask
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from courseware import clock, db
from courseware.compile import Course
from courseware.errors import Invalid, NotFound, SignInNeeded
from courseware.i18n import LANGUAGES, Message, message
from courseware.people.access import Who
from courseware.people.models import Role
from courseware.people.queries import who_has
from courseware.web.site import Site
from courseware.web.views import render

SAFE = ("GET", "HEAD", "OPTIONS")
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it; behind an even number of backslashes it is the six characters themselves


@dataclass(frozen=True)
class Page:
    """What a view gives back to be rendered, after the commit: the template's name and its one value."""

    template: str
    value: Any = None
    status: int = 200


@dataclass(frozen=True)
class Json:
    """What a script is told, after the commit."""

    value: Mapping[str, Any]


@dataclass(frozen=True)
class Redirect:
    """Go on elsewhere (303), with a sentence to be shown there once, and behind it a link: its address and words."""

    to: str
    notice: Message | None = None
    link: tuple[str, Message] | None = None


Result = Page | Json | Redirect | Response
View = Callable[..., Result]
Policy = Callable[["Context"], None]


@dataclass
class Context:
    """One request: who asks, when, in which language, and the session. Writers get the write session at their first use of it."""

    site: Site
    request: flask.Request
    now: datetime
    writes: bool
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _session: Session | None = None
    _reader: Session | None = None
    _who: Who | None = None
    _who_known: bool = False

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = self._stack.enter_context(db.session(self.site.school, write=self.writes))
        return self._session

    @property
    def reader(self) -> Session:
        """A session that only reads. A writer has one beside its own, for what can be read before its turn; what may have changed by then is read again."""
        if not self.writes or self._session is not None:
            return self.session
        if self._reader is None:
            self._reader = self._stack.enter_context(db.session(self.site.school))
        return self._reader

    @property
    def visitor(self) -> Who | None:
        """The person asking, or None."""
        if not self._who_known:
            token = flask.session.get("token")
            if token:  # on a connection of its own: a writer asks before its turn, and many pages need nothing else
                with db.peek(self.site.school) as connection:
                    self._who = who_has(connection, token, self.now)
            self._who_known = True
        return self._who

    @property
    def who(self) -> Who:
        if self.visitor is None:
            raise SignInNeeded
        return self.visitor

    @property
    def language(self) -> str:
        if self._who is not None:
            return self._who.language
        chosen = flask.session.get("language")
        return chosen if chosen in LANGUAGES else self.request.accept_languages.best_match(LANGUAGES, "en")

    @property
    def course(self) -> Course:
        return self.site.course()

    @property
    def form(self) -> Mapping[str, str]:
        return self.request.form

    def random(self) -> Any:
        return secrets.SystemRandom()


# Policies: who may ask at all. What may be seen is decided by the access functions.


def anyone(_: Context) -> None:
    """Signed in or not."""


def signed_in(ctx: Context) -> None:
    _ = ctx.who


def _one_of(*roles: Role) -> Policy:
    def policy(ctx: Context) -> None:
        if ctx.who.role not in roles:
            raise NotFound

    policy.__name__ = "_or_".join(role.value for role in roles)
    return policy


learner = _one_of(Role.LEARNER)
instructor = _one_of(Role.INSTRUCTOR, Role.ADMINISTRATOR)
manager = _one_of(Role.MANAGER, Role.ADMINISTRATOR)
staff = _one_of(Role.INSTRUCTOR, Role.MANAGER, Role.ADMINISTRATOR)


class Area:
    """The pages of one subject: a blueprint whose every route declares a policy."""

    def __init__(self, name: str) -> None:
        self.blueprint = flask.Blueprint(name, __name__)

    def get(self, rule: str, *, policy: Policy) -> Callable[[View], View]:
        return self._route(rule, "GET", policy)

    def post(self, rule: str, *, policy: Policy, body_limit: int | None = None) -> Callable[[View], View]:
        """Register a view for a form. `body_limit` is how many bytes may be sent to it, if more than to others."""
        return self._route(rule, "POST", policy, body_limit)

    def _route(self, rule: str, method: str, policy: Policy, body_limit: int | None = None) -> Callable[[View], View]:
        def register(view: View) -> View:
            def answer(**params: Any) -> Response:
                return respond(view, policy, params, writes=method not in SAFE)

            answer.policy = policy  # type: ignore[attr-defined]  # the access test reads it
            answer.body_limit = body_limit  # type: ignore[attr-defined]  # the application's Request reads it
            self.blueprint.add_url_rule(rule, view.__name__, answer, methods=[method])
            return view

        return register


def respond(view: View, policy: Policy, params: Mapping[str, Any], *, writes: bool) -> Response:
    """Run a view in its session: leaving it commits, an exception rolls back. The page is rendered after that."""
    request = flask.globals.request_ctx.request  # itself, not the proxy that looks it up at every use
    ctx = Context(flask.current_app.extensions["courseware"], request, clock.now(), writes)
    flask.g.ctx = ctx
    with ctx._stack:
        if any("\x00" in str(value) for value in params.values()):  # PostgreSQL cannot even look for it
            raise NotFound
        if writes:
            refuse_nul(request)
        policy(ctx)
        result = view(ctx, **params)
    if isinstance(result, Redirect):
        if result.notice:
            flask.session["notice"] = [result.notice.id, dict(result.notice.params)]
            flask.session.pop("notice_link", None)  # of a notice that was never shown
            if result.link:
                flask.session["notice_link"] = [result.link[0], result.link[1].id]
        return flask.redirect(result.to, 303)
    if isinstance(result, Json):
        return flask.Response(json.dumps(result.value), mimetype="application/json")
    if isinstance(result, Page):
        return flask.make_response(render(result.template, ctx, result.value), result.status)
    return result


def refuse_nul(request: flask.Request) -> None:
    """Refuse the one character that PostgreSQL cannot keep in a text, before anything is done."""
    typed = () if request.is_json else request.form.values()
    if (request.is_json and NUL.search(request.get_data())) or any("\x00" in value for value in (*typed, *request.args.values())):
        raise Invalid(message("The text contains a character that cannot be kept (NUL). It often comes with a paste from another program: type that place anew."))
