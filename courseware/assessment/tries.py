"""A try at a question, and what every behaviour offers. The rule of each behaviour is in behaviours/, what one answer is worth in kinds/."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator, SerializeAsAny, ValidationError

from courseware.assessment.questions import Model, PartScore, Response, sentence_of
from courseware.i18n import Message, message
from courseware.registry import Registry

BEHAVIOURS: Registry[type[Behaviour]] = Registry("behaviour")
"""Filled by courseware.assessment.behaviours, which scans its folder."""

CERTAINTY_WORDS = {
    1: message("C1: not very certain"),
    2: message("C2: fairly certain"),
    3: message("C3: very certain"),
}
CERTAINTIES = tuple(CERTAINTY_WORDS)
PENALTY = 1 / 3  # of the points, for a try used: Moodle's default

Share = Annotated[float, Field(gt=0, le=1)]


@dataclass(frozen=True)
class Tried:
    """One try: what the kind's own rule gave for it, and how certain the learner was (1 to 3, None if it was not said)."""

    fraction: float
    parts: tuple[PartScore, ...] = ()
    response: Response = None
    certainty: int | None = None


class Behaviour(Model):
    """When an answer may be checked, what is told before, and what the tries at a question are worth together."""

    version: ClassVar[int] = 1
    checks: ClassVar[bool] = False
    """Whether an answer may be checked before the attempt is handed in."""
    label: ClassVar[Message]
    """The behaviour in the list of quizzes, in a few words."""

    kind: str
    certainty: bool = False

    @abstractmethod
    def fraction(self, tries: Sequence[Tried]) -> float:
        """Give what the tries, oldest first and at least one, are worth: a fraction of the question's points, at most 1."""

    @abstractmethod
    def told(self, hints: int) -> Message:
        """Say before answering what a try costs. `hints` is how many hints the question has."""

    def named(self, rule: str) -> str:
        """Give the rule that a score carries: the kind's own, and beside it this behaviour with its version."""
        return f"{rule} + {self.kind}/{self.version}"

    def most_tries(self, hints: int) -> int | None:
        """Give how many answers may be checked; None for as many as one likes."""
        return 1 if self.checks else 0

    def is_closed(self, tries: Sequence[Tried], hints: int) -> bool:
        """Whether the question takes no further answer: it is fully right, or all tries are used."""
        most = self.most_tries(hints)
        return self.checks and bool(tries) and (tries[-1].fraction >= 1 or (most is not None and len(tries) >= most))

    def is_repeat(self, tries: Sequence[Tried], response: Response) -> bool:
        """Whether an answer is no new try: it is the one tried last, as after a second click."""
        return bool(tries) and tries[-1].response == response

    def within_reach(self, tries: Sequence[Tried]) -> float:
        """Give what the question is worth if the next answer is fully right."""
        parts = tuple(replace(part, fraction=1.0) for part in tries[-1].parts) if tries else ()
        return self.fraction([*tries, Tried(1.0, parts, True)])


def read_behaviour(data: Any) -> Behaviour:
    """Read a behaviour: its name, or a mapping with `kind` and its settings. Raises ValueError that says what is wrong."""
    if isinstance(data, Behaviour):
        return data
    written = {"kind": data} if isinstance(data, str) else data
    kind = written.get("kind") if isinstance(written, Mapping) else None
    if not isinstance(kind, str) or kind not in BEHAVIOURS:
        raise ValueError(f"unknown behaviour {data!r}; known: {', '.join(sorted(BEHAVIOURS))}")
    try:
        return BEHAVIOURS[kind].model_validate(dict(written))
    except ValidationError as error:
        raise ValueError("; ".join(sentence_of(detail) for detail in error.errors(include_url=False))) from None


AnyBehaviour = Annotated[SerializeAsAny[Behaviour], PlainValidator(read_behaviour)]
"""A behaviour as a field of a model, written as `interactive` or as `{kind: interactive, tries: 3}`."""


# Where a paper asks how certain one is, the stored answer is {"response": …, "certainty": 1 to 3}; wrapped and unwrapped here alone.


def asks_certainty(written: Any) -> bool:
    """Whether a behaviour, read or as a paper has it, asks for certainty beside the answer."""
    return written.certainty if isinstance(written, Behaviour) else isinstance(written, Mapping) and written.get("certainty") is True


def certainty_field(question_id: str) -> str:
    """Name the form field. No part of a question can be called so: ids begin with a letter or digit."""
    return f"{question_id}.-certainty"


def wrapped(response: Response, certainty: Any) -> Response:
    """Join an answer with its certainty; without an answer there is nothing to be certain of."""
    known = next((level for level in CERTAINTIES if str(certainty) == str(level)), None)
    return None if response is None else {"response": response, "certainty": known}


def parted(written: Any, stored: Response) -> tuple[Response, int | None]:
    """Part a stored answer from its certainty, where the behaviour asks for one."""
    return unwrapped(stored) if asks_certainty(written) else (stored, None)


def unwrapped(stored: Response) -> tuple[Response, int | None]:
    """Part an answer from the certainty it was wrapped with."""
    if not isinstance(stored, Mapping):
        return None, None
    certainty = stored.get("certainty")
    return stored.get("response"), certainty if certainty in CERTAINTIES else None
