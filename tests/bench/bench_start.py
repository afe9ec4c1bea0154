"""How long `make run` takes until it answers: in a fresh clone, and again in the same one.

The clone's virtual environment is made from nothing; pip's download cache is the user's own, so a
first-ever run takes longer by the downloads.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST = 300


def main() -> None:
    """Clone what is committed, start it twice, print the seconds."""
    with tempfile.TemporaryDirectory(prefix="iamconsole-start-") as directory:
        clone = Path(directory) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        print(f"make run, cold: {_seconds_until_it_answers(clone):6.1f} s")
        for number in (1, 2, 3):
            print(f"make run, warm {number}: {_seconds_until_it_answers(clone):5.2f} s")


def _seconds_until_it_answers(clone: Path) -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = ("BASE_URL", "DATA_DIR", "DATABASE_URL", "HOST", "MAKEFLAGS", "MAKELEVEL")
    environment = {key: value for key, value in os.environ.items() if key not in names}
    environment["PORT"] = str(port)
    start = time.monotonic()
    server = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.monotonic() - start < LONGEST:
            try:
                urllib.request.urlopen(f"http://localhost:{port}/signin/")
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.02)
            else:
                return time.monotonic() - start
        raise TimeoutError("the server did not answer")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


if __name__ == "__main__":
    main()
