"""The columns of the gradebook, one file each: a function from a learner's work to a cell that explains itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from courseware.grading.gradebook import Cell, LearnerWork
from courseware.registry import Registry

Fill = Callable[[LearnerWork, str], Cell]


@dataclass(frozen=True)
class Column:
    """A kind of column. `fill` gives the cell of one learner for one piece of work, such as `quiz:m1`."""

    name: str
    fill: Fill


COLUMNS: Registry[Column] = Registry("gradebook column")


def column(name: str) -> Callable[[Fill], Fill]:
    """Register a function as the column for works of a kind (or, for `total`, over all of them)."""

    def register(fill: Fill) -> Fill:
        COLUMNS.add(name, Column(name, fill))
        return fill

    return register


COLUMNS.scan(sys.modules[__name__])
