"""A picture of everything in some accounts, to be compared: without what is random or a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model

from accounts.models import Account

#: The apps whose rows hang from an account.
_APPS = ("accounts", "sandbox")
_RANDOM = frozenset(
    {
        "association_id",
        "chain",
        "digest",
        "drift",
        "event_head",
        "handle",
        "history_salt",
        "issued",
        "last_step",
        "metadata_digest",
        "password",
        "policy_epoch",
        "private_ip_address",
        "request_id",
        "reservation_id",
        "session_id",
        "unique_id",
    }
)
#: In texts: ids, times and what is sealed.
_MASKED = re.compile(
    r"\bA(?:IDA|GPA|ROA|NPA|IPA|SCA|CCA|PKA|KIA|SIA)[A-Z0-9]{16,}\b"
    r"|\b(?:i|r|iip-assoc|vol|eni)-[0-9a-f]{8,17}\b"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?:Z|[+-][0-9:]+)?"
    r"|\bv1:k[0-9]+:[A-Za-z0-9+/=]+"
    r"|\b[0-9a-f]{32,64}\b"
)


def of(accounts: Iterable[Account]) -> dict[str, list[str]]:
    """The rows of each table, each as one text, sorted. The events come in their order."""
    taken: dict[str, list[str]] = {}
    ids = [account.pk for account in accounts]
    for model in apps.get_models(include_auto_created=True):
        path = _way(model)
        if path is not None:
            rows = model._default_manager.filter(**{f"{path}__in": ids}).select_related(
                *(each.name for each in _parents(model))
            )
            found = sorted(_row(row) for row in rows)
            if found:
                taken[model._meta.label] = found
    return taken


def differences(before: dict[str, list[str]], after: dict[str, list[str]]) -> Iterator[str]:
    """What is in one and not in the other, one sentence each."""
    for table in sorted(before.keys() | after.keys()):
        gone, new = list(before.get(table, ())), []
        for row in after.get(table, ()):
            if row in gone:
                gone.remove(row)
            else:
                new.append(row)
        yield from (f"{table}: this is not there again: {row[:400]}" for row in gone)
        yield from (f"{table}: this was not there before: {row[:400]}" for row in new)


@cache
def _way(model: type[Model], deep: int = 4) -> str | None:
    """The way from a table to the account that its rows belong to, as a query has it."""
    if model._meta.app_label not in _APPS or model._meta.proxy:
        return None
    if model is Account:
        return "pk"
    ways = []
    for parent in _parents(model):
        target = parent.related_model
        if target is model or deep == 0:
            continue
        way = _way(target, deep - 1)
        if way is not None:
            ways.append(parent.name if way == "pk" else f"{parent.name}__{way}")
    return min(ways, key=len, default=None)


def _parents(model: type[Model]) -> list[ForeignKey[Any, Any]]:
    return [each for each in model._meta.concrete_fields if isinstance(each, ForeignKey)]


def _row(row: Model) -> str:
    columns = {}
    for column in row._meta.concrete_fields:
        if column.primary_key and not _is_named_by(column):
            continue
        columns[column.name] = _value(row, column)
    return json.dumps(columns, sort_keys=True, ensure_ascii=False, default=str)


def _is_named_by(column: Field[Any, Any]) -> bool:
    return column.get_internal_type() == "CharField"


def _value(row: Model, column: Field[Any, Any]) -> Any:
    value = getattr(row, column.name if isinstance(column, ForeignKey) else column.attname)
    if value is None or isinstance(value, bool):
        return value
    if column.name in _RANDOM or column.name.startswith("sealed_"):
        return "…" if value else value
    if isinstance(value, datetime):
        return "a time"
    if isinstance(value, Model):
        return _masked(_name(value))
    if isinstance(value, int):
        return value
    if isinstance(value, dict | list):
        return json.loads(_masked(json.dumps(value, sort_keys=True, default=str)))
    if column.get_internal_type() in ("UUIDField", "BinaryField"):
        return "…"
    return _masked(str(value))


def _name(row: Model) -> str:
    """What a row is called, whatever its key is."""
    for attribute in ("name", "arn", "access_key_id"):
        found = getattr(row, attribute, None)
        if isinstance(found, str) and found:
            return f"{row._meta.model_name} {found}"
    return f"{row._meta.model_name} {row}"


def _masked(text: str) -> str:
    return _MASKED.sub("…", text)
