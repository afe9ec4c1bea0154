"""What the pages of one policy share: summary, tabs, buttons, and the state that forms compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from accounts.actions import shared
from accounts.actions.policies import CUSTOMER, PolicyInUse, get_policy
from accounts.actions.policy_versions import Version, get_policy_version
from accounts.arns import last_part
from accounts.caller import Caller
from accounts.errors import AccessDenied
from iamconsole.console.components import panels
from iamconsole.console.components.panels import Panel
from iamconsole.console.policies.documents import laid_out

TABS = (
    ("permissions", "Permissions", "console:policy"),
    ("entities", "Entities attached", "console:policy-entities"),
    ("tags", "Tags", "console:policy-tags"),
    ("versions", "Policy versions", "console:policy-versions"),
    ("last-accessed", "Last Accessed", "console:policy-last-accessed"),
)

#: Why a button of one of AWS's policies is dead.
AWS_OWNED = "AWS maintains this policy; it can't be changed here. Copy it to make your own."

#: Any one of them lets the button live: the action decides for each identity.
ATTACHING = ("iam:AttachUserPolicy", "iam:AttachGroupPolicy", "iam:AttachRolePolicy")
BOUNDING = ("iam:PutUserPermissionsBoundary", "iam:PutRolePermissionsBoundary")


def must_exist(caller: Caller, policy_arn: str) -> Panel:
    """The policy. Raise NoSuchEntity where there is none, as far as the caller may know."""
    return panels.subject(get_policy, caller, policy_arn=policy_arn)


def context(caller: Caller, policy_arn: str, current: str, **more: Any) -> dict[str, Any]:
    """What the layout of a policy's pages needs, and what the page adds."""
    found = must_exist(caller, policy_arn)
    return {
        "policy_arn": policy_arn,
        "name": last_part(policy_arn),
        "found": found,
        "own": is_own(policy_arn),
        "aws_owned": "" if is_own(policy_arn) else AWS_OWNED,
        "unattachable": _unattachable(found.value),
        "tabs": [(name, label, reverse(view, args=[policy_arn])) for name, label, view in TABS],
        "current": current,
        "missing": missing(caller, policy_arn),
        **more,
    }


def missing(caller: Caller, policy_arn: str) -> dict[str, str]:
    """What the caller lacks for the buttons, by what they do."""
    on = shared.policy_resource(caller, policy_arn=policy_arn)
    asked = (
        ("delete", "iam:DeletePolicy"),
        ("edit", "iam:CreatePolicyVersion"),
        ("set_default", "iam:SetDefaultPolicyVersion"),
        ("delete_version", "iam:DeletePolicyVersion"),
        ("tag", "iam:TagPolicy"),
    )
    lacking = {
        name: panels.missing(caller, action, on, policy_arn=policy_arn) for name, action in asked
    }
    return lacking | {
        "attach": panels.missing_all(caller, ATTACHING),
        "bound": panels.missing_all(caller, BOUNDING),
    }


def is_own(policy_arn: str) -> bool:
    """Whether the ARN is that of a customer managed policy."""
    return not policy_arn.startswith("arn:aws:iam::aws:")


def in_force(caller: Caller, found: Panel) -> Panel:
    """The version in force with its document; an empty panel where the policy was refused."""
    if found.value is None:
        return Panel()
    policy: PolicyInUse = found.value
    return panels.subject(
        get_policy_version, caller, policy_arn=policy.arn, version_id=policy.default_version_id
    )


def default_version(caller: Caller, policy_arn: str) -> Version:
    """The same or the refusal raised."""
    policy = get_policy(caller, policy_arn=policy_arn)
    return get_policy_version(caller, policy_arn=policy_arn, version_id=policy.default_version_id)


def state_of(version: Version) -> str:
    """What forms compare, where that is the version in force."""
    return f"Version {version.version_id}\n{laid_out(version.document or '')}"


def state_of_versions(caller: Caller, policy_arn: str) -> Callable[[], str]:
    """Reads which version is in force and what it says, for forms that compare."""

    def read() -> str:
        try:
            version = default_version(caller, policy_arn)
        except AccessDenied:
            return ""
        return state_of(version)

    return read


def _unattachable(policy: PolicyInUse | None) -> str:
    """Why the policy can't be attached at all, in words, or nothing."""
    if policy is None or policy.kind == CUSTOMER or policy.is_attachable:
        return ""
    return "Only service-linked roles can have this policy."
