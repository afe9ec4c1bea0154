"""Taking on a role with a token of an OpenID Connect issuer: whose tokens count, and for what."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from accounts import caller as callers
from accounts import web_identity
from accounts.actions import inline_policies, oidc_providers, roles, sts_federation, users
from accounts.actions.sts_federation import AssumedWithWebIdentity
from accounts.arns import Resource
from accounts.caller import Caller, Face
from accounts.context import of_call
from accounts.errors import (
    AccessDenied,
    IDPCommunicationError,
    InvalidIdentityToken,
    ServiceError,
    TokenExpired,
    ValidationError,
)
from accounts.models import Account, Event
from tests.accounts.assuming import as_role, new_role
from tests.accounts.identity_tokens import AUDIENCE, HOST, ISSUER, public, publish, register, token
from tests.accounts.pems import public_pem, rsa_key
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID, allow, arn, document, trust

PROVIDER, ROLE = arn(f"oidc-provider/{HOST}"), arn("role/reader")
TAGGED = {
    "https://aws.amazon.com/tags": {
        "principal_tags": {"team": ["red"], "level": "1"},
        "transitive_tag_keys": ["team"],
    },
    "https://aws.amazon.com/source_identity": "frank",
}


def trusting(*actions: str, provider: str = PROVIDER, **condition: Any) -> str:
    """A trust policy that lets the issuer's people in."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithWebIdentity", *actions],
        "Condition": {"StringEquals": {f"{HOST}:aud": AUDIENCE, **condition}},
    }
    return document(statement)


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Path:
    """The operator's file of issuer keys, not there yet."""
    path = tmp_path / "issuer-keys.json"
    settings.ISSUER_KEYS_FILE = path
    return path


@pytest.fixture
def stranger(now: datetime) -> Caller:
    """Somebody who brings a token and nothing else."""
    return callers.anonymous(None, face=Face.API, now=now, request_id="r")


@pytest.fixture
def app(root: Caller, keys: Path) -> Caller:
    """root, of an account with a registered issuer whose keys are known, and a role for it."""
    register(root)
    publish(keys, public(rsa_key(), kid="one"))
    new_role(root, trusting("sts:TagSession", "sts:SetSourceIdentity"))
    inline_policies.put_role_policy(
        root, role_name="reader", policy_name="more", policy_document=document(allow("iam:*"))
    )
    return root


def assume(caller: Caller, sent: str, role_arn: str = ROLE, **more: Any) -> AssumedWithWebIdentity:
    """Take on the role with a token."""
    return sts_federation.assume_role_with_web_identity(
        caller,
        role_arn=role_arn,
        role_session_name=more.pop("role_session_name", "work"),
        web_identity_token=sent,
        **more,
    )


def test_a_token_of_a_registered_issuer_gives_a_session_of_the_role(
    app: Caller, stranger: Caller, alice: Caller, now: datetime
):
    assumed = assume(stranger, token(now))
    assert assumed.subject_from_web_identity_token == "frank@example.com"
    assert (assumed.provider, assumed.audience) == (PROVIDER, AUDIENCE)
    assert assumed.credentials.expiration == now + timedelta(hours=1)
    acting = as_role(assumed, stranger)
    assert acting.arn == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/reader/work"
    assert users.list_users(acting)
    assert assume(alice, token(now)), "who signs the call does not matter"


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"])
def test_tokens_are_verified_by_every_algorithm_that_aws_takes(
    app: Caller, stranger: Caller, keys: Path, now: datetime, algorithm: str
):
    curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
    curve = curves.get(algorithm)
    key = ec.generate_private_key(curve) if curve is not None else rsa_key()
    publish(keys, public(rsa_key(number=2), kid="two"), public(key, kid="one"))
    assert assume(stranger, token(now, key, algorithm))


# --- What is not genuine -------------------------------------------------------------------------


def unsigned(now: datetime) -> str:
    """A token with `alg: none`."""
    head, body, _ = token(now).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none","kid":"one"}').decode().rstrip("=")
    return f"{head}.{body}."


def with_public_key_as_secret(now: datetime) -> str:
    """The old trick: the public key, which everybody knows, as the secret of an HMAC."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    body = token(now).split(".")[1]
    head = part(b'{"alg":"HS256","kid":"one"}')
    signed = f"{head}.{body}"
    mac = hmac.digest(public_pem().encode(), signed.encode(), "sha256")
    return f"{signed}.{part(mac)}"


def with_another_body(now: datetime) -> str:
    """The signature of one token under the claims of another."""
    head, _, signature = token(now).split(".")
    return ".".join([head, token(now, sub="admin@example.com").split(".")[1], signature])


FORGED: dict[str, Callable[[datetime], str]] = {
    "another's key": lambda now: token(now, rsa_key(number=2)),
    "no signature": unsigned,
    "an HMAC": with_public_key_as_secret,
    "another body": with_another_body,
    "a key of another name": lambda now: token(now, header={"kid": "two"}),
    "a key that it brings along": lambda now: token(
        now, rsa_key(number=2), header={"kid": "one", "jwk": public(rsa_key(number=2))}
    ),
    "an unknown extension": lambda now: token(now, header={"kid": "one", "crit": ["exp"]}),
    "two parts": lambda now: token(now).rpartition(".")[0],
    "no JSON": lambda now: "aGVsbG8.aGVsbG8.aGVsbG8",
    "no object": lambda now: "e30.W10.AAAA",
    "nested": lambda now: "e30." + base64.urlsafe_b64encode(b"[" * 9000).decode() + ".AAAA",
    "no token": lambda now: "hello",
    "no issuer": lambda now: token(now, iss=None),
    "another issuer": lambda now: token(now, iss="https://other.example.com"),
    "an issuer with a slash more": lambda now: token(now, iss=f"{ISSUER}/"),
    "an issuer without TLS": lambda now: token(now, iss=f"http://{HOST}"),
    "an issuer that no database takes": lambda now: token(now, iss=f"{ISSUER}\x00"),
    "an issuer of half a character": lambda now: token(now, iss=f"{ISSUER}\ud800"),
    "a subject of half a character": lambda now: token(now, sub="\ud800"),
    "a subject that breaks the answer": lambda now: token(now, sub="frank\x00"),
    "a claim of half a character": lambda now: token(now, amr=["\ud800"]),
    "another audience": lambda now: token(now, aud="their-app"),
    "no audience": lambda now: token(now, aud=None),
    "an audience that is no text": lambda now: token(now, aud={AUDIENCE: 1}),
    "another authorized party": lambda now: token(now, azp="their-app"),
    "no subject": lambda now: token(now, sub=None),
    "an empty subject": lambda now: token(now, sub=""),
    "a subject that is too long": lambda now: token(now, sub="x" * 256),
    "no end": lambda now: token(now, exp=None),
    "an end that is no number": lambda now: token(now, exp="never"),
    "an endless end": lambda now: token(now, exp=float("inf")),
    "an end that is not a number": lambda now: token(now, exp=float("nan")),
    "no time of issue": lambda now: token(now, iat=None),
    "issued tomorrow": lambda now: token(now, iat=int(now.timestamp()) + 86400),
    "valid from tomorrow": lambda now: token(now, nbf=int(now.timestamp()) + 86400),
    "tags that are none": lambda now: token(now, **{"https://aws.amazon.com/tags": "x"}),
    "a tag with two values": lambda now: token(
        now, **{"https://aws.amazon.com/tags": {"principal_tags": {"a": ["b", "c"]}}}
    ),
    "a transitive tag that is none": lambda now: token(
        now, **{"https://aws.amazon.com/tags": {"transitive_tag_keys": ["a"]}}
    ),
    "a source identity that is no text": lambda now: token(
        now, **{"https://aws.amazon.com/source_identity": 7}
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGED)
def test_nothing_but_a_whole_token_signed_by_the_issuer_counts(
    app: Caller, stranger: Caller, now: datetime, what: str
):
    with pytest.raises(InvalidIdentityToken):
        assume(stranger, FORGED[what](now))


def test_a_token_is_good_until_it_ends(app: Caller, stranger: Caller, now: datetime):
    moment = int(now.timestamp())
    assert assume(stranger, token(now, exp=moment + 1))
    with pytest.raises(TokenExpired, match="must be before the expiration"):
        assume(stranger, token(now, exp=moment))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("https://aws.amazon.com/tags", {"principal_tags": {"aws:x": "y"}}),
        ("https://aws.amazon.com/tags", {"principal_tags": {"a" * 129: "y"}}),
        ("https://aws.amazon.com/tags", {"principal_tags": {f"k{n}": "y" for n in range(51)}}),
        ("https://aws.amazon.com/source_identity", "x"),
        ("https://aws.amazon.com/source_identity", "a b"),
    ],
)
def test_tags_and_source_identity_keep_the_limits_that_callers_keep(
    app: Caller, stranger: Caller, now: datetime, name: str, value: Any
):
    with pytest.raises(ServiceError) as refused:
        assume(stranger, token(now, **{name: value}))
    assert refused.value.code in {"ValidationError", "InvalidInput"}


# --- The issuer's keys ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "{}",
        '{"https://other.example.com": {"keys": []}}',
        '{"https://tokens.example.com": {"keys": []}}',
        "no JSON",
        "[]",
        '{"https://tokens.example.com": []}',
    ],
)
def test_without_the_issuers_keys_nothing_is_believed_and_nothing_is_fetched(
    app: Caller, stranger: Caller, keys: Path, now: datetime, stored: str | None
):
    keys.unlink() if stored is None else keys.write_text(stored)
    with pytest.raises(IDPCommunicationError, match="fetches nothing from outside") as refused:
        assume(stranger, token(now))
    assert str(keys) not in refused.value.message


def test_keys_that_are_none_are_passed_over(
    app: Caller, stranger: Caller, keys: Path, now: datetime
):
    broken: list[dict[str, Any]] = [
        {"kty": "RSA", "kid": "one"},
        {"kty": "RSA", "kid": "one", "n": 7, "e": "AQAB"},
        {"kty": "oct", "kid": "one", "k": "c2VjcmV0"},
        public(rsa_key(), kid="one", use="enc"),
    ]
    publish(keys, *broken)
    with pytest.raises(InvalidIdentityToken, match="not by any key"):
        assume(stranger, token(now))
    publish(keys, *broken, public(rsa_key(), kid="one"))
    assert assume(stranger, token(now))


def test_a_key_that_was_taken_out_is_trusted_no_longer(
    app: Caller, stranger: Caller, keys: Path, now: datetime
):
    assert assume(stranger, token(now))
    publish(keys, public(rsa_key(number=2), kid="two"))
    with pytest.raises(InvalidIdentityToken):
        assume(stranger, token(now))
    assert assume(stranger, token(now, rsa_key(number=2), header={"kid": "two"}))


def test_the_issuer_must_be_registered_in_the_roles_account(
    app: Caller, stranger: Caller, now: datetime, other: Account
):
    there = callers.root(other, face=Face.API, now=now, request_id="r")
    theirs = new_role(there, trusting())
    for role_arn in (theirs.arn, arn("role/reader", "9" * 12)):
        with pytest.raises(InvalidIdentityToken, match="No OpenIDConnect provider found"):
            assume(stranger, token(now), role_arn)
    oidc_providers.delete_open_id_connect_provider(app, open_id_connect_provider_arn=PROVIDER)
    with pytest.raises(InvalidIdentityToken, match=f"found in your account for {ISSUER}"):
        assume(stranger, token(now))


def test_access_tokens_of_old_providers_are_refused_with_a_reason(
    app: Caller, stranger: Caller, now: datetime
):
    with pytest.raises(InvalidIdentityToken, match="leave ProviderId out"):
        assume(stranger, token(now), provider_id="www.amazon.com")


# --- The trust policy ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        trust(AWS=ACCOUNT_ID),
        trusting(provider=arn("oidc-provider/other.example.com")),
        trusting(provider=arn(f"oidc-provider/{HOST}", OTHER_ACCOUNT_ID)),
        trusting(**{f"{HOST}:sub": "grace@example.com"}),
        trusting(**{f"{HOST}:aud": "another-app"}),
        trusting(**{"aws:MultiFactorAuthPresent": "false"}),
        trusting().replace("sts:AssumeRoleWithWebIdentity", "sts:AssumeRole"),
    ],
)
def test_the_trust_policy_must_let_the_issuers_people_in(
    app: Caller, stranger: Caller, now: datetime, text: str
):
    roles.update_assume_role_policy(app, role_name="reader", policy_document=text)
    for role_arn in (ROLE, arn("role/missing")):
        with pytest.raises(AccessDenied) as refused:
            assume(stranger, token(now), role_arn)
        told = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
        assert refused.value.message == told


def test_the_trust_policy_can_ask_for_subject_session_name_tags_and_source_identity(
    app: Caller, stranger: Caller, now: datetime
):
    condition = {
        f"{HOST}:sub": "frank@example.com",
        "sts:RoleSessionName": "work",
        "sts:SourceIdentity": "frank",
        "aws:RequestTag/team": "red",
    }
    text = trusting("sts:TagSession", "sts:SetSourceIdentity", **condition)
    roles.update_assume_role_policy(app, role_name="reader", policy_document=text)
    assert assume(stranger, token(now, **TAGGED))
    with pytest.raises(AccessDenied):
        assume(stranger, token(now))
    with pytest.raises(AccessDenied):
        assume(stranger, token(now, **TAGGED), role_session_name="other")


@pytest.mark.parametrize("missing", ["sts:TagSession", "sts:SetSourceIdentity"])
def test_tags_and_source_identity_take_a_permission_of_their_own(
    app: Caller, stranger: Caller, now: datetime, missing: str
):
    text = trusting(*({"sts:TagSession", "sts:SetSourceIdentity"} - {missing}))
    roles.update_assume_role_policy(app, role_name="reader", policy_document=text)
    with pytest.raises(AccessDenied, match=f"Not authorized to perform {missing}"):
        assume(stranger, token(now, **TAGGED))


def test_a_workflow_of_github_is_known_by_what_its_token_says(
    app: Caller, stranger: Caller, keys: Path, now: datetime
):
    host = "token.actions.githubusercontent.com"
    register(app, f"https://{host}")
    publish(keys, public(rsa_key(), kid="one"), issuer=f"https://{host}")
    text = trusting(provider=arn(f"oidc-provider/{host}")).replace(f"{HOST}:aud", f"{host}:aud")
    text = text.replace(f'"{host}:aud"', f'"{host}:repository": "acme/app", "{host}:aud"')
    roles.update_assume_role_policy(app, role_name="reader", policy_document=text)
    said = {"iss": f"https://{host}", "sub": "repo:acme/app:ref:refs/heads/main"}
    assert assume(stranger, token(now, **said, repository="acme/app"))
    with pytest.raises(AccessDenied):
        assume(stranger, token(now, **said, repository="evil/app"))


def test_the_authorized_party_is_the_audience_that_policies_see(
    app: Caller, stranger: Caller, now: datetime
):
    condition = {f"{HOST}:aud": "another-app", f"{HOST}:oaud": "their-app"}
    roles.update_assume_role_policy(app, role_name="reader", policy_document=trusting(**condition))
    assert assume(stranger, token(now, azp="another-app", aud="their-app"))
    with pytest.raises(AccessDenied):
        assume(stranger, token(now, aud="another-app", oaud="their-app"))


def test_no_claim_becomes_a_key_of_awss_own(now: datetime):
    """Else an issuer called `aws` could say who calls, from where and with what."""
    names = ("SourceIp", "PrincipalArn", "MultiFactorAuthPresent", "ExternalId")
    said = dict.fromkeys(names, "x")
    for issuer in ("aws", "sts", "saml", HOST):
        found = web_identity.WebIdentity(issuer, "frank", (AUDIENCE,), said | {"sub": "frank"})
        assert found.keys() == {f"{issuer}:sub": "frank"}


# --- The session ---------------------------------------------------------------------------------


def test_policies_see_issuer_subject_and_audience_for_the_whole_session(
    app: Caller, stranger: Caller, now: datetime
):
    assumed = assume(stranger, token(now, **TAGGED, amr=["mfa", "pwd"], email="f@example.com"))
    assert assumed.source_identity == "frank"
    assert assumed.packed_policy_size is not None
    acting = as_role(assumed, stranger)
    found = of_call(acting, "s3:GetObject", Resource("*", ACCOUNT_ID), {})
    assert found["aws:FederatedProvider"] == PROVIDER
    assert (found[f"{HOST}:sub"], found[f"{HOST}:aud"]) == ("frank@example.com", AUDIENCE)
    assert found[f"{HOST}:amr"] == ("mfa", "pwd")
    assert f"{HOST}:email" not in found
    assert (found["aws:PrincipalTag/team"], found["aws:PrincipalTag/level"]) == ("red", "1")
    assert found["aws:SourceIdentity"] == "frank"
    assert found["aws:MultiFactorAuthPresent"] == "false"
    assert acting.session is not None
    assert acting.session.transitive == ("team",)


def test_a_session_lasts_as_the_role_allows_and_policies_limit_it(
    app: Caller, stranger: Caller, now: datetime
):
    with pytest.raises(ValidationError, match="MaxSessionDuration"):
        assume(stranger, token(now), duration_seconds=3601)
    assumed = assume(
        stranger, token(now), duration_seconds=900, policy=document(allow("iam:ListRoles"))
    )
    assert assumed.credentials.expiration == now + timedelta(minutes=15)
    limited = as_role(assumed, stranger)
    assert roles.list_roles(limited)
    with pytest.raises(AccessDenied):
        users.list_users(limited)


def test_the_roles_account_has_the_event_and_none_holds_the_token(
    app: Caller, stranger: Caller, now: datetime
):
    sent = token(now)
    assume(stranger, sent)
    event = Event.objects.get(account=app.home, action="sts:AssumeRoleWithWebIdentity")
    assert (event.outcome, event.resources) == ("success", [ROLE])
    assert event.parameters["subject"] == "frank@example.com"
    for each in Event.objects.filter(action="sts:AssumeRoleWithWebIdentity"):
        assert sent not in json.dumps(each.parameters)
