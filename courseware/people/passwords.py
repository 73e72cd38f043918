"""Argon2id with OWASP's least parameters (19 MiB, 2 passes, 1 lane). Slow on purpose: never called inside a transaction."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from courseware.errors import Invalid
from courseware.i18n import message

SHORTEST, LONGEST = 8, 200
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_nobody = _hasher.hash("the password of nobody")


def hash_password(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(message("A password has %(least)s to %(most)s characters.", least=SHORTEST, most=LONGEST), "password")
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether the password fits. Without a hash it works as long, so that time does not tell who has an account."""
    try:
        return _hasher.verify(password_hash or _nobody, password[:LONGEST]) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
