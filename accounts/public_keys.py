"""SSH public keys, as `ssh-rsa` or in PEM, read with suspicion: strangers write them.

IAM User Guide, "Use IAM with CodeCommit": keys of RSA with 2,048 to 16,384 bits.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
    load_ssh_public_key,
)

from accounts.errors import InvalidPublicKey, UnrecognizedPublicKeyEncoding

_BITS = range(2048, 16385)
_SSH = "ssh-rsa "
_PEM = "-----BEGIN "


def read(material: str) -> str:
    """The key as `ssh-rsa AAAA…` without its comment.

    Raises UnrecognizedPublicKeyEncoding for another form, InvalidPublicKey for a key that can't be
    read or is no key of RSA of a length that AWS takes.
    """
    text = material.strip()
    try:
        if text.startswith(_SSH):
            key: object = load_ssh_public_key(text.encode())
        elif text.startswith(_PEM):
            key = load_pem_public_key(text.encode())
        else:
            raise UnrecognizedPublicKeyEncoding(
                "The public key is in no known format: give it as ssh-rsa or in PEM.",
                argument="ssh_public_key_body",
            )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidPublicKey(
            "The public key is malformed.", argument="ssh_public_key_body"
        ) from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size not in _BITS:
        raise InvalidPublicKey(
            "The public key has to be one of RSA with 2,048 to 16,384 bits.",
            argument="ssh_public_key_body",
        )
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def fingerprint(body: str) -> str:
    """MD5 of a key that `read` gave, in pairs of hexadecimal digits with colons between."""
    key = base64.b64decode(body.removeprefix(_SSH))
    digest = hashlib.md5(key, usedforsecurity=False).hexdigest()
    return ":".join(digest[start : start + 2] for start in range(0, len(digest), 2))


def in_pem(body: str) -> str:
    """A key that `read` gave, in PEM."""
    key = load_ssh_public_key(body.encode())
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
