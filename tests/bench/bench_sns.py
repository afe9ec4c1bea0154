"""SNS by boto3: Publish with little and with much in it, in batches, and with a full inbox.

The server is as `manage.py serve` runs it: two workers, SQLite that waits for the disk, signatures
checked, a user's policies enforced, every call on record.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

from tests.bench import servers

CALLS = 300
#: Messages in the inbox when Publish is asked again.
FULL = 20_000
LARGEST = "x" * 256 * 1024
Asked = Callable[[], Any]


def main() -> None:
    """Start the server, ask, print."""
    with servers.ours("bench") as server:
        key, secret = server.key
        sns = boto3.client(
            "sns",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"max_attempts": 0}),
        )
        topic = sns.create_topic(Name="bench")["TopicArn"]
        ten = [{"Id": str(number), "Message": "hello"} for number in range(10)]
        print(
            f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; boto3 {boto3.__version__}"
        )
        print(f"\n{'':<36} {'p50 ms':>8} {'p95 ms':>8}   wanted p50")
        _show("Publish", lambda: sns.publish(TopicArn=topic, Message="hello"), wanted="≤ 7 ms")
        _show("Publish, 256 KiB", lambda: sns.publish(TopicArn=topic, Message=LARGEST), 60)
        _show(
            "PublishBatch of ten",
            lambda: sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=ten),
        )
        for _ in range(FULL // 10):
            sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=ten)
        full = f"Publish, {FULL:,} in the inbox"
        _show(full, lambda: sns.publish(TopicArn=topic, Message="hello"), wanted="as before")
        _show("ListTopics", sns.list_topics, wanted="≤ 4 ms")
        shares = servers.memory(server.process)
        print(f"\nMemory: {sum(shares):.0f} MB, of both workers")


def _show(name: str, ask: Asked, calls: int = CALLS, wanted: str = "") -> None:
    """Ask so often, and print how long it took."""
    ask()
    taken = []
    for _ in range(calls):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    cut = statistics.quantiles(taken, n=20)
    print(f"{name:<36} {statistics.median(taken):8.2f} {cut[18]:8.2f}   {wanted}", flush=True)


if __name__ == "__main__":
    main()
