"""Whose key signed a request: its secret, and the caller that it makes.

Long-term keys are one joined query. Session tokens open by themselves (`accounts.sessions`); whose
they are is looked up once the signature is known to be right.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts import caller as callers
from accounts import ids, sessions, vault
from accounts.caller import Caller
from accounts.models import AccessKey
from accounts.models.prepared import Prepared
from iamconsole.api.errors import unknown_key

_KEY_ID = re.compile(r"[A-Za-z0-9_]{16,128}")
_KEYS = Prepared(
    lambda key_id: AccessKey.objects.select_related("account", "user").filter(access_key_id=key_id)
)
#: How exact a key's last use is: of several within this time AWS writes down the first.
#: IAM User Guide, "Generate credential reports for your AWS account".
NOTED_EVERY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Credential:
    """The secret of a key, and how whoever holds it becomes a caller."""

    secret: str = field(repr=False)
    #: From what the face knows of the request. Only to be called once the signature was checked.
    caller: Callable[..., Caller] = field(repr=False)


def find(access_key_id: str, token: str | None, now: datetime) -> Credential:
    """The credential of a key id. Raise InvalidClientTokenId or ExpiredToken, in AWS's words."""
    if access_key_id.startswith(ids.TEMPORARY_KEY):
        return _temporary(access_key_id, token, now)
    if token is not None:
        raise unknown_key()
    return _long_term(access_key_id)


def _temporary(access_key_id: str, token: str | None, now: datetime) -> Credential:
    if not token:
        raise unknown_key()
    opened = sessions.open_token(access_key_id, token, now)

    def caller(*, service: str, **known: Any) -> Caller:
        made = sessions.caller_of(opened, temporary=True, **known)
        sessions.note_use(made)
        return made

    return Credential(opened.secret_access_key, caller)


def _long_term(access_key_id: str) -> Credential:
    key = _KEYS.first(access_key_id) if _KEY_ID.fullmatch(access_key_id) else None
    if key is None or not key.is_active:
        raise unknown_key()
    place = vault.key_place(key.account_id, key.access_key_id)

    def caller(*, service: str, **known: Any) -> Caller:
        known |= {"access_key_id": key.access_key_id, "temporary": False}
        if key.user is not None:
            key.user.account = key.account
            made = callers.user(key.user, **known)
        else:
            made = callers.root(key.account, **known)
        _note_use(key, service, made)
        return made

    return Credential(_secret(key.sealed_secret, place), caller)


@functools.lru_cache(maxsize=4096)
def _secret(sealed: str, place: str) -> str:
    # What was sealed never means anything else; the signing keys made of it are kept as well.
    return vault.unseal(sealed, place)


def _note_use(key: AccessKey, service: str, used: Caller) -> None:
    """Remember when, where and for what a key was used, unless that was written down just now."""
    stale = used.now - NOTED_EVERY
    if key.last_used_at is not None and key.last_used_at > stale:
        return
    with transaction.atomic():
        AccessKey.objects.filter(
            Q(last_used_at__isnull=True) | Q(last_used_at__lte=stale), pk=key.pk
        ).update(last_used_at=used.now, last_used_service=service, last_used_region=used.region)
