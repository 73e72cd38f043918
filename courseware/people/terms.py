"""On which terms a person does a piece of work: dates, attempts, time, password, networks. Rules over values; reading and writing them is done elsewhere."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from courseware.errors import Invalid, Refused
from courseware.i18n import message

T = TypeVar("T")

LEAST_FACTOR, MOST_FACTOR = 1.0, 5.0
MOST_EXTRA = 20
MOST_NETWORKS = 50


@dataclass(frozen=True)
class Terms:
    """The terms of one person at one work. A date that is None does not bind; `password_hashes` and `networks` bind unless they are empty."""

    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None
    time_factor: float = 1.0
    extra_attempts: int = 0
    password_hashes: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()

    def is_early(self, now: datetime) -> bool:
        return self.opens_at is not None and now < self.opens_at

    def is_closed(self, now: datetime) -> bool:
        return self.closes_at is not None and now >= self.closes_at


USUAL = Terms()


def is_late(submitted_at: datetime | None, due_at: datetime | None) -> bool:
    """Whether work was handed in after its due date. It counts, and is marked as late."""
    return due_at is not None and submitted_at is not None and submitted_at > due_at


@dataclass(frozen=True)
class Own:
    """What one person gets otherwise than the class; None leaves it as it is."""

    time_factor: float | None = None
    extra_attempts: int | None = None
    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return self == Own()


def of_classes(several: Sequence[Terms]) -> Terms:
    """Join the terms of all classes a person has a work from. The most generous counts: what one class leaves open, another does not shut."""
    if not several:
        return USUAL
    opens, closes = [one.opens_at for one in several], [one.closes_at for one in several]
    return Terms(
        opens_at=None if None in opens else min(at for at in opens if at),
        due_at=max((one.due_at for one in several if one.due_at), default=None),
        closes_at=None if None in closes else max(at for at in closes if at),
        password_hashes=_any_of([one.password_hashes for one in several]),
        networks=_any_of([one.networks for one in several]),
    )


def _any_of(asked: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for each in asked for one in each)) if all(asked) else ()


def for_person(terms: Terms, own: Iterable[Own]) -> Terms:
    """Put a person's own terms over those of the classes. The later ones of `own` are nearer to the work and go before."""
    for one in own:
        given = {name: value for name, value in vars(one).items() if value is not None}
        terms = replace(terms, **given)
    return terms


def parse_networks(typed: str) -> list[str]:
    """Read networks as people write them, `192.0.2.0/24` or one address, apart by commas, spaces or lines. Raises Invalid with the first that is none."""
    found = []
    for word in typed.replace(",", " ").replace(";", " ").split():
        try:
            found.append(str(ipaddress.ip_network(word, strict=False)))
        except ValueError:
            raise Invalid(message("“%(typed)s” is not a network. Write it like 192.0.2.0/24, or one address like 192.0.2.17.", typed=word[:60]), "networks") from None
    if len(found) > MOST_NETWORKS:
        raise Invalid(message("At most %(most)s networks can be named.", most=MOST_NETWORKS), "networks")
    return list(dict.fromkeys(found))


def is_within(address: str | None, networks: Iterable[str]) -> bool:
    """Whether an address is in one of the networks. One that cannot be read is in none; an IPv4 address may come in its IPv6 form."""
    try:
        read = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    plain = getattr(read, "ipv4_mapped", None) or read
    return any(plain in ipaddress.ip_network(network) for network in networks)


def refuse_elsewhere(networks: Sequence[str], address: str | None) -> None:
    """Raise Refused for an address outside the networks, saying both; without networks any address will do."""
    if networks and not is_within(address, networks):
        asked = ", ".join(networks)
        raise Refused(
            message("This work may be done only from these networks: %(networks)s. You come from %(address)s. Use a computer there, or ask your instructor.", networks=asked, address=address or "?")
        )
