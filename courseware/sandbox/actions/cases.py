"""Verbs on cases, outside and inside the firm. Every change leaves a row in the history of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.accounts import at_work
from courseware.sandbox.actions.work import write_down
from courseware.sandbox.state import Row
from courseware.sandbox.verbs import Argument, Desk, done, verb

_ABOUT = ("body", "account_id", "contact_id", "asset_id", "urgency", "channel", "owner_id", "dept_id", "requester_employee_id", "requester_dept_id", "due_at")


@verb(
    "case.create",
    Argument("subject", "cases.subject", required=True), Argument("type", "cases.type", required=True), *(Argument(name, f"cases.{name}") for name in _ABOUT),
    label=message("Open a case"), minutes=3, everyday=True, makes="cases",
)  # fmt: skip
def create(desk: Desk, given: Mapping[str, Any]) -> int:
    at_work(desk, given.get("owner_id"))
    return desk.state.insert("cases", {**given, "no": desk.state.next_number("cases"), "status": "new", "opened_at": desk.at, "reopened_count": 0})


@verb(
    "case.assign",
    Argument("owner_id", "cases.owner_id"), Argument("dept_id", "cases.dept_id"),
    label=message("Assign or pass on"), minutes=2, everyday=True, on="cases", edits=True, help=message("The case stays open: who passes it on has not solved it."),
)  # fmt: skip
def assign(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    owner, dept = given.get("owner_id"), given.get("dept_id")
    if owner is None and dept is None:
        raise Invalid(message("Name a colleague, a department or both."), "owner_id")
    at_work(desk, owner)
    if owner is not None and dept is None:
        dept = desk.record("employees", owner)["dept_id"]
    if owner is not None and dept is not None and desk.record("employees", owner)["dept_id"] != dept:
        raise Invalid(message("This colleague works in another department. Choose the two that belong together."), "owner_id")
    changed = set_fields(desk, case, owner_id=owner, dept_id=dept, status="open" if case["status"] in ("new", "resolved") else case["status"])
    return done(case["id"], changed)


@verb(
    "case.classify",
    Argument("internal_customer", "cases.internal_customer"), Argument("internal_customer_kind", "cases.internal_customer_kind"),
    Argument("type", "cases.type"), Argument("urgency", "cases.urgency"), Argument("severity", "cases.severity"), Argument("priority", "cases.priority"),
    Argument("reason_code", "cases.reason_code"),
    label=message("Classify the case"), minutes=1, everyday=True, on="cases", edits=True,
)  # fmt: skip
def classify(desk: Desk, given: Mapping[str, Any]) -> int:
    case = desk.record("cases", given["record"])
    values = {name: value for name, value in given.items() if name != "record"}
    return done(case["id"], set_fields(desk, case, **values))


@verb(
    "case.reply",
    Argument("text", type="long_text", label=message("Answer"), required=True), Argument("channel", "cases.channel"),
    Argument("waiting", type="bool", label=message("The other side has the next step now")),
    label=message("Reply"), minutes=5, everyday=True, on="cases", final=True,
)  # fmt: skip
def reply(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    kind = {"phone": "call", "chat": "chat", "counter": "counter"}.get(given.get("channel") or "", "email")
    direction = "internal" if case["type"] == "internal" else "out"
    write_in_case(desk, case, kind=kind, direction=direction, subject=case["subject"], body=given["text"], purpose="service")
    status = "waiting" if given.get("waiting") else "open"
    set_fields(desk, case, first_response_at=case["first_response_at"] or desk.at, status=case["status"] if case["status"] == "resolved" else status)
    return int(case["id"])


@verb("case.set_due", Argument("due_at", "cases.due_at", required=True), label=message("Set when it is due"), minutes=1, on="cases", edits=True)
def set_due(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    if given["due_at"] <= desk.at:
        raise Invalid(message("That time has passed; it is %(now)s now.", now=desk.at), "due_at")
    return done(case["id"], set_fields(desk, case, due_at=given["due_at"]))


@verb(
    "case.resolve",
    Argument("remedy_given", "cases.remedy_given", required=True), Argument("effort_min", "cases.effort_min"), Argument("root_cause", "cases.root_cause"),
    label=message("Mark as solved"), minutes=3, everyday=True, on="cases", help=message("Solved is what you say; closed it is when the other side has it."),
)  # fmt: skip
def resolve(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    if case["status"] == "resolved":
        raise Refused(message("The case is marked as solved already."))
    values = {name: value for name, value in given.items() if name != "record" and value is not None}
    return done(case["id"], set_fields(desk, case, status="resolved", resolved_at=desk.at, **values))


@verb("case.close", Argument("status_reason", "cases.status_reason"), label=message("Close the case"), minutes=1, everyday=True, on="cases", bulk=True)
def close(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    values = {"status_reason": given["status_reason"]} if given.get("status_reason") else {}
    return done(case["id"], set_fields(desk, case, status="closed", closed_at=desk.at, **values))


@verb(
    "case.request_score", label=message("Ask the other side for a score"), minutes=1, on="cases", final=True,
    help=message("Who received the work says how good it was. The answer comes later: move time on."),
)  # fmt: skip
def request_score(desk: Desk, given: Mapping[str, Any]) -> int:
    case = desk.record("cases", given["record"])
    if case["status"] not in ("resolved", "closed"):
        raise Refused(message("Ask for a score when the case is solved; it is %(status)s.", status=case["status"]))
    if case["score_requested_at"] is not None:
        raise Refused(message("The score was asked for already, on %(at)s.", at=case["score_requested_at"]))
    return done(case["id"], set_fields(desk, case, score_requested_at=desk.at))


@verb(
    "case.score",
    Argument("score", type="choice", label=message("Score, 5 is best"), required=True, choices={str(score): message(str(score)) for score in range(1, 6)}),
    label=message("Enter a score"), minutes=1, on="cases",
)  # fmt: skip
def score(desk: Desk, given: Mapping[str, Any]) -> int:
    case = desk.record("cases", given["record"])
    return done(case["id"], set_fields(desk, case, requester_score=int(given["score"]), scored_by_id=desk.by, scored_at=desk.at))


@verb("case.confirm", label=message("Confirm that it is solved"), minutes=1, on="cases", help=message("For the side that asked; in a scenario it does so when time moves on."))
def confirm(desk: Desk, given: Mapping[str, Any]) -> int:
    case = desk.record("cases", given["record"])
    if case["status"] != "resolved":
        raise Refused(message("Only a case that is marked as solved can be confirmed."))
    return done(case["id"], set_fields(desk, case, customer_confirmed_at=desk.at))


def unclosed(desk: Desk, given: Mapping[str, Any]) -> Row:
    """Give a case that can still be worked on."""
    case = desk.record("cases", given["record"])
    if case["status"] == "closed":
        raise Refused(message("The case is closed. Nothing can be done on it any more."))
    return case


def write_in_case(desk: Desk, case: Row, **row: Any) -> int:
    """Add an interaction of the person acting about a case, now."""
    return write_down(desk, account_id=case["account_id"], contact_id=case["contact_id"], case_id=case["id"], **row)


def set_fields(desk: Desk, case: Row, **values: Any) -> bool:
    """Change fields of a case and write each into its history."""
    old = {name: case[name] for name in values if case[name] != values[name]}
    changed = desk.state.update("cases", case["id"], **values)
    for name, before in old.items():
        desk.state.insert("case_history", {"case_id": case["id"], "at": desk.at, "by_id": desk.by, "field": name, "old": _shown(before), "new": _shown(values[name])})
    return changed


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)[:400].replace("\n", " ")
