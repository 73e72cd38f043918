"""How typed words are compared with what an author accepts: short answers and the gaps of a cloze. Numbers are numeric.py's business."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

import re2
from pydantic import BeforeValidator, Field, field_validator, model_validator

from courseware.assessment.questions import Fault, Id, Model, Points
from courseware.i18n import LANGUAGES, Text

LETTERS_A_SLIP = 6  # one slip of the keys is forgiven for so many characters of the accepted answer
LONGEST_PATTERN = 500
LARGEST_PATTERN = 2**20  # bytes that a compiled one may take

_HAN = r"\u2e80-\u9fff\uf900-\ufaff"
_HAN_SPACE = re.compile(rf"(?<=[{_HAN}]) | (?=[{_HAN}])")
_LETTER = rf"[^\W{_HAN}]"  # of a script that puts spaces between words
_STAR = "\ue000"  # stands for an escaped star while the others are read

ByLanguage = dict[str, tuple[str, ...]]


def _as_answer(value: Any) -> Any:
    return {"match": value} if isinstance(value, str) else value


class Accepted(Model):
    """One accepted answer: its words or pattern, the fraction it gives, how it is compared, and what to say to who gave it."""

    match: str = Field(max_length=LONGEST_PATTERN)
    fraction: float = Field(1.0, ge=0, le=1)
    how: Literal["words", "wildcard", "regex"] = Field("words", alias="as")
    feedback: Text | None = None

    def fits(self, typed: str, case: bool) -> bool:
        """Whether a typed text is this answer, after both were normalised."""
        given = normalised(typed, case)
        if self.how == "words":
            return given == normalised(self.match, case)
        if self.how == "wildcard":
            return fits_wildcard(normalised(self.match.replace(r"\*", _STAR), case), given)
        return _compiled(self.match, case).fullmatch(normalised(typed, case=True).encode(errors="replace")) is not None

    def is_near(self, typed: str, case: bool) -> bool:
        """Whether a typed text is this answer but for as many slips as its length allows."""
        given, wanted = normalised(typed, case), normalised(self.match, case)
        allowed = len(wanted) // LETTERS_A_SLIP
        return self.how == "words" and abs(len(given) - len(wanted)) <= allowed and slips(given, wanted) <= allowed

    def faults(self) -> Iterator[Fault]:
        if not (self.match.strip() if self.how == "regex" else normalised(self.match)):
            yield Fault((), "an accepted answer is empty")
        elif self.how == "words" and r"\*" in self.match:
            yield Fault(("match",), r"`\*` is for `as: wildcard`; among words a star stands for itself")

    @model_validator(mode="after")
    def _can_be_compiled(self) -> Accepted:
        if self.how == "regex":
            try:
                _compiled(self.match, False)
            except re2.error as error:
                reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else error
                raise ValueError(f"not a regular expression that can be used here: {reason}") from None
        return self


Answer = Annotated[Accepted, BeforeValidator(_as_answer)]


def _of_known_languages(given: Mapping[str, Any]) -> Mapping[str, Any]:
    if not given or not all(language in LANGUAGES and answers for language, answers in given.items()):
        raise ValueError(f"accepted answers are lists keyed by {' and '.join(LANGUAGES)}")
    return given


class Accepting(Model):
    """A place to fill with words, and what is accepted there in each language."""

    id: Id
    accept: dict[str, tuple[Answer, ...]]
    case: bool = False
    typos: bool = False

    _languages = field_validator("accept")(_of_known_languages)

    @property
    def answers(self) -> list[str]:
        """The words that give all, in every language: what is shown as right."""
        return [answer.match for answers in self.accept.values() for answer in answers if answer.how == "words" and answer.fraction == 1]

    def found(self, typed: str) -> Accepted | None:
        """Give the accepted answer that counts, if one does.

        Each language's list is tried in order and its first answer that fits counts; of two languages the better. Slips are forgiven only
        where nothing fits: a listed wrong answer may be a slip away from the right one.
        """
        firsts = [next((answer for answer in answers if answer.fits(typed, self.case)), None) for answers in self.accept.values()]
        if self.typos and not any(firsts):
            firsts = [next((answer for answer in answers if answer.is_near(typed, self.case)), None) for answers in self.accept.values()]
        return max((answer for answer in firsts if answer), key=lambda answer: answer.fraction, default=None)

    def share(self, typed: str) -> float:
        """Give the fraction that a typed text is worth here."""
        found = self.found(typed)
        return found.fraction if found else 0.0

    def answer_faults(self) -> Iterator[Fault]:
        """Find answers that make no sense. Paths begin at `accept`."""
        for language, answers in self.accept.items():
            for index, answer in enumerate(answers):
                yield from (Fault(("accept", language, index, *fault.path), fault.sentence) for fault in answer.faults())
        if not self.answers:
            yield Fault(("accept",), "one accepted answer is needed that gives all and is written in plain words: it is shown as the right one")


class Group(Model):
    """An idea that an answer should name: the words it can be named by in each language, and its weight."""

    any: ByLanguage
    weight: Points = 1.0

    _languages = field_validator("any")(_of_known_languages)

    @property
    def words(self) -> list[str]:
        return [word for words in self.any.values() for word in words]

    def is_in(self, typed: str) -> bool:
        """Whether a text names it: by a whole word, or in Chinese, which has no spaces, anywhere."""
        given = normalised(typed)
        return any(_names(given, normalised(word)) for word in self.words)


def _names(given: str, word: str) -> bool:
    if not word:
        return False
    if re.search(f"[{_HAN}]", word):
        return word in given
    return re.search(rf"(?<!{_LETTER}){re.escape(word)}(?!{_LETTER})", given) is not None


def normalised(text: str, case: bool = False) -> str:
    """Make equal what a reader takes for equal: width (NFKC), spaces, punctuation at the end, and case unless it counts."""
    folded = unicodedata.normalize("NFKC", text)
    folded = " ".join((folded if case else folded.casefold()).split())
    return _HAN_SPACE.sub("", folded).rstrip(" .。,;!?:、")


def fits_wildcard(pattern: str, given: str) -> bool:
    """Whether a text is a pattern whose stars stand for any characters, or none. Each piece is looked for once, so no pattern is slow."""
    first, *rest = (piece.replace(_STAR, "*") for piece in pattern.split("*"))
    if not rest:
        return given == first
    *middle, last = rest
    if len(given) < len(first) + len(last) or not given.startswith(first) or not given.endswith(last):
        return False
    place, end = len(first), len(given) - len(last)
    for piece in middle:
        found = given.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def slips(one: str, other: str) -> int:
    """Count the slips between two texts: a character too many, missing, wrong, or swapped with its neighbour.

    This is the distance of F. J. Damerau, A technique for computer detection and correction of spelling errors, CACM 7 (1964), in its
    restricted form (optimal string alignment): no stretch is changed twice.
    """
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        line = [row]
        for column, wanted in enumerate(other, 1):
            least = min(above[column] + 1, line[-1] + 1, above[column - 1] + (char != wanted))
            if row > 1 and column > 1 and char == other[column - 2] and one[row - 2] == wanted:
                least = min(least, before[column - 2] + 1)
            line.append(least)
        before, above = above, line
    return above[-1]


@lru_cache(maxsize=256)
def _compiled(pattern: str, case: bool) -> Any:
    """Compile an author's pattern. RE2's time grows with the text alone and its memory is bounded, so no pattern can hold the server up."""
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = case, False, LARGEST_PATTERN
    return re2.compile(pattern, options)
