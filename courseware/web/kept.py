"""What a process keeps of the runs it served last, so that a page is not made twice from the same journal. All of it can be made again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, cast
from weakref import WeakKeyDictionary

from markupsafe import Markup

from courseware.sandbox.journal import Journal
from courseware.sandbox.state import Change
from courseware.web.site import Site

T = TypeVar("T")
Folded = tuple[Journal, tuple[Change, ...]]  # a run's journal, and its row changes folded to one a row


class Kept(Generic[T]):
    """The values asked for last. With `get` a key says everything its value was made from, so nothing ever grows stale; `renew` is for what grows."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        return self._put(key, make())

    def renew(self, key: Hashable, make: Callable[[T | None], T]) -> T:
        """Give what `make` makes of the value kept so far, and keep that in its place."""
        with self._lock:
            known = self._values.get(key)
        return self._put(key, make(known))

    def _put(self, key: Hashable, value: T) -> T:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


class Shelf:
    """What is kept for one school."""

    def __init__(self) -> None:
        self.journals: Kept[Folded] = Kept(64)
        self.lists: Kept[Markup] = Kept(128)
        self.parts: Kept[object] = Kept(512)

    def part(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give something small that a key determines; the first member of the key says what it is."""
        return cast(T, self.parts.get(key, make))


_shelves: WeakKeyDictionary[Site, Shelf] = WeakKeyDictionary()


def shelf_of(site: Site) -> Shelf:
    return _shelves.setdefault(site, Shelf())
