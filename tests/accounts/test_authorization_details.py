"""The whole account in one answer: what is in it, page by page."""

from __future__ import annotations

import pytest

from accounts.actions import (
    attachments,
    groups,
    inline_policies,
    instance_profiles,
    policies,
    policy_versions,
    roles,
    service_linked_roles,
    users,
)
from accounts.actions.authorization_details import (
    AttachedPolicy,
    WrittenPolicy,
    get_account_authorization_details,
)
from accounts.errors import AccessDenied, ValidationError
from accounts.models import Attachment, Group, InlinePolicy, Membership, User
from accounts.types import Tag
from tests.cast import ADMINISTRATOR, allow, arn, document, new_user, trust

TEXT = document(allow("s3:GetObject"))
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
EC2 = trust(Service="ec2.amazonaws.com")


@pytest.fixture
def full(root):
    """Two of each kind of identity, and every way in which they hold policies."""
    own = policies.create_policy(root, policy_name="Own", path="/team/", policy_document=TEXT)
    policies.create_policy(root, policy_name="Idle", policy_document=TEXT)
    policy_versions.create_policy_version(
        root, policy_arn=own.arn, policy_document=document(allow("s3:*")), set_as_default=True
    )
    users.create_user(root, user_name="Carol", tags=[Tag("team", "dev")])
    users.create_user(root, user_name="dave", permissions_boundary=own.arn)
    groups.create_group(root, group_name="Devs")
    groups.create_group(root, group_name="all")
    for name in ("Devs", "all"):
        groups.add_user_to_group(root, group_name=name, user_name="Carol")
    roles.create_role(root, role_name="Reader", assume_role_policy_document=EC2)
    roles.create_role(
        root, role_name="Bounded", assume_role_policy_document=EC2, permissions_boundary=READ_ONLY
    )
    instance_profiles.create_instance_profile(root, instance_profile_name="Web")
    instance_profiles.add_role_to_instance_profile(
        root, instance_profile_name="Web", role_name="Reader"
    )
    for policy in (own.arn, ADMINISTRATOR):
        attachments.attach_user_policy(root, user_name="Carol", policy_arn=policy)
    attachments.attach_group_policy(root, group_name="Devs", policy_arn=own.arn)
    attachments.attach_role_policy(root, role_name="Reader", policy_arn=ADMINISTRATOR)
    for name in ("two", "one"):
        inline_policies.put_user_policy(
            root, user_name="Carol", policy_name=name, policy_document=TEXT
        )
    inline_policies.put_group_policy(
        root, group_name="all", policy_name="inline", policy_document=TEXT
    )
    return root


def names(found):
    return (
        [each.user.name for each in found.users],
        [each.group.name for each in found.groups],
        [each.role.name for each in found.roles],
        [each.policy.name for each in found.policies],
    )


def test_everything_is_there_with_what_hangs_on_it(full):
    found = get_account_authorization_details(full)
    assert names(found) == (
        ["Carol", "dave"],
        ["all", "Devs"],
        ["Bounded", "Reader"],
        ["Idle", "Own", "AdministratorAccess", "ReadOnlyAccess"],
    )
    assert not found.is_truncated
    carol, dave = found.users
    assert (carol.groups, dave.groups) == (["all", "Devs"], [])
    assert carol.user.tags == {"team": "dev"}
    assert carol.permissions.attached == [
        AttachedPolicy("AdministratorAccess", ADMINISTRATOR),
        AttachedPolicy("Own", arn("policy/team/Own")),
    ]
    assert carol.permissions.inline == [WrittenPolicy("one", TEXT), WrittenPolicy("two", TEXT)]
    assert dave.user.boundary_arn == arn("policy/team/Own")
    everybody, devs = found.groups
    assert everybody.permissions.inline == [WrittenPolicy("inline", TEXT)]
    assert [each.name for each in devs.permissions.attached] == ["Own"]


def test_a_role_comes_with_its_instance_profiles_and_they_with_the_role(full):
    bounded, reader = get_account_authorization_details(full, filter=["Role"]).roles
    assert bounded.role.boundary_arn == READ_ONLY
    assert list(bounded.instance_profiles) == []
    (profile,) = reader.instance_profiles
    assert (profile.name, profile.role) == ("Web", reader.role)


def test_policies_come_with_their_versions_and_how_often_they_are_used(full):
    idle, own = get_account_authorization_details(full, filter=["LocalManagedPolicy"]).policies
    assert [(each.version_id, each.is_default) for each in own.versions] == [
        ("v2", True),
        ("v1", False),
    ]
    assert own.versions[1].document == TEXT
    assert own.policy.default_version_id == "v2"
    assert (own.policy.attachment_count, own.policy.boundary_count) == (2, 1)
    assert (idle.policy.attachment_count, idle.policy.boundary_count) == (0, 0)


def test_of_awss_policies_those_that_somebody_here_has(full, eve):
    administrator, reading = get_account_authorization_details(
        full, filter=["AWSManagedPolicy"]
    ).policies
    assert administrator.policy.attachment_count == 2
    assert (reading.policy.attachment_count, reading.policy.boundary_count) == (0, 1)
    (version,) = administrator.versions
    assert '"Action"' in str(version.document)


@pytest.mark.parametrize(
    ("kind", "place"), [("User", 0), ("Group", 1), ("Role", 2), ("LocalManagedPolicy", 3)]
)
def test_a_filter_leaves_only_the_kinds_it_names(full, kind, place):
    found = names(get_account_authorization_details(full, filter=[kind]))
    assert [bool(each) for each in found] == [number == place for number in range(4)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9, 10, 11])
@pytest.mark.parametrize("kinds", [[], ["Group", "AWSManagedPolicy"]])
def test_pages_of_any_size_add_up_to_the_whole(full, size, kinds):
    whole = names(get_account_authorization_details(full, filter=kinds))
    gathered: tuple[list[str], ...] = ([], [], [], [])
    marker = None
    while True:
        page = get_account_authorization_details(full, filter=kinds, max_items=size, marker=marker)
        shown = names(page)
        for all_of_kind, these in zip(gathered, shown, strict=True):
            all_of_kind += these
        number = sum(map(len, shown))
        if (marker := page.marker) is None:
            break
        assert number == size
    assert gathered == whole
    assert 0 < number <= size


def test_pages_hold_while_others_add_and_delete(full):
    page = get_account_authorization_details(full, max_items=2)
    users.delete_user(full, user_name="dave")
    users.create_user(full, user_name="aaron")
    rest = get_account_authorization_details(full, marker=page.marker)
    assert names(rest)[:2] == ([], ["all", "Devs"])


@pytest.mark.parametrize("marker", ["nonsense", "0", "!!!"])
def test_what_is_no_marker_is_refused(full, marker):
    with pytest.raises(ValidationError, match=r"^Invalid Marker\.$"):
        get_account_authorization_details(full, marker=marker)


def test_a_marker_of_another_list_is_refused(full):
    marker = users.list_users(full, max_items=1).marker
    with pytest.raises(ValidationError, match=r"^Invalid Marker\.$"):
        get_account_authorization_details(full, marker=marker)


def test_an_unknown_kind_is_refused(full):
    with pytest.raises(ValidationError, match="enum value set"):
        get_account_authorization_details(full, filter=["Everything"])


def test_another_account_sees_its_own_only(full, eve):
    found = get_account_authorization_details(eve)
    assert names(found) == (["eve"], [], [], ["AdministratorAccess"])
    assert found.policies[0].policy.attachment_count == 1


def test_it_needs_its_permission_on_everything(full, caller_with):
    alice = caller_with(allow("iam:*", on=arn("user/*")))
    with pytest.raises(AccessDenied, match=r"on resource: \* "):
        get_account_authorization_details(alice)


def test_the_number_of_queries_does_not_grow(full, django_assert_max_num_queries):
    def ask():
        # As root: no policies are read that would count as well.
        return get_account_authorization_details(full, max_items=1000)

    with django_assert_max_num_queries(25) as few:
        ask()
    group = Group.objects.get(name="Devs")
    for number in range(30):
        user = new_user(full.home, f"u{number}")
        Membership.objects.create(user=user, group=group, created_at=full.now)
        Attachment.objects.create(
            account=full.home, user=user, managed_arn=READ_ONLY, created_at=full.now
        )
        InlinePolicy.objects.create(account=full.home, user=user, name="x", document=TEXT)
        policies.create_policy(full, policy_name=f"P{number}", policy_document=TEXT)
        roles.create_role(full, role_name=f"R{number}", assume_role_policy_document=EC2)
    with django_assert_max_num_queries(len(few)):
        found = ask()
    assert len(found.users) == User.objects.count()


def test_service_linked_roles_are_among_the_roles(root):
    service_linked_roles.create_service_linked_role(root, aws_service_name="rds.amazonaws.com")
    (role,) = get_account_authorization_details(root, filter=["Role"]).roles
    assert role.role.path == "/aws-service-role/rds.amazonaws.com/"
    assert [each.name for each in role.permissions.attached] == ["AmazonRDSServiceRolePolicy"]
