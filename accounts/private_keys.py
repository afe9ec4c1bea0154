"""Private keys in PEM, read with suspicion: strangers write them, and large numbers take long."""

from __future__ import annotations

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

#: In bits. IAM User Guide, "Manage server certificates in IAM".
LONGEST_RSA = 4096


def read(pem: str) -> PrivateKeyTypes:
    """An unencrypted key. Raise ValueError for what is none, and for RSA beyond LONGEST_RSA."""
    try:
        # Whether numbers are prime takes minutes to tell for large ones, and is the owner's worry.
        key = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    except (TypeError, UnsupportedAlgorithm, InternalError) as error:
        raise ValueError("not an unencrypted private key in PEM") from error
    if isinstance(key, RSAPrivateKey) and not _is_short(key):
        raise ValueError("a key of RSA whose numbers don't fit together, or are too large")
    return key


def _is_short(key: RSAPrivateKey) -> bool:
    """Whether nothing that is computed with the key takes longer than its length allows."""
    if key.key_size > LONGEST_RSA:
        return False
    said = key.private_numbers()
    modulus, p, q = said.public_numbers.n, said.p, said.q
    return (
        1 < p < modulus
        and 1 < q < modulus
        and p * q == modulus
        and 0 < said.d < modulus
        and 0 < said.dmp1 < p
        and 0 < said.dmq1 < q
        and 0 < said.iqmp < p
    )
