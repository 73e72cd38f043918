"""Compare texts as people mean them: after NFKC, width, case and space. What is done with the answer stands elsewhere."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_NO_DIGIT = re.compile(r"\D")
_FORMAT_SIGNS = re.compile("[\u200b-\u200f\u2060\ufeff]")


def fold(text: str) -> str:
    """Give the form in which two texts are compared."""
    return _SPACE.sub(" ", _FORMAT_SIGNS.sub("", unicodedata.normalize("NFKC", text))).strip().casefold()


def digits(text: str | None) -> str:
    """Give the digits of a telephone number, without the country code 86."""
    found = _NO_DIGIT.sub("", unicodedata.normalize("NFKC", text or ""))
    return found[2:] if len(found) == 13 and found.startswith("86") else found
