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
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.bench.servers import Server

WRK = shutil.which("wrk")
FORM = "application/x-www-form-urlencoded; charset=utf-8"
VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}


@dataclass(frozen=True)
class Call:
    """One operation with its parameters, asked for with the key of one of a server's accounts."""

    operation: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    service: str = "iam"
    account: str = "bench"

    def signed(self, server: Server) -> tuple[bytes, dict[str, str]]:
        """Body and headers, good for five minutes."""
        named = {"Action": self.operation, "Version": VERSIONS[self.service], **self.parameters}
        body = urlencode(named).encode()
        headers = {"Content-Type": FORM, "Host": f"127.0.0.1:{server.port}"}
        request = AWSRequest("POST", f"{server.url}/", headers, body)
        credentials = Credentials(*server.keys[self.account])
        SigV4Auth(credentials, self.service, "us-east-1").add_auth(request)
        return body, dict(request.headers.items())


def calls_a_second(server: Server, call: Call, connections: int, seconds: int) -> float:
    """How many answers a second came, each of them a good one."""
    body, headers = call.signed(server)
    by = _by_threads if WRK is None else _by_wrk
    return by(server, body, headers, connections, seconds)


def answered(server: Server, call: Call) -> tuple[float, str]:
    """Seconds until the whole answer was there, on a connection that is open; and the answer."""
    body, headers = call.signed(server)
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.connect()
    start = time.perf_counter()
    answer = _ask(connection, body, headers)
    return time.perf_counter() - start, answer.decode()


def _ask(connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> bytes:
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    found = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {found[:500]!r}")
    return found


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
