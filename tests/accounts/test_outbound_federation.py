"""Tokens for services outside: who gets one, what it says, and that it can be verified."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest

from accounts import caller as callers
from accounts import issued_tokens
from accounts.actions import roles
from accounts.actions.outbound_federation import (
    NAMESPACE,
    disable_outbound_web_identity_federation,
    enable_outbound_web_identity_federation,
    get_outbound_web_identity_federation_info,
    get_web_identity_token,
)
from accounts.caller import Caller, Session
from accounts.errors import (
    AccessDenied,
    FeatureDisabled,
    FeatureEnabled,
    OutboundWebIdentityFederationDisabled,
    SessionDurationEscalation,
    ValidationError,
)
from accounts.models import Account, TokenKey, User
from accounts.types import Tag
from tests.cast import CallerWith, allow, deny, trust

AUDIENCE = "https://api.example.com"


@pytest.fixture
def issuer(root: Caller) -> str:
    """The issuer of the account, which gives tokens."""
    return enable_outbound_web_identity_federation(root)


def token_of(caller: Caller, **more: Any) -> str:
    given = {"audience": [AUDIENCE], "signing_algorithm": "ES384"} | more
    return get_web_identity_token(caller, **given).token


def claims_of(token: str, caller: Caller, **more: Any) -> dict[str, Any]:
    """What a service outside reads, once it has verified the token with the published keys."""
    header = jwt.get_unverified_header(token)
    keys = jwt.PyJWKSet.from_dict(issued_tokens.public_keys())
    found: dict[str, Any] = jwt.decode(
        token, keys[header["kid"]].key, [header["alg"]], audience=AUDIENCE,
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False}, **more,
    )  # fmt: skip
    assert found["iat"] == caller.now.timestamp()
    return found


@pytest.mark.parametrize("algorithm", issued_tokens.ALGORITHMS)
def test_a_token_says_who_called_and_is_verified_with_the_published_keys(
    algorithm, issuer, caller_with: CallerWith
):
    alice = caller_with(allow("sts:GetWebIdentityToken"))
    assert alice.user is not None
    User.objects.filter(pk=alice.user.pk).update(tags={"team": "red"})
    alice.user.refresh_from_db()
    claims = claims_of(token_of(alice, signing_algorithm=algorithm), alice, issuer=issuer)
    assert (claims["sub"], claims["aud"]) == (alice.arn, AUDIENCE)
    assert claims["exp"] - claims["iat"] == 300
    assert claims[NAMESPACE] == {
        "aws_account": alice.home.id,
        "source_region": "us-east-1",
        "principal_id": alice.arn,
        "principal_tags": {"team": "red"},
    }
    another = claims_of(token_of(alice), alice)
    assert another["jti"] != claims["jti"]


def test_a_token_can_be_for_several_and_bring_tags_along(issuer, caller_with: CallerWith):
    alice = caller_with(allow("sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"))
    token = token_of(
        alice, audience=[AUDIENCE, "another"], tags=[Tag("job", "7")], duration_seconds=3600
    )
    claims = claims_of(token, alice)
    assert claims["aud"] == [AUDIENCE, "another"]
    assert claims["exp"] - claims["iat"] == 3600
    assert claims[NAMESPACE]["request_tags"] == {"job": "7"}


def test_whoever_may_not_tag_gets_no_token_with_tags(issuer, caller_with: CallerWith):
    alice = caller_with(allow("sts:GetWebIdentityToken"))
    with pytest.raises(AccessDenied, match="sts:TagGetWebIdentityToken"):
        token_of(alice, tags=[Tag("job", "7")])


def acting(root: Caller, **more: Any) -> Caller:
    """A session of a role that may get tokens, with a quarter of an hour to go."""
    roles.create_role(
        root, role_name="Web", path="/app/", tags=[Tag("team", "blue")],
        assume_role_policy_document=trust(Service="ec2.amazonaws.com"),
    )  # fmt: skip
    role = root.home.roles.get()
    role.attachments.create(
        account=root.home, managed_arn="arn:aws:iam::aws:policy/AdministratorAccess",
        created_at=root.now,
    )  # fmt: skip
    session = Session("i-1", root.now + timedelta(minutes=15), **more)
    return callers.role(role, session, face=root.face, now=root.now, request_id="r")


def test_of_a_session_the_role_is_who_it_is_about(issuer, root):
    web = acting(root, source_identity="carol", tags={"job": "7"})
    claims = claims_of(token_of(web), web)
    assert claims["sub"] == web.issuer == f"arn:aws:iam::{root.home.id}:role/app/Web"
    told = claims[NAMESPACE]
    assert told["original_session_exp"] == "2026-01-15T12:15:00Z"
    assert (told["source_identity"], told["principal_tags"]) == (
        "carol",
        {"team": "blue", "job": "7"},
    )


def test_no_token_outlives_the_session_that_asked_for_it(issuer, root):
    web = acting(root)
    token_of(web, duration_seconds=900)
    with pytest.raises(SessionDurationEscalation):
        token_of(web, duration_seconds=901)


def test_an_account_gives_none_until_it_is_enabled_and_none_after_it_is_disabled(root, admin):
    for refused in (
        disable_outbound_web_identity_federation,
        get_outbound_web_identity_federation_info,
    ):
        with pytest.raises(FeatureDisabled):
            refused(root)
    with pytest.raises(OutboundWebIdentityFederationDisabled):
        token_of(admin)
    issuer = enable_outbound_web_identity_federation(root)
    assert get_outbound_web_identity_federation_info(root) == issuer
    with pytest.raises(FeatureEnabled):
        enable_outbound_web_identity_federation(root)
    before = token_of(admin)
    disable_outbound_web_identity_federation(root)
    with pytest.raises(OutboundWebIdentityFederationDisabled):
        token_of(admin)
    claims_of(before, admin, issuer=issuer)
    assert enable_outbound_web_identity_federation(root) == issuer, "it stays the account's"


def test_each_account_is_an_issuer_of_its_own(issuer, root, eve):
    with pytest.raises(OutboundWebIdentityFederationDisabled):
        token_of(eve)
    theirs = enable_outbound_web_identity_federation(
        callers.root(eve.home, face=eve.face, now=eve.now, request_id="r")
    )
    assert theirs != issuer
    assert TokenKey.objects.count() == 2, "the keys are the installation's"
    assert eve.home.id not in issuer + theirs, "whose it is stands in no address"


def test_conditions_decide_for_whom_how_long_and_how_it_is_signed(issuer, caller_with: CallerWith):
    alice = caller_with(
        allow(
            "sts:GetWebIdentityToken",
            Condition={
                "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": AUDIENCE},
                "NumericLessThanEquals": {"sts:DurationSeconds": "300"},
                "StringEquals": {"sts:SigningAlgorithm": "ES384"},
            },
        )
    )
    token_of(alice)
    for other in (
        {"audience": [AUDIENCE, "another"]},
        {"duration_seconds": 301},
        {"signing_algorithm": "RS256"},
    ):
        with pytest.raises(AccessDenied):
            token_of(alice, **other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"signing_algorithm": "HS256"},
        {"signing_algorithm": "none"},
        {"audience": []},
        {"audience": ["a"] * 11},
        {"duration_seconds": 59},
        {"duration_seconds": 3601},
    ],
)
def test_what_aws_does_not_take_is_refused(wrong, issuer, admin):
    with pytest.raises(ValidationError):
        token_of(admin, **wrong)


def test_an_explicit_deny_wins(issuer, caller_with: CallerWith):
    with pytest.raises(AccessDenied):
        token_of(caller_with(allow("*"), deny("sts:GetWebIdentityToken")))


def test_a_federated_user_gets_none(issuer, root, alice):
    session = Session("guest", root.now + timedelta(hours=1))
    guest = callers.federated(
        root.home, None, session, face=root.face, now=root.now, request_id="r"
    )
    with pytest.raises(AccessDenied):
        token_of(guest)


def test_private_keys_are_stored_sealed_and_never_published(issuer):
    for row in TokenKey.objects.all():
        assert row.sealed_key.startswith("v1:")
    assert {each["alg"] for each in issued_tokens.public_keys()["keys"]} == {"RS256", "ES384"}
    for each in issued_tokens.public_keys()["keys"]:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & each.keys()


def test_asked_again_after_another_worker_enabled_it_it_is_known(root):
    Account.objects.filter(pk=root.home.pk).update(issues_tokens=True, token_issuer="x")
    stale = replace(root)
    with pytest.raises(FeatureEnabled):
        enable_outbound_web_identity_federation(stale)
