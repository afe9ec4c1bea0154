"""The account's alias and its numbers."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from accounts import caller as callers
from accounts import signin
from accounts.actions import (
    access_keys,
    account,
    attachments,
    groups,
    mfa,
    oidc_providers,
    policies,
    roles,
    users,
)
from accounts.caller import Caller, Face
from accounts.errors import (
    AccessDenied,
    EntityAlreadyExists,
    InvalidInput,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import AccessKey, Account, Event, MFADevice
from tests.cast import ADMINISTRATOR, CallerWith, allow, document, trust

set_alias = account.create_account_alias


def alias_of(caller: Caller) -> str | None:
    return Account.objects.get(pk=caller.home.pk).alias


# --- The alias -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alias",
    [
        "abc",
        "a1b",
        "1ab",
        "123",
        "example-corp",
        "a-b-c-d",
        "x" * 63,
        "11112222333",
        "1111222233334",
    ],
)
def test_an_alias_of_lower_case_letters_digits_and_single_hyphens(root: Caller, alias: str):
    set_alias(root, account_alias=alias)
    assert alias_of(root) == root.home.alias == alias
    assert list(account.list_account_aliases(root).items) == [alias]


@pytest.mark.parametrize(
    "alias",
    [
        "",
        "ab",
        "x" * 64,
        "Example",
        "-abc",
        "abc-",
        "a--b",
        "a_b",
        "a.b",
        "a b",
        "abc\n",
        "\u0430bc",
        "ab\uff11",
        "b\u00fccher",
        "a/b",
        "<b>",
    ],
)
def test_nothing_else_is_an_alias(root: Caller, alias: str):
    with pytest.raises(ValidationError) as refused:
        set_alias(root, account_alias=alias)
    assert refused.value.argument == "account_alias"
    assert alias_of(root) is None


@pytest.mark.parametrize(
    "alias", ["444455556666", "111122223333", "4444-5555-6666", "4-4445555-6666"]
)
def test_what_would_be_read_as_an_account_id_is_no_alias(root: Caller, eve: Caller, alias: str):
    with pytest.raises(InvalidInput, match="12-digit number"):
        set_alias(root, account_alias=alias)
    assert signin.find_account(alias) != root.home or alias == root.home.id


def test_a_new_alias_replaces_the_old_one_at_once(root: Caller, eve: Caller):
    set_alias(root, account_alias="before")
    set_alias(root, account_alias="after")
    assert signin.find_account("after") == root.home
    assert signin.find_account("before") is None
    set_alias(eve, account_alias="before")
    assert signin.find_account("before") == eve.home


def test_setting_the_same_alias_again_is_no_error(root: Caller):
    set_alias(root, account_alias="example")
    set_alias(root, account_alias="example")
    assert alias_of(root) == "example"


def test_an_alias_is_unique_and_nothing_more_is_said_of_whose_it_is(root: Caller, eve: Caller):
    set_alias(root, account_alias="example")
    with pytest.raises(EntityAlreadyExists) as refused:
        set_alias(eve, account_alias="example")
    assert refused.value.message == "The account alias example already exists."
    assert alias_of(eve) is None
    assert eve.home.alias is None
    recorded = str(list(Event.objects.filter(account=eve.home).values()))
    for known in (root.home.id, root.home.name, root.home.root_email):
        assert known not in refused.value.message
        assert known not in recorded


def test_deleting_needs_the_alias_that_is_set(root: Caller, eve: Caller):
    set_alias(root, account_alias="example")
    for who, alias in ((root, "another"), (eve, "example")):
        with pytest.raises(NoSuchEntity) as refused:
            account.delete_account_alias(who, account_alias=alias)
        assert refused.value.message == f"The account alias {alias} cannot be found."
    account.delete_account_alias(root, account_alias="example")
    assert alias_of(root) is None
    assert list(account.list_account_aliases(root).items) == []
    assert signin.find_account("example") is None


def test_a_user_without_permission_touches_no_alias(root: Caller, alice: Caller):
    set_alias(root, account_alias="example")
    for ask in (
        lambda: set_alias(alice, account_alias="mine"),
        lambda: account.delete_account_alias(alice, account_alias="example"),
        lambda: account.list_account_aliases(alice),
    ):
        with pytest.raises(AccessDenied):
            ask()
    assert alias_of(root) == "example"


@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_that_want_one_alias_at_once_one_gets_it(now: Any):
    homes = [
        Account.objects.create(
            id=number * 12, name="Example", root_email=f"root@{number}.example", created_at=now
        )
        for number in "1234"
    ]
    answers: list[str] = []
    ready = threading.Barrier(len(homes))

    def want(home: Account) -> None:
        try:
            root = callers.root(home, face=Face.API, now=now, request_id="r")
            ready.wait(10)
            set_alias(root, account_alias="wanted")
            answers.append("done")
        except EntityAlreadyExists:
            answers.append("taken")
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=(home,)) for home in homes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "taken", "taken", "taken"]
    assert Account.objects.filter(alias="wanted").count() == 1


# --- The summary ---------------------------------------------------------------------------------


def test_a_new_account_counts_nothing(root: Caller):
    summary = account.get_account_summary(root)
    counted = set(summary.__slots__) - {"global_endpoint_token_version"}
    assert not any(getattr(summary, name) for name in counted)


def test_the_kind_of_tokens_is_kept_for_the_summary_and_for_this_account_only(
    root: Caller, eve: Caller, caller_with: CallerWith
):
    assert account.get_account_summary(root).global_endpoint_token_version == 1
    for word, version in (("v2Token", 2), ("v1Token", 1), ("v2Token", 2)):
        account.set_security_token_service_preferences(root, global_endpoint_token_version=word)
        assert account.get_account_summary(root).global_endpoint_token_version == version
    assert account.get_account_summary(eve).global_endpoint_token_version == 1
    with pytest.raises(ValidationError):
        account.set_security_token_service_preferences(
            root, global_endpoint_token_version="v3Token"
        )
    alice = caller_with(allow("iam:GetAccountSummary"))
    with pytest.raises(AccessDenied):
        account.set_security_token_service_preferences(
            alice, global_endpoint_token_version="v1Token"
        )


def test_everything_is_counted_and_only_what_is_ones_own(root: Caller, eve: Caller):
    for who in (root, eve):
        for name in ("carol", "dave"):
            users.create_user(who, user_name=name)
        groups.create_group(who, group_name="Devs")
        roles.create_role(
            who,
            role_name="Reader",
            assume_role_policy_document=trust(Service="ec2.amazonaws.com"),
        )
        policies.create_policy(who, policy_name="P", policy_document=document(allow("s3:*")))
        attachments.attach_user_policy(who, user_name="carol", policy_arn=ADMINISTRATOR)
        oidc_providers.create_open_id_connect_provider(who, url="https://idp.example.com")
        mfa.create_virtual_mfa_device(who, virtual_mfa_device_name="spare")
    phone = mfa.create_virtual_mfa_device(root, virtual_mfa_device_name="phone")
    MFADevice.objects.filter(pk=phone.pk).update(is_root=True, slot=1)
    for status in ("Active", "Inactive"):
        key = access_keys.create_access_key(root).key
        AccessKey.objects.filter(pk=key.pk).update(status=status)
    access_keys.create_access_key(root, user_name="carol")

    summary = account.get_account_summary(root)
    assert (summary.users, summary.groups, summary.roles, summary.policies) == (2, 1, 1, 1)
    assert (summary.mfa_devices, summary.mfa_devices_in_use) == (2, 1)
    assert (summary.attached_policies, summary.providers) == (1, 1)
    assert summary.policy_versions_in_use == 1
    assert summary.account_mfa_enabled
    assert summary.account_access_keys_present
    assert summary.root_active_keys == 1
    theirs = account.get_account_summary(eve)
    # Eve herself is a user, with one policy attached.
    assert (theirs.users, theirs.attached_policies, theirs.mfa_devices) == (3, 2, 1)
    assert not theirs.account_mfa_enabled
    assert not theirs.account_access_keys_present


def test_the_summary_takes_one_query_however_much_there_is(
    root: Caller, django_assert_num_queries: Any
):
    journal: list[Any] = []
    reader = replace(root, journal=journal)
    for number in range(5):
        users.create_user(root, user_name=f"user{number}")
        groups.create_group(root, group_name=f"group{number}")
    with django_assert_num_queries(1):
        assert account.get_account_summary(reader).users == 5


def test_without_permission_there_are_no_numbers(alice: Caller, caller_with: Any):
    with pytest.raises(AccessDenied):
        account.get_account_summary(alice)
    allowed = caller_with(allow("iam:GetAccountSummary"), name="alice")
    assert account.get_account_summary(allowed).users == 1
