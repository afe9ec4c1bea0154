"""The account's alias, password policy and summary, by the SDK of AWS."""

from __future__ import annotations

from typing import Any

from accounts.models import Account
from iamconsole.api.shapes import SERVICES
from tests.api.refusals import refused
from tests.cast import ACCOUNT_ID


def test_an_account_has_one_alias(iam):
    assert iam.list_account_aliases()["AccountAliases"] == []
    iam.create_account_alias(AccountAlias="first")
    iam.create_account_alias(AccountAlias="second")
    answer = iam.list_account_aliases()
    assert (answer["AccountAliases"], answer["IsTruncated"]) == (["second"], False)
    with refused("NoSuchEntity", "The account alias first cannot be found.", status=404):
        iam.delete_account_alias(AccountAlias="first")
    iam.delete_account_alias(AccountAlias="second")
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_an_alias_of_another_account_is_taken(iam, stranger):
    stranger.create_account_alias(AccountAlias="eves")
    with refused("EntityAlreadyExists", status=409):
        iam.create_account_alias(AccountAlias="eves")
    with refused("InvalidInput", status=400):
        iam.create_account_alias(AccountAlias="123456789012")


def test_an_alias_that_no_alias_can_be_is_refused(unchecked):
    for alias in ("-a-", "Upper", "a--b", "ab"):
        with refused("ValidationError", status=400):
            unchecked.create_account_alias(AccountAlias=alias)


def test_there_is_no_password_policy_until_one_is_set(iam):
    message = f"The Password Policy with domain name {ACCOUNT_ID} cannot be found."
    for name in ("get_account_password_policy", "delete_account_password_policy"):
        with refused("NoSuchEntity", message, status=404):
            getattr(iam, name)()


def test_what_is_left_out_of_a_password_policy_goes_back_to_its_default(iam):
    iam.update_account_password_policy(
        MinimumPasswordLength=14,
        RequireSymbols=True,
        RequireNumbers=True,
        RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True,
        AllowUsersToChangePassword=True,
        MaxPasswordAge=90,
        PasswordReusePrevention=24,
        HardExpiry=True,
    )
    full = iam.get_account_password_policy()["PasswordPolicy"]
    assert full == {
        "MinimumPasswordLength": 14,
        "RequireSymbols": True,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "AllowUsersToChangePassword": True,
        "ExpirePasswords": True,
        "MaxPasswordAge": 90,
        "PasswordReusePrevention": 24,
        "HardExpiry": True,
    }
    iam.update_account_password_policy()
    assert iam.get_account_password_policy()["PasswordPolicy"] == {
        "MinimumPasswordLength": 6,
        "RequireSymbols": False,
        "RequireNumbers": False,
        "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False,
        "ExpirePasswords": False,
        "HardExpiry": False,
    }
    iam.delete_account_password_policy()
    with refused("NoSuchEntity", status=404):
        iam.get_account_password_policy()


def test_a_password_policy_beyond_its_limits_tells_all_that_is_wrong(unchecked):
    message = (
        "3 validation errors detected: Value at 'minimumPasswordLength' failed to satisfy "
        "constraint: Member must have value less than or equal to 128; Value at 'maxPasswordAge' "
        "failed to satisfy constraint: Member must have value greater than or equal to 1; Value "
        "at 'passwordReusePrevention' failed to satisfy constraint: Member must have value less "
        "than or equal to 24"
    )
    with refused("ValidationError", message, status=400):
        unchecked.update_account_password_policy(
            MinimumPasswordLength=129, MaxPasswordAge=0, PasswordReusePrevention=25
        )


def test_the_summary_counts_what_there_is_and_tells_the_quotas(iam):
    iam.create_user(UserName="ram")
    iam.create_group(GroupName="Devs")
    iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")
    found: dict[str, Any] = iam.get_account_summary()["SummaryMap"]
    assert found.keys() <= set(SERVICES["iam"].shapes["summaryKeyType"]["enum"])
    told = {
        "Users": 2,  # with the administrator
        "UsersQuota": 5000,
        "Groups": 1,
        "GroupsQuota": 300,
        "MFADevices": 1,
        "MFADevicesInUse": 0,
        "AccountMFAEnabled": 0,
        "AccountAccessKeysPresent": 0,
        "AccessKeysPerUserQuota": 2,
        "AssumeRolePolicySizeQuota": 2048,
        "AttachedPoliciesPerGroupQuota": 10,
        "GroupsPerUserQuota": 10,
        "PolicySizeQuota": 6144,
        "VersionsPerPolicyQuota": 5,
        "Providers": 0,
    }
    assert {name: found[name] for name in told} == told


def test_every_key_of_the_summary_is_told(iam):
    found = iam.get_account_summary()["SummaryMap"]
    assert set(SERVICES["iam"].shapes["summaryKeyType"]["enum"]) == found.keys()


def test_only_whoever_may_and_only_in_their_own_account(nobody, stranger, account):
    Account.objects.filter(pk=account.pk).update(alias="home")
    for name in ("list_account_aliases", "get_account_summary", "get_account_password_policy"):
        with refused("AccessDenied", status=403):
            getattr(nobody, name)()
    assert stranger.list_account_aliases()["AccountAliases"] == []
    with refused("NoSuchEntity", status=404):
        stranger.delete_account_alias(AccountAlias="home")
