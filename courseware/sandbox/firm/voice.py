"""Fill sentence patterns with the words of the records at hand, in the language of the sentence. What is said about is chosen elsewhere."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from courseware.sandbox.firm.draft import Draft, Row

_HALVES = re.compile(r"(?P<zh>.*[\u4e00-\u9fff\uff09)])\s*(?P<en>[A-Za-z0-9(].*)?$")
_GAP = re.compile(r"(?<=[\u3002\uff0c\uff1a\uff01\uff1f\uff1b\u3001\uff09\u201d]) +(?=[\u4e00-\u9fff])")  # Chinese marks bring their own space
_SLOT = re.compile(r"{(\w+)}")
_LASTING = frozenset({"symptom", "place", "part", "product"})  # words that stay the same when a matter is spoken of again


class Voice:
    """Speaks about one occasion: a moment, and the records it concerns. Missing ones are drawn."""

    def __init__(self, draft: Draft, rng: random.Random, moment: datetime, **about: Row | None) -> None:
        self._draft, self._rng, self._moment = draft, rng, moment
        self._about = about
        self._words: dict[str, str] = {}

    def later(self, rng: random.Random, moment: datetime, **about: Row | None) -> Voice:
        """Speak of the same matter on a later occasion."""
        again = Voice(self._draft, rng, moment, **{**self._about, **about})
        again._words = {slot: word for slot, word in self._words.items() if slot in _LASTING}
        return again

    def said(self, slot: str) -> str | None:
        """Give the word a slot got on this occasion, if it was used."""
        return self._words.get(slot)

    def say_all(self, patterns: Sequence[str]) -> str:
        """Fill several patterns and join them; a Chinese sentence needs no space after it."""
        return _GAP.sub("", " ".join(said for pattern in patterns if (said := self.say(pattern))))

    def say(self, pattern: str) -> str:
        """Fill the pattern. A slot used twice on one occasion keeps its word."""
        if "{" not in pattern:
            return pattern
        english = not _has_chinese(pattern) or (pattern[:1].isascii() and pattern[:1].isalpha())
        text = _SLOT.sub(lambda found: self._word(found[1], english), pattern)
        return _GAP.sub("", text.strip())

    def _word(self, slot: str, english: bool) -> str:
        if slot in ("opening", "closing"):
            return self.say(self._rng.choice(self._draft.material.texts.words[slot]))
        if slot not in self._words:
            self._words[slot] = self._draw(slot)
        return half(self._words[slot], english)

    def _draw(self, slot: str) -> str:
        if slot in ("symptom", "place"):
            return self._rng.choice(self._draft.material.texts.words[slot])
        if slot in ("contact", "account", "person", "colleague", "city"):
            return self._name(slot)
        return self._thing(slot)

    def _name(self, slot: str) -> str:
        row = self._about.get(slot)
        if slot == "city":
            place = self._about.get("account")
            return str(place["city"]) if place else "云埠 Yunbu"
        if row is None and slot in ("person", "colleague"):
            row = self._rng.choice(self._draft.staff("Service agent", "Field engineer", "Inside sales"))
        return str(row["name"]) if row else "来电人 the caller"

    def _thing(self, slot: str) -> str:
        rng = self._rng
        numbers = {"qty": (2, 24), "days": (2, 30)}
        if slot in numbers:
            return str(rng.randint(*numbers[slot]))
        if slot == "date":
            day = self._moment + timedelta(days=rng.randint(1, 9))
            return f"{day.month}/{day.day}"
        if slot == "hour":
            return f"{rng.randint(9, 17)}:{rng.choice(('00', '30'))}"
        if slot == "amount":
            return f"{rng.randint(2, 180) * 50:,}"
        if slot == "serial":
            asset = self._about.get("asset")
            return str(asset["serial"]) if asset else str(self._product()["sku"])
        if slot == "part":
            return rng.choice([part.name for part in self._draft.material.products if self._product()["sku"].startswith(part.fits or ("-",))])
        if slot == "product":
            product = self._product()
            return str(rng.choice((product["sku"], product["sku"], product["name"])))
        row = self._about.get(slot)
        return str(row["no"]) if row else "上一单"

    def _product(self) -> Row:
        product = self._about["product"]
        assert product is not None
        return product


@lru_cache(maxsize=4096)
def half(text: str, english: bool) -> str:
    """Give the Chinese or the English half of a text like “前台 the front desk”; the whole where it has one half only."""
    found = _HALVES.fullmatch(text)
    if not found or not found["en"]:
        return text
    return found["en"] if english else found["zh"]


@lru_cache(maxsize=4096)
def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)
