"""One of each resource over a real connection: made, read, and gone again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.accounts.pems import ssh
from tests.accounts.saml_metadata import metadata
from tests.api.clients import client, key_of
from tests.cast import ACCOUNT_ID, allow, document, trust

TEXT = document(allow("s3:GetObject"))
TAGS = [{"Key": "Größe +", "Value": "a=b/ü ß"}]


@pytest.fixture
def iam(live_server: Any, admin: Any) -> Any:
    """The administrator's client, who asks a server over a socket."""
    return client(key_of(admin), endpoint=live_server.url)


def test_one_of_each_resource_is_made_read_and_gone(iam):
    iam.create_user(UserName="ram", Tags=TAGS)
    iam.create_login_profile(UserName="ram", Password="Correct-h0rse-battery")
    key = iam.upload_ssh_public_key(UserName="ram", SSHPublicKeyBody=ssh())["SSHPublicKey"]
    policy = iam.create_policy(PolicyName="Own", PolicyDocument=TEXT, Tags=TAGS)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ram", PolicyArn=policy)
    iam.put_user_policy(UserName="ram", PolicyName="in", PolicyDocument=TEXT)
    iam.create_role(
        RoleName="r", AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"), Tags=TAGS
    )
    iam.create_instance_profile(InstanceProfileName="i")
    iam.add_role_to_instance_profile(InstanceProfileName="i", RoleName="r")
    issuer = iam.create_open_id_connect_provider(Url="https://tokens.example.com")
    corp = iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=metadata())
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]

    found = iam.get_account_authorization_details()
    (ram,) = (user for user in found["UserDetailList"] if user["UserName"] == "ram")
    assert ram["Tags"] == TAGS
    assert ram["UserPolicyList"][0]["PolicyDocument"] == json.loads(TEXT)
    (worker,) = found["RoleDetailList"]
    assert worker["InstanceProfileList"][0]["InstanceProfileName"] == "i"
    assert device["QRCodePNG"].startswith(b"\x89PNG")
    assert (
        iam.get_saml_provider(SAMLProviderArn=corp["SAMLProviderArn"])["SAMLMetadataDocument"]
        == metadata()
    )
    assert ACCOUNT_ID in issuer["OpenIDConnectProviderArn"]
    iam.generate_credential_report()
    assert b"\nram," in iam.get_credential_report()["Content"]

    iam.delete_virtual_mfa_device(SerialNumber=device["SerialNumber"])
    iam.delete_saml_provider(SAMLProviderArn=corp["SAMLProviderArn"])
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=issuer["OpenIDConnectProviderArn"])
    iam.remove_role_from_instance_profile(InstanceProfileName="i", RoleName="r")
    iam.delete_instance_profile(InstanceProfileName="i")
    iam.delete_role(RoleName="r")
    iam.delete_user_policy(UserName="ram", PolicyName="in")
    iam.detach_user_policy(UserName="ram", PolicyArn=policy)
    iam.delete_policy(PolicyArn=policy)
    iam.delete_ssh_public_key(UserName="ram", SSHPublicKeyId=key["SSHPublicKeyId"])
    iam.delete_login_profile(UserName="ram")
    iam.delete_user(UserName="ram")
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["Roles"], summary["Policies"], summary["Providers"]) == (
        1,
        0,
        0,
        0,
    )
