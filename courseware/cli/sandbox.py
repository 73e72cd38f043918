"""`sandbox build` and `sandbox sql`: the base data of the practice CRM, and the learner's console from a terminal."""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from courseware import shipped
from courseware.course.faults import ContentRefused, Faults
from courseware.course.reader import Tree, document
from courseware.course.revisions import read_folder
from courseware.sandbox.base import build_base
from courseware.sandbox.console.pool import Pool, Result
from courseware.sandbox.plants import plant
from courseware.sandbox.scenarios import Scenario, read_scenario
from courseware.sandbox.state import Base, Change, checkout
from courseware.sandbox.tables import read_tables

SANDBOX = "content/sandbox/"


def add(commands: Any) -> None:
    sandbox = commands.add_parser("sandbox", help="build the practice firm, or ask it with SQL").add_subparsers(metavar="VERB", required=True)
    build = sandbox.add_parser("build", help="build the base anew and say how large it is")
    build.add_argument("--output", type=Path, metavar="FILE", help="keep the base as this file")
    build.set_defaults(run=run_build)
    sql = sandbox.add_parser("sql", help="run a query as the console does, with the same limits")
    sql.add_argument("statement", metavar="SQL", help="the query; - reads it from standard input")
    sql.add_argument("--scenario", metavar="ID", help="over the firm with this scenario planted")
    sql.add_argument("--seed", type=int, default=1)
    sql.set_defaults(run=run_sql)
    for command in (build, sql):
        command.add_argument("--folder", type=Path, default=shipped.root())
        command.add_argument("--json", action="store_true")


def run_build(options: argparse.Namespace) -> int:
    files = _files(read_folder(options.folder), SANDBOX)
    with tempfile.TemporaryDirectory() as folder:
        path = options.output or Path(folder) / "base.sqlite"
        began = time.perf_counter()
        identity = build_base(files, path)
        took = time.perf_counter() - began
        rows, size = _row_counts(path), path.stat().st_size
    if options.json:
        print(json.dumps({"identity": identity, "bytes": size, "seconds": round(took, 2), "rows": sum(rows.values()), "tables": rows}, ensure_ascii=False, indent=1))
        return 0
    for name, count in rows.items():
        print(f"{count:>8}  {name}")
    print(f"{sum(rows.values()):>8}  rows in {len(rows)} tables, {size / 1e6:.1f} MB, built in {took:.1f} s, identity {identity[:16]}…")
    return 0


def _row_counts(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608 -- names of our own tables


def run_sql(options: argparse.Namespace) -> int:
    statement = sys.stdin.read() if options.statement == "-" else options.statement
    tree = read_folder(options.folder)
    base = base_of(tree)
    changes = _planted(scenario_in(tree, options.scenario, base), base, options.seed) if options.scenario else ()
    pool = Pool(size=1)
    try:
        result = pool.run(base, changes, statement, asker="terminal")
    finally:
        pool.close()
    _print(result, as_json=options.json)
    return 0 if result.status == "ok" else 1


def base_of(tree: Tree) -> Base:
    """The base of a course folder, built once for the files it is made from. The rest of the course may be faulty."""
    files = _files(tree, SANDBOX)
    faults = Faults()
    declared = document(tree, f"{SANDBOX}tables.yaml", faults)
    tables = read_tables(declared.data, declared.fault) if declared else None
    if faults or tables is None:
        raise ContentRefused(faults)
    mark = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:24]
    path = Path(tempfile.gettempdir()) / "courseware-bases" / f"console-{mark}.sqlite"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        build_base(files, path)
    return Base(path, mark, tables)


def scenario_in(tree: Tree, id: str, base: Base) -> Scenario:
    faults = Faults()
    found = {name: file for name in _files(tree, f"content/scenarios/{id}/") if name.endswith(".yaml") and (file := document(tree, f"content/scenarios/{id}/{name}", faults))}
    if not found and not faults:
        raise ValueError(f"there is no scenario {id!r} in the course folder")
    scenario = read_scenario({name: file.data for name, file in found.items()}, {name: file.fault for name, file in found.items()}, base.tables)
    if faults or scenario is None:
        raise ContentRefused(faults)
    return scenario


def _planted(scenario: Scenario, base: Base, seed: int) -> Sequence[Change]:
    return plant(scenario.start, scenario.plant, checkout(base), seed=seed, language="en").changes


def _files(tree: Tree, folder: str) -> dict[str, bytes]:
    return {path.removeprefix(folder): content for path, content in tree.items() if path.startswith(folder)}


def _print(result: Result, *, as_json: bool) -> None:
    said = result.message.english() if result.message else None
    if as_json:
        print(json.dumps({"status": result.status, "columns": result.columns, "rows": result.rows, "message": said, "ms": result.ms}, ensure_ascii=False))
        return
    if result.status == "ok":
        table = Table(*map(escape, result.columns))
        for row in result.rows:
            table.add_row(*("NULL" if value is None else escape(str(value)) for value in row))
        Console().print(table)
        print(f"rows: {len(result.rows)}, {result.ms} ms")
    if said:
        print(said, file=sys.stdout if result.status == "ok" else sys.stderr)
