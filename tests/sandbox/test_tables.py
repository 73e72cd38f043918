"""The declared tables: the shipped file is sound, faults are all reported, DDL can be run, values are judged."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from courseware.i18n import Text
from courseware.sandbox.tables import STORED_AS, Column, Tables, ddl, read_tables, validate

SHIPPED = Path(__file__).parents[2] / "content" / "sandbox" / "tables.yaml"


def shipped() -> Tables:
    faults: list[str] = []
    tables = read_tables(yaml.safe_load(SHIPPED.read_bytes()), lambda path, sentence: faults.append(f"{path}: {sentence}"))
    assert faults == []
    return tables


def faults_of(data: object) -> list[tuple[tuple[str | int, ...], str]]:
    faults: list[tuple[tuple[str | int, ...], str]] = []
    read_tables(data, lambda path, sentence: faults.append((path, sentence)))
    return faults


def table(**changed: Any) -> dict[str, Any]:
    label = {"en": "Shops", "zh": "店"}
    columns = [{"name": "name", "type": "text", "label": label}]
    return {"name": "shops", "label": label, "singular": label, "title": "name", "list": ["name"], "columns": columns, **changed}


def column(**changed: Any) -> list[dict[str, Any]]:
    return [{"name": "name", "type": "text", "label": {"en": "Name", "zh": "名称"}, **changed}]


def test_the_shipped_tables_have_labels_in_both_languages() -> None:
    texts = [text for each in shipped().values() for text in (each.label, each.singular, *(column.label for column in each.columns))]
    texts += [text for each in shipped().values() for column in each.columns for text in column.choices.values()]
    assert all(set(text) == {"en", "zh"} for text in texts)


def test_the_shipped_tables_can_be_created_and_every_ref_has_an_index() -> None:
    connection = sqlite3.connect(":memory:")
    for each in shipped().values():
        for statement in ddl(each):
            connection.execute(statement)
        indexed = {row[2] for index in connection.execute(f"PRAGMA index_list({each.name})") for row in connection.execute(f"PRAGMA index_info({index[1]})")}
        assert indexed == {column.name for column in each.refs}
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_related_lists_are_found_from_the_other_side() -> None:
    assert ("contacts", "account_id") in {(table.name, column.name) for table, column in shipped().pointing_at("accounts")}


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        ({"name": "shops"}, (), "expected a list of tables"),
        ([table(), table()], (1, "name"), "declared twice"),
        ([table(colour="red")], (0, "colour"), "unknown key 'colour'"),
        ([table(title="nickname")], (0, "title"), "unknown column 'nickname'"),
        ([table(list=["name", "age"])], (0, "list", 1), "unknown column 'age'"),
        ([table(name="Shops")], (0, "name"), "is no name for a table"),
        ([table(label={"zh": "店"})], (0, "label"), "English"),
        ([table(columns=column(type="colour"))], (0, "columns", 0, "type"), "unknown type 'colour'"),
        ([table(columns=column(type="ref", table="towns"))], (0, "columns", 0, "table"), "unknown table 'towns'"),
        ([table(columns=column(type="ref"))], (0, "columns", 0, "type"), "names its `table`"),
        ([table(columns=column(type="choice"))], (0, "columns", 0), "needs `choices`"),
        ([table(columns=column(type="choice", choices={False: {"en": "no"}}))], (0, "columns", 0, "choices"), "quote words"),
        ([table(columns=column() + column())], (0, "columns", 1, "name"), "declared twice"),
        ([table(columns=column() + column(name="id"))], (0, "columns", 1, "name"), "has the column `id` already"),
        ([table(columns=column(name=False))], (0, "columns", 0, "name"), 'quote "no"'),
    ],
)
def test_a_fault_is_reported_where_it_stands(data: object, path: tuple[str | int, ...], words: str) -> None:
    found = faults_of(data)
    assert any(at == path and words in sentence for at, sentence in found), found


def test_all_faults_are_reported_at_once() -> None:
    assert len(faults_of([table(title="x", list=["y"]), table(name="towns", columns=column(type="z"))])) >= 3


def of_type(kind: str, **more: Any) -> Column:
    return Column("it", kind, Text({"en": "It"}), **more)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", 3, 3.5),
        ("integer", -3, True),
        ("number", 2.5, float("nan")),
        ("money", 19.99, 19.999),
        ("minutes", 0, -1),
        ("text", "a", "a\nb"),
        ("text", "a" * 400, "a" * 401),
        ("long_text", "a\nb", 7),
        ("date", "2026-02-28", "2026-02-30"),
        ("date", "2026-03-16", "2026-3-16"),
        ("datetime", "2026-03-16 09:30", "2026-03-16T09:30"),
        ("datetime", "2026-03-16 00:00", "2026-03-16 24:00"),
        ("bool", 1, 2),
        ("ref", 100001, 0),
        ("json", '{"a": [1]}', "{a}"),
    ],
)
def test_values_are_judged_by_the_type_of_their_column(kind: str, good: object, bad: object) -> None:
    assert validate(of_type(kind), good) is None
    assert validate(of_type(kind), bad) is not None


def test_a_choice_must_be_one_of_those_declared_and_the_message_names_them() -> None:
    red_or_blue = of_type("choice", choices={"red": Text({"en": "red"}), "blue": Text({"en": "blue"})})
    assert validate(red_or_blue, "red") is None
    wrong = validate(red_or_blue, "green")
    assert wrong is not None and "red, blue" in wrong.english()


@pytest.mark.parametrize("kind", sorted(STORED_AS))
def test_a_blank_is_allowed_unless_the_column_is_required(kind: str) -> None:
    assert validate(of_type(kind), None) is None
    assert validate(of_type(kind, required=True), None) is not None
    assert validate(of_type(kind, required=True), "  ") is not None
