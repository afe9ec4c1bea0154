"""Roles."""

from __future__ import annotations

import dataclasses
import json

import pytest

from accounts.actions import (
    attachments,
    inline_policies,
    instance_profiles,
    policies,
    roles,
    sts,
    users,
)
from accounts.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import Event, Role
from accounts.types import Tag
from tests.cast import ACCOUNT_ID, ADMINISTRATOR, allow, arn, caller_of, document, trust

EC2 = trust(Service="ec2.amazonaws.com")


def names(page):
    return [role.name for role in page.items]


@pytest.fixture
def worker(root):
    return roles.create_role(root, role_name="Worker", assume_role_policy_document=EC2)


def test_a_new_role_has_what_aws_gives_it(root, worker):
    assert worker.arn == arn("role/Worker")
    assert worker.unique_id.startswith("AROA")
    found = roles.get_role(root, role_name="worker")
    assert (found.trust_policy, found.max_session_duration, found.description) == (EC2, 3600, "")
    assert found.last_used_at is None


def test_names_are_taken_without_their_case(root, worker):
    with pytest.raises(EntityAlreadyExists, match=r"^Role with name WORKER already exists\.$"):
        roles.create_role(root, role_name="WORKER", path="/a/", assume_role_policy_document=EC2)


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("{", "This policy contains invalid Json"),
        (
            EC2.replace('"sts:AssumeRole"', '"sts:AssumeRole", "Resource": "*"'),
            "Has prohibited field Resource",
        ),
        (
            EC2.replace("sts:AssumeRole", "s3:GetObject"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
    ],
)
def test_a_malformed_trust_policy_is_refused_in_aws_words(root, worker, text, wording):
    with pytest.raises(MalformedPolicyDocument) as refusal:
        roles.create_role(root, role_name="other", assume_role_policy_document=text)
    assert refusal.value.message == wording
    assert refusal.value.argument == "assume_role_policy_document"
    with pytest.raises(MalformedPolicyDocument) as refusal:
        roles.update_assume_role_policy(root, role_name="Worker", policy_document=text)
    assert refusal.value.argument == "policy_document"
    assert Role.objects.get().trust_policy == EC2


def test_a_trust_policy_has_2048_characters_at_most(root, worker):
    long = trust(Service=[f"service{number}.amazonaws.com" for number in range(90)])
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for ACLSizePerRole: 2048$"):
        roles.update_assume_role_policy(root, role_name="Worker", policy_document=long)


def test_the_trust_policy_can_be_replaced(root, worker):
    mine = trust(AWS=f"arn:aws:iam::{ACCOUNT_ID}:root")
    roles.update_assume_role_policy(root, role_name="Worker", policy_document=mine)
    assert roles.get_role(root, role_name="Worker").trust_policy == mine


def test_a_trust_policy_gives_no_right_to_change_the_role(root, alice):
    everybody = trust(AWS=alice.arn)
    roles.create_role(root, role_name="open", assume_role_policy_document=everybody)
    for ask in (roles.get_role, roles.delete_role):
        with pytest.raises(AccessDenied, match="no identity-based policy allows"):
            ask(alice, role_name="open")


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("role_name", "r" * 65),
        ("role_name", "two words"),
        ("max_session_duration", 3599),
        ("max_session_duration", 43201),
        ("max_session_duration", "3600"),
        ("description", "x" * 1001),
        ("description", "no \x7f"),
        ("path", "no-slash"),
        ("tags", [Tag("aws:x", "<")]),
    ],
)
def test_what_aws_refuses_is_refused(root, argument, value):
    good = {"role_name": "r", "assume_role_policy_document": EC2}
    with pytest.raises(ValidationError) as refusal:
        roles.create_role(root, **good | {argument: value})
    assert refusal.value.argument == argument
    assert not Role.objects.exists()


def test_updating_keeps_the_description_and_resets_the_maximum_session_as_in_aws(root, worker):
    roles.update_role(root, role_name="Worker", description="Works", max_session_duration=43200)
    roles.update_role(root, role_name="Worker")
    found = roles.get_role(root, role_name="Worker")
    assert (found.description, found.max_session_duration) == ("Works", 3600)


def test_a_description_can_be_changed_alone_and_emptied(root, worker):
    roles.update_role(root, role_name="Worker", max_session_duration=7200)
    role = roles.update_role_description(root, role_name="Worker", description="<b>Works</b>")
    assert (role.description, role.max_session_duration) == ("<b>Works</b>", 7200)
    assert roles.update_role_description(root, role_name="Worker", description="").description == ""


def test_a_role_is_deleted_when_nothing_hangs_on_it_any_more(root, worker):
    attachments.attach_role_policy(root, role_name="Worker", policy_arn=ADMINISTRATOR)
    inline_policies.put_role_policy(
        root, role_name="Worker", policy_name="own", policy_document=document(allow("s3:*"))
    )
    instance_profiles.create_instance_profile(root, instance_profile_name="Worker")
    instance_profiles.add_role_to_instance_profile(
        root, instance_profile_name="Worker", role_name="Worker"
    )
    for wording, remove in (
        (
            "must remove roles from instance profile first",
            lambda: worker.instance_profiles.update(role=None),
        ),
        ("must detach all policies first", worker.attachments.all().delete),
        ("must delete policies first", worker.inline_policies.all().delete),
    ):
        with pytest.raises(DeleteConflict, match=f"^Cannot delete entity, {wording}.$"):
            roles.delete_role(root, role_name="Worker")
        remove()
    roles.delete_role(root, role_name="Worker")
    with pytest.raises(NoSuchEntity, match=r"^The role with name Worker cannot be found\.$"):
        roles.get_role(root, role_name="Worker")


def test_an_account_has_1000_roles_at_most(root, worker, monkeypatch):
    monkeypatch.setattr("accounts.quotas.ROLES_PER_ACCOUNT", 1)
    with pytest.raises(LimitExceeded, match="RolesPerAccount: 1"):
        roles.create_role(root, role_name="other", assume_role_policy_document=EC2)


def test_roles_are_listed_searched_and_sorted(root, worker, django_assert_num_queries):
    for name in ("auditor", "Builder"):
        roles.create_role(root, role_name=name, path="/a/", assume_role_policy_document=EC2)
    assert names(roles.list_roles(root)) == ["auditor", "Builder", "Worker"]
    first = roles.list_roles(root, max_items=1)
    assert names(roles.list_roles(root, marker=first.marker)) == ["Builder", "Worker"]
    assert names(roles.list_roles(root, path_prefix="/a/")) == ["auditor", "Builder"]
    assert names(roles.list_roles(root, page=1, search="ER", sort="-name")) == [
        "Worker",
        "Builder",
    ]
    with django_assert_num_queries(2):
        roles.list_roles(dataclasses.replace(root, journal=[]), page=1)


def test_a_role_has_one_boundary(root, worker):
    own = policies.create_policy(
        root, policy_name="own", policy_document=document(allow("s3:*"))
    ).arn
    for boundary in (ADMINISTRATOR, own):
        roles.put_role_permissions_boundary(root, role_name="Worker", permissions_boundary=boundary)
        assert roles.get_role(root, role_name="Worker").boundary_arn == boundary
    roles.delete_role_permissions_boundary(root, role_name="Worker")
    assert roles.get_role(root, role_name="Worker").boundary_arn is None
    with pytest.raises(NoSuchEntity):
        roles.delete_role_permissions_boundary(root, role_name="Worker")


def test_whoever_must_set_a_boundary_can_set_no_other(caller_with, worker):
    bounded = {"StringEquals": {"iam:PermissionsBoundary": ADMINISTRATOR}}
    alice = caller_with(
        allow("iam:PutRolePermissionsBoundary", "iam:CreateRole", Condition=bounded)
    )
    with pytest.raises(AccessDenied):
        roles.put_role_permissions_boundary(
            alice,
            role_name="Worker",
            permissions_boundary="arn:aws:iam::aws:policy/PowerUserAccess",
        )
    with pytest.raises(AccessDenied):
        roles.create_role(alice, role_name="free", assume_role_policy_document=EC2)
    roles.put_role_permissions_boundary(
        alice, role_name="Worker", permissions_boundary=ADMINISTRATOR
    )


def test_tags_are_set_listed_and_removed(root, worker):
    roles.tag_role(root, role_name="Worker", tags=[Tag("team", "dev"), Tag("b", "")])
    roles.untag_role(root, role_name="Worker", tag_keys=["B"])
    assert roles.list_role_tags(root, role_name="Worker").items == [Tag("team", "dev")]


def test_eve_finds_no_role_of_another_account(eve, worker):
    for ask in (roles.get_role, roles.delete_role, roles.list_role_tags):
        with pytest.raises(NoSuchEntity):
            ask(eve, role_name="Worker")
    assert names(roles.list_roles(eve)) == []


def test_a_denied_call_changes_nothing_but_leaves_an_event(alice, worker):
    with pytest.raises(AccessDenied, match=r"iam:DeleteRole on resource: .*:role/Worker "):
        roles.delete_role(alice, role_name="Worker")
    assert Role.objects.count() == 1
    assert Event.objects.latest("sequence").outcome == "denied"


# --- Users and roles that a trust policy names ---------------------------------------------------


def test_a_trusted_user_is_kept_by_id_and_shown_by_arn_as_it_was_written(root, bob):
    text = trust(AWS=[bob.arn, ACCOUNT_ID]).replace('", "', '",\n   "')
    made = roles.create_role(root, role_name="Ours", assume_role_policy_document=text)
    assert made.trust_policy == text
    assert Role.objects.get().trust_policy == text.replace(bob.arn, bob.unique_id)
    assert roles.get_role(root, role_name="Ours").trust_policy == text
    assert [each.trust_policy for each in roles.list_roles(root).items] == [text]


def test_only_principals_are_kept_by_id(root, bob):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": bob.arn},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": bob.arn}},
    }
    roles.create_role(root, role_name="Ours", assume_role_policy_document=document(statement))
    kept = json.loads(Role.objects.get().trust_policy)["Statement"][0]
    assert kept["Principal"] == {"AWS": bob.unique_id}
    assert kept["Condition"] == {"ArnEquals": {"aws:PrincipalArn": bob.arn}}


def test_a_name_that_is_spelled_with_escapes_is_kept_by_id_too(root, bob):
    text = trust(AWS=bob.arn).replace("user", "\\u0075ser").replace("Principal", "\\u0050rincipal")
    roles.create_role(root, role_name="Ours", assume_role_policy_document=text)
    assert bob.unique_id in Role.objects.get().trust_policy


def test_whoever_is_made_again_under_the_same_name_is_not_trusted(root, bob):
    text = trust(AWS=bob.arn)
    roles.create_role(root, role_name="Ours", assume_role_policy_document=text)
    users.delete_user(root, user_name="bob")
    users.create_user(root, user_name="bob")
    assert roles.get_role(root, role_name="Ours").trust_policy == trust(AWS=bob.unique_id)
    with pytest.raises(MalformedPolicyDocument) as refusal:
        roles.update_assume_role_policy(
            root, role_name="Ours", policy_document=trust(AWS=bob.unique_id)
        )
    assert refusal.value.message == f'Invalid principal in policy: "AWS":"{bob.unique_id}"'


@pytest.mark.parametrize("name", ["user/nobody", "role/nobody", "user/other/bob", "user/BOB"])
def test_a_user_or_role_that_is_not_there_cannot_be_trusted(root, bob, name):
    with pytest.raises(MalformedPolicyDocument) as refusal:
        roles.create_role(root, role_name="x", assume_role_policy_document=trust(AWS=arn(name)))
    assert refusal.value.message == f'Invalid principal in policy: "AWS":"{arn(name)}"'
    assert refusal.value.argument == "assume_role_policy_document"


def test_whether_somebody_is_in_another_account_is_not_given_away(root, eve):
    for name in ("eve", "nobody"):
        text = trust(AWS=arn(f"user/{name}", eve.home.id))
        made = roles.create_role(root, role_name=name, assume_role_policy_document=text)
        assert made.trust_policy == text
    assert eve.unique_id in Role.objects.get(name="eve").trust_policy


def test_trusted_users_of_many_roles_are_looked_up_at_once(
    root, bob, django_assert_max_num_queries
):
    def queries(number):
        roles.create_role(
            root, role_name=f"r{number}", assume_role_policy_document=trust(AWS=bob.arn)
        )
        with django_assert_max_num_queries(20) as found:
            assert len(roles.list_roles(root).items) == number
        return len(found)

    assert queries(1) == queries(2) == queries(3)


def test_who_is_trusted_by_name_assumes_the_role_and_a_namesake_does_not(root, account, bob):
    roles.create_role(root, role_name="Ours", assume_role_policy_document=trust(AWS=bob.arn))
    assert sts.assume_role(bob, role_arn=arn("role/Ours"), role_session_name="night")
    users.delete_user(root, user_name="bob")
    namesake = caller_of(users.create_user(root, user_name="bob"))
    with pytest.raises(AccessDenied):
        sts.assume_role(namesake, role_arn=arn("role/Ours"), role_session_name="night")
