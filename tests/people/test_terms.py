"""Terms as rules: several classes, a person's own, and networks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from courseware.errors import Invalid, Refused
from courseware.people.terms import USUAL, Own, Terms, for_person, is_within, of_classes, parse_networks, refuse_elsewhere
from tests.conftest import NOW

DAY = timedelta(days=1)


def test_without_a_class_nothing_binds() -> None:
    assert of_classes([]) == USUAL
    assert not USUAL.is_early(NOW) and not USUAL.is_closed(NOW)


def test_the_doors_are_open_from_the_very_moment_and_shut_at_the_very_moment() -> None:
    terms = Terms(opens_at=NOW, closes_at=NOW + DAY)
    assert terms.is_early(NOW - timedelta(seconds=1)) and not terms.is_early(NOW)
    assert not terms.is_closed(NOW + DAY - timedelta(seconds=1)) and terms.is_closed(NOW + DAY)


def test_of_several_classes_the_most_generous_counts() -> None:
    strict = Terms(NOW, NOW + DAY, NOW + 2 * DAY, password_hashes=("a",), networks=("192.0.2.0/24",))
    other = Terms(NOW - DAY, NOW + 2 * DAY, NOW + 3 * DAY, password_hashes=("b",), networks=("198.51.100.0/24",))
    assert of_classes([strict, other]) == Terms(NOW - DAY, NOW + 2 * DAY, NOW + 3 * DAY, password_hashes=("a", "b"), networks=("192.0.2.0/24", "198.51.100.0/24"))
    assert of_classes([strict, Terms(due_at=NOW)]) == Terms(due_at=NOW + DAY), "what one class leaves open, another does not shut"


def test_own_terms_go_over_those_of_the_class_and_the_nearer_ones_over_the_general() -> None:
    klass = Terms(NOW, NOW + DAY, NOW + 2 * DAY, networks=("192.0.2.0/24",))
    general, near = Own(time_factor=1.5, extra_attempts=1), Own(extra_attempts=0, due_at=NOW + 5 * DAY)
    assert for_person(klass, [general, near]) == Terms(NOW, NOW + 5 * DAY, NOW + 2 * DAY, 1.5, 0, networks=("192.0.2.0/24",))
    assert for_person(klass, [Own(), Own()]) == klass


def test_networks_are_read_as_people_write_them() -> None:
    assert parse_networks(" 192.0.2.17/24, 198.51.100.4\n2001:db8::/32;192.0.2.0/24 ") == ["192.0.2.0/24", "198.51.100.4/32", "2001:db8::/32"]
    assert parse_networks("") == []


@pytest.mark.parametrize("typed", ["192.0.2.0/33", "room 4", "192.0.2", "10.0.0.0/8 ::/129"])
def test_what_is_no_network_is_named(typed: str) -> None:
    with pytest.raises(Invalid, match="is not a network"):
        parse_networks(typed)


@pytest.mark.parametrize(
    ("address", "inside"),
    [("192.0.2.9", True), ("192.0.3.9", False), ("::ffff:192.0.2.9", True), ("2001:db8::5", True), ("2001:db9::5", False), ("", False), (None, False), ("192.0.2.9:80", False)],
)
def test_an_address_is_inside_or_not(address: str | None, inside: bool) -> None:
    assert is_within(address, ["192.0.2.0/24", "2001:db8::/32"]) is inside


def test_a_refusal_says_what_is_asked_and_what_was_seen() -> None:
    refuse_elsewhere((), "203.0.113.5")
    with pytest.raises(Refused, match=r"192\.0\.2\.0/24.*You come from 203\.0\.113\.5"):
        refuse_elsewhere(["192.0.2.0/24"], "203.0.113.5")
