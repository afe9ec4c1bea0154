"""Certificates and keys that were made to keep the machine busy, sent to the AWS endpoint."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from accounts import certificates
from accounts.caller import Caller
from tests.accounts import asserting
from tests.accounts.pems import identity, key_pem, rsa_key
from tests.api.refusals import refused
from tests.cast import ACCOUNT_ID

#: Primes, so that no test of their being prime ends early; their product has 14,112 bits.
LARGE, LARGER = 2**4423 - 1, 2**9689 - 1
#: Seconds that no refusal may take; the attacks below took from 8 to more than 100.
SOON = 2.0
TOO_MANY = "A certificate chain may have 20 certificates at most."


@contextmanager
def soon() -> Iterator[None]:
    begun = time.perf_counter()
    yield
    assert time.perf_counter() - begun < SOON


def der(tag: int, body: bytes) -> bytes:
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    length = size if len(body) < 128 else bytes([128 | len(size)]) + size
    return bytes([tag]) + length + body


def pem_of(*numbers: int) -> str:
    """A key of RSA in PEM of whatever numbers: RFC 8017, appendix A.1.2."""
    body = b"".join(der(2, each.to_bytes(each.bit_length() // 8 + 1, "big")) for each in numbers)
    text = base64.encodebytes(der(0x30, body)).decode()
    return f"-----BEGIN RSA PRIVATE KEY-----\n{text}-----END RSA PRIVATE KEY-----\n"


def with_numbers(key: rsa.RSAPrivateKey, **other: int) -> str:
    """The key with some of its numbers otherwise."""
    said = key.private_numbers()
    numbers = {
        "n": said.public_numbers.n, "e": said.public_numbers.e, "d": said.d, "p": said.p,
        "q": said.q, "dmp1": said.dmp1, "dmq1": said.dmq1, "iqmp": said.iqmp,
    } | other  # fmt: skip
    return pem_of(0, *numbers.values())


def large_key() -> str:
    exponent = pow(65537, -1, (LARGER - 1) * (LARGE - 1))
    return pem_of(
        0, LARGER * LARGE, 65537, exponent, LARGER, LARGE,
        exponent % (LARGER - 1), exponent % (LARGE - 1), pow(LARGE, -1, LARGER),
    )  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {"p": 2**20000 - 1, "dmp1": 2**20000 - 3},
        {"q": 2**20000 - 1, "dmq1": 2**20000 - 3},
        {"dmp1": 2**40000 - 1},
        {"iqmp": 2**40000 - 1},
        {"d": 2**40000 - 1},
        {"p": 1},
    ],
    ids=lambda numbers: "-".join(numbers),
)
def test_a_key_whose_numbers_are_too_large_for_it_is_refused_unused(iam: Any, other):
    key = rsa_key()
    known = identity(private=key)
    with soon(), refused("MalformedCertificate"):
        iam.upload_server_certificate(
            ServerCertificateName="site",
            CertificateBody=known.body,
            PrivateKey=with_numbers(key, **other),
        )


def test_a_key_of_rsa_in_order_is_taken_as_before(iam: Any):
    known = identity(private=rsa_key())
    iam.upload_server_certificate(
        ServerCertificateName="site", CertificateBody=known.body, PrivateKey=known.key
    )


def test_a_saml_provider_takes_no_key_that_would_keep_the_account_locked(iam: Any):
    with soon(), refused("InvalidInput"):
        iam.create_saml_provider(
            Name="Corp",
            SAMLMetadataDocument=asserting.metadata_of(asserting.signer()),
            AddPrivateKey=large_key(),
        )


def test_keys_of_other_kinds_and_no_keys_are_refused_in_aws_words(iam: Any, root: Caller):
    provider = asserting.register(root)
    for text in ("no key", large_key().replace("RSA PRIVATE", "EC PRIVATE"), pem_of(0)):
        with soon(), refused("InvalidInput"):
            iam.update_saml_provider(SAMLProviderArn=provider.arn, AddPrivateKey=text)
    iam.update_saml_provider(SAMLProviderArn=provider.arn, AddPrivateKey=key_pem(rsa_key()))


def test_a_chain_of_many_certificates_is_refused_before_they_are_checked(iam: Any):
    known = identity(private=ec.generate_private_key(ec.BrainpoolP512R1()))
    with soon(), refused("MalformedCertificate", TOO_MANY):
        iam.upload_server_certificate(
            ServerCertificateName="site",
            CertificateBody=known.body,
            PrivateKey=known.key,
            CertificateChain=known.body * 900,
        )


def test_a_chain_as_long_as_any_is_taken(iam: Any):
    top = identity("top")
    site = identity(signer=top)
    iam.upload_server_certificate(
        ServerCertificateName="site",
        CertificateBody=site.body,
        PrivateKey=site.key,
        CertificateChain=top.body * certificates.MOST_IN_CHAIN,
    )
    assert ACCOUNT_ID in iam.get_server_certificate(ServerCertificateName="site")[
        "ServerCertificate"
    ]["ServerCertificateMetadata"]["Arn"]  # fmt: skip
