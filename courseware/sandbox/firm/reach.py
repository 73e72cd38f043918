"""How people find the firm and what they allow: refusals, files of cards from fairs, events, visits to the web site. Campaigns are in marketing.py."""

from __future__ import annotations

import json
import random
from datetime import date, datetime, timedelta
from typing import Any

from courseware.sandbox.firm.draft import Draft, Row, at, pick
from courseware.sandbox.firm.staff import Namer

_REFUSED = {"email": 34, "sms": 18, "phone": 8}
_KEYS = {"email": "email", "sms": "mobile", "phone": "mobile"}
_MAPPING = {"name": "姓名", "company": "公司", "mobile": "手机", "email": "邮箱", "consent": "同意", "interest": "意向"}
_SET_UP = {"mapping": json.dumps(_MAPPING, ensure_ascii=False), "normalise": json.dumps(["width", "spaces", "case", "phone"]),
           "match_keys": json.dumps(["mobile", "email"]), "consent_rule": "refusal-stays"}  # fmt: skip
_FAIRS = 2  # so many of the last fairs still have their file
_AGENTS = {"Chrome": 38, "Edge": 16, "WeChat": 26, "Safari": 20}


def suppressions(draft: Draft) -> None:
    """Add the keys of some of those who said no, in the order in which they said so."""
    rng = draft.random("suppressions")
    sources = draft.material.texts.refusals
    found: list[Row] = []
    for channel, count in _REFUSED.items():
        refusing = [row for row in draft.rows["contacts"] if row[f"consent_{channel}"] == "no" and row[_KEYS[channel]] and row["created_at"] < "2026-01"]
        for contact in rng.sample(refusing, count):
            since = max(draft.calendar.moment(rng), datetime.fromisoformat(contact["created_at"]) + timedelta(days=1, hours=3))
            found.append({"key_kind": _KEYS[channel], "normalised_key": contact[_KEYS[channel]], "channel": channel,
                          "purpose": pick(rng, {"promotional": 92, "all": 8}), "since": at(since), "source": rng.choice(sources[channel])})  # fmt: skip
    for row in sorted(found, key=lambda row: str(row["since"])):
        draft.add("suppressions", **row)


def imports(draft: Draft) -> None:
    for fair in _fairs(draft):
        end = datetime.fromisoformat(fair["end_on"])
        committed = end + timedelta(days=18, hours=16, minutes=10)
        draft.add("imports", file=f"cards-{fair['material_code']}.csv", campaign_id=fair["id"], status="committed", created_at=at(committed - timedelta(hours=2)),
                  previewed_at=at(committed - timedelta(minutes=25)), committed_at=at(committed), **_SET_UP)  # fmt: skip


def import_rows(draft: Draft) -> None:
    """Add the cards of a file in the order of scanning: people on record already, some scanned twice, and a few of no use."""
    rng = draft.random("import_rows")
    namer = Namer(draft.material.names, rng, compound=0.6)
    for batch, fair in zip(draft.rows["imports"], _fairs(draft), strict=True):
        members = [row for row in draft.rows["campaign_members"] if row["campaign_id"] == fair["id"] and row["status"] == "sent"]
        leads = [row for row in draft.rows["leads"] if row["source"] == "fair" and fair["start_on"] <= row["created_at"] < batch["committed_at"]]
        cards: list[tuple[Row, Row]] = [(_card(draft, rng, row), {"outcome": "merged", "reason": "known", "lead_id": row["id"]}) for row in leads]
        for member in rng.sample(members, 15):
            contact = draft.row("contacts", member["contact_id"])
            cards.append((_card(draft, rng, contact, member["interest_code"]), {"outcome": "merged", "reason": "known", "contact_id": contact["id"]}))
        cards += [({"姓名": namer.person()[0], "公司": "", "手机": "", "邮箱": "", "同意": "", "意向": ""}, {"outcome": "rejected", "reason": "no-channel"}) for _ in range(3)]
        colleague = rng.choice(draft.staff("Sales representative"))
        cards.append(({"姓名": colleague["name"], "公司": "蓝桥设备", "手机": "", "邮箱": colleague["email"], "同意": "", "意向": ""}, {"outcome": "rejected", "reason": "staff"}))
        rng.shuffle(cards)
        first = len(draft.rows.get("import_rows", ()))
        cards += [
            (card, {**outcome, "reason": "repeat", "merged_into_row_id": first + 1 + place}) for place, (card, outcome) in enumerate(cards[:6]) if outcome["outcome"] == "merged"
        ]
        days = (date.fromisoformat(fair["end_on"]) - date.fromisoformat(fair["start_on"])).days + 1
        for line_no, (raw, outcome) in enumerate(cards, 1):
            scanned = datetime.fromisoformat(fair["start_on"]) + timedelta(days=days * (line_no - 1) // len(cards), hours=10, minutes=(line_no * 7) % 420)
            draft.add("import_rows", import_id=batch["id"], line_no=line_no, scanned_at=at(scanned), raw=json.dumps(raw, ensure_ascii=False, separators=(",", ":")), **outcome)


def events(draft: Draft) -> None:
    rng = draft.random("events")
    for number, entry in enumerate(draft.material.texts.events, 1):
        draft.add("events", no=f"EV-{number:02d}", title=entry.title, held_on=entry.held.isoformat(), city=entry.city, capacity=entry.capacity,
                  owner_id=rng.choice(draft.staff("Marketing specialist"))["id"])  # fmt: skip


def event_registrations(draft: Draft) -> None:
    """Add who signed up, in that order: when the house is full they wait. Of the confirmed three in four come."""
    rng = draft.random("event_registrations")
    for event, entry in zip(draft.rows["events"], draft.material.texts.events, strict=True):
        opened = entry.held - timedelta(days=45)
        there = [row for row in draft.rows["contacts"] if row["created_at"] < opened.isoformat() and (not row["left_on"] or row["left_on"] > event["held_on"])]
        moments = sorted(draft.calendar.moment(rng, opened + timedelta(days=rng.randrange(40))) for _ in range(entry.registered))
        taken = 0
        for moment, contact in zip((moment for moment in moments if moment < draft.now), rng.sample(there, entry.registered), strict=False):
            cancelled, full = rng.random() < 0.1, taken >= entry.capacity
            taken += not (cancelled or full)
            over = entry.held <= draft.calendar.end
            taking_part = pick(rng, {"attended": 75, "confirmed": 25} if over else {"confirmed": 60, "registered": 40})
            status = "cancelled" if cancelled else "waitlisted" if full else taking_part
            confirmed = moment + timedelta(hours=rng.randint(1, 30)) if status in ("attended", "confirmed") else None
            draft.add("event_registrations", event_id=event["id"], contact_id=contact["id"], registered_at=at(moment), status=status,
                      confirmed_at=at(min(confirmed, draft.now)) if confirmed else None)  # fmt: skip


def web_visits(draft: Draft) -> None:
    """Add the pages that visitors of the last weeks looked at: most without a name, some known and willing, our own people, a crawler, one firm with many readers."""
    rng = draft.random("web_visits")
    willing = [row for row in draft.rows["contacts"] if row["consent_email"] == "yes" and row["email"] and not row["left_on"]]
    keen = rng.choice([row for row in draft.rows["accounts"] if row["kind"] == "prospect" and row["size"] == "large"])
    visitors: list[Row] = [{"network_name": keen["name"].split()[0], "family": "printers"} for _ in range(9)]
    visitors += [{"contact_id": row["id"], "link_consent": "yes", "network_name": draft.row("accounts", row["account_id"])["name"].split()[0]} for row in rng.sample(willing, 24)]
    visitors += [{"network_name": "蓝桥 Lanqiao", "is_staff": 1} for _ in range(6)]
    visitors += [{"user_agent": "crawler/1.0", "pages": 30}]
    visitors += [{"link_consent": pick(rng, {"unknown": 70, "no": 30})} for _ in range(112)]
    found = [row for visitor in visitors for row in _visits(draft, rng, visitor)]
    for row in sorted(found[: draft.material.firm.sizes.web_visits], key=lambda row: str(row["at"])):
        draft.add("web_visits", **row)


def _fairs(draft: Draft) -> list[Row]:
    return [row for row in draft.rows["campaigns"] if row["type"] == "fair"][-_FAIRS:]


def _card(draft: Draft, rng: random.Random, person: Row, interest: str | None = None) -> dict[str, Any]:
    """Write a card as a scanner reads it: numbers and addresses in whatever spelling."""
    mobile = person["mobile"] or ""
    spelt = rng.choice((mobile, f"+86 {mobile}", f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}")) if mobile else ""
    company = person.get("company") or draft.row("accounts", person["account_id"])["name"]
    return {"姓名": person["name"], "公司": company, "手机": spelt, "邮箱": rng.choice(((person["email"] or ""), (person["email"] or "").upper())),
            "同意": "1" if person["consent_email"] == "yes" else "", "意向": interest or person.get("interest_code") or ""}  # fmt: skip


def _visits(draft: Draft, rng: random.Random, visitor: Row) -> list[Row]:
    """Give the pages one visitor looks at, one after the other."""
    texts = draft.material.texts.web
    goods = [row for row in draft.rows["products"] if row["family"] in ((visitor["family"],) if "family" in visitor else texts.families)]
    moment = draft.calendar.moment(rng, rng.choice(draft.calendar.days[-30:]))
    known = {"visitor_key": f"v{rng.randrange(16**6):06x}", "contact_id": None, "link_consent": None, "user_agent": pick(rng, _AGENTS), "network_name": None, "is_staff": 0}
    found = []
    for _ in range(visitor.get("pages") or pick(rng, {1: 22, 2: 20, 3: 20, 4: 14, 5: 10, 7: 8, 9: 6})):
        product = rng.choice(goods) if "family" in visitor or rng.random() < 0.55 else None
        dwell = 1 + int(rng.expovariate(1 / 45))
        page = f"/p/{product['sku']}" if product else rng.choice(texts.pages)
        row = {**known, **{name: value for name, value in visitor.items() if name in known}, "at": at(moment), "page": page, "product_family": product["family"] if product else None,
               "dwell_s": 1 if "pages" in visitor else dwell}  # fmt: skip
        found.append(row)
        moment += timedelta(seconds=dwell + 20)
    return found
