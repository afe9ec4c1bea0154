"""What S3's front door refuses, in S3's words, and every error's XML.

Codes, statuses and wording: "Error responses" in the Amazon S3 API reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from accounts.errors import ServiceError, ValidationError
from iamconsole.api.shapes import escape
from iamconsole.sandbox.s3_errors import S3Error

#: HTTP status of each error that is raised before an action, or while a body comes in.
STATUSES = {
    "AccessControlListNotSupported": 400,
    "AccessDenied": 403,
    "AuthorizationHeaderMalformed": 400,
    "AuthorizationQueryParametersError": 400,
    "BadDigest": 400,
    "ExpiredToken": 400,
    "InternalError": 500,
    "InvalidAccessKeyId": 403,
    "InvalidArgument": 400,
    "InvalidChunkSizeError": 400,
    "InvalidDigest": 400,
    "InvalidRequest": 400,
    "InvalidURI": 400,
    "InvalidToken": 400,
    "MalformedTrailerError": 400,
    "MaxMessageLengthExceeded": 400,
    "MethodNotAllowed": 405,
    "MissingRequestBodyError": 400,
    "MissingSecurityHeader": 400,
    "NoSuchVersion": 404,
    "NotImplemented": 501,
    "RequestTimeTooSkewed": 403,
    "SignatureDoesNotMatch": 403,
    "SlowDown": 503,
    "XAmzContentSHA256Mismatch": 400,
}


class Refusal(S3Error):
    """A request that S3 refuses before any action sees it."""

    def __init__(self, code: str, message: str, **extra: str) -> None:
        super().__init__(message, **extra)
        self.code = code
        self.status = STATUSES[code]


def not_implemented(header: str) -> Refusal:
    """For a header that asks for what S3 has and this product has not."""
    return Refusal(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        Header=header,
    )


#: Codes of what all of AWS shares, in S3's words.
_OURS = {
    "InvalidClientTokenId": (
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    "ExpiredToken": ("ExpiredToken", "The provided token has expired."),
    "IncompleteSignature": ("AuthorizationHeaderMalformed", ""),
    "MalformedInput": ("InvalidArgument", ""),
    "MalformedQueryString": ("InvalidURI", "Couldn't parse the specified URI."),
}


def in_words_of_s3(error: ServiceError) -> ServiceError:
    """The same error as S3 says it."""
    if isinstance(error, ValidationError):
        return Refusal("InvalidArgument", error.message)
    known = _OURS.get(error.code)
    if known is None or isinstance(error, S3Error):
        return error
    code, message = known
    return Refusal(code, message or error.message)


def written(error: ServiceError, resource: str, request_id: str, host_id: str) -> bytes:
    """An error as clients of S3 read it."""
    extra: Mapping[str, str] = getattr(error, "extra", {})
    elements = {
        "Code": error.code,
        "Message": error.message,
        **extra,
        "Resource": resource,
        "RequestId": request_id,
        "HostId": host_id,
    }
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode(
        "utf-8", "replace"
    )
