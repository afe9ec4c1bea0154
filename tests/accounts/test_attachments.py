"""Managed policies attached to users, groups and roles."""

from __future__ import annotations

import pytest

from accounts import quotas
from accounts.actions import attachments, groups, policies, roles
from accounts.errors import (
    AccessDenied,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    PolicyNotAttachable,
    ValidationError,
)
from accounts.models import Attachment, Event
from tests.cast import ADMINISTRATOR, allow, arn, document, trust

READ_S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
FOR_SERVICES = "arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"

EACH_KIND = pytest.mark.parametrize(
    ("attach", "detach", "attached", "named"),
    [
        (
            attachments.attach_user_policy,
            attachments.detach_user_policy,
            attachments.list_attached_user_policies,
            {"user_name": "alice"},
        ),
        (
            attachments.attach_group_policy,
            attachments.detach_group_policy,
            attachments.list_attached_group_policies,
            {"group_name": "dev"},
        ),
        (
            attachments.attach_role_policy,
            attachments.detach_role_policy,
            attachments.list_attached_role_policies,
            {"role_name": "worker"},
        ),
    ],
    ids=["user", "group", "role"],
)


@pytest.fixture
def own(root, alice):
    """A policy of the account; alice, a group and a role to have it."""
    groups.create_group(root, group_name="dev")
    roles.create_role(
        root, role_name="worker", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    text = document(allow("s3:GetObject"))
    return policies.create_policy(root, policy_name="own", path="/a/", policy_document=text).arn


def arns_of(page):
    return [row.policy_arn for row in page.items]


@EACH_KIND
def test_what_is_attached_is_listed_until_it_is_detached(
    root, own, attach, detach, attached, named
):
    for policy_arn in (own, READ_S3, ADMINISTRATOR):
        attach(root, **named, policy_arn=policy_arn)
    page = attached(root, **named)
    assert arns_of(page) == [ADMINISTRATOR, READ_S3, own]
    assert [row.policy_name for row in page.items] == [
        "AdministratorAccess",
        "AmazonS3ReadOnlyAccess",
        "own",
    ]
    detach(root, **named, policy_arn=own)
    detach(root, **named, policy_arn=READ_S3)
    assert arns_of(attached(root, **named)) == [ADMINISTRATOR]


@EACH_KIND
def test_attaching_twice_is_no_error_and_attaches_once(root, own, attach, detach, attached, named):
    for policy_arn in (own, own, READ_S3, READ_S3):
        attach(root, **named, policy_arn=policy_arn)
    assert Attachment.objects.count() == 2


@EACH_KIND
def test_what_is_not_attached_cannot_be_detached(root, own, attach, detach, attached, named):
    for policy_arn in (own, READ_S3, arn("policy/none"), "arn:aws:iam::aws:policy/Nonexistent"):
        with pytest.raises(NoSuchEntity) as refusal:
            detach(root, **named, policy_arn=policy_arn)
        assert refusal.value.message == f"Policy {policy_arn} was not found."


@EACH_KIND
def test_only_a_policy_that_there_is_can_be_attached(root, own, attach, detach, attached, named):
    gone = arn("policy/nonexistent")
    with pytest.raises(NoSuchEntity) as refusal:
        attach(root, **named, policy_arn=gone)
    assert refusal.value.message == f"Policy {gone} does not exist or is not attachable."
    with pytest.raises(ValidationError, match=r"^ARN longpolicynamebutnoarn is not valid\.$"):
        attach(root, **named, policy_arn="longpolicynamebutnoarn")
    with pytest.raises(InvalidInput):
        attach(root, **named, policy_arn=arn("user/alice"))
    with pytest.raises(PolicyNotAttachable, match="Cannot attach a Service Role Policy"):
        attach(root, **named, policy_arn=FOR_SERVICES)
    assert not Attachment.objects.exists()


@EACH_KIND
def test_only_an_identity_that_there_is_gets_a_policy(root, own, attach, detach, attached, named):
    for ask in (attach, detach):
        with pytest.raises(NoSuchEntity, match=r"with name nobody cannot be found\.$"):
            ask(root, **dict.fromkeys(named, "nobody"), policy_arn=own)
    with pytest.raises(NoSuchEntity):
        attached(root, **dict.fromkeys(named, "nobody"))


@EACH_KIND
def test_the_quota_counts_both_sorts_of_policies(
    root, own, attach, detach, attached, named, monkeypatch
):
    kind = next(iter(named)).removesuffix("_name")
    monkeypatch.setitem(quotas.POLICIES_PER, kind, 2)
    attach(root, **named, policy_arn=own)
    attach(root, **named, policy_arn=READ_S3)
    attach(root, **named, policy_arn=READ_S3)
    wording = f"^Cannot exceed quota for PoliciesPer{kind.capitalize()}: 2$"
    with pytest.raises(LimitExceeded, match=wording):
        attach(root, **named, policy_arn=ADMINISTRATOR)


@EACH_KIND
def test_the_list_can_be_narrowed_and_comes_in_pages(root, own, attach, detach, attached, named):
    for policy_arn in (own, READ_S3, ADMINISTRATOR):
        attach(root, **named, policy_arn=policy_arn)
    assert arns_of(attached(root, **named, path_prefix="/a/")) == [own]
    first = attached(root, **named, max_items=2)
    rest = attached(root, **named, max_items=2, marker=first.marker)
    assert [*arns_of(first), *arns_of(rest)] == [ADMINISTRATOR, READ_S3, own]


@EACH_KIND
def test_eve_attaches_nothing_to_strangers(root, own, eve, attach, detach, attached, named):
    for ask in (attach, detach):
        with pytest.raises(NoSuchEntity):
            ask(eve, **named, policy_arn=READ_S3)
    assert not Attachment.objects.filter(account=root.home).exists()


def test_eve_attaches_no_policy_of_another_account(eve, own):
    with pytest.raises(NoSuchEntity, match="does not exist or is not attachable"):
        attachments.attach_user_policy(eve, user_name="eve", policy_arn=own)


def test_a_denied_call_changes_nothing_but_leaves_an_event(alice, own):
    before = Event.objects.count()
    with pytest.raises(AccessDenied, match=r"iam:AttachUserPolicy on resource: .*:user/alice "):
        attachments.attach_user_policy(alice, user_name="alice", policy_arn=ADMINISTRATOR)
    assert not Attachment.objects.exists()
    assert Event.objects.count() == before + 1


def test_a_condition_on_the_policys_arn_decides_what_may_be_attached(caller_with, own):
    only = {"ArnEquals": {"iam:PolicyARN": READ_S3}}
    alice = caller_with(allow("iam:AttachUserPolicy", "iam:DetachUserPolicy", Condition=only))
    attachments.attach_user_policy(alice, user_name="alice", policy_arn=READ_S3)
    for policy_arn in (ADMINISTRATOR, own):
        with pytest.raises(AccessDenied):
            attachments.attach_user_policy(alice, user_name="alice", policy_arn=policy_arn)
    attachments.detach_user_policy(alice, user_name="alice", policy_arn=READ_S3)


def test_what_is_attached_counts_from_the_next_call_on(root, alice):
    with pytest.raises(AccessDenied):
        groups.list_groups(alice)
    attachments.attach_user_policy(root, user_name="alice", policy_arn=ADMINISTRATOR)
    groups.list_groups(alice)
    attachments.detach_user_policy(root, user_name="alice", policy_arn=ADMINISTRATOR)
    with pytest.raises(AccessDenied):
        groups.list_groups(alice)
