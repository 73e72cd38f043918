"""Campaigns with their members, and surveys. Answers are biased as in life: who was angry or delighted answers, and chosen customers praise."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from courseware.sandbox.firm.desk import Desk, within_hours
from courseware.sandbox.firm.draft import Draft, Row, at, pick

_MAILED = frozenset({"mailing", "event-mail"})
_WAVES = ("2024-H1", "2024-H2", "2025-H1", "2025-H2")
_MODES = {"sms": 40, "email": 32, "call": 20, "web": 8}
_CHOSEN_BY_STAFF = 0.25  # share of a wave that the account owners named themselves


def campaigns(draft: Draft) -> None:
    rng = draft.random("campaigns")
    owners = draft.staff("Marketing specialist")
    for number, entry in enumerate(sorted(draft.material.texts.campaigns, key=lambda entry: entry.start), 1):
        end = entry.start + timedelta(days=entry.days - 1)
        draft.add("campaigns", no=f"M-{number:03d}", name=entry.name, type=entry.type, purpose=entry.purpose, channel=entry.channel, material_code=entry.material,
                  product_family=entry.family, start_on=entry.start.isoformat(), end_on=end.isoformat(), last_show_day=end.isoformat() if entry.type == "fair" else None,
                  cost_actual=entry.cost, owner_id=rng.choice(owners)["id"], scheduled_at=f"{entry.start.isoformat()} 10:00" if entry.type in _MAILED else None,
                  job_status="done" if entry.type in _MAILED else None)  # fmt: skip


def campaign_members(draft: Draft) -> None:
    """Add who was written to or met. Mailings for promotion leave out those who said no; some others are removed with a reason."""
    rng = draft.random("campaign_members")
    entries = sorted(draft.material.texts.campaigns, key=lambda entry: entry.start)
    for campaign, entry in zip(draft.rows["campaigns"], entries, strict=True):
        there = [row for row in draft.rows["contacts"] if row["created_at"] < campaign["start_on"] and (not row["left_on"] or row["left_on"] > campaign["start_on"])]
        for contact in sorted(rng.sample(there, min(entry.members, len(there))), key=lambda row: int(row["id"])):
            draft.add("campaign_members", campaign_id=campaign["id"], contact_id=contact["id"], **_membership(rng, campaign, entry.response, contact))


def surveys(draft: Draft) -> None:
    """Add a question after every third solved case, and a wave to customers each half-year, in the order of their sending."""
    rng = draft.random("surveys")
    desk = Desk(draft)
    solved = [row for row in draft.rows["cases"] if row["closed_at"] and row["type"] != "internal"]
    waves = draft.material.firm.sizes.surveys // 4 // len(_WAVES)
    found = [_after_case(draft, rng, case) for case in rng.sample(solved, draft.material.firm.sizes.surveys - waves * len(_WAVES))]
    found += [_of_wave(draft, rng, desk, wave) for wave in _WAVES for _ in range(waves)]
    for row in sorted(found, key=lambda row: str(row["sent_at"])):
        draft.add("surveys", **row)


def _membership(rng: random.Random, campaign: Row, response: float, contact: Row) -> Row:
    sent = datetime.fromisoformat(campaign["start_on"]) + timedelta(hours=10, minutes=rng.randrange(90))
    asked_not = campaign["purpose"] == "promotional" and campaign["channel"] == "email" and contact["consent_email"] != "yes"
    reason = "no-consent" if asked_not else pick(rng, {"": 94, "duplicate": 2, "bad-address": 3, "not-target": 1})
    if reason:
        return {"status": "removed", "removal_reason": reason, "material_code": campaign["material_code"]}
    opened = sent + timedelta(hours=rng.expovariate(1 / 20)) if campaign["channel"] == "email" and rng.random() < 0.34 else None
    answered = within_hours(sent + timedelta(hours=rng.expovariate(1 / 90))) if rng.random() < response else None
    return {"status": "sent", "material_code": campaign["material_code"], "interest_code": rng.choice(("V", "P", "P", None)) if campaign["type"] == "fair" else None,
            "sent_at": at(sent), "opened_at": at(opened) if opened else None, "responded_at": at(max(answered, sent)) if answered else None}  # fmt: skip


def _after_case(draft: Draft, rng: random.Random, case: Row) -> Row:
    """Ask after a case: late ones score lower, and both ends of the scale answer more often than the middle."""
    late = case["resolved_at"] > case["due_at"]
    felt = max(1, min(5, round(rng.gauss(2.7 if late else 4.1, 0.9) - 0.6 * case["reopened_count"])))
    answers = rng.random() < {1: 0.42, 2: 0.24, 3: 0.09, 4: 0.12, 5: 0.2}[felt]
    sent = within_hours(datetime.fromisoformat(case["closed_at"]) + timedelta(hours=rng.randint(1, 20)))
    account = draft.row("accounts", case["account_id"])
    row = {"kind": "CSAT", "account_id": account["id"], "contact_id": case["contact_id"], "case_id": case["id"], "employee_id": case["owner_id"],
           "segment": account["segment"], "wave": case["closed_at"][:7], "chosen_by": "random", "mode": pick(rng, _MODES), "sent_at": at(sent)}  # fmt: skip
    return row | (_answer(draft, rng, sent, felt, good=felt >= 4, poor=felt <= 2) if answers else {})


def _of_wave(draft: Draft, rng: random.Random, desk: Desk, wave: str) -> Row:
    """Ask for a recommendation; those whom their owner chose are kinder than those drawn."""
    account = desk.buyer(rng)
    chosen = rng.random() < _CHOSEN_BY_STAFF
    felt = max(0, min(10, round(rng.gauss(8.9 if chosen else 7.2, 1.0 if chosen else 2.1))))
    month = 6 if wave.endswith("H1") else 12
    sent = datetime(int(wave[:4]), month, rng.randint(2, 6), rng.randint(9, 16), rng.randrange(60))
    row = {"kind": "NPS", "account_id": account["id"], "contact_id": desk.contact(rng, account)["id"], "segment": account["segment"], "wave": wave,
           "chosen_by": "staff" if chosen else "random", "mode": "email", "sent_at": at(sent)}  # fmt: skip
    answers = rng.random() < (0.7 if chosen else 0.12 + 0.02 * abs(felt - 6))
    return row | (_answer(draft, rng, sent, felt, good=felt >= 9, poor=felt <= 6) if answers else {})


def _answer(draft: Draft, rng: random.Random, sent: datetime, score: int, *, good: bool, poor: bool) -> Row:
    answered = min(draft.now, sent + timedelta(hours=rng.expovariate(1 / 30)))
    comments = draft.material.texts.surveys.good if good else draft.material.texts.surveys.poor if poor else None
    theme = rng.choice(list(comments)) if comments else None
    says = comments is not None and theme is not None and rng.random() < (0.75 if poor else 0.4)
    return {"answered_at": at(answered), "score": float(score), "theme": theme, "comment": rng.choice(comments[theme]) if says and comments and theme else None}
