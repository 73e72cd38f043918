"""Verbs on what surrounds the records: service agreements, notes of a contact, tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.accounts import at_work
from courseware.sandbox.journal import later, minutes_between
from courseware.sandbox.state import Row
from courseware.sandbox.verbs import Argument, Desk, verb

SERVICE = "服务 service"  # the purpose of a task that sells nothing, alike in every language
_TERMS = ("name", "response_h", "resolve_h", "hours", "escalation_id", "review_on")
_NOTE = ("body", "direction", "account_id", "contact_id", "case_id", "order_id", "purpose", "form")
_TASK = ("purpose", "account_id", "contact_id", "case_id", "owner_id", "start_at", "due_at")


@verb(
    "agreement.save",
    Argument("provider_dept_id", "internal_agreements.provider_dept_id", required=True),
    Argument("customer_dept_id", "internal_agreements.customer_dept_id", required=True),
    *(Argument(name, f"internal_agreements.{name}") for name in _TERMS),
    label=message("Write a service agreement"), minutes=5, fills="internal_agreements", makes="internal_agreements",
    help=message("Between one department that serves and one that is served. A draft of the two is filled in, otherwise a new one is made."),
)  # fmt: skip
def save_agreement(desk: Desk, given: Mapping[str, Any]) -> int:
    provider, customer = given["provider_dept_id"], given["customer_dept_id"]
    if provider == customer:
        raise Invalid(message("A department makes no agreement with itself."), "customer_dept_id")
    values = {name: given[name] for name in _TERMS if given.get(name) is not None}
    _check_terms(desk, values)
    found = desk.state.rows("internal_agreements", provider_dept_id=provider, customer_dept_id=customer)
    standing = next((row for row in reversed(found) if row["status"] != "ended"), None)
    if standing is None:
        names = [desk.record("departments", id)["name"] for id in (provider, customer)]
        row = {"name": " – ".join(names), **values, "provider_dept_id": provider, "customer_dept_id": customer}
        return desk.state.insert("internal_agreements", {**row, "no": desk.state.next_number("internal_agreements"), "status": "agreed", "agreed_at": desk.at})
    desk.change("internal_agreements", standing["id"], **values)
    desk.state.update("internal_agreements", standing["id"], status="agreed", agreed_at=desk.at)
    return int(standing["id"])


def _check_terms(desk: Desk, values: Mapping[str, Any]) -> None:
    response, resolve = values.get("response_h"), values.get("resolve_h")
    if any(hours is not None and hours <= 0 for hours in (response, resolve)):
        raise Invalid(message("Hours must be more than 0."), "response_h")
    if response is not None and resolve is not None and resolve < response:
        raise Invalid(message("The solution cannot be due before the first response."), "resolve_h")
    if values.get("review_on") and values["review_on"] <= desk.at[:10]:
        raise Invalid(message("The review must lie ahead; today is %(today)s.", today=desk.at[:10]), "review_on")
    at_work(desk, values.get("escalation_id"), "escalation_id")


@verb(
    "interaction.log",
    Argument("kind", "interactions.kind", required=True), Argument("subject", "interactions.subject", required=True),
    *(Argument(name, f"interactions.{name}") for name in _NOTE),
    label=message("Log a call or a note"), minutes=2, everyday=True, makes="interactions",
)  # fmt: skip
def log(desk: Desk, given: Mapping[str, Any]) -> int:
    return write_down(desk, **given)


def write_down(desk: Desk, **row: Any) -> int:
    """Add an interaction of the person acting, now."""
    return desk.state.insert("interactions", {"at": desk.at, "employee_id": desk.by, **row})


def save_brief(desk: Desk, kind: str, subject: str, fields: Mapping[str, Any]) -> int:
    """Keep a brief of the person acting; saving it again replaces what stood there. Raises Refused where nothing is different."""
    stored = json.dumps(fields)
    standing = next(iter(desk.state.rows("briefs", subject=subject, author_id=desk.by)), None)
    if standing is None:
        return desk.state.insert("briefs", {"kind": kind, "subject": subject, "author_id": desk.by, "fields": stored, "saved_at": desk.at})
    desk.change("briefs", standing["id"], fields=stored)
    desk.state.update("briefs", standing["id"], saved_at=desk.at)
    return int(standing["id"])


@verb(
    "task.create",
    Argument("kind", "tasks.kind", required=True), Argument("subject", "tasks.subject", required=True), *(Argument(name, f"tasks.{name}") for name in _TASK),
    label=message("Plan a task"), minutes=1, everyday=True, makes="tasks",
)  # fmt: skip
def create_task(desk: Desk, given: Mapping[str, Any]) -> int:
    if given.get("due_at") and given["due_at"] <= desk.at:
        raise Invalid(message("That time has passed; it is %(now)s now.", now=desk.at), "due_at")
    at_work(desk, given.get("owner_id"))
    return desk.state.insert("tasks", {"owner_id": desk.by, **given, "status": "open", "created_at": desk.at})


@verb("task.complete", label=message("Mark the task as done"), minutes=1, on="tasks", bulk=True)
def complete_task(desk: Desk, given: Mapping[str, Any]) -> int:
    task = _open_task(desk, given["record"])
    desk.state.update("tasks", task["id"], status="done", done_at=desk.at)
    return int(task["id"])


@verb(
    "task.postpone", Argument("start_at", "tasks.start_at", label=message("New start"), required=True),
    label=message("Postpone the task"), minutes=1, on="tasks",
)  # fmt: skip
def postpone_task(desk: Desk, given: Mapping[str, Any]) -> int:
    task, start = _open_task(desk, given["record"]), given["start_at"]
    if start <= max(desk.at, task["start_at"] or ""):
        raise Invalid(message("Choose a later time than now and than before."), "start_at")
    due = start if task["due_at"] is None or task["start_at"] is None else later(task["due_at"], int(minutes_between(task["start_at"], start)))
    desk.state.update("tasks", task["id"], start_at=start, due_at=due)
    return int(task["id"])


@verb(
    "task.turn_to_service", Argument("case_id", "tasks.case_id", required=True),
    label=message("Turn it into a service visit"), minutes=1, on="tasks", help=message("The appointment stays; it is now about this case, and nothing is offered."),
)  # fmt: skip
def turn_to_service(desk: Desk, given: Mapping[str, Any]) -> int:
    task, case = _open_task(desk, given["record"]), desk.record("cases", given["case_id"])
    if task["account_id"] is not None and case["account_id"] != task["account_id"]:
        raise Invalid(message("This case belongs to another account."), "case_id")
    desk.state.update("tasks", task["id"], kind="visit", purpose=SERVICE, case_id=case["id"])
    return int(task["id"])


def _open_task(desk: Desk, id: int) -> Row:
    task = desk.record("tasks", id)
    if task["status"] != "open":
        raise Refused(message("This task is not open any more."))
    return task
