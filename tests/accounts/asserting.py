"""A SAML provider that signs: its metadata, and the responses that it would send."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

from accounts.actions import saml_providers, sts_federation
from accounts.actions.sts_federation import AssumedWithSAML
from accounts.caller import Caller
from accounts.models import SAMLProvider
from tests.accounts.pems import Identity, identity, rsa_key
from tests.accounts.saml_metadata import CERTIFICATE, metadata
from tests.cast import arn

ISSUER = "https://idp.example.com/"
RECIPIENT = "https://signin.aws.amazon.com/saml"
PROVIDER, ROLE = arn("saml-provider/Corp"), arn("role/reader")
OURS = "https://aws.amazon.com/SAML/Attributes/"
_XMLNS = (
    'xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"'
)


def signer(number: int = 1) -> Identity:
    """Whose certificate stands in the metadata; another number is somebody else's."""
    return identity("idp.example.com", private=rsa_key(number=number))


def metadata_of(*signers: Identity) -> str:
    """A metadata document with these certificates."""
    document = metadata(certificates=len(signers))
    for each in signers:
        der = base64.b64encode(each.certificate.public_bytes(Encoding.DER)).decode()
        document = document.replace(CERTIFICATE, der, 1)
    return document


def register(root: Caller, *signers: Identity, name: str = "Corp") -> SAMLProvider:
    """The provider, in root's account."""
    return saml_providers.create_saml_provider(
        root, name=name, saml_metadata_document=metadata_of(*(signers or (signer(),)))
    )


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def assertion(now: datetime, **other: Any) -> str:
    """An assertion about frank; `other` says what is otherwise than AWS wants it."""
    said: dict[str, Any] = {
        "issuer": ISSUER,
        "issued": now,
        "begins": now - timedelta(minutes=1),
        "ends": now + timedelta(minutes=5),
        "confirmed_until": now + timedelta(minutes=5),
        "recipient": RECIPIENT,
        "audience": "urn:amazon:webservices",
        "subject": "frank",
        "format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "session_ends": None,
        "method": "urn:oasis:names:tc:SAML:2.0:cm:bearer",
        "attributes": {},
        "id": "_one",
    } | other
    attributes = {
        f"{OURS}Role": [f"{ROLE},{PROVIDER}"],
        f"{OURS}RoleSessionName": ["frank"],
    } | said["attributes"]
    ends = f' SessionNotOnOrAfter="{_stamp(said["session_ends"])}"' if said["session_ends"] else ""
    statements = "".join(
        f'<a:Attribute Name="{name}">'
        + "".join(f"<a:AttributeValue>{value}</a:AttributeValue>" for value in values)
        + "</a:Attribute>"
        for name, values in attributes.items()
    )
    return (
        f'<a:Assertion {_XMLNS} ID="{said["id"]}" Version="2.0" '
        f'IssueInstant="{_stamp(said["issued"])}"><a:Issuer>{said["issuer"]}</a:Issuer>'
        f'<a:Subject><a:NameID Format="{said["format"]}">{said["subject"]}</a:NameID>'
        f'<a:SubjectConfirmation Method="{said["method"]}"><a:SubjectConfirmationData '
        f'NotOnOrAfter="{_stamp(said["confirmed_until"])}" Recipient="{said["recipient"]}"/>'
        "</a:SubjectConfirmation></a:Subject>"
        f'<a:Conditions NotBefore="{_stamp(said["begins"])}" NotOnOrAfter="{_stamp(said["ends"])}">'
        f"<a:AudienceRestriction><a:Audience>{said['audience']}</a:Audience>"
        "</a:AudienceRestriction></a:Conditions>"
        f"<a:AuthnStatement{ends}/>"
        f"<a:AttributeStatement>{statements}</a:AttributeStatement></a:Assertion>"
    )


def response(inner: str, *, status: str = "Success", ident: str = "_response") -> str:
    """A response that holds assertions."""
    return (
        f'<p:Response {_XMLNS} ID="{ident}" Version="2.0"><p:Status>'
        f'<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></p:Status>'
        f"{inner}</p:Response>"
    )


def signed(xml: str, by: Identity | None = None, *, sha1: bool = False) -> str:
    """An element with an enveloped signature over it."""
    by = by or signer()
    # The library refuses to sign with SHA-1 unless it is told twice.
    signing = _Old if sha1 else XMLSigner
    method = SignatureMethod.RSA_SHA1 if sha1 else SignatureMethod.RSA_SHA256
    root = signing(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=method,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    ).sign(
        etree.fromstring(xml),
        key=by.key,
        cert=by.body,
        reference_uri="#" + etree.fromstring(xml).get("ID", ""),
        id_attribute="ID",
    )
    return str(etree.tostring(root, encoding="unicode"))


class _Old(XMLSigner):
    def check_deprecated_methods(self) -> None:
        """Nothing is too old for a test."""


def encoded(xml: str) -> str:
    """A response as it is sent."""
    return base64.b64encode(xml.encode()).decode()


def encrypted(xml: str, public: Any, **other: str) -> str:
    """An assertion that only the holder of the private key can read."""
    said = {
        "cipher": "http://www.w3.org/2009/xmlenc11#aes256-gcm",
        "wrap": "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    } | other
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    body = nonce + AESGCM(key).encrypt(nonce, xml.encode(), None)
    wrapped = public.encrypt(key, OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None))  # noqa: S303 - OAEP's

    def cipher(value: bytes) -> str:
        text = base64.b64encode(value).decode()
        return f"<e:CipherData><e:CipherValue>{text}</e:CipherValue></e:CipherData>"

    return (
        f"<a:EncryptedAssertion {_XMLNS}>"
        '<e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#">'
        f'<e:EncryptionMethod Algorithm="{said["cipher"]}"/>'
        '<d:KeyInfo xmlns:d="http://www.w3.org/2000/09/xmldsig#"><e:EncryptedKey>'
        f'<e:EncryptionMethod Algorithm="{said["wrap"]}"/>{cipher(wrapped)}'
        f"</e:EncryptedKey></d:KeyInfo>{cipher(body)}</e:EncryptedData></a:EncryptedAssertion>"
    )


def genuine(now: datetime, **other: Any) -> str:
    """A response with a signed assertion, ready to be sent."""
    return encoded(response(signed(assertion(now, **other))))


def assume(caller: Caller, sent: str, role_arn: str = ROLE, **more: Any) -> AssumedWithSAML:
    """Take on the role with a response."""
    return sts_federation.assume_role_with_saml(
        caller,
        role_arn=role_arn,
        principal_arn=more.pop("principal_arn", PROVIDER),
        saml_assertion=sent,
        **more,
    )
