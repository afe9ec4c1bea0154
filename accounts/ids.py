"""Identifiers in AWS's formats, all drawn from the system's random source.

Formats: IAM User Guide, "IAM identifiers" (unique ids and their prefixes).
"""

from __future__ import annotations

import base64
import re
import secrets
import uuid

_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

USER = "AIDA"
GROUP = "AGPA"
ROLE = "AROA"
POLICY = "ANPA"
INSTANCE_PROFILE = "AIPA"
SERVER_CERTIFICATE = "ASCA"
SERVICE_CREDENTIAL = "ACCA"
SSH_PUBLIC_KEY = "APKA"
ACCESS_KEY = "AKIA"
TEMPORARY_KEY = "ASIA"

ACCOUNT_ID = re.compile(r"[0-9]{12}")


def account_id() -> str:
    """Twelve random digits that never begin with 000."""
    while True:
        number = f"{secrets.randbelow(10**12):012d}"
        if not number.startswith("000"):
            return number


def unique_id(prefix: str) -> str:
    """A unique id of 21 characters: the prefix that tells the kind, then 17 random ones."""
    return prefix + "".join(secrets.choice(_ALPHANUMERIC) for _ in range(21 - len(prefix)))


def access_key_id(account: str, prefix: str = ACCESS_KEY) -> str:
    """Twenty characters: the prefix, then 80 bits in base 32 that carry the account id.

    Clients and `GetAccessKeyInfo` read the account out of the id, so it stands where AWS puts it:
    one bit set, the account's 40 bits, then 39 random ones.
    """
    number = (1 << 79) | (int(account) << 39) | secrets.randbits(39)
    return prefix + base64.b32encode(number.to_bytes(10, "big")).decode()


def account_of_key(access_key_id: str) -> str:
    """The account id that an access key id carries."""
    number = int.from_bytes(base64.b32decode(access_key_id[4:20]), "big")
    return f"{(number >> 39) & ((1 << 40) - 1):012d}"


def certificate_id() -> str:
    """The id of a signing certificate: 32 random characters without a prefix."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def service_password() -> str:
    """Forty-four characters, 256 bits."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def secret_access_key() -> str:
    """Forty characters, 240 bits."""
    return "".join(secrets.choice(_SECRET) for _ in range(40))


def request_id() -> str:
    """The id that an answer and its events share."""
    return str(uuid.uuid4())


def plain_account_id(text: str) -> str:
    """The account id or alias somebody typed, without the hyphens and spaces of 1111-2222-3333."""
    text = text.strip()
    digits = re.sub(r"[\s-]", "", text)
    return digits if ACCOUNT_ID.fullmatch(digits) else text.lower()


def is_account_id(text: str) -> bool:
    """Whether it would be read as an account id where one is typed, hyphens or not."""
    return ACCOUNT_ID.fullmatch(plain_account_id(text)) is not None


def grouped_account_id(account: str) -> str:
    """The account id as people read it: 1111-2222-3333."""
    return "-".join(account[start : start + 4] for start in (0, 4, 8))
