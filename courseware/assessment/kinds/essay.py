"""Essay: a text that a person marks by a rubric. Files are upload.py's business, long case studies grading's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from courseware.assessment.questions import KINDS, Fault, Fields, Response, example_of
from courseware.assessment.rubrics import ByRubric, language_of, length
from courseware.i18n import LANGUAGES

LONGEST = 14_000  # characters a field takes; what an attempt keeps of one answer holds that many of any script


class Essay(ByRubric):
    """A text of the learner's own, marked by a person with a rubric.

    `criteria` is a list of `{id, title, levels, objective, points}`. `levels` are four descriptions, from level 0 to level 3; without
    them the words of the house stand alone (not yet, partial, sound, strong). A level gives 0, 40, 80 or 100 % of the criterion's
    points (2 unless written); the points of the criteria add up to those of the question. A criterion with an `objective` of its own
    gives its evidence for that one, the others for the question's. `words` says how long the answer should be, by language:
    `{en: [80, 150], zh: [120, 250]}`, words of an English text, characters of a Chinese one; it is shown and counted, not enforced.
    `for_graders` is read by graders alone; `model_answer` by the learner once the marks are released. An empty answer gets nothing,
    without waiting for anybody.
    """

    kind: Literal["essay"]
    words: dict[str, tuple[int, int]] = Field(default_factory=dict)

    def clean(self, response: Response) -> str | None:
        return response.replace("\r\n", "\n").strip() or None if isinstance(response, str) else None

    def read(self, form: Fields, prefix: str) -> str | None:
        values = form.get(prefix) or ("",)
        return self.clean(str(values[0]))

    def correct(self) -> str:
        return self.model_answer["en"].strip()

    def size(self, response: Response) -> tuple[int, str]:
        """Count an answer: how many, and the language it was counted in."""
        text = self.clean(response) or ""
        return length(text, language_of(text)), language_of(text)

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        for language, (least, most) in self.words.items():
            if language not in LANGUAGES:
                yield Fault(("words", language), f"the length is keyed by {' and '.join(LANGUAGES)}")
            elif not 0 <= least <= most:
                yield Fault(("words", language), f"from {least} to {most} is no length: the smaller number comes first")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        levels = [
            {"en": "No reason is given.", "zh": "没有给出理由。"},
            {"en": "A reason that would fit any customer.", "zh": "理由放在任何客户身上都说得通。"},
            {"en": "A reason taken from this customer's words.", "zh": "理由取自这位客户自己的话。"},
            {"en": "The same, and what would prove it wrong.", "zh": "同上，并说明什么情况会推翻它。"},
        ]
        criteria = [
            {"id": "reason", "title": {"en": "Reasons", "zh": "理由"}, "levels": levels},
            {"id": "next", "title": {"en": "Next step", "zh": "下一步"}, "objective": "A1.1"},
        ]
        model = {"en": "She asked twice who will ring her back, so I name a person and an hour.", "zh": "她两次问到谁会给她回电话，所以我说出一个人和一个时间。"}
        data = example_of(
            "essay", 4, stem={"en": "A customer rings a third time. What do you do first, and why?"}, criteria=criteria, model_answer=model,
            for_graders={"en": "Naming a person is enough for level 2 of the next step."}, words={"en": [30, 80], "zh": [60, 150]},
        )  # fmt: skip
        return data, model["en"], "I would apologise."


KINDS.add("essay", Essay)
