"""Signature Version 2 in an address: what is signed, and whether the signature is right.

AWS deprecates it, but boto3 and version 1 of the aws command sign addresses so wherever they are
told an endpoint. Amazon S3 developer guide, "Signing and authenticating REST requests", "Query
string request authentication alternative". Pure: no database, no clock.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass

from iamconsole.api.s3.errors import Refusal
from iamconsole.api.sigv4 import Request

_SIGNED = re.compile(r"(?:^|&)AWSAccessKeyId=")
_NAMES = ("AWSAccessKeyId", "Signature", "Expires")
#: Parameters that say what is asked for, and so are signed.
_SIGNED_PARAMETERS = frozenset(
    """accelerate acl analytics cors delete inventory lifecycle location logging metrics
    notification object-lock partNumber policy publicAccessBlock replication requestPayment
    response-cache-control response-content-disposition response-content-encoding
    response-content-language response-content-type response-expires restore select select-type
    tagging torrent uploadId uploads versionId versioning versions website""".split()
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What an address says of how it was signed."""

    access_key_id: str
    signature: str
    #: Seconds since 1970, until when it is good.
    expires: int
    token: str | None


def is_signed(text: str) -> bool:
    """Whether a query string is signed so."""
    return _SIGNED.search(text) is not None


def read(request: Request) -> Signature:
    """The signature of an address. Raise Refusal for half of one."""
    given = dict(request.query)
    names = [name for name, _ in request.query]
    if any(names.count(name) != 1 for name in _NAMES):
        raise Refusal(
            "AccessDenied",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
            "parameters",
        )
    unsigned = [name for name in names if not _is_signed(name)]
    if unsigned:
        # Whoever has the address could change them, and with them what is asked for.
        raise Refusal(
            "AccessDenied", f"Signature Version 2 does not sign {unsigned[0][:64]}: use Version 4"
        )
    if re.fullmatch("[0-9]{1,11}", given["Expires"], re.ASCII) is None:
        raise Refusal("AccessDenied", "Invalid date (should be seconds since epoch): Expires")
    return Signature(
        given["AWSAccessKeyId"],
        given["Signature"],
        int(given["Expires"]),
        given.get("x-amz-security-token"),
    )


def _is_signed(name: str) -> bool:
    lowered = name.lower()
    return (
        name in _NAMES
        or name in _SIGNED_PARAMETERS
        or lowered.startswith("x-amz-")
        or lowered in ("content-md5", "content-type")
    )


def check(signature: Signature, request: Request, secret: str) -> str | None:
    """Nothing where the address was signed with this secret, else what should have been signed."""
    text = to_sign(signature, request)
    expected = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1"))
    return None if hmac.compare_digest(expected, signature.signature.encode()) else text


def to_sign(signature: Signature, request: Request) -> str:
    """The text that is signed. Headers may stand in the query string."""
    headers = {
        **{name.lower(): value for name, value in request.query},
        **request.headers,
    }
    amazon = "".join(
        f"{name}:{headers[name].strip()}\n" for name in sorted(headers) if name.startswith("x-amz-")
    )
    parameters = [
        f"{name}={value}" if value else name
        for name, value in sorted(request.query)
        if name in _SIGNED_PARAMETERS
    ]
    resource = request.path + ("?" + "&".join(parameters) if parameters else "")
    return "\n".join(
        (
            request.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            str(signature.expires),
            amazon + resource,
        )
    )
