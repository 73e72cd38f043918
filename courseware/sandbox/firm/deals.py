"""Opportunities with their quotes, contracts, promises, and the leads of the past two years. Orders are in trade.py, campaigns in marketing.py."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from courseware.sandbox.firm.desk import Desk
from courseware.sandbox.firm.draft import Draft, Row, at, pick
from courseware.sandbox.firm.material import PromiseText
from courseware.sandbox.firm.staff import Namer

_FAMILIES = {"computers": 24, "printers": 34, "network": 14, "diagnostics": 16, "supplies": 8, "services": 4}
_AMOUNTS = {"one": 6_000, "small": 18_000, "medium": 70_000, "large": 260_000}
_CHANCES = {"qualify": 20.0, "propose": 45.0, "negotiate": 70.0, "won": 100.0, "lost": 0.0}
_LOST = {"price": 30, "no-decision": 24, "delivery": 16, "function": 12, "relationship": 9, "service": 5, "other": 4}
_SOURCES = {"web": 34, "fair": 26, "call": 14, "referral": 11, "event": 6, "list": 6, "service": 3}
_UNFIT = {"no-need": 34, "no-budget": 22, "bought-elsewhere": 16, "no-contact": 12, "student": 7, "competitor": 5, "supplier": 4}
_BANDS = ((20_000, "under-20k"), (100_000, "20k-100k"), (500_000, "100k-500k"), (math.inf, "over-500k"))
_LINKED, _NURTURED = 0.1, 0.3  # share of the leads that were customers already, and of the rest that are kept warm
_RENEWED = 0.8
_SETTLED_AFTER = 20  # days after which most promises are decided on


def opportunities(draft: Draft) -> None:
    """Add chances in the order of their beginning: the old ones won or lost, the young ones on their way."""
    rng = draft.random("opportunities")
    desk = Desk(draft)
    prospects = [row for row in draft.rows["accounts"] if row["kind"] == "prospect" and row["id"] in desk.people]
    for number, created in enumerate(sorted(draft.calendar.moment(rng) for _ in range(draft.material.firm.sizes.opportunities)), 1):
        account = rng.choice(prospects) if rng.random() < 0.22 else desk.buyer(rng)
        while account["size"] == "one":
            account = desk.buyer(rng)
        _opportunity(draft, rng, number, created, account, desk.contact(rng, account))


def price_rules(draft: Draft) -> None:
    """Add the rules in force since this year's price list; older quotes were written under none of them."""
    firm = draft.material.firm
    for rule in firm.price_rules:
        draft.add("price_rules", name=rule.name, family=rule.family, segment=rule.segment, min_qty=rule.qty, max_discount_pct=rule.discount, approver_role=rule.approver,
                  margin_floor_pct=rule.floor, stops_send=1, valid_from=firm.price_rules_from.isoformat())  # fmt: skip


def quotes(draft: Draft) -> None:
    """Quote every chance that came so far, some of them more than once; with the lines, which fill their own table."""
    rng = draft.random("quotes")
    number = 0
    for chance in draft.rows["opportunities"]:
        if chance["stage"] == "qualify" or (chance["stage"] == "lost" and rng.random() < 0.3):
            continue
        versions = pick(rng, {1: 62, 2: 28, 3: 10})
        number += 1
        for version in range(1, versions + 1):
            _quote(draft, rng, f"Q-{number:04d}-{version}", chance, version, versions)


def quote_lines(draft: Draft) -> None:
    """Fill each quote to about the amount of its chance, and set its total."""
    rng = draft.random("quote_lines")
    families: dict[str, list[Row]] = {}
    for product in draft.rows["products"]:
        families.setdefault(product["family"], []).append(product)
    lines: dict[int, list[tuple[Row, float]]] = {}
    for quote in draft.rows["quotes"]:
        chance = draft.row("opportunities", quote["opportunity_id"])
        if chance["id"] not in lines:  # the versions of a quote differ in price, not in goods
            goods = rng.sample(families[chance["product_family"]], k=min(len(families[chance["product_family"]]), rng.choice((1, 1, 2, 3))))
            lines[chance["id"]] = [(product, chance["amount"] / len(goods)) for product in goods]
        total = 0.0
        for line_no, (product, share) in enumerate(lines[chance["id"]], 1):
            price, qty = round(product["list_price"] * (1 - quote["discount_pct"] / 100), 2), max(1, round(share / product["list_price"]))
            total += qty * price
            draft.add("quote_lines", quote_id=quote["id"], line_no=line_no, product_id=product["id"], qty=qty, price=price, unit_cost=product["unit_cost"])
        quote["total"] = round(total, 2)


def contracts(draft: Draft) -> None:
    """Add runs of yearly contracts with the better customers: most are renewed, some end."""
    rng = draft.random("contracts")
    good = [row for row in draft.rows["accounts"] if row["segment"] in ("A", "B") and row["size"] != "one"]
    people = Desk(draft).people
    made = 0
    while made < draft.material.firm.sizes.contracts:
        account = rng.choice(good)
        for previous, row in _terms(draft, rng, account, people[account["id"]]):
            made += 1
            row["no"] = f"CT-{1000 + made}"
            added = draft.add("contracts", **row)
            if previous:
                draft.rows["contracts"][-2]["renewed_by_id"] = added["id"]


def leads(draft: Draft) -> None:
    """Add leads in the order of their coming, all of them answered: those behind a chance, known customers, and the many that came to nothing."""
    rng = draft.random("leads")
    firm = draft.material.firm
    desk = Desk(draft)
    used = {row["mobile"] for row in draft.rows["contacts"]} | {row["guest_mobile"] for row in draft.rows["orders"]}
    free = [mobile for number in range(firm.mobiles_for_base) if (mobile := f"{firm.mobile_prefix}{number:04d}") not in used]
    mobiles = iter(rng.sample(free, firm.sizes.leads))
    namer = Namer(draft.material.names, rng, compound=0.6)
    behind = rng.sample(draft.rows["opportunities"], firm.sizes.leads // 7)
    rows = [_lead_of(draft, rng, chance) for chance in behind]
    while len(rows) < firm.sizes.leads:
        rows.append(_known(draft, rng, desk) if rng.random() < _LINKED else _stranger(draft, rng, namer, next(mobiles)))
    for number, row in enumerate(sorted(rows, key=lambda row: str(row["created_at"])), 1):
        draft.add("leads", no=f"L-{number:04d}", **row)


def commitments(draft: Draft) -> None:
    """Register part of what talks promised, in their order: of each kind as many, each from a talk in which it was noted, those with a chance on its way first."""
    rng = draft.random("commitments")
    texts = draft.material.texts.promises
    chances: dict[int, list[Row]] = {}
    for chance in draft.rows["opportunities"]:
        chances.setdefault(chance["account_id"], []).append(chance)
    said = [row for row in draft.rows["interactions"] if row.get("account_id") and row.get("employee_id") and row["body"]]
    found = []
    for promise in texts:
        talks = [row for row in said if promise.heard in row["body"]]
        rng.shuffle(talks)
        talks.sort(key=lambda talk: not _running(talk, chances))
        found += [(talk, promise) for talk in talks[: draft.material.firm.sizes.commitments // len(texts)]]
    for talk, promise in sorted(found, key=lambda pair: int(pair[0]["id"])):
        _commitment(draft, rng, talk, promise, _running(talk, chances))


def _running(talk: Row, chances: Mapping[int, list[Row]]) -> list[int]:
    """Give the ids of the account's chances that were on their way at the time of the talk."""
    return [row["id"] for row in chances.get(talk["account_id"], ()) if row["created_at"] <= talk["at"] and (not row["closed_at"] or row["closed_at"] >= talk["at"])]


def _commitment(draft: Draft, rng: random.Random, talk: Row, promise: PromiseText, running: list[int]) -> None:
    made = datetime.fromisoformat(talk["at"])
    due = draft.calendar.later(made.date(), promise.within).isoformat() if promise.within is not None else None
    old = (draft.now - made).days > _SETTLED_AFTER
    status = pick(rng, {"kept": 80, "open": 8, "renegotiated": 7, "withdrawn": 5} if old else {"open": 68, "confirmed": 20, "kept": 12})
    decided = min(draft.now, made + timedelta(days=rng.randint(1, _SETTLED_AFTER), minutes=rng.randrange(90))) if status != "open" else None
    notes = draft.material.texts.changed.get(status)
    draft.add("commitments", account_id=talk["account_id"], opportunity_id=running[-1] if running else None, made_by_id=talk["employee_id"], made_at=talk["at"], kind=promise.kind,
              text=promise.text, value=promise.value, unit=promise.unit, due_on=due, source_interaction_id=talk["id"], status=status,
              decided_by_id=talk["employee_id"] if decided else None, decided_at=at(decided) if decided else None, note=rng.choice(notes) if notes else None)  # fmt: skip


def _opportunity(draft: Draft, rng: random.Random, number: int, created: datetime, account: Row, contact: Row) -> None:
    age = (draft.now - created).days
    over = rng.random() < 1 - math.exp(-age / 80)
    stage = pick(rng, {"won": 42, "lost": 58}) if over else pick(rng, {"qualify": 40, "propose": 38, "negotiate": 22})
    family = pick(rng, _FAMILIES)
    closed = min(draft.now, created + timedelta(days=rng.randint(8, 110))) if over else None
    close_on = closed.date() if closed else draft.calendar.later(draft.calendar.end, rng.randint(3, 80))
    draft.add("opportunities", no=f"O-{1000 + number}", name=f"{account['name'].split()[0]} {rng.choice(draft.material.texts.deals.needs)}", account_id=account["id"], contact_id=contact["id"], stage=stage,
              product_family=family, amount=float(round(_AMOUNTS[account["size"]] * rng.lognormvariate(0, 0.7), -2)), close_on=close_on.isoformat(),
              probability=_CHANCES[stage], owner_id=account["owner_id"], next_step=None if over else rng.choice(draft.material.texts.deals.steps),
              next_step_on=None if over else draft.calendar.later(draft.calendar.end, rng.randint(-8, 15)).isoformat(),
              lost_reason=pick(rng, _LOST) if stage == "lost" else None, created_at=at(created), closed_at=at(closed) if closed else None)  # fmt: skip


def _quote(draft: Draft, rng: random.Random, number: str, chance: Row, version: int, versions: int) -> None:
    owner = draft.row("employees", chance["owner_id"])
    created = datetime.fromisoformat(chance["created_at"]) + timedelta(days=3 * version, hours=rng.randint(0, 5))
    created = min(created, datetime.fromisoformat(chance["closed_at"]) if chance["closed_at"] else draft.now)
    until = created.date() + timedelta(days=30)
    limit = owner["max_discount_pct"] or 5.0
    discount = min(20.0, rng.choice((0.0, 0.0, 2.0, 3.0, 5.0)) + 2.0 * (version - 1) + (4.0 if rng.random() < 0.08 else 0.0))
    last = {"won": "accepted", "lost": "expired"}.get(chance["stage"], "sent" if until > draft.now.date() else "expired")
    approver = draft.row("employees", owner["manager_id"]) if discount > limit else None
    draft.add("quotes", no=number, account_id=chance["account_id"], contact_id=chance["contact_id"], opportunity_id=chance["id"], owner_id=owner["id"], version=version,
              status=last if version == versions else "superseded", discount_pct=discount, terms=rng.choice(draft.material.texts.deals.terms), total=0.0,
              created_at=at(created), sent_at=at(created), valid_until=until.isoformat(), approval_asked_at=at(created) if approver else None,
              approved_by_id=approver["id"] if approver else None, approved_at=at(created) if approver else None,
              superseded_reason="新版本 new version" if version < versions else None)  # fmt: skip


def _terms(draft: Draft, rng: random.Random, account: Row, people: list[Row]) -> Iterator[tuple[bool, Row]]:
    """Give the yearly terms of one agreement, and whether a term renews the one before."""
    start, end = draft.calendar.start, draft.calendar.end
    first = start + timedelta(days=rng.randint(-300, (end - start).days - 20))
    kind, sponsor = pick(rng, {"service": 58, "frame": 32, "software": 10}), rng.choice(people)
    value = float(round(_AMOUNTS[account["size"]] * rng.lognormvariate(-1.0, 0.5), -2))
    users = rng.randint(4, 60)
    level = pick(rng, {1: 30, 2: 46, 3: 24})
    renews = False
    while True:
        until = first + timedelta(days=364)
        goes_on = until <= end and rng.random() < _RENEWED
        active = round(users * rng.uniform(0.35, 0.98))
        row = {
            "account_id": account["id"], "contact_id": sponsor["id"], "owner_id": account["owner_id"], "kind": kind,
            "signed_on": (first - timedelta(days=rng.randint(2, 25))).isoformat(), "start_on": first.isoformat(), "end_on": until.isoformat(), "annual_value": value,
            "floor_discount": float(rng.choice((3, 5, 6, 8))) if kind == "frame" else None,
            "status": "renewed" if goes_on else "ended" if until <= end else "active", "renewed_by_id": None,
            "users_licensed": users if kind == "software" else None, "users_active": active if kind == "software" else None,
            "users_active_before": round(users * rng.uniform(0.35, 0.98)) if kind == "software" else None, "sla_id": level if kind == "service" else None,
        }  # fmt: skip
        yield renews, row
        if not goes_on:
            return
        first, value, renews = until + timedelta(days=1), float(round(value * rng.uniform(0.94, 1.12), -2)), True


def _lead_of(draft: Draft, rng: random.Random, chance: Row) -> Row:
    account, contact = draft.row("accounts", chance["account_id"]), draft.row("contacts", chance["contact_id"])
    converted = datetime.fromisoformat(chance["created_at"])
    band = next(name for limit, name in _BANDS if chance["amount"] < limit)
    signals = _signals(rng, warm=True)
    return _lead(draft, rng, converted - timedelta(days=rng.randint(1, 20)), account, contact) | signals | {
        "status": "converted", "budget_band": band, "timeline_months": rng.randint(1, 6), "decision_role": rng.choice(("decider", "buyer", "influencer")),
        "product_family": chance["product_family"], "converted_account_id": account["id"], "converted_opportunity_id": chance["id"], "converted_at": at(converted),
    }  # fmt: skip


def _known(draft: Draft, rng: random.Random, desk: Desk) -> Row:
    """Give the lead of somebody who was a customer already."""
    account = desk.buyer(rng)
    contact = desk.contact(rng, account)
    linked = {"status": "linked", "account_id": account["id"], "contact_id": contact["id"], "product_family": pick(rng, _FAMILIES)}
    return _lead(draft, rng, draft.calendar.moment(rng), account, contact) | _signals(rng, warm=False) | linked


def _stranger(draft: Draft, rng: random.Random, namer: Namer, mobile: str) -> Row:
    name, address = namer.person()
    market = draft.material.market
    region = pick(rng, draft.material.firm.region_weights)
    city = rng.choice(draft.material.firm.regions[region])
    industry = pick(rng, {name: industry.weight for name, industry in market.industries.items()})
    stem, line = rng.choice(market.stems), rng.choice(market.industries[industry].lines)
    firm = {"name": f"{city.zh}{stem[0]}{line[0]} {city.en} {stem[1]} {line[1]}", "industry": industry, "region": region, "city": f"{city.zh} {city.en}",
            "size": pick(rng, {"small": 64, "medium": 28, "large": 8}), "owner_id": rng.choice(draft.staff("Inside sales"))["id"]}  # fmt: skip
    role = pick(rng, {"user": 40, "influencer": 20, "buyer": 16, "decider": 14, "gatekeeper": 6, "payer": 4})
    email = f"{address}@{stem[1].lower()}-{mobile[-4:]}.example"
    person = {"name": name, "title": rng.choice(market.titles[role]), "mobile": mobile, "email": email}
    row = _lead(draft, rng, draft.calendar.moment(rng), firm, person)
    kept = rng.random() < _NURTURED
    reason = None if kept else pick(rng, _UNFIT)
    poor = reason in ("no-need", "no-budget")
    return row | _signals(rng, warm=kept) | {
        "status": "nurture" if kept else "disqualified", "disqualify_reason": reason, "decision_role": role,
        "budget_band": "none" if poor else pick(rng, {"under-20k": 52, "20k-100k": 34, "100k-500k": 12, "over-500k": 2}),
        "timeline_months": rng.choice((9, 12, 18)) if kept else rng.choice((None, 3, 6, 12)), "product_family": pick(rng, _FAMILIES),
    }  # fmt: skip


def _lead(draft: Draft, rng: random.Random, created: datetime, firm: Row, person: Row) -> Row:
    """Give what every lead has. The first answer takes some hours, sometimes days."""
    answered = min(draft.now, created + timedelta(hours=min(200.0, rng.lognormvariate(1.6, 1.1))))
    consents = {name: person.get(name) or pick(rng, {"unknown": 40, "yes": 52, "no": 8}) for name in ("consent_email", "consent_sms", "consent_phone")}
    source = pick(rng, _SOURCES)
    return {
        "source": source, "name": person["name"], "title": person["title"], "mobile": person["mobile"], "email": person["email"], "company": firm["name"],
        "industry": firm["industry"], "region": firm["region"], "city": firm["city"], "size": firm["size"], **consents, "owner_id": firm["owner_id"],
        "need": rng.choice(draft.material.texts.deals.needs) if rng.random() < 0.8 else None, "created_at": at(created), "first_response_at": at(answered),
        "interest_code": rng.choice(("V", "P", "P")) if source == "fair" else None,
    }  # fmt: skip


def _signals(rng: random.Random, *, warm: bool) -> Row:
    return {"newsletter_opens": rng.randint(0, 9), "quote_page_visits": rng.choice((1, 2, 2, 3, 4) if warm else (0, 0, 0, 1, 2)),
            "product_page_visits": rng.randint(0, 6) + warm, "events_attended": int(rng.random() < (0.3 if warm else 0.18)),
            "replied_email": int(rng.random() < (0.7 if warm else 0.22)), "score": None}  # fmt: skip
