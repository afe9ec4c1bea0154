"""Encrypted assertions of SAML 2.0 providers, opened with the private keys that a provider has.

W3C "XML Encryption Syntax and Processing 1.1": AES-GCM under a key that RSA-OAEP wraps. AES-CBC and
RSA 1.5 are refused: whoever may send changed ciphertexts and sees which are refused how, can read
what they hold.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm

from accounts.errors import InvalidIdentityToken
from accounts.private_keys import read

_ENC = "{http://www.w3.org/2001/04/xmlenc#}"
_ENC11 = "{http://www.w3.org/2009/xmlenc11#}"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
#: Of each algorithm, how many bytes its key has.
_CIPHERS = {
    "http://www.w3.org/2009/xmlenc11#aes128-gcm": 16,
    "http://www.w3.org/2009/xmlenc11#aes192-gcm": 24,
    "http://www.w3.org/2009/xmlenc11#aes256-gcm": 32,
}
_WRAPS = (
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    "http://www.w3.org/2009/xmlenc11#rsa-oaep",
)
# The SHA-1 of OAEP is no weakness: nothing depends on its collisions.
_DIGESTS: dict[str, type[HashAlgorithm]] = {
    "http://www.w3.org/2000/09/xmldsig#sha1": SHA1,
    "http://www.w3.org/2001/04/xmlenc#sha256": SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": SHA384,
    "http://www.w3.org/2001/04/xmlenc#sha512": SHA512,
}
_MASKS: dict[str, type[HashAlgorithm]] = {
    "http://www.w3.org/2009/xmlenc11#mgf1sha1": SHA1,
    "http://www.w3.org/2009/xmlenc11#mgf1sha256": SHA256,
    "http://www.w3.org/2009/xmlenc11#mgf1sha384": SHA384,
    "http://www.w3.org/2009/xmlenc11#mgf1sha512": SHA512,
}
_NONCE = 12


def opened(encrypted: Any, private_keys: Sequence[str]) -> bytes:
    """The XML in an EncryptedAssertion, by the first of the keys in PEM that opens it.

    Raise InvalidIdentityToken where none does, with one sentence for every reason but the wrong
    algorithm.
    """
    data = encrypted.find(f"{_ENC}EncryptedData")
    wrapped = encrypted.find(f".//{_ENC}EncryptedKey")
    if data is None or wrapped is None:
        raise _unopened()
    length = _CIPHERS.get(_algorithm(data))
    if length is None or _algorithm(wrapped) not in _WRAPS:
        raise InvalidIdentityToken(
            "An assertion must be encrypted with AES-GCM, under a key that RSA-OAEP wraps.",
            argument="saml_assertion",
        )
    padding, ciphertext, key_text = _padding(wrapped), _cipher(data), _cipher(wrapped)
    for pem in private_keys:
        try:
            private = read(pem)
            if not isinstance(private, RSAPrivateKey):
                continue
            key = private.decrypt(key_text, padding)
            if len(key) == length:
                return AESGCM(key).decrypt(ciphertext[:_NONCE], ciphertext[_NONCE:], None)
        except (ValueError, InvalidTag):
            continue
    raise _unopened()


def _algorithm(element: Any) -> str:
    method = element.find(f"{_ENC}EncryptionMethod")
    return method.get("Algorithm", "") if method is not None else ""


def _padding(wrapped: Any) -> OAEP:
    method = wrapped.find(f"{_ENC}EncryptionMethod")
    digest = method.find(f"{_DS}DigestMethod")
    mask = method.find(f"{_ENC11}MGF")
    hashed = _DIGESTS.get(digest.get("Algorithm")) if digest is not None else SHA1
    masked = _MASKS.get(mask.get("Algorithm")) if mask is not None else SHA1
    if hashed is None or masked is None or method.find(f"{_ENC}OAEPparams") is not None:
        raise _unopened()
    return OAEP(mgf=MGF1(masked()), algorithm=hashed(), label=None)


def _cipher(element: Any) -> bytes:
    value = element.find(f"{_ENC}CipherData/{_ENC}CipherValue")
    try:
        return base64.b64decode(value.text or "") if value is not None else b""
    except ValueError:
        return b""


def _unopened() -> InvalidIdentityToken:
    return InvalidIdentityToken(
        "The encrypted assertion does not open with any private key of the provider.",
        argument="saml_assertion",
    )
