"""One save of an answer as it arrives, from a form or from the script. Storing it is the business of assessment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from courseware.assessment.questions import Question, Response
from courseware.errors import Invalid
from courseware.i18n import message
from courseware.web.routing import Context

LONGEST_KEY = 64
HALVES = re.compile(rb"\\u[dD][89a-fA-F]")  # surrogates: halves of a character, mostly in pairs
UNREADABLE = message("This save could not be read. Open the page again and answer once more.")


@dataclass(frozen=True)
class Sent:
    """One save as it arrived: the fields of the question, or a response in the form that kinds store."""

    question_id: str
    sequence: int
    key: str
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    response: Response = None

    def answer_to(self, question: Question) -> Response:
        return question.read(self.fields, question.id) if self.fields else question.clean(self.response)


def sent_form(ctx: Context, question_id: str) -> Sent:
    form = ctx.request.form
    fields = {name: form.getlist(name) for name in form}
    return Sent(question_id, _sequence(form.get("sequence", type=int)), _key(form.get("key")), fields)


def read_sent(ctx: Context) -> Sent:
    """Read a save of the script, as JSON or as a form. Anything else is refused as unreadable."""
    if not ctx.request.is_json:
        return sent_form(ctx, ctx.request.form.get("question", ""))
    sent = json_of(ctx)
    if not isinstance(sent, dict) or not isinstance(sent.get("question"), str):
        raise Invalid(UNREADABLE)
    fields = sent.get("fields") or {}
    if not isinstance(fields, dict) or not all(isinstance(values, list) and all(isinstance(value, str) for value in values) for values in fields.values()):
        raise Invalid(UNREADABLE)
    return Sent(sent["question"], _sequence(sent.get("sequence")), _key(sent.get("key")), fields, sent.get("response"))


def json_of(ctx: Context) -> Any:
    """Read JSON in UTF-8. Half a character, as a text cut in the wrong place ends with, becomes a question mark: no page could show it."""
    body = ctx.request.get_data()
    try:
        sent = json.loads(body.decode())
        return json.loads(json.dumps(sent, ensure_ascii=False).encode(errors="replace")) if HALVES.search(body) else sent
    except (ValueError, RecursionError):
        raise Invalid(UNREADABLE) from None


def _sequence(value: Any) -> int:
    if type(value) is not int or not 0 < value < 2**31:
        raise Invalid(UNREADABLE)
    return value


def _key(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_KEY:
        raise Invalid(UNREADABLE)
    return value
