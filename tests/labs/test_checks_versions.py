"""Single versions of customer managed policies, by the policy's name and the version's number."""

from __future__ import annotations

import pytest

from accounts.actions import policies, policy_versions
from accounts.caller import Caller
from accounts.models import Account
from iamconsole.labs.checks.world import World
from tests.cast import allow, document
from tests.labs.asked import ask, world_of


@pytest.fixture
def world(account: Account, root: Caller) -> World:
    """A policy whose second version was deleted, and whose third is in force."""
    made = policies.create_policy(
        root, policy_name="Desk", policy_document=document(allow("s3:GetObject"))
    )
    for action in ("s3:PutObject", "s3:ListBucket"):
        policy_versions.create_policy_version(
            root, policy_arn=made.arn, policy_document=document(allow(action)), set_as_default=True
        )
    policy_versions.delete_policy_version(root, policy_arn=made.arn, version_id="v2")
    return world_of(account)


def test_a_version_is_there_until_it_is_deleted(world: World) -> None:
    assert ask(world, "exists", policy_version="desk/v1").holds
    assert ask(world, "absent", policy_version="Desk/v2").holds
    gone = ask(world, "exists", policy_version="Desk/v2")
    assert not gone.holds
    assert gone.found == "There is no policy version Desk/v2."


def test_a_version_that_is_still_there_is_named(world: World) -> None:
    kept = ask(world, "absent", policy_version="Desk/v3")
    assert not kept.holds
    assert kept.found == "There is policy version Desk/v3."


def test_another_policys_versions_do_not_count(world: World) -> None:
    assert ask(world, "absent", policy_version="Other/v1").holds
    assert ask(world, "exists", policy_version="*/v3").holds
