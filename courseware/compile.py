"""Join the readers of all rooms into one validated, immutable Course. A folder with faults gives no course at all."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from courseware.assessment import blueprint
from courseware.assessment.kinds import KINDS
from courseware.assessment.papers import Paper
from courseware.assessment.pictures import with_pictures
from courseware.assessment.practice import Firm
from courseware.assessment.questions import Question, QuestionSource
from courseware.assessment.reader import DRAWN, Form, Quiz, read_file
from courseware.course.faults import ContentRefused, Faults, Place
from courseware.course.model import Material, ModuleFile, Objective
from courseware.course.reader import Tree, document, read_material
from courseware.grading.rubrics import CaseStudy, read_case
from courseware.i18n import Text
from courseware.sandbox.base import base_identity, build_base
from courseware.sandbox.console.scoring import run_to_score
from courseware.sandbox.scenarios import Scenario, read_scenario
from courseware.sandbox.state import Base
from courseware.sandbox.tables import Tables, read_tables

SANDBOX = "content/sandbox/"
ELSEWHERE = Path(tempfile.gettempdir()) / "courseware-bases"
"""Where practice firms are built that no school has asked for: an author's checks."""
MOST_SEEDS = 25  # for which a question about the practice CRM is asked over its data


@dataclass(frozen=True)
class Course:
    """Everything a school teaches, in one revision. Nothing in it changes; a new revision is a new Course."""

    revision: int
    material: Material
    quizzes: Mapping[str, Quiz]  # as the modules name them; those of no module last
    forms: Mapping[str, Form]
    cases: Mapping[str, CaseStudy]
    scenarios: Mapping[str, Scenario]
    tables: Tables
    sandbox_files: Mapping[str, bytes]
    bases: Path

    @property
    def title(self) -> Text:
        return self.material.head.title

    @property
    def objectives(self) -> Mapping[str, Objective]:
        return self.material.objectives

    @property
    def modules(self) -> Mapping[str, ModuleFile]:
        return self.material.modules

    @cached_property
    def questions(self) -> Mapping[str, QuestionSource]:
        return {question.id: question for form in self.forms.values() for question in form.questions}

    @cached_property
    def base(self) -> Base:
        """The practice firm of this revision, built into the folder of bases when first asked for."""
        mark = _digest(self.sandbox_files)
        path = self.bases / f"{mark}.sqlite"
        if not path.exists():
            self.bases.mkdir(parents=True, exist_ok=True)
            build_base(self.sandbox_files, path)
        return Base(path, _identity(path), self.tables)

    @cached_property
    def works(self) -> tuple[str, ...]:
        """Every piece of work in the order of the modules: `quiz:m1`, `scenario:SC31`, `case:CS2`; what belongs to no module yet comes last."""
        listed = [work for module in self.modules.values() for work in self.works_of(module)]
        rest = (*(f"scenario:{id}" for id in self.scenarios), *(f"case:{id}" for id in self.cases))
        return tuple(dict.fromkeys((*listed, *rest)))

    def works_of(self, module: ModuleFile) -> tuple[str, ...]:
        """The work of one module: its quizzes, scenarios, cases."""
        return (*(f"quiz:{id}" for id in module.quizzes), *(f"scenario:{id}" for id in module.scenarios), *(f"case:{id}" for id in module.cases))

    @cached_property
    def counts(self) -> Mapping[str, str]:
        """Which attempt at each quiz counts, by work."""
        return {f"quiz:{quiz.id}": quiz.counts for quiz in self.quizzes.values()}

    def work_title(self, work: str) -> Text:
        kind, _, id = work.partition(":")
        titled: Mapping[str, Mapping[str, Quiz | Scenario | CaseStudy]] = {"quiz": self.quizzes, "scenario": self.scenarios, "case": self.cases}
        return titled[kind][id].title

    def sources_of(self, quiz: Quiz) -> dict[str, tuple[QuestionSource, ...]]:
        """The questions of each form of a quiz, by the form's letter; of one that draws its papers, all questions of its pools."""
        if quiz.draw:
            return {DRAWN: tuple(question for pool in quiz.pools for question in self.forms[pool].questions)}
        return {letter: self.forms[form].questions for letter, form in quiz.forms.items()}

    def paper_size(self, quiz: Quiz, letter: str) -> tuple[int, float]:
        """How many questions a paper of this letter has, and how many points."""
        sources = self.sources_of(quiz)[letter]
        return blueprint.size(quiz.draw, sources) if quiz.draw else (len(sources), sum(blueprint.number_of(source, "points") for source in sources))

    def firm(self, language: str = "en") -> Firm:
        """The practice CRM that papers are drawn over and answers are looked up in; `language` is that of what is planted."""
        return Firm(self.base, self.scenarios, run_to_score, language)

    def asked(self, paper: Paper) -> dict[str, Question]:
        """The questions of a paper as it shows them, by id."""
        return {one.id: self.questions[one.id].resolve(paper.seed, one.taken) for one in paper.questions}


_identity = lru_cache(maxsize=8)(base_identity)  # a firm's file is named by its content and never changes


def build(tree: Tree, *, revision: int, bases: Path) -> Course:
    """Compile a tree of files. Raises ContentRefused with every fault."""
    course, faults = inspect(tree, revision=revision, bases=bases, draws=0)
    if course is None or faults:
        raise ContentRefused(faults)
    return course


def inspect(tree: Tree, *, revision: int = 0, bases: Path = ELSEWHERE, draws: int = 400) -> tuple[Course | None, Faults]:
    """Read everything and cross-check it. `draws` is how many variants of each template are tried (0: one)."""
    faults = Faults()
    material = read_material(tree, faults)
    quizzes: dict[str, Quiz] = {}
    forms: dict[str, Form] = {}
    for path in sorted(path for path in tree if path.startswith("quizzes/") and path.endswith(".yaml")):
        _read_quiz_file(tree, path, quizzes, forms, faults, draws)
    cases = dict(_cases(tree, faults))
    tables_file = document(tree, f"{SANDBOX}tables.yaml", faults)
    tables = read_tables(tables_file.data, tables_file.fault) if tables_file else None
    if material is None or tables is None:
        return None, faults
    scenarios = {id: scenario for id in _scenario_ids(tree) if (scenario := _scenario(tree, id, tables, material, faults))}
    sandbox_files = {path.removeprefix(SANDBOX): content for path, content in tree.items() if path.startswith(SANDBOX)}
    taught = {id: quizzes[id] for module in material.modules.values() for id in module.quizzes if id in quizzes}
    course = Course(revision, material, taught | quizzes, forms, cases, scenarios, tables, sandbox_files, bases)
    for file, place, sentence in _cross_faults(course):
        faults.put(file, place, sentence)
    if draws > 1 and not faults:
        for file, place, sentence in _data_faults(course, min(draws, MOST_SEEDS)):
            faults.put(file, place, sentence)
    return course, faults


def _read_quiz_file(tree: Tree, path: str, quizzes: dict[str, Quiz], forms: dict[str, Form], faults: Faults, draws: int) -> None:
    file = document(tree, path, faults)
    if file is None:
        return
    read = read_file(with_pictures(file.data, tree, file.fault), path, file.fault, draws=draws or 1)
    if read is not None and read.id in (quizzes if isinstance(read, Quiz) else forms):
        file.fault(("id",), f"the id {read.id!r} is taken by another file")
    elif isinstance(read, Quiz):
        quizzes[read.id] = read
    elif isinstance(read, Form):
        forms[read.id] = read


def _cases(tree: Tree, faults: Faults) -> Iterator[tuple[str, CaseStudy]]:
    for path in sorted(tree):
        if not re.fullmatch(r"case_studies/[a-z0-9]+/case\.yaml", path):
            continue
        file = document(tree, path, faults)
        case = read_case(file) if file else None
        if case:
            yield case.id, case


def _scenario_ids(tree: Tree) -> list[str]:
    return sorted({path.split("/")[2] for path in tree if re.fullmatch(r"content/scenarios/[A-Z0-9]+/scenario\.yaml", path)})


def _scenario(tree: Tree, id: str, tables: Tables, material: Material, faults: Faults) -> Scenario | None:
    folder = f"content/scenarios/{id}/"
    found = {path.removeprefix(folder): document(tree, path, faults) for path in sorted(tree) if path.startswith(folder) and path.endswith(".yaml")}
    files = {name: file for name, file in found.items() if file}
    if "scenario.yaml" not in files:  # not readable as YAML, which has been told
        return None
    return read_scenario({name: file.data for name, file in files.items()}, {name: file.fault for name, file in files.items()}, tables, list(material.objectives))



# Cross-checks: what no single file can know


def _cross_faults(course: Course) -> Iterator[tuple[str, Place, str]]:
    """Faults between files, as (file, place inside it, sentence)."""
    yield from _module_faults(course)
    yield from _quiz_faults(course)
    yield from _question_faults(course)
    yield from _block_faults(course)
    yield from _case_faults(course)
    yield from _fact_faults(course)
    yield from _card_faults(course)
    yield from _coverage_faults(course)


def _module_faults(course: Course) -> Iterator[tuple[str, Place, str]]:
    known: Mapping[str, Iterable[str]] = {
        "sections": {id for id, _ in course.material.sections}, "scenarios": course.scenarios, "quizzes": course.quizzes, "cases": course.cases,
    }  # fmt: skip
    for module in course.modules.values():
        for field, ids in known.items():
            for id in getattr(module, field):
                if id not in ids:
                    yield f"content/modules/{module.id.lower()}/module.yaml", (field,), f"{field}: there is no {id!r}"
                elif field == "quizzes" and course.quizzes[id].counts == "none":
                    yield f"content/modules/{module.id.lower()}/module.yaml", (field,), f"{field}: {id!r} counts for nothing (`counts: none`) and so belongs to no module"


def _quiz_faults(course: Course) -> Iterator[tuple[str, Place, str]]:
    for quiz in course.quizzes.values():
        file = f"quizzes/{quiz.id}.yaml"
        missing = [id for id in quiz.files if id not in course.forms]
        for letter, form in quiz.forms.items():
            if form in missing:
                yield file, ("forms", letter), f"form {letter}: there is no file with the id {form!r}"
        for index, pool in enumerate(quiz.pools):
            if pool in missing:
                yield file, ("pools", index), f"there is no file with the id {pool!r}"
        if not missing:
            yield from ((file, place, sentence) for place, sentence in _paper_faults(course, quiz))


def _paper_faults(course: Course, quiz: Quiz) -> Iterator[tuple[Place, str]]:
    """What keeps the papers of a quiz from being drawn as it says."""
    for index, line in enumerate(quiz.draw):
        if line.objective not in course.objectives:
            yield ("draw", index, "objective"), f"there is no objective {line.objective!r}"
    sources = course.sources_of(quiz)
    if quiz.draw:
        for line_no, sentence in blueprint.faults(quiz.draw, sources[DRAWN]):
            yield ("draw",) if line_no is None else ("draw", line_no), sentence
    shortest = min(course.paper_size(quiz, letter)[0] for letter in sources)
    for index, lock in enumerate(quiz.locks):
        if lock >= shortest:
            yield ("locks", index), f"a lock after question {lock} locks nothing: a paper has {shortest} questions"


def _question_faults(course: Course) -> Iterator[tuple[str, Place, str]]:
    sections = {id for id, _ in course.material.sections}
    seen: dict[str, str] = {}
    for form in course.forms.values():
        for index, question in enumerate(form.questions):
            where = (question.file, ("questions", index))
            if question.id in seen:
                yield *where, f"question {question.id!r} stands also in {seen[question.id]}"
            seen[question.id] = question.file
            if question.raw.get("objective") not in course.objectives:
                yield *where, f"question {question.id!r}: there is no objective {question.raw.get('objective')!r}"
            if question.raw.get("section") not in sections:
                yield *where, f"question {question.id!r}: there is no section {question.raw.get('section')!r}"
            if question.practice and question.practice.scenario not in ("", *course.scenarios):
                yield *where, f"question {question.id!r}: there is no scenario {question.practice.scenario!r}"
            for row in question.raw.get("criteria", ()):
                if row.get("objective") is not None and row["objective"] not in course.objectives:
                    yield *where, f"question {question.id!r}, criterion {row['id']!r}: there is no objective {row['objective']!r}"


def _data_faults(course: Course, seeds: int) -> Iterator[tuple[str, Place, str]]:
    """Ask the questions about the practice CRM over its data, as papers with so many seeds would. That takes a built base, so it comes last."""
    for form in course.forms.values():
        for index, question in enumerate(form.questions):
            if question.practice is not None:
                for fault in question.data_faults(course.firm(), seeds):
                    yield question.file, ("questions", index, *fault.path), f"question {question.id!r}: {fault.sentence}"


def _block_faults(course: Course) -> Iterator[tuple[str, Place, str]]:
    for section in course.material.sections.values():
        for objective in section.head.objectives:
            if objective not in course.objectives:
                yield section.file, ("objectives",), f"there is no objective {objective!r}"
        for block in section.blocks:
            if block.calculator and block.calculator not in course.material.calculators:
                yield section.file, block.line, f"block {block.id!r} uses {block.calculator!r}: there is no such KPI card and no content/calculators/{block.calculator}.yaml"
            for question in block.questions:
                if question not in course.questions:
                    yield section.file, block.line, f"block {block.id!r} names the question {question!r}, which does not exist"
                elif course.questions[question].practice:
                    yield section.file, block.line, f"block {block.id!r} names the question {question!r}, which is about the practice CRM and can be asked in a quiz alone"
                elif KINDS[course.questions[question].raw["kind"]].is_marked_by_hand:
                    yield section.file, block.line, f"block {block.id!r} names the question {question!r}, which a person marks; in a text there is nobody to do so: put it into a quiz"


def _case_faults(course: Course) -> Iterator[tuple[str, Place, str]]:
    for case in course.cases.values():
        path = f"case_studies/{case.id.lower()}/case.yaml"
        if (case.id, "en") not in course.material.sections:
            yield path, ("id",), f"the narrative {case.id.lower()}.en.md is missing"
        for index, objective in enumerate(case.objectives):
            if objective not in course.objectives:
                yield path, ("objectives", index), f"there is no objective {objective!r}"
        for index, criterion in enumerate(case.criteria):
            if criterion.objective not in course.objectives:
                yield path, ("criteria", index, "objective"), f"there is no objective {criterion.objective!r}"


def _fact_faults(course: Course) -> Iterator[tuple[str, Place, str]]:
    named = [
        *((section.file, section.head.facts) for section in course.material.sections.values()),
        *((f"case_studies/{case.id.lower()}/case.yaml", case.facts) for case in course.cases.values()),
        *((f"content/scenarios/{scenario.id}/scenario.yaml", scenario.facts) for scenario in course.scenarios.values()),
    ]
    for file, facts in named:
        for index, fact in enumerate(facts):
            if fact not in course.material.facts:
                yield file, ("facts", index), f"there is no fact {fact!r} in content/facts.yaml"


def _card_faults(course: Course) -> Iterator[tuple[str, Place, str]]:
    """What role and KPI cards name and nothing else knows. Scenarios still to be written may be named: pages show those that exist."""
    material = course.material
    for role in material.roles.values():
        file = f"content/roles/{role.id}.yaml"
        for index, asked in enumerate(role.requirements):
            for code in asked.objectives:
                if code not in course.objectives:
                    yield file, ("requirements", index), f"there is no objective {code!r}"
        for index, one in enumerate(role.assessed_by):
            if one.kpi is not None and one.kpi not in material.kpis:
                yield file, ("assessed_by", index), f"there is no KPI card {one.kpi!r}"
        for id in role.leads_to:
            if id not in material.roles:
                yield file, ("leads_to",), f"there is no role {id!r}"
        for id in role.sources:
            if id not in material.sources:
                yield file, ("sources",), f"there is no source {id!r}"
    for kpi in material.kpis.values():
        for id in kpi.target.sources:
            if id not in material.sources:
                yield f"content/kpis/{kpi.id}.yaml", ("target", "sources"), f"there is no source {id!r}"
        for field in kpi.fields:
            table, _, column = field.partition(".")
            if table not in course.tables or column not in {known.name for known in course.tables[table].columns}:
                yield f"content/kpis/{kpi.id}.yaml", ("fields",), f"the practice CRM has no field {field!r}"


@dataclass(frozen=True)
class Coverage:
    """What teaches, practises and assesses one objective. Questions are counted by the letter of their form."""

    sections: tuple[str, ...]
    questions: Mapping[str, int]
    scenarios: tuple[str, ...]
    exercises: tuple[str, ...]
    criteria: tuple[str, ...]

    @property
    def lacks(self) -> tuple[str, ...]:
        lacking = [] if self.sections else ["taught"]
        lacking += [] if self.scenarios or self.exercises or self.criteria else ["practised"]
        return (*lacking, *(() if self.questions else ("assessed",)))


def coverage(course: Course) -> dict[str, Coverage]:
    """The coverage of every objective by the material that exists."""
    sections = [(id, section) for (id, language), section in course.material.sections.items() if language == "en" and id not in course.cases]
    exercises = {question: block.id for _, section in sections for block in section.blocks if block.kind == "exercise" for question in block.questions}
    counting = [quiz for quiz in course.quizzes.values() if quiz.counts != "none"]
    forms = {form: letter for quiz in counting for letter, form in quiz.forms.items()}
    pools = {pool: quiz.draw for quiz in counting for pool in quiz.pools}
    counts: dict[str, dict[str, int]] = {}
    practised: dict[str, list[str]] = {}
    for form in course.forms.values():
        for question in form.questions:
            code = str(question.raw.get("objective"))
            letter = forms.get(form.id) or ("pool" if any(line.fits(question) for line in pools.get(form.id, ())) else None)
            if letter:
                of = counts.setdefault(code, {})
                of[letter] = of.get(letter, 0) + 1
            if question.id in exercises:
                practised.setdefault(code, []).append(exercises[question.id].upper())
    return {
        code: Coverage(
            sections=tuple(id for id, section in sections if code in section.head.objectives),
            questions=counts.get(code, {}),
            scenarios=tuple(scenario.id for scenario in course.scenarios.values() if code in {check.objective for check in scenario.checks}),
            exercises=tuple(sorted(set(practised.get(code, ())))),
            criteria=tuple(criterion.id for case in course.cases.values() for criterion in case.criteria if criterion.objective == code),
        )
        for code in course.objectives
    }


def _coverage_faults(course: Course) -> Iterator[tuple[str, Place, str]]:
    for index, (code, covered) in enumerate(coverage(course).items()):
        objective = course.objectives[code]
        if objective.planned:
            continue
        if covered.lacks:
            yield "content/objectives.yaml", (index,), f"{code} is not {', not '.join(covered.lacks)}; mark it planned or cover it"
        elif objective.is_ability and not (covered.scenarios or covered.criteria):
            yield "content/objectives.yaml", (index,), f"{code} is an ability: a scenario check or a rubric criterion has to assess it"


def _digest(files: Mapping[str, bytes]) -> str:
    marks = "\n".join(f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sorted(files.items()))
    return hashlib.sha256(marks.encode()).hexdigest()[:24]
