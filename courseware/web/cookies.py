"""The session cookie: signed by Flask, its signature checked once for each cookie a process meets. And what needs no signature: the bookmark, the columns of a list."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from flask import Flask, Request, current_app
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.wrappers import Response

MOST = 4096  # cookies remembered
BOOKMARK = "reading"
COLUMNS = "columns"
BOOKMARK_LASTS = 180 * 24 * 3600  # seconds: a term


class RememberedCookies(SecureCookieSessionInterface):
    """Remembers what good cookies said. How long a sign-in lasts is the database's business, so nothing outlives its time here."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        cookie = request.cookies.get(self.get_cookie_name(app))
        known = self._known.get(cookie) if cookie else None
        if known is not None:
            return SecureCookieSession(known)
        opened = super().open_session(app, request)
        if cookie and opened:
            self._known[cookie] = dict(opened)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return opened


def place_in_book(request: Request) -> str:
    """The section this browser opened last, as the browser says: whoever uses it checks that there is such a section."""
    return request.cookies.get(BOOKMARK, "")


def remember_place(response: Response, section_id: str) -> Response:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(BOOKMARK, section_id, max_age=BOOKMARK_LASTS, secure=secure, httponly=True, samesite="Lax")
    return response


def columns_of_list(request: Request) -> str:
    """The columns this browser chose last for the list it asks for: the cookie is sent to the addresses of that list alone."""
    return request.cookies.get(COLUMNS, "")


def remember_columns(response: Response, path: str, columns: str) -> Response:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(COLUMNS, columns, path=path, max_age=BOOKMARK_LASTS if columns else 0, secure=secure, httponly=True, samesite="Lax")
    return response
