"""Rubrics: what a level is worth, questions that a person marks by one, and how long a text is. Case studies and marks given belong to grading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from courseware.assessment.questions import Fault, Id, Model, PartScore, Points, Question, Response, Score
from courseware.i18n import Text

CRITERION_POINTS = 2.0
WORTH = (0.0, 0.4, 0.8, 1.0)  # of a criterion's points, by level
LEVEL_NAMES = (
    Text({"en": "not yet", "zh": "未达到"}),
    Text({"en": "partial", "zh": "部分达到"}),
    Text({"en": "sound", "zh": "达到"}),
    Text({"en": "strong", "zh": "优秀"}),
)
SOUND = 2  # from this level a row counts as shown ability

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


class Criterion(Model):
    """One row of a rubric. Levels are cumulative; between two the lower one is given. Its objective is the question's, unless it has its own."""

    id: Id
    title: Text
    objective: str | None = None
    points: Points = CRITERION_POINTS
    levels: Annotated[tuple[Text, ...], Field(min_length=len(WORTH), max_length=len(WORTH))] | None = None


class ByRubric(Question):
    """A question that a person marks: its points are those of its criteria, each by the level that was given."""

    is_marked_by_hand: ClassVar[bool] = True

    rule: Literal["rubric-four-levels"] = "rubric-four-levels"
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    for_graders: Text | None = None
    model_answer: Text

    def judge(self, given: Response) -> Score:
        """Give nothing: an answer has no points until a person gave it some."""
        return self.unanswered()

    def unanswered(self) -> Score:
        return self.marked({})

    def marked(self, levels: Mapping[str, int]) -> Score:
        """Score an answer by the levels a person gave, by criterion; one without a level gives nothing."""
        parts = [PartScore(row.id, WORTH[levels.get(row.id, 0)], row.points, self.rule) for row in self.criteria]
        return self.scored(sum(part.fraction * part.points for part in parts) / self.points, parts=parts)

    def level_name(self, level: int) -> Text:
        return LEVEL_NAMES[level]

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        ids = self.ids("criteria")
        for index, id in enumerate(ids):
            if id in ids[:index]:
                yield Fault(("criteria", index, "id"), f"the id {id!r} is used twice")
        total = sum(row.points for row in self.criteria)
        if abs(total - self.points) > 1e-9:
            yield Fault(("points",), f"the criteria add up to {total:g} points, the question has {self.points:g}")


def language_of(text: str) -> str:
    """Tell in which language a text is to be counted: Chinese if it has more Chinese characters than words."""
    return "zh" if len(_HAN.findall(text)) > len(text.split()) else "en"


def length(text: str, language: str) -> int:
    """Words of an English text, characters (without spaces and punctuation) of a Chinese one."""
    if language == "zh":
        return sum(letter.isalnum() for letter in text)
    return len(text.split())
