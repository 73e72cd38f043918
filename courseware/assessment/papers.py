"""The paper: what an attempt froze at its start, so that editing a file never changes a past attempt."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from courseware.assessment import blueprint
from courseware.assessment.behaviours import read_behaviour
from courseware.assessment.practice import Firm
from courseware.assessment.questions import Question, QuestionSource
from courseware.assessment.reader import Quiz
from courseware.assessment.review import PRESETS, Review
from courseware.assessment.tries import Behaviour

GRACE = timedelta(seconds=5)  # of papers that do not say it


@dataclass(frozen=True)
class PaperQuestion:
    """One question of a paper: its points, the order its options were put in, and what was taken for it from the practice CRM."""

    id: str
    points: float
    order: Mapping[str, list[str]]
    taken: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Paper:
    """The frozen form: the content revision it comes from, the seed of its variants, its questions in order, and the rules of sitting it.

    `locks` are places after which there is no way back; within `grace` after the end what was on its way still counts; `networks` are those it has to be sat in (none: anywhere).
    """

    quiz: str
    form: str
    revision: int
    behaviour: Behaviour
    seed: int
    questions: tuple[PaperQuestion, ...]
    locks: tuple[int, ...] = ()
    grace: timedelta = GRACE
    networks: tuple[str, ...] = ()
    review: Review = PRESETS["learn"]
    counts: bool = True
    """Whether its marks are evidence; not where a quiz is for trying out."""

    @property
    def is_one_way(self) -> bool:
        """Whether every question closes when it is left."""
        return len(self.questions) > 1 and len(self.locks) == len(self.questions) - 1

    def open_places(self, passed: int) -> range:
        """The places that are open, counted from 1, to who passed the lock after the place `passed` (0: none yet)."""
        return range(passed + 1, next((lock for lock in self.locks if lock > passed), len(self.questions)) + 1)

    @property
    def points(self) -> float:
        return sum(question.points for question in self.questions)

    def place(self, question_id: str) -> int | None:
        """The position of a question, from 0; None if it is not on this paper."""
        return next((place for place, question in enumerate(self.questions) if question.id == question_id), None)

    def question(self, id: str, sources: Mapping[str, QuestionSource]) -> Question:
        """Give one of its questions as it shows it."""
        return sources[id].resolve(self.seed, next(question.taken for question in self.questions if question.id == id))

    def as_json(self) -> dict[str, Any]:
        questions = [{"id": q.id, "points": q.points, "order": dict(q.order), **({"taken": dict(q.taken)} if q.taken else {})} for q in self.questions]
        sitting = {"locks": list(self.locks), "grace": int(self.grace.total_seconds()), "networks": list(self.networks), "review": self.review.model_dump(mode="json")}
        sitting |= {} if self.counts else {"counts": False}
        return {"quiz": self.quiz, "form": self.form, "revision": self.revision, "behaviour": self.behaviour.model_dump(mode="json"), "seed": self.seed, "questions": questions, **sitting}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Paper:
        questions = tuple(PaperQuestion(q["id"], q["points"], q["order"], q.get("taken", {})) for q in data["questions"])
        locks, networks = tuple(data.get("locks", ())), tuple(data.get("networks", ()))
        review = Review.model_validate(data["review"]) if "review" in data else PRESETS["learn"]
        return cls(data["quiz"], data["form"], data["revision"], read_behaviour(data["behaviour"]), data["seed"], questions, locks, grace_of(data), networks, review, data.get("counts", True))


def grace_of(paper: Mapping[str, Any]) -> timedelta:
    """How long after its end a stored paper still takes what was on its way."""
    return timedelta(seconds=paper["grace"]) if "grace" in paper else GRACE


def span_of(paper: Mapping[str, Any], place: int) -> tuple[int, int]:
    """Between which values of `passed`, both included, a place of a stored paper is open; places count from 1."""
    return max((lock for lock in paper.get("locks", ()) if lock < place), default=0), place - 1


def draw_paper(quiz: Quiz, form: str, sources: Sequence[QuestionSource], *, revision: int, rng: random.Random, networks: Sequence[str] = (), firm: Firm | None = None) -> Paper:
    """Freeze a form, or a draw from pools, for one attempt: draw the seed, then the questions, then the order of everything that may be shuffled.

    What questions take from the practice CRM they take from the `firm`. Raises TakeFailed.
    """
    seed = rng.getrandbits(48)
    chosen = blueprint.draw(quiz.draw, sources, rng) if quiz.draw else list(sources)
    if quiz.shuffle:
        rng.shuffle(chosen)

    def freeze(source: QuestionSource) -> PaperQuestion:
        taken = source.taken(seed, firm) if firm else {}
        question: Question = source.resolve(seed, taken)
        return PaperQuestion(question.id, question.points, question.shuffle(rng), taken)

    locks = tuple(range(1, len(chosen))) if quiz.navigation == "sequential" else quiz.locks
    questions = tuple(freeze(source) for source in chosen)
    return Paper(quiz.id, form, revision, quiz.behaviour, seed, questions, locks, timedelta(seconds=quiz.grace), tuple(networks), quiz.review, quiz.counts != "none")
