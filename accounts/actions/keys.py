"""Re-encryption of stored secrets under the newest key of the key file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model

from accounts import vault
from accounts.actions.registry import command, only
from accounts.caller import Caller, CallerKind
from accounts.models import (
    AccessKey,
    MFADevice,
    SAMLPrivateKey,
    ServerCertificate,
    ServiceCredential,
    TokenKey,
)


@command("instance:ResealSecrets", may=only(CallerKind.OPERATOR))
def reseal(caller: Caller, /, *, batch: int = 200) -> int:
    """Encrypt up to `batch` secrets anew that an older key sealed; return how many were."""
    current = f"v1:{vault.key_ring().current}:"
    moved = 0
    for model, column, place in SEALED:
        old = model._default_manager.exclude(**{f"{column}__startswith": current})
        for row in old.select_for_update()[: batch - moved]:
            bound_to = place(row)
            plain = vault.unseal(getattr(row, column), bound_to)
            setattr(row, column, vault.seal(plain, bound_to))
            row.save(update_fields=[column])
            moved += 1
    return moved


def in_use() -> set[str]:
    """The ids of the keys that something is sealed with: these must not be forgotten."""
    return {
        vault.key_of(sealed)
        for model, column, _ in SEALED
        for sealed in model._default_manager.values_list(column, flat=True).iterator()
    }


def _key_place(row: Any) -> str:
    return vault.key_place(row.account_id, row.access_key_id)


def _seed_place(row: Any) -> str:
    return vault.seed_place(row.account_id, row.serial_number)


def _saml_place(row: Any) -> str:
    return vault.saml_key_place(row.account_id, row.key_id)


def _certificate_place(row: Any) -> str:
    return vault.certificate_key_place(row.account_id, row.unique_id)


def _token_key_place(row: Any) -> str:
    return vault.token_key_place(row.algorithm)


def _credential_place(row: Any) -> str:
    return vault.service_credential_place(row.account_id, row.credential_id)


#: What is sealed: the model, the column, and its place. Other apps add theirs.
SEALED: list[tuple[type[Model], str, Callable[[Any], str]]] = [
    (AccessKey, "sealed_secret", _key_place),
    (MFADevice, "sealed_seed", _seed_place),
    (SAMLPrivateKey, "sealed_key", _saml_place),
    (ServerCertificate, "sealed_key", _certificate_place),
    (ServiceCredential, "sealed_secret", _credential_place),
    (TokenKey, "sealed_key", _token_key_place),
]
