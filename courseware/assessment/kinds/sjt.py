"""Situational judgement: the best and the worst of several responses to a situation, by the key of an expert panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from courseware.assessment.questions import KINDS, Fault, Fields, PartScore, Piece, Question, Remark, Response, Score, example_of, first, piece_faults
from courseware.i18n import Text

Share = Annotated[float, Field(ge=0, le=1)]
POLES = ("best", "worst")


class Reaction(Piece):
    """One way to react: the share of the panel that calls it best, and worst, and why."""

    best: Share = 0.0
    worst: Share = 0.0
    last: bool = False
    feedback: Text


class Judgement(Question):
    """The learner says which reaction is best and which is worst; each is worth half of the points.

    `options` is a list of three or more `{id, text, best, worst, feedback}`; `best` and `worst` are the shares (0 to 1) of an expert
    panel that chose it so. A choice gives the share of its option by the largest share of any: what most of the panel chose gives
    all, what none of it chose nothing. One option cannot be both. Options are shuffled for each paper.
    """

    shuffled: ClassVar[tuple[str, ...]] = ("options",)

    kind: Literal["sjt"]
    rule: Literal["expert-key"] = "expert-key"
    options: tuple[Reaction, ...] = Field(min_length=1)

    def clean(self, response: Response) -> dict[str, str] | None:
        if not isinstance(response, Mapping):
            return None
        known = set(self.ids("options"))
        given = {pole: response.get(pole) for pole in POLES}
        return {pole: id for pole, id in given.items() if isinstance(id, str) and id in known} or None

    def judge(self, given: Response) -> Score:
        parts = self._parts(given)
        named = {option.id: option for option in self.options}
        remarks = [Remark(pole, named[given[pole]].feedback, part.fraction == 1) for pole, part in zip(POLES, parts, strict=True) if pole in given]
        return self.scored(sum(part.fraction for part in parts) / 2, remarks, parts)

    def unanswered(self) -> Score:
        return self.scored(0.0, parts=self._parts({}))

    def _parts(self, given: Mapping[str, str]) -> list[PartScore]:
        return [PartScore(pole, self._share(pole, given.get(pole)), self.points / 2, self.rule) for pole in POLES]

    def _share(self, pole: str, id: str | None) -> float:
        most = max(getattr(option, pole) for option in self.options)
        own = next((float(getattr(option, pole)) for option in self.options if option.id == id), 0.0)
        return own / most if most else 0.0

    def read(self, form: Fields, prefix: str) -> dict[str, str] | None:
        known = self.by_token("options")
        return self.clean({pole: known.get(first(form, f"{prefix}.{pole}")) for pole in POLES})

    def correct(self) -> dict[str, str]:
        return {pole: max(self.options, key=lambda option, pole=pole: getattr(option, pole)).id for pole in POLES}  # type: ignore[misc]  # mypy cannot infer a lambda with a default

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from piece_faults("options", self.options, at_least=3)
        for pole in POLES:
            total = sum(getattr(option, pole) for option in self.options)
            if not 0 < total <= 1 + 1e-9:
                yield Fault(("options",), f"the shares under {pole!r} come to {total:g}; they must be above 0 and at most 1")
        for index, option in enumerate(self.options):
            if option.best and option.worst:
                yield Fault(("options", index), f"{option.id!r} is called best and worst: a panel so divided gives no key")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        options = [
            {"id": "listen", "text": {"en": "Let him finish, then say what you will do by when"}, "best": 0.8, "feedback": {"en": "Feelings first, then a date."}},
            {"id": "ask", "text": {"en": "Ask at once for the order number"}, "best": 0.2, "feedback": {"en": "Needed, but not yet."}},
            {"id": "blame", "text": {"en": "Explain that the depot is to blame"}, "worst": 1.0, "feedback": {"en": "He has one supplier, not two departments."}},
        ]
        data = example_of("sjt", 2, stem={"en": "A caller shouts that nobody rang back. Which reaction is best, which worst?"}, options=options)
        return data, {"best": "listen", "worst": "blame"}, {"best": "ask", "worst": "blame"}


KINDS.add("sjt", Judgement)
