"""The shape of a scenario's files: what may stand in them, and nothing about what follows from it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from courseware.course.yaml import Strict
from courseware.i18n import Text
from courseware.sandbox.actions import VERBS
from courseware.sandbox.diff import DiffRule
from courseware.sandbox.expectations import Expectation
from courseware.sandbox.findings import Repeat, Selection
from courseware.sandbox.play import LOOKS, Event, Step


class Question(Strict):
    """A typed answer that the scenario asks for."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    type: Literal["number", "choice", "choices", "text"]
    text: Text
    unit: Text | None = None
    choices: dict[str, Text] = {}

    @model_validator(mode="after")
    def _choices_where_needed(self) -> Question:
        if bool(self.choices) != (self.type in ("choice", "choices")):
            raise ValueError("`choices` belong to the types choice and choices, and to no other")
        return self


class StepFile(Strict):
    """One line of a script."""

    do: str
    on: Any = None
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    as_: str | None = Field(default=None, alias="as")
    id: str | None = None
    by: Any = None
    repeat: Repeat | None = None
    spare: bool = False

    @model_validator(mode="after")
    def _known(self) -> StepFile:
        if self.do not in VERBS and self.do not in (*LOOKS, "undo"):
            raise ValueError(f"unknown verb {self.do!r}; known: {', '.join(sorted(VERBS))}, undo")
        if self.do in VERBS:
            verb = VERBS[self.do]
            known = {argument.name for argument in verb.arguments}
            unknown = set(self.with_) - known
            if unknown:
                raise ValueError(f"{self.do} does not know {sorted(unknown)[0]!r}; it takes: {', '.join(sorted(known)) or 'nothing'}")
            if (verb.on is None) != (self.on is None):
                raise ValueError(f"{self.do} needs `on`: a record of {verb.on}" if verb.on else f"{self.do} acts on no record; leave `on` out")
        return self

    def step(self) -> Step:
        return Step(self.do, self.on, self.with_, self.as_, self.id, self.by, self.repeat.raw() if self.repeat else None, self.spare)


class EventFile(Strict):
    id: str
    for_: Selection | None = Field(default=None, alias="for")
    when: list[Expectation] = []
    after: int = Field(default=0, ge=0)
    by: Any = None
    do: list[StepFile] = Field(min_length=1)
    says: Text | None = None

    def event(self) -> Event:
        when = [{"rows": expectation.rows, "has": expectation.has} for expectation in self.when]
        return Event(self.id, tuple(step.step() for step in self.do), self.after, self.for_, when, self.by, self.says)


class Changed(Strict):
    """How a near-miss differs from the reference: step ids left out, replaced, surrounded, exchanged."""

    without: list[str] = []
    replace: dict[str, list[StepFile]] = {}
    before: dict[str, list[StepFile]] = {}
    after: dict[str, list[StepFile]] = {}
    swap: list[str] = Field(default=[], max_length=2)


class NearMissFile(Strict):
    id: str
    title: Text
    tempting: bool = False
    change: Changed | None = None
    script: list[StepFile] | None = None
    fails: list[str] = Field(min_length=1)
    says: Text

    @model_validator(mode="after")
    def _one_way(self) -> NearMissFile:
        if (self.change is None) == (self.script is None):
            raise ValueError("a near-miss has either `change` (of the reference) or a whole `script`")
        return self


class ScenarioFile(Strict):
    id: str = Field(pattern=r"^SC\d\d$")
    title: Text
    module: str
    role: Text
    difficulty: int = Field(ge=1, le=4)
    minutes: int = Field(gt=0)
    start: str = Field(default="2026-03-16 09:30", pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d$")
    objectives: list[str] = Field(min_length=1)
    facts: list[str] = []
    situation: Text
    tasks: list[Text] = Field(min_length=1)
    rules: list[Text] = []
    open: list[str] = []
    verbs: list[str] = []
    questions: list[Question] = []
    find: dict[str, Selection] = {}
    checks: list[dict[str, Any]] = Field(min_length=1)
    diff: list[DiffRule] = []
    events: list[EventFile] = []
    then: list[StepFile] = []
