"""Answers about the record: each event as the record that CloudTrail would have of it.

AWS CloudTrail User Guide, "CloudTrail record contents", "CloudTrail userIdentity element" and "AWS
Management Console sign-in events". What AWS has no field for, such as why a call was refused,
stands in `additionalEventData`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from accounts import events
from accounts.actions.history import Found, resource_type
from accounts.caller import CallerKind
from accounts.models import Event
from accounts.types import camel_case
from iamconsole.answers.members import Answer, Members, each

#: The version of the record's format.
_VERSION = "1.11"
_TYPES = {
    CallerKind.ROOT: "Root",
    CallerKind.USER: "IAMUser",
    CallerKind.ROLE: "AssumedRole",
    CallerKind.FEDERATED: "FederatedUser",
}
#: What CloudTrail calls who brought a token of an identity provider and did not sign.
_BY_TOKEN = {
    "sts:AssumeRoleWithSAML": "SAMLUser",
    "sts:AssumeRoleWithWebIdentity": "WebIdentityUser",
}
#: Calls about what is in a bucket or topic. Everything else manages the account.
_OF_DATA = frozenset(
    {
        "s3:AbortMultipartUpload",
        "s3:CompleteMultipartUpload",
        "s3:CopyObject",
        "s3:CreateMultipartUpload",
        "s3:DeleteObject",
        "s3:DeleteObjectTagging",
        "s3:DeleteObjects",
        "s3:GetObject",
        "s3:GetObjectTagging",
        "s3:HeadObject",
        "s3:ListObjects",
        "s3:ListObjectsV2",
        "s3:ListParts",
        "s3:PutObject",
        "s3:PutObjectTagging",
        "s3:UploadPart",
        "sns:Publish",
        "sns:PublishBatch",
    }
)


def record(event: Event) -> Members:
    """An event as CloudTrail records it; times are texts here."""
    service, _, name = event.action.partition(":")
    management = event.action not in _OF_DATA
    return {
        "eventVersion": _VERSION,
        "userIdentity": _identity(event),
        "eventTime": _moment(event),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": event.region or "us-east-1",
        "sourceIPAddress": event.source_address or "127.0.0.1",
        "userAgent": event.user_agent or "-",
        **_error(event),
        "requestParameters": _parameters(event),
        "responseElements": _response(event),
        "additionalEventData": _more(event),
        "requestID": event.request_id,
        "eventID": str(event.pk),
        "readOnly": event.read_only,
        "resources": [
            {"ARN": arn, "accountId": event.account_id, "type": resource_type(arn)}
            for arn in event.resources
            if resource_type(arn)
        ],
        "eventType": event_type(event),
        "managementEvent": management,
        "recipientAccountId": event.account_id,
        "eventCategory": "Management" if management else "Data",
    }


def event_type(event: Event) -> str:
    """Whether it was a call of the API, a sign-in, or something that only the console does."""
    service = event.action.partition(":")[0]
    if service == "signin":
        return "AwsConsoleSignIn"
    return "AwsConsoleAction" if service in ("console", "root") else "AwsApiCall"


def user_name(event: Event) -> str:
    """Who called, by the name that CloudTrail has for it."""
    return events.caller_name(event) or event.principal_kind


def _moment(event: Event) -> str:
    return event.time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _identity(event: Event) -> Members:
    kind = event.principal_kind
    if event.action == events.SIGN_IN:
        return _who_signs_in(event)
    if kind == CallerKind.ANONYMOUS:
        return {"type": _BY_TOKEN.get(event.action, "AWSAccount"), "principalId": "ANONYMOUS"}
    if kind in (CallerKind.OPERATOR, CallerKind.SERVICE):
        return {"type": "AWSService", "invokedBy": event.principal_arn or "operator"}
    found: Members = {
        "type": _TYPES.get(CallerKind(kind), "Unknown"),
        "principalId": event.principal_id,
        "arn": event.principal_arn,
        "accountId": event.account_id,
        "accessKeyId": event.access_key_id or None,
    }
    if kind == CallerKind.USER:
        found["userName"] = events.user_name(event.principal_arn)
    if kind != CallerKind.USER or event.session_id or event.mfa_authenticated:
        found["sessionContext"] = _session(event)
    return _there(found)


def _who_signs_in(event: Event) -> Members:
    """Whoever tries to sign in has proved nothing yet: the resource says whose password it is."""
    arn = event.resources[0] if event.resources else ""
    is_root = arn.endswith(":root")
    return _there(
        {
            "type": "Root" if is_root else "IAMUser",
            "principalId": event.account_id if is_root else None,
            "arn": arn if not arn.endswith("/HIDDEN_DUE_TO_SECURITY_REASONS") else None,
            "accountId": event.account_id,
            "userName": None if is_root else events.user_name(arn),
        }
    )


def _session(event: Event) -> Members:
    issuer: Members = {}
    if event.principal_kind == CallerKind.ROLE:
        issuer = {
            "type": "Role",
            "principalId": event.principal_id.partition(":")[0],
            "arn": event.issuer,
            "accountId": event.account_id,
            "userName": events.role_name(event.principal_arn),
        }
    mfa = str(event.mfa_authenticated).lower()
    return {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": mfa}}


def _error(event: Event) -> Members:
    if event.outcome == events.SUCCESS:
        return {}
    if event.action == events.SIGN_IN:
        return {"errorMessage": "Failed authentication"}
    return {"errorCode": event.error_code, "errorMessage": event.error_message}


def _parameters(event: Event) -> Any:
    if event.action == events.SIGN_IN or not event.parameters:
        return None
    return {camel_case(name): _lowered(value) for name, value in event.parameters.items()}


def _lowered(value: Any) -> Any:
    """Members of structures begin with a small letter there; what is in a map stays as it is."""
    if isinstance(value, list):
        return [_lowered(item) for item in value]
    if isinstance(value, Mapping) and value.keys() == {"Key", "Value"}:
        return {"key": value["Key"], "value": value["Value"]}
    if isinstance(value, Mapping):
        return {camel_case(name): _lowered(item) for name, item in value.items()}
    return value


def _response(event: Event) -> Members | None:
    if event.action != events.SIGN_IN:
        return None
    done = event.outcome == events.SUCCESS
    return {"ConsoleLogin": "Success" if done else "Failure"}


def _more(event: Event) -> Members:
    found: Members = {"face": event.face}
    if event.action.startswith("signin:"):
        found["MFAUsed"] = "Yes" if event.mfa_authenticated else "No"
    if event.reasons:
        found["decision"] = event.reasons
    return found


def _there(members: Members) -> Members:
    return {name: value for name, value in members.items() if value is not None}


def _found(found: Found) -> Members:
    return {"Events": each(found.events, _event), "NextToken": found.next_token}


def _event(event: Event) -> Members:
    service, _, name = event.action.partition(":")
    return {
        "EventId": str(event.pk),
        "EventName": name,
        "ReadOnly": str(event.read_only).lower(),
        "AccessKeyId": event.access_key_id or None,
        "EventTime": event.time,
        "EventSource": f"{service}.amazonaws.com",
        "Username": user_name(event),
        "Resources": [
            {
                "ResourceType": resource_type(arn) or None,
                "ResourceName": events.resource_name(arn) or arn,
            }
            for arn in event.resources
        ],
        "CloudTrailEvent": json.dumps(record(event), separators=(",", ":")),
    }


ANSWERS: dict[str, Answer] = {"cloudtrail:LookupEvents": _found}
