"""Whom a role's trust policy lets in, as checks judge it."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actions import roles, users
from accounts.caller import Caller
from accounts.models import Account
from accounts.types import Tag
from iamconsole.labs.checks.world import World
from tests.cast import OTHER_ACCOUNT_ID, arn, document
from tests.labs.asked import ask, world_of

OTHER_ROOT = f"arn:aws:iam::{OTHER_ACCOUNT_ID}:root"
EVE = f"arn:aws:iam::{OTHER_ACCOUNT_ID}:user/eve"
OUTSIDER = "arn:aws:iam::999999999999:root"


def trusting(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


@pytest.fixture
def world(account: Account, root: Caller, alice: Caller, bob: Caller, other: Account) -> World:
    """A role for each way to trust somebody."""
    users.tag_user(root, user_name="alice", tags=[Tag("team", "red")])
    external: dict[str, Any] = {"Condition": {"StringEquals": {"sts:ExternalId": "s-7"}}}
    with_mfa: dict[str, Any] = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    red: dict[str, Any] = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}
    provider = {"Federated": arn("saml-provider/Corp")}
    trusts = {
        "Web": trusting({"Service": "ec2.amazonaws.com"}),
        "Own": trusting({"AWS": root.arn}),
        "Alice": trusting({"AWS": arn("user/alice")}),
        "Partner": trusting({"AWS": OTHER_ROOT}, **external),
        "Careful": trusting({"AWS": root.arn}, **with_mfa),
        "Red": trusting({"AWS": root.arn}, **red),
        "Corp": trusting(provider, "sts:AssumeRoleWithSAML"),
        "Open": trusting("*"),
    }
    for name, statement in trusts.items():
        roles.create_role(root, role_name=name, assume_role_policy_document=document(statement))
    return world_of(account, other)


JUDGED: list[tuple[str, str, dict[str, Any], bool]] = [
    ("Web", "ec2.amazonaws.com", {}, True),
    ("Web", "lambda.amazonaws.com", {}, False),
    ("Web", "user/alice", {}, False),
    ("Own", "user/alice", {}, True),
    ("Own", "root", {}, True),
    ("Own", "role/Web", {}, True),
    ("Own", EVE, {}, False),
    ("Own", "ec2.amazonaws.com", {}, False),
    ("Alice", "user/alice", {}, True),
    ("Alice", arn("user/alice"), {}, True),
    ("Alice", "user/bob", {}, False),
    ("Alice", "user/*", {}, False),
    ("Partner", EVE, {}, False),
    ("Partner", EVE, {"external_id": "s-7"}, True),
    ("Partner", EVE, {"external_id": "s-8"}, False),
    ("Partner", OTHER_ROOT, {"external_id": "s-7"}, True),
    ("Partner", OUTSIDER, {"external_id": "s-7"}, False),
    ("Partner", "user/alice", {"external_id": "s-7"}, False),
    ("Careful", "user/alice", {}, False),
    ("Careful", "user/alice", {"mfa": True}, True),
    ("Red", "user/alice", {}, True),
    ("Red", "user/bob", {}, False),
    ("Red", "user/bob", {"context": {"aws:PrincipalTag/team": "red"}}, True),
    ("Corp", arn("saml-provider/Corp"), {}, True),
    ("Corp", arn("saml-provider/Other"), {}, False),
    ("Corp", "user/alice", {}, False),
    ("Open", OUTSIDER, {}, True),
    ("Open", "arn:aws:iam::999999999999:role/deep/in/there", {}, True),
    ("*", "user/alice", {}, False),
    ("Nobody", "user/alice", {}, False),
    ("Own", "user/zoe", {}, False),
]


def test_each_trust_policy_lets_in_whom_it_names(world: World, eve: Caller):
    for role, principal, more, holds in JUDGED:
        found = ask(world, "trust_allows", role=role, principal=principal, **more)
        assert found.holds is holds, (role, principal, more, found)


def test_what_is_missing_is_named(world: World):
    found = ask(world, "trust_allows", role="Partner", principal=EVE)
    assert found.asked == f"The role Partner lets {EVE} in."
    assert found.found == (
        "The trust policy of role Partner does not let them in. It asks for sts:ExternalId."
    )
    assert found.through == ("the trust policy of role Partner",)
    assert ask(world, "trust_allows", role="Nobody", principal="root").found == (
        "There is no role Nobody."
    )


def test_a_user_of_an_account_outside_of_the_run_is_not_looked_up(
    account: Account, root: Caller, eve: Caller
):
    """Her tags would let her in, if anybody looked."""
    users.tag_user(eve, user_name="eve", tags=[Tag("team", "red")])
    red: dict[str, Any] = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}
    trust = document(trusting("*", **red))
    roles.create_role(root, role_name="Red", assume_role_policy_document=trust)
    asked = {"role": "Red", "principal": EVE}
    assert not ask(world_of(account), "trust_allows", **asked).holds
    assert ask(world_of(account, eve.home), "trust_allows", **asked).holds
