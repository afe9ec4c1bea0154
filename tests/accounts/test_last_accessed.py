"""Last accessed: what a policy gives, and when it was tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts import caller as callers
from accounts import engine, events
from accounts.actions import (
    attachments,
    granted,
    groups,
    inline_policies,
    last_accessed,
    policies,
    roles,
    users,
)
from accounts.engine import catalog
from accounts.errors import AccessDenied, InvalidInput, NoSuchEntity
from accounts.models import LastAccessedReport
from tests.cast import allow, arn, deny, document, trust


@pytest.fixture
def carol(root):
    """A user who may list users and read S3, by a group."""
    users.create_user(root, user_name="carol")
    groups.create_group(root, group_name="Readers")
    groups.add_user_to_group(root, group_name="Readers", user_name="carol")
    readers = policies.create_policy(
        root, policy_name="Readers", policy_document=document(allow("iam:ListUsers", "s3:Get*"))
    )
    attachments.attach_group_policy(root, group_name="Readers", policy_arn=readers.arn)
    row = root.home.users.get(name="carol")
    return callers.user(row, face=root.face, now=root.now, request_id="carols")


def details(caller, subject, **more):
    job = last_accessed.generate_service_last_accessed_details(caller, arn=subject, **more)
    return last_accessed.get_service_last_accessed_details(caller, job_id=job)


def by_namespace(found):
    return {each.namespace: each for each in found.services.items}


def test_a_user_has_the_services_of_all_policies_tried_or_not(root, carol):
    users.list_users(carol)
    with pytest.raises(AccessDenied):
        groups.list_groups(carol)
    found = by_namespace(details(root, carol.arn))
    assert set(found) == {"iam", "s3"}
    assert found["iam"].last_authenticated == carol.now, "a refused attempt counts too"
    assert (found["iam"].entity, found["iam"].entities) == (carol.arn, 1)
    assert found["s3"].last_authenticated is None
    assert found["iam"].actions == ()


def test_by_action_each_one_that_was_tried_or_is_given_is_told(root, carol):
    later = replace(carol, now=carol.now + timedelta(minutes=5))
    users.list_users(carol)
    users.list_users(later)
    with pytest.raises(AccessDenied):
        groups.list_groups(carol)
    give(root, "iam:GetRole")
    found = by_namespace(details(later_root(root), carol.arn, granularity="ACTION_LEVEL"))
    assert [(each.name, each.time, each.entity) for each in found["iam"].actions] == [
        ("GetRole", None, ""),
        ("ListGroups", carol.now, carol.arn),
        ("ListUsers", later.now, carol.arn),
    ]
    assert found["s3"].actions == (), "of a service that nobody tried, AWS tells no actions"


def give(root, *actions):
    """Allow carol some more."""
    inline_policies.put_user_policy(
        root, user_name="carol", policy_name="more", policy_document=document(allow(*actions))
    )


def later_root(root):
    return replace(root, now=root.now + timedelta(hours=1))


def test_a_group_and_a_policy_show_who_of_theirs_tried_last(root, carol):
    users.list_users(carol)
    for subject in (arn("group/Readers"), arn("policy/Readers")):
        job = last_accessed.generate_service_last_accessed_details(root, arn=subject)
        found = last_accessed.get_service_last_accessed_details(root, job_id=job)
        assert by_namespace(found)["iam"].entity == carol.arn
        entities = last_accessed.get_service_last_accessed_details_with_entities(
            root, job_id=job, service_namespace="iam"
        )
        assert [(each.name, each.kind) for each in entities.entities.items] == [("carol", "USER")]
        with pytest.raises(NoSuchEntity):
            last_accessed.get_service_last_accessed_details_with_entities(
                root, job_id=job, service_namespace="ec2"
            )


def test_what_is_older_than_400_days_is_not_told(root, carol):
    users.list_users(carol)
    later = replace(root, now=root.now + timedelta(days=401))
    assert by_namespace(details(later, carol.arn))["iam"].last_authenticated is None


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("s3:Get*", "iam:*")], {"s3", "iam"}),
        ([allow("S3:GetObject")], {"s3"}),
        ([deny("s3:*")], set()),
        ([allow("nosuchservice:Get")], set()),
    ],
)
def test_the_services_of_a_document_are_those_it_allows(statements, expected):
    assert granted.services_of(engine.load(document(*statements))) == expected


def all_but(pattern):
    """A document that allows everything but what a pattern matches."""
    statement = {"Effect": "Allow", "NotAction": pattern, "Resource": "*"}
    return engine.load(document(statement))


def test_everything_but_something_is_what_is_left():
    everything = {each.prefix for each in catalog.services()}
    assert granted.services_of(engine.load(document(allow("*")))) == everything
    assert granted.services_of(all_but("iam:*")) == everything - {"iam"}
    assert granted.services_of(all_but("iam:Get*")) == everything
    assert granted.services_of(all_but("*")) == set()
    left = granted.actions_of(all_but("iam:Get*"), "iam")
    assert "ListUsers" in left
    assert not [name for name in left if name.startswith("Get")]


def test_the_actions_of_a_document_are_spelled_as_aws_spells_them():
    given = engine.load(document(allow("S3:getobject", "s3:ListB*", "iam:*"), deny("s3:GetObject")))
    found = granted.actions_of(given, "s3")
    assert {"GetObject", "ListBucket"} <= found
    assert all(name == "GetObject" or name.startswith("ListB") for name in found)
    assert granted.actions_of(given, "ec2") == set()


def test_a_report_is_its_makers_alone(root, admin, carol):
    job = last_accessed.generate_service_last_accessed_details(admin, arn=carol.arn)
    for other in (root,):
        with pytest.raises(NoSuchEntity, match="cannot be found"):
            last_accessed.get_service_last_accessed_details(other, job_id=job)
    with pytest.raises(NoSuchEntity):
        last_accessed.get_service_last_accessed_details(root, job_id="x" * 36)


def test_only_a_hundred_reports_are_kept(root, carol):
    for _ in range(103):
        last_accessed.generate_service_last_accessed_details(root, arn=carol.arn)
    assert LastAccessedReport.objects.count() == 100


@pytest.mark.parametrize(
    ("subject", "error"),
    [
        (arn("user/nobody"), NoSuchEntity),
        (arn("user/elsewhere/carol"), NoSuchEntity),
        (arn("mfa/phone-of-carol"), InvalidInput),
        ("arn:aws:s3:::a-bucket-of-mine", InvalidInput),
        ("arn:aws:iam::999999999999:user/carol", NoSuchEntity),
    ],
)
def test_who_is_not_there_has_no_report(root, carol, subject, error):
    with pytest.raises(error):
        last_accessed.generate_service_last_accessed_details(root, arn=subject)


def test_the_policies_that_give_a_service_are_named_with_where_they_hang(root, carol):
    found = last_accessed.list_policies_granting_service_access(
        root, arn=carol.arn, service_namespaces=["s3", "ec2"]
    )
    given = {each.namespace: each.policies for each in found.items}
    assert [each.policy_arn for each in given["s3"]] == [arn("policy/Readers")]
    assert given["ec2"] == ()
    with pytest.raises(InvalidInput):
        last_accessed.list_policies_granting_service_access(
            root, arn=arn("policy/Readers"), service_namespaces=["s3"]
        )


def test_a_role_is_known_by_its_sessions(root, now):
    roles.create_role(
        root, role_name="Web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    attachments.attach_role_policy(
        root, role_name="Web", policy_arn="arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    )
    role = root.home.roles.get()
    assert by_namespace(details(root, role.arn))["iam"].last_authenticated is None
    session = replace(
        root,
        kind=callers.CallerKind.ROLE,
        arn=f"arn:aws:sts::{root.home.id}:assumed-role/Web/i-1",
        unique_id=f"{role.unique_id}:i-1",
        issuer=role.arn,
    )
    tried = events.describe(
        session, "iam:ListUsers", outcome="success", read_only=True, parameters={}
    )
    events.write([tried])
    assert by_namespace(details(root, role.arn))["iam"].last_authenticated == now
