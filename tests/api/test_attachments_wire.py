"""Managed and inline policies of users, groups and roles, by the SDK of AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.refusals import refused
from tests.cast import allow, arn, document, trust

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OF_SERVICE = "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"
TEXT = document(allow("s3:GetObject"))
#: Kind, its argument, the action on one that is not there, and its name.
KINDS = [
    ("user", "UserName", "ram", 2048),
    ("group", "GroupName", "Devs", 5120),
    ("role", "RoleName", "worker", 10240),
]
EVERY_KIND = pytest.mark.parametrize(("kind", "argument", "name", "room"), KINDS)


@pytest.fixture
def three(iam: Any) -> Any:
    """The administrator's client, in an account with a user, a group and a role."""
    iam.create_user(UserName="ram")
    iam.create_group(GroupName="Devs")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"))
    return iam


@EVERY_KIND
def test_a_managed_policy_is_attached_listed_and_detached(three, kind, argument, name, room):
    whose = {argument: name}
    own = three.create_policy(PolicyName="Own", PolicyDocument=TEXT, Path="/a/")["Policy"]["Arn"]
    attach = getattr(three, f"attach_{kind}_policy")
    for policy in (READ_ONLY, own, own):  # a second time is no error
        attach(**whose, PolicyArn=policy)
    attached = getattr(three, f"list_attached_{kind}_policies")
    answer = attached(**whose)
    assert answer["AttachedPolicies"] == [
        {"PolicyName": "Own", "PolicyArn": own},
        {"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY},
    ]
    assert answer["IsTruncated"] is False
    first = attached(**whose, MaxItems=1)
    assert first["IsTruncated"] is True
    (rest,) = attached(**whose, Marker=first["Marker"])["AttachedPolicies"]
    assert rest["PolicyName"] == "ReadOnlyAccess"
    (under,) = attached(**whose, PathPrefix="/a/")["AttachedPolicies"]
    assert under["PolicyName"] == "Own"
    detach = getattr(three, f"detach_{kind}_policy")
    detach(**whose, PolicyArn=own)
    with refused("NoSuchEntity", f"Policy {own} was not found.", status=404):
        detach(**whose, PolicyArn=own)


@EVERY_KIND
def test_a_policy_that_can_not_be_attached_is_told_why(three, kind, argument, name, room):
    attach = getattr(three, f"attach_{kind}_policy")
    absent = arn("policy/none")
    message = f"Policy {absent} does not exist or is not attachable."
    with refused("NoSuchEntity", message, status=404):
        attach(**{argument: name}, PolicyArn=absent)
    with refused("ValidationError", "ARN existing_policy_name_given is not valid.", status=400):
        attach(**{argument: name}, PolicyArn="existing_policy_name_given")
    with refused("PolicyNotAttachable", status=400):
        attach(**{argument: name}, PolicyArn=OF_SERVICE)


@EVERY_KIND
def test_whom_there_is_not_has_no_policies(three, kind, argument, name, room):
    message = f"The {kind} with name nobody cannot be found."
    whose = {argument: "nobody"}
    for operation, more in (
        (f"attach_{kind}_policy", {"PolicyArn": READ_ONLY}),
        (f"detach_{kind}_policy", {"PolicyArn": READ_ONLY}),
        (f"list_attached_{kind}_policies", {}),
        (f"put_{kind}_policy", {"PolicyName": "p", "PolicyDocument": TEXT}),
        (f"get_{kind}_policy", {"PolicyName": "p"}),
        (f"delete_{kind}_policy", {"PolicyName": "p"}),
        (f"list_{kind}_policies", {}),
    ):
        with refused("NoSuchEntity", message, status=404):
            getattr(three, operation)(**whose, **more)


@EVERY_KIND
def test_no_more_managed_policies_than_the_quota(three, kind, argument, name, room):
    limit = 20 if kind == "role" else 10
    attach = getattr(three, f"attach_{kind}_policy")
    policies = three.list_policies(Scope="AWS", PathPrefix="/")["Policies"]
    plain = [each["Arn"] for each in policies if each["Path"] == "/"][: limit + 1]
    for policy in plain[:limit]:
        attach(**{argument: name}, PolicyArn=policy)
    message = f"Cannot exceed quota for PoliciesPer{kind.capitalize()}: {limit}"
    with refused("LimitExceeded", message, status=409):
        attach(**{argument: name}, PolicyArn=plain[limit])


@EVERY_KIND
def test_an_inline_policy_is_put_read_replaced_and_deleted(three, kind, argument, name, room):
    whose = {argument: name}
    put = getattr(three, f"put_{kind}_policy")
    get = getattr(three, f"get_{kind}_policy")
    for policy in ("second", "First"):
        put(**whose, PolicyName=policy, PolicyDocument=TEXT)
    listed = getattr(three, f"list_{kind}_policies")
    answer = listed(**whose)
    assert (answer["PolicyNames"], answer["IsTruncated"]) == (["First", "second"], False)
    found = get(**whose, PolicyName="second")
    del found["ResponseMetadata"]
    assert found == {**whose, "PolicyName": "second", "PolicyDocument": json.loads(TEXT)}
    other = document(allow("sqs:*"))
    put(**whose, PolicyName="second", PolicyDocument=other)
    assert get(**whose, PolicyName="second")["PolicyDocument"] == json.loads(other)
    delete = getattr(three, f"delete_{kind}_policy")
    for policy in ("second", "First"):
        delete(**whose, PolicyName=policy)
    assert listed(**whose)["PolicyNames"] == []
    message = f"The {kind} policy with name second cannot be found."
    for gone in (get, delete):
        with refused("NoSuchEntity", message, status=404):
            gone(**whose, PolicyName="second")


@EVERY_KIND
def test_all_inline_policies_together_have_a_limited_size(three, kind, argument, name, room):
    put = getattr(three, f"put_{kind}_policy")
    text = document(allow("s3:" + "x" * (room // 2 - 90)))
    put(**{argument: name}, PolicyName="a", PolicyDocument=text)
    put(**{argument: name}, PolicyName="b", PolicyDocument=text)
    message = f"Maximum policy size of {room} bytes exceeded for {kind} {name}"
    with refused("LimitExceeded", message, status=409):
        put(**{argument: name}, PolicyName="c", PolicyDocument=text)


@EVERY_KIND
def test_an_inline_policy_that_is_malformed_is_refused(three, kind, argument, name, room):
    put = getattr(three, f"put_{kind}_policy")
    with refused("MalformedPolicyDocument", status=400):
        put(**{argument: name}, PolicyName="p", PolicyDocument="{}")
    assert getattr(three, f"list_{kind}_policies")(**{argument: name})["PolicyNames"] == []


@EVERY_KIND
def test_only_whoever_may_and_only_in_their_own_account(
    three, nobody, stranger, kind, argument, name, room
):
    calls: list[tuple[str, dict[str, str]]] = [
        (f"attach_{kind}_policy", {"PolicyArn": READ_ONLY}),
        (f"list_attached_{kind}_policies", {}),
        (f"put_{kind}_policy", {"PolicyName": "p", "PolicyDocument": TEXT}),
        (f"list_{kind}_policies", {}),
    ]
    for operation, more in calls:
        with refused("AccessDenied", status=403):
            getattr(nobody, operation)(**{argument: name}, **more)
        with refused("NoSuchEntity", status=404):
            getattr(stranger, operation)(**{argument: name}, **more)
    assert getattr(three, f"list_{kind}_policies")(**{argument: name})["PolicyNames"] == []
