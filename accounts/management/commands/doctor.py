"""doctor: read back what the installation depends on."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts import event_chain, events, instance, vault
from accounts.actions import keys
from accounts.models import Account, Event

OK, WARNING, WRONG = "ok", "warning", "WRONG"
Finding = tuple[str, str, str]


class Command(BaseCommand):
    """Check database, keys, migrations, clock and BASE_URL; exit 1 naming what is wrong."""

    help = "Check what this installation depends on; exit non-zero where something is wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """How much is checked."""
        parser.add_argument(
            "--events", action="store_true", help="verify the event chain of every account"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every finding; fail if one is wrong."""
        wrong = []
        for level, subject, text in _findings(check_events=options["events"]):
            self.stdout.write(f"{level:8} {subject:10} {text}")
            if level == WRONG and subject not in wrong:
                wrong.append(subject)
        if wrong:
            raise CommandError(f"wrong: {', '.join(wrong)}", returncode=1)


def _findings(*, check_events: bool) -> Iterator[Finding]:
    try:
        yield from _database()
        missing = instance.unapplied_migrations()
        if missing:
            yield WRONG, "migrations", f"not applied: {', '.join(missing)}; run manage.py migrate"
        else:
            yield OK, "migrations", "all applied"
            yield _keys()
            yield _clock()
            if check_events and Path(settings.KEY_FILE).exists():
                yield from _chains()
    except DatabaseError as error:
        yield WRONG, "database", str(error)
    yield _base_url()


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("SHOW server_version")
            yield OK, "database", f"PostgreSQL {cursor.fetchone()[0]}"
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                cursor.execute(f"SHOW {name}")
                value = cursor.fetchone()[0]
                yield (OK if value == "on" else WRONG), "database", f"{name} is {value}"
            return
        cursor.execute("SELECT sqlite_version()")
        version = cursor.fetchone()[0]
        pragmas = {}
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "mmap_size"):
            cursor.execute(f"PRAGMA {name}")
            row = cursor.fetchone()
            pragmas[name] = row[0] if row else 0
    # The backend says what it must be, by the version of SQLite; another backend says nothing.
    wanted = getattr(connection, "durable_pragmas", None)
    right = (
        wanted is not None
        and all(pragmas[name] == value for name, value in wanted.items())
        and pragmas["busy_timeout"] >= 20000
    )
    text = ", ".join(f"{name}={value}" for name, value in pragmas.items())
    yield (OK if right else WRONG), "database", f"SQLite {version}: {text}"


def _keys() -> Finding:
    path = Path(settings.KEY_FILE)
    if not path.exists() and not Account.objects.exists():
        return OK, "keys", "none yet: the first start makes them"
    try:
        ring = vault.key_ring()
    except ImproperlyConfigured as error:
        return WRONG, "keys", str(error)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return WRONG, "keys", f"{path} can be read by others (mode {mode:o}); chmod 600 it"
    if lost := keys.in_use() - ring.keys.keys():
        names = ", ".join(sorted(lost))
        return WRONG, "keys", f"{path} lacks {names}, with which secrets are sealed; restore it"
    return OK, "keys", f"{path}: {len(ring.keys)} key(s), {ring.current} seals"


def _clock() -> Finding:
    now = timezone.now()
    newest = Event.objects.order_by("-time").values_list("time", flat=True).first()
    if newest is not None and newest > now + timedelta(minutes=5):
        return WRONG, "clock", f"it is {now:%F %T} UTC here, but an event is from {newest:%F %T}"
    return OK, "clock", f"{now:%F %T} UTC; codes of authenticator apps depend on it"


def _chains() -> Iterator[Finding]:
    events.catch_up()
    for account in [None, *Account.objects.order_by("pk")]:
        broken = event_chain.broken_link(account)
        name = account.id if account else "instance"
        if broken is None:
            yield OK, "events", f"{name}: the chain is whole"
        else:
            yield WRONG, "events", f"{name}: event {broken} was changed or removed"


def _base_url() -> Finding:
    url = settings.BASE_URL
    if url.startswith("https://") or settings.BASE_NAME == "localhost":
        return OK, "BASE_URL", url
    return (
        WARNING,
        "BASE_URL",
        f"{url} is plain http on a network: cookies are not Secure and passwords can be read on "
        "the way. Put a proxy with TLS before it and give its https address.",
    )
