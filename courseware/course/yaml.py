"""YAML with positions: every value knows its line and column; duplicate keys, anchors and other surprises are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from courseware.course.faults import Faults

Path = tuple[str | int, ...]
LIMIT = 2_000_000  # bytes a file; the largest of ours has a tenth of that
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"[-+]?(\d+|\d*\.\d+([eE][-+]?\d+)?)")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
Model = TypeVar("Model")


@dataclass(frozen=True)
class Document:
    """The plain data of a file and where each part of it stands."""

    file: str
    data: Any
    positions: Mapping[Path, tuple[int, int]]
    faults: Faults

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
    try:
        if len(content) > LIMIT:
            raise ValueError(f"the file has {len(content):,} bytes; at most {LIMIT:,} are read")
        node = yaml.compose(content.decode(), Loader=_LOADER)
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark
        line, column = (mark.line + first_line, mark.column + 1) if mark else (first_line, 1)
        faults.add(file, line, column, f"not valid YAML: {failure.problem or failure}")
        return None
    except (ValueError, yaml.YAMLError) as failure:
        faults.add(file, first_line, 1, f"cannot be read: {failure}")
        return None
    reader = _Reader(file, faults, first_line)
    data = reader.value(node, (), 0) if node is not None else None
    document = Document(file, data, reader.positions, faults)
    faults.know(document)
    return document


class _Reader:
    def __init__(self, file: str, faults: Faults, first_line: int) -> None:
        self.file, self.faults, self.first_line = file, faults, first_line
        self.positions: dict[Path, tuple[int, int]] = {}
        self._seen: set[int] = set()

    def value(self, node: Any, path: Path, depth: int) -> Any:
        place = (node.start_mark.line + self.first_line, node.start_mark.column + 1)
        self.positions.setdefault(path, place)
        if id(node) in self._seen or depth > 40:
            self.faults.add(self.file, *place, "anchors and aliases are not used here; write the value out" if depth <= 40 else "nested too deep")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, index), depth + 1) for index, child in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: Any, path: Path, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            place = (key_node.start_mark.line + self.first_line, key_node.start_mark.column + 1)
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or key == "<<":
                self.faults.add(self.file, *place, "a key is a plain word")
                continue
            if key in result:
                self.faults.add(self.file, *place, f"duplicate key {key!r}")
                continue
            self.positions[(*path, key)] = place
            result[key] = self.value(value_node, (*path, key), depth + 1)
        return result


def _scalar(node: Any) -> Any:
    text: str = node.value
    if node.style in ("'", '"', "|", ">"):  # quoted or block: always a text
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
