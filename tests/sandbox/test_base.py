"""The base of the practice firm: the same material gives the same rows, they hold together, look like a firm's, and hold nothing real."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from courseware.sandbox.base import GENERATORS, base_identity, build_base
from courseware.sandbox.state import Base, State
from courseware.sandbox.tables import read_tables
from courseware.sandbox.views import check, condition, view_of

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
    small = re.sub(rb"(orders|cases|interactions|opportunities|leads|contracts|surveys): (\d+)0\b", rb"\1: \2", material()["firm.yaml"])
    one, other = {**material(), "firm.yaml": small}, {**material(), "firm.yaml": small.replace(b"seed: lanqiao-2026-1", b"seed: lanqiao-2026-2")}
    assert build_base(one, tmp_path / "one.sqlite") != build_base(other, tmp_path / "other.sqlite")


def test_the_file_is_small_read_only_and_not_in_wal_mode(file: Path) -> None:
    assert file.stat().st_size <= 8 * 2**20  # 8.0 million at the time of writing; built in 3 seconds on an idle machine
    assert file.stat().st_mode & 0o222 == 0
    assert file.read_bytes()[18:20] == b"\x01\x01"  # 2 would mean WAL
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_every_declared_table_has_a_generator_and_ids_leave_room_for_plants(base: sqlite3.Connection) -> None:
    filled = {generate.__name__ for generate in GENERATORS}
    assert filled <= set(TABLES)
    for name in TABLES:
        assert (one(base, f'SELECT count(*) FROM "{name}"') > 0) == (name in filled)
    for name in filled:
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
    assert 1_000 <= counts["accounts"] <= 1_500 and counts["contacts"] == 3_000
    assert 3_900 <= counts["cases"] <= 4_100 and counts["case_history"] >= 9_000
    assert 7_900 <= counts["orders"] <= 8_200 and counts["order_lines"] >= 20_000
    assert counts["interactions"] >= 12_000 and counts["campaign_members"] >= 3_000
    assert min(counts[name] for name in ("leads", "opportunities", "quotes", "contracts", "surveys", "field_visits", "tasks")) >= 250


def test_every_employee_but_one_reports_to_someone_who_manages(base: sqlite3.Connection) -> None:
    assert one(base, "SELECT count(*) FROM employees WHERE manager_id IS NULL") == 1
    assert one(base, "SELECT count(*) FROM departments d JOIN employees e ON e.id = d.manager_id WHERE e.dept_id <> d.id") == 0
    assert all(json.loads(skills) for (skills,) in base.execute("SELECT skills FROM employees"))


def test_a_few_customers_bring_most_of_the_revenue(base: sqlite3.Connection) -> None:
    revenue = [row[0] for row in base.execute(
        "SELECT sum(total) FROM orders WHERE account_id IS NOT NULL AND status <> 'cancelled' GROUP BY account_id ORDER BY 1 DESC")]  # fmt: skip
    assert 0.43 <= sum(revenue[: round(len(revenue) * 0.04)]) / sum(revenue) <= 0.47


def test_the_greater_customers_have_more_contacts_and_owners_are_not_overloaded(base: sqlite3.Connection) -> None:
    contacts = "SELECT avg(n) FROM (SELECT count(*) n FROM contacts c JOIN accounts a ON a.id = c.account_id WHERE a.size = '{}' GROUP BY a.id)"
    assert one(base, contacts.format("large")) > 2 * one(base, contacts.format("small"))
    loads = "SELECT count(*) FROM (SELECT e.id FROM accounts a JOIN employees e ON e.id = a.owner_id GROUP BY e.id HAVING count(*) > e.max_accounts)"
    assert one(base, loads) == 0
    assert one(base, "SELECT count(*) FROM accounts a JOIN employees e ON e.id = a.owner_id WHERE e.login_active = 0") == 0


def test_the_year_has_seasons(base: sqlite3.Connection) -> None:
    months = dict(base.execute("SELECT substr(ordered_on, 6, 2), count(*) FROM orders GROUP BY 1").fetchall())
    assert months["02"] < months["06"] < months["12"] and months["02"] < months["09"]
    assert one(base, "SELECT count(*) FROM orders WHERE strftime('%w', ordered_on) IN ('0', '6')") == 0
    days = dict(base.execute("SELECT strftime('%w', opened_at), count(*) FROM cases GROUP BY 1").fetchall())
    assert days["1"] > days["3"] > days["5"]


def test_dates_follow_each_other(base: sqlite3.Connection) -> None:
    assert one(base, "SELECT count(*) FROM orders WHERE shipped_on < ordered_on OR received_on < shipped_on OR paid_on < shipped_on") == 0
    assert one(base, "SELECT count(*) FROM cases WHERE first_response_at < opened_at OR resolved_at < first_response_at OR closed_at < resolved_at") == 0
    assert one(base, "SELECT count(*) FROM cases c JOIN assets a ON a.id = c.asset_id WHERE a.installed_on > c.opened_at OR a.account_id <> c.account_id") == 0
    assert one(base, "SELECT count(*) FROM contacts WHERE left_on < created_at") == 0
    for column in ("opened_at", "first_response_at", "resolved_at", "closed_at"):
        assert one(base, f"SELECT max({column}) FROM cases") < "2026-03-16"


def test_most_cases_keep_their_level_and_some_of_every_age_are_open(base: sqlite3.Connection) -> None:
    solved = "FROM cases WHERE resolved_at IS NOT NULL"
    assert 0.8 <= one(base, f"SELECT avg(resolved_at <= due_at) {solved}") <= 0.92
    ages = [row[0] for row in base.execute("SELECT julianday('2026-03-16') - julianday(opened_at) FROM cases WHERE status NOT IN ('resolved', 'closed')")]
    assert 100 <= len(ages) <= 180 and sum(age < 14 for age in ages) >= 20 and sum(age > 180 for age in ages) >= 10
    assert one(base, "SELECT count(*) FROM cases WHERE status NOT IN ('resolved', 'closed') AND type = 'internal'") >= 8
    assert one(base, "SELECT count(*) FROM case_history WHERE field = 'owner_id' AND old IS NOT NULL") >= 200
    assert one(base, "SELECT count(*) FROM interactions WHERE thread_id IS NOT NULL") >= 250


def test_what_it_serves_ends_before_the_month_that_scenarios_charge(base: sqlite3.Connection) -> None:
    late = "SELECT count(*) FROM cases c JOIN departments d ON d.id = c.dept_id WHERE c.type = 'internal' AND d.code = 'IT' AND "
    assert one(base, late + "c.opened_at < '2026-02-26'") > 100
    assert one(base, late + "(c.opened_at >= '2026-02-26' OR c.status <> 'closed' OR c.customer_confirmed_at IS NULL OR c.requester_score IS NULL)") == 0


def test_answers_to_surveys_are_biased_as_in_life(base: sqlite3.Connection) -> None:
    assert 0.08 <= one(base, "SELECT avg(answered_at IS NOT NULL) FROM surveys WHERE kind = 'CSAT'") <= 0.3
    chosen, drawn = (one(base, f"SELECT avg(score) FROM surveys WHERE kind = 'NPS' AND chosen_by = '{by}'") for by in ("staff", "random"))
    assert chosen > drawn + 1
    late, kept = (one(base, f"SELECT avg(s.score) FROM surveys s JOIN cases c ON c.id = s.case_id WHERE (c.resolved_at > c.due_at) = {is_late}") for is_late in (1, 0))
    assert late < kept


def test_a_lead_that_was_converted_leads_to_its_chance(base: sqlite3.Connection) -> None:
    joined = "FROM leads l LEFT JOIN opportunities o ON o.id = l.converted_opportunity_id WHERE l.status = 'converted'"
    assert one(base, f"SELECT count(*) {joined}") >= 50
    assert one(base, f"SELECT count(*) {joined} AND (o.account_id IS NOT l.converted_account_id OR l.created_at > o.created_at)") == 0
    assert one(base, "SELECT count(*) FROM quotes q WHERE abs(q.total - (SELECT sum(qty * price) FROM quote_lines l WHERE l.quote_id = q.id)) > 0.01") == 0
    assert one(base, "SELECT count(*) FROM leads WHERE status = 'new'") == 0


def test_order_totals_are_the_sum_of_their_lines(base: sqlite3.Connection) -> None:
    sums = "SELECT o.id FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY o.id HAVING abs(o.total - sum(qty * price)) > 0.01"
    assert base.execute(sums).fetchall() == []


def test_texts_vary_and_no_slot_is_left_unfilled(base: sqlite3.Connection) -> None:
    bodies = {name: [row[0] for row in base.execute(f"SELECT body FROM {name} WHERE body IS NOT NULL")] for name in ("cases", "interactions")}
    subjects = [row[0] for row in base.execute("SELECT subject FROM cases UNION ALL SELECT subject FROM interactions UNION ALL SELECT subject FROM tasks")]
    for text in (*bodies["cases"], *bodies["interactions"], *subjects):
        assert text and "{" not in text and "None" not in text
    for texts in bodies.values():
        assert len(set(texts)) > 0.75 * len(texts)
        assert max(Counter(texts).values()) < 0.006 * len(texts)


def test_a_talk_about_a_case_names_that_case_and_no_other(base: sqlite3.Connection) -> None:
    for subject, number in base.execute("SELECT i.subject, c.no FROM interactions i JOIN cases c ON c.id = i.case_id"):
        assert not (named := re.search(r"\d\d-C\d{4}", subject)) or named[0] == number
    assert one(base, "SELECT count(*) FROM interactions i JOIN cases c ON c.id = i.case_id WHERE i.account_id <> c.account_id OR i.at < c.opened_at") == 0


def test_only_numbers_that_cannot_be_dialled_and_addresses_that_cannot_be_reached(base: sqlite3.Connection) -> None:
    mobiles = [row[0] for row in base.execute("SELECT mobile FROM contacts UNION ALL SELECT guest_mobile FROM orders UNION ALL SELECT mobile FROM leads") if row[0]]
    assert mobiles and all(re.fullmatch(r"1990000[0-7]\d{3}", mobile) for mobile in mobiles)
    emails = [row[0] for row in base.execute("SELECT email FROM contacts UNION ALL SELECT email FROM employees UNION ALL SELECT email FROM leads") if row[0]]
    assert emails and all(re.fullmatch(r"[a-z.-]+@[a-z0-9-]+\.example", email) for email in emails)
    bodies = " ".join(row[0] for row in base.execute("SELECT body FROM cases UNION ALL SELECT body FROM interactions") if row[0])
    assert not re.search(r"\d{11}|https?://|@", bodies)
    assert one(base, "SELECT count(*) FROM contacts WHERE id_no IS NOT NULL OR birthday IS NOT NULL") == 0
    people = {row[0].split()[0] for row in base.execute("SELECT name FROM contacts UNION ALL SELECT name FROM employees UNION ALL SELECT name FROM leads")}
    assert not people & set(yaml.safe_load(material()["names.yaml"])["never"])


def test_a_registered_promise_stands_in_the_talk_it_names(base: sqlite3.Connection) -> None:
    promised = {entry["text"]: entry["heard"] for entry in yaml.safe_load(material()["texts.yaml"])["promises"]}
    rows = base.execute("""SELECT p.text, i.body, p.account_id = i.account_id AND p.made_by_id = i.employee_id AND p.made_at = i.at, o.account_id IS p.account_id OR o.id IS NULL
        FROM commitments p JOIN interactions i ON i.id = p.source_interaction_id LEFT JOIN opportunities o ON o.id = p.opportunity_id""").fetchall()
    assert len(rows) == 84 and all(promised[text] in body and same and own for text, body, same, own in rows)
    assert one(base, "SELECT count(*) FROM commitments WHERE opportunity_id IS NOT NULL") >= 20
    assert one(base, "SELECT count(*) FROM commitments WHERE (status = 'open') <> (decided_at IS NULL) OR decided_at < made_at OR decided_at > '2026-03-14'") == 0
    assert one(base, "SELECT count(*) FROM commitments WHERE status IN ('renegotiated', 'withdrawn') AND note IS NULL") == 0


def test_nothing_of_the_base_can_serve_a_visit_that_a_scenario_plans(base: sqlite3.Connection) -> None:
    parts = "FROM stock s JOIN products p ON p.id = s.part_id WHERE p.family = 'parts'"
    assert one(base, f"SELECT count(*) {parts}") >= 8 and one(base, f"SELECT min(arrived_on) {parts}") >= "2026-03-30"
    assert one(base, "SELECT count(*) FROM technician_skills WHERE product_family <> 'services' AND valid_until >= '2026-03-01' OR product_family = 'diagnostics'") == 0
    assert one(base, "SELECT count(*) FROM calendar_slots WHERE kind = 'free' OR end_at > '2026-03-14' AND start_at < '2026-03-30'") == 0
    assert one(base, "SELECT count(*) FROM stock WHERE qty < 0 OR arrived_on IS NULL") == 0


def test_who_is_suppressed_had_said_no_to_that_channel(base: sqlite3.Connection) -> None:
    for kind, channel in (("email", "email"), ("mobile", "sms"), ("mobile", "phone")):
        keys = f"FROM suppressions s LEFT JOIN contacts c ON c.{kind} = s.normalised_key WHERE s.key_kind = '{kind}' AND s.channel = '{channel}'"
        assert one(base, f"SELECT count(*) {keys} AND (c.consent_{channel} IS NOT 'no' OR s.since < c.created_at)") == 0
        assert one(base, f"SELECT count(*) {keys}") >= 8
    assert one(base, "SELECT count(*) - count(DISTINCT normalised_key || channel) FROM suppressions") == 0


def test_the_rows_of_a_file_are_accounted_for(base: sqlite3.Connection) -> None:
    assert one(base, "SELECT count(*) FROM import_rows WHERE outcome IS NULL OR (outcome = 'rejected') = (coalesce(contact_id, lead_id) IS NOT NULL)") == 0
    repeats = base.execute(
        "SELECT a.raw, b.raw, a.line_no > b.line_no AND a.import_id = b.import_id FROM import_rows a JOIN import_rows b ON b.id = a.merged_into_row_id"
    ).fetchall()
    assert repeats and all(one == other and later for one, other, later in repeats)
    for raw, name in base.execute("SELECT r.raw, coalesce(c.name, l.name) FROM import_rows r LEFT JOIN contacts c ON c.id = r.contact_id LEFT JOIN leads l ON l.id = r.lead_id"):
        assert name is None or json.loads(raw)["姓名"] == name


def test_an_event_takes_no_more_than_it_holds(base: sqlite3.Connection) -> None:
    taken = "SELECT e.capacity - count(r.id) FROM events e JOIN event_registrations r ON r.event_id = e.id WHERE r.status NOT IN ('cancelled', 'waitlisted') GROUP BY e.id"
    assert min(row[0] for row in base.execute(taken)) == 0
    assert one(base, "SELECT count(*) FROM event_registrations WHERE status = 'waitlisted'") > 0
    assert one(base, "SELECT count(*) FROM event_registrations r JOIN events e ON e.id = r.event_id WHERE r.registered_at > e.held_on OR r.confirmed_at < r.registered_at") == 0
    assert one(base, "SELECT count(*) FROM event_registrations r JOIN events e ON e.id = r.event_id WHERE r.status = 'attended' AND e.held_on > '2026-03-14'") == 0


def test_a_visit_to_the_web_site_names_a_person_only_where_that_person_allowed_it(base: sqlite3.Connection) -> None:
    assert 400 <= one(base, "SELECT count(*) FROM web_visits") <= 600
    assert one(base, "SELECT count(*) FROM web_visits WHERE (contact_id IS NOT NULL) <> (link_consent IS 'yes')") == 0
    readers = "SELECT count(DISTINCT visitor_key) AS n FROM web_visits WHERE product_family = 'printers' AND network_name IS NOT NULL AND NOT is_staff GROUP BY network_name"
    assert one(base, f"SELECT max(n) FROM ({readers})") >= 9
    assert one(base, "SELECT count(*) FROM web_visits WHERE is_staff") > 0 and one(base, "SELECT count(*) FROM web_visits WHERE user_agent LIKE 'crawler%'") == 30


def test_every_item_of_the_form_is_marked_once_for_each_talk(base: sqlite3.Connection) -> None:
    assert one(base, "SELECT sum(weight) FROM qa_forms") == 100
    assert base.execute("SELECT DISTINCT count(*), count(DISTINCT item_id), count(DISTINCT reviewer_id) FROM qa_scores GROUP BY interaction_id").fetchall() == [(8, 8, 1)]
    wrong = "points IS NOT CASE mark WHEN 'yes' THEN f.weight WHEN 'no' THEN 0 END OR s.scored_at < i.at OR (mark = 'na' AND critical <> 'none')"
    assert one(base, f"SELECT count(*) FROM qa_scores s JOIN qa_forms f ON f.id = s.item_id JOIN interactions i ON i.id = s.interaction_id WHERE {wrong}") == 0


def test_measures_name_columns_that_exist_and_saved_views_find_something(firm: Base) -> None:
    state = State(firm.tables, firm.path.read_bytes())
    for measure in state.rows("kpi_definitions"):
        table, column = measure["source"].split(".")
        assert firm.tables[table].has(column), measure["name"]
    for saved in state.rows("saved_views"):
        view = view_of(saved)
        check(state, view)
        conditions = [condition(state, firm.tables[view.table], key, value) for key, value in view.filters.items()]
        where, parameters = " AND ".join(sql for sql, _ in conditions), [value for _, values in conditions for value in values]
        assert state.query(f'SELECT count(*) AS n FROM "{view.table}" WHERE {where}', parameters)[0]["n"] > 0, saved["name"]


def test_missing_or_misspelt_material_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"names\.yaml:1:1: the file is missing"):
        build_base({name: data for name, data in material().items() if name != "names.yaml"}, tmp_path / "base.sqlite")
    with pytest.raises(ValueError, match="growht"):
        build_base({**material(), "firm.yaml": material()["firm.yaml"].replace(b"growth:", b"growht:")}, tmp_path / "base.sqlite")
    assert list(tmp_path.iterdir()) == []
