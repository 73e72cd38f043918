"""Records of the practice CRM named by their numbers. Picking from options that are listed is multiple.py's business."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from courseware.assessment.kinds.multiple import RULES, Ticks
from courseware.assessment.kinds.sql import WrongQuery
from courseware.assessment.questions import KINDS, Fault, Fields, Question, Remark, Response, Score, example_of
from courseware.assessment.result_sets import ResultSet
from courseware.i18n import Text

MOST_NAMED = 200
_BETWEEN = re.compile(r"[\s,;，；、]+")


class Records(Question):
    """The learner finds records in the practice CRM and types their numbers, such as `26-C0012`.

    `reference` is a query whose first column gives the numbers (or ids) that are right; it is run when a paper is drawn, over the data of the
    paper's seed, and what it gave is pinned. Where they are the same for everybody, `numbers` may list them instead. `sandbox` is as for
    `sql`. Learners with their own data must differ: name a scenario, or let `vary` change the question. `wrong` lists
    `{reference, feedback}`: the records a known mistake leads to; `feedback` shows how to find the right ones.

    Numbers are typed in any order, each once, with commas, spaces or lines between them; width and capitals do not matter. With
    `tell: true` (the default) the learner is told how many there are. `rule` is one of those of `multiple` that need no list of options,
    and is told before answering; n records are right:

    - `net-correct` (the default): right ones less wrong ones, by n, not below 0.
    - `all-or-nothing`: exactly the n records.
    - `coverage`: the share of the n that is named × the share of the named that is right.
    - `correct-only`: right ones by n, nothing once one is wrong.
    """

    least_keys: ClassVar[int] = 5

    kind: Literal["records"]
    rule: Literal["net-correct", "all-or-nothing", "coverage", "correct-only"] = "net-correct"
    reference: str | None = None
    numbers: tuple[str, ...] = ()
    tell: bool = True
    wrong: tuple[WrongQuery, ...] = ()
    feedback: Text
    pinned: dict[str, ResultSet] = Field(default_factory=dict)

    @classmethod
    def queries(cls, raw: Mapping[str, Any]) -> dict[str, str]:
        right = {"right": str(raw["reference"])} if "reference" in raw else {}
        return {**right, **WrongQuery.named(raw)}

    @property
    def expected(self) -> list[str]:
        """The numbers that are right, in the order of the query."""
        return self._numbers("right") if self.reference is not None else [_normalised(number) for number in self.numbers]

    def named(self, given: list[str]) -> list[str]:
        """Give what was named, and what should have been, each once."""
        return list(dict.fromkeys([*self.expected, *given]))

    def _numbers(self, name: str) -> list[str]:
        rows = self.pinned[name].rows if name in self.pinned else ()
        return list(dict.fromkeys(_normalised(str(row[0])) for row in rows if row and row[0] is not None))

    def clean(self, response: Response) -> list[str] | None:
        if not isinstance(response, list | tuple):
            return None
        named = (_normalised(number) for number in response[: 2 * MOST_NAMED] if isinstance(number, str) and len(number) <= 64)
        return list(dict.fromkeys(number for number in named if number))[:MOST_NAMED] or None

    def judge(self, given: list[str]) -> Score:
        expected = self.expected
        right = sum(number in expected for number in given)
        ticks = Ticks(right, len(given) - right, len(expected), len(expected), 0.0)
        fraction = RULES[self.rule](ticks) if expected else 0.0
        return self.scored(fraction, [Remark("", self.feedback if fraction == 1 else self._path(given) or self.feedback, fraction == 1)])

    def _path(self, given: list[str]) -> Text | None:
        return next((path.feedback for place, path in enumerate(self.wrong) if set(given) == set(self._numbers(f"wrong-{place}"))), None)

    def read(self, form: Fields, prefix: str) -> list[str] | None:
        return self.clean([number for text in form.get(prefix) or () for number in _BETWEEN.split(text[: 64 * MOST_NAMED])])

    def correct(self) -> list[str]:
        return self.expected

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if (self.reference is None) == (not self.numbers):
            yield Fault(("reference",), "the records are given by a `reference` query, or listed as `numbers`")
        if "right" in self.pinned and not self.expected:
            yield Fault(("reference",), "the reference gives no record")
        for place in range(len(self.wrong)):
            if self.pinned and set(self._numbers(f"wrong-{place}")) == set(self.expected):
                yield Fault(("wrong", place, "reference"), "the wrong path leads to the same records as the reference")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        stem = {"en": "Which cases of this account are still open? Give their numbers.", "zh": "该客户还有哪些工单未结案？请写出编号。"}
        feedback = {"en": "Open the account, then its cases, and filter by status.", "zh": "打开客户，进入其工单，再按状态筛选。"}
        data = example_of("records", 3, stem=stem, numbers=["26-C0012", "26-C0031"], feedback=feedback)
        return data, ["26-C0012", "26-C0031"], ["26-C0012", "26-C0044"]


def _normalised(number: str) -> str:
    return unicodedata.normalize("NFKC", number).strip().upper().replace("–", "-").replace("−", "-")


KINDS.add("records", Records)
