"""LookupEvents and the page of the event history with 1,000,000 events: time and memory of each.

On SQLite in a temporary directory, by the root user in this process: all of the project's own code
and no network, web server or second worker. An argument is another number of events.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django
from django.utils import timezone
from django.utils.http import urlencode

os.environ.pop("DATABASE_URL", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from accounts import caller, demo, instance  # noqa: E402
from accounts.actions.filters import Filter  # noqa: E402
from accounts.actions.history import lookup_events  # noqa: E402
from iamconsole.answers import ANSWERS  # noqa: E402
from tests.bench.many_events import NEEDLE, fill  # noqa: E402
from tests.console.browsers import signed_in  # noqa: E402

EVENTS, ROUNDS = 1_000_000, 40
#: What is asked for, as filters of an address.
QUESTIONS = (
    (),
    ("user=user-001",),
    ("user=user-150",),
    (f"action={NEEDLE}",),
    ("resource=bucket-40",),
    ("role=role-1",),
    ("outcome=denied",),
    ("kind=change",),
    ("user=user-001", "outcome=denied"),
    ("role=role-1", "outcome=denied", "kind=change"),
    ("user=user-001", "action=iam:DeleteUser"),
    ("user:zzz",),
)


def main() -> None:
    """Fill an account and print a line for each question."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    instance.prepare()
    account = demo.create().account
    begun = time.monotonic()
    fill(account, number)
    print(f"{number:,} events, put in within {time.monotonic() - begun:.0f} s")
    known = {"face": caller.Face.CONSOLE, "now": timezone.now(), "request_id": "bench"}
    root = caller.root(account, **known)
    browser = signed_in(root)
    before = _memory()
    print(f"{'':<64} {'p50 ms':>8} {'p95 ms':>8} {'max':>8} {'found':>6}")
    _line("LookupEvents, 50 events as JSON", lambda: _answer(root))
    halfway = root.now - timedelta(days=200)
    _line("LookupEvents, halfway back", lambda: _answer(root, end_time=halfway))
    for question in QUESTIONS:
        filters = [_filter(each) for each in question]
        words = " and ".join(question) or "everything"
        _line(words, lambda filters=filters: _answer(root, filters=filters))  # type: ignore[misc]
        address = f"/console/history/?{urlencode([('filter', each) for each in question])}"
        _line("  its page", lambda address=address: browser.get(address).content)  # type: ignore[misc]
    print(f"memory: {before:.0f} MB before, {_memory():.0f} MB at most")


def _filter(text: str) -> Filter:
    for sign in ("=", ":"):
        name, found, value = text.partition(sign)
        if found and name.isalpha():
            return Filter(name, sign, value)
    raise ValueError(text)


def _answer(who: Any, **asked: Any) -> int:
    """A page as the wire has it."""
    members = ANSWERS["cloudtrail:LookupEvents"](lookup_events(who, **asked))
    return len(members["Events"])


def _line(words: str, ask: Callable[[], Any]) -> None:
    times, found = [], None
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        found = ask()
        times.append((time.perf_counter() - begun) * 1000)
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    shown = found if isinstance(found, int) else ""
    print(f"{words:<64} {p50:>8.1f} {p95:>8.1f} {max(times):>8.1f} {shown!s:>6}", flush=True)


def _memory() -> float:
    """The most that this process ever had, in MB; Linux."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
