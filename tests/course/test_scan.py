"""Splitting a section file into front matter and pieces, each with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.course.faults import Faults
from courseware.course.scan import Piece, scan

HEAD = "---\nid: x\n---\n"


def scanned(text: str) -> tuple[list[Piece], list[str]]:
    faults = Faults()
    _, pieces = scan("a.md", text, faults)
    return pieces, [str(fault) for fault in faults]


def test_pieces_come_in_order_with_their_lines() -> None:
    pieces, faults = scanned(HEAD + "## One\n\nText of\ntwo lines.\n\n::: fact fact-a\ntitle: A\n\nBody.\n:::\nMore.\n### Two\n")
    assert faults == []
    assert [(p.kind, p.id, p.line, p.level) for p in pieces] == [("heading", "", 4, 2), ("text", "", 6, 0), ("fact", "fact-a", 9, 0), ("text", "", 14, 0), ("heading", "", 15, 3)]
    assert pieces[1].body == "Text of\ntwo lines."


def test_front_matter_is_read_with_its_lines() -> None:
    faults = Faults()
    head, pieces = scan("a.md", "---\nid: x\ntitle: y\n---\n", faults)
    assert head is not None and pieces == []
    assert head.data == {"id": "x", "title": "y"}
    assert head.positions["title",] == (3, 1)


@pytest.mark.parametrize("text", ["", "id: x\n---\n", "---\nid: x\n", "\n---\nid: x\n---\n"])
def test_a_file_without_front_matter_is_refused(text: str) -> None:
    assert scanned(text) == ([], ["a.md:1:1: a section begins with its front matter between two lines of ---"])


def test_broken_front_matter_is_told_and_the_rest_still_read() -> None:
    faults = Faults()
    head, pieces = scan("a.md", "---\nid: [x\n---\nText.\n", faults)
    assert head is None
    assert [piece.body for piece in pieces] == ["Text."]
    assert len(list(faults)) == 1


def test_header_and_body_are_parted_by_a_blank_line() -> None:
    pieces, _ = scanned(HEAD + "::: case case-a\ntitle: A\nfocus: Why?\n\nFirst.\n\nSecond: not a header.\n:::\n")
    assert pieces[0].header.data == {"title": "A", "focus": "Why?"}
    assert pieces[0].header.positions["focus",] == (6, 1)
    assert pieces[0].body == "First.\n\nSecond: not a header."


def test_a_block_without_header_is_all_body() -> None:
    pieces, faults = scanned(HEAD + "::: focus focus-a\nWhy? Because: so.\n:::\n")
    assert faults == []
    assert (pieces[0].header, pieces[0].body) == (None, "Why? Because: so.")


def test_a_block_that_is_only_a_header_has_no_body() -> None:
    pieces, _ = scanned(HEAD + "::: check check-a\nquestions: [a, b]\n:::\n")
    assert (pieces[0].header.data, pieces[0].body) == ({"questions": ["a", "b"]}, "")


def test_an_unclosed_block_is_told_with_its_line() -> None:
    assert scanned(HEAD + "Text.\n\n::: fact fact-a\ntitle: A\n\nBody.\n")[1] == ["a.md:6:1: this block is never closed by a line of :::"]


def test_a_block_left_open_does_not_swallow_the_next() -> None:
    pieces, faults = scanned(HEAD + "::: fact fact-a\ntitle: A\n\nBody.\n\n::: fact fact-b\ntitle: B\n\nBody.\n:::\n")
    assert faults == ["a.md:4:1: this block is never closed by a line of :::"]
    assert [piece.id for piece in pieces] == ["fact-b"]


@pytest.mark.parametrize("opening", [":::", "::: fact", "::: Fact fact-a", "::: fact Fact_A", "::: fact a b", ":::fact fact-a"])
def test_a_block_that_opens_wrongly_is_told(opening: str) -> None:
    pieces, faults = scanned(HEAD + f"{opening}\n\nBody.\n:::\n\nAfter.\n")
    assert faults == [f"a.md:4:1: a block opens with `::: kind id`, got {opening!r}"]
    assert [piece.body for piece in pieces] == ["After."]


def test_a_fault_in_a_header_stands_at_its_line() -> None:
    _, faults = scanned(HEAD + "::: fact fact-a\ntitle: A\ntitle: B\n\nBody.\n:::\n")
    assert faults == ["a.md:6:1: duplicate key 'title'"]


def test_a_list_keeps_the_blank_lines_inside_it() -> None:
    pieces, _ = scanned(HEAD + "1. One\n\n   goes on.\n\n2. Two\n\nAfter.\n\n- a\n- b\n")
    assert [piece.body for piece in pieces] == ["1. One\n\n   goes on.\n\n2. Two", "After.", "- a\n- b"]


def test_a_file_from_windows_is_read_alike() -> None:
    text = HEAD + "## One\n\nText.\n\n::: fact fact-a\ntitle: A\n\nBody.\n:::\n"
    pieces, faults = scanned(text.replace("\n", "\r\n"))
    assert faults == []
    assert [(p.kind, p.id, p.line) for p in pieces] == [("heading", "", 4), ("text", "", 6), ("fact", "fact-a", 8)]
    assert pieces[2].header.data == {"title": "A"}


@given(st.lists(st.sampled_from(["::: fact fact-a", ":::", ":::x", "---", "", "text", "- item", "   more", "## Head", "title: A", "title: [", "1. one", "|a|b|"]), max_size=25))
def test_any_order_of_lines_is_scanned_and_every_line_counts_up(lines: list[str]) -> None:
    pieces, _ = scanned(HEAD + "\n".join(lines))
    assert [piece.line for piece in pieces] == sorted({piece.line for piece in pieces})
