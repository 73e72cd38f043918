"""Build the read-only base file of the practice CRM and name it by its rows. How the rows come about is in firm/."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from courseware.course.faults import Faults
from courseware.course.yaml import load
from courseware.sandbox.firm import deals, depot, market, marketing, quality, reach, service, staff, talks, trade
from courseware.sandbox.firm.draft import Draft, Row
from courseware.sandbox.firm.material import read_material
from courseware.sandbox.tables import Table, Tables, column_ddl, ddl, read_tables, validate

# In this order: a generator reads what earlier ones made. Each fills the table it is called after; a table without one is filled by scenarios alone.
GENERATORS: Sequence[Callable[[Draft], None]] = (
    staff.departments,
    staff.employees,
    staff.slas,
    staff.internal_agreements,
    staff.rate_cards,
    staff.dossiers,
    staff.dossier_lines,
    market.accounts,
    market.contacts,
    trade.products,
    trade.orders,
    trade.order_lines,
    trade.assets,
    deals.price_rules,
    deals.opportunities,
    deals.quotes,
    deals.quote_lines,
    deals.contracts,
    deals.leads,
    service.knowledge_articles,
    service.reason_codes,
    service.cases,
    service.case_history,
    service.field_visits,
    service.tasks,
    talks.interactions,
    marketing.campaigns,
    marketing.campaign_members,
    marketing.surveys,
    deals.commitments,
    depot.stock,
    depot.technician_skills,
    depot.calendar_slots,
    quality.knowledge_articles,
    quality.qa_forms,
    quality.qa_scores,
    quality.kpi_definitions,
    quality.saved_views,
    reach.suppressions,
    reach.imports,
    reach.import_rows,
    reach.events,
    reach.event_registrations,
    reach.web_visits,
)


def build_base(content: Mapping[str, bytes], path: Path) -> str:
    """Build the base from the files under content/sandbox/ (relative path to bytes) and give its identity.

    Raises ValueError if the tables or the raw material are not sound, or a generated row does not fit its table.
    """
    tables = _tables(content)
    draft = Draft(read_material(content))
    for generate in GENERATORS:
        generate(draft)
    _refuse_misfits(tables, draft.rows)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
        _write(connection, tables, draft.rows)
    unfinished.chmod(0o444)
    unfinished.replace(path)
    return base_identity(path)


def base_identity(path: Path) -> str:
    """Give the sha256 over the ordered rows of a base file, column names included; the file's own bytes may differ."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        for name in names:
            rows = connection.execute(f'SELECT * FROM "{name}" ORDER BY id')
            digest.update(_line([name, *(column[0] for column in rows.description)]))
            for row in rows:
                digest.update(_line(row))
    return digest.hexdigest()


def _line(values: Sequence[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _tables(content: Mapping[str, bytes]) -> Tables:
    if "tables.yaml" not in content:
        raise ValueError("content/sandbox/tables.yaml is missing")
    faults = Faults()
    document = load("content/sandbox/tables.yaml", content["tables.yaml"], faults)
    tables = read_tables(document.data, document.fault) if document else Tables()
    if faults:
        raise ValueError("\n".join(map(str, faults)))
    return tables


def _refuse_misfits(tables: Tables, rows: Mapping[str, Sequence[Row]]) -> None:
    """Refuse rows that a verb would have been refused: an unknown column, a wrong value, a reference to nothing."""
    ids = {name: len(found) for name, found in rows.items()}
    for name, found in rows.items():
        columns = {column.name: column for column in tables[name].columns}
        for key in sorted({key for row in found for key in row} - {"id"}):
            for value in {row.get(key) for row in found}:  # each value once: most columns have few
                wrong = validate(columns[key], value) if key in columns else None
                if key not in columns or wrong or (columns[key].table and value is not None and value > ids[columns[key].table or ""]):
                    raise ValueError(f"{name}: {key}: {value!r} does not fit" + (f": {wrong.english()}" if wrong else ""))


def _write(connection: sqlite3.Connection, tables: Tables, rows: Mapping[str, Sequence[Row]]) -> None:
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    for table in tables.values():
        _fill(connection, table, rows.get(table.name, ()))
    connection.execute("COMMIT")
    connection.execute("VACUUM")


def _fill(connection: sqlite3.Connection, table: Table, rows: Sequence[Row]) -> None:
    """Create the table and insert its rows. Columns at its end that no row fills come last: for rows that were there before a column SQLite stores nothing."""
    filled = {name for row in rows for name, value in row.items() if value is not None}
    empty = list(itertools.takewhile(lambda column: rows and column.name not in filled, reversed(table.columns)))[::-1]
    first = replace(table, columns=table.columns[: len(table.columns) - len(empty)])
    connection.execute(ddl(first)[0])  # without its indexes: they are a third of the size, and made faster than read
    _insert(connection, first, rows)
    for column in empty:
        connection.execute(f'ALTER TABLE "{table.name}" ADD COLUMN {column_ddl(column)}')


def _insert(connection: sqlite3.Connection, table: Table, rows: Sequence[Row]) -> None:
    names = ["id", *(column.name for column in table.columns)]
    quoted = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    connection.executemany(f'INSERT INTO "{table.name}" ({quoted}) VALUES ({marks})', ([row.get(name) for name in names] for row in rows))
