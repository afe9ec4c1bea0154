"""A server of the whole application in a thread, which hands paths over as gunicorn does.

With boto3's client of S3 for it.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler

from iamconsole.wsgi import application
from tests.api.clients import Key


class _Handler(QuietWSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        # gunicorn's name for the address as it was sent.
        environ = {**super().get_environ(), "RAW_URI": self.path}
        if "Content-Type" not in self.headers:
            # Made up by wsgiref.
            del environ["CONTENT_TYPE"]
        return environ


class _Server(ThreadedWSGIServer):
    """Ends with every thread and so with every connection to the database."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._open: list[socket.socket] = []
        self.set_app(application)

    def get_request(self) -> Any:
        found = super().get_request()
        self._open.append(found[0])
        return found

    def server_close(self) -> None:
        for each in self._open:
            # Clients keep connections for the next request.
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        super().server_close()


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server, for as long as the block runs."""
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def s3_client(key: Key, endpoint: str, **config: Any) -> Any:
    """A client of S3 as boto3 makes it when it is told nothing but the endpoint and a key."""
    session = boto3.Session(key.access_key_id, key.secret, key.token, "us-east-1")
    chosen = Config(retries={"max_attempts": 0}, **config)
    return session.client("s3", endpoint_url=endpoint, config=chosen)


@dataclass(frozen=True)
class Found:
    """What somebody got who has nothing but an address."""

    status: int
    headers: Mapping[str, str]
    body: str


def fetched(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Found:
    """What an address gives to a program that sends no header of its own accord."""
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.netloc, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, url.removeprefix(f"http://{at.netloc}"), body, named)
        answer = connection.getresponse()
        return Found(answer.status, dict(answer.headers.items()), answer.read().decode())
    finally:
        connection.close()
