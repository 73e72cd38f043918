"""The base of the practice firm: the same material gives the same rows, they hold together, look like a firm's, and hold nothing real."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from courseware.sandbox.base import GENERATORS, base_identity, build_base
from courseware.sandbox.tables import read_tables

FOLDER = Path(__file__).parents[2] / "content" / "sandbox"
TABLES = read_tables(yaml.safe_load((FOLDER / "tables.yaml").read_bytes()), lambda path, sentence: None)


def material() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("base") / "base.sqlite"
    build_base(material(), path)
    return path


@pytest.fixture
def base(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
    yield connection
    connection.close()


def one(base: sqlite3.Connection, sql: str) -> Any:
    return base.execute(sql).fetchone()[0]


def test_the_same_material_gives_the_same_identity_and_another_seed_another(file: Path, tmp_path: Path) -> None:
    assert build_base(material(), tmp_path / "again.sqlite") == base_identity(file)
    other = {**material(), "firm.yaml": material()["firm.yaml"].replace(b"seed: lanqiao-2026-1", b"seed: lanqiao-2026-2")}
    assert build_base(other, tmp_path / "other.sqlite") != base_identity(file)


def test_the_file_is_small_read_only_and_not_in_wal_mode(file: Path) -> None:
    assert file.stat().st_size <= 4_000_000
    assert file.stat().st_mode & 0o222 == 0
    assert file.read_bytes()[18:20] == b"\x01\x01"  # 2 would mean WAL
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_every_declared_table_has_a_generator_and_ids_leave_room_for_plants(base: sqlite3.Connection) -> None:
    assert {generate.__name__ for generate in GENERATORS} == set(TABLES)
    for name in TABLES:
        assert one(base, f'SELECT count(*) FROM "{name}"') > 0
        assert one(base, f'SELECT max(id) FROM "{name}"') < 100_000


def test_every_reference_leads_to_a_row(base: sqlite3.Connection) -> None:
    assert base.execute("PRAGMA foreign_key_check").fetchall() == []


def test_record_numbers_are_unique(base: sqlite3.Connection) -> None:
    for table in TABLES.values():
        if table.number:
            assert one(base, f'SELECT count(*) - count(DISTINCT "{table.number}") FROM "{table.name}"') == 0, table.name


def test_the_sizes_are_those_of_the_firm(base: sqlite3.Connection) -> None:
    counts = {name: one(base, f'SELECT count(*) FROM "{name}"') for name in TABLES}
    assert counts["employees"] == 60 and counts["departments"] == 8
    assert 300 <= counts["accounts"] <= 400 and counts["contacts"] == 800
    assert counts["cases"] == 900 and counts["case_history"] >= 2_500
    assert counts["orders"] == 2_000 and 4_500 <= counts["order_lines"] <= 5_500
    assert counts["interactions"] == 3_000


def test_every_employee_but_one_reports_to_someone_who_manages(base: sqlite3.Connection) -> None:
    assert one(base, "SELECT count(*) FROM employees WHERE manager_id IS NULL") == 1
    assert one(base, "SELECT count(*) FROM departments d JOIN employees e ON e.id = d.manager_id WHERE e.dept_id <> d.id") == 0
    assert all(json.loads(skills) for (skills,) in base.execute("SELECT skills FROM employees"))


def test_a_few_customers_bring_most_of_the_revenue(base: sqlite3.Connection) -> None:
    revenue = [row[0] for row in base.execute(
        "SELECT sum(total) FROM orders WHERE account_id IS NOT NULL AND status <> 'cancelled' GROUP BY account_id ORDER BY 1 DESC")]  # fmt: skip
    assert 0.43 <= sum(revenue[: round(len(revenue) * 0.04)]) / sum(revenue) <= 0.47


def test_the_year_has_seasons(base: sqlite3.Connection) -> None:
    months = dict(base.execute("SELECT substr(ordered_on, 6, 2), count(*) FROM orders GROUP BY 1").fetchall())
    assert months["02"] < months["06"] < months["12"] and months["02"] < months["09"]
    assert one(base, "SELECT count(*) FROM orders WHERE strftime('%w', ordered_on) IN ('0', '6')") == 0


def test_dates_follow_each_other(base: sqlite3.Connection) -> None:
    assert one(base, "SELECT count(*) FROM orders WHERE shipped_on < ordered_on OR received_on < shipped_on OR paid_on < shipped_on") == 0
    assert one(base, "SELECT count(*) FROM cases WHERE first_response_at < opened_at OR resolved_at < first_response_at OR closed_at < resolved_at") == 0
    assert one(base, "SELECT count(*) FROM cases c JOIN assets a ON a.id = c.asset_id WHERE a.installed_on > c.opened_at OR a.account_id <> c.account_id") == 0
    assert one(base, "SELECT count(*) FROM contacts WHERE left_on < created_at") == 0
    for column in ("opened_at", "first_response_at", "resolved_at", "closed_at"):
        assert one(base, f"SELECT max({column}) FROM cases") < "2026-03-16"


def test_order_totals_are_the_sum_of_their_lines(base: sqlite3.Connection) -> None:
    wrong = "SELECT count(*) FROM orders o WHERE abs(o.total - (SELECT sum(qty * price) FROM order_lines l WHERE l.order_id = o.id)) > 0.01"
    assert one(base, wrong) == 0


def test_texts_vary_and_no_slot_is_left_unfilled(base: sqlite3.Connection) -> None:
    texts = [row[0] for row in base.execute("SELECT body FROM cases UNION ALL SELECT body FROM interactions UNION ALL SELECT subject FROM cases")]
    assert all(text and "{" not in text for text in texts)
    assert one(base, "SELECT count(DISTINCT body) FROM interactions") > 1_500
    assert one(base, "SELECT count(DISTINCT body) FROM cases") > 650


def test_only_numbers_that_cannot_be_dialled_and_addresses_that_cannot_be_reached(base: sqlite3.Connection) -> None:
    mobiles = [row[0] for row in base.execute("SELECT mobile FROM contacts UNION ALL SELECT guest_mobile FROM orders") if row[0]]
    assert mobiles and all(re.fullmatch(r"1990000[0-7]\d{3}", mobile) for mobile in mobiles)
    emails = [row[0] for row in base.execute("SELECT email FROM contacts UNION ALL SELECT email FROM employees") if row[0]]
    assert emails and all(re.fullmatch(r"[a-z.-]+@[a-z0-9-]+\.example", email) for email in emails)
    bodies = " ".join(row[0] for row in base.execute("SELECT body FROM cases UNION ALL SELECT body FROM interactions"))
    assert not re.search(r"\d{11}|https?://|@", bodies)
    assert one(base, "SELECT count(*) FROM contacts WHERE id_no IS NOT NULL OR birthday IS NOT NULL") == 0


def test_missing_or_misspelt_material_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"names\.yaml:1:1: the file is missing"):
        build_base({name: data for name, data in material().items() if name != "names.yaml"}, tmp_path / "base.sqlite")
    with pytest.raises(ValueError, match="growht"):
        build_base({**material(), "firm.yaml": material()["firm.yaml"].replace(b"growth:", b"growht:")}, tmp_path / "base.sqlite")
    assert list(tmp_path.iterdir()) == []
