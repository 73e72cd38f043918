"""A quiz as an author writes it: every field of its model, and its forms. Its questions are written in their forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flask

from courseware.assessment.behaviours import BEHAVIOURS
from courseware.assessment.reader import Quiz, read_quiz
from courseware.assessment.review import PRESETS
from courseware.course.drafts import Working, drafts
from courseware.errors import Invalid, NotFound
from courseware.web.model_form import Choices, Path
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor
from courseware.web.writing import Elsewhere, FileKind, FilePage, changed_by_form, choices_of, data_of, file_of, form_path, row_command, store

area = Area("author_quiz")


def _choices(ctx: Context) -> Choices:
    return {**choices_of(ctx), "behaviour": [(name, name) for name in BEHAVIOURS], "review": [(name, name) for name in PRESETS]}


def _faults(ctx: Context, data: Mapping[str, Any]) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    quiz = read_quiz(data, "", lambda path, sentence: found.append((path, sentence)))
    known = {*ctx.course.forms, *(path.removeprefix("quizzes/").removesuffix(".yaml") for path in drafts(ctx.reader))}
    missing = [id for id in quiz.files if id not in known] if quiz else []
    return [*found, *(((("forms",) if data.get("forms") else ("pools",)), f"there is no form {id!r} yet: begin it in the list of all") for id in missing)]


KIND = FileKind(Quiz, _choices, _faults)


@dataclass(frozen=True)
class Parts:
    """What a quiz is made of, as far as it can be read: letter and id of each form."""

    forms: tuple[tuple[str, str], ...]


def opened(ctx: Context, quiz_id: str) -> Working:
    """A quiz's file as it is being written. Raises NotFound, also for a form."""
    file = file_of(ctx, form_path(quiz_id))
    if isinstance(data_of(file).get("questions"), list):
        raise NotFound
    return file


def _page(ctx: Context, file: Working, quiz_id: str, **more: Any) -> FilePage:
    data = data_of(file)
    forms, pools = data.get("forms"), data.get("pools")
    parts = [(str(letter), str(id)) for letter, id in forms.items()] if isinstance(forms, dict) else []
    parts += [("", str(id)) for id in pools] if isinstance(pools, list) else []
    return KIND.page(ctx, file, quiz_id, more=Parts(tuple(parts)), **more)


@area.get("/author/quizzes/<quiz_id>", policy=instructor)
def show(ctx: Context, quiz_id: str) -> Result:
    return Page("author/quiz.html", _page(ctx, opened(ctx, quiz_id), quiz_id))


@area.post("/author/quizzes/<quiz_id>", policy=instructor)
def save(ctx: Context, quiz_id: str) -> Result:
    """Keep the draft, with a row more or less where a button says so."""
    file, (command, anchor) = opened(ctx, quiz_id), row_command(ctx)
    typed = KIND.typed(ctx, data_of(file))
    try:
        store(ctx, file, changed_by_form(data_of(file), typed, ctx.form.get("base", ""), command))
    except (Elsewhere, Invalid) as problem:
        return Page("author/quiz.html", _page(ctx, file, quiz_id, typed=typed, problem=problem.message), problem.status)
    return Redirect(flask.url_for("author_quiz.show", quiz_id=quiz_id) + anchor)


@area.post("/author/quizzes/<quiz_id>/live", policy=instructor)
def live(ctx: Context, quiz_id: str) -> Result:
    return KIND.live(ctx, opened(ctx, quiz_id))
