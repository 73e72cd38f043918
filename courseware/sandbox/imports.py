"""What an import makes of the rows of a file: writings made alike, rows of one person joined, known people recognised, useless rows refused. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FIELDS = ("name", "company", "title", "mobile", "email", "consent", "interest")
STEPS = ("width", "spaces", "case", "phone")
KEYS = ("mobile", "email")
INTERESTS = ("V", "P")
REFUSING = {"internal": "staff", "supplier": "supplier"}  # kinds of account whose people are no leads, and the reason why
_NO_TICK = frozenset({"", "-", "0", "n", "no", "否", "×"})

_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff]")
_MARKS = dict.fromkeys(map(ord, "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212().·/"))
_PREFIX = re.compile(r"^(\+86|0086|86(?=1\d{10}$))", re.ASCII)
_MOBILE = re.compile(r"1\d{10}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True)
class SetUp:
    """How a file is read: which column fills a field, which writings count as alike, what two rows of one person share, what a tick means."""

    mapping: Mapping[str, str]
    steps: frozenset[str]
    keys: tuple[str, ...]
    consent_rule: str


@dataclass(frozen=True)
class Line:
    """A row of the file as it was scanned."""

    id: int
    line_no: int
    scanned_at: str
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """A contact or lead that is on record already. `kind` is that of its account; `refused` tells whether it has opted out."""

    table: str
    id: int
    mobile: str | None
    email: str | None
    kind: str | None = None
    refused: bool = False


@dataclass(frozen=True)
class Person:
    """The rows of one person, by line, and the newest value of each field. `ticks` are theirs, the oldest first; `outcome` is that of the first row."""

    lines: tuple[Line, ...]
    values: Mapping[str, str]
    ticks: tuple[bool, ...]
    known: Known | None
    outcome: str
    reason: str | None
    is_ambiguous: bool = False


@dataclass(frozen=True)
class Judged:
    """What becomes of a row. `cells` is what it would write, `repeats` the row it repeats, `left_out` the channels that do not work."""

    line: Line
    cells: Mapping[str, str]
    person: Person
    outcome: str
    reason: str | None
    repeats: Line | None
    left_out: tuple[str, ...]


def normalised(kind: str, text: str, steps: Iterable[str]) -> str:
    """Write a key (`mobile` or `email`) the way the steps say. Doing it twice changes nothing more."""
    if len(text) == 11 and text.isascii() and text.isdigit():
        return text  # as most are written: nothing to take away
    chosen = frozenset(steps)
    while (again := _once(kind, text, chosen)) != text:
        text = again
    return text


def _once(kind: str, text: str, steps: frozenset[str]) -> str:
    if "width" in steps and not text.isascii():
        text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    if "spaces" in steps:
        text = "".join(text.split())
    if "case" in steps:
        text = text.casefold()
    if "phone" in steps and kind == "mobile":
        text = _PREFIX.sub("", text.translate(_MARKS).strip())
    return text.strip()


def works(kind: str, text: str) -> bool:
    """Tell whether a person could be reached there, however it is written."""
    return bool((_MOBILE if kind == "mobile" else _EMAIL).fullmatch(normalised(kind, text, STEPS)))


def consent(rule: str, ticks: Sequence[bool], before: str | None, refused: bool = False) -> str:
    """Give the consent to mailings after an import. `before` is what is on record, None for a new person."""
    stays = refused or before == "no"
    match rule:
        case "blank-yes":
            return "yes"
        case "newest":
            return "yes" if any(ticks) else before or "unknown"
        case "blank-unknown":
            return before or "no" if stays else "yes" if ticks[-1:] == (True,) else "unknown"
        case _:  # refusal-stays
            return "yes" if any(ticks) and not stays else before or "unknown"


def read(set_up: SetUp, lines: Sequence[Line], known: Iterable[Known]) -> tuple[Judged, ...]:
    """Judge every row, by line. Rows are one person if they share a key, also by way of a third row; so their order does not matter."""
    cells = {line.id: cells_of(set_up, line) for line in lines}
    on_record = _index(set_up, known)
    judged = [row for group in _groups(set_up, sorted(lines, key=lambda line: line.line_no), cells) for row in _person(set_up, group, cells, on_record)]
    return tuple(sorted(judged, key=lambda row: row.line.line_no))


def cells_of(set_up: SetUp, line: Line) -> dict[str, str]:
    """Give what stands in each mapped field, normalised; blanks are left out."""
    written = {field: str(line.raw.get(column) or "").strip() for field, column in set_up.mapping.items()}
    return {field: clean for field, text in written.items() if (clean := _clean(field, text, set_up.steps))}


def _clean(field: str, text: str, steps: frozenset[str]) -> str:
    if field in KEYS:
        return normalised(field, text, steps)
    if field == "interest":
        return unicodedata.normalize("NFKC", text).strip().upper()
    if "width" in steps:
        text = unicodedata.normalize("NFKC", text)
    return _SPACE.sub(" ", text).strip() if "spaces" in steps else text


def _working(cells: Mapping[str, str]) -> dict[str, str]:
    return {kind: cells[kind] for kind in KEYS if kind in cells and works(kind, cells[kind])}


def _index(set_up: SetUp, known: Iterable[Known]) -> dict[tuple[str, str], Known]:
    """Give people on record by key; of two with one key a contact goes before a lead, the older before the newer."""
    found: dict[tuple[str, str], Known] = {}
    for each in sorted(known, key=lambda each: (each.table, each.id)):
        for kind in set_up.keys:
            text = each.mobile if kind == "mobile" else each.email
            if text:
                found.setdefault((kind, normalised(kind, text, set_up.steps)), each)
    return found


def _groups(set_up: SetUp, lines: Sequence[Line], cells: Mapping[int, Mapping[str, str]]) -> list[list[Line]]:
    """Join the rows that share a working key, each group by line."""
    groups: dict[int, list[Line]] = {}
    at: dict[tuple[str, str], int] = {}
    for line in lines:
        keys = [(kind, text) for kind, text in _working(cells[line.id]).items() if kind in set_up.keys]
        joined = sorted({at[key] for key in keys if key in at})
        first = joined[0] if joined else line.line_no
        group = [each for number in joined for each in groups.pop(number)] + [line]
        groups[first] = sorted(group, key=lambda each: each.line_no)
        at.update(dict.fromkeys([*keys, *(key for key, number in at.items() if number in joined[1:])], first))
    return list(groups.values())


def _person(set_up: SetUp, lines: Sequence[Line], cells: Mapping[int, Mapping[str, str]], on_record: Mapping[tuple[str, str], Known]) -> list[Judged]:
    by_age = sorted(lines, key=lambda line: (line.scanned_at, line.line_no))
    values: dict[str, str] = {}
    for line in by_age:
        kept = cells[line.id]
        values |= {field: text for field, text in kept.items() if field not in KEYS} | _working(kept)
    if values.get("interest") not in INTERESTS:
        values.pop("interest", None)
    ticks = tuple(unicodedata.normalize("NFKC", cells[line.id].get("consent", "")).casefold() not in _NO_TICK for line in by_age)
    keys = {(kind, text) for line in lines for kind, text in _working(cells[line.id]).items()}
    matched = sorted({on_record[key] for key in keys if key in on_record}, key=lambda each: (each.table, each.id))
    known = matched[0] if matched else None
    outcome, reason = _outcome(values, known)
    person = Person(tuple(lines), values, ticks, known, outcome, reason, len(matched) > 1)
    return [_judged(person, line, cells[line.id]) for line in lines]


def _outcome(values: Mapping[str, str], known: Known | None) -> tuple[str, str | None]:
    if known is not None:
        refusing = REFUSING.get(known.kind or "")
        return ("rejected", refusing) if refusing else ("merged", "known")
    return ("imported", None) if any(kind in values for kind in KEYS) else ("rejected", "no-channel")


def _judged(person: Person, line: Line, cells: Mapping[str, str]) -> Judged:
    if line is person.lines[0] or person.outcome == "rejected":
        return Judged(line, cells, person, person.outcome, person.reason, None, left_out(cells))
    return Judged(line, cells, person, "merged", "repeat", person.lines[0], left_out(cells))


def left_out(cells: Mapping[str, str]) -> tuple[str, ...]:
    """Give the channels that are filled and cannot work."""
    return tuple(kind for kind in KEYS if kind in cells and not works(kind, cells[kind]))
