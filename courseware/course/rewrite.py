"""Put changed data back into a YAML file: what did not change keeps its layout and comments. What the data mean is not known here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import yaml

from courseware.course.faults import Faults
from courseware.course.yaml import _LOADER, load

WIDTH = 170  # characters of a line that lists or mappings are written on
STEP = 2  # spaces of one level
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*", re.ASCII)
_NOT_PLAIN = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}  # ours reads only the first three as anything but text; other readers read the rest


def rewrite(content: bytes, data: Any) -> bytes:
    """Give a file that holds `data`, as like `content` as can be. Only what differs is written anew; a file that cannot be read is written whole."""
    faults = Faults()
    old = load("", content, faults)
    if old is not None and not faults and old.data is not None:
        text = content.decode()
        root: Any = yaml.compose(text, Loader=_LOADER)
        written = (text[: root.start_mark.index] + _Rewriter(text).value(root, old.data, data) + text[_end(text, root) :]).encode()
        if _holds(written, data):
            return written
    return dump(data).encode()


def dump(data: Any) -> str:
    """Write data as a file of its own."""
    return f"{_block(data, 0)}\n"


def _holds(content: bytes, data: Any) -> bool:
    faults = Faults()
    read = load("", content, faults)
    return read is not None and not faults and same(read.data, data)


def same(one: Any, other: Any) -> bool:
    """Whether data are equal as written: 1, 1.0 and true are three things."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def _end(text: str, node: Any) -> int:
    """Where a value ends: the parser lets a block reach to the next word, over blank lines and comments."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        end = int(node.end_mark.index)
        return len(text[:end].rstrip()) if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") else end
    last = node.value[-1] if node.value else None
    if last is None:
        return int(node.end_mark.index)
    return _end(text, last[1] if isinstance(last, tuple) else last)


class _Rewriter:
    def __init__(self, text: str) -> None:
        self.text = text

    def value(self, node: Any, old: Any, new: Any, *, in_line: bool = False) -> str:
        """The text of a value: as it stands where it is the same, with as little written anew as can be where it is not. `in_line` is a value inside brackets."""
        if same(old, new):
            return self.text[node.start_mark.index : _end(self.text, node)]
        if isinstance(old, dict) and isinstance(new, dict) and new:
            if not node.flow_style:
                return self._mapping(node, old, new)
            if old.keys() == new.keys():
                return self._flow_mapping(node, old, new)
        if isinstance(old, list) and isinstance(new, list) and new and not node.flow_style:
            return self._list(node, old, new)
        return _flow(new) if in_line else self._anew(node, new)

    def _anew(self, node: Any, new: Any) -> str:
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            return _block(new, node.start_mark.column)
        line = self.text[: node.start_mark.index].rpartition("\n")[2]
        return _value(new, len(line) - len(line.lstrip(" -")) + STEP, len(line))

    def _flow_mapping(self, node: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        """A mapping in braces whose keys stay."""
        pieces, at = [], node.start_mark.index
        for key, value in node.value:
            pieces += [self.text[at : value.start_mark.index], self.value(value, old[key.value], new[key.value], in_line=True)]
            at = _end(self.text, value)
        return "".join([*pieces, self.text[at : _end(self.text, node)]])

    def _mapping(self, node: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        """A mapping over several lines: entries that stay keep their comments, new ones follow the entry they follow in the data."""
        indent, end = node.start_mark.column, _end(self.text, node)
        starts = [key.start_mark.index for key, _ in node.value] + [end]
        written = {}
        for (key, value), following in zip(node.value, starts[1:], strict=True):
            if key.value in new:
                head, tail = self.text[key.start_mark.index : value.start_mark.index], self.text[_end(self.text, value) : following]
                body = self.value(value, old[key.value], new[key.value])
                written[key.value] = (head.rstrip(" ") if body.startswith("\n") else head if head.endswith((" ", "\n")) or not body else f"{head} ") + body + tail
        order = [key for key in old if key in new]
        for place, key in enumerate(new):
            if key not in old:
                before = next((one for one in reversed(list(new)[:place]) if one in order), None)
                order.insert(order.index(before) + 1 if before else 0, key)
                written[key] = _entry(key, new[key], indent)
        return _joined([written[key] for key in order], indent)

    def _list(self, node: Any, old: Sequence[Any], new: Sequence[Any]) -> str:
        """A list over several lines. An item that only moved keeps its text, with the comments that follow it."""
        indent, end = node.start_mark.column, _end(self.text, node)
        dashes = [self.text.rfind("-", 0, item.start_mark.index) for item in node.value] + [end]
        gap = "\n\n" if self.text[dashes[0] : dashes[1]].rstrip(" ").endswith("\n\n") else ""  # items stand apart here
        free = list(range(len(old)))
        pieces = []
        for place, value in enumerate(new):
            at = _like(value, place, old, free)
            if at is None:
                pieces.append(f"- {_block(value, indent + STEP)}{gap}")
                continue
            free.remove(at)
            item = node.value[at]
            body = self.value(item, old[at], value)
            pieces.append(self.text[dashes[at] : item.start_mark.index] + body + self.text[_end(self.text, item) : dashes[at + 1]])
        return _joined(pieces, indent)


def _like(value: Any, place: int, old: Sequence[Any], free: Sequence[int]) -> int | None:
    """Which of the old items this one was: an equal one, one with the same id, or one without ids at the same place."""
    equal = next((at for at in free if same(old[at], value)), None)
    if equal is not None:
        return equal
    id = value.get("id") if isinstance(value, Mapping) else None
    if id is not None:
        return next((at for at in free if isinstance(old[at], Mapping) and old[at].get("id") == id), None)
    return place if place in free and not (isinstance(old[place], Mapping) and "id" in old[place]) else None


def _joined(pieces: Sequence[str], indent: int) -> str:
    """Put entries or items one below the other: each ends where the next begins, the last with its last word."""
    bodies = [piece.rstrip(" ") for piece in pieces[:-1]]
    return "".join([*(f"{body if body.endswith(chr(10)) else body + chr(10)}{' ' * indent}" for body in bodies), pieces[-1].rstrip()])


# Writing what is new


def _entry(key: str, value: Any, indent: int) -> str:
    name = _scalar(key)
    return f"{name}: {_value(value, indent + STEP, indent + len(name) + 2)}".replace(": \n", ":\n", 1)


def _value(value: Any, indent: int, column: int) -> str:
    """A value behind its key: on the same line where it fits, else on lines of its own."""
    if isinstance(value, str) and _may_be_literal(value):
        return _literal(value, indent)
    line = _flow(value)
    if not isinstance(value, dict | list) or not value or (column + len(line) <= WIDTH and not _is_deep(value)):
        return line
    return "\n" + " " * indent + _block(value, indent)


def _is_deep(value: Any) -> bool:
    """Lists of mappings, mappings of lists, and texts of several lines are easier to read one below the other."""
    inside = list(value.values() if isinstance(value, dict) else value)
    if any(isinstance(one, str) and "\n" in one for one in inside):
        return True
    return any(isinstance(one, dict) for one in inside) if isinstance(value, list) else any(isinstance(one, dict | list) and bool(one) and _is_nested(one) for one in inside)


def _is_nested(value: Any) -> bool:
    return any(isinstance(one, dict | list) for one in (value.values() if isinstance(value, dict) else value))


def _block(value: Any, indent: int) -> str:
    if isinstance(value, dict) and value:
        return ("\n" + " " * indent).join(_entry(key, each, indent) for key, each in value.items())
    if isinstance(value, list) and value:
        return ("\n" + " " * indent).join(f"- {_block(each, indent + STEP) if _is_spread(each) else _flow(each)}" for each in value)
    return _flow(value)


def _is_spread(value: Any) -> bool:
    """An item with texts in several languages: one field a line."""
    return isinstance(value, dict) and any(isinstance(each, dict | list) for each in value.values())


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value) if isinstance(value, int) else _decimal(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN:
        return text
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}" for one in json.dumps(text, ensure_ascii=False))


def _decimal(value: float) -> str:
    text = f"{Decimal(repr(value)):f}"
    return text if "." in text else f"{text}.0"


def _may_be_literal(text: str) -> bool:
    """Whether a text of several lines can stand as it is below a `|`."""
    return "\n" in text.strip("\n") and not text.startswith((" ", "\n", "\t")) and not text.endswith("\n\n") and all(one.isprintable() or one in "\n" for one in text) and "\n\n\n" not in text


def _literal(text: str, indent: int) -> str:
    mark = "|" if text.endswith("\n") else "|-"
    return mark + "".join(f"\n{' ' * indent}{line}" if line else "\n" for line in text.removesuffix("\n").split("\n"))
