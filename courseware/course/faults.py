"""What is wrong with a folder of course files, each with its place. Reading never stops at the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

Place = tuple[str | int, ...] | int  # a path inside a file's data, or a line


@dataclass(frozen=True, order=True)
class Fault:
    """One fault. Lines and columns count from 1; `note` marks what is listed but refuses nothing."""

    file: str
    line: int
    column: int
    sentence: str
    note: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {'note: ' if self.note else ''}{self.sentence}"


class Located(Protocol):
    """A parsed file that knows where its parts stand."""

    @property
    def file(self) -> str: ...

    def fault(self, path: tuple[str | int, ...], sentence: str) -> None: ...


class Faults:
    """A growing list of faults, in the order of files and lines when read."""

    def __init__(self) -> None:
        self._found: set[Fault] = set()
        self._documents: dict[str, Located] = {}

    def know(self, document: Located) -> None:
        """Remember a parsed file, so that a fault found later can be put at its place. Of a section that is its front matter, which comes first."""
        self._documents.setdefault(document.file, document)

    def put(self, file: str, path: Place, sentence: str) -> None:
        """Record a fault at a place inside a file's data, as far as that place is known, or at a line."""
        if isinstance(path, int):
            self.add(file, path, 1, sentence)
        elif file in self._documents:
            self._documents[file].fault(path, sentence)
        else:
            self.add(file, 1, 1, sentence)

    def add(self, file: str, line: int, column: int, sentence: str, *, note: bool = False) -> None:
        self._found.add(Fault(file, line, column, sentence, note))

    def __iter__(self) -> Iterator[Fault]:
        return iter(sorted(self._found))

    def __bool__(self) -> bool:
        return any(not fault.note for fault in self._found)

    def __len__(self) -> int:
        return sum(not fault.note for fault in self._found)


class ContentRefused(Exception):
    """A folder with faults. It carries them all; nothing was changed."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("\n".join(str(fault) for fault in faults if not fault.note))
        self.faults = faults
