"""X.509 certificates and their private keys in PEM, read with suspicion: strangers write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from accounts import private_keys
from accounts.errors import InvalidCertificate, KeyPairMismatch, MalformedCertificate

#: In bits. IAM User Guide, "Manage server certificates in IAM".
_RSA_KEYS = range(1024, 4097)
#: What cryptography raises for what it can't read.
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, InternalError, x509.InvalidVersion)
#: A chain has a handful: each costs a signature to check, and hostile ones cost much.
MOST_IN_CHAIN = 20
_PROBE = b"the key signs what the certificate verifies"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says of itself, as far as IAM asks."""

    #: SHA-256 of the certificate, in hexadecimal digits.
    fingerprint: str
    #: The first and the last moment at which it is valid.
    valid_from: datetime
    valid_until: datetime
    #: Its RSA or elliptic-curve key.
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    #: As it was parsed, for who signed it.
    parsed: x509.Certificate


def read(pem: str, *, argument: str = "certificate_body") -> Certificate:
    """What a certificate says. Raise MalformedCertificate for anything but one of them in PEM."""
    parsed = _parsed(pem)
    if len(parsed) != 1:
        raise MalformedCertificate(
            "Unable to parse certificate. Please ensure the certificate is in PEM format.",
            argument=argument,
        )
    return _described(parsed[0], argument)


def check_current(certificate: Certificate, now: datetime) -> None:
    """Raise InvalidCertificate for a certificate that is not valid yet or not any more."""
    if now > certificate.valid_until:
        raise InvalidCertificate(
            "Certificate is no longer valid. The 'Not After' date: "
            f"{certificate.valid_until:%Y-%m-%d %H:%M:%S} UTC",
            argument="certificate_body",
        )
    if now < certificate.valid_from:
        raise InvalidCertificate(
            "Certificate is not yet valid. The 'Not Before' date: "
            f"{certificate.valid_from:%Y-%m-%d %H:%M:%S} UTC",
            argument="certificate_body",
        )


def check_chain(certificate: Certificate, chain: str) -> None:
    """Raise MalformedCertificate unless each certificate of the chain signed the one before it."""
    signers = _parsed(chain)
    if not signers:
        raise MalformedCertificate(
            "Unable to parse certificate chain. Please ensure the certificates are in PEM format.",
            argument="certificate_chain",
        )
    if len(signers) > MOST_IN_CHAIN:
        raise MalformedCertificate(
            f"A certificate chain may have {MOST_IN_CHAIN} certificates at most.",
            argument="certificate_chain",
        )
    signed = certificate.parsed
    for place, signer in enumerate(signers, start=-1):
        try:
            signed.verify_directly_issued_by(signer)
        except (*_UNREADABLE, InvalidSignature):
            raise MalformedCertificate(
                "Unable to validate certificate chain. The certificate chain must start with the "
                "immediate signing certificate, followed by any intermediaries in order. The index "
                f"within the chain of the invalid certificate is: {place}",
                argument="certificate_chain",
            ) from None
        signed = signer


def check_key(certificate: Certificate, pem: str) -> None:
    """Raise MalformedCertificate for what is no plain key in PEM, KeyPairMismatch for another's."""
    try:
        key = private_keys.read(pem)
    except ValueError:
        raise MalformedCertificate(
            "Unable to parse key; the body must be an unencrypted private key in PEM format.",
            argument="private_key",
        ) from None
    if not _signs_for(certificate.key, key):
        raise KeyPairMismatch(
            "Private key does not match the public key of the certificate.",
            argument="private_key",
        )


def _signs_for(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, private: object) -> bool:
    try:
        if isinstance(public, rsa.RSAPublicKey) and isinstance(private, rsa.RSAPrivateKey):
            if private.key_size != public.key_size:
                return False
            signature = private.sign(_PROBE, padding.PKCS1v15(), hashes.SHA256())
            public.verify(signature, _PROBE, padding.PKCS1v15(), hashes.SHA256())
            return True
        if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(
            private, ec.EllipticCurvePrivateKey
        ):
            algorithm = ec.ECDSA(hashes.SHA256())
            public.verify(private.sign(_PROBE, algorithm), _PROBE, algorithm)
            return True
    except (*_UNREADABLE, InvalidSignature):
        return False
    return False


def _parsed(pem: str) -> Sequence[x509.Certificate]:
    """The certificates in a text, or nothing where there is none or one of them is broken."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except _UNREADABLE:
        return ()


def _described(parsed: x509.Certificate, argument: str) -> Certificate:
    # Read piece by piece: much of a certificate is only parsed when it is asked for.
    try:
        key = parsed.public_key()
        found = (
            parsed.fingerprint(hashes.SHA256()).hex(),
            parsed.not_valid_before_utc.astimezone(UTC),
            parsed.not_valid_after_utc.astimezone(UTC),
        )
    except _UNREADABLE:
        raise MalformedCertificate(
            "Unable to parse certificate. Please ensure the certificate is in PEM format.",
            argument=argument,
        ) from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in _RSA_KEYS:
        return Certificate(*found, key, parsed)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return Certificate(*found, key, parsed)
    raise InvalidCertificate(
        "The certificate's key is neither one of RSA with 1,024 to 4,096 bits nor one on an "
        "elliptic curve.",
        argument=argument,
    )
