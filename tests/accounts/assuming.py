"""Roles to assume, sessions of them, and a device: what the tests of STS are played with."""

from __future__ import annotations

import json
from typing import Any

import pyotp
from django.utils import timezone

from accounts import sessions, vault
from accounts.actions import inline_policies, roles, sts
from accounts.actions.sts_roles import AssumedRole
from accounts.caller import Caller, Face
from accounts.models import MFADevice, User
from tests.cast import allow, arn, document

ROLE = arn("role/reader")
SEED = "JBSWY3DPEHPK3PXP" * 2
MAY = allow("sts:AssumeRole", on=ROLE)
TAGGING = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


def trusting(*principals: str, actions: Any = "sts:AssumeRole", **more: Any) -> str:
    """A trust policy that lets these in."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": actions}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


def new_role(root: Caller, trust: str, name: str = "reader", **more: Any) -> Any:
    """A role that may read objects of S3."""
    role = roles.create_role(root, role_name=name, assume_role_policy_document=trust, **more)
    inline_policies.put_role_policy(
        root, role_name=name, policy_name="read", policy_document=document(allow("s3:Get*"))
    )
    return role


def assume(caller: Caller, role_arn: str = ROLE, **more: Any) -> AssumedRole:
    """A session called "work"."""
    return sts.assume_role(caller, role_arn=role_arn, role_session_name="work", **more)


def as_role(assumed: Any, caller: Caller, **more: Any) -> Caller:
    """Whoever signs with the credentials, at the same moment."""
    given = assumed.credentials
    token = sessions.open_token(given.access_key_id, given.session_token, caller.now)
    return sessions.caller_of(token, face=Face.API, now=caller.now, request_id="r", **more)


def device_of(user: User) -> MFADevice:
    """A device of the user's with SEED."""
    serial = arn("mfa/phone")
    return MFADevice.objects.create(
        account=user.account,
        name="phone",
        serial_number=serial,
        sealed_seed=vault.seal(SEED, vault.seed_place(user.account_id, serial)),
        created_at=timezone.now(),
        user=user,
        slot=1,
    )


def code_at(caller: Caller) -> str:
    return str(pyotp.TOTP(SEED).at(caller.now))
