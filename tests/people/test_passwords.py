"""Passwords: Argon2id, salted, slow also for names that nobody has. Few tests, because each costs a hash."""

from __future__ import annotations

import pytest

from courseware.errors import Invalid
from courseware.people import passwords


def test_a_password_fits_its_own_hash_only_and_is_salted() -> None:
    hashed = passwords.hash_password("correct horse 马")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$") and "horse" not in hashed
    assert passwords.matches(hashed, "correct horse 马")
    assert not passwords.matches(hashed, "correct horse 馬")
    assert passwords.hash_password("correct horse 马") != hashed


def test_without_an_account_it_works_as_long_and_never_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(passwords, "_hasher", type("Counting", (), {"verify": staticmethod(lambda hashed, _: asked.append(hashed) or True)}))
    assert not passwords.matches(None, "the password of nobody")
    assert asked == [passwords._nobody]


@pytest.mark.parametrize("hashed", ["", "plain", "$argon2id$broken", "$2b$12$abcdefghijklmnopqrstuv"])
def test_an_unreadable_hash_fits_nothing(hashed: str) -> None:
    assert not passwords.matches(hashed or "x", "x")


@pytest.mark.parametrize("password", ["", "seven77", "x" * 201])
def test_a_password_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(Invalid, match="A password has 8 to 200 characters") as refused:
        passwords.hash_password(password)
    assert refused.value.field == "password"
