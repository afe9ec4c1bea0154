"""What holds for every action there is, asked of each: who is refused, and what that leaves."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from accounts import caller as callers
from accounts.actions import (
    access_keys,
    groups,
    inline_policies,
    instance_profiles,
    mfa,
    policies,
    roles,
    server_certificates,
    service_credentials,
    signing_certificates,
    ssh_public_keys,
    users,
)
from accounts.authorize import ALWAYS_ALLOWED, WITHOUT_CREDENTIALS
from accounts.caller import Caller, Face
from accounts.errors import AccessDenied, InvalidIdentityToken, ServiceError, ServiceFailure
from accounts.models import (
    AccessKey,
    Account,
    Event,
    ServiceCredential,
    SigningCertificate,
    SSHPublicKey,
)
from accounts.types import Tag
from tests.accounts import pems
from tests.accounts.saml_metadata import metadata
from tests.cast import allow, arn, deny, document, trust
from tests.operations import OF_ACCOUNTS

EVERY_ACTION = pytest.mark.parametrize("name", sorted(OF_ACCOUNTS))

#: One good value for every argument, so that each action would do something to what is there.
GOOD: dict[str, Any] = {
    "aws_service_name": "autoscaling.amazonaws.com",
    "custom_suffix": "blue",
    "deletion_task_id": "task/aws-service-role/rds.amazonaws.com/x/1",
    "arn": arn("user/ram"),
    "client_id": "audience",
    "job_id": "11111111-2222-4333-8444-555555555555",
    "name": "corp",
    "open_id_connect_provider_arn": arn("oidc-provider/tokens.example.com"),
    "saml_assertion": "bm90aGluZw==",
    "saml_metadata_document": metadata(),
    "saml_provider_arn": arn("saml-provider/corp"),
    "service_namespace": "s3",
    "service_namespaces": ["s3"],
    "thumbprint_list": ["a" * 40],
    "url": "https://tokens.example.com",
    "access_key_id": "",  # put in when the key is there
    "account_alias": "example",
    "action_names": ["s3:GetObject"],
    "assume_role_policy_document": trust(Service="ec2.amazonaws.com"),
    "audience": ["https://api.example.com"],
    "authentication_code1": "123456",
    "authentication_code2": "654321",
    "certificate_body": pems.shared().body,
    "certificate_id": "",  # as above
    "description": "changed",
    "encoded_message": "bm90aGluZw==",
    "encoding": "PEM",
    "global_endpoint_token_version": "v2Token",
    "group_name": "dev",
    "instance_profile_name": "web",
    "max_session_duration": 7200,
    "new_password": "Another-Password-1",
    "new_path": "/moved/",
    "old_password": "The-Password-1",
    "password": "The-Password-1",
    "permissions_boundary": arn("policy/own"),
    "policy_arn": arn("policy/own"),
    "policy_document": document(allow("s3:*")),
    "policy_input_list": [document(allow("s3:*"))],
    "policy_name": "own",
    "policy_source_arn": arn("user/ram"),
    "principal_arn": arn("saml-provider/corp"),
    "private_key": pems.shared().key,
    "role_arn": arn("role/worker"),
    "role_name": "worker",
    "role_session_name": "session",
    "serial_number": arn("mfa/phone"),
    "server_certificate_name": "web",
    "service_name": "codecommit.amazonaws.com",
    "service_specific_credential_id": "",  # as above
    "signing_algorithm": "ES384",
    "ssh_public_key_body": pems.ssh(pems.rsa_key(number=2)),
    "ssh_public_key_id": "",  # as above
    "status": "Inactive",
    "tag_keys": ["team"],
    "tags": [Tag("team", "changed")],
    "user_name": "ram",
    "version_id": "v1",
    "virtual_mfa_device_name": "phone",
    "web_identity_token": "not.a.token",
}


#: Arguments whose value is drawn at random, and where it stands then.
DRAWN: tuple[tuple[str, Any, str], ...] = (
    ("access_key_id", AccessKey, "access_key_id"),
    ("certificate_id", SigningCertificate, "certificate_id"),
    ("service_specific_credential_id", ServiceCredential, "credential_id"),
    ("ssh_public_key_id", SSHPublicKey, "key_id"),
)


@pytest.fixture
def full(root: Caller) -> Account:
    """An account with one thing of each kind, under the names of GOOD."""
    text = document(allow("s3:GetObject"))
    tags = [Tag("team", "dev")]
    users.create_user(root, user_name="ram", tags=tags)
    groups.create_group(root, group_name="dev")
    groups.add_user_to_group(root, group_name="dev", user_name="ram")
    roles.create_role(
        root,
        role_name="worker",
        assume_role_policy_document=trust(Service="ec2.amazonaws.com"),
        tags=tags,
    )
    policies.create_policy(root, policy_name="own", policy_document=text, tags=tags)
    instance_profiles.create_instance_profile(root, instance_profile_name="web", tags=tags)
    inline_policies.put_user_policy(root, user_name="ram", policy_name="own", policy_document=text)
    access_keys.create_access_key(root, user_name="ram")
    mfa.create_virtual_mfa_device(root, virtual_mfa_device_name="phone")
    ssh_public_keys.upload_ssh_public_key(root, user_name="ram", ssh_public_key_body=pems.ssh())
    signing_certificates.upload_signing_certificate(
        root, user_name="ram", certificate_body=pems.shared().body
    )
    server_certificates.upload_server_certificate(
        root,
        server_certificate_name="web",
        certificate_body=pems.shared().body,
        private_key=pems.shared().key,
    )
    service_credentials.create_service_specific_credential(
        root, user_name="ram", service_name="codecommit.amazonaws.com"
    )
    return root.home


def arguments(name: str) -> dict[str, Any]:
    """Good values for what the action takes; a thing is not given its own name anew."""
    taken = list(OF_ACCOUNTS[name].signature.parameters)[1:]
    found = {argument: GOOD[argument] for argument in taken if argument in GOOD}
    if name in ("sts:AssumeRole", "sts:GetSessionToken"):
        del found["serial_number"]  # it goes with a code, which nobody has here
    for argument, model, column in DRAWN:
        if argument in found:
            found[argument] = getattr(model.objects.get(), column)
    return found


def everything(account_id: str) -> dict[str, list[Any]]:
    """All rows of an account but its record, whose head is in the account's own row."""
    own = Account.objects.filter(pk=account_id).values("alias", "policy_epoch")
    found: dict[str, list[Any]] = {"account": list(own)}
    for model in apps.get_app_config("accounts").get_models():
        fields = {field.name for field in model._meta.get_fields()}
        if model is not Event and "account" in fields:
            rows = model._default_manager.filter(account=account_id)
            found[model.__name__] = list(rows.order_by("pk").values())
    return found


def test_every_required_argument_has_a_good_value_here():
    for operation in OF_ACCOUNTS.values():
        for argument in list(operation.signature.parameters.values())[1:]:
            if argument.default is argument.empty:
                assert argument.name in GOOD, f"{operation.name} {argument.name}"


def test_whoever_has_no_permission_is_denied_and_changes_nothing_but_leaves_an_event(full, alice):
    before = everything(full.pk)
    asking = sorted(OF_ACCOUNTS.keys() - ALWAYS_ALLOWED - WITHOUT_CREDENTIALS)
    for number, name in enumerate(asking, start=Event.objects.count() + 1):
        with pytest.raises(AccessDenied) as refusal:
            OF_ACCOUNTS[name].run(alice, **arguments(name))
        assert refusal.value.message.startswith(
            f"User: {alice.arn} is not authorized to perform: {name} on resource: "
        )
        assert everything(full.pk) == before, name
        event = Event.objects.get(sequence=number)
        assert (event.action, event.outcome, event.error_code) == (name, "denied", "AccessDenied")


def test_whoever_gave_no_credentials_is_denied(full, now):
    stranger = callers.anonymous(full, face=Face.API, now=now, request_id="nobody")
    before = everything(full.pk)
    for name in sorted(OF_ACCOUNTS):
        # Where a token is the proof, it is the token that is refused.
        refusal = InvalidIdentityToken if name in WITHOUT_CREDENTIALS else AccessDenied
        with pytest.raises(refusal):
            OF_ACCOUNTS[name].run(stranger, **arguments(name))
        assert everything(full.pk) == before, name


def test_the_administrator_of_another_account_changes_nothing_here(full, eve):
    before = everything(full.pk)
    for name in sorted(OF_ACCOUNTS):
        run_unless_refused(name, eve)
        assert everything(full.pk) == before, name
    assert not Event.objects.filter(account=full, principal_arn=eve.arn).exists()


@EVERY_ACTION
def test_a_good_call_of_an_administrator_never_crashes(name, full, admin):
    run_unless_refused(name, admin)
    assert Event.objects.filter(account=full).latest("sequence").action == name


@pytest.mark.parametrize(
    ("create", "tag"),
    [
        ("iam:CreateUser", "iam:TagUser"),
        ("iam:CreateRole", "iam:TagRole"),
        ("iam:CreatePolicy", "iam:TagPolicy"),
        ("iam:CreateInstanceProfile", "iam:TagInstanceProfile"),
        ("iam:CreateVirtualMFADevice", "iam:TagMFADevice"),
        ("iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"),
        ("iam:CreateSAMLProvider", "iam:TagSAMLProvider"),
        ("iam:UploadServerCertificate", "iam:TagServerCertificate"),
    ],
)
def test_whoever_may_not_tag_makes_nothing_with_tags(account, caller_with, create, tag):
    given = arguments(create) | {"permissions_boundary": None}
    given = {name: value for name, value in given.items() if value is not None}
    kept_from = caller_with(allow("iam:*"), deny(tag))
    before = everything(account.pk)
    with pytest.raises(AccessDenied, match=f"{tag} on resource: "):
        OF_ACCOUNTS[create].run(kept_from, **given)
    assert everything(account.pk) == before
    OF_ACCOUNTS[create].run(kept_from, **given | {"tags": []})
    assert everything(account.pk) != before


def run_unless_refused(name: str, caller: Caller) -> None:
    """Call an action; a refusal is an answer, a crash is not."""
    try:
        OF_ACCOUNTS[name].run(caller, **arguments(name))
    except ServiceFailure:
        raise
    except ServiceError:
        pass
