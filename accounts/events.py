"""The record: one event a call, chained to the one before it, never changed.

A change and its event commit together. Refusals commit on their own. Reads of one request wait in
the caller's journal and are written together when the request ends: by a process that serves, into
its spool (`accounts.spool`), from where `catch_up` takes them into the record. Whoever reads the
record calls that first. So the events of a chain need not be in the order of their times. Each
account has a chain of its own; what belongs to no account goes to the instance's.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction

from accounts import spool, vault
from accounts.caller import Caller
from accounts.models import Account, Event, Instance, SpoolFile, prepared
from accounts.models.prepared import Prepared
from accounts.types import Tag

logger = logging.getLogger(__name__)

SUCCESS, DENIED, ERROR, FAILURE = "success", "denied", "error", "failure"
#: Whoever signs in is nobody yet: its resource says who it would be.
SIGN_IN = "signin:ConsoleLogin"
#: Longer texts are cut: an event is no place to store a megabyte that somebody sent.
_LONGEST = 2048
_UNCHAINED = ("sequence", "chain", "folded_user", "folded_role", "folded_resource", "trouble")
_FIELDS = tuple(
    field.attname for field in Event._meta.concrete_fields if field.name not in _UNCHAINED
)
_values = attrgetter(*_FIELDS)
_SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


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
    columns = {
        "id": uuid.uuid4(),
        "account_id": caller.account.pk if caller.account else None,
        "time": caller.now,
        "action": action,
        "principal_arn": plain(caller.arn),
        "principal_id": caller.unique_id,
        "principal_kind": caller.kind.value,
        "issuer": caller.issuer,
        "access_key_id": plain(caller.access_key_id, 128),
        "session_id": caller.session_id,
        "source_address": caller.source_address,
        "user_agent": plain(caller.user_agent, 1024),
        "face": caller.face.value,
        "region": plain(caller.region, 32),
        "resources": [plain(resource) for resource in resources],
        "parameters": {name: recordable(value) for name, value in parameters.items()},
        "read_only": read_only,
        "outcome": outcome,
        "error_code": error_code,
        "error_message": plain(error_message),
        "mfa_authenticated": caller.mfa_at is not None,
        "reasons": dict(reasons or {}),
        "request_id": caller.request_id,
    }
    return prepared.new(Event, columns)


def append(account: Account | None, new: Sequence[Event], **changes: Any) -> None:
    """Chain events to an account's record and change its row with the same UPDATE.

    Runs in the caller's transaction. The row is locked here if it is not yet. Raises
    Account.DoesNotExist where the account is gone.
    """
    _chain(account.pk if account else None, new, **changes)


def _chain(account_id: str | None, new: Sequence[Event], **changes: Any) -> None:
    owner: type[Account | Instance]
    if account_id is None:
        Instance.objects.get_or_create(pk=1)
        owner, pk, head = Instance, 1, _INSTANCE_HEAD.first()
    else:
        owner, pk, head = Account, account_id, _ACCOUNT_HEAD.first(account_id)  # type: ignore[assignment]
    if head is None:
        raise owner.DoesNotExist
    count, previous = head
    for event in new:
        count += 1
        event.sequence = count
        event.chain = vault.chain_hmac(previous, content(event))
        for name, key in search_keys(event).items():
            setattr(event, name, key)
        previous = head_of(event.chain)
    prepared.insert(new)
    prepared.update(owner, pk, event_count=count, event_head=previous, **changes)


_ACCOUNT_HEAD = Prepared(
    lambda pk: (
        Account.objects.select_for_update(no_key=True)
        .filter(pk=pk)
        .values_list("event_count", "event_head")
    )
)
_INSTANCE_HEAD = Prepared(
    lambda: (
        Instance.objects.select_for_update().filter(pk=1).values_list("event_count", "event_head")
    ),
    values=0,
)


def write(new: Sequence[Event]) -> None:
    """Write events that belong to no change: to the spool what may wait, else in a transaction."""
    # Within a transaction they belong to it, and go if it is rolled back.
    if _spool is not None and not connection.in_atomic_block:
        reads = [event for event in new if _may_wait(event)]
        if reads and _spool.put(_line(reads)):
            new = [event for event in new if not _may_wait(event)]
    if new:
        with transaction.atomic():
            _add(new)


def _may_wait(event: Event) -> bool:
    return event.read_only and event.outcome == SUCCESS


def _add(new: Iterable[Event]) -> None:
    """Chain events to the records that they belong to."""
    by_account: dict[str | None, list[Event]] = {}
    for event in new:
        by_account.setdefault(event.account_id, []).append(event)
    # Accounts by id, then the instance: whoever locks several rows does so in this order.
    for account_id, group in sorted(by_account.items(), key=lambda item: item[0] or "~"):
        # Deleted since: its events went with it.
        with suppress(Account.DoesNotExist):
            _chain(account_id, group)


# --- What waits -----------------------------------------------------------------------------------

_COMPACT = json.JSONEncoder(separators=(",", ":"))
#: Of this process; nothing where events are written to the database at once: in commands and tests.
_spool: spool.Spool | None = None
#: Seconds between two looks at the spool, and bytes that wait for a quiet moment at most.
_LOOK_EVERY = 1.0
_MOST_WAITING = 4 * 1024 * 1024
#: Bytes that are taken in within one transaction.
_AT_ONCE = 256 * 1024


def spool_reads() -> None:
    """Let the events of this process's reads wait in a spool; for a process that serves."""
    global _spool
    _spool = spool.Spool(_folder())
    threading.Thread(target=_keep_up, args=(_spool,), name="spool", daemon=True).start()


def write_directly() -> None:
    """Undo `spool_reads`. What waits goes on waiting."""
    global _spool
    given_up, _spool = _spool, None
    if given_up is not None:
        given_up.close()


def _forget_spool() -> None:
    global _spool
    _spool = None


# The file is the parent's, and so is the thread that looks after it.
os.register_at_fork(after_in_child=_forget_spool)


def catch_up() -> None:
    """Take in what every process of this machine has in its spool; the record is then whole.

    Not within a transaction that holds an account's row: somebody else who is taking in waits for
    that row, and holds the spool's. Where the database can't be written to, what waits goes on
    waiting, and the record can still be read.
    """
    try:
        _take_in_all()
    except DatabaseError:
        logger.exception("Events that wait in the spool could not be taken in")


def _take_in_all() -> None:
    files = spool.waiting(_folder())
    if not files:
        return
    taken = dict(SpoolFile.objects.filter(name__in=files).values_list("name", "taken"))
    for name, size in files.items():
        if size > taken.get(name, 0):
            while _take_in(name):
                pass
        _remove(name)


def _take_in(name: str) -> bool:
    """Take in some of a file; whether there may be more."""
    with transaction.atomic():
        row, _ = SpoolFile.objects.select_for_update().get_or_create(name=name)
        try:
            # Only now: whoever removes a file does so before its row.
            with (_folder() / name).open("rb") as file:
                file.seek(row.taken)
                lines = list(spool.lines(file, _AT_ONCE))
        except FileNotFoundError:
            row.delete()
            return False
        _add(event for line in lines for event in _events_of(line))
        row.taken += sum(map(len, lines))
        row.save(update_fields=["taken"])
    return bool(lines)


def _remove(name: str) -> None:
    if connection.in_atomic_block:  # what was taken in may yet be rolled back
        return
    row = SpoolFile.objects.filter(name=name).first()
    if spool.remove_if_ended(_folder() / name, row.taken if row else 0) and row:
        row.delete()


def _line(new: Sequence[Event]) -> bytes:
    """Events of one request as a line: all of them are read back, or none."""
    return _COMPACT.encode([_columns(event) for event in new]).encode() + b"\n"


def _events_of(line: bytes) -> list[Event]:
    try:
        found = [
            prepared.new(
                Event,
                columns
                | {
                    "id": uuid.UUID(columns["id"]),
                    "time": datetime.fromisoformat(columns["time"]),
                },
            )
            for columns in json.loads(line)
        ]
    except (ValueError, TypeError, AttributeError, LookupError):
        # Not ours, or a power cut's: nothing behind it shall wait because of it.
        logger.error("A line of the spool can't be read and is left out: %r", line[:200])
        return []
    return found


def _folder() -> Path:
    return Path(settings.SPOOL)


def _keep_up(own: spool.Spool) -> None:
    """Take in what waits whenever nothing came for a moment, or much has come.

    At first what processes left that are gone.
    """
    seen, taken = 0, -1
    while _spool is own:
        quiet, seen = own.written == seen, own.written
        if seen != taken and (quiet or seen - taken > _MOST_WAITING):
            try:
                close_old_connections()
                _take_in_all()
                taken = seen
            except Exception:
                logger.exception("Taking in the spool failed; it is tried again")
        time.sleep(_LOOK_EVERY)


# --- The chain ------------------------------------------------------------------------------------


def search_keys(event: Event) -> dict[str, str | None]:
    """The columns by which an event is found: they say nothing that is not in the others."""
    names = {
        "folded_user": caller_name(event),
        "folded_role": role_name(event.principal_arn),
        "folded_resource": resource_name(event.resources[0]) if event.resources else "",
    }
    keys = {column: name.lower()[:128] or None for column, name in names.items()}
    return {**keys, "trouble": None if event.outcome == SUCCESS else event.outcome}


def caller_name(event: Event) -> str:
    """Who called, as CloudTrail has it; maybe nobody. Of a sign-in: whose password it took."""
    signs_in = event.action == SIGN_IN and event.resources
    return user_name(event.resources[0] if signs_in else event.principal_arn)


def user_name(principal_arn: str) -> str:
    """A user's name, a session's, or root; maybe nobody's."""
    return principal_arn.rpartition(":")[2].rpartition("/")[2]


def role_name(principal_arn: str) -> str:
    """The role that a session is of, or nothing."""
    kind, _, rest = principal_arn.rpartition(":")[2].partition("/")
    return rest.partition("/")[0] if kind == "assumed-role" else ""


def resource_name(arn: str) -> str:
    """What people call a resource: a bucket's name for all that is in it; nothing for a list."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return ""
    if parts[2] == "s3":
        return parts[5].partition("/")[0].strip("*")
    return parts[5].rpartition(":")[2].rpartition("/")[2]


def head_of(chain: str) -> str:
    """What the account keeps of its newest event, and the next one is chained to.

    No event shows its own: else whoever removes the newest ones could put an earlier one's in
    their place.
    """
    return vault.chain_hmac(chain, "head")


def content(event: Event) -> str:
    """What the HMAC covers: every column, and the place in the chain."""
    values = _columns(event)
    values["account"] = values.pop("account_id")
    values["sequence"] = event.sequence
    return _SORTED.encode(values)


def _columns(event: Event) -> dict[str, Any]:
    """All but the place in the chain, as JSON can hold it."""
    values = dict(zip(_FIELDS, _values(event), strict=True))
    values["id"] = str(event.id)
    values["time"] = event.time.astimezone(UTC).isoformat()
    return values


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
    if not text.isascii() or "\x00" in text:
        text = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= longest else text[: longest - 1] + "…"
