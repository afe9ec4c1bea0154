"""gunicorn's worker with threads, which does not put a connection down at once.

Clients that talk without pause, as SDKs and pages do, have their next request answered by the
thread that answered the last: handing a connection back and forth takes as long as reading it.
"""

from __future__ import annotations

import select
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

#: Milliseconds for which a thread waits for the next request of a connection.
_WAIT = 2


class Worker(ThreadWorker):  # type: ignore[misc]
    """The same, as long as there is a thread for each connection."""

    def handle(self, conn: Any) -> Any:
        """Answer requests of a connection; what the last of them came to, as in the base class."""
        outcome = super().handle(conn)
        # True: the connection is kept, and its request is read to its end.
        while outcome is True and self._may_wait() and _asks_again(conn):
            outcome = super().handle(conn)
        return outcome

    def _may_wait(self) -> bool:
        return bool(self.alive and self.nr_conns <= self.cfg.threads)


def _asks_again(conn: Any) -> bool:
    if conn.parser.unreader.buf.getvalue():
        return False  # read already: the base class knows what to do
    waiting = select.poll()
    waiting.register(conn.sock, select.POLLIN)
    return bool(waiting.poll(_WAIT))
