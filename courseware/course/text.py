"""Markdown to safe HTML, and the marks of our own inside it: terms, references, sources, Chinese runs."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable
from functools import lru_cache

import markdown
import nh3

TAGS = {"p", "em", "strong", "a", "code", "pre", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "br", "sub", "sup", "hr"}
ATTRIBUTES = {"a": {"href", "title"}, "th": {"align"}, "td": {"align"}, "ol": {"start"}}
LIMIT = 200_000  # characters of Markdown in one piece
MARK = re.compile(r"\[\[([^\[\]|]+)(?:\|([^\[\]]+))?\]\]|\[([^\[\]]+)\]\(ref:([^)\s]+)\)|\[\^([a-z0-9-]+)\]")
CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]+(?:[ \u00b7]*[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]+)*")
DEEPEST = 20  # open brackets; for each one the converter looks at all that follows, so thousands would take minutes
_BRACKETS = re.compile(r"[\[\]]|\n[ \t]*\n")
_ESCAPED = "\ue002"
_HELD = re.compile("\ue000(\\d+)\ue001")
Marker = Callable[[re.Match[str]], str]


class _Engines(threading.local):
    """A Markdown converter a thread: it keeps what it is reading in itself, so two threads may never share one."""

    def __init__(self) -> None:
        self.mine = markdown.Markdown(extensions=["tables", "sane_lists"], output_format="html")


_engines = _Engines()


def escape(text: str) -> str:
    return html.escape(text, quote=True)


def prose(source: str, language: str, marker: Marker | None = None) -> str:
    """Render Markdown. `marker` gives the HTML of each of our own marks; without it they stay as typed."""
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(marker(match) if marker else escape(match[0]))
        return f"\ue000{len(held) - 1}\ue001"

    if len(source) > LIMIT:
        raise ValueError(f"a text of {len(source):,} characters; at most {LIMIT:,} are rendered")
    safe = (_kept if marker else _safe)(MARK.sub(hold, re.sub("[\ue000-\ue002]", "", source)), language)
    parts = re.split(r"(<[^>]*>)", safe)  # a mark inside an attribute is left out: its HTML would break the tag
    return "".join(_HELD.sub("" if part.startswith("<") else lambda match: held[int(match[1])], part) for part in parts)


def _safe(source: str, language: str) -> str:
    """Render what has no marks of ours left."""
    rendered = _engines.mine.reset().convert(_shallow(source)).replace(_ESCAPED, "[")
    safe = nh3.clean(rendered, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer")
    return mark_chinese(safe) if language == "en" else safe


_kept = lru_cache(maxsize=10_000)(_safe)  # for the course's own texts: a revision differs from the last by a few of some six thousand pieces


def _shallow(source: str) -> str:
    """Hide brackets that are opened in too many open ones of their paragraph; nobody means a link by them."""
    depth = 0

    def counted(found: re.Match[str]) -> str:
        nonlocal depth
        depth = {"[": depth + 1, "]": max(0, depth - 1)}.get(found[0], 0)
        if found[0] == "[" and depth > DEEPEST:
            depth -= 1
            return _ESCAPED
        return found[0]

    return _BRACKETS.sub(counted, source) if source.count("[") > DEEPEST else source


def inline(source: str, language: str, marker: Marker | None = None) -> str:
    """Render a line of Markdown without the paragraph around it."""
    line = re.sub(r"^(\d+)\. (?!.*\n)", r"\1\\. ", source)  # a number that opens a line begins no list
    return re.sub(r"^<p>(.*)</p>$", r"\1", prose(line, language, marker).strip(), flags=re.S)


def mark_chinese(rendered: str) -> str:
    """Wrap Chinese runs of an English text, so that they get their font and the right voice."""
    parts = re.split(r"(<[^>]*>)", rendered)
    return "".join(part if part.startswith("<") else CJK.sub(r'<span lang="zh-CN">\g<0></span>', part) for part in parts)
