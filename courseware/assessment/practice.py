"""What a question takes from the practice CRM when a paper is drawn: figures, a value, the rows of a query. What is done with them is the business of its kind.

    sandbox:
      scenario: SC24                # whose data the learner gets; without it the firm as it stands for everybody
      take:
        late:  {measure: {take: count, value: id, rows: {table: cases, where: {status: open, opened_on: {at_most: "= cutoff"}}}}}
        all:   {sql: "SELECT count(*) FROM cases WHERE status = 'open'"}
        owner: {calc: agent_name}
    answer: "= late"
    wrong: [{value: "= all", feedback: {en: …, zh: …}}]

Where nothing is taken, `sandbox: SC24` is enough. The data are those of the paper's seed, so learners differ. Each name stands beside those of
`vary`, which the takes may use themselves, as later ones may use earlier ones; a measure is what scenarios know by that word (measures.py), `calc`
an expression over the scenario's own values, `sql` a query with one cell. The paper pins what was taken: neither a later file nor a later program
changes an answer that was asked for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field, model_validator

from courseware.course.yaml import Strict
from courseware.errors import Refused
from courseware.expressions import Values, VaryError, evaluate
from courseware.i18n import message
from courseware.sandbox.attempts import nothing_planted
from courseware.sandbox.console.pool import Result
from courseware.sandbox.journal import START, Journal, Paper
from courseware.sandbox.measures import Measure
from courseware.sandbox.plants import Planted, PlantFailed, paper_of, plant
from courseware.sandbox.play import scope_of
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.scope import Scope, ScopeError
from courseware.sandbox.state import Base, Change, checkout
from courseware.variants import fill

MOST_ROWS = 200  # of a reference
BUSY = message("The practice CRM cannot be asked just now. Try again in a moment.")
STAND_IN = 1_000

Ask = Callable[[Base, Sequence[Change], str], Result]
"""Runs a query over a base with changes, in a process that can be killed."""


class Take(Strict):
    """One thing taken, in one of four ways; `table` keeps a query's columns and rows."""

    measure: Measure | None = None
    calc: str | None = None
    sql: str | None = None
    table: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Take:
        if sum(way is not None for way in (self.measure, self.calc, self.sql, self.table)) != 1:
            raise ValueError("what is taken is one of `measure`, `calc`, `sql`, `table`")
        return self


class Practice(Strict):
    """The data that a question is asked about, and what it takes from them by name."""

    scenario: str = ""
    take: dict[str, Take] = Field(default={})

    def stand_ins(self) -> dict[str, Any]:
        """Give something for everything taken, each figure another one: enough to see whether a question can be read."""
        figures = {name: STAND_IN + 37 * place for place, name in enumerate(self.take)}
        return {name: {"columns": ["id"], "rows": [[figure]]} if self.take[name].table is not None else figure for name, figure in figures.items()}


class TakeFailed(ValueError):
    """Something that cannot be taken. `path` is the place in the question."""

    def __init__(self, path: tuple[str | int, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.path, self.sentence = path, sentence


@dataclass(frozen=True, eq=False)
class Firm:
    """The practice CRM that papers are drawn over: its base, the scenarios that can be planted on it, and who runs queries."""

    base: Base
    scenarios: Mapping[str, Scenario]
    ask: Ask
    language: str
    _plants: dict[tuple[str, int], tuple[Planted, Paper]] = field(default_factory=dict)

    def planted(self, scenario: str, seed: int) -> tuple[Planted, Paper]:
        """Give what is planted for a seed, and the paper of a run over it. Raises TakeFailed."""
        if (scenario, seed) not in self._plants:
            self._plants[scenario, seed] = self._plant(scenario, seed)
        return self._plants[scenario, seed]

    def _plant(self, scenario: str, seed: int) -> tuple[Planted, Paper]:
        state = checkout(self.base)
        if not scenario:
            with state.applied():
                planted, start = nothing_planted(state), START
        elif scenario in self.scenarios:
            known = self.scenarios[scenario]
            try:
                planted, start = plant(known.start, known.plant, state, seed=seed, language=self.language), known.start
            except PlantFailed as failure:
                raise TakeFailed(("sandbox", "scenario"), f"{scenario} cannot be planted with seed {seed}: {failure.sentence}") from None
        else:
            raise TakeFailed(("sandbox", "scenario"), f"there is no scenario {scenario!r}")
        return planted, paper_of(planted, seed=seed, language=self.language, start=start, base=self.base.identity)

    def checks(self, scenario: str) -> list[dict[str, Any]]:
        """Give the checks of a scenario with their objectives and weights. Raises TakeFailed."""
        if scenario not in self.scenarios:
            raise TakeFailed(("sandbox", "scenario"), f"there is no scenario {scenario!r}")
        return [{"id": check.id, "objective": check.objective, "weight": check.weight} for check in self.scenarios[scenario].checks]

    def take(self, practice: Practice, values: Values, seed: int) -> dict[str, Any]:
        """Take everything in the order written. Raises TakeFailed."""
        planted, paper = self.planted(practice.scenario, seed)
        found: dict[str, Any] = {}
        with checkout(self.base).applied(planted.changes) as state:
            scope = scope_of(state, paper, Journal(planted.changes)).with_values(**values)
            for name, take in practice.take.items():
                try:
                    found[name] = self._taken(take, scope.with_values(**found), planted.changes)
                except (ScopeError, VaryError, KeyError, ValueError, sqlite3.OperationalError) as failure:
                    raise TakeFailed(("sandbox", "take", name), f"{name}: {str(failure).strip(chr(39))}") from None
        return found

    def _taken(self, take: Take, scope: Scope, changes: Sequence[Change]) -> Any:
        if take.measure is not None:
            figure = take.measure.of(scope)
            if figure is None:
                raise ValueError("no row has what is measured")
            return figure
        if take.calc is not None:
            return evaluate(take.calc, scope.values)
        query = fill(take.sql or take.table or "", scope.values, scope.language)
        result = self.ask(self.base, changes, query)
        if not result.was_run:
            raise Refused(BUSY)
        if result.status != "ok":
            raise ValueError(result.message.english() if result.message else result.status)
        return _cell(result) if take.sql is not None else _table(result)


def _cell(result: Result) -> Any:
    if len(result.rows) != 1 or len(result.rows[0]) != 1 or result.rows[0][0] is None:
        raise ValueError(f"the query gives {len(result.rows)} rows of {len(result.columns)} columns; one cell that is not empty is needed")
    return result.rows[0][0]


def _table(result: Result) -> dict[str, Any]:
    if len(result.rows) > MOST_ROWS:
        raise ValueError(f"the query gives {len(result.rows)} rows; {MOST_ROWS} at most can be compared")
    return {"columns": list(result.columns), "rows": [list(row) for row in result.rows]}
