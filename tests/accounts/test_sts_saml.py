"""Taking on a role with a SAML assertion: whose assertions count, and what they make of one."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts import caller as callers
from accounts.actions import inline_policies, roles, saml_providers, users
from accounts.arns import Resource
from accounts.caller import Caller, CallerKind, Face
from accounts.context import of_call
from accounts.errors import (
    AccessDenied,
    IDPRejectedClaim,
    InvalidIdentityToken,
    TokenExpired,
    ValidationError,
)
from accounts.models import Account, Event
from tests.accounts.asserting import (
    OURS,
    PROVIDER,
    RECIPIENT,
    ROLE,
    assertion,
    assume,
    encoded,
    encrypted,
    genuine,
    register,
    response,
    signed,
    signer,
)
from tests.accounts.assuming import as_role, new_role
from tests.accounts.pems import key_pem, rsa_key
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID, allow, arn, document, trust

TAGGED = {
    f"{OURS}PrincipalTag:team": ["red"],
    f"{OURS}PrincipalTag:level": ["1"],
    f"{OURS}TransitiveTagKeys": ["team"],
    f"{OURS}SourceIdentity": ["frank@example.com"],
}


def trusting(*actions: str, **condition: Any) -> str:
    """A trust policy that lets the provider's people in."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": ["sts:AssumeRoleWithSAML", *actions],
        "Condition": {"StringEquals": {"SAML:aud": RECIPIENT, **condition}},
    }
    return document(statement)


@pytest.fixture
def stranger(now: datetime) -> Caller:
    """Somebody who brings an assertion and nothing else."""
    return callers.anonymous(None, face=Face.API, now=now, request_id="r")


@pytest.fixture
def corp(root: Caller) -> Caller:
    """root, of an account with the provider and a role that trusts it."""
    register(root)
    new_role(root, trusting("sts:TagSession", "sts:SetSourceIdentity"))
    inline_policies.put_role_policy(
        root, role_name="reader", policy_name="more", policy_document=document(allow("iam:*"))
    )
    return root


def test_an_assertion_of_a_registered_provider_gives_a_session_of_the_role(
    corp: Caller, stranger: Caller, now: datetime
):
    assumed = assume(stranger, genuine(now))
    assert (assumed.subject, assumed.subject_type) == ("frank", "persistent")
    assert (assumed.issuer, assumed.audience) == ("https://idp.example.com/", RECIPIENT)
    text = f"https://idp.example.com/{ACCOUNT_ID}/Corp"
    digest = hashlib.sha1(text.encode()).digest()  # noqa: S324 - AWS's own
    assert assumed.name_qualifier == base64.b64encode(digest).decode()
    assert assumed.credentials.expiration == now + timedelta(hours=1)
    acting = as_role(assumed, stranger)
    assert acting.arn == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/reader/frank"
    assert (acting.kind, acting.home.id) == (CallerKind.ROLE, ACCOUNT_ID)
    assert users.list_users(acting)


def test_a_signed_response_counts_as_well_as_a_signed_assertion(
    corp: Caller, stranger: Caller, now: datetime
):
    for xml in (
        signed(response(assertion(now))),
        signed(response(signed(assertion(now)))),
        response(signed(assertion(now))),
    ):
        assert assume(stranger, encoded(xml)).subject == "frank"


def test_who_signs_the_call_does_not_matter(corp: Caller, eve: Caller, alice: Caller, now: Any):
    for caller in (eve, alice, corp):
        assert assume(caller, genuine(now)).subject == "frank"
    with pytest.raises(AccessDenied, match=r"^Not authorized to perform sts:AssumeRoleWithSAML$"):
        assume(corp, genuine(now, attributes={f"{OURS}Role": [f"{arn('role/x')},{PROVIDER}"]}))


# --- What is not genuine -------------------------------------------------------------------------


def forged(now: datetime) -> dict[str, str]:
    """Responses that prove nothing, by what is wrong with them."""
    good = signed(assertion(now))
    evil = assertion(now, subject="root", id="_evil")
    signature = good[good.index("<ds:Signature") : good.index("</ds:Signature>") + 15]
    stripped = good.replace(signature, "")
    tampered = good.replace(">frank<", ">admin<")
    by_other = signed(assertion(now), signer(2))
    doctype = '<!DOCTYPE r [<!ENTITY who "root">]>'
    return {
        "no signature": response(assertion(now)),
        "signature taken off": response(stripped),
        "another's key": response(by_other),
        "another's key, ours as certificate": response(
            by_other.replace(by_other[by_other.index("<ds:KeyInfo") :
                                      by_other.index("</ds:KeyInfo>") + 13], "")
        ),
        "changed after signing": response(tampered),
        "two assertions": response(good + evil),
        "the evil one first": response(evil + good),
        "wrapped around": response(evil.replace("</a:Assertion>", f"{good}</a:Assertion>")),
        "with the signature of the good one": response(
            evil.replace("<a:Subject>", f"{signature}<a:Subject>", 1)
        ),
        "the good one inside, its signature outside": response(
            evil.replace("<a:Subject>", f"{signature}<a:Subject>", 1).replace(
                "</a:Assertion>", f"<a:Advice>{stripped}</a:Advice></a:Assertion>"
            )
        ),
        "a document type": doctype + response(good),
        "SHA-1": response(signed(assertion(now), sha1=True)),
        "no assertion": response(""),
        "an encrypted one": response("<a:EncryptedAssertion/>"),
        "an assertion alone": good,
        "no XML": "hello",
        "a bomb": doctype.replace('"root"', '"' + "&who;" * 50 + '"') + response(good),
    }  # fmt: skip


def test_nothing_but_what_the_provider_signed_is_believed(
    corp: Caller, stranger: Caller, now: datetime, subtests: pytest.Subtests
):
    for what, xml in forged(now).items():
        with subtests.test(what), pytest.raises(InvalidIdentityToken):
            assume(stranger, encoded(xml))
    for text in ("!!!!", "aGVsbG8", "AAAA" * 1000, base64.b64encode(b"\xff" * 40).decode()):
        with subtests.test(text[:20]), pytest.raises(InvalidIdentityToken):
            assume(stranger, text)


def test_a_comment_in_a_name_does_not_cut_it_short(corp: Caller, stranger: Caller, now: datetime):
    """admin@example.com.evil.org, with a comment put in after .com once it is signed."""
    good = signed(assertion(now, subject="admin@example.com.evil.org"))
    cut = good.replace("example.com.evil", "example.com<!-- -->.evil")
    assert assume(stranger, encoded(response(cut))).subject == "admin@example.com.evil.org"


@pytest.mark.parametrize(
    ("other", "error", "words"),
    [
        ({"issuer": "https://other.example.com/"}, InvalidIdentityToken, "Issuer not present"),
        ({"recipient": "https://evil.example.com/saml"}, InvalidIdentityToken, "Recipient"),
        ({"recipient": "https://signin.aws.amazon.com/saml.x"}, InvalidIdentityToken, "Recipient"),
        ({"audience": "https://other.example.com"}, InvalidIdentityToken, "audience"),
        (
            {"method": "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"},
            InvalidIdentityToken,
            "No bearer",
        ),
        ({"subject": " "}, InvalidIdentityToken, "subject"),
        ({"issued": -301}, TokenExpired, "5 minutes"),
        ({"issued": 301}, InvalidIdentityToken, "future"),
        ({"ends": 0}, TokenExpired, "over"),
        ({"confirmed_until": 0}, TokenExpired, "over"),
        ({"begins": 301}, InvalidIdentityToken, "not valid yet"),
        ({"session_ends": 0}, TokenExpired, "session is over"),
        ({"attributes": {f"{OURS}RoleSessionName": []}}, InvalidIdentityToken, "RoleSessionName"),
        ({"attributes": {f"{OURS}RoleSessionName": ["a", "b"]}}, InvalidIdentityToken, "one value"),
        ({"attributes": {f"{OURS}RoleSessionName": ["a b"]}}, ValidationError, "roleSessionName"),
        ({"attributes": {f"{OURS}Role": []}}, AccessDenied, "Not authorized to perform"),
        ({"attributes": {f"{OURS}Role": [ROLE]}}, AccessDenied, "Not authorized to perform"),
    ],
)
def test_an_assertion_must_say_what_aws_asks_for(
    corp: Caller, stranger: Caller, now: datetime, other: Any, error: Any, words: str
):
    moved = {
        key: now + timedelta(seconds=value) if isinstance(value, int) else value
        for key, value in other.items()
    }
    with pytest.raises(error, match=words):
        assume(stranger, genuine(now, **moved))


def test_a_provider_that_refused_to_sign_in_is_told_apart(
    corp: Caller, stranger: Caller, now: datetime
):
    with pytest.raises(IDPRejectedClaim):
        assume(stranger, encoded(response(signed(assertion(now)), status="Requester")))


def test_an_assertion_is_good_for_five_minutes(corp: Caller, stranger: Caller, now: datetime):
    sent = genuine(now, ends=now + timedelta(hours=1), confirmed_until=now + timedelta(hours=1))
    assert assume(replace(stranger, now=now + timedelta(seconds=299)), sent)
    with pytest.raises(TokenExpired):
        assume(replace(stranger, now=now + timedelta(seconds=300)), sent)


def test_any_certificate_of_the_metadata_will_do_and_none_that_was_taken_out(
    corp: Caller, stranger: Caller, now: datetime
):
    from_new = encoded(response(signed(assertion(now), signer(2))))
    corp.home.saml_providers.all().delete()
    register(corp, signer(1), signer(2))
    assert assume(stranger, from_new)
    assert assume(stranger, genuine(now))
    corp.home.saml_providers.all().delete()
    register(corp, signer(2))
    assert assume(stranger, from_new)
    with pytest.raises(InvalidIdentityToken, match="signature"):
        assume(stranger, genuine(now))


def test_a_provider_must_be_of_the_roles_account_and_still_there(
    corp: Caller, stranger: Caller, now: datetime, other: Account
):
    theirs = arn("saml-provider/Corp", OTHER_ACCOUNT_ID)
    register(callers.root(other, face=Face.API, now=now, request_id="r"))
    for wrong in (theirs, arn("saml-provider/corp"), arn("saml-provider/Missing"), ROLE):
        with pytest.raises(InvalidIdentityToken, match="Specified provider doesn't exist"):
            assume(stranger, genuine(now), principal_arn=wrong)
    saml_providers.delete_saml_provider(corp, saml_provider_arn=PROVIDER)
    with pytest.raises(InvalidIdentityToken, match="Specified provider doesn't exist"):
        assume(stranger, genuine(now))


# --- Encrypted assertions ------------------------------------------------------------------------


@pytest.fixture
def opening(corp: Caller) -> Any:
    """The public half of a private key that the provider has."""
    saml_providers.update_saml_provider(
        corp,
        saml_provider_arn=PROVIDER,
        assertion_encryption_mode="Allowed",
        add_private_key=key_pem(rsa_key(number=3)),
    )
    return rsa_key(number=3).public_key()


def test_an_encrypted_assertion_counts_where_it_or_the_response_is_signed(
    corp: Caller, stranger: Caller, now: datetime, opening: Any
):
    for xml in (
        response(encrypted(signed(assertion(now)), opening)),
        signed(response(encrypted(assertion(now), opening))),
    ):
        assert assume(stranger, encoded(xml)).subject == "frank"
    assert assume(stranger, genuine(now)), "a plain one is allowed as well"


def test_where_encryption_is_required_a_plain_assertion_does_not_count(
    corp: Caller, stranger: Caller, now: datetime, opening: Any
):
    saml_providers.update_saml_provider(
        corp, saml_provider_arn=PROVIDER, assertion_encryption_mode="Required"
    )
    with pytest.raises(InvalidIdentityToken, match="must be encrypted"):
        assume(stranger, genuine(now))
    assert assume(stranger, encoded(response(encrypted(signed(assertion(now)), opening))))


def test_who_encrypts_proves_nothing_and_what_does_not_open_is_refused_alike(
    corp: Caller, stranger: Caller, now: datetime, opening: Any
):
    good = signed(assertion(now))
    sealed = encrypted(good, opening)
    at = sealed.rindex("<e:CipherValue>") + 40
    changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
    unopened = "does not open with any private key"
    for xml, words in (
        (encrypted(assertion(now), opening), "signature"),
        (encrypted(signed(assertion(now), signer(2)), opening), "signature"),
        (encrypted(response(good), opening), "no assertion"),
        (encrypted("hello", opening), "no plain XML"),
        (sealed + good, "one assertion"),
        (sealed + sealed, "one assertion"),
        (encrypted(good, rsa_key(number=2).public_key()), unopened),
        (changed, unopened),
        ("<a:EncryptedAssertion/>", unopened),
        (encrypted(good, opening, cipher="http://www.w3.org/2001/04/xmlenc#aes256-cbc"), "GCM"),
        (encrypted(good, opening, wrap="http://www.w3.org/2001/04/xmlenc#rsa-1_5"), "OAEP"),
    ):
        with pytest.raises(InvalidIdentityToken, match=words):
            assume(stranger, encoded(response(xml)))


# --- The trust policy ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        trust(AWS=ACCOUNT_ID),
        trusting().replace(PROVIDER, arn("saml-provider/Other")),
        trusting().replace(RECIPIENT, "https://eu-west-1.signin.aws.amazon.com/saml"),
        trusting(**{"saml:sub": "grace"}),
        trusting().replace("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"),
    ],
)
def test_the_trust_policy_must_let_the_provider_in(
    corp: Caller, stranger: Caller, now: datetime, text: str
):
    roles.update_assume_role_policy(corp, role_name="reader", policy_document=text)
    with pytest.raises(AccessDenied) as refused:
        assume(stranger, genuine(now))
    assert refused.value.message == "Not authorized to perform sts:AssumeRoleWithSAML"


def test_whether_there_is_such_a_role_is_not_told(corp: Caller, stranger: Caller, now: datetime):
    missing = arn("role/missing")
    offered = {f"{OURS}Role": [f"{missing},{PROVIDER}"]}
    with pytest.raises(AccessDenied) as refused:
        assume(stranger, genuine(now, attributes=offered), missing)
    assert refused.value.message == "Not authorized to perform sts:AssumeRoleWithSAML"


def test_the_trust_policy_can_ask_who_somebody_is(corp: Caller, stranger: Caller, now: datetime):
    condition = {
        "saml:sub": "frank",
        "saml:sub_type": "persistent",
        "saml:iss": "https://idp.example.com/",
        "saml:doc": f"{ACCOUNT_ID}/Corp",
        "saml:mail": "frank@example.com",
        "sts:RoleSessionName": "frank",
        "sts:SourceIdentity": "frank@example.com",
        "aws:RequestTag/team": "red",
    }
    text = trusting("sts:TagSession", "sts:SetSourceIdentity", **condition)
    roles.update_assume_role_policy(corp, role_name="reader", policy_document=text)
    mail = {"urn:oid:0.9.2342.19200300.100.1.3": ["frank@example.com"]}
    assert assume(stranger, genuine(now, attributes=TAGGED | mail))
    for left_out in (mail, TAGGED):
        with pytest.raises(AccessDenied):
            assume(stranger, genuine(now, attributes=left_out))


@pytest.mark.parametrize("missing", ["sts:TagSession", "sts:SetSourceIdentity"])
def test_tags_and_source_identity_take_a_permission_of_their_own(
    corp: Caller, stranger: Caller, now: datetime, missing: str
):
    both = {"sts:TagSession", "sts:SetSourceIdentity"}
    text = trusting(*(both - {missing}))
    roles.update_assume_role_policy(corp, role_name="reader", policy_document=text)
    with pytest.raises(AccessDenied, match=f"Not authorized to perform {missing}"):
        assume(stranger, genuine(now, attributes=TAGGED))


# --- The session ---------------------------------------------------------------------------------


def test_policies_see_provider_subject_tags_and_source_identity_for_the_whole_session(
    corp: Caller, stranger: Caller, now: datetime
):
    acting = as_role(assume(stranger, genuine(now, attributes=TAGGED)), stranger)
    found = of_call(acting, "s3:GetObject", Resource("*", ACCOUNT_ID), {})
    assert found["aws:FederatedProvider"] == PROVIDER
    assert (found["saml:sub"], found["saml:sub_type"]) == ("frank", "persistent")
    assert "saml:namequalifier" in found
    assert "saml:aud" not in found
    assert (found["aws:PrincipalTag/team"], found["aws:PrincipalTag/level"]) == ("red", "1")
    assert found["aws:SourceIdentity"] == "frank@example.com"
    assert found["aws:MultiFactorAuthPresent"] == "false"
    assert found["aws:userid"] == acting.unique_id
    assert acting.unique_id.endswith(":frank")
    assert acting.session is not None
    assert acting.session.transitive == ("team",)


def test_a_session_ends_with_the_providers_own_and_lasts_as_the_role_allows_at_most(
    corp: Caller, stranger: Caller, now: datetime
):
    early = genuine(now, session_ends=now + timedelta(minutes=20))
    assert assume(stranger, early).credentials.expiration == now + timedelta(minutes=20)
    late = genuine(now, session_ends=now + timedelta(hours=8))
    assert assume(stranger, late).credentials.expiration == now + timedelta(hours=1)
    with pytest.raises(ValidationError, match="MaxSessionDuration"):
        assume(stranger, late, duration_seconds=3601)
    short = assume(stranger, late, duration_seconds=900)
    assert short.credentials.expiration == now + timedelta(minutes=15)


def test_a_session_policy_limits_it(corp: Caller, stranger: Caller, now: datetime):
    assumed = assume(stranger, genuine(now), policy=document(allow("iam:ListRoles")))
    limited = as_role(assumed, stranger)
    assert roles.list_roles(limited)
    with pytest.raises(AccessDenied):
        users.list_users(limited)


def test_the_roles_account_has_the_event_and_none_holds_the_assertion(
    corp: Caller, stranger: Caller, now: datetime
):
    assume(stranger, genuine(now))
    event = Event.objects.get(account=corp.home, action="sts:AssumeRoleWithSAML")
    assert (event.outcome, event.resources) == ("success", [ROLE])
    assert event.parameters["subject"] == "frank"
    assert event.parameters["principal_arn"] == PROVIDER
    call = Event.objects.get(account=None, action="sts:AssumeRoleWithSAML")
    assert call.parameters["saml_assertion"] == "***"
