"""Signature Version 4: reads the signature off a request and tells whether it is the right one.

Signatures come in the Authorization header or in the query string (presigned URLs). How both are
made: IAM User Guide, "Create a signed AWS API request". Pure: no database, no clock.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from iamconsole.api.errors import FrontDoorError

ALGORITHM = "AWS4-HMAC-SHA256"
_TERMINATOR = "aws4_request"
#: How far a client's clock may be off.
SKEW = timedelta(minutes=5)
#: The longest that a presigned URL may be good for, in seconds.
LONGEST = 7 * 24 * 60 * 60

_STAMP = "%Y%m%dT%H%M%SZ"
_STAMPED = re.compile(r"[0-9]{8}T[0-9]{6}Z", re.ASCII)
_REGION = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_IN_QUERY = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
             "X-Amz-SignedHeaders", "X-Amz-Signature")  # fmt: skip
#: Parameters of the signature itself, which are none of the operation's.
PARAMETERS = frozenset({*_IN_QUERY, "X-Amz-Security-Token"})
_PRESIGNED = re.compile(r"(?:^|&)X-Amz-(?:Signature|Algorithm|Credential)=")


@dataclass(frozen=True, slots=True)
class Request:
    """What a signature covers. `path` and the names of `headers`, in lower case, as they came."""

    method: str
    path: str
    #: The query string's parameters, decoded, in their order.
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    #: The hash of the body as the client gave it, where the body is checked as it comes in: S3.
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request says of how it was signed; whether that is true, `check` tells."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    stamp: str
    #: The session token of temporary credentials.
    token: str | None
    #: Seconds that a presigned URL is good for; nothing where the signature is in a header.
    expires: int | None

    @property
    def scope(self) -> str:
        """The credential scope: what the signing key was made for."""
        return f"{self.date}/{self.region}/{self.service}/{_TERMINATOR}"

    @property
    def is_of_s3(self) -> bool:
        """Whether it is signed for S3, which has its own rules for paths, bodies and clocks."""
        return self.service == "s3"

    @property
    def signed_at(self) -> datetime:
        """When the client says it signed."""
        return _moment(self.stamp)


def read(request: Request) -> Signature | None:
    """The signature of a request, or nothing. Raise FrontDoorError for half a signature."""
    given = dict(request.query)
    in_query = [name for name in _IN_QUERY if name in given]
    header = request.headers.get("authorization", "")
    if header and in_query:
        raise _incomplete("A request is signed in its header or in its query string, not in both.")
    if in_query:
        return _from_query(request, given)
    return _from_header(request, header) if header else None


def is_presigned(query_string: str) -> bool:
    """Whether an address holds a signature, or a part of one."""
    return _PRESIGNED.search(query_string) is not None


def check(signature: Signature, request: Request, secret: str, now: datetime) -> None:
    """Raise FrontDoorError unless the request was signed with this secret, and lately."""
    _check_headers(signature, request)
    _check_time(signature, now)
    proof = prove(signature, request, secret)
    if not proof.holds:
        raise _mismatch(
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details.\n\nThe Canonical String for this request should have been\n"
            f"'{proof.canonical}'\n\nThe String-to-Sign should have been\n'{proof.to_sign}'\n"
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a signature is the right one, and what should have been signed."""

    holds: bool
    canonical: str
    to_sign: str
    #: What signs: the chunks of a body may be signed with it, too.
    key: bytes = field(repr=False)


def prove(signature: Signature, request: Request, secret: str) -> Proof:
    """Sign the request with this secret, and compare."""
    canonical = canonical_request(signature, request)
    to_sign = "\n".join(
        (
            ALGORITHM,
            signature.stamp,
            signature.scope,
            hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest(),
        )
    )
    key = _signing_key(secret, signature.date, signature.region, signature.service)
    expected = hmac.digest(key, to_sign.encode(), "sha256").hex()
    holds = hmac.compare_digest(expected.encode(), signature.signature.encode())
    return Proof(holds, canonical, to_sign, key)


@functools.lru_cache(maxsize=4096)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, _TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


# --- The canonical request -----------------------------------------------------------------------


def canonical_request(signature: Signature, request: Request) -> str:
    """The text whose hash is signed. S3's keys may hold any path: theirs is signed as it came."""
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n"
        for name in signature.signed_headers
    )
    return "\n".join(
        (
            request.method,
            (request.path or "/") if signature.is_of_s3 else _canonical_path(request.path),
            _canonical_query(request.query),
            headers,
            ";".join(signature.signed_headers),
            request.payload or hashlib.sha256(request.body).hexdigest(),
        )
    )


def _canonical_path(path: str) -> str:
    """The path as it was sent, without dots and doubled slashes, and percent-encoded once more."""
    if path in ("", "/"):
        return "/"
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if kept:
                kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    end = "/" if kept and path.endswith("/") else ""
    return quote("/" + "/".join(kept) + end, safe="/-_.~")


def _canonical_query(query: Iterable[tuple[str, str]]) -> str:
    encoded = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in query
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


# --- What a request says of its signature --------------------------------------------------------


def _from_header(request: Request, header: str) -> Signature:
    algorithm, _, rest = header.strip().partition(" ")
    _check_algorithm(algorithm)
    given: dict[str, str] = {}
    for part in rest.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals:
            raise _incomplete(
                f"'{part.strip()[:128]}' not a valid key=value pair (missing equal-sign) in "
                "Authorization header."
            )
        if name in given:
            raise _incomplete(f"Authorization header has more than one '{name[:128]}'.")
        given[name] = value
    missing = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if not given.get(name)
    ]
    stamp = request.headers.get("x-amz-date") or _from_date(request.headers.get("date", ""))
    if not stamp:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if missing:
        raise _incomplete(" ".join([*missing, f"Authorization={algorithm}"]))
    return _signature(
        credential=given["Credential"],
        signed_headers=given["SignedHeaders"],
        signature=given["Signature"],
        stamp=stamp,
        token=request.headers.get("x-amz-security-token"),
        expires=None,
    )


def _from_query(request: Request, given: Mapping[str, str]) -> Signature:
    missing = [
        f"AWS query-string parameters must include '{name}'."
        for name in _IN_QUERY
        if not given.get(name)
    ]
    if missing:
        raise _incomplete(" ".join([*missing, "Re-examine the query-string parameters."]))
    names = [name for name, _ in request.query]
    if any(names.count(name) > 1 for name in PARAMETERS):
        raise _incomplete("A query-string parameter of the signature is given more than once.")
    _check_algorithm(given["X-Amz-Algorithm"])
    expires = given["X-Amz-Expires"]
    if re.fullmatch("[0-9]{1,6}", expires, re.ASCII) is None or int(expires) > LONGEST:
        raise _incomplete(f"X-Amz-Expires must be a number of seconds from 0 to {LONGEST}.")
    return _signature(
        credential=given["X-Amz-Credential"],
        signed_headers=given["X-Amz-SignedHeaders"],
        signature=given["X-Amz-Signature"],
        stamp=given["X-Amz-Date"],
        token=given.get("X-Amz-Security-Token"),
        expires=int(expires),
    )


def _signature(
    *,
    credential: str,
    signed_headers: str,
    signature: str,
    stamp: str,
    token: str | None,
    expires: int | None,
) -> Signature:
    parts = credential.split("/")
    if len(parts) != 5:
        raise _incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            f"keyid/date/region/service/term, got '{credential[:256]}'"
        )
    key_id, date, region, service, terminator = parts
    if not _is_moment(stamp):
        raise _incomplete(f"Date must be in ISO-8601 'basic format'. Got '{stamp[:64]}'.")
    if terminator != _TERMINATOR:
        raise _mismatch(
            f"Credential should be scoped with a valid terminator: '{_TERMINATOR}', not "
            f"'{terminator[:64]}'."
        )
    if date != stamp[:8]:
        raise _mismatch(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            f"HTTP: '{date[:64]}' != '{stamp[:8]}', from '{stamp}'."
        )
    if _REGION.fullmatch(region) is None:
        raise _mismatch(f"Credential should be scoped to a valid region, not '{region[:64]}'.")
    if _HEX.fullmatch(signature) is None:
        # No signature has this form: it can't match, and need not be compared.
        signature = ""
    return Signature(
        access_key_id=key_id,
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(signed_headers.split(";")),
        signature=signature,
        stamp=stamp,
        token=token,
        expires=expires,
    )


def _moment(stamp: str) -> datetime:
    return datetime(
        int(stamp[:4]),
        int(stamp[4:6]),
        int(stamp[6:8]),
        int(stamp[9:11]),
        int(stamp[11:13]),
        int(stamp[13:15]),
        tzinfo=UTC,
    )


def _check_algorithm(algorithm: str) -> None:
    if algorithm == "AWS4-ECDSA-P256-SHA256":
        raise _incomplete(
            f"Signature Version 4a ({algorithm}) is not supported here: sign with {ALGORITHM}, "
            "that is with Signature Version 4 and one region."
        )
    if algorithm != ALGORITHM:
        raise _incomplete(f"Unsupported AWS 'algorithm': '{algorithm[:64]}'. It is {ALGORITHM}.")


def unsigned(signature: Signature, request: Request) -> list[str]:
    """The headers that should have been signed and were not."""
    signed = signature.signed_headers
    return sorted(
        name for name in request.headers if name.startswith("x-amz-") and name not in signed
    )


def check_names(signature: Signature) -> None:
    """Raise FrontDoorError unless the host is signed, and headers are named as they must be."""
    signed = signature.signed_headers
    if "host" not in signed:
        raise _mismatch("'Host' must be a 'SignedHeader' in the AWS Authorization.")
    if list(signed) != sorted(set(signed)) or any(name != name.lower() for name in signed):
        raise _mismatch("SignedHeaders must be in lower case, sorted, each named once.")


def _check_headers(signature: Signature, request: Request) -> None:
    check_names(signature)
    if missing := unsigned(signature, request):
        raise _mismatch(
            "There were headers present in the request which were not signed: "
            + ", ".join(missing)[:512]
        )


def _check_time(signature: Signature, now: datetime) -> None:
    signed_at = signature.signed_at
    earliest, latest = now - SKEW, now + SKEW
    if signed_at > latest:
        raise _mismatch(
            f"Signature not yet current: {signature.stamp} is still later than "
            f"{latest.strftime(_STAMP)} ({now.strftime(_STAMP)} + 5 min.)"
        )
    if signature.expires is not None:
        if now > signed_at + timedelta(seconds=signature.expires):
            raise FrontDoorError("RequestExpired", "Request has expired.")
    elif signed_at < earliest:
        raise _mismatch(
            f"Signature expired: {signature.stamp} is now earlier than "
            f"{earliest.strftime(_STAMP)} ({now.strftime(_STAMP)} - 5 min.)"
        )


def _is_moment(stamp: str) -> bool:
    try:
        return _STAMPED.fullmatch(stamp) is not None and _moment(stamp) is not None
    except ValueError:
        return False


def _from_date(text: str) -> str:
    """The stamp of a Date header, which is what stands in the string to sign."""
    if not text or _STAMPED.fullmatch(text):
        return text
    try:
        return parsedate_to_datetime(text).astimezone(UTC).strftime(_STAMP)
    except (ValueError, OverflowError):
        return text


def _incomplete(message: str) -> FrontDoorError:
    return FrontDoorError("IncompleteSignature", message)


def _mismatch(message: str) -> FrontDoorError:
    return FrontDoorError("SignatureDoesNotMatch", message)
