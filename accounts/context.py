"""The request context: every condition key that a call fills, built in this one place.

Keys and their presence: IAM User Guide, "AWS global condition context keys", and IAM's own in the
Service Authorization Reference. A key that does not apply is absent, not empty: operators tell the
two apart. What one operation alone is asked with, such as sts:ExternalId, is in its resource's
context. Absent for good: what belongs to organisations, VPCs and calls that AWS services make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.arns import Resource
from accounts.caller import Caller, CallerKind, Face
from accounts.engine import Context

_PRINCIPAL_TYPES = {
    CallerKind.ROOT: "Account",
    CallerKind.USER: "User",
    CallerKind.ROLE: "AssumedRole",
    CallerKind.FEDERATED: "FederatedUser",
    CallerKind.ANONYMOUS: "Anonymous",
}


def of_call(
    caller: Caller, action: str, resource: Resource, arguments: Mapping[str, Any]
) -> Context:
    """The context of one call. Of its arguments, those that set or name tags count."""
    keys: dict[str, str | Sequence[str]] = {
        "aws:CurrentTime": caller.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(caller.now.timestamp())),
        "aws:SecureTransport": _truth(caller.secure),
        "aws:RequestedRegion": caller.region,
        "aws:ViaAWSService": "false",
        "aws:PrincipalIsAWSService": "false",
    }
    if caller.source_address:
        keys["aws:SourceIp"] = caller.source_address
    if caller.user_agent:
        keys["aws:UserAgent"] = caller.user_agent
    keys |= _principal(caller)
    keys |= _session(caller)
    keys |= _request_tags(arguments)
    service = action.partition(":")[0]
    for key, value in resource.tags.items():
        keys[f"aws:ResourceTag/{key}"] = value
        keys[f"{service}:ResourceTag/{key}"] = value
    if resource.account:
        keys["aws:ResourceAccount"] = resource.account
    keys |= resource.context
    return Context(keys)


def _request_tags(arguments: Mapping[str, Any]) -> dict[str, str | Sequence[str]]:
    """The tags that a call sets, and the keys that it sets or removes."""
    tags = arguments.get("tags") or ()
    keys: dict[str, str | Sequence[str]] = {
        # Who removes a tag may name it alone.
        f"aws:RequestTag/{tag.key}": tag.value
        for tag in tags
        if tag.value is not None
    }
    named = (*(tag.key for tag in tags), *(arguments.get("tag_keys") or ()))
    return keys | {"aws:TagKeys": named} if named else keys


def _principal(caller: Caller) -> dict[str, str | Sequence[str]]:
    if caller.account is None or caller.kind not in _PRINCIPAL_TYPES:
        return {}
    keys: dict[str, str | Sequence[str]] = {
        "aws:PrincipalAccount": caller.account.id,
        "aws:PrincipalType": _PRINCIPAL_TYPES[caller.kind],
    }
    if caller.kind is CallerKind.ANONYMOUS:
        return {"aws:PrincipalType": keys["aws:PrincipalType"]}
    # For a session of a role the key holds the role's ARN, not the session's.
    keys["aws:PrincipalArn"] = caller.issuer if caller.kind is CallerKind.ROLE else caller.arn
    keys["aws:userid"] = caller.unique_id
    if caller.user is not None:
        keys["aws:username"] = caller.user.name
    for key, value in principal_tags(caller).items():
        keys[f"aws:PrincipalTag/{key}"] = value
    if caller.session is not None:
        keys |= caller.session.claims
        if caller.session.source_identity:
            keys["aws:SourceIdentity"] = caller.session.source_identity
        if caller.session.provider:
            keys["aws:FederatedProvider"] = caller.session.provider
    return keys


def principal_tags(caller: Caller) -> Mapping[str, str]:
    """The tags of the user or role, and of the session: of one key, the session's counts.

    IAM User Guide, "Pass session tags in AWS STS". `Context` folds the case of keys, so the later
    spelling of one is the one that is found.
    """
    owner = caller.user or caller.role or caller.vouching
    own = owner.tags if owner is not None else {}
    return {**own, **caller.session.tags} if caller.session is not None else own


def _session(caller: Caller) -> dict[str, str | Sequence[str]]:
    """Keys that only temporary credentials have; the console's are temporary."""
    if not caller.temporary or caller.face is Face.SHELL:
        return {}
    keys: dict[str, str | Sequence[str]] = {
        "aws:MultiFactorAuthPresent": _truth(caller.mfa_at is not None)
    }
    if caller.mfa_at is not None:
        age = int((caller.now - caller.mfa_at).total_seconds())
        keys["aws:MultiFactorAuthAge"] = str(max(0, age))
    if caller.issued_at is not None:
        keys["aws:TokenIssueTime"] = caller.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return keys


def _truth(value: bool) -> str:
    return "true" if value else "false"
