"""A server of the whole application in a thread, which hands paths over as gunicorn does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler

from iamconsole.wsgi import application


class _Handler(QuietWSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        # gunicorn's name for the address as it was sent.
        environ = {**super().get_environ(), "RAW_URI": self.path}
        if "Content-Type" not in self.headers:
            # Made up by wsgiref.
            del environ["CONTENT_TYPE"]
        return environ


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server, for as long as the block runs."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Handler)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
