"""Certificates and keys in PEM, made on the spot: no real one belongs in a repository."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

AnyKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
#: The time of the tests lies within.
FROM, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Identity:
    """A certificate, its key, and who signed it."""

    name: str
    certificate: x509.Certificate
    private: AnyKey

    @property
    def body(self) -> str:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key(self) -> str:
        """The private key in PEM."""
        return key_pem(self.private)


def key_pem(private: AnyKey) -> str:
    """A private key in PEM, without a password."""
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def identity(
    name: str = "www.example.com",
    *,
    signer: Identity | None = None,
    private: AnyKey | None = None,
    start: datetime = FROM,
    end: datetime = UNTIL,
) -> Identity:
    """A new certificate: signed by itself, or by `signer`."""
    private = private or ec.generate_private_key(ec.SECP256R1())
    key = signer.private if signer else private
    issuer = _name(signer.name if signer else name)
    builder = x509.CertificateBuilder(issuer, _name(name), private.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(start).not_valid_after(end)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Identity(name, builder.sign(key, algorithm), private)


@lru_cache
def rsa_key(bits: int = 2048, number: int = 1) -> rsa.RSAPrivateKey:
    """A key of RSA: the same for the same number, for they take long to make."""
    return rsa.generate_private_key(65537, bits)


def ssh(key: AnyKey | None = None, comment: str = "") -> str:
    """A public key as it stands in `id_rsa.pub`."""
    public = (key or rsa_key()).public_key()
    text = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return f"{text} {comment}" if comment else text


def public_pem(key: AnyKey | None = None) -> str:
    """A public key in PEM."""
    public = (key or rsa_key()).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@lru_cache
def shared() -> Identity:
    """One identity, the same wherever it is asked for in a run."""
    return identity()


def days(number: int) -> timedelta:
    """So many days."""
    return timedelta(days=number)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
