"""Ordering: put steps in their order, scored by the longest run that is right or place by place. Pairs are matching.py's business."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import Any, ClassVar, Literal

from pydantic import Field

from courseware.assessment.questions import (
    KINDS,
    Fault,
    Fields,
    Id,
    Piece,
    Question,
    Remark,
    Response,
    Score,
    example_of,
    first,
    ids_in,
    piece_faults,
)
from courseware.i18n import Text

MOST_ITEMS = 12


class Ordering(Question):
    """The items are written in the right order and shown in another; points follow the longest run that is in order.

    `items` is a list of three or more `{id, text}` in the right order; `feedback` explains it. `rule` says what counts, and is told before
    answering:

    - `lcs` (the default): the longest run of lines that follow each other rightly, gaps allowed (the longest common subsequence with the
      nearest permitted order), by the number of items; a run of 1 gives 0. `free` lists pairs whose order among themselves does not
      matter, `[[record, verify]]`; every order that keeps all other pairs is permitted.
    - `dag`: the same, but only the pairs under `before` (`[earlier, later]`, and what follows from them) must keep their order.
    - `absolute`: the items at their very place, by the number of items.

    Example: of five steps the first and the last change places: the three in the middle still follow each other, 3 / 5 = .6 by `lcs`.
    """

    shuffled: ClassVar[tuple[str, ...]] = ("items",)

    kind: Literal["ordering"]
    rule: Literal["lcs", "dag", "absolute"] = "lcs"
    items: tuple[Piece, ...] = Field(min_length=1, max_length=MOST_ITEMS)
    free: tuple[tuple[Id, Id], ...] = ()
    before: tuple[tuple[Id, Id], ...] = ()
    feedback: Text

    def clean(self, response: Response) -> list[str] | None:
        return ids_in(response, self.ids("items")) or None

    def judge(self, given: Response) -> Score:
        if self.rule == "absolute":
            counted = sum(one == other for one, other in zip(given, self.ids("items"), strict=False))
        else:
            run = longest_run(given, self._before())
            counted = run if run > 1 else 0
        fraction = counted / len(self.items)
        return self.scored(fraction, [Remark("", self.feedback, fraction == 1)])

    def _before(self) -> set[tuple[str, str]]:
        """Give every pair (earlier, later) that all permitted orders keep."""
        return self._closure() if self.rule == "dag" else self._all_but_free()

    def _closure(self) -> set[tuple[str, str]]:
        pairs = set(self.before)
        while more := {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs:
            pairs |= more
        return pairs

    def _all_but_free(self) -> set[tuple[str, str]]:
        free = {frozenset(pair) for pair in self.free}
        ids = self.ids("items")
        before: set[tuple[str, str]] = set()
        for later_index, later in enumerate(ids):
            for earlier_index in reversed(range(later_index)):
                earlier = ids[earlier_index]
                between = ids[earlier_index + 1 : later_index]
                kept = any((earlier, step) in before and (step, later) in before for step in between)
                if kept or frozenset((earlier, later)) not in free:
                    before.add((earlier, later))
        return before

    def read(self, form: Fields, prefix: str) -> list[str] | None:
        """Read positions. Equal ones stand as on the page (the order of the fields); items without a position are left out, not guessed."""
        names = {f"{prefix}.{sent}": id for sent, id in self.by_token("items").items()}
        placed = [(float(first(form, name)), names[name]) for name in form if name in names and _is_position(first(form, name))]
        return self.clean([id for _, id in sorted(placed, key=lambda pair: pair[0])])

    def correct(self) -> list[str]:
        return self.ids("items")

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from piece_faults("items", self.items, at_least=3)
        if (self.free and self.rule != "lcs") or bool(self.before) != (self.rule == "dag"):
            yield Fault(("rule",), "`free` is for `rule: lcs`; `rule: dag` needs `before`, which no other rule knows")
        yield from self._free_faults()
        ids = self.ids("items")
        for index, (earlier, later) in enumerate(self.before):
            if earlier not in ids or later not in ids or ids.index(earlier) >= ids.index(later):
                yield Fault(("before", index), f"{earlier!r} and {later!r}: two items are needed, the earlier first, as they are written under `items`")

    def _free_faults(self) -> Iterator[Fault]:
        known, before = self.ids("items"), self._before()
        for index, pair in enumerate(self.free):
            unknown = [id for id in pair if id not in known]
            if unknown or pair[0] == pair[1]:
                yield Fault(("free", index), f"{' and '.join(map(repr, unknown or pair))}: a free pair needs two different items")
            elif pair in before or pair[::-1] in before:
                yield Fault(("free", index), f"{pair[0]!r} and {pair[1]!r} are not free: an item between them must follow one and precede the other")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        steps = ["thank", "record", "verify", "solve", "close"]
        texts = ["Thank and let finish", "Record it", "Verify the facts", "Agree on a remedy", "Follow up and close"]
        items = [{"id": id, "text": {"en": text}} for id, text in zip(steps, texts, strict=True)]
        feedback = {"en": "Feelings first, facts next, then the remedy."}
        data = example_of("ordering", 4, stem={"en": "Order the steps of a complaint."}, items=items, free=[["record", "verify"]], feedback=feedback)
        return data, ["thank", "verify", "record", "solve", "close"], ["close", "thank", "verify", "solve", "record"]


def _is_position(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 6


def longest_run(given: Sequence[str], before: Collection[tuple[str, str]]) -> int:
    """Give the length of the longest subsequence without an inverted pair: that is the longest one in common with some permitted order.

    A subsequence that inverts no pair can always be completed to a permitted order, since its order and the partial order have no cycle.
    """
    for length in range(len(given), 0, -1):
        if any(not any((later, earlier) in before for earlier, later in combinations(run, 2)) for run in combinations(given, length)):
            return length
    return 0


KINDS.add("ordering", Ordering)
