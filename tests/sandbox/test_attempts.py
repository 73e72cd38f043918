"""The writes of the sandbox on both engines: one open attempt, append-only journal, hints with a price, one hand-in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from courseware.errors import Invalid, Refused
from courseware.sandbox import attempts
from courseware.sandbox.models import CheckRun, HintOpened, JournalEntry, SandboxAttempt
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State
from courseware.sandbox.tables import Tables

NOW = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)


def begin(session: Session, person: int, scenario: Scenario | None, state: State, **more: Any) -> SandboxAttempt:
    given: dict[str, Any] = {"base_identity": "base", "revision_id": 1, "seed": 3, "language": "en", "now": NOW, **more}
    return attempts.start(session, person_id=person, scenario=scenario, state=state, **given)


@pytest.fixture
def attempt(session: Session, lin: int, scenario: Scenario, at_work: State) -> SandboxAttempt:
    return begin(session, lin, scenario, at_work)


def test_starting_twice_gives_the_open_attempt(session: Session, lin: int, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    assert begin(session, lin, scenario, at_work, seed=99).id == attempt.id
    assert attempts.paper_at(attempt).seed == 3
    assert begin(session, lin, None, at_work).scenario == ""
    assert begin(session, lin, None, at_work).id == begin(session, lin, None, at_work).id


def test_going_back_to_a_step_takes_back_all_after_it(session: Session, attempt: SandboxAttempt, scenario: Scenario, at_work: State) -> None:
    for number in range(4):
        attempts.act(session, attempt, scenario=scenario, state=at_work, verb="task.create", arguments={"kind": "call", "subject": f"Call {number}"}, now=NOW)
    assert attempts.rewind(session, attempt, to=2, now=NOW) == 2
    journal = attempts.journal_of(session, attempt)
    assert [entry.no for entry in journal.effective()] == [1, 2]
    assert [entry.undoes for entry in journal.entries] == [None] * 4 + [4, 3]
    with pytest.raises(Refused):
        attempts.rewind(session, attempt, to=2, now=NOW)


def test_going_back_past_what_was_sent_takes_nothing_back(session: Session, lin: int, at_work: State, tables: Tables) -> None:
    attempt = begin(session, lin, None, at_work)
    case = at_work.query("SELECT id FROM cases WHERE status = 'open' AND contact_id IS NOT NULL ORDER BY id DESC LIMIT 1")[0]["id"]
    for verb, arguments in (("case.reply", {"record": case, "text": "Coming.", "channel": "email"}), ("task.create", {"kind": "call", "subject": "Call"})):
        attempts.act(session, attempt, scenario=None, state=at_work, verb=verb, arguments=arguments, now=NOW)
    with pytest.raises(Refused):
        attempts.rewind(session, attempt, to=0, now=NOW)
    assert len(attempts.journal_of(session, attempt).effective()) == 2


def test_a_known_journal_is_followed_by_what_came_since_and_equals_one_read_whole(session: Session, attempt: SandboxAttempt, scenario: Scenario, at_work: State) -> None:
    known = attempts.journal_of(session, attempt)
    assert known.newest == 0
    for number in range(3):
        attempts.act(session, attempt, scenario=scenario, state=at_work, verb="task.create", arguments={"kind": "call", "subject": f"Call {number}"}, now=NOW)
        followed = attempts.journal_of(session, attempt, known)
        assert followed == attempts.journal_of(session, attempt)
        assert all(before is after for before, after in zip(known.entries, followed.entries, strict=False)), "nothing is read twice"
        known = followed
    attempts.undo(session, attempt, now=NOW)
    known = attempts.journal_of(session, attempt, known)
    assert (known.newest, len(known.effective())) == (4, 2)
    attempts.reset(session, attempt, now=NOW)
    begun = attempts.journal_of(session, attempt)
    attempts.act(session, attempt, scenario=scenario, state=at_work, verb="task.create", arguments={"kind": "call", "subject": "Again"}, now=NOW)
    assert attempts.journal_of(session, attempt, begun) == attempts.journal_of(session, attempt) != begun


def test_the_database_itself_refuses_a_second_open_attempt(session: Session, attempt: SandboxAttempt) -> None:
    twin = SandboxAttempt(person_id=attempt.person_id, scenario=attempt.scenario, number=2, revision_id=1, paper=attempt.paper, status="draft", epoch=1, started_at=NOW)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(twin)


def test_what_was_planted_is_entry_nought_and_never_made_again(session: Session, attempt: SandboxAttempt) -> None:
    entry = session.scalars(select(JournalEntry).where(JournalEntry.attempt_id == attempt.id)).one()
    assert (entry.epoch, entry.no, entry.verb) == (0, 0, "plant")
    assert len(attempts.journal_of(session, attempt).plant) == len(entry.changes) > 20


def test_an_action_is_appended_and_seen_by_the_next(session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    acted = attempts.act(session, attempt, scenario=scenario, state=at_work, verb="account.create", arguments={"name": "n", "kind": "customer"}, now=NOW)
    assert acted.record is not None
    account = acted.record[1]
    attempts.act(session, attempt, scenario=scenario, state=at_work, verb="account.assign", arguments={"record": account, "owner_id": 15}, now=NOW)
    journal = attempts.journal_of(session, attempt)
    assert [entry.no for entry in journal.entries] == [1, 2]
    with at_work.applied(journal.changes()):
        assert at_work.get("accounts", account)["owner_id"] == 15
    assert at_work.get("accounts", account) is None


def test_a_refused_action_leaves_no_trace(session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    with pytest.raises(Invalid):
        attempts.act(session, attempt, scenario=scenario, state=at_work, verb="account.create", arguments={"name": "n"}, now=NOW)
    assert attempts.journal_of(session, attempt).entries == ()


def test_undo_and_reset_destroy_nothing(session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    attempts.act(session, attempt, scenario=scenario, state=at_work, verb="account.set_kind", arguments={"record": 1, "kind": "supplier"}, now=NOW)
    assert attempts.undo(session, attempt, now=NOW).undoes == 1
    attempts.reset(session, attempt, now=NOW)
    journal = attempts.journal_of(session, attempt)
    assert (attempt.epoch, journal.effective(), journal.clock("")) == (2, (), scenario.start)
    assert len(journal.plant) > 20
    acted = attempts.act(session, attempt, scenario=scenario, state=at_work, verb="account.set_kind", arguments={"record": 1, "kind": "supplier"}, now=NOW)
    assert acted.entries[0].no == 1
    assert session.scalar(select(func.count()).where(JournalEntry.attempt_id == attempt.id)) == 5


def test_a_reference_played_is_passed_at_hand_in_and_handed_in_once(session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    attempts.play_script(session, attempt, scenario=scenario, state=at_work, script=scenario.reference, now=NOW)
    run = attempts.hand_in(session, attempt, scenario=scenario, state=at_work, now=NOW)
    assert (run.passed, run.points, run.weight, run.is_final, attempt.status) == (True, 12, 12, True, "released")
    assert attempts.hand_in(session, attempt, scenario=scenario, state=at_work, now=NOW).id == run.id
    assert [finding.passed for finding in attempts.findings_of(run)] == [True] * 9
    assert {line.label for line in attempts.diff_of(run)} == {"needed", "allowed"}
    for write in (attempts.undo, attempts.reset):
        with pytest.raises(Refused, match="handed in"):
            write(session, attempt, now=NOW)
    assert begin(session, attempt.person_id, scenario, at_work).number == 2


def test_hints_open_in_order_cost_what_was_said_and_lower_the_points(session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    with pytest.raises(Refused, match="Check your work first"):
        attempts.open_hint(session, attempt, check_id="linked", now=NOW)
    attempts.check(session, attempt, scenario=scenario, state=at_work, now=NOW)
    opened = [attempts.open_hint(session, attempt, check_id="linked", now=NOW) for _ in range(3)]
    assert [(hint.rung, hint.cost) for hint in opened] == [("where", 0.2), ("field", 0.4), ("expected", 0.8)]
    with pytest.raises(Refused, match="All hints"):
        attempts.open_hint(session, attempt, check_id="linked", now=NOW)
    attempts.play_script(session, attempt, scenario=scenario, state=at_work, script=scenario.reference, now=NOW)
    run = attempts.hand_in(session, attempt, scenario=scenario, state=at_work, now=NOW)
    assert run.passed
    assert run.points == pytest.approx(12 - 1.4)


def test_after_the_third_check_hints_are_open_and_free(session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    for _ in range(3):
        attempts.check(session, attempt, scenario=scenario, state=at_work, now=NOW)
    with pytest.raises(Refused, match="open already"):
        attempts.open_hint(session, attempt, check_id="linked", now=NOW)
    assert session.scalar(select(func.count()).select_from(HintOpened)) == 0
    assert session.scalar(select(func.count()).where(CheckRun.attempt_id == attempt.id)) == 3


def test_work_that_would_pass_still_pays_for_its_hints_until_it_is_handed_in(session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    attempts.play_script(session, attempt, scenario=scenario, state=at_work, script=scenario.reference[:-1], now=NOW)
    run = attempts.check(session, attempt, scenario=scenario, state=at_work, now=NOW)
    [missing] = [finding.check for finding in attempts.findings_of(run) if not finding.passed]
    assert run.passed
    assert attempts.open_hint(session, attempt, check_id=missing, now=NOW).cost > 0
    attempts.play_script(session, attempt, scenario=scenario, state=at_work, script=scenario.reference[-1:], now=NOW)
    assert attempts.check(session, attempt, scenario=scenario, state=at_work, now=NOW).points < run.weight


def test_looks_are_kept_only_where_a_check_names_them(session: Session, scenario: Scenario, attempt: SandboxAttempt) -> None:
    attempts.look(session, attempt, scenario=scenario, look="look.record", arguments={"table": "orders", "record": 1}, now=NOW)
    assert attempts.journal_of(session, attempt).entries == ()


def test_a_check_writes_nothing_into_the_work(session: Session, scenario: Scenario, at_work: State, attempt: SandboxAttempt) -> None:
    run = attempts.check(session, attempt, scenario=scenario, state=at_work, now=NOW)
    assert (run.passed, run.number, run.journal_no, run.is_final) == (False, 1, 0, False)
    assert attempts.journal_of(session, attempt).entries == ()
    assert attempt.status == "draft"


def test_free_practice_lets_the_learner_play_somebody(session: Session, lin: int, at_work: State) -> None:
    practice = begin(session, lin, None, at_work)
    acted = attempts.act(session, practice, scenario=None, state=at_work, verb="interaction.log", arguments={"kind": "note", "subject": "s"}, now=NOW)
    assert acted.entries[0].changes[0].after is not None
    assert acted.entries[0].changes[0].after["employee_id"] == attempts.paper_at(practice).me


def test_a_bulk_action_is_done_to_all_or_to_none_and_taken_back_as_one(session: Session, lin: int, at_work: State) -> None:
    attempt = begin(session, lin, None, at_work)
    tasks = [row["id"] for row in at_work.query("SELECT id FROM tasks WHERE status = 'open' ORDER BY id LIMIT 3")]
    done = {"scenario": None, "state": at_work, "verb": "task.complete", "arguments": {}, "now": NOW}
    attempts.act_on_all(session, attempt, records=tasks[:2], **done)
    with pytest.raises(Refused, match="nothing was done"):
        attempts.act_on_all(session, attempt, records=tasks, **done)
    assert [(entry.verb, entry.record) for entry in attempts.journal_of(session, attempt).effective()] == [("task.complete", id) for id in tasks[:2]]
    attempts.undo(session, attempt, now=NOW)
    assert attempts.journal_of(session, attempt).effective() == ()


def test_going_back_into_a_bulk_takes_all_of_it_back_and_never_more(session: Session, attempt: SandboxAttempt, scenario: Scenario, at_work: State) -> None:
    tasks = [row["id"] for row in at_work.query("SELECT id FROM tasks WHERE status = 'open' ORDER BY id LIMIT 2")]
    attempts.act(session, attempt, scenario=scenario, state=at_work, verb="task.create", arguments={"kind": "call", "subject": "Call"}, now=NOW)
    attempts.act_on_all(session, attempt, scenario=scenario, state=at_work, verb="task.complete", arguments={}, records=tasks, now=NOW)
    assert attempts.rewind(session, attempt, to=2, now=NOW) == 2
    assert [entry.verb for entry in attempts.journal_of(session, attempt).effective()] == ["task.create"]


def test_one_record_is_put_back_and_the_journal_tells_of_it(session: Session, attempt: SandboxAttempt, scenario: Scenario, at_work: State, tables: Tables) -> None:
    for id in (12, 13):
        attempts.act(session, attempt, scenario=scenario, state=at_work, verb="contact.update", arguments={"record": id, "title": "Buyer"}, now=NOW)
    attempts.put_back(session, attempt, tables=tables, record=("contacts", 12), now=NOW)
    journal = attempts.journal_of(session, attempt)
    assert [entry.record for entry in journal.effective()] == [13]
    assert [entry.undoes for entry in journal.entries] == [None, None, 1]
