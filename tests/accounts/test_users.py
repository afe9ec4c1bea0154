"""IAM users."""

from __future__ import annotations

import dataclasses

import pytest

from accounts.actions import (
    access_keys,
    attachments,
    groups,
    inline_policies,
    policies,
    service_credentials,
    signing_certificates,
    ssh_public_keys,
    users,
)
from accounts.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import Event, Login, MFADevice, User
from accounts.types import Tag
from tests.accounts import pems
from tests.cast import ADMINISTRATOR, allow, arn, caller_of, deny, document


def names(page):
    return [user.name for user in page.items]


def test_a_new_user_has_an_id_of_its_own_and_may_do_nothing(root, account):
    user = users.create_user(root, user_name="Ram", path="/dev/")
    assert user.arn == arn("user/dev/Ram")
    assert user.unique_id.startswith("AIDA")
    assert len(user.unique_id) == 21
    with pytest.raises(AccessDenied, match="no identity-based policy allows the iam:ListUsers"):
        users.list_users(caller_of(user))


def test_create_user_is_limited_to_the_allowed_path(caller_with):
    alice = caller_with(allow("iam:CreateUser", on=arn("user/dev/*")))
    users.create_user(alice, user_name="bob", path="/dev/")
    with pytest.raises(AccessDenied, match=r"iam:CreateUser on resource: .*:user/sita"):
        users.create_user(alice, user_name="sita")
    assert not User.objects.filter(name="sita").exists()


def test_a_denied_call_changes_nothing_but_leaves_an_event(alice):
    with pytest.raises(AccessDenied):
        users.create_user(alice, user_name="ram")
    assert list(User.objects.values_list("name", flat=True)) == ["alice"]
    event = Event.objects.get()
    assert (event.action, event.outcome, event.error_code) == (
        "iam:CreateUser",
        "denied",
        "AccessDenied",
    )
    assert event.parameters == {"user_name": "ram"}


def test_names_keep_their_case_and_are_taken_without_it(root):
    users.create_user(root, user_name="Ram")
    with pytest.raises(EntityAlreadyExists, match=r"^User with name rAM already exists\.$"):
        users.create_user(root, user_name="rAM", path="/dev/")
    assert users.get_user(root, user_name="RAM").name == "Ram"


@pytest.mark.parametrize("name", ["r" * 65, "", "ram sita", "ram/sita", "<b>", "rám", "ram\n"])
def test_a_name_that_aws_refuses_is_refused(root, name):
    with pytest.raises(ValidationError) as refusal:
        users.create_user(root, user_name=name)
    assert refusal.value.argument == "user_name"
    assert not User.objects.exists()


def test_a_name_may_look_like_a_formula(root):
    assert users.create_user(root, user_name="=1+1,@x.y_-").name == "=1+1,@x.y_-"


def test_no_user_name_means_oneself(caller_with, root, account):
    alice = caller_with(allow("iam:GetUser", on=arn("user/${aws:username}")))
    assert users.get_user(alice) == alice.user
    with pytest.raises(AccessDenied):
        users.get_user(alice, user_name="bob")
    assert users.get_user(root) == account


def test_users_are_found_in_their_own_account_only(eve, alice):
    with pytest.raises(NoSuchEntity, match=r"^The user with name alice cannot be found\.$"):
        users.get_user(eve, user_name="alice")
    with pytest.raises(NoSuchEntity):
        users.delete_user(eve, user_name="alice")
    assert names(users.list_users(eve)) == ["eve"]


def test_lists_come_in_pages_that_a_marker_continues(root):
    for name in ("Sita", "gita", "Ram", "shyam"):
        users.create_user(root, user_name=name)
    first = users.list_users(root, max_items=3)
    assert names(first) == ["gita", "Ram", "shyam"]
    assert first.is_truncated
    second = users.list_users(root, max_items=3, marker=first.marker)
    assert names(second) == ["Sita"]
    assert not second.is_truncated


@pytest.mark.parametrize("marker", ["!", "00", "é", "0RR91A^", "~" * 320])
def test_a_marker_nobody_gave_out_is_refused(root, marker):
    with pytest.raises(ValidationError, match="Invalid Marker"):
        users.list_users(root, marker=marker)


def test_a_list_can_be_narrowed_to_a_path(root):
    users.create_user(root, user_name="ram", path="/dev/")
    users.create_user(root, user_name="sita", path="/ops/")
    assert names(users.list_users(root, path_prefix="/dev/")) == ["ram"]


def test_the_console_searches_sorts_and_numbers_its_pages(root):
    for name in ("sita", "gita", "ram"):
        users.create_user(root, user_name=name)
    groups.create_group(root, group_name="dev")
    groups.add_user_to_group(root, group_name="dev", user_name="gita")
    page = users.list_users(root, page=2, page_size=2, sort="-name")
    assert (names(page), page.total, page.number, page.pages) == (["gita"], 3, 2, 2)
    assert vars(page.items[0])["group_count"] == 1
    assert names(users.list_users(root, page=99, page_size=2)) == ["sita"]
    assert names(users.list_users(root, page=1, search="IT")) == ["gita", "sita"]
    with pytest.raises(ValidationError):
        users.list_users(root, page=1, search="\x00")


def test_the_number_of_queries_does_not_grow_with_the_users(root, django_assert_max_num_queries):
    for number in range(30):
        users.create_user(root, user_name=f"user{number}")
    caller = dataclasses.replace(root, journal=[])
    with django_assert_max_num_queries(3):
        assert len(users.list_users(caller, page=1, page_size=30).items) == 30


def test_renaming_keeps_the_id_and_what_hangs_on_the_user(root):
    before = users.create_user(root, user_name="ram")
    attachments.attach_user_policy(root, user_name="ram", policy_arn=ADMINISTRATOR)
    users.update_user(root, user_name="ram", new_user_name="Shyam", new_path="/ops/")
    after = User.objects.get(name="Shyam")
    assert users.get_user(root, user_name="shyam") == after
    assert (after.unique_id, after.arn) == (before.unique_id, arn("user/ops/Shyam"))
    assert after.attachments.count() == 1


def test_a_user_cannot_take_the_name_of_another(root):
    users.create_user(root, user_name="ram")
    users.create_user(root, user_name="sita")
    with pytest.raises(EntityAlreadyExists):
        users.update_user(root, user_name="sita", new_user_name="RAM")
    users.update_user(root, user_name="sita", new_user_name="SITA")


def test_a_user_is_deleted_when_nothing_hangs_on_it_any_more(root, account, now):
    ram = users.create_user(root, user_name="ram")
    groups.create_group(root, group_name="dev")
    groups.add_user_to_group(root, group_name="dev", user_name="ram")
    attachments.attach_user_policy(root, user_name="ram", policy_arn=ADMINISTRATOR)
    inline_policies.put_user_policy(
        root, user_name="ram", policy_name="own", policy_document=document(allow("s3:*"))
    )
    key = access_keys.create_access_key(root, user_name="ram").key
    login = Login.objects.create(
        kind="user", account=account, user=ram, handle="ram", password_changed_at=now,
        created_at=now,
    )  # fmt: skip
    device = MFADevice.objects.create(
        account=account, user=ram, name="phone", serial_number=arn("mfa/phone"), slot=1,
        created_at=now,
    )  # fmt: skip
    signing = signing_certificates.upload_signing_certificate(
        root, user_name="ram", certificate_body=pems.shared().body
    )
    ssh_key = ssh_public_keys.upload_ssh_public_key(
        root, user_name="ram", ssh_public_key_body=pems.ssh()
    )
    credential = service_credentials.create_service_specific_credential(
        root, user_name="ram", service_name="codecommit.amazonaws.com"
    ).credential
    for wording, remove in (
        ("must delete login profile first", login.delete),
        ("must delete access keys first", key.delete),
        ("must delete certificates first", signing.delete),
        ("must remove referenced objects first", ssh_key.delete),
        ("must remove referenced objects first", credential.delete),
        ("must delete MFA device first", device.delete),
        ("must remove users from group first", ram.memberships.all().delete),
        ("must detach all policies first", ram.attachments.all().delete),
        ("must delete policies first", ram.inline_policies.all().delete),
    ):
        with pytest.raises(DeleteConflict, match=f"^Cannot delete entity, {wording}.$"):
            users.delete_user(root, user_name="ram")
        remove()
    users.delete_user(root, user_name="ram")
    assert not User.objects.exists()


def test_the_account_holds_5000_users_at_most(root, account, monkeypatch):
    monkeypatch.setattr("accounts.quotas.USERS_PER_ACCOUNT", 2)
    users.create_user(root, user_name="ram")
    users.create_user(root, user_name="sita")
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for UsersPerAccount: 2$"):
        users.create_user(root, user_name="gita")


def test_tags_are_told_apart_without_case_and_keep_it(root):
    users.create_user(root, user_name="ram", tags=[Tag("Team", "dev")])
    users.tag_user(root, user_name="ram", tags=[Tag("team", "ops"), Tag("city", "Pune")])
    page = users.list_user_tags(root, user_name="ram")
    assert page.items == [Tag("city", "Pune"), Tag("team", "ops")]
    first = users.list_user_tags(root, user_name="ram", max_items=1)
    assert users.list_user_tags(root, user_name="ram", marker=first.marker).items == page.items[1:]
    users.untag_user(root, user_name="ram", tag_keys=["TEAM", "unknown"])
    assert users.list_user_tags(root, user_name="ram").items == [Tag("city", "Pune")]


@pytest.mark.parametrize(
    ("tags", "error", "wording"),
    [
        ([Tag("a", "1"), Tag("A", "2")], InvalidInput, "Duplicate tag keys found"),
        ([Tag("aws:x", "1")], InvalidInput, "begin with aws:"),
        ([Tag("k" * 129, "")], ValidationError, "less than or equal to 128"),
        ([Tag("k", "v" * 257)], ValidationError, "less than or equal to 256"),
        ([Tag("", "v")], ValidationError, "greater than or equal to 1"),
        ([Tag("k", "<b>")], ValidationError, "regular expression"),
        ([Tag(f"k{n}", "") for n in range(51)], ValidationError, "less than or equal to 50"),
    ],
)
def test_tags_that_aws_refuses_are_refused(root, tags, error, wording):
    users.create_user(root, user_name="ram")
    with pytest.raises(error, match=wording):
        users.tag_user(root, user_name="ram", tags=tags)
    assert User.objects.get().tags == {}


def test_the_tags_of_a_user_decide_who_may_delete_it(caller_with, root):
    own_team = {"StringEquals": {"aws:ResourceTag/team": "dev"}}
    alice = caller_with(allow("iam:DeleteUser", Condition=own_team))
    users.create_user(root, user_name="ram", tags=[Tag("team", "dev")])
    users.create_user(root, user_name="sita", tags=[Tag("team", "ops")])
    users.delete_user(alice, user_name="ram")
    with pytest.raises(AccessDenied):
        users.delete_user(alice, user_name="sita")


def test_whoever_must_tag_a_new_user_cannot_make_one_without(caller_with):
    tagged = {"StringEquals": {"aws:RequestTag/team": "dev"}}
    alice = caller_with(allow("iam:CreateUser", "iam:TagUser", Condition=tagged))
    with pytest.raises(AccessDenied):
        users.create_user(alice, user_name="ram")
    users.create_user(alice, user_name="ram", tags=[Tag("team", "dev")])


@pytest.mark.parametrize(
    "new",
    [{"new_path": "/"}, {"new_user_name": "admin2"}, {"new_path": "/x/", "new_user_name": "admin"}],
)
def test_nobody_renames_a_user_into_what_he_may_not_change(caller_with, root, new):
    mine = allow("iam:UpdateUser", on=arn("user/dev/team-*"))
    alice = caller_with(mine, deny("iam:UpdateUser", on=arn("user/dev/team-x")))
    users.create_user(root, user_name="team-a", path="/dev/")
    with pytest.raises(AccessDenied, match=r"iam:UpdateUser on resource: .*:user/"):
        users.update_user(alice, user_name="team-a", **new)
    with pytest.raises(AccessDenied, match="explicit deny"):
        users.update_user(alice, user_name="team-a", new_user_name="team-x")
    (user,) = root.home.users.filter(name="team-a")
    assert user.arn == arn("user/dev/team-a")
    users.update_user(alice, user_name="team-a", new_user_name="team-b")
    user.refresh_from_db()
    assert user.arn == arn("user/dev/team-b")


def test_a_boundary_limits_what_the_users_policies_give(root, caller_with):
    boundary = policies.create_policy(
        root, policy_name="only-reading", policy_document=document(allow("iam:Get*", "iam:List*"))
    )
    alice = caller_with(allow("iam:*"))
    users.create_user(alice, user_name="ram")
    users.put_user_permissions_boundary(root, user_name="alice", permissions_boundary=boundary.arn)
    alice.user.refresh_from_db()
    users.list_users(alice)
    with pytest.raises(AccessDenied, match="no permissions boundary allows the iam:CreateUser"):
        users.create_user(alice, user_name="sita")
    users.delete_user_permissions_boundary(root, user_name="alice")
    alice.user.refresh_from_db()
    users.create_user(alice, user_name="sita")
    with pytest.raises(NoSuchEntity):
        users.delete_user_permissions_boundary(root, user_name="alice")


def test_whoever_must_set_a_boundary_cannot_make_a_user_without(caller_with):
    bounded = {"StringEquals": {"iam:PermissionsBoundary": ADMINISTRATOR}}
    alice = caller_with(allow("iam:CreateUser", Condition=bounded))
    with pytest.raises(AccessDenied):
        users.create_user(alice, user_name="ram")
    user = users.create_user(alice, user_name="ram", permissions_boundary=ADMINISTRATOR)
    assert user.boundary_arn == ADMINISTRATOR


@pytest.mark.parametrize(
    ("boundary", "error"),
    [
        (arn("policy/none-of-that-name"), NoSuchEntity),
        (arn("not_a_policy/invalid"), InvalidInput),
        ("no-arn-but-long-enough", InvalidInput),
        (arn("policy/of-another", "444455556666"), NoSuchEntity),
        (arn("policy/null\x00in-it"), ValidationError),
    ],
)
def test_a_boundary_must_be_a_policy_that_there_is(root, boundary, error):
    with pytest.raises(error):
        users.create_user(root, user_name="ram", permissions_boundary=boundary)
    assert not User.objects.exists()


def test_a_deny_beats_every_allow(caller_with, root):
    alice = caller_with(allow("*"), deny("iam:DeleteUser", on=arn("user/ram")))
    users.create_user(root, user_name="ram")
    with pytest.raises(AccessDenied, match="with an explicit deny in an identity-based policy"):
        users.delete_user(alice, user_name="RAM")
