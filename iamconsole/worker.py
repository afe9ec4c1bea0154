"""gunicorn's worker with threads, made short for clients that talk without pause, as SDKs do.

A thread waits a moment for the next request of the connection that it answered: handing it to the
poller and to another thread takes longer than reading a request. And head and body of an answer
leave in one packet, which wakes the client once.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

#: Milliseconds for which a thread waits for the next request of a connection.
_WAIT = 2
#: Whether the system holds back what doesn't fill a packet: nothing where it can't be told.
_CORK: int | None = getattr(socket, "TCP_CORK", None)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Threads that wait for a connection's next request, and answer each in one packet."""

    wsgi: Any

    def load_wsgi(self) -> None:
        """Hold the beginning of an answer back; "100 Continue" has gone out by then."""
        super().load_wsgi()
        inner = self.wsgi

        def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            _hold_back(environ["gunicorn.socket"], held=True)
            answer: Iterable[bytes] = inner(environ, start_response)
            return answer

        self.wsgi = application

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request, and let go of all of the answer."""
        try:
            return super().handle_request(req, conn)
        finally:
            _hold_back(conn.sock, held=False)

    def handle(self, conn: Any) -> Any:
        """Answer requests of a connection; what the last of them came to, as in the base class."""
        outcome = super().handle(conn)
        # True: the connection is kept, and its request is read to its end.
        while outcome is True and self._may_wait() and _asks_again(conn):
            outcome = super().handle(conn)
        return outcome

    def _may_wait(self) -> bool:
        """As long as there is a thread for each connection."""
        return bool(self.alive and self.nr_conns <= self.cfg.threads)


def _asks_again(conn: Any) -> bool:
    if conn.parser.unreader.buf.getvalue():
        return False  # read already: the base class knows what to do
    waiting = select.poll()
    waiting.register(conn.sock, select.POLLIN)
    return bool(waiting.poll(_WAIT))


def _hold_back(sock: socket.socket, held: bool) -> None:
    if _CORK is not None:
        with suppress(OSError):  # closed meanwhile
            sock.setsockopt(socket.IPPROTO_TCP, _CORK, int(held))
