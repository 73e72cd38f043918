"""The SQL console: hostile statements are contained and the next one answers, honest ones are answered, and processes are lent, ended and replaced."""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from courseware.sandbox.console import worker
from courseware.sandbox.console.pool import ROWS, Pool, Result
from courseware.sandbox.state import Base, Change

Ask = Callable[..., Result]

COUNT = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT {}) "
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
DOUBLING = "WITH a0(x) AS (SELECT 1), " + ", ".join(f"a{n}(x) AS (SELECT a.x FROM a{n - 1} a, a{n - 1} b)" for n in range(1, 25)) + " SELECT count(*) FROM a24"


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool(size=2, waiting=2, patience=5.0, seconds=0.5)
    yield made
    made.close()


@pytest.fixture(scope="module")
def ask(pool: Pool, tiny: Base) -> Ask:
    """Ask the tiny firm as one person."""

    def asked(sql: str, *changes: Change) -> Result:
        return pool.run(tiny, changes, sql, asker="lin")

    return asked


# Hostile statements, by class. Each is contained within the limit, and the next query answers.

REFUSED = {
    "functions that leak or run code": [
        "SELECT hex(fts3_tokenizer('simple'))",
        "SELECT fts3_tokenizer('simple', x'4141414141414141')",
        "SELECT load_extension('/tmp/x')",
        "SELECT sqlite_version()",
        "SELECT sqlite_compileoption_get(1)",
        "SELECT sqlite_log(1, 'x')",
        "SELECT rtreenode(2, x'00')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT RANDOMBLOB(99000000)",
        "SELECT zeroblob(1000000000)",
    ],
    "writes": [
        "INSERT INTO contacts (name) VALUES ('x')",
        "REPLACE INTO contacts (id, name) VALUES (1, 'x')",
        "UPDATE contacts SET name = 'x' RETURNING name",
        "DELETE FROM contacts",
        "WITH x AS (SELECT 1) DELETE FROM contacts",
        "EXPLAIN DELETE FROM contacts",
        "DROP TABLE contacts",
        "ALTER TABLE contacts RENAME TO x",
        "CREATE TABLE t (x)",
        "CREATE TEMP TABLE t (x)",
        "CREATE TEMP VIEW v AS SELECT 1",
        "CREATE TEMP TRIGGER t AFTER INSERT ON contacts BEGIN SELECT 1; END",
        "CREATE INDEX i ON contacts (name)",
        "CREATE VIRTUAL TABLE t USING fts5(x)",
        "REINDEX",
        "ANALYZE",
    ],
    "other files and settings": [
        "ATTACH '/etc/passwd' AS p",
        "ATTACH ':memory:' AS p",
        "DETACH main",
        "VACUUM",
        "VACUUM INTO '/tmp/console-vacuum'",
        "PRAGMA writable_schema = ON",
        "PRAGMA query_only = OFF",
        "PRAGMA query_only=OFF",  # spelt as we spell it ourselves
        "PRAGMA database_list",
        "PRAGMA hard_heap_limit = 0",
        "SELECT * FROM pragma_database_list",
        "SELECT count(*) FROM pragma_function_list",
    ],
    "tables that are not the firm's": [
        "SELECT * FROM sqlite_master",
        "SELECT count(*) FROM sqlite_schema",
        "SELECT 1 FROM SQLITE_MASTER",
        "SELECT * FROM sqlite_temp_master",
        "SELECT count(*) FROM dbstat",
        "SELECT count(*) FROM sqlite_stmt",
        "SELECT * FROM fts3tokenize",
        "SELECT * FROM person",
    ],
    "transactions and several statements": [
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT x",
        "SELECT 1; DELETE FROM contacts",
        "SELECT 1; SELECT 2",
        "PRAGMA query_only = OFF; DELETE FROM contacts",
    ],
    "broken text": [
        "SELECT 1\x00; DROP TABLE contacts",
        "SELECT '\ud800'",
        "SELECT ?",
        "SELECT :name",
        "SELECT ?1000000",
        "-- nothing",
        "/* left open",
        "SELECT 'left open",
        "SELECT 99999999999999999999 || abs(-9223372036854775808)",
    ],
}
LIMITED = {
    "size of the query": [
        "SELECT " + "(" * 5_000 + "1" + ")" * 5_000,
        "SELECT " + "+".join(["1"] * 5_000),
        "SELECT " + ",".join(["1"] * 2_500),
        "SELECT 1 " + "UNION ALL SELECT 1 " * 500,
        "SELECT sum(id" + ") + sum(id".join(f" + {n}" for n in range(900)) + ") FROM contacts",  # CVE-2025-6965: many aggregates
        "SELECT " + "-" * 30_000 + "\n1",
    ],
    "memory": [
        "WITH RECURSIVE c(s) AS (SELECT 'xxxxxxxxxxxxxxxx' UNION ALL SELECT s || s FROM c) SELECT max(length(s)) FROM c",
        "SELECT replace(replace(printf('%90000s', 'x'), ' ', 'yyyyyyyyyyyyyyyyyyy'), 'y', 'zzzzzzzzzzzzzzzzzz')",
        "SELECT hex(printf('%99000s', 'x'))",
        COUNT.format(50_000) + "SELECT group_concat(x) FROM c",
        COUNT.format(100_000) + "SELECT x, printf('%90000d', x) AS s FROM c ORDER BY s DESC",
        COUNT.format(100_000) + "SELECT count(DISTINCT printf('%90000d', x)) FROM c",
        COUNT.format(100_000) + "SELECT " + ", ".join(f"printf('%90000d', x) AS a{n}" for n in range(99)) + " FROM c",
        DOUBLING,
    ],
}
SLOW = [
    ENDLESS,
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x + 1 FROM c) SELECT max(x) FROM c",
    "SELECT count(*) FROM contacts a, contacts b, contacts c, contacts d, contacts e, contacts f, contacts g, contacts h, contacts i, contacts j, contacts k, contacts l, contacts m, contacts n, contacts o, contacts p",
    COUNT.format(1_000) + "SELECT sum(instr(printf('%99000s', 'b'), printf('%50000s', 'c') || x)) FROM c",  # not one opcode in between
]


def fine(ask: Ask) -> None:
    """Ask something plain; whatever came before has left no trace."""
    result = ask("SELECT name FROM contacts WHERE id = 2")
    assert (result.status, result.rows) == ("ok", (("Mr Wang",),))


@pytest.mark.parametrize("sort", REFUSED)
def test_what_is_not_a_question_to_the_firm_is_refused(sort: str, ask: Ask) -> None:
    for sql in REFUSED[sort]:
        result = ask(sql)
        assert (result.status, result.rows) == ("refused", ()), sql
        assert result.message is not None
        fine(ask)


@pytest.mark.parametrize("sort", LIMITED)
def test_what_grows_without_measure_meets_a_limit(sort: str, ask: Ask) -> None:
    for sql in LIMITED[sort]:
        began = time.monotonic()
        result = ask(sql)
        assert result.status in ("limit", "timeout"), sql
        assert not result.rows
        assert time.monotonic() - began < 3
        fine(ask)


@pytest.mark.parametrize("sql", SLOW)
def test_what_does_not_end_is_ended(sql: str, ask: Ask) -> None:
    began = time.monotonic()
    result = ask(sql)
    assert result.status == "timeout"
    assert "0.5 s" in result.message.english()
    assert time.monotonic() - began < 0.5 + 0.5 + 1.0  # the limit, the grace, a busy machine
    fine(ask)


def test_the_base_file_is_not_touched_and_no_file_is_made(ask: Ask, tiny: Base) -> None:
    before, beside = hashlib.sha256(tiny.path.read_bytes()).hexdigest(), sorted(tiny.path.parent.iterdir())
    for sql in (*REFUSED["writes"], *REFUSED["other files and settings"], COUNT.format(200_000) + "SELECT x FROM c ORDER BY -x"):
        ask(sql)
    assert hashlib.sha256(tiny.path.read_bytes()).hexdigest() == before
    assert sorted(tiny.path.parent.iterdir()) == beside
    assert not Path("/tmp/console-vacuum").exists()


# Honest statements

LEGITIMATE = {
    "SELECT name FROM contacts ORDER BY name LIMIT 1": (("Mr Wang",),),
    "SELECT count(*), count(account_id), min(name) FROM contacts;  ": ((3, 3, "Mr Wang"),),
    "SELECT a.name, count(c.id) FROM accounts a LEFT JOIN contacts c ON c.account_id = a.id GROUP BY a.id HAVING count(c.id) > 1": (("Right", 2),),
    "SELECT name FROM contacts WHERE account_id IN (SELECT id FROM accounts WHERE kind = 'dealer')": (("Someone Else",),),
    "SELECT EXISTS (SELECT 1 FROM contacts c WHERE c.account_id = a.id AND c.email IS NOT NULL) FROM accounts a ORDER BY a.id": ((1,), (0,)),
    "WITH right_ones AS (SELECT * FROM contacts WHERE account_id = 1) SELECT count(*) FROM right_ones": ((2,),),
    "WITH RECURSIVE days(d) AS (SELECT '2026-03-01' UNION ALL SELECT date(d, '+1 day') FROM days WHERE d < '2026-03-05') SELECT max(d), count(*) FROM days": (("2026-03-05", 5),),
    "SELECT name, row_number() OVER (PARTITION BY account_id ORDER BY id) AS n FROM contacts ORDER BY id LIMIT 2": (("Wang Jianhua", 1), ("Mr Wang", 2)),
    "SELECT id, lag(name) OVER w, sum(id) OVER (w ROWS UNBOUNDED PRECEDING), ntile(2) OVER w FROM contacts WINDOW w AS (ORDER BY id) LIMIT 1": ((1, None, 1, 1),),
    "SELECT count(*) FILTER (WHERE kind = 'dealer') FROM accounts": ((1,),),
    "SELECT CASE WHEN email IS NULL THEN 'none' ELSE lower(substr(email, 1, 4)) END FROM contacts ORDER BY id LIMIT 1": (("wang",),),
    "SELECT name FROM accounts UNION SELECT name FROM products EXCEPT SELECT 'Right' ORDER BY 1": (("Label printer",), ("Other",)),
    "SELECT replace(mobile, ' ', ''), length(mobile) FROM contacts WHERE mobile LIKE '%2041' ORDER BY id LIMIT 1": (("13800002041", 13),),
    "SELECT julianday('2026-03-16') - julianday(ordered_on), strftime('%Y-%m', ordered_on) FROM orders": ((70.0, "2026-01"),),
    "SELECT round(avg(total), 1), total * 1.13 > 200 FROM orders": ((186.4, 1),),
    "SELECT value FROM json_each('[1, 2, 3]') WHERE value > 2": ((3,),),
    "SELECT json_extract('{\"a\": [5]}', '$.a[0]'), '{\"b\": 1}' ->> 'b'": ((5, 1),),
    "SELECT group_concat(name, '; ') FROM (SELECT name FROM accounts ORDER BY id)": (("Right; Other",),),
    "SELECT DISTINCT x.city FROM (SELECT city FROM accounts WHERE city GLOB 'L*') AS x": (("Lanqiao 蓝桥",),),
    "VALUES (1, 'a'), (2, 'b')": ((1, "a"), (2, "b")),
    "SELECT coalesce(left_on, '–'), iif(left_on IS NULL, 'here', 'gone') FROM employees WHERE id = 3": (("2025-01-31", "gone"),),
    "SELECT d.name, e.name FROM departments d JOIN employees e ON e.dept_id = d.id WHERE e.role LIKE 'service%'": (("Service", "Ma Li"),),
    "SELECT a.id, b.id FROM contacts a JOIN contacts b ON a.account_id = b.account_id AND a.id < b.id -- twice?": ((1, 2),),
    "SELECT 1 WHERE 0": (),
    "SELECT 1e999, -1e999, NULL, x'00ff', CAST(x'ff' AS TEXT)": (("Inf", "-Inf", None, "x'00ff'", "\ufffd"),),
}


@pytest.mark.parametrize("sql", LEGITIMATE)
def test_an_honest_question_is_answered(sql: str, ask: Ask) -> None:
    result = ask(sql)
    assert result.status == "ok", result.message
    assert result.rows == LEGITIMATE[sql]
    assert result.message is None


def test_a_plan_can_be_looked_at(ask: Ask) -> None:
    assert any("contacts" in str(row) for row in ask("EXPLAIN QUERY PLAN SELECT * FROM contacts WHERE account_id = 1").rows)


def test_rows_beyond_the_cap_are_cut_and_that_is_said(ask: Ask) -> None:
    exact, more = (ask(COUNT.format(most) + "SELECT x FROM c") for most in (ROWS, ROWS + 1))
    assert (exact.status, len(exact.rows), exact.message) == ("ok", ROWS, None)
    assert (more.status, len(more.rows)) == ("ok", ROWS)
    assert f"the first {ROWS} rows" in more.message.english()
    wide = ask(COUNT.format(400) + "SELECT printf('%50000d', x) FROM c")
    assert wide.status == "ok"
    assert 0 < len(wide.rows) <= 20
    assert f"the first {len(wide.rows)} rows" in wide.message.english()


def test_a_query_sees_the_changes_of_its_run_and_nothing_of_the_one_before(ask: Ask) -> None:
    changes = (
        Change("contacts", 100_001, None, {"no": "C-9", "name": "New", "account_id": 2}),
        Change("contacts", 1, {"name": "Wang Jianhua"}, {"name": "Wang J."}),
        Change("contacts", 3, {"no": "C-3003", "name": "Someone Else"}, None),
    )
    names = "SELECT name FROM contacts ORDER BY id"
    assert ask(names, *changes).rows == (("Wang J.",), ("Mr Wang",), ("New",))
    assert ask(names).rows == (("Wang Jianhua",), ("Mr Wang",), ("Someone Else",))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT nme FROM contacts", "There is no column “nme” in contacts. Did you mean “name”?"),
        ("SELECT c.emial FROM contacts c, accounts", "There is no column “c.emial”. Did you mean “email”?"),
        ("SELECT xyzzy FROM contacts", "There is no column “xyzzy” in contacts."),
        ("SELECT * FROM contact", "There is no table “contact”. Did you mean “contacts”?"),
        ("SELECT lenght(name) FROM contacts", "There is no function lenght(). Did you mean length()?"),
        ("SELECT name FROM contacts, accounts", "More than one table has a column “name”: write the table before it, as in contacts.name."),
        ("SELECT name FORM contacts", "The query cannot be understood at “contacts”. Look at that place and the word before it."),
        ("SELECT count( FROM contacts", "The query cannot be understood at “FROM”. Look at that place and the word before it."),
        ("SELECT name FROM", "The query ends too early: something is missing, perhaps a closing bracket."),
        ("SELECT name FROM contacts WHERE count(*) > 1", "A sum, a count or a rank cannot stand there. After grouping use HAVING; a rank is filtered in a query round it."),
        ("DELETE FROM contacts", "The console only reads: a query begins with SELECT, WITH or VALUES. Records are changed on their pages."),
        ("SELECT * FROM sqlite_master", "“sqlite_master” cannot be read. The tables that can are listed on the page of the console."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_plainly(sql: str, said: str, ask: Ask) -> None:
    assert ask(sql).message.english() == said


# The pool


def test_one_person_runs_one_query_at_a_time(tiny: Base) -> None:
    pool = Pool(size=2, seconds=0.4)
    results: list[Result] = []
    slow = threading.Thread(target=lambda: results.append(pool.run(tiny, (), ENDLESS, asker="lin")))
    slow.start()
    _until(lambda: "lin" in pool._askers)
    second, other = (pool.run(tiny, (), "SELECT 1", asker=asker) for asker in ("lin", "wuhao"))
    slow.join()
    assert second.status == "refused"
    assert "still running" in second.message.english()
    assert other.status == "ok"
    assert results[0].status == "timeout"
    assert pool.run(tiny, (), "SELECT 1", asker="lin").status == "ok"
    pool.close()


def test_the_queue_is_bounded_and_waiting_has_an_end(tiny: Base) -> None:
    pool = Pool(size=1, waiting=1, patience=0.1, seconds=0.8)
    results: dict[str, Result] = {}

    def ask(asker: str, sql: str) -> threading.Thread:
        thread = threading.Thread(target=lambda: results.update({asker: pool.run(tiny, (), sql, asker=asker)}))
        thread.start()
        return thread

    running = ask("running", ENDLESS)
    _until(lambda: not pool._idle)
    waiting = ask("waiting", "SELECT 1")
    _until(lambda: pool._waiting == 1 or "waiting" in results)
    turned_away = pool.run(tiny, (), "SELECT 1", asker="late")
    for thread in (waiting, running):
        thread.join()
    assert [turned_away.status, results["waiting"].status] == ["refused", "refused"]
    assert "Many queries are running" in turned_away.message.english()
    assert pool.run(tiny, (), "SELECT 1", asker="late").status == "ok"
    pool.close()


def test_a_process_that_was_stopped_or_died_is_replaced(tiny: Base) -> None:
    pool = Pool(size=1, seconds=0.2)
    (process,) = pool._processes

    def number() -> int:
        assert pool.run(tiny, (), "SELECT 1", asker=1).status == "ok"
        assert process._child is not None
        return process._child.pid

    first = number()
    assert number() == first
    assert pool.run(tiny, (), ENDLESS, asker=1).status == "timeout"
    second = number()
    os.kill(second, 9)  # as the system does when memory is short
    os.waitid(os.P_PID, second, os.WEXITED | os.WNOWAIT)
    third = number()
    assert len({first, second, third}) == 3
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(third, 0)


def test_a_process_knows_nothing_of_the_site(tiny: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWARE_PASSWORD", "secret")
    pool = Pool(size=1)
    pool.run(tiny, (), "SELECT 1", asker=1)
    child = pool._processes[0]._child
    assert child is not None
    if sys.platform == "linux":
        proc = Path(f"/proc/{child.pid}")
        assert b"secret" not in (proc / "environ").read_bytes()
        opened = [os.readlink(path) for path in (proc / "fd").iterdir()]
        assert not [path for path in opened if path.startswith("/") and path != "/dev/null"]
        limits = (proc / "limits").read_text()
        assert str(worker.MEMORY) in limits
        peak = next(line for line in (proc / "status").read_text().splitlines() if line.startswith("VmPeak"))
        assert int(peak.split()[1]) * 1024 <= worker.MEMORY
    pool.close()


def test_the_process_needs_nothing_but_the_standard_library(tiny: Base) -> None:
    request = {"base": str(tiny.path), "changes": [], "sql": "SELECT 1", "rows": 1, "bytes": 9, "seconds": 1}
    ran = subprocess.run([sys.executable, "-I", "-S", worker.__file__], input=json.dumps(request) + "\n", capture_output=True, text=True, env={}, check=True)
    assert json.loads(ran.stdout.splitlines()[1])["rows"] == [[1]]


def test_the_allow_list_of_functions_names_only_harmless_ones() -> None:
    assert not worker.FUNCTIONS & {"fts3_tokenizer", "load_extension", "randomblob", "zeroblob", "readfile", "writefile", "edit", "sqlite_log", "match"}


def test_a_warm_process_answers_in_a_few_milliseconds(tiny: Base) -> None:
    """The aim is a median below 5 ms with 60 actions; a busy machine gets some grace here."""
    pool = Pool(size=1)
    changes = [Change("interactions", 100_001 + n, None, {"kind": "call", "subject": f"Call {n}", "body": "spoken with the client", "at": "2026-03-16 10:00"}) for n in range(60)]
    times = []
    for _ in range(30):
        began = time.perf_counter()
        result = pool.run(tiny, changes, "SELECT count(*) FROM interactions WHERE id > 100000", asker=1)
        times.append((time.perf_counter() - began) * 1000)
        assert result.rows == ((60,),), result
    pool.close()
    assert statistics.median(times) < 25


def _until(true: Callable[[], object]) -> None:
    until = time.monotonic() + 5
    while not true():
        assert time.monotonic() < until
        time.sleep(0.002)
