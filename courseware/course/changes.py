"""What changed between two states of a file, in words for people and line by line. Who changed it is not known here."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from courseware.course.faults import Faults
from courseware.course.rewrite import same
from courseware.course.yaml import load

MOST_LINES = 2_000  # of a difference that is shown


@dataclass(frozen=True)
class Item:
    """One thing that changed: `how` is added, removed, changed or moved; `fields` are the names of what changed in it."""

    how: str
    name: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One file that changed. `lines` are those of a unified difference."""

    path: str
    how: str
    items: tuple[Item, ...]
    lines: tuple[str, ...]


def changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Change]:
    """Give every file that differs between two trees, by path."""
    return [change(path, before.get(path), after.get(path)) for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path)]


def change(path: str, before: bytes | None, after: bytes | None) -> Change:
    how = "added" if before is None else "removed" if after is None else "changed"
    return Change(path, how, tuple(_items(path, before, after)), tuple(_lines(before or b"", after or b"")))


def _lines(before: bytes, after: bytes) -> list[str]:
    old, new = (content.decode(errors="replace").splitlines() for content in (before, after))
    return list(difflib.unified_diff(old, new, n=1, lineterm=""))[2 : 2 + MOST_LINES]


def _items(path: str, before: bytes | None, after: bytes | None) -> Iterator[Item]:
    if not path.endswith(".yaml"):
        return
    old, new = _data(before), _data(after)
    if _has_questions(old) and _has_questions(new):
        yield from _rows(old["questions"], new["questions"])
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from (Item("changed", key) for key in (*old, *(key for key in new if key not in old)) if not same(old.get(key), new.get(key)))


def _data(content: bytes | None) -> Any:
    document = load("", content, Faults()) if content else None
    return document.data if document else {}


def _has_questions(data: Any) -> bool:
    return isinstance(data, Mapping) and isinstance(data.get("questions"), list) and all(isinstance(one, Mapping) and "kind" in one for one in data["questions"])


def _rows(old: list[Any], new: list[Any]) -> Iterator[Item]:
    before, after = {str(one.get("id")): one for one in old}, {str(one.get("id")): one for one in new}
    stay = [id for id in before if id in after]
    moved = set(_out_of_place(stay, [id for id in after if id in before]))
    for id in after:
        if id not in before:
            yield Item("added", id)
        elif not same(before[id], after[id]):
            keys = (*before[id], *(key for key in after[id] if key not in before[id]))
            yield Item("changed", id, tuple(key for key in keys if not same(before[id].get(key), after[id].get(key))))
        elif id in moved:
            yield Item("moved", id)
    yield from (Item("removed", id) for id in before if id not in after)


def _out_of_place(before: list[str], after: list[str]) -> Iterator[str]:
    """What has to be moved to make one order of the other, as few as possible."""
    kept = {before[at + step] for at, _, length in difflib.SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks() for step in range(length)}
    return (id for id in after if id not in kept)
