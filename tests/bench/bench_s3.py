"""S3 by boto3: a file of 15 MiB up and down as `aws s3 cp` does it, and lists of 1,000 keys.

Ours is as `manage.py serve` runs it: two workers, signatures and checksums checked, policies
enforced, every object on the disk before its upload is answered. The peers hold everything in
memory. boto3 uploads in two parts at once, as the aws command does, and hashes what it sends: most
of an upload's time is its own.
"""

from __future__ import annotations

import io
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import boto3
from botocore.config import Config

from tests.bench import servers
from tests.bench.servers import Server

BUCKET = "bench"
SIZE = 15 * 1024 * 1024
KEYS = 1000
ROUNDS, CALLS = 4, 5
Ask = Callable[[], Any]


class Client:
    """boto3's client of one server, with a bucket of 1,000 objects in 20 folders."""

    def __init__(self, server: Server) -> None:
        self.name = server.name
        key, secret = server.key
        self.s3 = boto3.client(
            "s3",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"max_attempts": 0}, read_timeout=300),
        )
        self.s3.create_bucket(Bucket=BUCKET)
        with ThreadPoolExecutor(4) as several:
            list(several.map(self._make, range(KEYS)))

    def _make(self, number: int) -> None:
        name = f"folder-{number % 20:02}/object-{number:04}.txt"
        self.s3.put_object(Bucket=BUCKET, Key=name, Body=b"x" * 100)

    def upload(self, content: bytes) -> None:
        """Send a file."""
        self.s3.upload_fileobj(io.BytesIO(content), BUCKET, "large")

    def download(self) -> None:
        """Get it back."""
        self.s3.download_fileobj(BUCKET, "large", io.BytesIO())

    def small(self) -> None:
        """Put an object of a hundred bytes."""
        self.s3.put_object(Bucket=BUCKET, Key="small", Body=b"x" * 100)

    def read(self) -> None:
        """Get it back."""
        self.s3.get_object(Bucket=BUCKET, Key="small")["Body"].read()

    def page(self) -> None:
        """List all objects."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix="folder-")["Contents"]
        if len(found) != KEYS:
            raise RuntimeError(f"{self.name} listed {len(found)} keys")

    def folders(self) -> None:
        """List all folders."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Delimiter="/", Prefix="folder-")
        if len(found["CommonPrefixes"]) != 20:
            raise RuntimeError(f"{self.name} listed {len(found['CommonPrefixes'])} folders")


def main() -> None:
    """Start the servers, ask, print."""
    content = os.urandom(SIZE)
    with ExitStack() as stack:
        own = stack.enter_context(servers.ours("bench"))
        running = [own, *stack.enter_context(servers.peers())]
        clients = [Client(server) for server in running]
        before = sum(servers.memory(own.process))
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; p50 and p95 in ms")
        _compare("15 MiB up", [lambda c=c: c.upload(content) for c in clients], clients)  # type: ignore[misc]
        _compare("15 MiB down", [c.download for c in clients], clients)
        _compare("100 bytes up", [c.small for c in clients], clients)
        _compare("100 bytes down", [c.read for c in clients], clients)
        _compare(f"ListObjectsV2, {KEYS} keys", [c.page for c in clients], clients)
        _compare("ListObjectsV2, 20 folders", [c.folders for c in clients], clients)
        each = servers.memory(own.process)
        told = " + ".join(f"{x:.0f}" for x in each)
        print(f"Memory of ours, MB: {before:.0f} before, {sum(each):.0f} after = {told}")


def _compare(what: str, asks: Sequence[Ask], clients: Sequence[Client]) -> None:
    """The same of every server, in turns."""
    taken: list[list[float]] = [[] for _ in asks]
    for _ in range(ROUNDS):
        for ask, times in zip(asks, taken, strict=True):
            for _ in range(CALLS):
                start = time.perf_counter()
                ask()
                times.append(time.perf_counter() - start)
    for client, times in zip(clients, taken, strict=True):
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"{what:<28} {client.name:<10} {p50 * 1000:>8.1f} {p95 * 1000:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
