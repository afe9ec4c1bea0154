"""Service-specific credentials: a user name and password, or an API key, for one service alone."""

from __future__ import annotations

import base64
import secrets
import string
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from accounts import arns, events, ids, paging, quotas, vault
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import InvalidInput, NoSuchEntity, ValidationError
from accounts.models import ServiceCredential, User
from accounts.types import (
    CredentialAge,
    CredentialService,
    Flag,
    Marker,
    MaxItems,
    ServiceCredentialId,
    Status,
    UserName,
)

#: These take a user name and a password.
WITH_PASSWORD = frozenset({"cassandra.amazonaws.com", "codecommit.amazonaws.com"})
#: These take an API key, which may expire.
WITH_API_KEY = frozenset({"bedrock.amazonaws.com"})


@dataclass(frozen=True, slots=True)
class NewServiceCredential:
    """A credential with its new secret: the only time the secret is there to see."""

    credential: ServiceCredential
    secret: str


def is_api_key(credential: ServiceCredential) -> bool:
    """Whether it has an alias and a secret, and not a user name and a password."""
    return credential.service in WITH_API_KEY


def _created(
    caller: Caller, *, service_name: str, credential_age_days: int | None = None, **given: Any
) -> Resource:
    context = {"iam:ServiceSpecificCredentialServiceName": service_name}
    if credential_age_days is not None:
        context["iam:ServiceSpecificCredentialAgeDays"] = str(credential_age_days)
    found = shared.user_resource(caller, **given)
    return replace(found, context={**found.context, **context})


@action("iam:CreateServiceSpecificCredential", resource=_created, raises_epoch=False)
def create_service_specific_credential(
    caller: Caller,
    /,
    *,
    user_name: UserName,
    service_name: CredentialService,
    credential_age_days: CredentialAge | None = None,
) -> NewServiceCredential:
    """Make a credential that works at once. Only an API key may be given an age in days."""
    user = shared.find_user(caller, user_name)
    _must_take(service_name)
    if credential_age_days is not None and service_name not in WITH_API_KEY:
        raise ValidationError(
            f"Credentials for {service_name} do not expire.", argument="credential_age_days"
        )
    slot = quotas.free_slot(
        user.service_credentials.filter(service=service_name), quotas.CREDENTIALS_PER_SERVICE
    )
    exceeded = quotas.exceeded("ServiceSpecificCredentialsPerUser", quotas.CREDENTIALS_PER_SERVICE)
    if slot is None:
        raise exceeded
    age = timedelta(days=credential_age_days) if credential_age_days is not None else None
    credential = ServiceCredential(
        account=caller.home,
        user=user,
        service=service_name,
        slot=slot,
        credential_id=ids.unique_id(ids.SERVICE_CREDENTIAL),
        created_at=caller.now,
        expires_at=caller.now + age if age is not None else None,
    )
    credential.name = _name(credential)
    made = _with_new_secret(credential)
    # The account's lock lets nobody in between; should it fail, the slot's constraint holds.
    shared.save_unless_taken(credential, exceeded)
    return made


def _listed(
    caller: Caller, *, user_name: str | None = None, all_users: bool = False, **_: Any
) -> Resource:
    if all_users:
        return Resource(arns.iam(caller.home, "user/*"), caller.home.id)
    return shared.user_resource(caller, user_name=user_name)


@action("iam:ListServiceSpecificCredentials", resource=_listed, read_only=True)
def list_service_specific_credentials(
    caller: Caller,
    /,
    *,
    user_name: UserName | None = None,
    service_name: CredentialService | None = None,
    all_users: Flag = False,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[ServiceCredential]:
    """The credentials of a user, or of all users, by their ids; for one service or for all."""
    if all_users and user_name is not None:
        raise InvalidInput("Give a user name or ask for all users, not both.", argument="all_users")
    if all_users:
        rows: QuerySet[ServiceCredential] = caller.home.service_credentials.all()
    else:
        rows = shared.user_meant(caller, user_name).service_credentials.all()
    if service_name is not None:
        _must_take(service_name)
        rows = rows.filter(service=service_name)
    page = paging.after_marker(rows.select_related("user"), "credential_id", marker, max_items)
    for row in page.items:
        if _is_over(caller, row):
            row.status = "Expired"
    return page


@action("iam:ResetServiceSpecificCredential", resource=shared.user_resource, raises_epoch=False)
def reset_service_specific_credential(
    caller: Caller,
    /,
    *,
    user_name: UserName | None = None,
    service_specific_credential_id: ServiceCredentialId,
) -> NewServiceCredential:
    """Give a credential another secret. The one before is dead at once."""
    made = _with_new_secret(_find(caller, user_name, service_specific_credential_id))
    made.credential.save(update_fields=["sealed_secret"])
    return made


@action("iam:UpdateServiceSpecificCredential", resource=shared.user_resource, raises_epoch=False)
def update_service_specific_credential(
    caller: Caller,
    /,
    *,
    user_name: UserName | None = None,
    service_specific_credential_id: ServiceCredentialId,
    status: Status,
) -> None:
    """Switch a credential off or on again."""
    credential = _find(caller, user_name, service_specific_credential_id)
    if status == "Expired":
        raise InvalidInput("A credential can be Active or Inactive.", argument="status")
    credential.status = status
    credential.save(update_fields=["status"])


@action("iam:DeleteServiceSpecificCredential", resource=shared.user_resource, raises_epoch=False)
def delete_service_specific_credential(
    caller: Caller,
    /,
    *,
    user_name: UserName | None = None,
    service_specific_credential_id: ServiceCredentialId,
) -> None:
    """Delete a credential for good."""
    _find(caller, user_name, service_specific_credential_id).delete()


def _must_take(service_name: str) -> None:
    # AWS answers with NoSuchEntity, not with the error that its documentation names for this.
    if service_name not in WITH_PASSWORD | WITH_API_KEY:
        raise NoSuchEntity(
            f"No such service {events.plain(service_name, 200)} is supported for Service Specific "
            "Credentials",
            argument="service_name",
        )


def _find(caller: Caller, user_name: str | None, credential_id: str) -> ServiceCredential:
    user: User = shared.user_meant(caller, user_name)
    rows = user.service_credentials.select_related("user")
    found = rows.filter(credential_id=credential_id).first()
    if found is None:
        raise NoSuchEntity(
            f"No such credential {credential_id} exists", argument="service_specific_credential_id"
        )
    return found


def _is_over(caller: Caller, credential: ServiceCredential) -> bool:
    return credential.expires_at is not None and credential.expires_at <= caller.now


def _name(credential: ServiceCredential) -> str:
    """`ram-at-111122223333`, the second of a service `ram+1-at-…`; or the alias of an API key."""
    if is_api_key(credential):
        drawn = (secrets.choice(string.ascii_lowercase + string.digits) for _ in range(4))
        return f"BedrockAPIKey-{''.join(drawn)}-at-{credential.account_id}"
    number = f"+{credential.slot - 1}" if credential.slot > 1 else ""
    return f"{credential.user.name}{number}-at-{credential.account_id}"


def _with_new_secret(credential: ServiceCredential) -> NewServiceCredential:
    secret = ids.service_password()
    if is_api_key(credential):
        # An API key carries its own alias: ABSK, then both in base64.
        secret = "ABSK" + base64.b64encode(f"{credential.name}:{secret}".encode()).decode()
    place = vault.service_credential_place(credential.account_id, credential.credential_id)
    credential.sealed_secret = vault.seal(secret, place)
    return NewServiceCredential(credential, secret)
