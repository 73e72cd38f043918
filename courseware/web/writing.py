"""What the pages of authors share: the files behind an address, what stands in them now, keeping what was typed, words for fields, places of faults."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware import authoring
from courseware.course.drafts import ContentDraft, Working, keep, working
from courseware.course.faults import Fault, Faults
from courseware.course.rewrite import rewrite, same
from courseware.course.yaml import load
from courseware.errors import CoursewareError, Invalid, NotFound
from courseware.i18n import Message, message
from courseware.people.models import Person
from courseware.web.model_form import Choices, Field, Path, dotted, fields_of, unreadable, with_errors
from courseware.web.routing import Context, Json
from courseware.web.typed_form import act, read
from courseware.web.views import say, time_of_day

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
MOST_BYTES = 400_000  # of one file; ours have a sixth of it

LABELS: Mapping[str, Message] = {
    "stem": message("Question text"), "en": message("English"), "zh": message("Chinese"), "objective": message("Objective"), "section": message("Section"),
    "level": message("Level"), "difficulty": message("Share expected to get it right (0 to 1)"), "points": message("Points"), "rule": message("Scoring rule"),
    "options": message("Options"), "text": message("Text"), "right": message("Right"), "feedback": message("Feedback"), "fraction": message("Share of the points"),
    "answer": message("Answer"), "tolerance": message("Tolerance"), "unit": message("Unit"), "wrong": message("Known wrong answers"), "value": message("Value"),
    "fields": message("Fields to fill"), "label": message("Label"), "accept": message("Accepted answers, one a line"), "items": message("Items"), "left": message("Left side"),
    "match": message("Belongs to"), "categories": message("Categories"), "category": message("Category"), "columns": message("Columns"), "column": message("Column"),
    "rows": message("Rows"), "gaps": message("Gaps"), "weight": message("Weight"), "situation": message("Situation"), "parts": message("Parts"),
    "hints": message("Hints, opened one by one"), "vary": message("Values that vary"), "require": message("Conditions on the values"), "other": message("Further fields"),
    "title": message("Heading"), "module": message("Module"), "attempts": message("Attempts"), "behaviour": message("Behaviour"), "minutes": message("Minutes"),
    "forms": message("Forms"), "pools": message("Pools"), "draw": message("What to draw"), "shuffle": message("Shuffle the questions"), "navigation": message("Navigation"),
    "locks": message("Locked after question"), "review": message("What is shown when"), "counts": message("Which attempt counts"), "wait": message("Wait between attempts"),
    "builds_on_last": message("Each attempt builds on the last"), "honour": message("Statement to agree to"), "grace": message("Seconds of grace"),
    "fixed_time": message("No extra time for anybody"), "objectives": message("Objectives"), "facts": message("Facts"), "evidence": message("What is proven"),
    "words": message("Length"), "questions": message("Questions"), "choose": message("Questions to choose"), "teaching_note": message("Teaching note"),
    "model_answer": message("Model answer"), "criteria": message("Criteria"), "levels": message("Levels, the lowest first"), "best": message("Share that calls it best"),
    "worst": message("Share that calls it worst"), "kind": message("Kind"), "id": message("Id"), "family": message("Family"), "sandbox": message("Scenario of the practice CRM"),
    "last": message("Always stands last"), "relative": message("Tolerance as a share"), "digits": message("Significant digits"), "units": message("Units accepted"),
    "wrong_unit": message("Said to a wrong unit"), "missing_unit": message("Said to a missing unit"), "case": message("Capital letters count"), "typos": message("Small slips are forgiven"),
    "keywords": message("Groups of keywords"), "any": message("Any of these words, one a line"), "nodes": message("Turns of the talk"), "says": message("What is said"),
    "choices": message("What may be answered"), "goes": message("Leads to"), "start": message("First turn"), "may_go_back": message("May go back"),
    "for_graders": message("For graders only"), "picture": message("Picture"), "regions": message("Regions of the picture"), "scale": message("Steps of the scale"),
    "statements": message("Statements"), "prompts": message("Questions to think about"), "free": message("Pairs whose order does not matter"), "before": message("Pairs whose order counts"),
    "reference": message("Query that is right"), "ordered": message("The order of rows counts"), "decimals": message("Decimals that count"), "types": message("Kinds of file, one a line"),
    "most": message("How many at most"), "certainty": message("Ask how certain"), "count": message("How many"), "during": message("Shown during the attempt"),
    "after": message("Shown right after"), "later": message("Shown later"), "closed": message("Shown after the close"), "release": message("Who releases"), "lede": message("Opening sentence"),
}  # fmt: skip
"""Names of fields in words. A field that a kind adds and nobody has named here shows its own name."""


def label(name: str) -> Message | None:
    return LABELS.get(name)


# Files


def form_path(id: str) -> str:
    return f"quizzes/{_known(id)}.yaml"


def case_path(id: str) -> str:
    return f"case_studies/{_known(id).lower()}/case.yaml"


def narrative_path(id: str, language: str) -> str:
    return f"case_studies/{_known(id).lower()}/{id.lower()}.{language}.md"


def _known(id: str) -> str:
    if not ID.fullmatch(id):
        raise NotFound
    return id


def file_of(ctx: Context, path: str) -> Working:
    """A file as it is being written, read before a writer's turn. Raises NotFound."""
    found = working(ctx.reader, path)
    if found is None:
        raise NotFound
    return found


def data_of(file: Working) -> dict[str, Any]:
    data = authoring.data_of(file)
    return data if isinstance(data, dict) else {}


def digest(data: Any) -> str:
    """What a page remembers of the data it showed."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()[:16]


class Elsewhere(CoursewareError):
    """Somebody else has changed the same thing since the page was opened. What was typed stands on the page and is not kept yet."""

    status = 409


def store(ctx: Context, file: Working, data: Any) -> bytes:
    """Keep changed data of a YAML file as a draft."""
    return store_text(ctx, file, rewrite(file.content, data))


def store_text(ctx: Context, file: Working, content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise Invalid(message("This file would grow beyond %(most)s kB. Split it, or shorten what you typed.", most=MOST_BYTES // 1000))
    keep(ctx.session, file.path, content, seen=file.content, by_id=ctx.who.id, now=ctx.now)
    return content


def changed_by_form(old: Any, typed: Any, base: str, command: str) -> Any:
    """What data become by a form that was opened when their digest was `base`. Raises Elsewhere if they have changed since."""
    if digest(old) != base and not same(old, typed):
        raise Elsewhere(message("Somebody else has changed this since you opened it. Yours stands below and is not kept yet: look at theirs, then save again to put yours in its place."))
    return act(deepcopy(typed), command) if command else typed


@dataclass(frozen=True)
class Drafted:
    """Who wrote last in a file that is not published yet, and when."""

    by: str
    at: datetime
    is_stale: bool
    is_new: bool


def drafted(session: Session, file: Working) -> Drafted | None:
    if file.draft is None:
        return None
    return Drafted(name_of(session, file.draft.by_id), file.draft.at, file.is_stale, file.published is None)


def name_of(session: Session, person_id: int | None) -> str:
    return session.scalar(select(Person.name).where(Person.id == person_id)) or "" if person_id else ""


def names_of(session: Session, drafts: Mapping[str, ContentDraft]) -> dict[str, str]:
    """The name of who wrote each draft last, by path."""
    names = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_({draft.by_id for draft in drafts.values()})))}
    return {path: names.get(draft.by_id, "") for path, draft in drafts.items()}


# Choices


def choices_of(ctx: Context, more: Callable[[], Choices] = dict) -> Choices:
    """What may be picked from a list rather than typed: objectives, sections, modules."""
    material, language = ctx.course.material, ctx.language
    sections = [id for module in material.modules.values() for id in module.sections]
    return {
        "objective": [(code, f"{code} {objective.text.to(language)}") for code, objective in material.objectives.items()],
        "section": [(id, f"{id} {material.section(id, language).head.title}") for id in sections],
        "module": [(id, f"{id} {module.title.to(language)}") for id, module in material.modules.items()],
        **more(),
    }


# Faults


@dataclass(frozen=True)
class Shown:
    """A fault of the course, and the address of the field that it is about, if the web can edit it."""

    fault: Fault
    href: str | None
    name: str


def shown(fault: Fault, tree: Mapping[str, bytes]) -> Shown:
    """Lead a fault to its field."""
    if name := re.fullmatch(r"quizzes/([^/]+)\.yaml", fault.file):
        return _in_quizzes(fault, name[1], tree.get(fault.file, b""))
    if name := re.fullmatch(r"case_studies/([^/]+)/case\.yaml", fault.file):
        return Shown(fault, f"/author/cases/{name[1].upper()}{_anchor(_path_at(fault, tree.get(fault.file, b'')))}", name[1].upper())
    if name := re.fullmatch(r"case_studies/([^/]+)/[^/]+\.(en|zh)\.md", fault.file):
        return Shown(fault, f"/author/cases/{name[1].upper()}/text/{name[2]}", name[1].upper())
    return Shown(fault, None, fault.file)


def _in_quizzes(fault: Fault, id: str, content: bytes) -> Shown:
    path = _path_at(fault, content)
    data: Any = getattr(load(fault.file, content, Faults()), "data", None)
    if not isinstance(data, Mapping) or "questions" not in data:
        return Shown(fault, f"/author/quizzes/{id}{_anchor(path)}", id)
    if len(path) < 2 or path[0] != "questions" or not isinstance(path[1], int):
        return Shown(fault, f"/author/forms/{id}", id)
    question = data["questions"][path[1]]
    name = str(question.get("id", "")) if isinstance(question, Mapping) else ""
    return Shown(fault, f"/author/forms/{id}/{name}{_anchor(path[2:])}" if ID.fullmatch(name) else f"/author/forms/{id}", name or id)


def _anchor(path: Sequence[str | int]) -> str:
    return f"#f-{dotted(tuple(path))}" if path else ""


def _path_at(fault: Fault, content: bytes) -> Path:
    """The deepest place of a file's data that stands where a fault does."""
    document = load(fault.file, content, Faults())
    positions = document.positions if document else {}
    return max((path for path, place in positions.items() if place == (fault.line, fault.column)), key=len, default=())


# A file whose whole data are one form


@dataclass(frozen=True)
class FilePage:
    """A quiz or a case as an author writes it. `faults` are those that belong to no field."""

    id: str
    form: Field
    loose: Sequence[str]
    base: str
    draft: Drafted | None
    problem: Message | None = None
    more: Any = None

    def label(self, name: str) -> Message | None:
        return label(name)


@dataclass(frozen=True)
class FileKind:
    """How a kind of file is written: its model, what may be picked, what is wrong with it by itself."""

    model: type[BaseModel]
    choices: Callable[[Context], Choices]
    faults: Callable[[Context, dict[str, Any]], list[tuple[Path, str]]]

    def form(self, ctx: Context, data: dict[str, Any]) -> tuple[Field, tuple[str, ...]]:
        form = fields_of(self.model, data, self.choices(ctx), hidden=("id",))
        return with_errors(form, [*unreadable(form), *self.faults(ctx, data)])

    def page(self, ctx: Context, file: Working, id: str, typed: dict[str, Any] | None = None, problem: Message | None = None, more: Any = None) -> FilePage:
        data = data_of(file)
        form, loose = self.form(ctx, data if typed is None else typed)
        return FilePage(id, form, loose, digest(data), drafted(ctx.reader, file), problem, more)

    def typed(self, ctx: Context, old: Mapping[str, Any]) -> dict[str, Any]:
        return {**{"id": old.get("id")}, **read(ctx.form, old), "id": old.get("id")}

    def live(self, ctx: Context, file: Working) -> Json:
        """Tell the script what is wrong with which field, and keep what was typed."""
        old = data_of(file)
        typed = self.typed(ctx, old)
        form, loose = self.form(ctx, typed)
        return kept_live(ctx, told_of(form, loose), lambda: store(ctx, file, changed_by_form(old, typed, ctx.form.get("base", ""), "")), digest(typed))


def told_of(form: Field, loose: Sequence[str], html: str = "") -> dict[str, Any]:
    """What a script is told of a form: its faults by field, those of no field, and how the thing looks."""
    return {"html": html, "errors": {field.id: list(field.errors) for field in form.all() if field.errors}, "loose": list(loose)}


def kept_live(ctx: Context, told: Mapping[str, Any], keep: Callable[[], object], base: str) -> Json:
    """Keep what is being typed and say so, or say why not. It comes last, since the turn of a writer is kept short."""
    try:
        keep()
    except (Elsewhere, Invalid) as failure:
        return Json({**told, "problem": say(failure.message, ctx.language, ctx.site.zone)})
    return Json({**told, "base": base, "time": time_of_day(ctx.now, ctx.site.zone)})


ROWS = ("add", "up", "down", "copy", "remove")


def row_command(ctx: Context) -> tuple[str, str]:
    """What a button does to a list of rows, if it does, and where to look then."""
    command = ctx.form.get("do", "")
    verb, _, rest = command.partition(":")
    if verb not in ROWS or not rest:
        return "", ""
    return command, f"#f-{rest.split(':')[0].rstrip('0123456789').rstrip('.')}"
