"""Cases of customers and colleagues with their history, visits, tasks, articles and reason codes. Talks are in talks.py, sentences in voice.py."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from courseware.sandbox.firm.desk import Desk, within_hours
from courseware.sandbox.firm.draft import Draft, Row, at, pick
from courseware.sandbox.firm.material import InternalStory
from courseware.sandbox.firm.voice import Voice

_AGENTS = ("Service agent", "Service team leader", "Complaint handler")
_ENGINEERS = ("Field engineer",)
_CHANNELS = {"phone": 46, "email": 22, "chat": 17, "web": 12, "counter": 3}
_PRIORITIES: Mapping[tuple[str, str], str] = {
    ("high", "high"): "P1", ("high", "medium"): "P2", ("medium", "high"): "P2", ("medium", "medium"): "P3", ("high", "low"): "P3", ("low", "high"): "P3",
}  # fmt: skip
_VISITED = {"fault": 0.34, "setup": 0.22, "part": 0.12}  # share of the solved cases with a visit
_TAKEN = ("Restarted by the caller", "说明书有误", "配置错误", "磨损 wear", "运输损坏", "批次问题 batch", "没有培训 no training", "流程漏了一步")
_PASSED_ON = ("转二线", "needs an engineer", "休假移交 leave", "换人跟进", "more to do than one can take", "按产品线分派")


def knowledge_articles(draft: Draft) -> None:
    rng = draft.random("knowledge_articles")
    editors = draft.staff("Knowledge editor", "Service agent")
    for number, entry in enumerate(draft.material.texts.articles, 1):
        views = int(rng.paretovariate(1.1) * 40)
        draft.add("knowledge_articles", no=f"K-{100 + number}", title=entry.title, body=entry.body,
                  status="published" if rng.random() < 0.9 else rng.choice(("draft", "retired")), reason_code=entry.reason, family=entry.family,
                  author_id=rng.choice(editors)["id"], published_at=at(draft.calendar.moment(rng)), views=views,
                  helpful=int(views * rng.uniform(0.2, 0.7)))  # fmt: skip


def reason_codes(draft: Draft) -> None:
    first = {row["reason_code"]: row["id"] for row in reversed(draft.rows["knowledge_articles"]) if row["status"] == "published"}
    for entry in draft.material.texts.reasons:
        draft.add("reason_codes", code=entry.code, text=entry.text, tier=entry.tier, group=entry.group, article_id=first.get(entry.code), active=1)


def cases(draft: Draft) -> None:
    """Add the cases of customers and of colleagues in the order of their opening: mostly closed, some of every age still open."""
    rng = draft.random("cases")
    desk = Desk(draft)
    sizes = draft.material.firm.sizes
    moments = [(draft.calendar.moment(rng), place < sizes.internal_cases) for place in range(sizes.cases)]
    numbers: dict[int, int] = {}
    for opened, internal in sorted(moments):
        numbers[opened.year] = numbers.get(opened.year, 0) + 1
        number = f"{opened.year % 100}-C{numbers[opened.year]:04d}"
        if internal:
            _internal(draft, rng, desk, number, opened)
        else:
            _case(draft, rng, desk, number, opened)


def case_history(draft: Draft) -> None:
    """Tell each case's story in the changes of its fields."""
    rng = draft.random("case_history")
    agents = draft.staff(*_AGENTS)
    for case in draft.rows["cases"]:
        for moment, field, old, new, note in _story(rng, case, agents):
            draft.add("case_history", case_id=case["id"], at=moment, by_id=case["owner_id"], field=field, old=old, new=new, note=note)


def field_visits(draft: Draft) -> None:
    """Add the visits of solved cases; the first one does not always do."""
    rng = draft.random("field_visits")
    engineers = {row["region"]: row for row in draft.staff(*_ENGINEERS)}
    everyone = list(engineers.values())
    travel = {row["key"]: int(row["value"]) for row in draft.rows["rate_cards"] if row["card"] == "travel-minutes"}
    families = {row["id"]: row["family"] for row in draft.rows["products"]}
    assets = {row["id"]: row["product_id"] for row in draft.rows["assets"]}
    for case in draft.rows["cases"]:
        if case["type"] == "internal" or not case["resolved_at"] or rng.random() > _VISITED.get(case["reason_code"], 0.0):
            continue
        region = draft.row("accounts", case["account_id"])["region"]
        technician = engineers.get(region) if rng.random() < 0.8 else None
        again = rng.random() < 0.17
        done = datetime.fromisoformat(case["resolved_at"])
        moments = [done - timedelta(days=rng.randint(1, 5)), done] if again and done - timedelta(days=6) > datetime.fromisoformat(case["first_response_at"]) else [done]
        for place, moment in enumerate(moments):
            start = within_hours(moment - timedelta(minutes=rng.choice((40, 60, 90, 120))))
            outcome = "fixed" if place == len(moments) - 1 else rng.choice(("return-visit", "return-visit", "no-access"))
            draft.add("field_visits", case_id=case["id"], asset_id=case["asset_id"], technician_id=(technician or rng.choice(everyone))["id"],
                      planned_start=at(start), planned_end=at(start + timedelta(minutes=rng.choice((60, 90, 120)))), travel_min=travel[region],
                      product_family=families[assets[case["asset_id"]]] if case["asset_id"] else None, part_id=case["part_id"],
                      outcome=outcome, created_at=case["first_response_at"], done_at=at(moment) if outcome != "no-access" else None)  # fmt: skip


def tasks(draft: Draft) -> None:
    rng = draft.random("tasks")
    desk = Desk(draft)
    for _ in range(draft.material.firm.sizes.tasks):
        _task(draft, rng, desk)


# Customers' cases


def _case(draft: Draft, rng: random.Random, desk: Desk, number: str, opened: datetime) -> None:
    reason = pick(rng, {name: texts.weight for name, texts in draft.material.texts.cases.items()})
    story = rng.choice(draft.material.texts.cases[reason].stories)
    account, order = _customer(rng, desk, opened, story.about_order)
    contact = desk.contact(rng, account)
    asset = desk.equipment_before(rng, account, opened, story.families)
    product = draft.row("products", asset["product_id"]) if asset else desk.product(rng, story.families)
    voice = Voice(draft, rng, opened, product=product, contact=contact, account=account, asset=asset, order=order)
    kind = pick(rng, story.types)
    severity, urgency = pick(rng, {"low": 40, "medium": 44, "high": 16}), pick(rng, {"low": 38, "medium": 44, "high": 18})
    owner = rng.choice(draft.staff(*(_ENGINEERS if reason == "fault" and rng.random() < 0.35 else _AGENTS)))
    level = draft.row("slas", asset["sla_id"] if asset else 1)
    subject, body = voice.say(rng.choice(story.subjects)), voice.say_all([rng.choice(story.bodies), *(["{closing}"] if rng.random() < 0.5 else [])])
    row = draft.add(
        "cases",
        no=number,
        subject=subject,
        body=body,
        account_id=account["id"],
        contact_id=contact["id"],
        asset_id=asset["id"] if asset else None,
        type=kind,
        severity=severity,
        urgency=urgency,
        priority=_PRIORITIES.get((severity, urgency), "P4"),
        channel=pick(rng, _CHANNELS),
        reason_code=reason,
        owner_id=owner["id"],
        dept_id=owner["dept_id"],
        sla_id=level["id"],
        opened_at=at(opened),
        due_at=at(_working_hours(draft, opened, level["resolve_h"])),
        part_id=None,
        **_progress(draft, rng, opened, level),
    )
    draft.told[row["id"]] = voice
    if row["resolved_at"]:
        row["remedy_given"] = voice.say(rng.choice(story.remedies))
        row["root_cause"] = rng.choice(_TAKEN) if rng.random() < 0.2 else None
        row["remedy_value"] = float(rng.choice((50, 68, 100, 150, 200))) if kind == "complaint" and rng.random() < 0.2 else None
        parts = [part for part in draft.rows["products"] if part["name"] == voice.said("part")]
        row["part_id"] = parts[0]["id"] if parts and reason == "fault" else None
    if not row["first_response_at"]:
        row["owner_id"] = None


def _customer(rng: random.Random, desk: Desk, moment: datetime, about_order: bool) -> tuple[Row, Row | None]:
    """Give a customer and one of its last orders; where the story is about an order, one that has ordered before."""
    for _ in range(50):
        account = desk.buyer(rng)
        order = desk.order_before(rng, account, moment)
        if order or not about_order:
            break
    return account, order


def _progress(draft: Draft, rng: random.Random, opened: datetime, level: Row) -> Row:
    """Give how far the case had come by the last day of the base: most keep their level, some drag on, a few lie."""
    answered = _working_hours(draft, opened, level["response_h"] * rng.lognormvariate(-0.9, 0.7))
    drags = 12 if rng.random() < 0.05 else 1
    solved = _working_hours(draft, answered, drags * level["resolve_h"] * rng.lognormvariate(-1.0, 0.7))
    closed = _working_hours(draft, solved, rng.choice((1, 4, 9, 18, 27)))
    lies = rng.random() < _lying(draft, opened)
    unseen = lies and (draft.now - opened).days < 2
    reached = [moment if moment <= draft.now and not (unseen or (lies and moment is not answered)) else None for moment in (answered, solved, closed)]
    status = "closed" if reached[2] else "resolved" if reached[1] else ("waiting" if rng.random() < 0.3 else "open") if reached[0] else "new"
    return {
        "status": status,
        "status_reason": rng.choice(("等客户回复 customer's answer", "等备件 part", "等上级单位 their head office")) if status == "waiting" else None,
        "acknowledged_at": at(min(opened + timedelta(minutes=rng.randint(1, 25)), answered)) if reached[0] else None,
        "first_response_at": at(answered) if reached[0] else None,
        "resolved_at": at(solved) if reached[1] else None,
        "customer_confirmed_at": at(closed) if reached[2] and rng.random() < 0.6 else None,
        "closed_at": at(closed) if reached[2] else None,
        "effort_min": max(5, round(rng.lognormvariate(3.4, 0.7))) if reached[1] else None,
        "reopened_count": int(reached[1] is not None and rng.random() < 0.07),
    }  # fmt: skip


def _lying(draft: Draft, opened: datetime) -> float:
    """Give the chance that a case is still open though nobody works on it: high for those of the last weeks, never nothing."""
    return 0.6 * math.exp(-(draft.now - opened).days / 28) + 0.008


def _working_hours(draft: Draft, start: datetime, hours: float) -> datetime:
    """Count hours between 9 and 18 of working days from a moment."""
    moment = min(max(start, start.replace(hour=9, minute=0)), start.replace(hour=18, minute=0))
    left = timedelta(hours=hours)
    rest = moment.replace(hour=18, minute=0) - moment
    if left > rest:
        left -= rest
        days, left = divmod(left, timedelta(hours=9))
        moment = datetime.combine(draft.calendar.later(moment.date(), int(days) + 1), datetime.min.time()) + timedelta(hours=9)
    return moment + timedelta(minutes=round(left.total_seconds() / 60))


# Colleagues' cases


def _internal(draft: Draft, rng: random.Random, desk: Desk, number: str, opened: datetime) -> None:
    """Add what a colleague asks of another department. What IT serves ends with February: scenarios charge its March by what they plant."""
    texts = draft.material.texts.internal
    code = pick(rng, {name: entry.weight for name, entry in texts.items() if name != "IT" or at(opened) < draft.material.firm.desk_clear_from})
    story: InternalStory = rng.choice(texts[code].stories)
    provider = draft.department(code)
    asking = rng.choice([row for row in draft.rows["employees"] if row["login_active"] and row["dept_id"] != provider["id"]])
    servers = [row for row in draft.rows["employees"] if row["login_active"] and row["dept_id"] == provider["id"]]
    account = desk.buyer(rng)
    voice = Voice(draft, rng, opened, product=desk.product(rng, ("printers", "computers")), account=account, person=asking)
    severity, urgency = pick(rng, {"low": 50, "medium": 40, "high": 10}), pick(rng, {"low": 40, "medium": 44, "high": 16})
    owner, level = rng.choice(servers), draft.row("slas", 1)
    progress = _progress(draft, rng, opened, level)
    while code == "IT" and not progress["closed_at"]:
        progress = _progress(draft, rng, opened, level)
    if progress["status"] == "new":  # somebody has at least looked at it
        progress |= {"status": "open", "acknowledged_at": at(opened), "first_response_at": at(opened)}
    solved = progress["resolved_at"]
    scored = progress["closed_at"] is not None and (code == "IT" or rng.random() < 0.7)
    draft.add(
        "cases",
        no=number,
        subject=voice.say(rng.choice(story.subjects)),
        body=voice.say_all([rng.choice(story.bodies), *(["{closing}"] if rng.random() < 0.3 else [])]),
        type="internal",
        severity=severity,
        urgency=urgency,
        priority=_PRIORITIES.get((severity, urgency), "P4"),
        channel="portal",
        owner_id=owner["id"],
        dept_id=provider["id"],
        requester_employee_id=asking["id"],
        requester_dept_id=asking["dept_id"],
        sla_id=level["id"],
        opened_at=at(opened),
        due_at=at(_working_hours(draft, opened, level["resolve_h"])),
        remedy_given=voice.say(rng.choice(story.remedies)) if solved else None,
        **(progress | {"customer_confirmed_at": progress["closed_at"]}),
        score_requested_at=progress["closed_at"] if scored else None,
        requester_score=pick(rng, {5: 40, 4: 35, 3: 16, 2: 6, 1: 3}) if scored else None,
        scored_by_id=asking["id"] if scored else None,
        scored_at=progress["closed_at"] if scored else None,
    )


def _story(rng: random.Random, case: Row, agents: list[Row]) -> list[tuple[str, str, str | None, str, str | None]]:
    """Give the changes of a case: sometimes handed over or put aside, solved, reopened, closed. The first answer is in the case itself."""
    told: list[tuple[str, str, str | None, str, str | None]] = []
    if not case["first_response_at"]:
        return told
    owner = str(case["owner_id"])
    if case["type"] != "internal" and rng.random() < 0.12:
        first = str(rng.choice([row for row in agents if row["id"] != case["owner_id"]])["id"])
        told += [(case["acknowledged_at"], "owner_id", None, first, None), (case["first_response_at"], "owner_id", first, owner, rng.choice(_PASSED_ON))]
    last = "open"
    if case["status"] == "waiting" or (case["resolved_at"] and rng.random() < 0.25):
        told.append((case["first_response_at"], "status", "open", "waiting", case["status_reason"]))
        last = "waiting"
    if case["resolved_at"] and case["reopened_count"]:
        told += [(case["resolved_at"], "status", last, "resolved", None), (case["resolved_at"], "status", "resolved", "open", "客户说没好 not solved")]
        last = "open"
    if case["resolved_at"]:
        told.append((case["resolved_at"], "status", last, "resolved", None))
    if case["closed_at"]:
        told.append((case["closed_at"], "status", "resolved", "closed", None))
    return told


# Tasks


def _task(draft: Draft, rng: random.Random, desk: Desk) -> None:
    entry = rng.choice(draft.material.texts.tasks)
    account = desk.buyer(rng)
    contact = desk.contact(rng, account)
    due = within_hours(draft.now + timedelta(days=int(rng.triangular(-120, 40, -5)), hours=rng.randint(15, 23)))
    about_case = desk.cases.get(account["id"], []) if "{case}" in entry.subject else []
    case = rng.choice(about_case[-6:]) if about_case else None
    voice = Voice(draft, rng, due, product=desk.product(rng, ("printers", "computers")), account=account, contact=contact, case=case)
    done = due < draft.now and rng.random() < 0.86
    draft.add("tasks", kind=entry.kind, subject=voice.say(entry.subject), purpose=entry.purpose, account_id=account["id"], contact_id=contact["id"],
              case_id=case["id"] if case else None, owner_id=account["owner_id"], created_at=at(due - timedelta(days=rng.randint(1, 20))),
              start_at=at(due - timedelta(hours=1)), due_at=at(due), status="done" if done else "open", done_at=at(due) if done else None)  # fmt: skip
