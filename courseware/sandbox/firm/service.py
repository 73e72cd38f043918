"""Cases with their history, interactions, tasks and knowledge articles. How a sentence is filled is voice.py's business."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property

from courseware.sandbox.firm.draft import Draft, Row, at, pick
from courseware.sandbox.firm.material import Story, TalkTexts
from courseware.sandbox.firm.voice import Voice

_AGENTS = ("Service agent", "Service team leader", "Complaint handler")
_ENGINEERS = ("Field engineer",)
_CHANNELS = {"phone": 46, "email": 22, "chat": 17, "web": 12, "counter": 3}
_PRIORITIES: Mapping[tuple[str, str], str] = {
    ("high", "high"): "P1", ("high", "medium"): "P2", ("medium", "high"): "P2", ("medium", "medium"): "P3", ("high", "low"): "P3", ("low", "high"): "P3",
}  # fmt: skip
_TALK_SHARES = {"order": 38, "sales": 28, "care": 16, "note": 8, "lobby": 10}


def knowledge_articles(draft: Draft) -> None:
    rng = draft.random("knowledge_articles")
    editors = draft.staff("Knowledge editor", "Service agent")
    for number, entry in enumerate(draft.material.texts.articles, 1):
        views = int(rng.paretovariate(1.1) * 40)
        draft.add("knowledge_articles", no=f"K-{100 + number}", title=entry.title, body=entry.body,
                  status="published" if rng.random() < 0.9 else rng.choice(("draft", "retired")), reason_code=entry.reason, family=entry.family,
                  author_id=rng.choice(editors)["id"], published_at=at(draft.calendar.moment(rng)), views=views,
                  helpful=int(views * rng.uniform(0.2, 0.7)))  # fmt: skip


def cases(draft: Draft) -> None:
    """Add customers' cases in the order of their opening: mostly closed, the latest still open."""
    rng = draft.random("cases")
    desk = Desk(draft)
    for number, opened in enumerate(sorted(draft.calendar.moment(rng) for _ in range(draft.material.firm.sizes.cases)), 1):
        _case(draft, rng, desk, number, opened)


def case_history(draft: Draft) -> None:
    """Tell each case's story in the changes of its fields."""
    rng = draft.random("case_history")
    for case in draft.rows["cases"]:
        for moment, field, old, new in _story(rng, case):
            draft.add("case_history", case_id=case["id"], at=moment, by_id=case["owner_id"], field=field, old=old, new=new, note=None)


def interactions(draft: Draft) -> None:
    """Add talks about cases, then about orders, sales and the rest, all in the order of their time."""
    rng = draft.random("interactions")
    desk = Desk(draft)
    found: list[Row] = []
    for case in draft.rows["cases"]:
        found += _case_talks(draft, rng, desk, case)
    while len(found) < draft.material.firm.sizes.interactions:
        found.append(_free_talk(draft, rng, desk, pick(rng, _TALK_SHARES)))
    for row in sorted(found[: draft.material.firm.sizes.interactions], key=lambda row: str(row["at"])):
        draft.add("interactions", **row)


def tasks(draft: Draft) -> None:
    rng = draft.random("tasks")
    desk = Desk(draft)
    for _ in range(draft.material.firm.sizes.tasks):
        _task(draft, rng, desk)


class Desk:
    """What the generators look up: people, equipment and orders of an account, and how often an account turns up."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.people = self._by_account("contacts")
        self.equipment = self._by_account("assets")
        self.orders = self._by_account("orders")
        self.buyers = [row for row in draft.rows["accounts"] if row["id"] in self.people and row["id"] in self.orders]
        self._weights = [len(self.orders[row["id"]]) ** 0.7 for row in self.buyers]

    def buyer(self, rng: random.Random) -> Row:
        return rng.choices(self.buyers, weights=self._weights)[0]

    def contact(self, rng: random.Random, account: Row) -> Row:
        return rng.choice(self.people[account["id"]])

    def order_before(self, rng: random.Random, account: Row, moment: datetime) -> Row | None:
        """Give one of the account's last orders before the moment."""
        past = [row for row in self.orders.get(account["id"], ()) if row["ordered_on"] < at(moment)]
        return rng.choice(past[-4:]) if past else None

    def equipment_before(self, rng: random.Random, account: Row, moment: datetime, families: tuple[str, ...]) -> Row | None:
        """Give equipment of these families that the account had in use at the moment."""
        known = [row for row in self.equipment.get(account["id"], ()) if row["installed_on"] < at(moment) and self._family(row) in families]
        return rng.choice(known) if known else None

    def product(self, rng: random.Random, families: tuple[str, ...]) -> Row:
        return rng.choice([row for row in self._draft.rows["products"] if row["family"] in families])

    @cached_property
    def articles(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._draft.rows["knowledge_articles"]:
            if row["status"] == "published":
                found.setdefault(row["reason_code"], []).append(row)
        return found

    def _family(self, asset: Row) -> str:
        return str(self._draft.row("products", asset["product_id"])["family"])

    def _by_account(self, table: str) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = {}
        for row in self._draft.rows[table]:
            if row["account_id"]:
                found.setdefault(row["account_id"], []).append(row)
        return found


# Cases


def _case(draft: Draft, rng: random.Random, desk: Desk, number: int, opened: datetime) -> None:
    reason = pick(rng, {name: texts.weight for name, texts in draft.material.texts.cases.items()})
    story = rng.choice(draft.material.texts.cases[reason].stories)
    account, order = _customer(rng, desk, opened, story.about_order)
    contact = desk.contact(rng, account)
    asset = desk.equipment_before(rng, account, opened, story.families)
    product = draft.row("products", asset["product_id"]) if asset else desk.product(rng, story.families)
    voice = Voice(draft, rng, opened, product=product, contact=contact, account=account, asset=asset, order=order)
    severity, urgency = pick(rng, {"low": 40, "medium": 44, "high": 16}), pick(rng, {"low": 38, "medium": 44, "high": 18})
    owner = rng.choice(draft.staff(*(_ENGINEERS if reason == "fault" and rng.random() < 0.35 else _AGENTS)))
    level = draft.row("slas", asset["sla_id"] if asset else 1)
    draft.add(
        "cases",
        no=f"{opened.year % 100}-C{number:04d}",
        subject=voice.say(rng.choice(story.subjects)),
        body=voice.say(rng.choice(story.bodies)),
        account_id=account["id"],
        contact_id=contact["id"],
        asset_id=asset["id"] if asset else None,
        type=pick(rng, story.types),
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
        **_progress(draft, rng, voice, story, opened, level),
    )


def _customer(rng: random.Random, desk: Desk, moment: datetime, about_order: bool) -> tuple[Row, Row | None]:
    """Give a customer and one of its last orders; where the story is about an order, one that has ordered before."""
    for _ in range(50):
        account = desk.buyer(rng)
        order = desk.order_before(rng, account, moment)
        if order or not about_order:
            break
    return account, order


def _progress(draft: Draft, rng: random.Random, voice: Voice, story: Story, opened: datetime, level: Row) -> Row:
    """Give how far the case had come by the last day of the base."""
    now = datetime.combine(draft.calendar.end, datetime.min.time()) + timedelta(hours=18)
    answered = _working_hours(draft, opened, level["response_h"] * rng.lognormvariate(-0.9, 0.7))
    drags = 12 if rng.random() < 0.06 else 1
    solved = _working_hours(draft, answered, drags * level["resolve_h"] * rng.lognormvariate(-0.8, 0.8))
    closed = _working_hours(draft, solved, rng.choice((1, 4, 9, 18, 27)))
    reached = [moment if moment <= now else None for moment in (answered, solved, closed)]
    status = "closed" if reached[2] else "resolved" if reached[1] else ("waiting" if rng.random() < 0.25 else "open") if reached[0] else "new"
    complaint = rng.random() < 0.05
    return {
        "status": status,
        "acknowledged_at": at(opened + timedelta(minutes=rng.randint(1, 25))) if reached[0] else None,
        "first_response_at": at(answered) if reached[0] else None,
        "resolved_at": at(solved) if reached[1] else None,
        "customer_confirmed_at": at(closed) if reached[2] and rng.random() < 0.6 else None,
        "closed_at": at(closed) if reached[2] else None,
        "remedy_given": voice.say(rng.choice(story.remedies)) if reached[1] else None,
        "remedy_value": float(rng.choice((50, 68, 100, 150, 200))) if complaint and reached[1] else None,
        "effort_min": max(5, round(rng.lognormvariate(3.4, 0.7))) if reached[1] else None,
        "reopened_count": int(reached[1] is not None and rng.random() < 0.07),
    }


def _working_hours(draft: Draft, start: datetime, hours: float) -> datetime:
    """Count hours between 9 and 18 of working days from a moment."""
    moment = min(max(start, start.replace(hour=9, minute=0)), start.replace(hour=18, minute=0))
    left = timedelta(hours=hours)
    while left > (rest := moment.replace(hour=18, minute=0) - moment):
        left -= rest
        moment = datetime.combine(draft.calendar.later(moment.date(), 1), datetime.min.time()) + timedelta(hours=9)
    return moment + timedelta(minutes=round(left.total_seconds() / 60))


def _story(rng: random.Random, case: Row) -> list[tuple[str, str, str | None, str]]:
    story: list[tuple[str, str, str | None, str]] = []
    if case["acknowledged_at"]:
        story.append((case["acknowledged_at"], "owner_id", None, str(case["owner_id"])))
        story.append((case["first_response_at"], "status", "new", "open"))
    last = "open"
    if case["resolved_at"]:
        if rng.random() < 0.25:
            story.append((case["first_response_at"], "status", "open", "waiting"))
            last = "waiting"
        if case["reopened_count"]:
            story += [(case["resolved_at"], "status", last, "resolved"), (case["resolved_at"], "status", "resolved", "open")]
            last = "open"
        story.append((case["resolved_at"], "status", last, "resolved"))
    if case["closed_at"]:
        story.append((case["closed_at"], "status", "resolved", "closed"))
    return story


# Interactions


def _case_talks(draft: Draft, rng: random.Random, desk: Desk, case: Row) -> list[Row]:
    texts = draft.material.texts.interactions
    talks = []
    for _ in range(rng.choices((0, 1, 2, 3), weights=(20, 45, 25, 10))[0]):
        kind = "case-in" if rng.random() < 0.4 else "case-out"
        talks.append(_about_case(draft, rng, desk, case, texts[kind], kind))
    return talks


def _about_case(draft: Draft, rng: random.Random, desk: Desk, case: Row, texts: TalkTexts, kind: str) -> Row:
    opened = datetime.fromisoformat(case["opened_at"])
    until = datetime.fromisoformat(case["closed_at"] or case["opened_at"])
    moment = _within_hours(opened + (until - opened) * rng.random() + timedelta(minutes=rng.randint(2, 50)))
    account, contact = draft.row("accounts", case["account_id"]), draft.row("contacts", case["contact_id"])
    asset = draft.row("assets", case["asset_id"]) if case["asset_id"] else None
    product = draft.row("products", asset["product_id"]) if asset else desk.product(rng, ("printers",))
    owner = draft.row("employees", case["owner_id"])
    voice = Voice(draft, rng, moment, product=product, account=account, contact=contact, asset=asset, case=case, person=owner)
    articles = desk.articles.get(case["reason_code"], [])
    article = rng.choice(articles)["id"] if articles and kind == "case-out" and rng.random() < 0.35 else None
    about = {"account_id": account["id"], "contact_id": contact["id"], "case_id": case["id"], "employee_id": owner["id"], "article_id": article}
    return _talk(rng, texts, voice, moment, **about)


def _free_talk(draft: Draft, rng: random.Random, desk: Desk, kind: str) -> Row:
    texts, moment = draft.material.texts.interactions[kind], draft.calendar.moment(rng)
    if kind == "lobby":
        agent = rng.choice(draft.staff("Service agent", "Inside sales"))
        return _talk(rng, texts, Voice(draft, rng, moment, product=desk.product(rng, ("printers", "computers"))), moment, employee_id=agent["id"])
    account = desk.buyer(rng)
    contact, order = desk.contact(rng, account), desk.order_before(rng, account, moment)
    asset = desk.equipment_before(rng, account, moment, ("printers", "computers", "network", "diagnostics"))
    product = draft.row("products", asset["product_id"]) if asset else desk.product(rng, ("printers", "computers"))
    if kind == "order":
        if order is None:
            return _free_talk(draft, rng, desk, "care")
        moment = _within_hours(datetime.fromisoformat(order["ordered_on"]) + timedelta(days=rng.randint(0, 3), hours=rng.randint(9, 17)))
    voice = Voice(draft, rng, moment, product=product, account=account, contact=contact, asset=asset, order=order)
    return _talk(rng, texts, voice, moment, account_id=account["id"], contact_id=contact["id"], employee_id=account["owner_id"],
                 order_id=order["id"] if kind == "order" and order else None)  # fmt: skip


def _talk(rng: random.Random, texts: TalkTexts, voice: Voice, moment: datetime, **about: int | None) -> Row:
    kind = pick(rng, texts.kinds)
    call = kind == "call"
    return {
        "at": at(moment),
        "kind": kind,
        "direction": texts.direction,
        "subject": voice.say(rng.choice(texts.subjects)),
        "body": voice.say(rng.choice(texts.bodies)),
        "purpose": texts.purpose,
        "talk_s": int(rng.lognormvariate(5.2, 0.6)) if call else None,
        "hold_s": int(rng.expovariate(1 / 25)) if call else None,
        "wrap_s": int(rng.lognormvariate(4.0, 0.5)) if call else None,
        "abandoned": 0 if call else None,
        **about,
    }


def _within_hours(moment: datetime) -> datetime:
    return moment if 8 <= moment.hour < 19 else moment.replace(hour=9 + moment.minute % 9)


# Tasks


def _task(draft: Draft, rng: random.Random, desk: Desk) -> None:
    entry = rng.choice(draft.material.texts.tasks)
    account = desk.buyer(rng)
    contact = desk.contact(rng, account)
    now = datetime.combine(draft.calendar.end, datetime.min.time()) + timedelta(hours=18)
    due = _within_hours(now + timedelta(days=int(rng.triangular(-120, 40, -5)), hours=rng.randint(15, 23)))
    about_case = [row for row in draft.rows["cases"] if row["account_id"] == account["id"]] if "{case}" in entry.subject else []
    case = rng.choice(about_case) if about_case else None
    voice = Voice(draft, rng, due, product=desk.product(rng, ("printers", "computers")), account=account, contact=contact, case=case)
    done = due < now and rng.random() < 0.86
    draft.add("tasks", kind=entry.kind, subject=voice.say(entry.subject), purpose=entry.purpose, account_id=account["id"], contact_id=contact["id"],
              case_id=case["id"] if case else None, owner_id=account["owner_id"], created_at=at(due - timedelta(days=rng.randint(1, 20))),
              start_at=at(due - timedelta(hours=1)), due_at=at(due), status="done" if done else "open", done_at=at(due) if done else None)  # fmt: skip
