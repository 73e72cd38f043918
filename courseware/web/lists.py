"""Lists on pages: what was searched, how it is sorted, which part is shown, and the same rows as a CSV file. Whose rows they are is not known here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import flask
from werkzeug.wrappers import Response

T = TypeVar("T")
Keys = Mapping[str, Callable[[T], Any]]

PAGE = 25
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Asked:
    """What the address asks of a list: words to find, a sort key (a leading dash turns it round), a page, filters, whether as CSV, and which columns."""

    q: str
    sort: str
    page: int
    filters: Mapping[str, str] = field(default_factory=dict)
    is_csv: bool = False
    columns: tuple[str, ...] = ()


def asked(args: Mapping[str, str], *filters: str, sort: str) -> Asked:
    """Read what is asked from the address. What cannot be read is taken as not asked."""
    page = args.get("page", "1")
    return Asked(
        q=" ".join(args.get("q", "").split())[:100],
        sort=args.get("sort") or sort,
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        filters={name: args[name] for name in filters if args.get(name)},
        is_csv=args.get("format") == "csv",
        columns=tuple(name for name in args.get("cols", "").split(",") if name),
    )


@dataclass(frozen=True)
class Listing(Generic[T]):
    """The rows of one page of a list, with what was asked."""

    rows: Sequence[T]
    total: int
    page: int
    pages: int
    asked: Asked

    def link(self, **changes: str | int) -> str:
        """The address of the same list with something changed. Another order begins at the first page."""
        now = {"q": self.asked.q, "sort": self.asked.sort, **self.asked.filters, **changes}
        return "?" + urlencode({name: value for name, value in now.items() if value not in ("", 1)})

    def sorted_by(self, key: str) -> str | None:
        """`ascending` or `descending` if the list is sorted by this key."""
        if self.asked.sort.removeprefix("-") != key:
            return None
        return "descending" if self.asked.sort.startswith("-") else "ascending"

    def turn(self, key: str) -> str:
        return self.link(sort=f"-{key}" if self.asked.sort == key else key)


def listing(rows: Iterable[T], want: Asked, keys: Keys[T], *, size: int | None = PAGE) -> Listing[T]:
    """Sort rows and cut out the page asked for (all of them without `size`). Empty values come last either way round."""
    key = keys.get(want.sort.removeprefix("-"))
    found = list(rows)
    if key is not None:
        empty = [row for row in found if key(row) is None]
        full = sorted((row for row in found if key(row) is not None), key=key, reverse=want.sort.startswith("-"))
        found = full + empty
    pages = max(1, -(-len(found) // size)) if size else 1
    page = min(max(1, want.page), pages)
    shown = found[(page - 1) * size : page * size] if size and not want.is_csv else found
    return Listing(shown, len(found), page, pages, want)


def plain(value: Any) -> Any:
    """A cell for a spreadsheet: numbers as they are, and no text that a spreadsheet would run as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" \ufeff").startswith(FORMULA) or text.startswith(FORMULA) else text


def csv_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A CSV file in UTF-8 with a byte order mark, which Excel needs to read Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([plain(head) for head in heads])
    writer.writerows([plain(value) for value in row] for row in rows)
    response = flask.make_response("\ufeff" + text.getvalue())
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
