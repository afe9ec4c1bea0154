"""The demo account of a first start: somebody for every story of the README.

It is made by the same actions as everything else, so its history reads like a real one.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts import instance, passwords
from accounts.actions import (
    attachments,
    groups,
    instance_profiles,
    lifecycle,
    login_profiles,
    policies,
    roles,
    users,
)
from accounts.caller import Caller
from accounts.models import Account

NAME = "Example Corp"
ALIAS = "example-corp"
ROOT_EMAIL = "root@example.com"
_AWS = "arn:aws:iam::aws:policy/"

ADMINISTRATORS = "Administrators"
#: Group, its policies, its members.
GROUPS = (
    (ADMINISTRATORS, ("AdministratorAccess",), ("sita", "gita")),
    ("Developers", ("PowerUserAccess", "IAMReadOnlyAccess"), ("ram", "shyam")),
    ("Auditors", ("SecurityAudit",), ("mira",)),
)
#: What everybody in a group but the administrators gets: the care of one's own credentials. After
#: "AWS: Allows IAM users to manage their own credentials" in the IAM User Guide.
OWN_CREDENTIALS = "ManageOwnCredentials"
OWN_CREDENTIALS_DOCUMENT = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ViewAccount",
      "Effect": "Allow",
      "Action": ["iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"],
      "Resource": "*"
    },
    {
      "Sid": "ManageOwnPasswordKeysAndMFA",
      "Effect": "Allow",
      "Action": [
        "iam:ChangePassword",
        "iam:GetUser",
        "iam:GetLoginProfile",
        "iam:CreateAccessKey",
        "iam:DeleteAccessKey",
        "iam:ListAccessKeys",
        "iam:UpdateAccessKey",
        "iam:GetAccessKeyLastUsed",
        "iam:DeactivateMFADevice",
        "iam:EnableMFADevice",
        "iam:GetMFADevice",
        "iam:ListMFADevices",
        "iam:ResyncMFADevice"
      ],
      "Resource": "arn:aws:iam::*:user/${aws:username}"
    },
    {
      "Sid": "ManageOwnVirtualDevice",
      "Effect": "Allow",
      "Action": ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"],
      "Resource": "arn:aws:iam::*:mfa/*"
    }
  ]
}
"""
#: Whoever signs in for the first time, and must choose a password then.
NEWCOMER = "newbie"
_EC2_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)
ROLE = "S3ReadOnlyForEC2"


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo account and the passwords that are shown once: by user name, root's apart."""

    account: Account
    root_password: str
    passwords: dict[str, str]


def create() -> Demo:
    """Make the demo account."""
    made = lifecycle.create_account(
        instance.operator(), name=NAME, root_email=ROOT_EMAIL, alias=ALIAS
    )
    root = instance.root(made.account)
    own_credentials = policies.create_policy(
        root,
        policy_name=OWN_CREDENTIALS,
        policy_document=OWN_CREDENTIALS_DOCUMENT,
        description="Everybody's own password, access keys and MFA devices.",
    )
    shown = {}
    for group, attached, members in GROUPS:
        groups.create_group(root, group_name=group)
        for policy in attached:
            attachments.attach_group_policy(root, group_name=group, policy_arn=_AWS + policy)
        if group != ADMINISTRATORS:
            attachments.attach_group_policy(root, group_name=group, policy_arn=own_credentials.arn)
        for member in members:
            shown[member] = _create_user(root, member)
            groups.add_user_to_group(root, group_name=group, user_name=member)
    shown[NEWCOMER] = _create_user(root, NEWCOMER, must_change=True)
    attachments.attach_user_policy(
        root, user_name=NEWCOMER, policy_arn=f"{_AWS}IAMUserChangePassword"
    )
    _create_role(root)
    return Demo(made.account, made.root_password or "", shown)


def _create_user(root: Caller, name: str, *, must_change: bool = False) -> str:
    password = passwords.generate(None)
    users.create_user(root, user_name=name)
    login_profiles.create_login_profile(
        root, user_name=name, password=password, password_reset_required=must_change
    )
    return password


def _create_role(root: Caller) -> None:
    roles.create_role(
        root,
        role_name=ROLE,
        assume_role_policy_document=_EC2_TRUST,
        description="Lets EC2 instances read from S3 without keys.",
    )
    attachments.attach_role_policy(root, role_name=ROLE, policy_arn=f"{_AWS}AmazonS3ReadOnlyAccess")
    instance_profiles.create_instance_profile(root, instance_profile_name=ROLE)
    instance_profiles.add_role_to_instance_profile(root, instance_profile_name=ROLE, role_name=ROLE)
