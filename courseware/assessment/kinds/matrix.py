"""Matrix: one column for each row of a table. Things that are moved into groups are categorise.py's business."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from courseware.assessment.pairs import Asked, Pairs
from courseware.assessment.questions import KINDS, Fault, Id, Piece, Response, example_of, piece_faults

MOST_COLUMNS = 6


class Row(Asked):
    """A row of the table: the id of the right column, and what a choice tells."""

    column: Id


class Matrix(Pairs):
    """A table with one mark in each row; every row that is right gives the same share of the points.

    `columns` is a list of two to six `{id, text}` (short: they head a table), `rows` of two or more `{id, text, column, feedback}`.
    Both stand as written.
    """

    offered: ClassVar[str] = "columns"

    kind: Literal["matrix"]
    rule: Literal["right-rows"] = "right-rows"
    columns: tuple[Piece, ...] = Field(max_length=MOST_COLUMNS)
    rows: tuple[Row, ...] = Field(min_length=1)

    @property
    def keys(self) -> Mapping[str, str]:
        return {row.id: row.column for row in self.rows}

    @property
    def asked(self) -> Sequence[Row]:
        return self.rows

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from piece_faults("columns", self.columns)
        yield from piece_faults("rows", self.rows)
        known = self.ids("columns")
        for index, row in enumerate(self.rows):
            if row.column not in known:
                yield Fault(("rows", index, "column"), f"{row.column!r} is no column; there are {', '.join(known)}")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        columns = [{"id": "keep", "text": {"en": "Still kept"}}, {"id": "broken", "text": {"en": "Broken"}}]
        rows = [
            {"id": "answer", "text": {"en": "Answer within 4 hours: came after 3"}, "column": "keep", "feedback": {"en": "3 is less than 4."}},
            {"id": "visit", "text": {"en": "Visit within 2 days: came on the third"}, "column": "broken", "feedback": {"en": "One day too late."}},
        ]
        data = example_of("matrix", 2, stem={"en": "Was each promise kept?"}, columns=columns, rows=rows)
        return data, {"answer": "keep", "visit": "broken"}, {"answer": "keep", "visit": "keep"}


KINDS.add("matrix", Matrix)
