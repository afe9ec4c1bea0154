"""Secrets that must come back: AES-256-GCM, bound to where they are stored.

A sealed value reads `v1:<key id>:<base64 of nonce and ciphertext>`. What it is bound to (table,
account, row, column) is authenticated with it: copied elsewhere, it does not open. The keys lie in
`KEY_FILE`, outside the database and its backups; without the file nothing that was sealed opens.
NIST SP 800-38D; a random 96-bit nonce for each value.
"""

from __future__ import annotations

import base64
import fcntl
import functools
import hmac
import json
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_VERSION = "v1"
_NONCE = 12


class Unopened(Exception):
    """A sealed value that was changed, moved, or sealed with a key that is gone."""


@dataclass(frozen=True)
class KeyRing:
    """The keys by id, which of them seals, and the key of the event chains."""

    current: str
    keys: dict[str, bytes]
    chain: bytes


def seal(secret: str, bound_to: str) -> str:
    """Encrypt a secret for the place that `bound_to` names."""
    ring = key_ring()
    nonce = secrets.token_bytes(_NONCE)
    ciphertext = AESGCM(ring.keys[ring.current]).encrypt(nonce, secret.encode(), bound_to.encode())
    return f"{_VERSION}:{ring.current}:{base64.b64encode(nonce + ciphertext).decode()}"


def unseal(sealed: str, bound_to: str) -> str:
    """The secret again; raise Unopened where it does not belong here or its key is gone."""
    try:
        version, key_id, body = sealed.split(":")
        raw = base64.b64decode(body, validate=True)
        key = key_ring().keys[key_id]
        if version != _VERSION:
            raise Unopened(f"unknown form {version}")
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], bound_to.encode()).decode()
    except (ValueError, KeyError, InvalidTag):
        raise Unopened("a sealed value does not open with the keys at hand") from None


def key_of(sealed: str) -> str:
    """The id of the key that sealed a value."""
    return sealed.split(":")[1]


def seed_place(account_id: str, serial_number: str) -> str:
    """Where a TOTP seed is stored."""
    return f"mfa_device|{account_id}|{serial_number}|seed"


def key_place(account_id: str, access_key_id: str) -> str:
    """Where an access key's secret is stored."""
    return f"access_key|{account_id}|{access_key_id}|secret"


def saml_key_place(account_id: str, key_id: str) -> str:
    """Where a SAML provider's private key is stored."""
    return f"saml_private_key|{account_id}|{key_id}|key"


def certificate_key_place(account_id: str, certificate_id: str) -> str:
    """Where a server certificate's private key is stored."""
    return f"server_certificate|{account_id}|{certificate_id}|key"


def service_credential_place(account_id: str, credential_id: str) -> str:
    """Where the password of a service-specific credential is stored."""
    return f"service_credential|{account_id}|{credential_id}|secret"


def token_key_place(algorithm: str) -> str:
    """Where the private key that signs tokens is stored."""
    return f"token_key|{algorithm}|key"


def lab_run_place(run_id: str) -> str:
    """Where the values of a lab's run are stored: passwords and keys are among them."""
    return f"lab_run|{run_id}|values"


def session_place(purpose: str, session: str) -> str:
    """Where a secret waits in somebody's session."""
    return f"session|{session}|{purpose}"


def token_place(access_key_id: str) -> str:
    """Where a session token belongs: to its access key, wherever it is kept."""
    return f"session_token|{access_key_id}"


def message_place(account_id: str) -> str:
    """Where the encoded message of a refusal belongs: to the account of whoever was refused."""
    return f"authorization_message|{account_id}"


def chain_hmac(previous: str, content: str) -> str:
    """HMAC-SHA-256 over an event and the one before it."""
    message = f"{previous}\n{content}".encode()
    return hmac.digest(key_ring().chain, message, "sha256").hex()


def derived(purpose: str, of: str) -> str:
    """A secret of 43 characters that is always the same for a purpose and what it is of.

    It is stored nowhere, and stays as it is when the other keys are rotated.
    """
    message = f"derived|{purpose}\n{of}".encode()
    mac = hmac.digest(key_ring().chain, message, "sha256")
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def key_ring() -> KeyRing:
    """The keys, read again when the file changes, so that every worker sees a rotation at once."""
    path: Path = settings.KEY_FILE
    try:
        found = os.stat(path)
        # All three: the clock of a file system is coarser than two changes may lie apart.
        return _read(path, (found.st_mtime_ns, found.st_ino, found.st_size))
    except FileNotFoundError:
        raise ImproperlyConfigured(
            f"The key file {path} is missing. Restore it from your backup: without it no access "
            "key and no MFA device of this database works. (A new installation makes one itself.)"
        ) from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise ImproperlyConfigured(
            f"The key file {path} can't be read. Restore it from your backup."
        ) from None


def create_key_file() -> bool:
    """Make the key file of a new installation; leave one that exists alone."""
    path = Path(settings.KEY_FILE)
    with _changing(path):
        if path.exists():
            return False
        _write(path, KeyRing("k1", {"k1": secrets.token_bytes(32)}, secrets.token_bytes(32)))
        return True


def add_key() -> str:
    """Add a key that seals from now on, keeping the earlier ones; return its id."""
    path = Path(settings.KEY_FILE)
    with _changing(path):
        ring = key_ring()
        new = f"k{max(int(key_id[1:]) for key_id in ring.keys) + 1}"
        _write(path, KeyRing(new, {**ring.keys, new: secrets.token_bytes(32)}, ring.chain))
        return new


def drop_old_keys(*, but: Collection[str]) -> list[str]:
    """Forget every key but the one that seals and those still needed; return the ids that went."""
    path = Path(settings.KEY_FILE)
    with _changing(path):
        ring = key_ring()
        kept = {
            key_id: key
            for key_id, key in ring.keys.items()
            if key_id == ring.current or key_id in but
        }
        gone = [key_id for key_id in ring.keys if key_id not in kept]
        if gone:
            _write(path, KeyRing(ring.current, kept, ring.chain))
        return gone


@contextmanager
def _changing(path: Path) -> Iterator[None]:
    """One change of the key file at a time: of two, the later would lose the earlier's key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
        # The name in the folder must outlast a power cut as well as the bytes in the file.
        os.fsync(folder)
    finally:
        os.close(folder)


@functools.lru_cache(maxsize=4)
def _read(path: Path, _changed: tuple[int, int, int]) -> KeyRing:
    stored = json.loads(path.read_text(encoding="ascii"))
    keys = {key_id: base64.b64decode(key) for key_id, key in stored["keys"].items()}
    return KeyRing(stored["current"], keys, base64.b64decode(stored["chain"]))


def _write(path: Path, ring: KeyRing) -> None:
    """Replace the file in one step, readable by its owner only."""
    stored = {
        "current": ring.current,
        "keys": {key_id: base64.b64encode(key).decode() for key_id, key in ring.keys.items()},
        "chain": base64.b64encode(ring.chain).decode(),
    }
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(stored, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _read.cache_clear()
