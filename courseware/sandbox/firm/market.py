"""Accounts and contacts: who the firm deals with. What they buy is in trade.py."""

from __future__ import annotations

import random
from datetime import timedelta

from courseware.sandbox.firm.draft import Draft, Row, at, pick
from courseware.sandbox.firm.material import City, Pair
from courseware.sandbox.firm.staff import Namer

_SIZES = {"small": 58, "medium": 30, "large": 12}
_STAGES = {"identification": 6, "development": 26, "stability": 46, "decline": 14, "lost": 8}
_TYPES = {"basic": 40, "reactive": 27, "accountable": 18, "proactive": 11, "partnership": 4}
_ROLES = {"buyer": 24, "user": 34, "decider": 18, "influencer": 14, "payer": 7, "gatekeeper": 3}
_CHANNELS = {"phone": 38, "email": 30, "chat": 14, "sms": 6, "visit": 12}
_ANSWERS = {"unknown": 46, "yes": 42, "no": 12}


def accounts(draft: Draft) -> None:
    """Add accounts of every kind in mixed order; the private persons among the customers have no industry line."""
    rng = draft.random("accounts")
    sizes = draft.material.firm.sizes
    kinds = [kind for kind, count in sizes.accounts.items() for _ in range(count - (sizes.private_persons if kind == "customer" else 0))]
    kinds += ["private"] * sizes.private_persons
    rng.shuffle(kinds)
    makers = AccountMaker(draft, rng)
    for kind in kinds:
        makers.add(kind)
    _families(draft, rng)


def contacts(draft: Draft) -> None:
    """Give every account at least one contact, large ones more."""
    rng = draft.random("contacts")
    firm = draft.material.firm
    namer = Namer(draft.material.names, rng, compound=0.6)
    mobiles = rng.sample(range(firm.mobiles_for_base), firm.sizes.contacts)
    rooms = {"one": 1, "small": 2, "medium": 4, "large": 8}
    places = [row for row in draft.rows["accounts"] if row["kind"] != "internal"]
    private = [row for row in places if row["size"] == "one"]
    firms = [row for row in places if row["size"] != "one"]
    more = rng.choices(firms, weights=[rooms[row["size"]] for row in firms], k=firm.sizes.contacts - len(places))
    for number, account in enumerate(sorted([*private, *firms, *more], key=lambda row: int(row["id"]))):
        _contact(draft, rng, namer, account, f"{firm.mobile_prefix}{mobiles[number]:04d}")


class AccountMaker:
    """Draws firms' names that are not yet taken and fills an account for each."""

    def __init__(self, draft: Draft, rng: random.Random) -> None:
        self._draft, self._rng, self._market = draft, rng, draft.material.market
        self._namer = Namer(draft.material.names, rng)
        self._taken: set[str] = set()
        self._load: dict[int, int] = {}

    def add(self, kind: str) -> Row:
        rng, firm = self._rng, self._draft.material.firm
        region = pick(rng, firm.region_weights)
        city = rng.choice(firm.regions[region])
        industry = self._industry(kind)
        buys = kind in ("customer", "dealer", "public-body", "private")
        size = "one" if kind == "private" else pick(rng, _SIZES)
        number = len(self._draft.rows.get("accounts", ())) + 1
        opened = self._draft.calendar.moment(rng) - timedelta(days=int(rng.triangular(0, 3000, 0)) if buys else 0)
        return self._draft.add(
            "accounts",
            no=f"A-{2000 + number}",
            name=self._name(kind, industry, city),
            kind="customer" if kind == "private" else kind,
            industry=industry,
            region=region,
            city=f"{city.zh} {city.en}",
            size=size,
            parent_id=None,
            owner_id=self._owner(kind, region, industry, size),
            segment=pick(rng, {"A": 8, "B": 27, "C": 65} if size != "large" else {"A": 45, "B": 40, "C": 15}) if buys else None,
            relationship_type=pick(rng, _TYPES) if buys else None,
            lifecycle_stage=pick(rng, _STAGES) if buys else "identification",
            key_customer=0,
            est_category_spend=_spend(rng, size) if kind not in ("supplier", "internal") else None,
            referred_by_id=None,
            opened_at=at(opened),
            do_not_sell_until=None,
            merged_into_id=None,
        )

    def _industry(self, kind: str) -> str | None:
        fixed = {"private": "private", "public-body": "public", "supplier": "manufacturing", "internal": None, "dealer": "retail"}
        if kind in fixed:
            return fixed[kind]
        return pick(self._rng, {name: industry.weight for name, industry in self._market.industries.items()})

    def _name(self, kind: str, industry: str | None, city: City) -> str:
        if kind == "internal":
            return "蓝桥设备 Lanqiao Equipment"
        if kind == "private":
            return self._namer.person()[0]
        while True:
            name = self._firm_name(kind, self._lines(kind, industry), city)
            if name not in self._taken:
                self._taken.add(name)
                return name

    def _lines(self, kind: str, industry: str | None) -> tuple[Pair, ...]:
        special = {"public-body": self._market.public_lines, "dealer": self._market.dealer_lines, "supplier": self._market.supplier_lines}
        return special[kind] if kind in special else self._market.industries[industry or ""].lines

    def _firm_name(self, kind: str, lines: tuple[Pair, ...], city: City) -> str:
        stem, line, suffix = self._rng.choice(self._market.stems), self._rng.choice(lines), self._rng.choice(self._market.suffixes)
        if kind == "public-body":
            return f"{city.zh}{stem[0]}{line[0]} {city.en} {stem[1]} {line[1]}"
        place = self._rng.random() < 0.35
        tail = suffix if line[0][-1] not in "院所校学部馆园店" else ("", "")
        zh = f"{city.zh if place else ''}{stem[0]}{line[0]}{tail[0]}"
        en = " ".join(part for part in (city.en if place else "", stem[1], line[1], tail[1]) if part)
        return f"{zh} {en}"

    def _owner(self, kind: str, region: str, industry: str | None, size: str) -> int | None:
        if kind == "internal":
            return None
        if kind == "supplier":
            return int(self._draft.staff("Buyer")[0]["id"])
        field = ("Sales representative", "Regional sales lead", "Sales director")
        roles = ("Inside sales",) if size in ("one", "small") and kind != "dealer" else field
        staff = [row for row in self._draft.staff(*roles) if self._load.get(row["id"], 0) < row["max_accounts"]]
        staff = staff or [row for row in self._draft.staff("Sales representative") if self._load.get(row["id"], 0) < row["max_accounts"]]
        best = self._rng.choices(staff, weights=[_fit(row, region, industry) for row in staff])[0]
        self._load[best["id"]] = self._load.get(best["id"], 0) + 1
        return int(best["id"])


def _fit(row: Row, region: str, industry: str | None) -> int:
    return 1 + 8 * int(row["region"] in (region, None)) + 4 * int(row["industry"] == industry)


def _spend(rng: random.Random, size: str) -> float:
    middle = {"one": 4_000, "small": 45_000, "medium": 260_000, "large": 1_400_000}[size]
    return float(round(middle * rng.lognormvariate(0, 0.6), -2))


def _families(draft: Draft, rng: random.Random) -> None:
    """Give some firms a parent and some a referrer, never in a circle: both are always older in number."""
    firms = [row for row in draft.rows["accounts"] if row["kind"] in ("customer", "public-body") and row["size"] != "one"]
    large = [row for row in firms if row["size"] == "large"]
    for row in firms:
        older = [other for other in large if other["id"] < row["id"]]
        if older and row["size"] != "large" and rng.random() < 0.06:
            row["parent_id"] = rng.choice(older)["id"]
        elif row["id"] > firms[0]["id"] and rng.random() < 0.14:
            row["referred_by_id"] = rng.choice([other for other in firms if other["id"] < row["id"]])["id"]


def _contact(draft: Draft, rng: random.Random, namer: Namer, account: Row, mobile: str) -> Row:
    private = account["size"] == "one"
    name, address = (account["name"], "") if private else namer.person()
    role = "user" if private else pick(rng, _ROLES)
    number = len(draft.rows.get("contacts", ())) + 1
    consents = {f"consent_{channel}": pick(rng, _ANSWERS) for channel in ("email", "sms", "phone")}
    asked = any(answer != "unknown" for answer in consents.values())
    # A record can be as old as its account at most, and as young as the last working day.
    created = max(str(account["opened_at"]), at(draft.calendar.moment(rng)))
    left = draft.calendar.day(rng).isoformat()
    return draft.add(
        "contacts",
        no=f"C-{3000 + number}",
        account_id=account["id"],
        name=name,
        title=None if private else rng.choice(draft.material.market.titles[role]),
        mobile=mobile if rng.random() < 0.94 or private else None,
        email=None if private or rng.random() < 0.08 else f"{address}@{_domain(account)}",
        role_in_buying=role,
        preferred_channel=pick(rng, _CHANNELS),
        **consents,
        consent_source=rng.choice(("call", "form", "web", "counter", "fair")) if asked else None,
        consent_at=created if asked else None,
        opted_out_at=None,
        birthday=None,
        id_no=None,
        note=None,
        created_at=created,
        left_on=left if not private and rng.random() < 0.05 and left > created else None,
        merged_into_id=None,
    )


def _domain(account: Row) -> str:
    word = next(word.lower().strip(".") for word in str(account["name"]).split() if word.isascii())
    return f"{word}-{account['no'][2:]}.example"
