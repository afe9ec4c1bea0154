"""SSH public keys, by which users sign in to CodeCommit."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import ids, paging, public_keys, quotas
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import DuplicateSSHPublicKey, InvalidInput, NoSuchEntity
from accounts.models import SSHPublicKey, User
from accounts.types import (
    Marker,
    MaxItems,
    PublicKeyEncoding,
    PublicKeyId,
    PublicKeyMaterial,
    Status,
    UserName,
)


@dataclass(frozen=True, slots=True)
class EncodedKey:
    """A key with its text in the encoding that was asked for."""

    key: SSHPublicKey
    body: str


@action("iam:UploadSSHPublicKey", resource=shared.user_resource, raises_epoch=False)
def upload_ssh_public_key(
    caller: Caller, /, *, user_name: UserName, ssh_public_key_body: PublicKeyMaterial
) -> SSHPublicKey:
    """Give a user a key, which works at once. A comment in it is not kept."""
    user = shared.find_user(caller, user_name)
    body = public_keys.read(ssh_public_key_body)
    fingerprint = public_keys.fingerprint(body)
    duplicate = DuplicateSSHPublicKey(
        f"The SSH public key is already associated with the user {user.name}.",
        argument="ssh_public_key_body",
    )
    if user.ssh_public_keys.filter(fingerprint=fingerprint).exists():
        raise duplicate
    slot = quotas.free_slot(user.ssh_public_keys.all(), quotas.SSH_KEYS_PER_USER)
    if slot is None:
        raise quotas.exceeded("SSHPublicKeysPerUser", quotas.SSH_KEYS_PER_USER)
    key = SSHPublicKey(
        account=caller.home,
        user=user,
        slot=slot,
        key_id=ids.access_key_id(caller.home.id, ids.SSH_PUBLIC_KEY),
        body=body,
        fingerprint=fingerprint,
        uploaded_at=caller.now,
    )
    shared.save_unless_taken(key, duplicate)
    return key


@action("iam:GetSSHPublicKey", resource=shared.user_resource, read_only=True)
def get_ssh_public_key(
    caller: Caller,
    /,
    *,
    user_name: UserName,
    ssh_public_key_id: PublicKeyId,
    encoding: PublicKeyEncoding,
) -> EncodedKey:
    """A key of a user, as `ssh-rsa` or in PEM."""
    key = _find(shared.find_user(caller, user_name), ssh_public_key_id)
    return EncodedKey(key, key.body if encoding == "SSH" else public_keys.in_pem(key.body))


@action("iam:ListSSHPublicKeys", resource=shared.user_resource, read_only=True)
def list_ssh_public_keys(
    caller: Caller,
    /,
    *,
    user_name: UserName | None = None,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[SSHPublicKey]:
    """The keys of a user, the oldest first."""
    user = shared.user_meant(caller, user_name)
    keys = sorted(user.ssh_public_keys.select_related("user"), key=_oldest_first)
    return paging.slice_after_marker(keys, _oldest_first, marker, max_items)


@action("iam:UpdateSSHPublicKey", resource=shared.user_resource, raises_epoch=False)
def update_ssh_public_key(
    caller: Caller, /, *, user_name: UserName, ssh_public_key_id: PublicKeyId, status: Status
) -> None:
    """Switch a key off or on again."""
    key = _find(shared.find_user(caller, user_name), ssh_public_key_id)
    if status == "Expired":
        raise InvalidInput("An SSH public key can be Active or Inactive.", argument="status")
    key.status = status
    key.save(update_fields=["status"])


@action("iam:DeleteSSHPublicKey", resource=shared.user_resource, raises_epoch=False)
def delete_ssh_public_key(
    caller: Caller, /, *, user_name: UserName, ssh_public_key_id: PublicKeyId
) -> None:
    """Delete a key for good."""
    _find(shared.find_user(caller, user_name), ssh_public_key_id).delete()


def _find(user: User, key_id: str) -> SSHPublicKey:
    found = user.ssh_public_keys.select_related("user").filter(key_id=key_id).first()
    if found is None:
        raise NoSuchEntity(
            f"The Public Key with id {key_id} cannot be found.", argument="ssh_public_key_id"
        )
    return found


def _oldest_first(key: SSHPublicKey) -> str:
    return f"{key.uploaded_at.isoformat()} {key.key_id}"
