"""What every question kind offers, the values it gives, and the source that yields one variant by seed. The rule of each kind is in kinds/."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from random import Random
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from courseware.assessment.practice import Firm, Practice, Take, TakeFailed
from courseware.expressions import Path, Values, VaryError
from courseware.i18n import LANGUAGES, Text
from courseware.registry import Registry
from courseware.variants import Vary, parse_vary, resolve

KINDS: Registry[type[Question]] = Registry("question kind")
"""Filled by courseware.assessment.kinds, which scans its folder."""

ENOUGH_VARIANTS = 20
ENOUGH_ANSWERS = 5  # over the seeds of a check, where the answer comes from the learner's own data
LONGEST_TYPED = 1_000

Response = Any
"""What a learner answered, as JSON: a text, a list or a mapping, by kind. None is no answer."""

Fields = Mapping[str, Sequence[str]]
"""Posted form fields, each with all its values."""

Order = Mapping[str, Sequence[str]]
"""The order of options a paper has frozen, by field of the question."""

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Points = Annotated[float, Field(gt=0, allow_inf_nan=False)]

P = TypeVar("P", bound="Piece")


@dataclass(frozen=True)
class Remark:
    """Feedback on one option, left side, field or part by id, or with `on=""` on the whole."""

    on: str
    text: Text
    right: bool


@dataclass(frozen=True)
class PartScore:
    """The score of one part; `fraction` is 0–1 of its `points`."""

    id: str
    fraction: float
    points: float
    rule: str


@dataclass(frozen=True)
class Score:
    """What a response is worth: `fraction` is 0–1 of the question's points, by the named rule in this version."""

    fraction: float
    rule: str
    version: int
    parts: tuple[PartScore, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def of(self, part: str) -> Score:
        """Give the score of one part, with the remarks on it."""
        found = next((known for known in self.parts if known.id == part), PartScore(part, 0.0, 0.0, self.rule))
        return Score(found.fraction, found.rule, self.version, (), tuple(_remarks_on(part, self.remarks)))


def _remarks_on(part: str, remarks: Iterable[Remark]) -> Iterator[Remark]:
    for remark in remarks:
        if remark.on == part:
            yield replace(remark, on="")
        elif remark.on.startswith(f"{part}."):
            yield replace(remark, on=remark.on.removeprefix(f"{part}."))


@dataclass(frozen=True)
class Fault:
    """What is wrong with a question: where inside its data, and a sentence."""

    path: Path
    sentence: str

    def __str__(self) -> str:
        return f"{'.'.join(str(key) for key in self.path)}: {self.sentence}" if self.path else self.sentence


class Model(BaseModel):
    """The base of all parts of a question: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Piece(Model):
    """A thing with an id that learners choose, match or order."""

    id: Id
    text: Text


class Question(Model):
    """One question as a learner meets it, all values drawn. Kinds add their fields, their rule and their feedback."""

    version: ClassVar[int] = 1
    shuffled: ClassVar[tuple[str, ...]] = ()
    """The fields whose pieces are put in random order once for each paper."""
    is_marked_by_hand: ClassVar[bool] = False
    """Whether a person gives the score of what was answered; the machine then scores only what is empty."""
    least_keys: ClassVar[int] = 1
    """How many different right answers a template of this kind must reach."""
    gives_evidence: ClassVar[bool] = True
    """Whether its score says something about mastery; where points are for answering at all, it does not."""
    has_run: ClassVar[bool] = False
    """Whether the learner answers by working in a run of the practice CRM that belongs to the question."""

    id: Id
    kind: str
    rule: str
    objective: str = Field(min_length=1)
    section: str = Field(min_length=1)
    level: Literal["remember", "understand", "apply", "analyse"]
    difficulty: float = Field(ge=0, le=1)
    points: Points
    family: Id | None = None
    """What its twins in other forms name too: a paper drawn from pools holds one of a family at most."""
    stem: Text
    hints: tuple[Text, ...] = ()
    """Shown one by one after wrong tries, where the behaviour of the quiz gives several."""
    sandbox: str | None = None
    """The scenario whose data the question is about, "" for the firm as it stands; comes from the `sandbox` block of the file (practice.py)."""
    _salt: int = PrivateAttr(default=0)

    @abstractmethod
    def clean(self, response: Response) -> Response:
        """Keep what fits this question: unknown ids and wrong types fall out. None if nothing is left. Never raises."""

    @abstractmethod
    def judge(self, given: Response) -> Score:
        """Score a cleaned response."""

    @abstractmethod
    def read(self, form: Fields, prefix: str) -> Response:
        """Turn posted fields whose names begin with the prefix into a response, or None if none is filled."""

    @abstractmethod
    def correct(self) -> Response:
        """Give a response that is fully right."""

    @classmethod
    @abstractmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        """Give an example for authors and tests: raw data, a right response, a wrong response."""

    def score(self, response: Response) -> Score:
        """Score any response. None, empty and what does not fit are unanswered: 0, without remarks."""
        given = self.clean(response)
        return self.unanswered() if given is None else self.judge(given)

    def is_answered(self, response: Response) -> bool:
        return self.clean(response) is not None

    @classmethod
    def queries(cls, raw: Mapping[str, Any]) -> dict[str, str]:
        """Name the queries whose rows a paper pins as `pinned`, from a question as written. Most kinds have none."""
        return {}

    def query_in(self, response: Response) -> str | None:
        """Give the query that has to be run before this response can be scored; None for most kinds."""
        return None

    def with_found(self, found: Mapping[str, Any]) -> Question:
        """Give the question knowing what its answers were found to give in the practice CRM (looking_up.py): scoring itself looks nothing up."""
        return self.model_copy(update={"found": dict(found)})

    @property
    def only_grows(self) -> bool:
        """Whether what is saved of an answer stays, and later saves can only add to it."""
        return False

    def unanswered(self) -> Score:
        return self.scored(0.0)

    def scored(self, fraction: float, remarks: Iterable[Remark] = (), parts: Iterable[PartScore] = ()) -> Score:
        return Score(fraction, self.rule, self.version, tuple(parts), tuple(remarks))

    def ids(self, name: str) -> list[str]:
        """Give the ids of a field's pieces, in the order written."""
        return [piece.id for piece in getattr(self, name)]

    def shuffle(self, rng: Random) -> dict[str, list[str]]:
        """Draw the order that a paper freezes."""
        return {name: sorted(rng.sample(ids, len(ids)), key=self._stays_last(name).__contains__) for name in self.shuffled for ids in [self.ids(name)]}

    def _stays_last(self, name: str) -> set[str]:
        """The pieces that stay at the end, such as “all of these”."""
        return {piece.id for piece in getattr(self, name) if getattr(piece, "last", False)}

    def arranged(self, name: str, order: Order | None) -> list[Any]:
        """Give a field's pieces in the order of a paper. Without one they stand in an order of their own: the order written may be the key."""
        pieces = {piece.id: piece for piece in getattr(self, name)}
        wanted = [*(order or {}).get(name, ()), *self.shuffle(Random(self.id)).get(name, ()), *pieces]
        return [pieces[id] for id in dict.fromkeys(wanted) if id in pieces]

    def salted(self, salt: int) -> Self:
        """Give the question with tokens of a paper's own."""
        salted = self.model_copy()
        salted._salt = salt
        return salted

    def token(self, id: str) -> str:
        """Give the name a piece has in the source of a page. Authors' ids (a, b, c in the right order) would betray the key; so would a hash that learners can repeat."""
        return sha256(f"{self._salt}|{self.id}|{self.stem['en']}|{id}".encode(errors="replace")).hexdigest()[:8]

    def by_token(self, name: str) -> dict[str, str]:
        """Map what a form may send for a field's pieces, tokens or plain ids, to their ids."""
        ids = self.ids(name)
        return {self.token(id): id for id in ids} | {id: id for id in ids}

    def faults(self) -> Iterator[Fault]:
        """Find what is well formed and yet makes no sense. Kinds add to it."""
        if not self.stem["en"].strip():
            yield Fault(("stem",), "the stem is empty")


def first(form: Fields, name: str) -> str:
    """Give a form field's first value, trimmed and cut to what a person may type; empty if it is missing."""
    values = form.get(name) or ("",)
    return str(values[0])[:LONGEST_TYPED].strip()


def text_in(response: Response) -> str | None:
    """Give a typed text, trimmed and cut, or None if there is none."""
    return response[:LONGEST_TYPED].strip() or None if isinstance(response, str) else None


def ids_in(response: Response, known: Iterable[str]) -> list[str]:
    """Give the known ids of a list, each once, in its order."""
    if not isinstance(response, list | tuple):
        return []
    allowed = set(known)
    return [id for id in dict.fromkeys(id for id in response if isinstance(id, str)) if id in allowed]


def piece_faults(name: str, pieces: Sequence[Piece], at_least: int = 2) -> Iterator[Fault]:
    """Find too few pieces, ids used twice, and texts that read the same."""
    if len(pieces) < at_least:
        yield Fault((name,), f"{len(pieces)} {name}; at least {at_least} are needed")
    yield from _repeated(name, [piece.id for piece in pieces], "the id {0!r} is used twice")
    for language in LANGUAGES:
        texts = [" ".join(piece.text.to(language).split()).casefold() for piece in pieces]
        yield from _repeated(name, texts, f"two {name} read the same in {language}: {{0!r}}")


def _repeated(name: str, values: Sequence[str], sentence: str) -> Iterator[Fault]:
    for value, count in Counter(values).items():
        if count > 1:
            yield Fault((name, len(values) - 1 - values[::-1].index(value)), sentence.format(value))


def example_of(kind: str, points: float, **fields: Any) -> dict[str, Any]:
    """Give the raw data of an example question: the common fields, and those of its kind."""
    common = {"id": f"example-{kind}", "kind": kind, "objective": "K1.1", "section": "1.1", "level": "understand", "difficulty": 0.7}
    return {**common, "points": points, **fields}


def parse_question(data: Mapping[str, Any]) -> Question:
    """Read a question whose values are all drawn. Raises pydantic's ValidationError, or ValueError for an unknown kind."""
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; known: {', '.join(sorted(KINDS))}")
    return KINDS[kind].model_validate(dict(data))


FILLED = ("pinned", "checks", "found")  # fields that a paper or an attempt fills; nobody writes them
PAPERS_OWN = ("vary", "require", "sandbox", *FILLED)
MOST_FOUND = 5_000  # questions whose faults are kept in mind
_FOUND: dict[tuple[str, int], list[Fault]] = {}


@dataclass(frozen=True)
class QuestionSource:
    """A question as written: fixed, or a template that gives a variant for each seed."""

    raw: Mapping[str, Any] = field(hash=False)
    file: str

    @property
    def id(self) -> str:
        return str(self.raw.get("id", ""))

    @property
    def is_template(self) -> bool:
        return "vary" in self.raw

    @cached_property
    def _vary(self) -> Vary:
        return parse_vary(self.raw["vary"], self.raw.get("require") or ())

    @cached_property
    def _fixed(self) -> Question:
        return parse_question(self.raw)

    @cached_property
    def practice(self) -> Practice | None:
        """What the question takes from the practice CRM; None for most. Raises pydantic's ValidationError."""
        kind = KINDS.get(str(self.raw.get("kind")))
        queries = {name: Take(table=query) for name, query in kind.queries(self.raw).items()} if kind else {}
        if "sandbox" not in self.raw and not queries:
            return None
        named = self.raw.get("sandbox") or {}
        written = Practice.model_validate({"scenario": named} if isinstance(named, str) else named)
        return Practice(scenario=written.scenario, take={**written.take, **queries})

    @property
    def has_run(self) -> bool:
        kind = KINDS.get(str(self.raw.get("kind")))
        return kind is not None and kind.has_run

    @cached_property
    def _pinned(self) -> tuple[str, ...]:
        return tuple(KINDS[self.raw["kind"]].queries(self.raw))

    def taken(self, seed: int, firm: Firm) -> dict[str, Any]:
        """Take what the question needs from the practice CRM of a seed, for a paper to pin. Raises TakeFailed."""
        if self.practice is None:
            return {}
        checks = {"checks": firm.checks(self.practice.scenario)} if self.has_run else {}
        return {**firm.take(self.practice, self.values(seed), seed), **checks}

    def values(self, seed: int) -> Values:
        """Draw the values of one variant; none for a fixed question."""
        return self._vary.draw(Random(f"{seed}:{self.id}")) if self.is_template else {}

    def data(self, seed: int, taken: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Give the question's data with the values of one variant filled in, and what a paper pinned of the practice CRM (stand-ins without one)."""
        if not self.is_template and self.practice is None:
            return self.raw
        pinned = {} if self.practice is None else taken or self.practice.stand_ins()
        values = {**self.values(seed), **pinned}
        filled: dict[str, Any] = resolve({key: value for key, value in self.raw.items() if key not in PAPERS_OWN}, values)
        if self.practice is not None:
            filled |= {"sandbox": self.practice.scenario} | ({"pinned": {name: pinned[name] for name in self._pinned}} if self._pinned else {})
            filled |= {"checks": pinned["checks"]} if "checks" in pinned else {}
        return filled

    def resolve(self, seed: int, taken: Mapping[str, Any] | None = None) -> Question:
        """Give the question that a paper with this seed shows; the same seed gives the same question, always. `taken` is what the paper pinned for it."""
        question = self._fixed if not self.is_template and self.practice is None else parse_question(self.data(seed, taken))
        return question.salted(seed)

    def check(self, draws: int = 400) -> list[str]:
        """Give every fault as a sentence with its path."""
        return [str(fault) for fault in self.faults(draws)]

    def faults(self, draws: int = 400) -> list[Fault]:
        """Find every fault; a template is drawn with the seeds 0, 1, 2 … and each place names the first seed that shows its fault.

        What was found is kept by the text of the question: an author's preview reads all files again when one of them changed.
        """
        written = (repr(self.raw), draws)
        if written not in _FOUND:
            if len(_FOUND) >= MOST_FOUND:
                _FOUND.clear()
            _FOUND[written] = self._all_faults(draws)
        return list(_FOUND[written])

    def _all_faults(self, draws: int) -> list[Fault]:
        try:
            takes = self.practice is not None
        except ValidationError as error:
            return [Fault(("sandbox", *detail["loc"]), sentence_of(detail)) for detail in error.errors(include_url=False)]
        if takes:  # with stand-ins: how often answers differ is asked over real data
            return self._faults(min(draws, 10 * ENOUGH_VARIANTS - 1) if self.is_template else 1)
        return self._faults(draws) if self.is_template else _read(self.raw)[1]

    def data_faults(self, firm: Firm, seeds: int) -> list[Fault]:
        """Find the faults that show only over the data of the practice CRM: what cannot be taken, what then makes no sense, answers that hardly differ."""
        found: dict[Path, Fault] = {}
        keys: set[str] = set()
        for seed in range(seeds if self.practice else 0):
            try:
                question, faults = _read(self.data(seed, self.taken(seed, firm)))
            except (TakeFailed, VaryError) as error:
                return [Fault(error.path, f"{error.sentence} (seed {seed})")]
            keys |= {json.dumps(question.correct(), sort_keys=True)} if question else set()
            for fault in faults:
                found.setdefault(fault.path, Fault(fault.path, f"{fault.sentence} (seed {seed})"))
        kind = KINDS.get(str(self.raw.get("kind")))
        if kind and seeds >= 4 * ENOUGH_ANSWERS and 0 < len(keys) < min(kind.least_keys, ENOUGH_ANSWERS):
            found[("sandbox",)] = Fault(("sandbox",), f"{len(keys)} different right answers over {seeds} seeds; learners with their own data need {ENOUGH_ANSWERS}")
        return list(found.values())

    def _faults(self, draws: int) -> list[Fault]:
        found: dict[Path, Fault] = {}
        variants: set[str] = set()
        keys: set[str] = set()
        for seed in range(draws):
            try:
                data = self.data(seed)
            except VaryError as error:
                return [*found.values(), Fault(error.path, error.sentence)]
            variant = json.dumps(data, sort_keys=True, default=str)
            if variant not in variants:
                variants.add(variant)
                question, faults = _read(data)
                keys |= {json.dumps(question.correct(), sort_keys=True)} if question else set()
                for fault in faults:
                    found.setdefault(fault.path, Fault(fault.path, f"{fault.sentence} (variant of seed {seed})" if self.is_template else fault.sentence))
        return [*found.values(), *self._too_few(draws, len(variants), len(keys))]

    def _too_few(self, draws: int, variants: int, keys: int) -> Iterator[Fault]:
        if draws < 10 * ENOUGH_VARIANTS:
            return
        if variants < ENOUGH_VARIANTS:
            yield Fault(("vary",), f"{variants} different variants in {draws} draws; {ENOUGH_VARIANTS} are needed")
        kind = KINDS.get(str(self.raw.get("kind")))
        if kind and 0 < keys < kind.least_keys:
            yield Fault(("vary",), f"{keys} different right answers in {draws} draws; a template of this kind needs {kind.least_keys}")


def _read(data: Mapping[str, Any]) -> tuple[Question | None, list[Fault]]:
    try:
        question = parse_question(data)
    except ValidationError as error:
        return None, [Fault(tuple(detail["loc"]), sentence_of(detail)) for detail in error.errors(include_url=False)]
    except ValueError as error:
        return None, [Fault(("kind",), str(error))]
    return question, list(question.faults())


def sentence_of(detail: Any) -> str:
    """Say what one of pydantic's errors found, plainly."""
    place = detail["loc"][-1] if detail["loc"] else "question"
    if detail["type"] == "missing":
        return f"{str(place)!r} is missing"
    if detail["type"] == "extra_forbidden":
        return f"unknown key {str(place)!r}"
    if detail["type"] == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    seen = repr(detail["input"])
    return f"{detail['msg']}, not {seen if len(seen) <= 80 else seen[:77] + '…'}"
