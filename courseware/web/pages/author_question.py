"""One question as an author writes it: fields made from its kind, faults at their fields, and the question itself beside them, to be tried."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import flask
from markupsafe import Markup

from courseware.assessment import queries
from courseware.assessment.kinds import KINDS
from courseware.assessment.kinds.short import Short
from courseware.assessment.questions import FILLED, Question, QuestionSource, Response, Score
from courseware.assessment.review import EVERYTHING, Shown
from courseware.authoring import DRAWS
from courseware.course.drafts import Working
from courseware.errors import Invalid, NotFound
from courseware.expressions import VaryError
from courseware.i18n import Message, Text
from courseware.web.model_form import OTHER, Field, Path, fields_of, unreadable, with_errors
from courseware.web.pages.author_form import described, opened, questions_of
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor
from courseware.web.tokens import with_tokens
from courseware.web.typed_form import read
from courseware.web.views import fragment
from courseware.web.writing import Drafted, Elsewhere, changed_by_form, choices_of, digest, drafted, kept_live, label, row_command, store, told_of

area = Area("author_question")

TEMPLATE = ("vary", "require")  # what a question may have besides the fields of its kind
MOST_UNLISTED = 20
STAND_IN = {"objective": "-", "section": "-", "level": "apply", "difficulty": 0.5, "points": 1}


@dataclass(frozen=True)
class Preview:
    """The question as learners meet it, or None while it cannot be shown. `score` is what the tried answer gets."""

    question: Question | None
    seed: int
    is_template: bool
    response: Response = None
    score: Score | None = None
    is_empty: bool = False

    @property
    def shown(self) -> Shown:
        return replace(EVERYTHING, question=False)  # it stands above

    @property
    def order(self) -> Mapping[str, list[str]]:
        return self.question.shuffle(Random(self.seed)) if self.question else {}


@dataclass(frozen=True)
class QuestionPage:
    form_id: str
    id: str
    kind: str
    about: str
    place: int
    ids: Sequence[str]
    form: Field
    loose: Sequence[str]
    base: str
    draft: Drafted | None
    html: Markup
    problem: Message | None = None
    unlisted: Sequence[tuple[Text, Sequence[tuple[str, int]]]] = ()
    """Answers of one's learners that nothing listed fits, by the label of their field."""

    @property
    def previous(self) -> str | None:
        return self.ids[self.place - 2] if self.place > 1 else None

    @property
    def following(self) -> str | None:
        return self.ids[self.place] if self.place < len(self.ids) else None

    @property
    def faults(self) -> int:
        return len(self.loose) + sum(len(field.errors) for field in self.form.all())

    def label(self, name: str) -> Message | None:
        return label(name)


@dataclass(frozen=True)
class Opened:
    """A question in its file, as they are being written."""

    file: Working
    data: Mapping[str, Any]
    place: int

    @property
    def raw(self) -> dict[str, Any]:
        found: dict[str, Any] = self.data["questions"][self.place]
        return found

    def with_(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The data of the file with this question changed."""
        questions = self.data["questions"]
        return {**self.data, "questions": [*questions[: self.place], raw, *questions[self.place + 1 :]]}


def _open(ctx: Context, form_id: str, question_id: str) -> Opened:
    file, data = opened(ctx, form_id)
    place = next((place for place, one in enumerate(data["questions"]) if isinstance(one, dict) and str(one.get("id")) == question_id), None)
    if place is None:
        raise NotFound
    return Opened(file, data, place)


@area.get("/author/forms/<form_id>/<question_id>", policy=instructor)
def show(ctx: Context, form_id: str, question_id: str) -> Result:
    found = _open(ctx, form_id, question_id)
    return Page("author/question.html", _page(ctx, found, form_id, found.raw, _preview(found.raw, _seed(ctx))))


def _page(ctx: Context, found: Opened, form_id: str, raw: dict[str, Any], preview: Preview, problem: Message | None = None) -> QuestionPage:
    ids = [str(one.get("id")) for one in questions_of(dict(found.data))]
    form, loose = form_of(ctx, raw)
    kind, id = str(raw.get("kind")), str(raw.get("id"))
    about = described(kind) if kind in KINDS else ""
    html, unlisted = _html(ctx, form_id, id, preview), _unlisted(ctx, preview.question)
    return QuestionPage(form_id, id, kind, about, ids.index(id) + 1, ids, form, loose, digest(found.raw), drafted(ctx.reader, found.file), html, problem, unlisted)


def _unlisted(ctx: Context, question: Question | None) -> list[tuple[Text, list[tuple[str, int]]]]:
    if not isinstance(question, Short):
        return []
    found = question.unlisted(queries.handed_in_to(ctx.reader, ctx.who, question.id))
    return [(entry.label, found[entry.id][:MOST_UNLISTED]) for entry in question.fields if entry.id in found]


def _html(ctx: Context, form_id: str, id: str, preview: Preview) -> Markup:
    """The question rendered. One that is half written may be more than its template can bear: then it is left out, and its form stays open."""
    value = {"preview": preview, "form_id": form_id, "id": id}
    try:
        return with_tokens(fragment("author/_preview.html", ctx, ctx.language, value))
    except Exception:
        flask.current_app.logger.warning("question %s cannot be shown as it is written now", id, exc_info=True)
        return with_tokens(fragment("author/_preview.html", ctx, ctx.language, {**value, "preview": replace(preview, question=None)}))


def form_of(ctx: Context, raw: Mapping[str, Any]) -> tuple[Field, tuple[str, ...]]:
    """The fields of a question with their faults, and the faults that belong to no field."""
    model = KINDS.get(str(raw.get("kind")), Question)
    form = _in_order(fields_of(model, raw, choices_of(ctx), hidden=("id", "kind", *FILLED), extra=TEMPLATE))
    return with_errors(form, [*unreadable(form), *faults_of(ctx, raw)])


def _in_order(form: Field) -> Field:
    """The text first, then what is the kind's own, then what all kinds have, as learners and authors think of it."""
    common = [name for name in Question.model_fields if name != "stem"]
    ranks = {"stem": -1, **{name: place for place, name in enumerate((*common, *TEMPLATE, OTHER), 1)}}
    return replace(form, children=tuple(sorted(form.children, key=lambda field: ranks.get(field.label, 0))))


def faults_of(ctx: Context, raw: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """Every fault of a question that it shows by itself; what only the whole course shows is found before publishing."""
    found = [(fault.path, fault.sentence) for fault in QuestionSource(raw, "").faults(DRAWS)]
    course = ctx.course
    if isinstance(raw.get("objective"), str) and raw["objective"] not in course.objectives:
        found.append((("objective",), f"there is no objective {raw['objective']!r}"))
    if isinstance(raw.get("section"), str) and (raw["section"], "en") not in course.material.sections:
        found.append((("section",), f"there is no section {raw['section']!r}"))
    return [each for path, sentence in found for each in _in_parts(raw, path, sentence)]


def _in_parts(raw: Mapping[str, Any], path: Path, sentence: str) -> list[tuple[Path, str]]:
    """A part that cannot be read is told by its case as one long sentence: its own faults say where."""
    parts = raw.get("parts")
    if len(path) != 2 or path[0] != "parts" or not isinstance(parts, list) or not isinstance(path[1], int) or not isinstance(parts[path[1]], Mapping):
        return [(path, sentence)]
    whole = {name: raw[name] for name in ("objective", "section", "level", "difficulty") if name in raw} | dict(parts[path[1]])
    own = [((*path, *fault.path), fault.sentence) for fault in QuestionSource(whole, "").faults(1)]
    return [*own] or [(path, sentence)]


def _seed(ctx: Context) -> int:
    typed = ctx.request.values.get("seed", "")
    return int(typed) if typed.isdecimal() and len(typed) < 16 else 1


def _question(raw: Mapping[str, Any], seed: int) -> Question | None:
    """The question as far as it can be shown: what learners do not see need not be right for that."""
    for known in (raw, {**raw, **STAND_IN}):
        with contextlib.suppress(VaryError, ValueError):
            return QuestionSource(known, "").resolve(seed)
    return None


def _preview(raw: Mapping[str, Any], seed: int, answers: Mapping[str, Sequence[str]] | None = None) -> Preview:
    source, question = QuestionSource(raw, ""), _question(raw, seed)
    if question is None or answers is None:
        return Preview(question, seed, source.is_template)
    response = question.read(answers, question.id)
    if not question.is_answered(response):
        return Preview(question, seed, source.is_template, is_empty=True)
    return Preview(question, seed, source.is_template, response, question.score(response))


def _typed(ctx: Context, old: Mapping[str, Any]) -> dict[str, Any]:
    """The question as the form holds it; its id is not for changing."""
    typed = read(ctx.form, old)
    return {**{"id": old.get("id"), "kind": old.get("kind")}, **typed, "id": old.get("id")}


@area.post("/author/forms/<form_id>/<question_id>", policy=instructor)
def save(ctx: Context, form_id: str, question_id: str) -> Result:
    """Keep the draft and do what the button says: a row more or less, the next question, or stay."""
    found, (command, anchor) = _open(ctx, form_id, question_id), row_command(ctx)
    typed = _typed(ctx, found.raw)
    try:
        changed = changed_by_form(found.raw, typed, ctx.form.get("base", ""), command)
        store(ctx, found.file, found.with_(changed))
    except (Elsewhere, Invalid) as problem:  # the page again with what was typed; sent once more it replaces what the other one wrote
        return Page("author/question.html", _page(ctx, found, form_id, typed, _preview(typed, _seed(ctx)), problem.message), problem.status)
    wanted = ctx.form.get("do", "").removeprefix("go:") if ctx.form.get("do", "").startswith("go:") else question_id
    return Redirect(flask.url_for("author_question.show", form_id=form_id, question_id=wanted, seed=_seed(ctx)) + anchor)


def _answers(ctx: Context) -> dict[str, list[str]]:
    return {name: ctx.request.form.getlist(name) for name in ctx.request.form}


@area.post("/author/forms/<form_id>/<question_id>/try", policy=instructor)
def try_it(ctx: Context, form_id: str, question_id: str) -> Result:
    """Score an answer to the question as it is drafted. Nothing of it is kept."""
    found = _open(ctx, form_id, question_id)
    return Page("author/question.html", _page(ctx, found, form_id, found.raw, _preview(found.raw, _seed(ctx), _answers(ctx))))


@area.post("/author/forms/<form_id>/<question_id>/live", policy=instructor)
def live(ctx: Context, form_id: str, question_id: str) -> Result:
    """Tell the script what is being typed looks like and what is wrong with which field, and keep it."""
    found = _open(ctx, form_id, question_id)
    raw, is_check = _typed(ctx, found.raw), bool(ctx.form.get("check"))
    form, loose = form_of(ctx, raw)
    preview = _preview(raw, _seed(ctx), _answers(ctx) if is_check else None)
    if not is_check and preview.question:
        preview = replace(preview, response=preview.question.read(_answers(ctx), preview.question.id))
    html = _html(ctx, form_id, question_id, preview)
    return kept_live(
        ctx, told_of(form, loose, html), lambda: store(ctx, found.file, found.with_(changed_by_form(found.raw, raw, ctx.form.get("base", ""), ""))), digest(raw)
    )
