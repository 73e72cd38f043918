"""A case study as an author writes it: its questions, criteria and notes, and the narrative in both languages beside what it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flask

from courseware.course import revisions
from courseware.course.drafts import Working, drafts, newest, working
from courseware.course.faults import Faults
from courseware.course.model import Section, SectionHead
from courseware.course.reader import read_section
from courseware.course.rewrite import rewrite, same
from courseware.course.yaml import Document, load
from courseware.errors import Invalid, NotFound
from courseware.grading.rubrics import CaseStudy, read_case
from courseware.i18n import LANGUAGES, Message
from courseware.web.model_form import Field, Path, fields_of, with_errors
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor
from courseware.web.tokens import with_tokens
from courseware.web.typed_form import read
from courseware.web.views import fragment
from courseware.web.writing import (
    Drafted,
    Elsewhere,
    FileKind,
    case_path,
    changed_by_form,
    choices_of,
    data_of,
    digest,
    drafted,
    file_of,
    kept_live,
    label,
    narrative_path,
    row_command,
    store,
    store_text,
    told_of,
)

area = Area("author_case")


def _faults(ctx: Context, data: Mapping[str, Any]) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []

    class Heard(Document):
        def fault(self, path: Path, sentence: str) -> None:
            found.append((path, sentence))

    case = read_case(Heard("", data, Faults()))
    named = [(("objectives",), code) for code in case.objectives] if case else []
    named += [(("criteria", place, "objective"), one.objective) for place, one in enumerate(case.criteria)] if case else []  # type: ignore[misc]  # paths differ in length
    return [*found, *((path, f"there is no objective {code!r}") for path, code in named if code not in ctx.course.objectives)]


KIND = FileKind(CaseStudy, choices_of, _faults)


@area.get("/author/cases/<case_id>", policy=instructor)
def show(ctx: Context, case_id: str) -> Result:
    return Page("author/case.html", KIND.page(ctx, file_of(ctx, case_path(case_id)), case_id))


@area.post("/author/cases/<case_id>", policy=instructor)
def save(ctx: Context, case_id: str) -> Result:
    """Keep the draft, with a row more or less where a button says so."""
    file, (command, anchor) = file_of(ctx, case_path(case_id)), row_command(ctx)
    typed = KIND.typed(ctx, data_of(file))
    try:
        store(ctx, file, changed_by_form(data_of(file), typed, ctx.form.get("base", ""), command))
    except (Elsewhere, Invalid) as problem:
        return Page("author/case.html", KIND.page(ctx, file, case_id, typed=typed, problem=problem.message), problem.status)
    return Redirect(flask.url_for("author_case.show", case_id=case_id) + anchor)


@area.post("/author/cases/<case_id>/live", policy=instructor)
def live(ctx: Context, case_id: str) -> Result:
    return KIND.live(ctx, file_of(ctx, case_path(case_id)))


# The narrative


@dataclass(frozen=True)
class Narrative:
    """A section file taken apart: the data of its head, and its body as text."""

    head: dict[str, Any]
    head_text: bytes
    body: str

    def written(self) -> bytes:
        return b"---\n" + rewrite(self.head_text, self.head).rstrip(b"\n") + b"\n---\n" + self.body.encode()


@dataclass(frozen=True)
class NarrativePage:
    id: str
    language: str
    form: Field
    body: str
    loose: tuple[str, ...]
    base: str
    draft: Drafted | None
    section: Section | None
    problem: Message | None = None

    def label(self, name: str) -> Message | None:
        return label(name)


def _opened(ctx: Context, case_id: str, language: str) -> Working:
    """The narrative in a language as it is being written; a translation may be still to come."""
    if language not in LANGUAGES:
        raise NotFound
    file_of(ctx, case_path(case_id))
    path = narrative_path(case_id, language)
    return working(ctx.reader, path) or Working(path, None, None)


def _narrative(file: Working, case_id: str) -> Narrative:
    text = file.content.decode(errors="replace")
    begun, _, rest = text.partition("---\n")
    head, end, body = rest.partition("\n---\n")
    document = load(file.path, head.encode(), Faults()) if not begun and end else None
    if document is None or not isinstance(document.data, dict):
        return Narrative({"id": case_id, "title": "", "lede": "", "objectives": [], "facts": []}, b"", text)
    return Narrative(document.data, head.encode(), body)


def _typed(ctx: Context, old: Narrative) -> Narrative:
    body = ctx.form.get("body", "").replace("\r\n", "\n")
    body = old.body if body.strip() == old.body.strip() else body.rstrip("\n") + "\n"
    return Narrative({"objectives": [], "facts": [], **read(ctx.form, old.head), "id": old.head.get("id")}, old.head_text, body)


def _page(ctx: Context, case_id: str, language: str, file: Working, shown: Narrative, base: str, problem: Message | None = None) -> NarrativePage:
    id, _ = newest(ctx.reader)
    tree = {**revisions.tree_of(ctx.reader, id), **{path: draft.content for path, draft in drafts(ctx.reader).items()}, file.path: shown.written()}
    faults = Faults()
    section = read_section(tree, file.path, faults)
    form = fields_of(SectionHead, shown.head, hidden=("id", "minutes"))
    before = shown.written().decode().count("\n") - shown.body.count("\n")
    found, loose = [], []
    for fault in faults:
        if fault.line <= before:
            found.append(_in_head(fault.sentence, form))
        else:
            loose.append(f"line {fault.line - before}: {fault.sentence}")
    form, more = with_errors(form, found)
    return NarrativePage(case_id, language, form, shown.body, (*more, *loose), base, drafted(ctx.reader, file), section, problem)


def _in_head(sentence: str, form: Field) -> tuple[Path, str]:
    """A fault of the head names its key first, or in quotes."""
    name = next((child.label for child in form.children if sentence.startswith(f"{child.label}:") or f"{child.label!r}" in sentence), None)
    return ((name,) if name else ()), sentence


def _mark(narrative: Narrative) -> str:
    return digest([narrative.head, narrative.body])


@area.get("/author/cases/<case_id>/text/<language>", policy=instructor)
def text(ctx: Context, case_id: str, language: str) -> Result:
    file = _opened(ctx, case_id, language)
    narrative = _narrative(file, case_id)
    return Page("author/narrative.html", _page(ctx, case_id, language, file, narrative, _mark(narrative)))


@area.post("/author/cases/<case_id>/text/<language>", policy=instructor)
def save_text(ctx: Context, case_id: str, language: str) -> Result:
    file = _opened(ctx, case_id, language)
    old = _narrative(file, case_id)
    typed = _typed(ctx, old)
    try:
        _keep(ctx, file, old, typed)
    except (Elsewhere, Invalid) as problem:
        return Page("author/narrative.html", _page(ctx, case_id, language, file, typed, _mark(old), problem.message), problem.status)
    return Redirect(flask.url_for("author_case.text", case_id=case_id, language=language))


def _keep(ctx: Context, file: Working, old: Narrative, typed: Narrative) -> None:
    changed_by_form([old.head, old.body], [typed.head, typed.body], ctx.form.get("base", ""), "")
    if not same([old.head, old.body], [typed.head, typed.body]):
        store_text(ctx, file, typed.written())


@area.post("/author/cases/<case_id>/text/<language>/live", policy=instructor)
def live_text(ctx: Context, case_id: str, language: str) -> Result:
    """Tell the script what the narrative looks like as it is typed, and keep it."""
    file = _opened(ctx, case_id, language)
    old = _narrative(file, case_id)
    typed = _typed(ctx, old)
    page = _page(ctx, case_id, language, file, typed, _mark(old))
    html = with_tokens(fragment("author/_narrative.html", ctx, language, page))
    return kept_live(ctx, told_of(page.form, page.loose, html), lambda: _keep(ctx, file, old, typed), _mark(typed))
