"""Read a scenario's four files into one immutable Scenario; every fault is reported with its path. What it plants is in plants.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from courseware.i18n import Text
from courseware.sandbox.actions import VERBS
from courseware.sandbox.checks import CHECKS
from courseware.sandbox.diff import DiffRule
from courseware.sandbox.findings import CheckSpec
from courseware.sandbox.plants import Plant, read_plant
from courseware.sandbox.play import LOOKS, Event, Rules, Step
from courseware.sandbox.references import References, values_of
from courseware.sandbox.scenario_files import Changed, NearMissFile, Question, ScenarioFile, StepFile
from courseware.sandbox.tables import Tables

Path = tuple[str | int, ...]
Fault = Callable[[Path, str], None]
TOTAL_WEIGHT, FIRST_WEIGHT, NEAR_MISSES = 12, 4, 3
FILES = ("scenario.yaml", "plant.yaml", "reference.yaml", "near_misses.yaml")


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
        names = References(tables, {**plant.tables_by_name(), **_found(header.find)})
        made = frozenset(str(name) for name in values_of(files["reference.yaml"], "as"))
        for name in FILES:
            names.walk(files[name], (), report[name], made | {"it"} if name == "near_misses.yaml" else frozenset({"it"}))
        _open_records(header, names, report["scenario.yaml"])
        if "me" not in plant.names:
            report["plant.yaml"](("names",), "`me` is missing: the employee whom the learner plays")
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


def _open_records(header: ScenarioFile, names: References, fault: Fault) -> None:
    for index, name in enumerate(header.open):
        if not name.startswith("$") or not names.knows(name[1:]):
            fault(("open", index), f"{name!r} names no record of the plant")


def read_script(data: Any) -> tuple[Step, ...]:
    """Read a script that stands on its own. Raises pydantic's ValidationError, which tells every fault."""
    return tuple(step.step() for step in TypeAdapter(list[StepFile]).validate_python(data))
