"""Verbs of complaint handling: register, acknowledge, find, decide, answer in six parts, bridge the wait, name the next route, escalate, reopen.

Assessing and retyping are case.classify; solving, confirming and closing are in cases.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.accounts import at_work
from courseware.sandbox.actions.cases import set_fields, unclosed, write_in_case
from courseware.sandbox.state import Row
from courseware.sandbox.verbs import Argument, Desk, done, verb

CHANNELS = {"call": "phone", "email": "email", "chat": "chat", "counter": "counter"}  # of a case, by the kind of what came in
REFUNDS = frozenset({"part-refund", "full-refund"})
PARTS = ("apology", "finding", "remedy", "agreed_on", "contact", "further_route")


@verb(
    "case.register",
    Argument("subject", "cases.subject", required=True),
    Argument("remedy_sought", "cases.remedy_sought", help=message("What the customer wants, in the customer's words.")),
    label=message("Register as a complaint"), minutes=3, on="interactions", makes="cases",
    help=message("Makes a case with its number from what came in; its clock runs from the moment it came."),
)  # fmt: skip
def register(desk: Desk, given: Mapping[str, Any]) -> int:
    came = desk.record("interactions", given["record"])
    if came["direction"] != "in":
        raise Refused(message("Only what came in from outside can be registered."))
    if came["case_id"] is not None:
        raise Refused(message("It is registered already, as %(no)s.", no=desk.record("cases", came["case_id"])["no"]))
    case = desk.state.insert("cases", {
        "no": desk.state.next_number("cases"), "subject": given["subject"], "body": came["body"], "account_id": came["account_id"], "contact_id": came["contact_id"],
        "type": "complaint", "channel": CHANNELS.get(came["kind"]), "status": "new", "owner_id": desk.by, "remedy_sought": given.get("remedy_sought"),
        "opened_at": came["at"], "reopened_count": 0,
    })  # fmt: skip
    desk.state.update("interactions", came["id"], case_id=case)
    return case


@verb(
    "case.acknowledge",
    Argument("text", type="long_text", label=message("Words to the customer"), help=message("Left empty, a short standard receipt with the number goes out.")),
    label=message("Acknowledge receipt"), minutes=1, on="cases", final=True,
)  # fmt: skip
def acknowledge(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    if case["acknowledged_at"] is not None:
        raise Refused(message("Receipt was acknowledged already, on %(at)s.", at=case["acknowledged_at"]))
    _send(desk, case, given.get("text"))
    return done(case["id"], set_fields(desk, case, acknowledged_at=desk.at, first_response_at=case["first_response_at"] or desk.at, status="open"))


@verb(
    "case.record_finding",
    Argument("text", type="long_text", label=message("What was found"), required=True),
    Argument("against_us", type="ref", table="dossiers", label=message("Document that speaks against us")),
    Argument("against_customer", type="ref", table="dossiers", label=message("Document that speaks against the customer's wish")),
    label=message("Record the finding"), minutes=5, keeps="interactions.form", on="cases", help=message("A finding names the documents it rests on."),
)  # fmt: skip
def record_finding(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    cited = {name: given[name] for name in ("against_us", "against_customer") if given.get(name) is not None}
    if not cited:
        raise Invalid(message("Name a document that the finding rests on."), "against_us")
    _note(desk, case, given["text"], form=cited)
    return int(case["id"])


@verb(
    "case.decide_remedy",
    Argument("remedy", "cases.remedy", required=True),
    Argument("remedy_value", "cases.remedy_value", help=message("In yuan, for a refund only.")),
    Argument("remedy_given", "cases.remedy_given", required=True, label=message("The remedy in words")),
    Argument("agreed_on", "cases.agreed_on", label=message("By when the customer has it")),
    label=message("Decide the remedy"), minutes=3, on="cases",
)  # fmt: skip
def decide_remedy(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    amount = given.get("remedy_value")
    if given["remedy"] in REFUNDS and not (amount and amount > 0):
        raise Invalid(message("A refund needs an amount above 0."), "remedy_value")
    if given["remedy"] not in REFUNDS and amount:
        raise Invalid(message("Only a refund has an amount. Leave it empty, or choose a refund."), "remedy_value")
    _ahead(desk, given.get("agreed_on"))
    values = {"remedy_value": None, **{name: value for name, value in given.items() if name != "record"}}
    return done(case["id"], set_fields(desk, case, decided_at=desk.at, **values))


@verb(
    "case.answer",
    Argument("apology", type="long_text", label=message("1 Apology for what it meant to the customer")),
    Argument("finding", type="long_text", label=message("2 What we found")),
    Argument("remedy", "cases.remedy", label=message("3 Remedy")), Argument("remedy_value", "cases.remedy_value", label=message("3 Amount, if it is a refund")),
    Argument("agreed_on", "cases.agreed_on", label=message("4 Date")),
    Argument("contact", type="ref", table="employees", label=message("5 Whom to turn to")),
    Argument("further_route", type="long_text", label=message("6 Further route, if the customer does not agree")),
    label=message("Answer the complaint in six parts"), minutes=8, keeps="interactions.form", on="cases", final=True,
    help=message("What is left out, the customer will ask for."),
)  # fmt: skip
def answer(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    form = {name: value for name, value in given.items() if name != "record" and value is not None}
    if not form.keys() & set(PARTS):
        raise Invalid(message("The answer is empty. Fill in its parts."), "apology")
    contact = desk.record("employees", form["contact"]) if "contact" in form else None
    at_work(desk, form.get("contact"), "contact")
    lines = [
        form.get("apology"),
        form.get("finding"),
        case["remedy_given"],
        form.get("agreed_on"),
        contact and f"{contact['name']} {contact['email'] or ''}",
        form.get("further_route"),
    ]
    _send(desk, case, "\n\n".join(str(line).strip() for line in lines if line), form=form)
    set_fields(desk, case, first_response_at=case["first_response_at"] or desk.at, status="waiting")
    return int(case["id"])


@verb(
    "case.promise_interim",
    Argument("interim_remedy", "cases.interim_remedy", required=True), Argument("agreed_on", "cases.agreed_on", required=True, label=message("By when it is solved for good")),
    Argument("owner_id", "cases.owner_id", required=True),
    label=message("Bridge the wait: remedy for the time being, date, owner"), minutes=4, on="cases", final=True, help=message("The customer is told of all three."),
)  # fmt: skip
def promise_interim(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    _ahead(desk, given["agreed_on"])
    at_work(desk, given["owner_id"])
    owner = desk.record("employees", given["owner_id"])
    _send(desk, case, f"{given['interim_remedy']} · {given['agreed_on']} · {owner['name']}")
    values = {name: given[name] for name in ("interim_remedy", "agreed_on", "owner_id")}
    return done(case["id"], set_fields(desk, case, dept_id=owner["dept_id"], first_response_at=case["first_response_at"] or desk.at, status="waiting", **values))


@verb(
    "case.record_route",
    Argument("further_route", "cases.further_route", required=True),
    label=message("Record the further route after a refusal"), minutes=2, on="cases", help=message("Where the customer can turn to who does not accept the remedy."),
)  # fmt: skip
def record_route(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    if case["customer_confirmed_at"] is not None:
        raise Refused(message("The customer has accepted the remedy; no further route is needed."))
    return done(case["id"], set_fields(desk, case, further_route=given["further_route"]))


@verb(
    "case.escalate",
    Argument("to", type="ref", table="employees", label=message("To whom"), required=True),
    Argument("reason", type="long_text", label=message("Why at once"), required=True),
    Argument("purpose", "interactions.purpose"),
    label=message("Escalate"), minutes=2, keeps="interactions.form", on="cases", final=True, help=message("The colleague is told at once, and the case gets the highest priority."),
)  # fmt: skip
def escalate(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    at_work(desk, given["to"], "to")
    if given["to"] == desk.by:
        raise Invalid(message("To escalate is to tell somebody else."), "to")
    _note(desk, case, given["reason"], form={"to": given["to"]}, purpose=given.get("purpose") or "service")
    set_fields(desk, case, priority="P1", status="open")
    return int(case["id"])


@verb(
    "case.reopen", Argument("status_reason", "cases.status_reason", required=True), label=message("Reopen the case"), minutes=1, on="cases",
    help=message("For the side that asked, when it is not solved after all; in a scenario it does so when time moves on."),
)  # fmt: skip
def reopen(desk: Desk, given: Mapping[str, Any]) -> int:
    case = desk.record("cases", given["record"])
    if case["status"] not in ("resolved", "closed"):
        raise Refused(message("Only a case that is solved or closed can be reopened."))
    cleared = dict.fromkeys(("resolved_at", "customer_confirmed_at", "closed_at"))
    count = (case["reopened_count"] or 0) + 1
    return done(case["id"], set_fields(desk, case, status="open", status_reason=given["status_reason"], reopened_count=count, **cleared))


def _ahead(desk: Desk, date: str | None) -> None:
    if date is not None and date < desk.at[:10]:
        raise Invalid(message("That day has passed; today is %(today)s.", today=desk.at[:10]), "agreed_on")


def _send(desk: Desk, case: Row, body: str | None, form: Mapping[str, Any] | None = None) -> None:
    """Write what goes out to the customer, by the channel the case came by."""
    kind = next((kind for kind, channel in CHANNELS.items() if channel == case["channel"]), "email")
    write_in_case(desk, case, kind=kind, direction="out", subject=f"{case['no']} {case['subject']}", body=body, form=form, purpose="service")


def _note(desk: Desk, case: Row, body: str, *, form: Mapping[str, Any], purpose: str = "service") -> None:
    write_in_case(desk, case, kind="note", direction="internal", subject=case["subject"], body=body, form=form, purpose=purpose)
