"""Departments, employees, service levels, internal agreements, rates and the organisation chart. Customers are in market.py."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta

from courseware.sandbox.firm.draft import Draft, Row, pick
from courseware.sandbox.firm.material import Names, Post

_REGIONAL = frozenset({"Regional sales lead", "Sales representative", "Field engineer"})


def departments(draft: Draft) -> None:
    for entry in draft.material.firm.departments:
        draft.add("departments", code=entry.code, name=entry.name, kind=entry.kind, manager_id=None, internal_rate=entry.rate)


def employees(draft: Draft) -> None:
    """Fill every post; heads manage their department, leads the roles they are over, and a few people have left."""
    rng = draft.random("employees")
    namer = Namer(draft.material.names, rng, distinct_given=True)
    for post in draft.material.firm.staff:
        for place in range(post.count):
            _employee(draft, rng, namer, post, place)
    _managers(draft)
    _leavers(draft, rng)


def slas(draft: Draft) -> None:
    for entry in draft.material.firm.slas:
        draft.add("slas", **entry.model_dump())


def internal_agreements(draft: Draft) -> None:
    for number, entry in enumerate(draft.material.firm.agreements, 1):
        provider, customer = draft.department(entry.provider), draft.department(entry.customer)
        draft.add(
            "internal_agreements",
            no=f"IA-{number:02d}",
            name=f"{provider['name']} → {customer['name']}",
            provider_dept_id=provider["id"],
            customer_dept_id=customer["id"],
            response_h=entry.response_h,
            resolve_h=entry.resolve_h,
            hours=entry.hours,
            escalation_id=provider["manager_id"],
            review_on=entry.review.isoformat(),
            status="agreed",
            agreed_at=entry.agreed,
        )


def rate_cards(draft: Draft) -> None:
    """Add the internal rates of last year and this year, then the other cards."""
    for entry in draft.material.firm.departments:
        dept_id = draft.department(entry.code)["id"]
        for period, value in (("2025", entry.rate_before), ("2026", entry.rate)):
            draft.add("rate_cards", card="internal-rate", key=entry.code, dept_id=dept_id, period=period, value=value, unit="yuan an hour")
    for rate in draft.material.firm.rates:
        draft.add("rate_cards", card=rate.card, key=rate.key, role=rate.role, dept_id=None, period="2026", value=rate.value, unit=rate.unit)


def dossiers(draft: Draft) -> None:
    draft.add("dossiers", no="D-01", kind="org-chart", title="组织结构 Who leads what", interaction_id=None)


def dossier_lines(draft: Draft) -> None:
    for number, row in enumerate(draft.rows["departments"], 1):
        manager = draft.row("employees", row["manager_id"])
        people = sum(1 for person in draft.rows["employees"] if person["dept_id"] == row["id"] and person["login_active"])
        text = f"{row['name']}: {manager['name']} ({manager['role']}), {people} 人 people"
        draft.add("dossier_lines", dossier_id=1, line_no=number, speaker=None, text=text, tag=None)


class Namer:
    """Draws names no two of which are alike: Chinese with their spelling, now and then one from abroad."""

    def __init__(self, names: Names, rng: random.Random, *, distinct_given: bool = False, compound: float = 0.0) -> None:
        self._names, self._rng, self._distinct_given, self._compound = names, rng, distinct_given, compound
        self._surnames = {(zh, en): weight for zh, en, weight in names.surnames}
        self._taken: set[str] = set()

    def person(self, foreign_share: float | None = None) -> tuple[str, str]:
        """Give a name as written on a card, and its form in an e-mail address."""
        while True:
            share = self._names.foreign_share if foreign_share is None else foreign_share
            name, address = self._foreign() if self._rng.random() < share else self._chinese()
            mark = address.split(".")[0] if self._distinct_given else name
            if mark not in self._taken and name.split()[0] not in self._names.never:
                self._taken.add(mark)
                return name, address

    def _chinese(self) -> tuple[str, str]:
        zh, en = pick(self._rng, self._surnames)
        given_zh, given_en = self._rng.choice(self._names.given)
        if self._compound and self._rng.random() < self._compound:
            second_zh, second_en = self._rng.choice(self._names.given)
            if len(given_zh + second_zh) == 2:
                given_zh, given_en = given_zh + second_zh, given_en + second_en.lower()
        return f"{zh}{given_zh} {en} {given_en}", f"{given_en}.{en}".lower()

    def _foreign(self) -> tuple[str, str]:
        first, last = self._rng.choice(self._names.foreign_first), self._rng.choice(self._names.foreign_last)
        return f"{first} {last}", f"{first}.{last}".lower()


def _employee(draft: Draft, rng: random.Random, namer: Namer, post: Post, place: int) -> Row:
    firm = draft.material.firm
    name, address = namer.person()
    regions = list(firm.regions)
    skills = list(post.skills) if post.head else sorted(rng.sample(post.skills, k=min(len(post.skills), rng.choice((1, 2, 2, 3)))))
    number = len(draft.rows.get("employees", ())) + 1
    return draft.add(
        "employees",
        no=f"E-{number:03d}",
        name=name,
        dept_id=draft.department(post.dept)["id"],
        role=post.role,
        manager_id=None,
        email=f"{address}@{firm.domain}",
        hired_on=(date(2025, 9, 30) - timedelta(days=int(rng.triangular(0, 5400, 900)))).isoformat(),
        left_on=None,
        region=regions[place % len(regions)] if post.role in _REGIONAL else None,
        industry=rng.choice(list(draft.material.market.industries)) if post.role == "Sales representative" else None,
        skills=json.dumps(skills, ensure_ascii=False),
        max_discount_pct=post.discount,
        max_accounts=post.accounts,
        capacity_hours=rng.choice((40.0, 40.0, 40.0, 40.0, 32.0, 20.0)) if not (post.head or post.lead) else 40.0,
        login_active=1,
        access_ends_at=None,
    )


def _managers(draft: Draft) -> None:
    posts = {(post.dept, post.role): post for post in draft.material.firm.staff}
    general = draft.rows["employees"][0]
    for department in draft.rows["departments"]:
        people = [row for row in draft.rows["employees"] if row["dept_id"] == department["id"]]
        head = next(row for row in people if posts[department["code"], row["role"]].head)
        leads = [row for row in people if posts[department["code"], row["role"]].lead]
        department["manager_id"] = head["id"]
        for place, row in enumerate(people):
            over = [lead for lead in leads if row["role"] in posts[department["code"], lead["role"]].over]
            row["manager_id"] = (over[place % len(over)] if over else head)["id"]
        head["manager_id"] = general["id"] if head is not general else None


def _leavers(draft: Draft, rng: random.Random) -> None:
    staying = {row["manager_id"] for row in draft.rows["employees"]}
    many = ("Sales representative", "Service agent", "Field engineer")
    candidates = [row for row in draft.rows["employees"] if row["role"] in many and row["id"] not in staying]
    for row in sorted(rng.sample(candidates, draft.material.firm.leavers), key=lambda row: int(row["id"])):
        left = draft.calendar.day(rng)
        row["hired_on"] = min(row["hired_on"], (left - timedelta(days=400)).isoformat())
        row["left_on"] = left.isoformat()
        row["login_active"] = 0
        row["access_ends_at"] = f"{left.isoformat()} 18:00"
