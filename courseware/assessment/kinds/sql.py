"""A question answered with SQL: what the learner's query gives is compared with what the reference gives. Running it is the business of looking_up.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from courseware.assessment.questions import KINDS, Fault, Fields, Model, Question, Remark, Response, Score, example_of
from courseware.assessment.result_sets import Columns, Comparison, Policy, ResultSet, compare
from courseware.i18n import Message, Text

LONGEST_QUERY = 5_000  # characters


class WrongQuery(Model):
    """A query that a known mistake leads to, and what to say to whose rows are those."""

    reference: str
    feedback: Text

    @staticmethod
    def named(raw: Mapping[str, Any]) -> dict[str, str]:
        """Name the wrong queries of a question as written."""
        return {f"wrong-{place}": str(path.get("reference", "")) for place, path in enumerate(raw.get("wrong") or ()) if isinstance(path, Mapping)}


class Looked(Model):
    """What a learner's query gave when it was run for scoring: its rows, or the message that stood instead of them, as its id and parameters."""

    result: ResultSet | None = None
    message: tuple[str, dict[str, Any]] | None = None


class Sql(Question):
    """The learner writes a SELECT over the practice CRM; its result set is compared with that of the `reference`.

    `reference` is the author's query; when a paper is drawn it is run over the data of the paper's seed, and its rows (at most 200) are pinned.
    `sandbox: {scenario: SC24}` names whose data these are (without it: the firm as it stands); `vary`, and what `sandbox` takes, may stand in
    the query and the stem as `{name}`. The learner's query is run by the same worker as the console's, with the console's limits, when the answer is
    checked or handed in; the rows are kept with the attempt, so scoring it again asks nothing again. A query that is refused or stopped
    gives nothing, and the console's message says why. How result sets are compared is told to the learner and chosen by:

    - `columns`: `any-order` (the default: whatever the names and order, there must be as many), `as-asked` (their order counts), `by-name`
      (their names count, not their order).
    - `ordered: true` asks for the order of the rows; say in the stem what they are ordered by. `wrong_order` is the share that
      all the right rows in another order give (0 unless given).
    - `distinct: true` counts a row that stands several times once.
    - `decimals`: numbers are the same if they are after rounding to so many decimals (2 unless given). 1 and 1.0 are the same, a number and
      a text never are; NULL is like NULL alone; spaces at the end of a text do not count, capitals do.

    `rule: result-set` (the default) gives all for an equal set, nothing otherwise but `wrong_order`. `rule: rows-f1` gives 2 × right ÷ (rows
    given + rows wanted): of 7 rows wanted, 6 found and 2 others beside them give 12 ÷ 15 = .8; where the order counts, the rows right are those
    of the longest common subsequence, and other columns than asked for give nothing. `wrong` lists `{reference, feedback}`: queries of known
    mistakes, whose rows are recognised; `feedback` explains the reference. Rows that are cut off by the console's limit never make an equal set.
    """

    kind: Literal["sql"]
    rule: Literal["result-set", "rows-f1"] = "result-set"
    reference: str = Field(min_length=1)
    columns: Columns = "any-order"
    ordered: bool = False
    distinct: bool = False
    decimals: Annotated[int, Field(ge=0, le=9)] = 2
    wrong_order: Annotated[float, Field(ge=0, lt=1)] = 0.0
    wrong: tuple[WrongQuery, ...] = ()
    feedback: Text
    pinned: dict[str, ResultSet] = Field(default_factory=dict)
    found: dict[str, Looked] = Field(default_factory=dict)

    @classmethod
    def queries(cls, raw: Mapping[str, Any]) -> dict[str, str]:
        return {"right": str(raw.get("reference", "")), **WrongQuery.named(raw)}

    @property
    def policy(self) -> Policy:
        return Policy(self.columns, self.ordered, self.distinct, self.decimals)

    def clean(self, response: Response) -> str | None:
        return (response[:LONGEST_QUERY].strip() or None) if isinstance(response, str) else None

    def query_in(self, response: Response) -> str | None:
        return self.clean(response)

    def with_found(self, found: Mapping[str, Any]) -> Question:
        return self.model_copy(update={"found": {query: Looked.model_validate(looked) for query, looked in found.items()}})

    def judge(self, given: str) -> Score:
        comparison = self.compared(given)
        if comparison is None:  # not run: the reference itself needs no run
            is_reference = _spaced(given) == _spaced(self.reference)
            return self.scored(float(is_reference), [Remark("", self.feedback, is_reference)])
        fraction = self._fraction(comparison)
        return self.scored(fraction, [Remark("", self._path(given) or self.feedback if fraction < 1 else self.feedback, fraction == 1)])

    def _fraction(self, comparison: Comparison) -> float:
        if comparison.is_equal:
            return 1.0
        if comparison.is_misordered:
            return self.wrong_order
        return comparison.f1 if self.rule == "rows-f1" else 0.0

    def compared(self, given: Response) -> Comparison | None:
        """Compare what an answer gave with what was wanted; None if it was not run. A query without rows of its own gave none of those wanted."""
        looked = self.found.get(self.clean(given) or "")
        wanted = self.pinned.get("right")
        if looked is None or wanted is None:
            return None
        if looked.result is None:
            return Comparison(0, len(wanted.rows), 0, columns=False)
        return compare(looked.result, wanted, self.policy)

    def said(self, given: Response) -> Message | None:
        """Give what the console said about an answer, if it said anything."""
        looked = self.found.get(self.clean(given) or "")
        return Message(*looked.message) if looked and looked.message else None

    def _path(self, given: str) -> Text | None:
        looked = self.found.get(given)
        if looked is None or looked.result is None:
            return None
        paths = [(path, self.pinned.get(f"wrong-{place}")) for place, path in enumerate(self.wrong)]
        return next((path.feedback for path, rows in paths if rows is not None and compare(looked.result, rows, self.policy).is_equal), None)

    def read(self, form: Fields, prefix: str) -> str | None:
        return self.clean((form.get(prefix) or [""])[0].replace("\r\n", "\n"))

    def correct(self) -> str:
        return self.reference

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.wrong_order and not self.ordered:
            yield Fault(("wrong_order",), "`wrong_order` is for `ordered: true`")
        right = self.pinned.get("right")
        if right is not None and not right.rows:
            yield Fault(("reference",), "the reference gives no row: every query that finds nothing would be right")
        for place in range(len(self.wrong)):
            path = self.pinned.get(f"wrong-{place}")
            if right is not None and path is not None and compare(path, right, self.policy).is_equal:
                yield Fault(("wrong", place, "reference"), "the wrong path gives the same rows as the reference")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        stem = {"en": "List the number of every open case, with the name of its account.", "zh": "列出每个未结案工单的编号及其客户名称。"}
        reference = "SELECT cases.no, accounts.name FROM cases JOIN accounts ON accounts.id = cases.account_id WHERE cases.status = 'open'"
        feedback = {"en": "The name stands in another table: join it on its id.", "zh": "名称在另一张表里：按 id 连接。"}
        return example_of("sql", 4, stem=stem, reference=reference, feedback=feedback), reference, "SELECT no FROM cases"


def _spaced(query: str) -> str:
    return " ".join(query.split()).rstrip("; ")


KINDS.add("sql", Sql)
