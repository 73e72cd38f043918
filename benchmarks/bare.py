"""The yardstick: a Flask application that returns 10 kB and does nothing else."""

import flask

app = flask.Flask(__name__)
BODY = "x" * 10_000


@app.get("/")
def page() -> str:
    return BODY
