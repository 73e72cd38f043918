"""Likert and reflection: how far one agrees, and what one thinks, without a right answer. A text that a person marks is essay.py's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from courseware.assessment.questions import (
    KINDS,
    Fault,
    Fields,
    Model,
    PartScore,
    Piece,
    Question,
    Remark,
    Response,
    Score,
    example_of,
    first,
    piece_faults,
    text_in,
)
from courseware.i18n import Text

FEWEST, MOST = 2, 7  # steps that people can still tell apart


class Scale(Model):
    """How many steps a scale has, and what its two ends mean."""

    steps: int = Field(5, ge=FEWEST, le=MOST)
    low: Text = Text({"en": "Not at all", "zh": "完全不同意"})
    high: Text = Text({"en": "Fully", "zh": "完全同意"})


class Likert(Question):
    """Statements to agree or disagree with, prompts to write a few sentences on, or both. No answer is wrong: points are for answering.

    `statements` is a list of `{id, text}`, each answered on the `scale`: `{steps, low, high}`, 2 to 7 steps (5 unless given) of which the
    two ends are named (“Not at all” and “Fully” unless given). `prompts` is a list of `{id, text}`, each answered with up to 1,000
    characters. At least one of the two is needed. `feedback` is shown to everyone afterwards, for instance what the answers are good for.

    The one rule, `completion`, gives the share of the statements and prompts that are answered: all of them give all points, whatever was
    answered. That says nothing about what anyone knows, so the question gives no evidence for its objective; its points count in the quiz.
    This is what Moodle's and RELATE's survey questions do.

    Example: two statements, one prompt and 3 points: who rates both and writes nothing gets 2.
    """

    gives_evidence: ClassVar[bool] = False

    kind: Literal["likert"]
    rule: Literal["completion"] = "completion"
    scale: Scale = Scale()
    statements: tuple[Piece, ...] = ()
    prompts: tuple[Piece, ...] = ()
    feedback: Text

    @property
    def steps(self) -> range:
        return range(1, self.scale.steps + 1)

    def clean(self, response: Response) -> dict[str, int | str] | None:
        if not isinstance(response, Mapping):
            return None
        rated = {id: self._step(response.get(id)) for id in self.ids("statements")}
        written = {id: (text_in(response.get(id)) or "").replace("\r\n", "\n") for id in self.ids("prompts")}
        return {id: answer for id, answer in (rated | written).items() if answer} or None

    def _step(self, answer: Response) -> int | None:
        """Read a step as a whole number or, from a form, as its digit."""
        return next((step for step in self.steps if type(answer) in (int, str) and str(answer) == str(step)), None)

    def judge(self, given: Response) -> Score:
        parts = self._parts(given)
        fraction = sum(part.fraction for part in parts) / len(parts)
        return self.scored(fraction, [Remark("", self.feedback, fraction == 1)], parts)

    def unanswered(self) -> Score:
        return self.scored(0.0, parts=self._parts({}))

    def _parts(self, given: Mapping[str, Response]) -> list[PartScore]:
        ids = [*self.ids("statements"), *self.ids("prompts")]
        return [PartScore(id, float(id in given), self.points / len(ids), self.rule) for id in ids]

    def read(self, form: Fields, prefix: str) -> dict[str, int | str] | None:
        return self.clean({id: first(form, f"{prefix}.{id}") for id in (*self.ids("statements"), *self.ids("prompts"))})

    def correct(self) -> dict[str, int | str]:
        """Give one of the answers that are complete."""
        return {**dict.fromkeys(self.ids("statements"), (self.scale.steps + 1) // 2), **dict.fromkeys(self.ids("prompts"), "–")}

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if not self.statements and not self.prompts:
            yield Fault(("statements",), "nothing is asked: `statements`, `prompts` or both are needed")
        yield from piece_faults("statements", self.statements, at_least=0)
        yield from piece_faults("prompts", self.prompts, at_least=0)
        for id in set(self.ids("statements")) & set(self.ids("prompts")):
            yield Fault(("prompts", self.ids("prompts").index(id)), f"the id {id!r} is also that of a statement")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        statements = [
            {"id": "calm", "text": {"en": "I stay calm when a caller shouts.", "zh": "来电者大喊大叫时，我能保持冷静。"}},
            {"id": "notes", "text": {"en": "I write my notes while we talk.", "zh": "我边通话边做记录。"}},
        ]
        prompts = [{"id": "next", "text": {"en": "What will you do differently in your next call?", "zh": "下一通电话里，你会做出什么改变？"}}]
        feedback = {"en": "Keep this and read it again after Module 2.", "zh": "请留着它，学完第二章再读一遍。"}
        data = example_of("likert", 3, stem={"en": "Think of your last difficult call.", "zh": "回想你上一通棘手的电话。"}, statements=statements, prompts=prompts, feedback=feedback)
        return data, {"calm": 4, "notes": 2, "next": "Say my name first."}, {"calm": 4, "notes": 2}


KINDS.add("likert", Likert)
