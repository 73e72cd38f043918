"""Module 5: its queries run and print what it says, its figure draws the firm's own pointers, its sums are right in both languages, and so are its templates."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from courseware.compile import Course
from courseware.i18n import LANGUAGES
from courseware.sandbox.console.pool import Pool, Result
from courseware.sandbox.state import Base
from courseware.sandbox.text import digits
from tests.content.question_files import QUESTIONS
from tests.content.sections import drawn, says, text
from tests.content.templates import cells, variants


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool(size=1)
    yield made
    made.close()


class Asked:
    """The built firm, asked as the learner's console asks it."""

    def __init__(self, pool: Pool, base: Base) -> None:
        self._pool, self._base = pool, base

    def rows(self, sql: str) -> tuple[tuple[Any, ...], ...]:
        result: Result = self._pool.run(self._base, (), sql, asker="lin")
        assert result.status == "ok", (sql, result.message)
        return result.rows

    def one(self, sql: str) -> Any:
        ((value,),) = self.rows(sql)
        return value


@pytest.fixture
def firm(pool: Pool, course: Course) -> Asked:
    return Asked(pool, course.base)


# Section 5.1: the twelve queries and the figure


def patterns(language: str) -> list[tuple[str, str]]:
    """The numbered queries of section 5.1, each with the line it stands in."""
    lines = [line for line in text("5.1", language).splitlines() if re.match(r"\d+\. \*\*", line)]
    return [(re.findall(r"`(SELECT [^`]+)`", line)[0], line) for line in lines]


def test_the_twelve_queries_run_and_give_what_is_printed(firm: Asked) -> None:
    queries = [sql for sql, _ in patterns("en")]
    assert len(queries) == 12 and queries == [sql for sql, _ in patterns("zh")]
    found = [firm.rows(sql) for sql in queries]
    printed = {
        0: len(found[0]), 1: len(found[1]), 3: len(found[3]), 4: found[4][0][0], 5: found[5][0][0], 6: found[6][0][1], 7: len(found[7]), 8: len(found[8]),
        9: found[9][0][0], 10: len(found[10]), 11: found[11][0][0],
    }  # fmt: skip
    for language in LANGUAGES:
        lines = [line for _, line in patterns(language)]
        for place, value in printed.items():
            result = lines[place].split("`")[-1] if place != 3 else lines[place].rpartition("`")[2]
            assert f"{value:,}" in result, (language, place + 1, value)
    assert len(found[2]) == 5 and list(found[2]) == sorted(found[2], key=lambda row: row[1])
    assert {name.split()[0] for _, name in found[3]} >= {"刘磊", "刘蕾", "刘磊斌"}
    assert found[6][0][0] == "call" and found[10][0][0] == "computers" and {count for _, count in found[7]} == {2}


def test_what_the_text_tells_of_the_firm_is_so(firm: Asked, course: Course) -> None:
    assert 45 <= len(course.base.tables) <= 55  # "some fifty"
    orders, without, guests = firm.rows("SELECT count(*), sum(contact_id IS NULL), sum(contact_id IS NULL AND source = 'counter') FROM orders")[0]
    assert without == guests
    says("5.1", str(orders), str(without), str(firm.one("SELECT count(*) FROM case_history WHERE field IN ('owner_id', 'status')")))
    contacts, mobiles, emails, left = firm.rows("SELECT count(*), count(mobile), count(email), count(left_on) FROM contacts")[0]
    says("5.2", str(contacts), str(mobiles), f"{100 * mobiles / contacts:.1f}%", str(emails), f"{100 * emails / contacts:.1f}%", str(left))
    says("5.2", str(len(firm.rows("SELECT name FROM contacts GROUP BY name HAVING count(*) = 2"))))
    assert firm.one("SELECT count(mobile) - count(DISTINCT mobile) + count(email) - count(DISTINCT lower(email)) FROM contacts") == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_arrow_of_the_figure_is_a_pointer_of_the_tables(language: str, course: Course) -> None:
    pairs = re.findall(r"`(\w+)` → `(\w+)`", text("5.1", language))
    for child, parent in pairs:
        assert any(column.table == parent for column in course.base.tables[child].columns if column.type == "ref"), (child, parent)
    figure = drawn("5-1", language)
    assert figure.count('class="head"') == len(pairs) + 1  # one more in the legend
    assert figure.count("<rect") == len({name for pair in pairs for name in pair}) == 16


def test_the_exercise_asks_for_arrows_that_are_in_the_figure() -> None:
    tables = {"con": "contacts", "acc": "accounts", "pro": "products", "cas": "cases", "opp": "opportunities", "dep": "departments", "ass": "assets"}
    lefts = ["contacts", "order_lines", "campaign_members", "case_history", "quotes", "employees", "opportunities", "cases"]
    pairs = re.findall(r"`(\w+)` → `(\w+)`", text("5.1", "en"))
    asked = [(child, tables[left["match"]]) for child, left in zip(lefts, QUESTIONS["ix3-a"].raw["left"], strict=True)]
    assert set(asked) <= set(pairs)


# The sums of the prose


def test_one_number_in_three_spellings() -> None:
    written = ["199-0002-0417", "+86 199 0002 0417", "１９９０００２０４１７", "199 0002 0471"]
    assert [digits(number) for number in written] == ["19900020417"] * 3 + ["19900020471"]
    assert all(number in text("5.2", language) for number in written for language in LANGUAGES)
    assert (4 - 2, 2 / 4) == (2, 0.5)
    assert 38 + 17 + 5 == 60
    says("5.2", "50%", "38 + 17 + 5 = 60")


def test_the_refusal_and_the_lines() -> None:
    assert (2 + 1, 4 - 3) == (3, 1)
    says("5.3", "2 + 1 = 3", "4 − 3 = 1")
    lines = {systems: systems * (systems - 1) // 2 for systems in (5, 7)}
    assert lines == {5: 10, 7: 21} and 7 - 1 == 6
    says("5.4", "5 × 4 / 2 = 10", "7 × 6 / 2 = 21")


# The templates, each reckoned another way


def small(contacts: Mapping[tuple[str | None, str | None], int], orders_of: list[int], accounts: int = 1) -> sqlite3.Connection:
    """Build three small tables: contacts of the first account by (mobile, e-mail) and how many there are, orders by their account."""
    base = sqlite3.connect(":memory:")
    base.executescript("CREATE TABLE accounts (id, no, kind); CREATE TABLE contacts (account_id, mobile, email); CREATE TABLE orders (id, account_id)")
    base.executemany("INSERT INTO accounts VALUES (?, 'A-2310', 'customer')", [(id,) for id in range(accounts)])
    base.executemany("INSERT INTO contacts VALUES (0, ?, ?)", [pair for pair, count in contacts.items() for _ in range(count)])
    base.executemany("INSERT INTO orders VALUES (?, ?)", enumerate(orders_of))
    return base


def numbers(stem: str) -> list[int]:
    """The whole numbers told before the query."""
    return [int(found) for found in re.findall(r"(?<![\w-])\d+(?!\w)", stem.partition("`")[0].replace(",", ""))]


def answered(base: sqlite3.Connection, stem: str) -> Any:
    (sql,) = re.findall(r"`(SELECT [^`]+)`", stem)
    found = base.execute(sql).fetchone()[0]
    base.close()
    return found


def test_the_queries_of_the_number_questions_give_their_answers() -> None:
    for stem, data in variants("m5-a-14"):
        all_, mobile, email, both = numbers(stem)
        rows: dict[tuple[str | None, str | None], int] = {(None, "m"): mobile - both, ("1", None): email - both, (None, None): both}
        assert answered(small({**rows, ("1", "m"): all_ - sum(rows.values())}, []), stem) == data["answer"]
    for stem, data in variants("m5-a-15"):
        contacts, orders = numbers(stem)
        assert answered(small({("1", "m"): contacts}, [0] * orders), stem) == data["answer"]
    for stem, data in variants("m5-b-14"):
        customers, orders, buyers = numbers(stem)
        assert answered(small({}, [n % buyers for n in range(orders)], customers), stem) == data["answer"]
    for stem, data in variants("m5-b-15"):
        all_, twice, thrice = numbers(stem)
        times = [2] * twice + [3] * thrice
        times += [1] * (all_ - sum(times))
        assert answered(small({(f"m{n}", None): count for n, count in enumerate(times)}, []), stem) == data["answer"]


def test_shares_are_of_those_who_count() -> None:
    for stem, data in variants("m5-a-16"):
        yes, no, _ = (int(found) for found in re.findall(r"(?:yes|no|unknown) (\d+)", stem))
        assert data["answer"] == pytest.approx(100 * yes / (yes + no), abs=0.051)
    for stem, data in variants("m5-b-16"):
        in_time, late, _ = (int(found) for found in re.findall(r"(\d+) (?:resolved in|resolved late|with)", stem))
        assert data["answer"] == pytest.approx(100 * late / (late + in_time), abs=0.051)


def test_rows_are_judged_as_the_firm_compares_numbers() -> None:
    seen = Counter[str]()
    for situation, parts in variants("m5-a-19"):
        first, *others = (digits(row[1]) for row in cells(situation))
        verdicts = ["same" if number == first else "other" if re.fullmatch(r"1\d{10}", number) else "bad" for number in others]
        assert [left["match"] for left in parts["rows"]["left"]] == verdicts
        assert parts["count"]["answer"] == verdicts.count("same") >= 1
        seen.update(verdicts)
    assert set(seen) == {"same", "other", "bad"}


def test_a_refusal_is_never_outvoted_in_a_merge() -> None:
    for situation, parts in variants("m5-b-21"):
        rows = cells(situation)
        states = [next(state for state in ("no", "yes", "unk") if state in column) for column in list(zip(*rows, strict=True))[1:4]]
        assert [left["match"] for left in parts["states"]["left"]] == states
        assert parts["orders"]["answer"] == sum(int(row[4]) for row in rows)


def test_what_is_left_of_a_list_and_of_a_file() -> None:
    for situation, parts in variants("m5-b-20"):
        rows, refused, unknown, repeats = re.findall(r"(\d+)", situation.partition("No row falls")[0])[:4]
        assert parts["left"]["answer"] == int(rows) - int(refused) - int(unknown) - int(repeats)
    for situation, parts in variants("m5-b-19"):
        cards = int(situation.split()[0])
        told = [int(found) for found in re.findall(r"(?:new|merged|rejected) (\d+)", situation)]
        assert len(told) == 3 and parts["missing"]["answer"] == cards - sum(told) > 0
    for situation, parts in variants("m5-b-17"):
        (yes, _, unknown) = ([int(cell) for cell in row[1:]] for row in cells(situation))
        assert parts["good"]["answer"] == yes[0] - yes[1] and f"found {yes[0] + unknown[0]} people" in situation


def test_open_cases_and_keys_are_counted_once() -> None:
    for situation, parts in variants("m5-a-17"):
        contacts, every, still = (int(row[1]) for row in cells(situation))
        assert f"reports {contacts * still} open cases" in situation
        assert parts["share"]["answer"] == pytest.approx(100 * still / every, abs=0.051)
    for situation, parts in variants("m5-a-20"):
        ((mails, mobiles),) = re.findall(r"addresses in all: (\d+); mobiles: (\d+)", situation)
        jobs = {left["id"]: left["match"] for left in parts["jobs"]["left"]}
        assert jobs["l3"] == "safe" and "stop" in (jobs["l2"], jobs["l4"])
        assert parts["keys"]["answer"] == int(mobiles) + int(mails) * (jobs["l1"] == "stop")
