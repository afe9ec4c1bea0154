"""Lists of managed policies, and of who uses them."""

from __future__ import annotations

import dataclasses

import pytest

from accounts import managed_policies
from accounts.actions import (
    attachments,
    groups,
    policies,
    policy_entities,
    roles,
    users,
)
from accounts.actions.filters import Filter
from accounts.errors import (
    InvalidInput,
    ValidationError,
)
from tests.cast import ADMINISTRATOR, allow, arn, document, trust

READ = document(allow("iam:Get*", "iam:List*"))
WRITE = document(allow("iam:CreateUser"))


def names(page):
    return [row.name for row in page.items]


@pytest.fixture
def reading(root):
    return policies.create_policy(root, policy_name="Reading", policy_document=READ)


@pytest.fixture
def in_use(root, reading, alice, bob):
    """Reading is attached to alice and a group, and bounds bob and a role, which has it, too."""
    groups.create_group(root, group_name="dev", path="/teams/")
    roles.create_role(
        root, role_name="worker", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    attachments.attach_user_policy(root, user_name="alice", policy_arn=reading.arn)
    attachments.attach_group_policy(root, group_name="dev", policy_arn=reading.arn)
    attachments.attach_role_policy(root, role_name="worker", policy_arn=reading.arn)
    users.put_user_permissions_boundary(root, user_name="bob", permissions_boundary=reading.arn)
    roles.put_role_permissions_boundary(root, role_name="worker", permissions_boundary=reading.arn)
    attachments.attach_user_policy(root, user_name="bob", policy_arn=ADMINISTRATOR)
    return reading


def who(root, policy_arn, **arguments):
    found = policy_entities.list_entities_for_policy(root, policy_arn=policy_arn, **arguments)
    return [row.name for row in (*found.groups, *found.users, *found.roles)]


def test_who_has_a_policy_is_told_by_kind_and_by_use(root, in_use):
    assert who(root, in_use.arn) == ["dev", "alice", "bob", "worker"]
    assert who(root, in_use.arn, policy_usage_filter="PermissionsPolicy") == [
        "dev",
        "alice",
        "worker",
    ]
    assert who(root, in_use.arn, policy_usage_filter="PermissionsBoundary") == ["bob", "worker"]
    assert who(root, in_use.arn, entity_filter="User") == ["alice", "bob"]
    assert who(root, in_use.arn, entity_filter="LocalManagedPolicy") == []
    assert who(root, in_use.arn, path_prefix="/teams/") == ["dev"]
    assert who(root, ADMINISTRATOR) == ["bob"]


def test_the_list_of_who_has_a_policy_comes_in_pages(root, in_use):
    seen, marker = [], None
    for _ in range(4):
        found = policy_entities.list_entities_for_policy(
            root, policy_arn=in_use.arn, max_items=1, marker=marker
        )
        seen += [row.name for row in (*found.groups, *found.users, *found.roles)]
        marker = found.marker
    assert sorted(seen) == ["alice", "bob", "dev", "worker"]
    assert not found.is_truncated


def test_counts_of_use_are_the_same_in_the_list_and_in_the_policy(root, in_use):
    page = policies.list_policies(root, scope="Local")
    listed = {row.name: row for row in page.items}["Reading"]
    found = policies.get_policy(root, policy_arn=in_use.arn)
    assert listed == found
    assert (found.attachment_count, found.boundary_count) == (3, 2)
    assert policies.get_policy(root, policy_arn=ADMINISTRATOR).attachment_count == 1


def test_what_another_account_attaches_is_not_counted(root, eve):
    assert policies.get_policy(root, policy_arn=ADMINISTRATOR).attachment_count == 0
    assert names(policies.list_policies(root, only_attached=True)) == []


# --- Lists ---------------------------------------------------------------------------------------


def test_a_list_merges_the_accounts_policies_with_aws_and_continues_by_marker(root, reading):
    seen, marker, pages = [], None, 0
    while True:
        page = policies.list_policies(root, max_items=1000, marker=marker)
        seen += [row.arn for row in page.items]
        pages, marker = pages + 1, page.marker
        if marker is None:
            break
    assert len(seen) == len(set(seen)) == len(managed_policies.all()) + 1
    assert reading.arn in seen
    assert pages == 2
    assert len(policies.list_policies(root).items) == 100


def test_a_policy_of_the_account_may_have_the_name_of_one_of_aws(root):
    policies.create_policy(root, policy_name="AdministratorAccess", policy_document=READ)
    page = policies.list_policies(root, page=1, search="administratoraccess")
    assert page.items[0].arn == arn("policy/AdministratorAccess")
    assert page.items[1].arn == ADMINISTRATOR
    first = policies.list_policies(root, max_items=1, path_prefix="/")
    assert first.is_truncated


def test_a_list_can_be_narrowed(root, in_use):
    policies.create_policy(root, policy_name="Apart", path="/a/", policy_document=READ)
    assert names(policies.list_policies(root, scope="Local")) == ["Apart", "Reading"]
    assert names(policies.list_policies(root, scope="Local", path_prefix="/a/")) == ["Apart"]
    assert names(policies.list_policies(root, only_attached=True)) == [
        "AdministratorAccess",
        "Reading",
    ]
    bounding = policies.list_policies(root, policy_usage_filter="PermissionsBoundary")
    assert names(bounding) == ["Reading"]
    aws = policies.list_policies(root, scope="AWS", path_prefix="/job-function/")
    assert all(row.path == "/job-function/" for row in aws.items)
    with pytest.raises(ValidationError, match="enum value set"):
        policies.list_policies(root, scope="Mine")


def test_the_console_searches_sorts_and_tells_the_kinds_apart(root, in_use):
    page = policies.list_policies(root, page=1, page_size=5, sort="-used_as")
    assert names(page)[:2] == ["Reading", "AdministratorAccess"]
    assert page.total == len(managed_policies.all()) + 1
    own = policies.list_policies(root, page=1, kind="customer")
    assert (names(own), own.total) == (["Reading"], 1)
    functions = policies.list_policies(root, page=1, page_size=100, kind="job-function")
    assert "AdministratorAccess" in names(functions)
    assert "ReadOnlyAccess" not in names(functions)
    others = policies.list_policies(root, page=7, search="AdministratorAccess", kind="aws")
    assert "AdministratorAccess-Amplify" in names(others)
    assert "AdministratorAccess" not in names(others)
    assert policies.list_policies(root, page=1, search="no such name").items == []


def test_the_policy_of_just_that_name_is_found_first(root):
    found = policies.list_policies(root, search="readonlyaccess", page=1).items
    assert found[0].name == "ReadOnlyAccess"
    assert [row.name for row in found[1:]] == sorted((row.name for row in found[1:]), key=str.lower)


def test_the_number_of_queries_does_not_grow_with_the_policies(root, django_assert_num_queries):
    reader = dataclasses.replace(root, journal=[])
    policies.create_policy(root, policy_name="first", policy_document=READ)
    with django_assert_num_queries(4):
        policies.list_policies(reader, page=1)
    for number in range(20):
        policies.create_policy(root, policy_name=f"policy{number}", policy_document=READ)
    with django_assert_num_queries(4):
        policies.list_policies(reader, page=1)


# --- The console's lists -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "found"),
    [
        ("policy", {"Reading"}),
        ("boundary", {"Reading"}),
        ("both", {"Reading"}),
        ("not-used", {"Writing"}),
        ("anyhow", {"Reading", "Writing"}),
    ],
)
def test_the_console_tells_policies_apart_by_use(root, in_use, used, found):
    policies.create_policy(root, policy_name="Writing", policy_document=WRITE)
    page = policies.list_policies(root, scope="Local", page=1, used=used)
    assert set(names(page)) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Filter("name", "^", "read"), ["Reading"]),
        (Filter("description", ":", "none such"), []),
        (Filter("arn", "!=", arn("policy/Reading")), ["Writing"]),
        (Filter("created", "<", "1"), ["Reading", "Writing"]),
    ],
)
def test_the_console_narrows_policies_by_their_properties(root, reading, asked, found):
    policies.create_policy(root, policy_name="Writing", policy_document=WRITE)
    page = policies.list_policies(root, scope="Local", page=1, filters=[asked])
    assert names(page) == found


@pytest.mark.parametrize("asked", [Filter("document", "=", "x"), Filter("created", "<", "soon")])
def test_what_policies_cant_be_filtered_by_is_refused(root, reading, asked):
    with pytest.raises(InvalidInput):
        policies.list_policies(root, page=1, filters=[asked])


def test_the_console_lists_all_kinds_of_users_of_a_policy_in_one_list(root, in_use):
    def listed(**arguments):
        found = policy_entities.list_entities_for_policy(
            root, policy_arn=in_use.arn, page=1, **arguments
        ).listed
        return [f"{each.kind} {each.name}" for each in found.items], found.total

    everybody, total = listed()
    assert total == len(everybody) == len(set(everybody))
    assert {each.split()[0] for each in everybody} == {"User", "Group", "Role"}
    kinds, _ = listed(sort="-kind")
    assert [each.split()[0] for each in kinds] == sorted(
        (each.split()[0] for each in everybody), reverse=True
    )
    assert listed(page_size=2) == (everybody[:2], total)
    groups, number = listed(entity_filter="Group", policy_usage_filter="PermissionsBoundary")
    assert (groups, number) == ([], 0)
