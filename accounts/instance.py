"""Bringing an installation to where it can work: tables, keys, and the caller of its commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts import caller, ids, vault
from accounts.caller import Caller
from accounts.models import Account, Instance


def prepare() -> None:
    """Apply migrations that are not, make the key file of a new installation. Quick when done.

    Raises ImproperlyConfigured where accounts exist but their keys are gone: new keys would not
    open what the old ones sealed.
    """
    Path(settings.KEY_FILE).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if unapplied_migrations():
        call_command("migrate", verbosity=0, interactive=False)
    if not Account.objects.exists():
        vault.create_key_file()
    vault.key_ring()


def unapplied_migrations() -> list[str]:
    """The names of migrations that the database does not have yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def is_untouched() -> bool:
    """Whether nothing was ever done here: no account, and none that was deleted since."""
    return not Account.objects.exists() and not Instance.objects.filter(event_count__gt=0).exists()


def operator(account: Account | None = None) -> Caller:
    """Whoever runs a management command now."""
    return caller.operator(account, **_now())


def root(account: Account) -> Caller:
    """The root user of an account, acting from the shell: for demo and test accounts."""
    return caller.root(account, face=caller.Face.SHELL, **_now())


def signin_url(name: str) -> str:
    """Where the people of the account of this id or alias sign in, be the alias taken or not."""
    return f"{settings.BASE_URL}/signin/{quote(name, safe='')}/"


def _now() -> dict[str, Any]:
    return {"now": timezone.now(), "request_id": ids.request_id()}
