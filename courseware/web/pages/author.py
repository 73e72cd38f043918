"""The author area's list: every quiz, form and case, what is in it and who is writing in it; new quizzes and forms. Editing and publishing have pages of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from courseware import authoring
from courseware.assessment.rubrics import LEVEL_NAMES
from courseware.compile import Course
from courseware.course.drafts import ContentDraft, Working, drafts, keep, newest, working
from courseware.course.rewrite import dump, rewrite
from courseware.errors import Invalid
from courseware.i18n import Text, message
from courseware.web.lists import Listing, asked, csv_file, listing
from courseware.web.routing import Area, Context, Page, Redirect, Result, instructor
from courseware.web.writing import ID, case_path, form_path, names_of

area = Area("author")

KINDS = ("quiz", "form", "case")


@dataclass(frozen=True)
class Line:
    """One thing to edit. `by` wrote last in its draft; empty if nothing waits to be published."""

    kind: str
    id: str
    title: Text | None
    module: str
    questions: int | None
    points: float | None
    used_in: str
    by: str = ""
    searched: str = ""

    @property
    def href(self) -> str:
        return f"/author/{'quizzes' if self.kind == 'quiz' else f'{self.kind}s'}/{self.id}"


KEYS: dict[str, Callable[[Line], Any]] = {
    "id": lambda line: line.id.lower(),
    "kind": lambda line: KINDS.index(line.kind),
    "module": lambda line: line.module or None,
    "questions": lambda line: line.questions,
    "points": lambda line: line.points,
    "by": lambda line: line.by or None,
}


@dataclass(frozen=True)
class IndexPage:
    lines: Listing[Line]
    waiting: int
    modules: tuple[tuple[str, str], ...]
    problem: Invalid | None = None
    typed: str = ""


@area.get("/author", policy=instructor)
def index(ctx: Context) -> Result:
    page = _index(ctx)
    if page.lines.asked.is_csv:
        rows = [(line.kind, line.id, line.title.to(ctx.language) if line.title else "", line.module, line.questions, line.points, line.used_in, line.by) for line in page.lines.rows]
        return csv_file("course-work", ("kind", "id", "title", "module", "questions", "points", "used in", "draft by"), rows)
    return Page("author/index.html", page)


def _index(ctx: Context, problem: Invalid | None = None, typed: str = "") -> IndexPage:
    want = asked(ctx.request.args, "kind", sort="id")
    written = drafts(ctx.reader)
    lines = _lines(ctx, ctx.course, written)
    found = [line for line in lines if want.q.lower() in line.searched.lower() and want.filters.get("kind", line.kind) == line.kind]
    modules = tuple((module.id, module.title.to(ctx.language)) for module in ctx.course.modules.values())
    return IndexPage(listing(found, want, KEYS), len(written), modules, problem, typed)


def _lines(ctx: Context, course: Course, written: dict[str, ContentDraft]) -> list[Line]:
    by = names_of(ctx.reader, written)
    _, files = newest(ctx.reader)
    drawn_first = sorted(course.quizzes.values(), key=lambda quiz: bool(quiz.forms))  # a form belongs to the quiz that names it, before one that draws from it
    used = {id: quiz.id for quiz in drawn_first for id in quiz.files}
    paths = sorted(path for path in files.keys() | written.keys() if re.fullmatch(r"quizzes/[^/]+\.yaml|case_studies/[^/]+/case\.yaml", path))
    quizzes, forms = {form_path(id): quiz for id, quiz in course.quizzes.items()}, {form_path(id): form for id, form in course.forms.items()}
    lines = []
    for path in paths:
        data = authoring.data_of(Working(path, None, written[path])) if path in written else None
        if isinstance(data, dict):
            lines.append(_drafted(path, data, used, by[path]))
        elif path.startswith("case_studies/"):
            case = next((case for case in course.cases.values() if path == f"case_studies/{case.id.lower()}/case.yaml"), None)
            if case:
                lines.append(Line("case", case.id, case.title, case.module, len(case.questions), case.points, "", "", f"{case.id} {' '.join(case.title.values())}"))
        elif form := forms.get(path):
            points = sum(float(source.raw.get("points") or 0) for source in form.questions)
            text = " ".join((form.id, *(source.id for source in form.questions)))
            lines.append(Line("form", form.id, None, _module_of(course, used, form.id), len(form.questions), points, used.get(form.id, ""), "", text))
        elif quiz := quizzes.get(path):
            lines.append(Line("quiz", quiz.id, quiz.title, quiz.module or "", None, None, "", "", f"{quiz.id} {' '.join(quiz.title.values())}"))
    return lines


def _module_of(course: Course, used: dict[str, str], id: str) -> str:
    quiz = course.quizzes.get(used.get(id, ""))
    return (quiz.module or "") if quiz else ""


def _drafted(path: str, data: dict[str, Any], used: dict[str, str], by: str) -> Line:
    """A line made from a draft, which may be unsound."""
    kind = "case" if path.startswith("case_studies/") else "form" if "questions" in data else "quiz"
    id = str(data.get("id") or "") if kind == "case" else path.removeprefix("quizzes/").removesuffix(".yaml")
    title = data.get("title")
    words = Text(title) if isinstance(title, dict) and isinstance(title.get("en"), str) and all(isinstance(one, str) for one in title.values()) and set(title) <= {"en", "zh"} else None
    questions = data.get("questions") if isinstance(data.get("questions"), list) else None
    points = sum(float(one["points"]) for one in questions if isinstance(one, dict) and isinstance(one.get("points"), int | float)) if questions and kind == "form" else None
    names = [str(one.get("id", "")) for one in questions or () if isinstance(one, dict)]
    return Line(kind, id, words, str(data.get("module") or ""), None if questions is None else len(questions), points, used.get(id, ""), by, " ".join((id, *names, *(words or {}).values())))


@area.post("/author/new", policy=instructor)
def new(ctx: Context) -> Result:
    """Begin a form, a quiz or a case as a draft. Its id is its file's name and stays."""
    kind, typed = ctx.form.get("kind", ""), ctx.form.get("id", "").strip()
    id = typed.upper() if kind == "case" else typed.lower()
    try:
        path = _free_path(ctx, kind, id)
    except Invalid as problem:
        return Page("author/index.html", _index(ctx, problem, typed), problem.status)
    module = ctx.form.get("module", "")
    _begin(ctx, path, {"form": _empty_form, "case": _empty_case}.get(kind, _empty_quiz)(id, module))
    if kind != "form":
        _list_in_module(ctx, module, "cases" if kind == "case" else "quizzes", id)
    return Redirect(f"/author/{'quizzes' if kind not in KINDS or kind == 'quiz' else f'{kind}s'}/{id}")


def _free_path(ctx: Context, kind: str, id: str) -> str:
    if not ID.fullmatch(id) or (kind == "case" and not id.isalnum()):
        raise Invalid(message("An id is letters, digits and dashes, for example m6-a, and of a case letters and digits, for example CS9."), "id")
    path = case_path(id) if kind == "case" else form_path(id)
    if working(ctx.reader, path) is not None:
        raise Invalid(message("The id %(id)s is taken. Choose one that was never used.", id=id), "id")
    return path


def _begin(ctx: Context, path: str, data: dict[str, Any]) -> None:
    keep(ctx.session, path, dump(data).encode(), seen=b"", by_id=ctx.who.id, now=ctx.now)


def _empty_form(id: str, _: str) -> dict[str, Any]:
    return {"id": id, "questions": []}


def _empty_quiz(id: str, module: str) -> dict[str, Any]:
    return {"id": id, "title": {"en": id}, "module": module, "attempts": 1, "behaviour": "deferred", "forms": {"A": f"{id}-a"}}


def _empty_case(id: str, module: str) -> dict[str, Any]:
    levels = [{"en": name["en"]} for name in LEVEL_NAMES]
    return {
        "id": id, "title": {"en": id}, "module": module, "objectives": [], "facts": [], "evidence": {"en": ""}, "words": {"en": [250, 400], "zh": [400, 650]},
        "questions": [{"id": "q1", "text": {"en": ""}}, {"id": "q2", "text": {"en": ""}}], "choose": 1, "teaching_note": {"en": ""}, "model_answer": {"en": ""},
        "criteria": [{"id": f"{id}-a", "title": {"en": ""}, "objective": "", "levels": levels}],
    }  # fmt: skip


def _list_in_module(ctx: Context, module: str, field: str, id: str) -> None:
    """Add a new piece of work to its module's list, by which learners find it: a draft of that file too."""
    path = f"content/modules/{module.lower()}/module.yaml"
    file = working(ctx.session, path) if ID.fullmatch(module) else None
    data = authoring.data_of(file) if file else None
    if file and isinstance(data, dict):
        changed = {**data, field: [*(data.get(field) or ()), id]}
        keep(ctx.session, path, rewrite(file.content, changed), seen=file.content, by_id=ctx.who.id, now=ctx.now)
