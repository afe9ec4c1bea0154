"""Access keys of users and of the root user: make, list, switch off, delete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts import ids, paging, quotas, vault
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import AccessDenied, InvalidInput, NoSuchEntity
from accounts.models import AccessKey, Account, User
from accounts.types import AccessKeyId, ExistingUserName, Marker, MaxItems, Status

# In all but the last of these, no user name means whoever calls; for the root user, root's keys.


@dataclass(frozen=True, slots=True)
class NewAccessKey:
    """A key that was just made, with its secret: the only time the secret is there to see."""

    key: AccessKey
    secret: str


@action("iam:CreateAccessKey", resource=shared.user_resource, raises_epoch=False)
def create_access_key(
    caller: Caller, /, *, user_name: ExistingUserName | None = None
) -> NewAccessKey:
    """Make a key that works at once."""
    user = shared.subject(caller, user_name)
    slot = quotas.free_slot(_keys(caller, user_name), quotas.KEYS_PER_OWNER)
    if slot is None:
        raise quotas.exceeded("AccessKeysPerUser", quotas.KEYS_PER_OWNER)
    return new_key(caller.home, user, slot, caller.now)


@action("iam:ListAccessKeys", resource=shared.user_resource, read_only=True)
def list_access_keys(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName | None = None,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[AccessKey]:
    """The keys of a user, the oldest first."""
    keys = sorted(_keys(caller, user_name), key=_oldest_first)
    return paging.slice_after_marker(keys, _oldest_first, marker, max_items)


@action("iam:UpdateAccessKey", resource=shared.user_resource, raises_epoch=False)
def update_access_key(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName | None = None,
    access_key_id: AccessKeyId,
    status: Status,
) -> None:
    """Switch a key off or on again."""
    key = _find(caller, user_name, access_key_id)
    if status == "Expired":
        raise InvalidInput("An access key can be Active or Inactive.", argument="status")
    key.status = status
    key.save(update_fields=["status"])


@action("iam:DeleteAccessKey", resource=shared.user_resource, raises_epoch=False)
def delete_access_key(
    caller: Caller, /, *, user_name: ExistingUserName | None = None, access_key_id: AccessKeyId
) -> None:
    """Delete a key for good."""
    _find(caller, user_name, access_key_id).delete()


def _owner_of_key(caller: Caller, *, access_key_id: str, **_: Any) -> Resource:
    """Whose key it is. For a key that is not of this account AWS names the key, not an ARN."""
    key = _of_account(caller).filter(access_key_id=access_key_id).first()
    if key is None:
        return Resource(f"access key {access_key_id}", caller.home.id)
    if key.user is None:
        return Resource(caller.home.root_arn, caller.home.id)
    return shared.of_identity(key.user)


@action("iam:GetAccessKeyLastUsed", resource=_owner_of_key, read_only=True)
def get_access_key_last_used(caller: Caller, /, *, access_key_id: AccessKeyId) -> AccessKey:
    """A key of the account: whose it is, when and for what it was last used.

    Raises AccessDenied, as AWS does, for a key that there is not in this account.
    """
    key = _of_account(caller).filter(access_key_id=access_key_id).first()
    if key is None:
        resource = f"access key {access_key_id}"
        raise AccessDenied(
            f"User: {caller.arn} is not authorized to perform iam:GetAccessKeyLastUsed on "
            f"resource: {resource}",
            action="iam:GetAccessKeyLastUsed",
            resource=resource,
            principal=caller.arn,
        )
    return key


def new_key(account: Account, user: User | None, slot: int, now: datetime) -> NewAccessKey:
    """Make the key of a user, or of the root user where that is nobody; also of a new account."""
    key_id, secret = ids.access_key_id(account.id), ids.secret_access_key()
    key = AccessKey(
        account=account,
        user=user,
        slot=slot,
        access_key_id=key_id,
        sealed_secret=vault.seal(secret, vault.key_place(account.id, key_id)),
        created_at=now,
    )
    # The account's lock lets nobody in between; should it fail, the slot's constraint holds.
    taken = quotas.exceeded("AccessKeysPerUser", quotas.KEYS_PER_OWNER)
    shared.save_unless_taken(key, taken)
    return NewAccessKey(key, secret)


def _keys(caller: Caller, user_name: str | None) -> QuerySet[AccessKey]:
    user = shared.subject(caller, user_name)
    if user is None:
        return caller.home.access_keys.filter(user__isnull=True)
    return user.access_keys.all()


def _of_account(caller: Caller) -> QuerySet[AccessKey]:
    return caller.home.access_keys.select_related("user__boundary")


def _find(caller: Caller, user_name: str | None, access_key_id: str) -> AccessKey:
    found = _keys(caller, user_name).filter(access_key_id=access_key_id).first()
    if found is None:
        raise NoSuchEntity(
            f"The Access Key with id {access_key_id} cannot be found.", argument="access_key_id"
        )
    return found


def _oldest_first(key: AccessKey) -> str:
    return f"{key.created_at.isoformat()} {key.access_key_id}"
