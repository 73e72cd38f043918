"""Every kind of check keeps the contract, and the rules of each kind."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from courseware.i18n import Text
from courseware.sandbox.checks import CHECKS
from courseware.sandbox.findings import Context, Finding, find
from courseware.sandbox.journal import Journal, Paper, undo_entry
from courseware.sandbox.play import FINAL, Rules, perform, scope_of
from courseware.sandbox.scenario_files import Question
from courseware.sandbox.state import State

TEXT = {"en": "{held} of {of}: {values}", "zh": "{held}/{of}：{values}"}
COMMON = {"id": "c", "weight": 2, "objective": "A1", "title": TEXT | {"en": "t", "zh": "t"}, "area": {"en": "a"}, "found": TEXT, "teaching": {"en": "why"}}
QUESTIONS = {
    "word": Question(key="word", type="choice", text=Text({"en": "Which?"}), choices={"right": Text({"en": "R"}), "wrong": Text({"en": "W"})}),
    "sum": Question(key="sum", type="number", text=Text({"en": "How much?"})),
    "two": Question(key="two", type="choices", text=Text({"en": "Which two?"}), choices={id: Text({"en": id}) for id in "abc"}),
}  # fmt: skip


class Work:
    """A learner at work on the tiny firm."""

    def __init__(self, state: State, paper: Paper) -> None:
        self.state, self.paper, self.journal = state, paper, Journal()

    def do(self, verb: str, **arguments: Any) -> None:
        self.journal = self.journal.added(*perform(self.state, self.paper, self.journal, Rules(QUESTIONS), verb, arguments))

    def undo(self) -> None:
        entry = undo_entry(self.journal, FINAL)
        self.state.put(entry.changes)
        self.journal = self.journal.added(entry)

    def find(self, kind: str, find_names: dict[str, Any] | None = None, **fields: Any) -> Finding:
        spec = CHECKS[kind].spec.model_validate({**COMMON, "kind": kind, **fields})
        return find(spec, Context(scope_of(self.state, self.paper, self.journal, find_names), self.journal, self.paper, QUESTIONS))


@pytest.fixture
def work(state: State, paper: Paper) -> Work:
    return Work(state, paper)


@pytest.mark.parametrize("name", CHECKS)
def test_a_kind_brings_an_example_that_is_read_and_found(name: str, work: Work) -> None:
    found = work.find(name, **CHECKS[name].example)
    assert found.kind == name
    assert (found.teaching is None) == found.passed
    assert 0 <= found.fraction <= 1
    assert Finding.from_json(found.to_json()) == found


@pytest.mark.parametrize("name", CHECKS)
def test_a_kind_refuses_unknown_fields(name: str) -> None:
    with pytest.raises(ValidationError, match="nonsense"):
        CHECKS[name].spec.model_validate({**COMMON, "kind": name, **CHECKS[name].example, "nonsense": 1})


@pytest.mark.parametrize("kind", ["state"])
@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("customer", True), ("Ｃustomer ", True), (["dealer", "customer"], True), ({"not": "dealer"}, True), ({"filled": True}, True), ({"empty": True}, False),
        ({"has": "custom"}, True), ({"lacks": ["tom"]}, False), ({"has_any": {"en": ["x"], "zh": ["cust"]}}, True), ({"empty": False, "not": ["a", "b"]}, True),
    ],
)  # fmt: skip
def test_conditions_compare_as_people_do(work: Work, kind: str, condition: Any, holds: bool) -> None:
    assert work.find(kind, expect=[{"rows": {"table": "accounts", "where": {"id": 1}}, "has": {"kind": condition}}]).passed is holds


def test_a_state_check_names_row_field_and_value_only_in_its_rungs(work: Work) -> None:
    found = work.find("state", expect=[{"rows": {"table": "accounts", "where": {"no": "A-2002"}}, "has": {"owner_id": "$me", "kind": "dealer"}}])
    assert not found.passed
    assert found.found.to("en") == "0 of 1: empty"
    assert found.where.to("en") == "A-2002 Other"
    assert found.field.to("zh") == "负责人"
    assert found.expected.to("en") == "Owner: E-002 Xu Wei"
    assert found.record == ("accounts", 2)


def test_a_state_check_may_ask_for_most_and_give_part(work: Work) -> None:
    expect = [{"repeat": {"each": "n", "in": [1, 2]}, "rows": {"table": "accounts", "where": {"id": "= n"}}, "has": {"kind": "customer"}}]
    assert work.find("state", expect=expect, least=1).passed
    assert work.find("state", expect=expect, partial=True).fraction == 0.5
    assert work.find("state", expect=expect).fraction == 0


def test_numbers_of_telephones_are_compared_by_their_digits(work: Work) -> None:
    rows = {"table": "contacts", "where": {"digits(mobile)": "138-0000-2041"}}
    assert work.find("state", expect=[{"rows": rows, "count": 2}]).passed
    work.do("contact.create", name="n", mobile="86 138 0000 2041")
    assert work.find("state", expect=[{"rows": {**rows, "made": True}, "count": 1}]).passed
    assert work.find("state", expect=[{"rows": {**rows, "made": False}, "count": 2}]).passed


def test_a_name_that_finds_nothing_never_holds(work: Work) -> None:
    names = {"new": {"table": "accounts", "where": {}, "made": True}}
    expect = [{"rows": {"table": "contacts", "where": {"id": 1}}, "has": {"account_id": "$new"}}]
    assert not work.find("state", names, expect=expect).passed
    work.do("account.create", name="n", kind="customer")
    work.do("contact.update", record=1, account_id=100_001)
    assert work.find("state", names, expect=expect).passed


def test_an_answer_knows_its_tolerance_and_its_wrong_paths(work: Work) -> None:
    fields: dict[str, Any] = {"question": "sum", "expected": "= 100 / 3", "tolerance": 1, "wrong": [{"value": 300, "teach": {"en": "divide"}}]}
    assert work.find("answer", **fields).found.to("en") == "0 of 1: no answer yet"
    work.do("answer.give", key="sum", value="300")
    teaching = work.find("answer", **fields).teaching
    assert teaching is not None
    assert teaching.to("en") == "divide"
    work.do("answer.give", key="sum", value="¥ 34.3")
    assert work.find("answer", **fields).passed
    assert work.find("answer", question="sum", expected=34, percent=1).passed
    assert not work.find("answer", question="sum", expected=34, percent=0.5).passed
    work.do("answer.give", key="two", value=["c", "a"])
    assert work.find("answer", question="two", expected=["a", "c"]).passed


def test_order_can_ask_for_the_very_values_that_an_action_wrote(work: Work) -> None:
    wrote = {"sets": {"table": "contacts", "columns": ["email"], "has": {"email": "new@right.example"}}}
    rule: dict[str, Any] = {"every": {"verb": "contact.record_consent"}, "after": wrote}
    work.do("contact.update", record=1, email="other@right.example")
    work.do("contact.record_consent", record=1, channel="sms", answer="yes", source="call")
    assert not work.find("order", **rule).passed
    work.undo()
    work.do("contact.update", record=1, email="new@right.example")
    work.do("contact.record_consent", record=1, channel="sms", answer="yes", source="call")
    assert work.find("order", **rule).passed


def test_order_is_judged_on_the_same_record_and_without_what_was_undone(work: Work) -> None:
    rule: dict[str, Any] = {
        "every": {"sets": {"table": "contacts", "columns": ["title"]}}, "after": {"verb": "contact.record_consent"}, "same_record": True,
    }  # fmt: skip
    assert not work.find("order", **rule).passed  # nothing was asked yet
    work.do("contact.update", record=1, title="Buyer")
    work.do("contact.record_consent", record=1, channel="sms", answer="yes", source="call")
    assert not work.find("order", **rule).passed
    work.undo()
    work.undo()
    work.do("contact.record_consent", record=1, channel="sms", answer="yes", source="call")
    work.do("contact.update", record=1, title="Buyer")
    assert work.find("order", **rule).passed
    work.do("contact.update", record=3, title="Buyer")
    found = work.find("order", **rule)
    assert not found.passed
    assert "C-3003" in found.where.to("en")
    assert found.field.to("en") == "Record consent or refusal", "as the button says it"
    assert found.field.to("zh") != found.field.to("en")


def test_order_may_ask_for_haste_and_for_nothing_between(work: Work) -> None:
    pair: dict[str, Any] = {"every": {"verb": "case.close"}, "after": {"verb": "case.resolve"}}
    work.do("case.resolve", record=1, remedy_given="done")
    work.do("time.forward", minutes="30")
    work.do("case.close", record=1)
    assert work.find("order", **pair, within=60).passed
    assert not work.find("order", **pair, within=20).passed
    assert not work.find("order", **pair, unless={"verb": "time.forward"}).passed


def test_order_may_want_one_of_each_before_and_a_whole_chain(work: Work) -> None:
    chain = {"steps": [{"verb": "case.reply"}, {"verb": "case.resolve"}, {"verb": "case.close"}], "same_record": True}
    both = {"every": {"verb": "case.close"}, "after": [{"verb": "case.reply"}, {"verb": "case.set_due"}]}
    work.do("case.resolve", record=1, remedy_given="done")
    work.do("case.reply", record=1, text="Done")
    work.do("case.close", record=1)
    assert not work.find("order", **chain).passed  # solved before a word was said
    assert not work.find("order", **both).passed  # no due time
    work.undo()
    work.do("case.set_due", record=1, due_at="2026-03-18 10:00")
    work.do("case.close", record=1)
    assert work.find("order", **both).passed
    with pytest.raises(ValidationError, match="either"):
        work.find("order", **chain, every={"verb": "case.close"}, after={"verb": "case.reply"})


def test_a_guard_sees_touched_rows_and_forbidden_actions(work: Work) -> None:
    still: dict[str, Any] = {"unchanged": [{"table": "accounts", "columns": ["segment"], "except": ["$spared"]}]}
    names = {"spared": {"table": "accounts", "where": {"id": 1}}}
    work.do("account.update", record=1, segment="C")
    work.do("account.update", record=2, city="Other")
    assert work.find("guard", names, **still).passed
    work.do("account.update", record=2, segment="C")
    found = work.find("guard", names, **still)
    assert not found.passed
    assert found.expected.to("en") == "Segment: B, as it was"
    assert not work.find("guard", forbidden=[{"verb": "account.update", "on": {"table": "accounts", "where": {"id": 2}}}]).passed
    assert work.find("guard", forbidden=[{"verb": "account.assign"}]).passed


def test_a_guard_may_need_that_something_was_done_at_all(work: Work) -> None:
    clause: dict[str, Any] = {"forbidden": [{"verb": "case.score"}], "needs": [{"table": "accounts", "made": True}]}
    assert not work.find("guard", **clause).passed
    work.do("account.create", name="n", kind="customer")
    assert work.find("guard", **clause).passed


def test_a_text_is_searched_for_words_and_numbers(work: Work) -> None:
    fields: dict[str, Any] = {
        "of": [{"table": "interactions", "made": True}], "columns": ["body", "form"], "need": [{"en": ["refund"], "zh": ["退款"]}], "numbers": [1250], "forbid": ["hospital"],
    }  # fmt: skip
    assert not work.find("text", **fields).passed
    work.do("interaction.log", kind="note", subject="s", body="We ＲＥＦＵＮＤ", form='{"amount": "1,250.00 yuan"}')
    assert work.find("text", **fields).passed
    work.do("interaction.log", kind="note", subject="s", body="Was in HOSPITAL")
    found = work.find("text", **fields)
    assert not found.passed
    assert "hospital" in found.found.to("en")


def test_fields_of_a_form_are_read(work: Work) -> None:
    work.do("interaction.log", kind="note", subject="s", form='{"kind": "function"}')
    asked: dict[str, Any] = {"of": [{"table": "interactions", "made": True}], "columns": ["form"]}
    assert work.find("text", **asked, form={"kind": ["function", "process"]}).passed
    assert not work.find("text", **asked, form={"owner": {"filled": True}}).passed


def test_a_text_says_where_it_stands_and_what_is_asked_in_the_words_of_its_form(work: Work) -> None:
    asked: dict[str, Any] = {"of": [{"table": "interactions", "made": True}], "columns": ["form"], "form": {"apology": "ours", "cause": {"not": "load"}}}
    found = work.find("text", **asked)
    assert found.where.to("en") == "nothing of the kind has been written yet (Interactions)"
    assert found.expected.to("en").startswith("Apology: We did not answer. That is our fault, and we are sorry.; ")
    assert "Cause that the answer names: not There were too many inquiries." in found.expected.to("en")
    assert "load" not in found.expected.to("zh")
    work.do("interaction.log", kind="note", subject="A short word", form='{"apology": "none"}')
    found = work.find("text", **asked)
    assert found.where.to("zh").endswith("A short word")
    assert found.field.to("en") == "Apology"
    assert found.record is not None
    words = work.find("text", of=asked["of"], columns=["body"], need=[{"en": ["refund"], "zh": ["退款"]}])
    assert words.where.to("en").endswith("A short word")
    assert words.field.to("en")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("state", {"expect": [{"rows": {"table": "tasks", "where": {"subject": "Secret"}}}]}),
        ("unique", {"of": [{"table": "tasks", "where": {"subject": "Secret"}}]}),
    ],
)
def test_a_missing_record_is_named_by_its_kind_alone(work: Work, kind: str, fields: dict[str, Any]) -> None:
    found = work.find(kind, **fields)
    assert (found.passed, found.where["en"], found.where["zh"]) == (False, "Tasks: no such record yet", "任务：还没有这样的记录")
