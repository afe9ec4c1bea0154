"""Inline policies of users, groups and roles."""

from __future__ import annotations

import pytest

from accounts.actions import groups, inline_policies, roles, users
from accounts.errors import (
    AccessDenied,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import Event, InlinePolicy
from tests.cast import allow, document, trust

TEXT = document(allow("iam:ListUsers"))

EACH_KIND = pytest.mark.parametrize(
    ("put", "get", "names", "delete", "named", "limit"),
    [
        (
            inline_policies.put_user_policy,
            inline_policies.get_user_policy,
            inline_policies.list_user_policies,
            inline_policies.delete_user_policy,
            {"user_name": "alice"},
            2048,
        ),
        (
            inline_policies.put_group_policy,
            inline_policies.get_group_policy,
            inline_policies.list_group_policies,
            inline_policies.delete_group_policy,
            {"group_name": "dev"},
            5120,
        ),
        (
            inline_policies.put_role_policy,
            inline_policies.get_role_policy,
            inline_policies.list_role_policies,
            inline_policies.delete_role_policy,
            {"role_name": "worker"},
            10240,
        ),
    ],
    ids=["user", "group", "role"],
)


@pytest.fixture(autouse=True)
def identities(root, alice):
    """alice, a group and a role to have policies."""
    groups.create_group(root, group_name="dev")
    roles.create_role(
        root, role_name="worker", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )


def of_size(size: int) -> str:
    bare = document(allow("s3:*", Sid=""))
    return document(allow("s3:*", Sid="x" * (size - len("".join(bare.split())))))


@EACH_KIND
def test_a_policy_is_kept_to_the_letter_until_it_is_deleted(
    root, put, get, names, delete, named, limit
):
    text = TEXT.replace(" ", "\n\t ")
    put(root, **named, policy_name="own", policy_document=text)
    assert get(root, **named, policy_name="own").document == text
    assert names(root, **named).items == ["own"]
    delete(root, **named, policy_name="own")
    assert names(root, **named).items == []


@EACH_KIND
def test_a_policy_of_the_same_name_replaces_the_other(root, put, get, names, delete, named, limit):
    put(root, **named, policy_name="own", policy_document=TEXT)
    put(root, **named, policy_name="own", policy_document=document(allow("s3:*")))
    assert get(root, **named, policy_name="own").document == document(allow("s3:*"))
    assert names(root, **named).items == ["own"]


@EACH_KIND
def test_all_policies_of_one_identity_share_one_size(root, put, get, names, delete, named, limit):
    kind, name = next((key.removesuffix("_name"), value) for key, value in named.items())
    put(root, **named, policy_name="a", policy_document=of_size(limit - 500))
    put(root, **named, policy_name="b", policy_document=of_size(500) + " " * 3000)
    wording = f"^Maximum policy size of {limit} bytes exceeded for {kind} {name}$"
    with pytest.raises(LimitExceeded, match=wording):
        put(root, **named, policy_name="c", policy_document=TEXT)
    with pytest.raises(LimitExceeded, match=wording):
        put(root, **named, policy_name="b", policy_document=of_size(501))
    put(root, **named, policy_name="b", policy_document=of_size(499))


@EACH_KIND
def test_a_policy_that_is_not_there_is_named(root, put, get, names, delete, named, limit):
    kind = next(iter(named)).removesuffix("_name")
    wording = rf"^The {kind} policy with name none cannot be found\.$"
    for ask in (get, delete):
        with pytest.raises(NoSuchEntity, match=wording):
            ask(root, **named, policy_name="none")


@EACH_KIND
def test_a_malformed_document_is_refused_and_the_old_one_stays(
    root, put, get, names, delete, named, limit
):
    put(root, **named, policy_name="own", policy_document=TEXT)
    for text in ("{", trust(AWS="*"), document({"Effect": "Allow", "Resource": "*"})):
        with pytest.raises(MalformedPolicyDocument) as refusal:
            put(root, **named, policy_name="own", policy_document=text)
        assert refusal.value.argument == "policy_document"
        assert refusal.value.position is not None
    assert get(root, **named, policy_name="own").document == TEXT


@EACH_KIND
def test_eve_reaches_no_policy_of_strangers(root, eve, put, get, names, delete, named, limit):
    put(root, **named, policy_name="own", policy_document=TEXT)
    for ask in (get, delete):
        with pytest.raises(NoSuchEntity):
            ask(eve, **named, policy_name="own")
    with pytest.raises(NoSuchEntity):
        put(eve, **named, policy_name="own", policy_document=document(allow("*")))
    with pytest.raises(NoSuchEntity):
        names(eve, **named)
    assert InlinePolicy.objects.get().document == TEXT


@EACH_KIND
def test_whoever_may_list_the_names_sees_no_document(
    root, caller_with, put, get, names, delete, named, limit
):
    alice = caller_with(allow("iam:List*"))
    put(root, **named, policy_name="own", policy_document=TEXT)
    assert "own" in names(alice, **named).items
    with pytest.raises(AccessDenied):
        get(alice, **named, policy_name="own")


@pytest.mark.parametrize("name", ["", "two words", "a/b", "n" * 129])
def test_a_name_that_aws_refuses_is_refused(root, name):
    with pytest.raises(ValidationError):
        inline_policies.put_user_policy(
            root, user_name="alice", policy_name=name, policy_document=TEXT
        )


def test_an_inline_policy_may_be_of_the_old_version_and_counts_at_once(root, alice):
    with pytest.raises(AccessDenied):
        users.list_users(alice)
    inline_policies.put_user_policy(
        root,
        user_name="alice",
        policy_name="own",
        policy_document=TEXT.replace("2012-10-17", "2008-10-17"),
    )
    users.list_users(alice)
    inline_policies.delete_user_policy(root, user_name="alice", policy_name="own")
    with pytest.raises(AccessDenied):
        users.list_users(alice)


def test_a_denied_call_changes_nothing_but_leaves_an_event(alice):
    with pytest.raises(AccessDenied):
        inline_policies.put_user_policy(
            alice, user_name="alice", policy_name="own", policy_document=document(allow("*"))
        )
    assert not InlinePolicy.objects.exists()
    event = Event.objects.latest("sequence")
    assert (event.action, event.outcome) == ("iam:PutUserPolicy", "denied")


def test_names_come_in_pages_that_a_marker_continues(root):
    for name in ("c", "a", "b"):
        inline_policies.put_user_policy(
            root, user_name="alice", policy_name=name, policy_document=TEXT
        )
    first = inline_policies.list_user_policies(root, user_name="alice", max_items=2)
    rest = inline_policies.list_user_policies(root, user_name="alice", marker=first.marker)
    assert [*first.items, *rest.items] == ["a", "b", "c"]
