"""What a change would give and take, asked before anybody makes it."""

from __future__ import annotations

import pytest

from accounts.actions import attachments, groups, policies, users
from accounts.actions.foresight import foresee_boundary, foresee_detachment
from accounts.errors import AccessDenied, InvalidInput, NoSuchEntity
from accounts.models import Event
from tests.cast import allow, arn, document

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
CAROL = arn("user/carol")


@pytest.fixture
def carol(root):
    """carol, who may read S3 by a policy of her own and list users by a group's."""
    users.create_user(root, user_name="carol")
    groups.create_group(root, group_name="Readers")
    groups.add_user_to_group(root, group_name="Readers", user_name="carol")
    for name, action in (("Reads", "s3:GetObject"), ("Lists", "iam:ListUsers")):
        policies.create_policy(root, policy_name=name, policy_document=document(allow(action)))
    attachments.attach_user_policy(root, user_name="carol", policy_arn=arn("policy/Reads"))
    attachments.attach_group_policy(root, group_name="Readers", policy_arn=arn("policy/Lists"))


def actions(changes):
    return sorted(change.action for change in changes)


def test_a_boundary_takes_what_it_does_not_allow_and_gives_nothing(admin, carol):
    found = foresee_boundary(admin, principal_arn=CAROL, permissions_boundary=arn("policy/Reads"))
    assert actions(found.lost) == ["iam:ListUsers"]
    assert found.gained == ()
    same = foresee_boundary(admin, principal_arn=CAROL, permissions_boundary=ADMINISTRATOR)
    assert (same.gained, same.lost) == ((), ())


def test_lifting_a_boundary_gives_back_what_it_held(root, admin, carol):
    users.put_user_permissions_boundary(
        root, user_name="carol", permissions_boundary=arn("policy/Reads")
    )
    found = foresee_boundary(admin, principal_arn=CAROL)
    assert actions(found.gained) == ["iam:ListUsers"]
    assert root.home.users.get(name="carol").boundary_arn == arn("policy/Reads"), "only asked"


def test_a_detached_policy_is_lost_unless_a_group_gives_it_too(root, admin, carol):
    reads = arn("policy/Reads")
    [(found, names)] = foresee_detachment(admin, principal_arns=[CAROL], policy_arn=reads)
    assert (actions(found.lost), names) == (["s3:GetObject"], [CAROL])
    attachments.attach_group_policy(root, group_name="Readers", policy_arn=reads)
    [(found, _)] = foresee_detachment(admin, principal_arns=[CAROL], policy_arn=reads)
    assert found.lost == ()


def test_nobody_is_told_of_somebody_whose_policies_he_may_not_simulate(
    alice, eve, caller_with, carol
):
    only_herself = caller_with(
        allow("iam:SimulatePrincipalPolicy", on=arn("user/dora")), name="dora"
    )
    for caller in (alice, eve, only_herself):
        for ask in (
            lambda caller=caller: foresee_boundary(caller, principal_arn=CAROL),
            lambda caller=caller: foresee_detachment(
                caller, principal_arns=[CAROL], policy_arn=ADMINISTRATOR
            ),
        ):
            with pytest.raises((AccessDenied, NoSuchEntity, InvalidInput)):
                ask()
    denied = Event.objects.filter(action="console:ForeseeBoundary", outcome="denied")
    assert denied.filter(principal_arn=alice.arn).exists()


def test_a_group_has_no_boundary(admin, carol):
    with pytest.raises(InvalidInput, match="no permissions boundary"):
        foresee_boundary(admin, principal_arn=arn("group/Readers"))


def test_what_is_no_policy_is_refused(admin, carol):
    with pytest.raises(NoSuchEntity):
        foresee_boundary(admin, principal_arn=CAROL, permissions_boundary=arn("policy/Nothing"))
