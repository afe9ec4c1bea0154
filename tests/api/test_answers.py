"""Every action's answer, against the shapes that AWS's own clients read answers by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import botocore.session
import pytest
from botocore.parsers import create_parser
from botocore.validate import ParamValidator

from accounts.actions import credential_report, mfa, outbound_federation, users
from accounts.actions.service_linked_roles import create_service_linked_role
from accounts.actions.sts_federation import AssumedWithSAML, AssumedWithWebIdentity
from accounts.actions.sts_roles import AssumedRoleUser
from accounts.caller import Caller
from accounts.sessions import Credentials
from iamconsole.answers import ANSWERS
from iamconsole.api import shapes
from tests.accounts.furnished import Home, furnish
from tests.cast import arn, new_administrator
from tests.operations import IAM_AND_STS


@lru_cache
def output(name: str) -> Any:
    """The shape of an operation's result, or nothing where it has none or one without members."""
    service, operation = name.split(":")
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(operation).output_shape
    return shape if shape is not None and shape.members else None


def without_nothing(value: Any) -> Any:
    """What a writer writes: members that are None are left out."""
    if isinstance(value, Mapping):
        return {key: without_nothing(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nothing(item) for item in value]
    return value


def in_seconds(value: Any) -> Any:
    """The same with times as they are on the wire, and words as plain text."""
    if isinstance(value, dict):
        return {str(key): in_seconds(item) for key, item in value.items()}
    if isinstance(value, list):
        return [in_seconds(item) for item in value]
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    return str(value) if isinstance(value, str) else value


def assign(home: Home) -> None:
    """Give carol the device."""
    given = home.arguments
    mfa.enable_mfa_device(
        home.root,
        user_name="carol",
        serial_number=given["serial_number"],
        authentication_code1=given["authentication_code1"],
        authentication_code2=given["authentication_code2"],
    )


def enable_tokens(home: Home) -> None:
    """Let the account give tokens."""
    outbound_federation.enable_outbound_web_identity_federation(home.root)


#: What must be there before an action has something to answer, beyond what is in every account.
BEFORE: dict[str, Callable[[Home], object]] = {
    "iam:GetCredentialReport": lambda home: credential_report.generate_credential_report(home.root),
    "iam:CreateLoginProfile": lambda home: users.create_user(home.root, user_name="newcomer"),
    "iam:DeleteServiceLinkedRole": lambda home: create_service_linked_role(
        home.root, aws_service_name="autoscaling.amazonaws.com"
    ),
    "iam:GetMFADevice": assign,
    "iam:GetOutboundWebIdentityFederationInfo": enable_tokens,
    "iam:ListMFADevices": assign,
    "sts:GetWebIdentityToken": enable_tokens,
}
#: Arguments that make an action succeed where those of the furnished account mean a refusal.
INSTEAD: dict[str, dict[str, Any]] = {
    "iam:CreateLoginProfile": {"user_name": "newcomer"},
    "iam:CreateInstanceProfile": {"instance_profile_name": "Another"},
    "iam:DeleteServiceLinkedRole": {"role_name": "AWSServiceRoleForAutoScaling"},
    "iam:UploadServerCertificate": {"server_certificate_name": "Another"},
}

_SESSION: dict[str, Any] = {
    "credentials": Credentials("ASIAEXAMPLE123456789", "secret", "token", datetime.now(UTC)),
    "assumed_role_user": AssumedRoleUser("AROAEXAMPLE:work", arn("assumed-role/Helper/work")),
    "packed_policy_size": 3,
    "source_identity": "carol",
    "audience": "https://signin.example.com/saml",
}
#: What comes back where a call takes what somebody else has signed.
MADE: dict[str, Any] = {
    "sts:AssumeRoleWithSAML": AssumedWithSAML(
        **_SESSION,
        subject="carol",
        subject_type="persistent",
        issuer="https://idp.example.com",
        name_qualifier="SbdGOnUkh1i4+EXAMPLExL/jEvs=",
    ),
    "sts:AssumeRoleWithWebIdentity": AssumedWithWebIdentity(
        **_SESSION,
        subject_from_web_identity_token="carol-at-home",
        provider="https://tokens.example.com",
    ),
    "sts:DecodeAuthorizationMessage": '{"allowed": false}',
}
#: AWS's model says 48 characters, and the fingerprints in its own documentation have 47.
NOT_EVEN_AWS_KEEPS = "Invalid length for parameter SSHPublicKey.Fingerprint, value: 47"

#: What only refuses: it has nothing to answer.
REFUSING = "accounts.actions.organizations"

ANSWERED = sorted(
    name
    for name, action in IAM_AND_STS.items()
    if output(name) is not None and action.function.__module__ != REFUSING
)


@pytest.fixture
def home(root: Caller) -> Home:
    return furnish(root)


def answered(name: str, home: Home) -> Any:
    """What the action answers in the furnished account."""
    if name in MADE:
        return without_nothing(ANSWERS[name](MADE[name]))
    if name in BEFORE:
        BEFORE[name](home)
    arguments = home.arguments_of(name) | INSTEAD.get(name, {})
    # The root user may not take on roles.
    caller = new_administrator(home.root.home, "chief") if name.startswith("sts:") else home.root
    return without_nothing(ANSWERS[name](IAM_AND_STS[name].run(caller, **arguments)))


def test_every_action_whose_operation_has_a_result_has_an_answer_and_no_other():
    assert sorted(ANSWERS.keys() & IAM_AND_STS.keys()) == ANSWERED


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_is_what_the_clients_of_aws_read(name, home):
    members = answered(name, home)
    report = ParamValidator().validate(members, output(name)).generate_report()
    assert not report or report.startswith(NOT_EVEN_AWS_KEEPS), report
    body = shapes.written(name, members, "the-request-id")
    read = create_parser("query").parse(
        {"status_code": 200, "headers": {}, "body": body}, output(name)
    )
    metadata = read.pop("ResponseMetadata")
    assert metadata["RequestId"] == "the-request-id"
    assert read == in_seconds(members)
