"""Interactions: talks about cases, about orders and about everything else, in the order of their time. How a sentence is filled is voice.py's business."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from courseware.sandbox.firm.desk import Desk, within_hours
from courseware.sandbox.firm.draft import Draft, Row, at, pick
from courseware.sandbox.firm.material import Talk, TalkStory
from courseware.sandbox.firm.voice import Voice

_SHARES = {"order": 38, "sales": 27, "care": 14, "note": 8, "lobby": 13}
_TALKS_A_CASE = {0: 16, 1: 38, 2: 26, 3: 12, 4: 5, 5: 3}
_WRITTEN = frozenset({"email", "chat"})  # kinds that go on in a thread
_QUEUES = {"case-in": "support", "lobby": "general"}
_GIVEN_UP = 0.07  # share of the callers without an account who hang up before anyone answers


def interactions(draft: Draft) -> None:
    rng = draft.random("interactions")
    desk = Desk(draft)
    found: list[Row] = []
    for case in draft.rows["cases"]:
        if case["type"] != "internal" and case["owner_id"]:
            found += _about_case(draft, rng, desk, case)
    while len(found) < draft.material.firm.sizes.interactions:
        found.append(_free(draft, rng, desk, pick(rng, _SHARES)))
    firsts: dict[object, int] = {}
    for row in sorted(found[: draft.material.firm.sizes.interactions], key=lambda row: str(row["at"])):
        added = draft.add("interactions", **row)
        if row["kind"] in _WRITTEN and row.get("case_id"):
            added["thread_id"] = firsts.get((row["case_id"], row["kind"]))
            firsts.setdefault((row["case_id"], row["kind"]), added["id"])


def _about_case(draft: Draft, rng: random.Random, desk: Desk, case: Row) -> list[Row]:
    """Give the talks about a case: while it was open, and after it was solved if it was."""
    owner = draft.row("employees", case["owner_id"])
    opened, solved, closed = (datetime.fromisoformat(case[name]) if case[name] else None for name in ("opened_at", "resolved_at", "closed_at"))
    talks = []
    for _ in range(pick(rng, _TALKS_A_CASE)):
        kind = "case-in" if rng.random() < 0.4 else "case-out"
        stage = "done" if solved and rng.random() < 0.3 else "open"
        story = rng.choice([story for story in draft.material.texts.interactions[kind].stories if _fits(story, case, stage)])
        since, until = (solved, closed or draft.now) if solved and stage == "done" else (opened or draft.now, solved or draft.now)
        soonest = since + timedelta(minutes=rng.randint(2, 50))
        moment = max(within_hours(soonest + (until - since) * rng.random() ** 2), soonest)
        if moment > draft.now:
            continue
        voice = draft.told[case["id"]].later(rng, moment, case=case, person=owner)
        articles = desk.articles.get(case["reason_code"], [])
        article = rng.choice(articles)["id"] if articles and kind == "case-out" and rng.random() < 0.35 else None
        about = {"account_id": case["account_id"], "contact_id": case["contact_id"], "case_id": case["id"], "employee_id": owner["id"], "article_id": article}
        talks.append(_talk(rng, kind, draft.material.texts.interactions[kind], story, voice, moment, about))
    return talks


def _fits(story: TalkStory, case: Row, stage: str) -> bool:
    return story.stage in (None, stage) and (not story.reasons or case["reason_code"] in story.reasons)


def _free(draft: Draft, rng: random.Random, desk: Desk, kind: str) -> Row:
    """Give a talk that is not about a case."""
    talk, moment = draft.material.texts.interactions[kind], draft.calendar.moment(rng)
    story = rng.choice(talk.stories)
    if kind == "lobby":
        agent = rng.choice(desk.agents)
        row = _talk(rng, kind, talk, story, Voice(draft, rng, moment, product=desk.product(rng, ("printers", "computers"))), moment, {"employee_id": agent["id"]})
        return _given_up(rng, row) if row["kind"] == "call" and rng.random() < _GIVEN_UP else row
    account = desk.buyer(rng)
    contact = desk.contact(rng, account)
    order = desk.order_before(rng, account, moment) if kind == "order" else None
    day = order[story.around] if order and story.around else None
    if kind == "order" and (order is None or day is None or day > at(draft.now)):
        return _free(draft, rng, desk, "care")
    if day:
        moment = within_hours(datetime.fromisoformat(day) + timedelta(hours=rng.randint(9, 17), minutes=rng.randrange(60)))
    asset = desk.equipment_before(rng, account, moment, ("printers", "computers", "network", "diagnostics"))
    product = draft.row("products", asset["product_id"]) if asset and not order else desk.ordered(rng, order) or desk.product(rng, ("printers", "computers"))
    voice = Voice(draft, rng, moment, product=product, account=account, contact=contact, asset=asset, order=order)
    about = {"account_id": account["id"], "contact_id": contact["id"], "employee_id": account["owner_id"], "order_id": order["id"] if order else None}
    return _talk(rng, kind, talk, story, voice, moment, about)


def _talk(rng: random.Random, name: str, talk: Talk, story: TalkStory, voice: Voice, moment: datetime, about: dict[str, int | None]) -> Row:
    kind = pick(rng, story.kinds)
    row: Row = {"at": at(moment), "kind": kind, "direction": talk.direction, "subject": voice.say(rng.choice(story.subjects)),
                "body": _body(rng, story, voice, talk.direction), "purpose": talk.purpose, **about}  # fmt: skip
    if kind == "call":
        row |= {"talk_s": int(rng.lognormvariate(5.2, 0.6)), "hold_s": int(rng.expovariate(1 / 25)), "wrap_s": int(rng.lognormvariate(4.0, 0.5)), "abandoned": 0}
        if name in _QUEUES:
            row |= {"queue": _QUEUES[name], "wait_s": int(rng.expovariate(1 / 22))}
    return row


def _body(rng: random.Random, story: TalkStory, voice: Voice, direction: str) -> str:
    """Say what was said: the matter, mostly one thing more, now and then a greeting or a close."""
    parts = [rng.choice(story.bodies)]
    if rng.random() < 0.75:
        parts.append(rng.choice(story.more))
    if direction == "in":
        parts = ["{opening}", *parts]
    if direction == "in" and story.stage != "done" and rng.random() < 0.4:
        parts.append("{closing}")
    return voice.say_all(parts)


def _given_up(rng: random.Random, row: Row) -> Row:
    """Make of an answered call one that nobody answered in time."""
    silent = {"employee_id": None, "talk_s": None, "hold_s": None, "wrap_s": None}
    return row | silent | {"abandoned": 1, "wait_s": int(rng.triangular(3, 180, 25)), "subject": "未接来电 Missed call", "body": None}
