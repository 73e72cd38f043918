"""Writing changed data back: what did not change keeps every letter, and what is written is what was meant."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.course.faults import Faults
from courseware.course.rewrite import dump, rewrite, same
from courseware.course.yaml import load
from courseware.shipped import root

FILE = """\
# a form, and why it is so
id: m1-a
questions:
  - id: q1
    kind: choice   # one of four
    points: 1
    stem: {en: "Who?", zh: "谁？"}
    note: |
      two
      lines

  # the second question
  - id: q2
    points: 2
    tags: [a, b]
"""


def data_of(content: bytes) -> Any:
    faults = Faults()
    document = load("", content, faults)
    assert document is not None
    assert not faults
    return copy.deepcopy(document.data)  # which the tests change


def rewritten(**changes: Any) -> str:
    """The file with fields of its first question changed; None takes one out."""
    data = data_of(FILE.encode())
    data["questions"][0] = {name: value for name, value in {**data["questions"][0], **changes}.items() if value is not None}
    written = rewrite(FILE.encode(), data)
    assert same(data_of(written), data)
    return written.decode()


def changed_lines(text: str) -> tuple[list[str], list[str]]:
    before, after = FILE.splitlines(), text.splitlines()
    return [line for line in before if line not in after], [line for line in after if line not in before]


def test_the_same_data_give_the_same_bytes() -> None:
    for path in sorted(root().glob("quizzes/*.yaml")) + sorted(root().glob("case_studies/*/case.yaml")):
        content = path.read_bytes()
        assert rewrite(content, data_of(content)) == content


@pytest.mark.parametrize(
    ("changes", "gone", "new"),
    [
        ({"points": 3}, ["    points: 1"], ["    points: 3"]),
        ({"kind": "multiple"}, ["    kind: choice   # one of four"], ["    kind: multiple   # one of four"]),
        ({"stem": {"en": "Whom?", "zh": "谁？"}}, ['    stem: {en: "Who?", zh: "谁？"}'], ['    stem: {en: "Whom?", zh: "谁？"}']),
        ({"stem": {"en": "Who?"}}, ['    stem: {en: "Who?", zh: "谁？"}'], ['    stem: {en: "Who?"}']),
        ({"points": None}, ["    points: 1"], []),
        ({"level": "apply"}, [], ["    level: apply"]),
        ({"note": "one line"}, ["    note: |", "      two", "      lines"], ["    note: one line".replace("one line", '"one line"')]),
    ],
)
def test_only_the_lines_of_what_changed_are_written_anew(changes: dict[str, Any], gone: list[str], new: list[str]) -> None:
    assert changed_lines(rewritten(**changes)) == (gone, new)


def test_a_comment_moves_with_what_it_follows() -> None:
    data = data_of(FILE.encode())
    data["questions"].reverse()
    written = rewrite(FILE.encode(), data).decode()
    assert "# one of four" in written and "# the second question" in written
    assert data_of(written.encode()) == data


def test_what_yaml_would_take_for_something_else_is_quoted() -> None:
    for text in ("true", "no", "1.1", "= a + b", "a: b", "# x", "- x", "{x}", "", " x", "\u2028", "\x85x", "x\ty", "null", "~", "e\u0301", "😀"):
        assert data_of(rewrite(b"a: 1\n", {"a": text})) == {"a": text}


def test_a_file_that_cannot_be_read_is_written_whole() -> None:
    assert data_of(rewrite(b"a: [1", {"a": [1]})) == {"a": [1]}
    assert data_of(rewrite(b"", {"id": "x", "questions": []})) == {"id": "x", "questions": []}


KEYS = st.sampled_from(["id", "text", "en", "zh", "options", "right", "a b"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12) | st.sampled_from(["two\nlines", "a\n\nb\n", " lead\nx", "x \ny", "|", "\r\n"])
DATA = st.recursive(
    TEXTS | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6, allow_nan=False).map(lambda number: round(number, 4)) | st.none(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(KEYS, inside, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, DATA, min_size=1), st.dictionaries(KEYS, DATA, min_size=1))
def test_whatever_stood_there_what_is_written_is_what_was_meant(old: Any, new: Any) -> None:
    content = dump(old).encode()
    assert same(data_of(content), old)
    assert same(data_of(rewrite(content, new)), new)
