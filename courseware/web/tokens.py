"""The tokens that tell our own forms from forged ones. Signing costs more than the rest of a request, so a process does it once a session."""

from __future__ import annotations

import flask
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup

TOKEN = "\ue002"  # noqa: S105 -- stands for the token in a part that is rendered once for all
MOST = 10_000  # sessions whose token is remembered

_signed: dict[str, str] = {}  # what is in the session → the token that was signed for it


def csrf_token() -> str:
    """The token of this session. Tokens here have no time limit, so the one signed before serves again."""
    raw = flask.session.get("csrf_token")
    return _signed.get(raw) or _sign(raw) if raw else generate_csrf()


def _sign(raw: str) -> str:
    if len(_signed) > MOST:
        _signed.clear()
    return _signed.setdefault(raw, generate_csrf())


def with_tokens(rendered: Markup) -> Markup:
    return Markup(rendered.replace(TOKEN, csrf_token()))  # noqa: S704 -- a token has no markup


class RememberedTokens(CSRFProtect):  # type: ignore[misc]  # Flask-WTF has no types
    """Flask-WTF's protection. A token found good is not unsigned again for requests that a script sends from our own origin."""

    def __init__(self, app: flask.Flask) -> None:
        self._good: dict[str, str] = {}  # a token sent in a header → what it stands for in the session
        super().__init__(app)

    def protect(self, apply_exemptions: bool = False) -> None:
        request, raw = flask.globals.request_ctx.request, flask.session.get("csrf_token")
        token, is_own = request.headers.get("X-CSRFToken", ""), request.headers.get("Origin") == f"{request.scheme}://{request.host}"
        if is_own and raw and self._good.get(token) == raw:
            flask.g.csrf_valid = True
            return
        super().protect(apply_exemptions)
        if is_own and raw and flask.g.get("csrf_valid"):
            if len(self._good) > MOST:
                self._good.clear()
            self._good[token] = raw
