"""May this caller do this? The one place where that is decided.

Policies decide, but for the closed list of what they don't: it stands in this module, each entry
with AWS's page, and a test holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from accounts import caller as callers
from accounts import context, engine, ids, policy_sets
from accounts.arns import Resource
from accounts.caller import Caller, CallerKind, Face
from accounts.errors import AccessDenied
from accounts.models import PasswordPolicy

#: Allowed to every identity, whatever its policies say, even an explicit Deny; what temporary
#: credentials may not call at all, below, comes first.
#: AWS STS API reference, GetCallerIdentity and GetSessionToken: no permissions are required.
ALWAYS_ALLOWED = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})

#: Called without credentials: the token that is handed in is the proof. Same reference.
WITHOUT_CREDENTIALS = frozenset({"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"})

#: All that GetSessionToken's credentials may call of STS; and nothing of IAM without MFA.
#: IAM User Guide, "Compare AWS STS credentials".
SESSION_TOKEN_STS = frozenset({"sts:AssumeRole", "sts:GetCallerIdentity"})

#: All that federated users may call of STS; and nothing of IAM but in the console. Same page.
FEDERATED_STS = frozenset({"sts:GetCallerIdentity"})

#: What sessions of roles may not call, whatever their policies say. Same page.
NOT_FOR_ROLES = frozenset({"sts:GetFederationToken", "sts:GetSessionToken"})

#: What the root user may not do although no policy limits it. AWS STS API reference, AssumeRole.
NOT_FOR_ROOT = {"sts:AssumeRole": "Roles may not be assumed by root accounts."}

#: Called on many things at once: the action itself asks policies about each of them, under the name
#: of the operation on one. Amazon S3 API reference, DeleteObjects: s3:DeleteObject is needed.
ASKED_FOR_EACH = frozenset({"s3:DeleteObjects"})

#: Allowed on oneself where the account lets users change their passwords and no policy denies it.
#: IAM User Guide, "Permit IAM users to change their own passwords".
IMPLIED = frozenset({"iam:ChangePassword"})

#: Operations in which no UserName means whoever calls. IAM API reference, each one's UserName.
ONESELF = frozenset(
    {
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:DeactivateMFADevice",
        "iam:DeleteAccessKey",
        "iam:DeleteLoginProfile",
        "iam:DeleteServiceSpecificCredential",
        "iam:DeleteSigningCertificate",
        "iam:GetLoginProfile",
        "iam:GetMFADevice",
        "iam:GetUser",
        "iam:ListAccessKeys",
        "iam:ListMFADevices",
        "iam:ListSSHPublicKeys",
        "iam:ListServiceSpecificCredentials",
        "iam:ListSigningCertificates",
        "iam:ResetServiceSpecificCredential",
        "iam:UpdateAccessKey",
        "iam:UpdateServiceSpecificCredential",
        "iam:UpdateSigningCertificate",
        "iam:UploadSigningCertificate",
    }
)


_ENGINE_KINDS: Mapping[CallerKind, Literal["root", "user", "role", "federated"]] = {
    CallerKind.ROOT: "root",
    CallerKind.USER: "user",
    CallerKind.ROLE: "role",
    CallerKind.FEDERATED: "federated",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What policies were asked and answered, for whoever explains a refusal to the caller."""

    caller: Caller
    request: engine.Request
    policies: engine.Policies
    resource_policy: engine.Policy | None
    verdict: engine.Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a call is allowed, and why, short enough for an event."""

    allowed: bool
    reasons: Mapping[str, Any]
    message: str = ""
    #: Of a refusal by policies only.
    asked: Asked | None = None


def authorize(
    caller: Caller, action: str, resource: Resource, arguments: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Raise AccessDenied unless the caller may; return the reasons for the event."""
    answer = decide(caller, action, resource, arguments)
    if not answer.allowed:
        raise AccessDenied(
            answer.message,
            action=action,
            resource=resource.arn,
            principal=caller.arn,
            reasons=answer.reasons,
            asked=answer.asked,
            request_id=caller.request_id,
        )
    return answer.reasons


def would_allow(caller: Caller, action: str, resource: Resource, **arguments: Any) -> Answer:
    """The same answer without acting and without an event: for what a page offers."""
    return decide(caller, action, resource, arguments)


def could_allow(caller: Caller, action: str) -> bool:
    """Whether it is allowed on any resource at all, under whatever conditions.

    For what a page offers before the resource has a name. "No" is certain, "yes" is not.
    """
    return how_far(caller, action) is not engine.Access.NONE


def how_far(caller: Caller, action: str, on: str = "*") -> engine.Access:
    """How far it is allowed on resources of a pattern: NONE and FULL are certain for all of them.

    LIMITED is for some of them, or under conditions: then each has to be asked for.
    """
    if _limit_of_temporary(caller, action) is not None:
        return engine.Access.NONE
    if caller.is_root and action in NOT_FOR_ROOT:
        return engine.Access.NONE
    return engine.access_to(policy_sets.of_caller(caller), action, principal_of(caller), on)


def decide(caller: Caller, action: str, resource: Resource, arguments: Mapping[str, Any]) -> Answer:
    """The answer to one call."""
    if action in WITHOUT_CREDENTIALS or resource.asking is not None:
        return _by_token(caller, action, resource, arguments)
    if action in ASKED_FOR_EACH:
        return Answer(True, {"rule": "asked for each"})
    if caller.kind is CallerKind.ANONYMOUS:
        return _in_public(caller, action, resource, arguments)
    if caller.kind is CallerKind.SERVICE:
        return Answer(False, {"rule": "service"}, f"{caller.arn} does nothing but assume roles.")
    if caller.kind is CallerKind.OPERATOR:
        return Answer(False, {"rule": "operator"}, "The operator calls commands, not actions.")
    if (refusal := _limit_of_temporary(caller, action)) is not None:
        return refusal
    if caller.is_root and action in NOT_FOR_ROOT:
        return Answer(False, {"rule": "not for root"}, NOT_FOR_ROOT[action])
    if action in ALWAYS_ALLOWED:
        return Answer(True, {"rule": "always allowed"})
    request = request_of(caller, action, resource, arguments)
    policies = policy_sets.of_caller(caller)
    verdict = engine.evaluate(request, policies, resource_policy=resource.policy)
    if verdict.allowed:
        outside = resource.account != caller.home.id
        return Answer(True, reasons_of(_own(verdict) if outside else verdict))
    if verdict.decision is engine.Decision.IMPLICIT_DENY and _implied(caller, action, resource):
        return Answer(True, {"rule": "users may change their own password"})
    if resource.policy is not None and resource.account != caller.home.id:
        told = _told_outside(verdict, request)
        return Answer(False, {"decision": "denied", "rule": "another account"}, told)
    asked = Asked(caller, request, policies, resource.policy, verdict)
    return Answer(False, reasons_of(verdict), engine.denial(verdict, request), asked)


def request_of(
    caller: Caller, action: str, resource: Resource, arguments: Mapping[str, Any]
) -> engine.Request:
    """One call, as the engine is asked about it."""
    return engine.Request(
        action=action,
        resource=resource.arn,
        context=context.of_call(caller, action, resource, arguments),
        principal=principal_of(caller),
        resource_account=resource.account,
    )


def principal_of(caller: Caller) -> engine.Principal:
    """The caller as the engine names it."""
    return engine.Principal(
        arn=caller.arn,
        account=caller.home.id,
        kind=_ENGINE_KINDS[caller.kind],
        unique_id=caller.unique_id,
        role_arn=caller.issuer if caller.kind is CallerKind.ROLE else None,
    )


def reasons_of(verdict: engine.Verdict) -> dict[str, Any]:
    """The decision, what kind of policy made it, and the statements that did."""
    return {
        "decision": verdict.decision.value,
        "layer": verdict.layer,
        "statements": [
            {
                "policy": match.policy.arn or match.policy.name,
                "statement": match.statement.index,
                "sid": match.statement.sid or "",
            }
            for match in verdict.matched[:10]
        ],
    }


def _in_public(
    caller: Caller, action: str, resource: Resource, arguments: Mapping[str, Any]
) -> Answer:
    """What the resource's own policy says to everybody: all that speaks for who did not sign."""
    if resource.policy is None:
        return Answer(False, {"rule": "no credentials"}, "No credentials were given.")
    request = engine.Request(
        action=action,
        resource=resource.arn,
        context=context.of_call(caller, action, resource, arguments),
        principal=engine.Principal(arn="", account="", kind="anonymous"),
        resource_account=resource.account,
    )
    verdict = engine.evaluate(request, engine.Policies(), resource_policy=resource.policy)
    if verdict.allowed:
        return Answer(True, reasons_of(verdict))
    return Answer(False, {"rule": "no credentials"}, _told_outside(verdict, request))


def _own(verdict: engine.Verdict) -> engine.Verdict:
    """A verdict without the statements of another account's policy, whose names are not told."""
    own = tuple(match for match in verdict.matched if match.layer not in ("resource", "trust"))
    return verdict._replace(matched=own)


def _told_outside(verdict: engine.Verdict, request: engine.Request) -> str:
    """The refusal of who is not of the resource's account.

    That account's policy had its say: which, and whether there is such a thing at all, is not told.
    AWS gives its reasons within one account only, and S3 not even that sentence.
    """
    if request.action.startswith("s3:"):
        return "Access Denied"
    told = engine.denial(verdict, request).partition(" because ")[0]
    return told.partition(" with an explicit deny ")[0]


def _by_token(
    caller: Caller, action: str, resource: Resource, arguments: Mapping[str, Any]
) -> Answer:
    """What the role's trust policy says to the identity provider. Who signed does not matter.

    AWS gives one sentence, whatever the reason.
    """
    told = f"Not authorized to perform {action}"
    if resource.asking is None:
        return Answer(False, {"rule": "no identity provider"}, told)
    request = engine.Request(
        action=action,
        resource=resource.arn,
        context=context.of_call(callers.stripped(caller), action, resource, arguments),
        principal=resource.asking,
        resource_account=resource.account,
    )
    verdict = engine.evaluate(request, engine.Policies(), resource_policy=resource.policy)
    return Answer(verdict.allowed, reasons_of(verdict), "" if verdict.allowed else told)


def _limit_of_temporary(caller: Caller, action: str) -> Answer | None:
    """What temporary credentials may not call, whatever policies say."""
    service, _, operation = action.partition(":")
    with_session = f"Cannot call {operation} with session credentials"
    if caller.kind is CallerKind.ROLE:
        if action not in NOT_FOR_ROLES:
            return None
        return Answer(False, {"rule": "session of a role"}, with_session)
    if caller.kind is CallerKind.FEDERATED:
        if service == "sts" and action not in FEDERATED_STS:
            return Answer(False, {"rule": "federated user"}, with_session)
        if service == "iam" and caller.face is not Face.CONSOLE:
            return Answer(
                False,
                {"rule": "federated user"},
                f"User: {caller.arn} is not authorized to perform: {action}: federated users may "
                "call no operation of IAM",
            )
        return None
    if not caller.access_key_id.startswith(ids.TEMPORARY_KEY):
        return None
    if service == "sts" and action not in SESSION_TOKEN_STS:
        return Answer(False, {"rule": "session token"}, with_session)
    if service == "iam" and caller.mfa_at is None:
        return Answer(
            False,
            {"rule": "session token without MFA"},
            f"User: {caller.arn} is not authorized to perform: {action} with temporary "
            "credentials that were given without MFA",
        )
    return None


def _implied(caller: Caller, action: str, resource: Resource) -> bool:
    return (
        action in IMPLIED
        and caller.user is not None
        and resource.arn == caller.user.arn
        and PasswordPolicy.objects.filter(
            account=caller.home, allow_users_to_change_password=True
        ).exists()
    )
