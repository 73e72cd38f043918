"""What a course consists of, as frozen values: objectives, terms, sources, modules, sections and their blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from courseware.course.calculators import Calculator
from courseware.course.kpis import Kpi
from courseware.course.roles import Role
from courseware.course.yaml import Strict
from courseware.i18n import Text


class CourseHead(Strict):
    id: str
    title: Text
    modules: tuple[str, ...]
    licence: Text


class Objective(Strict):
    """A stated aim. Codes begin with K (knowledge) or A (ability). `practice` is the plan: scenarios, exercises and criteria that are to practise it."""

    code: str
    text: Text
    parent: str
    module: str
    practice: tuple[str, ...] = ()
    planned: bool = False

    @property
    def is_ability(self) -> bool:
        return self.code.startswith("A")


class Term(Strict):
    """A word of the glossary. Sections name it by any of its names; its full English form is its id."""

    term: Text
    gloss: Text
    module: str

    def names(self, language: str) -> tuple[str, ...]:
        """Give the names that a text may use: of `a long name (ALN)` the whole, `a long name` and `ALN`; of `one / other` the whole and each."""
        whole = self.term.to(language)
        short = re.fullmatch(r"(.+) \((.+)\)", whole)
        return (whole, *(short.groups() if short else whole.split(" / ")))

    @property
    def slug(self) -> str:
        return "".join(letter if letter.isalnum() else "-" for letter in self.term["en"].lower()).strip("-")


class Fact(Strict):
    """A fact of a source text, by its code, and the sections that are to teach it."""

    code: str
    sections: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.code.partition("-")[0]


class Source(Strict):
    id: str
    title: str
    where: str
    note: Text


class ModuleFile(Strict):
    id: str
    number: int
    title: Text
    summary: Text
    hours: float
    sections: tuple[str, ...]
    scenarios: tuple[str, ...] = ()
    quizzes: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()


class SectionHead(Strict):
    id: str
    title: str
    lede: str
    objectives: tuple[str, ...]
    facts: tuple[str, ...]
    minutes: int = 0


@dataclass(frozen=True)
class Block:
    """One piece of a section, rendered. `questions` are ids that a room above fills in; `line` is for faults."""

    id: str
    kind: str
    html: str
    line: int
    level: int = 0
    title: str = ""
    questions: tuple[str, ...] = ()
    calculator: str = ""


@dataclass(frozen=True)
class Section:
    """A section in one language."""

    id: str
    language: str
    file: str
    head: SectionHead
    blocks: tuple[Block, ...]

    @property
    def headings(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind == "heading" and block.level == 2)


@dataclass(frozen=True)
class Material:
    """All that this room reads: the course without questions, scenarios and rubrics."""

    head: CourseHead
    objectives: Mapping[str, Objective]
    terms: Mapping[str, Term]
    facts: Mapping[str, Fact]
    sources: Mapping[str, Source]
    modules: Mapping[str, ModuleFile]
    sections: Mapping[tuple[str, str], Section]
    kpis: Mapping[str, Kpi] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    calculators: Mapping[str, Calculator] = field(default_factory=dict)
    """What a section may place in its text: those of the KPI cards and those made for the text alone."""

    def section(self, id: str, language: str) -> Section:
        """Give a section in a language, or in English where there is no translation."""
        return self.sections.get((id, language)) or self.sections[id, "en"]
