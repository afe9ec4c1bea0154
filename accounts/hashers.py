"""Password hashing: Argon2id with OWASP's first choice of parameters, one at a time per process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

# A worker has several threads, a machine few cores: hashing side by side would only multiply the
# 19 MiB that each hash takes. Argon2 releases the interpreter lock, so other requests go on.
_one_at_a_time = threading.BoundedSemaphore(1)
#: Of this thread alone: what others hash meanwhile is hashed as ever.
_weakly = ContextVar("weakly", default=False)


class Argon2(Argon2PasswordHasher):
    """19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet. About 50 ms a hash."""

    time_cost = 2
    memory_cost = 19456
    parallelism = 1

    def params(self) -> Any:
        """What a password is hashed with."""
        found = super().params()
        if _weakly.get():
            found.memory_cost, found.time_cost = 8, 1
        return found

    def encode(self, password: str, salt: str) -> str:
        """Hash a password."""
        with _one_at_a_time:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Compare a password with a hash."""
        with _one_at_a_time:
            return super().verify(password, encoded)


@contextmanager
def weakly() -> Iterator[None]:
    """Hash at next to no cost inside; for accounts to which nobody will ever sign in."""
    before = _weakly.set(True)
    try:
        yield
    finally:
        _weakly.reset(before)
