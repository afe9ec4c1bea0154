"""Answers about temporary credentials that a user gets without a role."""

from __future__ import annotations

from accounts.actions.sts_tokens import Federation
from accounts.sessions import Credentials
from iamconsole.answers import sts
from iamconsole.answers.members import Answer, Members


def _session(made: Credentials) -> Members:
    return {"Credentials": sts.credentials(made)}


def _federation(made: Federation) -> Members:
    user = made.federated_user
    return {
        "Credentials": sts.credentials(made.credentials),
        "FederatedUser": {"FederatedUserId": user.federated_user_id, "Arn": user.arn},
        "PackedPolicySize": made.packed_policy_size,
    }


ANSWERS: dict[str, Answer] = {
    "sts:GetFederationToken": _federation,
    "sts:GetSessionToken": _session,
}
