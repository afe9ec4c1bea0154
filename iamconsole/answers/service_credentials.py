"""Answers about service-specific credentials."""

from __future__ import annotations

from accounts.actions.service_credentials import NewServiceCredential, is_api_key
from accounts.models import ServiceCredential
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def _listed(credential: ServiceCredential) -> Members:
    name = "ServiceCredentialAlias" if is_api_key(credential) else "ServiceUserName"
    return {
        "UserName": credential.user.name,
        "Status": credential.status,
        name: credential.name,
        "CreateDate": credential.created_at,
        "ExpirationDate": credential.expires_at,
        "ServiceSpecificCredentialId": credential.credential_id,
        "ServiceName": credential.service,
    }


def _with_secret(made: NewServiceCredential) -> Members:
    secret = "ServiceCredentialSecret" if is_api_key(made.credential) else "ServicePassword"
    return {"ServiceSpecificCredential": {**_listed(made.credential), secret: made.secret}}


def _list(found: Page[ServiceCredential]) -> Members:
    return members.page(found, "ServiceSpecificCredentials", _listed)


ANSWERS: dict[str, Answer] = {
    "iam:CreateServiceSpecificCredential": _with_secret,
    "iam:ListServiceSpecificCredentials": _list,
    "iam:ResetServiceSpecificCredential": _with_secret,
}
