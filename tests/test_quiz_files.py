"""Quizzes across files: what a blueprint, its pools and its locks need of each other is told at its line, and a drawn quiz counts as assessment."""

from __future__ import annotations

import pytest

from courseware.compile import coverage, inspect
from courseware.course.revisions import read_folder
from courseware.shipped import root

Tree = dict[str, bytes]


@pytest.fixture(scope="module")
def tree() -> Tree:
    return read_folder(root())


def with_quizzes(tree: Tree, **lines: str) -> Tree:
    """The tree with other lines in the place of the forms of some quizzes, by id."""
    return {**tree, **{f"quizzes/{id}.yaml": tree[f"quizzes/{id}.yaml"].split(b"forms:")[0] + text.encode() for id, text in lines.items()}}


def test_a_drawn_quiz_compiles_and_its_pools_count_where_a_line_may_draw_them(tree: Tree) -> None:
    alone = {path: content for path, content in tree.items() if path != "quizzes/exam.yaml"}  # which draws from these pools as well
    drawn = with_quizzes(alone, m1="pools: [m1-a, m1-b]\ndraw:\n  - {objective: K1.1, points: 1, count: 2}\nlocks: [1]\n")
    course, faults = inspect(drawn, draws=1)
    assert course is not None
    assert not [fault for fault in faults if str(fault).startswith("quizzes/")]
    covered = coverage(course)
    fitting = [one for form in ("m1-a", "m1-b") for one in course.forms[form].questions if one.raw["objective"] == "K1.1" and one.raw["points"] == 1]
    assert covered["K1.1"].questions == {"pool": len(fitting)}
    assert covered["K1.2"].questions == {}, "no line draws it"


def test_what_cannot_be_drawn_or_locked_is_told_at_its_place(tree: Tree) -> None:
    broken = with_quizzes(
        tree,
        m1="pools: [m1-a]\ndraw:\n  - {objective: K1.1, points: 1, count: 90}\n  - {objective: K99.1, count: 1}\n  - {objective: K1.4, count: 1}\n",
        m2="pools: [m2-a, m2-z]\ndraw:\n  - {objective: K2.1, count: 1}\n",
        m3="forms: {A: m3-a, B: m3-b}\nlocks: [5, 20]\n",
        m4="pools: [m4-a]\ndraw:\n  - {objective: K4.1, points: 1, count: 2}\nlocks: [2]\n",
        m5="forms: {A: m5-a}\nnavigation: backwards\n",
    )
    found = [str(fault) for fault in inspect(broken, draws=1)[1] if str(fault).startswith("quizzes/")]
    for said in (
        "m1.yaml:8:5: 90 questions of K1.1 are to be drawn, and the pools hold",
        "m1.yaml:9:6: there is no objective 'K99.1'",
        "m1.yaml:10:5: the questions that fit are worth",
        "m2.yaml:6:15: there is no file with the id 'm2-z'",
        "m3.yaml:7:12: a lock after question 20 locks nothing: a paper has 20 questions",
        "m4.yaml:9:9: a lock after question 2 locks nothing: a paper has 2 questions",
        "m5.yaml:7:1: Input should be 'free' or 'sequential', not 'backwards'",
    ):
        assert any(one.startswith(f"quizzes/{said}") for one in found), (said, found)
