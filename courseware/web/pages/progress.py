"""Mastery: where a person stands with every objective, and each level opened down to the single answer, finding or rubric row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import flask

from courseware.assessment.rubrics import CRITERION_POINTS, LEVEL_NAMES, WORTH, ByRubric
from courseware.compile import Course, Coverage, coverage
from courseware.course import links
from courseware.course.model import ModuleFile, Objective
from courseware.errors import NotFound
from courseware.grading import queries
from courseware.grading.evidence import Standing, evidence_of, standing
from courseware.grading.mastery import LEAST_WEIGHT, MET, SECURE, WIDEST, Level, Mastery
from courseware.grading.models import Evidence
from courseware.grading.queries import LEVEL_WORDS, PaperHead
from courseware.i18n import Message, Text, message
from courseware.people.access import Who, person_seen_by
from courseware.people.models import Role
from courseware.web.routing import Area, Context, Page, Result, signed_in

area = Area("progress")


@dataclass(frozen=True)
class Reader:
    """Whose progress it is, who looks, and where the pages about that person begin."""

    person_id: int
    name: str
    is_own: bool
    root: str
    who: Who


@dataclass(frozen=True)
class ModuleStanding:
    """The objectives of one module with one person, knowledge and ability apart."""

    module: ModuleFile
    knowledge: Sequence[Standing]
    ability: Sequence[Standing]


@dataclass(frozen=True)
class Overview:
    reader: Reader
    modules: Sequence[ModuleStanding]
    planned: int
    words: Mapping[Level, Message] = field(default_factory=lambda: LEVEL_WORDS)


@area.get("/progress", policy=signed_in)
def index(ctx: Context) -> Result:
    return Page("progress/index.html", _overview(ctx, _oneself(ctx)))


@area.get("/people/<int:person_id>/progress", policy=signed_in)
def of(ctx: Context, person_id: int) -> Result:
    return Page("progress/index.html", _overview(ctx, _other(ctx, person_id)))


@area.get("/progress/<code>", policy=signed_in)
def objective(ctx: Context, code: str) -> Result:
    return Page("progress/objective.html", _detail(ctx, _oneself(ctx), code))


@area.get("/people/<int:person_id>/progress/<code>", policy=signed_in)
def objective_of(ctx: Context, person_id: int, code: str) -> Result:
    return Page("progress/objective.html", _detail(ctx, _other(ctx, person_id), code))


def _oneself(ctx: Context) -> Reader:
    return Reader(ctx.who.id, ctx.who.name, True, "/progress", ctx.who)


def _other(ctx: Context, person_id: int) -> Reader:
    person = person_seen_by(ctx.session, ctx.who, person_id)
    return Reader(person.id, person.name, person.id == ctx.who.id, f"/people/{person.id}/progress", ctx.who)


def _overview(ctx: Context, reader: Reader) -> Overview:
    objectives = ctx.course.objectives
    found = queries.standings_of(ctx.session, [reader.person_id], objectives)[reader.person_id]
    modules = []
    for module in ctx.course.modules.values():
        mine = [one for one in found.values() if one.objective.module == module.id]
        modules.append(ModuleStanding(module, [one for one in mine if not one.objective.is_ability], [one for one in mine if one.objective.is_ability]))
    return Overview(reader, [part for part in modules if part.knowledge or part.ability], sum(one.planned for one in objectives.values()))


# One objective


@dataclass(frozen=True)
class Row:
    """One piece of evidence: where it comes from, what it was, and the address of that very thing (None: not for this reader)."""

    mark: str
    where: Message
    what: Message
    at: datetime
    score: float
    weight: float
    shows_ability: bool
    address: str | None


@dataclass(frozen=True)
class Step:
    """Something to do that would raise the level: points of evidence it can still give, or minutes of reading."""

    mark: str
    title: Message
    address: str
    more: Message | None


@dataclass(frozen=True)
class Detail:
    """One objective with one person: the level, the scale, the evidence, what would raise it, how the number is made."""

    reader: Reader
    objective: Objective
    module: ModuleFile | None
    mastery: Mastery
    sentence: Message
    rows: Sequence[Row]
    steps: Sequence[Step]
    words: Mapping[Level, Message] = field(default_factory=lambda: LEVEL_WORDS)

    @property
    def right(self) -> float:
        """Points earned: n times the mean."""
        return self.mastery.n * (self.mastery.mean or 0.0)

    @property
    def limits(self) -> Mapping[str, float]:
        return {"least": LEAST_WEIGHT, "widest": WIDEST, "met": MET, "secure": SECURE}

    @property
    def wide(self) -> Scale:
        return Scale(self.mastery, 10, 700)

    @property
    def narrow(self) -> Scale:
        return Scale(self.mastery, 6, 334)


@dataclass(frozen=True)
class Scale:
    """Places on the scale from 0 to 1, in units of a drawing."""

    mastery: Mastery
    left: int
    width: int

    def at(self, share: float) -> float:
        return round(self.left + self.width * share, 1)

    @property
    def zones(self) -> list[tuple[Level, float, float]]:
        """The levels with where each begins and how wide it is."""
        edges = [(Level.STARTED, 0.0, MET), (Level.MET, MET, SECURE), (Level.SECURE, SECURE, 1.0)]
        return [(level, self.at(low), round(self.width * (high - low), 1)) for level, low, high in edges]


def _detail(ctx: Context, reader: Reader, code: str) -> Detail:
    course = ctx.course
    wanted = course.objectives.get(code)
    if wanted is None:
        raise NotFound
    evidence = evidence_of(ctx.session, [reader.person_id], code)
    papers = queries.papers_of(ctx.session, {row.work_id for row in evidence if row.work.startswith("quiz:")})
    found = standing(wanted, evidence)
    rows = [_row(course, reader, row, papers) for row in evidence]
    steps = [] if wanted.planned else list(_steps(course, wanted, coverage(course)[code], evidence))
    steps.sort(key=lambda step: step.mark != "practice" if found.mastery.needs_practice else False)
    return Detail(reader, wanted, course.modules.get(wanted.module), found.mastery, _sentence(wanted, found.mastery, reader.is_own), rows, steps)


def _sentence(wanted: Objective, mastery: Mastery, is_own: bool) -> Message:
    """What the level rests on and what is missing, after the level's word."""
    if wanted.planned:
        return message("This objective belongs to a module that is still being written. Nothing teaches or tests it yet.")
    numbers = {"points": f"{mastery.n:g}", "mean": f"{mastery.mean or 0:.2f}", "low": f"{mastery.low:.2f}", "high": f"{mastery.high:.2f}", "missing": f"{mastery.missing:g}"}
    if mastery.mean is None:
        return message("Nothing has been scored for it so far; about %(missing)s points of evidence are needed before a level can be named.", **numbers)
    if mastery.level is Level.UNKNOWN:
        return message("So far %(points)s points of evidence, with a mean of %(mean)s. About %(missing)s points more are needed before a level can be named.", **numbers)
    if mastery.needs_practice:
        return message("The mean of %(points)s points of evidence is %(mean)s, enough in numbers. An ability also asks for the deed: a passed scenario, or a rubric row at level 2.", **numbers)
    if not is_own:
        return message("The mean of %(points)s points of evidence is %(mean)s. With 80 per cent certainty the share would settle between %(low)s and %(high)s.", **numbers)
    return message("The mean of %(points)s points of evidence is %(mean)s. With 80 per cent certainty your share would settle between %(low)s and %(high)s.", **numbers)


def _row(course: Course, reader: Reader, row: Evidence, papers: Mapping[int, PaperHead]) -> Row:
    kind, _, id = row.source.partition(":")
    describe = {"question": _question_row, "check": _check_row, "criterion": _criterion_row}[kind]
    mark, where, what, address = describe(course, reader, row, id, papers)
    return Row(mark, where, what, row.at, row.score, row.weight, row.shows_ability, address)


Described = tuple[str, Message, Message, str | None]


def _question_row(course: Course, _: Reader, row: Evidence, id: str, papers: Mapping[int, PaperHead]) -> Described:
    quiz = row.work.partition(":")[2]
    title = course.quizzes[quiz].title if quiz in course.quizzes else Text({"en": quiz})
    paper = papers.get(row.work_id)
    id = id.partition("/")[0]  # of a scenario as a question every check counts by itself
    place = paper.questions.index(id) + 1 if paper and id in paper.questions else id
    where = message("%(quiz)s, attempt %(number)s, question %(place)s", quiz=title, number=paper.number if paper else "–", place=place)
    source = course.questions.get(id)
    question = source.resolve(paper.seed if paper else 0) if source else None
    stem = question.stem if question else Text({"en": id})
    if question and not stem["en"]:
        stem = getattr(question, "situation", stem)
    return "assess", where, message("%(text)s", text=_short(stem)), f"/attempts/{row.work_id}/result#q-{id}"


def _check_row(course: Course, _: Reader, row: Evidence, id: str, __: Mapping[int, PaperHead]) -> Described:
    scenario_id, _slash, check_id = id.partition("/")
    scenario = course.scenarios.get(scenario_id)
    check = next((check for check in scenario.checks if check.id == check_id), None) if scenario else None
    where = message("%(id)s %(title)s", id=scenario_id, title=scenario.title if scenario else "")
    what = message("%(text)s", text=check.title if check else check_id)
    return "practice", where, what, f"/practise/runs/{row.work_id}/report#check-{check_id}"


def _criterion_row(course: Course, reader: Reader, row: Evidence, id: str, papers: Mapping[int, PaperHead]) -> Described:
    if row.work.startswith("quiz:"):
        return _answer_row(course, reader, row, id, papers)
    case_id = row.work.partition(":")[2]
    case = course.cases.get(case_id)
    criterion = next((criterion for criterion in case.criteria if criterion.id == id), None) if case else None
    level = _level(row)
    where = message("%(id)s %(title)s", id=case_id, title=case.title if case else "")
    what = message("%(criterion)s: level %(level)s, %(word)s", criterion=criterion.title if criterion else id, level=level, word=LEVEL_NAMES[level])
    if reader.is_own:
        address = f"{links.case(case_id)}#criterion-{id}"
    elif reader.who.role is Role.MANAGER:
        address = f"{flask.url_for('cases.released', case_id=case_id, answer_id=row.work_id)}#criterion-{id}"
    else:
        address = f"{flask.url_for('grade.answer', answer_id=row.work_id)}#criterion-{id}"
    return "assess", where, what, address


def _answer_row(course: Course, reader: Reader, row: Evidence, id: str, papers: Mapping[int, PaperHead]) -> Described:
    """A row of the rubric of a quiz question, which a person marked."""
    question_id, _slash, criterion_id = id.partition("/")
    mark, where, _what, address = _question_row(course, reader, row, question_id, papers)
    source = course.questions.get(question_id)
    question = source.resolve(papers[row.work_id].seed if row.work_id in papers else 0) if source else None
    rows = question.criteria if isinstance(question, ByRubric) else ()
    title = next((criterion.title for criterion in rows if criterion.id == criterion_id), criterion_id)
    level = _level(row)
    return mark, where, message("%(criterion)s: level %(level)s, %(word)s", criterion=title, level=level, word=LEVEL_NAMES[level]), address


def _level(row: Evidence) -> int:
    """The level of a rubric that a piece of evidence stands for."""
    return min(range(len(WORTH)), key=lambda level: abs(WORTH[level] - row.score))


def _short(stem: Text, most: int = 90) -> Text:
    """The first paragraph of a stem without marks, cut at a word."""

    def cut(source: str) -> str:
        plain = " ".join(re.sub(r"[*_`#]|\[\[([^\]|]+\|)?|\]\]|\]\([^)]*\)|\[", "", source.strip().split("\n\n")[0]).split())
        return plain if len(plain) <= most else plain[:most].rsplit(" ", 1)[0].rstrip(",;:，；：") + " …"

    return Text({language: cut(text) for language, text in stem.items()})


def _steps(course: Course, wanted: Objective, covered: Coverage, evidence: Sequence[Evidence]) -> Iterator[Step]:
    """What would raise the level: reading, then work that can still give points, each with how many."""
    best: dict[str, float] = {}
    for row in evidence:
        best[row.source] = row.score
    for id in covered.sections:
        head = course.material.section(id, "en").head
        titles = Text({language: course.material.section(id, language).head.title for language in ("en", "zh")})
        yield Step("learn", message("%(id)s %(title)s", id=id, title=titles), links.section(id), message("%(minutes)s min", minutes=head.minutes))
    for id in covered.scenarios:
        scenario = course.scenarios[id]
        was_passed = any(row.shows_ability for row in evidence if row.work == f"scenario:{id}")
        open_points = sum(check.weight * (1 - best.get(f"check:{id}/{check.id}", 0.0)) for check in scenario.checks if check.objective == wanted.code)
        if open_points:
            more = message("%(minutes)s min, up to %(points)s points more", minutes=scenario.minutes, points=f"{open_points:.3g}")
            yield Step("practice", message("%(id)s %(title)s", id=id, title=scenario.title), links.scenario(id), more)
        elif wanted.is_ability and not was_passed:
            more = message("%(minutes)s min; passing it shows the ability", minutes=scenario.minutes)
            yield Step("practice", message("%(id)s %(title)s", id=id, title=scenario.title), links.scenario(id), more)
    yield from _quiz_steps(course, wanted, best)
    for case in course.cases.values():
        rows = [criterion for criterion in case.criteria if criterion.objective == wanted.code and f"criterion:{criterion.id}" not in best]
        if rows:
            more = message("up to %(points)s points more", points=f"{CRITERION_POINTS * len(rows):g}")
            yield Step("assess", message("%(id)s %(title)s", id=case.id, title=case.title), links.case(case.id), more)


def _quiz_steps(course: Course, wanted: Objective, best: Mapping[str, float]) -> Iterator[Step]:
    """Forms of quizzes not taken yet. A question answered once is not asked again."""
    for quiz in course.quizzes.values():
        if quiz.counts == "none":
            continue
        points: float = 0
        for form in quiz.files:
            questions: Any = [source for source in course.forms[form].questions if source.raw.get("objective") == wanted.code]
            if questions and not any(known == f"question:{source.id}" or known.startswith(f"criterion:{source.id}/") for source in questions for known in best):
                points = max(points, sum(float(source.raw.get("points", 1)) for source in questions))
        if points:
            yield Step("assess", message("%(title)s", title=quiz.title), "/quizzes", message("up to %(points)s points more", points=f"{points:g}"))
