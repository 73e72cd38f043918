"""The paper: what an attempt froze at its start, so that editing a file never changes a past attempt."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courseware.assessment.questions import Question, QuestionSource


@dataclass(frozen=True)
class PaperQuestion:
    """One question of a paper: its points, and the order its options were put in."""

    id: str
    points: float
    order: Mapping[str, list[str]]


@dataclass(frozen=True)
class Paper:
    """The frozen form: the content revision it comes from, the seed of its variants, and its questions in order."""

    quiz: str
    form: str
    revision: int
    behaviour: str
    seed: int
    questions: tuple[PaperQuestion, ...]

    @property
    def points(self) -> float:
        return sum(question.points for question in self.questions)

    def place(self, question_id: str) -> int | None:
        """The position of a question, from 0; None if it is not on this paper."""
        return next((place for place, question in enumerate(self.questions) if question.id == question_id), None)

    def as_json(self) -> dict[str, Any]:
        questions = [{"id": q.id, "points": q.points, "order": dict(q.order)} for q in self.questions]
        return {"quiz": self.quiz, "form": self.form, "revision": self.revision, "behaviour": self.behaviour, "seed": self.seed, "questions": questions}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Paper:
        questions = tuple(PaperQuestion(q["id"], q["points"], q["order"]) for q in data["questions"])
        return cls(data["quiz"], data["form"], data["revision"], data["behaviour"], data["seed"], questions)


def draw_paper(quiz: str, form: str, sources: Sequence[QuestionSource], *, revision: int, behaviour: str, rng: random.Random) -> Paper:
    """Freeze a form for one attempt: draw the seed, then the order of everything that may be shuffled."""
    seed = rng.getrandbits(48)

    def freeze(source: QuestionSource) -> PaperQuestion:
        question: Question = source.resolve(seed)
        return PaperQuestion(question.id, question.points, question.shuffle(rng))

    return Paper(quiz, form, revision, behaviour, seed, tuple(freeze(source) for source in sources))
