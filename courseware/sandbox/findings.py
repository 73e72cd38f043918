"""What a check is and what it finds: the common fields, the context it sees, its outcome, the finding with the rungs of the hint ladder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from courseware.course.yaml import Strict
from courseware.i18n import Text
from courseware.registry import Registry
from courseware.sandbox import show
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.scope import OPERATORS, SELECTION_KEYS, Scope
from courseware.sandbox.state import State
from courseware.sandbox.verbs import AskedQuestion

RUNGS = ("where", "field", "expected")
COSTS: Mapping[str, float] = {"where": 0.1, "field": 0.2, "expected": 0.4}  # of the weight of the check
MOST_TEACHINGS, MOST_VALUES = 3, 6
MUST_PASS = frozenset({"order", "guard"})  # kinds of which every check must pass


def check_selection(selection: Any) -> Any:
    """Refuse what is neither `$name` nor `{table, where, made}`."""
    if isinstance(selection, str) and selection.startswith("$"):
        return selection
    if not isinstance(selection, dict) or "table" not in selection or set(selection) - SELECTION_KEYS:
        raise ValueError("expected $name or {table: …, where: {…}, made: true}")
    check_conditions(selection.get("where", {}))
    return selection


def check_conditions(conditions: Any) -> Any:
    """Refuse operators that conditions do not know."""
    if not isinstance(conditions, dict):
        raise ValueError("expected {column: condition}")
    for column, condition in conditions.items():
        if isinstance(condition, dict) and not (condition and set(condition) <= OPERATORS):
            raise ValueError(f"{column}: a condition has one or more of {', '.join(sorted(OPERATORS))}, not {', '.join(map(str, condition)) or 'nothing'}")
    return conditions


Selection = Annotated[Any, AfterValidator(check_selection)]
Conditions = Annotated[dict[str, Any], AfterValidator(check_conditions)]


class Repeat(Strict):
    each: str
    in_: Any = Field(alias="in")

    def raw(self) -> dict[str, Any]:
        return {"each": self.each, "in": self.in_}


class Rungs(Strict):
    where: Text | None = None
    field: Text | None = None
    expected: Text | None = None


class CheckSpec(Strict):
    """The fields that every check has in its file; each kind adds its own."""

    id: str
    kind: str
    weight: float = Field(gt=0)
    objective: str
    title: Text
    area: Text
    found: Text
    teaching: Text
    rungs: Rungs = Rungs()
    partial: bool = False
    on: Literal["before", "after"] = "before"

    def drawn(self, context: Context) -> Any:
        """Give what this check wants of the learner if that should differ between variants, else None; a proof compares seeds."""
        return None

    def doubts(self, context: Context) -> Iterator[str]:
        """Say why this check cannot tell right from wrong on a variant; a proof asks on the reference's end."""
        return iter(())


@dataclass(frozen=True)
class Context:
    """What a check sees: the final rows and names (scope), the journal, the paper, the questions of the scenario."""

    scope: Scope
    journal: Journal
    paper: Paper
    questions: Mapping[str, AskedQuestion] = field(default_factory=dict)


@dataclass(frozen=True)
class Miss:
    """One thing that does not hold: the row, the columns, what they hold, what was wanted, and the teaching of this miss."""

    table: str | None = None
    id: int | None = None
    where: Text | None = None
    field: Text | None = None
    holds: Text | None = None
    expected: Text | None = None
    teach: Text | None = None


@dataclass(frozen=True)
class Outcome:
    """What a kind of check makes out: how much holds of how much, and the misses."""

    passed: bool
    held: int
    of: int
    misses: tuple[Miss, ...] = ()
    count: int = 0
    values: tuple[Text, ...] = ()  # what was found where all is well


@dataclass(frozen=True)
class Finding:
    """The result of one check, ready to show. The three rungs are shown only when opened; `record` is where the first miss stands."""

    check: str
    kind: str
    title: Text
    objective: str
    weight: float
    passed: bool
    fraction: float
    area: Text
    found: Text
    teaching: Text | None
    where: Text
    field: Text
    expected: Text
    record: tuple[str, int] | None = None

    def to_json(self) -> dict[str, Any]:
        texts = {name: dict(text) for name in ("title", "area", "found", "where", "field", "expected") if isinstance(text := getattr(self, name), Text)}
        return {
            "check": self.check, "kind": self.kind, "objective": self.objective, "weight": self.weight, "passed": self.passed, "fraction": self.fraction,
            **texts, "teaching": dict(self.teaching) if self.teaching else None, "record": list(self.record) if self.record else None,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        texts: dict[str, Any] = {name: Text(data[name]) for name in ("title", "area", "found", "where", "field", "expected")}
        plain: dict[str, Any] = {name: data[name] for name in ("check", "kind", "objective", "weight", "passed", "fraction")}
        record = (data["record"][0], data["record"][1]) if data["record"] else None
        return cls(**plain, **texts, teaching=Text(data["teaching"]) if data["teaching"] else None, record=record)


@dataclass(frozen=True)
class CheckKind:
    """A kind of check: the model of its fields and the rule. `example` is YAML-like data that the contract tests read."""

    name: str
    spec: type[CheckSpec]
    rule: Callable[[Any, Context], Outcome]
    example: Mapping[str, Any]


CHECKS: Registry[CheckKind] = Registry("check kind")


def check_kind(name: str, spec: type[CheckSpec], *, example: Mapping[str, Any]) -> Callable[[Callable[[Any, Context], Outcome]], Callable[[Any, Context], Outcome]]:
    """Register a rule as a kind of check."""

    def register(rule: Callable[[Any, Context], Outcome]) -> Callable[[Any, Context], Outcome]:
        CHECKS.add(name, CheckKind(name, spec, rule, example))
        return rule

    return register


NOWHERE = Text({"en": "no such record yet", "zh": "还没有这样的记录"})
NOTHING = Text({"en": "nothing", "zh": "无"})


def nowhere(state: State, *tables: str) -> Text:
    """Say that what was looked for among the rows of these tables is not there."""
    return show.joined([show.joined([state.tables[name].label for name in dict.fromkeys(tables)], show.COMMA), NOWHERE], show.COLON) if tables else NOWHERE


def find(spec: CheckSpec, context: Context) -> Finding:
    """Run one check and make its finding."""
    outcome = CHECKS[spec.kind].rule(spec, context)
    misses = outcome.misses
    first = misses[0] if misses else Miss()
    found = {
        "held": outcome.held, "of": outcome.of, "count": outcome.count,
        "values": dict(show.joined((_different(miss.holds for miss in misses) or list(dict.fromkeys(outcome.values)))[:MOST_VALUES] or [NOTHING])),
    }  # fmt: skip
    part = outcome.held / outcome.of if spec.partial and outcome.of else 0.0
    scope = context.scope
    rungs = {
        "where": show.joined(_different(miss.where for miss in misses)) if any(miss.where for miss in misses) else nowhere(scope.state, *(miss.table for miss in misses if miss.table)),
        "field": show.joined(_different(miss.field for miss in misses)) if misses else NOTHING,
        "expected": show.joined(_different(miss.expected for miss in misses), "; ") if misses else NOTHING,
    }
    for name in RUNGS:
        written = getattr(spec.rungs, name)
        if written is not None:
            rungs[name] = scope.text(written, **found)
    teachings = _different(miss.teach or spec.teaching for miss in misses) or [spec.teaching]
    teaching = None if outcome.passed else scope.text(show.joined(teachings[:MOST_TEACHINGS], " "), **found)
    record = (first.table, first.id) if first.table and first.id else None
    return Finding(
        spec.id, spec.kind, scope.text(spec.title), spec.objective, spec.weight, outcome.passed, 1.0 if outcome.passed else round(part, 4),
        scope.text(spec.area), scope.text(spec.found, **found), teaching, rungs["where"], rungs["field"], rungs["expected"], record,
    )  # fmt: skip


def _different(texts: Any) -> list[Text]:
    return list(dict.fromkeys(text for text in texts if text is not None))
