"""Verbs around visits: send a technician, call the visit off, carry it out, say why a case stood still. Escalating is in complaints.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.accounts import at_work
from courseware.sandbox.actions.cases import set_fields, unclosed
from courseware.sandbox.state import Row
from courseware.sandbox.tables import MOMENT
from courseware.sandbox.verbs import Argument, Desk, done, verb

ON_SITE = timedelta(minutes=90)
REASONS = {"safety": message("Somebody is in danger elsewhere"), "severity-1": message("Elsewhere the work stands still")}
CAUSES = {
    "not-ordered": message("The part was never ordered"),
    "not-arrived": message("The part has not arrived"),
    "arrival-unnoticed": message("The part arrived, and nobody took the case up again"),
    "no-technician": message("No technician was free"),
    "customer-not-reached": message("The customer could not be reached"),
}


@verb(
    "visit.book",
    Argument("technician_id", "field_visits.technician_id", required=True),
    Argument("planned_start", "field_visits.planned_start", required=True, label=message("Start of the work on site")),
    Argument("part_id", "field_visits.part_id"),
    Argument("reason", type="choice", label=message("Reason, if an older request has to wait"), choices=REASONS),
    label=message("Book a visit"), minutes=3, on="cases", makes="field_visits",
    help=message("90 minutes on site. Certificate, part and the way there are for you to see to; the calendar refuses only what is taken."),
)  # fmt: skip
def book(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    technician, start = given["technician_id"], given["planned_start"]
    at_work(desk, technician, "technician_id")
    if start <= desk.at:
        raise Invalid(message("That time has passed; it is %(now)s now.", now=desk.at), "planned_start")
    planned = desk.state.rows("field_visits", case_id=case["id"], outcome="planned")
    if planned:
        raise Refused(message("A visit is planned already, on %(start)s. Call it off first.", start=planned[0]["planned_start"]))
    end = (datetime.fromisoformat(start) + ON_SITE).strftime(MOMENT)
    _free(desk, technician, start, end)
    visit = desk.state.insert("field_visits", {
        "case_id": case["id"], "asset_id": case["asset_id"], "technician_id": technician, "planned_start": start, "planned_end": end,
        "part_id": given.get("part_id"), "reason": given.get("reason"), "outcome": "planned", "created_at": desk.at, **_place(desk, case),
    })  # fmt: skip
    set_fields(desk, case, status="open", status_reason=None)
    return visit


@verb("visit.cancel", label=message("Call the visit off"), minutes=1, on="field_visits", bulk=True)
def cancel(desk: Desk, given: Mapping[str, Any]) -> int:
    visit = desk.record("field_visits", given["record"])
    if visit["outcome"] != "planned":
        raise Refused(message("Only a planned visit can be called off."))
    desk.state.update("field_visits", visit["id"], outcome="cancelled")
    return int(visit["id"])


@verb(
    "visit.carry_out", label=message("Carry out the visit"), minutes=0, on="field_visits",
    help=message("For the technician; in a scenario it happens when time moves on. Without a valid certificate or the part of the case a second visit is needed."),
)  # fmt: skip
def carry_out(desk: Desk, given: Mapping[str, Any]) -> int:
    visit = desk.record("field_visits", given["record"])
    if visit["outcome"] != "planned" or visit["planned_end"] > desk.at:
        raise Refused(message("Only a planned visit whose time is over can be carried out."))
    outcome = "fixed" if _can_mend(desk, visit) else "return-visit"
    desk.state.update("field_visits", visit["id"], outcome=outcome, done_at=visit["planned_end"])
    return int(visit["id"])


@verb(
    "case.set_cause", Argument("cause", type="choice", label=message("Why it stood still"), required=True, choices=CAUSES),
    label=message("Record why the case stood still"), minutes=1, on="cases",
)  # fmt: skip
def set_cause(desk: Desk, given: Mapping[str, Any]) -> int:
    case = unclosed(desk, given)
    return done(case["id"], set_fields(desk, case, root_cause=given["cause"]))


def _can_mend(desk: Desk, visit: Row) -> bool:
    """Tell whether technician and part fit the case on the day of the visit."""
    day, case = visit["planned_start"][:10], desk.record("cases", visit["case_id"])
    skills = desk.state.rows("technician_skills", employee_id=visit["technician_id"], product_family=visit["product_family"])
    stock = desk.state.rows("stock", part_id=case["part_id"])
    brings = visit["part_id"] == case["part_id"] and any((row["qty"] or 0) > 0 and row["arrived_on"] <= day for row in stock)
    return any(skill["valid_until"] >= day for skill in skills) and (brings or case["part_id"] is None)


def _free(desk: Desk, technician: int, start: str, end: str) -> None:
    """Refuse a time at which the technician is away, busy or on site elsewhere."""
    name = desk.record("employees", technician)["name"]
    for slot in desk.state.rows("calendar_slots", employee_id=technician):
        if slot["kind"] != "free" and slot["start_at"] < end and start < slot["end_at"]:
            about = {"name": name, "start": slot["start_at"], "end": slot["end_at"]}
            leave = slot["kind"] == "leave"
            raise Invalid(
                message("%(name)s is on leave from %(start)s to %(end)s.", **about) if leave else message("%(name)s is busy from %(start)s to %(end)s.", **about), "planned_start"
            )
    for visit in desk.state.rows("field_visits", technician_id=technician, outcome="planned"):
        if visit["planned_start"] < end and start < visit["planned_end"]:
            raise Invalid(message("%(name)s has another visit from %(start)s to %(end)s.", name=name, start=visit["planned_start"], end=visit["planned_end"]), "planned_start")


def _place(desk: Desk, case: Row) -> dict[str, Any]:
    """Give zone, minutes of travel one way, and the family of the machine, as far as the records tell."""
    account, asset = desk.state.get("accounts", case["account_id"]), desk.state.get("assets", case["asset_id"])
    zone = (account["zone"] or account["region"]) if account else None
    rates = desk.state.rows("rate_cards", card="travel-minutes", key=zone)
    product = desk.state.get("products", asset["product_id"]) if asset else None
    return {"zone": zone, "travel_min": int(rates[-1]["value"]) if rates else None, "product_family": product["family"] if product else None}
