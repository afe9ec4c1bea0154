"""An account with one of each thing that an account can have, made by an operator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accounts import caller as callers
from accounts import instance
from accounts.actions import (
    access_keys,
    attachments,
    attempts,
    credential_report,
    groups,
    inline_policies,
    instance_profiles,
    last_accessed,
    lifecycle,
    login_profiles,
    mfa,
    oidc_providers,
    password_policy,
    policies,
    preferences,
    roles,
    root,
    saml_providers,
    server_certificates,
    service_credentials,
    signing_certificates,
    ssh_public_keys,
    users,
)
from accounts.caller import Caller
from accounts.models import (
    MFADevice,
)
from accounts.types import Tag
from tests.accounts import pems
from tests.accounts.saml_metadata import metadata
from tests.cast import ACCOUNT_ID, allow, document, trust

PASSWORD = "Root-1-password"


def make(operator: Caller, **changed: Any) -> lifecycle.NewAccount:
    wanted: dict[str, Any] = {
        "name": "Example",
        "root_email": "root@example.com",
        "account_id": ACCOUNT_ID,
        "alias": "example",
        "root_password": PASSWORD,
    }
    return lifecycle.create_account(operator, **(wanted | changed))


def everything(operator: Caller, *, suffix: str = "") -> lifecycle.NewAccount:
    """An account with one of each thing that an account can have."""
    number = "1" if not suffix else "7"
    made = make(
        operator,
        account_id=number * 12,
        alias=f"example{suffix}",
        root_email=f"root{suffix}@example.com",
        access_key=True,
    )
    chief = instance.root(made.account)
    carol = users.create_user(chief, user_name="carol", tags=[Tag("team", "dev")])
    login_profiles.create_login_profile(chief, user_name="carol", password=PASSWORD)
    access_keys.create_access_key(chief, user_name="carol")
    groups.create_group(chief, group_name="Devs")
    groups.add_user_to_group(chief, group_name="Devs", user_name="carol")
    text = document(allow("s3:*", "iam:GetUser"))
    limit = policies.create_policy(chief, policy_name="Limit", policy_document=text)
    attachments.attach_group_policy(chief, group_name="Devs", policy_arn=limit.arn)
    users.put_user_permissions_boundary(chief, user_name="carol", permissions_boundary=limit.arn)
    inline_policies.put_user_policy(
        chief, user_name="carol", policy_name="own", policy_document=text
    )
    roles.create_role(
        chief,
        role_name="Reader",
        assume_role_policy_document=trust(Service="ec2.amazonaws.com"),
        permissions_boundary=limit.arn,
    )
    instance_profiles.create_instance_profile(chief, instance_profile_name="Reader")
    instance_profiles.add_role_to_instance_profile(
        chief, instance_profile_name="Reader", role_name="Reader"
    )
    for owner, slot in ((carol, 1), (None, 1), (None, None)):
        device = mfa.create_virtual_mfa_device(
            chief, virtual_mfa_device_name=f"d{MFADevice.objects.count()}"
        )
        MFADevice.objects.filter(pk=device.pk).update(
            user=owner, slot=slot, is_root=owner is None and slot is not None
        )
    password_policy.update_account_password_policy(chief, minimum_password_length=12)
    oidc_providers.create_open_id_connect_provider(chief, url="https://tokens.example.com")
    federation = saml_providers.create_saml_provider(
        chief, name="Corp", saml_metadata_document=metadata()
    )
    federation.private_keys.create(
        account=made.account, slot=1, key_id="A" * 22 + suffix, sealed_key="", created_at=chief.now
    )
    ssh_public_keys.upload_ssh_public_key(chief, user_name="carol", ssh_public_key_body=pems.ssh())
    for owner_name in ("carol", None):
        signing_certificates.upload_signing_certificate(
            chief, user_name=owner_name, certificate_body=pems.identity().body
        )
    server_certificates.upload_server_certificate(
        chief,
        server_certificate_name="Web",
        certificate_body=pems.shared().body,
        private_key=pems.shared().key,
    )
    service_credentials.create_service_specific_credential(
        chief, user_name="carol", service_name="bedrock.amazonaws.com"
    )
    credential_report.generate_credential_report(chief)
    last_accessed.generate_service_last_accessed_details(chief, arn=carol.arn)
    users.get_user(
        callers.user(carol, face=chief.face, now=chief.now, request_id="carols"), user_name="carol"
    )
    attempts.sum_up(made.account)
    preferences.set_preference(chief, name="users", value={"size": 50})
    root.create_recovery_link(replace(operator, account=made.account))
    return made
