"""Tokens for services outside, and the organization that there is not, by the SDK of AWS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from accounts import issued_tokens
from tests.api.clients import Key, client
from tests.api.refusals import refused
from tests.cast import CallerWith, allow, arn, trust

GIVEN: dict[str, Any] = {"Audience": ["https://api.example.com"], "SigningAlgorithm": "RS256"}


def test_it_is_enabled_once_and_disabled_once(iam):
    for call in (
        iam.get_outbound_web_identity_federation_info,
        iam.disable_outbound_web_identity_federation,
    ):
        with refused("FeatureDisabled", status=404):
            call()
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    with refused("FeatureEnabled", status=409):
        iam.enable_outbound_web_identity_federation()
    found = iam.get_outbound_web_identity_federation_info()
    assert (found["IssuerIdentifier"], found["JwtVendingEnabled"]) == (issuer, True)
    iam.disable_outbound_web_identity_federation()
    with refused("FeatureDisabled", status=404):
        iam.get_outbound_web_identity_federation_info()


def test_a_token_is_given_and_can_be_verified(iam, aws, caller_with: CallerWith):
    alice = aws(caller_with(allow("sts:*")), "sts")
    with refused("OutboundWebIdentityFederationDisabledException", status=403):
        alice.get_web_identity_token(**GIVEN)
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    answer = alice.get_web_identity_token(
        **GIVEN, DurationSeconds=600, Tags=[{"Key": "job", "Value": "7"}]
    )
    left = (answer["Expiration"] - datetime.now(UTC)).total_seconds()
    assert 580 < left <= 600
    token = answer["WebIdentityToken"]
    keys = jwt.PyJWKSet.from_dict(issued_tokens.public_keys())
    claims = jwt.decode(
        token, keys[jwt.get_unverified_header(token)["kid"]].key, ["RS256"],
        audience=GIVEN["Audience"][0], issuer=issuer,
    )  # fmt: skip
    assert claims["sub"] == arn("user/alice")
    assert claims["https://sts.amazonaws.com/"]["request_tags"] == {"job": "7"}


def test_a_token_does_not_outlive_the_session(iam, aws, caller_with: CallerWith):
    iam.enable_outbound_web_identity_federation()
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(AWS="111122223333"))
    iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    made = aws(caller_with(allow("sts:*")), "sts").assume_role(
        RoleArn=arn("role/r"), RoleSessionName="work", DurationSeconds=900
    )["Credentials"]
    acting = client(Key(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]), "sts")
    with refused("SessionDurationEscalationException", status=403):
        acting.get_web_identity_token(**GIVEN, DurationSeconds=3600)
    token = acting.get_web_identity_token(**GIVEN)["WebIdentityToken"]
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == arn("role/r")


@pytest.mark.parametrize(
    "operation",
    [
        "list_organizations_features",
        "enable_organizations_root_credentials_management",
        "disable_organizations_root_credentials_management",
        "enable_organizations_root_sessions",
        "disable_organizations_root_sessions",
    ],
)
def test_an_account_in_no_organization_is_told_so(iam, nobody, operation):
    with refused("OrganizationNotFoundException", status=400):
        getattr(iam, operation)()
    with pytest.raises(iam.exceptions.OrganizationNotFoundException):
        getattr(iam, operation)()
    with refused("AccessDenied", status=403):
        getattr(nobody, operation)()
