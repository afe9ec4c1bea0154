"""Password hashing: Argon2id with OWASP's first choice of parameters, one at a time per process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

# A worker has several threads, a machine few cores: hashing side by side would only multiply the
# 19 MiB that each hash takes. Argon2 releases the interpreter lock, so other requests go on.
_one_at_a_time = threading.BoundedSemaphore(1)


class Argon2(Argon2PasswordHasher):
    """19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet. About 50 ms a hash."""

    time_cost = 2
    memory_cost = 19456
    parallelism = 1

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
    """Hash at next to no cost inside; for passwords of accounts that nobody will ever sign in to.

    It holds for the whole process: not for one that serves.
    """
    strength = Argon2.memory_cost, Argon2.time_cost
    Argon2.memory_cost, Argon2.time_cost = 8, 1
    try:
        yield
    finally:
        Argon2.memory_cost, Argon2.time_cost = strength
