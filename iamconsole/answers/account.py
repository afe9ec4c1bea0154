"""Answers about the account itself: its alias and the counts of what is in it."""

from __future__ import annotations

from accounts import quotas
from accounts.actions.account import AccountSummary
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members

#: Quotas that AWS tells and that nothing here comes near to: IAM and AWS STS quotas.
_POLICY_VERSIONS_IN_USE = 10000


def _aliases(found: Page[str]) -> Members:
    return members.page(found, "AccountAliases", str)


def _summary(found: AccountSummary) -> Members:
    return {
        "SummaryMap": {
            "Users": found.users,
            "UsersQuota": quotas.USERS_PER_ACCOUNT,
            "Groups": found.groups,
            "GroupsQuota": quotas.GROUPS_PER_ACCOUNT,
            "Roles": found.roles,
            "RolesQuota": quotas.ROLES_PER_ACCOUNT,
            "InstanceProfiles": found.instance_profiles,
            "InstanceProfilesQuota": quotas.INSTANCE_PROFILES_PER_ACCOUNT,
            "Policies": found.policies,
            "PoliciesQuota": quotas.POLICIES_PER_ACCOUNT,
            "PolicyVersionsInUse": found.policy_versions_in_use,
            "PolicyVersionsInUseQuota": _POLICY_VERSIONS_IN_USE,
            "VersionsPerPolicyQuota": quotas.VERSIONS_PER_POLICY,
            "PolicySizeQuota": quotas.MANAGED_POLICY_SIZE,
            "UserPolicySizeQuota": quotas.INLINE_SIZE["user"],
            "GroupPolicySizeQuota": quotas.INLINE_SIZE["group"],
            "RolePolicySizeQuota": quotas.INLINE_SIZE["role"],
            "AssumeRolePolicySizeQuota": quotas.TRUST_POLICY_SIZE,
            "AttachedPoliciesPerUserQuota": quotas.POLICIES_PER["user"],
            "AttachedPoliciesPerGroupQuota": quotas.POLICIES_PER["group"],
            "AttachedPoliciesPerRoleQuota": quotas.POLICIES_PER["role"],
            "GroupsPerUserQuota": quotas.GROUPS_PER_USER,
            "AccessKeysPerUserQuota": quotas.KEYS_PER_OWNER,
            "Providers": found.providers,
            "ServerCertificates": found.server_certificates,
            "ServerCertificatesQuota": quotas.SERVER_CERTIFICATES,
            "SigningCertificatesPerUserQuota": quotas.SIGNING_CERTIFICATES_PER_OWNER,
            "MFADevices": found.mfa_devices,
            "MFADevicesInUse": found.mfa_devices_in_use,
            "AccountMFAEnabled": int(found.account_mfa_enabled),
            "AccountAccessKeysPresent": int(found.account_access_keys_present),
            "AccountPasswordPresent": int(found.account_password_present),
            "AccountSigningCertificatesPresent": int(found.account_signing_certificates_present),
            "GlobalEndpointTokenVersion": found.global_endpoint_token_version,
        }
    }


ANSWERS: dict[str, Answer] = {
    "iam:GetAccountSummary": _summary,
    "iam:ListAccountAliases": _aliases,
}
