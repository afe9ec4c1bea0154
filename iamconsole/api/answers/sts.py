"""Answers about temporary credentials."""

from __future__ import annotations

from accounts.actions.sts_roles import AssumedRole
from accounts.sessions import Credentials
from iamconsole.api.answers.members import Answer, Members


def credentials(made: Credentials) -> Members:
    """Temporary credentials, which are handed out once."""
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.session_token,
        "Expiration": made.expiration,
    }


def _assumed_role(made: AssumedRole) -> Members:
    return {
        "Credentials": credentials(made.credentials),
        "AssumedRoleUser": {
            "AssumedRoleId": made.assumed_role_user.assumed_role_id,
            "Arn": made.assumed_role_user.arn,
        },
        "PackedPolicySize": made.packed_policy_size,
        "SourceIdentity": made.source_identity,
    }


ANSWERS: dict[str, Answer] = {"sts:AssumeRole": _assumed_role}
