"""What was typed in a form made by model_form, as data again, and the buttons of its rows. It is read without the model: what cannot be read as meant is kept as text."""

from __future__ import annotations

import itertools
import string
from collections.abc import Mapping, Sequence
from typing import Any

from courseware.course.faults import Faults
from courseware.course.rewrite import dump
from courseware.course.yaml import load
from courseware.errors import Invalid
from courseware.i18n import message
from courseware.web.model_form import OTHER, SHAPES, Path, written

MOST_KEYS, MOST_DIGITS = 24, 6  # of a field's name; those of our pages have ten keys at most, and row numbers of two or three digits
MOST_DIGITS_OF_ID = 12  # that are counted on: p2, q20261122


def read(posted: Mapping[str, str], old: Any) -> dict[str, Any]:
    """Give the data that a form holds. A field that says what it said keeps its value just as it is in `old`; an empty one is left out.

    Raises Invalid for names that no page of ours has.
    """
    tree: dict[str, Any] = {}
    for name, typed in posted.items():
        path, _, shape = name.rpartition(":")
        if shape in (*SHAPES, "rows") and path:
            _put(tree, _keys(path), (shape, typed.replace("\r\n", "\n")))
    read_ = _value(tree, old)
    return read_ if isinstance(read_, dict) else {}


def _keys(path: str) -> tuple[str, ...]:
    keys = tuple(path.split("."))
    if len(keys) > MOST_KEYS or any(key.isdecimal() and len(key) > MOST_DIGITS for key in keys):
        raise Invalid(message("A field of this form has a name that cannot be read, so nothing was changed. Open the page again; what you typed stands below."))
    return keys


def _put(tree: dict[str, Any], path: tuple[str, ...], leaf: tuple[str, str]) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            return
    if leaf[0] == "rows":
        tree.setdefault(path[-1], {})[""] = leaf  # the mark of a list
    elif path[-1] not in tree:
        tree[path[-1]] = leaf


def _value(tree: Any, old: Any) -> Any:
    """A leaf, a list or a mapping; None for what is empty."""
    if isinstance(tree, tuple):
        return _leaf(tree[0], tree[1], old)
    if "" in tree:
        rows = sorted((int(key), child) for key, child in tree.items() if key.isdecimal())
        found = [_value(child, old[at] if isinstance(old, list) and at < len(old) else None) for at, child in rows]
        return [{} if one is None else one for one in found] or (old if old == [] else None)
    held = old if isinstance(old, Mapping) else {}
    data: dict[str, Any] = {}
    for key, child in tree.items():
        other = {name: value for name, value in held.items() if name not in tree} if key == OTHER else held.get(key)
        value = _value(child, other)
        if key == OTHER and isinstance(value, Mapping):
            data |= {name: each for name, each in value.items() if name not in data}
        elif value is not None or (key in held and held[key] is None):
            data[key] = value
    return data or (old if old == {} else None)


def _leaf(shape: str, typed: str, old: Any) -> Any:
    if old is not None and typed.strip("\n") == _shown(shape, old).strip("\n"):
        return old
    if not typed.strip():
        return None
    if shape == "lines":
        return [line.strip() for line in typed.split("\n") if line.strip()]
    if shape in ("yaml", "kept", "number", "bool"):
        return _parsed(typed, plain=shape in ("number", "bool"))
    return typed if shape == "area" else typed.strip()


def _shown(shape: str, old: Any) -> str:
    if shape == "lines" and isinstance(old, list):
        return "\n".join(map(str, old))
    if isinstance(old, list | Mapping) or (shape == "kept"):
        return dump(old)
    return written(old)


def _parsed(typed: str, *, plain: bool) -> Any:
    """The value of a small piece of YAML, or the text itself if it is none."""
    faults = Faults()
    document = load("", typed.strip().encode(), faults)
    value = document.data if document and not faults else None
    if value is None or (plain and not isinstance(value, bool | int | float)):
        return typed.strip()
    return value


# Rows


def act(data: Any, command: str) -> Any:
    """Do what a button of a list of rows says: `add:options:id.`, `add:gaps:id.menu`, `up:options.1`, `down:options.1`, `copy:options.1`, `remove:options.1`."""
    verb, _, rest = command.partition(":")
    where, _, sort = rest.partition(":")
    path: Path = tuple(int(key) if key.isdecimal() else key for key in _keys(where))
    try:
        return _acted(data, path, verb, sort)
    except (KeyError, IndexError, TypeError, AttributeError):
        return data


def _acted(data: Any, path: tuple[Any, ...], verb: str, sort: str) -> Any:
    holder: Any = data
    *above, last = path
    for key in above:
        holder = holder[key] if isinstance(holder, list) else holder.setdefault(key, {})
    if verb == "add":
        rows = holder.setdefault(last, [])
        rows.append(_new_row(rows, sort))
    elif isinstance(last, int) and isinstance(holder, list) and last < len(holder):
        other = last + {"up": -1, "down": 1}.get(verb, 0)
        if verb == "remove":
            del holder[last]
        elif verb == "copy":
            holder.insert(last + 1, {**holder[last], "id": _next_id(holder)} if "id" in holder[last] else holder[last])
        elif 0 <= other < len(holder):
            holder[last], holder[other] = holder[other], holder[last]
    return data


def _new_row(rows: Sequence[Any], sort: str) -> dict[str, Any]:
    """An empty row of a sort: `text.`, `plain.`, `id.` or, where it says its kind, `id.menu`."""
    base, _, kind = sort.partition(".")
    return ({"id": _next_id(rows)} if base == "id" else {"en": ""} if base == "text" else {}) | ({"kind": kind} if kind else {})


def _next_id(rows: Sequence[Any]) -> str:
    """The first free id in the manner of the rows: after `d` comes `e`, after `p2` `p3`, after `CS2-b` `CS2-c`."""
    taken = [str(row.get("id", "")) for row in rows if isinstance(row, Mapping)]
    last = taken[-1] if taken else ""
    stem = last.rstrip(string.digits)
    if 0 < len(last) - len(stem) <= MOST_DIGITS_OF_ID:
        return next(f"{stem}{number}" for number in itertools.count(int(last[len(stem) :]) + 1) if f"{stem}{number}" not in taken)
    stem = last[:-1] if len(last) == 1 or last[-2:-1] == "-" else ""
    letters = [f"{stem}{letter}" for letter in string.ascii_lowercase]
    return next((id for id in letters if id not in taken), f"r{len(rows) + 1}")
