"""A class in its labs: 100 runs, each a page and a write every 15 seconds, for three minutes.

Starts a server of its own with two workers on SQLite, in a data directory that goes away, and talks
to it on the loopback device only. Each learner signs in, starts one of the labs that ship, and then
does what a browser does: reads a page, makes a user group by its form, lets the drawer check by
itself two seconds later, and polls every five seconds. Prints the start of labs, the percentiles of
each kind of request, and whatever was no success. Arguments: learners, seconds.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.bench.bench_signin import ACCOUNT, PASSWORD, Browser, free_port, peak_memory, server

ROOT = Path(__file__).resolve().parent.parent.parent
#: Labs that begin as the root user or as somebody who may make groups.
LABS = ("users-and-groups", "password-policy", "reports-bucket", "groups-not-silos", "access-keys")
#: Seconds: between a learner's pages, from a change to the drawer's own check, between its polls.
EVERY, CHECKED_AFTER, POLLED = 15.0, 2.0, 5.0
PAGES = ("/console/iam/", "/console/iam/users/", "/console/iam/groups/", "/console/iam/policies/")
#: How many sign in and start at the same moment; the rest waits its turn.
AT_ONCE = 8


@dataclass
class Tally:
    """What was measured, by kind of request, and what went wrong."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(
        self, kind: str, seconds: float, answer: tuple[int, str], good: tuple[int, ...]
    ) -> None:
        """Add one request."""
        with self.lock:
            self.taken[kind].append(seconds * 1000)
            if answer[0] not in good:
                self.wrong[f"{kind}: {answer[0]} {answer[1]}"] += 1

    def show(self) -> None:
        """Print the percentiles."""
        for kind, times in sorted(self.taken.items()):
            ordered = sorted(times)
            p95 = ordered[int(len(ordered) * 0.95) - 1] if len(ordered) > 1 else ordered[0]
            print(
                f"{kind:12} {len(times):5} times: p50 {statistics.median(times):6.0f} ms, "
                f"p95 {p95:6.0f} ms, slowest {ordered[-1]:6.0f} ms"
            )
        print(f"errors: {sum(self.wrong.values())}")
        for line, number in self.wrong.most_common(10):
            print(f"  {number} × {line}")


class Learner:
    """One browser in one lab."""

    def __init__(self, port: int, number: int, tally: Tally) -> None:
        self.browser, self.number, self.tally = Browser(port), number, tally
        self.lab = LABS[number % len(LABS)]
        self.step = ""
        self.groups = 0

    def begin(self) -> None:
        """Sign in, start the lab."""
        self._timed("sign-in", "POST", "/signin/", (302,), account=ACCOUNT,
                    user_name=f"plain-{self.number:03}", password=PASSWORD)  # fmt: skip
        self.browser.get(f"/labs/{self.lab}/")
        self._timed("start", "POST", f"/labs/{self.lab}/start/", (302,))
        self._read(PAGES[0])

    def work(self, until: float) -> None:
        """Pages, writes, checks and polls, until the time is over."""
        turn = 0
        next_turn = time.monotonic() + EVERY * (self.number % 100) / 100
        while True:
            next_turn = self._polling(next_turn, until)
            if next_turn >= until:
                return
            self._read(PAGES[turn % len(PAGES)])
            self._write()
            self._polling(time.monotonic() + CHECKED_AFTER, until)
            self._timed("auto-check", "POST", f"/labs/{self.lab}/steps/{self.step}/check/",
                        (200, 302), automatic="1")  # fmt: skip
            turn, next_turn = turn + 1, next_turn + EVERY

    def _polling(self, then: float, until: float) -> float:
        """Wait, as an open page does."""
        while (left := min(then, until) - time.monotonic()) > 0:
            time.sleep(min(left, POLLED))
            if left > POLLED:
                self._timed("poll", "GET", f"/labs/{self.lab}/pulse/", (200, 204))
        return then

    def _read(self, path: str) -> None:
        self._timed("page", "GET", path, (200,))
        steps = re.findall(rf"/labs/{self.lab}/steps/([a-z0-9-]+)/check/", self.browser.page)
        self.step = steps[0] if steps else self.step
        if not steps:
            self.tally.wrong[f"no step with a check on {path}"] += 1

    def _write(self) -> None:
        self.groups += 1
        self.browser.get("/console/iam/create-group/")
        self._timed("write", "POST", "/console/iam/create-group/", (302,),
                    group_name=f"group-{self.groups}")  # fmt: skip

    def _timed(self, kind: str, method: str, path: str, good: tuple[int, ...], **sent: str) -> None:
        start = time.perf_counter()
        if kind == "sign-in":
            self.browser.get("/signin/")
            start = time.perf_counter()
        answer = self.browser.post(path, sent) if method == "POST" else self.browser.get(path)
        self.tally.note(kind, time.perf_counter() - start, answer, good)
        # The server drops a connection that waits; a browser opens another one, too.
        self.browser.connection.close()


def main(learners: int = 100, seconds: float = 180) -> int:
    """Run the class and print what it saw."""
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        environment = os.environ | {
            "DATA_DIR": directory,
            "PORT": str(port),
            "WEB_CONCURRENCY": "2",
            "BASE_URL": "",
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "iamconsole.settings",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "tests.bench.bench_signin", "seed"]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
        with server(port, environment) as process:
            return _class(port, process, learners, seconds)


def _class(port: int, process: subprocess.Popen[bytes], learners: int, seconds: float) -> int:
    starting, working = Tally(), Tally()
    everybody = [Learner(port, number, starting) for number in range(learners)]
    _all_of(
        starting, [[each.begin for each in everybody[first::AT_ONCE]] for first in range(AT_ONCE)]
    )
    print(f"{learners} learners sign in and start a lab, {AT_ONCE} at once:")
    starting.show()
    for each in everybody:
        each.tally = working
    until = time.monotonic() + seconds
    _all_of(working, [[partial(each.work, until)] for each in everybody])
    print(f"{learners} learners work for {seconds:.0f} s, a page and a write every {EVERY:.0f} s:")
    working.show()
    print(peak_memory(process))
    return 1 if starting.wrong or working.wrong else 0


def _all_of(tally: Tally, rows: list[list[Callable[[], None]]]) -> None:
    """Run each row in a thread of its own, its calls one after another; note what they raise."""

    def run(row: list[Callable[[], None]]) -> None:
        for call in row:
            try:
                call()
            except Exception as error:
                tally.note("browser", 0, (0, repr(error)), ())

    threads = [threading.Thread(target=run, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
