"""Read the parsed data of a quiz file into a frozen Quiz or Form, telling every fault. Parsing YAML and finding lines is the business of course."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from courseware.assessment.behaviours import AnyBehaviour
from courseware.assessment.blueprint import Line
from courseware.assessment.kinds import KINDS
from courseware.assessment.questions import Id, Model, QuestionSource, sentence_of
from courseware.assessment.review import PRESETS, AnyReview, Thing
from courseware.expressions import Path
from courseware.i18n import Text

FaultAt = Callable[[Path, str], None]
"""Takes the path of a fault inside the data, and a sentence."""


DRAWN = ""
"""The letter of a paper that is drawn from pools and so is none of the forms."""


class Quiz(Model):
    """A quiz: which forms it has, or which pools its papers are drawn from; how often and how it may be taken.

    `minutes` is None without a time limit; `grace` counts the seconds after it in which what was on its way still counts.
    `release` says who lets the marks of an attempt be seen that a person marked: whoever marks, or the last mark itself.
    Where `counts` is none its marks are neither evidence nor in a gradebook: it is for trying out, and stands in no module.
    A `placement` test says in its result which sections may be skipped.
    `wait` lists minutes between a hand-in and the start of the 2nd, 3rd … attempt; the last of them holds for all further ones.
    """

    id: Id
    title: Text
    module: Id | None = None
    attempts: int = Field(ge=1, le=20)
    behaviour: AnyBehaviour
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    grace: int = Field(default=5, ge=0, le=3600)
    fixed_time: bool = False
    forms: dict[Id, Id] = Field(default_factory=dict, min_length=1)
    pools: tuple[Id, ...] = ()
    draw: tuple[Line, ...] = ()
    shuffle: bool = False
    navigation: Literal["free", "sequential"] = "free"
    locks: tuple[Annotated[int, Field(ge=1)], ...] = ()
    honour: Text | None = None
    review: AnyReview = PRESETS["learn"]
    counts: Literal["best", "first", "last", "mean", "none"] = "best"
    wait: tuple[Annotated[int, Field(ge=0, le=527_040)], ...] = ()
    builds_on_last: bool = False
    release: Literal["by-hand", "when-marked"] = "by-hand"
    placement: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if bool(self.forms) == bool(self.pools) or bool(self.pools) != bool(self.draw):
            raise ValueError("a quiz has either `forms`, or `pools` and what to `draw` from them")
        if self.locks and self.navigation == "sequential":
            raise ValueError("`navigation: sequential` locks after every question; `locks` says nothing more")
        if list(self.locks) != sorted(set(self.locks)):
            raise ValueError("`locks` ascend, and each is named once")
        if self.behaviour.checks and Thing.CORRECTNESS not in self.review.during:
            raise ValueError(f"`behaviour: {self.behaviour.kind}` checks answers during the attempt, but `review` shows nothing then: take `review: learn`, or list `during`")
        if self.builds_on_last and len(self.forms) > 1:
            raise ValueError("`builds_on_last` keeps the questions of the first attempt, so further forms would never be used: name one")
        if (self.module is None) != (self.counts == "none"):
            raise ValueError("a quiz belongs to a `module`; one that counts for nothing (`counts: none`) to none")
        if self.placement and self.counts != "none":
            raise ValueError("a placement test counts for nothing: write `counts: none`")
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """The ids of all files its questions come from."""
        return (*self.forms.values(), *self.pools)


@dataclass(frozen=True)
class Form:
    """The questions of one form, or of a pool for exercises and checks, in the order written."""

    id: str
    questions: tuple[QuestionSource, ...]

    def question(self, id: str) -> QuestionSource | None:
        return next((source for source in self.questions if source.id == id), None)


def read_file(data: object, where: str, fault: FaultAt, *, draws: int = 400) -> Quiz | Form | None:
    """Read a file of the quizzes folder: one with `forms` or `pools` is a quiz, one with `questions` a form. None if it is neither, or too broken."""
    if isinstance(data, Mapping) and ("forms" in data or "pools" in data):
        return read_quiz(data, where, fault)
    if isinstance(data, Mapping) and "questions" in data:
        return read_form(data, where, fault, draws=draws)
    fault((), "expected a quiz (with forms or pools) or a form (with questions)")
    return None


def read_quiz(data: object, where: str, fault: FaultAt) -> Quiz | None:
    """Read a quiz; None if it has faults, all of which are told."""
    if not isinstance(data, Mapping):
        fault((), "expected a quiz: id, title, module, attempts, behaviour, forms")
        return None
    try:
        return Quiz.model_validate(dict(data))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            fault(tuple(detail["loc"]), sentence_of(detail))
        return None


def read_form(data: object, where: str, fault: FaultAt, *, draws: int = 400) -> Form | None:
    """Read a form, with as many draws of each template as asked (1 is enough to see that it can be read); broken questions are told and left out."""
    questions = data.get("questions") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(questions, list | tuple) or not isinstance(data.get("id"), str):
        fault((), "expected a form: an id and a list of questions")
        return None
    for key in data:
        if key not in ("id", "questions"):
            fault((key,), f"unknown key {key!r}; a form has id and questions")
    sources = [_source(raw, where, index, fault, draws) for index, raw in enumerate(questions)]
    return Form(data["id"], tuple(_unique([source for source in sources if source], questions, fault)))


def _source(raw: Any, where: str, index: int, fault: FaultAt, draws: int) -> QuestionSource | None:
    if not isinstance(raw, Mapping):
        fault(("questions", index), f"expected a question: a mapping with id and kind ({', '.join(sorted(KINDS))})")
        return None
    source = QuestionSource(raw, where)
    faults = source.faults(draws)
    for found in faults:
        fault(("questions", index, *found.path), f"question {source.id!r}: {found.sentence}")
    return None if faults else source


def _unique(sources: list[QuestionSource], questions: Any, fault: FaultAt) -> list[QuestionSource]:
    kept: dict[str, QuestionSource] = {}
    for source in sources:
        if source.id in kept:
            index = next(place for place, raw in enumerate(questions) if raw is source.raw)
            fault(("questions", index, "id"), f"question {source.id!r} stands twice in this form")
        kept.setdefault(source.id, source)
    return list(kept.values())
