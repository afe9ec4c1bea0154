"""The servers that `bench_api.py` asks: this product, two emulators of AWS, one that does nothing.

The emulators live in virtual environments of their own under the user's cache directory, each made
at the first run by pip. Both keep everything in memory, and check neither signature nor policy
unless told to.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parent.parent.parent
#: What pip installs for each peer, and the program that then serves.
PEERS = {"moto": ("moto[server]~=5.2", "moto_server"), "MiniStack": ("ministack~=1.5", "ministack")}
#: Seconds that a server may take to answer at first.
LONGEST = 60
Key = tuple[str, str]


@dataclass(frozen=True)
class Server:
    """A server that runs: its port, its process, and keys of an administrator by account."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    keys: Mapping[str, Key]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> Key:
        """The key of the account that all servers have."""
        return self.keys["bench"]


@contextmanager
def ours(*filling: str) -> Iterator[Server]:
    """This product as `manage.py serve` runs it: two workers, and SQLite on disk.

    `filling` goes to `filled.py`, which says what accounts there are.
    """
    with tempfile.TemporaryDirectory(prefix="iamconsole-bench-") as directory:
        port = _free_port()
        variables = {"DATA_DIR": directory, "PORT": str(port), "WEB_CONCURRENCY": "2"}
        emptied = dict.fromkeys(("BASE_URL", "DATABASE_URL", "HOST", "TRUSTED_PROXY"), "")
        settings = {"DJANGO_SETTINGS_MODULE": "iamconsole.settings", "PYTHONPATH": str(ROOT)}
        environment = os.environ | variables | emptied | settings
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench.filled", *filling],
            env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        keys = {name: (key, secret) for name, (key, secret) in json.loads(told.stdout).items()}
        with _running([sys.executable, "manage.py", "serve"], port, environment, ROOT) as process:
            yield Server("ours", port, process, keys)


@contextmanager
def peers() -> Iterator[list[Server]]:
    """Those emulators that can be had; of the others it says that they are not compared."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = []
        for name, (wanted, program) in PEERS.items():
            path = _installed(wanted, program)
            if path is None:
                print(f"!!! {name} is NOT compared: pip could not install it", flush=True)
                continue
            port = _free_port()
            command = [str(path)]
            if name == "moto":
                command += ["-H", "127.0.0.1", "-p", str(port)]
            environment = os.environ | {"GATEWAY_PORT": str(port)}
            process = stack.enter_context(_running(command, port, environment, directory))
            found.append(Server(name, port, process, {"bench": ("test", "test")}))
        yield found


@contextmanager
def nothing() -> Iterator[Server]:
    """A server that gives one fixed answer, so that what the client itself takes is seen."""
    port = _free_port()
    command = [sys.executable, __file__, str(port)]
    with _running(command, port, os.environ, ROOT) as process:
        yield Server("client", port, process, {"bench": ("test", "test")})


def memory(process: subprocess.Popen[bytes]) -> list[float]:
    """The memory of a process and of each of its children in MB, shared pages by share; Linux."""
    found: list[float] = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(re.findall(r"(?m)^(\w+):\s+(\d+)", status.read_text()))
            if str(process.pid) in (told["Pid"], told["PPid"]):
                shares = (status.parent / "smaps_rollup").read_text()
                mine = float(re.findall(r"(?m)^Pss:\s+(\d+) kB", shares)[0]) / 1024
                found.insert(0 if told["Pid"] == str(process.pid) else len(found), mine)
        except (OSError, KeyError):
            continue  # ended meanwhile
    return found


def _installed(wanted: str, program: str) -> Path | None:
    """The program, from a virtual environment that is made where it is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "iamconsole-bench" / re.sub(r"[^a-z0-9.]+", "-", wanted)
    path = folder / "bin" / program
    if not path.exists():
        print(f"Installing {wanted}", flush=True)
        try:
            venv.create(folder, clear=True, with_pip=True)
            command = [str(folder / "bin" / "pip"), "install", "--quiet", wanted]
            subprocess.run(command, check=True, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            print(error.stderr or error)
    return path if path.exists() else None


@contextmanager
def _running(
    command: Sequence[str], port: int, environment: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A program for as long as the block runs, from when it listens on."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, env=environment, cwd=folder, stdout=quiet, stderr=quiet
    ) as process:
        try:
            _await(process, port)
            yield process
        finally:
            process.terminate()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{process.args!r} did not begin to serve")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- The server that does nothing -----------------------------------------------------------------

_BODY = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\
<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/bench</Arn><UserId>AIDA</UserId>\
<Account>111122223333</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>0</RequestId>\
</ResponseMetadata></GetCallerIdentityResponse>"""
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s" % (
    len(_BODY),
    _BODY,
)


def _serve(port: int) -> None:
    """Answer one connection after another."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            connection, _ = listening.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rb") as received:
                while head := _head(received):
                    (length,) = re.findall(rb"(?i)\r\ncontent-length: (\d+)", head)
                    received.read(int(length))
                    connection.sendall(_ANSWER)


def _head(received: BinaryIO) -> bytes:
    """The first line and the headers of the next request; nothing where there is none."""
    head = b""
    while (line := received.readline()) not in (b"", b"\r\n"):
        head += line
    return head


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
