"""A PostgreSQL cluster in a temporary directory, for as long as a test run takes."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Losing the cluster in a power cut loses nothing.
CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def find_programs() -> Path | None:
    """The directory of initdb and pg_ctl, of the newest version; Debian keeps them off the PATH."""
    candidates = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0),
        reverse=True,
    )
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).parent)
    for directory in candidates:
        if (directory / "initdb").exists() and (directory / "pg_ctl").exists():
            return directory
    return None


@contextmanager
def temporary_cluster(programs: Path) -> Iterator[str]:
    """Start a cluster on a free port of the loopback; yield its DATABASE_URL; leave nothing."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that `finally` runs
    directory = Path(tempfile.mkdtemp(prefix="iamconsole-postgres-"))
    owner = _unprivileged_user()
    if owner:
        shutil.chown(directory, owner)
    data, log = directory / "data", directory / "log"
    password, port = secrets.token_hex(), _free_port()

    def call(program: str, *arguments: str, check: bool = True) -> None:
        subprocess.run(
            [str(programs / program), "-D", str(data), *arguments],
            cwd=directory,
            stdout=subprocess.DEVNULL,
            check=check,
            user=owner,
            group=owner and pwd.getpwnam(owner).pw_gid,
            extra_groups=owner and [],
        )

    password_file = directory / "password"
    password_file.write_text(password)
    if owner:
        shutil.chown(password_file, owner)
    try:
        initdb = ["--username=tests", "--auth=scram-sha-256", f"--pwfile={password_file}"]
        call("initdb", *initdb, "--encoding=UTF8", "--no-locale", "--no-sync")
        with (data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION.format(port=port))
        try:
            call("pg_ctl", "start", "--wait", "--silent", f"--log={log}")
        except subprocess.CalledProcessError:
            print(log.read_text(), file=sys.stderr)
            raise
        yield f"postgresql://tests:{password}@127.0.0.1:{port}/postgres"
    finally:
        call("pg_ctl", "stop", "--mode=immediate", "--wait", "--silent", check=False)
        shutil.rmtree(directory)


def _unprivileged_user() -> str | None:
    """Who runs the cluster where we are root, as which PostgreSQL refuses to run; else None."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
