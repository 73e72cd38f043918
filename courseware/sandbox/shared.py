"""Values of one learner in the work of another: what counts as evidence of a shared answer, and what never does. It is for a talk; no mark knows of it.

Papers hold what the seed drew and what follows from it, journals what was typed; both are there anyway, so nothing more is stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.errors import Invalid
from courseware.expressions import VaryError, round_half_up
from courseware.sandbox.actions.exercise import read_answer
from courseware.sandbox.checks.answer import AnswerSpec, is_right
from courseware.sandbox.models import JournalEntry, SandboxAttempt, Status
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State
from courseware.variants import resolve

VARIANTS = 200  # drawn of a scenario to see how often two of them agree
MOST_ALIKE = 1 / 1000  # chance that two variants agree; above it nothing is evidence
MOST_IN_CLASS = 1 / 100  # chance that any of all the others agrees
FIGURES = 5  # of a value in an action, zeros before and after not counted: counts, shares and round prices are shorter
DECIMALS = 4  # to which people round what a paper holds exactly
FIRST_SEED = 1_000_000
NOT_TYPED = ("plant", "reset", "undo")
SET_BY_THE_SITE = frozenset({"record", "by", "bulk"})  # arguments that nobody types

_LONG = re.compile(r"\d[\d ,，.．-]{3,}\d")  # most values hold nothing of the kind, and there are very many
_NUMBER = re.compile(r"(?<!\d)1\d{2}[ -]?\d{4}[ -]?\d{4}(?!\d)|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?")  # a mobile; with commas; any other


@dataclass(frozen=True)
class Run:
    """An attempt at a scenario and the values of its paper, drawn and expected."""

    id: int
    person_id: int
    scenario: str
    number: int
    started_at: datetime
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Typed:
    """One action of a learner as the journal holds it, with the time of the school."""

    run_id: int
    verb: str
    arguments: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Quote:
    """Something typed that stands in another's paper: in an answer to the question `key`, or in an action; `place` is its name in that paper."""

    verb: str
    text: str
    place: str
    at: datetime
    key: str | None = None


@dataclass(frozen=True)
class Chance:
    """How often two of the variants drawn for comparison agree, of how many comparisons; how many of them hold exactly this; and with how many others a run is compared."""

    agreeing: int
    compared: int
    holding: int
    others: int

    @property
    def share(self) -> float:
        return self.agreeing / self.compared if self.compared else 1.0

    @property
    def is_small(self) -> bool:
        return not self.holding and self.share <= min(MOST_ALIKE, MOST_IN_CLASS / self.others)


@dataclass(frozen=True)
class Evidence:
    """What was typed in one run and belongs to the paper of another learner's, begun before."""

    run: Run
    owner: Run
    quotes: tuple[Quote, ...]
    chance: Chance

    @property
    def at(self) -> datetime:
        return min(quote.at for quote in self.quotes)


# Numbers in values


def figures(value: Any) -> set[str]:
    """Give the numbers of a value that are long enough to be told apart, as plain digits: of a fraction each rounding, of a text each number in it."""
    found: set[str] = set()
    if isinstance(value, str):
        if _LONG.search(value):
            found = {re.sub(r"[ ,-]", "", number[0]) for number in _NUMBER.finditer(unicodedata.normalize("NFKC", value))}
    elif isinstance(value, int):
        found = {str(abs(value))} if abs(value) >= 10 ** (FIGURES - 1) else found
    elif _is_number(value):
        found = {f"{abs(round_half_up(value, places)):.{places}f}" for places in range(DECIMALS + 1)}
    return {number for each in found if len((number := _plain(each)).replace(".", "").strip("0")) >= FIGURES}


def _is_number(value: Any) -> bool:
    """Whether a value is a number that can be rounded; longer ones than this mean nothing here."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _plain(number: str) -> str:
    whole, _, rest = number.partition(".")
    whole = whole[2:] if len(whole) == 13 and whole.startswith("86") else whole  # a mobile with its country code
    return (whole.lstrip("0") + "." + rest.rstrip("0")).rstrip(".")


def leaves(node: Any) -> list[tuple[str, Any]]:
    """Give every single value with its place, in the order of the paper; elements of one list have the same place."""
    found: list[tuple[str, Any]] = []
    waiting: list[tuple[str, Any]] = [("", node)]
    while waiting:  # no recursion: a class has a hundred thousand of them
        place, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [(f"{place}.{name}" if place else str(name), child) for name, child in reversed(list(value.items()))]
        elif isinstance(value, list | tuple):
            waiting += [(place, child) for child in reversed(value)]
        else:
            found.append((place, value))
    return found


def all_figures(node: Any) -> set[str]:
    return {number for _, value in leaves(node) for number in figures(value)}


# How often two variants agree


@dataclass(frozen=True)
class Sample:
    """Variants of a scenario, drawn for comparison: their right answers, how many hold each number, how often two agree at each place of the paper."""

    answers: tuple[Mapping[str, float], ...]
    holding: Mapping[str, int]
    places: Mapping[str, tuple[int, int]]

    def of_answers(self, answers: Sequence[Answer], others: int) -> Chance:
        """How often two variants have the same right answers to all these questions, rounded as they were typed."""
        rounded = Counter(tuple(round_half_up(right[each.key], each.decimals) for each in answers) for right in self.answers if all(each.key in right for each in answers))
        count = rounded.total()
        typed = tuple(round_half_up(each.number, each.decimals) for each in answers)
        return Chance(sum(same * (same - 1) for same in rounded.values()), count * (count - 1), rounded[typed], others)

    def of_number(self, place: str, number: str, others: int) -> Chance:
        """How often a number at this place of one variant stands anywhere in another. A place that is not known here is no evidence."""
        return Chance(*self.places.get(place, (0, 0)), self.holding.get(number, 0), others)


def sample_of(scenario: Scenario) -> Sample:
    """Draw the variants; the firm is not needed. What a plant measures in its rows is left out, and is therefore never evidence."""
    answers, holding, places = [], Counter[str](), defaultdict[str, list[str]](list)
    for seed in range(FIRST_SEED, FIRST_SEED + VARIANTS):
        try:
            values = variant_of(scenario, seed)
        except VaryError:  # nobody begins with a seed from which nothing can be drawn
            continue
        answers.append(right_answers(scenario, values))
        numbers = [(place, number) for place, value in leaves(values) for number in figures(value)]
        holding.update({number for _, number in numbers})
        for place, number in numbers:
            places[place].append(number)
    agreeing = {place: (sum(holding[number] - 1 for number in numbers), len(numbers) * (len(answers) - 1)) for place, numbers in places.items()}
    return Sample(tuple(answers), holding, agreeing)


def variant_of(scenario: Scenario, seed: int) -> dict[str, Any]:
    """Give the values of a paper as far as they follow from the seed alone."""
    values = dict(scenario.plant.vary.draw(Random(seed))) if scenario.plant.vary else {}
    for name, node in scenario.plant.expected.items():
        try:
            values[name] = resolve(node, values)
        except VaryError:  # rests on something measured
            continue
    return values


# Typed answers


@dataclass(frozen=True)
class Answer:
    """A number typed as the answer to a question, and to how many decimals."""

    key: str
    text: str
    number: float
    decimals: int
    at: datetime

    def is_rounding_of(self, value: Any) -> bool:
        return _is_number(value) and abs(round_half_up(value, self.decimals) - self.number) < 1e-9


def right_answers(scenario: Scenario, values: Mapping[str, Any]) -> dict[str, float]:
    """Give the right number of every question whose check finds it in the paper; what is measured in the learner's own rows is nobody else's."""
    checks = _answer_checks(scenario)
    measured = {check.question for check in checks if check.measure}
    found = {check.question: _number(check.expected, values) for check in checks if check.question not in measured}
    return {key: right for key, right in found.items() if right is not None}


def _answer_checks(scenario: Scenario, key: str | None = None) -> list[AnswerSpec]:
    """The checks of typed numbers; those of one question, if it is named."""
    checks = [check for check in scenario.checks if isinstance(check, AnswerSpec) and scenario.questions[check.question].type == "number"]
    return [check for check in checks if key in (None, check.question)]


def _number(node: Any, values: Mapping[str, Any]) -> float | None:
    try:
        found = resolve(node, values)
        return float(found) if isinstance(found, int | float | str) else None
    except (VaryError, ValueError):
        return None


def _read(scenario: Scenario, typed: Typed) -> Answer | None:
    question = scenario.questions.get(str(typed.arguments.get("key")))
    if typed.verb != "answer.give" or question is None or question.type != "number":
        return None
    text = str(typed.arguments.get("value")).strip()
    try:
        number = float(read_answer(question, text))
    except Invalid:
        return None
    return Answer(question.key, text, number, min(len(text.partition(".")[2]), DECIMALS), typed.at)


def _has_a_reason(answer: Answer, scenario: Scenario, papers: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an answer can come from the learner's own papers: it is right there, a known wrong path leads to it, or it stands there."""
    question = scenario.questions[answer.key]
    for values in papers:
        for check in _answer_checks(scenario, answer.key):
            known = [_number(node, values) for node in (check.expected, *(wrong.value for wrong in check.wrong)) if node is not None]
            if any(number is not None and is_right(question, answer.number, number, check) for number in known):
                return True
        if any(answer.is_rounding_of(value) for _, value in leaves(values)):
            return True
    return False


def shared_answers(scenario: Scenario, runs: Sequence[Run], typed: Sequence[Typed], sample: Callable[[], Sample]) -> list[Evidence]:
    """Give, for two runs, the typed answers without a reason of their own that are the right ones of the other; together they must be rare enough.

    Where two others have the same answers right, the one with fewer of them says nothing more.
    """
    papers, found = _papers(runs), list[Evidence]()
    right = {run.id: right_answers(scenario, run.values) for run in runs}
    answers = _answers_by_run(scenario, typed)
    for run in runs:
        others = _others(run, runs)
        same = {other.id: [each for each in answers[run.id] if each.at > other.started_at and each.is_rounding_of(right[other.id].get(each.key))] for other in others}
        reasonable = {each for each in set().union(*same.values()) if _has_a_reason(each, scenario, papers[run.person_id])}
        odd = {id: frozenset(each) - reasonable for id, each in same.items()}
        for owner in others:
            its = sorted(odd[owner.id], key=lambda each: (each.at, each.key))
            if its and not any(odd[owner.id] < more for more in odd.values()) and (chance := sample().of_answers(its, len(others))).is_small:
                found.append(Evidence(run, owner, tuple(Quote("answer.give", each.text, each.key, each.at, each.key) for each in its), chance))
    return found


def _answers_by_run(scenario: Scenario, typed: Sequence[Typed]) -> dict[int, list[Answer]]:
    """The numbers typed in each run, each once a question: the first time it was typed."""
    first: dict[tuple[int, str, float], Answer] = {}
    for each in typed:
        answer = _read(scenario, each)
        if answer is not None:
            first.setdefault((each.run_id, answer.key, answer.number), answer)
    found: dict[int, list[Answer]] = defaultdict(list)
    for (run_id, _, _), answer in first.items():
        found[run_id].append(answer)
    return found


def _papers(runs: Sequence[Run]) -> dict[int, list[Mapping[str, Any]]]:
    """The papers of each person: somebody may remember a value of an earlier attempt of her own."""
    papers: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for run in runs:
        papers[run.person_id].append(run.values)
    return papers


def _others(run: Run, runs: Sequence[Run]) -> list[Run]:
    return [other for other in runs if other.person_id != run.person_id]


# Values in other actions


def shared_values(runs: Sequence[Run], typed: Sequence[Typed], sample: Callable[[], Sample]) -> list[Evidence]:
    """Give the long numbers typed into actions that stand in the paper of another learner and in none of one's own."""
    first: dict[tuple[int, str], Typed] = {}
    for each in typed:
        if each.verb != "answer.give" and "event" not in each.arguments:
            for number in all_figures({name: value for name, value in each.arguments.items() if name not in SET_BY_THE_SITE}):
                first.setdefault((each.run_id, number), each)
    if not first:
        return []
    places = {run.id: _places(run) for run in runs}
    own: dict[int, set[str]] = defaultdict(set)
    for run in runs:
        own[run.person_id] |= places[run.id].keys()
    found, by_id = [], {run.id: run for run in runs}
    for (run_id, number), each in first.items():
        run = by_id[run_id]
        others = _others(run, runs)
        owners = [other for other in others if number in places[other.id]]
        if number in own[run.person_id] or len({owner.person_id for owner in owners}) != 1:  # what two others have is nobody's own
            continue
        for owner in owners:
            place = places[owner.id][number]
            if each.at > owner.started_at and (chance := sample().of_number(place, number, len(others))).is_small:
                found.append(Evidence(run, owner, (Quote(each.verb, number, place, each.at),), chance))
    return found


def _places(run: Run) -> dict[str, str]:
    places: dict[str, str] = {}
    for place, value in leaves(run.values):
        for number in figures(value):
            places.setdefault(number, place)
    return places


def standing_in(state: State, numbers: Collection[str]) -> set[str]:
    """Give those of the numbers that stand anywhere in the firm, in whatever column."""
    wanted, found = sorted(numbers), set[str]()
    for table in state.tables.values() if wanted else ():
        row = " || ' ' || ".join(f"coalesce(\"{column.name}\", '')" for column in table.columns)
        asked = ", ".join(f"max(instr(written, ?)) AS n{place}" for place in range(len(wanted)))
        answer = state.query(f'SELECT {asked} FROM (SELECT {row} AS written FROM "{table.name}")', wanted)[0]
        found |= {number for place, number in enumerate(wanted) if answer[f"n{place}"]}
    return found


# All of it, for some persons


def evidence_among(
    session: Session, person_ids: Collection[int], scenarios: Mapping[str, Scenario], in_firm: Callable[[frozenset[str]], Collection[str]], sample: Callable[[Scenario], Sample]
) -> list[Evidence]:
    """Give all evidence among these persons, the newest first, in three statements. Every attempt counts, whatever became of it.

    `in_firm` gives those of some numbers that stand in the firm (standing_in), `sample` the variants of a scenario (sample_of): a page keeps both.
    """
    runs, typed = _runs(session, person_ids, scenarios), _typed(session, person_ids)
    answers: list[Evidence] = []
    values: list[Evidence] = []
    for id, scenario in scenarios.items():
        its = [run for run in runs if run.scenario == id]
        if len({run.person_id for run in its}) > 1:
            written = [each for run in its for each in typed[run.id]]
            answers += shared_answers(scenario, its, written, partial(sample, scenario))
            values += shared_values(its, written, partial(sample, scenario))
    planted = _planted(session, {each.run.id for each in values})
    known = in_firm(frozenset(each.quotes[0].text for each in values))
    new = [each for each in values if each.quotes[0].text not in planted[each.run.id] and each.quotes[0].text not in known]
    return sorted(answers + new, key=lambda each: (each.at, each.run.id), reverse=True)


def _runs(session: Session, person_ids: Collection[int], scenarios: Collection[str]) -> list[Run]:
    columns = (SandboxAttempt.id, SandboxAttempt.person_id, SandboxAttempt.scenario, SandboxAttempt.number, SandboxAttempt.started_at, SandboxAttempt.paper)
    query = select(*columns).where(SandboxAttempt.person_id.in_(person_ids), SandboxAttempt.scenario.in_(list(scenarios)), SandboxAttempt.status != Status.PRACTICE)
    rows = session.execute(query.order_by(SandboxAttempt.id))
    return [Run(id, person_id, scenario, number, at, {**paper["drawn"], **paper["expected"]}) for id, person_id, scenario, number, at, paper in rows]


def _typed(session: Session, person_ids: Collection[int]) -> dict[int, list[Typed]]:
    """What was typed in each run, in order; what was undone or reset was typed as well."""
    columns = (JournalEntry.attempt_id, JournalEntry.verb, JournalEntry.arguments, JournalEntry.created_at)
    query = select(*columns).join(SandboxAttempt, SandboxAttempt.id == JournalEntry.attempt_id)
    query = query.where(SandboxAttempt.person_id.in_(person_ids), SandboxAttempt.status != Status.PRACTICE, JournalEntry.verb.not_in(NOT_TYPED))
    typed: dict[int, list[Typed]] = defaultdict(list)
    for row in session.execute(query.order_by(JournalEntry.id)):
        typed[row.attempt_id].append(Typed(*row))
    return typed


def _planted(session: Session, run_ids: Collection[int]) -> dict[int, set[str]]:
    """The long numbers in the rows planted for these runs."""
    rows = session.execute(select(JournalEntry.attempt_id, JournalEntry.changes).where(JournalEntry.attempt_id.in_(run_ids), JournalEntry.epoch == 0))
    return {id: all_figures(changes) for id, changes in rows}
