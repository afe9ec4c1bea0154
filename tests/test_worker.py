"""gunicorn's worker that waits a moment for a connection's next request."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
THREADS = 2


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers with what was sent; or without having read it; or in pieces, or from a file."""
    path = environ["PATH_INFO"]
    body = b"unread" if path == "/unread" else environ["wsgi.input"].read()
    if path == "/pieces":
        start_response("200 OK", [])
        return (body[start : start + 1000] for start in range(0, len(body), 1000))
    start_response("200 OK", [("Content-Length", str(len(body)))])
    if path == "/file":
        file = tempfile.TemporaryFile()  # noqa: SIM115  # the server closes it
        file.write(body)
        file.seek(0)
        found: Iterable[bytes] = environ["wsgi.file_wrapper"](file)
        return found
    return [body]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where one such worker listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--log-level=error"]
    command += ["--worker-class=iamconsole.worker.Worker", f"--threads={THREADS}"]
    with subprocess.Popen([*command, "tests.test_worker:application"], cwd=ROOT) as server:
        _await(port)
        yield port
        # A connection that is kept holds nobody up.
        kept = connection(port)
        ask(kept, b"last")
        server.terminate()
        assert server.wait(20) == 0


def _await(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("gunicorn did not begin to serve")


def connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=10)


def ask(on: http.client.HTTPConnection, body: bytes, path: str = "/", **headers: str) -> bytes:
    on.request("POST", path, body, headers)
    return on.getresponse().read()


def test_a_client_is_answered_at_once_and_after_a_pause(port: int) -> None:
    on = connection(port)
    for pause in (0, 0, 0.001, 0.01, 0.1, 0):
        time.sleep(pause)
        assert ask(on, b"%f" % pause) == b"%f" % pause


def test_requests_that_are_sent_together_are_all_answered(port: int) -> None:
    request = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\nbody"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(request * 5)
        answered = b""
        while answered.count(b"\r\n\r\nbody") < 5:
            received = raw.recv(65536)
            assert received, answered
            answered += received


def test_more_connections_than_threads_are_all_served(port: int) -> None:
    several = [connection(port) for _ in range(THREADS * 4)]
    for turn in range(20):
        for number, on in enumerate(several):
            body = b"%d %d" % (turn, number)
            assert ask(on, body) == body


@pytest.mark.parametrize("path", ["/", "/pieces", "/file"])
@pytest.mark.parametrize("size", [0, 1, 5000, 1_000_000])
def test_answers_of_any_length_come_whole_and_without_delay(
    port: int, path: str, size: int
) -> None:
    on = connection(port)
    began = time.monotonic()
    for _ in range(10):
        assert ask(on, b"x" * size, path) == b"x" * size
    # Held back, each would take a fifth of a second.
    assert time.monotonic() - began < 2


def test_a_client_that_waits_to_be_told_to_go_on_is_told(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        for _ in range(3):
            raw.sendall(head)
            assert raw.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            raw.sendall(b"body")
            assert raw.recv(1000).endswith(b"\r\n\r\nbody")


def test_an_answer_does_not_wait_for_a_body_that_nobody_reads(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"POST /unread HTTP/1.1\r\nHost: here\r\nContent-Length: 9999\r\n\r\n")
        began = time.monotonic()
        assert raw.recv(1000).endswith(b"\r\n\r\nunread")
        assert time.monotonic() - began < 1
