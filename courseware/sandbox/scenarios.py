"""Read a scenario's four files into one immutable Scenario; every fault is reported with its path. What it plants is in plants.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, model_validator

from courseware.course.yaml import Strict
from courseware.i18n import Text
from courseware.sandbox.actions import VERBS
from courseware.sandbox.checks import CHECKS
from courseware.sandbox.diff import DiffRule
from courseware.sandbox.expectations import Expectation
from courseware.sandbox.findings import CheckSpec, Repeat, Selection
from courseware.sandbox.plants import Plant, read_plant
from courseware.sandbox.play import LOOKS, Event, Rules, Step
from courseware.sandbox.scope import column_of
from courseware.sandbox.tables import Table, Tables

Path = tuple[str | int, ...]
Fault = Callable[[Path, str], None]
TOTAL_WEIGHT, FIRST_WEIGHT, NEAR_MISSES = 12, 4, 3
FILES = ("scenario.yaml", "plant.yaml", "reference.yaml", "near_misses.yaml")


class Question(Strict):
    """A typed answer that the scenario asks for."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    type: Literal["number", "choice", "choices", "text"]
    text: Text
    unit: Text | None = None
    choices: dict[str, Text] = {}

    @model_validator(mode="after")
    def _choices_where_needed(self) -> Question:
        if bool(self.choices) != (self.type in ("choice", "choices")):
            raise ValueError("`choices` belong to the types choice and choices, and to no other")
        return self


class StepFile(Strict):
    """One line of a script."""

    do: str
    on: Any = None
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    as_: str | None = Field(default=None, alias="as")
    id: str | None = None
    by: Any = None
    repeat: Repeat | None = None

    @model_validator(mode="after")
    def _known(self) -> StepFile:
        if self.do not in VERBS and self.do not in (*LOOKS, "undo"):
            raise ValueError(f"unknown verb {self.do!r}; known: {', '.join(sorted(VERBS))}, undo")
        if self.do in VERBS:
            verb = VERBS[self.do]
            known = {argument.name for argument in verb.arguments}
            unknown = set(self.with_) - known
            if unknown:
                raise ValueError(f"{self.do} does not know {sorted(unknown)[0]!r}; it takes: {', '.join(sorted(known)) or 'nothing'}")
            if (verb.on is None) != (self.on is None):
                raise ValueError(f"{self.do} needs `on`: a record of {verb.on}" if verb.on else f"{self.do} acts on no record; leave `on` out")
        return self

    def step(self) -> Step:
        return Step(self.do, self.on, self.with_, self.as_, self.id, self.by, self.repeat.raw() if self.repeat else None)


class EventFile(Strict):
    id: str
    for_: Selection | None = Field(default=None, alias="for")
    when: list[Expectation] = []
    after: int = Field(default=0, ge=0)
    by: Any = None
    do: list[StepFile] = Field(min_length=1)
    says: Text | None = None

    def event(self) -> Event:
        when = [{"rows": expectation.rows, "has": expectation.has} for expectation in self.when]
        return Event(self.id, tuple(step.step() for step in self.do), self.after, self.for_, when, self.by, self.says)


class Changed(Strict):
    """How a near-miss differs from the reference: step ids left out, replaced, surrounded, exchanged."""

    without: list[str] = []
    replace: dict[str, list[StepFile]] = {}
    before: dict[str, list[StepFile]] = {}
    after: dict[str, list[StepFile]] = {}
    swap: list[str] = Field(default=[], max_length=2)


class NearMissFile(Strict):
    id: str
    title: Text
    tempting: bool = False
    change: Changed | None = None
    script: list[StepFile] | None = None
    fails: list[str] = Field(min_length=1)
    says: Text

    @model_validator(mode="after")
    def _one_way(self) -> NearMissFile:
        if (self.change is None) == (self.script is None):
            raise ValueError("a near-miss has either `change` (of the reference) or a whole `script`")
        return self


class ScenarioFile(Strict):
    id: str = Field(pattern=r"^SC\d\d$")
    title: Text
    module: str
    role: Text
    difficulty: int = Field(ge=1, le=4)
    minutes: int = Field(gt=0)
    start: str = Field(default="2026-03-16 09:30", pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d$")
    objectives: list[str] = Field(min_length=1)
    facts: list[str] = []
    situation: Text
    tasks: list[Text] = Field(min_length=1)
    rules: list[Text] = []
    open: list[str] = []
    verbs: list[str] = []
    questions: list[Question] = []
    find: dict[str, Selection] = {}
    checks: list[dict[str, Any]] = Field(min_length=1)
    diff: list[DiffRule] = []
    events: list[EventFile] = []
    then: list[StepFile] = []


@dataclass(frozen=True)
class NearMiss:
    """A script that must fail: exactly these checks, with these words in a finding or its teaching."""

    id: str
    title: Text
    tempting: bool
    script: tuple[Step, ...]
    fails: frozenset[str]
    says: Text


@dataclass(frozen=True)
class Scenario:
    """A scenario, read and checked. Check specs are the models of their kinds (courseware.sandbox.checks)."""

    id: str
    title: Text
    module: str
    role: Text
    difficulty: int
    minutes: int
    start: str
    objectives: tuple[str, ...]
    facts: tuple[str, ...]
    situation: Text
    tasks: tuple[Text, ...]
    rules: tuple[Text, ...]
    open: tuple[str, ...]
    verbs: tuple[str, ...]
    questions: Mapping[str, Question]
    find: Mapping[str, Any]
    checks: tuple[CheckSpec, ...]
    diff: tuple[DiffRule, ...]
    events: tuple[Event, ...]
    then: tuple[Step, ...]
    plant: Plant
    reference: tuple[Step, ...]
    near_misses: tuple[NearMiss, ...]
    looks: frozenset[str] = field(default_factory=frozenset)

    @property
    def playing(self) -> Rules:
        return Rules(self.questions, self.events, self.find)

    def check(self, id: str) -> CheckSpec | None:
        return next((check for check in self.checks if check.id == id), None)


def read_scenario(files: Mapping[str, Any], faults: Mapping[str, Fault], tables: Tables, objectives: Sequence[str] | None = None) -> Scenario | None:
    """Read the parsed data of the four files (by name). Faults go to `faults[name](path, sentence)`; a scenario with faults is None.

    `objectives` are the codes of the course; None leaves them unchecked.
    """
    noted: list[str] = []

    def reporting(name: str) -> Fault:
        def report(path: Path, sentence: str) -> None:
            noted.append(sentence)
            faults[name](path, sentence)

        return report

    report = {name: reporting(name) for name in FILES}
    missing = [name for name in FILES if files.get(name) is None]
    for name in missing:
        report["scenario.yaml" if name not in faults else name]((), f"{name} is missing or empty")
    if missing:
        return None
    header = _read(ScenarioFile, files["scenario.yaml"], report["scenario.yaml"])
    plant = read_plant(files["plant.yaml"], report["plant.yaml"], tables)
    reference = _read(list[StepFile], files["reference.yaml"], report["reference.yaml"])
    near = _read(list[NearMissFile], files["near_misses.yaml"], report["near_misses.yaml"])
    if header is None:
        return None
    checks = _checks(header, report["scenario.yaml"])
    _weigh(header, checks, report["scenario.yaml"], objectives)
    if plant is not None:
        names = _Names(tables, {**plant.tables_by_name(), **_found(header.find)})
        made = frozenset(str(name) for name in _values(files["reference.yaml"], "as"))
        for name in FILES:
            names.walk(files[name], (), report[name], made | {"it"} if name == "near_misses.yaml" else frozenset({"it"}))
        _open_records(header, names, report["scenario.yaml"])
    misses = _near_misses(near or [], reference or [], checks, report["near_misses.yaml"])
    if noted or plant is None or reference is None:
        return None
    return _scenario(header, checks, plant, reference, misses)


def _scenario(header: ScenarioFile, checks: Sequence[CheckSpec], plant: Plant, reference: Sequence[StepFile], misses: Sequence[NearMiss]) -> Scenario:
    return Scenario(
        header.id, header.title, header.module, header.role, header.difficulty, header.minutes, header.start, tuple(header.objectives), tuple(header.facts),
        header.situation, tuple(header.tasks), tuple(header.rules), tuple(header.open), tuple(header.verbs),
        {question.key: question for question in header.questions}, header.find, tuple(checks), tuple(header.diff),
        tuple(event.event() for event in header.events), tuple(step.step() for step in header.then), plant,
        tuple(step.step() for step in reference), tuple(misses), frozenset(_looks(checks)),
    )  # fmt: skip


def _read(model: Any, data: Any, fault: Fault, path: Path = ()) -> Any:
    try:
        return TypeAdapter(model).validate_python(data)
    except ValidationError as failure:
        for error in failure.errors():
            sentence = error["msg"].removeprefix("Value error, ")
            if error["type"] == "extra_forbidden":
                sentence = f"unknown key {error['loc'][-1]!r}"
            elif error["type"] == "missing":
                sentence = f"key {error['loc'][-1]!r} is missing"
            fault((*path, *error["loc"]), sentence)
        return None


def _checks(header: ScenarioFile, fault: Fault) -> list[CheckSpec]:
    checks: list[CheckSpec] = []
    for index, raw in enumerate(header.checks):
        kind = raw.get("kind")
        if not isinstance(kind, str) or kind not in CHECKS:
            fault(("checks", index, "kind"), f"unknown kind {kind!r} of check; known: {', '.join(sorted(CHECKS))}")
            continue
        check = _read(CHECKS[kind].spec, raw, fault, ("checks", index))
        if check is not None:
            checks.append(check)
            question = getattr(check, "question", None)
            if question is not None and all(question != known.key for known in header.questions):
                fault(("checks", index, "question"), f"unknown question {question!r}; known: {', '.join(known.key for known in header.questions) or 'none'}")
    return checks


def _weigh(header: ScenarioFile, checks: Sequence[CheckSpec], fault: Fault, objectives: Sequence[str] | None) -> None:
    for index, verb in enumerate(header.verbs):
        if verb not in VERBS:
            fault(("verbs", index), f"unknown verb {verb!r}; known: {', '.join(sorted(VERBS))}")
    for index, code in enumerate(header.objectives):
        if objectives is not None and code not in objectives:
            fault(("objectives", index), f"unknown objective {code!r}")
    if len(checks) != len(header.checks):
        return
    for index, check in enumerate(checks):
        if check.objective not in header.objectives:
            fault(("checks", index, "objective"), f"objective {check.objective!r} is not in the header: {', '.join(header.objectives)}")
        if any(check.id == other.id for other in checks[:index]):
            fault(("checks", index, "id"), f"two checks are called {check.id!r}")
    weights = {code: sum(check.weight for check in checks if check.objective == code) for code in header.objectives}
    for index, code in enumerate(header.objectives):
        if not weights[code]:
            fault(("objectives", index), f"no check carries the objective {code}")
    if abs(sum(weights.values()) - TOTAL_WEIGHT) > 1e-9:
        fault(("checks",), f"the weights sum to {sum(weights.values()):g}; they must sum to {TOTAL_WEIGHT}")
    if weights[header.objectives[0]] < FIRST_WEIGHT:
        fault(("checks",), f"the first objective, {header.objectives[0]}, has weight {weights[header.objectives[0]]:g}; it needs at least {FIRST_WEIGHT}")


def _near_misses(near: Sequence[NearMissFile], reference: Sequence[StepFile], checks: Sequence[CheckSpec], fault: Fault) -> list[NearMiss]:
    if len(near) < NEAR_MISSES:
        fault((), f"{len(near)} near-misses; at least {NEAR_MISSES} are needed")
    known, ids = {check.id for check in checks}, {step.id for step in reference}
    read = []
    for index, miss in enumerate(near):
        for check in set(miss.fails) - known:
            fault((index, "fails"), f"unknown check {check!r}; known: {', '.join(sorted(known))}")
        used = _step_ids(miss.change) if miss.change else []
        for step in used:
            if step not in ids:
                fault((index, "change"), f"the reference has no step {step!r}; it has: {', '.join(sorted(id for id in ids if id))}")
        script = miss.script if miss.script is not None else changed(reference, miss.change or Changed())
        read.append(NearMiss(miss.id, miss.title, miss.tempting, tuple(step.step() for step in script), frozenset(miss.fails), miss.says))
    return read


def _step_ids(change: Changed) -> list[str]:
    return [*change.without, *change.replace, *change.before, *change.after, *change.swap]


def changed(reference: Sequence[StepFile], change: Changed) -> list[StepFile]:
    """Give the reference with a near-miss's changes."""
    steps = list(reference)
    places = [index for index, step in enumerate(steps) if step.id in change.swap]
    if len(places) == 2:
        steps[places[0]], steps[places[1]] = steps[places[1]], steps[places[0]]
    result: list[StepFile] = []
    for step in steps:
        id = step.id or ""
        result += change.before.get(id, [])
        result += [] if id in change.without else change.replace.get(id, [step])
        result += change.after.get(id, [])
    return result


def _looks(checks: Sequence[CheckSpec]) -> Iterator[str]:
    for check in checks:
        for pattern in _patterns(check):
            yield from (verb for verb in pattern if verb in LOOKS)


def _patterns(model: BaseModel) -> Iterator[tuple[str, ...]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        for each in value if isinstance(value, list) else [value]:
            if hasattr(each, "verbs"):
                yield each.verbs()


def _found(find: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: selection["table"] if isinstance(selection, dict) else None for name, selection in find.items()}


def _open_records(header: ScenarioFile, names: _Names, fault: Fault) -> None:
    for index, name in enumerate(header.open):
        if not name.startswith("$") or not names.knows(name[1:]):
            fault(("open", index), f"{name!r} names no record of the plant")


_NAME = re.compile(r"^\$([A-Za-z_][\w{}.-]*)$")


@dataclass(frozen=True)
class _Names:
    """The static look over a file: names, tables and columns that are not there."""

    tables: Tables
    known: Mapping[str, str | None]

    def knows(self, name: str) -> bool:
        bare = name.split(".")[0]
        return "{" in name or bare in self.known or any("{" in pattern and re.fullmatch(_as_pattern(pattern), bare) for pattern in self.known)

    def walk(self, node: Any, path: Path, fault: Fault, extra: frozenset[str]) -> None:
        """Go through the whole data of a file."""
        if isinstance(node, list):
            made = frozenset(str(step["as"]) for step in node if isinstance(step, dict) and "as" in step)
            for index, child in enumerate(node):
                self.walk(child, (*path, index), fault, extra | made)
        elif isinstance(node, dict):
            self._table(node, path, fault)
            if "script" in node or "change" in node:
                extra |= frozenset(str(name) for name in _values(node, "as"))
            for key, child in node.items():
                self.walk(child, (*path, key), fault, extra)
        elif isinstance(node, str) and (found := _NAME.match(node)):
            name = found[1]
            if not self.knows(name) and name.split(".")[0] not in extra and not any("{" in each for each in extra):
                fault(path, f"unknown name ${name}; known: {', '.join(f'${each}' for each in sorted({*self.known, *extra} - {'it'}))}")

    def _table(self, node: Mapping[str, Any], path: Path, fault: Fault) -> None:
        name, rows = node.get("table"), node.get("rows")
        if isinstance(name, str) and (set(node) & {"where", "made", "columns", "label", "has"} or len(node) == 1):
            if name not in self.tables:
                fault((*path, "table"), f"unknown table {name!r}; known: {', '.join(self.tables)}")
                return
            self._columns(self.tables[name], node, ("where", "columns", "has"), path, fault)
        table = rows.get("table") if isinstance(rows, dict) else self.known.get(rows[1:]) if isinstance(rows, str) else None
        if isinstance(table, str) and table in self.tables:
            self._columns(self.tables[table], node, ("has", "columns"), path, fault)

    def _columns(self, table: Table, node: Mapping[str, Any], keys: Sequence[str], path: Path, fault: Fault) -> None:
        for key in keys:
            named = node.get(key)
            for column in named if isinstance(named, (list, dict)) else ():
                bare = column_of(str(column))
                if bare != "id" and not table.has(bare):
                    fault((*path, key), f"table {table.name!r} has no column {bare!r}; it has: {', '.join(each.name for each in table.columns)}")


def _values(node: Any, key: str) -> Iterator[Any]:
    if isinstance(node, dict):
        for name, child in node.items():
            if name == key:
                yield child
            yield from _values(child, key)
    elif isinstance(node, list):
        for child in node:
            yield from _values(child, key)


def _as_pattern(name: str) -> str:
    return ".+".join(re.escape(part) for part in re.split(r"\{[^{}]*\}", name))


def read_script(data: Any) -> tuple[Step, ...]:
    """Read a script that stands on its own. Raises pydantic's ValidationError, which tells every fault."""
    return tuple(step.step() for step in TypeAdapter(list[StepFile]).validate_python(data))
