"""A mini-case: one situation and several linked questions. Long case studies with rubrics belong to grading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PlainValidator, SerializeAsAny, model_validator

from courseware.assessment.questions import (
    KINDS,
    Fault,
    Fields,
    Order,
    PartScore,
    Question,
    Remark,
    Response,
    Score,
    example_of,
    parse_question,
)
from courseware.i18n import Text

INHERITED = ("objective", "section", "level", "difficulty")
_STAND_IN = {"objective": "-", "section": "-", "level": "apply", "difficulty": 0.5}


def _part(data: Any) -> Question:
    if isinstance(data, Question):
        return data
    if not isinstance(data, Mapping) or data.get("kind") == "case":
        raise ValueError("a part is a question of any kind but case")
    if (kind := KINDS.get(str(data.get("kind")))) and (kind.has_run or kind.queries(data)):
        raise ValueError(f"a part cannot be of kind {data['kind']}: what a paper pins of the practice CRM belongs to a question of its own")
    part = parse_question(data)
    if part.is_marked_by_hand:
        raise ValueError(f"a part is scored by machine; {part.kind} is marked by a person and stands as a question of its own")
    if not part.gives_evidence:
        raise ValueError(f"a part is scored for what it shows; {part.kind} gives no evidence and stands as a question of its own")
    return part


class Case(Question):
    """A situation and questions on it, each scored by its own rule and weighted by its own points.

    `situation` is Markdown (a small table is welcome). `parts` is a list of questions with `id`, `kind`, `points`, `stem` and the fields
    of their kind; objective, section, level and difficulty come from the case. The points of the parts add up to those of the
    case. A later part restates what it needs from an earlier one. `stem` may be left out.
    """

    least_keys: ClassVar[int] = 4

    kind: Literal["case"]
    rule: Literal["by-parts"] = "by-parts"
    stem: Text = Text({"en": ""})
    situation: Text
    parts: tuple[Annotated[SerializeAsAny[Question], PlainValidator(_part)], ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _hand_down(cls, data: Any) -> Any:
        parts = data.get("parts") if isinstance(data, Mapping) else None
        if not isinstance(parts, list | tuple):
            return data
        handed = {key: data[key] for key in INHERITED if key in data}
        return {**data, "parts": [_with(handed, part) if isinstance(part, Mapping) else part for part in parts]}

    def clean(self, response: Response) -> dict[str, Response] | None:
        if not isinstance(response, Mapping):
            return None
        given = {part.id: part.clean(response.get(part.id)) for part in self.parts}
        return {id: answer for id, answer in given.items() if answer is not None} or None

    def judge(self, given: Response) -> Score:
        scores = {part.id: part.score(given.get(part.id)) for part in self.parts}
        parts = [PartScore(part.id, scores[part.id].fraction, part.points, part.rule) for part in self.parts]
        fraction = sum(part.fraction * part.points for part in parts) / sum(part.points for part in parts)
        remarks = [_on(id, remark) for id, score in scores.items() for remark in score.remarks]
        return self.scored(fraction, remarks, parts)

    def unanswered(self) -> Score:
        return self.scored(0.0, parts=[PartScore(part.id, 0.0, part.points, part.rule) for part in self.parts])

    def read(self, form: Fields, prefix: str) -> dict[str, Response] | None:
        return self.clean({part.id: part.read(form, f"{prefix}.{part.id}") for part in self.parts})

    def salted(self, salt: int) -> Self:
        return super().salted(salt).model_copy(update={"parts": tuple(part.salted(salt) for part in self.parts)})

    def correct(self) -> dict[str, Response]:
        return {part.id: part.correct() for part in self.parts}

    def shuffle(self, rng: Random) -> dict[str, list[str]]:
        return {f"{part.id}.{name}": ids for part in self.parts for name, ids in part.shuffle(rng).items()}

    def order_of(self, part: str, order: Order | None) -> Order:
        """Give the frozen order of one part's pieces."""
        return {key.removeprefix(f"{part}."): ids for key, ids in (order or {}).items() if key.startswith(f"{part}.")}

    def faults(self) -> Iterator[Fault]:
        # No call to super: a case may do without a stem.
        if not self.situation["en"].strip():
            yield Fault(("situation",), "the situation is empty")
        seen: set[str] = set()
        for index, part in enumerate(self.parts):
            if part.id in seen:
                yield Fault(("parts", index, "id"), f"the id {part.id!r} is used twice")
            seen.add(part.id)
            yield from (Fault(("parts", index, *fault.path), fault.sentence) for fault in part.faults())
        total = sum(part.points for part in self.parts)
        if abs(total - self.points) > 1e-9:
            yield Fault(("points",), f"the parts add up to {total:g} points, the case has {self.points:g}")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        examples = [KINDS[kind].example() for kind in ("choice", "numeric")]
        parts = [{key: value for key, value in data.items() if key not in INHERITED} | {"id": f"p{n}"} for n, (data, _, _) in enumerate(examples, 1)]
        situation = {"en": "A clinic rings.\n\n| hours | rate |\n|---|---|\n| 8 | 95 |"}
        answers = [{f"p{n}": example[which] for n, example in enumerate(examples, 1)} for which in (1, 2)]
        return example_of("case", 3, situation=situation, parts=parts), answers[0], answers[1]


def _with(handed: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    # A part that writes its own objective is refused; a fault of the case's is told once, not once a part.
    own = [key for key in INHERITED if key in part]
    if own:
        raise ValueError(f"part {part.get('id')!r} may not have {own[0]!r}: it comes from the case")
    return {**_STAND_IN, **{key: value for key, value in handed.items() if _is_sound(key, value)}, **part}


def _is_sound(key: str, value: Any) -> bool:
    if key == "difficulty":
        return isinstance(value, int | float) and 0 <= value <= 1
    return isinstance(value, str) and bool(value) and (key != "level" or value in ("remember", "understand", "apply", "analyse"))


def _on(part: str, remark: Remark) -> Remark:
    return Remark(f"{part}.{remark.on}" if remark.on else part, remark.text, remark.right)


KINDS.add("case", Case)
