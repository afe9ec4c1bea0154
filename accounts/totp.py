"""Time-based one-time passwords, RFC 6238: SHA-1, six digits, steps of 30 seconds.

A code is accepted for its own step and one step either side, shifted by what is known of the
device's clock, and each step is accepted once. Nothing here touches the database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

import pyotp

from accounts.errors import InvalidAuthenticationCode

STEP = 30
#: How many steps either side of the expected one are accepted (RFC 6238 §5.2 advises one).
WINDOW = 1
#: How far a device's clock may be off when it is enrolled or resynchronised: ten minutes.
_FARTHEST = 20
#: How far back a code is recognised as late rather than wrong: it is refused all the same.
_RECOGNISED = 20
_DIGITS = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What two consecutive codes taught: the newest step used, and the clock's drift in steps."""

    last_step: int
    drift: int


def new_seed() -> str:
    """A random seed of 64 base32 characters, 320 bits."""
    return pyotp.random_base32(64)


def matching_step(seed: str, code: str, now: datetime, *, drift: int, last_step: int) -> int:
    """The step whose code this is, to be stored as the newest one used.

    Raises InvalidAuthenticationCode whose reason tells wrong, used and late apart.
    """
    code = plain(code)
    expected = step_at(now) + drift
    found = _find(seed, code, expected - WINDOW, expected + WINDOW)
    if found is not None and found > last_step:
        return found
    if found is not None:
        raise InvalidAuthenticationCode(reason="used")
    late = _find(seed, code, expected - _RECOGNISED, expected + _RECOGNISED)
    raise InvalidAuthenticationCode(reason="wrong" if late is None else "late")


def enrolment(seed: str, first: str, second: str, now: datetime, *, last_step: int) -> Enrolment:
    """What two consecutive codes say of a device's clock.

    Raises InvalidAuthenticationCode where they are no such pair, or were used before.
    """
    first, second = plain(first), plain(second)
    middle = step_at(now)
    # Nearest first: a clock that is right is the likeliest.
    for distance in range(_FARTHEST + 1):
        for step in {middle - distance, middle + distance}:
            if _same(seed, first, step) and _same(seed, second, step + 1):
                if step <= last_step:
                    raise InvalidAuthenticationCode(reason="used")
                return Enrolment(step + 1, _drift(step + 1, middle))
    for step in range(middle - _FARTHEST, middle + _FARTHEST + 1):
        if _same(seed, first, step):
            raise InvalidAuthenticationCode(argument="authentication_code2", reason="order")
    raise InvalidAuthenticationCode(reason="wrong")


def step_at(now: datetime) -> int:
    """The number of the 30-second step since 1970."""
    return int(now.timestamp()) // STEP


def plain(code: str) -> str:
    """Six ASCII digits, also when typed with a space between; anything else is a wrong code."""
    code = code.replace(" ", "").replace("\u00a0", "")
    if not _DIGITS.fullmatch(code):
        raise InvalidAuthenticationCode(reason="wrong")
    return code


def provisioning_uri(seed: str, *, issuer: str, device: str, account: str) -> str:
    """What the QR code says: `otpauth://totp/ISSUER:DEVICE@ACCOUNT?secret=…&issuer=…`."""
    label = f"{quote(issuer, safe='')}:{quote(f'{device}@{account}', safe='@')}"
    query = urlencode({"secret": seed, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"


def _drift(newest: int, middle: int) -> int:
    # The second code is the current one when both are typed at once, and one step old at most.
    off = newest - middle
    return off if abs(off) > WINDOW else 0


def _find(seed: str, code: str, low: int, high: int) -> int | None:
    return next((step for step in range(high, low - 1, -1) if _same(seed, code, step)), None)


def _same(seed: str, code: str, step: int) -> bool:
    return step >= 0 and pyotp.utils.strings_equal(pyotp.TOTP(seed).generate_otp(step), code)
