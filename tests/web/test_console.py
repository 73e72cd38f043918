"""The console's page: a query over one's own run, its rows and CSV, plain errors, who may look, and that nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest

from courseware.sandbox.console.pool import Pool
from courseware.web.pages import console
from courseware.web.site import Site
from tests.conftest import Browser


@pytest.fixture(autouse=True)
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    made = Pool(size=1, seconds=1.0)
    monkeypatch.setattr(console, "POOL", made)
    yield made
    made.close()


def ask(visitor: Browser, run: str, sql: str, **more: str) -> Any:
    return visitor.get(f"{run}/console?{urlencode({'sql': sql, **more})}")


def test_the_console_lists_the_tables_with_labels_and_is_linked_from_the_run(lin: Browser, run: str, site: Site) -> None:
    page = unescape(lin.get(f"{run}/console").text)
    for table in site.course().tables.values():
        assert f"<summary>{table.name} " in page
        assert table.label["en"] in page
    assert "account_id → accounts" in page
    assert f'href="{run}/console"' in lin.get(run).text
    assert 'href="console"' in lin.get(f"{run}/contacts").text
    assert "role=\"alert\"" not in page


def test_a_query_shows_its_rows_time_and_text_again(lin: Browser, run: str) -> None:
    sql = "SELECT id, no, name AS who, NULL AS gap FROM employees\nWHERE id < 4 ORDER BY id"
    page = ask(lin, run, sql)
    assert page.status_code == 200
    assert f">\n{sql}</textarea>" in unescape(page.text)
    assert "Rows: 3" in page.text
    assert " ms · " in page.text
    assert '<th scope="col" class="num">id</th><th scope="col">no</th><th scope="col">who</th>' in page.text
    assert '<td class="num">3</td>' in page.text
    assert page.text.count('<span class="sub">NULL</span>') == 3


def test_the_query_sees_what_was_done_in_the_run(lin: Browser, run: str) -> None:
    sql = "SELECT count(*) AS n, max(name) FROM accounts WHERE name = 'Console Test Shop'"
    assert '<td class="num">0</td>' in ask(lin, run, sql).text
    assert lin.post(f"{run}/do/account.create", {"name": "Console Test Shop", "kind": "dealer"}).status_code == 303
    assert '<td class="num">1</td><td>Console Test Shop</td>' in ask(lin, run, sql).text


def test_values_are_escaped(lin: Browser, run: str) -> None:
    page = ask(lin, run, "SELECT '<script>x</script>' AS \"<b>\"").text
    assert "<script>x" not in page
    assert "<b></th>" not in page


def test_an_error_is_plain_and_keeps_the_query(lin: Browser, run: str) -> None:
    page = unescape(ask(lin, run, "SELECT nme FROM contacts").text)
    assert "There is no column “nme” in contacts. Did you mean “name”?" in page
    assert "SELECT nme FROM contacts</textarea>" in page
    assert 'role="alert"' in page
    assert "only reads" in ask(lin, run, "DELETE FROM contacts").text


def test_an_error_is_said_in_the_readers_language(lin: Browser, run: str) -> None:
    lin.post("/language", {"language": "zh", "to": "/learn"})
    page = ask(lin, run, "SELECT nme FROM contacts").text
    assert 'lang="zh-CN"' in page
    assert "“nme”" in page
    assert "There is no column" not in page


def test_a_query_without_end_is_stopped_and_the_page_says_so(lin: Browser, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.POOL, "seconds", 0.2)
    page = ask(lin, run, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c")
    assert page.status_code == 200
    assert "Stopped after 0.2 s" in page.text


def test_more_rows_than_the_cap_are_said(lin: Browser, run: str) -> None:
    page = ask(lin, run, "SELECT id FROM order_lines")
    assert "Rows: 500" in page.text
    assert "There are more; the first 500 rows are shown." in page.text


def test_the_rows_are_had_as_csv_without_formulas(lin: Browser, run: str) -> None:
    sql = "SELECT 1 AS n, '=1+1' AS sly, '蓝桥' AS name"
    link = unescape(ask(lin, run, sql).text).split('<a href="?sql=')[1].split('"')[0]
    answer = lin.get(f"{run}/console?sql={link}")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.get_data(as_text=True) == "\ufeffn,sly,name\r\n1,'=1+1,蓝桥\r\n"
    assert "query-SC31-1.csv" in answer.headers["Content-Disposition"]
    assert "There is no column" in ask(lin, run, "SELECT nme FROM contacts", format="csv").text


def test_others_find_nothing_and_the_instructor_may_look(browser: Any, run: str) -> None:
    for login in ("wuhao", "outsider", "zhao"):
        assert ask(browser(login), run, "SELECT 1").status_code == 404
    page = ask(browser("chen"), run, "SELECT 41 + 1 AS n")
    assert '<td class="num">42</td>' in page.text
    assert "Nothing can be changed here" in page.text


def test_a_query_writes_nothing_and_takes_no_writers_turn(lin: Browser, run: str, site: Site, statements: list[str]) -> None:
    statements.clear()
    with site.school.lock.held() if site.school.lock else nullcontext():  # somebody saves; a query need not wait
        assert ask(lin, run, "SELECT 1").status_code == 200
    assert statements
    assert not [sql for sql in statements if not sql.lstrip().upper().startswith("SELECT")]
