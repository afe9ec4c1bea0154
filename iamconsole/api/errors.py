"""The errors of the front door, which no operation's model has, and every error's text on the wire.

Codes, statuses and wording: "Common errors" of the IAM and STS API references, and "Troubleshoot
Signature Version 4 signing" in the IAM User Guide.
"""

from __future__ import annotations

import json
import re

from django.db import OperationalError

from accounts.errors import ServiceError
from iamconsole.api import ec2_errors, shapes

#: HTTP status of each error that is raised before an action is found.
STATUSES = {
    "IncompleteSignature": 400,
    "InvalidAction": 400,
    "InvalidClientTokenId": 403,
    "MalformedInput": 400,
    "MalformedQueryString": 404,
    "MethodNotAllowed": 405,
    "MissingAction": 400,
    "MissingAuthenticationToken": 403,
    "NotImplemented": 501,
    "RequestEntityTooLarge": 413,
    "RequestExpired": 400,
    "ServiceFailure": 500,
    "SignatureDoesNotMatch": 403,
    "Throttling": 400,
}


#: What a service's clients call an error that has another name everywhere else.
_OWN_CODES = {("sns", "AccessDenied"): "AuthorizationError"}


class FrontDoorError(ServiceError):
    """A request that never became a call: no caller, or no operation to call. Not recorded."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = STATUSES[code]


#: What SQLite and PostgreSQL say when others are in the way.
_BUSY = re.compile("locked|lock timeout|deadlock|too many clients")


def is_busy(error: BaseException | None) -> bool:
    """Whether the database is busy beyond its patience: whoever asked waits and tries again."""
    return isinstance(error, OperationalError) and _BUSY.search(str(error)) is not None


def unknown_key() -> FrontDoorError:
    """One answer for a key that is not there, is switched off, or comes without its token."""
    return FrontDoorError(
        "InvalidClientTokenId", "The security token included in the request is invalid."
    )


def written(
    error: ServiceError, service: shapes.Service | None, request_id: str, *, as_json: bool
) -> bytes:
    """An error as clients read it, in the name space of the service where that is known."""
    kind = "Receiver" if error.status >= 500 else "Sender"
    code = _OWN_CODES.get((service.name, error.code), error.code) if service else error.code
    if as_json:
        told = {"Type": kind, "Code": code, "Message": error.message}
        return json.dumps({"Error": told, "RequestId": request_id}).encode()
    if service is not None and service.protocol == "ec2":
        return (
            f"<Response><Errors><Error><Code>{ec2_errors.code_of(error)}</Code>"
            f"<Message>{shapes.escape(ec2_errors.message_of(error))}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        ).encode("utf-8", "replace")
    namespace = f' xmlns="{service.namespace}"' if service else ""
    return (
        f"<ErrorResponse{namespace}><Error><Type>{kind}</Type><Code>{code}</Code>"
        f"<Message>{shapes.escape(error.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode("utf-8", "replace")
