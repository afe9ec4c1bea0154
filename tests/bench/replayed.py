"""One signed request sent again and again, without an AWS client in the way: calls a second.

By `wrk` where it is installed; otherwise by threads of this process, which then sets the limit
itself at some thousand calls a second.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from tests.api.clients import FORM, Key, form, signed
from tests.bench.servers import Server

WRK = shutil.which("wrk")


def calls_a_second(server: Server, body: bytes, service: str, connections: int, seconds: int) -> float:
    """How many answers a second came; each has to be a good one."""
    headers = _headers(server, body, service)
    if WRK is not None:
        return _by_wrk(server, body, headers, connections, seconds)
    return _by_threads(server, body, headers, connections, seconds)


def answered(server: Server, account: str, operation: str, **parameters: str) -> tuple[float, bytes]:
    """Seconds until the whole answer to a new connection was there, and the answer."""
    body = form(operation, "iam", **parameters)
    headers = _headers(server, body, "iam", account)
    start = time.perf_counter()
    _, answer = _ask(http.client.HTTPConnection("127.0.0.1", server.port), body, headers)
    return time.perf_counter() - start, answer


def _headers(server: Server, body: bytes, service: str, account: str = "bench") -> dict[str, str]:
    key = Key(*server.keys[account])
    return {"Content-Type": FORM, **signed(key, body, service=service, url=f"{server.url}/")}


def _ask(
    connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]
) -> tuple[int, bytes]:
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    found = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {found[:500]!r}")
    return answer.status, found


def _by_wrk(
    server: Server, body: bytes, headers: dict[str, str], connections: int, seconds: int
) -> float:
    # A JSON text is written like one of Lua's, as long as it is plain ASCII.
    lines = ['wrk.method = "POST"', f"wrk.body = {json.dumps(body.decode())}"]
    lines += [f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in headers.items()]
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "request.lua"
        script.write_text("\n".join(lines), encoding="ascii")
        command = [WRK or "", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
        told = subprocess.run(
            [*command, f"{server.url}/"], check=True, capture_output=True, text=True
        ).stdout
    if "Non-2xx" in told:
        raise RuntimeError(told)
    return float(re.findall(r"Requests/sec:\s+([0-9.]+)", told)[0])


def _by_threads(
    server: Server, body: bytes, headers: dict[str, str], connections: int, seconds: int
) -> float:
    counts: list[int] = []
    end = time.monotonic() + seconds

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        count = 0
        while time.monotonic() < end:
            _ask(connection, body, headers)
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(counts) < connections:
        raise RuntimeError(f"{server.name} refused")
    return sum(counts) / seconds
