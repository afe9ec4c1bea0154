"""The policies that apply to a principal: all of them, no others, and never yesterday's."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from accounts import authorize, policy_sets
from accounts import caller as callers
from accounts.actions import attachments, groups, inline_policies, policies, policy_versions, users
from accounts.arns import Resource
from accounts.caller import Caller, Face
from accounts.errors import AccessDenied, ServiceFailure
from accounts.models import Account, Attachment, Policy, PolicyVersion, User
from tests.cast import allow, caller_of, deny, document, new_user

SECURITY_AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"


def allowed(user: User, action: str, on: str = "*") -> bool:
    """What holds for a user who calls now: read anew, as a request does."""
    fresh = User.objects.select_related("account", "boundary").get(pk=user.pk)
    return authorize.decide(caller_of(fresh), action, Resource(on, fresh.account_id), {}).allowed


def own_policy(root: Caller, name: str, *statements: dict[str, Any]) -> str:
    """A customer managed policy, by its ARN."""
    made = policies.create_policy(root, policy_name=name, policy_document=document(*statements))
    return made.arn


@pytest.fixture
def carol(root: Caller) -> User:
    """A user with every kind of policy that reaches a user, each allowing one action."""
    user = users.create_user(root, user_name="carol")
    groups.create_group(root, group_name="Devs")
    groups.add_user_to_group(root, group_name="Devs", user_name="carol")
    groups.create_group(root, group_name="NotHers")
    hers, group, other = {"user_name": "carol"}, {"group_name": "Devs"}, {"group_name": "NotHers"}
    inline: Any = inline_policies
    puts = (inline.put_user_policy, inline.put_group_policy, inline.put_group_policy)
    managed: Any = attachments
    attaches = (
        managed.attach_user_policy,
        managed.attach_group_policy,
        managed.attach_group_policy,
    )
    for number, whose in enumerate((hers, group, other)):
        text = document(allow(f"x:Inline{number}"))
        puts[number](root, policy_name="p", policy_document=text, **whose)
        made = own_policy(root, f"P{number}", allow(f"x:Managed{number}"))
        attaches[number](root, policy_arn=made, **whose)
    attachments.attach_group_policy(root, group_name="Devs", policy_arn=SECURITY_AUDIT)
    return user


def test_a_user_has_the_union_of_her_own_policies_and_her_groups(carol: User):
    for action in ("x:Inline0", "x:Inline1", "x:Managed0", "x:Managed1", "iam:ListUsers"):
        assert allowed(carol, action), action
    for action in ("x:Inline2", "x:Managed2", "iam:CreateUser", "x:Other"):
        assert not allowed(carol, action), action


def test_each_policy_says_whence_it_comes(carol: User):
    found = policy_sets.of_user(carol, carol.account.policy_epoch)
    assert {(policy.name, policy.source, policy.via) for policy in found.identity} == {
        ("p", "user", None),
        ("p", "group", "Devs"),
        ("P0", "user-managed", None),
        ("P1", "user-managed", "Devs"),
        ("SecurityAudit", "aws-managed", "Devs"),
    }


def test_a_deny_in_one_of_them_beats_all_others(root: Caller, carol: User):
    denied = document(deny("x:*"))
    inline_policies.put_group_policy(
        root, group_name="Devs", policy_name="none", policy_document=denied
    )
    assert not allowed(carol, "x:Inline0")
    assert allowed(carol, "iam:ListUsers")


def test_leaving_a_group_takes_its_policies_at_once(root: Caller, carol: User):
    assert allowed(carol, "x:Managed1")
    groups.remove_user_from_group(root, group_name="Devs", user_name="carol")
    assert not allowed(carol, "x:Managed1")
    assert allowed(carol, "x:Managed0")


def test_only_the_version_in_force_counts(root: Caller, carol: User):
    policy = Policy.objects.get(name="P0")
    second = policy_versions.create_policy_version(
        root, policy_arn=policy.arn, policy_document=document(allow("x:Second"))
    )
    assert allowed(carol, "x:Managed0")
    assert not allowed(carol, "x:Second")
    policy_versions.set_default_policy_version(
        root, policy_arn=policy.arn, version_id=second.version_id
    )
    assert allowed(carol, "x:Second")
    assert not allowed(carol, "x:Managed0")


# --- Boundaries ----------------------------------------------------------------------------------


def test_a_boundary_limits_and_gives_nothing(root: Caller, carol: User):
    limit = own_policy(root, "Limit", allow("x:Managed0", "x:Extra"))
    users.put_user_permissions_boundary(root, user_name="carol", permissions_boundary=limit)
    assert allowed(carol, "x:Managed0")
    assert not allowed(carol, "x:Inline0")
    assert not allowed(carol, "x:Extra")
    users.delete_user_permissions_boundary(root, user_name="carol")
    assert allowed(carol, "x:Inline0")


def test_one_of_awss_policies_may_be_the_boundary(root: Caller, carol: User):
    users.put_user_permissions_boundary(
        root, user_name="carol", permissions_boundary=SECURITY_AUDIT
    )
    assert allowed(carol, "iam:ListUsers")
    assert not allowed(carol, "x:Inline0")


def test_a_boundary_that_is_not_there_any_more_allows_nothing(carol: User):
    User.objects.filter(pk=carol.pk).update(
        boundary_managed_arn="arn:aws:iam::aws:policy/WithdrawnByAws"
    )
    Account.objects.update(policy_epoch=99)
    for action in ("x:Inline0", "iam:ListUsers"):
        assert not allowed(carol, action)


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"Version":"2012-10-17"}', '{"Statement":{}}'])
def test_a_boundary_that_cannot_be_read_allows_nothing(root: Caller, carol: User, broken: str):
    limit = own_policy(root, "Limit", allow("*"))
    users.put_user_permissions_boundary(root, user_name="carol", permissions_boundary=limit)
    assert allowed(carol, "x:Inline0")
    PolicyVersion.objects.filter(policy__name="Limit").update(document=broken)
    Account.objects.update(policy_epoch=99)
    assert not allowed(carol, "x:Inline0")


def test_a_boundary_without_a_version_in_force_lets_nothing_through(root: Caller, carol: User):
    limit = own_policy(root, "Limit", allow("*"))
    users.put_user_permissions_boundary(root, user_name="carol", permissions_boundary=limit)
    PolicyVersion.objects.filter(policy__name="Limit").update(is_default=False)
    Account.objects.update(policy_epoch=99)
    caller = caller_of(User.objects.get(pk=carol.pk))
    with pytest.raises((AccessDenied, ServiceFailure)):
        users.list_users(caller)


def test_a_policy_that_cannot_be_read_denies_everything_since_it_may_have(carol: User):
    PolicyVersion.objects.filter(policy__name="P0").update(document='{"Statement": [{')
    Account.objects.update(policy_epoch=99)
    for action in ("x:Managed0", "x:Inline0", "iam:ListUsers"):
        assert not allowed(carol, action)
    fresh = caller_of(User.objects.get(pk=carol.pk))
    with pytest.raises(AccessDenied, match=r"with an explicit deny .* arn:aws:iam::\d+:policy/P0"):
        users.list_users(fresh)


def test_an_attached_policy_that_aws_withdrew_gives_nothing(carol: User):
    Attachment.objects.create(
        account=carol.account,
        user=carol,
        managed_arn="arn:aws:iam::aws:policy/WithdrawnByAws",
        created_at=carol.created_at,
    )
    Account.objects.update(policy_epoch=99)
    assert allowed(carol, "x:Inline0")


# --- The cache -----------------------------------------------------------------------------------


def test_a_set_is_read_once_until_something_changes(
    root: Caller, carol: User, django_assert_num_queries: Any
):
    fresh = caller_of(User.objects.select_related("account").get(pk=carol.pk))
    policy_sets.of_caller(fresh)
    with django_assert_num_queries(0):
        assert policy_sets.of_caller(fresh) is policy_sets.of_caller(fresh)


def test_the_queries_do_not_grow_with_the_policies(
    root: Caller, carol: User, django_assert_max_num_queries: Any
):
    for number in range(8):
        groups.create_group(root, group_name=f"G{number}")
        groups.add_user_to_group(root, group_name=f"G{number}", user_name="carol")
        made = own_policy(root, f"Q{number}", allow(f"y:A{number}"))
        attachments.attach_group_policy(root, group_name=f"G{number}", policy_arn=made)
        inline_policies.put_group_policy(
            root,
            group_name=f"G{number}",
            policy_name="p",
            policy_document=document(allow(f"y:B{number}")),
        )
    fresh = User.objects.select_related("account", "boundary").get(pk=carol.pk)
    with django_assert_max_num_queries(3):
        found = policy_sets.of_user(fresh, fresh.account.policy_epoch)
    assert len(found.identity) == 5 + 16


def test_two_users_of_one_name_in_two_accounts_share_nothing(
    root: Caller, carol: User, eve: Caller
):
    namesake = new_user(eve.home, "carol")
    assert allowed(carol, "x:Inline0")
    assert not allowed(namesake, "x:Inline0")


def test_a_user_made_again_under_the_old_name_has_nothing(account: Account):
    first = new_user(account, "carol")
    first.inline_policies.create(account=account, name="p", document=document(allow("x:Y")))
    assert allowed(first, "x:Y")
    first.delete()
    assert not allowed(new_user(account, "carol"), "x:Y")


def test_the_cache_forgets_whom_nobody_asks_for(account: Account, monkeypatch: Any):
    monkeypatch.setattr(policy_sets, "_KEPT", 2)
    monkeypatch.setattr(policy_sets, "_kept", type(policy_sets._kept)())
    for name in ("a", "b", "c"):
        policy_sets.of_user(new_user(account, name), 1)
    assert len(policy_sets._kept) == 2


def test_root_the_operator_and_strangers_have_no_policies(root: Caller, account: Account, now: Any):
    stranger = callers.anonymous(account, face=Face.API, now=now, request_id="r")
    operator = callers.operator(account, now=now, request_id="r")
    for who in (root, stranger, operator):
        found = policy_sets.of_caller(who)
        assert (found.identity, found.boundary) == ((), None)


@pytest.mark.django_db(transaction=True)
def test_a_write_of_another_thread_is_in_force_at_the_next_request(now: Any):
    account = Account.objects.create(
        id="111122223333", name="Example", root_email="root@example.com", created_at=now
    )
    root = callers.root(account, face=Face.API, now=now, request_id="r")
    carol = users.create_user(root, user_name="carol")
    inline_policies.put_user_policy(
        root, user_name="carol", policy_name="p", policy_document=document(allow("x:Y"))
    )
    assert allowed(carol, "x:Y")

    def elsewhere() -> None:
        try:
            mine = Account.objects.get(pk=account.pk)
            somebody = callers.root(mine, face=Face.API, now=now, request_id="r2")
            inline_policies.delete_user_policy(somebody, user_name="carol", policy_name="p")
        finally:
            connection.close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert not allowed(carol, "x:Y")


@pytest.mark.django_db(transaction=True)
def test_many_threads_that_change_and_ask_never_see_more_than_was_given(now: Any):
    account = Account.objects.create(
        id="111122223333", name="Example", root_email="root@example.com", created_at=now
    )
    carol = new_user(account, "carol")
    wrong: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        try:
            while not stop.is_set():
                # Deny and Allow always change together, so that nothing is ever allowed.
                if allowed(carol, "x:Y"):
                    wrong.append("allowed")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    root = callers.root(account, face=Face.API, now=now, request_id="r")
    for number in range(12):
        inline_policies.put_user_policy(
            root,
            user_name="carol",
            policy_name="p",
            policy_document=document(allow("x:*", Sid=f"S{number}"), deny("x:Y")),
        )
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert Account.objects.get().policy_epoch == 13
