"""Categorise: each thing into one of a few groups. Pairs with partners to spare are matching.py's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from courseware.assessment.pairs import Asked, Pairs
from courseware.assessment.questions import KINDS, Fault, Id, Piece, Response, example_of, piece_faults


class Item(Asked):
    """A thing to put into a group: the id of the right one, and what a wrong choice tells."""

    category: Id


class Categorise(Pairs):
    """Things are put into groups; every thing in its group gives the same share of the points.

    `categories` is a list of two or more `{id, text}`, shown in the order written; `items` of three or more `{id, text, category,
    feedback}`, shuffled for each paper. A group may stay empty, and learners are not told how many belong where.
    """

    shuffled: ClassVar[tuple[str, ...]] = ("items",)
    offered: ClassVar[str] = "categories"

    kind: Literal["categorise"]
    rule: Literal["right-placements"] = "right-placements"
    categories: tuple[Piece, ...]
    items: tuple[Item, ...] = Field(min_length=1)

    @property
    def keys(self) -> Mapping[str, str]:
        return {item.id: item.category for item in self.items}

    @property
    def asked(self) -> Sequence[Item]:
        return self.items

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from piece_faults("categories", self.categories)
        yield from piece_faults("items", self.items, at_least=3)
        known = self.ids("categories")
        for index, item in enumerate(self.items):
            if item.category not in known:
                yield Fault(("items", index, "category"), f"{item.category!r} is no category; there are {', '.join(known)}")
        if len({item.category for item in self.items}) < 2:
            yield Fault(("items",), "all items belong to one category: then one answer fits all")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        categories = [{"id": "inside", "text": {"en": "Internal customer"}}, {"id": "outside", "text": {"en": "External customer"}}]
        items = [
            {"id": "payroll", "text": {"en": "The colleague who is paid by payroll"}, "category": "inside", "feedback": {"en": "She receives a service of her own firm."}},
            {"id": "school", "text": {"en": "The school that rents projectors"}, "category": "outside", "feedback": {"en": "It receives from beyond the firm's wall."}},
            {"id": "packing", "text": {"en": "Packing, which takes over from inspection"}, "category": "inside", "feedback": {"en": "The next step is a customer."}},
        ]
        data = example_of("categorise", 3, stem={"en": "Put each into its group."}, categories=categories, items=items)
        right = {"payroll": "inside", "school": "outside", "packing": "inside"}
        return data, right, {**right, "packing": "outside"}


KINDS.add("categorise", Categorise)
