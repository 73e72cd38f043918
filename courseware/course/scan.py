"""Split a section file into front matter and blocks, each with its line. Nothing is rendered here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from courseware.course.faults import Faults
from courseware.course.yaml import Document, load

OPENING = re.compile(r":::\s+([a-z]+)(?:\s+([a-z0-9-]+))?\s*$")
HEADING = re.compile(r"(#{2,4})\s+(.+)$")
LIST_ITEM = re.compile(r"(\s*)([-*+]|\d+\.)\s+")


@dataclass(frozen=True)
class Piece:
    """A block as written: an ordinary one has the kind `text` or `heading` and an empty header."""

    kind: str
    id: str
    header: Any
    body: str
    line: int
    level: int = 0


def scan(file: str, text: str, faults: Faults) -> tuple[Document | None, list[Piece]]:
    """Give the front matter and the pieces of a section file; what is malformed is recorded and left out."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---" or "---" not in (line.rstrip() for line in lines[1:]):
        faults.add(file, 1, 1, "a section begins with its front matter between two lines of ---")
        return None, []
    end = next(number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---")
    head = load(file, "\n".join(lines[1:end]).encode(), faults, first_line=2)
    return head, _Scanner(file, faults, lines).pieces(end + 1)


class _Scanner:
    def __init__(self, file: str, faults: Faults, lines: list[str]) -> None:
        self.file, self.faults, self.lines = file, faults, lines

    def pieces(self, at: int) -> list[Piece]:
        result: list[Piece] = []
        while at < len(self.lines):
            line = self.lines[at]
            if not line.strip():
                at += 1
            elif line.startswith(":::"):
                piece, at = self._block(at)
                if piece:
                    result.append(piece)
            elif heading := HEADING.match(line):
                result.append(Piece("heading", "", None, heading[2].strip(), at + 1, len(heading[1])))
                at += 1
            else:
                piece, at = self._ordinary(at)
                result.append(piece)
        return result

    def _ordinary(self, at: int) -> tuple[Piece, int]:
        """A paragraph, or a whole list with the blank lines inside it."""
        start, is_list = at, bool(LIST_ITEM.match(self.lines[at]))
        while at < len(self.lines) and not self.lines[at].startswith(":::") and not HEADING.match(self.lines[at]):
            if not self.lines[at].strip():
                following = self.lines[at + 1] if at + 1 < len(self.lines) else ""
                if not (is_list and (LIST_ITEM.match(following) or following.startswith("   "))):
                    break
            at += 1
        return Piece("text", "", None, "\n".join(self.lines[start:at]).strip("\n"), start + 1), at

    def _block(self, at: int) -> tuple[Piece | None, int]:
        start = at
        opening = OPENING.match(self.lines[at])
        close = next((n for n in range(at + 1, len(self.lines)) if self.lines[n].startswith(":::")), len(self.lines))
        if close == len(self.lines) or self.lines[close].rstrip() != ":::":
            self.faults.add(self.file, at + 1, 1, "this block is never closed by a line of :::")
            return None, close
        if not opening or not opening[2]:
            self.faults.add(self.file, at + 1, 1, f"a block opens with `::: kind id`, got {self.lines[at].strip()!r}")
            return None, close + 1
        at += 1
        header_start = at
        while at < close and self.lines[at].strip():
            at += 1
        header_lines = self.lines[header_start:at]
        if header_lines and not re.match(r"[a-z_]+:", header_lines[0]):  # no header at all: the body begins at once
            header_lines, at = [], header_start
        header = load(self.file, "\n".join(header_lines).encode(), self.faults, first_line=header_start + 1) if header_lines else None
        body = "\n".join(self.lines[at:close]).strip("\n")
        return Piece(opening[1], opening[2], header, body, start + 1), close + 1
