"""Assertions of SAML 2.0 providers: whether one is genuine, and what it says.

Only what a signature covers is read, as the verifier hands it back, never the document that came
in: so nothing that somebody wrapped around a genuine assertion counts. OASIS "Assertions and
Protocols for SAML V2.0", 2.3 to 2.7 and 5; what AWS asks of an assertion beyond that: IAM User
Guide, "Configure SAML assertions for the authentication response".
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.x509 import Certificate
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.utils.dateparse import parse_datetime
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from accounts import saml, saml_encryption
from accounts.errors import IDPRejectedClaim, InvalidIdentityToken, TokenExpired

_PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"

#: Signatures by public keys; nothing with SHA-1.
_METHODS = frozenset(
    method
    for method in SignatureMethod
    if method.name.startswith(("RSA_SHA", "ECDSA_SHA")) and "SHA1" not in method.name
)
_DIGESTS = frozenset(each for each in DigestAlgorithm if "SHA1" not in each.name)
#: Whatever else a verifier may stumble over in a document that was made to make it stumble.
_BROKEN = (
    SignXMLException, etree.LxmlError, ValueError, KeyError, TypeError, AttributeError,
    AssertionError, NotImplementedError, RecursionError,
)  # fmt: skip

#: AWS's sign-in, to which providers address their assertions, in all its spellings.
_RECIPIENT = re.compile(r"https://(?:[a-z0-9-]+\.)?signin\.aws\.amazon\.com/saml(?:/acs/[\w-]+)?")
_AUDIENCE = "urn:amazon:webservices"
#: How old an assertion may be, and how far a provider's clock may be ahead of ours.
REDEEMED_WITHIN = timedelta(minutes=5)

_OURS = "https://aws.amazon.com/SAML/Attributes/"
ROLE, SESSION_NAME = f"{_OURS}Role", f"{_OURS}RoleSessionName"
SOURCE_IDENTITY, TRANSITIVE = f"{_OURS}SourceIdentity", f"{_OURS}TransitiveTagKeys"
_TAG = f"{_OURS}PrincipalTag:"

#: The attributes that policies know, by their names in an assertion. IAM User Guide, "Available
#: keys for SAML-based AWS STS federation".
_KEYS = {
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": "saml:edupersonaffiliation",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.2": "saml:edupersonnickname",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.3": "saml:edupersonorgdn",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.4": "saml:edupersonorgunitdn",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.5": "saml:edupersonprimaryaffiliation",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": "saml:edupersonprincipalname",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.7": "saml:edupersonentitlement",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.8": "saml:edupersonprimaryorgunitdn",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.9": "saml:edupersonscopedaffiliation",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.10": "saml:edupersontargetedid",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.11": "saml:edupersonassurance",
    "urn:oid:1.3.6.1.4.1.5923.1.2.1.2": "saml:eduorghomepageuri",
    "urn:oid:1.3.6.1.4.1.5923.1.2.1.3": "saml:eduorgidentityauthnpolicyuri",
    "urn:oid:1.3.6.1.4.1.5923.1.2.1.4": "saml:eduorglegalname",
    "urn:oid:1.3.6.1.4.1.5923.1.2.1.5": "saml:eduorgsuperioruri",
    "urn:oid:1.3.6.1.4.1.5923.1.2.1.6": "saml:eduorgwhitepagesuri",
    "urn:oid:2.5.4.3": "saml:cn",
    "urn:oid:2.5.4.4": "saml:surname",
    "urn:oid:2.5.4.41": "saml:name",
    "urn:oid:2.5.4.42": "saml:givenName",
    "urn:oid:2.5.4.45": "saml:x500UniqueIdentifier",
    "urn:oid:0.9.2342.19200300.100.1.1": "saml:uid",
    "urn:oid:0.9.2342.19200300.100.1.3": "saml:mail",
    "urn:oid:0.9.2342.19200300.100.1.45": "saml:organizationStatus",
    "http://schemas.xmlsoap.org/claims/CommonName": "saml:commonName",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname": "saml:givenName",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": "saml:name",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname": "saml:surname",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": "saml:mail",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": (
        "saml:primaryGroupSID"
    ),
}


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a genuine assertion says."""

    issuer: str
    subject: str
    #: `persistent`, `transient`, or the whole address of another format.
    subject_type: str
    #: The address that the assertion was made for.
    recipient: str
    #: When the provider's own session ends, where it says so.
    session_ends: datetime | None
    attributes: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str | None:
        """An attribute's only value. Raise InvalidIdentityToken where there are several."""
        values = self.attributes.get(name, ())
        if len(values) > 1:
            raise _invalid(f"{name.removeprefix(_OURS)} must have one value in the assertion.")
        return values[0] if values else None

    @property
    def tags(self) -> list[tuple[str, str]]:
        """The session tags that the provider gives: (key, value)."""
        return [
            (name.removeprefix(_TAG), self.one(name) or "")
            for name in self.attributes
            if name.startswith(_TAG)
        ]

    def name_qualifier(self, account_id: str, provider_name: str) -> str:
        """Tells subjects of one name apart: a hash of issuer, account and provider."""
        text = f"{self.issuer}{account_id}/{provider_name}"
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).digest()
        return base64.b64encode(digest).decode()

    def keys(self, account_id: str, provider_name: str) -> dict[str, str | tuple[str, ...]]:
        """The condition keys that a role's trust policy sees."""
        said: dict[str, str | tuple[str, ...]] = {
            key: self.attributes[name] for name, key in _KEYS.items() if name in self.attributes
        }
        return said | {
            "saml:aud": self.recipient,
            "saml:iss": self.issuer,
            "saml:doc": f"{account_id}/{provider_name}",
            **self.session_keys(account_id, provider_name),
        }

    def session_keys(self, account_id: str, provider_name: str) -> dict[str, str]:
        """Those of them that policies see for as long as the session lasts."""
        return {
            "saml:sub": self.subject,
            "saml:sub_type": self.subject_type,
            "saml:namequalifier": self.name_qualifier(account_id, provider_name),
        }


def verify(
    encoded: str,
    metadata: str,
    now: datetime,
    *,
    private_keys: Sequence[str] = (),
    must_be_encrypted: bool = False,
) -> Assertion:
    """What a response says, in base64, of the provider that the metadata document describes.

    The private keys, in PEM, are those that open its encrypted assertions. Raises IDPRejectedClaim
    where the provider signed nobody in, TokenExpired five minutes after the assertion was made, and
    InvalidIdentityToken for whatever else is wrong with it.
    """
    response = _parsed(_decoded(encoded))
    if response.tag != f"{_PROTOCOL}Response":
        raise _invalid("Your request included an invalid SAML response.")
    status = response.find(f"{_PROTOCOL}Status/{_PROTOCOL}StatusCode")
    if status is None or status.get("Value") != _SUCCESS:
        raise IDPRejectedClaim(
            "The identity provider did not sign anybody in.", argument="saml_assertion"
        )
    if must_be_encrypted and response.find(f"{_ASSERTION}EncryptedAssertion") is None:
        raise _invalid("The provider's assertions must be encrypted.")
    assertion = _signed_assertion(response, saml.signing_certificates(metadata), private_keys)
    if _text(assertion, "Issuer") != saml.read(metadata).entity_id:
        raise _invalid("Issuer not present in specified provider")
    _check_conditions(assertion, now)
    name = assertion.find(f"{_ASSERTION}Subject/{_ASSERTION}NameID")
    if name is None or not (name.text or "").strip():
        raise _invalid("The assertion names no subject.")
    return Assertion(
        issuer=_text(assertion, "Issuer"),
        subject=name.text.strip(),
        subject_type=_subject_type(name.get("Format", "")),
        recipient=_recipient(assertion, now),
        session_ends=_session_ends(assertion),
        attributes=_attributes(assertion),
    )


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        raise _invalid("Invalid base64 SAMLResponse") from None


def _parsed(xml: bytes) -> Any:
    """An element of plain XML: no document type, so no entities."""
    try:
        fromstring(xml, forbid_dtd=True)
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        return etree.fromstring(xml, parser)
    except (ParseError, DefusedXmlException, etree.LxmlError, ValueError, LookupError):
        raise _invalid("The SAML response is no plain XML.") from None


def _signed_assertion(
    response: Any, certificates: tuple[Certificate, ...], private_keys: Sequence[str]
) -> Any:
    """The one assertion, out of what the signature of the response or its own covers."""
    is_signed = response.find(_SIGNATURE) is not None
    if is_signed:
        response = _signed(response, certificates)
    plain = response.findall(f"{_ASSERTION}Assertion")
    encrypted = response.findall(f"{_ASSERTION}EncryptedAssertion")
    if len(plain) + len(encrypted) != 1:
        raise _invalid("The SAML response must hold one assertion.")
    if plain:
        assertion = plain[0]
    else:
        assertion = _parsed(saml_encryption.opened(encrypted[0], private_keys))
        if assertion.tag != f"{_ASSERTION}Assertion":
            raise _invalid("What was encrypted is no assertion.")
    return assertion if is_signed else _signed(assertion, certificates)


def _signed(element: Any, certificates: tuple[Certificate, ...]) -> Any:
    """The element as its own signature covers it."""
    xml = etree.tostring(element, with_tail=False)
    for certificate in certificates:
        settings = SignatureConfiguration(
            location="./",
            signature_methods=_METHODS,
            digest_algorithms=_DIGESTS,
            verification_time=certificate.not_valid_before_utc,
        )
        try:
            result = XMLVerifier().verify(
                xml, x509_cert=certificate, id_attribute="ID", expect_config=settings
            )
        except _BROKEN:
            continue
        signed = getattr(result, "signed_xml", None)
        # A signature may refer to another element than the one that it stands in.
        if signed is not None and (signed.tag, signed.get("ID")) == (
            element.tag,
            element.get("ID"),
        ):
            return signed
    raise _invalid("Response signature invalid")


# --- What an assertion says ----------------------------------------------------------------------


def _check_conditions(assertion: Any, now: datetime) -> None:
    issued = _moment(assertion.get("IssueInstant"))
    if issued is None or issued > now + REDEEMED_WITHIN:
        raise _invalid("The assertion's IssueInstant is missing or lies in the future.")
    conditions = assertion.find(f"{_ASSERTION}Conditions")
    if conditions is None:
        raise _invalid("The assertion has no Conditions.")
    if now >= issued + REDEEMED_WITHIN:
        raise TokenExpired(
            "Token must be redeemed within 5 minutes of issuance", argument="saml_assertion"
        )
    _check_period(conditions, now)
    for restriction in conditions.findall(f"{_ASSERTION}AudienceRestriction"):
        named = [(each.text or "").strip() for each in restriction.findall(f"{_ASSERTION}Audience")]
        if not any(each == _AUDIENCE or _RECIPIENT.fullmatch(each) for each in named):
            raise _invalid(f"The assertion is for another audience than {_AUDIENCE}.")


def _check_period(element: Any, now: datetime) -> None:
    """Raise unless the time is within NotBefore and NotOnOrAfter, as far as they are given."""
    begins, ends = element.get("NotBefore"), element.get("NotOnOrAfter")
    if ends is not None:
        moment = _moment(ends)
        if moment is None or now >= moment:
            raise TokenExpired("The assertion's time is over.", argument="saml_assertion")
    if begins is not None:
        moment = _moment(begins)
        if moment is None or now + REDEEMED_WITHIN < moment:
            raise _invalid("The assertion is not valid yet.")


def _recipient(assertion: Any, now: datetime) -> str:
    """The address for which the bearer was confirmed: AWS's sign-in."""
    path = f"{_ASSERTION}Subject/{_ASSERTION}SubjectConfirmation"
    for confirmation in assertion.findall(path):
        bounds = confirmation.find(f"{_ASSERTION}SubjectConfirmationData")
        if confirmation.get("Method") != _BEARER or bounds is None:
            continue
        recipient = bounds.get("Recipient", "")
        if _RECIPIENT.fullmatch(recipient):
            if bounds.get("NotOnOrAfter") is None:
                raise _invalid("The SubjectConfirmationData has no NotOnOrAfter.")
            _check_period(bounds, now)
            return str(recipient)
    raise _invalid("No bearer confirmation of the assertion has AWS's sign-in as its Recipient.")


def _session_ends(assertion: Any) -> datetime | None:
    found = [
        _moment(each.get("SessionNotOnOrAfter"))
        for each in assertion.findall(f"{_ASSERTION}AuthnStatement")
    ]
    return min((each for each in found if each is not None), default=None)


def _attributes(assertion: Any) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    path = f"{_ASSERTION}AttributeStatement/{_ASSERTION}Attribute"
    for attribute in assertion.findall(path):
        values = tuple(
            "".join(each.itertext()).strip()
            for each in attribute.findall(f"{_ASSERTION}AttributeValue")
        )
        name = attribute.get("Name", "")
        found[name] = found.get(name, ()) + values
    return found


def _subject_type(name_format: str) -> str:
    short = name_format.removeprefix(_NAME_FORMAT)
    return short if short in ("persistent", "transient") else name_format


def _text(element: Any, name: str) -> str:
    found = element.find(f"{_ASSERTION}{name}")
    return (found.text or "").strip() if found is not None else ""


def _moment(text: str | None) -> datetime | None:
    try:
        found = parse_datetime(text.strip()) if text else None
    except ValueError:
        return None
    # SAML's times are in UTC and say so.
    return found if found is not None and found.tzinfo is not None else None


def _invalid(message: str) -> InvalidIdentityToken:
    return InvalidIdentityToken(message, argument="saml_assertion")
