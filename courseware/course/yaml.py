"""YAML with positions: every value knows its line and column; duplicate keys, anchors and other surprises are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from courseware.course.faults import Faults

Path = tuple[str | int, ...]
LIMIT = 2_000_000  # bytes a file; the largest of ours has a tenth of that
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 40  # levels of nesting; ours need eight
_NUMBER = re.compile(r"[-+]?(\d{1,18}|\d{0,18}\.\d{1,18}([eE][-+]?\d{1,2})?)", re.ASCII)  # longer ones stay texts, and a model that wants a number says so
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
UNREADABLE = object()
Model = TypeVar("Model")


@dataclass(frozen=True)
class Document:
    """The plain data of a file, which nobody may change: whoever reads the same text gets the same data."""

    file: str
    data: Any
    faults: Faults
    content: bytes = b""
    first_line: int = 1

    @cached_property
    def positions(self) -> Mapping[Path, tuple[int, int]]:
        """Where each part of the data stands, as line and column. Only a fault asks for it."""
        reader = _Reader(self.content, self.first_line)
        reader.read()
        return reader.positions

    def fault(self, path: Path, sentence: str) -> None:
        """Record a fault at a place inside the data, or at the nearest known place above it."""
        while path and path not in self.positions:
            path = path[:-1]
        line, column = self.positions.get(path, (1, 1))
        self.faults.add(self.file, line, column, sentence)

    def read(self, model: type[Model], path: Path = (), data: Any = ...) -> Model | None:
        """Read the data (or a part of it) as a type that pydantic knows; every fault is recorded, None is given."""
        try:
            return TypeAdapter(model).validate_python(self.data if data is ... else data)
        except ValidationError as failure:
            for each in failure.errors():
                self.fault((*path, *each["loc"]), _sentence(each))
            return None


FaultAt = Callable[[Path, str], None]


def load(file: str, content: bytes, faults: Faults, *, first_line: int = 1) -> Document | None:
    """Parse one file. Only `true`, `false` and plain decimal numbers are not texts: `no`, `12:30` and dates stay as written."""
    if len(content) > LIMIT:
        faults.add(file, first_line, 1, f"cannot be read: the file has {len(content):,} bytes; at most {LIMIT:,} are read")
        return None
    data, found = _parsed(content, first_line)
    for line, column, sentence in found:
        faults.add(file, line, column, sentence)
    if data is UNREADABLE:
        return None
    document = Document(file, data, faults, content, first_line)
    faults.know(document)
    return document


@lru_cache(maxsize=1_000)
def _parsed(content: bytes, first_line: int) -> tuple[Any, tuple[tuple[int, int, str], ...]]:
    """Give the data, or UNREADABLE, and what is wrong by line and column. Kept, since a revision differs from the last by a few of its 850 files and heads."""
    reader = _Reader(content, first_line)
    try:
        return reader.read(), tuple(reader.faults)
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark
        line, column = (mark.line + first_line, mark.column + 1) if mark else (first_line, 1)
        return UNREADABLE, (*reader.faults, (line, column, f"not valid YAML: {failure.problem or failure}"))
    except (ValueError, yaml.YAMLError) as failure:
        return UNREADABLE, (*reader.faults, (first_line, 1, f"cannot be read: {failure}"))


class _Reader:
    """Reads events, never nodes: the C library builds nodes by recursion, and a file of brackets would end the process."""

    def __init__(self, content: bytes, first_line: int) -> None:
        self.content, self.first_line = content, first_line
        self.positions: dict[Path, tuple[int, int]] = {}
        self.faults: list[tuple[int, int, str]] = []
        self._events: Iterator[Any] = iter(())

    def read(self) -> Any:
        self._events = yaml.parse(self.content.decode(), Loader=_LOADER)
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        data = self.value(next(self._events), (), 0)
        next(self._events)  # the document ends
        if not isinstance(another := next(self._events), yaml.StreamEndEvent):
            self._fault(another, "a file holds one document; a second begins here")
        return data

    def value(self, event: Any, path: Path, depth: int) -> Any:
        self.positions.setdefault(path, self._place(event))
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._fault(event, "anchors and aliases are not used here; write the value out")
        elif event.tag is not None:
            self._fault(event, f"tags such as {event.tag!r} are not used here")
        self._refuse_depth(event, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self.value(item, (*path, index), depth + 1) for index, item in enumerate(self._until(yaml.SequenceEndEvent))]
        return _scalar(event) if isinstance(event, yaml.ScalarEvent) else None

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for event in self._until(yaml.MappingEndEvent):
            key = event.value if isinstance(event, yaml.ScalarEvent) and event.anchor is None else None
            if key is None or key == "<<" or key in result:
                self._fault(event, "a key is a plain word" if key in (None, "<<") else f"duplicate key {key!r}")
                self._skip(event)
                self._skip(next(self._events))
                continue
            self.positions[(*path, key)] = self._place(event)
            result[key] = self.value(next(self._events), (*path, key), depth + 1)
        return result

    def _until(self, end: type) -> Iterator[Any]:
        return iter(lambda: None if isinstance(event := next(self._events), end) else event, None)

    def _skip(self, event: Any) -> None:
        """Pass over the rest of a value without reading it."""
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth:
            event = next(self._events)
            self._refuse_depth(event, depth)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)

    def _refuse_depth(self, event: Any, depth: int) -> None:
        """Stop reading: the C library needs the square of the depth in time."""
        if depth >= DEEPEST and isinstance(event, yaml.CollectionStartEvent):
            mark: Any = event.start_mark
            raise yaml.MarkedYAMLError(problem=f"nested deeper than {DEEPEST} levels", problem_mark=mark)

    def _place(self, event: Any) -> tuple[int, int]:
        return event.start_mark.line + self.first_line, event.start_mark.column + 1

    def _fault(self, event: Any, sentence: str) -> None:
        self.faults.append((*self._place(event), sentence))


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.style in ("'", '"', "|", ">"):  # quoted or block: always a text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text) and not re.fullmatch(r"[-+]?0\d+", text):
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    return text


def _sentence(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"unknown key {error['loc'][-1]!r}"
    if error["type"] == "missing":
        return f"key {error['loc'][-1]!r} is missing"
    text = error["msg"].removeprefix("Value error, ")
    return f"{where}: {text[0].lower()}{text[1:]}" if where else text


class Strict(BaseModel):
    """The base of all models read from files: frozen, no unknown keys."""

    model_config = {"extra": "forbid", "frozen": True, "arbitrary_types_allowed": True}
