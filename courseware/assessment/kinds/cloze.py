"""Cloze: a text with gaps for words, numbers or a choice from a menu. Labelled fields without a text are short.py's business."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from courseware.assessment.accepting import Accepting
from courseware.assessment.kinds.choice import Option
from courseware.assessment.kinds.numeric import is_near, parse_number
from courseware.assessment.questions import (
    KINDS,
    Fault,
    Fields,
    Id,
    Model,
    Number,
    PartScore,
    Points,
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

_PLACE = re.compile(r"\[_([A-Za-z0-9][A-Za-z0-9-]*)_\]")


class WordGap(Accepting):
    """A gap for words."""

    kind: Literal["words"] = "words"
    weight: Points = 1.0
    feedback: Text

    @property
    def key(self) -> str:
        return self.answers[0]


class NumberGap(Model):
    """A gap for a number, read as people type it, right within the tolerance (absolute)."""

    id: Id
    kind: Literal["number"]
    weight: Points = 1.0
    answer: Number
    tolerance: Annotated[Number, Field(ge=0)] = 0.0
    feedback: Text

    def share(self, typed: str) -> float:
        number = parse_number(typed)
        return float(number is not None and is_near(number, self.answer, self.tolerance))

    @property
    def key(self) -> str:
        return f"{self.answer:.10g}"


class MenuGap(Model):
    """A gap with a menu; each option says what its choice tells."""

    id: Id
    kind: Literal["menu"]
    weight: Points = 1.0
    options: tuple[Option, ...] = Field(min_length=1)

    def share(self, typed: str) -> float:
        return float(any(option.right and option.id == typed for option in self.options))

    @property
    def key(self) -> str:
        return next((option.id for option in self.options if option.right), "")


class Piece(NamedTuple):
    """A stretch of the text, and the gap that follows it, if one does."""

    text: str
    gap: Gap | None


Gap = Annotated[WordGap | NumberGap | MenuGap, Field(discriminator="kind")]


class Cloze(Question):
    """A text whose gaps are filled; each gap gives its weight.

    `text` holds `[_id_]` where the gap of that id stands, every gap once in each language. `gaps` is a list of
    `{id, kind: words, accept: {en: […], zh: […]}, feedback}`, `{id, kind: number, answer, tolerance, feedback}` or
    `{id, kind: menu, options}` with options as in `choice`; `accept`, `case` and `typos` are those of `short`;
    `weight` (default 1) says what share of the points a gap has.
    """

    kind: Literal["cloze"]
    rule: Literal["weighted-gaps"] = "weighted-gaps"
    text: Text
    gaps: tuple[Gap, ...] = Field(min_length=1)

    def paragraphs(self, language: str) -> list[list[Piece]]:
        """Give the text by paragraphs, cut at its gaps."""
        gaps = {gap.id: gap for gap in self.gaps}
        found = []
        for paragraph in self.text.to(language).split("\n\n"):
            cut = [*_PLACE.split(paragraph), None]
            found.append([Piece(str(text), gaps.get(str(id)) if id else None) for text, id in zip(cut[::2], cut[1::2], strict=True)])
        return found

    def menu(self, gap: MenuGap) -> list[Option]:
        """Give the options of a menu in an order of their own: the order written may be the key."""
        return sorted(gap.options, key=lambda option: self.token(f"{gap.id}.{option.id}"))

    def clean(self, response: Response) -> dict[str, str] | None:
        if not isinstance(response, Mapping):
            return None
        typed = {gap.id: text_in(response.get(gap.id)) for gap in self.gaps}
        menus = {gap.id: {option.id for option in gap.options} for gap in self.gaps if isinstance(gap, MenuGap)}
        return {id: text for id, text in typed.items() if text and text in menus.get(id, (text,))} or None

    def judge(self, given: Response) -> Score:
        parts = self._parts(given)
        remarks = [self._remark(gap, given[gap.id], part.fraction == 1) for gap, part in zip(self.gaps, parts, strict=True) if gap.id in given]
        return self.scored(sum(part.fraction * part.points for part in parts) / self.points, remarks, parts)

    def _remark(self, gap: Gap, typed: str, right: bool) -> Remark:
        text = next(option.feedback for option in gap.options if option.id == typed) if isinstance(gap, MenuGap) else gap.feedback
        return Remark(gap.id, text, right)

    def unanswered(self) -> Score:
        return self.scored(0.0, parts=self._parts({}))

    def _parts(self, given: Mapping[str, str]) -> list[PartScore]:
        whole = sum(gap.weight for gap in self.gaps)
        return [PartScore(gap.id, gap.share(given[gap.id]) if gap.id in given else 0.0, self.points * gap.weight / whole, self.rule) for gap in self.gaps]

    def read(self, form: Fields, prefix: str) -> dict[str, str] | None:
        return self.clean({gap.id: self._sent(gap, first(form, f"{prefix}.{gap.id}")) for gap in self.gaps})

    def _sent(self, gap: Gap, value: str) -> str:
        if not isinstance(gap, MenuGap):
            return value
        return next((option.id for option in gap.options if value in (option.id, self.token(f"{gap.id}.{option.id}"))), "")

    def correct(self) -> dict[str, str]:
        return {gap.id: gap.key for gap in self.gaps}

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        ids = self.ids("gaps")
        for index, gap in enumerate(self.gaps):
            if gap.id in ids[:index]:
                yield Fault(("gaps", index), f"the id {gap.id!r} is used twice")
            if isinstance(gap, WordGap):
                yield from (Fault(("gaps", index, *fault.path), fault.sentence) for fault in gap.answer_faults())
            if isinstance(gap, MenuGap):
                yield from (Fault(("gaps", index, *fault.path), fault.sentence) for fault in piece_faults("options", gap.options))
                if (right := sum(option.right for option in gap.options)) != 1:
                    yield Fault(("gaps", index, "options"), f"{right} options are right; a menu needs exactly one")
        for language, text in self.text.items():
            if sorted(_PLACE.findall(text)) != sorted(ids):
                yield Fault(("text", language), f"the text holds the gaps {', '.join(_PLACE.findall(text)) or 'none'}; every gap must stand in it once: {', '.join(ids)}")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        menu = [
            {"id": "owner", "text": {"en": "one owner"}, "right": True, "feedback": {"en": "Somebody answers for it."}},
            {"id": "queue", "text": {"en": "a place in the queue"}, "feedback": {"en": "A queue answers for nothing."}},
        ]
        gaps = [
            {"id": "who", "kind": "menu", "weight": 2, "options": menu},
            {"id": "hours", "kind": "number", "answer": 24, "feedback": {"en": "From Monday 9:00 to Tuesday 9:00."}},
            {"id": "last", "kind": "words", "accept": {"en": ["confirms", "has confirmed"], "zh": ["确认"]}, "feedback": {"en": "Solved is what the customer calls solved."}},
        ]
        text = {"en": "A ticket gets [_who_]. It came on Monday at 9:00 and is due a day later, within [_hours_] hours.\n\nIt is closed when the requester [_last_]."}
        data = example_of("cloze", 4, stem={"en": "Fill the gaps."}, text=text, gaps=gaps)
        return data, {"who": "owner", "hours": "24", "last": "confirms"}, {"who": "queue", "hours": "24"}


KINDS.add("cloze", Cloze)
