"""Upload: one or more files that a person marks by a rubric. What a file may be is decided in files.py; storing it is uploads.py's business."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import Field

from courseware.assessment.files import LONGEST_NAME
from courseware.assessment.questions import KINDS, Fields, Response, example_of
from courseware.assessment.rubrics import ByRubric

LONGEST_ENTRY = 2_000  # characters of one entry of a form

Ending = Literal["pdf", "docx", "xlsx", "png", "jpg", "txt", "csv", "md"]


class Upload(ByRubric):
    """Files of the learner's own (a document, a table, a picture), marked by a person with a rubric.

    `types` lists what may be handed in, by the ending of the name: pdf, docx, xlsx, png, jpg, txt, csv, md (all of them unless
    written); what is in a file must be what its name says. `most` (3 unless written) is how many files an answer may have, each of at
    most 10 MB. `criteria`, `for_graders` and `model_answer` are those of `essay`. The response lists the files of the answer:
    `[{sha256, name, size}]`. Graders download them; nothing is ever opened on the site.
    """

    kind: Literal["upload"]
    types: tuple[Ending, ...] = Field(default=get_args(Ending), min_length=1)
    most: int = Field(default=3, ge=1, le=10)

    def clean(self, response: Response) -> list[dict[str, Any]] | None:
        if not isinstance(response, list | tuple):
            return None
        entries = [entry for entry in map(_entry, response) if entry]
        return list({entry["sha256"]: entry for entry in entries}.values())[: self.most] or None

    def read(self, form: Fields, prefix: str) -> list[dict[str, Any]] | None:
        return self.clean([_parsed(value) for value in form.get(prefix, ())])

    def correct(self) -> list[dict[str, Any]]:
        return [{"sha256": "0" * 64, "name": f"answer.{self.types[0]}", "size": 1}]

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        criteria = [{"id": "complete", "title": {"en": "Every column is filled", "zh": "各栏齐全"}}]
        model = {"en": "A table with one line a call: who rang, what was asked, who answers by when."}
        data = example_of("upload", 2, stem={"en": "Hand in your call sheet of this week."}, types=["xlsx", "csv", "pdf"], criteria=criteria, model_answer=model)
        sheets = [{"sha256": letter * 64, "name": f"week {letter}.xlsx", "size": 9_000} for letter in "ab"]
        return data, sheets[:1], sheets


def _parsed(value: object) -> object:
    """Read an entry as a form sends it: as JSON."""
    try:
        return json.loads(str(value)) if len(str(value)) <= LONGEST_ENTRY else None
    except (ValueError, RecursionError):
        return None


def _entry(value: object) -> dict[str, Any] | None:
    if not isinstance(value, Mapping):
        return None
    mark, name, size = (value.get(key) for key in ("sha256", "name", "size"))
    if not (isinstance(mark, str) and re.fullmatch("[0-9a-f]{64}", mark) and isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and type(size) is int and size > 0):
        return None
    return {"sha256": mark, "name": name, "size": size}


KINDS.add("upload", Upload)
