"""How condition values are read: numbers, dates, booleans, base64, addresses, ARNs.

Each reader answers None for a text it cannot read. They are asked for the same few values again
and again, so most of them remember.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache, wraps
from typing import TypeVar

MICROSECOND = 1_000_000
ARN_PARTS = 6

_NUMBER = re.compile(r"[+-]?[0-9]{1,64}(\.[0-9]{1,64})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_EPOCH = re.compile(r"(-?[0-9]{1,15})(?:\.([0-9]{1,64}))?", re.ASCII)
_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]{1,64}))?)?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?",
    re.ASCII,
)
LONGEST = 160
"""No number, date or address is longer; a longer text is not read, and not remembered either."""

_Read = TypeVar("_Read")


def _remembering(reader: Callable[[str], _Read | None]) -> Callable[[str], _Read | None]:
    remembered = lru_cache(maxsize=4096)(reader)

    def read(text: str) -> _Read | None:
        return remembered(text) if len(text) <= LONGEST else None

    return wraps(reader)(read)


@_remembering
def number(text: str) -> int | float | None:
    """Integers exactly, anything with a point or an exponent as a float."""
    if not (found := _NUMBER.fullmatch(text)):
        return None
    if found[1] is None and found[2] is None:
        return int(text)
    value = float(text)
    return None if abs(value) == float("inf") else value


@_remembering
def instant(text: str) -> int | None:
    """Microseconds since 1970, from a W3C profile of ISO 8601 date or from epoch seconds.

    Four digits alone are a year. A time without a zone is taken as UTC.
    """
    if found := _DATE.fullmatch(text):
        return _calendar_instant(found)
    if found := _EPOCH.fullmatch(text):
        sign = -1 if text.startswith("-") else 1
        return int(found[1]) * MICROSECOND + sign * _microseconds(found[2])
    return None


def _calendar_instant(found: re.Match[str]) -> int | None:
    part = {name: int(found[name] or 0) for name in ("hour", "minute", "second")}
    if part["hour"] > 23 or part["minute"] > 59 or part["second"] > 59:
        return None
    try:
        day = date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))
    except ValueError:
        return None
    seconds = (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400
    seconds += part["hour"] * 3600 + part["minute"] * 60 + part["second"]
    zone = found["zone"]
    if zone and zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        if hours > 23 or minutes > 59:
            return None
        seconds -= (1 if zone[0] == "+" else -1) * (hours * 3600 + minutes * 60)
    return seconds * MICROSECOND + _microseconds(found["fraction"])


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def binary(text: str) -> bytes | None:
    """The bytes of a base64 text with its padding."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@_remembering
def address(text: str) -> tuple[int, int] | None:
    """(IP version, address as an integer)."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else (found.version, int(found))


@_remembering
def network(text: str) -> tuple[int, int, int] | None:
    """(IP version, address shifted right, by how many bits); without a prefix, one address.

    Bits after the prefix are ignored, as AWS ignores them.
    """
    host, slash, prefix = text.partition("/")
    found = address(host)
    if found is None:
        return None
    version, value = found
    bits = 32 if version == 4 else 128
    if slash and not (prefix.isascii() and prefix.isdigit() and len(prefix) < 4):
        return None
    host_bits = bits - (int(prefix) if slash else bits)
    return (version, value >> host_bits, host_bits) if host_bits >= 0 else None


def arn(text: str) -> list[str] | None:
    """The six parts of an ARN; the last keeps its own colons."""
    parts = text.split(":", ARN_PARTS - 1)
    return parts if len(parts) == ARN_PARTS and parts[0] == "arn" else None
