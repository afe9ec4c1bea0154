"""Errors as EC2's clients read them: its codes and words for what other services call otherwise.

EC2 API reference, "Error codes for the Amazon EC2 API". Why a call was refused stands in a message
that is encoded, for whoever may call sts:DecodeAuthorizationMessage.
"""

from __future__ import annotations

from accounts import encoded_messages
from accounts.errors import AccessDenied, ServiceError, ValidationError

#: What EC2 calls an error that comes from before or beside its own actions.
_CODES = {
    "ExpiredToken": "RequestExpired",
    "InvalidClientTokenId": "AuthFailure",
    "InvalidInput": "InvalidParameterValue",
    "MissingAuthenticationToken": "MissingAuthenticationToken",
    "ServiceFailure": "InternalError",
    "SignatureDoesNotMatch": "AuthFailure",
    "Throttling": "RequestLimitExceeded",
}
_NOT_AUTHENTICATED = "AWS was not able to validate the provided access credentials"


def code_of(error: ServiceError) -> str:
    """What EC2 calls the error."""
    if isinstance(error, AccessDenied):
        return "UnauthorizedOperation"
    if isinstance(error, ValidationError):
        missing = "must not be null" in error.message
        return "MissingParameter" if missing else "InvalidParameterValue"
    return _CODES.get(error.code, error.code)


def message_of(error: ServiceError) -> str:
    """What EC2 says about it."""
    if isinstance(error, AccessDenied):
        told = f"You are not authorized to perform this operation. {error.message}"
        if error.asked is None:
            return told
        encoded = encoded_messages.encode(error.asked)
        return f"{told}. Encoded authorization failure message: {encoded}"
    return _NOT_AUTHENTICATED if code_of(error) == "AuthFailure" else error.message
