"""Managed policies and their versions."""

from __future__ import annotations

import dataclasses
import json

import pytest

from accounts import managed_policies
from accounts.actions import (
    attachments,
    groups,
    policies,
    policy_entities,
    policy_versions,
    roles,
    users,
)
from accounts.actions.filters import Filter
from accounts.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import Event, Policy, PolicyVersion
from accounts.types import Tag
from tests.cast import ADMINISTRATOR, allow, arn, deny, document, trust

READ = document(allow("iam:Get*", "iam:List*"))
WRITE = document(allow("iam:CreateUser"))


def names(page):
    return [row.name for row in page.items]


@pytest.fixture
def reading(root):
    return policies.create_policy(root, policy_name="Reading", policy_document=READ)


def test_a_new_policy_is_in_force_as_version_1(root, reading):
    assert reading.arn == arn("policy/Reading")
    assert reading.policy_id.startswith("ANPA")
    found = policies.get_policy(root, policy_arn=reading.arn)
    assert (found.default_version_id, found.attachment_count, found.boundary_count) == ("v1", 0, 0)
    version = policy_versions.get_policy_version(root, policy_arn=reading.arn, version_id="v1")
    assert version.is_default
    assert version.document == READ


def test_a_document_is_kept_to_the_letter(root):
    text = '{\n  "Version" : "2012-10-17",\r\n\t"Statement": ' + json.dumps([allow("é:*")]) + "}\n"
    text = text.replace("\\u00e9:*", "s3:Get*")
    policy = policies.create_policy(root, policy_name="Spaced", policy_document=text)
    version = policy_versions.get_policy_version(root, policy_arn=policy.arn, version_id="v1")
    assert version.document == text


def test_names_are_taken_without_their_case(root, reading):
    with pytest.raises(
        EntityAlreadyExists,
        match=r"^A policy called READING already exists\. Duplicate names are not allowed\.$",
    ):
        policies.create_policy(root, policy_name="READING", path="/a/", policy_document=READ)
    assert Policy.objects.count() == PolicyVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "wording", "position"),
    [
        ("{", "Syntax errors in policy.", True),
        ('{"Version": "2012-10-17"}', "Syntax errors in policy.", None),
        (
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"}]}',
            "Policy statement must contain actions.",
            True,
        ),
        (
            '{"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", '
            '"Resource": "*"}]}',
            "Policy document must be version 2012-10-17 or greater.",
            True,
        ),
    ],
)
def test_a_malformed_document_is_refused_in_aws_words(root, text, wording, position):
    with pytest.raises(MalformedPolicyDocument) as refusal:
        policies.create_policy(root, policy_name="Bad", policy_document=text)
    assert refusal.value.message == wording
    assert refusal.value.argument == "policy_document"
    if position:
        assert refusal.value.position is not None
    assert not Policy.objects.exists()


def of_size(size: int) -> str:
    bare = document(allow("s3:*", Sid=""))
    return document(allow("s3:*", Sid="x" * (size - len("".join(bare.split())))))


def test_6144_characters_without_white_space_are_the_most(root):
    policies.create_policy(root, policy_name="Full", policy_document=of_size(6144) + " " * 5000)
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for PolicySize: 6144$"):
        policies.create_policy(root, policy_name="Fuller", policy_document=of_size(6145))


@pytest.mark.parametrize("text", ["", "x" * 131_073, "\x00", "\ud800", "💥"])
def test_what_is_no_document_at_all_is_refused(root, text):
    with pytest.raises(ValidationError):
        policies.create_policy(root, policy_name="Bad", policy_document=text)


def test_a_description_that_no_database_keeps_is_refused(root):
    with pytest.raises(ValidationError):
        policies.create_policy(
            root, policy_name="Bad", policy_document=READ, description="null\x00"
        )


def test_an_account_has_1500_policies_at_most(root, reading, monkeypatch):
    monkeypatch.setattr("accounts.quotas.POLICIES_PER_ACCOUNT", 1)
    with pytest.raises(LimitExceeded, match="PoliciesPerAccount: 1"):
        policies.create_policy(root, policy_name="More", policy_document=READ)


def test_aws_policies_can_be_read_by_their_arn(root):
    found = policies.get_policy(root, policy_arn=ADMINISTRATOR)
    assert (found.name, found.kind, found.tags) == ("AdministratorAccess", "job-function", {})
    version = policy_versions.get_policy_version(root, policy_arn=ADMINISTRATOR, version_id="v1")
    assert json.loads(version.document or "")["Statement"][0]["Action"] == "*"
    assert policies.list_policy_tags(root, policy_arn=ADMINISTRATOR).items == []
    (listed,) = policy_versions.list_policy_versions(root, policy_arn=ADMINISTRATOR).items
    assert (listed.version_id, listed.document) == ("v1", None)
    with pytest.raises(NoSuchEntity, match="version v2 does not exist or is not attachable"):
        policy_versions.get_policy_version(root, policy_arn=ADMINISTRATOR, version_id="v2")


def test_aws_policies_cannot_be_changed_by_anybody(root):
    for change in (
        lambda: policies.delete_policy(root, policy_arn=ADMINISTRATOR),
        lambda: policies.tag_policy(root, policy_arn=ADMINISTRATOR, tags=[Tag("a", "b")]),
        lambda: policies.untag_policy(root, policy_arn=ADMINISTRATOR, tag_keys=["a"]),
        lambda: policy_versions.create_policy_version(
            root, policy_arn=ADMINISTRATOR, policy_document=READ
        ),
        lambda: policy_versions.set_default_policy_version(
            root, policy_arn=ADMINISTRATOR, version_id="v1"
        ),
        lambda: policy_versions.delete_policy_version(
            root, policy_arn=ADMINISTRATOR, version_id="v1"
        ),
    ):
        with pytest.raises(AccessDenied, match=r"^Policy is outside your own account\.$"):
            change()


@pytest.mark.parametrize(
    ("policy_arn", "error"),
    [
        (arn("policy/None"), NoSuchEntity),
        (arn("policy/path/Reading"), NoSuchEntity),
        (arn("policy/READING"), NoSuchEntity),
        (arn("policy/Reading", "444455556666"), NoSuchEntity),
        (arn("not_a_policy/invalid"), InvalidInput),
        ("longpolicynamebutnoarn", ValidationError),
        ("arn:aws:iam::111122223333:policy/null\x00", ValidationError),
        ("short", ValidationError),
    ],
)
def test_an_arn_that_names_no_policy_is_told_apart(root, reading, policy_arn, error):
    with pytest.raises(error) as refusal:
        policies.get_policy(root, policy_arn=policy_arn)
    assert refusal.value.argument == "policy_arn"


def test_a_deny_for_a_policy_is_not_evaded_by_another_spelling(caller_with, reading):
    alice = caller_with(allow("iam:*"), deny("iam:DeletePolicy", on=reading.arn))
    for spelling in (reading.arn, arn("policy/READING"), arn("policy//Reading")):
        with pytest.raises((AccessDenied, NoSuchEntity)):
            policies.delete_policy(alice, policy_arn=spelling)
    assert Policy.objects.count() == 1


def test_eve_finds_no_policy_of_another_account(eve, reading):
    for ask in (
        lambda: policies.get_policy(eve, policy_arn=reading.arn),
        lambda: policies.delete_policy(eve, policy_arn=reading.arn),
        lambda: policy_versions.get_policy_version(eve, policy_arn=reading.arn, version_id="v1"),
        lambda: policy_entities.list_entities_for_policy(eve, policy_arn=reading.arn),
        lambda: users.put_user_permissions_boundary(
            eve, user_name="eve", permissions_boundary=reading.arn
        ),
    ):
        with pytest.raises(NoSuchEntity):
            ask()
    assert names(policies.list_policies(eve, scope="Local")) == []


def test_a_denied_call_changes_nothing_but_leaves_an_event(alice):
    with pytest.raises(AccessDenied):
        policies.create_policy(alice, policy_name="All", policy_document=document(allow("*")))
    assert not Policy.objects.exists()
    event = Event.objects.get()
    assert (event.error_code, event.resources) == ("AccessDenied", [arn("policy/All")])


# --- Versions ------------------------------------------------------------------------------------


def test_a_version_takes_effect_when_it_is_put_in_force_and_at_once(root, reading, alice):
    attachments.attach_user_policy(root, user_name="alice", policy_arn=reading.arn)
    users.list_users(alice)
    made = policy_versions.create_policy_version(
        root, policy_arn=reading.arn, policy_document=WRITE
    )
    assert (made.version_id, made.is_default) == ("v2", False)
    users.list_users(alice)
    policy_versions.set_default_policy_version(root, policy_arn=reading.arn, version_id="v2")
    users.create_user(alice, user_name="ram")
    with pytest.raises(AccessDenied):
        users.list_users(alice)


def test_a_version_can_be_made_the_one_in_force(root, reading):
    policy_versions.create_policy_version(
        root, policy_arn=reading.arn, policy_document=WRITE, set_as_default=True
    )
    page = policy_versions.list_policy_versions(root, policy_arn=reading.arn)
    assert [(row.version_id, row.is_default) for row in page.items] == [("v2", True), ("v1", False)]
    assert policies.get_policy(root, policy_arn=reading.arn).default_version_id == "v2"


def test_a_list_of_versions_does_not_show_their_documents(root, reading):
    page = policy_versions.list_policy_versions(root, policy_arn=reading.arn)
    assert [row.document for row in page.items] == [None]


def test_there_are_five_versions_at_most_and_no_number_comes_back(root, reading):
    for _ in range(4):
        policy_versions.create_policy_version(root, policy_arn=reading.arn, policy_document=WRITE)
    with pytest.raises(LimitExceeded, match="A managed policy can have up to 5 versions"):
        policy_versions.create_policy_version(root, policy_arn=reading.arn, policy_document=WRITE)
    policy_versions.delete_policy_version(root, policy_arn=reading.arn, version_id="v5")
    made = policy_versions.create_policy_version(
        root, policy_arn=reading.arn, policy_document=WRITE
    )
    assert made.version_id == "v6"
    first = policy_versions.list_policy_versions(root, policy_arn=reading.arn, max_items=3)
    rest = policy_versions.list_policy_versions(
        root, policy_arn=reading.arn, marker=first.marker, max_items=3
    )
    ids = [row.version_id for row in (*first.items, *rest.items)]
    assert ids == ["v6", "v4", "v3", "v2", "v1"]


def test_the_version_in_force_cannot_be_deleted(root, reading):
    with pytest.raises(DeleteConflict, match=r"^Cannot delete the default version of a policy\.$"):
        policy_versions.delete_policy_version(root, policy_arn=reading.arn, version_id="v1")


@pytest.mark.parametrize("version_id", ["v9", "v1.x", f"v{10**30}"])
def test_a_version_that_there_is_not_is_named(root, reading, version_id):
    wording = f"Policy {reading.arn} version {version_id} does not exist or is not attachable."
    for ask in (
        policy_versions.get_policy_version,
        policy_versions.set_default_policy_version,
        policy_versions.delete_policy_version,
    ):
        with pytest.raises(NoSuchEntity) as refusal:
            ask(root, policy_arn=reading.arn, version_id=version_id)
        assert refusal.value.message == wording


@pytest.mark.parametrize("version_id", ["", "1", "v0", "v١", "latest"])
def test_what_is_no_version_id_is_refused(root, reading, version_id):
    with pytest.raises(ValidationError):
        policy_versions.get_policy_version(root, policy_arn=reading.arn, version_id=version_id)


# --- Deleting and using --------------------------------------------------------------------------


def test_a_policy_in_use_cannot_be_deleted(root, reading, alice):
    attachments.attach_user_policy(root, user_name="alice", policy_arn=reading.arn)
    with pytest.raises(DeleteConflict, match=r"^Cannot delete a policy attached to entities\.$"):
        policies.delete_policy(root, policy_arn=reading.arn)
    attachments.detach_user_policy(root, user_name="alice", policy_arn=reading.arn)
    users.put_user_permissions_boundary(root, user_name="alice", permissions_boundary=reading.arn)
    with pytest.raises(DeleteConflict, match="attached to entities"):
        policies.delete_policy(root, policy_arn=reading.arn)
    users.delete_user_permissions_boundary(root, user_name="alice")
    policy_versions.create_policy_version(root, policy_arn=reading.arn, policy_document=WRITE)
    with pytest.raises(DeleteConflict, match=r"^This policy has more than one version\."):
        policies.delete_policy(root, policy_arn=reading.arn)
    policy_versions.delete_policy_version(root, policy_arn=reading.arn, version_id="v2")
    policies.delete_policy(root, policy_arn=reading.arn)
    assert not PolicyVersion.objects.exists()


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


def test_policies_are_tagged_and_their_tags_decide(root, reading, caller_with):
    policies.tag_policy(root, policy_arn=reading.arn, tags=[Tag("team", "dev"), Tag("b", "")])
    policies.untag_policy(root, policy_arn=reading.arn, tag_keys=["B"])
    assert policies.list_policy_tags(root, policy_arn=reading.arn).items == [Tag("team", "dev")]
    own = {"StringEquals": {"aws:ResourceTag/team": "dev"}}
    alice = caller_with(allow("iam:DeletePolicy", Condition=own))
    other = policies.create_policy(root, policy_name="Other", policy_document=READ)
    with pytest.raises(AccessDenied):
        policies.delete_policy(alice, policy_arn=other.arn)
    policies.delete_policy(alice, policy_arn=reading.arn)


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
