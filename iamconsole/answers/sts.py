"""Answers about assumed roles."""

from __future__ import annotations

from accounts.actions.sts_roles import AssumedRole, AssumedRoleUser
from accounts.sessions import Credentials
from iamconsole.answers.members import Answer, Members


def credentials(made: Credentials) -> Members:
    """Temporary credentials, which are handed out once."""
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.session_token,
        "Expiration": made.expiration,
    }


def assumed_role_user(user: AssumedRoleUser) -> Members:
    """The session as a principal."""
    return {"AssumedRoleId": user.assumed_role_id, "Arn": user.arn}


def _assumed(made: AssumedRole) -> Members:
    return {
        "Credentials": credentials(made.credentials),
        "AssumedRoleUser": assumed_role_user(made.assumed_role_user),
        "PackedPolicySize": made.packed_policy_size,
        "SourceIdentity": made.source_identity,
    }


ANSWERS: dict[str, Answer] = {"sts:AssumeRole": _assumed}
