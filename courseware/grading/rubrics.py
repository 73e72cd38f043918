"""Case studies and their rubrics as read from files. What a level is worth is the same for essays: assessment says it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from courseware.assessment.rubrics import CRITERION_POINTS, WORTH
from courseware.course.yaml import Document, Strict
from courseware.i18n import Text


class CaseQuestion(Strict):
    id: str
    text: Text


class Criterion(Strict):
    """One row of a rubric. Levels are cumulative; between two the lower one is given."""

    id: str
    title: Text
    objective: str
    levels: Annotated[tuple[Text, ...], Field(min_length=4, max_length=4)]


class CaseStudy(Strict):
    """A case: its narrative is the section of the same id; the answer is scored by all criteria."""

    id: str
    title: Text
    module: str
    objectives: tuple[str, ...]
    facts: tuple[str, ...]
    evidence: Text
    words: dict[str, tuple[int, int]]
    questions: Annotated[tuple[CaseQuestion, ...], Field(min_length=2)]
    choose: int
    teaching_note: Text
    model_answer: Text
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]

    @property
    def points(self) -> float:
        return CRITERION_POINTS * len(self.criteria)


def read_case(document: Document) -> CaseStudy | None:
    """Read a case file; faults go to the document."""
    case = document.read(CaseStudy)
    if case is None:
        return None
    for index, criterion in enumerate(case.criteria):
        if not criterion.id.startswith(f"{case.id}-"):
            document.fault(("criteria", index, "id"), f"criterion {criterion.id!r} should begin with {case.id}-")
    if not 1 <= case.choose <= len(case.questions):
        document.fault(("choose",), f"choose between 1 and {len(case.questions)} questions, got {case.choose}")
    return case


def points(level: int) -> float:
    return CRITERION_POINTS * WORTH[level]
