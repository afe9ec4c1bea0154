"""Answers about roles that are assumed on the word of an identity provider."""

from __future__ import annotations

from accounts.actions.sts_federation import AssumedWithSAML, AssumedWithWebIdentity
from iamconsole.answers import sts
from iamconsole.answers.members import Answer, Members


def _assumed(made: AssumedWithSAML | AssumedWithWebIdentity) -> Members:
    return {
        "Credentials": sts.credentials(made.credentials),
        "AssumedRoleUser": sts.assumed_role_user(made.assumed_role_user),
        "PackedPolicySize": made.packed_policy_size,
        "SourceIdentity": made.source_identity,
        "Audience": made.audience,
    }


def _with_saml(made: AssumedWithSAML) -> Members:
    return {
        **_assumed(made),
        "Subject": made.subject,
        "SubjectType": made.subject_type,
        "Issuer": made.issuer,
        "NameQualifier": made.name_qualifier,
    }


def _with_web_identity(made: AssumedWithWebIdentity) -> Members:
    return {
        **_assumed(made),
        "SubjectFromWebIdentityToken": made.subject_from_web_identity_token,
        "Provider": made.provider,
    }


ANSWERS: dict[str, Answer] = {
    "sts:AssumeRoleWithSAML": _with_saml,
    "sts:AssumeRoleWithWebIdentity": _with_web_identity,
}
