"""Which facts of the source texts the course teaches, held against the plan in content/facts.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from courseware.course.model import Material


@dataclass(frozen=True)
class FactCoverage:
    """The facts of one source text. Each field maps a fact to ids of sections and cases."""

    taught: Mapping[str, tuple[str, ...]]  # that name it
    missing: Mapping[str, tuple[str, ...]]  # that are to teach it, stand in the course, and do not name it
    planned: Mapping[str, tuple[str, ...]]  # that are to teach it and do not stand in the course yet


def fact_coverage(material: Material) -> dict[str, FactCoverage]:
    """Give the coverage of every source text. A section stands in the course when a module of the course lists it."""
    listed = {id for module in material.modules.values() for id in module.sections}
    named = {
        id: section.head.facts
        for (id, language), section in material.sections.items()
        if language == "en" and (id in listed or section.file.startswith("case_studies/"))
    }  # fmt: skip
    found: dict[str, FactCoverage] = {}
    for text in sorted({fact.text for fact in material.facts.values()}):
        facts = [fact for fact in material.facts.values() if fact.text == text]
        taught = {fact.code: tuple(id for id in named if fact.code in named[id]) for fact in facts}
        missing = {fact.code: tuple(id for id in fact.sections if id in named and fact.code not in named[id]) for fact in facts}
        planned = {fact.code: tuple(id for id in fact.sections if id not in named) for fact in facts}
        found[text] = FactCoverage(*({code: ids for code, ids in way.items() if ids} for way in (taught, missing, planned)))
    return found
