"""rotatekeys: encrypt everything that is sealed under a new key."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandParser

from accounts import instance, vault
from accounts.actions import keys
from accounts.management.operator import OperatorCommand

#: In seconds: no change takes longer from reading the key to its commit, bar a wait for its turn.
_LONGEST_WRITE = 2


class Command(OperatorCommand):
    """Add a key, encrypt all secrets anew in batches, forget the old keys.

    It can be stopped and started again at any moment: each secret carries the id of its key, and
    an old key is forgotten only when nothing is sealed with it any more.
    """

    help = "Encrypt access-key secrets and TOTP seeds under a new key. Resumable with --resume."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether a rotation that was stopped goes on, and how much is done at once."""
        parser.add_argument(
            "--resume", action="store_true", help="go on with the newest key; make no other"
        )
        parser.add_argument("--batch", type=int, default=200, help="secrets in one transaction")

    def operate(self, **options: Any) -> None:
        """Rotate."""
        if not options["resume"]:
            self.stdout.write(f"New secrets are sealed with {vault.add_key()} from now on.")
        batch = max(1, options["batch"])
        done = self._reseal(batch)
        # A request that read the old key just before the new one was there may commit after us.
        time.sleep(_LONGEST_WRITE)
        done += self._reseal(batch)
        gone = vault.drop_old_keys(but=keys.in_use())
        self.stdout.write(
            f"{done} secrets were encrypted anew; forgotten: {', '.join(gone) or 'no key'}."
        )

    def _reseal(self, batch: int) -> int:
        done = 0
        while moved := keys.reseal(instance.operator(), batch=batch):
            done += moved
        return done
