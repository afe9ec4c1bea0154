"""Processes that write to one SQLite database, for the tests and the bench of the write queue.

`python -m tests.db.writers create DATABASE` makes a counter. `count DATABASE SECONDS` raises it in
one transaction after the other and prints how many there were and the longest in seconds. `hold
DATABASE` starts a transaction, says `holding` and keeps it.
"""

import sys
import time

import django
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper


def configure(database: str) -> None:
    """Give this process settings that hold one SQLite database and nothing else."""
    settings.configure(DATABASES={"default": {"ENGINE": "iamconsole.db.sqlite", "NAME": database}})
    django.setup()


def create_counter(connection: BaseDatabaseWrapper) -> None:
    """Make the table whose one row `count` raises."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE counter (total integer)")
        cursor.execute("INSERT INTO counter VALUES (0)")


def count(seconds: float) -> tuple[int, float]:
    """Raise the counter for so long; return the number of commits and the longest one's seconds."""
    commits, longest = 0, 0.0
    end = time.monotonic() + seconds
    while (start := time.monotonic()) < end:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT total FROM counter")
            [total] = cursor.fetchone()
            cursor.execute("UPDATE counter SET total = %s", [total + 1])
        commits += 1
        longest = max(longest, time.monotonic() - start)
    return commits, longest


def main(task: str, database: str, seconds: float = 600) -> None:
    configure(database)
    if task == "create":
        create_counter(connections[DEFAULT_DB_ALIAS])
    elif task == "hold":
        with transaction.atomic():
            print("holding", flush=True)
            time.sleep(seconds)
    else:
        print(*count(seconds))
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(float, sys.argv[3:]))
