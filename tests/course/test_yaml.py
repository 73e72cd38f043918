"""YAML with positions: what is a text stays one, and whatever a file holds, it is read or told, never raised."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from courseware.course.faults import Faults
from courseware.course.yaml import DEEPEST, LIMIT, Document, Strict, load
from courseware.i18n import Text


def read(content: str | bytes) -> tuple[Document | None, list[str]]:
    faults = Faults()
    document = load("f.yaml", content if isinstance(content, bytes) else content.encode(), faults)
    return document, [str(fault) for fault in faults]


def data(content: str) -> Any:
    document, faults = read(content)
    assert document is not None and faults == []
    return document.data


class Item(Strict):
    name: Text
    size: int = 1


class Box(Strict):
    items: tuple[Item, ...]


def test_every_value_knows_its_line_and_column() -> None:
    document, _ = read("title: {en: A, zh: 甲}\nlist:\n  - one\n  - deep: [1, 2]\n")
    assert document is not None
    places = document.positions
    assert places["title",] == (1, 1)
    assert places["title", "zh"] == (1, 16)
    assert places["list", 0] == (3, 5)
    assert places["list", 1, "deep"] == (4, 5)
    assert places["list", 1, "deep", 1] == (4, 15)


def test_lines_count_from_where_the_yaml_stands_in_its_file() -> None:
    faults = Faults()
    load("a.md", b"x: 1\nx: 2", faults, first_line=30)
    assert [str(fault) for fault in faults] == ["a.md:31:1: duplicate key 'x'"]


def test_a_fault_deep_inside_is_put_at_the_nearest_known_place() -> None:
    document, _ = read("a:\n  b: 1\n")
    assert document is not None
    document.fault(("a", "b", "c", 7), "wrong")
    document.fault(("gone",), "wrong too")
    assert [(fault.line, fault.column) for fault in document.faults] == [(1, 1), (2, 3)]


@pytest.mark.parametrize("word", ["no", "on", "Off", "yes", "True", "12:30", "2026-03-16", "010", "00", "1_000", "0x10", "1e5", "5.", "1.1.1", "½", "٣", "１２", ".inf", "nan"])
def test_what_yaml_would_twist_stays_a_text(word: str) -> None:
    assert data(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [("true", True), ("false", False), ("null", None), ("~", None), ("", None), ("0", 0), ("-3", -3), ("+4", 4), ("1.50", 1.5), (".5", 0.5), ("-0.25", -0.25), ("1.5e3", 1500.0)],
)
def test_plain_words_and_numbers_are_values_and_quoted_ones_texts(word: str, value: object) -> None:
    """The C loader gives plain scalars the style '' where the Python one gives None; both have to count as plain."""
    found = data(f"a: {word}")["a"]
    assert found == value and type(found) is type(value)
    assert data(f"a: '{word}'") == data(f'a: "{word}"') == {"a": word}
    assert data(f"a: |\n  {word or 'x'}\n") == {"a": f"{word or 'x'}\n"}


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without its C library")
def test_the_c_library_reads() -> None:
    assert data("[true, 7, seven]") == [True, 7, "seven"]


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 19, "1.5e999", "0." + "3" * 400])
def test_a_number_too_long_for_a_number_stays_a_text(number: str) -> None:
    assert data(f"a: {number}") == {"a": number}


def test_an_empty_file_holds_nothing() -> None:
    assert data("") is None
    assert data("# only a remark\n") is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a: 1\nb: 2\na: 3", ["f.yaml:3:1: duplicate key 'a'"]),
        ("x: {a: 1, 'a': 2}", ["f.yaml:1:11: duplicate key 'a'"]),
        ("a: &x 1\nb: *x", ["f.yaml:1:4: anchors and aliases are not used here; write the value out", "f.yaml:2:4: anchors and aliases are not used here; write the value out"]),
        ("a: &unused {b: 1}", ["f.yaml:1:4: anchors and aliases are not used here; write the value out"]),
        ("a: !!python/object/apply:os.system [id]", ["f.yaml:1:4: tags such as 'tag:yaml.org,2002:python/object/apply:os.system' are not used here"]),
        ("<<: {a: 1}", ["f.yaml:1:1: a key is a plain word"]),
        ("? [a, b]\n: {c: 1}\nd: 2", ["f.yaml:1:3: a key is a plain word"]),
        ("a: 1\n---\nb: 2", ["f.yaml:2:1: a file holds one document; a second begins here"]),
        ("a: [1\nb: 2", ["f.yaml:2:2: not valid YAML: did not find expected ',' or ']'"]),
        ("a: 'open", ["f.yaml:1:9: not valid YAML: found unexpected end of stream"]),
    ],
)
def test_surprises_are_refused_with_their_place(content: str, told: list[str]) -> None:
    assert read(content)[1] == told


def test_what_follows_a_refused_key_is_still_read() -> None:
    document, faults = read("? {a: [1, {b: 2}]}\n: [x, y]\nlast: 1")
    assert document is not None and document.data == {"last": 1}
    assert len(faults) == 1


def test_an_alias_bomb_is_refused_at_once() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    started = time.perf_counter()
    document, faults = read(bomb)
    assert time.perf_counter() - started < 1
    assert document is not None and document.data["a29"] == [None] * 9
    assert len(faults) == 30 + 29 * 9


@pytest.mark.parametrize("content", ["[" * 100_000, "[" * 900 + "]" * 900, "{a: " * 900 + "}" * 900, "- " * 100_000, "? " * 50_000, "a: " + "{b: [" * 2000], ids=range(6))
def test_deep_nesting_is_a_fault_and_never_the_end_of_the_process(content: str) -> None:
    """Building nodes, the C library recurses until the stack is full; events do not."""
    started = time.perf_counter()
    document, faults = read(content)
    assert document is None
    assert "nested deeper" in faults[-1] and len(faults) <= 2
    assert time.perf_counter() - started < 1


def test_the_deepest_allowed_nesting_is_read() -> None:
    assert read("[" * DEEPEST + "]" * DEEPEST)[1] == []
    assert read("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))[1] == [f"f.yaml:1:{DEEPEST + 1}: not valid YAML: nested deeper than {DEEPEST} levels"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"a: " + b"x" * LIMIT, f"at most {LIMIT:,} are read"), (b"a: \xff", "'utf-8' codec can't decode"), (b"a: \xed\xa0\x80", "'utf-8' codec can't decode"), (b"a\x00b", "unacceptable character")],
)
def test_too_large_not_utf8_or_control_characters_cannot_be_read(content: bytes, sentence: str) -> None:
    document, faults = read(content)
    assert document is None
    assert len(faults) == 1 and faults[0].startswith("f.yaml:1:1: cannot be read: ") and sentence in faults[0]


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_told_and_nothing_else(content: bytes) -> None:
    document, faults = read(content)
    assert document is not None or faults


@given(st.text(alphabet="ab:-?&*!|>'\"%@`#{}[],~<0123 \n\t", max_size=80))
def test_arbitrary_yaml_is_read_or_told_and_nothing_else(content: str) -> None:
    document, faults = read(content)
    assert document is not None or faults
    if document is not None:
        document.read(Box)


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=12)
PLAIN = st.recursive(st.booleans() | st.none() | st.integers(-(10**17), 10**17) | WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=20)


@given(PLAIN)
def test_plain_data_comes_back_as_it_was_written(value: Any) -> None:
    written = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    document, faults = read(written)
    if "<<" not in written:
        assert document is not None and faults == []
        assert repr(document.data) == repr(value)


def test_a_model_refuses_unknown_and_missing_keys_all_at_once() -> None:
    document, _ = read("items:\n  - {name: {en: A}, size: 2}\n  - name: {zh: 甲}\n    colour: red\n  - size: no\n")
    assert document is not None
    assert document.read(Box) is None
    assert [str(fault) for fault in document.faults] == [
        "f.yaml:3:5: items.1.name: a text needs at least its English version, under the key en",
        "f.yaml:4:5: unknown key 'colour'",
        "f.yaml:5:5: items.2.size: input should be a valid integer, unable to parse string as an integer",
        "f.yaml:5:5: key 'name' is missing",
    ]


def test_a_model_reads_a_part_at_its_place() -> None:
    document, _ = read("- {name: {en: A}}\n- {name: {en: B}, size: big}\n")
    assert document is not None
    assert document.read(Item, (0,), document.data[0]) == Item(name=Text({"en": "A"}))
    assert document.read(Item, (1,), document.data[1]) is None
    assert [fault.line for fault in document.faults] == [2]


def test_what_is_read_cannot_be_changed() -> None:
    item = Item(name=Text({"en": "A"}))
    with pytest.raises(ValueError, match="frozen"):
        item.size = 3
