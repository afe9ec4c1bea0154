"""The record: one event a call, chained to the one before it, never changed.

A change and its event commit together. Refusals commit on their own. Reads of one request wait in
the caller's journal and are written together when the request ends. Each account has a chain of
its own; what belongs to no account goes to the instance's.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from accounts import vault
from accounts.caller import Caller
from accounts.models import Account, Event, Instance, prepared
from accounts.models.prepared import Prepared
from accounts.types import Tag

SUCCESS, DENIED, ERROR, FAILURE = "success", "denied", "error", "failure"
#: Longer texts are cut: an event is no place to store a megabyte that somebody sent.
_LONGEST = 2048
_UNCHAINED = ("sequence", "chain", "account")
_FIELDS = tuple(
    field.attname for field in Event._meta.concrete_fields if field.name not in _UNCHAINED
)


def describe(
    caller: Caller,
    action: str,
    *,
    outcome: str,
    read_only: bool,
    parameters: Mapping[str, Any],
    resources: Sequence[str] = (),
    reasons: Mapping[str, Any] | None = None,
    error_code: str = "",
    error_message: str = "",
) -> Event:
    """An event of this call, not yet in any chain."""
    return Event(
        id=uuid.uuid4(),
        account=caller.account,
        time=caller.now,
        action=action,
        principal_arn=plain(caller.arn),
        principal_id=caller.unique_id,
        principal_kind=caller.kind.value,
        issuer=caller.issuer,
        access_key_id=plain(caller.access_key_id, 128),
        session_id=caller.session_id,
        source_address=caller.source_address,
        user_agent=plain(caller.user_agent, 1024),
        face=caller.face.value,
        region=plain(caller.region, 32),
        resources=[plain(resource) for resource in resources],
        parameters={name: recordable(value) for name, value in parameters.items()},
        read_only=read_only,
        outcome=outcome,
        error_code=error_code,
        error_message=plain(error_message),
        mfa_authenticated=caller.mfa_at is not None,
        reasons=dict(reasons or {}),
        request_id=caller.request_id,
    )


def append(account: Account | None, new: Sequence[Event], **changes: Any) -> None:
    """Chain events to an account's record and change its row with the same UPDATE.

    Runs in the caller's transaction. The row is locked here if it is not yet. Raises
    Account.DoesNotExist where the account is gone.
    """
    if account is None:
        Instance.objects.get_or_create(pk=1)
        owner, pk, head = Instance, 1, _INSTANCE_HEAD.first()
    else:
        owner, pk, head = Account, account.pk, _ACCOUNT_HEAD.first(account.pk)  # type: ignore[assignment]
    if head is None:
        raise owner.DoesNotExist
    count, previous = head
    for event in new:
        count += 1
        event.sequence = count
        event.chain = vault.chain_hmac(previous, content(event))
        previous = _head(event)
    if len(new) == 1:
        prepared.insert(new[0])
    else:
        Event.objects.bulk_create(new)
    prepared.update(owner, pk, event_count=count, event_head=previous, **changes)


_ACCOUNT_HEAD = Prepared(
    lambda pk: (
        Account.objects.select_for_update().filter(pk=pk).values_list("event_count", "event_head")
    )
)
_INSTANCE_HEAD = Prepared(
    lambda: (
        Instance.objects.select_for_update().filter(pk=1).values_list("event_count", "event_head")
    ),
    values=0,
)


def write(new: Sequence[Event]) -> None:
    """Write events that belong to no change, in a transaction of their own."""
    if not new:
        return
    by_account: dict[str | None, list[Event]] = {}
    for event in new:
        by_account.setdefault(event.account_id, []).append(event)
    with transaction.atomic():
        for account_id, group in sorted(by_account.items(), key=lambda item: item[0] or ""):
            # Deleted since: its events went with it.
            with suppress(Account.DoesNotExist):
                append(group[0].account if account_id else None, group)


def broken_link(account: Account | None) -> int | None:
    """The sequence number of the first event that was changed, removed or moved, or nothing."""
    previous, expected = "", 0
    chain = Event.objects.filter(account=account).order_by("sequence")
    for event in chain.iterator(chunk_size=2000):
        expected += 1
        if event.sequence != expected:
            return expected
        if event.chain != vault.chain_hmac(previous, content(event)):
            return expected
        previous = _head(event)
    owner = account or Instance.objects.filter(pk=1).first()
    if owner is None:
        return None if expected == 0 else 1
    head = type(owner).objects.values_list("event_count", "event_head").get(pk=owner.pk)
    return None if head == (expected, previous) else expected + 1


def _head(event: Event) -> str:
    """What the account keeps of its newest event, and the next one is chained to.

    No event shows its own: else whoever removes the newest ones could put an earlier one's in
    their place.
    """
    return vault.chain_hmac(event.chain, "head")


def content(event: Event) -> str:
    """What the HMAC covers: every column, and the place in the chain."""
    values = {name: _written(getattr(event, name)) for name in _FIELDS}
    values["account"] = event.account_id
    values["sequence"] = event.sequence
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def recordable(value: Any) -> Any:
    """An argument in a form that every database stores and gives back alike."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {plain(str(key), 256): recordable(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [recordable(item) for item in list(value)[:100]]
    if isinstance(value, Tag):
        return {"Key": plain(value.key, 256), "Value": plain(value.value, 512)}
    if is_dataclass(value):
        return {each.name: recordable(getattr(value, each.name)) for each in fields(value)}
    return plain(str(value))


def plain(text: str, longest: int = _LONGEST) -> str:
    """The text without what PostgreSQL refuses to store, and no longer than an event needs."""
    text = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, uuid.UUID | date):
        return str(value)
    return value
