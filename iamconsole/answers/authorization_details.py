"""Answers about who may do what in the whole account."""

from __future__ import annotations

from accounts.actions.authorization_details import (
    AttachedPolicy,
    AuthorizationDetails,
    GroupDetails,
    PolicyDetails,
    RoleDetails,
    UserDetails,
    WrittenPolicy,
)
from iamconsole.answers import groups, instance_profiles, members, policies, roles
from iamconsole.answers.members import Answer, Members
from iamconsole.answers.policy_versions import version


def _details(found: AuthorizationDetails) -> Members:
    return {
        "UserDetailList": members.each(found.users, _user),
        "GroupDetailList": members.each(found.groups, _group),
        "RoleDetailList": members.each(found.roles, _role),
        "Policies": members.each(found.policies, _policy),
        "IsTruncated": found.is_truncated,
        "Marker": found.marker,
    }


def _user(details: UserDetails) -> Members:
    user, permissions = details.user, details.permissions
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.unique_id,
        "Arn": user.arn,
        "CreateDate": user.created_at,
        # Of users alone AWS leaves the empty list out.
        "UserPolicyList": members.each(permissions.inline, _inline) or None,
        "GroupList": list(details.groups),
        "AttachedManagedPolicies": members.each(permissions.attached, _attached),
        "PermissionsBoundary": members.boundary(user),
        "Tags": members.all_tags(user.tags),
    }


def _group(details: GroupDetails) -> Members:
    return {
        **groups.group(details.group),
        "GroupPolicyList": members.each(details.permissions.inline, _inline),
        "AttachedManagedPolicies": members.each(details.permissions.attached, _attached),
    }


def _role(details: RoleDetails) -> Members:
    role = details.role
    return {
        **roles.bare_role(role),
        "InstanceProfileList": members.each(
            details.instance_profiles, instance_profiles.listed_profile
        ),
        "RolePolicyList": members.each(details.permissions.inline, _inline),
        "AttachedManagedPolicies": members.each(details.permissions.attached, _attached),
        "PermissionsBoundary": members.boundary(role),
        "Tags": members.all_tags(role.tags),
        "RoleLastUsed": roles.last_used(role),
    }


def _policy(details: PolicyDetails) -> Members:
    return {
        **policies.listed_policy(details.policy),
        "Description": details.policy.description or None,
        "PolicyVersionList": members.each(details.versions, version),
    }


def _inline(policy: WrittenPolicy) -> Members:
    return {"PolicyName": policy.name, "PolicyDocument": members.document(policy.document)}


def _attached(policy: AttachedPolicy) -> Members:
    return {"PolicyName": policy.name, "PolicyArn": policy.arn}


ANSWERS: dict[str, Answer] = {"iam:GetAccountAuthorizationDetails": _details}
