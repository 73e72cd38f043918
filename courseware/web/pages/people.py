"""Sign in, sign out, register with a class code, choose the language."""

from __future__ import annotations

import contextlib
import re
from urllib.parse import urlsplit

import flask
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from courseware import db
from courseware.errors import Invalid
from courseware.i18n import LANGUAGES, message
from courseware.people import actions, passwords, queries
from courseware.people.access import Who
from courseware.people.models import Person
from courseware.web.routing import Area, Context, Page, Redirect, Result, anyone, signed_in

area = Area("people")


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    login = StringField(validators=[InputRequired(), Length(max=40)])
    password = PasswordField(validators=[InputRequired(), Length(max=passwords.LONGEST)])


class RegisterForm(SignInForm):
    code = StringField(validators=[InputRequired(), Length(max=40)])
    name = StringField(validators=[InputRequired(), Length(max=80)])


def _forward(wanted: str) -> str:
    """An address on this site, or home: `//elsewhere` and its disguises lead away."""
    with contextlib.suppress(ValueError):  # of an address that cannot be read
        if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not urlsplit(wanted).netloc:
            return wanted
    return flask.url_for("home.show")


@area.get("/sign-in", policy=anyone)
def sign_in(ctx: Context) -> Result:
    if ctx.visitor:
        return Redirect(_forward(ctx.request.args.get("next", "")))
    return Page("people/sign_in.html", {"form": SignInForm(), "problem": None, "signed_out": flask.session.pop("signed_out", None)})


@area.post("/sign-in", policy=anyone)
def sign_in_send(ctx: Context) -> Result:
    form = SignInForm()
    login, password = (form.login.data or "").strip().lower(), form.password.data or ""
    address = [f"address:{ctx.request.remote_addr}"]  # of a whole class, perhaps: there only what was wrong counts, not what is under way
    with db.aside(ctx.site.school) as session:
        actions.refuse_guessing(session, address, ctx.now)
        guess = actions.begin_guess(session, f"login:{login[:40]}", ctx.now)
        known = queries.password_of(session, login)
    if not passwords.matches(known[1] if known else None, password) or known is None:
        with db.aside(ctx.site.school) as session:
            actions.note_failure(session, address, ctx.now)
        problem = message("This sign-in name and password do not fit together. Check both; capital letters count in the password.")
        return Page("people/sign_in.html", {"form": form, "problem": problem, "signed_out": None}, 422)
    with db.aside(ctx.site.school) as session:
        actions.take_back(session, guess)
    return _begin(ctx, known[0])


def _begin(ctx: Context, person_id: int) -> Result:
    token = actions.begin_session(ctx.session, person_id=person_id, now=ctx.now)
    target = _forward(ctx.request.args.get("next", ""))
    flask.session.clear()
    flask.session.permanent = True
    flask.session["token"] = token
    return Redirect(target)


def _forget(person: Who | None) -> None:
    """Empty the cookie; the sign-in page, which comes next, empties what the browser kept of this person."""
    flask.session.clear()
    if person:
        flask.session["signed_out"] = person.id


@area.post("/sign-out", policy=anyone)
def sign_out(ctx: Context) -> Result:
    person = ctx.visitor
    if token := flask.session.get("token"):
        actions.end_session(ctx.session, token=token, now=ctx.now)
    _forget(person)
    return Redirect(flask.url_for("people.sign_in"), message("You are signed out."))


@area.post("/sign-out-everywhere", policy=signed_in)
def sign_out_everywhere(ctx: Context) -> Result:
    actions.end_all_sessions(ctx.session, person_id=ctx.who.id, now=ctx.now)
    _forget(ctx.who)
    return Redirect(flask.url_for("people.sign_in"), message("You are signed out on every device."))


@area.get("/register", policy=anyone)
def register(ctx: Context) -> Result:
    return Page("people/register.html", {"form": RegisterForm(), "problem": None, "field": None})


@area.post("/register", policy=anyone)
def register_send(ctx: Context) -> Result:
    form = RegisterForm()
    try:
        password_hash = passwords.hash_password(form.password.data or "")
        person = actions.register(
            ctx.session, code=form.code.data or "", login=form.login.data or "", name=form.name.data or "", password_hash=password_hash, language=ctx.language, now=ctx.now
        )
    except Invalid as problem:
        return Page("people/register.html", {"form": form, "problem": problem.message, "field": problem.field}, 422)
    return _begin(ctx, person.id)


@area.post("/language", policy=anyone)
def language(ctx: Context) -> Result:
    chosen = ctx.form.get("language", "")
    if chosen in LANGUAGES:
        flask.session["language"] = chosen
        if ctx.visitor and (person := ctx.session.get(Person, ctx.visitor.id)):
            person.language = chosen
    return Redirect(_forward(re.sub(r"^https?://[^/]*", "", ctx.request.referrer or "")))
