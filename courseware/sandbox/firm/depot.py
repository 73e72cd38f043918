"""What a dispatcher looks at: stock by depot, the engineers' certificates, and calendars. Visits themselves are in service.py.

Scenarios plan visits from 16 March 2026 on and plant the parts, certificates and hours these rest on. So no spare part of the base is in a depot before
the end of March, no engineer's certificate for a kind of machine is still valid, and no calendar of the base reaches into these two weeks.
"""

from __future__ import annotations

import json
import random
from datetime import date, datetime, timedelta

from courseware.sandbox.firm.draft import Draft, Row, at

_DEPOTS = ("north", "east", "south")
_KEPT = {"computers": (4, 40), "printers": (2, 25), "network": (5, 60), "diagnostics": (0, 4), "supplies": (80, 1500)}  # pieces in a depot
_AFTER = 11  # working days after the end of the base, from which parts arrive and leave is granted
_SKILLS = {"label printers": "printers", "network": "network", "computers": "computers"}
_AGENTS = ("Service agent", "Inside sales", "Sales representative", "Accountant")
_LEAVE = ("年假 annual leave", "调休 time off in lieu", "陪护 looking after family")


def stock(draft: Draft) -> None:
    """Add what lies in each depot, and the spare parts that are on their way."""
    rng = draft.random("stock")
    lately = draft.calendar.days[-45:]
    for product in draft.rows["products"]:
        for depot in _DEPOTS:
            if product["family"] in _KEPT:
                draft.add("stock", part_id=product["id"], depot=depot, qty=rng.randint(*_KEPT[product["family"]]), arrived_on=rng.choice(lately).isoformat())
            elif product["family"] == "parts" and rng.random() < 0.7:
                arrival = draft.calendar.later(draft.calendar.end, _AFTER + rng.randint(0, 8))
                draft.add("stock", part_id=product["id"], depot=depot, qty=rng.randint(2, 12), arrived_on=arrival.isoformat())


def technician_skills(draft: Draft) -> None:
    """Add each engineer's certificates: the past rounds for kinds of machines, and the one for work at customers' sites, which is valid."""
    rng = draft.random("technician_skills")
    for engineer in (row for row in draft.rows["employees"] if row["role"] == "Field engineer"):
        number = engineer["no"][2:]
        for skill in json.loads(engineer["skills"]):
            family = _SKILLS.get(skill)
            for round_no in range(2 if family else 0):
                ended = date(2024 + round_no, rng.randint(3, 12), 28)
                draft.add(
                    "technician_skills",
                    employee_id=engineer["id"],
                    product_family=family,
                    certificate=f"{str(family)[:2].upper()}{ended.year % 100}-{number}",
                    valid_until=ended.isoformat(),
                )
        draft.add(
            "technician_skills",
            employee_id=engineer["id"],
            product_family="services",
            certificate=f"现场安全 site safety {number}",
            valid_until=date(2027, rng.randint(1, 12), 28).isoformat(),
        )


def calendar_slots(draft: Draft) -> None:
    """Add what filled the calendars of this year so far, the visits and the days off, and the leave that is granted for April."""
    rng = draft.random("calendar_slots")
    year = datetime(draft.calendar.end.year, 1, 1)
    found = [{"employee_id": visit["technician_id"], "start_at": visit["planned_start"], "end_at": visit["planned_end"], "kind": "busy", "note": "上门 visit"}
             for visit in draft.rows["field_visits"] if visit["planned_start"] >= at(year)]  # fmt: skip
    staff = draft.staff(*_AGENTS)
    past = [day for day in draft.calendar.days if day >= year.date()]
    coming = [draft.calendar.later(draft.calendar.end, _AFTER + place) for place in range(20)]
    found += [_leave(rng, person, rng.choice(days)) for days in (past, coming) for person in rng.sample(staff, 9)]
    for slot in sorted(found, key=lambda slot: (str(slot["start_at"]), int(slot["employee_id"]))):
        draft.add("calendar_slots", **slot)


def _leave(rng: random.Random, person: Row, day: date) -> Row:
    start = datetime.combine(day, datetime.min.time()) + timedelta(hours=9)
    return {"employee_id": person["id"], "start_at": at(start), "end_at": at(start.replace(hour=18)), "kind": "leave", "note": rng.choice(_LEAVE)}
