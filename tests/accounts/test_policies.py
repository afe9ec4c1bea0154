"""Managed policies and their versions."""

from __future__ import annotations

import json

import pytest

from accounts.actions import (
    attachments,
    policies,
    policy_entities,
    policy_versions,
    users,
)
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
from tests.cast import ADMINISTRATOR, allow, arn, deny, document

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
