"""The AWS endpoint beside moto's server and MiniStack: each operation's time, by boto3 and without.

Ours is as `manage.py serve` runs it: two workers, SQLite that waits for the disk, every signature
checked, a user's policies enforced, every call on record. The peers do none of that, and hold
everything in memory. Each operation is asked for in blocks, one server after the other and again,
so that what else the machine does meets them all. What boto3 takes itself is shown by a server that
only gives a fixed answer; `replayed.py` has no client at all. What is to be reached stands in the
last column; nothing fails by it.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.bench import servers
from tests.bench.replayed import WRK, Call, answered, calls_a_second
from tests.bench.servers import Server

ROUNDS = 5
#: Calls of a block, and how often in a block what takes long is asked for.
CALLS, LONG_CALLS = 40, 3
USERS = 1000
#: Seconds of each replay, and how often it is repeated.
REPLAY, REPLAYS = 2, 2
SIZES = ("100", "1000", "5000")
WORLDS = ("world:10", "world:10000")
READ, WRITE = "≤ 4 ms", "≤ 7 ms"
DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
)
GET_USER = Call("GetUser", {"UserName": "bench-0001"})
IDENTITY = Call("GetCallerIdentity", service="sts")
Ask = Callable[[int], Any]


class Client:
    """boto3's clients of one server, and what they took."""

    def __init__(self, server: Server, account: str = "bench") -> None:
        self.server = server
        key, secret = server.keys[account]
        self.iam, self.sts = (
            boto3.client(
                service,
                endpoint_url=server.url,
                region_name="us-east-1",
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                config=Config(retries={"max_attempts": 0}, read_timeout=300),
            )
            for service in ("iam", "sts")
        )

    def make(self, number: int) -> None:
        """Make a user."""
        self.iam.create_user(UserName=f"bench-{number:04}")

    def fill(self, numbers: Iterable[int]) -> None:
        """Make many."""
        with ThreadPoolExecutor(4) as several:
            list(several.map(self.make, numbers))

    def page(self, operation: str, **parameters: Any) -> int:
        """Read all pages of a list, as large as they may be; the number of pages."""
        pages = self.iam.get_paginator(operation).paginate(
            **parameters, PaginationConfig={"PageSize": 1000}
        )
        return sum(1 for _ in pages)


def main() -> None:
    """Start the servers, ask, print."""
    started = time.monotonic()
    with ExitStack() as stack:
        own = stack.enter_context(servers.ours("bench", *SIZES))
        others = stack.enter_context(servers.peers())
        alone = Client(stack.enter_context(servers.nothing()))
        clients = [Client(own), *map(Client, others)]
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; boto3", end=" ")
        print(f"{boto3.__version__}; a flush of the disk takes {_flush() * 1000:.2f} ms")
        _operations(clients, alone)
        _replays([own, *others])
        _lists(own)
        _details(own)
        print("\nMemory, MB, pages that are shared counted by share")
        for server in (own, *others):
            each = servers.memory(server.process)
            line = f"  {server.name:<10} {sum(each):6.0f}  = {' + '.join(f'{x:.0f}' for x in each)}"
            print(line + ("   ≤ 250, of both workers" if server is own else ""))
    _worlds()
    print(f"\n{time.monotonic() - started:.0f} s in all")


# --- Operations by boto3 --------------------------------------------------------------------------


def _operations(clients: Sequence[Client], alone: Client) -> None:
    """Each operation, one caller at a time."""
    head = ("", "", "p50 ms", "p95 ms", "calls/s", "- boto3", "ours is")
    print("\n{:<28} {:<10} {:>8} {:>8} {:>8} {:>9} {:>9}".format(*head))
    for name, target, long, ask in _asked(clients):
        asks = [*map(ask, clients), lambda _: alone.sts.get_caller_identity()]
        *taken, unanswered = _interleaved(asks, LONG_CALLS if long else CALLS)
        if name == "CreateUser":
            for one in clients:
                one.fill(range(ROUNDS * CALLS, USERS))
        mine, boto = statistics.median(taken[0]), statistics.median(unanswered)
        for one, times in zip(clients, taken, strict=True):
            p50 = statistics.median(times)
            ratio = target if one is clients[0] else f"{p50 / mine:.1f}× as fast"
            shown = name if one is clients[0] else ""
            _line(shown, one.server.name, times, f"{(p50 - boto) * 1000:>9.1f}  {ratio}")
        _line("", "boto3", unanswered, "")


def _asked(
    clients: Sequence[Client],
) -> Iterator[tuple[str, str, bool, Callable[[Client], Ask]]]:
    """Operations: name, what is to be reached, whether it takes long, and how it is asked for."""
    arns = {
        one: one.iam.create_policy(PolicyName="bench", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
        for one in clients
    }
    yield "CreateUser", WRITE, False, lambda one: one.make
    yield "GetCallerIdentity", READ, False, lambda one: lambda _: one.sts.get_caller_identity()
    yield (
        "GetUser", READ, False,
        lambda one: lambda number: one.iam.get_user(UserName=f"bench-{number * 7 % USERS:04}"),
    )  # fmt: skip
    yield (
        "AttachUserPolicy", WRITE, False,
        lambda one: lambda number: one.iam.attach_user_policy(
            UserName=f"bench-{number:04}", PolicyArn=arns[one]
        ),
    )  # fmt: skip
    yield (
        "CreateAccessKey", WRITE, False,
        lambda one: lambda number: one.iam.create_access_key(UserName=f"bench-{number:04}"),
    )  # fmt: skip
    yield (
        "ListUsers, a page of 100",
        "",
        True,
        lambda one: lambda _: one.iam.list_users(MaxItems=100),
    )
    yield f"ListUsers, all {USERS}", "", True, lambda one: lambda _: one.page("list_users")
    yield (
        f"details of {USERS} users", "", True,
        lambda one: lambda _: one.page("get_account_authorization_details", Filter=["User"]),
    )  # fmt: skip


def _interleaved(asks: Sequence[Ask], calls: int) -> list[list[float]]:
    """Seconds of each call to each server, in blocks that take turns."""
    taken: list[list[float]] = [[] for _ in asks]
    for turn in range(ROUNDS):
        for ask, times in zip(asks, taken, strict=True):
            for number in range(turn * calls, (turn + 1) * calls):
                start = time.perf_counter()
                ask(number)
                times.append(time.perf_counter() - start)
    return taken


def _line(what: str, server: str, times: Sequence[float], rest: str) -> None:
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    rate = len(times) / sum(times)
    figures = f"{p50 * 1000:>8.1f} {p95 * 1000:>8.1f} {rate:>8.0f}"
    print(f"{what:<28} {server:<10} {figures} {rest}", flush=True)


# --- One request replayed -------------------------------------------------------------------------


def _replays(found: Sequence[Server]) -> None:
    """Without a client: how many calls a second each server answers."""
    print(f"\nOne signed request replayed by {'wrk' if WRK else 'threads of Python: no wrk here'}")
    for call in (GET_USER, IDENTITY):
        for connections in (1, 8):
            rates: dict[str, list[float]] = {server.name: [] for server in found}
            for _ in range(REPLAYS):
                for server in found:
                    rate = calls_a_second(server, call, connections, REPLAY)
                    rates[server.name].append(rate)
            middle = {name: statistics.median(each) for name, each in rates.items()}
            told = [f"{name} {rate:.0f}" for name, rate in middle.items()]
            told += [f"{middle['ours'] / middle[name]:.1f}× {name}" for name in middle][1:]
            what = f"{call.operation}, {connections} at once"
            print(
                f"  {what:<28} calls/s: {', '.join(told)}   ≥ 5× moto, ≥ 1× MiniStack", flush=True
            )


# --- Long answers, and the size of the world ------------------------------------------------------


def _lists(own: Server) -> None:
    """A page of 100 users, the first and the last, of accounts of several sizes."""
    print("\nListUsers, a page of 100                  boto3 p50   without client   ≤ 10 ms")
    for size in SIZES:
        client = Client(own, size)
        first = {"MaxItems": "100"}
        pages = {"first": first}
        if size != SIZES[0]:
            pages["last"] = first | {"Marker": _last_marker(client)}
        for where, parameters in pages.items():
            (times,) = _interleaved([_listing(client, parameters)], LONG_CALLS * 2)
            call = Call("ListUsers", parameters, account=size)
            bare = [answered(own, call)[0] for _ in range(ROUNDS * LONG_CALLS)]
            p50, alone = statistics.median(times) * 1000, statistics.median(bare) * 1000
            what = f"{size:>6} users, the {where} page"
            print(f"  {what:<40} {p50:>6.1f} ms {alone:>12.1f} ms", flush=True)


def _listing(client: Client, parameters: Mapping[str, str]) -> Ask:
    more = {"Marker": parameters["Marker"]} if "Marker" in parameters else {}
    return lambda _: client.iam.list_users(MaxItems=100, **more)


def _last_marker(client: Client) -> str:
    """Where the last page of 100 begins."""
    pages = client.iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 100})
    markers = [page["Marker"] for page in pages if page["IsTruncated"]]
    return str(markers[-1])


def _details(own: Server) -> None:
    """All there is to say of 1,000 users with a group and two policies each, without a client."""
    parameters = {"MaxItems": "1000", "Filter.member.1": "User"}
    call = Call("GetAccountAuthorizationDetails", parameters, account="1000")
    found = [answered(own, call) for _ in range(ROUNDS * 2)]
    times = [seconds for seconds, _ in found]
    users = found[0][1].count("<UserName>")
    p50, best = statistics.median(times) * 1000, min(times) * 1000
    print(
        f"\nDetails of {users} users with a group and two policies each, without client:", end=" "
    )
    print(f"p50 {p50:.0f} ms, best {best:.0f} ms, {len(found[0][1]) / 1000:.0f} kB   ≤ 150 ms")


def _worlds() -> None:
    """GetUser where there are ten accounts, users and events, and where there are 10,000."""
    print("\nGetUser among so many accounts, users of the account, and events of it")
    with ExitStack() as stack:
        both = [stack.enter_context(servers.ours(world)) for world in WORLDS]
        asks = [_getting(Client(server)) for server in both]
        taken = _interleaved(asks, CALLS)
        call = Call("GetUser", {"UserName": "user-00005"})
        rates = [[calls_a_second(one, call, 1, REPLAY) for one in both] for _ in range(REPLAYS)]
        for world, times, *replays in zip(WORLDS, taken, *rates, strict=True):
            replayed = f"{statistics.median(replays):>9.0f} calls/s replayed"
            _line("", world.partition(":")[2], times, replayed)


def _getting(client: Client) -> Ask:
    return lambda _: client.iam.get_user(UserName="user-00005")


def _flush() -> float:
    """Seconds, at the median, until a few bytes are on the disk that holds the databases."""
    times = []
    with tempfile.TemporaryDirectory() as directory, (Path(directory) / "x").open("wb") as file:
        for _ in range(20):
            file.write(b"x" * 4096)
            file.flush()
            start = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
