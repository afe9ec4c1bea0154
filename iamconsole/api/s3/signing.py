"""Who asks S3: whoever signed the request, in its header or in its address, or nobody.

Signature Version 4 is `sigv4`; version 2 (`sigv2`) is in addresses only, which boto3 and version 1
of the aws command still sign so. How both are refused is S3's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts import caller as callers
from accounts.caller import Caller
from accounts.errors import ServiceError
from iamconsole.api import credentials, exchange, sigv4
from iamconsole.api.exchange import Environ
from iamconsole.api.s3 import sigv2
from iamconsole.api.s3.chunks import Chain
from iamconsole.api.s3.errors import Refusal, in_words_of_s3
from iamconsole.api.sigv4 import Proof, Request, Signature

#: How far a client's clock may be off.
SKEW = timedelta(minutes=15)
#: Values of s3:authType. Amazon S3 API reference, "Signature Version 4 authentication specific
#: policy keys".
_IN_HEADER, _IN_ADDRESS = "REST-HEADER", "REST-QUERY-STRING"
_MILLISECOND = timedelta(milliseconds=1)
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever asks, and how they signed."""

    caller: Caller
    #: Where the chunks of a body may be signed, what signs them.
    chain: Chain | None = None
    is_anonymous: bool = False


def is_presigned(text: str) -> bool:
    """Whether a query string holds a signature."""
    return sigv4.is_presigned(text) or sigv2.is_signed(text)


def identify(environ: Environ, request: Request, request_id: str) -> Asker:
    """Whoever signed a request, or nobody. Raise what is wrong with key, token, time, signature."""
    text = environ.get("QUERY_STRING", "")
    if sigv2.is_signed(text) and not request.headers.get("authorization"):
        return _by_version_2(environ, request, request_id)
    try:
        signature = sigv4.read(request)
    except ServiceError as error:
        raise _malformed(error, is_presigned(text)) from None
    if signature is None:
        facts = exchange.facts(environ, request_id, exchange.NO_REGION)
        return Asker(callers.anonymous(None, temporary=False, **facts), is_anonymous=True)
    if not signature.is_of_s3:
        raise Refusal(
            "AuthorizationHeaderMalformed",
            f'The authorization header is malformed; incorrect service "{signature.service[:64]}". '
            'This endpoint belongs to "s3".',
        )
    facts = exchange.facts(environ, request_id, signature.region)
    found = _credential(signature.access_key_id, signature.token, facts["now"])
    _check_names(signature, request)
    _check_time(signature, facts["now"])
    proof = sigv4.prove(signature, request, found.secret)
    if not proof.holds:
        raise _mismatch(signature, proof)
    chain = Chain(proof.key, signature.stamp, signature.scope, signature.signature)
    facts["signing"] = {
        "s3:authType": _IN_HEADER if signature.expires is None else _IN_ADDRESS,
        "s3:signatureversion": sigv4.ALGORITHM,
        "s3:signatureAge": str(max(0, int((facts["now"] - signature.signed_at) / _MILLISECOND))),
        "s3:x-amz-content-sha256": request.payload,
    }
    return Asker(found.caller(service="s3", **facts), chain)


def _by_version_2(environ: Environ, request: Request, request_id: str) -> Asker:
    signature = sigv2.read(request)
    facts = exchange.facts(environ, request_id, exchange.NO_REGION)
    found = _credential(signature.access_key_id, signature.token, facts["now"])
    if facts["now"].timestamp() > signature.expires:
        until = datetime.fromtimestamp(signature.expires, UTC)
        raise _expired(facts["now"], Expires=until.strftime(_MOMENT))
    to_sign = sigv2.check(signature, request, found.secret)
    if to_sign is not None:
        raise Refusal(
            "SignatureDoesNotMatch",
            _DIFFERS,
            AWSAccessKeyId=signature.access_key_id,
            StringToSign=to_sign,
            SignatureProvided=signature.signature,
        )
    facts["signing"] = {"s3:authType": _IN_ADDRESS, "s3:signatureversion": "AWS"}
    return Asker(found.caller(service="s3", **facts))


def _credential(key_id: str, token: str | None, now: datetime) -> credentials.Credential:
    try:
        return credentials.find(key_id, token, now)
    except ServiceError as error:
        if token and error.code == "InvalidClientTokenId":
            raise Refusal(
                "InvalidToken", "The provided token is malformed or otherwise invalid."
            ) from None
        told = in_words_of_s3(error)
        if isinstance(told, Refusal) and told.code == "InvalidAccessKeyId":
            told.extra = {"AWSAccessKeyId": key_id[:128]}
        raise told from None


def _check_names(signature: Signature, request: Request) -> None:
    try:
        sigv4.check_names(signature)
    except ServiceError as error:
        raise Refusal("SignatureDoesNotMatch", error.message) from None
    if missing := sigv4.unsigned(signature, request):
        raise Refusal(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            HeadersNotSigned=", ".join(missing)[:512],
        )


def _check_time(signature: Signature, now: datetime) -> None:
    signed_at = signature.signed_at
    if signature.expires is None:
        if abs(now - signed_at) > SKEW:
            raise Refusal(
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                RequestTime=signature.stamp,
                ServerTime=now.strftime(_MOMENT),
                MaxAllowedSkewMilliseconds=str(int(SKEW.total_seconds() * 1000)),
            )
        return
    if signed_at > now + SKEW:
        raise Refusal("AccessDenied", "Request is not valid yet", ServerTime=now.strftime(_MOMENT))
    until = signed_at + timedelta(seconds=signature.expires)
    if now > until:
        told = {"X-Amz-Expires": str(signature.expires), "Expires": until.strftime(_MOMENT)}
        raise _expired(now, **told)


def _expired(now: datetime, **told: str) -> Refusal:
    return Refusal("AccessDenied", "Request has expired", **told, ServerTime=now.strftime(_MOMENT))


def _malformed(error: ServiceError, presigned: bool) -> Refusal:
    """Half a signature, in the code that S3 has for where it stands."""
    if error.code == "IncompleteSignature" and presigned:
        return Refusal("AuthorizationQueryParametersError", error.message)
    return Refusal("AuthorizationHeaderMalformed", error.message)


_DIFFERS = (
    "The request signature we calculated does not match the signature you provided. Check your key "
    "and signing method."
)


def _mismatch(signature: Signature, proof: Proof) -> Refusal:
    return Refusal(
        "SignatureDoesNotMatch",
        _DIFFERS,
        AWSAccessKeyId=signature.access_key_id,
        StringToSign=proof.to_sign,
        SignatureProvided=signature.signature,
        CanonicalRequest=proof.canonical,
    )


def headers_in_query(query: Mapping[str, str]) -> dict[str, Any]:
    """Headers that whoever signed an address put into it: `x-amz-meta-…`, `x-amz-tagging`."""
    own = {name.lower() for name in sigv4.PARAMETERS}
    lowered = {name.lower(): value for name, value in query.items()}
    taken = {
        name: value
        for name, value in lowered.items()
        if name.startswith("x-amz-") and name not in own
    }
    return taken | {name: lowered[name] for name in ("content-md5", "content-type")
                    if name in lowered}  # fmt: skip
