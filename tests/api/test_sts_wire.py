"""STS as AWS's own client sees it: every operation, signed or not, and what its credentials do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore import UNSIGNED

from accounts import encoded_messages
from accounts.actions import users
from accounts.caller import Caller
from accounts.errors import AccessDenied
from accounts.models import Event, Throttle
from tests.accounts import asserting, identity_tokens
from tests.accounts.assuming import new_role
from tests.accounts.pems import rsa_key
from tests.api.clients import Key, client
from tests.api.refusals import refused
from tests.cast import ACCOUNT_ID, arn, document

FEDERATED = f"arn:aws:sts::{ACCOUNT_ID}:federated-user/guest"
SESSION = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/reader"


def signing(made: dict[str, Any], service: str = "sts") -> Any:
    """A client that signs with temporary credentials."""
    given = made["Credentials"]
    key = Key(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    return client(key, service)


def letting_in(provider: str, operation: str) -> str:
    """A trust policy for an identity provider's people."""
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": operation}
    return document(statement)


@pytest.fixture
def unsigned() -> Any:
    """An STS client without credentials."""
    key = Key("unused", "unused")
    return client(key, "sts", signature_version=UNSIGNED)


def test_a_session_token_signs_for_its_user(aws: Any, admin: Caller):
    made = aws(admin, "sts").get_session_token(DurationSeconds=900)
    told = signing(made).get_caller_identity()
    assert (told["Arn"], told["UserId"], told["Account"]) == (
        admin.arn, admin.unique_id, ACCOUNT_ID,
    )  # fmt: skip
    with refused("AccessDenied", status=403):
        signing(made, "iam").list_users()
    with refused("AccessDenied", "Cannot call GetSessionToken with session credentials"):
        signing(made).get_session_token()


def test_a_federated_user_signs_in_its_own_name(aws: Any, admin: Caller):
    made = aws(admin, "sts").get_federation_token(
        Name="guest",
        Policy=document({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
        Tags=[{"Key": "team", "Value": "red"}],
    )
    assert made["FederatedUser"] == {"FederatedUserId": f"{ACCOUNT_ID}:guest", "Arn": FEDERATED}
    assert 0 < made["PackedPolicySize"] < 100
    assert signing(made).get_caller_identity()["Arn"] == FEDERATED
    with refused("AccessDenied"):
        signing(made, "iam").list_users()


def test_whose_a_key_is_and_what_a_refusal_meant(aws: Any, admin: Caller, alice: Caller):
    sts = aws(admin, "sts")
    key = sts.get_session_token()["Credentials"]["AccessKeyId"]
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == ACCOUNT_ID
    with pytest.raises(AccessDenied) as refusal:
        users.list_users(alice)
    message = encoded_messages.encode(refusal.value.asked)
    told = json.loads(sts.decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    assert told["context"]["principal"]["arn"] == alice.arn
    with refused("InvalidAuthorizationMessageException", status=400):
        sts.decode_authorization_message(EncodedMessage="nothing")


def test_an_assertion_needs_no_signature(root: Caller, unsigned: Any):
    asserting.register(root)
    new_role(root, letting_in(asserting.PROVIDER, "sts:AssumeRoleWithSAML"))
    asked = {"RoleArn": asserting.ROLE, "PrincipalArn": asserting.PROVIDER}
    now = datetime.now(UTC)
    made = unsigned.assume_role_with_saml(**asked, SAMLAssertion=asserting.genuine(now))
    assert (made["Subject"], made["SubjectType"]) == ("frank", "persistent")
    assert made["Audience"] == asserting.RECIPIENT
    assert signing(made).get_caller_identity()["Arn"] == f"{SESSION}/frank"
    with refused("InvalidIdentityToken", status=400):
        unsigned.assume_role_with_saml(**asked, SAMLAssertion="bm90aGluZw==")


def test_who_fails_too_often_without_a_signature_waits_and_fills_no_record(
    root: Caller, unsigned: Any, aws: Any, admin: Caller
):
    asserting.register(root)
    new_role(root, letting_in(asserting.PROVIDER, "sts:AssumeRoleWithSAML"))
    asked = {"RoleArn": asserting.ROLE, "PrincipalArn": asserting.PROVIDER}
    for _ in range(20):
        with refused("InvalidIdentityToken", status=400):
            unsigned.assume_role_with_saml(**asked, SAMLAssertion="bm90aGluZw==")
    good = asserting.genuine(datetime.now(UTC))
    with refused("Throttling", "Rate exceeded", status=400):
        unsigned.assume_role_with_saml(**asked, SAMLAssertion=good)
    assert Event.objects.filter(account=None).count() == 20
    assert aws(admin, "sts").get_caller_identity()["Account"] == ACCOUNT_ID
    Throttle.objects.update(blocked_until=None)
    assert unsigned.assume_role_with_saml(**asked, SAMLAssertion=good)["Subject"] == "frank"


def test_a_token_needs_no_signature(root: Caller, unsigned: Any, tmp_path: Path, settings: Any):
    settings.ISSUER_KEYS_FILE = tmp_path / "issuer-keys.json"
    provider = identity_tokens.register(root)
    new_role(root, letting_in(provider.arn, "sts:AssumeRoleWithWebIdentity"))
    token = identity_tokens.token(datetime.now(UTC))
    asked = {
        "RoleArn": arn("role/reader"),
        "RoleSessionName": "work",
        "WebIdentityToken": token,
    }
    with refused("IDPCommunicationError", status=400):
        unsigned.assume_role_with_web_identity(**asked)
    identity_tokens.publish(settings.ISSUER_KEYS_FILE, identity_tokens.public(rsa_key(), kid="one"))
    made = unsigned.assume_role_with_web_identity(**asked)
    assert made["SubjectFromWebIdentityToken"] == "frank@example.com"
    assert made["Audience"] == identity_tokens.AUDIENCE
    assert signing(made).get_caller_identity()["Arn"] == f"{SESSION}/work"


def test_what_is_not_built_says_so(aws: Any, admin: Caller):
    with refused("NotImplemented"):
        aws(admin, "sts").get_delegated_access_token(TradeInToken="x")
