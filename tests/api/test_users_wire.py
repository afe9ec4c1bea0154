"""Users, groups and access keys as boto's clients see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.utils import timezone

from accounts.caller import Caller
from accounts.models import AccessKey, Event, User
from tests.api.clients import Key, client
from tests.cast import ADMINISTRATOR, allow, arn


@pytest.fixture
def iam(aws, admin) -> Any:
    return aws(admin)


def refusal(call: Any, **parameters: Any) -> tuple[str, int, str]:
    """Code, status and message of a call that fails."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    answer = refused.value.response
    error = answer["Error"]
    return error["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], error["Message"]


# --- Users ---------------------------------------------------------------------------------------


def test_a_user_is_made_with_all_that_a_client_gives(iam):
    # In the order that PostgreSQL keeps them in, too.
    tags = [{"Key": "é", "Value": ""}, {"Key": "team", "Value": "red + blue"}]
    made = iam.create_user(
        UserName="carol", Path="/dev/", PermissionsBoundary=ADMINISTRATOR, Tags=tags
    )["User"]
    assert made["Arn"] == arn("user/dev/carol")
    assert made["UserId"].startswith("AIDA")
    assert made["Tags"] == tags
    assert made["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": ADMINISTRATOR,
    }
    assert made["CreateDate"].microsecond == 0
    assert abs(made["CreateDate"] - datetime.now(UTC)) < timedelta(minutes=1)
    assert iam.get_user(UserName="CAROL")["User"] == made


def test_a_user_without_more_shows_no_more(iam):
    made = iam.create_user(UserName="carol")["User"]
    assert made.keys() == {"Path", "UserName", "UserId", "Arn", "CreateDate"}


def test_whoever_asks_without_a_name_gets_themselves(aws, admin, root, account):
    assert aws(admin).get_user()["User"]["UserName"] == "admin"
    found = aws(root).get_user()["User"]
    assert found["Arn"] == arn("root")
    assert found["UserId"] == account.id


def test_lists_leave_out_tags_and_boundaries(iam):
    iam.create_user(
        UserName="carol", PermissionsBoundary=ADMINISTRATOR, Tags=[{"Key": "a", "Value": "b"}]
    )
    (carol,) = [user for user in iam.list_users()["Users"] if user["UserName"] == "carol"]
    assert carol.keys() == {"Path", "UserName", "UserId", "Arn", "CreateDate"}


def test_users_come_in_pages_that_stay_whole_while_others_come_and_go(iam):
    for number in range(7):
        iam.create_user(UserName=f"u{number}", Path="/many/")
    first = iam.list_users(PathPrefix="/many/", MaxItems=3)
    assert [user["UserName"] for user in first["Users"]] == ["u0", "u1", "u2"]
    assert first["IsTruncated"]
    iam.delete_user(UserName="u1")
    iam.create_user(UserName="u00", Path="/many/")
    rest = iam.list_users(PathPrefix="/many/", Marker=first["Marker"])
    assert [user["UserName"] for user in rest["Users"]] == ["u3", "u4", "u5", "u6"]
    assert not rest["IsTruncated"]
    assert "Marker" not in rest
    pages = iam.get_paginator("list_users").paginate(
        PathPrefix="/many/", PaginationConfig={"PageSize": 2}
    )
    names = [user["UserName"] for page in pages for user in page["Users"]]
    assert names == ["u0", "u00", "u2", "u3", "u4", "u5", "u6"]
    assert iam.list_users(PathPrefix="/none/")["Users"] == []


def test_a_user_is_renamed_tagged_and_deleted(iam):
    first = iam.create_user(UserName="carol")["User"]
    iam.update_user(UserName="carol", NewUserName="caroline", NewPath="/a/")
    moved = iam.get_user(UserName="caroline")["User"]
    assert (moved["UserId"], moved["Arn"]) == (first["UserId"], arn("user/a/caroline"))
    iam.tag_user(UserName="caroline", Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}])
    iam.untag_user(UserName="caroline", TagKeys=["b"])
    tags = iam.list_user_tags(UserName="caroline")
    assert (tags["Tags"], tags["IsTruncated"]) == ([{"Key": "a", "Value": "1"}], False)
    iam.untag_user(UserName="caroline", TagKeys=["a"])
    assert iam.list_user_tags(UserName="caroline")["Tags"] == []
    iam.put_user_permissions_boundary(UserName="caroline", PermissionsBoundary=ADMINISTRATOR)
    assert "PermissionsBoundary" in iam.get_user(UserName="caroline")["User"]
    iam.delete_user_permissions_boundary(UserName="caroline")
    iam.delete_user(UserName="caroline")
    assert refusal(iam.get_user, UserName="caroline") == (
        "NoSuchEntity",
        404,
        "The user with name caroline cannot be found.",
    )


def test_errors_come_with_awss_codes_statuses_and_words(iam):
    iam.create_user(UserName="carol")
    assert refusal(iam.create_user, UserName="CAROL") == (
        "EntityAlreadyExists",
        409,
        "User with name CAROL already exists.",
    )
    assert refusal(iam.create_user, UserName="no/slash") == (
        "ValidationError",
        400,
        "The specified value for userName is invalid. It must contain only alphanumeric characters "
        "and/or the following: +=,.@_-",
    )
    code, status, message = refusal(iam.create_user, UserName="x" * 65, Path="dev")
    assert (code, status) == ("ValidationError", 400)
    assert message.startswith("2 validation errors detected: Value at 'path' failed")
    code, _, message = refusal(
        iam.create_user,
        UserName="dan",
        Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": ""}],
    )
    assert (code, message) == (
        "InvalidInput",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )
    iam.create_access_key(UserName="carol")
    assert refusal(iam.delete_user, UserName="carol")[:2] == ("DeleteConflict", 409)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="nobody")


def test_whoever_may_nothing_changes_nothing(aws, alice):
    iam = aws(alice)
    code, status, message = refusal(iam.create_user, UserName="mallory")
    assert (code, status) == ("AccessDenied", 403)
    assert message == (
        f"User: {alice.arn} is not authorized to perform: iam:CreateUser on resource: "
        f"{arn('user/mallory')} because no identity-based policy allows the iam:CreateUser action"
    )
    assert not User.objects.filter(name="mallory").exists()
    assert Event.objects.get(action="iam:CreateUser").outcome == "denied"


def test_another_accounts_administrator_sees_and_changes_their_own_account_only(aws, alice, eve):
    iam = aws(eve)
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["eve"]
    assert refusal(iam.get_user, UserName="alice")[0] == "NoSuchEntity"
    assert refusal(iam.delete_user, UserName="alice")[0] == "NoSuchEntity"
    assert refusal(iam.create_access_key, UserName="alice")[0] == "NoSuchEntity"
    assert User.objects.filter(name="alice").exists()


def test_a_policy_sees_the_tags_that_a_call_sets(aws, caller_with):
    condition = {"StringEquals": {"aws:RequestTag/team": "red"}}
    maker = caller_with(allow("iam:CreateUser", "iam:TagUser", Condition=condition))
    red, blue = ({"Key": "team", "Value": value} for value in ("red", "blue"))
    iam = aws(maker)
    assert iam.create_user(UserName="carol", Tags=[red])["User"]["Tags"] == [red]
    assert refusal(iam.create_user, UserName="dan", Tags=[blue])[0] == "AccessDenied"
    assert refusal(iam.create_user, UserName="dan")[0] == "AccessDenied"


# --- Groups --------------------------------------------------------------------------------------


def test_a_groups_whole_life(iam, alice, bob):
    group = iam.create_group(GroupName="Developers", Path="/a/")["Group"]
    assert group["Arn"] == arn("group/a/Developers")
    assert group["GroupId"].startswith("AGPA")
    for name in ("bob", "alice"):
        iam.add_user_to_group(GroupName="developers", UserName=name)
    found = iam.get_group(GroupName="Developers")
    assert found["Group"] == group
    assert [user["UserName"] for user in found["Users"]] == ["alice", "bob"]
    assert iam.list_groups_for_user(UserName="alice")["Groups"] == [group]
    assert iam.list_groups(PathPrefix="/a/")["Groups"] == [group]
    assert refusal(iam.delete_group, GroupName="Developers")[:2] == ("DeleteConflict", 409)
    for name in ("bob", "alice"):
        iam.remove_user_from_group(GroupName="Developers", UserName=name)
    assert refusal(iam.remove_user_from_group, GroupName="Developers", UserName="bob")[0] == (
        "NoSuchEntity"
    )
    iam.update_group(GroupName="Developers", NewGroupName="Makers", NewPath="/")
    assert iam.get_group(GroupName="Makers")["Users"] == []
    iam.delete_group(GroupName="Makers")
    assert iam.list_groups()["Groups"] == []
    assert refusal(iam.get_group, GroupName="Makers") == (
        "NoSuchEntity",
        404,
        "The group with name Makers cannot be found.",
    )


# --- Access keys ---------------------------------------------------------------------------------


def test_a_key_that_was_just_made_works_and_its_secret_is_shown_once(aws, iam, alice):
    made = iam.create_access_key(UserName="alice")["AccessKey"]
    assert (made["UserName"], made["Status"]) == ("alice", "Active")
    theirs = client(Key(made["AccessKeyId"], made["SecretAccessKey"]))
    code, _, message = refusal(theirs.list_users)
    assert (code, alice.arn in message) == ("AccessDenied", True)
    (listed,) = iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]
    assert listed.keys() == {"UserName", "AccessKeyId", "Status", "CreateDate"}
    assert made["SecretAccessKey"] not in str(list(Event.objects.values_list()))


def test_two_keys_are_rotated(iam, alice):
    old, new = (iam.create_access_key(UserName="alice")["AccessKey"] for _ in range(2))
    assert refusal(iam.create_access_key, UserName="alice") == (
        "LimitExceeded",
        409,
        "Cannot exceed quota for AccessKeysPerUser: 2",
    )
    iam.update_access_key(UserName="alice", AccessKeyId=old["AccessKeyId"], Status="Inactive")
    refused = refusal(client(Key(old["AccessKeyId"], old["SecretAccessKey"])).get_user)
    assert refused[0] == "InvalidClientTokenId"
    iam.delete_access_key(UserName="alice", AccessKeyId=old["AccessKeyId"])
    (left,) = iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]
    assert left["AccessKeyId"] == new["AccessKeyId"]
    code, status, message = refusal(
        iam.update_access_key, UserName="alice", AccessKeyId="A" * 20, Status="Active"
    )
    assert (code, status) == ("NoSuchEntity", 404)
    assert message == f"The Access Key with id {'A' * 20} cannot be found."
    assert (
        refusal(iam.update_access_key, UserName="alice", AccessKeyId="A" * 20, Status="Off")[0]
        == "ValidationError"
    )


def test_when_a_key_was_last_used(aws, iam, alice, admin):
    made = iam.create_access_key(UserName="alice")["AccessKey"]
    found = iam.get_access_key_last_used(AccessKeyId=made["AccessKeyId"])
    assert found["UserName"] == "alice"
    assert found["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    own = AccessKey.objects.get(user__name="admin")
    used = iam.get_access_key_last_used(AccessKeyId=own.access_key_id)["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("iam", "us-east-1")
    assert timezone.now() - used["LastUsedDate"] < timedelta(minutes=1)
    assert refusal(iam.get_access_key_last_used, AccessKeyId="AKIAIOSFODNN7EXAMPLE")[:2] == (
        "AccessDenied",
        403,
    )


def test_roots_own_keys(aws, root: Caller):
    iam = aws(root)
    (own,) = iam.list_access_keys()["AccessKeyMetadata"]
    assert own["Status"] == "Active"
    iam.create_access_key()
    assert len(iam.list_access_keys()["AccessKeyMetadata"]) == 2
