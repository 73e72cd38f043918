"""Verbs on leads and on the rules that route them: answer, hand over, close, link a complaint; receive a form, let the alerts run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.accounts import at_work
from courseware.sandbox.actions.cases import set_fields, unclosed
from courseware.sandbox.actions.work import write_down
from courseware.sandbox.hours import working_hours
from courseware.sandbox.state import Row
from courseware.sandbox.verbs import Argument, Desk, done, verb

CLOSED = ("converted", "disqualified")
KINDS = {"phone": "call", "email": "email", "sms": "sms"}
REPLY_FORM = ("apology", "cause", "next_step", "person_id", "by_when")
FORM_FIELDS = ("name", "company", "mobile", "email", "need", "budget_band", "timeline_months", "product_family")
FIELDS = {
    "source": message("where it came from"),
    "product_family": message("product family"),
    "budget_band": message("budget"),
    "owner_here": message("the owner still works here (yes or no)"),
    "waiting_h": message("working hours without an answer"),
}


@verb(
    "lead.reply",
    Argument("text", type="long_text", label=message("Answer"), required=True),
    Argument("channel", type="choice", label=message("Channel"), choices={"email": message("e-mail"), "phone": message("phone"), "sms": message("text message")}),
    Argument("apology", type="choice", label=message("Apology"), choices={
        "ours": message("We did not answer. That is our fault, and we are sorry."),
        "if": message("We are sorry if you feel that you waited."),
        "none": message("No apology: the matter is taken up as if new."),
    }),
    Argument("cause", type="choice", label=message("Cause that the answer names"), choices={
        "no-owner": message("The form lay with a colleague who has left, and nobody else was told."),
        "load": message("There were too many inquiries."),
        "technical": message("The form was lost by a technical fault."),
        "customer": message("The form was not filled in correctly."),
    }),
    Argument("next_step", type="choice", label=message("What happens now"), choices={
        "call": message("A named colleague calls."),
        "wait": message("We look into it and get in touch."),
        "catalogue": message("The catalogue is enclosed."),
    }),
    Argument("person_id", type="ref", table="employees", label=message("Who does it")),
    Argument("by_when", type="datetime", label=message("By when")),
    label=message("Answer this lead"), minutes=5, keeps="interactions.form", everyday=True, on="leads", final=True,
    help=message("Text first; for somebody who has complained fill in every part."),
)  # fmt: skip
def reply(desk: Desk, given: Mapping[str, Any]) -> int:
    lead = open_lead(desk, given["record"])
    at_work(desk, given.get("person_id"), "person_id")
    if given.get("by_when") and given["by_when"] <= desk.at:
        raise Invalid(message("That time has passed; it is %(now)s now.", now=desk.at), "by_when")
    form = {name: given[name] for name in REPLY_FORM if given.get(name) is not None}
    _send(desk, lead, given["text"], given.get("channel") or "email", form)
    return int(lead["id"])


@verb(
    "lead.reply_all",
    Argument("text", type="long_text", label=message("Answer"), required=True),
    label=message("Send one answer to this colleague's queue of leads"), minutes=6, on="employees", final=True,
    help=message("It goes to every open lead of this colleague that has had no answer yet, the same text to all."),
)  # fmt: skip
def reply_all(desk: Desk, given: Mapping[str, Any]) -> int:
    waiting = [lead for lead in desk.state.rows("leads", owner_id=given["record"], first_response_at=None) if lead["status"] not in CLOSED]
    if not waiting:
        raise Refused(message("No open lead of this colleague is without an answer."))
    for lead in waiting:
        _send(desk, lead, given["text"], "email", {})
    return int(given["record"])


@verb("lead.assign", Argument("owner_id", "leads.owner_id", required=True), label=message("Give the lead to a colleague"), minutes=1, everyday=True, on="leads", edits=True)
def assign(desk: Desk, given: Mapping[str, Any]) -> int:
    lead = open_lead(desk, given["record"])
    at_work(desk, given["owner_id"])
    return desk.change("leads", lead["id"], owner_id=given["owner_id"])


@verb(
    "lead.reassign",
    Argument("to_id", "leads.owner_id", label=message("Goes to"), required=True),
    Argument("within_months", type="integer", label=message("Only those who buy within so many months"), help=message("Left empty, all open leads of the queue.")),
    label=message("Hand over this colleague's queue of leads"), minutes=2, on="employees",
)  # fmt: skip
def reassign(desk: Desk, given: Mapping[str, Any]) -> int:
    at_work(desk, given["to_id"], "to_id")
    most = given.get("within_months")
    meant = [
        lead for lead in desk.state.rows("leads", owner_id=given["record"])
        if lead["status"] not in CLOSED and (most is None or (lead["timeline_months"] is not None and lead["timeline_months"] <= most))
    ]  # fmt: skip
    if not meant or given["to_id"] == given["record"]:
        raise Refused(message("No open lead of this colleague would move."))
    for lead in meant:
        desk.state.update("leads", lead["id"], owner_id=given["to_id"])
    return int(given["record"])


@verb(
    "lead.close",
    Argument("disqualify_reason", "leads.disqualify_reason", required=True),
    label=message("Close the lead with a reason"), minutes=1, everyday=True, on="leads", bulk=True, help=message("No message is sent. A closed lead is not written to any more."),
)  # fmt: skip
def close(desk: Desk, given: Mapping[str, Any]) -> int:
    lead = open_lead(desk, given["record"])
    return desk.change("leads", lead["id"], status="disqualified", disqualify_reason=given["disqualify_reason"])


@verb(
    "lead.link_case", Argument("lead_id", "cases.lead_id", required=True),
    label=message("Take up the case and link it to a lead"), minutes=2, on="cases", help=message("It becomes yours and stands on the lead's page; the answer to the lead then counts for the case too."),
)  # fmt: skip
def link_case(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    status = "open" if case["status"] == "new" else case["status"]
    return done(case["id"], set_fields(desk, case, lead_id=given["lead_id"], owner_id=case["owner_id"] or desk.by, status=status))


_CONDITION = (
    Argument("field", type="choice", label=message("If"), required=True, choices=FIELDS),
    Argument("operator", "rules.operator", required=True),
    Argument("value", "rules.value", help=message("As the record holds it: web, printers, no, 4.")),
    Argument("then", type="choice", label=message("Then"), required=True, kept="target", choices={
        "assign": message("the lead goes to this colleague"), "alert": message("this colleague gets an alert"),
    }),
    Argument("employee_id", "rules.employee_id", label=message("Colleague"), required=True),
)  # fmt: skip


@verb(
    "rule.save", Argument("name", "rules.name", required=True), *_CONDITION,
    label=message("Save a routing rule"), minutes=3, makes="rules",
    help=message("Rules that assign run in their order when a form arrives, and the last that fits decides; rules that alert run every hour."),
)  # fmt: skip
def save_rule(desk: Desk, given: Mapping[str, Any]) -> int:
    values = _rule(desk, given)
    position = max((rule["position"] or 0 for rule in desk.state.rows("rules", kind="routing")), default=0) + 1
    return desk.state.insert("rules", {"name": given["name"], "kind": "routing", "position": position, **values, "active": True, "created_at": desk.at})


@verb("rule.change", *_CONDITION, label=message("Change the routing rule"), minutes=2, on="rules")
def change_rule(desk: Desk, given: Mapping[str, Any]) -> int:
    rule = desk.record("rules", given["record"])
    if rule["kind"] != "routing":
        raise Refused(message("This is no rule that routes."))
    return desk.change("rules", rule["id"], **_rule(desk, given))


@verb("rule.switch", Argument("active", "rules.active", required=True), label=message("Switch the rule on or off"), minutes=1, on="rules", edits=True)
def switch_rule(desk: Desk, given: Mapping[str, Any]) -> int:
    rule = desk.record("rules", given["record"])
    return desk.change("rules", rule["id"], active=given["active"])


@verb(
    "lead.receive",
    Argument("name", "leads.name", required=True), *(Argument(name, f"leads.{name}") for name in FORM_FIELDS if name != "name"),
    label=message("A web form comes in"), minutes=0, makes="leads", help=message("For the web site; in a scenario it happens on the second day. The routing rules decide who gets it."),
)  # fmt: skip
def receive(desk: Desk, given: Mapping[str, Any]) -> int:
    row = {**given, "no": desk.state.next_number("leads"), "source": "web", "status": "new", "created_at": desk.at}
    lead = desk.state.insert("leads", row)
    for rule in _routing(desk, "assign"):
        if _fits(desk, rule, desk.record("leads", lead)):
            desk.state.update("leads", lead, owner_id=rule["employee_id"])
    return lead


@verb(
    "rule.run", label=message("Let the alerts run"), minutes=0, makes="tasks",
    help=message("For the system, which does so every hour; in a scenario it happens on the second day."),
)  # fmt: skip
def run_alerts(desk: Desk, given: Mapping[str, Any]) -> None:
    waiting = [lead for lead in desk.state.rows("leads", first_response_at=None) if lead["status"] == "new"]
    for rule in _routing(desk, "alert"):
        for lead in waiting:
            if _fits(desk, rule, lead):
                task = {"kind": "follow-up", "subject": rule["name"], "lead_id": lead["id"], "owner_id": rule["employee_id"], "status": "open"}
                desk.state.insert("tasks", {**task, "created_at": desk.at, "due_at": desk.at})


def open_lead(desk: Desk, id: int) -> Row:
    """Give a lead that is neither merged away nor closed."""
    lead = desk.record("leads", id)
    if lead["merged_into_id"] is not None:
        raise Refused(message("This lead was merged into another one. Work on that one."))
    if lead["status"] in CLOSED:
        raise Refused(message("This lead is closed."))
    return lead


def _send(desk: Desk, lead: Row, text: str, channel: str, form: Mapping[str, Any]) -> None:
    case = next((case for case in desk.state.rows("cases", lead_id=lead["id"]) if case["status"] != "closed"), None)
    write_down(
        desk, kind=KINDS[channel], direction="out", subject=f"Re: {lead['need'] or lead['no']}"[:400], body=text, lead_id=lead["id"],
        case_id=case["id"] if case else None, purpose="service", form=dict(form) or None,
    )  # fmt: skip
    desk.state.update("leads", lead["id"], first_response_at=lead["first_response_at"] or desk.at)
    if case:
        set_fields(desk, case, acknowledged_at=case["acknowledged_at"] or desk.at, first_response_at=case["first_response_at"] or desk.at)


def _rule(desk: Desk, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the columns of a routing rule that can run."""
    field, value = given["field"], given.get("value")
    at_work(desk, given["employee_id"], "employee_id")
    if (field == "waiting_h") != (given["then"] == "alert"):
        raise Invalid(message("Waiting time raises an alert; everything else decides who gets a new form."), "then")
    if given["operator"] not in ("empty", "filled") and value is None:
        raise Invalid(message("This is needed."), "value")
    if field == "waiting_h":
        value = _hours(given["operator"], value)
    if field == "owner_here" and value not in ("yes", "no"):
        raise Invalid(message("Write yes or no."), "value")
    if field in ("source", "product_family", "budget_band") and given["operator"] in ("equals", "not-equals"):
        choices = desk.state.tables["leads"].column(field).choices
        if value not in choices:
            raise Invalid(message("“%(value)s” is not one of the choices: %(choices)s.", value=value, choices=", ".join(choices)), "value")
    return {"field": field, "operator": given["operator"], "value": value, "target": given["then"], "employee_id": given["employee_id"]}


def _hours(operator: str, value: str | None) -> str:
    try:
        hours = float(value or "")
    except ValueError:
        raise Invalid(message("“%(value)s” is not a number.", value=value), "value") from None
    if operator != "at-least" or hours <= 0:
        raise Invalid(message("An alert is raised from so many hours on: “at least”, and more than 0."), "operator")
    return f"{hours:g}"


def _routing(desk: Desk, target: str) -> list[Row]:
    """Give the routing rules in use, in their order; a rule without target assigns."""
    rules = [rule for rule in desk.state.rows("rules", kind="routing") if rule["active"] and (rule["target"] or "assign") == target and rule["employee_id"]]
    return sorted(rules, key=lambda rule: (rule["position"] or 0, rule["id"]))


def _fits(desk: Desk, rule: Row, lead: Row) -> bool:
    if rule["field"] == "waiting_h":
        return working_hours(lead["created_at"], desk.at) >= float(rule["value"])
    holds, wanted = _value(desk, rule["field"], lead), rule["value"] or ""
    match rule["operator"]:
        case "equals":
            return holds == wanted
        case "not-equals":
            return holds != wanted
        case "empty":
            return not holds
        case "filled":
            return bool(holds)
        case "in":
            return holds in [each.strip() for each in wanted.split(",")]
        case "contains":
            return wanted.casefold() in holds.casefold()
        case _:
            return False


def _value(desk: Desk, field: str, lead: Row) -> str:
    if field != "owner_here":
        return str(lead[field] or "")
    owner = desk.state.get("employees", lead["owner_id"])
    return "" if owner is None else "no" if owner["left_on"] is not None and owner["left_on"] <= desk.at[:10] else "yes"
