"""Imports: writings made alike, persons joined whatever the order, each row accounted for, refusals kept; follow-up lists."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.errors import Invalid, Refused
from courseware.sandbox.actions import imports
from courseware.sandbox.diff import DiffRule, diff
from courseware.sandbox.imports import KEYS, STEPS, Judged, Known, Line, SetUp, consent, normalised, read, works
from courseware.sandbox.journal import Paper
from courseware.sandbox.plants import plant
from courseware.sandbox.play import scope_of
from courseware.sandbox.state import Base, State, checkout
from courseware.sandbox.tables import Tables
from tests.sandbox.conftest import shipped
from tests.sandbox.test_checks import Work
from tests.sandbox.test_verbs import do, row

MAPPING = {"name": "N", "company": "ORG", "mobile": "CELL", "email": "MAIL", "consent": "OPT", "interest": "INT"}
ALL = SetUp(MAPPING, frozenset(STEPS), KEYS, "refusal-stays")


def line(no: int, at: str = "2026-03-12 10:00", **raw: str) -> Line:
    return Line(no, no, at, {"N": f"Person {no}", **raw})


def told(rows: tuple[Judged, ...]) -> list[tuple[str, str | None, int | None]]:
    return [(row.outcome, row.reason, row.repeats.line_no if row.repeats else None) for row in rows]


# Writings


@pytest.mark.parametrize(
    ("kind", "text", "steps", "wanted"),
    [
        ("mobile", "１９９０００２４１０１", ["width"], "19900024101"),
        ("mobile", "199 0002 4101", ["spaces"], "19900024101"),
        ("mobile", "+86 199-0002-4101", ["spaces", "phone"], "19900024101"),
        ("mobile", "8619900024101", ["phone"], "19900024101"),
        ("mobile", "+86 199-0002-4101", ["spaces"], "+86199-0002-4101"),
        ("email", "Li.Wen@AnHe.Example", ["case"], "li.wen@anhe.example"),
        ("email", "li.wen＠anhe.example", ["width"], "li.wen@anhe.example"),
        ("email", "li.wen @ anhe.example", ["spaces"], "li.wen@anhe.example"),
        ("email", "li-wen@anhe.example", STEPS, "li-wen@anhe.example"),
    ],
)
def test_each_step_takes_away_one_difference(kind: str, text: str, steps: list[str], wanted: str) -> None:
    assert normalised(kind, text, steps) == wanted


@given(kind=st.sampled_from(KEYS), text=st.text(max_size=30), steps=st.sets(st.sampled_from(STEPS)))
def test_normalising_twice_changes_nothing_more(kind: str, text: str, steps: set[str]) -> None:
    once = normalised(kind, text, steps)
    assert normalised(kind, once, steps) == once


@given(digits=st.from_regex(r"1[0-9]{10}", fullmatch=True), cuts=st.lists(st.integers(0, 11), max_size=4), marks=st.lists(st.sampled_from([" ", "-", "－", "　"]), min_size=4, max_size=4))
def test_width_spaces_and_dashes_do_not_matter(digits: str, cuts: list[int], marks: list[str]) -> None:
    wide = digits.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    for place, mark in zip(sorted(set(cuts), reverse=True), marks, strict=False):
        wide = wide[:place] + mark + wide[place:]
    assert normalised("mobile", wide, STEPS) == normalised("mobile", f"+86 {wide}", STEPS) == normalised("mobile", digits, STEPS) == digits


@pytest.mark.parametrize("bad", ["199 0002 410", "0571-8888 0000", "", "199000241011", "li.wen", "li@wen", "@anhe.example", "li@anhe..example", "li@wen@anhe.example"])
def test_what_cannot_work_is_told_by_its_form(bad: str) -> None:
    assert not works("mobile", bad)
    assert not works("email", bad)


# Rows


def test_a_shared_key_joins_rows_also_by_way_of_a_third() -> None:
    rows = read(ALL, [line(1, CELL="199 0002 4101"), line(2, MAIL="A@x.example"), line(3, CELL="19900024101", MAIL="a@x.example"), line(4, MAIL="b@x.example")], [])
    assert told(rows) == [("imported", None, None), ("merged", "repeat", 1), ("merged", "repeat", 1), ("imported", None, None)]


def test_the_same_name_or_an_address_that_cannot_work_joins_nobody() -> None:
    rows = read(ALL, [line(1, N="Li Wei", CELL="199 0002", MAIL="a@x.example"), line(2, N="Li Wei", CELL="199 0002", MAIL="b@x.example"), line(3, CELL="199 0002", MAIL="none")], [])
    assert told(rows) == [("imported", None, None), ("imported", None, None), ("rejected", "no-channel", None)]
    assert [row.left_out for row in rows] == [("mobile",), ("mobile",), ("mobile", "email")]
    assert "mobile" not in rows[0].person.values


def test_the_newer_value_counts_and_a_blank_replaces_nothing() -> None:
    newer = line(1, "2026-03-14 10:00", CELL="19900024101", ORG="Anhe", INT="v", OPT="")
    older = line(2, "2026-03-12 10:00", CELL="19900024101", ORG="Anhe Clinic", INT="P", OPT="Y", MAIL="a@x.example")
    person = read(ALL, [newer, older], [])[0].person
    assert {name: person.values[name] for name in ("company", "interest", "email")} == {"company": "Anhe", "interest": "V", "email": "a@x.example"}
    assert person.ticks == (True, False)
    assert consent(ALL.consent_rule, person.ticks, None) == "yes"


def test_staff_and_suppliers_are_rejected_and_a_contact_goes_before_a_lead() -> None:
    on_record = [
        Known("leads", 9, "19900024101", None), Known("contacts", 8, "+86 199 0002 4101", None, "customer"),
        Known("contacts", 1, None, "a@x.example", "internal"), Known("contacts", 2, None, "b@x.example", "supplier"),
    ]  # fmt: skip
    on_record.append(Known("leads", 3, None, "c@x.example"))
    rows = read(ALL, [line(1, CELL="19900024101", MAIL="c@x.example"), line(2, MAIL="a@x.example"), line(3, MAIL="b@x.example")], on_record)
    assert told(rows) == [("merged", "known", None), ("rejected", "staff", None), ("rejected", "supplier", None)]
    assert rows[0].person.known == on_record[1]
    assert rows[0].person.is_ambiguous


PEOPLE = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from(["", "Y"]), st.sampled_from(["", "V", "P"]), st.integers(0, 3)), min_size=1, max_size=14)


@given(people=PEOPLE, order=st.randoms(use_true_random=False), keys=st.sampled_from([("mobile",), ("email",), KEYS]))
def test_the_order_of_the_rows_changes_neither_the_people_nor_their_values(people: list[tuple[int, int, str, str, int]], order: Any, keys: tuple[str, ...]) -> None:
    mobiles = ["", "１９９０００２４１０１", "199 0002 4102", "+86 19900024103", "19900024101", "12", "19900024104"]
    mails = ["", "a@x.example", "A@X.example", "b @x.example", "c@x.example", "nothing", "d@x.example"]
    rows = [
        line(no, f"2026-03-12 1{hour}:{no:02}", CELL=mobiles[mobile], MAIL=mails[mail], OPT=tick, INT=code)
        for no, (mobile, mail, tick, code, hour) in enumerate(people, 1)
    ]
    mixed = [replace(each, line_no=no) for no, each in enumerate(order.sample(rows, len(rows)), 1)]
    on_record = [Known("contacts", 1, "19900024104", "d@x.example")]
    found, again = (read(replace(ALL, keys=keys), each, on_record) for each in (rows, mixed))
    assert _people(found) == _people(again)
    assert _counted(found) == _counted(again)


def _people(rows: tuple[Judged, ...]) -> set[tuple[Any, ...]]:
    return {(frozenset(each.id for each in row.person.lines), tuple(sorted(row.person.values.items())), row.person.ticks, row.person.outcome) for row in rows}


def _counted(rows: tuple[Judged, ...]) -> Counter[Any]:
    return Counter((row.outcome, row.reason) for row in rows)


@pytest.mark.parametrize(
    ("rule", "ticks", "before", "refused", "wanted"),
    [
        ("refusal-stays", (True,), None, False, "yes"),
        ("refusal-stays", (False,), None, False, "unknown"),
        ("refusal-stays", (False,), "yes", False, "yes"),
        ("refusal-stays", (True,), "unknown", True, "unknown"),
        ("refusal-stays", (True,), "no", False, "no"),
        ("newest", (True,), "no", True, "yes"),
        ("newest", (False,), "no", True, "no"),
        ("blank-unknown", (False,), "yes", False, "unknown"),
        ("blank-unknown", (True,), "no", False, "no"),
        ("blank-yes", (False,), "no", True, "yes"),
        ("blank-yes", (False,), None, False, "yes"),
    ],
)
def test_what_a_tick_means_follows_the_rule(rule: str, ticks: tuple[bool, ...], before: str | None, refused: bool, wanted: str) -> None:
    assert consent(rule, ticks, before, refused) == wanted


# The verbs

CARDS: tuple[dict[str, str], ...] = (
    {"N": "Li Wen", "ORG": "Anhe Clinic", "CELL": "19900024101", "MAIL": "li@anhe.example", "OPT": "", "INT": "V"},
    {"N": "Li Wen", "ORG": "Anhe", "CELL": "１９９-０００２-４１０１", "MAIL": "", "OPT": "Y", "INT": ""},
    {"N": "Wang", "ORG": "Right", "CELL": "+86 138-0000-2041", "MAIL": "", "OPT": "Y", "INT": "P"},
    {"N": "Nobody", "ORG": "", "CELL": "12", "MAIL": "none", "OPT": "Y", "INT": "V"},
    {"N": "He Min", "ORG": "Boxin", "CELL": "12", "MAIL": "he@boxin.example", "OPT": "", "INT": ""},
)
SET_UP: dict[str, Any] = {
    "name": "N", "company": "ORG", "mobile": "CELL", "email": "MAIL", "consent": "OPT", "interest": "INT",
    "normalise": list(STEPS), "match_keys": ["mobile", "email"], "consent_rule": "refusal-stays", "campaign_id": 1,
}  # fmt: skip


def file(state: State, *cards: dict[str, str]) -> int:
    batch = state.insert("imports", {"file": "tray.csv", "status": "new"})
    for no, raw in enumerate(cards or CARDS, 1):
        state.insert("import_rows", {"import_id": batch, "line_no": no, "scanned_at": f"2026-03-12 10:{no:02}", "raw": raw})
    return batch


def outcomes(state: State, batch: int) -> list[tuple[str | None, str | None]]:
    return [(each["outcome"], each["reason"]) for each in state.rows("import_rows", import_id=batch)]


def test_a_commit_makes_leads_merges_links_rejects_and_accounts_for_every_row(state: State, paper: Paper) -> None:
    state.update("contacts", 1, consent_email="unknown")
    state.update("contacts", 2, merged_into_id=1)
    batch = file(state)
    do(state, paper, "import.set_up", record=batch, **SET_UP)
    do(state, paper, "import.preview", record=batch)
    assert outcomes(state, batch) == [(None, None)] * 5
    do(state, paper, "import.commit", record=batch)
    assert outcomes(state, batch) == [("imported", None), ("merged", "repeat"), ("merged", "known"), ("rejected", "no-channel"), ("imported", None)]
    first, second, third, _, fifth = state.rows("import_rows", import_id=batch)
    lead = row(state, "leads", first["lead_id"])
    assert (lead["no"], lead["mobile"], lead["company"], lead["interest_code"], lead["consent_email"]) == ("L-0002", "19900024101", "Anhe", "V", "yes")
    assert (lead["campaign_id"], lead["import_row_id"], lead["status"], lead["source"]) == (1, first["id"], "new", "fair")
    assert (second["merged_into_row_id"], second["lead_id"]) == (first["id"], lead["id"])
    assert third["contact_id"] == 1
    assert (row(state, "contacts", 1)["consent_email"], row(state, "contacts", 1)["consent_source"]) == ("yes", "fair")
    alone = row(state, "leads", fifth["lead_id"])
    assert (alone["no"], alone["mobile"], alone["consent_email"]) == ("L-0003", None, "unknown")
    listed = {(each["lead_id"], each["contact_id"]): each["interest_code"] for each in state.rows("campaign_members", campaign_id=1)}
    assert listed == {(None, 3): None, (lead["id"], None): "V", (None, 1): "P", (alone["id"], None): None}


def test_a_commit_leaves_a_refusal_as_it_was(state: State, paper: Paper) -> None:
    state.update("contacts", 2, merged_into_id=1)
    state.update("contacts", 1, consent_email="no", consent_sms="no", opted_out_at="2026-01-05 10:00")
    before = row(state, "contacts", 1)
    batch = file(state)
    do(state, paper, "import.set_up", record=batch, **SET_UP)
    do(state, paper, "import.commit", record=batch)
    after = row(state, "contacts", 1)
    assert {name for name in before if before[name] != after[name]} <= {"mobile", "name"}


def test_what_cannot_be_set_up_is_said_beside_its_field_and_changes_nothing(state: State, paper: Paper) -> None:
    batch = file(state)
    before = row(state, "imports", batch)
    for change, field, words in (
        ({"mobile": "TEL"}, "mobile", "has no column “TEL”; it has: CELL, INT"),
        ({"email": "CELL"}, "email", "fills another field already"),
        ({"mobile": ""}, "mobile", "no column fills"),
        ({"match_keys": []}, "match_keys", "is needed"),
        ({"name": ""}, "name", "is needed"),
        ({"consent_rule": "maybe"}, "consent_rule", "not one of"),
    ):
        with pytest.raises(Invalid, match=words) as refused:
            do(state, paper, "import.set_up", record=batch, **{**SET_UP, **change})
        assert refused.value.field == field
    for verb in ("import.preview", "import.commit"):
        with pytest.raises(Refused, match="Say first which column"):
            do(state, paper, verb, record=batch)
    assert row(state, "imports", batch) == before


def test_a_change_of_the_set_up_makes_the_preview_stale_and_a_committed_file_stays(state: State, paper: Paper) -> None:
    batch = file(state)
    do(state, paper, "import.set_up", record=batch, **SET_UP)
    with pytest.raises(Refused, match="Nothing is different"):
        do(state, paper, "import.set_up", record=batch, **SET_UP)
    do(state, paper, "import.preview", record=batch)
    with pytest.raises(Refused, match="still true"):
        do(state, paper, "import.preview", record=batch)
    do(state, paper, "import.set_up", record=batch, **{**SET_UP, "normalise": ["width"]})
    assert row(state, "imports", batch)["status"] == "new"
    do(state, paper, "import.commit", record=batch)
    kept = row(state, "imports", batch)
    for verb, arguments in (("import.set_up", SET_UP), ("import.preview", {})):
        with pytest.raises(Refused, match="stays as it is"):
            do(state, paper, verb, record=batch, **arguments)
    do(state, paper, "import.commit", record=batch)  # what the system does overnight finds it done
    assert row(state, "imports", batch) == kept


def test_the_set_up_of_one_file_does_for_the_next_and_without_one_nothing_happens(state: State, paper: Paper) -> None:
    first, second = file(state), file(state, CARDS[0], CARDS[1], CARDS[3])
    do(state, paper, "import.repeat", record=second, like_id=first)
    assert row(state, "imports", second)["status"] == "new"
    do(state, paper, "import.set_up", record=first, **SET_UP)
    do(state, paper, "import.commit", record=first)
    leads = len(state.rows("leads"))
    do(state, paper, "import.repeat", record=second, like_id=first)
    assert outcomes(state, second) == [("merged", "known"), ("merged", "repeat"), ("rejected", "no-channel")]
    assert len(state.rows("leads")) == leads
    assert len(state.rows("campaign_members", campaign_id=1)) == 4


# Follow-up lists


def listed(state: State, campaign: int) -> list[tuple[int | None, int | None]]:
    return [(each["lead_id"], each["contact_id"]) for each in state.rows("campaign_members", campaign_id=campaign)]


def test_a_follow_up_list_takes_who_fits_with_owner_and_due_date(state: State, paper: Paper) -> None:
    batch = file(state)
    do(state, paper, "import.set_up", record=batch, **SET_UP)
    do(state, paper, "import.commit", record=batch)
    lead = state.rows("import_rows", import_id=batch)[0]["lead_id"]
    known = state.rows("import_rows", import_id=batch)[2]["contact_id"]
    given = {"name": "Visits", "type": "personal-list", "interest": ["V"], "consent": "any", "owner_id": 1, "due_at": "2026-03-18 17:00"}
    do(state, paper, "campaign.follow_up", record=1, **given)
    hot = state.rows("campaigns")[-1]
    assert (hot["no"], hot["type"], hot["owner_id"], hot["job_status"]) == ("M-002", "personal-list", 1, None)
    assert listed(state, hot["id"]) == [(lead, None)]
    [task] = state.rows("tasks", lead_id=lead)
    assert (task["owner_id"], task["due_at"], task["status"]) == (1, "2026-03-18 17:00", "open")
    assert row(state, "leads", lead)["owner_id"] == 1
    do(state, paper, "campaign.follow_up", record=1, **{**given, "type": "mailing", "interest": ["P", "blank"], "consent": "yes"})
    warm = state.rows("campaigns")[-1]
    assert (warm["purpose"], warm["job_status"], warm["scheduled_at"]) == ("promotional", "planned", "2026-03-18 17:00")
    assert listed(state, warm["id"]) == [(None, known)]
    assert len(state.rows("tasks", subject="Visits")) == 1


def test_a_list_of_nobody_or_with_a_passed_date_or_of_a_colleague_who_left_is_refused(state: State, paper: Paper) -> None:
    given = {"name": "Visits", "type": "personal-list", "interest": ["V"], "consent": "any", "owner_id": 1, "due_at": "2026-03-18 17:00"}
    with pytest.raises(Refused, match="Nobody on this list fits"):
        do(state, paper, "campaign.follow_up", record=1, **given)
    with pytest.raises(Invalid, match="has passed"):
        do(state, paper, "campaign.follow_up", record=1, **{**given, "due_at": "2026-03-16 09:00"})
    with pytest.raises(Invalid, match="left on"):
        do(state, paper, "campaign.follow_up", record=1, **{**given, "owner_id": 3})


# The check and the diff that a tray needs


def test_no_number_may_stand_in_two_records_however_it_is_written(state: State, paper: Paper) -> None:
    work = Work(state, paper)
    of = [{"table": "leads", "where": {"merged_into_id": {"empty": True}}}, {"table": "contacts", "where": {"merged_into_id": {"empty": True}}}]
    assert not work.find("unique", of=of).passed  # nothing was added yet; what was there before is not the learner's
    work.do("contact.create", name="Li Wen", mobile="19900024101")
    assert work.find("unique", of=of).passed
    work.do("lead.receive", name="Li Wen", mobile="＋８６ 199-0002-4101", email="li@anhe.example")
    found = work.find("unique", of=of)
    assert not found.passed
    assert "“＋８６ 199-0002-4101” / “19900024101”" in found.found["en"]


def test_many_alike_stand_in_one_line_of_the_diff_and_the_others_by_themselves(state: State, paper: Paper) -> None:
    work = Work(state, paper)
    for number in range(1, 4):
        work.do("lead.receive", name=f"Lead {number}", mobile=f"1990002410{number}")
    work.do("contact.create", name="Li Wen")
    rules = [DiffRule(label="harmful", table="leads", columns=["name"], has={"name": "Lead 2"}), DiffRule(label="needed", table="leads", together=True)]
    lines = diff(rules, work.journal, scope_of(state, paper, work.journal))
    assert [(line.table, line.label, len(line.fields) > 1) for line in lines] == [("leads", "harmful", True), ("contacts", "unneeded", True), ("leads", "needed", False)]
    assert lines[-1].title.endswith("(+1)")
    assert lines[-1].fields[0].after["en"] == "2"


# The scenario


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_the_first_tray_has_the_counts_that_its_text_and_checks_name(seed: int, tables: Tables, firm: Base) -> None:
    scenario, state = shipped("SC04", tables), checkout(firm)
    planted = plant(scenario.start, scenario.plant, state, seed=seed, language="zh" if seed == 2 else "en")
    assert len(planted.changes) < 800
    with state.applied(planted.changes):
        batch = row(state, "imports", planted.names["tray"][1])
        ready = {**batch, "mapping": '{"name": "NAME", "mobile": "CELL", "email": "MAIL"}', "normalise": '["width", "spaces", "case", "phone"]'}
        rows = imports.judged(state, {**ready, "match_keys": '["mobile", "email"]'})
        exact = imports.judged(state, {**ready, "normalise": "[]", "match_keys": '["mobile", "email"]'})
    counts = Counter(each.reason or each.outcome for each in rows)
    repeats = planted.expected["repeats"]
    assert counts == {"imported": 376 - repeats, "repeat": repeats, "known": 70, "no-channel": 12, "staff": 7, "supplier": 5}
    assert 52 <= repeats <= 60
    assert 36 <= sum(bool(each.left_out) for each in rows) <= 40
    assert Counter(each.reason for each in exact)["repeat"] < repeats / 4
