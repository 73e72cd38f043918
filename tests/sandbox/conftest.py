"""A tiny firm for the engine's tests, and the shipped firm for proofs. Both have the shipped tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from courseware.course.faults import Faults
from courseware.course.yaml import load
from courseware.sandbox.base import base_identity, build_base
from courseware.sandbox.journal import Journal, Paper
from courseware.sandbox.scenarios import FILES, Scenario, read_scenario
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables, ddl, read_tables
from tests.factories import person

CONTENT = Path(__file__).parents[2] / "content"
START = "2026-03-16 09:30"
ROWS: dict[str, list[dict[str, Any]]] = {
    "departments": [
        {"code": "SVC", "name": "Service", "kind": "customer-facing", "internal_rate": 180.0},
        {"code": "IT", "name": "IT", "kind": "support", "internal_rate": 260.0},
    ],
    "employees": [
        {"no": "E-001", "name": "Ma Li", "dept_id": 1, "role": "Service agent"},
        {"no": "E-002", "name": "Xu Wei", "dept_id": 2, "role": "IT service desk agent"},
        {"no": "E-003", "name": "Gone Long", "dept_id": 2, "role": "IT service desk agent", "left_on": "2025-01-31"},
    ],
    "accounts": [
        {"no": "A-2001", "name": "Right", "kind": "customer", "owner_id": 1, "city": "Lanqiao 蓝桥", "opened_at": "2024-01-01 09:00"},
        {"no": "A-2002", "name": "Other", "kind": "dealer", "segment": "B", "opened_at": "2024-02-01 09:00"},
    ],
    "contacts": [
        {"no": "C-3001", "name": "Wang Jianhua", "account_id": 1, "mobile": "138 0000 2041", "email": "wang@right.example", "consent_email": "yes"},
        {"no": "C-3002", "name": "Mr Wang", "account_id": 1, "mobile": "+86 138 0000 2041"},
        {"no": "C-3003", "name": "Someone Else", "account_id": 2, "mobile": "13800002042"},
    ],
    "interactions": [{"at": "2026-03-16 08:50", "kind": "email", "direction": "in", "subject": "Late again", "body": "I want my money back", "account_id": 1, "contact_id": 2}],
    "orders": [{"no": "26-0001", "account_id": 1, "contact_id": 2, "ordered_on": "2026-01-05", "total": 186.4}],
    "products": [{"sku": "LP-20", "name": "Label printer", "family": "printers"}],
    "assets": [{"serial": "S1", "product_id": 1}],
    "cases": [
        {"no": "26-C0001", "subject": "Cannot sign in", "type": "internal", "status": "new", "requester_employee_id": 1, "opened_at": "2026-03-16 08:10"},
        {"no": "26-C0002", "subject": "Printer", "type": "incident", "status": "closed", "contact_id": 2, "opened_at": "2026-02-01 08:10"},
    ],
    "leads": [{"no": "L-0001", "name": "Yan Ming", "source": "fair", "status": "new", "owner_id": 1, "created_at": "2026-03-16 09:00"}],
    "rules": [{"name": "Talks at fairs", "kind": "routing", "position": 1, "field": "source", "operator": "equals", "value": "fair", "employee_id": 1, "active": 1}],
    "quotes": [{"no": "Q-0001", "account_id": 1, "owner_id": 1, "version": 1, "status": "sent", "discount_pct": 5.0}],
    "tasks": [{"kind": "visit", "subject": "Show the new model", "purpose": "sales", "account_id": 1, "owner_id": 1, "start_at": "2026-03-16 15:00", "due_at": "2026-03-16 16:00", "status": "open"}],
    "opportunities": [{"no": "O-0001", "name": "Labels", "account_id": 1, "stage": "qualify", "owner_id": 1}],
    "commitments": [{"account_id": 1, "made_by_id": 1, "made_at": "2026-03-02 10:00", "kind": "delivery", "text": "By Friday", "status": "open"}],
    "customer_groups": [{"name": "Schools", "customers": 120, "margin_each": 900.0, "contact_pattern": "reactive", "pattern_cost": 45.0}],
    "surveys": [{"kind": "CSAT", "segment": "C", "chosen_by": "staff", "score": 5.0}],
    "campaigns": [{"no": "M-001", "name": "Spring offers", "type": "event-mail", "purpose": "promotional", "job_status": "planned"}],
    "campaign_members": [{"campaign_id": 1, "contact_id": 3, "status": "planned"}],
    "imports": [{"file": "cards.csv", "status": "new"}],
}  # fmt: skip


@pytest.fixture(scope="session")
def tables() -> Tables:
    faults = Faults()
    document = load("tables.yaml", (CONTENT / "sandbox/tables.yaml").read_bytes(), faults)
    assert document is not None
    read = read_tables(document.data, document.fault)
    assert not faults, list(faults)
    return read


@pytest.fixture(scope="session")
def tiny(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Base:
    """A base with a handful of rows."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.sqlite"
    connection = sqlite3.connect(path)
    for table in tables.values():
        for statement in ddl(table):
            connection.execute(statement)
        for row in ROWS.get(table.name, []):
            names = ", ".join(f'"{name}"' for name in row)
            connection.execute(f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(row))})', list(row.values()))
    connection.commit()
    connection.close()
    return Base(path, base_identity(path), tables)


@pytest.fixture(scope="session")
def firm(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Base:
    """The shipped base."""
    root = CONTENT / "sandbox"
    path = tmp_path_factory.mktemp("firm") / "firm.sqlite"
    files = {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}
    return Base(path, build_base(files, path), tables)


@pytest.fixture
def state(tiny: Base) -> Iterator[State]:
    """The tiny firm, open for changes that are taken back at the end."""
    opened = State(tiny.tables, tiny.path.read_bytes())
    with opened.applied():
        yield opened


@pytest.fixture
def paper(tiny: Base) -> Paper:
    return Paper(1, "en", START, tiny.identity, names={"me": ("employees", 2)})


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def scenario(tables: Tables) -> Scenario:
    return shipped("SC31", tables)


@pytest.fixture
def at_work(firm: Base) -> State:
    """The shipped firm, as a web thread holds it."""
    return checkout(firm)


@pytest.fixture
def lin(session: Session) -> int:
    return person(session, "lin").id


def shipped(id: str, tables: Tables) -> Scenario:
    """Read a scenario of the shipped course; it must be without fault."""
    faults = Faults()
    documents = {name: load(f"{id}/{name}", (CONTENT / "scenarios" / id / name).read_bytes(), faults) for name in FILES}
    read = read_scenario({name: each.data for name, each in documents.items() if each}, {name: each.fault for name, each in documents.items() if each}, tables)
    assert not faults, "\n".join(map(str, faults))
    assert read is not None
    return read
