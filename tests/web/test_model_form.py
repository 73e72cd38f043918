"""Forms made from models: every field round and back, faults at their fields, rows added and moved."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from courseware.assessment.kinds import KINDS
from courseware.assessment.reader import Quiz
from courseware.compile import Course
from courseware.course.faults import Faults
from courseware.course.rewrite import same
from courseware.course.yaml import load
from courseware.errors import Invalid
from courseware.grading.rubrics import CaseStudy
from courseware.shipped import root
from courseware.web.model_form import SHAPES, Field, fields_of, with_errors
from courseware.web.typed_form import act, read


def posted(form: Field) -> dict[str, str]:
    return {field.name: field.value for field in form.all() if field.shape in (*SHAPES, "rows")}


def shape_of(form: Field, name: str) -> str:
    return next(field.shape for field in form.all() if field.dotted == name)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_example_of_every_kind_comes_back_as_it_was(kind: str) -> None:
    data = KINDS[kind].example()[0]
    form = fields_of(KINDS[kind], data, hidden=("id", "kind"))
    assert same(read(posted(form), data), data)
    assert same(read(posted(form), None), data)


def test_every_question_of_the_course_comes_back_as_it_was(course: Course) -> None:
    for source in course.questions.values():
        form = fields_of(KINDS[source.raw["kind"]], source.raw, extra=("vary", "require"))
        assert same(read(posted(form), source.raw), dict(source.raw)), source.id


@pytest.mark.parametrize(("model", "path"), [(Quiz, "quizzes/m1.yaml"), (CaseStudy, "case_studies/cs2/case.yaml")])
def test_a_quiz_and_a_case_come_back_as_they_were(model: Any, path: str) -> None:
    document = load(path, (root() / path).read_bytes(), Faults())
    assert document is not None
    assert same(read(posted(fields_of(model, document.data)), document.data), document.data)


CHOICE = KINDS["choice"].example()[0]


def typed(**changes: str) -> dict[str, Any]:
    names = {name.replace("__", "."): value for name, value in changes.items()}
    sent = posted(fields_of(KINDS["choice"], CHOICE))
    for name, value in names.items():
        sent[next(key for key in sent if key.rpartition(":")[0] == name)] = value
    return read(sent, CHOICE)


def test_numbers_are_numbers_and_what_is_none_stays_as_typed() -> None:
    assert typed(points="2")["points"] == 2 and type(typed(points="2")["points"]) is int
    assert typed(points="2.5")["points"] == 2.5
    assert typed(points="two")["points"] == "two"
    assert typed(points="= hours")["points"] == "= hours"


def test_an_emptied_field_is_left_out() -> None:
    assert "points" not in typed(points="")
    assert "stem" not in typed(stem__en="")
    assert typed(options__0__feedback__en="", options__0__feedback__zh="是")["options"][0]["feedback"] == {"zh": "是"}


def test_what_no_field_is_for_has_a_box_of_its_own() -> None:
    data = {**CHOICE, "colour": "red", "more": [1, 2]}
    form = fields_of(KINDS["choice"], data)
    assert same(read(posted(form), data), data)
    assert read({**posted(form), "other:yaml": "colour: blue"}, data)["colour"] == "blue"
    assert read({**posted(form), "other:yaml": "{not"}, data)["other"] == "{not"


def test_an_expression_of_a_template_stands_in_a_field_of_its_own() -> None:
    data = {**CHOICE, "options": [{"id": "a", "text": "= unit", "right": "= unit == 'x'", "feedback": {"en": "f"}}]}
    form = fields_of(KINDS["choice"], data)
    assert shape_of(form, "options.0.text") == "line"
    assert same(read(posted(form), data), data)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("points",), "points"),
        (("options", 1, "feedback", "en"), "options.1.feedback.en"),
        (("options", 1, "feedback", "of a model"), "options.1.feedback"),
        (("options",), "options"),
        (("options", 7, "text"), "options"),
        (("nothing", "here"), ""),
    ],
)
def test_a_fault_stands_at_the_nearest_field(path: Any, name: str) -> None:
    form, loose = with_errors(fields_of(KINDS["choice"], CHOICE), [(path, "wrong")])
    assert [field.dotted for field in form.all() if field.errors == ("wrong",)] == ([name] if name else [""])
    assert loose == (() if name else ("wrong",))


def ids(data: Any) -> list[str]:
    return [one["id"] for one in data["options"]]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("add:options:id.", ["a", "b", "c", "d"]),
        ("up:options.1", ["b", "a", "c"]),
        ("up:options.0", ["a", "b", "c"]),
        ("down:options.0", ["b", "a", "c"]),
        ("copy:options.0", ["a", "d", "b", "c"]),
        ("remove:options.2", ["a", "b"]),
        ("remove:options.9", ["a", "b", "c"]),
        ("nonsense", ["a", "b", "c"]),
        ("add:stem.en.x:id.", ["a", "b", "c"]),
    ],
)
def test_rows_are_added_moved_copied_and_removed(command: str, expected: list[str]) -> None:
    assert ids(act(copy.deepcopy(CHOICE), command)) == expected


def test_hostile_names_are_no_fields() -> None:
    for name in ("", ":", "a", "..:line", "a.b.c.d:rows", "a:line:x", "options:rows", "stem:area", "stem.en.x:area"):
        assert isinstance(read({**posted(fields_of(KINDS["choice"], CHOICE)), name: "1"}, CHOICE), dict)


# Names and ids that no page of ours makes


@pytest.mark.parametrize("name", ["a." * 3000 + "x:line", "options." + "9" * 5000 + ".text.en:line"], ids=["deep", "a long row number"])
def test_a_name_that_no_page_has_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="name that cannot be read"):
        read({name: "v", "options:rows": "1"}, {})


def test_a_button_for_a_row_that_no_page_has_is_refused() -> None:
    with pytest.raises(Invalid, match="name that cannot be read"):
        act({"options": []}, "up:options." + "9" * 5000)


@pytest.mark.parametrize(("id", "following"), [("q20261122", "q20261123"), ("p" + "9" * 5000, "a")])
def test_a_row_is_added_after_one_with_a_long_number(id: str, following: str) -> None:
    assert [row["id"] for row in act({"options": [{"id": id}]}, "add:options:id.")["options"]] == [id, following]
