"""The session cookie: signed by Flask, its signature checked once for each cookie a process meets."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

MOST = 4096  # cookies remembered


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
