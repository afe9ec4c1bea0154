"""How fast a class gets in: 500 sign-ins at once, the same with a forced change, and failures.

Starts a server of its own with two workers, in a data directory that goes away. The failures are
timed one by one, since what counts is that their causes can't be told apart by the clock.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent.parent
ACCOUNT = "111122223333"
PASSWORD, NEW = "Correct-horse-7", "Battery-staple-8"
CLASS = 500
#: How many browsers post at the same moment; the rest of the class waits its turn.
AT_ONCE = 50
#: How often each cause of a failure is timed.
ROUNDS = 60


def main() -> int:
    """Run the three measurements and print them."""
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        environment = os.environ | {
            "DATA_DIR": directory,
            "PORT": str(port),
            "WEB_CONCURRENCY": "2",
            "BASE_URL": "",
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "iamconsole.settings",
        }
        subprocess.run([sys.executable, __file__, "seed"], env=environment, cwd=ROOT, check=True)
        with server(port, environment) as process:
            failures(port)
            whole_class(port, process, "plain", "sign-ins")
            whole_class(port, process, "first", "sign-ins with a forced change")
    return 0


# --- The measurements ----------------------------------------------------------------------------


def failures(port: int) -> None:
    """Print how long each cause of a failed sign-in takes."""
    causes: dict[str, Callable[[int], tuple[str, str, str]]] = {
        "unknown account": lambda turn: (f"9999{turn:08d}", "plain-000", PASSWORD),
        "unknown user": lambda turn: (ACCOUNT, f"nobody-{turn:03d}", PASSWORD),
        "wrong password": lambda turn: (ACCOUNT, f"plain-{turn:03d}", "wrong"),
        "no console access": lambda turn: (ACCOUNT, f"bare-{turn:03d}", PASSWORD),
        "throttled": lambda turn: (ACCOUNT, "throttled", PASSWORD),
    }
    taken: dict[str, list[float]] = {cause: [] for cause in causes}
    browser = Browser(port)
    browser.get("/signin/")
    for turn in range(ROUNDS):
        # In another order each time: whatever one try leaves for the next, each cause gets.
        for cause in random.sample(list(causes), len(causes)):
            account, name, password = causes[cause](turn)
            start = time.perf_counter()
            status, _ = sign_in(browser, name, password, account)
            taken[cause].append((time.perf_counter() - start) * 1000)
            assert status == 422, (cause, status)
    medians = {cause: statistics.median(times) for cause, times in taken.items()}
    for cause, median in medians.items():
        print(f"failed sign-in, {cause + ':':20} median {median:6.1f} ms of {ROUNDS}")
    spread = max(medians.values()) - min(medians.values())
    print(f"failed sign-in, farthest medians apart: {spread:.1f} ms")


def whole_class(port: int, process: subprocess.Popen[bytes], prefix: str, what: str) -> None:
    """Print how long 500 people take to get in who all come at once."""
    names: SimpleQueue[str] = SimpleQueue()
    for number in range(CLASS):
        names.put(f"{prefix}-{number:03d}")
    browsers: list[Browser] = []
    refused: list[str] = []

    def work() -> None:
        while True:
            try:
                name = names.get_nowait()
            except Empty:
                return
            browser = Browser(port)
            browser.get("/signin/")
            answer = sign_in(browser, name, PASSWORD)
            if answer == (302, "/session/change-password/"):
                sent = {"old_password": PASSWORD, "new_password": NEW, "retyped": NEW}
                answer = browser.post("/session/change-password/", sent)
            if answer == (302, "/console/iam/"):
                browsers.append(browser)
            else:
                refused.append(f"{name}: {answer}")
            browser.connection.close()

    start = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    # Whoever is in is sent on from the sign-in page.
    inside = sum(browser.get("/signin/") == (302, "/console/iam/") for browser in browsers)
    print(f"{what}: {inside} of {CLASS} succeeded in {seconds:.1f} s; {peak_memory(process)}")
    for line in refused[:5]:
        print(f"  refused: {line}")


# --- A browser, as far as it is needed -----------------------------------------------------------


@dataclass
class Browser:
    """Cookies, and the token of the page that was last read."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    #: The page that was last read.
    page: str = ""

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("localhost", self.port, timeout=120)

    def get(self, path: str) -> tuple[int, str]:
        """Read a page; return its status and where it leads."""
        return self._send("GET", path, None)

    def post(self, path: str, sent: dict[str, str]) -> tuple[int, str]:
        """Post a form with the token."""
        return self._send("POST", path, urlencode(sent | {"csrfmiddlewaretoken": self.token}))

    def _send(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        page = self.page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if found := re.search('csrfmiddlewaretoken" value="([^"]+)"', page):
            self.token = found[1]
        elif "__Host-iamconsole-csrf" in self.cookies:
            # After a step there is no page yet; the cookie's own value is accepted as the token.
            self.token = self.cookies["__Host-iamconsole-csrf"]
        return answer.status, answer.headers.get("Location", "")


def sign_in(browser: Browser, name: str, password: str, account: str = ACCOUNT) -> tuple[int, str]:
    """Post the sign-in page."""
    if not browser.token:
        browser.get("/signin/")
    return browser.post("/signin/", {"account": account, "user_name": name, "password": password})


# --- The server ----------------------------------------------------------------------------------


@contextmanager
def server(port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The console on a port of its own, for as long as the block runs."""
    command = [sys.executable, "manage.py", "serve"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(300):
                try:
                    Browser(port).get("/signin/")
                    break
                except ConnectionError:
                    time.sleep(0.1)
            yield process
        finally:
            process.terminate()


def peak_memory(process: subprocess.Popen[bytes]) -> str:
    """The most that the server's processes had in memory, in words; Linux only."""
    peaks = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(re.findall(r"(?m)^(\w+):\s+(\d+)", status.read_text()))
        except OSError:
            continue  # ended meanwhile
        if str(process.pid) in (told.get("Pid"), told.get("PPid")):
            peaks.append(int(told["VmHWM"]) / 1024)
    if not peaks:
        return "memory unknown"
    each = " + ".join(f"{peak:.0f}" for peak in peaks)
    return f"peak memory {sum(peaks):.0f} MB ({each}, shared pages counted in each)"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def seed() -> None:
    """Fill the database: two classes with a password each, and users without one."""
    import django

    django.setup()

    from django.utils import timezone

    from accounts import ids, instance, passwords, throttle
    from accounts.models import Account, Login, PasswordPolicy, Throttle, User

    instance.prepare()
    now = timezone.now()
    account = Account.objects.create(
        id=ACCOUNT, name="Class", root_email="root@example.com", created_at=now
    )
    PasswordPolicy.objects.create(account=account, allow_users_to_change_password=True)
    names = [f"{prefix}-{n:03d}" for prefix in ("plain", "first", "bare") for n in range(CLASS)]
    users = User.objects.bulk_create(
        User(
            account=account, name=name, folded_name=name, unique_id=ids.unique_id(ids.USER),
            created_at=now,
        )
        for name in [*names, "throttled"]
    )  # fmt: skip
    # One hash for all: what a sign-in costs does not depend on it.
    new = passwords.hashed(PASSWORD, passwords.new_history_salt())
    Login.objects.bulk_create(
        Login(
            kind="user", account=account, user=user, handle=user.unique_id, password=new.encoded,
            password_reset_required=user.name.startswith("first"), password_changed_at=now,
            created_at=now, history_salt=passwords.new_history_salt(),
        )
        for user in users
        if not user.name.startswith("bare")
    )  # fmt: skip
    _, anywhere = throttle.password_counters(ACCOUNT, "throttled", "")
    Throttle.objects.create(
        key=anywhere.key, failures=100, last_failure=now, blocked_until=now + throttle.LONGEST
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["seed"]:
        seed()
    else:
        sys.exit(main())
