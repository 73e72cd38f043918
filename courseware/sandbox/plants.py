"""Plant a scenario's variant on the base: draw its values by seed, write its rows, compute what is expected, assert its teaching point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from courseware.course.yaml import Strict
from courseware.errors import Invalid
from courseware.expressions import VaryError, evaluate
from courseware.sandbox.expectations import Expectation, judge
from courseware.sandbox.findings import Conditions, Repeat
from courseware.sandbox.journal import Paper
from courseware.sandbox.measures import Measure
from courseware.sandbox.scope import Named, Scope, ScopeError
from courseware.sandbox.state import Change, State
from courseware.sandbox.tables import MOMENT, Tables
from courseware.variants import Vary, parse_vary, resolve

Fault = Callable[[tuple[str | int, ...], str], None]
MOST_CHANGES = 1_000


class PlantStep(Strict):
    """One thing planted: rows inserted, rows updated, or a dossier with its lines."""

    insert: str | None = None
    update: str | None = None
    dossier: str | None = None
    as_: str | None = Field(default=None, alias="as")
    repeat: Repeat | None = None
    row: dict[str, Any] | None = None
    set_: dict[str, Any] | None = Field(default=None, alias="set")
    no: Any = None
    kind: str | None = None
    title: Any = None
    lines: list[Any] | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> PlantStep:
        if sum(each is not None for each in (self.insert, self.update, self.dossier)) != 1:
            raise ValueError("a planted thing has one of `insert`, `update`, `dossier`")
        if (self.insert is None) != (self.row is None) or (self.update is None) != (self.set_ is None):
            raise ValueError("`insert` needs `row`, `update` needs `set`")
        if (self.dossier is None) != (self.lines is None) or (self.dossier is not None and (self.kind is None or self.title is None)):
            raise ValueError("a dossier needs `kind`, `title` and `lines`")
        return self


class Bound(Strict):
    """A row of the base by its columns; exactly one must match."""

    table: str
    where: Conditions


class PlantFile(Strict):
    vary: dict[str, Any] = {}
    require: list[str] = []
    names: dict[str, Bound] = {}
    plant: list[PlantStep] = []
    measured: dict[str, Measure] = {}
    expected: dict[str, Any] = {}
    asserts: list[str | Expectation] = Field(default=[], alias="assert")


@dataclass(frozen=True)
class Plant:
    """What plant.yaml says, read."""

    vary: Vary | None
    names: Mapping[str, Bound]
    steps: tuple[PlantStep, ...]
    expected: Mapping[str, Any]
    asserts: tuple[str | Expectation, ...]
    measured: Mapping[str, Measure] = field(default_factory=dict)

    def tables_by_name(self) -> dict[str, str | None]:
        """Give every name that a plant gives, with its table; repeated ones keep their place in braces."""
        named: dict[str, str | None] = {name: bound.table for name, bound in self.names.items()}
        for step in self.steps:
            if step.dossier:
                named[step.dossier] = "dossiers"
            elif step.as_:
                named[step.as_] = step.insert
        return named


@dataclass(frozen=True)
class Planted:
    """What was planted: the row changes of journal entry 0, and what goes into the paper."""

    changes: tuple[Change, ...]
    drawn: Mapping[str, Any]
    expected: Mapping[str, Any]
    names: Mapping[str, tuple[str, int]] = field(default_factory=dict)


class PlantFailed(ValueError):
    """A plant that cannot be made, or that breaks its own teaching point. `path` is the place in plant.yaml."""

    def __init__(self, path: tuple[str | int, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.path, self.sentence = path, sentence


def read_plant(data: Any, fault: Fault, tables: Tables) -> Plant | None:
    """Read plant.yaml; tables and columns are checked here, values when it is planted."""
    try:
        read = TypeAdapter(PlantFile).validate_python(data)
        vary = parse_vary(read.vary, read.require) if read.vary else None
    except ValidationError as failure:
        for error in failure.errors():
            fault(tuple(error["loc"]), error["msg"].removeprefix("Value error, "))
        return None
    except VaryError as failure:
        fault(failure.path, failure.sentence)
        return None
    for index, step in enumerate(read.plant):
        _check_columns(step, index, fault, tables)
    for name, bound in read.names.items():
        if bound.table not in tables:
            fault(("names", name, "table"), f"unknown table {bound.table!r}; known: {', '.join(tables)}")
    return Plant(vary, read.names, tuple(read.plant), read.expected, tuple(read.asserts), read.measured)


def _check_columns(step: PlantStep, index: int, fault: Fault, tables: Tables) -> None:
    if step.insert is None:
        return
    if step.insert not in tables:
        fault(("plant", index, "insert"), f"unknown table {step.insert!r}; known: {', '.join(tables)}")
        return
    for column in step.row or {}:
        if not tables[step.insert].has(column):
            fault(("plant", index, "row", column), f"table {step.insert!r} has no column {column!r}")


def plant(scenario_start: str, spec: Plant, state: State, *, seed: int, language: str) -> Planted:
    """Plant on an untouched state; it is left as it was. Raises PlantFailed."""
    with state.applied():
        drawn = _drawn(spec, seed)
        scope = Scope(state, drawn, {}, language)
        for name, bound in spec.names.items():
            scope = _bind(scope, name, bound)
        for index, step in enumerate(spec.steps):
            scope = _planted(scope, step, index, scenario_start)
        changes = state.changes
        if len(changes) > MOST_CHANGES:
            raise PlantFailed(("plant",), f"{len(changes)} row changes are planted; at most {MOST_CHANGES} fit a plant")
        measured = _measured(spec, scope)
        expected = {**measured, **_expected(spec, scope, {**drawn, **measured})}
        made = frozenset((change.table, change.id) for change in changes if change.before is None)
        _assert(spec, Scope(state, {**drawn, **expected}, scope.names, language, made))
        names = {name: (named.table, named.ids[0]) for name, named in scope.names.items()}
        return Planted(changes, drawn, expected, names)


def _drawn(spec: Plant, seed: int) -> dict[str, Any]:
    try:
        return spec.vary.draw(Random(seed)) if spec.vary else {}
    except VaryError as failure:
        raise PlantFailed(failure.path, failure.sentence) from None


def _bind(scope: Scope, name: str, bound: Bound) -> Scope:
    try:
        rows = scope.select({"table": bound.table, "where": bound.where}).rows
    except (ScopeError, KeyError) as failure:
        raise PlantFailed(("names", name), str(failure)) from None
    if len(rows) != 1:
        raise PlantFailed(("names", name), f"${name} should be one row of {bound.table}; {len(rows)} match")
    return scope.with_name(name, bound.table, rows[0]["id"])


def _planted(scope: Scope, step: PlantStep, index: int, start: str) -> Scope:
    names = dict(scope.names)
    try:
        for inner in scope.repeated(step.repeat.raw() if step.repeat else None):
            here = Scope(inner.state, inner.values, names, inner.language)
            names |= _do(here, step, start)
    except (ScopeError, KeyError, Invalid) as failure:
        column = f"{failure.field}: " if isinstance(failure, Invalid) and failure.field else ""
        raise PlantFailed(("plant", index), f"{column}{failure}") from None
    return Scope(scope.state, scope.values, names, scope.language)


def _do(scope: Scope, step: PlantStep, start: str) -> dict[str, Named]:
    if step.update is not None:
        named = scope.value(step.update)
        if not isinstance(named, Named):
            raise ScopeError(f"{step.update!r} names no row")
        for id in named.ids:
            scope.state.update(named.table, id, **_row(scope, step.set_ or {}, start))
        return {}
    if step.dossier is not None:
        return {step.dossier: Named("dossiers", (_dossier(scope, step, start),))}
    table = step.insert or ""
    id = scope.state.insert(table, _row(scope, step.row or {}, start))
    return {str(scope.value(step.as_)): Named(table, (id,))} if step.as_ else {}


def _dossier(scope: Scope, step: PlantStep, start: str) -> int:
    no = step.no or scope.state.next_number("dossiers")
    dossier = scope.state.insert("dossiers", _row(scope, {"no": no, "kind": step.kind, "title": step.title}, start))
    number = 0
    for raw in step.lines or []:
        line = raw if isinstance(raw, dict) and "text" in raw else {"text": raw}
        repeat = line.get("repeat")
        for inner in scope.repeated(repeat):
            number += 1
            row = {name: value for name, value in line.items() if name in ("text", "speaker", "tag")}
            scope.state.insert("dossier_lines", {"dossier_id": dossier, "line_no": number, **_row(inner, row, start)})
    return dossier


def _row(scope: Scope, row: Mapping[str, Any], start: str) -> dict[str, Any]:
    return {column: _cell(scope, value, start) for column, value in row.items()}


def _cell(scope: Scope, value: Any, start: str) -> Any:
    if isinstance(value, dict) and set(value) in ({"days"}, {"days", "at"}, {"minutes"}):
        moment = datetime.strptime(start, MOMENT)
        if "minutes" in value:
            return (moment + timedelta(minutes=scope.value(value["minutes"]))).strftime(MOMENT)
        day = (moment + timedelta(days=scope.value(value["days"]))).strftime("%Y-%m-%d")
        return f"{day} {scope.value(value['at'])}" if "at" in value else day
    if isinstance(value, dict) and set(value) == {"json"}:
        return scope.plain(value["json"])
    return scope.plain(value)


def _measured(spec: Plant, scope: Scope) -> dict[str, Any]:
    """Take every measure in the order written; later ones may use earlier ones."""
    values: dict[str, Any] = {}
    for name, measure in spec.measured.items():
        values[name] = measure.of(scope.with_values(**values))
    return values


def _expected(spec: Plant, scope: Scope, drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Compute in the order written; later ones may use earlier ones."""
    values: dict[str, Any] = {}
    for name, node in spec.expected.items():
        try:
            values[name] = resolve(node, {**drawn, **values})
        except VaryError as failure:
            raise PlantFailed(("expected", name), failure.sentence) from None
    return values


def _assert(spec: Plant, scope: Scope) -> None:
    for index, claim in enumerate(spec.asserts):
        try:
            holds = bool(evaluate(claim, scope.values)) if isinstance(claim, str) else not judge([claim], scope).misses
        except (VaryError, ScopeError) as failure:
            raise PlantFailed(("assert", index), str(failure)) from None
        if not holds:
            raise PlantFailed(("assert", index), f"the plant breaks its teaching point: {claim if isinstance(claim, str) else claim.rows}")


def paper_of(planted: Planted, *, seed: int, language: str, start: str, base: str) -> Paper:
    """Give the paper of an attempt on what was planted."""
    return Paper(seed, language, start, base, planted.drawn, planted.expected, planted.names)
