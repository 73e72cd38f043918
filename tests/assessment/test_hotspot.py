"""Hotspot: regions of a picture, by a click or by the list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.kinds.hotspot import Hotspot
from courseware.assessment.pictures import with_pictures
from courseware.assessment.questions import QuestionSource, parse_question
from courseware.expressions import Path

DATA = Hotspot.example()[0]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"><title>A desk</title><rect id="a" x="0" y="0" width="9" height="9"/></svg>'


def data(right: str = "ABC", of: str = "ABCDEF", **more: Any) -> dict[str, Any]:
    """Squares in two rows of three."""
    regions = [
        {"id": id, "text": {"en": f"place {id}"}, "rect": [20 * (n % 3), 20 * (n // 3), 10, 10], "right": id in right, "feedback": {"en": f"why {id}"}} for n, id in enumerate(of)
    ]
    return {**DATA, "view": [60, 40], "regions": regions, **more}


def question(**more: Any) -> Hotspot:
    read = parse_question(data(**more))
    assert isinstance(read, Hotspot)
    return read


@pytest.mark.parametrize(
    ("chosen", "net", "strict"), [("ABC", 1, 1), ("AB", 2 / 3, 0), ("ABD", 1 / 3, 0), ("ABCD", 2 / 3, 0), ("AD", 0, 0), ("DEF", 0, 0), ("ABCDEF", 0, 0)]
)
def test_several_regions_count_as_several_answers_do(chosen: str, net: float, strict: float) -> None:
    assert question().score(list(chosen)).fraction == pytest.approx(net)
    assert question(rule="all-or-nothing").score(list(chosen)).fraction == strict


def test_of_one_right_region_one_may_be_chosen() -> None:
    assert [question(right="B").score([chosen]).fraction for chosen in "ABC"] == [0, 1, 0]
    assert question(right="B").clean(["C", "B"]) == ["B"]
    assert question(right="C").clean(["C", "B"]) == ["B"]  # the first in the order written, whichever is right


def test_the_feedback_is_that_of_the_regions_chosen() -> None:
    assert [(remark.on, remark.text["en"], remark.right) for remark in question().score(["D", "A"]).remarks] == [("A", "why A", True), ("D", "why D", False)]


def test_regions_are_numbered_by_their_place_whatever_is_right() -> None:
    mixed = {**data(), "regions": data()["regions"][::-1]}
    read = parse_question(mixed)
    assert isinstance(read, Hotspot)
    assert [region.id for region in read.numbered] == list("ABCDEF")


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        ({"rect": [1, 2, 3, 4]}, (1, 2, 3, 4)),
        ({"circle": [10, 20, 5]}, (5, 15, 10, 10)),
        ({"polygon": [[0, 5], [10, 0], [4, 9]]}, (0, 0, 10, 9)),
    ],
)
def test_each_shape_has_its_box(shape: dict[str, Any], box: tuple[float, ...]) -> None:
    regions = [{**data()["regions"][0], "rect": None, **shape}, data()["regions"][3]]
    assert question(regions=regions).regions[0].box == box


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"circle": [1, 1, 1]}, "regions.0: a region has one shape: `rect: [x, y, width, height]`, `circle: [x, y, radius]` or `polygon: [[x, y], …]`"),
        ({"rect": None}, "regions.0: a region has one shape: `rect: [x, y, width, height]`, `circle: [x, y, radius]` or `polygon: [[x, y], …]`"),
        ({"rect": [55, 0, 10, 10]}, "regions.0: 'A' stands outside the view box, 0 0 60 40"),
        ({"text": {"en": "Place B"}}, "regions.1: two regions read the same in en: 'place b'"),
    ],
)
def test_a_region_that_makes_no_sense_is_told(changes: dict[str, Any], sentence: str) -> None:
    first, *rest = data()["regions"]
    assert sentence in QuestionSource({**data(), "regions": [{**first, **changes}, *rest]}, "x").check()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"right": ""}, "regions: 0 of 6 regions are right; at least one must be right and one wrong"),
        ({"right": "ABCDEF"}, "regions: 6 of 6 regions are right; at least one must be right and one wrong"),
        ({"view": None}, "view: without a `picture` the size is needed: `view: [width, height]`"),
        ({"picture": {"en": SVG}}, "view: the picture has its own view box"),
        ({"view": None, "picture": {"en": SVG.replace("rect ", "script ")}}, "picture.en: element <script> is not used in figures"),
        ({"view": None, "picture": {"en": "<svg"}}, "picture.en: not a readable SVG"),
        ({"view": None, "picture": {"en": SVG, "zh": SVG.replace("100 50", "90 50")}}, "picture: the pictures of the languages have different view boxes"),
    ],
)
def test_a_picture_that_does_not_fit_is_told(changes: dict[str, Any], sentence: str) -> None:
    assert any(found.startswith(sentence) for found in QuestionSource(data(**changes), "x").check())


def test_a_picture_is_cleaned_and_gives_the_frame() -> None:
    asked = question(picture={"en": SVG}, view=None)
    assert asked.frame == (0, 0, 100, 50)
    assert 'id="q-a"' in asked.drawing("zh", "q")
    assert "script" not in question(picture={"en": SVG.replace("rect ", "script ")}, view=None).drawing("en", "q")
    assert question().drawing("en", "q") == ""


@given(st.lists(st.sampled_from("ABCDEFX")), st.sets(st.sampled_from("ABCDEF"), min_size=1, max_size=5), st.sampled_from(["net-correct", "all-or-nothing"]))
def test_no_choice_leaves_the_range_in_any_order_and_the_right_ones_give_all(chosen: list[str], right: set[str], rule: str) -> None:
    asked = question(right="".join(right), rule=rule)
    assert 0 <= asked.score(chosen).fraction <= 1
    assert asked.score(chosen) == asked.score(chosen[::-1])
    assert asked.score(asked.correct()[::-1]).fraction == 1


# Figures by name


def resolved(picture: Any, *files: str) -> tuple[Any, list[tuple[Path, str]]]:
    told: list[tuple[Path, str]] = []
    found = with_pictures({"questions": [{"picture": picture}]}, {file: SVG.encode() for file in files}, lambda place, sentence: told.append((place, sentence)))
    return found["questions"][0]["picture"], told


@pytest.mark.parametrize(
    ("name", "file"), [("m1/desk", "content/modules/m1/figures/desk"), ("cs2/desk", "case_studies/cs2/figures/desk"), ("desk", "quizzes/figures/desk")]
)
def test_a_figure_is_found_by_its_name_in_the_languages_there_are(name: str, file: str) -> None:
    assert resolved(name, f"{file}.en.svg") == ({"en": SVG}, [])
    assert resolved(name, f"{file}.en.svg", f"{file}.zh.svg") == ({"en": SVG, "zh": SVG}, [])


def test_a_figure_that_is_missing_is_told_at_its_place() -> None:
    found, told = resolved("m1/desk", "content/modules/m1/figures/desk.zh.svg")
    assert found == "m1/desk"
    assert told[0][0] == ("questions", 0, "picture")
    assert "no file content/modules/m1/figures/desk.en.svg or case_studies/m1/figures/desk.en.svg" in told[0][1]


def test_what_names_no_figure_stays_as_it_is() -> None:
    for data in (None, {"forms": {}}, {"questions": None}, {"questions": [5, {"id": "q"}, {"parts": [{"id": "p", "picture": {"en": SVG}}]}]}):
        assert with_pictures(data, {}, lambda place, sentence: None) == data
    case = {"questions": [{"parts": [{"picture": "desk"}]}]}
    assert with_pictures(case, {"quizzes/figures/desk.en.svg": SVG.encode()}, lambda place, sentence: None) == {"questions": [{"parts": [{"picture": {"en": SVG}}]}]}
