"""SAML 2.0 identity providers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from accounts import arns, paging, private_keys, quotas, saml, vault
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import EntityAlreadyExists, InvalidInput, LimitExceeded, NoSuchEntity
from accounts.models import SAMLPrivateKey, SAMLProvider
from accounts.types import (
    Arn,
    EncryptionMode,
    Marker,
    MaxItems,
    PrivateKey,
    PrivateKeyId,
    SAMLMetadata,
    SAMLProviderName,
    Tag,
    TagKeys,
    Tags,
    tag_mapping,
)

_PRIVATE_KEYS = 2
_ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def _new(caller: Caller, *, name: str, **_: Any) -> Resource:
    return Resource(arns.iam(caller.home, f"saml-provider/{name}"), caller.home.id)


def _existing(caller: Caller, *, saml_provider_arn: str, **_: Any) -> Resource:
    row = _row(caller, saml_provider_arn)
    return arns.of_row(row) if row is not None else Resource(saml_provider_arn, caller.home.id)


@action(
    "iam:CreateSAMLProvider",
    resource=_new,
    also=shared.tagging("iam:TagSAMLProvider", _new),
    secrets=("add_private_key",),
)
def create_saml_provider(
    caller: Caller,
    /,
    *,
    saml_metadata_document: SAMLMetadata,
    name: SAMLProviderName,
    tags: Tags = (),
    assertion_encryption_mode: EncryptionMode | None = None,
    add_private_key: PrivateKey | None = None,
) -> SAMLProvider:
    """Trust the assertions of an identity provider that its metadata document describes."""
    metadata = saml.read(saml_metadata_document)
    quotas.room_for_one(
        caller.home.saml_providers.all(), "SAMLProvidersPerAccount", quotas.SAML_PROVIDERS
    )
    provider = SAMLProvider(
        account=caller.home,
        name=name,
        uuid=_identifier(),
        metadata=saml_metadata_document,
        valid_until=metadata.valid_until,
        assertion_encryption_mode=assertion_encryption_mode or "",
        tags=tag_mapping(tags),
        created_at=caller.now,
    )
    taken = EntityAlreadyExists(f"SAMLProvider with name {name} already exists.", argument="name")
    shared.save_unless_taken(provider, taken)
    if add_private_key is not None:
        _add_key(caller, provider, add_private_key)
    _must_open(provider)
    return provider


@action("iam:GetSAMLProvider", resource=_existing, read_only=True)
def get_saml_provider(caller: Caller, /, *, saml_provider_arn: Arn) -> SAMLProvider:
    """A provider with its metadata document and the ids of its private keys."""
    provider = _find(caller, saml_provider_arn)
    prefetch_related_objects([provider], "private_keys")
    return provider


@action("iam:ListSAMLProviders", resource=arns.everything, read_only=True)
def list_saml_providers(caller: Caller, /) -> Sequence[SAMLProvider]:
    """All SAML providers of the account, by name, without their documents."""
    return tuple(caller.home.saml_providers.order_by("name").defer("metadata"))


@action("iam:UpdateSAMLProvider", resource=_existing, secrets=("add_private_key",))
def update_saml_provider(
    caller: Caller,
    /,
    *,
    saml_provider_arn: Arn,
    saml_metadata_document: SAMLMetadata | None = None,
    assertion_encryption_mode: EncryptionMode | None = None,
    add_private_key: PrivateKey | None = None,
    remove_private_key: PrivateKeyId | None = None,
) -> SAMLProvider:
    """Replace a provider's metadata, and add or remove a key for encrypted assertions."""
    provider = _find(caller, saml_provider_arn)
    if saml_metadata_document is not None:
        provider.valid_until = saml.read(saml_metadata_document).valid_until
        provider.metadata = saml_metadata_document
    if assertion_encryption_mode is not None:
        provider.assertion_encryption_mode = assertion_encryption_mode
    provider.save()
    if remove_private_key is not None:
        _remove_key(provider, remove_private_key)
    if add_private_key is not None:
        _add_key(caller, provider, add_private_key)
    _must_open(provider)
    return provider


@action("iam:DeleteSAMLProvider", resource=_existing)
def delete_saml_provider(caller: Caller, /, *, saml_provider_arn: Arn) -> None:
    """Delete a provider. Roles that trust it stay; nobody can take them on through it any more."""
    _find(caller, saml_provider_arn).delete()


@action("iam:TagSAMLProvider", resource=_existing)
def tag_saml_provider(caller: Caller, /, *, saml_provider_arn: Arn, tags: Tags) -> None:
    """Set tags on a provider; a key that is there gets the new value."""
    shared.set_tags(_find(caller, saml_provider_arn), tags)


@action("iam:UntagSAMLProvider", resource=_existing)
def untag_saml_provider(caller: Caller, /, *, saml_provider_arn: Arn, tag_keys: TagKeys) -> None:
    """Remove tags from a provider."""
    shared.drop_tags(_find(caller, saml_provider_arn), tag_keys)


@action("iam:ListSAMLProviderTags", resource=_existing, read_only=True)
def list_saml_provider_tags(
    caller: Caller,
    /,
    *,
    saml_provider_arn: Arn,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Tag]:
    """A provider's tags, sorted by key."""
    return shared.tags_page(_find(caller, saml_provider_arn), marker, max_items)


def _row(caller: Caller, arn: str) -> SAMLProvider | None:
    start = arns.iam(caller.home, "saml-provider/")
    if not arn.startswith(start):
        return None
    rows = caller.home.saml_providers.filter(name=arn.removeprefix(start))
    return caller.once(("saml provider", arn), rows.first)


def _find(caller: Caller, arn: str) -> SAMLProvider:
    found = _row(caller, arn)
    if found is None:
        raise NoSuchEntity(f"Manifest not found for arn {arn}", argument="saml_provider_arn")
    return found


def _add_key(caller: Caller, provider: SAMLProvider, pem: str) -> None:
    try:
        private_keys.read(pem)
    except ValueError:
        raise InvalidInput(
            "The private key is no unencrypted key in PEM format, or is too long.",
            argument="add_private_key",
        ) from None
    slot = quotas.free_slot(provider.private_keys.all(), _PRIVATE_KEYS)
    if slot is None:
        raise LimitExceeded(
            f"Cannot exceed quota for PrivateKeysPerSAMLProvider: {_PRIVATE_KEYS}",
            argument="add_private_key",
        )
    key_id = _identifier()
    SAMLPrivateKey.objects.create(
        account=caller.home,
        provider=provider,
        slot=slot,
        key_id=key_id,
        sealed_key=vault.seal(pem, vault.saml_key_place(caller.home.id, key_id)),
        created_at=caller.now,
    )


def _remove_key(provider: SAMLProvider, key_id: str) -> None:
    removed, _ = provider.private_keys.filter(key_id=key_id).delete()
    if not removed:
        raise NoSuchEntity(
            f"The private key {key_id} cannot be found.", argument="remove_private_key"
        )


def _must_open(provider: SAMLProvider) -> None:
    if provider.assertion_encryption_mode == "Required" and not provider.private_keys.exists():
        raise InvalidInput(
            "Encrypted assertions can only be required where there is a private key to open them.",
            argument="assertion_encryption_mode",
        )


def _identifier() -> str:
    """Twenty-two letters and digits, as AWS's ids of private keys have at least."""
    return "".join(secrets.choice(_ID) for _ in range(22))
