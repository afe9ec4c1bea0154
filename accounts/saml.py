"""The metadata document of a SAML 2.0 provider, read with suspicion: strangers write it.

OASIS "Metadata for SAML V2.0": an EntityDescriptor with an IDPSSODescriptor. XML with a document
type, an entity or a reference to another file is refused.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError

from cryptography.x509 import Certificate, load_der_x509_certificate
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.dateparse import parse_datetime

from accounts.errors import InvalidInput, LimitExceeded

_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"
#: IAM and AWS STS quotas: keys of a SAML provider.
MOST_KEYS = 10
#: Elements, and attributes: a provider's have some hundreds, and whoever holds an assertion has the
#: document parsed anew. Counted by the characters that each of them has at least one of.
MOST_PARTS = 20_000


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the document says of the identity provider."""

    entity_id: str
    #: Where browsers are sent to sign in: (binding, address).
    sign_in: tuple[tuple[str, str], ...]
    valid_until: datetime | None
    certificates: int


def read(document: str) -> Metadata:
    """What a document says. Raise InvalidInput where it is none, LimitExceeded for many keys."""
    if not _is_small(document):
        raise _refused(f"it has more than {MOST_PARTS} elements or attributes")
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise _refused(f"it can't be read as plain XML ({_reason(error)})") from None
    if root.tag != f"{_METADATA}EntityDescriptor":
        raise _refused("its first element is no EntityDescriptor of SAML 2.0 metadata")
    provider = root.find(f"{_METADATA}IDPSSODescriptor")
    if provider is None:
        raise _refused("it has no IDPSSODescriptor, so it describes no identity provider")
    entity_id = root.get("entityID", "").strip()
    if not entity_id:
        raise _refused("its EntityDescriptor has no entityID")
    services = provider.findall(f"{_METADATA}SingleSignOnService")
    sign_in = tuple((each.get("Binding", ""), each.get("Location", "")) for each in services)
    if not any(location for _binding, location in sign_in):
        raise _refused("it names no SingleSignOnService")
    certificates = len(list(provider.iter(f"{_SIGNATURE}X509Certificate")))
    if certificates == 0:
        raise _refused("it has no X509Certificate to check signatures with")
    if certificates > MOST_KEYS:
        raise LimitExceeded(f"Cannot exceed quota for KeysPerSAMLProvider: {MOST_KEYS}")
    return Metadata(entity_id, sign_in, _valid_until(root), certificates)


def signing_certificates(document: str) -> tuple[Certificate, ...]:
    """The certificates whose keys sign the provider's assertions, but for those that are none.

    Their own periods of validity don't count: the document is what is trusted, as in AWS.
    """
    if not _is_small(document):
        return ()
    provider = fromstring(document, forbid_dtd=True).find(f"{_METADATA}IDPSSODescriptor")
    found = []
    for key in provider.findall(f"{_METADATA}KeyDescriptor") if provider is not None else ():
        # A key without a use is for both.
        if key.get("use", "signing") != "signing":
            continue
        for each in key.iter(f"{_SIGNATURE}X509Certificate"):
            try:
                found.append(load_der_x509_certificate(base64.b64decode(each.text or "")))
            except ValueError:
                continue
    return tuple(found)


def _is_small(document: str) -> bool:
    return document.count("<") <= MOST_PARTS and document.count("=") <= MOST_PARTS


def _valid_until(root: Element) -> datetime | None:
    text = root.get("validUntil")
    if not text:
        return None
    try:
        moment = parse_datetime(text.strip())
    except ValueError:
        moment = None
    if moment is None:
        raise _refused("its validUntil is no date and time")
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # the first or the last day there is, in another zone
        raise _refused("its validUntil is no date and time") from None


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"Could not parse metadata: {why}.", argument="saml_metadata_document")


def _reason(error: Exception) -> str:
    if isinstance(error, ParseError):
        line, column = error.position
        return f"line {line}, column {column + 1}"
    return "document types, entities and outside references are not taken"
