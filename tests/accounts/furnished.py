"""An account full of things, and the arguments that name them: what the matrix attacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyotp

from accounts.actions import (
    access_keys,
    groups,
    inline_policies,
    instance_profiles,
    last_accessed,
    login_profiles,
    mfa,
    oidc_providers,
    password_policy,
    policies,
    policy_versions,
    roles,
    saml_providers,
    server_certificates,
    service_credentials,
    service_linked_roles,
    signing_certificates,
    ssh_public_keys,
    users,
)
from accounts.actions.account import create_account_alias
from accounts.actions.registry import ACTIONS, CONSOLE_ONLY
from accounts.caller import Caller
from accounts.types import Tag
from tests.accounts import pems
from tests.accounts.saml_metadata import metadata
from tests.cast import allow, document, trust

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "Correct-h0rse-battery"
POLICY_DOCUMENT = document(allow("s3:GetObject"))
#: What is in the account and must never be seen outside of it.
MARK = "known-at-home-only"

#: Arguments that name something of the account which another account can't have.
FOREIGN = frozenset(
    {
        "access_key_id",
        "arn",
        "certificate_id",
        "deletion_task_id",
        "job_id",
        "open_id_connect_provider_arn",
        "permissions_boundary",
        "policy_arn",
        "policy_source_arn",
        "saml_provider_arn",
        "serial_number",
        "service_specific_credential_id",
        "ssh_public_key_id",
    }
)
#: Arguments that are left out, but for what the hostile hand in: they name nothing that is there.
NEVER_GIVEN = frozenset(
    {
        "add_private_key",
        "assertion_encryption_mode",
        "all_users",
        "caller_arn",
        "certificate_chain",
        "context_entries",
        "credential_age_days",
        "duration_seconds",
        "end_time",
        "event_category",
        "external_id",
        "lookup_attributes",
        "marker",
        "max_items",
        "max_results",
        "minimum_session_token_size",
        "next_token",
        "ordered_organization_policy_input_list",
        "path_prefix",
        "permissions_boundary_policy_input_list",
        "policy",
        "policy_arns",
        "policy_exclusion_list",
        "remove_private_key",
        "policy_usage_filter",
        "start_time",
        "provider_id",
        "provided_contexts",
        "resource_handling_option",
        "resource_owner",
        "resource_policy",
        "source_identity",
        "token_code",
        "transitive_tag_keys",
    }
)


@dataclass(frozen=True)
class Home:
    """An account full of things, and the arguments that name them."""

    root: Caller
    arguments: dict[str, Any]

    def arguments_of(self, action: str) -> dict[str, Any]:
        """A plausible value for each argument of an action."""
        names = set(ACTIONS[action].signature.parameters)
        names -= {"caller", "who", "prepared", *CONSOLE_ONLY.get(action, ()), *NEVER_GIVEN}
        unknown = names - set(self.arguments)
        assert not unknown, f"give {sorted(unknown)} of {action} a value in the table of this test"
        given = {name: self.arguments[name] for name in names}
        if action == "iam:UpdateAssumeRolePolicy":
            given["policy_document"] = trust(Service="ec2.amazonaws.com")
        if action in ("sts:AssumeRole", "sts:GetSessionToken"):
            # It goes with a code, which nobody has here.
            del given["serial_number"]
        if action.startswith("iam:Create"):
            # What is made is new; what it is made for is there.
            for name in ("user_name", "group_name", "role_name", "policy_name"):
                own = f"iam:Create{name.removesuffix('_name').capitalize()}"
                if name in given and action == own:
                    given[name] = "newcomer"
        return given


def furnish(root: Caller) -> Home:
    """Put one of each thing into root's account."""
    carol = users.create_user(root, user_name="carol", tags=[Tag("note", MARK)])
    login_profiles.create_login_profile(root, user_name="carol", password=PASSWORD)
    key = access_keys.create_access_key(root, user_name="carol").key
    groups.create_group(root, group_name="Devs")
    groups.add_user_to_group(root, group_name="Devs", user_name="carol")
    policy = policies.create_policy(
        root,
        policy_name="Own",
        policy_document=document(allow("s3:GetObject", Sid="KnownAtHomeOnly")),
        description=MARK,
        tags=[Tag("note", MARK)],
    )
    policy_versions.create_policy_version(
        root, policy_arn=policy.arn, policy_document=POLICY_DOCUMENT
    )
    roles.create_role(
        root,
        role_name="Reader",
        assume_role_policy_document=trust(Service="ec2.amazonaws.com"),
        description=MARK,
    )
    roles.create_role(
        root,
        role_name="Helper",
        assume_role_policy_document=trust(AWS=root.home.id).replace(
            '"sts:AssumeRole"', '["sts:AssumeRole", "sts:TagSession"]'
        ),
    )
    for put, name in (
        (inline_policies.put_user_policy, {"user_name": "carol"}),
        (inline_policies.put_group_policy, {"group_name": "Devs"}),
        (inline_policies.put_role_policy, {"role_name": "Reader"}),
    ):
        put(root, policy_name="Own", policy_document=POLICY_DOCUMENT, **name)
    instance_profiles.create_instance_profile(root, instance_profile_name="Reader")
    instance_profiles.add_role_to_instance_profile(
        root, instance_profile_name="Reader", role_name="Reader"
    )
    device = mfa.create_virtual_mfa_device(
        root, virtual_mfa_device_name="phone", seed=SEED, tags=[Tag("note", MARK)]
    )
    password_policy.update_account_password_policy(root, minimum_password_length=10)
    alias = f"example-{root.home.id[-1]}"
    create_account_alias(root, account_alias=alias)
    service_linked_roles.create_service_linked_role(root, aws_service_name="rds.amazonaws.com")
    deletion = service_linked_roles.delete_service_linked_role(
        root, role_name="AWSServiceRoleForRDS"
    )
    oidc = oidc_providers.create_open_id_connect_provider(
        root, url="https://tokens.example.com", client_id_list=[MARK], tags=[Tag("note", MARK)]
    )
    federation = saml_providers.create_saml_provider(
        root, name="Corp", saml_metadata_document=metadata(), tags=[Tag("note", MARK)]
    )
    job = last_accessed.generate_service_last_accessed_details(root, arn=carol.arn)
    ssh_key = ssh_public_keys.upload_ssh_public_key(
        root, user_name="carol", ssh_public_key_body=pems.ssh()
    )
    signing = signing_certificates.upload_signing_certificate(
        root, user_name="carol", certificate_body=pems.identity(MARK).body
    )
    server_certificates.upload_server_certificate(
        root,
        server_certificate_name="Web",
        certificate_body=pems.shared().body,
        private_key=pems.shared().key,
        certificate_chain=None,
        tags=[Tag("note", MARK)],
    )
    credential = service_credentials.create_service_specific_credential(
        root, user_name="carol", service_name="codecommit.amazonaws.com"
    ).credential
    codes = pyotp.TOTP(SEED)
    return Home(
        root,
        {
            "access_key_id": key.access_key_id,
            "action_names": ["s3:GetObject"],
            "account_alias": alias,
            "allow_users_to_change_password": False,
            "assignment_status": "Any",
            "assume_role_policy_document": trust(Service="ec2.amazonaws.com"),
            "audience": ["https://api.example.com"],
            "authentication_code1": codes.at(root.now.timestamp() - 30),
            "authentication_code2": codes.at(root.now),
            "certificate_body": pems.shared().body,
            "certificate_id": signing.certificate_id,
            "client_id": "audience",
            "client_id_list": ["audience"],
            "arn": carol.arn,
            "aws_service_name": "autoscaling.amazonaws.com",
            "custom_suffix": "blue",
            "deletion_task_id": deletion,
            "description": "a description",
            "encoded_message": "bm90aGluZw==",
            "encoding": "PEM",
            "entity_filter": "User",
            "filter": ["User", "LocalManagedPolicy"],
            "global_endpoint_token_version": "v2Token",
            "group_name": "Devs",
            "granularity": "ACTION_LEVEL",
            "hard_expiry": False,
            "instance_profile_name": "Reader",
            "job_id": job,
            "max_password_age": 90,
            "max_session_duration": 7200,
            "minimum_password_length": 8,
            "name": "Partner",
            "new_group_name": "Renamed",
            "new_password": PASSWORD + "-2",
            "new_path": "/moved/",
            "new_server_certificate_name": "renamed",
            "new_user_name": "renamed",
            "old_password": PASSWORD,
            "only_attached": False,
            "open_id_connect_provider_arn": oidc.arn,
            "password": PASSWORD + "-3",
            "password_reset_required": False,
            "password_reuse_prevention": 3,
            "path": "/",
            "permissions_boundary": policy.arn,
            "policy_arn": policy.arn,
            "policy_document": POLICY_DOCUMENT,
            "policy_input_list": [POLICY_DOCUMENT],
            "policy_name": "Own",
            "policy_source_arn": carol.arn,
            "principal_arn": federation.arn,
            "private_key": pems.shared().key,
            "require_lowercase_characters": False,
            "require_numbers": False,
            "require_symbols": False,
            "require_uppercase_characters": False,
            "resource_arns": ["*"],
            "role_arn": f"arn:aws:iam::{root.home.id}:role/Helper",
            "role_name": "Reader",
            "role_session_name": "session",
            "saml_assertion": "bm90aGluZw==",
            "saml_metadata_document": metadata(),
            "saml_provider_arn": federation.arn,
            "scope": "Local",
            "serial_number": device.serial_number,
            "server_certificate_name": "Web",
            "service_name": "codecommit.amazonaws.com",
            "service_namespace": "s3",
            "service_namespaces": ["s3"],
            "service_specific_credential_id": credential.credential_id,
            "set_as_default": True,
            "signing_algorithm": "ES384",
            "ssh_public_key_body": pems.ssh(pems.rsa_key(number=2)),
            "ssh_public_key_id": ssh_key.key_id,
            "status": "Inactive",
            "tag_keys": ["note"],
            "tags": [Tag("note", "overwritten")],
            "thumbprint_list": ["a" * 40],
            "url": "https://partner.example.com",
            "user_name": "carol",
            "version_id": "v1",
            "virtual_mfa_device_name": "tablet",
            "web_identity_token": "not.a.token",
        },
    )
