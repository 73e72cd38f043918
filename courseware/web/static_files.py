"""Static files: addressed by content hash, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import flask
from werkzeug.wrappers import Response

FOLDER = Path(__file__).parent / "static"


@cache
def address(name: str) -> str:
    """The address of a file under static/, with its hash."""
    mark = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={mark}"


def serve(app: flask.Flask) -> None:
    def static(name: str) -> Response:
        response = flask.send_from_directory(FOLDER, name)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    static.policy = None  # type: ignore[attr-defined]  # public by nature
    app.add_url_rule("/static/<path:name>", "static", static)
