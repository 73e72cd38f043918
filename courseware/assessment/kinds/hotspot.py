"""Hotspot: point at places of a picture. Options in words are choice.py's and multiple.py's business."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from courseware.assessment.kinds.multiple import RULES, Ticks
from courseware.assessment.questions import KINDS, Fault, Fields, Number, Piece, Points, Question, Remark, Response, Score, example_of, ids_in, piece_faults
from courseware.course import svg
from courseware.course.faults import Faults
from courseware.i18n import Text

MOST_REGIONS = 12  # as many as the style sheet knows; a picture with more is a puzzle
ROWS = 12  # regions whose middles stand within a twelfth of the picture's height are numbered from left to right

_VIEW = re.compile(r'viewBox="([^"]+)"')

Box = tuple[float, float, float, float]


class Region(Piece):
    """A place of the picture: its shape in units of the view box, whether it is right, and what to say to who chose it."""

    rect: tuple[Number, Number, Points, Points] | None = None
    circle: tuple[Number, Number, Points] | None = None
    polygon: Annotated[tuple[tuple[Number, Number], ...], Field(min_length=3)] | None = None
    right: bool = False
    feedback: Text

    @model_validator(mode="after")
    def _has_one_shape(self) -> Region:
        if sum(shape is not None for shape in (self.rect, self.circle, self.polygon)) != 1:
            raise ValueError("a region has one shape: `rect: [x, y, width, height]`, `circle: [x, y, radius]` or `polygon: [[x, y], …]`")
        return self

    @property
    def box(self) -> Box:
        """The smallest upright rectangle round it: left, top, width, height."""
        if self.rect:
            return self.rect
        if self.circle:
            x, y, radius = self.circle
            return x - radius, y - radius, 2 * radius, 2 * radius
        across, down = zip(*(self.polygon or ()), strict=True)
        return min(across), min(down), max(across) - min(across), max(down) - min(down)


class Hotspot(Question):
    """Regions of a picture, one or several of which are right. A click on the picture chooses, and so does the list of regions beside it.

    `picture` names an SVG figure of the course without language and ending: `m1/fig-1-2` stands in the figures of module 1 (or of the case of
    that name), a name without a folder in `quizzes/figures/`. It may also be the SVG itself, `{en: "<svg …>", zh: "<svg …>"}`. Without a
    picture the regions are drawn alone, with the texts of those that are not circles, in a box of `view: [width, height]`.

    `regions` is a list of 2 to 12 `{id, text, right, feedback}`, each with one shape in the units of the picture's view box:
    `rect: [x, y, width, height]`, `circle: [x, y, radius]` or `polygon: [[x, y], …]`.
    `text` is what the list calls the region, in both languages: who cannot see the picture answers by it, so let it say what is there and
    not what is right. Regions get numbers from top to bottom and left to right, on the picture and in the list.

    With one right region the learner chooses one, and it gives all or nothing. With several the learner is told how many, and the `rule`
    counts: `net-correct` (right ticks less wrong ticks, by the number right, not below 0: the default) or `all-or-nothing`, as in `multiple`.
    Stored are the ids of the regions chosen, so a click and a tick are the same answer.

    Example: three right regions; two of them and a wrong one give (2 − 1) / 3 of the points by `net-correct`.
    """

    kind: Literal["hotspot"]
    rule: Literal["net-correct", "all-or-nothing"] = "net-correct"
    picture: Text | str | None = None
    view: tuple[Points, Points] | None = None
    regions: tuple[Region, ...] = Field(min_length=1, max_length=MOST_REGIONS)

    @model_validator(mode="before")
    @classmethod
    def _one_place(cls, data: Any) -> Any:
        """Name the rule by what it does: of one right region there is nothing to net."""
        regions = data.get("regions") if isinstance(data, Mapping) else None
        if not isinstance(regions, list | tuple) or "rule" in data:
            return data
        right = sum(region.get("right") is True if isinstance(region, Mapping) else getattr(region, "right", False) for region in regions)
        return {**data, "rule": "all-or-nothing"} if right == 1 else data

    @property
    def expected(self) -> int:
        """How many regions are right: learners are told."""
        return sum(region.right for region in self.regions)

    @property
    def numbered(self) -> list[Region]:
        """The regions as they are numbered: by their place on the picture, which says nothing about the key."""
        _, top, _, height = self.frame

        def place(region: Region) -> tuple[int, float]:
            left, above, width, tall = region.box
            return int((above + tall / 2 - top) / height * ROWS), left + width / 2

        return sorted(self.regions, key=place)

    @property
    def frame(self) -> Box:
        """The view box: the picture's own, the one given, or one round all regions."""
        found = _VIEW.search(self.picture["en"]) if isinstance(self.picture, Text) else None
        numbers = re.findall(r"-?\d+(?:\.\d+)?", found[1]) if found else []
        if len(numbers) == 4 and float(numbers[2]) > 0 < float(numbers[3]):
            return float(numbers[0]), float(numbers[1]), float(numbers[2]), float(numbers[3])
        if self.view:
            return 0.0, 0.0, *self.view
        boxes = [region.box for region in self.regions]
        return 0.0, 0.0, max(left + width for left, _, width, _ in boxes) + 10, max(top + height for _, top, _, height in boxes) + 10

    def drawing(self, language: str, prefix: str) -> str:
        """Give the picture as cleaned HTML, or nothing if there is none. Its ids get the prefix."""
        return svg.clean("picture", self.picture.to(language).encode(), prefix, Faults()) if isinstance(self.picture, Text) else ""

    def clean(self, response: Response) -> list[str] | None:
        chosen = ids_in(response, self.ids("regions"))
        return [id for id in self.ids("regions") if id in chosen][: 1 if self.expected == 1 else None] or None

    def judge(self, given: Response) -> Score:
        chosen = [region for region in self.regions if region.id in given]
        right = sum(region.right for region in chosen)
        ticks = Ticks(right, len(chosen) - right, self.expected, len(self.regions), 0.0)
        fraction = RULES[self.rule](ticks) if self.expected else 0.0
        return self.scored(fraction, [Remark(region.id, region.feedback, region.right) for region in chosen])

    def read(self, form: Fields, prefix: str) -> list[str] | None:
        known = self.by_token("regions")
        return self.clean([known.get(value) for value in form.get(prefix) or ()])

    def correct(self) -> list[str]:
        return [region.id for region in self.regions if region.right]

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from piece_faults("regions", self.regions)
        if not 0 < self.expected < len(self.regions):
            yield Fault(("regions",), f"{self.expected} of {len(self.regions)} regions are right; at least one must be right and one wrong")
        if isinstance(self.picture, Text):
            yield from self._picture_faults(self.picture)
        elif self.picture is None and self.view is None:
            yield Fault(("view",), "without a `picture` the size is needed: `view: [width, height]`")
        left, top, width, height = self.frame
        for index, region in enumerate(self.regions):
            x, y, wide, tall = region.box
            if x < left or y < top or x + wide > left + width or y + tall > top + height:
                yield Fault(("regions", index), f"{region.id!r} stands outside the view box, {left:g} {top:g} {width:g} {height:g}")

    def _picture_faults(self, picture: Text) -> Iterator[Fault]:
        if self.view is not None:
            yield Fault(("view",), "the picture has its own view box")
        for language, source in picture.items():
            faults = Faults()
            svg.clean("picture", source.encode(errors="replace"), "picture", faults)
            yield from (Fault(("picture", language), fault.sentence) for fault in faults)
        if len({tuple(_VIEW.findall(source)[:1]) for source in picture.values()}) > 1:
            yield Fault(("picture",), "the pictures of the languages have different view boxes")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        regions = [
            {"id": "name", "text": {"en": "The customer's name", "zh": "客户姓名"}, "rect": [10, 10, 200, 30], "feedback": {"en": "It tells who, not how long.", "zh": "它说明是谁，没说明等了多久。"}},
            {"id": "due", "text": {"en": "The field “due”", "zh": "“到期”一栏"}, "circle": [270, 25, 18], "right": True, "feedback": {"en": "It says how long is left.", "zh": "它说明还剩多少时间。"}},
            {"id": "notes", "text": {"en": "The notes", "zh": "备注"}, "polygon": [[10, 60], [290, 60], [290, 150], [10, 110]], "feedback": {"en": "They tell what happened.", "zh": "它说明发生过什么。"}},
        ]  # fmt: skip
        stem = {"en": "A ticket is open on your screen. Where do you see whether it is late?", "zh": "你的屏幕上打开了一张工单。从哪里能看出它是否超时？"}
        return example_of("hotspot", 1, stem=stem, view=[300, 160], regions=regions), ["due"], ["notes"]


KINDS.add("hotspot", Hotspot)
