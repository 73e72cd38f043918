"""Matching: a partner for each left side. Putting things in order is ordering.py's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from courseware.assessment.pairs import Asked, Pairs
from courseware.assessment.questions import KINDS, Fault, Id, Piece, Response, example_of, piece_faults

DISTRACTORS = 2


class Left(Asked):
    """A thing that wants a partner: the id of the right one, and what a wrong choice tells."""

    match: Id


class Matching(Pairs):
    """Each left side has one partner among the right sides; every right pair gives the same share of the points.

    `left` is a list of `{id, text, match, feedback}`, `right` of `{id, text}`. Several left sides may share a partner; at least two
    right sides must stay over, so that the last pair is not given away. Right sides are shuffled for each paper.
    """

    shuffled: ClassVar[tuple[str, ...]] = ("right",)
    offered: ClassVar[str] = "right"

    kind: Literal["matching"]
    rule: Literal["right-pairs"] = "right-pairs"
    left: tuple[Left, ...] = Field(min_length=1)
    right: tuple[Piece, ...]

    @property
    def keys(self) -> Mapping[str, str]:
        return {left.id: left.match for left in self.left}

    @property
    def asked(self) -> Sequence[Left]:
        return self.left

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from piece_faults("left", self.left)
        yield from piece_faults("right", self.right)
        partners = self.ids("right")
        for index, left in enumerate(self.left):
            if left.match not in partners:
                yield Fault(("left", index, "match"), f"{left.match!r} is no right side; there are {', '.join(partners)}")
        over = len(set(partners) - {left.match for left in self.left})
        if over < DISTRACTORS:
            yield Fault(("right",), f"{over} right sides stay over; at least {DISTRACTORS} are needed")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        left = [
            {"id": "leave", "text": {"en": "The director approves leave"}, "match": "condition", "feedback": {"en": "Work given from above."}},
            {"id": "books", "text": {"en": "Finance closes the month"}, "match": "function", "feedback": {"en": "A service of one office."}},
        ]
        names = {"process": "Process customer", "function": "Function customer", "procedure": "Procedure customer", "condition": "Condition customer"}
        right = [{"id": id, "text": {"en": name}} for id, name in names.items()]
        data = example_of("matching", 4, stem={"en": "Match each tie to its kind."}, left=left, right=right)
        return data, {"leave": "condition", "books": "function"}, {"leave": "condition", "books": "process"}


KINDS.add("matching", Matching)
