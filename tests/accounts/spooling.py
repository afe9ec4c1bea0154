"""Processes that record reads and take them in, for the tests of the spool; each in DATA_DIR.

`python -m tests.accounts.spooling begin` makes an account. `read NUMBER` records so many reads as a
process that serves does, and then kills itself. `catch-up` takes in what waits. `tell` prints how
many events there are and where the chain is broken.
"""

import os
import signal
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "iamconsole.settings"
django.setup()

from accounts import event_chain, events, instance, spool  # noqa: E402
from accounts.actions import users  # noqa: E402
from accounts.models import Account, Event  # noqa: E402


def main(task: str, number: int = 0) -> None:
    if task == "begin":
        instance.prepare()
        Account.objects.create(
            id="111122223333", name="A", root_email="a@example.com", created_at="2026-01-01T00:00Z"
        )
        return
    account = Account.objects.get()
    if task == "read":
        # Without the thread that takes in: as if the process died before it came to that.
        events._spool = spool.Spool(events._folder())
        for _ in range(number):
            users.list_users(instance.root(account))
        os.kill(os.getpid(), signal.SIGKILL)
    elif task == "catch-up":
        events.catch_up()
    else:
        print(Event.objects.count(), event_chain.broken_link(account))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
