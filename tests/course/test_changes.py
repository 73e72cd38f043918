"""What changed between two states of a file, as people read it."""

from __future__ import annotations

from courseware.course.changes import Item, change, changes
from courseware.course.rewrite import dump


def form(*questions: tuple[str, int]) -> bytes:
    return dump({"id": "m1-a", "questions": [{"id": id, "kind": "choice", "points": points} for id, points in questions]}).encode()


def items(before: bytes, after: bytes, path: str = "quizzes/m1-a.yaml") -> tuple[Item, ...]:
    return change(path, before, after).items


def test_questions_are_added_removed_and_changed() -> None:
    found = items(form(("a", 1), ("b", 1)), form(("a", 2), ("c", 1)))
    assert found == (Item("changed", "a", ("points",)), Item("added", "c"), Item("removed", "b"))


def test_only_what_was_moved_is_told_as_moved() -> None:
    assert items(form(("a", 1), ("b", 1), ("c", 1)), form(("c", 1), ("a", 1), ("b", 1))) == (Item("moved", "c"),)


def test_of_another_file_the_changed_keys_are_told() -> None:
    assert items(b"id: m1\nattempts: 2\n", b"id: m1\nattempts: 3\nminutes: 40\n", "quizzes/m1.yaml") == (Item("changed", "attempts"), Item("changed", "minutes"))


def test_two_trees_differ_in_the_files_that_differ() -> None:
    found = changes({"a.md": b"1\n", "b.md": b"1\n", "c.md": b"1\n"}, {"a.md": b"1\n", "b.md": b"2\n", "d.md": b"1\n"})
    assert [(one.path, one.how) for one in found] == [("b.md", "changed"), ("c.md", "removed"), ("d.md", "added")]
    assert found[0].lines == ("@@ -1 +1 @@", "-1", "+2")


def test_what_cannot_be_read_is_told_line_by_line() -> None:
    assert change("quizzes/m1.yaml", b"a: [1\n", b"a: [2\n").items == ()
    assert change("quizzes/m1.yaml", b"\xff", b"a: 1\n").lines
