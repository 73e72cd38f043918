"""Short text: labelled fields, each with a list of accepted answers. Numbers are numeric.py's business."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from courseware.assessment.questions import (
    KINDS,
    Fault,
    Fields,
    Id,
    Model,
    PartScore,
    Question,
    Remark,
    Response,
    Score,
    example_of,
    first,
    text_in,
)
from courseware.i18n import LANGUAGES, Text

_CJK = r"[\u2e80-\u9fff\uf900-\ufaff]"
_CJK_SPACE = re.compile(rf"(?<={_CJK}) | (?={_CJK})")


class Accepting(Model):
    """A place to fill with words, and what is accepted there in each language."""

    id: Id
    accept: dict[str, tuple[str, ...]]

    @field_validator("accept")
    @classmethod
    def _of_known_languages(cls, accept: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if not accept or not all(language in LANGUAGES and answers for language, answers in accept.items()):
            raise ValueError(f"accepted answers are lists keyed by {' and '.join(LANGUAGES)}")
        return accept

    @property
    def answers(self) -> list[str]:
        return [answer for answers in self.accept.values() for answer in answers]

    def fits(self, typed: str) -> bool:
        return normalised(typed) in {normalised(answer) for answer in self.answers}


class Entry(Accepting):
    """A field to fill, with its label."""

    label: Text


class Short(Question):
    """Fields of a few words, each worth the same share of the points.

    `fields` is a list of `{id, label, accept: {en: […], zh: […]}}`; an answer in any language counts. Answers are compared after width,
    case, spaces and closing punctuation are made equal. `feedback` explains. Unlisted answers are shown to the instructor,
    who may extend the list.
    """

    kind: Literal["short"]
    rule: Literal["right-fields"] = "right-fields"
    fields: tuple[Entry, ...] = Field(min_length=1)
    feedback: Text

    def clean(self, response: Response) -> dict[str, str] | None:
        if not isinstance(response, Mapping):
            return None
        typed = {id: text_in(response.get(id)) for id in self.ids("fields")}
        return {id: text for id, text in typed.items() if text} or None

    def judge(self, given: Response) -> Score:
        parts = self._parts(given)
        fraction = sum(part.fraction for part in parts) / len(parts)
        return self.scored(fraction, [Remark("", self.feedback, fraction == 1)], parts)

    def unanswered(self) -> Score:
        return self.scored(0.0, parts=self._parts({}))

    def _parts(self, given: Mapping[str, str]) -> list[PartScore]:
        share = self.points / len(self.fields)
        return [PartScore(entry.id, float(entry.id in given and entry.fits(given[entry.id])), share, self.rule) for entry in self.fields]

    def read(self, form: Fields, prefix: str) -> dict[str, str] | None:
        return self.clean({id: first(form, f"{prefix}.{id}") for id in self.ids("fields")})

    def correct(self) -> dict[str, str]:
        return {entry.id: entry.answers[0] for entry in self.fields}

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        ids = self.ids("fields")
        for index, entry in enumerate(self.fields):
            if entry.id in ids[:index]:
                yield Fault(("fields", index), f"the id {entry.id!r} is used twice")
            for language, answers in entry.accept.items():
                if not all(normalised(answer) for answer in answers):
                    yield Fault(("fields", index, "accept", language), "an accepted answer is empty")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        fields = [
            {"id": "inside", "label": {"en": "Receives inside the firm"}, "accept": {"en": ["internal customer"], "zh": ["内部客户"]}},
            {"id": "outside", "label": {"en": "Receives outside it"}, "accept": {"en": ["external customer"], "zh": ["外部客户"]}},
        ]
        data = example_of("short", 2, stem={"en": "Name the two."}, fields=fields, feedback={"en": "The firm's wall divides them."})
        return data, {"inside": "Internal  customer", "outside": "外部客户"}, {"inside": "colleague", "outside": "外部客户"}


def normalised(text: str) -> str:
    """Make equal what a reader takes for equal: width, case, spaces, punctuation at the end."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _CJK_SPACE.sub("", folded).rstrip(" .。,;!?:、")


KINDS.add("short", Short)
