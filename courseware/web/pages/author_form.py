"""A form's questions as an author sees them: find, add, copy, move, remove. One question is edited in author_question."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import flask

from courseware.assessment.kinds import KINDS
from courseware.assessment.questions import QuestionSource
from courseware.course.drafts import Working
from courseware.errors import NotFound, Refused
from courseware.i18n import Message, message
from courseware.web.lists import Listing, asked, csv_file, listing
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor
from courseware.web.writing import Drafted, data_of, digest, drafted, file_of, form_path, store

area = Area("author_form")


@dataclass(frozen=True)
class Row:
    """A question in the list. `faults` counts what stands between it and being published; `is_new` is not published yet, `is_changed` differs from what is."""

    place: int
    id: str
    kind: str
    objective: str
    section: str
    level: str
    points: Any
    stem: str
    faults: int
    is_new: bool
    is_changed: bool


KEYS: dict[str, Callable[[Row], Any]] = {
    "place": lambda row: row.place,
    "id": lambda row: row.id,
    "kind": lambda row: row.kind,
    "objective": lambda row: row.objective or None,
    "points": lambda row: row.points if isinstance(row.points, int | float) else None,
}


@dataclass(frozen=True)
class FormPage:
    form_id: str
    rows: Listing[Row]
    base: str
    draft: Drafted | None
    kinds: Sequence[tuple[str, str]]
    count: int
    gone: Sequence[str]
    quizzes: Sequence[str]


@area.get("/author/forms/<form_id>", policy=instructor)
def show(ctx: Context, form_id: str) -> Result:
    file, data = opened(ctx, form_id)
    published = {one.get("id"): one for one in questions_of(data_of(Working(file.path, file.published, None)))}
    rows = [_row(place, raw, published, file.path, ctx.language) for place, raw in enumerate(questions_of(data), 1)]
    want = asked(ctx.request.args, sort="place")
    found = [row for row in rows if want.q.lower() in f"{row.id} {row.kind} {row.objective} {row.section} {row.stem}".lower()]
    page = listing(found, want, KEYS, size=100)
    if want.is_csv:
        cells = [(row.place, row.id, row.kind, row.objective, row.section, row.level, row.points, row.stem, row.faults) for row in page.rows]
        return csv_file(form_id, ("place", "id", "kind", "objective", "section", "level", "points", "text", "faults"), cells)
    ids = {row.id for row in rows}
    used = [quiz.id for quiz in ctx.course.quizzes.values() if form_id in quiz.files]
    kinds = [(kind, described(kind)) for kind in sorted(KINDS)]
    return Page("author/form.html", FormPage(form_id, page, digest(data), drafted(ctx.reader, file), kinds, len(rows), [str(id) for id in published if id not in ids], used))


def opened(ctx: Context, form_id: str) -> tuple[Working, dict[str, Any]]:
    """A form's file as it is being written, and its data. Raises NotFound, also for a quiz."""
    file = file_of(ctx, form_path(form_id))
    data = data_of(file)
    if not isinstance(data.get("questions"), list):
        raise NotFound
    return file, data


def questions_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in data.get("questions") or () if isinstance(one, dict)]


def described(kind: str) -> str:
    """The first sentence of a kind's own documentation."""
    return (KINDS[kind].__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


def _row(place: int, raw: dict[str, Any], published: dict[Any, dict[str, Any]], path: str, language: str) -> Row:
    id = str(raw.get("id", ""))
    text = next((words for name in ("stem", "situation", "text") if (words := _words(raw.get(name), language))), "")
    return Row(
        place, id, str(raw.get("kind", "")), str(raw.get("objective") or ""), str(raw.get("section") or ""), str(raw.get("level") or ""), raw.get("points"), text[:160],
        len(QuestionSource(raw, path).faults(1)), id not in published, id in published and published[id] != raw,
    )  # fmt: skip


def _words(text: Any, language: str) -> str:
    words = (text.get(language) or text.get("en") or "") if isinstance(text, dict) else text if isinstance(text, str) else ""
    return " ".join(re.sub(r"[*_`|#]", "", str(words)).split())


@area.post("/author/forms/<form_id>", policy=instructor)
def change(ctx: Context, form_id: str) -> Result:
    """Do what a button of the list says. `base` is the state of the form it was pressed on."""
    file, data = opened(ctx, form_id)
    verb, _, id = ctx.form.get("do", "").partition(":")
    questions = questions_of(data)
    if ctx.form.get("base") != digest(data):
        raise Refused(message("The list has changed since you opened it, so nothing was done. Open it again and press the button once more."))
    notice: Message | None = None
    if verb == "add":
        made = _new(ctx, form_id, ctx.form.get("kind", ""), questions)
        store(ctx, file, {**data, "questions": [*questions, made]})
        return Redirect(flask.url_for("author_question.show", form_id=form_id, question_id=made["id"]), message("Here is an example of this kind. Write yours over it."))
    if verb == "back":
        old = questions_of(data_of(Working(file.path, file.published, None)))
        questions += [one for one in old if one.get("id") == id]
    else:
        place = next((place for place, one in enumerate(questions) if str(one.get("id")) == id), None)
        if place is None:
            raise NotFound
        questions, notice = _moved(questions, place, verb, ctx.form.get(f"to-{id}", ""), form_id)
    store(ctx, file, {**data, "questions": questions})
    return Redirect(flask.url_for("author_form.show", form_id=form_id) + f"#r-{id}", notice)


def _moved(questions: list[dict[str, Any]], place: int, verb: str, to: str, form_id: str) -> tuple[list[dict[str, Any]], Message | None]:
    one, rest = questions[place], [*questions[:place], *questions[place + 1 :]]
    if verb == "remove":
        return rest, message("Question %(id)s is taken out of the draft. What learners have answered stays.", id=one.get("id"))
    if verb == "copy":
        copy = {**deepcopy(one), "id": next_id(form_id, questions)}
        return [*questions[: place + 1], copy, *questions[place + 1 :]], message("Copied as %(id)s.", id=copy["id"])
    target = place - 1 if verb == "up" else place + 1 if verb == "down" else int(to) - 1 if to.isdecimal() and len(to) < 5 else place
    target = min(max(target, 0), len(rest))
    return [*rest[:target], one, *rest[target:]], None


def next_id(form_id: str, questions: Sequence[dict[str, Any]]) -> str:
    """The next number of a form: ids are never used again, so it goes on from the highest."""
    numbers = [int(found[1]) for one in questions if (found := re.fullmatch(rf"{re.escape(form_id)}-(\d{{1,6}})", str(one.get("id", ""))))]
    return f"{form_id}-{max(numbers, default=0) + 1:02d}"


def _new(ctx: Context, form_id: str, kind: str, questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A question to begin with: the kind's own example, at the objective and section of the question before it."""
    if kind not in KINDS:
        raise NotFound
    before = questions[-1] if questions else {}
    old = questions_of(data_of(Working("", file_of(ctx, form_path(form_id)).published, None)))
    given = {name: before[name] for name in ("objective", "section") if before.get(name)}
    return {**KINDS[kind].example()[0], **given, "id": next_id(form_id, [*questions, *old])}
